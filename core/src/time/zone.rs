//! What do the clocks of a place show at an instant, and which instant do they mean?
//!
//! The one idea: one pinned tz database is part of the kernel, so a local day is the same range in every host. A local
//! time that clocks skip is read with the offset before the gap, one that they show twice is the later of the two: what
//! PostgreSQL answers.
//!
//! Not here: zones of the host, abbreviations such as `CET+1`.

use alloc::format;
use alloc::sync::Arc;
use core::fmt;

use super::civil::Date;
use super::clocks::Clocks;
use super::instant::is_supported;
use super::interval::Interval;
use super::zone_table::{find, find_ignoring_case, TZDB_VERSION};
use super::{DAY_US, SECOND_US};
use crate::error::{Code, Error, Result};

/// A time zone of the built-in tz database, whose rules hold for ever.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(Option<Arc<Place>>);

/// A zone other than UTC.
#[derive(PartialEq, Eq)]
struct Place {
    name: &'static str,
    clocks: Clocks,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(None);

    /// The zone of an IANA name such as `Europe/Berlin`; every name of UTC gives [`Zone::UTC`].
    ///
    /// **Errors**: `spec.timezone` when the database has no such name; names are case-sensitive.
    ///
    /// **Cost**: some ten µs, and 16 KiB while the zone is in use.
    pub fn named(name: &str) -> Result<Self> {
        let (name, clocks) = find(name).ok_or_else(|| unknown(name))?;
        Ok(Self((!clocks.are_utc()).then(|| Arc::new(Place { name, clocks }))))
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.as_ref().map_or("UTC", |place| place.name)
    }

    /// Whether this is UTC.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.0.is_none()
    }

    /// What the clocks show at an instant, less the instant, in µs.
    #[must_use]
    pub fn offset_us(&self, instant: i64) -> i64 {
        self.offset_s(instant.div_euclid(SECOND_US)) * SECOND_US
    }

    fn offset_s(&self, instant_s: i64) -> i64 {
        self.0.as_ref().map_or(0, |place| place.clocks.offset_at(instant_s))
    }

    /// The instant that a local time means.
    #[must_use]
    pub fn to_instant(&self, local: i64) -> i64 {
        let offset_s = self.0.as_ref().map_or(0, |place| place.clocks.offset_of_local(local.div_euclid(SECOND_US)));
        local - offset_s * SECOND_US
    }

    /// The first instant after `before` with another offset than there; `after` has one.
    pub(super) fn change_between(&self, before: i64, after: i64) -> i64 {
        let offset_s = self.offset_s(before.div_euclid(SECOND_US));
        let (before_s, after_s) = (before.div_euclid(SECOND_US), after.div_euclid(SECOND_US));
        first(before_s, after_s, |instant_s| self.offset_s(instant_s) != offset_s) * SECOND_US
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
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

fn unknown(name: &str) -> Error {
    let hint = match find_ignoring_case(name) {
        Some(known) => format!("; did you mean '{known}'?"),
        None => format!(" {TZDB_VERSION}"),
    };
    Error::new(Code::SpecTimezone, format!("'{name}' is not a time zone of the tz database{hint}"))
}
