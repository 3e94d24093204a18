//! What clocks and calendars show: `extract`, `date_part` and `date_trunc`; seconds between instants.
//!
//! The one idea: an instant becomes the local time of a place, and a unit is a part of that or the place where it begins.
//! PostgreSQL's answers: the beginning of a day or more is read with the offset that holds there, the beginning of an
//! hour or less keeps the offset of the instant.

use crate::error::{Code, Error, Result};
use crate::expr::token::quoted;
use crate::math::{Exact, Float64};
use crate::time::{is_supported, Calendar, Zone, DAY_US, SECOND_US};
use crate::value::Type;

/// A unit, where it is read, and what of it.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    unit: Unit,
    zone: Zone,
    reading: Reading,
}

/// What is read of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expr) enum Reading {
    /// Its number: the hour of the day, the day of the week.
    Part,
    /// When it begins.
    Start,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    IsoYear,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    Epoch,
}

/// Those that have a beginning come first.
const UNITS: [(&str, Unit); 18] = [
    ("microseconds", Unit::Microsecond),
    ("milliseconds", Unit::Millisecond),
    ("second", Unit::Second),
    ("minute", Unit::Minute),
    ("hour", Unit::Hour),
    ("day", Unit::Day),
    ("week", Unit::Week),
    ("month", Unit::Month),
    ("quarter", Unit::Quarter),
    ("year", Unit::Year),
    ("decade", Unit::Decade),
    ("century", Unit::Century),
    ("millennium", Unit::Millennium),
    ("isoyear", Unit::IsoYear),
    ("dow", Unit::DayOfWeek),
    ("isodow", Unit::IsoDayOfWeek),
    ("doy", Unit::DayOfYear),
    ("epoch", Unit::Epoch),
];
/// How many units have a beginning.
const STARTS: usize = 13;

impl Clock {
    /// A reading of the unit called so, in any case, on the clocks of a place.
    ///
    /// **Errors** `expr.arguments` for a unit that is none of the reading.
    pub(in crate::expr) fn new(reading: Reading, unit: &str, zone: Zone) -> Result<Self> {
        let units = if reading == Reading::Start { &UNITS[..STARTS] } else { &UNITS[..] };
        let Some((_, unit)) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) else {
            let mut message = quoted(unit, '\'') + " is not one of the units";
            for (i, (name, _)) in units.iter().enumerate() {
                message.push_str(if i == 0 { " " } else { ", " });
                message.push_str(name);
            }
            return Err(Error::new(Code::ExprArguments, message));
        };
        Ok(Self { unit: *unit, zone, reading })
    }

    /// What it gives: an instant, or an int64, or seconds with a fraction.
    pub(in crate::expr) fn output(&self) -> Type {
        match (self.reading, self.unit) {
            (Reading::Start, _) => Type::Timestamp,
            (Reading::Part, Unit::Epoch | Unit::Second | Unit::Millisecond) => Type::Float64,
            (Reading::Part, _) => Type::Int64,
        }
    }

    fn local(&self, instant: i64) -> i64 {
        instant.saturating_add(self.zone.offset_us(instant))
    }

    /// The number of the unit, where it is whole.
    pub(in crate::expr) fn whole(&self, instant: i64) -> i64 {
        let local = self.local(instant);
        let calendar = Calendar::at(local);
        let of_day = local.rem_euclid(DAY_US) / SECOND_US;
        match self.unit {
            Unit::Epoch | Unit::Second | Unit::Millisecond => 0,
            Unit::Microsecond => local.rem_euclid(60 * SECOND_US),
            Unit::Minute => of_day / 60 % 60,
            Unit::Hour => of_day / 3600,
            Unit::Day => calendar.day,
            Unit::Month => calendar.month,
            Unit::Quarter => (calendar.month + 2) / 3,
            Unit::Year => without_zero(calendar.year),
            Unit::Decade => calendar.year.div_euclid(10),
            Unit::Century => counted(calendar.year, 100),
            Unit::Millennium => counted(calendar.year, 1000),
            Unit::DayOfYear => calendar.day_of_year(),
            Unit::DayOfWeek => calendar.iso_weekday() % 7,
            Unit::IsoDayOfWeek => calendar.iso_weekday(),
            // a week belongs to the year of its Thursday
            Unit::Week => (calendar.thursday().day_of_year() + 6) / 7,
            Unit::IsoYear => without_zero(calendar.thursday().year),
        }
    }

    /// The number of the unit as a double, where it may have a fraction.
    pub(in crate::expr) fn fraction(&self, instant: i64) -> Float64 {
        let local = self.local(instant);
        let of_minute = local.rem_euclid(60 * SECOND_US);
        match self.unit {
            Unit::Epoch => seconds(local.into()),
            Unit::Millisecond => Float64::from_i64(of_minute) / Float64::from_i64(1000),
            _ => seconds(of_minute.into()),
        }
    }

    /// When the unit begins.
    ///
    /// Nothing outside the years that times are of.
    pub(in crate::expr) fn start(&self, instant: i64) -> Option<i64> {
        if !is_supported(instant) {
            return None;
        }
        let local = self.local(instant);
        let calendar = Calendar::at(local);
        let year = calendar.year;
        let begin = match self.unit {
            Unit::Microsecond => local,
            Unit::Millisecond => floor(local, 1000),
            Unit::Second => floor(local, SECOND_US),
            Unit::Minute => floor(local, 60 * SECOND_US),
            Unit::Hour => floor(local, 3600 * SECOND_US),
            Unit::Week => floor(local, DAY_US) - (calendar.iso_weekday() - 1) * DAY_US,
            Unit::Month => Calendar::first_of(year, calendar.month),
            Unit::Quarter => Calendar::first_of(year, (calendar.month - 1) / 3 * 3 + 1),
            Unit::Year => Calendar::first_of(year, 1),
            Unit::Decade => Calendar::first_of(floor(year, 10), 1),
            Unit::Century => Calendar::first_of(floor(year - 1, 100) + 1, 1),
            Unit::Millennium => Calendar::first_of(floor(year - 1, 1000) + 1, 1),
            _ => floor(local, DAY_US),
        };
        let keeps_offset = UNITS[..5].iter().any(|(_, unit)| *unit == self.unit);
        let start = if keeps_offset { begin - (local - instant) } else { self.zone.to_instant(begin) };
        is_supported(start).then_some(start)
    }
}

/// The error of an instant without a [`Clock::start`].
pub(in crate::expr) fn outside(at: u32) -> Error {
    Error::new(Code::ExprOverflow, "date_trunc gives a time outside the years -9999 to 9999").at(at)
}

/// Microseconds as seconds, correctly rounded.
pub(in crate::expr) fn seconds(us: i128) -> Float64 {
    /// Integers up to here are doubles, and one division rounds once.
    const EXACT: u128 = 1 << 53;
    if us.unsigned_abs() <= EXACT {
        return Float64::from_i128(us) / Float64::from_i64(SECOND_US);
    }
    Exact::from_i128(us).divide(SECOND_US.unsigned_abs())
}

fn floor(value: i64, unit: i64) -> i64 {
    value.saturating_sub(value.rem_euclid(unit))
}

/// Centuries and the like begin with the years 1, 101, …; before the first comes the one before Christ.
fn counted(year: i64, years: i64) -> i64 {
    without_zero((year - 1).div_euclid(years) + 1)
}

/// The number before 1 is −1.
fn without_zero(number: i64) -> i64 {
    number - i64::from(number <= 0)
}
