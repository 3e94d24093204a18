//! Evaluates an expression for all rows of a batch.
//!
//! The one idea: each node computes every row in one tight loop, also rows whose value is not asked for. Only what can
//! raise an error is told which rows count: those behind the answer of an `and` or in a branch that is not taken do
//! not. Of all errors the one of the lowest row is kept, and of that row the first: the error that evaluating row by
//! row would raise.
//!
//! Not here: what an operator means for one row (`arithmetic`, `cast`, `text`, `like`, shared with `scalar`).

mod arithmetic;
mod blend;
mod cast;
mod choice;
mod clock;
mod compare;
mod lane;
mod logic;
mod strings;
mod texts;

use super::ast::Comparison;
use super::functions::{Function, Signature};
use super::typed::{Expr, Kind};
use crate::column::Column;
use crate::error::{Code, Error, Result};
use crate::value::OutputType;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use lane::{Lane, Presence};

/// The rows whose errors count; `None` when all do.
type Active<'m> = Option<&'m [bool]>;

impl Expr {
    /// The values for all rows of a batch; a slot is an index into `columns`, each `rows` long.
    ///
    /// **Errors** `expr.overflow`, `expr.cast`, with the character, and the lowest row that raises one as `[row]`;
    /// `host.argument` for columns of another type or length than the expression was checked for.
    pub fn evaluate_columns<'a>(&self, columns: &'a [Column<'_>], rows: usize) -> Result<Column<'a>> {
        self.evaluate_active(columns, rows, None)
    }

    /// As [`Expr::evaluate_columns`], but rows where `kept` is false raise no errors and hold any value.
    ///
    /// **Errors** as [`Expr::evaluate_columns`].
    pub fn evaluate_kept<'a>(&self, columns: &'a [Column<'_>], rows: usize, kept: &[bool]) -> Result<Column<'a>> {
        if kept.len() != rows {
            return Err(Error::new(Code::HostArgument, format!("the mask has {} rows, not {rows}", kept.len())));
        }
        self.evaluate_active(columns, rows, Some(kept))
    }

    fn evaluate_active<'a>(&self, columns: &'a [Column<'_>], rows: usize, active: Active<'_>) -> Result<Column<'a>> {
        self.check_leaves(columns, rows)?;
        let mut batch = Batch { columns: columns.iter().map(Column::borrowed).collect(), rows, failure: None };
        let lane = batch.evaluate(self, active);
        match batch.failure {
            Some((row, error)) => Err(error.in_row(row)),
            None => Ok(lane.into_column(self.element_type(), rows)),
        }
    }

    /// Makes sure that every leaf finds the column it was checked for.
    fn check_leaves(&self, columns: &[Column<'_>], rows: usize) -> Result<()> {
        if let Kind::Leaf(slot) = self.kind {
            let fits = columns.get(slot).is_some_and(|column| {
                self.output == OutputType::Scalar(column.data_type())
                    && column.len() == rows
                    && column.validity.as_ref().is_none_or(|valid| valid.len() == rows)
            });
            if !fits {
                let message = format!("column {slot} has not the type or the {rows} rows that the expression needs");
                return Err(Error::new(Code::HostArgument, message).at(self.at));
            }
        }
        self.parts().into_iter().try_for_each(|part| part.check_leaves(columns, rows))
    }
}

/// One evaluation.
struct Batch<'a> {
    /// All borrowed.
    columns: Vec<Column<'a>>,
    rows: usize,
    /// The lowest row that raised an error, and its first error.
    failure: Option<(usize, Error)>,
}

impl<'a> Batch<'a> {
    fn evaluate(&mut self, expr: &Expr, active: Active<'_>) -> Lane<'a> {
        match &expr.kind {
            // the leaves are checked
            Kind::Leaf(slot) => Lane::column(self.columns[*slot].clone()),
            Kind::Literal(value) => Lane::literal(value, expr.element_type()),
            Kind::And(operands) => self.and(operands, active),
            Kind::Or(operands) => self.or(operands, active),
            Kind::Not(x) => {
                let lane = self.evaluate(x, active);
                logic::not(lane)
            }
            Kind::IsNull(x) => {
                let lane = self.evaluate(x, active);
                logic::is_null(lane)
            }
            Kind::Negate(x) => self.negate(x, expr.at, active),
            Kind::Arithmetic(first, steps) => self.arithmetic(first, steps, active),
            Kind::Concat(operands) => self.concat(operands, expr.at, active),
            Kind::Compare(comparison, operands) => self.compare(*comparison, operands, active),
            Kind::In(x, items) => self.contained(x, items, active),
            Kind::Between(operands) => self.between(operands, active),
            Kind::Like(letter_case, operands) => self.like(*letter_case, operands, expr.at, active),
            Kind::Case(case) => self.case(case, expr.element_type(), active),
            Kind::Cast(x, to) => self.cast(x, *to, expr.at, active),
            Kind::Clock(clock, x) => self.clock(clock, x, expr.at, active),
            Kind::Call(function, arguments) => self.call(*function, arguments, expr, active),
        }
    }

    fn call(&mut self, function: Function, arguments: &[Expr], expr: &Expr, active: Active<'_>) -> Lane<'a> {
        let data_type = expr.element_type();
        match (function, arguments) {
            (Function::Coalesce, _) => self.coalesce(arguments, data_type, active),
            (Function::Least, _) => self.extreme(Comparison::Less, arguments, data_type, active),
            (Function::Greatest, _) => self.extreme(Comparison::Greater, arguments, data_type, active),
            (Function::Nullif, [x, y]) => self.nullif(x, y, active),
            (Function::Distinct, [x, y]) => self.distinct(x, y, active),
            (Function::Elapsed, [end, start]) => self.elapsed(end, start, active),
            _ if matches!(function.signature(), Signature::Fixed(..)) => {
                self.text_call(function, arguments, expr.at, active)
            }
            (_, [x]) => self.numeric_call(function, x, expr.at, active),
            // the checker counts arguments
            _ => Lane::absent(data_type),
        }
    }

    /// The rows that count, as a mask of its own.
    fn all(&self, active: Active<'_>) -> Vec<bool> {
        active.map_or_else(|| vec![true; self.rows], <[bool]>::to_vec)
    }

    /// Keeps the error of the lowest present row that counts and is `faulty`.
    fn fail_where(
        &mut self,
        presence: &Presence<'_>,
        active: Active<'_>,
        faulty: impl Fn(usize) -> bool,
        error: impl FnOnce(usize) -> Error,
    ) {
        let end = self.failure.as_ref().map_or(self.rows, |(row, _)| *row);
        let counts = |row: usize| active.is_none_or(|active| active[row]);
        let found = (0..end).find(|&row| presence.at(row) && counts(row) && faulty(row));
        if let Some(row) = found {
            self.failure = Some((row, error(row)));
        }
    }
}
