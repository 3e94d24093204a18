//! Columns and rows of Python objects as a batch.

use crate::arrow;
use crate::cells;
use crate::cells::TypeName;
use crate::errors::coded;
use crate::json::argument;
use crate::numpy;
use crate::signals::Turns;
use isofold::value::ColumnType;
use isofold_facade::{Batch, ColumnBuilder, HostColumn};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMapping, PyString, PyTuple};

/// Names and types of the columns to read.
pub type Declared = [(String, ColumnType)];

/// The batch of a mapping name → column: a dict, a pandas DataFrame.
///
/// Columns that are not declared are not looked at.
pub fn batch_of_columns(columns: &Bound<'_, PyAny>, declared: &Declared) -> PyResult<Batch<'static>> {
    let py = columns.py();
    let mut batch: Option<Batch<'static>> = None;
    for (name, _) in declared {
        if !columns.contains(name)? {
            continue;
        }
        let column = host_column(&columns.get_item(name)?)?;
        if batch.is_none() {
            batch = Some(coded(py, Batch::new(column.len()))?);
        }
        coded(py, batch.as_mut().map_or(Ok(()), |batch| batch.add(name, column)))?;
    }
    match batch {
        Some(batch) => Ok(batch),
        None => coded(py, Batch::new(0)),
    }
}

/// Rows that can be gone through twice: those of a list, of a result, or of a table with an Arrow interface.
pub fn rows_of<'py>(rows: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    // tables of Arrow iterate over columns, or not at all
    for method in ["to_pylist", "to_dicts"] {
        if rows.hasattr(method)? {
            return rows.call_method0(method)?.try_iter()?.collect();
        }
    }
    if rows.cast::<PyMapping>().is_ok() || rows.cast::<PyString>().is_ok() || !rows.hasattr("__iter__")? {
        let text = format!("a sequence of rows is expected, got {}", TypeName(rows));
        return Err(argument(rows.py(), text));
    }
    rows.try_iter()?.collect()
}

