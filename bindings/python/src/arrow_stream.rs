//! Arrow tables and arrays by PyCapsule: pyarrow, polars, duckdb and others, none of which needs to be installed.

#![expect(unsafe_code, reason = "the Arrow C data interface is made of raw pointers")]

use crate::arrow_in;
use arrow_array::ffi::{from_ffi, FFI_ArrowArray};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{make_array, Array, ArrayRef, StructArray};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::ArrowError;
use isofold::value::ColumnType;
use isofold::{Code, Error, Result};
use isofold_facade::{Batch, HostColumn, Source};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

/// The arrays of an Arrow object, one after the other.
pub enum Arrays {
    /// One array.
    One(Option<ArrayRef>),
    /// A stream that the producer fills.
    Stream(ArrayStreamReader),
}

impl Arrays {
    /// The arrays of an object with `__arrow_c_stream__` or `__arrow_c_array__`; `None` when it has neither.
    pub fn of(value: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let py = value.py();
        if value.hasattr(intern!(py, "__arrow_c_stream__"))? {
            let capsule = value.call_method0(intern!(py, "__arrow_c_stream__"))?;
            let capsule = capsule.cast::<PyCapsule>()?;
            let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?.cast::<FFI_ArrowArrayStream>();
            // SAFETY: a capsule of this name holds an initialised stream, which is moved out and so released once.
            let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
            let reader = ArrayStreamReader::try_new(stream).map_err(|error| unreadable(py, &error))?;
            return Ok(Some(Arrays::Stream(reader)));
        }
        if value.hasattr(intern!(py, "__arrow_c_array__"))? {
            let pair = value.call_method0(intern!(py, "__arrow_c_array__"))?;
            let pair = pair.cast::<PyTuple>()?;
            return Ok(Some(Arrays::One(Some(imported(&pair.get_item(0)?, &pair.get_item(1)?)?))));
        }
        Ok(None)
    }
}

fn imported(schema: &Bound<'_, PyAny>, array: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    let schema = schema.cast::<PyCapsule>()?.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let pointer = array.cast::<PyCapsule>()?.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // SAFETY: capsules of these names hold an initialised schema and array that belong together. The array is moved
    // out and so released once; the schema is only read while its capsule lives.
    let data = unsafe { from_ffi(FFI_ArrowArray::from_raw(pointer.as_ptr()), schema.as_ref()) };
    data.map(make_array).map_err(|error| unreadable(array.py(), &error))
}

impl Iterator for Arrays {
    type Item = Result<ArrayRef>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Arrays::One(array) => array.take().map(Ok),
            Arrays::Stream(reader) => reader.next().map(|array| array.map_err(|error| coded(&error))),
        }
    }
}

fn coded(error: &ArrowError) -> Error {
    Error::new(Code::HostArgument, format!("the Arrow data cannot be read: {error}"))
}

fn unreadable(py: Python<'_>, error: &ArrowError) -> PyErr {
    crate::errors::to_python(py, &coded(error))
}

/// A struct array: what Arrow calls a record batch.
pub struct Table(pub ArrayRef);

impl Source for Table {
    fn rows(&self) -> usize {
        self.0.len()
    }

    /// **Errors** `host.argument` for an array that is no struct; those of [`Batch::add`].
    fn read(&self, declared: &[(String, ColumnType)]) -> Result<Batch<'_>> {
        let Some(table) = self.0.as_any().downcast_ref::<StructArray>() else {
            let message = format!("a table must have columns, got an Arrow array of {}", self.0.data_type());
            return Err(Error::new(Code::HostArgument, message));
        };
        let mut batch = Batch::new(table.len())?;
        for (field, column) in table.fields().iter().zip(table.columns()) {
            if declared.iter().any(|(name, _)| name == field.name()) {
                batch.add(field.name(), arrow_in::host_column(column.as_ref()))?;
            }
        }
        Ok(batch)
    }
}

/// The column of an Arrow object that is one column: a pyarrow array, a polars Series. `None` for other objects.
pub fn column(value: &Bound<'_, PyAny>) -> PyResult<Option<HostColumn<'static>>> {
    let Some(arrays) = Arrays::of(value)? else { return Ok(None) };
    let arrays = crate::errors::coded(value.py(), arrays.collect::<Result<Vec<_>>>())?;
    Ok(Some(HostColumn::joined(arrays.iter().map(|array| arrow_in::host_column(array.as_ref())))))
}
