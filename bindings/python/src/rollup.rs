//! The class `Rollup`: what Python calls, and how its arguments are spelled.
//!
//! Not here: how the rollup is reached (`access`), rows of states (`stored_rows`).

use crate::arguments::{bytes_of, compiled, count, threads as threads_of};
use crate::errors::{coded, guarded};
use crate::ingest;
use crate::json::{self, argument};
use crate::result::Result as QueryResult;
use crate::stored_rows;
use isofold::limits::MAX_ROWS;
use isofold_facade::json::{ingest_options, Json};
use isofold_facade::{doc, Batch, Rollup as Facade, Shared};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

#[doc = doc!(Rollup)]
#[pyclass(frozen, module = "isofold")]
pub struct Rollup(pub(crate) Shared);

impl Rollup {
    /// The class of a rollup.
    pub fn new(rollup: Facade) -> Self {
        Self(Shared::new(rollup))
    }
}

#[pymethods]
impl Rollup {
    #[new]
    #[pyo3(signature = (spec, *, max_groups=None))]
    fn open(spec: &Bound<'_, PyAny>, max_groups: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let py = spec.py();
        guarded(py, || {
            let max_groups = count("max_groups", max_groups)?;
            let mut rollup = coded(py, compiled(spec)?)?;
            if let Some(max_groups) = max_groups {
                rollup = coded(py, rollup.with_max_groups(max_groups))?;
            }
            Ok(Self::new(rollup))
        })
    }

    #[doc = doc!(Rollup.decode)]
    #[staticmethod]
    #[pyo3(signature = (data, **within), text_signature = "(data, *, max_rows=None, max_groups=None, start=None, end=None)")]
    fn decode(data: &Bound<'_, PyAny>, within: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = data.py();
        guarded(py, || {
            let bytes = bytes_of(data)?;
            let bytes = bytes.as_bytes();
            let within = json::keywords(within)?;
            let decoded = py.detach(|| Facade::decode_within(bytes, &within, None));
            coded(py, decoded).map(Self::new)
        })
    }

