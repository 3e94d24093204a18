//! Times in a form that a spec tells: `%d/%b/%Y:%H:%M:%S %z`.
//!
//! The one idea: the letters are those of `strftime`; a text has to be the form to its end, and names one instant, or a
//! clock where it has no zone.

use isofold::time::parse_timestamp;
use isofold::{Code, Error, Result};

const SECOND_US: i64 = 1_000_000;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A form of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeFormat {
    source: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    DayOfYear,
    Hour,
    Hour12,
    Half,
    Minute,
    Second,
    /// Digits of a second after a point, or nothing.
    Fraction,
    /// Digits of a second.
    Digits,
    Zone,
    ZoneName,
    DayName,
    Epoch,
    Space,
    Byte(u8),
}

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// µs since the epoch, UTC.
    Instant(i64),
    /// µs from 1970-01-01 by some clock.
    Local(i64),
}

#[derive(Default)]
struct Found {
    year: Option<i64>,
    month: i64,
    day: i64,
    day_of_year: Option<i64>,
    hour: i64,
    is_afternoon: Option<bool>,
    minute: i64,
    second: i64,
    us: i64,
    offset: Option<i64>,
    epoch: Option<i64>,
}

impl TimeFormat {
    /// A form as `strftime` writes it.
    ///
    /// **Errors** `spec.invalid` for a letter that is unknown, and a form without a date.
    pub fn new(source: &str) -> Result<Self> {
        let refused = |words: String| Err(Error::new(Code::SpecInvalid, words));
        let mut parts = Vec::new();
        let mut rest = source.chars();
        while let Some(character) = rest.next() {
            if character != '%' {
                let mut bytes = [0; 4];
                match character {
                    ' ' => parts.push(Part::Space),
                    other => parts.extend(other.encode_utf8(&mut bytes).bytes().map(Part::Byte)),
                }
                continue;
            }
            // `%-d`, `%:z`, `%.f`, `%3f`: digits and zeros are taken in any number
            let letter = rest.by_ref().find(|c| !matches!(c, '-' | ':' | '.' | '_' | '0'..='9'));
            let dotted = source[..source.len() - rest.as_str().len()].ends_with(".f");
            let more: &[Part] = match letter {
                Some('Y') => &[Part::Year],
                Some('y') => &[Part::ShortYear],
                Some('m') => &[Part::Month],
                Some('b' | 'B' | 'h') => &[Part::MonthName],
                Some('d' | 'e') => &[Part::Day],
                Some('j') => &[Part::DayOfYear],
                Some('H' | 'k') => &[Part::Hour],
                Some('I' | 'l') => &[Part::Hour12],
                Some('p' | 'P') => &[Part::Half],
                Some('M') => &[Part::Minute],
                Some('S') => &[Part::Second],
                Some('f') if dotted => &[Part::Fraction],
                Some('f') => &[Part::Digits],
                Some('z') => &[Part::Zone],
                Some('Z') => &[Part::ZoneName],
                Some('a' | 'A') => &[Part::DayName],
                Some('s') => &[Part::Epoch],
                Some('T') => &[Part::Hour, Part::Byte(b':'), Part::Minute, Part::Byte(b':'), Part::Second],
                Some('R') => &[Part::Hour, Part::Byte(b':'), Part::Minute],
                Some('F') => &[Part::Year, Part::Byte(b'-'), Part::Month, Part::Byte(b'-'), Part::Day],
                Some('D') => &[Part::Month, Part::Byte(b'/'), Part::Day, Part::Byte(b'/'), Part::ShortYear],
                Some('n' | 't') => &[Part::Space],
                Some('%') => &[Part::Byte(b'%')],
                Some(other) => return refused(format!("%{other} is no part of a time that is read ({source})")),
                None => return refused(format!("a letter is expected after % ({source})")),
            };
            parts.extend(more);
        }
        let has = |part: Part| parts.contains(&part);
        let has_date = (has(Part::Year) || has(Part::ShortYear))
            && (has(Part::DayOfYear) || has(Part::Day) && (has(Part::Month) || has(Part::MonthName)));
        if !has_date && !has(Part::Epoch) {
            return refused(format!(
                "the form of a time needs a year, a month and a day (%Y-%m-%d) or %s, got {source}"
            ));
        }
        Ok(Self { source: source.to_owned(), parts })
    }

