//! The columns of a result, each copied out once.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use isofold_facade::packed_frame::{packed_output, PackedItems, PackedOutput};
use isofold_facade::Frame as Facade;
use js_sys::{BigInt64Array, BigUint64Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::JsValue;

/// A result.
#[wasm_bindgen]
pub struct Frame(pub(crate) Facade);

#[wasm_bindgen]
impl Frame {
    /// Number of rows.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// Number of rows without a limit.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.total_rows()
    }

    /// JSON: `[{"name", "type"}]`.
    #[must_use]
    pub fn columns(&self) -> String {
        self.0.columns_json().to_string()
    }

    /// JSON: `[{"code", "message", "metric", "bucket", "key"}]`.
    #[must_use]
    pub fn warnings(&self) -> String {
        self.0.warnings_json().to_string()
    }

    /// A column; `undefined` when there is none at that index.
    #[must_use]
    pub fn column(&self, index: usize) -> Option<Output> {
        packed_output(&self.0, index).map(Output)
    }
}

/// One column of a result.
#[wasm_bindgen]
pub struct Output(PackedOutput);

#[wasm_bindgen]
impl Output {
    /// The values, or the items of all lists: `BigUint64Array` (bits of doubles), `BigInt64Array`, `Uint8Array`
    /// (booleans) or an array of texts.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn items(&self) -> JsValue {
        match &self.0.items {
            PackedItems::Bool(items) => Uint8Array::from(items.as_slice()).into(),
            PackedItems::Int64(items) => BigInt64Array::from(items.as_slice()).into(),
            PackedItems::Number(items) => BigUint64Array::from(items.as_slice()).into(),
            PackedItems::Text(items) => items.clone().into(),
        }
    }

    /// A 0 where a row is NULL.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn valid(&self) -> Option<Vec<u8>> {
        self.0.valid.clone()
    }

    /// Where each list ends in the items.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn ends(&self) -> Option<Vec<u32>> {
        self.0.ends.clone()
    }

    /// How often each item occurs.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn counts(&self) -> Option<Vec<i64>> {
        self.0.counts.clone()
    }
}
