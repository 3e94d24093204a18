//! The buckets of one width: where the bucket of an instant starts and ends.
//!
//! The one idea: floor the local time to the width and go back to UTC, as `time_bucket` of TimescaleDB does, with one
//! promise on top: **buckets tile the time line**. `start` never falls as time goes on, `start(start(t)) = start(t)`,
//! and every instant of `[start, end)` has that start. Where the two conflict (clocks go back over an edge) the rules
//! are:
//! - an edge that clocks skip moves with the gap (01:00, where midnight does not exist);
//! - an edge that clocks show twice is the later of the two, and the hour before it belongs to the bucket before;
//! - but when the width divides the jump and the jump lands on an edge, both are edges: one-hour buckets give 01:00
//!   twice.
//!
//! Not here: how spec JSON spells a bucket (the spec parser fills a [`BucketSource`]).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::civil::{month_start_us, Date};
use super::cursor::Cursor;
use super::instant::{format_local, format_timestamp, is_supported, parse_written};
use super::interval::{Interval, MAX_US};
use super::zone::{first, Zone};
use super::DAY_US;
use crate::error::{Code, Error, Result};
use crate::limits;

/// 2000-01-03, a Monday: widths without months count from it.
const ORIGIN_US: i64 = 946_857_600_000_000;
/// No bucket of `n` months is longer than `n` times this, clock changes aside.
const LONGEST_MONTH_US: i64 = 31 * DAY_US;
/// More than the clocks of a zone ever jump, to the start and at the end of a bucket together.
const JUMPS_US: i64 = 3 * DAY_US;

/// A bucket as a spec says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSource {
    /// The length: `15 minutes`, `1 day`, `3 months`.
    pub width: String,
    /// An IANA zone, whose local days and hours are meant; UTC when absent.
    pub timezone: Option<String>,
    /// A time at which a bucket starts: of the zone's clocks, unless it has an offset from UTC of its own. With
    /// months its day is ignored.
    pub origin: Option<String>,
    /// An interval by which all buckets are moved, as elapsed time.
    pub offset: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Fixed(i64),
    Months(i64),
}

/// The buckets of one width, zone, origin and offset.
///
/// Two buckets are equal when they cut time in the same way and are written in the same way by [`Bucket::source`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    width: Width,
    zone: Zone,
    /// A local edge: µs with a fixed width, months since 2000-01 with months; reduced to one period after the default.
    origin: i64,
    /// Elapsed µs added to every edge; with a fixed width in UTC it is part of `origin`.
    offset: i64,
}

impl Bucket {
    /// Checks a bucket as a spec says it.
    ///
    /// **Errors**: all problems found, each with its path: `spec.bucket` at `width`, `origin` or `offset`,
    /// `spec.timezone` at `timezone`.
    pub fn new(source: &BucketSource) -> Result<Self, Vec<Error>> {
        let mut problems = Vec::new();
        let mut keep = |path: &str, error: Error| problems.push(error.within(path));
        let width = Width::parse(&source.width).map_err(|e| keep("width", e)).ok();
        let zone = source.timezone.as_deref().map_or(Ok(Zone::UTC), Zone::named);
        let zone = zone.map_err(|e| keep("timezone", e)).ok();
        let origin = source.origin.as_deref().map(parse_written).transpose();
        let origin = origin.map_err(|e| keep("origin", Error::new(Code::SpecBucket, e.message()))).ok();
        let offset = source.offset.as_deref().map_or(Ok(Interval::default()), Interval::parse);
        let offset = offset.map_err(|e| keep("offset", e)).ok();
        if let (Some(width), Some(offset)) = (width, offset) {
            if let Err(error) = width.check_offset(offset) {
                keep("offset", error);
            }
        }
        let (Some(width), Some(zone), Some(origin), Some(offset), true) =
            (width, zone, origin, offset, problems.is_empty())
        else {
            return Err(problems);
        };
        let origin_us = origin.map(|written| match written.offset_us {
            None => written.local_us,
            Some(offset_us) => {
                let instant = written.local_us - offset_us;
                instant + zone.offset_us(instant)
            }
        });
        Ok(Self::reduced(width, zone, origin_us, offset))
    }

