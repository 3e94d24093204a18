//! The class `Result`: what a query found, as rows, as columns, and as Arrow.

use crate::arrow;
use crate::cells::{decimal_class, Epochs};
use crate::errors::guarded;
use crate::json::{argument, to_python};
use isofold::math::fixed;
use isofold::Value;
use isofold_facade::{doc, frame, Frame};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyFloat, PyIterator, PyList, PyString};
use std::sync::Arc;

#[doc = doc!(Result)]
#[pyclass(frozen, module = "isofold")]
pub struct Result {
    frame: Arc<Frame>,
}

impl Result {
    /// The result of a query.
    pub fn new(frame: Frame) -> Self {
        Self { frame: Arc::new(frame) }
    }

    fn shown(&self) -> String {
        format!("<isofold.Result of {} rows: {}>", self.frame.len(), self.names().join(", "))
    }

    fn names(&self) -> Vec<&str> {
        self.frame.columns().map(|(name, _)| name).chain(self.frame.states().map(|_| frame::STATE)).collect()
    }
}

#[pymethods]
impl Result {
    #[doc = doc!(Result.to_dicts)]
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        guarded(py, || {
            let columns: Vec<_> = self.frame.columns().map(|(name, _)| PyString::intern(py, name)).collect();
            let columns: Vec<_> = columns.iter().enumerate().map(|(at, name)| (name, self.frame.values(at))).collect();
            let states = self.frame.states();
            let list = PyList::empty(py);
            for row in 0..self.frame.len() {
                let dict = PyDict::new(py);
                for (name, values) in &columns {
                    dict.set_item(name, python_value(py, &values[row])?)?;
                }
                if let Some(state) = states.and_then(|states| states.get(row)) {
                    dict.set_item(frame::STATE, PyBytes::new(py, state))?;
                }
                list.append(dict)?;
            }
            Ok(list)
        })
    }

    #[doc = doc!(Result.column)]
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        guarded(py, || {
            if let (frame::STATE, Some(states)) = (name, self.frame.states()) {
                return PyList::new(py, states.iter().map(|state| PyBytes::new(py, state)));
            }
            let Some(position) = self.frame.position(name) else {
                let names = self.names().join(", ");
                return Err(argument(py, format!("the result has no column {name}, it has {names}")));
            };
            let values = self.frame.values(position).iter().map(|value| python_value(py, value));
            PyList::new(py, values.collect::<PyResult<Vec<_>>>()?)
        })
    }

    #[doc = doc!(Result.columns)]
    #[getter]
    fn columns(&self, py: Python<'_>) -> PyResult<Vec<&str>> {
        guarded(py, || Ok(self.names()))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        guarded(py, || Ok(self.frame.len()))
    }

    #[doc = doc!(Result.types)]
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(py, || {
            let types = PyDict::new(py);
            self.frame.columns().try_for_each(|(name, kind)| types.set_item(name, frame::type_name(kind)))?;
            if self.frame.states().is_some() {
                types.set_item(frame::STATE, "bytes")?;
            }
            Ok(types)
        })
    }

    #[doc = doc!(Result.warnings)]
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || to_python(py, &self.frame.warnings_json()))
    }

    #[doc = doc!(Result.total_rows)]
    #[getter]
    fn total_rows(&self, py: Python<'_>) -> PyResult<usize> {
        guarded(py, || Ok(self.frame.total_rows()))
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.to_dicts(py)?.try_iter()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guarded(py, || Ok(self.shown()))
    }

    #[doc = doc!(Result.__arrow_c_stream__)]
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // the protocol lets a producer answer with its own schema
        let _ = requested_schema;
        guarded(py, || {
            let frame = Arc::clone(&self.frame);
            let stream = py.detach(|| arrow::exported(&frame));
            let stream = stream.map_err(|error| argument(py, format!("the result is no Arrow table: {error}")))?;
            PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
        })
    }
}

fn python_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Int64(value) => value.into_pyobject(py)?.into_any(),
        Value::Float64(value) => PyFloat::new(py, f64::from_bits(value.to_bits())).into_any(),
        Value::Decimal(units, scale) => decimal_class(py)?.call1((fixed::write(*units, *scale),))?,
        Value::Timestamp(us) => Epochs::get(py)?.datetime(py, *us)?,
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::List(items) => {
            let items = items.iter().map(|item| python_value(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Counts(counts) => {
            let list = PyList::empty(py);
            for (value, count) in counts {
                let entry = PyDict::new(py);
                entry.set_item("value", python_value(py, value)?)?;
                entry.set_item("count", count)?;
                list.append(entry)?;
            }
            list.into_any()
        }
    })
}
