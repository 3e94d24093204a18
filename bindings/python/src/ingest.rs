//! Folding what Python has: tables, columns, rows, and iterators of tables or rows.
//!
//! The one idea: everything is folded aside, piece by piece, and taken over in one step, so an iterator that raises in its
//! middle leaves the rollup as it was.

use crate::arrow::Arrays;
use crate::cells::TypeName;
use crate::columns;
use crate::errors::coded;
use crate::json::argument;
use crate::numpy;
use crate::rows::{add_keys, fields_of, problem_of_keys, texts_of, Rows};
use crate::signals::{self, Signals, ALL_FOLDED, NOTHING_FOLDED};
use isofold::Result;
use isofold_facade::json::IngestOptions;
use isofold_facade::keys::Strict;
use isofold_facade::skipped::Report;
use isofold_facade::{Folded, Ingest, Shared};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMapping, PySet, PyString};

/// Rows of Python objects that become one batch: many enough to share work, few enough to bound memory.
const CHUNK_ROWS: usize = 1 << 16;

/// Folds data into a rollup: all of it, or nothing.
///
/// **Errors** what a signal's handler raises says whether the rows are folded.
pub fn ingest(rollup: &Shared, data: &Bound<'_, PyAny>, options: &IngestOptions) -> PyResult<Report> {
    let py = data.py();
    let folded = fold_aside(rollup, data, options).map_err(|error| signals::told(py, error, NOTHING_FOLDED))?;
    let report = coded(py, py.detach(|| rollup.write(|rollup| rollup.take_over(folded))))?;
    signals::after(py, ALL_FOLDED)?;
    Ok(report)
}

fn fold_aside(rollup: &Shared, data: &Bound<'_, PyAny>, options: &IngestOptions) -> PyResult<Folded> {
    let py = data.py();
    let signals = Signals::new();
    let started = py.detach(|| rollup.read().map(|rollup| rollup.start_ingest_with(options)));
    let ingest = coded(py, started)?.stopped_by(signals.interrupt());
    let is_strict = options.strict != Strict::No;
    let mut folding = Folding { ingest, signals: &signals, is_strict, names_all: options.strict == Strict::All };
    if !folding.table(data)? {
        folding.rows(data)?;
    }
    let ingest = folding.ingest;
    let folded = py.detach(|| ingest.finish());
    let folded = signals.outcome(py, folded)?;
    // the last look: from here on all rows are folded
    signals::after(py, NOTHING_FOLDED)?;
    Ok(folded)
}

struct Folding<'s> {
    ingest: Ingest,
    signals: &'s Signals,
    is_strict: bool,
    /// Whether a name that is no text is refused.
    names_all: bool,
}

