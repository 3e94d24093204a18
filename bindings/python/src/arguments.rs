//! Arguments of calls that are no rows: specs, bytes, threads.

use crate::cells::TypeName;
use crate::errors::coded;
use crate::json::{self, argument};
use isofold::{Code, Error, Result};
use isofold_facade::Rollup as Facade;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyInt, PyMemoryView, PyString};
use std::path::PathBuf;

/// The empty rollup of a spec: a dict, JSON text, or the path of a JSON file.
pub fn compiled(spec: &Bound<'_, PyAny>) -> PyResult<Result<Facade>> {
    if let Ok(text) = spec.cast::<PyString>() {
        let text = text.to_cow()?;
        if text.trim_start().starts_with('{') {
            return Ok(Facade::new(text.as_ref()));
        }
    }
    if let Ok(path) = spec.extract::<PathBuf>() {
        return Ok(Facade::new(std::fs::read_to_string(path)?.as_str()));
    }
    Ok(Facade::new(&json::from_python(spec)?))
}

/// The bytes of anything that is bytes: `bytes`, `bytearray`, `memoryview`.
pub fn bytes_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    if !value.is_instance_of::<PyByteArray>() && !value.is_instance_of::<PyMemoryView>() {
        let message = format!("a Rollup or its bytes are expected, got {}", TypeName(value));
        return Err(argument(value.py(), message));
    }
    Ok(value.py().get_type::<PyBytes>().call1((value,))?.cast_into()?)
}

/// The threads that an ingest gets of those it asks for.
pub fn threads(py: Python<'_>, asked: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
    let Some(asked) = asked.filter(|asked| !asked.is_none()) else {
        return coded(py, isofold_facade::threads(None));
    };
    // a bool is an int to Python, and no number of anything
    if !asked.is_instance_of::<PyInt>() || asked.is_instance_of::<PyBool>() {
        let error = Error::new(Code::HostArgument, format!("threads must be a whole number, got {}", TypeName(asked)));
        return coded(py, Err(error.within("threads")));
    }
    // an integer past 64 bits is as good as the largest
    let whole = asked.extract::<i64>().unwrap_or(if asked.lt(0)? { i64::MIN } else { i64::MAX });
    coded(py, isofold_facade::threads(Some(whole as f64)))
}

/// A count that is given by its name.
///
/// **Errors** `host.argument` for what is no whole number of 0 or more.
pub fn count(name: &str, asked: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let Some(asked) = asked.filter(|asked| !asked.is_none()) else { return Ok(None) };
    let is_number = asked.is_instance_of::<PyInt>() && !asked.is_instance_of::<PyBool>();
    if let (true, Ok(count)) = (is_number, asked.extract()) {
        return Ok(Some(count));
    }
    let got = if is_number { asked.to_string() } else { TypeName(asked).to_string() };
    let message = format!("{name} must be a whole number, 0 or more, got {got:.40}");
    coded(asked.py(), Err(Error::new(Code::HostArgument, message).within(name)))
}
