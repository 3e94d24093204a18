//! In which bucket does an instant fall? TimescaleDB's `time_bucket`, from its definition.
//!
//! The one idea: shift by the offset, read the wall clock, floor to a multiple of the width from the origin, find the
//! instant at which the wall clock shows that, and shift back. Buckets follow each other without a gap or an overlap, so
//! around changes of clocks an edge that is still to come gives way to the one before.

use crate::zone::{first_of_month, year_and_month, Zone};

/// Microseconds of a day.
pub const DAY_US: i64 = 86_400_000_000;
/// Microseconds of an hour.
pub const HOUR_US: i64 = 3_600_000_000;
/// Microseconds of a minute.
pub const MINUTE_US: i64 = 60_000_000;
/// Monday 2000-01-03 00:00, where widths without months are counted from.
const MONDAY_US: i64 = 946_857_600_000_000;
/// The year and month from which months are counted.
const FIRST_MONTH: (i64, i64) = (2000, 1);

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Microseconds on the wall clock.
    Micros(i64),
    /// Calendar months.
    Months(i64),
}

/// A division of time into half-open ranges, each labelled by its start.
#[derive(Clone, Debug)]
pub struct Bucket {
    width: Width,
    zone: Zone,
    origin: Option<i64>,
    offset_us: i64,
}

impl Bucket {
    /// Buckets of a width in UTC, from the default origin.
    ///
    /// # Panics
    /// When the width is not positive.
    #[must_use]
    pub fn new(width: Width) -> Self {
        let (Width::Micros(length) | Width::Months(length)) = width;
        assert!(length > 0, "width must be positive, got {length}");
        Self { width, zone: Zone::named("UTC"), origin: None, offset_us: 0 }
    }

    /// The same buckets on the wall clock of a zone.
    #[must_use]
    pub fn in_zone(mut self, name: &str) -> Self {
        self.zone = Zone::named(name);
        self
    }

    /// The same buckets counted from another local time; for months only its month matters.
    #[must_use]
    pub fn from_origin(mut self, local_us: i64) -> Self {
        self.origin = Some(local_us);
        self
    }

    /// The same buckets, all later by an offset.
    #[must_use]
    pub fn shifted(mut self, offset_us: i64) -> Self {
        self.offset_us = offset_us;
        self
    }

    /// The start of the bucket that holds an instant: the last edge of the wall clock that is not after it.
    #[must_use]
    pub fn start(&self, instant_us: i64) -> i64 {
        let shifted = instant_us - self.offset_us;
        let mut edge = self.floor(self.zone.local(shifted));
        loop {
            let start = self.begin(edge);
            if start <= shifted {
                return start + self.offset_us;
            }
            // The clock shows this edge twice, the second time after the instant.
            if self.repeats_at_next_change(shifted) {
                let since_edge = self.zone.local(shifted) - edge;
                return instant_us - since_edge;
            }
            edge = self.edge_before(edge);
        }
    }

    /// The start of the bucket after the one that starts at an instant: the first instant that lies in another.
    #[must_use]
    pub fn next(&self, start_us: i64) -> i64 {
        let mut ahead = 1;
        while self.start(start_us + ahead) <= start_us {
            ahead *= 2;
        }
        let (mut inside, mut beyond) = (start_us + ahead / 2, start_us + ahead);
        while beyond - inside > 1 {
            let middle = inside + (beyond - inside) / 2;
            if self.start(middle) <= start_us {
                inside = middle;
            } else {
                beyond = middle;
            }
        }
        beyond
    }

    /// When an edge begins its bucket: a midnight to which clocks go back begins the day when it is first shown, unless
    /// whole buckets repeat.
    fn begin(&self, edge: i64) -> i64 {
        let start = self.zone.instant(edge);
        let before = self.zone.local(start - 1) + 1;
        let jump = before - edge;
        let repeats = matches!(self.width, Width::Micros(us) if jump % us == 0);
        if edge % DAY_US == 0 && jump > 0 && self.zone.local(start) == edge && !repeats {
            return start - jump;
        }
        start
    }

    /// Whether the next change of clocks goes back by whole buckets to an edge: then both showings of an edge count, and
    /// hours stay hours. Else an edge counts when it is shown for the last time, so that buckets follow each other.
    fn repeats_at_next_change(&self, instant_us: i64) -> bool {
        let (Some(change), Width::Micros(us)) = (self.zone.next_change(instant_us), self.width) else {
            return false;
        };
        let landing = self.zone.local(change);
        let jump = self.zone.local(change - 1) + 1 - landing;
        jump > 0 && jump % us == 0 && self.floor(landing) == landing
    }

    fn floor(&self, local_us: i64) -> i64 {
        match self.width {
            Width::Micros(us) => {
                let origin = self.origin.unwrap_or(MONDAY_US);
                origin + (local_us - origin).div_euclid(us) * us
            }
            Width::Months(months) => {
                let (year, month) = self.origin.map_or(FIRST_MONTH, year_and_month);
                let origin = month_number(year, month);
                let (year, month) = year_and_month(local_us);
                let count = month_number(year, month) - origin;
                start_of_month_number(origin + count.div_euclid(months) * months)
            }
        }
    }

    fn edge_before(&self, edge: i64) -> i64 {
        self.floor(edge - 1)
    }
}

fn month_number(year: i64, month: i64) -> i64 {
    year * 12 + month - 1
}

fn start_of_month_number(number: i64) -> i64 {
    first_of_month(number.div_euclid(12), number.rem_euclid(12) + 1)
}
