//! The buckets of many instants, one after the other.
//!
//! The one idea: most instants lie in the bucket of the one before, and most of the rest in a bucket seen lately. A
//! compare then takes the place of a division, or of two searches in the tz database.
//!
//! Not here: what a bucket is ([`Bucket`]); a cursor gives the same answers, only sooner.

use alloc::vec::Vec;

use super::bucket::Bucket;
use crate::error::Result;
use crate::limits;

/// Buckets a cursor remembers: a month of hours with room to spare, in 32 KiB.
const REMEMBERED: usize = 2048;

/// A part of one bucket, from its start on.
#[derive(Clone, Copy, Debug)]
struct Known {
    start: i64,
    until: i64,
}

impl Known {
    const NOTHING: Self = Self { start: i64::MAX, until: i64::MIN };

    #[inline]
    fn holds(&self, instant: i64) -> bool {
        self.start <= instant && instant < self.until
    }
}

/// Finds bucket starts, and remembers buckets.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bucket: &'a Bucket,
    last: Known,
    /// Buckets by a hash of their time; empty where a bucket costs no more than a look-up.
    seen: Vec<Known>,
    /// Instants that differ above this bit have different places in `seen`.
    shift: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bucket: &'a Bucket) -> Self {
        // a width is positive; the highest bit below it splits a bucket into at most three places
        let shift = bucket.usual_us().ilog2();
        Self { bucket, last: Known::NOTHING, seen: Vec::new(), shift }
    }

    /// What [`Bucket::start`] answers.
    ///
    /// **Errors**: `ingest.time`, as there.
    ///
    /// **Cost**: two compares while instants stay in one bucket.
    #[inline]
    pub fn start(&mut self, instant: i64) -> Result<i64> {
        if self.last.holds(instant) {
            return Ok(self.last.start);
        }
        self.find(instant)
    }

    #[inline(never)]
    fn find(&mut self, instant: i64) -> Result<i64> {
        if let Some(period) = self.bucket.fixed_utc_us() {
            let start = self.bucket.start(instant)?;
            self.last = Known { start, until: (start + period).min(limits::MAX_TIME_US) };
            return Ok(start);
        }
        if self.seen.is_empty() {
            self.seen.resize(REMEMBERED, Known::NOTHING);
        }
        let place = (instant >> self.shift) as usize % REMEMBERED;
        let Some(seen) = self.seen.get_mut(place) else {
            return self.bucket.start(instant);
        };
        if seen.holds(instant) {
            self.last = *seen;
            return Ok(seen.start);
        }
        let start = self.bucket.start(instant)?;
        // the end costs more than the start: it is worth its price from the second visit on
        let until = if seen.start == start { self.bucket.end_after(start) } else { instant + 1 };
        *seen = Known { start, until: until.min(limits::MAX_TIME_US) };
        self.last = *seen;
        Ok(start)
    }
}
