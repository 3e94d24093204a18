//! Signals that Python sees while rows are folded without the GIL.

use crate::errors::coded;
use isofold::{Code, Result};
use isofold_facade::Interrupt;
use pyo3::exceptions::{PyException, PyKeyboardInterrupt};
use pyo3::intern;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two looks: well below what a person waits for, and long for taking the GIL.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Rows of Python objects between two looks at the time.
const LOOK_EVERY_ROWS: usize = 1024;

/// How long a loop keeps the GIL: as long as Python's own loop does.
const TURN: Duration = Duration::from_millis(5);

/// What an interrupted ingest says that left the rollup as it was.
pub const NOTHING_FOLDED: &str = "nothing of this call was folded";

/// What an interrupted ingest says whose rows are in the rollup.
pub const ALL_FOLDED: &str = "all rows of this call were folded before it was interrupted";

/// What an interrupted change of a rollup says.
pub const CHANGED: &str = "the rollup was changed before the call was interrupted";

/// Lets the handlers of signals run that came in during a call, and tells with what they raise how far the call is.
pub fn after(py: Python<'_>, state: &str) -> PyResult<()> {
    py.check_signals().map_err(|raised| noted(py, raised, state))
}

/// What ends a call, telling how far it is where the handler of a signal may have raised it.
pub fn told(py: Python<'_>, error: PyErr, state: &str) -> PyErr {
    if error.is_instance_of::<PyException>(py) {
        return error;
    }
    noted(py, error, state)
}

/// The same exception with a note, once; Ctrl-C's own, which has no words, gets some.
fn noted(py: Python<'_>, error: PyErr, state: &str) -> PyErr {
    let value = error.value(py);
    // an exception that takes no words is still the one to be raised
    let _ = note(value.as_any(), state);
    error
}

fn note(raised: &Bound<'_, PyAny>, state: &str) -> PyResult<()> {
    let py = raised.py();
    let words = raised.getattr(intern!(py, "args"))?;
    if raised.is_exact_instance_of::<PyKeyboardInterrupt>() && words.is_empty()? {
        return raised.setattr(intern!(py, "args"), (state,));
    }
    // notes are of Python 3.11 and newer
    let Some(add) = raised.getattr_opt(intern!(py, "add_note"))? else { return Ok(()) };
    let notes = raised.getattr_opt(intern!(py, "__notes__"))?;
    if words.contains(state)? || notes.map_or(Ok(false), |notes| notes.contains(state))? {
        return Ok(());
    }
    add.call1((state,)).map(drop)
}

/// A loop over Python objects that lets other threads and signals have their turn, as a loop of Python's would.
pub struct Turns {
    begun: Instant,
    rows: usize,
}

impl Turns {
    /// The loop begins.
    pub fn new() -> Self {
        Self { begun: Instant::now(), rows: 0 }
    }

    /// A row is done.
    ///
    /// **Errors** what the handler of a signal raises.
    pub fn row(&mut self, py: Python<'_>) -> PyResult<()> {
        self.rows += 1;
        if self.rows.is_multiple_of(LOOK_EVERY_ROWS) && self.begun.elapsed() >= TURN {
            py.detach(|| ());
            after(py, NOTHING_FOLDED)?;
            self.begun = Instant::now();
        }
        Ok(())
    }
}

/// What the handlers of signals raised during a call.
pub struct Signals(Arc<Mutex<Option<PyErr>>>);

impl Signals {
    /// None so far.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// What stops work once a handler raises, as that of Ctrl-C does.
    pub fn interrupt(&self) -> Interrupt {
        let (raised, last) = (Arc::clone(&self.0), Mutex::new(Instant::now()));
        Interrupt::new(move || {
            let is_due = {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                let is_due = last.elapsed() >= LOOK_EVERY;
                if is_due {
                    *last = Instant::now();
                }
                is_due
            };
            // a handler runs any Python, so no lock is held meanwhile
            let Some(error) = is_due.then(|| Python::attach(|py| py.check_signals().err())).flatten() else {
                return false;
            };
            *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            true
        })
    }

    /// The outcome of the call: what was raised comes before its result.
    pub fn outcome<T>(&self, py: Python<'_>, result: Result<T>) -> PyResult<T> {
        if let Some(raised) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(noted(py, raised, NOTHING_FOLDED));
        }
        match result {
            // of what a handler raised inside a producer only the name comes through the C interface
            Err(error) if error.code() == Code::HostArgument && error.message().contains("KeyboardInterrupt") => {
                Err(PyKeyboardInterrupt::new_err(()))
            }
            result => coded(py, result),
        }
    }
}