    /// The form as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The time that a text in this form names.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Written> {
        let mut rest = text.as_bytes();
        let mut found = Found { month: 1, day: 1, ..Found::default() };
        for part in &self.parts {
            found.take(*part, &mut rest)?;
        }
        if !rest.is_empty() {
            return None;
        }
        found.written()
    }
}

impl Found {
    fn take(&mut self, part: Part, rest: &mut &[u8]) -> Option<()> {
        match part {
            Part::Year => self.year = Some(number(rest, 4, 4)?),
            Part::ShortYear => {
                let year = number(rest, 2, 2)?;
                // as POSIX has it
                self.year = Some(if year < 69 { 2000 + year } else { 1900 + year });
            }
            Part::Month => self.month = number(rest, 1, 2)?,
            Part::MonthName => self.month = name(rest, &MONTHS)?,
            Part::Day => {
                spaces(rest);
                self.day = number(rest, 1, 2)?;
            }
            Part::DayOfYear => self.day_of_year = Some(number(rest, 1, 3).filter(|day| (1..=366).contains(day))?),
            Part::Hour => {
                spaces(rest);
                self.hour = number(rest, 1, 2).filter(|hour| *hour < 24)?;
            }
            Part::Hour12 => {
                spaces(rest);
                self.hour = number(rest, 1, 2).filter(|hour| (1..=12).contains(hour))?;
                self.is_afternoon.get_or_insert(false);
            }
            Part::Half => {
                let half = rest.split_off(..2)?.to_ascii_lowercase();
                self.is_afternoon = Some(half == b"pm");
                (half == b"am" || half == b"pm").then_some(())?;
            }
            Part::Minute => self.minute = number(rest, 1, 2).filter(|minute| *minute < 60)?,
            Part::Second => self.second = number(rest, 1, 2).filter(|second| *second < 60)?,
            Part::Fraction => {
                if let Some(b'.' | b',') = rest.first() {
                    *rest = &rest[1..];
                    self.us = fraction(rest)?;
                }
            }
            Part::Digits => self.us = fraction(rest)?,
            Part::Zone => self.offset = Some(offset(rest)?),
            Part::ZoneName => {
                let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                let name = rest.split_off(..letters)?.to_ascii_uppercase();
                [&b"UTC"[..], b"GMT", b"Z"].contains(&&name[..]).then_some(())?;
                self.offset = Some(0);
            }
            Part::DayName => drop(name(rest, &DAYS)?),
            Part::Epoch => {
                let sign = if rest.first() == Some(&b'-') { -1 } else { 1 };
                *rest = rest.strip_prefix(b"-").unwrap_or(rest);
                self.epoch = Some(sign * number(rest, 1, 12)?);
            }
            Part::Space => {
                rest.first().filter(|byte| byte.is_ascii_whitespace())?;
                spaces(rest);
            }
            Part::Byte(byte) => *rest = rest.strip_prefix(&[byte])?,
        }
        Some(())
    }

    fn written(&self) -> Option<Written> {
        if let Some(epoch) = self.epoch {
            return Some(Written::Instant(epoch * SECOND_US + self.us));
        }
        let (month, day) = if self.day_of_year.is_some() { (1, 1) } else { (self.month, self.day) };
        // the kernel knows how long months are
        let midnight = parse_timestamp(&format!("{:04}-{month:02}-{day:02}", self.year?)).ok()?;
        let days = self.day_of_year.map_or(0, |day| day - 1);
        let hour = match self.is_afternoon {
            None => self.hour,
            Some(is_afternoon) => self.hour % 12 + if is_afternoon { 12 } else { 0 },
        };
        let seconds = ((days * 24 + hour) * 60 + self.minute) * 60 + self.second;
        let local = midnight + seconds * SECOND_US + self.us;
        Some(self.offset.map_or(Written::Local(local), |offset| Written::Instant(local - offset)))
    }
}

