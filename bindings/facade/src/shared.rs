//! A rollup that several threads of a host share.
//!
//! The one idea: readers take the rollup as it is and let go of the lock; a writer keeps the lock, and copies the rollup
//! only while a reader still holds it. A change that panics leaves no rollup behind, only the error that says so.

use crate::guard::caught;
use crate::rollup::Rollup;
use isofold::{Code, Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A rollup behind a lock that no panic poisons.
#[derive(Debug)]
pub struct Shared(Mutex<Result<Arc<Rollup>>>);

impl Shared {
    /// Shares a rollup.
    #[must_use]
    pub fn new(rollup: Rollup) -> Self {
        Self(Mutex::new(Ok(Arc::new(rollup))))
    }

    /// The rollup as it is now; later changes do not show in it.
    ///
    /// **Errors** `host.panic` when a change of it has panicked, `host.freed`.
    pub fn read(&self) -> Result<Arc<Rollup>> {
        self.lock().clone()
    }

    /// Changes the rollup; nobody else sees it meanwhile.
    ///
    /// **Errors** those of the change; `host.panic`, from now on for every use, when it panics; `host.freed`.
    pub fn write<T>(&self, change: impl FnOnce(&mut Rollup) -> Result<T>) -> Result<T> {
        let mut slot = self.lock();
        let rollup = Arc::make_mut(slot.as_mut().map_err(|lost| lost.clone())?);
        caught(|| change(rollup)).unwrap_or_else(|panic| {
            *slot =
                Err(Error::new(Code::HostPanic, format!("this rollup cannot be used any more: {}", panic.message())));
            Err(panic)
        })
    }

    /// Gives the memory back as soon as no reader holds it; every later use is refused, but for this one.
    pub fn free(&self) {
        let mut slot = self.lock();
        if slot.is_ok() {
            *slot = Err(Error::new(Code::HostFreed, "the rollup is used after it was freed"));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Result<Arc<Rollup>>> {
        // a change that panics is caught before it gets here
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"{"name": "r", "columns": {"ts": "timestamp[s]"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}"#;

    #[test]
    fn a_change_that_panics_leaves_an_error_for_every_use() {
        let shared = Shared::new(Rollup::new(SPEC).expect("a spec"));
        let before = shared.read().expect("usable");
        let error = shared.write::<()>(|_| panic!("in the middle")).expect_err("a panic");
        assert_eq!(error.code(), Code::HostPanic);
        for error in [shared.read().expect_err("lost"), shared.write(|_| Ok(())).expect_err("lost")] {
            assert_eq!(error.code(), Code::HostPanic);
            assert!(error.message().contains("cannot be used any more"), "{error}");
            assert!(error.message().ends_with("in the middle"), "{error}");
        }
        assert_eq!(before.size(), 0);
    }

    #[test]
    fn a_freed_rollup_lets_go_of_its_memory_and_is_refused_from_then_on() {
        let shared = Shared::new(Rollup::new(SPEC).expect("a spec"));
        let memory = Arc::downgrade(&shared.read().expect("usable"));
        shared.free();
        shared.free();
        assert_eq!(memory.strong_count(), 0);
        assert_eq!(shared.read().expect_err("freed").code(), Code::HostFreed);
        assert_eq!(shared.write(|_| Ok(())).expect_err("freed").code(), Code::HostFreed);
    }

    #[test]
    fn a_change_that_is_refused_leaves_the_rollup() {
        let shared = Shared::new(Rollup::new(SPEC).expect("a spec"));
        let error = shared.write::<()>(|_| Err(Error::new(Code::HostArgument, "no"))).expect_err("refused");
        assert_eq!(error.code(), Code::HostArgument);
        assert_eq!(shared.read().expect("usable").size(), 0);
    }
}
