//! One value as a host has it, and how an error message writes it.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};
use core::fmt;
use isofold::math::Float64;
use isofold::value::TimeUnit;

/// Characters of a text that an error message repeats.
const SHOWN_CHARS: usize = 60;

/// What a text is called that has no UTF-8: one with half a surrogate pair, say.
pub const NOT_UNICODE: &str = "a text that is not Unicode";

/// One value of a host, before anything is decided about the column it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// None, null, undefined.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int64(i64),
    /// An integer past the signed range.
    UInt64(u64),
    /// Bits of a double: a JavaScript number, a Python float.
    Number(u64),
    /// Bits of a double that counts milliseconds since the epoch, as a JavaScript `Date` holds; NaN is an invalid date.
    Date(u64),
    /// A native timestamp: so many units since the epoch, UTC.
    Timestamp(i64, TimeUnit),
    /// A native timestamp without a zone: so many units from 1970-01-01 by some clock.
    Local(i64, TimeUnit),
    /// A text.
    Text(Cow<'a, str>),
    /// A decimal, by its text: digits with a point and an exponent, or `NaN`, `Infinity` with a sign.
    Decimal(Cow<'a, str>),
    /// Anything else, with the words an error uses for it: `a list`, `an object`.
    Other(Cow<'a, str>),
}

impl Cell<'_> {
    /// The same value, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Null => Cell::Null,
            Cell::Bool(value) => Cell::Bool(value),
            Cell::Int64(value) => Cell::Int64(value),
            Cell::UInt64(value) => Cell::UInt64(value),
            Cell::Number(bits) => Cell::Number(bits),
            Cell::Date(bits) => Cell::Date(bits),
            Cell::Timestamp(value, unit) => Cell::Timestamp(value, unit),
            Cell::Local(value, unit) => Cell::Local(value, unit),
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Cell::Decimal(text) => Cell::Decimal(Cow::Owned(text.into_owned())),
            Cell::Other(kind) => Cell::Other(Cow::Owned(kind.into_owned())),
        }
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("null"),
            Cell::Bool(value) => value.fmt(f),
            Cell::Int64(value) => value.fmt(f),
            Cell::UInt64(value) => value.fmt(f),
            Cell::Number(bits) => f.write_str(&number(*bits)),
            Cell::Date(bits) if Float64::from_bits(*bits).is_nan() => f.write_str("an invalid date"),
            Cell::Date(bits) => write!(f, "the date {} ms", number(*bits)),
            Cell::Timestamp(value, unit) | Cell::Local(value, unit) => {
                write!(f, "the timestamp {value} {}", unit_name(*unit))
            }
            Cell::Text(text) => write_text(f, text),
            Cell::Decimal(text) => write!(f, "the decimal {text:.SHOWN_CHARS$}"),
            Cell::Other(kind) => f.write_str(kind),
        }
    }
}

/// The double as JavaScript writes it: whole ones without a fraction.
fn number(bits: u64) -> String {
    let text = Float64::from_bits(bits).to_string();
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match text.char_indices().nth(SHOWN_CHARS) {
        None => write!(f, "\"{text}\""),
        Some((end, _)) => write!(f, "\"{}…\"", &text[..end]),
    }
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "µs",
        TimeUnit::Nanosecond => "ns",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_people_write_it() {
        assert_eq!(Cell::Number(3.5f64.to_bits()).to_string(), "3.5");
        assert_eq!(Cell::Number(1e15f64.to_bits()).to_string(), "1000000000000000");
        assert_eq!(Cell::Number((-0.001f64).to_bits()).to_string(), "-0.001");
        assert_eq!(Cell::Date(1e300f64.to_bits()).to_string(), "the date 1e300 ms");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let shown = Cell::Text("é".repeat(100).into()).to_string();
        assert_eq!(shown, format!("\"{}…\"", "é".repeat(60)));
    }
}
