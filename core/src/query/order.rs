//! Which rows of a result remain, and in what order.

use super::source::QuerySource;
use super::Table;
use crate::error::{Code, Error, Result};
use crate::expr::{check, parse_with, Call, Scope};
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The rows for which `having` is true; `None` where there is no such condition.
pub(crate) fn having(source: &QuerySource, table: &Table) -> Result<Option<Vec<usize>>> {
    let kept = |text: &alloc::string::String| {
        kept_rows(text, &source.parameters, table).map_err(|error| error.within("having"))
    };
    source.having.as_ref().map(kept).transpose()
}

fn kept_rows(text: &str, parameters: &[Value], table: &Table) -> Result<Vec<usize>> {
    let ast = parse_with(text, parameters)?;
    let expr = check(&ast, &mut ResultScope(table))?;
    if expr.output_type() != OutputType::Scalar(Type::Bool) {
        return Err(Error::new(Code::ExprType, "a condition is wanted here").at(ast.at()));
    }
    let mut keep = Vec::new();
    for row in 0..table.rows {
        if expr.evaluate_metric(&mut |slot| table.columns[slot][row].clone())? == Value::Bool(true) {
            keep.push(row);
        }
    }
    Ok(keep)
}

/// Orders by the named columns, NULL last; rows that are equal in all of them keep the order of bucket and key.
pub(crate) fn order_and_limit(source: &QuerySource, table: &mut Table) -> Result<()> {
    let mut by = Vec::with_capacity(source.order_by.len());
    for (index, text) in source.order_by.iter().enumerate() {
        let path = format!("order_by[{index}]");
        let (column, descending) = match (table.position(text), text.strip_prefix('-')) {
            (Some(column), _) => (column, false),
            (None, Some(name)) => (found(table, name).map_err(|error| error.within(&path))?, true),
            (None, None) => (found(table, text).map_err(|error| error.within(&path))?, false),
        };
        if !matches!(table.types[column], OutputType::Scalar(_)) {
            let text = format!("{} holds lists, which have no order", table.names[column]);
            return Err(Error::new(Code::ExprType, text).within(&path));
        }
        by.push((column, descending));
    }
    let skip = usize::try_from(source.offset).unwrap_or(usize::MAX);
    let limit = source.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if by.is_empty() && skip == 0 && limit >= table.rows {
        return Ok(());
    }
    let mut rows: Vec<usize> = (0..table.rows).collect();
    crate::sort::stable_by(&mut rows, |&a, &b| {
        by.iter()
            .map(|&(column, descending)| compare(&table.columns[column][a], &table.columns[column][b], descending))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    let rows: Vec<usize> = rows.into_iter().skip(skip).take(limit).collect();
    table.take(&rows);
    Ok(())
}

fn found(table: &Table, name: &str) -> Result<usize> {
    table
        .position(name)
        .ok_or_else(|| Error::new(Code::QueryUnknownName, format!("{name} is not a column of the result")))
}

fn compare(a: &Value, b: &Value, descending: bool) -> Ordering {
    match a.order(b) {
        Some(order) if descending => order.reverse(),
        Some(order) => order,
        None => a.is_null().cmp(&b.is_null()),
    }
}

/// The columns of the result by name.
struct ResultScope<'a>(&'a Table);

impl Scope for ResultScope<'_> {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        let column = found(self.0, name).map_err(|error| error.at(at))?;
        Ok((column, self.0.types[column]))
    }

    fn call(&mut self, call: &Call, at: u32) -> Option<Result<(usize, OutputType)>> {
        crate::spec::is_aggregate(&call.name).then(|| {
            let text = format!("{} is an aggregate; name a metric of the result instead", call.name);
            Err(Error::new(Code::ExprAggregate, text).at(at))
        })
    }
}
