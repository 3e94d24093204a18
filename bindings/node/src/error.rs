//! Errors as JavaScript catches them: JSON in the message.

use isofold_facade::json::error_json;

/// The error to be thrown.
pub fn thrown(error: &isofold::Error) -> napi::Error {
    napi::Error::from_reason(error_json(error).to_string())
}
