//! A rollup that JavaScript holds, and what V8 is told of its memory.
//!
//! The one idea: V8 collects garbage sooner when it knows what its objects keep outside of its heap. Counting that takes
//! time in proportion to the groups, so it is counted again once as much work has been done as counting is.

use crate::collected;
use isofold_facade::{Rollup, Shared};
use napi::{Env, Result};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

/// Work, in rows or groups, for which a group is counted: the count costs a fraction of it.
const WORK_PER_GROUP: usize = 4;

/// A rollup and what is known of its memory.
pub struct Kept {
    pub(crate) rollup: Shared,
    /// Bytes that V8 knows of.
    told: AtomicI64,
    /// Rows and groups that came in since they were counted.
    work: AtomicUsize,
    /// Whether the object of JavaScript is gone, so that nobody would take back what V8 were told.
    is_gone: AtomicBool,
}

impl Kept {
    pub(crate) fn new(rollup: Rollup) -> Self {
        Self {
            rollup: Shared::new(rollup),
            told: AtomicI64::new(0),
            work: AtomicUsize::new(0),
            is_gone: AtomicBool::new(false),
        }
    }

    /// Notes that so many rows or groups came in, and tells V8 the memory when it is time to.
    pub(crate) fn worked(&self, env: Env, work: usize) -> Result<()> {
        let work = self.work.fetch_add(work, Ordering::Relaxed).saturating_add(work);
        match self.rollup.read() {
            Ok(rollup) if work.saturating_mul(WORK_PER_GROUP) < rollup.size() => Ok(()),
            _ => self.tell(env),
        }
    }

    /// Counts the memory and tells V8.
    pub(crate) fn tell(&self, env: Env) -> Result<()> {
        self.work.store(0, Ordering::Relaxed);
        let bytes = self.rollup.read().map_or(0, |rollup| rollup.memory_bytes());
        self.told_now(env, i64::try_from(bytes).unwrap_or(i64::MAX))
    }

    /// Gives the memory back and tells V8.
    pub(crate) fn free(&self, env: Env) -> Result<()> {
        self.rollup.free();
        self.told_now(env, 0)
    }

    /// Tells V8 that the object of JavaScript is gone; the memory goes with the last who works with it.
    pub(crate) fn forget(&self, env: Env) -> Result<()> {
        self.is_gone.store(true, Ordering::Relaxed);
        self.told_now(env, 0)
    }

    fn told_now(&self, env: Env, bytes: i64) -> Result<()> {
        let bytes = if self.is_gone.load(Ordering::Relaxed) { 0 } else { bytes };
        let change = bytes - self.told.swap(bytes, Ordering::Relaxed);
        if change != 0 {
            env.adjust_external_memory(change)?;
        }
        if change > 0 {
            collected::grown(env, change)?;
        }
        Ok(())
    }
}
