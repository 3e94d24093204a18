//! Rounding of doubles to integers and to decimals.

use super::decimal::from_digits;
use super::float64::{Float64, FIELD_BIAS};
use super::words;

/// A rounded count of units at or past this is finer than half the distance to the neighbours of the double.
const FINER_THAN_A_DOUBLE: u64 = 1 << 56;
/// From this many decimals on, even the smallest double is at least 2^57 units.
const MAX_DECIMALS: i64 = 341;
/// Half of 10^309 is more than the largest double.
const MIN_DECIMALS: i64 = -308;

impl Float64 {
    /// The largest integer not above; NaN and ±∞ as they are.
    #[must_use]
    pub fn floor(self) -> Self {
        let whole = self.truncate();
        if self.is_negative() && whole != self {
            whole - Self::ONE
        } else {
            whole
        }
    }

    /// The smallest integer not below; NaN and ±∞ as they are.
    #[must_use]
    pub fn ceil(self) -> Self {
        -(-self).floor()
    }

    /// The nearest integer, halves away from zero; NaN and ±∞ as they are.
    #[must_use]
    pub fn round_half_away(self) -> Self {
        let whole = self.truncate();
        if whole == self {
            return self;
        }
        // a fraction of 53 bits or fewer, so exact
        let rest = (self - whole).abs();
        if rest.order_key() >= (Self::ONE / (Self::ONE + Self::ONE)).order_key() {
            whole + Self::ONE.with_sign(self.is_negative())
        } else {
            whole
        }
    }

    /// Rounds half away from zero to `digits` decimals, or for negative `digits` to tens, hundreds, …: SQL's
    /// `round(x, digits)`. NaN and ±∞ as they are.
    ///
    /// **Accuracy** the exact binary value decides (2.675 is a little less, so it gives 2.67 at 2), and the decimal
    /// is rounded once to the nearest double; past the largest double it is ±∞.
    #[must_use]
    pub fn round_half_away_to(self, digits: i64) -> Self {
        if digits == 0 {
            return self.round_half_away();
        }
        if !self.is_finite() || self.is_zero() || digits >= MAX_DECIMALS {
            return self;
        }
        if digits < MIN_DECIMALS {
            return Self::ZERO;
        }
        let digits = digits as i32;
        let (significand, exponent) = self.parts();
        if digits > 0 && exponent >= 0 {
            return self;
        }
        let units = if digits > 0 {
            units_of_fraction(significand, -exponent as u32, digits as u32)
        } else {
            units_of_tens(significand, exponent, -digits as u32)
        };
        match units {
            Some(units) if units < FINER_THAN_A_DOUBLE => from_digits(self.is_negative(), &[units], -digits),
            _ => self,
        }
    }

    /// Towards zero to an integer.
    fn truncate(self) -> Self {
        if !self.is_finite() {
            return self;
        }
        let exponent = self.field() as i32 - FIELD_BIAS;
        if exponent >= 0 {
            self
        } else if exponent <= -53 {
            Self::ZERO
        } else {
            Self::from_bits(self.to_bits() & (u64::MAX << -exponent))
        }
    }
}

/// `significand ÷ 2^down × 10^digits` rounded half away; `None` from 2^64.
fn units_of_fraction(significand: u64, down: u32, digits: u32) -> Option<u64> {
    if digits <= 19 {
        // 53 + 64 bits at most
        let scaled = u128::from(significand) * u128::from(10u64.pow(digits));
        return u64::try_from((scaled.checked_shr(down - 1).unwrap_or(0)).div_ceil(2)).ok();
    }
    let scaled = words::multiply(&[significand], &words::power_of_ten(digits));
    if words::bit_length(&scaled) > down + 64 {
        return None;
    }
    // floor(x + ½) of what is left after `down` bits
    let half = words::word_at(&scaled, down - 1) & 1;
    words::word_at(&scaled, down).checked_add(half)
}