    /// One form for all spellings of the same buckets.
    fn reduced(width: Width, zone: Zone, origin_us: Option<i64>, offset: Interval) -> Self {
        match width {
            Width::Fixed(period) => {
                let moved = if zone.is_utc() { offset.fixed_us() } else { 0 };
                // at most 60,000 years together, so it cannot overflow
                let after_default = (origin_us.unwrap_or(ORIGIN_US) - ORIGIN_US + moved).rem_euclid(period);
                Self { width, zone, origin: after_default, offset: offset.fixed_us() - moved }
            }
            Width::Months(period) => {
                let month = origin_us.map_or(0, |us| Date::from_us(us).month_index());
                let origin = (month + offset.months()).rem_euclid(period);
                Self { width, zone, origin, offset: offset.fixed_us() }
            }
        }
    }

    /// The bucket in its one spelling.
    #[must_use]
    pub fn source(&self) -> BucketSource {
        let in_offset = self.zone.is_utc() && matches!(self.width, Width::Fixed(_));
        let offset = if in_offset { self.origin } else { self.offset };
        let origin = (!in_offset && self.origin != 0).then(|| match self.width {
            Width::Fixed(period) => format_local(earlier_if_unsupported(ORIGIN_US + self.origin, period)),
            Width::Months(period) => {
                let start = month_start_us(self.origin);
                format_local(if is_supported(start) { start } else { month_start_us(self.origin - period) })
            }
        });
        BucketSource {
            width: self.width.interval().to_string(),
            timezone: (!self.zone.is_utc()).then(|| self.zone.name().to_string()),
            origin,
            offset: (offset != 0).then(|| Interval::from_us(offset).to_string()),
        }
    }

    /// The zone whose local time is cut.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The start of the bucket an instant lies in.
    ///
    /// **Errors**: `ingest.time` when the instant or the start is outside the years −9999 to 9999.
    pub fn start(&self, instant: i64) -> Result<i64> {
        if !is_supported(instant) {
            return Err(Error::new(
                Code::IngestTime,
                format!("the time {instant} us is outside the years -9999 to 9999"),
            ));
        }
        let start = self.start_of(instant);
        if start < limits::MIN_TIME_US {
            let text = format_timestamp(instant);
            return Err(Error::new(Code::IngestTime, format!("the bucket of {text} starts before the year -9999")));
        }
        Ok(start)
    }

    /// The end of the bucket an instant lies in, which is the start of the next one; it may be past the year 9999.
    ///
    /// **Cost**: with a zone, about three times [`Bucket::start`]; more within a day of a clock change.
    #[must_use]
    pub fn end(&self, instant: i64) -> i64 {
        self.end_after(self.start_of(clamped(instant)))
    }

    /// Whether a bucket starts at an instant.
    #[must_use]
    pub fn is_edge(&self, instant: i64) -> bool {
        is_supported(instant) && self.start_of(instant) == instant
    }

    /// The start of the one bucket that a range `[start, end)` lies in; none when it straddles two.
    #[must_use]
    pub fn enclosing(&self, start: i64, end: i64) -> Option<i64> {
        let bucket = self.start(start).ok()?;
        (start < end && end <= self.end_after(bucket)).then_some(bucket)
    }

