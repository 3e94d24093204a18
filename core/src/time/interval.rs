//! How long is "15 minutes"?
//!
//! The one idea: months, days and the rest are three numbers, as in SQL, because a month has no fixed length and a day
//! of a time zone has 23 to 25 hours.
//!
//! Not here: what a bucket makes of them ([`super::Bucket`] takes days as 24 hours of local time).

use alloc::format;
use alloc::string::String;
use core::fmt;

use super::{DAY_US, SECOND_US};
use crate::error::{Code, Error, Result};
use crate::limits;

/// The longest interval in µs: the span of all supported times.
pub(super) const MAX_US: i64 = limits::MAX_TIME_US - limits::MIN_TIME_US;
const MAX_DAYS: i64 = MAX_US / DAY_US;
const MAX_MONTHS: i64 = 19_998 * 12;

const MINUTE_US: i64 = 60 * SECOND_US;
const HOUR_US: i64 = 3600 * SECOND_US;

#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Days(i64),
    Us(i64),
}

/// The units a text may name, in the singular; all of them also take a plural `s`.
const WORDS: [(&str, Unit); 10] = [
    ("microsecond", Unit::Us(1)),
    ("millisecond", Unit::Us(1000)),
    ("second", Unit::Us(SECOND_US)),
    ("minute", Unit::Us(MINUTE_US)),
    ("hour", Unit::Us(HOUR_US)),
    ("day", Unit::Days(1)),
    ("week", Unit::Days(7)),
    ("month", Unit::Months(1)),
    ("quarter", Unit::Months(3)),
    ("year", Unit::Months(12)),
];

/// Abbreviations without a second reading; `m` (minute or month?) is none.
const SYMBOLS: [(&str, Unit); 6] = [
    ("us", Unit::Us(1)),
    ("ms", Unit::Us(1000)),
    ("s", Unit::Us(SECOND_US)),
    ("min", Unit::Us(MINUTE_US)),
    ("h", Unit::Us(HOUR_US)),
    ("d", Unit::Days(1)),
];

/// A length of time: calendar months, calendar days, and elapsed microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    months: i64,
    days: i64,
    us: i64,
}

impl Interval {
    /// Reads `"15 minutes"`, `"1 hour 30 minutes"`, `"1h"`, `"-14 days"`: numbers, each with its unit.
    ///
    /// **Errors**: `spec.bucket` when the text is something else, or longer than 19998 years.
    pub fn parse(text: &str) -> Result<Self> {
        let mut interval = Self::default();
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(Error::new(Code::SpecBucket, "an interval is empty, where '1 hour' or the like is meant"));
        }
        while !rest.is_empty() {
            let (number, after_number) = take_number(rest).ok_or_else(|| expected_number(text, rest))?;
            let (unit, after_unit) = take_unit(after_number).ok_or_else(|| unknown_unit(text, after_number))?;
            interval = interval.plus(number, unit).ok_or_else(|| too_long(text))?;
            rest = after_unit;
        }
        Ok(interval)
    }

    /// The interval of elapsed time, in whole days where it is.
    pub(super) fn from_us(us: i64) -> Self {
        if us % DAY_US == 0 {
            Self { months: 0, days: us / DAY_US, us: 0 }
        } else {
            Self { months: 0, days: 0, us }
        }
    }

    /// The interval of some months.
    pub(super) fn from_months(months: i64) -> Self {
        Self { months, days: 0, us: 0 }
    }

    fn plus(self, number: i64, unit: Unit) -> Option<Self> {
        let mut sum = self;
        match unit {
            Unit::Months(size) => sum.months = within(sum.months, number, size, MAX_MONTHS)?,
            Unit::Days(size) => sum.days = within(sum.days, number, size, MAX_DAYS)?,
            Unit::Us(size) => sum.us = within(sum.us, number, size, MAX_US)?,
        }
        Some(sum)
    }

    /// Calendar months, years and quarters included.
    #[must_use]
    pub fn months(&self) -> i64 {
        self.months
    }

    /// Calendar days, weeks included.
    #[must_use]
    pub fn days(&self) -> i64 {
        self.days
    }

    /// Elapsed microseconds: hours and all that is shorter.
    #[must_use]
    pub fn us(&self) -> i64 {
        self.us
    }

    /// Whether no part is negative and one is more than zero.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        let parts = [self.months, self.days, self.us];
        parts.iter().all(|&part| part >= 0) && parts.iter().any(|&part| part > 0)
    }

    /// Days, as 24 hours each, and the rest together in µs; at most twice [`MAX_US`], so it cannot overflow.
    pub(super) fn fixed_us(&self) -> i64 {
        self.days * DAY_US + self.us
    }
}

/// `sum + number × size`, when that is at most `limit` either way.
fn within(sum: i64, number: i64, size: i64, limit: i64) -> Option<i64> {
    let total = number.checked_mul(size)?.checked_add(sum)?;
    (-limit..=limit).contains(&total).then_some(total)
}

fn take_number(text: &str) -> Option<(i64, &str)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let sign = text.len() - unsigned.len();
    let number = text.get(..sign + digits)?.parse().ok()?;
    Some((number, text.get(sign + digits..)?.trim_start()))
}

