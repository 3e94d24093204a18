//! Folding a batch in: all of it or nothing.
//!
//! The one idea: everything that can fail (types, times, expressions, limits) happens before the first state changes.

use super::rollup::Rollup;
use crate::batch::Batch;
use crate::column::{Column, Values};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::math::Float64;
use crate::spec::{Argument, Metric, RowExpr, Spec, StateDef};
use crate::state::{Rows, StateKind};
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;

impl Rollup {
    /// Folds a batch in and tells how many of its rows passed `where`.
    ///
    /// Columns that the spec does not declare are ignored.
    ///
    /// **Errors** `ingest.*` and `expr.*` with the column and row, `limit.groups`, `limit.rows`; the rollup is then
    /// as it was.
    pub fn ingest(&mut self, batch: &Batch<'_>) -> Result<usize> {
        let rows = batch.rows();
        // cannot overflow: rows of a batch are at most 2^32, rows of a rollup at most 2^62
        if self.rows + rows as u64 > limits::MAX_ROWS {
            return Err(Error::new(Code::LimitRows, format!("a rollup counts at most {} rows", limits::MAX_ROWS)));
        }
        let spec = alloc::sync::Arc::clone(&self.spec);
        let columns = batch.bind(&spec)?;
        let kept = match spec.filter() {
            Some(filter) => Some(truths(filter, &columns, rows, None).map_err(|error| error.within("spec.where"))?),
            None => None,
        };
        let kept = kept.as_deref();
        let times = times_of(&spec, &columns, kept)?;
        let mut starts = Vec::new();
        spec.bucket().starts(&times, &mut starts).map_err(|(row, error)| {
            error.in_row(row).within(spec.columns()[spec.time_column()].name()).within("column")
        })?;
        let keys = spec
            .keys()
            .iter()
            .map(|key| {
                key_column(key.expr(), &columns, rows, kept).map_err(|e| e.within(key.name()).within("spec.group_by"))
            })
            .collect::<Result<Vec<_>>>()?;
        let inputs = Inputs::new(&spec, &columns, rows, kept)?;

        let mark = self.groups.mark();
        let grouped = self.groups.keys.tuples_of(&keys, kept, rows, self.max_groups).and_then(|mut groups| {
            self.groups.assign(&starts, kept, &mut groups, self.max_groups)?;
            Ok(groups)
        });
        let groups = match grouped {
            Ok(groups) => groups,
            Err(error) => {
                self.groups.back_to(&mark);
                return Err(error);
            }
        };
        let count = self.groups.len();
        for (column, input) in self.states.iter_mut().zip(&inputs.states) {
            column.grow(count);
            let rows = Rows { groups: &groups, present: input.present.as_deref() };
            column.update(&rows, inputs.column(&input.argument), inputs.column(&input.by), &times);
        }
        let folded = kept.map_or(rows, |kept| kept.iter().filter(|&&kept| kept).count());
        self.rows += folded as u64;
        Ok(folded)
    }
}

/// What one state reads of a batch.
struct StateInput<'a> {
    present: Present,
    argument: Operand<'a>,
    by: Operand<'a>,
}

/// A column that a state reads.
enum Operand<'a> {
    None,
    /// An input of the spec, by index.
    Shared(usize),
    /// An input evaluated for the rows of this state alone.
    Own(Column<'a>),
}

/// Which rows a state sees; states with one argument and filter share the mask.
type Present = Option<Rc<[bool]>>;

struct Inputs<'a> {
    shared: Vec<Result<Column<'a>>>,
    states: Vec<StateInput<'a>>,
}

