//! A panic is an error with a code before it reaches a host.
//!
//! The one idea: a panic is a defect of the kernel or of a binding. It must not end the host's process, and what it was
//! changing must not be trusted afterwards: [`crate::Shared`] sees to that.
//!
//! Not here: hosts without unwinding (wasm), where a panic stops the module.

use crate::fault::fault;
use isofold::{Code, Error, Result};
use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a call of a host gives, whatever happens in it.
///
/// **Errors** those of the call; `host.panic` with the panic's message.
pub fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    caught(call).unwrap_or_else(|panic| Err(panic))
}

/// What a closure returns, or the error of its panic.
///
/// **Errors** `host.panic` with the panic's message.
pub fn caught<T>(call: impl FnOnce() -> T) -> Result<T> {
    // what a panic leaves half changed is dropped, or is behind `Shared`
    catch_unwind(AssertUnwindSafe(|| {
        fault("call");
        call()
    }))
    .map_err(|panic| panicked(panic.as_ref()))
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Error::new(Code::HostPanic, format!("a defect of isofold stopped this call, please report it: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        let error = guarded(|| -> Result<()> { panic!("seven of {}", 9) }).expect_err("a panic");
        assert_eq!(error.code(), Code::HostPanic);
        assert!(error.message().ends_with("please report it: seven of 9"), "{error}");
        let error = guarded(|| -> Result<()> { std::panic::panic_any(7) }).expect_err("a panic");
        assert!(error.message().ends_with("no message"), "{error}");
    }

    #[test]
    fn what_ends_well_or_with_an_error_is_left_alone() {
        assert_eq!(guarded(|| Ok(7)), Ok(7));
        let refused = Error::new(Code::HostArgument, "no");
        assert_eq!(guarded::<()>(|| Err(refused.clone())), Err(refused));
    }
}
