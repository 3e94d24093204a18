//! The buckets of many instants, one after the other.
//!
//! The one idea: most instants lie in the bucket of the one before, and most others at a place of the time line that
//! was visited lately. A compare then takes the place of two searches in the tz database.
//!
//! Not here: what a bucket is ([`Bucket`]); a cursor gives the same answers, only sooner.

use alloc::vec::Vec;

use super::bucket::Bucket;
use crate::error::Result;
use crate::limits;

/// Places a cursor remembers: a month of hours with room to spare, in 48 KiB.
const REMEMBERED: usize = 2048;

/// A stretch of the time line that lies in two buckets at most.
#[derive(Clone, Copy, Debug)]
struct Place {
    number: i64,
    /// The start of the bucket before `edge`.
    start: i64,
    /// The start of the bucket from there on; none when the place lies in one bucket.
    edge: i64,
}

impl Place {
    /// The number of no place, as times stay far from the ends of an i64.
    const NOWHERE: i64 = i64::MAX;
    /// In `edge`: visited once, and worth a look at its buckets when visited again.
    const VISITED: i64 = i64::MIN;
    /// In `edge`: more than two buckets.
    const BUSY: i64 = i64::MIN + 1;
    /// In `edge`: one bucket.
    const PLAIN: i64 = i64::MAX;

    const EMPTY: Self = Self { number: Self::NOWHERE, start: 0, edge: Self::VISITED };
}

/// Finds bucket starts, and remembers places.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bucket: &'a Bucket,
    /// The bucket `[start, end)` of the last instant, as far as it is known.
    start: i64,
    end: i64,
    places: Vec<Place>,
    /// A place is the instants that do not differ above this bit; it is at most as long as a bucket.
    shift: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bucket: &'a Bucket) -> Self {
        // a width is positive
        let shift = bucket.longest_us().ilog2();
        Self { bucket, start: i64::MAX, end: i64::MIN, places: Vec::new(), shift }
    }

    /// What [`Bucket::start`] answers.
    ///
    /// **Errors**: `ingest.time`, as there.
    ///
    /// **Cost**: two compares while instants stay in one bucket.
    #[inline]
    pub fn start(&mut self, instant: i64) -> Result<i64> {
        if self.start <= instant && instant < self.end {
            return Ok(self.start);
        }
        self.bucket.start(instant)?;
        Ok(self.find(instant))
    }

    /// [`Cursor::start`] of an instant that has one.
    #[inline]
    pub(super) fn supported_start(&mut self, instant: i64) -> i64 {
        if self.start <= instant && instant < self.end {
            return self.start;
        }
        self.find(instant)
    }

    #[inline(never)]
    fn find(&mut self, instant: i64) -> i64 {
        if let Some(edges) = self.bucket.equal_in_utc() {
            let start = edges.floor(instant);
            return self.know(start, start + edges.period);
        }
        if self.places.is_empty() {
            self.places.resize(REMEMBERED, Place::EMPTY);
        }
        let number = instant >> self.shift;
        let Some(place) = self.places.get_mut(number as usize % REMEMBERED) else {
            return self.bucket.start_of(instant);
        };
        if place.number != number {
            *place = Place { number, ..Place::EMPTY };
            return self.bucket.start_of(instant);
        }
        if place.edge == Place::VISITED {
            *place = survey(self.bucket, number, self.shift);
        }
        let Place { start, edge, .. } = *place;
        let after = (number + 1) << self.shift;
        match edge {
            Place::BUSY => self.bucket.start_of(instant),
            _ if instant < edge => self.know(start, edge.min(after)),
            _ => self.know(edge, after),
        }
    }

    fn know(&mut self, start: i64, end: i64) -> i64 {
        self.start = start;
        self.end = end.min(limits::MAX_TIME_US);
        start
    }
}

/// Looks at the buckets of a place; it costs a few look-ups more than the start of one instant.
fn survey(bucket: &Bucket, number: i64, shift: u32) -> Place {
    let from = number << shift;
    let until = (number + 1) << shift;
    let start = bucket.start_of(from);
    let edge = bucket.end_after(start);
    if edge >= until {
        return Place { number, start, edge: Place::PLAIN };
    }
    let edge = if bucket.end_after(edge) >= until { edge } else { Place::BUSY };
    Place { number, start, edge }
}
