//! Rollups that V8 has collected and that nobody has told us of yet.
//!
//! The one idea: Node runs finalizers in a later turn of its loop, and a loop of a program that makes no turn would keep
//! the memory of all that it dropped. A weak reference is empty as soon as its object is collected, so that the memory is
//! given back while the next rollups are made.

#![expect(unsafe_code, reason = "Node lends weak references as pointers")]

use crate::kept::Kept;
use napi::bindgen_prelude::JsValue;
use napi::{check_status, sys, Env, Result};
use std::cell::RefCell;
use std::ptr;
use std::sync::{Arc, Weak};

/// Bytes that come in between two looks at all rollups: V8 collects when it knows of 64 MiB more.
const BYTES_BETWEEN: i64 = 16 << 20;
/// Rollups that come in at least between two looks.
const ROLLUPS_BETWEEN: usize = 64;

/// A rollup of JavaScript's, by a weak reference to its object.
struct Watched {
    env: sys::napi_env,
    reference: sys::napi_ref,
    kept: Weak<Kept>,
}

/// The rollups of a thread.
#[derive(Default)]
struct Watch {
    rollups: Vec<Watched>,
    /// Environments whose end is watched too.
    envs: Vec<sys::napi_env>,
    /// Bytes that came in since the last look.
    bytes: i64,
    /// How many rollups the last look has left.
    left: usize,
}

thread_local! {
    static WATCH: RefCell<Watch> = RefCell::default();
}

/// Watches over a rollup, for as long as its object lives.
pub fn watch<'o>(env: Env, object: &impl JsValue<'o>, kept: &Arc<Kept>) -> Result<()> {
    let raw_env = env.raw();
    let mut reference = ptr::null_mut();
    // SAFETY: `env` and the object are those of the call that runs. A count of 0 makes the reference a weak one.
    check_status!(unsafe { sys::napi_create_reference(raw_env, object.raw(), 0, &mut reference) })?;
    let (is_new, is_time) = WATCH.with_borrow_mut(|watch| {
        watch.rollups.push(Watched { env: raw_env, reference, kept: Arc::downgrade(kept) });
        let is_new = !watch.envs.contains(&raw_env);
        if is_new {
            watch.envs.push(raw_env);
        }
        (is_new, watch.rollups.len() >= 2 * watch.left + ROLLUPS_BETWEEN)
    });
    if is_new {
        env.add_env_cleanup_hook(raw_env, forget)?;
    }
    if is_time {
        look(env)?;
    }
    Ok(())
}

/// Notes that so many bytes came in, of which V8 knows.
pub fn grown(env: Env, bytes: i64) -> Result<()> {
    let is_time = WATCH.with_borrow_mut(|watch| {
        watch.bytes = watch.bytes.saturating_add(bytes);
        watch.bytes >= BYTES_BETWEEN
    });
    if is_time {
        look(env)
    } else {
        Ok(())
    }
}

/// Gives the memory of collected rollups back.
fn look(env: Env) -> Result<()> {
    // Taken out meanwhile: what is told below may come back here.
    let rollups = WATCH.with_borrow_mut(|watch| {
        watch.bytes = 0;
        std::mem::take(&mut watch.rollups)
    });
    let mut left = Vec::with_capacity(rollups.len());
    let mut outcome = Ok(());
    for watched in rollups {
        if watched.is_needed() {
            left.push(watched);
        } else {
            // the others are watched on, whatever is wrong with this one
            outcome = outcome.and(watched.let_go(env));
        }
    }
    WATCH.with_borrow_mut(|watch| {
        left.append(&mut watch.rollups);
        watch.left = left.len();
        watch.rollups = left;
    });
    outcome
}

impl Watched {
    /// Whether the object lives, or work that it was asked for still runs.
    fn is_needed(&self) -> bool {
        let Some(kept) = self.kept.upgrade() else { return false };
        // one is the object's own, which its finalizer lets go of; one is that of this function
        if Arc::strong_count(&kept) > 2 {
            return true;
        }
        let mut object = ptr::null_mut();
        // SAFETY: made by `watch` on this thread in an environment that has not ended.
        let status = unsafe { sys::napi_get_reference_value(self.env, self.reference, &mut object) };
        status != sys::Status::napi_ok || !object.is_null()
    }

    /// Gives back the reference, and the memory of the rollup if it is still there.
    fn let_go(self, env: Env) -> Result<()> {
        // SAFETY: made by `watch` on this thread in an environment that has not ended, and deleted here alone.
        let deleted = check_status!(unsafe { sys::napi_delete_reference(self.env, self.reference) });
        deleted.and(self.kept.upgrade().map_or(Ok(()), |kept| kept.free(env)))
    }
}

/// Lets go of the rollups of an environment that ends; it deletes its references itself.
fn forget(env: sys::napi_env) {
    // at the end of a thread there may be nothing left to forget
    let _ = WATCH.try_with(|watch| {
        if let Ok(mut watch) = watch.try_borrow_mut() {
            watch.rollups.retain(|watched| watched.env != env);
            watch.envs.retain(|known| *known != env);
        }
    });
}
