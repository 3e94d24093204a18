//! What folds the rows of one rollup as they come.
//!
//! The one idea: a batch with a row that does not fit is halved until the row stands alone, which is left out.

use super::aside::{is_of_a_row, SetAside};
use super::port::Sink;
use super::Shared;
use isofold::batch::Batch as KernelBatch;
use isofold::column::{Column, Values};
use isofold::refresh::{RowErrors, Window};
use isofold::spec::{ColumnDef, Spec};
use isofold::sql::{Dialect, SourceRows};
use isofold::value::ColumnType;
use isofold::{limits, Code, Error, Result, Rollup, Type};
use isofold_facade::{Batch, Cell, Declared, HostColumn, HostValues};
use std::borrow::Cow;

/// The rows of a window.
pub(super) struct FoldedRows {
    pub(super) rollup: Rollup,
    /// How many there are.
    pub(super) rows: u64,
    /// Those that do not fit.
    pub(super) aside: SetAside,
}

/// A rollup of the rows seen so far.
pub(super) struct RowSink {
    rollup: Rollup,
    columns: Vec<Declared>,
    time: usize,
    /// Columns in which a database without booleans has 0 and 1.
    booleans: Vec<usize>,
    /// Rows outside are left out.
    window: Window,
    /// Whether the statement may give some.
    is_ragged: bool,
    row_errors: RowErrors,
    /// Whether the database gives all values of a column one type.
    is_typed: bool,
    seen: usize,
    counted: u64,
    aside: SetAside,
}

impl Sink for RowSink {
    fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        let folded = self.fold_block(batch, self.seen);
        self.seen += batch.rows();
        folded
    }
}

impl RowSink {
    /// What folds the rows of a window under a spec.
    pub(super) fn new(shared: &Shared, spec: &Spec, window: Window) -> Self {
        let source = shared.rows();
        let read = spec.read_columns();
        let mut booleans = Vec::new();
        let column = |(at, column): (usize, &ColumnDef)| {
            let kind = source.column_type(column.column_type());
            if kind != column.column_type() && is_bool(column.column_type()) {
                booleans.push(at);
            }
            // what the spec does not read is not there
            Declared { is_optional: !read.contains(&at), ..Declared::new(column.name(), kind) }
        };
        let columns: Vec<Declared> = spec.columns().iter().enumerate().map(column).collect();
        Self {
            rollup: Rollup::new(spec.clone()),
            columns,
            time: spec.time_column(),
            booleans,
            window,
            is_ragged: source.is_ragged(),
            row_errors: shared.catalog.source().row_errors,
            is_typed: shared.dialect == Dialect::Postgres,
            seen: 0,
            counted: 0,
            aside: SetAside::default(),
        }
    }

    /// The columns that it reads.
    pub(super) fn read(&self) -> Vec<Declared> {
        self.columns.iter().filter(|column| !column.is_optional).cloned().collect()
    }

    /// What it folded.
    pub(super) fn finish(&mut self) -> FoldedRows {
        let empty = self.rollup.emptied();
        FoldedRows {
            rollup: std::mem::replace(&mut self.rollup, empty),
            rows: self.counted,
            aside: std::mem::take(&mut self.aside),
        }
    }

    /// Folds the rows that fit, or all of them; `place` rows came before.
    fn fold_block(&mut self, batch: &Batch<'_>, place: usize) -> Result<()> {
        let error = match self.fold_rows(batch) {
            Err(error) if self.skips(batch) && is_of_a_row(&error) => error,
            folded => return folded.map_err(|error| error.after_rows(place)),
        };
        match batch.rows() {
            0 | 1 => self.set_aside(batch, &error),
            rows => {
                for half in [0..rows / 2, rows / 2..rows] {
                    let start = half.start;
                    let block = batch.block(&self.columns, half);
                    self.fold_block(&block, place + start)?;
                }
                Ok(())
            }
        }
    }

    /// Whether rows that do not fit are left out: not where the type of a column is none that the declared one takes.
    fn skips(&self, batch: &Batch<'_>) -> bool {
        let may_fit = |declared: &Declared| {
            batch.column(&declared.name).is_none_or(|column| may_be(&column.values, declared.column_type.data_type))
        };
        self.row_errors == RowErrors::Skip && (!self.is_typed || self.columns.iter().all(may_fit))
    }

    /// Counts the row of a batch of one, where it is in the window.
    fn set_aside(&mut self, batch: &Batch<'_>, error: &Error) -> Result<()> {
        let at = self.instant(batch).unwrap_or(self.window.start);
        if (self.window.start..self.window.end).contains(&at) {
            self.aside.note(self.rollup.spec().bucket().start(at)?, error);
        }
        Ok(())
    }

