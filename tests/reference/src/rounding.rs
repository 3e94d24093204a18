//! Which f64 is nearest to a fraction?
//!
//! The one idea: every finite f64 is an integer times a power of two, so a fraction is rounded by one exact division
//! and one comparison of the remainder with a half.

use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;

/// The exponent of the smallest subnormal: every finite f64 is an integer times 2^−1074.
const SMALLEST_EXPONENT: i64 = -1074;
/// Bits of a significand.
const SIGNIFICAND_BITS: i64 = 53;
/// The exponent of the binade of `f64::MAX`.
const LARGEST_EXPONENT: i64 = 1023;

/// A finite f64 as an integer: the value times 2^1074.
///
/// # Panics
/// On NaN and infinities.
#[must_use]
pub fn scaled(value: f64) -> BigInt {
    assert!(value.is_finite(), "{value} is not finite");
    let bits = value.to_bits();
    let exponent_field = (bits >> 52) & 0x7ff;
    let fraction = bits & ((1 << 52) - 1);
    let (significand, shift) =
        if exponent_field == 0 { (fraction, 0) } else { (fraction | (1 << 52), exponent_field - 1) };
    let magnitude = BigInt::from(significand) << shift;
    if value.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    }
}

/// What [`scaled`] multiplies with: 2^1074.
#[must_use]
pub fn scale() -> BigInt {
    BigInt::from(1) << -SMALLEST_EXPONENT
}

/// A finite f64 as a fraction.
///
/// # Panics
/// On NaN and infinities.
#[must_use]
pub fn exact(value: f64) -> BigRational {
    BigRational::new(scaled(value), scale())
}

/// The f64 nearest to a fraction; a tie goes to the even significand, what is too large to an infinity, zero to +0.0.
#[must_use]
pub fn nearest(value: &BigRational) -> f64 {
    let magnitude = nearest_magnitude(value.numer().magnitude(), value.denom().magnitude());
    if value.numer().sign() == Sign::Minus && magnitude != 0.0 {
        magnitude.copysign(f64::NEG_INFINITY)
    } else {
        magnitude
    }
}

/// The f64 nearest to the square root of a fraction, which no rounding of the fraction has come before.
///
/// # Panics
/// When the fraction is negative.
#[must_use]
pub fn nearest_root(value: &BigRational) -> f64 {
    assert!(value.numer().sign() != Sign::Minus, "{value} has no square root");
    let (numerator, denominator) = (value.numer().magnitude(), value.denom().magnitude());
    // Far more bits than a significand has, so that what is cut off only decides on which side of a tie the root lies.
    let bits = 2200;
    let shifted = numerator << (2 * bits);
    let square: BigUint = &shifted / denominator;
    let root = square.sqrt();
    let is_exact = &square * denominator == shifted && &root * &root == square;
    let doubled: BigUint = (root << 1) + u32::from(!is_exact);
    nearest(&BigRational::new(doubled.into(), BigInt::from(1) << (bits + 1)))
}

fn nearest_magnitude(numerator: &BigUint, denominator: &BigUint) -> f64 {
    if numerator.bits() == 0 {
        return 0.0;
    }
    let binade = floor_log2(numerator, denominator);
    if binade > LARGEST_EXPONENT {
        return f64::INFINITY;
    }
    // The weight of the last bit of the significand.
    let unit = (binade - (SIGNIFICAND_BITS - 1)).max(SMALLEST_EXPONENT);
    let significand = divide_to_even(&times_power_of_two(numerator, -unit), &times_power_of_two(denominator, unit));
    let significand = u64::try_from(significand).expect("below or equal to 2^53");
    // With the hidden bit added in, a significand that rounded up to 2^53 carries into the exponent by itself, and from
    // the largest exponent into infinity.
    let steps = u64::try_from(unit - SMALLEST_EXPONENT).expect("at least the smallest exponent");
    f64::from_bits((steps << 52) + significand)
}

/// The largest e with 2^e ≤ numerator ÷ denominator.
fn floor_log2(numerator: &BigUint, denominator: &BigUint) -> i64 {
    let guess = numerator.bits() as i64 - denominator.bits() as i64;
    if times_power_of_two(numerator, -guess) >= times_power_of_two(denominator, guess) {
        guess
    } else {
        guess - 1
    }
}

/// `value` × 2^exponent for a positive exponent, else `value`: the other side of the fraction takes the power.
fn times_power_of_two(value: &BigUint, exponent: i64) -> BigUint {
    value << exponent.max(0)
}

