//! Rows of a table that keeps a rollup, read back.
//!
//! The one idea: buckets, keys and states are what counts; of a table with an Arrow interface they are read where they
//! lie, of other rows one by one.

use crate::arguments::bytes_of;
use crate::arrow::{Arrays, Table};
use crate::columns;
use crate::errors::coded;
use crate::json::argument;
use crate::rows::{value_of, Rows};
use isofold::Result;
use isofold_facade::frame::STATE;
use isofold_facade::{Batch, Declared, HostColumn, Source};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Gives bucket and keys as a batch, and the states beside them, to a function.
pub fn read<T>(
    rows: &Bound<'_, PyAny>,
    declared: &[Declared],
    take: impl FnOnce(&Batch<'_>, &[&[u8]]) -> PyResult<T>,
) -> PyResult<T> {
    let py = rows.py();
    let is_wanted = |name: &str| name == STATE || declared.iter().any(|declared| declared.name == name);
    if !columns::is_frame(rows)? {
        if let Some(arrays) = Arrays::of(rows, is_wanted)? {
            let tables = coded(py, py.detach(|| arrays.collect::<Result<Vec<_>>>()))?;
            let (batch, states) = coded(py, py.detach(|| of_tables(&tables, declared)))?;
            return take(&batch, &states);
        }
    }
    let rows: Vec<Bound<'_, PyAny>> = columns::rows_of(rows)?;
    let batch = Rows::read(py, rows.iter().cloned().map(Ok), declared)?.batch_of_present(py, declared)?;
    let name = PyString::intern(py, STATE);
    let states = rows.iter().enumerate().map(|(place, row)| match value_of(row, place, &name)? {
        Some(state) => bytes_of(&state),
        None => Err(argument(py, format!("a row has no {STATE}"))),
    });
    let states = states.collect::<PyResult<Vec<_>>>()?;
    let states: Vec<&[u8]> = states.iter().map(|state| state.as_bytes()).collect();
    take(&batch, &states)
}

/// One table where it lies; several below one another.
fn of_tables<'t>(tables: &'t [Table], declared: &[Declared]) -> Result<(Batch<'t>, Vec<&'t [u8]>)> {
    if let [table] = tables {
        return Ok((table.read(declared)?, table.binaries(STATE)?));
    }
    let (mut states, mut seen) = (Vec::new(), 0);
    let mut batches = Vec::with_capacity(tables.len());
    for table in tables {
        batches.push(table.read(declared).map_err(|error| error.after_rows(seen))?);
        states.extend(table.binaries(STATE).map_err(|error| error.after_rows(seen))?);
        seen += table.rows();
    }
    let mut batch = Batch::new(states.len())?;
    for Declared { name, .. } in declared {
        let parts: Vec<&HostColumn<'_>> = batches.iter().filter_map(|batch| batch.column(name)).collect();
        if !tables.is_empty() && parts.len() == tables.len() {
            batch.add(name, HostColumn::joined(parts.into_iter().cloned()))?;
        }
    }
    Ok((batch, states))
}