    /// The time of the row of a batch of one, or where it stands among the others.
    fn instant(&self, batch: &Batch<'_>) -> Option<i64> {
        let time = &self.columns[self.time];
        if let Ok(columns) = batch.conformed(std::slice::from_ref(time)) {
            if let (Values::Timestamp(times), true) = (&columns[0].values, columns[0].is_valid(0)) {
                return times.first().copied().filter(|at| (limits::MIN_TIME_US..limits::MAX_TIME_US).contains(at));
            }
        }
        batch.column(&time.name).and_then(text_of).and_then(SourceRows::nearest)
    }

    fn fold_rows(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut columns = batch.conformed(&self.columns)?;
        for &place in &self.booleans {
            let read = booleans(&columns[place]);
            columns[place] = read.map_err(|error| error.within(&self.columns[place].name).within("column"))?;
        }
        let mut rows = batch.rows();
        if self.is_ragged {
            let kept = rows_inside(&columns[self.time], rows, self.window);
            if kept.len() < rows {
                columns = columns.iter().map(|column| picked(column, &kept)).collect();
                rows = kept.len();
            }
        }
        self.counted += rows as u64;
        let names = self.columns.iter().map(|column| column.name.clone());
        let batch = names.zip(columns).fold(KernelBatch::new(rows), |batch, (name, column)| batch.with(name, column));
        self.rollup.ingest(&batch).map(drop)
    }
}

/// Whether some of these values are of a type.
fn may_be(values: &HostValues<'_>, data_type: Type) -> bool {
    match values {
        HostValues::Null(_) => true,
        HostValues::Mixed(cells) => !cells.iter().any(|cell| matches!(cell, Cell::Other(_))),
        HostValues::Other(..) => false,
        HostValues::Bool(_) => data_type == Type::Bool,
        HostValues::Text(..) => matches!(data_type, Type::String | Type::Timestamp | Type::Decimal(_)),
        HostValues::Date(_) | HostValues::Timestamp(..) | HostValues::Local(..) => data_type == Type::Timestamp,
        HostValues::Int64(_) | HostValues::UInt64(_) | HostValues::Number(_) | HostValues::Decimal(..) => {
            data_type != Type::String
        }
    }
}

/// The text in a column of one row.
fn text_of<'c>(column: &'c HostColumn<'_>) -> Option<&'c str> {
    match &column.values {
        HostValues::Text(codes, texts) => texts.get(*codes.first()? as usize).map(AsRef::as_ref),
        HostValues::Mixed(cells) => match cells.first()? {
            Cell::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// A column of 0 and 1 as booleans.
fn booleans<'a>(column: &Column<'a>) -> Result<Column<'a>> {
    let Values::Int64(integers) = &column.values else {
        return Err(Error::new(Code::IngestType, "a boolean is stored as 0 or 1"));
    };
    for (row, &integer) in integers.iter().enumerate() {
        if column.is_valid(row) && integer != 0 && integer != 1 {
            let text = format!("a boolean is stored as 0 or 1, got {integer}");
            return Err(Error::new(Code::IngestType, text).in_row(row));
        }
    }
    let values = Values::Bool(integers.iter().map(|&integer| integer == 1).collect());
    Ok(Column { values, validity: column.validity.as_ref().map(|valid| valid.to_vec().into()) })
}

/// The rows whose time is in a window, and those without a time, which the kernel refuses.
fn rows_inside(times: &Column<'_>, rows: usize, window: Window) -> Vec<usize> {
    let Values::Timestamp(instants) = &times.values else { return (0..rows).collect() };
    let inside = |row: &usize| !times.is_valid(*row) || (window.start..window.end).contains(&instants[*row]);
    (0..rows).filter(inside).collect()
}

fn picked<'a>(column: &Column<'a>, rows: &[usize]) -> Column<'a> {
    fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Cow<'static, [T]> {
        rows.iter().map(|&row| values[row]).collect()
    }
    let values = match &column.values {
        Values::Bool(v) => Values::Bool(pick(v, rows)),
        Values::Int64(v) => Values::Int64(pick(v, rows)),
        Values::Timestamp(v) => Values::Timestamp(pick(v, rows)),
        Values::Decimal(v, scale) => Values::Decimal(pick(v, rows), *scale),
        Values::Float64(v) => Values::Float64(pick(v, rows)),
        Values::String(codes, texts) => Values::String(pick(codes, rows), texts.clone()),
    };
    Column { values, validity: column.validity.as_deref().map(|valid| pick(valid, rows)) }
}

fn is_bool(column_type: ColumnType) -> bool {
    column_type.data_type == Type::Bool
}
