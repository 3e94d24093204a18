//! isofold in WebAssembly: the facade's verbs under the names that `pkg/npm` calls.
//!
//! Not here: behaviour (`bindings/facade`), the classes people use (`pkg/npm`).

// The standard library brings words for panics, which nobody could read here. On the host, where this is only checked,
// it brings what every program needs.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod batch;
mod error;
mod frame;
#[cfg(target_arch = "wasm32")]
mod heap;
#[cfg(target_arch = "wasm32")]
mod panic;
mod rollup;

use alloc::borrow::ToOwned;
use alloc::string::String;
use wasm_bindgen::prelude::wasm_bindgen;

/// Whether an allocation has found no memory; asked after a trap, it runs nothing that could trap again.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen]
#[must_use]
pub fn exhausted() -> bool {
    heap::is_exhausted()
}

/// Gives the module the secret under which its tables hash; false when it has one.
#[wasm_bindgen(js_name = setSecret)]
#[must_use]
pub fn set_secret(first: u64, second: u64) -> bool {
    isofold::secret::set([first, second])
}

/// The version of the package that this module belongs to.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
