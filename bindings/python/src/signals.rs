//! Signals that Python sees while rows are folded without the GIL.

use crate::errors::coded;
use isofold::{Code, Result};
use isofold_facade::Interrupt;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two looks: well below what a person waits for, and long for taking the GIL.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Rows of Python objects between two looks at the time.
const LOOK_EVERY_ROWS: usize = 1024;

/// How long a loop keeps the GIL: as long as Python's own loop does.
const TURN: Duration = Duration::from_millis(5);

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
            py.check_signals()?;
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
            return Err(raised);
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