impl<'a> Inputs<'a> {
    fn new(spec: &Spec, columns: &'a [Column<'a>], rows: usize, kept: Option<&[bool]>) -> Result<Self> {
        let mut filters = Vec::with_capacity(spec.filters().len());
        for (index, filter) in spec.filters().iter().enumerate() {
            let truths = truths(filter, columns, rows, kept);
            let state = || spec.states().iter().position(|state| state.filter() == Some(index));
            filters.push(truths.map_err(|error| within_metric(spec, state(), error))?);
        }
        let shared = spec.inputs().iter().map(|input| evaluate(input, columns, rows, kept)).collect();
        let mut inputs = Self { shared, states: Vec::with_capacity(spec.states().len()) };
        let mut masks: Vec<(MaskKey, Present)> = Vec::new();
        for (index, state) in spec.states().iter().enumerate() {
            let place = |error| within_metric(spec, Some(index), error);
            let mask = state.filter().map(|index| filters[index].as_slice()).or(kept);
            let (argument, by) = inputs.operands(spec, state, columns, rows, mask).map_err(place)?;
            let key = (state.argument(), state.by(), state.filter());
            let known = masks.iter().find(|(known, _)| *known == key).map(|(_, present)| present.clone());
            let present = known.unwrap_or_else(|| {
                let present = match state.argument() {
                    Argument::NaNs(index) => Some(nan_rows(&columns[index], mask)),
                    Argument::Rows | Argument::Values(_) => {
                        present_of(mask, [inputs.column(&argument), inputs.column(&by)])
                    }
                };
                let present: Present = present.map(Rc::from);
                masks.push((key, present.clone()));
                present
            });
            check_texts(state, present.as_deref(), [inputs.column(&argument), inputs.column(&by)]).map_err(place)?;
            inputs.states.push(StateInput { present, argument, by });
        }
        Ok(inputs)
    }

    fn operands(
        &self,
        spec: &Spec,
        state: &StateDef,
        columns: &'a [Column<'a>],
        rows: usize,
        mask: Option<&[bool]>,
    ) -> Result<(Operand<'a>, Operand<'a>)> {
        let take = |index: usize| match (&self.shared[index], mask) {
            (Ok(_), _) => Ok(Operand::Shared(index)),
            // the failing row may be one that this state does not see
            (Err(_), Some(_)) => evaluate(&spec.inputs()[index], columns, rows, mask).map(Operand::Own),
            (Err(error), None) => Err(error.clone()),
        };
        match state.argument() {
            Argument::Rows | Argument::NaNs(_) => Ok((Operand::None, Operand::None)),
            Argument::Values(index) => Ok((take(index)?, state.by().map_or(Ok(Operand::None), take)?)),
        }
    }

    fn column<'b>(&'b self, operand: &'b Operand<'a>) -> Option<&'b Column<'a>> {
        match operand {
            Operand::None => None,
            Operand::Shared(index) => self.shared[*index].as_ref().ok(),
            Operand::Own(column) => Some(column),
        }
    }
}

/// What decides which rows a state sees.
type MaskKey = (Argument, Option<usize>, Option<usize>);

