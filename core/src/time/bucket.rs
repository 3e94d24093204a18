//! The buckets of one width: where the bucket of an instant starts and ends.
//!
//! The one idea: floor the local time to the width and go back to UTC, as `time_bucket` of TimescaleDB does, with one
//! promise on top: **buckets tile the time line**. `start` never falls as time goes on, `start(start(t)) = start(t)`,
//! and every instant of `[start, end)` has that start. Where the two conflict (clocks go back over an edge) the rules
//! are:
//! - an edge that clocks skip moves with the gap (01:00, where midnight does not exist), however long the gap is: each
//!   edge inside is as far after the jump as it is after the beginning of the gap, and those that would come after the
//!   next edge are none;
//! - an edge that clocks show twice is the later of the two, and the hour before it belongs to the bucket before;
//! - but when the width divides the jump and the jump lands on an edge, both are edges: one-hour buckets give 01:00
//!   twice;
//! - and a midnight that is shown twice because clocks go back to it (01:00 → 00:00) is the first of the two, so that
//!   the rows of a day are those of its local date. Where clocks go back past midnight (00:01 → 23:01) no cut has that
//!   property, and the later midnight counts.
//!
//! **Source** `time_bucket` of TimescaleDB, but for the last rule: it gives the first hour of such a date to the day
//! before.
//!
//! Not here: how spec JSON spells a bucket (the spec parser fills a [`BucketSource`]).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cursor::Cursor;
use super::grid::{Equal, Grid};
use super::instant::{format_timestamp, is_supported, parse_written};
use super::interval::{Interval, MAX_US};
use super::zone::{first, Zone};
use super::DAY_US;
use crate::error::{Code, Error, Result};
use crate::limits;

/// More than the clocks of a zone ever jump, at the start and at the end of a bucket together.
const JUMPS_US: i64 = 3 * DAY_US;

/// Rows looked at together: few enough to stay in the cache, enough for one look at their bounds to be cheap.
const STRETCH: usize = 512;

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

