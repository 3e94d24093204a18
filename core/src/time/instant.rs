//! Which instant does a text name, and how is an instant written?
//!
//! The one idea: ISO 8601 in the forms that databases, Python and JavaScript write, and nothing else: a text that
//! could be read in two ways is an error.
//!
//! Not here: native dates of a host; instants relative to now.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use super::civil::{days_in_month, Date};
use super::{DAY_US, SECOND_US};
use crate::error::{Code, Error, Result};
use crate::limits;

/// A time as written: the wall clock, and the offset from UTC when the text has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub local_us: i64,
    pub offset_us: Option<i64>,
}

/// Reads ISO 8601 text as µs since 1970-01-01 UTC.
///
/// A date, or a date and a time joined by `T` or a space; the time as `hh:mm`, `hh:mm:ss` or with a fraction after a
/// point or a comma, which is floored to µs; then, after a space or none, `Z`, `±hh:mm`, `±hhmm`, `±hh`, or nothing
/// (UTC). `T` and `Z` may be small. A year is four digits, or a sign and four to six.
///
/// **Errors**: `ingest.time` when the text is something else, or outside the years −9999 to 9999.
pub fn parse_timestamp(text: &str) -> Result<i64> {
    parse_timestamp_by(text, Ok)
}

/// As [`parse_timestamp`], where `instant` tells which instant the clock of a text without a zone means.
///
/// **Errors**: those of [`parse_timestamp`] and of `instant`.
pub fn parse_timestamp_by(text: &str, instant: impl FnOnce(i64) -> Result<i64>) -> Result<i64> {
    let written = parse_written(text)?;
    let us = match written.offset_us {
        Some(offset_us) => written.local_us - offset_us,
        None => instant(written.local_us)?,
    };
    if !is_supported(us) {
        return Err(outside(text));
    }
    Ok(us)
}

/// Writes µs since 1970-01-01 UTC as ISO 8601: `2026-11-01T00:00:00Z`.
///
/// A fraction has three digits or six, and none when it is zero. A year outside 0000 to 9999 has a sign and six
/// digits, which is what JavaScript reads.
#[must_use]
pub fn format_timestamp(us: i64) -> String {
    let mut text = format_date(us);
    push_time(&mut text, us);
    text.push('Z');
    text
}

/// Writes a wall clock without an offset; midnight as the date alone.
pub(super) fn format_local(us: i64) -> String {
    let mut text = format_date(us);
    if us.rem_euclid(DAY_US) != 0 {
        push_time(&mut text, us);
    }
    text
}

/// Whether a time lies in the years −9999 to 9999.
pub(crate) fn is_supported(us: i64) -> bool {
    (limits::MIN_TIME_US..limits::MAX_TIME_US).contains(&us)
}

/// Reads a wall clock and keeps its offset apart.
pub(super) fn parse_written(text: &str) -> Result<Written> {
    let mut rest = Rest(text.as_bytes());
    let written = rest.written().ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        Error::new(Code::IngestTime, format!("'{shown}' is not an ISO 8601 time such as 2026-11-01T00:00:00Z"))
    })?;
    if !is_supported(written.local_us) {
        return Err(outside(text));
    }
    Ok(written)
}

fn outside(text: &str) -> Error {
    Error::new(Code::IngestTime, format!("the time {text} is outside the years -9999 to 9999"))
}

fn format_date(us: i64) -> String {
    let Date { year, month, day } = Date::from_us(us);
    if (0..=9999).contains(&year) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:+07}-{month:02}-{day:02}")
    }
}

fn push_time(text: &mut String, us: i64) {
    let of_day = us.rem_euclid(DAY_US);
    let seconds = of_day / SECOND_US;
    let fraction = of_day % SECOND_US;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    // writing into a String cannot fail
    let _ = write!(text, "T{hour:02}:{minute:02}:{second:02}");
    let _ = match fraction {
        0 => Ok(()),
        _ if fraction % 1000 == 0 => write!(text, ".{:03}", fraction / 1000),
        _ => write!(text, ".{fraction:06}"),
    };
}