fn take_unit(text: &str) -> Option<(Unit, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at_checked(letters)?;
    let unit = WORDS
        .iter()
        .find(|(name, _)| is_word(word, name))
        .or_else(|| SYMBOLS.iter().find(|(symbol, _)| *symbol == word))
        .map(|(_, unit)| *unit)?;
    Some((unit, rest.trim_start()))
}

fn is_word(word: &str, name: &str) -> bool {
    let singular = word.strip_suffix(['s', 'S']).unwrap_or(word);
    singular.eq_ignore_ascii_case(name)
}

fn expected_number(text: &str, rest: &str) -> Error {
    Error::new(Code::SpecBucket, format!("'{text}' is not an interval: a whole number is expected at '{rest}'"))
}

fn unknown_unit(text: &str, rest: &str) -> Error {
    let mut names = String::new();
    for (name, _) in WORDS {
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(name);
    }
    Error::new(Code::SpecBucket, format!("'{text}' is not an interval: at '{rest}' one of these is expected: {names}"))
}

fn too_long(text: &str) -> Error {
    Error::new(Code::SpecBucket, format!("'{text}' is too long an interval: the limit is 19998 years"))
}

impl fmt::Display for Interval {
    /// The one spelling: each part in the largest unit that divides it (`1 week`, `36 hours`, `1 year`, `-14 days`
    /// as `-2 weeks`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MONTHS: [(i64, &str); 2] = [(12, "year"), (1, "month")];
        const DAYS: [(i64, &str); 2] = [(7, "week"), (1, "day")];
        const US: [(i64, &str); 5] = [
            (HOUR_US, "hour"),
            (MINUTE_US, "minute"),
            (SECOND_US, "second"),
            (1000, "millisecond"),
            (1, "microsecond"),
        ];
        let mut separator = "";
        let parts: [(i64, &[(i64, &str)]); 3] = [(self.months, &MONTHS), (self.days, &DAYS), (self.us, &US)];
        for (part, units) in parts {
            let Some((size, name)) = units.iter().find(|(size, _)| part != 0 && part % size == 0) else { continue };
            let number = part / size;
            let plural = if number.abs() == 1 { "" } else { "s" };
            write!(f, "{separator}{number} {name}{plural}")?;
            separator = " ";
        }
        if separator.is_empty() {
            f.write_str("0 seconds")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn spelled(text: &str) -> String {
        Interval::parse(text).unwrap().to_string()
    }

    #[test]
    fn an_interval_has_one_spelling() {
        assert_eq!(spelled("15 minutes"), "15 minutes");
        assert_eq!(spelled("7 days"), "1 week");
        assert_eq!(spelled("1 WEEK"), "1 week");
        assert_eq!(spelled("60 minutes"), "1 hour");
        assert_eq!(spelled("1 hour 30 minutes"), "90 minutes");
        assert_eq!(spelled("1h"), "1 hour");
        assert_eq!(spelled(" 250ms "), "250 milliseconds");
        assert_eq!(spelled("4 quarters"), "1 year");
        assert_eq!(spelled("18 months"), "18 months");
        assert_eq!(spelled("1 month -3 days +2 hours"), "1 month -3 days 2 hours");
        assert_eq!(spelled("-14 days"), "-2 weeks");
        assert_eq!(spelled("0 days"), "0 seconds");
    }

    #[test]
    fn a_day_is_not_24_hours_until_a_bucket_says_so() {
        assert_ne!(Interval::parse("1 day").unwrap(), Interval::parse("24 hours").unwrap());
        assert_eq!(Interval::parse("1 day").unwrap().fixed_us(), Interval::parse("24 hours").unwrap().fixed_us());
    }

    #[test]
    fn only_whole_numbers_with_known_units_are_intervals() {
        for text in [
            "",
            " ",
            "hour",
            "1",
            "1.5 hours",
            "1 fortnight",
            "1 hour,",
            "- 1 day",
            "1 hours 2",
            "5 m",
            "1 d1",
            "1 dayss",
        ] {
            let error = Interval::parse(text).unwrap_err();
            assert_eq!(error.code(), Code::SpecBucket, "{text}");
        }
        let error = Interval::parse("15 parsecs").unwrap_err();
        assert!(error.message().contains("at 'parsecs'"), "{error}");
    }

    #[test]
    fn an_interval_past_all_times_is_refused() {
        assert!(Interval::parse("19998 years").is_ok());
        for text in ["19999 years", "9223372036854775807 weeks", "99999999999999999999 seconds", "8000000 days"] {
            assert!(Interval::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9a-zé .]{0,24}") {
            if let Ok(interval) = Interval::parse(&text) {
                prop_assert_eq!(Interval::parse(&interval.to_string()).unwrap(), interval);
            }
        }

        #[test]
        fn the_spelling_reads_back(months in -9999i64..9999, days in -99_999i64..99_999, us in -MAX_US..MAX_US) {
            let interval = Interval { months, days, us };
            prop_assert_eq!(Interval::parse(&interval.to_string()).unwrap(), interval);
        }
    }
}