    #[doc = doc!(Rollup.ingest)]
    #[pyo3(
        signature = (data, *, threads=None, strict=None, on_row_error=None),
        text_signature = "($self, data, *, threads=None, strict=False, on_row_error='stop')"
    )]
    fn ingest<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        threads: Option<&Bound<'py, PyAny>>,
        strict: Option<&Bound<'py, PyAny>>,
        on_row_error: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = data.py();
        guarded(py, || {
            let threads = threads_of(py, threads)?;
            let options = json::object([("strict", strict), ("on_row_error", on_row_error)])?;
            let options = coded(py, ingest_options(&options, threads))?;
            let report = ingest::ingest(&self.0, data, &options)?;
            ingest::told(py, &report, &options)
        })
    }

    #[doc = doc!(Rollup.merge)]
    #[pyo3(signature = (other, **within), text_signature = "($self, other, *, max_rows=None, max_groups=None, start=None, end=None)")]
    fn merge(&self, other: &Bound<'_, PyAny>, within: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let py = other.py();
        guarded(py, || {
            let other = self.operand(py, other, &json::keywords(within)?)?;
            self.write(py, |rollup| rollup.merge(&other))
        })
    }

    #[doc = doc!(Rollup.coarsen)]
    #[pyo3(signature = (*, bucket=None, group_by=None))]
    fn coarsen(
        &self,
        py: Python<'_>,
        bucket: Option<&Bound<'_, PyAny>>,
        group_by: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let options = json::object([("bucket", bucket), ("group_by", group_by)])?;
            self.derived(py, |rollup| rollup.coarsen(&options))
        })
    }

    #[doc = doc!(Rollup.slice)]
    #[pyo3(signature = (start=None, end=None))]
    fn slice(
        &self,
        py: Python<'_>,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let bounds = json::object([("start", start), ("end", end)])?;
            self.derived(py, |rollup| rollup.slice(&bounds))
        })
    }

    #[doc = doc!(Rollup.replace)]
    #[pyo3(
        signature = (start, end, other, **within),
        text_signature = "($self, start, end, other, *, max_rows=None, max_groups=None)"
    )]
    fn replace(
        &self,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
        other: &Bound<'_, PyAny>,
        within: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let py = other.py();
        guarded(py, || {
            let bounds = json::object([("start", start), ("end", end)])?;
            let other = self.operand(py, other, &json::keywords(within)?)?;
            self.write(py, |rollup| rollup.replace(&bounds, &other))
        })
    }

    #[doc = doc!(Rollup.prune)]
    fn prune(&self, before: &Bound<'_, PyAny>) -> PyResult<usize> {
        let py = before.py();
        guarded(py, || {
            let Json::Text(before_text) = json::from_python(before)? else {
                let message = format!("before must be a time, got {}", crate::cells::TypeName(before));
                return Err(argument(py, message));
            };
            self.write(py, |rollup| rollup.prune(&before_text))
        })
    }

    #[doc = doc!(Rollup.encode)]
    fn encode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.read(py, Facade::encode)?))
    }

    #[doc = doc!(Rollup.digest)]
    fn digest(&self, py: Python<'_>) -> PyResult<String> {
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
        guarded(py, || {
            let query = match (query, options) {
                (None, None) => Json::Object(Vec::new()),
                (None, Some(options)) => json::from_python(options)?,
                (Some(query), None) => json::from_python(query)?,
                (Some(_), Some(_)) => {
                    return Err(argument(py, "a query is given as a dict or as keywords, not as both".to_owned()));
                }
            };
            let frame = self.tried(py, |rollup| match &query {
                Json::Text(text) => rollup.query(text.as_str()),
                query => rollup.query(query),
            });
            frame.map(QueryResult::new)
        })
    }

    #[doc = doc!(Rollup.rows)]
    fn rows(&self, py: Python<'_>) -> PyResult<QueryResult> {
        self.tried(py, Facade::rows).map(QueryResult::new)
    }

    #[doc = doc!(Rollup.from_rows)]
    #[staticmethod]
    #[pyo3(
        signature = (spec, rows, *, max_groups=None, **options),
        text_signature = "(spec, rows, *, duplicates='refuse', max_rows=None, max_groups=None, start=None, end=None)"
    )]
    fn from_rows(
        spec: &Bound<'_, PyAny>,
        rows: &Bound<'_, PyAny>,
        max_groups: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let made = Self::open(spec, max_groups)?;
        let py = rows.py();
        guarded(py, || {
            let options = json::keywords(options)?;
            let declared = made.read(py, Facade::row_columns)?;
            let add = |batch: &Batch<'_>, states: &[&[u8]]| {
                coded(py, py.detach(|| made.0.write(|rollup| rollup.add_rows(batch, states, &options))))
            };
            stored_rows::read(rows, &declared, add)
        })?;
        Ok(made)
    }

    #[doc = doc!(Rollup.merge_rows)]
    #[pyo3(
        signature = (rows, **within),
        text_signature = "($self, rows, *, max_rows=None, max_groups=None, start=None, end=None)"
    )]
    fn merge_rows(&self, rows: &Bound<'_, PyAny>, within: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let py = rows.py();
        guarded(py, || {
            let within = json::keywords(within)?;
            let declared = self.read(py, Facade::row_columns)?;
            let merge = |batch: &Batch<'_>, states: &[&[u8]]| {
                coded(py, py.detach(|| self.0.write(|rollup| rollup.merge_rows(batch, states, &within))))
            };
            stored_rows::read(rows, &declared, merge)
        })
    }

    #[doc = doc!(Rollup.stats)]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.read(py, Facade::stats)?)
    }

    #[doc = doc!(Rollup.spec)]
    #[getter]
    fn spec<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.read(py, Facade::spec)?)
    }

    #[doc = doc!(Rollup.canonical)]
    #[getter]
    fn canonical(&self, py: Python<'_>) -> PyResult<bool> {
        self.read(py, Facade::is_canonical)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, Facade::size)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.read(py, |rollup| format!("<isofold.Rollup {} of {} groups>", rollup.name(), rollup.size()))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let options = PyDict::new(py);
        options.set_item("max_groups", self.read(py, Facade::max_groups)?)?;
        options.set_item("max_rows", MAX_ROWS)?;
        let decode = py.get_type::<Self>().getattr("decode")?;
        Ok((py.import("functools")?.getattr("partial")?.call((decode,), Some(&options))?, (self.encode(py)?,)))
    }
}
