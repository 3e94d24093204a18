//! What do the clocks of a place show at an instant, and which instant do they mean?
//!
//! The one idea: one pinned tz database is part of the kernel, so a local day is the same range in every host. A local
//! time that clocks skip is read with the offset before the gap, one that they show twice is the later of the two: what
//! PostgreSQL answers.
//!
//! Not here: zones of the host, abbreviations such as `CET+1`. The database lists changes up to the year 2100; from
//! then on a zone keeps its last offset.

use alloc::format;
use core::str::FromStr;

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{Tz, TZ_VARIANTS};

use super::civil::Date;
use super::instant::is_supported;
use super::interval::Interval;
use super::{DAY_US, SECOND_US};
use crate::error::{Code, Error, Result};

/// The release of the IANA tz database inside this kernel, such as `2025b`.
pub const TZDB_VERSION: &str = chrono_tz::IANA_TZDB_VERSION;

/// No offset from UTC reaches this many seconds: the largest is the 15:13:42 of Metlakatla before 1867.
const MAX_OFFSET_S: i64 = 16 * 3600;

/// Other names of UTC: zones without a single change.
const UTC_NAMES: [Tz; 17] = [
    Tz::UTC,
    Tz::UCT,
    Tz::Universal,
    Tz::Zulu,
    Tz::Etc__UTC,
    Tz::Etc__UCT,
    Tz::Etc__Universal,
    Tz::Etc__Zulu,
    Tz::Etc__GMT,
    Tz::Etc__GMT0,
    Tz::Etc__GMTPlus0,
    Tz::Etc__GMTMinus0,
    Tz::Etc__Greenwich,
    Tz::GMT,
    Tz::GMT0,
    Tz::GMTPlus0,
    Tz::Greenwich,
];

/// A time zone of the built-in tz database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of an IANA name such as `Europe/Berlin`; every name of UTC gives [`Zone::UTC`].
    ///
    /// **Errors**: `spec.timezone` when the database has no such name; names are case-sensitive.
    pub fn named(name: &str) -> Result<Self> {
        match Tz::from_str(name) {
            Ok(zone) if UTC_NAMES.contains(&zone) => Ok(Self::UTC),
            Ok(zone) => Ok(Self(zone)),
            Err(_) => Err(unknown(name)),
        }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Whether this is UTC.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.0 == Tz::UTC
    }

    /// What the clocks show at an instant, less the instant, in µs.
    #[must_use]
    pub fn offset_us(&self, instant: i64) -> i64 {
        self.offset_s(instant.div_euclid(SECOND_US)) * SECOND_US
    }

    fn offset_s(&self, instant_s: i64) -> i64 {
        if self.is_utc() {
            return 0;
        }
        seconds(&self.0.offset_from_utc_datetime(&naive(instant_s)))
    }

    /// The instant that a local time means.
    #[must_use]
    pub fn to_instant(&self, local: i64) -> i64 {
        if self.is_utc() {
            return local;
        }
        let local_s = local.div_euclid(SECOND_US);
        let offset_s = match self.0.offset_from_local_datetime(&naive(local_s)) {
            MappedLocalTime::Single(offset) => seconds(&offset),
            // the smaller offset is the later instant
            MappedLocalTime::Ambiguous(one, other) => seconds(&one).min(seconds(&other)),
            MappedLocalTime::None => self.offset_before_gap_s(local_s),
        };
        local - offset_s * SECOND_US
    }

    /// The offset that holds until the clocks jump over a local time.
    fn offset_before_gap_s(&self, local_s: i64) -> i64 {
        let before = local_s - MAX_OFFSET_S;
        let after = local_s + MAX_OFFSET_S;
        let jump = first(before, after, |instant_s| instant_s + self.offset_s(instant_s) > local_s);
        self.offset_s(jump - 1)
    }

    /// The first instant after `before` with another offset than there; `after` has one.
    pub(super) fn change_between(&self, before: i64, after: i64) -> i64 {
        let offset_s = self.offset_s(before.div_euclid(SECOND_US));
        let (before_s, after_s) = (before.div_euclid(SECOND_US), after.div_euclid(SECOND_US));
        first(before_s, after_s, |instant_s| self.offset_s(instant_s) != offset_s) * SECOND_US
    }
}

/// The instant an interval before another: months and days by the calendar of the zone, the rest as elapsed time.
///
/// Months come off first; a day that the month has not becomes its last.
///
/// **Errors**: `range.invalid` when that is outside the supported times.
pub fn shift_back(instant: i64, interval: &Interval, zone: &Zone) -> Result<i64> {
    let out_of_range = || Error::new(Code::RangeInvalid, format!("{interval} before the end is before the year -9999"));
    if !is_supported(instant) {
        return Err(Error::new(Code::RangeInvalid, format!("{instant} us is outside the years -9999 to 9999")));
    }
    let mut shifted = instant;
    if interval.months() != 0 || interval.days() != 0 {
        let local = instant + zone.offset_us(instant);
        let date = Date::from_us(local).plus_months(-interval.months());
        let days = date.to_days() - interval.days();
        // at most 60,000 years of days, so it cannot overflow
        let moved = days * DAY_US + local.rem_euclid(DAY_US);
        if !is_supported(moved) {
            return Err(out_of_range());
        }
        shifted = zone.to_instant(moved);
    }
    shifted -= interval.us();
    if is_supported(shifted) {
        Ok(shifted)
    } else {
        Err(out_of_range())
    }
}

/// The first number after `low` that a test accepts, by halving: the test refuses `low` and accepts `high`.
pub(super) fn first(mut low: i64, mut high: i64, accepts: impl Fn(i64) -> bool) -> i64 {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if accepts(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn seconds(offset: &impl Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc())
}

/// chrono's form of a time; outside its 500,000 years, where no bucket reaches, the epoch.
fn naive(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH).naive_utc()
}

fn unknown(name: &str) -> Error {
    let near = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name));
    let hint = match near {
        Some(zone) => format!("; did you mean '{}'?", zone.name()),
        None => format!(" {TZDB_VERSION}"),
    };
    Error::new(Code::SpecTimezone, format!("'{name}' is not a time zone of the tz database{hint}"))
}
