//! Days and months of the proleptic Gregorian calendar, as integers.
//!
//! The one idea: a year that begins in March puts the leap day last, and then a date is a few integer divisions away
//! from a day number. Every function holds for all days of an i64 of microseconds.
//!
//! Not here: zones; a local time is a number like any other to this file.

use super::DAY_US;

const DAYS_OF_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A date, month and day counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

impl Date {
    /// The date of a day number (day 0 is 1970-01-01).
    pub fn from_days(days: i64) -> Self {
        let shifted = days + EPOCH;
        let era = shifted.div_euclid(DAYS_OF_ERA);
        let day_of_era = shifted.rem_euclid(DAYS_OF_ERA);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * march_month + 2) / 5 + 1 }
    }

    /// The day number of the date.
    pub fn to_days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let march_month = (self.month + 9) % 12;
        let day_of_year = (153 * march_month + 2) / 5 + self.day - 1;
        era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH
    }

    /// The date at a time, which may be local.
    pub fn from_us(us: i64) -> Self {
        Self::from_days(us.div_euclid(DAY_US))
    }

    /// Months from 2000-01 to the month of the date.
    pub fn month_index(self) -> i64 {
        (self.year - 2000) * 12 + self.month - 1
    }

    /// The date as many months later (earlier, when negative); a day the month has not becomes its last.
    pub fn plus_months(self, months: i64) -> Self {
        let index = self.month_index() + months;
        let year = 2000 + index.div_euclid(12);
        let month = index.rem_euclid(12) + 1;
        Self { year, month, day: self.day.min(days_in_month(year, month)) }
    }
}

/// The first microsecond of a month counted from 2000-01.
pub(super) fn month_start_us(index: i64) -> i64 {
    Date { year: 2000 + index.div_euclid(12), month: index.rem_euclid(12) + 1, day: 1 }.to_days() * DAY_US
}

/// The number of days of a month.
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_days_one_by_one_gives_the_same_dates() {
        let mut date = Date { year: -801, month: 12, day: 31 };
        let mut days = date.to_days();
        while date.year < 2405 {
            assert_eq!(Date::from_days(days), date);
            assert_eq!(date.to_days(), days);
            days += 1;
            date.day += 1;
            if date.day > days_in_month(date.year, date.month) {
                date.day = 1;
                date.month += 1;
            }
            if date.month > 12 {
                date.month = 1;
                date.year += 1;
            }
        }
        assert_eq!(Date::from_days(0), Date { year: 1970, month: 1, day: 1 });
    }

    #[test]
    fn a_month_later_is_at_most_the_last_of_the_month() {
        let date = Date { year: 2024, month: 3, day: 31 };
        assert_eq!(date.plus_months(-1), Date { year: 2024, month: 2, day: 29 });
        assert_eq!(date.plus_months(-13), Date { year: 2023, month: 2, day: 28 });
        assert_eq!(date.plus_months(10), Date { year: 2025, month: 1, day: 31 });
    }

    #[test]
    fn month_zero_starts_with_2000() {
        assert_eq!(month_start_us(0), 946_684_800 * 1_000_000);
        for index in -30_000..30_000 {
            assert_eq!(Date::from_us(month_start_us(index)).month_index(), index);
            assert_eq!(Date::from_us(month_start_us(index) - 1).month_index(), index - 1);
        }
    }
}
