//! Work that a host may stop while it goes on.
//!
//! The one idea: the thread that made the call asks the host, for only there Python's signals are seen; threads that
//! help it look at a flag.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use isofold::{Code, Error, Result};
#[cfg(not(target_arch = "wasm32"))]
use std::thread::{current, ThreadId};

/// Whether work is to stop; by default it never is.
#[derive(Clone, Default)]
pub struct Interrupt(Option<Arc<Asked>>);

struct Asked {
    #[cfg(not(target_arch = "wasm32"))]
    by: ThreadId,
    ask: Box<dyn Fn() -> bool + Send + Sync>,
    is_raised: AtomicBool,
}

impl Interrupt {
    /// Stops work once `ask` says so. It is asked often, and only on the thread that makes this.
    pub fn new(ask: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(Asked {
            #[cfg(not(target_arch = "wasm32"))]
            by: current().id(),
            ask: Box::new(ask),
            is_raised: AtomicBool::new(false),
        })))
    }

    /// Goes on unless work is to stop.
    ///
    /// **Errors** `host.interrupted`, from the first time on that the host says so.
    pub fn check(&self) -> Result<()> {
        let Some(asked) = &self.0 else { return Ok(()) };
        if !asked.is_raised.load(Ordering::Relaxed) {
            if !asked.is_here() || !(asked.ask)() {
                return Ok(());
            }
            asked.is_raised.store(true, Ordering::Relaxed);
        }
        Err(Error::new(Code::HostInterrupted, "the call was told to stop, and nothing is changed"))
    }
}

impl Asked {
    /// Whether this is the thread that made the call.
    #[cfg(not(target_arch = "wasm32"))]
    fn is_here(&self) -> bool {
        current().id() == self.by
    }

    #[cfg(target_arch = "wasm32")]
    fn is_here(&self) -> bool {
        true
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interrupt").field(&self.check().is_err()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn only_the_thread_of_the_call_asks_and_all_see_the_answer() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let interrupt = Interrupt::new(|| ASKED.fetch_add(1, Ordering::Relaxed) == 1);
        let elsewhere =
            |interrupt: &Interrupt| std::thread::scope(|s| s.spawn(|| interrupt.check()).join().expect("no panic"));
        assert_eq!((elsewhere(&interrupt), interrupt.check()), (Ok(()), Ok(())));
        assert_eq!(interrupt.clone().check().expect_err("the second time").code(), Code::HostInterrupted);
        assert!(elsewhere(&interrupt).is_err() && interrupt.check().is_err());
        assert_eq!(ASKED.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn work_goes_on_by_default() {
        assert_eq!(Interrupt::default().check(), Ok(()));
    }
}
