//! Whether buckets of one kind can be put together to buckets of another, before there is any row.
//!
//! The one idea: they can where every coarse edge is a fine edge. Zones change their clocks by laws, not by formulas, so
//! edges are looked at: neighbours at the start of a range, and one every few weeks of the rest.
//!
//! Not here: the proof for each bucket in use, which every verb that coarsens gives (`table`).

use super::bucket::Bucket;
use super::instant::format_timestamp;
use super::interval::Interval;
use super::DAY_US;
use crate::error::{Code, Error, Result};
use alloc::format;

/// 2024-01-01.
const EXAMPLE_US: i64 = 1_704_067_200_000_000;
/// Neighbouring edges: weeks stray from months sooner.
const NEIGHBOURS: usize = 24;
/// About every third week, at all hours of the day.
const STEP_US: i64 = 19 * DAY_US + 7 * 3_600_000_000 + 660_000_000;
/// Steps of one range; those of a longer one are longer. 40 years.
const STEPS: i64 = 768;
/// Where nothing says which time is meant: half a century from 2000-01-01 on.
const ANY_TIME_US: (i64, i64) = (946_684_800_000_000, 2_524_608_000_000_000);
/// From 2024 on, so that years and leap years are among them.
const ANY_NEIGHBOURS: usize = 400;

impl Bucket {
    /// Start and end of the bucket of an instant, or of one in 2024.
    pub(crate) fn enclosing_edge(&self, instant: Option<i64>) -> (i64, i64) {
        let start = self.start(instant.unwrap_or(EXAMPLE_US)).unwrap_or(EXAMPLE_US);
        (start, self.end(start))
    }

    /// Whether buckets nest in coarser ones at any time, or in a range, open sides of which are those of our time.
    #[must_use]
    pub fn nests(&self, coarse: &Bucket, start: Option<i64>, end: Option<i64>) -> bool {
        let from = start.unwrap_or(ANY_TIME_US.0);
        let is_shared = |edge: i64| edge <= from || self.is_edge(edge);
        let mut neighbours = coarse.iter(EXAMPLE_US.max(from), end.unwrap_or(i64::MAX)).take(ANY_NEIGHBOURS);
        self.check_nesting(coarse, from, end.unwrap_or(ANY_TIME_US.1)).is_ok() && neighbours.all(is_shared)
    }

    /// Refuses coarser buckets, edges of which inside `(start, end)` are none of `self`.
    ///
    /// **Errors** `coarsen.bucket`, with the buckets that would.
    pub fn check_nesting(&self, coarse: &Bucket, start: i64, end: i64) -> Result<()> {
        if self == coarse || self.divides(coarse) {
            return Ok(());
        }
        let stray = |&edge: &i64| edge > start && !self.is_edge(edge);
        let near = coarse.iter(start, end).take(NEIGHBOURS).find(stray);
        let step = STEP_US.max(end.saturating_sub(start) / STEPS);
        let far = || {
            let places = core::iter::successors(start.checked_add(step), |at| at.checked_add(step));
            places.take_while(|&at| at < end).filter_map(|at| coarse.start(at).ok()).find(stray)
        };
        match near.or_else(far) {
            Some(edge) => Err(self.strays(coarse, edge)),
            None => Ok(()),
        }
    }

    /// Whether edges that no clock moves are edges of `self` for ever.
    fn divides(&self, coarse: &Bucket) -> bool {
        match (self.equal_in_utc(), coarse.equal_in_utc()) {
            (Some(fine), Some(coarse)) => fine.divides(coarse),
            _ => false,
        }
    }

    fn strays(&self, coarse: &Bucket, edge: i64) -> Error {
        let (start, end) = (self.start(edge).unwrap_or(edge), self.end(edge));
        let (mut width, mut rest) = (end - start, edge - start);
        while rest != 0 {
            (width, rest) = (rest, width % rest);
        }
        let text = format!(
            "the bucket from {} to {} straddles two buckets of {} in {}; buckets of {}, or of the time zone, nest in them",
            format_timestamp(start),
            format_timestamp(end),
            coarse.source().width,
            coarse.zone().name(),
            Interval::from_us(width),
        );
        Error::new(Code::CoarsenBucket, text)
    }
}
