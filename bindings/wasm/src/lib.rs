//! isofold in WebAssembly: the facade's verbs under the names that `pkg/npm` calls.
//!
//! Not here: behaviour (`bindings/facade`), the classes people use (`pkg/npm`).

mod batch;
mod error;
mod frame;
#[cfg(target_arch = "wasm32")]
mod heap;
mod rollup;

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of the package that this module belongs to.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
