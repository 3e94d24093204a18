//! isofold as a Node addon: the facade's verbs under the names that `pkg/npm` calls.
//!
//! Not here: behaviour (`bindings/facade`), the classes people use (`pkg/npm`).

mod batch;
mod collected;
mod error;
mod frame;
mod ingest;
mod kept;
mod memory;
mod rollup;
mod store;
mod work;

use napi_derive::napi;

/// The version of the package that this addon belongs to.
#[napi]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Names the place at which the kernel panics from now on, for tests of how hosts bear it.
#[cfg(feature = "faults")]
#[napi]
pub fn break_at(place: String) {
    isofold_facade::fault::break_at(&place);
}

/// The release of the tz database inside the kernel.
#[napi]
#[must_use]
pub fn tzdb_version() -> String {
    isofold::time::TZDB_VERSION.to_owned()
}
