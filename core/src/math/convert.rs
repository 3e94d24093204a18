//! Doubles from integers and integers from doubles.

use super::float64::Float64;

impl Float64 {
    /// The nearest double, ties to even.
    #[must_use]
    #[inline]
    pub const fn from_i64(value: i64) -> Self {
        // every u64 has 64 bits, all of them exact
        Self::from_scaled(value < 0, value.unsigned_abs(), 0)
    }

    /// The nearest double, ties to even.
    #[must_use]
    #[inline]
    pub const fn from_u64(value: u64) -> Self {
        Self::from_scaled(false, value, 0)
    }

    /// The nearest double, ties to even.
    #[must_use]
    #[inline]
    pub const fn from_i128(value: i128) -> Self {
        Self::from_scaled_wide(value < 0, value.unsigned_abs(), 0)
    }

    /// The integer this is, if it is one and fits.
    #[must_use]
    pub const fn to_i64(self) -> Option<i64> {
        match self.to_i64_rounded() {
            // an integer of 53 bits or fewer comes back the same; a rounded fraction does not
            Some(value) if Self::from_i64(value).to_bits() == self.to_bits() => Some(value),
            _ => None,
        }
    }

    /// The nearest integer, of two the even one; `None` for NaN and outside int64.
    #[must_use]
    pub const fn to_i64_rounded(self) -> Option<i64> {
        if !self.is_finite() {
            return None;
        }
        let (significand, exponent) = self.parts();
        let magnitude = if exponent >= 0 {
            // 2^63 has exponent 11; one more is out of range whatever the significand
            if exponent > 11 {
                return None;
            }
            (significand as u128) << exponent
        } else if exponent < -54 {
            0
        } else {
            let whole = significand >> -exponent;
            let (rest, half) = (significand & ((1 << -exponent) - 1), 1 << (-exponent - 1));
            (whole + (rest > half || (rest == half && whole & 1 == 1)) as u64) as u128
        };
        let signed = if self.is_negative() { -(magnitude as i128) } else { magnitude as i128 };
        if signed < i64::MIN as i128 || signed > i64::MAX as i128 {
            None
        } else {
            Some(signed as i64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn double(value: f64) -> Float64 {
        Float64::from_bits(value.to_bits())
    }

    #[test]
    fn halves_go_to_the_even_integer() {
        let cases = [
            (0.5, 0),
            (-0.5, 0),
            (0.5000000000000001, 1),
            (1.5, 2),
            (2.5, 2),
            (-2.5, -2),
            (-3.5, -4),
            (1e-300, 0),
            (0.999, 1),
        ];
        for (from, to) in cases {
            assert_eq!(double(from).to_i64_rounded(), Some(to), "{from}");
        }
        assert_eq!(double(4503599627370495.5).to_i64_rounded(), Some(4503599627370496));
    }

    #[test]
    fn the_ends_of_int64_are_exact() {
        assert_eq!(double(-9223372036854775808.0).to_i64(), Some(i64::MIN));
        assert_eq!(double(9223372036854775808.0).to_i64(), None);
        assert_eq!(double(-9223372036854777856.0).to_i64_rounded(), None);
        assert_eq!(double(9223372036854774784.0).to_i64(), Some(9223372036854774784));
    }

    #[test]
    fn what_is_no_integer_is_none() {
        for value in [0.5, -1.25, 5e-324, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MAX] {
            assert_eq!(double(value).to_i64(), None, "{value}");
        }
        assert_eq!(Float64::NAN.to_i64_rounded(), None);
        assert_eq!(Float64::ZERO.to_i64(), Some(0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn integers_round_as_the_hardware_rounds(value: i64, wide: i128, shift in 0u32..127) {
            assert_eq!(Float64::from_i64(value), double(value as f64));
            assert_eq!(Float64::from_u64(value as u64), double(value as u64 as f64));
            assert_eq!(Float64::from_i128(wide >> shift), double((wide >> shift) as f64));
        }

        #[test]
        fn rounding_to_integers_equals_the_standard_library(bits: u64, small in -1e19f64..1e19, tiny in -9f64..9.0) {
            for value in [f64::from_bits(bits), small, tiny] {
                let rounded = value.round_ties_even();
                let fits = (-9223372036854775808.0..9223372036854775808.0).contains(&rounded);
                assert_eq!(double(value).to_i64_rounded(), fits.then_some(rounded as i64));
                let whole = fits && rounded == value;
                assert_eq!(double(value).to_i64(), whole.then_some(rounded as i64));
            }
        }
    }
}