/// The batch of rows: mappings, in which an absent key is NULL. A column that no row has is absent from the batch.
pub fn batch_of_rows(rows: &Bound<'_, PyAny>, declared: &Declared) -> PyResult<Batch<'static>> {
    let py = rows.py();
    let names: Vec<_> = declared.iter().map(|(name, _)| PyString::intern(py, name)).collect();
    let mut columns = vec![ColumnBuilder::new(); declared.len()];
    let mut present = vec![false; declared.len()];
    let mut count = 0;
    let mut turns = Turns::new();
    for row in rows.try_iter()? {
        let row = row?;
        for ((name, column), present) in names.iter().zip(&mut columns).zip(&mut present) {
            match value_of(&row, name)? {
                Some(value) => {
                    *present = true;
                    cells::push(column, &value)?;
                }
                None => column.push(isofold_facade::Cell::Null),
            }
        }
        count += 1;
        turns.row(py)?;
    }
    let mut batch = coded(py, Batch::new(count))?;
    for (((name, _), column), present) in declared.iter().zip(columns).zip(present) {
        // no rows have every column
        if present || count == 0 {
            coded(py, batch.add(name, column.finish()))?;
        }
    }
    Ok(batch)
}

/// The batch of rows of a database: tuples with a value for each name.
pub fn batch_of_tuples(rows: &Bound<'_, PyList>, names: &[String]) -> PyResult<Batch<'static>> {
    let py = rows.py();
    let mut columns = vec![ColumnBuilder::new(); names.len()];
    for row in rows.iter() {
        let row = row.cast::<PyTuple>()?;
        if row.len() != names.len() {
            return Err(argument(py, format!("a row has {} values, wanted {}", row.len(), names.len())));
        }
        for (column, value) in columns.iter_mut().zip(row.iter()) {
            cells::push(column, &value)?;
        }
    }
    let mut batch = coded(py, Batch::new(rows.len()))?;
    names.iter().zip(columns).try_for_each(|(name, column)| coded(py, batch.add(name, column.finish())))?;
    Ok(batch)
}

pub fn value_of<'py>(row: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if let Ok(row) = row.cast::<PyDict>() {
        return row.get_item(name);
    }
    // a mapping that is registered as none, such as sqlite3.Row, still has keys
    if row.cast::<PyMapping>().is_err() && !row.hasattr("keys")? {
        return Err(argument(row.py(), format!("a row must be a mapping name → value, got {}", TypeName(row))));
    }
    match row.get_item(name) {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_absent(row.py(), &error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_absent(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<pyo3::exceptions::PyKeyError>(py)
        || error.is_instance_of::<pyo3::exceptions::PyIndexError>(py)
}

/// The column of an Arrow array, a pandas Series, a NumPy array, or of anything that can be iterated.
fn host_column(values: &Bound<'_, PyAny>) -> PyResult<HostColumn<'static>> {
    if is_pandas(values)? {
        return pandas_column(values);
    }
    if let Some(column) = arrow::column_of(values)? {
        return Ok(column);
    }
    if values.hasattr("__array_interface__")? {
        if let Some(column) = numpy::host_column(values)? {
            return Ok(column);
        }
        // as a list, an array of texts or objects has Python's values
        return collected(&values.call_method0("tolist")?);
    }
    collected(values)
}

fn collected(values: &Bound<'_, PyAny>) -> PyResult<HostColumn<'static>> {
    let is_text = values.is_instance_of::<PyString>();
    let is_bytes = values.is_instance_of::<PyBytes>() || values.is_instance_of::<PyByteArray>();
    if is_text || is_bytes || values.is_instance_of::<PyDict>() {
        return Err(argument(values.py(), format!("a column must be a sequence of values, got {}", TypeName(values))));
    }
    let items = values.try_iter().map_err(|_| {
        argument(values.py(), format!("a column must be a sequence of values, got {}", TypeName(values)))
    })?;
    let mut column = ColumnBuilder::new();
    let mut turns = Turns::new();
    for item in items {
        cells::push(&mut column, &item?)?;
        turns.row(values.py())?;
    }
    Ok(column.finish())
}

/// Whether the object is of pandas, whose own Arrow export needs pyarrow and turns NaN into NULL.
pub fn is_pandas(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let module = value.get_type().module()?;
    let module = module.to_cow()?;
    Ok(module == "pandas" || module.starts_with("pandas."))
}

fn pandas_column(series: &Bound<'_, PyAny>) -> PyResult<HostColumn<'static>> {
    let dtype = series.getattr("dtype")?;
    let kind: String = dtype.getattr("kind").and_then(|kind| kind.extract()).unwrap_or_default();
    let is_plain = dtype.get_type().module()?.to_cow()?.starts_with("numpy");
    if is_plain && kind != "O" {
        return host_column(&series.call_method0("to_numpy")?);
    }
    if dtype.hasattr("categories")? && dtype.hasattr("ordered")? {
        let categories = collected(&dtype.getattr("categories")?.call_method0("tolist")?)?;
        let codes = series.getattr("cat").and_then(|cat| cat.getattr("codes")).or_else(|_| series.getattr("codes"))?;
        let codes: Vec<i64> = codes.call_method0("tolist")?.extract()?;
        // −1 is no category
        let validity = codes.contains(&-1).then(|| codes.iter().map(|code| *code >= 0).collect());
        let places: Vec<u32> = codes.iter().map(|code| u32::try_from(*code).unwrap_or(u32::MAX)).collect();
        return Ok(categories.picked(&places).and_validity(validity));
    }
    if kind == "M" && !dtype.hasattr("pyarrow_dtype")? {
        let unit: String = dtype.getattr("unit").and_then(|unit| unit.extract()).unwrap_or_else(|_| "ns".to_owned());
        let options = PyDict::new(series.py());
        options.set_item("dtype", format!("datetime64[{unit}]"))?;
        return host_column(&series.call_method("to_numpy", (), Some(&options))?);
    }
    let is_arrow = dtype.hasattr("pyarrow_dtype")? || storage_of(&dtype)? == "pyarrow";
    if is_arrow {
        // present whenever pyarrow is, and then without copies
        if let Some(column) = arrow::column_of(&series.getattr("array")?.call_method0("__arrow_array__")?)? {
            return Ok(column);
        }
    }
    collected(&series.call_method0("tolist")?)
}

fn storage_of(dtype: &Bound<'_, PyAny>) -> PyResult<String> {
    if !dtype.hasattr("storage")? {
        return Ok(String::new());
    }
    dtype.getattr("storage")?.extract()
}

/// Whether rows are given: a list, or anything that can be iterated and is no mapping.
pub fn is_rows(data: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(data.is_instance_of::<PyList>() || (data.cast::<PyMapping>().is_err() && data.hasattr("__iter__")?))
}
