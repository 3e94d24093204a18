//! What the calendar says of a time.
//!
//! Not here: zones; a local time is a number like any other to this file.

use super::civil::Date;
use super::DAY_US;

/// A date with its place among the days, the weeks and the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calendar {
    /// 0 is the year before 1.
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
    /// Since 1970-01-01.
    days: i64,
}

impl Calendar {
    /// The date at a time, which may be local.
    pub(crate) fn at(us: i64) -> Self {
        Self::of_day(us.div_euclid(DAY_US))
    }

    fn of_day(days: i64) -> Self {
        let Date { year, month, day } = Date::from_days(days);
        Self { year, month, day, days }
    }

    /// The first microsecond of a month.
    pub(crate) fn first_of(year: i64, month: i64) -> i64 {
        Date { year, month, day: 1 }.to_days() * DAY_US
    }

    /// From 1 to 366.
    pub(crate) fn day_of_year(self) -> i64 {
        self.days - Date { year: self.year, month: 1, day: 1 }.to_days() + 1
    }

    /// From Monday, 1, to Sunday, 7.
    pub(crate) fn iso_weekday(self) -> i64 {
        // 1970-01-01 was a Thursday
        (self.days + 3).rem_euclid(7) + 1
    }

    /// The Thursday of the same week, in whose year the week is counted.
    pub(crate) fn thursday(self) -> Self {
        Self::of_day(self.days + 4 - self.iso_weekday())
    }
}
