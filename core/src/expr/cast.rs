//! Casts of one value.
//!
//! The one idea: what a cast writes, a cast reads back as the same value. A double that is cast to an integer becomes
//! the nearest, of two the even one, as in PostgreSQL; `round` goes half away from zero.

use super::arithmetic::Room;
use super::scalar::of_whole;
use super::token::quoted;
use crate::error::{Code, Error, Result};
use crate::math::fixed::{self, Decimal};
use crate::math::Float64;
use crate::time::{format_timestamp, parse_timestamp};
use crate::value::{Type, Value};
use alloc::format;
use alloc::string::ToString;

/// `value`, of decimals the units at `scale`, as a value of `to`, which has so much room; NULL stays NULL.
///
/// **Errors** `expr.cast`, `expr.overflow`.
pub(super) fn cast(value: Value, scale: Option<u8>, to: Type, room: Room, at: u32) -> Result<Value> {
    if let (Some(units), Type::Float64 | Type::String) = (value.whole(), to) {
        let scale = scale.unwrap_or(0);
        return Ok(match to {
            Type::Float64 => Value::Float64(fixed::to_float(units, scale)),
            _ => Value::String(fixed::write(units, scale)),
        });
    }
    let units = |units: Option<i128>| units.filter(|&units| room.holds(units));
    let unfit = |x: Float64| room.error(&x.to_string(), at);
    Ok(match (value, to) {
        (Value::String(text), Type::Decimal(scale)) => {
            of_whole(units(read_units(&text, scale)).ok_or_else(|| unreadable(&text, to, at))?)
        }
        (Value::Float64(x), Type::Decimal(scale)) => of_whole(units(float_units(x, scale)).ok_or_else(|| unfit(x))?),
        (Value::String(text), Type::Bool) => Value::Bool(read_bool(&text).ok_or_else(|| unreadable(&text, to, at))?),
        (Value::String(text), Type::Int64) => Value::Int64(read_int(&text).ok_or_else(|| unreadable(&text, to, at))?),
        (Value::String(text), Type::Float64) => {
            let read = read_float(&text).ok_or_else(|| unreadable(&text, to, at))?;
            if read.is_nan() {
                Value::Null
            } else {
                Value::Float64(read)
            }
        }
        (Value::String(text), Type::Timestamp) => {
            Value::Timestamp(read_timestamp(&text).ok_or_else(|| unreadable(&text, to, at))?)
        }
        (Value::Bool(x), Type::String) => Value::String(x.to_string()),
        (Value::Float64(x), Type::String) => Value::String(x.to_string()),
        (Value::Timestamp(x), Type::String) => Value::String(format_timestamp(x)),
        (Value::Bool(x), Type::Int64) => Value::Int64(i64::from(x)),
        (Value::Int64(x), Type::Bool) => Value::Bool(x != 0),
        (Value::Float64(x), Type::Int64) => Value::Int64(x.to_i64_rounded().ok_or_else(|| unfit(x))?),
        (value, _) => value,
    })
}

/// The error of a text that is no value of the type.
pub(super) fn unreadable(text: &str, to: Type, at: u32) -> Error {
    Error::new(Code::ExprCast, format!("{} cannot be read as {to}", quoted(text, '\''))).at(at)
}

/// The truth that a text spells, in PostgreSQL's words.
pub(super) fn read_bool(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.trim_matches(' ').eq_ignore_ascii_case(word));
    if is(&["true", "t", "yes", "y", "on", "1"]) {
        return Some(true);
    }
    is(&["false", "f", "no", "n", "off", "0"]).then_some(false)
}

/// The integer that a text spells.
pub(super) fn read_int(text: &str) -> Option<i64> {
    text.trim_matches(' ').parse().ok()
}

/// The units of the decimal that a text spells, halves away from zero.
pub(super) fn read_units(text: &str, scale: u8) -> Option<i128> {
    Decimal::read(text.trim_matches(' '))?.at_scale(scale).map(|read| read.units)
}

