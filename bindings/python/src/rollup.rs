//! The class `Rollup`.
//!
//! The one idea: the rollup lies behind an [`Arc`] in a lock that is only ever waited for without the GIL. Readers take
//! the Arc and let go of the lock; a writer keeps it, and copies the rollup only when a reader still holds it.

use crate::arrow_stream::{Arrays, Table};
use crate::columns;
use crate::errors::coded;
use crate::json::{self, argument};
use crate::result::Result as QueryResult;
use isofold::Result;
use isofold_facade::json::Json;
use isofold_facade::{doc, frame, Rollup as Facade};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyMapping, PyString};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

#[doc = doc!(Rollup)]
#[pyclass(frozen, module = "isofold")]
pub struct Rollup {
    inner: Mutex<Arc<Facade>>,
}

impl Rollup {
    /// The class of a rollup.
    pub fn new(rollup: Facade) -> Self {
        Self { inner: Mutex::new(Arc::new(rollup)) }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Facade>> {
        self.inner.lock().expect("a thread panicked while it changed this rollup")
    }

    /// Reads the rollup without the GIL.
    fn read<T: Send>(&self, py: Python<'_>, read: impl FnOnce(&Facade) -> T + Send) -> T {
        py.detach(|| {
            let rollup = Arc::clone(&self.lock());
            read(&rollup)
        })
    }

    /// Changes the rollup without the GIL.
    fn write<T: Send>(&self, py: Python<'_>, write: impl FnOnce(&mut Facade) -> Result<T> + Send) -> PyResult<T> {
        coded(py, py.detach(|| write(Arc::make_mut(&mut self.lock()))))
    }

    fn derived(&self, py: Python<'_>, derive: impl FnOnce(&Facade) -> Result<Facade> + Send) -> PyResult<Self> {
        coded(py, self.read(py, derive)).map(Self::new)
    }

    /// The other operand of merge and replace: a rollup, or the bytes of one with as many groups as this one may have.
    fn operand(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Arc<Facade>> {
        if let Ok(other) = other.cast::<Rollup>() {
            let other = other.get();
            return Ok(py.detach(|| Arc::clone(&other.lock())));
        }
        let bytes = bytes_of(other)?;
        let bytes = bytes.as_bytes();
        let max_groups = self.read(py, Facade::max_groups);
        coded(py, py.detach(|| Facade::decode_with_max_groups(bytes, max_groups))).map(Arc::new)
    }
}

#[pymethods]
impl Rollup {
    #[new]
    #[pyo3(signature = (spec, *, max_groups=None))]
    fn open(spec: &Bound<'_, PyAny>, max_groups: Option<usize>) -> PyResult<Self> {
        let py = spec.py();
        let mut rollup = coded(py, compiled(spec)?)?;
        if let Some(max_groups) = max_groups {
            rollup = coded(py, rollup.with_max_groups(max_groups))?;
        }
        Ok(Self::new(rollup))
    }

    #[doc = doc!(Rollup.decode)]
    #[staticmethod]
    #[pyo3(signature = (data, *, max_groups=None))]
    fn decode(data: &Bound<'_, PyAny>, max_groups: Option<usize>) -> PyResult<Self> {
        let bytes = bytes_of(data)?;
        let bytes = bytes.as_bytes();
        let decoded = data.py().detach(|| match max_groups {
            Some(max_groups) => Facade::decode_with_max_groups(bytes, max_groups),
            None => Facade::decode(bytes),
        });
        coded(data.py(), decoded).map(Self::new)
    }

    #[doc = doc!(Rollup.ingest)]
    #[pyo3(signature = (data, *, threads=None))]
    fn ingest(&self, data: &Bound<'_, PyAny>, threads: Option<usize>) -> PyResult<usize> {
        let py = data.py();
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.unwrap_or_else(available);
        let is_pandas = columns::is_pandas(data)?;
        if !is_pandas {
            if let Some(arrays) = Arrays::of(data)? {
                return self.write(py, |rollup| fold_arrays(rollup, arrays, threads));
            }
        }
        let declared = self.read(py, Facade::columns);
        let batch = if is_pandas || data.cast::<PyMapping>().is_ok() {
            columns::batch_of_columns(data, &declared)?
        } else if columns::is_rows(data)? {
            columns::batch_of_rows(data, &declared)?
        } else {
            let expected = "a table with an Arrow interface, a mapping of columns or a sequence of rows is expected";
            return Err(argument(py, format!("{expected}, got {}", crate::cells::TypeName(data))));
        };
        self.write(py, |rollup| {
            let mut ingest = rollup.start_ingest(threads);
            ingest.fold(&batch)?;
            rollup.finish_ingest(ingest)
        })
    }

    #[doc = doc!(Rollup.merge)]
    fn merge(&self, other: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = other.py();
        let other = self.operand(py, other)?;
        self.write(py, |rollup| rollup.merge(&other))
    }

    #[doc = doc!(Rollup.coarsen)]
    #[pyo3(signature = (*, bucket=None, group_by=None))]
    fn coarsen(
        &self,
        py: Python<'_>,
        bucket: Option<&Bound<'_, PyAny>>,
        group_by: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let options = json::object([("bucket", bucket), ("group_by", group_by)])?;
        self.derived(py, |rollup| rollup.coarsen(&options))
    }

    #[doc = doc!(Rollup.slice)]
    #[pyo3(signature = (start=None, end=None))]
    fn slice(
        &self,
        py: Python<'_>,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let bounds = json::object([("start", start), ("end", end)])?;
        self.derived(py, |rollup| rollup.slice(&bounds))
    }

    #[doc = doc!(Rollup.replace)]
    fn replace(
        &self,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
        other: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = other.py();
        let bounds = json::object([("start", start), ("end", end)])?;
        let other = self.operand(py, other)?;
        self.write(py, |rollup| rollup.replace(&bounds, &other))
    }

    #[doc = doc!(Rollup.prune)]
    fn prune(&self, before: &Bound<'_, PyAny>) -> PyResult<usize> {
        let Json::Text(before_text) = json::from_python(before)? else {
            let message = format!("before must be a time, got {}", crate::cells::TypeName(before));
            return Err(argument(before.py(), message));
        };
        self.write(before.py(), |rollup| rollup.prune(&before_text))
    }

    #[doc = doc!(Rollup.encode)]
    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.read(py, Facade::encode))
    }

