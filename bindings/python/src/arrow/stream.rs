//! The arrays of an object with an Arrow interface.

#![expect(unsafe_code, reason = "a capsule holds a raw pointer")]

use super::abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use super::binaries::binaries;
use super::column::host_column;
use super::layout::Shape;
use super::window::{malformed, Window};
use crate::cells::TypeName;
use crate::errors::coded;
use crate::json::argument;
use isofold::{Code, Error, Result};
use isofold_facade::{Batch, Declared, HostColumn, HostValues, Source};
use pyo3::exceptions::{PyException, PyMemoryError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyString};
use std::ffi::CStr;
use std::ptr::NonNull;
use std::sync::Arc;

/// The arrays of an Arrow object, one after the other.
pub struct Arrays {
    shape: Arc<Shape>,
    from: From,
}

enum From {
    /// One array.
    One(Option<ArrowArray>),
    /// A stream that the producer fills.
    Stream(ArrowArrayStream),
}

impl Arrays {
    /// The arrays of an object with `__arrow_c_stream__` or `__arrow_c_array__`; `None` when it has neither.
    pub fn of(value: &Bound<'_, PyAny>, is_wanted: impl Fn(&str) -> bool) -> PyResult<Option<Self>> {
        let py = value.py();
        if value.hasattr(intern!(py, "__arrow_c_stream__"))? {
            let capsule = exported(value, intern!(py, "__arrow_c_stream__"))?;
            let place = pointer::<ArrowArrayStream>(&capsule, c"arrow_array_stream")?;
            // SAFETY: a capsule of this name holds an initialised stream, and the GIL is held.
            let mut stream = unsafe { ArrowArrayStream::moved_out_of(place) };
            if stream.release.is_none() {
                return Err(argument(py, "the Arrow stream is released already".to_owned()));
            }
            // a producer may ask for the GIL on another thread
            let schema = py.detach(|| stream.schema().map_err(|words| unreadable(&words)));
            let shape = coded(py, schema.and_then(|schema| Shape::of(&schema, is_wanted)))?;
            return Ok(Some(Self { shape: Arc::new(shape), from: From::Stream(stream) }));
        }
        if value.hasattr(intern!(py, "__arrow_c_array__"))? {
            let pair = exported(value, intern!(py, "__arrow_c_array__"))?;
            let Ok((schema, array)) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() else {
                let message = format!("__arrow_c_array__ must give a tuple of two capsules, got {}", TypeName(&pair));
                return Err(argument(py, message));
            };
            let schema = pointer::<ArrowSchema>(&schema, c"arrow_schema")?;
            let array = pointer::<ArrowArray>(&array, c"arrow_array")?;
            // SAFETY: a capsule of this name holds an initialised schema, which lives as long as `pair`.
            let shape = coded(py, Shape::of(unsafe { schema.as_ref() }, is_wanted))?;
            // SAFETY: a capsule of this name holds an initialised array, and the GIL is held.
            let array = unsafe { ArrowArray::moved_out_of(array) };
            return Ok(Some(Self { shape: Arc::new(shape), from: From::One(Some(array)) }));
        }
        Ok(None)
    }
}

impl Arrays {
    /// The names of all columns of a table.
    pub fn names(&self) -> &[String] {
        match &*self.shape {
            Shape::Table(names, _) => names,
            Shape::Column(_) => &[],
        }
    }
}

/// What an object exports; an exception of its own is the cause of a coded one.
///
/// **Errors** `host.argument`.
fn exported<'py>(value: &Bound<'py, PyAny>, method: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    value.call_method0(method).map_err(|cause| {
        // what a signal raises is no fault of the data, and what has a code keeps it
        let is_foreign = cause.is_instance_of::<PyException>(py) && !cause.is_instance_of::<PyMemoryError>(py);
        if !is_foreign || cause.value(py).hasattr(intern!(py, "problems")).unwrap_or(false) {
            return cause;
        }
        let words = cause.value(py).str().map_or_else(|_| String::new(), |words| format!(": {words}"));
        let kind = cause.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string());
        let error = argument(py, format!("{method} of {} raised {kind}{words}", TypeName(value)));
        error.set_cause(py, Some(cause));
        error
    })
}

/// The structure in a capsule of that name.
///
/// **Errors** `host.argument` for anything else.
fn pointer<T>(capsule: &Bound<'_, PyAny>, name: &CStr) -> PyResult<NonNull<T>> {
    let py = capsule.py();
    let wanted = name.to_string_lossy();
    let Ok(capsule) = capsule.cast::<PyCapsule>() else {
        return Err(argument(
            py,
            format!("the Arrow interface must give a capsule {wanted}, got {}", TypeName(capsule)),
        ));
    };
    capsule.pointer_checked(Some(name)).map(NonNull::cast).map_err(|cause| {
        let error = argument(py, format!("the Arrow interface must give a capsule {wanted}, got one of another name"));
        error.set_cause(py, Some(cause));
        error
    })
}