/// The buckets of one width, zone, origin and offset.
///
/// Two buckets are equal when [`Bucket::source`] spells them in the same way; a zone and its other names are different
/// spellings, UTC's apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Edges on the clocks of the zone.
    grid: Grid,
    zone: Zone,
    /// Elapsed µs added to every edge; with a fixed width in UTC the grid has it in it.
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
        let width = parse_width(&source.width).map_err(|e| keep("width", e)).ok();
        let zone = source.timezone.as_deref().map_or(Ok(Zone::UTC), Zone::named);
        let zone = zone.map_err(|e| keep("timezone", e)).ok();
        let origin = source.origin.as_deref().map(parse_written).transpose();
        let origin = origin.map_err(|e| keep("origin", Error::new(Code::SpecBucket, e.message()))).ok();
        let offset = source.offset.as_deref().map_or(Ok(Interval::default()), Interval::parse);
        let offset = offset.map_err(|e| keep("offset", e)).ok();
        if let (Some(width), Some(offset)) = (width, offset) {
            if let Err(error) = check_offset(width, offset) {
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
    fn reduced(width: Interval, zone: Zone, origin: Option<i64>, offset: Interval) -> Self {
        let moves_grid = width.months() == 0 && zone.is_utc();
        let (in_grid, elapsed) = if moves_grid { (offset.fixed_us(), 0) } else { (0, offset.fixed_us()) };
        let grid = Grid::new(width, origin).moved(offset.months(), in_grid);
        Self { grid, zone, offset: elapsed }
    }

    /// The bucket in its one spelling.
    #[must_use]
    pub fn source(&self) -> BucketSource {
        let phase = self.grid.phase();
        let (origin, offset) = match self.equal_in_utc() {
            Some(_) => (None, phase),
            None => ((phase != 0).then(|| self.grid.origin_text()), self.offset),
        };
        BucketSource {
            width: self.grid.width().to_string(),
            timezone: (!self.zone.is_utc()).then(|| self.zone.name().to_string()),
            origin,
            offset: (offset != 0).then(|| Interval::from_us(offset).to_string()),
        }
    }

    /// The zone whose local time is cut.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
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

    /// The starts of all buckets that overlap `[start, end)`, in order, up to the year 9999.
    pub fn iter(&self, start: i64, end: i64) -> impl Iterator<Item = i64> + '_ {
        let end = clamped(end);
        let bucket = self.start_of(clamped(start));
        let first = (start < end).then_some(bucket);
        core::iter::successors(first, |&bucket| Some(self.end_after(bucket))).take_while(move |&bucket| bucket < end)
    }

    /// No more than there are buckets that overlap `[start, end)`, and not many fewer.
    #[must_use]
    pub(crate) fn least_count(&self, start: i64, end: i64) -> u64 {
        let jumps = if self.zone.is_utc() { 0 } else { JUMPS_US };
        let length = end.saturating_sub(start).saturating_sub(jumps).max(0);
        (length / self.longest_us()).unsigned_abs()
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
        let before = out.len();
        let mut cursor = self.cursor();
        out.reserve(instants.len());
        for stretch in instants.chunks(STRETCH) {
            let (least, greatest) = bounds(stretch);
            // starts do not fall as time goes on: when these two are supported, all rows between them are
            let (Ok(first), Ok(last)) = (cursor.start(least), cursor.start(greatest)) else {
                out.truncate(before);
                return instants.iter().enumerate().try_for_each(|(row, &instant)| match self.start(instant) {
                    Ok(_) => Ok(()),
                    Err(error) => Err((row, error)),
                });
            };
            if first == last {
                out.resize(out.len() + stretch.len(), first);
            } else if let Some(edges) = self.equal_in_utc() {
                out.extend(stretch.iter().map(|&instant| edges.floor(instant)));
            } else {
                out.extend(stretch.iter().map(|&instant| cursor.supported_start(instant)));
            }
        }
        Ok(())
    }

    /// The edges themselves, where no zone moves them.
    pub(super) fn equal_in_utc(&self) -> Option<&Equal> {
        match &self.grid {
            Grid::Equal(edges) if self.zone.is_utc() => Some(edges),
            _ => None,
        }
    }

    /// A time of which the starts of neighbouring buckets mostly lie a multiple apart.
    pub(crate) fn spacing_us(&self) -> i64 {
        match &self.grid {
            Grid::Equal(_) => self.grid.longest_us(),
            Grid::Months(_) => DAY_US,
        }
    }

    /// The longest bucket, clock changes aside.
    pub(super) fn longest_us(&self) -> i64 {
        self.grid.longest_us()
    }

    /// [`Bucket::start`] without its range check.
    #[inline]
    pub(super) fn start_of(&self, instant: i64) -> i64 {
        if let Some(edges) = self.equal_in_utc() {
            return edges.floor(instant);
        }
        let moved = instant - self.offset;
        let edge = self.grid.floor(moved + self.zone.offset_us(moved));
        let start = self.begin(edge);
        let start = if start <= moved { start } else { self.step_back(moved, edge, start) };
        start + self.offset
    }

    /// The instant at which a local edge begins a bucket, unless the clocks' next change makes it none.
    #[inline]
    fn begin(&self, edge: i64) -> i64 {
        let later = self.zone.to_instant(edge);
        if edge % DAY_US == 0 && !self.zone.is_utc() {
            self.first_midnight(edge, later)
        } else {
            later
        }
    }

    /// The first of two midnights when clocks go back from the second to it, else the one that is given.
    fn first_midnight(&self, edge: i64, later: i64) -> i64 {
        let jump = self.zone.offset_us(later - 1) - self.zone.offset_us(later);
        match &self.grid {
            // both are edges
            Grid::Equal(edges) if jump % edges.period == 0 => later,
            // before the change clocks are `jump` ahead, so they show the edge that much earlier
            _ if jump > 0 && later + self.zone.offset_us(later) == edge => later - jump,
            _ => later,
        }
    }

    /// The start of the bucket of an instant whose local edge is, in UTC, after the instant.
    #[cold]
    fn step_back(&self, instant: i64, edge: i64, start: i64) -> i64 {
        let offset = self.zone.offset_us(instant);
        let later = self.zone.offset_us(start);
        let mut edge = edge;
        if offset == later {
            // the edge lies in a gap before the instant, and the edges before it have moved as far
            edge = self.grid.floor(edge - (start - instant));
        } else {
            // clocks go back between the instant and the start, to this local time
            let change = self.zone.change_between(instant, start);
            let shown = change + self.zone.offset_us(change);
            match &self.grid {
                Grid::Equal(edges) if (offset - later) % edges.period == 0 && edges.floor(shown) == shown => {
                    return edge - offset;
                }
                _ => edge = self.grid.floor(shown),
            }
        }
        loop {
            let start = self.begin(edge);
            if start <= instant {
                return start;
            }
            edge = self.grid.floor(edge - 1);
        }
    }

    /// The end of the bucket with this start.
    pub(super) fn end_after(&self, start: i64) -> i64 {
        if let Some(edges) = self.equal_in_utc() {
            return start + edges.period;
        }
        let moved = start - self.offset;
        let edge = self.grid.floor(moved + self.zone.offset_us(moved));
        let next = self.begin(self.grid.after(edge)) + self.offset;
        if self.zone.is_utc() || (self.start_of(next) == next && self.start_of(next - 1) == start) {
            return next;
        }
        let mut far = start + self.longest_us() + JUMPS_US;
        while self.start_of(far) == start {
            far += self.longest_us() + JUMPS_US;
        }
        first(start, far, |instant| self.start_of(instant) != start)
    }
}

fn parse_width(text: &str) -> Result<Interval> {
    let refuse = |problem: &str| Err(Error::new(Code::SpecBucket, format!("the width '{text}' {problem}")));
    let width = Interval::parse(text)?;
    if !width.is_positive() {
        return refuse("is not longer than nothing");
    }
    if width.months() != 0 && width.fixed_us() != 0 {
        return refuse("mixes months with days or time, and months differ in length");
    }
    if width.fixed_us() > MAX_US {
        return refuse("is longer than 19998 years");
    }
    Ok(width)
}

fn check_offset(width: Interval, offset: Interval) -> Result<()> {
    if width.months() == 0 && offset.months() != 0 {
        let text = format!("the offset '{offset}' has months, and the width '{width}' has not");
        return Err(Error::new(Code::SpecBucket, text));
    }
    if offset.fixed_us().abs() > MAX_US {
        return Err(Error::new(Code::SpecBucket, format!("the offset '{offset}' is longer than 19998 years")));
    }
    Ok(())
}

/// The least and the greatest of some instants.
fn bounds(instants: &[i64]) -> (i64, i64) {
    instants.iter().fold((i64::MAX, i64::MIN), |(least, greatest), &us| (least.min(us), greatest.max(us)))
}

/// The nearest instant for which no arithmetic of a bucket can overflow.
fn clamped(instant: i64) -> i64 {
    instant.clamp(limits::MIN_TIME_US, limits::MAX_TIME_US)
}
