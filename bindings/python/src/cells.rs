//! One Python value as a cell of a column.

use crate::numpy;
use isofold::value::TimeUnit;
use isofold_facade::cell::NOT_UNICODE;
use isofold_facade::{Cell, ColumnBuilder};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyDelta, PyFloat, PyInt, PyString, PyType, PyTzInfo};
use std::fmt;

/// Days from 0001-01-01, which is day 1 of `date.toordinal`, to 1970-01-01.
const EPOCH_ORDINAL: i64 = 719_163;

/// Appends a Python value to a column.
pub fn push(column: &mut ColumnBuilder<'static>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Ok(text) = value.cast::<PyString>() {
        match text.to_cow() {
            Ok(text) => column.push_text(&text),
            Err(_) => column.push(Cell::Other(NOT_UNICODE.into())),
        }
    } else {
        column.push(cell(value)?);
    }
    Ok(())
}

fn cell(value: &Bound<'_, PyAny>) -> PyResult<Cell<'static>> {
    if value.is_none() {
        return Ok(Cell::Null);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Cell::Number(number.value().to_bits()));
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Cell::Bool(value.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(integer(value));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Cell::Text(text.to_cow()?.into_owned().into()));
    }
    // the exact type is asked for first: a subclass may be pandas' missing time, which only its name tells
    if !value.is_exact_instance_of::<PyDateTime>() && is_missing(value)? {
        return Ok(Cell::Null);
    }
    if let Some(time) = time(value)? {
        return Ok(time);
    }
    if is_decimal(value)? {
        return Ok(Cell::Decimal(value.str()?.to_string().into()));
    }
    if let Some(time) = numpy::scalar(value)? {
        return Ok(time);
    }
    if let Some(plain) = plain_scalar(value)? {
        return cell(&plain);
    }
    Ok(Cell::Other(TypeName(value).to_string().into()))
}

fn integer(value: &Bound<'_, PyAny>) -> Cell<'static> {
    if let Ok(value) = value.extract() {
        return Cell::Int64(value);
    }
    if let Ok(value) = value.extract() {
        return Cell::UInt64(value);
    }
    let digits = value.to_string();
    Cell::Other(if digits.len() > 40 { "an integer of many digits".into() } else { digits.into() })
}

/// Whether the value is what pandas writes for a missing one: `NaT` (which is a datetime) or `NA`.
fn is_missing(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let name = value.get_type().name()?;
    Ok(matches!(name.to_cow()?.as_ref(), "NaTType" | "NAType"))
}

fn is_decimal(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(decimal_class(value.py())?)
}

/// `decimal.Decimal`.
pub fn decimal_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}

/// The Python value of a NumPy scalar, whose types are no subclasses of Python's.
fn plain_scalar<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let class = value.get_type();
    if class.module()?.to_cow()? != "numpy" {
        return Ok(None);
    }
    let name = class.name()?;
    let value = match name.to_cow()?.as_ref() {
        "ndarray" | "timedelta64" | "void" | "clongdouble" | "complex128" | "complex64" | "longdouble" => {
            return Ok(None)
        }
        _ => value.clone(),
    };
    let plain = value.call_method0("item")?;
    Ok((plain.get_type().module()?.to_cow()? != "numpy").then_some(plain))
}

/// Microseconds since the epoch of a datetime or date; without a zone it is UTC. `None` for anything else.
pub fn micros(value: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    Ok(match time(value)? {
        Some(Cell::Timestamp(us, _) | Cell::Local(us, TimeUnit::Microsecond)) => Some(us),
        Some(Cell::Local(seconds, _)) => Some(seconds * 1_000_000),
        _ => None,
    })
}

/// A datetime, or a date as its midnight; `None` for anything else.
fn time(value: &Bound<'_, PyAny>) -> PyResult<Option<Cell<'static>>> {
    if let Ok(time) = value.cast::<PyDateTime>() {
        let py = value.py();
        let epochs = Epochs::get(py)?;
        let zoned = !time.getattr(intern!(py, "tzinfo"))?.is_none();
        let epoch = if zoned { &epochs.utc } else { &epochs.naive };
        let elapsed = time.sub(epoch.bind(py))?;
        let part = |name: &Bound<'_, PyString>| elapsed.getattr(name)?.extract::<i64>();
        // a difference of datetimes has days in the thousands of years, and the rest below a day
        let seconds = part(intern!(py, "days"))? * 86_400 + part(intern!(py, "seconds"))?;
        let us = seconds * 1_000_000 + part(intern!(py, "microseconds"))?;
        let unit = TimeUnit::Microsecond;
        return Ok(Some(if zoned { Cell::Timestamp(us, unit) } else { Cell::Local(us, unit) }));
    }
    if value.is_instance_of::<PyDate>() {
        let day: i64 = value.call_method0("toordinal")?.extract()?;
        return Ok(Some(Cell::Local((day - EPOCH_ORDINAL) * 86_400, TimeUnit::Second)));
    }
    Ok(None)
}

/// 1970-01-01 with and without a zone.
pub struct Epochs {
    utc: Py<PyAny>,
    naive: Py<PyAny>,
}

impl Epochs {
    /// Made once for the process.
    pub fn get(py: Python<'_>) -> PyResult<&Self> {
        static EPOCHS: PyOnceLock<Epochs> = PyOnceLock::new();
        EPOCHS.get_or_try_init(py, || {
            let utc = PyTzInfo::utc(py)?.to_owned();
            Ok(Self {
                utc: PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc))?.into_any().unbind(),
                naive: PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, None)?.into_any().unbind(),
            })
        })
    }

    /// The aware UTC datetime of an instant; ISO 8601 text outside the years 1 to 9999, which Python has no datetime for.
    pub fn datetime<'py>(&self, py: Python<'py>, us: i64) -> PyResult<Bound<'py, PyAny>> {
        // timedelta's seconds and microseconds each take an i32
        let (seconds, micros) = (us.div_euclid(1_000_000), us.rem_euclid(1_000_000));
        let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let delta = PyDelta::new(py, days as i32, seconds as i32, micros as i32, false)?;
        match self.utc.bind(py).add(delta) {
            Ok(time) => Ok(time),
            Err(_) => Ok(isofold::time::format_timestamp(us).into_pyobject(py)?.into_any()),
        }
    }
}

/// Writes the type of a value as an error names it: `a list`, `a Decimal`.
pub struct TypeName<'a, 'py>(pub &'a Bound<'py, PyAny>);

impl fmt::Display for TypeName<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.get_type().name().map_or_else(|_| "value".to_owned(), |name| name.to_string());
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" };
        write!(f, "{article} {name}")
    }
}
