//! What the operators and functions make of one or two numbers.
//!
//! The one idea: an integer result that does not fit is an error, a float result that is not a number is NULL.

use super::functions::{Function, Toward};
use super::typed::Arithmetic;
use crate::error::{Code, Error};
use crate::math::Float64;
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

/// `x` rounded half away from zero to `digits` digits behind the point; `None` past int64.
fn round_integer(x: i64, digits: i64) -> Option<i64> {
    if digits >= 0 {
        return Some(x);
    }
    // 10^19 is more than twice every int64
    let power = u32::try_from(digits.unsigned_abs()).ok().and_then(|power| 10i128.checked_pow(power));
    let Some(unit) = power.filter(|_| digits >= -19) else {
        return Some(0);
    };
    let half = if x < 0 { -(unit / 2) } else { unit / 2 };
    i64::try_from((i128::from(x) + half) / unit * unit).ok()
}

/// `x` times a power of ten; `None` past int64.
fn shift(x: i64, by: i8, toward: Toward) -> Option<i64> {
    // cannot overflow: scales are at most 18
    let power = 10i64.pow(by.unsigned_abs().into());
    if by >= 0 {
        return x.checked_mul(power);
    }
    let rest = x.rem_euclid(power);
    let up = match toward {
        Toward::Nearest => rest > power / 2 || (rest == power / 2 && x > 0),
        Toward::Below => false,
        Toward::Above => rest > 0,
    };
    Some(x.div_euclid(power) + i64::from(up))
}

/// A function of one integer; `None` past int64.
pub(super) fn integer_call(function: Function, x: i64) -> Option<i64> {
    match function {
        Function::Abs => x.checked_abs(),
        Function::Sign => Some(x.signum()),
        Function::Round(digits) => round_integer(x, digits),
        Function::Shift(by, toward) => shift(x, by, toward),
        _ => Some(x),
    }
}

/// The error of an [`integer_call`] past int64.
pub(super) fn integer_call_error(function: Function, x: i64, at: u32) -> Error {
    match function {
        Function::Round(digits) => does_not_fit(&format!("round({x}, {digits})"), at),
        Function::Shift(by, _) => does_not_fit(&format!("{x}e{by}"), at),
        _ => does_not_fit(&format!("abs({x})"), at),
    }
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

/// The error of an integer result that does not fit.
pub(super) fn overflow(operator: Arithmetic, x: i64, y: i64, at: u32) -> Error {
    let sign = match operator {
        Arithmetic::Add => '+',
        Arithmetic::Subtract => '-',
        Arithmetic::Multiply => '*',
        Arithmetic::Divide => '/',
        Arithmetic::Remainder => '%',
    };
    does_not_fit(&format!("{x} {sign} {y}"), at)
}

/// The error of a calculation whose result is outside int64.
pub(super) fn does_not_fit(calculation: &str, at: u32) -> Error {
    Error::new(Code::ExprOverflow, format!("{calculation} does not fit int64")).at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_round_half_away_from_zero() {
        for (x, digits, expected) in [
            (1234, -2, Some(1200)),
            (1250, -2, Some(1300)),
            (-1250, -2, Some(-1300)),
            (-1249, -2, Some(-1200)),
            (7, 3, Some(7)),
            (i64::MAX, -1, None),
            (i64::MIN, -1, None),
            (i64::MAX, -18, Some(9_000_000_000_000_000_000)),
            (i64::MAX, -19, None),
            (4_999_999_999_999_999_999, -19, Some(0)),
            (i64::MAX, -20, Some(0)),
            (i64::MIN, i64::MIN, Some(0)),
        ] {
            assert_eq!(round_integer(x, digits), expected, "round({x}, {digits})");
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
            (i64::MIN, -18, -9, -10, -9),
            (i64::MAX, -18, 9, 9, 10),
        ] {
            let found = [Toward::Nearest, Toward::Below, Toward::Above].map(|toward| shift(x, by, toward));
            assert_eq!(found, [Some(nearest), Some(below), Some(above)], "{x}e{by}");
        }
        assert_eq!(shift(-7, 2, Toward::Nearest), Some(-700));
        assert_eq!(shift(7, 0, Toward::Nearest), Some(7));
        assert_eq!(shift(10, 18, Toward::Nearest), None);
    }

    #[test]
    fn the_rest_of_the_smallest_integer_is_zero() {
        assert_eq!(integers(Arithmetic::Remainder, i64::MIN, -1), (0, false));
        assert_eq!(integers(Arithmetic::Remainder, -7, 3), (-1, false));
    }
}
