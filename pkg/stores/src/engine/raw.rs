//! Folding the rows of the source as they come.

use super::port::{Port, Sink};
use super::Shared;
use isofold::batch::Batch as KernelBatch;
use isofold::column::{Column, Values};
use isofold::refresh::Window;
use isofold::spec::Spec;
use isofold::value::ColumnType;
use isofold::{limits, Code, Error, Result, Rollup, Type};
use isofold_facade::{Batch, Declared};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// A rollup of the rows seen so far.
struct RowSink {
    rollup: Rollup,
    columns: Vec<Declared>,
    time: usize,
    /// Columns in which a database without booleans has 0 and 1.
    booleans: Vec<usize>,
    /// Rows outside are left out; `None` where the statement gives none.
    window: Option<Window>,
    seen: usize,
    counted: u64,
}

impl Sink for RowSink {
    fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        let folded = self.fold_rows(batch).map_err(|error| error.after_rows(self.seen));
        self.seen += batch.rows();
        folded
    }
}

impl RowSink {
    fn fold_rows(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut columns = batch.conformed(&self.columns)?;
        for &place in &self.booleans {
            let read = booleans(&columns[place]);
            columns[place] = read.map_err(|error| error.within(&self.columns[place].name).within("column"))?;
        }
        let mut rows = batch.rows();
        if let Some(window) = self.window {
            let kept = rows_inside(&columns[self.time], rows, window);
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

/// The rows of a window folded under a spec, and how many they are.
pub(super) async fn fold_rows(shared: &Shared, port: &Port, spec: &Spec, window: Window) -> Result<(Rollup, u64)> {
    let source = shared.rows();
    let declared: Vec<_> = spec.columns().iter().map(|c| (c.name().to_owned(), c.column_type())).collect();
    let bound = |at: i64, open: i64| (at != open).then_some(at);
    let sql = source.read(&declared, bound(window.start, limits::MIN_TIME_US), bound(window.end, limits::MAX_TIME_US));
    let columns: Vec<_> = declared.iter().map(|(name, kind)| (name.clone(), source.column_type(*kind))).collect();
    let sink = Arc::new(Mutex::new(RowSink {
        rollup: Rollup::new(spec.clone()),
        columns: columns.iter().map(|(name, kind)| Declared::new(name.as_str(), *kind)).collect(),
        time: spec.time_column(),
        booleans: (0..declared.len())
            .filter(|&at| declared[at].1 != columns[at].1 && is_bool(declared[at].1))
            .collect(),
        window: source.is_ragged().then_some(window),
        seen: 0,
        counted: 0,
    }));
    port.stream(sql, columns, Arc::clone(&sink)).await?;
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    let folded = sink.rollup.emptied();
    Ok((std::mem::replace(&mut sink.rollup, folded), sink.counted))
}