/// The units of a double's digits, halves away from zero.
pub(super) fn float_units(value: Float64, scale: u8) -> Option<i128> {
    Decimal::from_float(value)?.at_scale(scale).map(|read| read.units)
}

/// The double that a text spells; NaN for `nan`, nothing for digits past the largest double.
pub(super) fn read_float(text: &str) -> Option<Float64> {
    let text = text.trim_matches(' ');
    if let Some(value) = Float64::from_decimal(text) {
        return (!value.is_infinite()).then_some(value);
    }
    let (sign, word) = match text.strip_prefix('-') {
        Some(word) => (Float64::NEG_INFINITY, word),
        None => (Float64::INFINITY, text.strip_prefix('+').unwrap_or(text)),
    };
    if word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("infinity") {
        return Some(sign);
    }
    text.eq_ignore_ascii_case("nan").then_some(Float64::NAN)
}

/// The instant that a text spells, in µs since the epoch.
pub(super) fn read_timestamp(text: &str) -> Option<i64> {
    parse_timestamp(text.trim_matches(' ')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let third = Float64::ONE / (Float64::ONE + Float64::ONE + Float64::ONE);
        for value in [
            Value::Bool(true),
            Value::Bool(false),
            Value::Int64(i64::MIN),
            Value::Float64(third),
            Value::Float64(Float64::NEG_INFINITY),
            Value::Timestamp(1_767_225_600_000_001),
            Value::Null,
        ] {
            let to = value.as_scalar().map_or(Type::Bool, |scalar| scalar.data_type());
            let text = cast(value.clone(), None, Type::String, Room::Int64, 0).unwrap();
            assert_eq!(cast(text, None, to, Room::Int64, 0).unwrap(), value);
        }
        let text = cast(Value::Int64(-150), Some(2), Type::String, Room::Int64, 0).unwrap();
        assert_eq!(text, Value::String("-1.50".to_string()));
        assert_eq!(cast(text, None, Type::Decimal(2), Room::Int64, 0), Ok(Value::Int64(-150)));
        let wide = Value::Decimal(i128::from(i64::MIN) - 1, 0);
        let text = cast(wide.clone(), Some(2), Type::String, Room::Digits, 0).unwrap();
        assert_eq!(text, Value::String("-92233720368547758.09".to_string()));
        assert_eq!(cast(text.clone(), None, Type::Decimal(2), Room::Digits, 0), Ok(wide));
        let error = cast(text, None, Type::Decimal(2), Room::Int64, 0).unwrap_err();
        assert_eq!(error.code(), Code::ExprCast);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for (text, to) in [
            ("3.0", Type::Int64),
            ("", Type::Int64),
            ("9223372036854775808", Type::Int64),
            ("1e999", Type::Float64),
            ("- inf", Type::Float64),
            ("maybe", Type::Bool),
            ("92233720368547758.08", Type::Decimal(2)),
            ("NaN", Type::Decimal(2)),
            ("2026-13-01", Type::Timestamp),
        ] {
            let error = cast(Value::String(text.to_string()), None, to, Room::Int64, 7).unwrap_err();
            assert_eq!((error.code(), error.position()), (Code::ExprCast, Some(7)), "{text}");
        }
        let huge = Value::Float64(Float64::from_decimal("9223372036854775808").unwrap());
        assert_eq!(cast(huge, None, Type::Int64, Room::Int64, 0).unwrap_err().code(), Code::ExprOverflow);
    }

    #[test]
    fn spaces_around_do_not_matter() {
        assert_eq!(cast(Value::String(" 42 ".to_string()), None, Type::Int64, Room::Int64, 0), Ok(Value::Int64(42)));
        assert_eq!(cast(Value::String(" NaN ".to_string()), None, Type::Float64, Room::Int64, 0), Ok(Value::Null));
    }
}
