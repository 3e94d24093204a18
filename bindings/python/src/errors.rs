//! Coded errors as `isofold.Error` and its subclasses.

use isofold::Error;
use isofold_facade::guard::caught;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;

/// The Python exception of a coded error: the class of its area, with every problem found.
pub fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

/// The result of the kernel as a result of Python.
pub fn coded<T>(py: Python<'_>, result: isofold::Result<T>) -> PyResult<T> {
    result.map_err(|error| to_python(py, &error))
}

/// What a function of the module gives, whatever happens in it: a panic is `host.panic`, which `except Exception` sees.
pub fn guarded<T>(py: Python<'_>, call: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    caught(call).unwrap_or_else(|panic| Err(to_python(py, &panic)))
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = MAKE.import(py, "isofold.errors", "make")?;
    let problems = PyList::empty(py);
    for problem in error.problems() {
        problems.append((problem.code().as_str(), problem.message(), problem.path(), problem.position()))?;
    }
    make.call1((problems,))
}
