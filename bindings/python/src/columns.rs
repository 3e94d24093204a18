//! Columns of Python objects as a batch.

use crate::arrow;
use crate::cells;
use crate::cells::TypeName;
use crate::errors::coded;
use crate::json::argument;
use crate::numpy;
use crate::rows::{no_name, texts_of};
use crate::signals::Turns;
use isofold::Code;
use isofold_facade::{Batch, ColumnBuilder, Declared, HostColumn, HostValues};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDate, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType};

/// The batch of a mapping name → column: a dict, a pandas DataFrame.
///
/// Columns that are not declared are not looked at.
pub fn batch_of_columns(columns: &Bound<'_, PyAny>, declared: &[Declared]) -> PyResult<Batch<'static>> {
    let py = columns.py();
    coded(py, check_names(columns, declared)?)?;
    let mut batch: Option<Batch<'static>> = None;
    let mut present = 0;
    for Declared { name, .. } in declared {
        if !columns.contains(name)? {
            continue;
        }
        present += 1;
        let values = columns.get_item(name)?;
        if is_single(&values)? {
            let message = format!("a column must be a sequence of values, got {}", TypeName(&values));
            return Err(argument(py, format!("{message}: one row is wrapped in a list")));
        }
        let column = host_column(&values)?;
        if batch.is_none() {
            batch = Some(coded(py, Batch::new(column.len()))?);
        }
        coded(py, batch.as_mut().map_or(Ok(()), |batch| batch.add(name, column)))?;
    }
    let mut batch = batch.map_or_else(|| coded(py, Batch::new(0)), Ok)?;
    if present < declared.len() {
        // what is there instead is told; nobody reads it
        for name in names_of(columns, false)?.iter().take(64) {
            if batch.column(name).is_none() {
                coded(py, batch.add(name, HostColumn::new(HostValues::Null(batch.rows()))))?;
            }
        }
    }
    Ok(batch)
}

/// Refuses a DataFrame of which a name does not tell the column.
///
/// **Errors** `ingest.column` for names of several levels, and for a declared column that is there twice.
fn check_names(columns: &Bound<'_, PyAny>, declared: &[Declared]) -> PyResult<isofold::Result<()>> {
    if !is_frame(columns)? {
        return Ok(Ok(()));
    }
    let index = columns.getattr("columns")?;
    let refused = |message: String| isofold::Error::new(Code::IngestColumn, message);
    if index.hasattr("levels")? {
        let shown = index
            .get_item(0)
            .and_then(|name| name.repr())
            .map_or_else(|_| String::new(), |name| format!(", such as {name}"));
        let levels: usize = index.getattr("nlevels")?.extract()?;
        let remedy = "give each one text: frame.columns = [\"_\".join(map(str, name)) for name in frame.columns]";
        return Ok(Err(refused(format!("the names of the columns have {levels} levels{shown}: {remedy}"))));
    }
    if index.getattr("is_unique")?.is_truthy()? {
        return Ok(Ok(()));
    }
    let names = texts_of(index.call_method0("tolist")?.try_iter()?.collect::<PyResult<Vec<_>>>()?.into_iter()).0;
    let twice = declared.iter().filter(|declared| names.iter().filter(|name| **name == declared.name).nth(1).is_some());
    let problem = |Declared { name, .. }: &Declared| {
        refused("the column is given twice".to_owned()).within(name).within("column")
    };
    Ok(isofold::Error::from_all(twice.map(problem).collect()).map_or(Ok(()), Err))
}

/// The names of the columns of a mapping or a DataFrame, as far as they are texts; where all are asked for, another is
/// refused.
///
/// **Errors** `ingest.column`.
pub fn names_of(columns: &Bound<'_, PyAny>, all: bool) -> PyResult<Vec<String>> {
    let (texts, other) = texts_of(columns.try_iter()?.collect::<PyResult<Vec<_>>>()?.into_iter());
    match other.filter(|_| all) {
        Some(other) => coded(columns.py(), Err(no_name(&other))),
        None => Ok(texts),
    }
}

/// Whether a value is one cell and no column.
fn is_single(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_plain = value.is_none()
        || value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>();
    Ok(is_plain || value.is_instance_of::<PyDate>())
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

/// Whether the object is of pandas or of a class derived from one of its classes: its own Arrow export needs pyarrow and
/// turns NaN into NULL.
fn is_pandas(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    for class in value.get_type().mro() {
        let module = class.cast::<PyType>()?.module()?;
        let module = module.to_cow()?;
        if module == "pandas" || module.starts_with("pandas.") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the object is a DataFrame of pandas.
pub fn is_frame(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(is_pandas(value)? && value.hasattr("columns")?)
}

fn pandas_column(series: &Bound<'_, PyAny>) -> PyResult<HostColumn<'static>> {
    if !series.hasattr("dtype")? || !series.hasattr("to_numpy")? {
        let message = format!("a column must be a sequence of values, got {}", TypeName(series));
        return Err(argument(series.py(), message));
    }
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
        let mut column = host_column(&series.call_method("to_numpy", (), Some(&options))?)?;
        // pandas gives the instants of times with a zone
        if let HostValues::Local(values, unit) = column.values {
            column.values = HostValues::Timestamp(values, unit);
        }
        return Ok(column);
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
