//! What the operators and functions make of one or two numbers.
//!
//! The one idea: an integer result that does not fit is an error, a float result that is not a number is NULL.

use super::functions::{Function, Toward};
use super::typed::Arithmetic;
use crate::error::{Code, Error};
use crate::limits::MAX_DECIMAL_DIGITS;
use crate::math::{fixed, Float64};
use alloc::format;

/// `x operator y`, and whether it overflowed; division by zero is 0 here and NULL to the caller.
#[inline]
pub(super) fn integers(operator: Arithmetic, x: i64, y: i64) -> (i64, bool) {
    match operator {
        Arithmetic::Add => x.overflowing_add(y),
        Arithmetic::Subtract => x.overflowing_sub(y),
        Arithmetic::Multiply => x.overflowing_mul(y),
        Arithmetic::Divide => (x.checked_div(y).unwrap_or(0), (x, y) == (i64::MIN, -1)),
        // the rest of i64::MIN by -1 is 0, though its quotient overflows
        Arithmetic::Remainder => (x.checked_rem(y).unwrap_or(0), false),
    }
}

/// `x operator y` of at most 38 digits each; `None` far past those, and for a division by zero, which is NULL to the
/// caller.
pub(super) fn wholes(operator: Arithmetic, x: i128, y: i128) -> Option<i128> {
    match operator {
        Arithmetic::Add => x.checked_add(y),
        Arithmetic::Subtract => x.checked_sub(y),
        Arithmetic::Multiply => x.checked_mul(y),
        Arithmetic::Divide => x.checked_div(y),
        Arithmetic::Remainder => x.checked_rem(y),
    }
}

/// `x operator y`; NaN, which is NULL, for a division by zero.
#[inline]
pub(super) fn floats(operator: Arithmetic, x: Float64, y: Float64) -> Float64 {
    match operator {
        Arithmetic::Add => x + y,
        Arithmetic::Subtract => x - y,
        Arithmetic::Multiply => x * y,
        Arithmetic::Divide if y.is_zero() => Float64::NAN,
        Arithmetic::Divide => x / y,
        Arithmetic::Remainder => x % y,
    }
}

/// Whether the operator gives NULL for a zero on its right.
pub(super) fn divides(operator: Arithmetic) -> bool {
    matches!(operator, Arithmetic::Divide | Arithmetic::Remainder)
}

/// `x`, of at most 38 digits, rounded half away from zero to `digits` digits behind the point.
fn round_integer(x: i128, digits: i64) -> i128 {
    if digits >= 0 {
        return x;
    }
    // the last power that fits is 10^38, and 10^39 is more than twice every number of 38 digits
    let power = u32::try_from(digits.unsigned_abs()).ok().and_then(|power| 10i128.checked_pow(power));
    let Some(unit) = power else { return 0 };
    let half = if x < 0 { -(unit / 2) } else { unit / 2 };
    (x + half) / unit * unit
}

/// `x` times a power of ten; `None` far past 38 digits.
fn shift(x: i128, by: i8, toward: Toward) -> Option<i128> {
    // cannot overflow: scales are at most 18
    let power = 10i128.pow(by.unsigned_abs().into());
    if by >= 0 {
        return x.checked_mul(power);
    }
    let rest = x.rem_euclid(power);
    let up = match toward {
        Toward::Nearest => rest > power / 2 || (rest == power / 2 && x > 0),
        Toward::Below => false,
        Toward::Above => rest > 0,
    };
    Some(x.div_euclid(power) + i128::from(up))
}

/// A function of one integer of at most 38 digits; `None` far past those.
// once: each copy of 128-bit arithmetic is a kilobyte of a download
#[inline(never)]
pub(super) fn integer_call(function: Function, x: i128) -> Option<i128> {
    match function {
        Function::Abs => Some(x.abs()),
        Function::Sign => Some(x.signum()),
        Function::Round(digits) => Some(round_integer(x, digits)),
        Function::Shift(by, toward) => shift(x, by, toward),
        _ => Some(x),
    }
}

/// The error of an [`integer_call`] without room.
pub(super) fn integer_call_error(function: Function, x: i128, room: Room, at: u32) -> Error {
    let calculation = match function {
        Function::Round(digits) => format!("round({x}, {digits})"),
        Function::Shift(0, _) => format!("{x}"),
        Function::Shift(by, _) => format!("{x}e{by}"),
        _ => format!("abs({x})"),
    };
    room.error(&calculation, at)
}

