//! A batch: borrowed columns of one length, named as the spec declares them.
//!
//! The one idea: everything about the shape of a batch is checked once, here, before a rollup looks at it.
//!
//! Not here: turning a host's values into the declared types (facade).

use crate::column::{Column, Values};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::spec::Spec;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Columns of one length.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    rows: usize,
    columns: Vec<(String, Column<'a>)>,
}

impl<'a> Batch<'a> {
    /// A batch of `rows` rows and no columns yet.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: Vec::new() }
    }

    /// The batch with one more column.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, column: Column<'a>) -> Self {
        self.columns.push((name.into(), column));
        self
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The declared columns of `spec`, in its order. Columns that the spec does not declare are left out.
    ///
    /// **Errors** `ingest.column` (missing or given twice), `ingest.length`, `ingest.type`, `ingest.text`,
    /// `limit.rows`.
    pub(crate) fn bind(&self, spec: &Spec) -> Result<Vec<Column<'_>>> {
        if self.rows > limits::MAX_BATCH_ROWS {
            return Err(Error::new(
                Code::LimitRows,
                format!("a batch holds at most {} rows, got {}", limits::MAX_BATCH_ROWS, self.rows),
            ));
        }
        spec.columns()
            .iter()
            .map(|declared| {
                self.find(declared.name(), declared.column_type().data_type)
                    .map_err(|error| error.within(declared.name()).within("column"))
            })
            .collect()
    }

    fn find(&self, name: &str, data_type: crate::Type) -> Result<Column<'_>> {
        let mut found = self.columns.iter().filter(|(n, _)| n == name);
        let Some((_, column)) = found.next() else {
            return Err(Error::new(
                Code::IngestColumn,
                format!("column {name} is declared and missing from the batch"),
            ));
        };
        if found.next().is_some() {
            return Err(Error::new(Code::IngestColumn, format!("column {name} is given twice")));
        }
        if column.data_type() != data_type {
            return Err(Error::new(
                Code::IngestType,
                format!("column {name} is declared {data_type}, got {}", column.data_type()),
            ));
        }
        let lengths = [Some(column.len()), column.validity.as_ref().map(|v| v.len())];
        if let Some(length) = lengths.into_iter().flatten().find(|&length| length != self.rows) {
            return Err(Error::new(
                Code::IngestLength,
                format!("column {name} has {length} rows, the batch has {}", self.rows),
            ));
        }
        check_texts(column)?;
        check_times(column)?;
        Ok(column.borrowed())
    }
}

/// Present times lie inside the supported range.
fn check_times(column: &Column<'_>) -> Result<()> {
    let Values::Timestamp(times) = &column.values else { return Ok(()) };
    let range = limits::MIN_TIME_US..limits::MAX_TIME_US;
    // the sign of a difference tells, also of one that wraps; no early end, so that the loop is vectorised
    let outside = times
        .iter()
        .fold(0, |all, &us| all | us.wrapping_sub(range.start) | range.end.wrapping_sub(1).wrapping_sub(us));
    if outside >= 0 {
        return Ok(());
    }
    match times.iter().enumerate().find(|(row, us)| !range.contains(us) && column.is_valid(*row)) {
        Some((row, us)) => {
            Err(Error::new(Code::IngestTime, format!("{us} µs is outside the years −9999 to 9999")).in_row(row))
        }
        None => Ok(()),
    }
}

/// Codes of present rows point into the dictionary, and no text is longer than the limit.
fn check_texts(column: &Column<'_>) -> Result<()> {
    let Values::String(codes, texts) = &column.values else { return Ok(()) };
    // no early end, so that the loop is vectorised
    let largest = codes.iter().fold(0, |largest, &code| code.max(largest));
    let is_outside = |(row, &code): &(usize, &u32)| code as usize >= texts.len() && column.is_valid(*row);
    let outside = if largest as usize >= texts.len() { codes.iter().enumerate().find(is_outside) } else { None };
    if let Some((row, code)) = outside {
        return Err(Error::new(
            Code::IngestLength,
            format!("code {code} points outside a dictionary of {} texts", texts.len()),
        )
        .in_row(row));
    }
    if texts.longest() <= limits::MAX_TEXT_BYTES {
        return Ok(());
    }
    // what no row holds is no part of the batch
    let length = |code: u32| texts[code as usize].len();
    let long = |(row, &code): &(usize, &u32)| column.is_valid(*row) && length(code) > limits::MAX_TEXT_BYTES;
    match codes.iter().enumerate().find(long) {
        Some((row, &code)) => Err(Error::new(
            Code::IngestText,
            format!("a text must be at most {} bytes, got {}", limits::MAX_TEXT_BYTES, length(code)),
        )
        .in_row(row)),
        None => Ok(()),
    }
}