fn unreadable(words: &str) -> Error {
    Error::new(Code::HostArgument, format!("the Arrow data cannot be read: {words}"))
}

impl Iterator for Arrays {
    type Item = Result<Table>;

    fn next(&mut self) -> Option<Self::Item> {
        let array = match &mut self.from {
            From::One(array) => Ok(array.take()?),
            From::Stream(stream) => stream.next(),
        };
        let is_stream = matches!(self.from, From::Stream(_));
        match array {
            Ok(array) if is_stream && array.release.is_none() => None,
            Ok(array) => Some(Table::new(Arc::clone(&self.shape), array)),
            Err(words) => Some(Err(unreadable(&words))),
        }
    }
}

/// A struct array: what Arrow calls a record batch.
pub struct Table {
    shape: Arc<Shape>,
    array: ArrowArray,
    rows: usize,
}

impl Table {
    fn new(shape: Arc<Shape>, array: ArrowArray) -> Result<Self> {
        let rows = Window::whole(&array)?.rows;
        // the columns of a batch are as long
        Batch::new(rows)?;
        Ok(Self { shape, array, rows })
    }

    fn column(&self) -> Result<HostColumn<'_>> {
        match &*self.shape {
            Shape::Column(layout) => host_column(Window::whole(&self.array)?, layout),
            Shape::Table(..) => Err(Error::new(Code::HostArgument, "a column must have values, got an Arrow struct")),
        }
    }
}

impl Table {
    /// The bytes of a column that was asked for.
    ///
    /// **Errors** `ingest.column` where there is none; `host.argument` for an array that is no struct; those of
    /// [`binaries`].
    pub fn binaries(&self, name: &str) -> Result<Vec<&[u8]>> {
        let column = match &*self.shape {
            Shape::Table(names, columns) => columns.iter().find(|(_, known, _)| known == name).zip(Some(names.len())),
            Shape::Column(_) => None,
        };
        let Some(((place, _, layout), width)) = column else {
            return Err(Error::new(Code::IngestColumn, "the column is not there").within(name).within("column"));
        };
        let window = Window::whole(&self.array)?;
        let children = self.array.children(width).ok_or_else(|| malformed("has not the columns of its schema"))?;
        let bytes = window.of_child(children[*place]).and_then(|window| binaries(window, layout));
        bytes.map_err(|error| error.within(name).within("column"))
    }
}

impl Source for Table {
    fn rows(&self) -> usize {
        self.rows
    }

    /// In a row that is NULL as a whole every column is NULL.
    ///
    /// **Errors** `host.argument` for an array that is no struct; those of [`host_column`] and [`Batch::add`].
    fn read(&self, declared: &[Declared]) -> Result<Batch<'_>> {
        let Shape::Table(names, columns) = &*self.shape else {
            return Err(Error::new(Code::HostArgument, "a table must have columns, got an Arrow array of values"));
        };
        let window = Window::whole(&self.array)?;
        let children =
            self.array.children(names.len()).ok_or_else(|| malformed("has not the columns of its schema"))?;
        let mut batch = Batch::new(window.rows)?;
        let validity = window.validity()?;
        for (place, name, layout) in columns {
            if declared.iter().any(|declared| declared.name == *name) {
                let column = window.of_child(children[*place]).and_then(|window| host_column(window, layout));
                let column = column.map_err(|error| error.within(name).within("column"))?;
                batch.add(name, column.and_validity(validity.clone().map(std::convert::Into::into)))?;
            }
        }
        if columns.len() < declared.len() {
            // what is there instead is told; nobody reads it
            let others = names.iter().filter(|name| columns.iter().all(|(_, known, _)| known != *name));
            for name in others {
                if batch.column(name).is_none() {
                    batch.add(name, HostColumn::new(HostValues::Null(window.rows)))?;
                }
            }
        }
        Ok(batch)
    }
}

/// The column of an Arrow object that is one column: a pyarrow array, a polars Series. `None` for other objects.
pub fn column_of(value: &Bound<'_, PyAny>) -> PyResult<Option<HostColumn<'static>>> {
    let py = value.py();
    let Some(arrays) = Arrays::of(value, |_| false)? else { return Ok(None) };
    let joined = py.detach(|| {
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let mut seen = 0;
        let columns = arrays.iter().map(|array| {
            let column = array.column().map_err(|error| error.after_rows(seen));
            seen += array.rows;
            column
        });
        Ok(HostColumn::joined(columns.collect::<Result<Vec<_>>>()?))
    });
    coded(py, joined).map(Some)
}
