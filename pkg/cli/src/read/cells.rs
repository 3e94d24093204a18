//! What a text of a file is: a number, a time, true, no value.
//!
//! The one idea: a text becomes the value a host would have handed over, and the facade says whether that fits; one that
//! is no value of the kind stays a text, which is refused in the words of all hosts.

use super::directions::Directions;
use super::time_format::{TimeFormat, Written};
use isofold::value::{TimeUnit, Type};
use isofold_facade::{Cell, Declared};
use std::borrow::Cow;

const TRUE: [&str; 6] = ["true", "t", "yes", "y", "on", "1"];
const FALSE: [&str; 6] = ["false", "f", "no", "n", "off", "0"];

/// Reads the texts of one column.
#[derive(Clone, Debug)]
pub struct CellReader {
    data_type: Type,
    unit: Option<TimeUnit>,
    format: Option<TimeFormat>,
    suffix: Option<String>,
    null: Vec<String>,
    true_words: Vec<String>,
    false_words: Vec<String>,
    has_decimal_comma: bool,
    trims: bool,
}

impl CellReader {
    /// The reader of a declared column.
    pub fn new(declared: &Declared, directions: &Directions) -> Self {
        let column = directions.column(&declared.name);
        Self {
            data_type: declared.column_type.data_type,
            unit: declared.column_type.unit,
            format: column.and_then(|column| column.format.clone()),
            suffix: column.and_then(|column| column.suffix.clone()),
            null: directions.null.clone(),
            true_words: directions.true_words.clone(),
            false_words: directions.false_words.clone(),
            has_decimal_comma: directions.has_decimal_comma,
            trims: directions.trims,
        }
    }

    /// The text that is a value; nothing for one that says there is none.
    pub fn present<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = if self.trims { text.trim() } else { text };
        let is_null = text.is_empty() || self.null.iter().any(|null| null == text);
        (!is_null).then_some(text)
    }

    /// The type of the column.
    pub fn data_type(&self) -> Type {
        self.data_type
    }

    /// The value of a text that is one.
    pub fn read<'t>(&self, text: &'t str) -> Cell<'t> {
        let otherwise = || Cell::Text(Cow::Borrowed(text));
        match self.data_type {
            Type::String => otherwise(),
            Type::Bool => self.bool(text).map_or_else(otherwise, Cell::Bool),
            Type::Int64 => match short_integer(text.as_bytes()) {
                Some(value) => Cell::Int64(value),
                None => self.number(text).map_or_else(otherwise, |number| match integer(&number) {
                    Some(value) => Cell::Int64(value),
                    // whole ones fit: 3.0, 1e3
                    None => Cell::Decimal(number),
                }),
            },
            Type::Float64 => {
                let number = self.number(text).and_then(|number| number.parse::<f64>().ok());
                number.map_or_else(otherwise, |number| Cell::Number(number.to_bits()))
            }
            Type::Decimal(_) => self.number(text).map_or_else(otherwise, Cell::Decimal),
            Type::Timestamp => self.time(text).unwrap_or_else(otherwise),
        }
    }

    fn bool(&self, text: &str) -> Option<bool> {
        let is_of = |words: &[&str], more: &[String]| {
            words.iter().any(|word| word.eq_ignore_ascii_case(text)) || more.iter().any(|word| word == text)
        };
        match (is_of(&TRUE, &self.true_words), is_of(&FALSE, &self.false_words)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    /// The text of a number with a point, and nothing around it.
    fn number<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let text = self.suffix.as_ref().and_then(|suffix| text.strip_suffix(suffix.as_str())).unwrap_or(text);
        let number = if self.has_decimal_comma && text.contains(',') {
            if text.contains('.') {
                return None;
            }
            Cow::Owned(text.replacen(',', ".", 1))
        } else {
            Cow::Borrowed(text)
        };
        is_number(&number).then_some(number)
    }

    fn time<'t>(&self, text: &'t str) -> Option<Cell<'t>> {
        if let Some(format) = &self.format {
            return Some(match format.read(text) {
                Some(Written::Instant(us)) => Cell::Timestamp(us, TimeUnit::Microsecond),
                Some(Written::Local(us)) => Cell::Local(us, TimeUnit::Microsecond),
                None => Cell::Other(format!("\"{text:.60}\", which has not the form {},", format.source()).into()),
            });
        }
        if let Some(unit) = self.unit {
            if let Some(number) = self.number(text) {
                return Some(match integer(&number) {
                    Some(value) => Cell::Int64(value),
                    None => Cell::Timestamp(micros(&number, unit)?, TimeUnit::Microsecond),
                });
            }
        }
        iso(text.as_bytes())
    }
}

/// An integer of at most 18 digits.
#[inline]
fn short_integer(bytes: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    // cannot overflow: 18 digits
    let value = digits.iter().try_fold(0i64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then_some(value * 10 + i64::from(digit))
    })?;
    Some(if is_negative { -value } else { value })
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer.then(|| text.parse().ok()).flatten()
}

/// Whether a text is a number: digits with a point and an exponent, `inf`, `infinity`, `nan`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned.as_bytes().first() {
        Some(b'0'..=b'9' | b'.') => {
            // the digits are checked by whoever reads them; only what is read of words is decided here
            unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
                && text.parse::<f64>().is_ok()
        }
        Some(b'i' | b'I' | b'n' | b'N') => text.parse::<f64>().is_ok(),
        _ => false,
    }
}

