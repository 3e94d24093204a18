//! Errors as JavaScript catches them: JSON in a text.

use alloc::string::ToString;
use isofold_facade::json::error_json;
use wasm_bindgen::JsValue;

/// The JSON of an error, to be thrown.
pub fn thrown(error: &isofold::Error) -> JsValue {
    JsValue::from_str(&error_json(error).to_string())
}
