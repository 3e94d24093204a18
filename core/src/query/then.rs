//! A second step: aggregates over the rows of an answer.
//!
//! The one idea: the rows of the first answer are rows like any others, so the second is the query of a rollup of them.

use super::frame::Frame;
use super::source::{BucketChoice, QuerySource, ThenSource};
use super::{answer_table, frame_of, Rollup};
use crate::batch::Batch;
use crate::column::{Column, Values};
use crate::error::Result;
use crate::expr::parse_named_with;
use crate::spec::{bare_name, Spec, SpecSource};
use crate::time::BucketSource;
use crate::value::OutputType;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// The second answer, where a query has a second step; else the first. Whoever answers a query calls it: hosts whose
/// download counts have no second step.
///
/// **Errors** those of a spec and of a query, inside `then`.
pub fn then(first: Frame, source: &QuerySource) -> Result<Frame> {
    let Some(step) = &source.then else { return Ok(first) };
    let second = answered(&first, step, source).map_err(|error| error.within("then").within("query"))?;
    Ok(second.after(first))
}

fn answered(first: &Frame, step: &ThenSource, source: &QuerySource) -> Result<Frame> {
    // a time that no column has
    let mut time = String::from("\u{1}");
    while first.columns().iter().any(|column| column.name() == time) {
        time.push('\u{1}');
    }
    let mut spec = SpecSource {
        name: "then".into(),
        columns: vec![(time.clone(), "timestamp".into())],
        time: time.clone(),
        bucket: BucketSource { width: "1 day".into(), ..BucketSource::default() },
        group_by: step.group_by.clone(),
        filter: step.filter.clone(),
        select: Vec::new(),
        keep: Vec::new(),
    };
    let mut batch =
        Batch::new(first.len()).with(&time, Column::new(Values::Timestamp(Cow::Owned(vec![0; first.len()]))));
    for column in first.columns() {
        // a list is no value of a row, and what is past int64 is told by a warning
        if let (OutputType::Scalar(data_type), Some(values)) = (column.output_type(), column.to_column()) {
            spec.columns.push((column.name().into(), data_type.to_string()));
            batch = batch.with(column.name(), values);
        }
    }
    for (index, named) in step.select.iter().enumerate() {
        let metric = match &named.name {
            Some(name) => (name.clone(), named.expression.clone()),
            None => {
                let parsed = parse_named_with(&named.expression, &source.parameters);
                let (ast, alias) = parsed.map_err(|error| error.within(&format!("select[{index}]")))?;
                (alias.unwrap_or_else(|| bare_name(&ast)), ast.to_string())
            }
        };
        spec.select.push(metric);
    }
    let mut rollup = Rollup::new(Spec::compile_with(&spec, &source.parameters)?);
    rollup.ingest(&batch)?;
    let query = QuerySource {
        bucket: BucketChoice::Whole,
        having: step.having.clone(),
        order_by: step.order_by.clone(),
        limit: step.limit,
        offset: step.offset,
        decimals: source.decimals,
        parameters: source.parameters.clone(),
        ..QuerySource::default()
    };
    let table = answer_table(&rollup.whole(), &query, &mut |all| all.columns())?;
    Ok(frame_of(table, &query))
}