    #[doc = doc!(Rollup.digest)]
    fn digest(&self, py: Python<'_>) -> String {
        self.read(py, Facade::digest)
    }

    #[doc = doc!(Rollup.query)]
    #[pyo3(signature = (query=None, /, **options))]
    fn query(
        &self,
        py: Python<'_>,
        query: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<QueryResult> {
        let query = match (query, options) {
            (None, None) => Json::Object(Vec::new()),
            (None, Some(options)) => json::from_python(options)?,
            (Some(query), None) => json::from_python(query)?,
            (Some(_), Some(_)) => {
                return Err(argument(py, "a query is given as a dict or as keywords, not as both".to_owned()));
            }
        };
        let frame = self.read(py, |rollup| match &query {
            Json::Text(text) => rollup.query(text.as_str()),
            query => rollup.query(query),
        });
        coded(py, frame).map(QueryResult::new)
    }

    #[doc = doc!(Rollup.rows)]
    fn rows(&self, py: Python<'_>) -> PyResult<QueryResult> {
        coded(py, self.read(py, Facade::rows)).map(QueryResult::new)
    }

    #[doc = doc!(Rollup.from_rows)]
    #[staticmethod]
    #[pyo3(signature = (spec, rows, *, max_groups=None))]
    fn from_rows(spec: &Bound<'_, PyAny>, rows: &Bound<'_, PyAny>, max_groups: Option<usize>) -> PyResult<Self> {
        let made = Self::open(spec, max_groups)?;
        let py = rows.py();
        let rows: Vec<Bound<'_, PyAny>> = columns::rows_of(rows)?;
        let declared = made.read(py, Facade::row_columns);
        let batch = columns::batch_of_rows(PyList::new(py, &rows)?.as_any(), &declared)?;
        let name = PyString::intern(py, frame::STATE);
        let states = rows.iter().map(|row| match columns::value_of(row, &name)? {
            Some(state) => bytes_of(&state),
            None => Err(argument(py, format!("a row has no {}", frame::STATE))),
        });
        let states = states.collect::<PyResult<Vec<_>>>()?;
        let states: Vec<&[u8]> = states.iter().map(|state| state.as_bytes()).collect();
        made.write(py, |rollup| rollup.add_rows(&batch, &states))?;
        Ok(made)
    }

    #[doc = doc!(Rollup.stats)]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.read(py, Facade::stats))
    }

    #[doc = doc!(Rollup.spec)]
    #[getter]
    fn spec<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.read(py, Facade::spec))
    }

    #[doc = doc!(Rollup.canonical)]
    #[getter]
    fn canonical(&self, py: Python<'_>) -> bool {
        self.read(py, Facade::is_canonical)
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.read(py, Facade::size)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        self.read(py, |rollup| format!("<isofold.Rollup {} of {} groups>", rollup.name(), rollup.size()))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let options = PyDict::new(py);
        options.set_item("max_groups", self.read(py, Facade::max_groups))?;
        let decode = py.get_type::<Self>().getattr("decode")?;
        Ok((py.import("functools")?.getattr("partial")?.call((decode,), Some(&options))?, (self.encode(py),)))
    }
}

/// The empty rollup of a spec: a dict, JSON text, or the path of a JSON file.
fn compiled(spec: &Bound<'_, PyAny>) -> PyResult<Result<Facade>> {
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

fn fold_arrays(rollup: &mut Facade, arrays: Arrays, threads: usize) -> Result<usize> {
    let mut ingest = rollup.start_ingest(threads);
    ingest.fold_all(arrays.map(|array| array.map(Table)))?;
    rollup.finish_ingest(ingest)
}

/// The bytes of anything that is bytes: `bytes`, `bytearray`, `memoryview`.
fn bytes_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let is_memory =
        value.is_instance_of::<pyo3::types::PyByteArray>() || value.is_instance_of::<pyo3::types::PyMemoryView>();
    if !is_memory {
        let message = format!("a Rollup or its bytes are expected, got {}", crate::cells::TypeName(value));
        return Err(argument(value.py(), message));
    }
    Ok(value.py().get_type::<PyBytes>().call1((value,))?.cast_into()?)
}
