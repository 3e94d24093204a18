//! Specs, queries and options: Python values as JSON, and back.

use crate::cells::{micros, TypeName};
use crate::errors::coded;
use isofold::time::format_timestamp;
use isofold::{Code, Error};
use isofold_facade::json::Json;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

/// Nesting past which a Python value cannot be a spec: it may contain itself.
const MAX_DEPTH: usize = 64;

/// The JSON of a Python value: dicts, lists, texts, numbers, bools, None; datetimes become ISO 8601 texts.
///
/// **Errors** `host.argument` for anything else.
pub fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Json> {
    read(value, 0)
}

/// The JSON of keywords.
///
/// **Errors** `host.argument`.
pub fn keywords(given: Option<&Bound<'_, PyDict>>) -> PyResult<Json> {
    given.map_or_else(|| Ok(Json::Object(Vec::new())), |given| from_python(given))
}

fn read(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Json> {
    if depth > MAX_DEPTH {
        return refused(value.py(), format!("an argument must nest at most {MAX_DEPTH} deep"));
    }
    if value.is_none() {
        return Ok(Json::Null);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Json::Text(text.to_cow()?.into_owned()));
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Json::Bool(value.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return match value.extract() {
            Ok(value) => Ok(Json::Int64(value)),
            Err(_) => refused(value.py(), format!("the number {value} is outside int64")),
        };
    }
    if let Ok(value) = value.cast::<PyFloat>() {
        return Ok(Json::Number(value.value()));
    }
    if let Ok(entries) = value.cast::<PyDict>() {
        let read_entry = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let key = key.cast::<PyString>().map_err(|_| argument(key.py(), "keys must be texts".to_owned()))?;
            Ok((key.to_cow()?.into_owned(), read(&value, depth + 1)?))
        };
        return Ok(Json::Object(entries.iter().map(read_entry).collect::<PyResult<_>>()?));
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value.try_iter()?.map(|item| read(&item?, depth + 1));
        return Ok(Json::Array(items.collect::<PyResult<_>>()?));
    }
    if let Some(us) = micros(value)? {
        return Ok(Json::Text(format_timestamp(us)));
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        let dict = PyDict::new(value.py());
        dict.update(mapping)?;
        return read(dict.as_any(), depth + 1);
    }
    refused(value.py(), format!("{} is not a value of JSON", TypeName(value)))
}

/// The object of the keyword arguments that are given.
pub fn object<const N: usize>(entries: [(&str, Option<&Bound<'_, PyAny>>); N]) -> PyResult<Json> {
    let given = entries.into_iter().filter_map(|(key, value)| Some((key, value?)));
    Ok(Json::object(given.map(|(key, value)| Ok((key, from_python(value)?))).collect::<PyResult<Vec<_>>>()?))
}

/// The Python value of JSON.
pub fn to_python<'py>(py: Python<'py>, json: &Json) -> PyResult<Bound<'py, PyAny>> {
    Ok(match json {
        Json::Null => py.None().into_bound(py),
        Json::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Json::Int64(value) => value.into_pyobject(py)?.into_any(),
        Json::Number(value) => value.into_pyobject(py)?.into_any(),
        Json::Text(value) => value.into_pyobject(py)?.into_any(),
        Json::Array(items) => {
            let list = PyList::empty(py);
            items.iter().try_for_each(|item| list.append(to_python(py, item)?))?;
            list.into_any()
        }
        Json::Object(entries) => {
            let dict = PyDict::new(py);
            entries.iter().try_for_each(|(key, value)| dict.set_item(key, to_python(py, value)?))?;
            dict.into_any()
        }
    })
}

/// A refused argument.
pub fn argument(py: Python<'_>, message: String) -> PyErr {
    crate::errors::to_python(py, &Error::new(Code::HostArgument, message))
}

fn refused<T>(py: Python<'_>, message: String) -> PyResult<T> {
    coded(py, Err(Error::new(Code::HostArgument, message)))
}
