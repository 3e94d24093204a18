//! Errors as JavaScript catches them: JSON in the message.

use isofold_facade::guard::guarded;
use isofold_facade::json::error_json;

/// The error to be thrown.
pub fn thrown(error: &isofold::Error) -> napi::Error {
    napi::Error::from_reason(error_json(error).to_string())
}

/// What a call gives, with its error, or its panic, to be thrown.
pub fn coded<T>(call: impl FnOnce() -> isofold::Result<T>) -> napi::Result<T> {
    guarded(call).map_err(|error| thrown(&error))
}
