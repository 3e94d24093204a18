//! The conversations that `isofold.stores` has with a database: statements out, rows in.
//!
//! Not here: connections and cursors (`pkg/python/src/isofold/stores`).

use crate::columns::batch_of_tuples;
use crate::errors::{coded, guarded};
use crate::json::{self, argument};
use crate::result::Result as QueryResult;
use crate::rollup::Rollup;
use isofold::time::format_timestamp;
use isofold::{Code, Error};
use isofold_facade::guard::caught;
use isofold_facade::json::Json;
use isofold_stores::engine::{Outcome, Run as Engine, SqlValue, Step, Store as EngineStore};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use std::sync::{Mutex, PoisonError};

/// A catalog in the dialect of a database.
#[pyclass(frozen, module = "isofold._isofold")]
pub struct Store(EngineStore);

/// One conversation.
#[pyclass(frozen, module = "isofold._isofold")]
pub struct Run {
    run: Mutex<isofold::Result<Engine>>,
    /// The names of the columns of the rows that are streamed.
    columns: Mutex<Vec<String>>,
}

impl Run {
    fn new(run: Engine) -> Self {
        Self { run: Mutex::new(Ok(run)), columns: Mutex::new(Vec::new()) }
    }

    fn told<'py>(&self, py: Python<'py>, step: Step) -> PyResult<Option<Bound<'py, PyTuple>>> {
        match step {
            Step::Run { sql, parameters } => {
                let parameters =
                    parameters.iter().map(|value| python_value(py, value)).collect::<PyResult<Vec<_>>>()?;
                Ok(Some((sql, PyTuple::new(py, parameters)?).into_pyobject(py)?))
            }
            Step::Stream { sql, columns } => {
                let names = columns.into_iter().map(|(name, _)| name).collect();
                *self.columns.lock().unwrap_or_else(PoisonError::into_inner) = names;
                Ok(Some((sql, py.None()).into_pyobject(py)?))
            }
            Step::Done => Ok(None),
        }
    }

    /// Goes on with the run, without the GIL; one that panicked says so from then on.
    fn with<T: Send>(&self, py: Python<'_>, act: impl FnOnce(&mut Engine) -> isofold::Result<T> + Send) -> PyResult<T> {
        coded(
            py,
            py.detach(|| {
                let mut slot = self.run.lock().unwrap_or_else(PoisonError::into_inner);
                let run = slot.as_mut().map_err(|lost| lost.clone())?;
                caught(|| act(run)).unwrap_or_else(|panic| {
                    *slot = Err(panic.clone());
                    Err(panic)
                })
            }),
        )
    }
}

fn error_of(code: &str, message: &str) -> Error {
    let known = Code::ALL.iter().copied().find(|known| known.as_str() == code);
    Error::new(known.unwrap_or(Code::StoreDatabase), message)
}

fn started(options: &Bound<'_, PyDict>, start: impl FnOnce(&Json) -> isofold::Result<Engine>) -> PyResult<Run> {
    let py = options.py();
    guarded(py, || coded(py, start(&json::from_python(options)?)).map(Run::new))
}

#[pymethods]
impl Store {
    #[new]
    fn open(catalog: &Bound<'_, PyAny>, dialect: &str) -> PyResult<Self> {
        let py = catalog.py();
        guarded(py, || {
            let store = match json::from_python(catalog)? {
                Json::Text(text) => EngineStore::new(text.as_str(), dialect),
                catalog => EngineStore::new(&catalog, dialect),
            };
            coded(py, store).map(Self)
        })
    }

