//! Whether every bucket of one kind lies in one bucket of another.
//!
//! The one idea: buckets nest when every coarse edge is a fine edge. Zones change their clocks by laws, not by
//! formulas, so edges are looked at: stretches of neighbours, and one every few weeks for half a century.
//!
//! Not here: the proof for each bucket in use, which every verb that coarsens gives (`table`).

use crate::time::{Bucket, DAY_US};

/// 2000-01-01.
const FROM_US: i64 = 946_684_800_000_000;
/// About every third week, at all hours of the day.
const STEP_US: i64 = 19 * DAY_US + 7 * 3_600_000_000 + 660_000_000;
/// Fifty years of them.
const STEPS: i64 = 950;
/// Neighbouring edges from 2024 on.
const NEIGHBOURS: usize = 400;
const NEIGHBOURS_FROM_US: i64 = 1_704_067_200_000_000;

/// Whether the buckets of `fine` nest in those of `coarse`.
#[must_use]
pub fn nests(fine: &Bucket, coarse: &Bucket) -> bool {
    let is_shared = |at: i64| coarse.start(at).is_ok_and(|edge| fine.is_edge(edge));
    let spread = || (0..STEPS).all(|step| is_shared(FROM_US + step * STEP_US));
    let neighbours = || coarse.iter(NEIGHBOURS_FROM_US, i64::MAX).take(NEIGHBOURS).all(|edge| fine.is_edge(edge));
    fine == coarse || (spread() && neighbours())
}