impl Folding<'_> {
    /// Folds without the GIL.
    fn fold(&mut self, py: Python<'_>, fold: impl FnOnce(&mut Ingest) -> Result<()> + Send) -> PyResult<()> {
        let ingest = &mut self.ingest;
        let folded = py.detach(|| fold(ingest));
        self.signals.outcome(py, folded)
    }

    /// Folds a table or columns, and tells whether the data is one.
    fn table(&mut self, data: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = data.py();
        if columns::is_frame(data)? {
            return self.columns(data);
        }
        if let Some(fields) = numpy::fields(data)? {
            return self.columns(fields.as_any());
        }
        let declared = self.ingest.columns();
        let is_declared = |name: &str| declared.iter().any(|declared| declared.name == name);
        if let Some(arrays) = Arrays::of(data, is_declared)? {
            if self.is_strict {
                self.ingest.see_keys(arrays.names().iter().map(String::as_str));
            }
            return self.fold(py, |ingest| ingest.fold_all(arrays)).map(|()| true);
        }
        if let Some(reader) = reader_of(data)? {
            return self.table(&reader);
        }
        if data.cast::<PyMapping>().is_ok() {
            return self.columns(data);
        }
        Ok(false)
    }

    fn columns(&mut self, data: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = data.py();
        let batch = columns::batch_of_columns(data, self.ingest.columns())?;
        if self.is_strict {
            let names = columns::names_of(data, self.names_all)?;
            self.ingest.see_keys(names.iter().map(String::as_str));
        }
        self.fold(py, |ingest| ingest.fold(&batch)).map(|()| true)
    }

    /// Folds the rows, or tables, of anything that can be iterated.
    fn rows(&mut self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = data.py();
        refuse_single(data)?;
        let mut items = data.try_iter()?.peekable();
        if let Some(Ok(first)) = items.peek() {
            let first = first.clone();
            let is_arrow = |name| first.hasattr(name);
            if is_arrow("__arrow_c_array__")? || is_arrow("__arrow_c_stream__")? || columns::is_frame(&first)? {
                return self.tables(items);
            }
        }
        let declared = self.ingest.columns().to_vec();
        let mut present = vec![false; declared.len()];
        let mut seen = 0;
        loop {
            let chunk = items.by_ref().take(CHUNK_ROWS).collect::<PyResult<Vec<_>>>()?;
            if chunk.is_empty() {
                return Ok(());
            }
            let rows = Rows::read(py, chunk.iter().cloned().map(Ok), &declared)?;
            present.iter_mut().zip(rows.present()).for_each(|(present, here)| *present |= here);
            let there = declared.iter().zip(&present).filter(|(_, there)| **there);
            self.ingest.see_keys(there.map(|(declared, _)| &*declared.name));
            if self.is_strict || present.contains(&false) {
                let keys = PySet::empty(py)?;
                chunk.iter().try_for_each(|row| add_keys(row, &keys))?;
                let (texts, other) = texts_of(keys.iter());
                if let (true, Some(_), Some(problem)) = (self.names_all, other, problem_of_keys(&chunk)?) {
                    return coded(py, Err(problem.after_rows(seen)));
                }
                self.ingest.see_keys(texts.iter().map(String::as_str));
            }
            let batch = rows.batch(py, &declared)?;
            seen += chunk.len();
            drop(chunk);
            self.fold(py, |ingest| ingest.fold(&batch))?;
        }
    }

    fn tables<'py>(&mut self, tables: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>) -> PyResult<()> {
        for table in tables {
            let table = table?;
            if !self.table(&table)? {
                return Err(argument(
                    table.py(),
                    format!("a table is expected after tables, got {}", TypeName(&table)),
                ));
            }
        }
        Ok(())
    }
}

/// The reader of a dataset or a scanner of pyarrow, of the columns that may be read; `None` for anything else.
fn reader_of<'py>(data: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = data.py();
    if data.hasattr(intern!(py, "scanner"))? && data.hasattr(intern!(py, "to_batches"))? {
        return data.call_method0("scanner")?.call_method0("to_reader").map(Some);
    }
    if data.hasattr(intern!(py, "to_reader"))? && data.hasattr(intern!(py, "to_batches"))? {
        return data.call_method0("to_reader").map(Some);
    }
    Ok(None)
}

/// Refuses what is no sequence of rows, with what to do instead.
fn refuse_single(data: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = data.py();
    let refused = |message: String| Err(argument(py, message));
    if fields_of(data)?.is_some() && data.cast::<PyMapping>().is_err() {
        return refused(format!("{} is one row: wrap it in a list", TypeName(data)));
    }
    if data.get_type().name()?.to_cow()? == "LazyFrame" {
        return refused("a LazyFrame has no rows yet: give what its collect() returns".to_owned());
    }
    if data.hasattr("__aiter__")? {
        return refused("rows that come asynchronously are gathered first: [row async for row in rows]".to_owned());
    }
    let is_text =
        data.is_instance_of::<PyString>() || data.is_instance_of::<PyBytes>() || data.is_instance_of::<PyByteArray>();
    if is_text || !data.hasattr("__iter__")? {
        let expected =
            "a table with an Arrow interface, a mapping of columns or rows in a list or iterator are expected";
        return refused(format!("{expected}, got {}", TypeName(data)));
    }
    Ok(())
}

/// What an ingest tells: the number of rows, and where rows may be left out all about it.
pub fn told<'py>(py: Python<'py>, report: &Report, options: &IngestOptions) -> PyResult<Bound<'py, PyAny>> {
    if options.skips {
        return crate::json::to_python(py, &report.json());
    }
    Ok(report.rows.into_pyobject(py)?.into_any())
}