/// µs of a number of units with a fraction, floored.
fn micros(number: &str, unit: TimeUnit) -> Option<i64> {
    let scale = match unit {
        TimeUnit::Second => 6,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 0,
        TimeUnit::Nanosecond => return None,
    };
    let (whole, part) = number.split_once('.')?;
    if !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = part.chars().chain(std::iter::repeat('0')).take(scale).collect();
    let units: i64 = format!("{whole}{digits}").parse().ok()?;
    let is_cut = part.len() > scale && part.bytes().skip(scale).any(|digit| digit != b'0');
    Some(if number.starts_with('-') && is_cut { units - 1 } else { units })
}

/// A time as machines write it: `2026-11-01T10:15:00`, with a space for the `T`, a fraction, `Z` or an offset; every other
/// form is left to the kernel.
fn iso(text: &[u8]) -> Option<Cell<'static>> {
    let two = |at: usize| -> Option<i64> {
        let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then_some(i64::from(tens) * 10 + i64::from(ones))
    };
    if text.len() < 19
        || text[4] != b'-'
        || text[7] != b'-'
        || !(text[10] == b'T' || text[10] == b' ')
        || text[13] != b':'
        || text[16] != b':'
    {
        return None;
    }
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let mut us = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000;
    let mut rest = &text[19..];
    if let [b'.', digits @ ..] = rest {
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let kept = digits[..count].iter().map(|digit| i64::from(digit - b'0'));
        us += kept.chain(std::iter::repeat(0)).take(6).fold(0, |part, digit| part * 10 + digit);
        rest = &digits[count..];
    }
    match rest {
        [] => Some(Cell::Local(us, TimeUnit::Microsecond)),
        [b'Z'] => Some(Cell::Timestamp(us, TimeUnit::Microsecond)),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => {
            let digit = |byte: &u8| i64::from(byte - b'0');
            let (hours, minutes) = (digit(a) * 10 + digit(b), digit(c) * 10 + digit(d));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = (hours * 60 + minutes) * 60_000_000;
            Some(Cell::Timestamp(if *sign == b'-' { us + offset } else { us - offset }, TimeUnit::Microsecond))
        }
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a day of the years 0 to 9999, years counted from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 153 + 2) / 5 + day
        - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;
    use isofold::time::parse_timestamp;
    use isofold::value::ColumnType;

    fn reader(type_name: &str, directions: &Directions) -> CellReader {
        let column_type = ColumnType::from_name(type_name).expect("a type");
        CellReader::new(&Declared::new("x", column_type), directions)
    }

    #[test]
    fn machine_times_are_what_the_kernel_reads() {
        for text in [
            "2026-11-01T10:15:00Z",
            "1969-12-31 23:59:59.5+05:30",
            "0000-02-29T00:00:00Z",
            "2000-02-29T12:00:00-12:45",
            "9999-12-31T23:59:59.999999Z",
            "1900-03-01T00:00:00Z",
            "2026-11-01T10:15:00",
            "2024-02-21T16:43:00.731642359-05:00",
        ] {
            let us = match iso(text.as_bytes()) {
                Some(Cell::Timestamp(us, TimeUnit::Microsecond) | Cell::Local(us, TimeUnit::Microsecond)) => us,
                other => panic!("{text}: {other:?}"),
            };
            assert_eq!(us, parse_timestamp(text).expect(text), "{text}");
        }
        for text in [
            "1900-02-29T00:00:00Z",
            "2026-11-01T24:00:00Z",
            "2026-11-01T10:15",
            "2026-11-01T10:15:00.",
            "2026-13-01T00:00:00Z",
        ] {
            assert!(iso(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_text_is_the_value_that_it_spells() {
        let plain = Directions::default();
        let read = |kind: &str, text: &'static str| reader(kind, &plain).read(text);
        assert_eq!(read("int64", "-9223372036854775808"), Cell::Int64(i64::MIN));
        assert_eq!(read("int64", "+7"), Cell::Int64(7));
        assert_eq!(read("int64", "9007199254740993"), Cell::Int64(9_007_199_254_740_993));
        assert_eq!(read("int64", "1.0"), Cell::Decimal("1.0".into()));
        for text in ["1_000", " 7 ", "\u{663}", "0x10", "", "1e", "infinit"] {
            for kind in ["int64", "float64", "decimal(2)"] {
                assert_eq!(read(kind, text), Cell::Text(text.into()), "{kind}");
            }
        }
        assert_eq!(read("float64", "-.5e-3"), Cell::Number((-0.0005f64).to_bits()));
        assert_eq!(read("float64", "-Infinity"), Cell::Number(f64::NEG_INFINITY.to_bits()));
        assert_eq!(
            (read("bool", "YES"), read("bool", "off"), read("bool", "2")),
            (Cell::Bool(true), Cell::Bool(false), Cell::Text("2".into()))
        );
        assert_eq!(read("timestamp[s]", "1738153354"), Cell::Int64(1_738_153_354));
        assert_eq!(
            read("timestamp[s]", "1738153354.1234567"),
            Cell::Timestamp(1_738_153_354_123_456, TimeUnit::Microsecond)
        );
        assert_eq!(read("timestamp[ms]", "-1.5"), Cell::Timestamp(-1500, TimeUnit::Microsecond));
    }

    #[test]
    fn directions_change_what_texts_are() {
        let directions = Directions {
            has_decimal_comma: true,
            trims: true,
            null: vec!["N/A".into()],
            true_words: vec!["Oui".into()],
            ..Directions::default()
        };
        let numbers = reader("float64", &directions);
        assert_eq!(numbers.present(" N/A "), None);
        assert_eq!(numbers.read(numbers.present(" 14,5 ").expect("a value")), Cell::Number(14.5f64.to_bits()));
        assert_eq!(numbers.read("1.234,5"), Cell::Text("1.234,5".into()));
        assert_eq!(reader("bool", &directions).read("Oui"), Cell::Bool(true));
    }
}
