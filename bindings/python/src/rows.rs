//! Rows of Python objects as a batch: mappings, named tuples, dataclasses, models.

use crate::cells;
use crate::cells::TypeName;
use crate::errors::coded;
use crate::json::argument;
use crate::signals::Turns;
use isofold_facade::{Batch, Cell, ColumnBuilder, Declared};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PySet, PyString};

/// Rows read into columns.
pub struct Rows {
    count: usize,
    columns: Vec<ColumnBuilder<'static>>,
    /// Which declared columns a row has, be it NULL.
    present: Vec<bool>,
}

impl Rows {
    /// Reads the declared columns; a key that a row lacks is NULL.
    ///
    /// **Errors** `host.argument` for what is no row.
    pub fn read<'py>(
        py: Python<'py>,
        rows: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        declared: &[Declared],
    ) -> PyResult<Self> {
        let names: Vec<_> = declared.iter().map(|declared| PyString::intern(py, &declared.name)).collect();
        let mut read = Self {
            count: 0,
            columns: vec![ColumnBuilder::new(); declared.len()],
            present: vec![false; declared.len()],
        };
        let mut turns = Turns::new();
        for row in rows {
            let row = row?;
            for ((name, column), present) in names.iter().zip(&mut read.columns).zip(&mut read.present) {
                match value_of(&row, name)? {
                    Some(value) => {
                        *present = true;
                        cells::push(column, &value)?;
                    }
                    None => column.push(Cell::Null),
                }
            }
            read.count += 1;
            turns.row(py)?;
        }
        Ok(read)
    }

    /// Which declared columns a row has.
    pub fn present(&self) -> &[bool] {
        &self.present
    }

    /// The batch of all declared columns.
    pub fn batch(self, py: Python<'_>, declared: &[Declared]) -> PyResult<Batch<'static>> {
        let mut batch = coded(py, Batch::new(self.count))?;
        let mut columns = declared.iter().zip(self.columns);
        columns.try_for_each(|(declared, column)| coded(py, batch.add(&declared.name, column.finish())))?;
        Ok(batch)
    }

    /// The batch of the columns that some row has; no rows have every column.
    pub fn batch_of_present(self, py: Python<'_>, declared: &[Declared]) -> PyResult<Batch<'static>> {
        let mut batch = coded(py, Batch::new(self.count))?;
        for ((declared, column), present) in declared.iter().zip(self.columns).zip(self.present) {
            if present || self.count == 0 {
                coded(py, batch.add(&declared.name, column.finish()))?;
            }
        }
        Ok(batch)
    }
}

/// The value of a row under a name; `None` where it has none.
pub fn value_of<'py>(row: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if let Ok(row) = row.cast::<PyDict>() {
        return row.get_item(name);
    }
    if let Some(fields) = fields_of(row)? {
        return if fields.contains(name)? { row.getattr(name).map(Some) } else { Ok(None) };
    }
    if !is_mapping(row)? {
        let message = format!("a row must be a mapping name → value, got {}", TypeName(row));
        return Err(argument(row.py(), message));
    }
    match row.get_item(name) {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_absent(row.py(), &error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts the names that a row has into a set.
pub fn add_keys<'py>(row: &Bound<'py, PyAny>, keys: &Bound<'py, PySet>) -> PyResult<()> {
    let names = match fields_of(row)? {
        Some(fields) => fields,
        None => row.call_method0(intern!(row.py(), "keys"))?,
    };
    keys.call_method1(intern!(row.py(), "update"), (names,)).map(drop)
}

/// The names of the fields of a named tuple, a dataclass, a model of pydantic, a struct of msgspec; `None` for others.
pub fn fields_of<'py>(row: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = row.py();
    let class = row.get_type();
    let places = [
        intern!(py, "_fields"),
        intern!(py, "__dataclass_fields__"),
        intern!(py, "model_fields"),
        intern!(py, "__pydantic_fields__"),
        intern!(py, "__struct_fields__"),
    ];
    // a mapping has keys, whatever else its class has
    if is_mapping(row)? {
        return Ok(None);
    }
    for place in places {
        if let Ok(fields) = class.getattr(place) {
            return Ok(Some(fields));
        }
    }
    Ok(None)
}

/// A mapping; one that is registered as none, such as `sqlite3.Row`, still has keys.
fn is_mapping(row: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(row.cast::<PyMapping>().is_ok() || row.hasattr(intern!(row.py(), "keys"))?)
}

fn is_absent(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<pyo3::exceptions::PyKeyError>(py)
        || error.is_instance_of::<pyo3::exceptions::PyIndexError>(py)
}