/// The rows of the mask in which every column has a value; `None` when that is all of them.
fn present_of(mask: Option<&[bool]>, columns: [Option<&Column<'_>>; 2]) -> Option<Vec<bool>> {
    let mut present: Option<Vec<bool>> = mask.map(<[bool]>::to_vec);
    for validity in columns.into_iter().flatten().filter_map(|column| column.validity.as_deref()) {
        match &mut present {
            Some(present) => and(present, Some(validity)),
            None => present = Some(validity.to_vec()),
        }
    }
    present
}

/// Values that a state keeps as text are short enough.
fn check_texts(state: &StateDef, present: Option<&[bool]>, columns: [Option<&Column<'_>>; 2]) -> Result<()> {
    let keeps_text = match state.kind() {
        StateKind::Extremum(_, t) | StateKind::ValueCounts(t, _) => t == Type::String,
        StateKind::Edge(_, value, by) => value == Type::String || by == Type::String,
        _ => false,
    };
    if !keeps_text {
        return Ok(());
    }
    for column in columns.into_iter().flatten() {
        let Values::String(codes, texts) = &column.values else { continue };
        if texts.iter().all(|text| text.len() <= limits::MAX_STATE_TEXT_BYTES) {
            continue;
        }
        for (row, &code) in codes.iter().enumerate() {
            if present.is_none_or(|present| present[row]) && texts[code as usize].len() > limits::MAX_STATE_TEXT_BYTES {
                return Err(Error::new(
                    Code::IngestText,
                    format!(
                        "{} keeps texts of at most {} bytes, got {}",
                        state.text(),
                        limits::MAX_STATE_TEXT_BYTES,
                        texts[code as usize].len()
                    ),
                )
                .in_row(row));
            }
        }
    }
    Ok(())
}

/// The error under the name of the first metric that reads the state.
fn within_metric(spec: &Spec, state: Option<usize>, error: Error) -> Error {
    let reads =
        |metric: &&Metric| metric.leaves().iter().any(|leaf| state.is_some_and(|state| leaf.states().contains(&state)));
    match spec.metrics().iter().find(reads) {
        Some(metric) => error.within(metric.name()),
        None => error,
    }
    .within("spec.select")
}

/// The times of all rows; 0 for rows that are left out.
fn times_of<'a>(spec: &Spec, columns: &'a [Column<'a>], kept: Option<&[bool]>) -> Result<Cow<'a, [i64]>> {
    let column = &columns[spec.time_column()];
    let Values::Timestamp(times) = &column.values else {
        // inside corruption stops: the spec compiler takes a timestamp column and `bind` checks its type
        unreachable!("the time is a timestamp column")
    };
    if column.validity.is_none() && kept.is_none() {
        return Ok(Cow::Borrowed(times));
    }
    let mut all = times.to_vec();
    for (row, time) in all.iter_mut().enumerate() {
        if kept.is_some_and(|kept| !kept[row]) {
            *time = 0;
        } else if !column.is_valid(row) {
            let name = spec.columns()[spec.time_column()].name();
            return Err(Error::new(Code::IngestTime, format!("column {name} is the time and must not be null"))
                .in_row(row)
                .within(name)
                .within("column"));
        }
    }
    Ok(Cow::Owned(all))
}

/// Evaluates over the kept rows: an error in a row that is left out is no error, and its value may be any.
fn evaluate<'a>(expr: &RowExpr, columns: &'a [Column<'a>], rows: usize, kept: Option<&[bool]>) -> Result<Column<'a>> {
    match kept {
        Some(kept) => expr.expr().evaluate_kept(columns, rows, kept),
        None => expr.expr().evaluate_columns(columns, rows),
    }
}

/// The values of a key, none of them longer than a rollup keeps.
fn key_column<'a>(key: &RowExpr, columns: &'a [Column<'a>], rows: usize, kept: Option<&[bool]>) -> Result<Column<'a>> {
    let column = evaluate(key, columns, rows, kept)?;
    let Values::String(codes, texts) = &column.values else { return Ok(column) };
    if texts.iter().all(|text| text.len() <= limits::MAX_KEY_BYTES) {
        return Ok(column);
    }
    let is_kept = |row: usize| column.is_valid(row) && kept.is_none_or(|kept| kept[row]);
    // the code of a row without a value may point anywhere
    let length = |row: usize| if is_kept(row) { texts[codes[row] as usize].len() } else { 0 };
    match (0..rows).find(|&row| length(row) > limits::MAX_KEY_BYTES) {
        Some(row) => {
            let text = format!("a text key must be at most {} bytes, got {}", limits::MAX_KEY_BYTES, length(row));
            Err(Error::new(Code::IngestText, text).in_row(row))
        }
        None => Ok(column),
    }
}

/// `true` in the kept rows where the condition is true; NULL is not.
fn truths<'a>(condition: &RowExpr, columns: &'a [Column<'a>], rows: usize, kept: Option<&[bool]>) -> Result<Vec<bool>> {
    let column = evaluate(condition, columns, rows, kept)?;
    let mut truths = match &column.values {
        Values::Bool(values) => values.to_vec(),
        // inside corruption stops: the spec compiler takes conditions alone
        _ => unreachable!("a condition is bool"),
    };
    and(&mut truths, column.validity.as_deref());
    and(&mut truths, kept);
    Ok(truths)
}

fn and(mask: &mut [bool], other: Option<&[bool]>) {
    if let Some(other) = other {
        for (mask, &other) in mask.iter_mut().zip(other) {
            *mask &= other;
        }
    }
}

/// `true` where a float column holds a NaN in a row of the mask.
fn nan_rows(column: &Column<'_>, mask: Option<&[bool]>) -> Vec<bool> {
    match &column.values {
        Values::Float64(bits) => {
            let mut nans: Vec<bool> = bits.iter().map(|&bits| Float64::from_bits(bits).is_nan()).collect();
            and(&mut nans, column.validity.as_deref());
            and(&mut nans, mask);
            nans
        }
        _ => alloc::vec![false; column.len()],
    }
}