/// The bytes not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn written(&mut self) -> Option<Written> {
        // six digits of years are more than an i64 holds; saturated, they are refused like all outside the range
        let date_us = self.date()?.to_days().saturating_mul(DAY_US);
        if self.0.is_empty() {
            return Some(Written { local_us: date_us, offset_us: None });
        }
        if !self.skip_either(b'T', b't') && !self.skip(b' ') {
            return None;
        }
        let local_us = date_us.saturating_add(self.time_of_day()?);
        let offset_us = self.offset()?;
        self.0.is_empty().then_some(Written { local_us, offset_us })
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.year()?;
        self.require(b'-')?;
        let month = self.two(1..=12)?;
        self.require(b'-')?;
        let day = self.two(1..=31)?;
        (day <= days_in_month(year, month)).then_some(Date { year, month, day })
    }

    fn year(&mut self) -> Option<i64> {
        let negative = self.skip(b'-');
        let signed = negative || self.skip(b'+');
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let allowed = if signed { 4..=6 } else { 4..=4 };
        if !allowed.contains(&digits) {
            return None;
        }
        let year = self.number(digits)?;
        match negative {
            // ISO 8601 has no year −0
            true if year == 0 => None,
            true => Some(-year),
            false => Some(year),
        }
    }

    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.two(0..=23)?;
        self.require(b':')?;
        let minute = self.two(0..=59)?;
        let mut us = (hour * 3600 + minute * 60) * SECOND_US;
        if self.skip(b':') {
            us += self.two(0..=59)? * SECOND_US;
            if self.skip_either(b'.', b',') {
                us += self.fraction_us()?;
            }
        }
        Some(us)
    }

    /// Digits finer than a microsecond are dropped, which floors: the rest of the time is never negative.
    fn fraction_us(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let kept = digits.min(6);
        let number = self.number(kept)?;
        self.0 = self.0.get(digits - kept..)?;
        (digits > 0).then(|| (kept..6).fold(number, |us, _| us * 10))
    }

    /// The offset in µs, `Some(None)` when the text ends without one.
    fn offset(&mut self) -> Option<Option<i64>> {
        if self.0.is_empty() {
            return Some(None);
        }
        self.skip(b' ');
        if self.skip_either(b'Z', b'z') {
            return Some(Some(0));
        }
        let negative = self.skip(b'-');
        if !negative {
            self.require(b'+')?;
        }
        let hours = self.two(0..=23)?;
        let colon = self.skip(b':');
        let minutes = if colon || !self.0.is_empty() { self.two(0..=59)? } else { 0 };
        let us = (hours * 3600 + minutes * 60) * SECOND_US;
        Some(Some(if negative { -us } else { us }))
    }

    fn two(&mut self, range: core::ops::RangeInclusive<i64>) -> Option<i64> {
        self.number(2).filter(|number| range.contains(number))
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, tail) = self.0.split_at_checked(digits)?;
        self.0 = tail;
        head.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    }

    fn skip(&mut self, byte: u8) -> bool {
        let tail = self.0.strip_prefix(&[byte]);
        self.0 = tail.unwrap_or(self.0);
        tail.is_some()
    }

    fn skip_either(&mut self, one: u8, other: u8) -> bool {
        self.skip(one) || self.skip(other)
    }

    fn require(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOVEMBER: i64 = 1_793_491_200_000_000;

    #[test]
    fn every_usual_form_of_an_instant_is_read() {
        for text in [
            "2026-11-01",
            "2026-11-01T00:00:00Z",
            "2026-11-01 00:00:00",
            "2026-11-01T00:00",
            "2026-11-01T00:00Z",
            "2026-11-01 00:00:00+00",
            "2026-11-01T01:00:00+01:00",
            "2026-11-01T05:30:00.000000000+0530",
            "2026-10-31T17:00:00-07",
            "2026-11-01t00:00:00z",
            "2026-11-01T00:00:00 Z",
            "2026-11-01 01:00:00 +01",
            "2026-11-01T00:00:00,000z",
            "+002026-11-01T00:00:00Z",
        ] {
            assert_eq!(parse_timestamp(text).unwrap(), NOVEMBER, "{text}");
        }
    }

    #[test]
    fn a_fraction_finer_than_a_microsecond_is_floored() {
        assert_eq!(parse_timestamp("2026-11-01T00:00:00.1Z").unwrap(), NOVEMBER + 100_000);
        assert_eq!(parse_timestamp("2026-11-01 00:00:00,25 +00:00").unwrap(), NOVEMBER + 250_000);
        assert_eq!(parse_timestamp("2026-11-01T00:00:00.123456789Z").unwrap(), NOVEMBER + 123_456);
        assert_eq!(parse_timestamp("1969-12-31T23:59:59.9999999Z").unwrap(), -1);
        assert_eq!(parse_timestamp("1969-12-31T23:59:59.0000009Z").unwrap(), -SECOND_US);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "now",
            "2026",
            "2026-11",
            "2026-11-1",
            "26-11-01",
            "2026/11/01",
            "20261101",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-11-01T",
            "2026-11-01Z",
            "2026-11-01T24:00:00Z",
            "2026-11-01T23:60:00Z",
            "2026-12-31T23:59:60Z",
            "2026-11-01T00:00:00.Z",
            "2026-11-01T00:00:00 ",
            "2026-11-01T00:00:00  Z",
            "2026-11-01T00:00:00,Z",
            "2026-11-01  00:00:00Z",
            "2026-11-01T00:00:00ZZ",
            "2026-11-01T00:00:00zz",
            "2026-11-01T00:00:00+1",
            "2026-11-01T00:00:00+24:00",
            "2026-11-01T00:00:00+01:60",
            "2026-11-01T00:00:00+01:",
            "2026-11-01T00:00:00[UTC]",
            "-0000-01-01",
            "12026-11-01",
            "２026-11-01",
        ] {
            assert_eq!(parse_timestamp(text).unwrap_err().code(), Code::IngestTime, "{text}");
        }
    }

    #[test]
    fn the_range_ends_with_the_year_9999() {
        assert_eq!(parse_timestamp("-009999-01-01").unwrap(), limits::MIN_TIME_US);
        assert_eq!(parse_timestamp("9999-12-31T23:59:59.999999Z").unwrap(), limits::MAX_TIME_US - 1);
        for text in ["+010000-01-01", "9999-12-31T23:59:59-00:01", "-9999-01-01T00:00:00+00:01", "-999999-01-01"] {
            assert_eq!(parse_timestamp(text).unwrap_err().code(), Code::IngestTime, "{text}");
        }
    }

    #[test]
    fn the_spelling_is_the_shortest_exact_one() {
        assert_eq!(format_timestamp(NOVEMBER), "2026-11-01T00:00:00Z");
        assert_eq!(format_timestamp(NOVEMBER + 120_000), "2026-11-01T00:00:00.120Z");
        assert_eq!(format_timestamp(NOVEMBER - 1), "2026-10-31T23:59:59.999999Z");
        assert_eq!(format_timestamp(limits::MIN_TIME_US), "-009999-01-01T00:00:00Z");
        assert_eq!(format_timestamp(limits::MAX_TIME_US), "+010000-01-01T00:00:00Z");
        assert_eq!(format_local(NOVEMBER), "2026-11-01");
    }

    proptest! {
        #[test]
        fn the_spelling_reads_back(us in limits::MIN_TIME_US..limits::MAX_TIME_US) {
            prop_assert_eq!(parse_timestamp(&format_timestamp(us)).unwrap(), us);
            prop_assert_eq!(parse_timestamp(&format_local(us)).unwrap(), us);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+]?[0-9]{2,7}-[0-9]{2}-[0-9]{2}[T :][-+0-9:.,Zz é]{0,20}") {
            if let Ok(us) = parse_timestamp(&text) {
                prop_assert!(is_supported(us));
            }
        }

        #[test]
        fn any_i64_can_be_written(us in any::<i64>()) {
            prop_assert!(format_timestamp(us).ends_with('Z'));
        }
    }
}