/// `significand × 2^exponent ÷ 10^power` rounded half away; `None` from 2^63.
fn units_of_tens(significand: u64, exponent: i32, power: u32) -> Option<u64> {
    let ten = words::power_of_ten(power);
    // twice the numerator: the last bit of the quotient tells the half
    let (numerator, divisor) = if exponent >= 0 {
        (words::shift_left(&[significand], exponent as u32 + 1), ten)
    } else {
        (words::shift_left(&[significand], 1), words::shift_left(&ten, -exponent as u32))
    };
    if words::bit_length(&numerator) >= words::bit_length(&divisor) + 63 {
        return None;
    }
    let (twice, _) = words::divide_to_word(&numerator, &divisor);
    Some(twice.div_ceil(2))
}

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "the standard library is the reference here")]
mod tests {
    use super::*;
    use num_bigint::{BigInt, Sign};
    use num_rational::BigRational;
    use proptest::prelude::*;

    fn double(value: f64) -> Float64 {
        Float64::from_bits(value.to_bits())
    }

    /// The decimal nearest to the exact value, as text for the standard library to round.
    fn reference(value: f64, digits: i32) -> f64 {
        let exact = BigRational::from_float(value).unwrap();
        let unit = BigRational::from_integer(BigInt::from(10)).pow(digits);
        let scaled = exact * unit;
        let half = BigRational::new(BigInt::from(1), BigInt::from(2));
        let sign = scaled.numer().sign();
        let magnitude = if sign == Sign::Minus { -scaled } else { scaled };
        let units = (magnitude + half).floor().to_integer();
        let text = alloc::format!("{}{units}e{}", if sign == Sign::Minus { "-" } else { "" }, -digits);
        text.parse().unwrap()
    }

    #[test]
    fn the_exact_binary_value_decides() {
        let cases = [
            (2.675, 2, 2.67),
            (1.005, 2, 1.0),
            (0.125, 2, 0.13),
            (-0.125, 2, -0.13),
            (1234.5, -2, 1200.0),
            (1250.0, -2, 1300.0),
            (-1250.0, -2, -1300.0),
            (0.1, 1, 0.1),
            (0.1, 300, 0.1),
            (5e-324, 324, 5e-324),
            (5e-324, 323, 0.0),
            (8e-324, 323, 1e-323),
            (1e308, -308, 1e308),
            (1.7e308, -308, f64::INFINITY),
            (1.7e308, -309, 0.0),
            (0.04, 1, 0.0),
            (-0.04, 1, 0.0),
        ];
        for (value, digits, expected) in cases {
            assert_eq!(double(value).round_half_away_to(digits), double(expected), "{value} at {digits}");
        }
    }

    #[test]
    fn infinities_nan_and_extreme_digits_stay() {
        for value in [Float64::NAN, Float64::INFINITY, Float64::NEG_INFINITY] {
            assert_eq!(value.floor(), value);
            assert_eq!(value.ceil(), value);
            assert_eq!(value.round_half_away(), value);
            assert_eq!(value.round_half_away_to(2), value);
        }
        assert_eq!(Float64::ONE.round_half_away_to(i64::MAX), Float64::ONE);
        assert_eq!(Float64::ONE.round_half_away_to(i64::MIN), Float64::ZERO);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn integers_equal_the_standard_library(bits: u64, value in -1e17f64..1e17, small in -5f64..5.0) {
            for value in [f64::from_bits(bits), value, small, (small * 2.0).round() / 2.0] {
                prop_assert_eq!(double(value).floor(), double(value.floor()));
                prop_assert_eq!(double(value).ceil(), double(value.ceil()));
                prop_assert_eq!(double(value).round_half_away(), double(value.round()));
            }
        }

        #[test]
        fn decimals_equal_big_rationals(bits: u64, value in -1e6f64..1e6, digits in -310i32..345, few in -7i32..25) {
            let any = f64::from_bits(bits);
            prop_assume!(any.is_finite());
            for (value, digits) in [(any, digits), (any, few), (value, few), (value, digits)] {
                prop_assert_eq!(double(value).round_half_away_to(i64::from(digits)), double(reference(value, digits)), "{} at {}", value, digits);
            }
            // near the last decimals that matter
            let close = (15.0 - any.abs().log10()) as i32 + few / 4;
            if (-308..340).contains(&close) {
                prop_assert_eq!(double(any).round_half_away_to(i64::from(close)), double(reference(any, close)), "{} at {}", any, close);
            }
        }

        #[test]
        fn halves_of_decimals_equal_big_rationals(units in -100_000i64..100_000, down in 1u32..12, digits in -3i32..12) {
            let value = units as f64 / f64::from(1u32 << down);
            prop_assert_eq!(double(value).round_half_away_to(i64::from(digits)), double(reference(value, digits)));
        }
    }
}