fn spaces(rest: &mut &[u8]) {
    *rest = rest.trim_ascii_start();
}

fn number(rest: &mut &[u8], least: usize, most: usize) -> Option<i64> {
    let digits = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let digits = rest.split_off(..digits).filter(|digits| digits.len() >= least)?;
    Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

/// µs of so many digits, floored.
fn fraction(rest: &mut &[u8]) -> Option<i64> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = rest.split_off(..digits).filter(|digits| !digits.is_empty())?;
    let places = digits.iter().copied().chain(std::iter::repeat(b'0')).take(6);
    Some(places.fold(0, |us, digit| us * 10 + i64::from(digit - b'0')))
}

fn offset(rest: &mut &[u8]) -> Option<i64> {
    if let Some(b'Z' | b'z') = rest.first() {
        *rest = &rest[1..];
        return Some(0);
    }
    let sign = match rest.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    *rest = &rest[1..];
    let hours = number(rest, 2, 2).filter(|hours| *hours < 24)?;
    let had_colon = rest.first() == Some(&b':');
    *rest = &rest[usize::from(had_colon)..];
    let minutes = match number(rest, 2, 2) {
        None if !had_colon => 0,
        minutes => minutes.filter(|minutes| *minutes < 60)?,
    };
    Some(sign * (hours * 60 + minutes) * 60 * SECOND_US)
}

/// The place of a name, or of its first three letters, from 1.
fn name(rest: &mut &[u8], names: &[&str]) -> Option<i64> {
    let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = rest.split_off(..letters)?.to_ascii_lowercase();
    let place = names.iter().position(|name| name.as_bytes() == word || name.as_bytes()[..3] == word)?;
    Some(place as i64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, text: &str) -> Option<Written> {
        TimeFormat::new(format).expect("a form").read(text)
    }

    fn instant(text: &str) -> i64 {
        parse_timestamp(text).expect("a time")
    }

    #[test]
    fn usual_forms_are_read() {
        for (format, text, right) in [
            ("%d/%b/%Y:%H:%M:%S %z", "17/May/2015:10:05:03 +0200", Written::Instant(instant("2015-05-17T08:05:03Z"))),
            ("%m/%d/%Y %I:%M:%S %p", "7/4/2026 12:05:06 AM", Written::Local(instant("2026-07-04T00:05:06"))),
            ("%d.%m.%Y %H:%M", "04.07.2026 23:59", Written::Local(instant("2026-07-04T23:59"))),
            ("%b %e %Y %H:%M:%S%.f", "Jul  4 2026 01:02:03,5", Written::Local(instant("2026-07-04T01:02:03.5"))),
            ("%y%m%d %T.%f", "260704 01:02:03.123456789", Written::Local(instant("2026-07-04T01:02:03.123456"))),
            ("%A, %d-%B-%y %R %Z", "Saturday, 04-July-26 01:02 GMT", Written::Instant(instant("2026-07-04T01:02Z"))),
            ("%Y.%j", "2024.366", Written::Local(instant("2024-12-31"))),
            ("%s%.f", "-1.25", Written::Instant(-750_000)),
            ("%F %T %:z", "2026-07-04 01:02:03 -03:30", Written::Instant(instant("2026-07-04T04:32:03Z"))),
        ] {
            assert_eq!(read(format, text), Some(right), "{format} {text}");
        }
    }

    #[test]
    fn what_is_not_the_form_is_refused() {
        for (format, text) in [
            ("%d/%m/%Y", "31/02/2026"),
            ("%d/%m/%Y", "13/13/2026"),
            ("%d/%m/%Y", "1/1/2026 "),
            ("%d/%m/%Y", "1/1/26"),
            ("%Y-%m-%d %H:%M", "2026-01-01 24:00"),
            ("%Y-%m-%d %I %p", "2026-01-01 0 PM"),
            ("%Y-%m-%d %z", "2026-01-01 +1"),
        ] {
            assert_eq!(read(format, text), None, "{format} {text}");
        }
        for format in ["%H:%M", "%Y-%m", "%Q", "%", "%Y-%m-%d %"] {
            assert!(TimeFormat::new(format).is_err(), "{format}");
        }
    }
}