/// The quotient rounded to the nearest integer, ties to even.
fn divide_to_even(numerator: &BigUint, denominator: &BigUint) -> BigUint {
    let quotient = numerator / denominator;
    let remainder = numerator - &quotient * denominator;
    let is_odd = quotient.bit(0);
    match (remainder * 2u32).cmp(denominator) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Equal if !is_odd => quotient,
        _ => quotient + 1u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Floats, Generator};

    fn fraction(numerator: i64, denominator: i64) -> BigRational {
        BigRational::new(numerator.into(), denominator.into())
    }

    fn power(exponent: i32) -> BigRational {
        BigRational::from_integer(2.into()).pow(exponent)
    }

    #[test]
    fn known_fractions_round_to_known_bits() {
        assert_eq!(nearest(&fraction(0, 1)).to_bits(), 0);
        assert_eq!(nearest(&fraction(1, 10)).to_bits(), 0x3fb9_9999_9999_999a);
        assert_eq!(nearest(&fraction(1, 3)).to_bits(), 0x3fd5_5555_5555_5555);
        assert_eq!(nearest(&fraction(-2, 3)).to_bits(), 0xbfe5_5555_5555_5555);
        assert_eq!(nearest(&fraction(i64::MAX, 1)), 9_223_372_036_854_775_808.0);
    }

    #[test]
    fn ties_go_to_the_even_significand() {
        assert_eq!(nearest(&fraction((1 << 53) + 1, 1)), 9_007_199_254_740_992.0);
        assert_eq!(nearest(&fraction((1 << 53) + 3, 1)), 9_007_199_254_740_996.0);
        assert_eq!(nearest(&fraction(-(1 << 53) - 1, 1)), -9_007_199_254_740_992.0);
    }

    #[test]
    fn what_is_too_large_becomes_infinite() {
        let half_step_above_max = exact(f64::MAX) + power(970);
        let just_below = &half_step_above_max - power(-2000);
        assert_eq!(nearest(&half_step_above_max), f64::INFINITY);
        assert_eq!(nearest(&just_below), f64::MAX);
        assert_eq!(nearest(&-&half_step_above_max), f64::NEG_INFINITY);
        assert_eq!(nearest(&power(1024)), f64::INFINITY);
        assert_eq!(nearest(&power(5000)), f64::INFINITY);
    }

    #[test]
    fn what_is_small_becomes_subnormal_then_zero() {
        assert_eq!(nearest(&power(-1074)).to_bits(), 1);
        assert_eq!(nearest(&power(-1075)).to_bits(), 0);
        assert_eq!(nearest(&-power(-1075)).to_bits(), 0);
        assert_eq!(nearest(&(power(-1075) + power(-3000))).to_bits(), 1);
        assert_eq!(nearest(&(power(-1074) * fraction(3, 2))).to_bits(), 2);
        assert_eq!(nearest(&(power(-1074) * fraction(5, 2))).to_bits(), 2);
        let below_normal = exact(f64::MIN_POSITIVE) - power(-1075);
        assert_eq!(nearest(&below_normal), f64::MIN_POSITIVE);
    }

    #[test]
    fn a_root_of_a_double_is_the_hardwares() {
        let mut generator = Generator::new(10);
        for kind in [Floats::AnyBits, Floats::Subnormal, Floats::Huge, Floats::Decimal] {
            for _ in 0..300 {
                let value = generator.float(kind).abs();
                if value.is_finite() {
                    assert_eq!(nearest_root(&exact(value)), value.sqrt(), "{value:e}");
                }
            }
        }
    }

    #[test]
    fn a_root_of_a_fraction_is_rounded_once() {
        assert_eq!(nearest_root(&fraction(0, 1)), 0.0);
        assert_eq!(nearest_root(&fraction(4, 9)), 2.0 / 3.0);
        // The root of a value just above a tie of two doubles, whose nearest double is that tie's square.
        let tie = exact(1.0) + power(-53);
        let above = &tie * &tie + power(-400);
        assert_eq!(nearest_root(&above), 1.0 + f64::EPSILON);
        assert_eq!(nearest_root(&(&tie * &tie)), 1.0);
        assert_eq!(nearest(&above).sqrt(), 1.0);
    }

    #[test]
    fn an_exact_value_comes_back_unchanged() {
        let mut generator = Generator::new(1);
        for _ in 0..20_000 {
            let value = generator.float(Floats::AnyBits);
            if value.is_finite() {
                let back = nearest(&exact(value));
                assert_eq!(back, value);
                assert!(back.to_bits() == value.to_bits() || value == 0.0);
            }
        }
    }

    #[test]
    fn one_operation_rounds_as_the_hardware_does() {
        let mut generator = Generator::new(2);
        for kind in [Floats::AnyBits, Floats::Subnormal, Floats::Huge, Floats::Cancelling, Floats::Decimal] {
            for _ in 0..4_000 {
                let (a, b) = (generator.float(kind), generator.float(kind));
                if !a.is_finite() || !b.is_finite() {
                    continue;
                }
                assert_eq!(nearest(&(exact(a) + exact(b))), a + b, "{a:e} + {b:e}");
                assert_eq!(nearest(&(exact(a) - exact(b))), a - b, "{a:e} - {b:e}");
                assert_eq!(nearest(&(exact(a) * exact(b))), a * b, "{a:e} * {b:e}");
                if b != 0.0 {
                    assert_eq!(nearest(&(exact(a) / exact(b))), a / b, "{a:e} / {b:e}");
                }
            }
        }
    }
}
