//! The extension module `isofold._isofold`: registers the facade's names, converts Python's values, releases the GIL.
//!
//! Not here: what a value means in a column (`isofold_facade`), exceptions and type stubs (`pkg/python`).

mod access;
mod arguments;
mod arrow;
mod cells;
mod columns;
mod errors;
mod ingest;
mod json;
mod numpy;
mod numpy_time;
mod result;
mod rollup;
mod rows;
mod signals;
mod store;
mod stored_rows;

/// The kernel as Python sees it.
#[pyo3::pymodule]
mod _isofold {
    #[pymodule_export]
    use crate::result::Result;
    #[pymodule_export]
    use crate::rollup::Rollup;
    #[pymodule_export]
    use crate::store::{Run, Store};

    /// Names the place at which the kernel panics from now on, for tests of how hosts bear it.
    #[cfg(feature = "faults")]
    #[pyo3::pyfunction]
    fn break_at(place: &str) {
        isofold_facade::fault::break_at(place);
    }

    /// The version of the package and of the kernel.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// The release of the tz database inside the kernel.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const tzdb_version: &str = isofold::time::TZDB_VERSION;
}
