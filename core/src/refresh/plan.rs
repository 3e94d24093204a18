//! Which windows of a rollup have to be built again?
//!
//! The one idea: a window is whole buckets. From the watermark to `end_offset` ago everything is built; before the
//! watermark only what may have changed, however old; and never a bucket of which rows are dropped. A change that nobody
//! can build any more is told, and waited for by nothing.
//!
//! **Source** the refresh policies of TimescaleDB. We differ where it surprises: a refresher that was away catches up
//! from the watermark however old that is, and rows that are gone empty nothing.

use super::source::Changes;
use super::window::{merged, without, Window};
use crate::error::Result;
use crate::time::{shift_back, Bucket, Interval};
use alloc::vec::Vec;

/// When a rollup is built.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The buckets of the rollup.
    pub bucket: Bucket,
    /// How far back everything is looked at again where no log tells what changed.
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
    /// Those of them that rows were moved out of: what is stored there is not the last of rows that were dropped.
    pub moved: Vec<Window>,
    /// Rows before are dropped; `None` while all are there.
    pub raw_available_from: Option<i64>,
    /// Before, there are groups and no rows, and nobody said that they are dropped; `None` where there are no such groups.
    pub unexplained_before: Option<i64>,
    /// The time of the first row or stored group, whichever is earlier; `None` when there are neither.
    pub first: Option<i64>,
    /// The time of the newest row that is not in the future; `None` when there is none, or where a finer rollup is built from.
    pub last: Option<i64>,
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
    /// Those of them that are built already and changed since.
    pub changed: Vec<Window>,
    /// Whole buckets that should be built and whose rows are dropped: what is stored of them stays.
    pub refused: Vec<Window>,
    /// Changed buckets whose rows are dropped: they stay as they are, and nothing waits for them.
    pub lost: Vec<Window>,
    /// Changed buckets that cannot be built yet.
    pub stale: Vec<Window>,
    /// Where the watermark is when all windows are built.
    pub watermark: Option<i64>,
}

/// The windows that a refresh at `state.now` builds.
///
/// Every changed bucket below the watermark is in a window, as is every bucket from the watermark to `end_offset` ago, and
/// no window reaches further. The watermark never falls, and never passes the bucket of the newest row.
///
/// **Errors** `range.invalid`, `ingest.time` for times outside the years −9999 to 9999.
pub fn plan_refresh(policy: &Policy, state: &RefreshState) -> Result<RefreshPlan> {
    let bucket = &policy.bucket;
    let ready = state.ready_until.unwrap_or(i64::MAX);
    let until = shift_back(state.now, &policy.end_offset, bucket.zone())?;
    let mut end = bucket.start(until.min(ready))?;
    if state.ready_until.is_none() {
        // a clock that is ahead hides no row that comes later
        let last = state.last.map(|last| bucket.start(last)).transpose()?;
        end = end.min(last.map_or_else(|| state.watermark.unwrap_or(end), |last| bucket.end(last)));
    }
    // what was built too early is looked at as all that is built
    let built = match state.watermark {
        Some(watermark) => end.max(bucket.start(watermark.min(ready))?),
        None => end,
    };
    // before the first there is nothing to build, and with nothing at all there is no first
    let first = state.first.map_or(Ok(built), |first| bucket.start(first))?;
    let all = Window { start: first, end: built };
    // what was never built begins with the first bucket of which no row is dropped: nothing before is refused
    let all = if state.watermark.is_none() { all.kept(bucket, state.raw_available_from) } else { all };
    let first = all.start;
    let mut asked = Vec::from([Window { start: state.watermark.unwrap_or(first), end }]);
    if let (Some(offset), Changes::Unlogged) = (&policy.start_offset, policy.changes) {
        asked.push(Window { start: bucket.start(shift_back(state.now, offset, bucket.zone())?)?, end: built });
    }
    if let Some(since) = state.since {
        asked.push(Window { start: bucket.start(since)?, end: built });
    }
    let of_all = |windows: &[Window]| {
        let outward = windows.iter().map(|window| window.outward(bucket));
        // everything is still to be built: nothing changed
        merged(outward.filter(|_| state.watermark.is_some()).collect())
    };
    let inside = |windows: &[Window]| merged(windows.iter().map(|window| window.intersection(all)).collect());
    let (changed, moved) = (of_all(&state.invalidations), of_all(&state.moved));
    let stale = changed
        .iter()
        .chain(&moved)
        .map(|window| Window { start: window.start.max(built), end: window.end.min(state.watermark.unwrap_or(built)) });
    let stale = merged(stale.collect());
    let (asked, changed, moved) = (inside(&asked), inside(&changed), inside(&moved));

    let rows_from = state.raw_available_from;
    let groups_from = rows_from.max(state.unexplained_before);
    let kept = |windows: &[Window], from| windows.iter().map(|window| window.kept(bucket, from)).collect::<Vec<_>>();
    let below = |windows: &[Window], from| {
        let cut =
            windows.iter().map(|window| Window { end: window.end.min(window.kept(bucket, from).start), ..*window });
        merged(cut.collect())
    };
    let mut again = kept(&changed, groups_from);
    again.extend(kept(&moved, rows_from));
    let again = merged(again);
    let windows = merged(kept(&asked, groups_from).into_iter().chain(again.iter().copied()).collect());
    let mut refused = below(&asked, groups_from);
    refused.extend(without(&below(&changed, groups_from), &below(&changed, rows_from)));
    let mut lost = below(&changed, groups_from);
    lost.extend(below(&moved, rows_from));
    // rows are left, and none in a whole bucket that is kept: there is nothing to wait for
    let is_begun = all.start > end || all.start == end && state.raw_available_from.is_some();
    let begun = (state.watermark.is_none() && state.first.is_some() && is_begun).then_some(end);
    Ok(RefreshPlan {
        refused: without(&merged(refused), &windows),
        lost: without(&merged(lost), &windows),
        changed: again.into_iter().filter(|window| state.watermark.is_some_and(|at| window.start < at)).collect(),
        stale,
        watermark: state.watermark.max(begun).max(windows.last().map(|last| last.end)),
        windows,
    })
}