/// A function of one double; NaN, which is NULL, where it has no value.
pub(super) fn float_call(function: Function, x: Float64) -> Float64 {
    match function {
        Function::Abs => x.abs(),
        Function::Sign => float_sign(x),
        Function::Round(digits) => x.round_half_away_to(digits),
        Function::Floor => x.floor(),
        Function::Ceil => x.ceil(),
        Function::Sqrt => x.sqrt(),
        _ => x,
    }
}

/// −1, 0 or 1.
fn float_sign(x: Float64) -> Float64 {
    if x.is_zero() || x.is_nan() {
        x
    } else if x.is_negative() {
        -Float64::ONE
    } else {
        Float64::ONE
    }
}

/// The error of an integer result without room.
pub(super) fn overflow(operator: Arithmetic, x: i128, y: i128, room: Room, at: u32) -> Error {
    let sign = match operator {
        Arithmetic::Add => '+',
        Arithmetic::Subtract => '-',
        Arithmetic::Multiply => '*',
        Arithmetic::Divide => '/',
        Arithmetic::Remainder => '%',
    };
    room.error(&format!("{x} {sign} {y}"), at)
}

/// How large whole numbers and units of decimals may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// As those of rows.
    Int64,
    /// As decimals of metrics: [`MAX_DECIMAL_DIGITS`].
    Digits,
}

impl Room {
    /// Whether a number fits.
    pub(super) fn holds(self, x: i128) -> bool {
        i64::try_from(x).is_ok() || (self == Room::Digits && fixed::fits(x))
    }

    /// The error of a calculation whose result does not fit.
    pub(super) fn error(self, calculation: &str, at: u32) -> Error {
        let text = match self {
            Room::Int64 => format!("{calculation} does not fit int64"),
            Room::Digits => format!("{calculation} does not fit {MAX_DECIMAL_DIGITS} digits"),
        };
        Error::new(Code::ExprOverflow, text).at(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_round_half_away_from_zero() {
        let int64 = i128::from(i64::MAX);
        let digits38 = 10i128.pow(38) - 1;
        for (x, digits, expected) in [
            (1234, -2, 1200),
            (1250, -2, 1300),
            (-1250, -2, -1300),
            (-1249, -2, -1200),
            (7, 3, 7),
            (int64, -1, 9_223_372_036_854_775_810),
            (int64, -18, 9_000_000_000_000_000_000),
            (4_999_999_999_999_999_999, -19, 0),
            (int64, -20, 0),
            (int64, i64::MIN, 0),
            (digits38, -37, 10i128.pow(38)),
            (-digits38, -38, -(10i128.pow(38))),
            (digits38, -39, 0),
        ] {
            assert_eq!(round_integer(x, digits), expected, "round({x}, {digits})");
        }
        for (x, int64, digits) in [(int64, true, true), (int64 + 1, false, true), (digits38 + 1, false, false)] {
            assert_eq!((Room::Int64.holds(x), Room::Digits.holds(x)), (int64, digits), "{x}");
        }
    }

    #[test]
    fn shifted_integers_round_as_they_are_told() {
        for (x, by, nearest, below, above) in [
            (149, -2, 1, 1, 2),
            (150, -2, 2, 1, 2),
            (-149, -2, -1, -2, -1),
            (-150, -2, -2, -2, -1),
            (-151, -2, -2, -2, -1),
            (200, -2, 2, 2, 2),
            (-200, -2, -2, -2, -2),
            (i64::MIN.into(), -18, -9, -10, -9),
            (i64::MAX.into(), -18, 9, 9, 10),
        ] {
            let found = [Toward::Nearest, Toward::Below, Toward::Above].map(|toward| shift(x, by, toward));
            assert_eq!(found, [Some(nearest), Some(below), Some(above)], "{x}e{by}");
        }
        assert_eq!(shift(-7, 2, Toward::Nearest), Some(-700));
        assert_eq!(shift(7, 0, Toward::Nearest), Some(7));
        assert_eq!(shift(10i128.pow(21), 18, Toward::Nearest), None);
    }

    #[test]
    fn the_rest_of_the_smallest_integer_is_zero() {
        assert_eq!(integers(Arithmetic::Remainder, i64::MIN, -1), (0, false));
        assert_eq!(integers(Arithmetic::Remainder, -7, 3), (-1, false));
    }
}
