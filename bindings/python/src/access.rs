//! How calls reach the rollup of an object: without the GIL.
//!
//! The one idea: the lock of [`Shared`](isofold_facade::Shared) is only ever waited for without the GIL and held by no code
//! of Python's. Rows are folded into a rollup of their own, which is merged in one step.

use crate::arguments::bytes_of;
use crate::errors::{coded, guarded};
use crate::rollup::Rollup;
use crate::signals::{self, CHANGED};
use isofold::Result;
use isofold_facade::json::Json;
use isofold_facade::Rollup as Facade;
use pyo3::prelude::*;
use std::sync::Arc;

impl Rollup {
    /// Reads the rollup without the GIL.
    pub fn read<T: Send>(&self, py: Python<'_>, read: impl FnOnce(&Facade) -> T + Send) -> PyResult<T> {
        self.tried(py, |rollup| Ok(read(rollup)))
    }

    /// Reads the rollup without the GIL, where that may be refused.
    pub fn tried<T: Send>(&self, py: Python<'_>, read: impl FnOnce(&Facade) -> Result<T> + Send) -> PyResult<T> {
        guarded(py, || coded(py, py.detach(|| read(&*self.0.read()?))))
    }

    /// Changes the rollup without the GIL.
    ///
    /// **Errors** what a signal's handler raises says that the rollup is changed.
    pub fn write<T: Send>(&self, py: Python<'_>, write: impl FnOnce(&mut Facade) -> Result<T> + Send) -> PyResult<T> {
        let written = coded(py, py.detach(|| self.0.write(write)))?;
        signals::after(py, CHANGED)?;
        Ok(written)
    }

    /// A rollup made of this one without the GIL.
    pub fn derived(&self, py: Python<'_>, derive: impl FnOnce(&Facade) -> Result<Facade> + Send) -> PyResult<Self> {
        self.tried(py, derive).map(Self::new)
    }

    /// The other operand of merge and replace, within a budget: a rollup, or the bytes of one with as many groups as this
    /// one may have.
    pub fn operand(&self, py: Python<'_>, other: &Bound<'_, PyAny>, within: &Json) -> PyResult<Arc<Facade>> {
        if let Ok(other) = other.cast::<Rollup>() {
            let other = &other.get().0;
            let checked = py.detach(|| other.read().and_then(|other| other.check_within(within).map(|()| other)));
            return coded(py, checked);
        }
        let bytes = bytes_of(other)?;
        let bytes = bytes.as_bytes();
        let max_groups = self.read(py, Facade::max_groups)?;
        coded(py, py.detach(|| Facade::decode_within(bytes, within, Some(max_groups)))).map(Arc::new)
    }
}