    /// The starts of all buckets that overlap `[start, end)`, in order.
    pub fn iter(&self, start: i64, end: i64) -> impl Iterator<Item = i64> + '_ {
        let bucket = self.start_of(clamped(start));
        let first = (start < end).then_some(bucket);
        core::iter::successors(first, |&bucket| Some(self.end_after(bucket))).take_while(move |&bucket| bucket < end)
    }

    /// A reader that remembers buckets, for many instants.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self)
    }

    /// Appends the start of the bucket of each instant.
    ///
    /// **Errors**: the first row that [`Bucket::start`] refuses, and why; `out` is then as long as it was.
    pub fn starts(&self, instants: &[i64], out: &mut Vec<i64>) -> Result<(), (usize, Error)> {
        let mut cursor = self.cursor();
        let before = out.len();
        out.reserve(instants.len());
        for (row, &instant) in instants.iter().enumerate() {
            match cursor.start(instant) {
                Ok(start) => out.push(start),
                Err(error) => {
                    out.truncate(before);
                    return Err((row, error));
                }
            }
        }
        Ok(())
    }

    /// The width of a fixed width in UTC: there every bucket ends that much after its start.
    pub(super) fn fixed_utc_us(&self) -> Option<i64> {
        match self.width {
            Width::Fixed(period) if self.zone.is_utc() => Some(period),
            _ => None,
        }
    }

    /// A length of time that most buckets have, in µs.
    pub(super) fn usual_us(&self) -> i64 {
        match self.width {
            Width::Fixed(period) => period,
            Width::Months(period) => period * LONGEST_MONTH_US,
        }
    }

    /// [`Bucket::start`] without its range check.
    #[inline]
    fn start_of(&self, instant: i64) -> i64 {
        if let Some(period) = self.fixed_utc_us() {
            return instant - (instant - ORIGIN_US - self.origin).rem_euclid(period);
        }
        let moved = instant - self.offset;
        let offset = self.zone.offset_us(moved);
        let edge = self.floor(moved + offset);
        let start = self.zone.to_instant(edge);
        let start = if start <= moved { start } else { self.step_back(moved, edge, start) };
        start + self.offset
    }

    /// The last edge at or before a local time.
    fn floor(&self, local: i64) -> i64 {
        match self.width {
            Width::Fixed(period) => local - (local - ORIGIN_US - self.origin).rem_euclid(period),
            Width::Months(period) => {
                let month = Date::from_us(local).month_index();
                month_start_us(month - (month - self.origin).rem_euclid(period))
            }
        }
    }

    /// The start of the bucket of an instant whose local edge is, in UTC, after the instant.
    #[cold]
    fn step_back(&self, instant: i64, edge: i64, start: i64) -> i64 {
        let offset = self.zone.offset_us(instant);
        let later = self.zone.offset_us(start);
        let mut edge = edge;
        if offset == later {
            // the edge lies in a gap before the instant: edges before it have moved as far
            edge = match self.width {
                Width::Fixed(period) => edge - (start - instant + period - 1) / period * period,
                Width::Months(_) => self.floor(edge - 1),
            };
        } else {
            // clocks go back between the instant and the start, to this local time
            let change = self.zone.change_between(instant, start);
            let shown = change + self.zone.offset_us(change);
            match self.width {
                Width::Fixed(period) if (offset - later) % period == 0 && self.floor(shown) == shown => {
                    return edge - offset;
                }
                _ => edge = self.floor(shown - 1),
            }
        }
        loop {
            let start = self.zone.to_instant(edge);
            if start <= instant {
                return start;
            }
            edge = self.floor(edge - 1);
        }
    }

    /// The end of the bucket with this start.
    pub(super) fn end_after(&self, start: i64) -> i64 {
        if let Some(period) = self.fixed_utc_us() {
            return start + period;
        }
        let moved = start - self.offset;
        let edge = self.floor(moved + self.zone.offset_us(moved));
        let next_edge = match self.width {
            Width::Fixed(period) => edge + period,
            Width::Months(period) => month_start_us(Date::from_us(edge).month_index() + period),
        };
        let next = self.zone.to_instant(next_edge) + self.offset;
        if self.zone.is_utc() || (self.start_of(next) == next && self.start_of(next - 1) == start) {
            return next;
        }
        let mut far = start + self.usual_us() + JUMPS_US;
        while self.start_of(far) == start {
            far += self.usual_us() + JUMPS_US;
        }
        first(start, far, |instant| self.start_of(instant) != start)
    }
}

impl Width {
    fn parse(text: &str) -> Result<Self> {
        let refuse = |problem: &str| Err(Error::new(Code::SpecBucket, format!("the width '{text}' {problem}")));
        let interval = Interval::parse(text)?;
        let (months, us) = (interval.months(), interval.fixed_us());
        if !interval.is_positive() {
            return refuse("is not longer than nothing");
        }
        if months != 0 && us != 0 {
            return refuse("mixes months with days or time, and months differ in length");
        }
        if us > MAX_US {
            return refuse("is longer than 19998 years");
        }
        Ok(if months != 0 { Self::Months(months) } else { Self::Fixed(us) })
    }

    fn check_offset(self, offset: Interval) -> Result<()> {
        if matches!(self, Self::Fixed(_)) && offset.months() != 0 {
            let text = format!("the offset '{offset}' has months, and the width '{}' has not", self.interval());
            return Err(Error::new(Code::SpecBucket, text));
        }
        if offset.fixed_us().abs() > MAX_US {
            return Err(Error::new(Code::SpecBucket, format!("the offset '{offset}' is longer than 19998 years")));
        }
        Ok(())
    }

    fn interval(self) -> Interval {
        match self {
            Self::Fixed(us) => Interval::from_us(us),
            Self::Months(months) => Interval::from_months(months),
        }
    }
}

/// The same local edge one period before, when it is past the year 9999 and could not be read back.
fn earlier_if_unsupported(edge: i64, period: i64) -> i64 {
    if is_supported(edge) {
        edge
    } else {
        edge - period
    }
}

/// The nearest instant for which no arithmetic of a bucket can overflow.
fn clamped(instant: i64) -> i64 {
    instant.clamp(limits::MIN_TIME_US, limits::MAX_TIME_US)
}
