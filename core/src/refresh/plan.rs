//! Which windows of a rollup have to be built again?
//!
//! The one idea: a window is whole buckets. From the watermark to `end_offset` ago everything is built; before the
//! watermark only what may have changed; and never a bucket of which rows are dropped.
//!
//! **Source** the refresh policies of TimescaleDB. We differ where it surprises: a refresher that was away catches up
//! from the watermark however old that is, and rows that are gone empty nothing.

use super::source::Changes;
use super::window::{merged, Window};
use crate::error::Result;
use crate::limits;
use crate::time::{shift_back, Bucket, Interval};
use alloc::vec::Vec;

/// When a rollup is built.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The buckets of the rollup.
    pub bucket: Bucket,
    /// How far back rows may still change; `None` is without limit.
    pub start_offset: Option<Interval>,
    /// How long after its end a bucket is first built.
    pub end_offset: Interval,
    /// How changes become known.
    pub changes: Changes,
}

/// What is known when a plan is made; times in µs.
#[derive(Clone, Debug, Default)]
pub struct RefreshState {
    /// The end of what was built; `None` before the first refresh.
    pub watermark: Option<i64>,
    /// Ranges in which rows changed since they were built.
    pub invalidations: Vec<Window>,
    /// Rows before are dropped; `None` while all are there.
    pub raw_available_from: Option<i64>,
    /// The time of the first row or stored group, whichever is earlier; `None` when there are neither.
    pub first: Option<i64>,
    /// The end of what the finer rollup has built, where one is built from.
    pub ready_until: Option<i64>,
    /// Everything from here on is built again, however old.
    pub since: Option<i64>,
    /// The time.
    pub now: i64,
}

/// What has to be built, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefreshPlan {
    /// Whole buckets to build.
    pub windows: Vec<Window>,
    /// Whole buckets that should be built and whose rows are dropped: what is stored of them stays.
    pub refused: Vec<Window>,
    /// Changed ranges that this policy does not reach: they stay stale.
    pub stale: Vec<Window>,
    /// Where the watermark is when all windows are built.
    pub watermark: Option<i64>,
}

/// The windows that a refresh at `state.now` builds.
///
/// Every changed bucket from `start_offset` to `end_offset` ago is in a window, as is every bucket from the watermark
/// on; no window reaches further. The watermark never falls.
///
/// **Errors** `range.invalid`, `ingest.time` for times outside the years −9999 to 9999.
pub fn plan_refresh(policy: &Policy, state: &RefreshState) -> Result<RefreshPlan> {
    let bucket = &policy.bucket;
    let zone = bucket.zone();
    let until = shift_back(state.now, &policy.end_offset, zone)?.min(state.ready_until.unwrap_or(i64::MAX));
    let end = bucket.start(until)?;
    let reach = match &policy.start_offset {
        Some(offset) => {
            let start = bucket.start(shift_back(state.now, offset, zone)?)?;
            Some(start.min(state.watermark.unwrap_or(start)))
        }
        None => None,
    };
    let since = state.since.map(|since| bucket.start(since)).transpose()?;
    let low = reach.map_or(limits::MIN_TIME_US, |reach| since.map_or(reach, |since| reach.min(since)));
    let window = Window { start: low, end };

    let mut wanted = Vec::new();
    // before the first there is nothing to build, and with nothing at all there is no first
    let first = state.first.map_or(Ok(end), |first| bucket.start(first))?;
    wanted.push(Window { start: state.watermark.unwrap_or(first), end });
    if let (Some(reach), Some(_), Changes::Unlogged) = (reach, state.watermark, policy.changes) {
        wanted.push(Window { start: reach, end });
    }
    if let (Some(since), Some(_)) = (since, state.watermark) {
        wanted.push(Window { start: since, end });
    }
    let mut stale = Vec::new();
    if state.watermark.is_some() {
        for &changed in &state.invalidations {
            let changed = changed.outward(bucket);
            wanted.push(changed.intersection(window));
            stale.push(Window { start: changed.start, end: changed.end.min(low) });
            let built = state.watermark.unwrap_or(end);
            stale.push(Window { start: changed.start.max(end), end: changed.end.min(built) });
        }
    }
    let wanted = merged(wanted.into_iter().map(|w| Window { start: w.start.max(first), end: w.end }).collect());
    let windows = wanted.iter().map(|w| w.kept(bucket, state.raw_available_from));
    let refused =
        wanted.iter().map(|w| Window { end: w.end.min(w.kept(bucket, state.raw_available_from).start), ..*w });
    let windows = merged(windows.collect());
    let built = windows.last().map(|last| last.end);
    Ok(RefreshPlan {
        refused: merged(refused.collect()),
        stale: merged(stale),
        watermark: state.watermark.max(built),
        windows,
    })
}
