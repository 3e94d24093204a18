//! What functions make of a text or of an instant, from their definitions in PostgreSQL's manual.
//!
//! The one idea: a text is a list of characters and an instant is what a calendar of another code base says it is.

use crate::rounding::nearest;
use crate::zone::{civil, local_of, Zone};
use jiff::civil::{Date, Weekday};
use num_bigint::BigInt;
use num_rational::BigRational;

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn text_of(chars: &[char]) -> String {
    chars.iter().collect()
}

/// The characters with the numbers from `start` until just before `start + length`, counted from 1; nothing for a
/// negative length.
#[must_use]
pub fn substr(text: &str, start: i64, length: Option<i64>) -> Option<String> {
    let (start, end) = (i128::from(start), length.map(|length| i128::from(start) + i128::from(length)));
    if end.is_some_and(|end| end < start) {
        return None;
    }
    let numbered = (1..).zip(text.chars());
    Some(numbered.filter(|(n, _)| start <= *n && end.is_none_or(|end| *n < end)).map(|(_, c)| c).collect())
}

/// The first `n` characters, or all but the last `-n`.
#[must_use]
pub fn left(text: &str, n: i64) -> String {
    let length = i128::from(text.chars().count() as u64);
    let kept = if n >= 0 { i128::from(n) } else { length + i128::from(n) };
    (0..).zip(text.chars()).filter(|(at, _)| *at < kept).map(|(_, c)| c).collect()
}

/// The last `n` characters, or all but the first `-n`.
#[must_use]
pub fn right(text: &str, n: i64) -> String {
    let backwards: String = text.chars().rev().collect();
    left(&backwards, n).chars().rev().collect()
}

/// The pieces between the occurrences of a separator, found from the left.
fn pieces(text: &str, separator: &str) -> Vec<String> {
    let (text, separator) = (chars(text), chars(separator));
    let mut pieces = vec![Vec::new()];
    let mut at = 0;
    while at < text.len() {
        if !separator.is_empty() && text[at..].starts_with(&separator) {
            pieces.push(Vec::new());
            at += separator.len();
        } else {
            pieces.last_mut().expect("one from the beginning").push(text[at]);
            at += 1;
        }
    }
    pieces.iter().map(|piece| text_of(piece)).collect()
}

/// Each occurrence of a text by another.
#[must_use]
pub fn replace(text: &str, from: &str, to: &str) -> String {
    pieces(text, from).join(to)
}

/// The field with a number, counted from 1 or from -1; nothing for 0.
#[must_use]
pub fn split_part(text: &str, separator: &str, field: i64) -> Option<String> {
    let pieces = pieces(text, separator);
    let place = match field {
        0 => return None,
        1.. => i128::from(field) - 1,
        _ => pieces.len() as i128 + i128::from(field),
    };
    Some(usize::try_from(place).ok().and_then(|place| pieces.get(place)).cloned().unwrap_or_default())
}

/// Without the leading characters that a text holds.
#[must_use]
pub fn ltrim(text: &str, unwanted: &str) -> String {
    text.chars().skip_while(|c| unwanted.contains(*c)).collect()
}

/// Without the trailing characters that a text holds.
#[must_use]
pub fn rtrim(text: &str, unwanted: &str) -> String {
    let backwards: String = text.chars().rev().collect();
    ltrim(&backwards, unwanted).chars().rev().collect()
}

/// The nearest double to a number of microseconds as seconds.
#[must_use]
pub fn seconds(us: i128) -> f64 {
    nearest(&BigRational::new(BigInt::from(us), BigInt::from(1_000_000)))
}

fn date(local_us: i64) -> Date {
    civil(local_us).date()
}

/// There is no year, century or millennium 0: the one before the first is the first before Christ.
fn of_an_era(number: i64) -> i64 {
    if number > 0 {
        number
    } else {
        number - 1
    }
}

/// The first year of the period of so many years that holds a year; periods begin with the year 1.
fn first_of_period(year: i64, years: i64) -> i64 {
    let mut first = year;
    while (first - 1) % years != 0 {
        first -= 1;
    }
    first
}

/// The number of a unit on the clocks of a place.
///
/// # Panics
/// When there is no such unit.
#[must_use]
pub fn part(unit: &str, zone: &Zone, instant_us: i64) -> f64 {
    let local = zone.local(instant_us);
    let (clock, date) = (civil(local), date(local));
    let year = i64::from(date.year());
    let us = i64::from(clock.second()) * 1_000_000 + i64::from(clock.subsec_nanosecond()) / 1000;
    let period = |years: i64| of_an_era((first_of_period(year, years) - 1) / years + 1);
    let whole = match unit {
        "epoch" => return seconds(local.into()),
        "second" => return seconds(us.into()),
        "milliseconds" => return nearest(&BigRational::new(BigInt::from(us), BigInt::from(1000))),
        "microseconds" => us,
        "minute" => clock.minute().into(),
        "hour" => clock.hour().into(),
        "day" => date.day().into(),
        "dow" => date.weekday().to_sunday_zero_offset().into(),
        "isodow" => date.weekday().to_monday_one_offset().into(),
        "doy" => date.day_of_year().into(),
        "week" => date.iso_week_date().week().into(),
        "isoyear" => of_an_era(date.iso_week_date().year().into()),
        "month" => date.month().into(),
        "quarter" => (1..=4).find(|quarter| i64::from(date.month()) <= quarter * 3).expect("a month"),
        "year" => of_an_era(year),
        "decade" => (year - year.rem_euclid(10)) / 10,
        "century" => period(100),
        "millennium" => period(1000),
        _ => panic!("no unit {unit}"),
    };
    seconds(i128::from(whole) * 1_000_000)
}

/// When a unit begins on the clocks of a place: hours and less by the offset of the instant, longer units by that of
/// their beginning; nothing before the first year.
///
/// # Panics
/// When there is no such unit.
#[must_use]
pub fn trunc(unit: &str, zone: &Zone, instant_us: i64) -> Option<i64> {
    let local = zone.local(instant_us);
    let below = |us: i64| Some(instant_us - local.rem_euclid(us));
    let day = date(local);
    let year = i64::from(day.year());
    let first = |year: i64, month: i8| Date::new(i16::try_from(year).ok()?, month, 1).ok();
    let begin = match unit {
        "microseconds" => return below(1),
        "milliseconds" => return below(1000),
        "second" => return below(1_000_000),
        "minute" => return below(60_000_000),
        "hour" => return below(3_600_000_000),
        "day" => Some(day),
        "week" if day.weekday() == Weekday::Monday => Some(day),
        "week" => day.nth_weekday(-1, Weekday::Monday).ok(),
        "month" => first(year, day.month()),
        "quarter" => first(year, (1..=day.month()).rev().find(|month| month % 3 == 1).expect("a quarter")),
        "year" => first(year, 1),
        "decade" => first(year - year.rem_euclid(10), 1),
        "century" => first(first_of_period(year, 100), 1),
        "millennium" => first(first_of_period(year, 1000), 1),
        _ => panic!("no unit {unit}"),
    };
    begin.map(|begin| zone.instant(local_of(begin)))
}