    /// The names of the rollups, each after the one it is built from.
    #[getter]
    fn names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guarded(py, || Ok(self.0.names()))
    }

    fn limit_memory(&self, py: Python<'_>, max_bytes: usize) -> PyResult<()> {
        guarded(py, || {
            self.0.limit_memory(max_bytes);
            Ok(())
        })
    }

    /// The seconds between two refreshes of each rollup.
    fn schedule<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || json::to_python(py, &self.0.schedule()))
    }

    fn init(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.init(options))
    }

    fn plan(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.plan(options))
    }

    fn due(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.due(options))
    }

    fn runs(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.runs(options))
    }

    fn columns(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.columns(options))
    }

    fn refresh(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.refresh(options))
    }

    fn query(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.query(options))
    }

    fn load(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.load(options))
    }

    fn check(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.check(options))
    }

    fn invalidate(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.invalidate(options))
    }

    fn reset(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.reset(options))
    }

    fn prune(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.prune(options))
    }

    fn drop(&self, options: &Bound<'_, PyDict>) -> PyResult<Run> {
        started(options, |options| self.0.drop(options))
    }

    fn note_failure(&self, py: Python<'_>, rollup: &str, code: &str, message: &str) -> PyResult<Run> {
        guarded(py, || Ok(Run::new(self.0.note_failure(rollup, &error_of(code, message)))))
    }
}

#[pymethods]
impl Run {
    /// The next step: `(sql, parameters)`, `(sql, None)` for rows to stream into `fold`, `None` at the end.
    fn advance<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyList>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let rows = rows.iter().map(|row| sql_row(&row)).collect::<PyResult<Vec<_>>>()?;
        let step = self.with(py, |run| run.advance(rows))?;
        self.told(py, step)
    }

    /// The next step where the one before failed with a code and a message.
    fn fail<'py>(&self, py: Python<'py>, code: &str, message: &str) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let step = self.with(py, |run| run.fail(error_of(code, message)))?;
        self.told(py, step)
    }

    /// Folds rows of the statement that is streamed: a list of tuples.
    fn fold(&self, rows: &Bound<'_, PyList>) -> PyResult<()> {
        let py = rows.py();
        let columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let batch = guarded(py, || batch_of_tuples(rows, &columns))?;
        self.with(py, |run| run.fold(&batch))
    }

    /// What the run ended with: a report, `(result, report)`, or a rollup.
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.with(py, |run| Ok(run.take_outcome()))? {
            Some(Outcome::Json(report)) => json::to_python(py, &report),
            Some(Outcome::Answer(frame, report)) => {
                let result = Bound::new(py, QueryResult::new(frame))?;
                Ok((result, json::to_python(py, &report)?).into_pyobject(py)?.into_any())
            }
            Some(Outcome::Rollup(rollup)) => Ok(Bound::new(py, Rollup::new(rollup))?.into_any()),
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// How far the run is.
    fn progress<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let progress = self.with(py, |run| Ok(run.progress()))?;
        let report = PyDict::new(py);
        report.set_item("rollup", &progress.rollup)?;
        report.set_item("start", progress.window.map(|(start, _)| format_timestamp(start)))?;
        report.set_item("end", progress.window.map(|(_, end)| format_timestamp(end)))?;
        report.set_item("rows_read", progress.rows_read)?;
        report.set_item("groups_written", progress.groups_written)?;
        Ok(report)
    }
}

fn sql_row(row: &Bound<'_, PyAny>) -> PyResult<Vec<SqlValue>> {
    row.cast::<PyTuple>()?.iter().map(|value| sql_value(&value)).collect()
}

fn sql_value(value: &Bound<'_, PyAny>) -> PyResult<SqlValue> {
    if value.is_none() {
        return Ok(SqlValue::Null);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(SqlValue::Text(text.to_cow()?.into_owned()));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(SqlValue::Bytes(bytes.as_bytes().to_vec()));
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(SqlValue::Bool(value.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(SqlValue::Int64(value.extract()?));
    }
    if let Ok(value) = value.cast::<PyFloat>() {
        return Ok(SqlValue::Float64(value.value()));
    }
    let message = format!("a driver returned {}, which no statement asks for", crate::cells::TypeName(value));
    Err(argument(value.py(), message))
}

fn python_value<'py>(py: Python<'py>, value: &SqlValue) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        SqlValue::Null => py.None().into_bound(py),
        SqlValue::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        SqlValue::Int64(value) => value.into_pyobject(py)?.into_any(),
        SqlValue::Float64(value) => PyFloat::new(py, *value).into_any(),
        SqlValue::Text(text) => PyString::new(py, text).into_any(),
        SqlValue::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
    })
}
