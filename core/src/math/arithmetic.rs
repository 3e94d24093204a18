//! `+ − × ÷ %` and `sqrt` of doubles, in integers.
//!
//! The one idea: compute the exact result, or its first 64 bits with "something follows" in the last, and round once.
//!
//! Not here: rounding to integers and decimals (`rounding`).

use super::float64::{shift_right_sticky, Float64, FIELD_MAX};
use core::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// Extra low bits of an addition: two would do, ten fit.
const GUARD: u32 = 10;

impl Add for Float64 {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        let swapped = self.abs().to_bits() < other.abs().to_bits();
        let (large, small) = if swapped { (other, self) } else { (self, other) };
        if large.field() == FIELD_MAX {
            let opposite = small.is_infinite() && small.is_negative() != large.is_negative();
            return if opposite { Self::NAN } else { large };
        }
        let (large_significand, exponent) = large.parts();
        let (small_significand, small_exponent) = small.parts();
        let large_bits = large_significand << GUARD;
        // exact up to a distance of ten; farther apart, at most one leading bit cancels, so the sticky bit stays low
        let small_bits = shift_right_sticky(small_significand << GUARD, (exponent - small_exponent) as u32);
        // the mask subtracts without a branch on signs, which are often random
        let minus = 0u64.wrapping_sub((large.to_bits() ^ small.to_bits()) >> 63);
        let total = large_bits.wrapping_add((small_bits ^ minus).wrapping_sub(minus));
        Self::from_scaled(large.is_negative(), total, exponent - GUARD as i32)
    }
}

impl Neg for Float64 {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        if self.is_nan() {
            self
        } else {
            self.with_sign(!self.is_negative())
        }
    }
}

impl Sub for Float64 {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Float64 {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        let negative = self.is_negative() != other.is_negative();
        if !self.is_finite() || !other.is_finite() {
            return if self.is_nan() || other.is_nan() || self.is_zero() || other.is_zero() {
                Self::NAN
            } else {
                Self::INFINITY.with_sign(negative)
            };
        }
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        let (a, a_exponent) = self.normal_parts();
        let (b, b_exponent) = other.normal_parts();
        // 2^104 ≤ product < 2^106; moved up by 22 its high word has 63 or 64 bits
        let product = u128::from(a << 11) * u128::from(b << 11);
        let bits = (product >> 64) as u64 | u64::from(product as u64 != 0);
        Self::from_scaled(negative, bits, a_exponent + b_exponent + 64 - 22)
    }
}

impl Div for Float64 {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        let negative = self.is_negative() != other.is_negative();
        if !self.is_finite() || !other.is_finite() {
            return if self.is_nan() || other.is_nan() || self.is_infinite() && other.is_infinite() {
                Self::NAN
            } else if self.is_infinite() {
                self.with_sign(negative)
            } else {
                Self::ZERO
            };
        }
        if other.is_zero() {
            return if self.is_zero() { Self::NAN } else { Self::INFINITY.with_sign(negative) };
        }
        if self.is_zero() {
            return Self::ZERO;
        }
        let (a, a_exponent) = self.normal_parts();
        let (b, b_exponent) = other.normal_parts();
        let numerator = u128::from(a) << 62;
        let divisor = u128::from(b);
        // 2^61 < quotient < 2^63
        let quotient = (numerator / divisor) as u64;
        let rest = numerator - u128::from(quotient) * divisor;
        Self::from_scaled(negative, quotient | u64::from(rest != 0), a_exponent - b_exponent - 62)
    }
}

impl Rem for Float64 {
    type Output = Self;

    /// The remainder of division towards zero, with the sign of `self`; exact.
    ///
    /// **Cost** up to 28 divisions of 128 bits when the exponents are far apart.
    fn rem(self, other: Self) -> Self {
        if !self.is_finite() || other.is_nan() || other.is_zero() {
            return Self::NAN;
        }
        if self.abs().order_key() < other.abs().order_key() {
            return self;
        }
        let (a, a_exponent) = self.parts();
        let (b, b_exponent) = other.parts();
        // self ≥ other, so the exponents are in that order too
        let mut distance = a_exponent.abs_diff(b_exponent);
        let divisor = u128::from(b);
        let mut rest = u128::from(a) % divisor;
        while distance > 0 {
            // rest < 2^53, so 75 more bits fit
            let step = distance.min(75);
            rest = (rest << step) % divisor;
            distance -= step;
        }
        Self::from_scaled(self.is_negative(), rest as u64, b_exponent)
    }
}

impl Float64 {
    /// The square root, correctly rounded; NaN below zero.
    #[must_use]
    pub fn sqrt(self) -> Self {
        if self.is_zero() || self.is_nan() || self == Self::INFINITY {
            return self;
        }
        if self.is_negative() {
            return Self::NAN;
        }
        let (significand, exponent) = self.normal_parts();
        let odd = exponent & 1;
        // an even exponent, and 126 or 127 bits, so that the root has 63 or 64
        let square = u128::from(significand) << (74 + odd);
        let root = square.isqrt();
        let inexact = root * root != square;
        Self::from_scaled(false, root as u64 | u64::from(inexact), (exponent - odd - 74) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EDGES: [u64; 22] = [
        0,
        1,
        2,
        0x000f_ffff_ffff_ffff,
        0x0010_0000_0000_0000,
        0x0010_0000_0000_0001,
        0x001f_ffff_ffff_ffff,
        0x3cb0_0000_0000_0000,
        0x3ca0_0000_0000_0000,
        0x3fef_ffff_ffff_ffff,
        0x3ff0_0000_0000_0000,
        0x3ff0_0000_0000_0001,
        0x3ff8_0000_0000_0000,
        0x4000_0000_0000_0000,
        0x4008_0000_0000_0000,
        0x4340_0000_0000_0000,
        0x433f_ffff_ffff_ffff,
        0x7fdf_ffff_ffff_ffff,
        0x7fef_ffff_ffff_ffff,
        0x7ff0_0000_0000_0000,
        0x7ff8_0000_0000_0000,
        0x5fe5_5555_5555_5555,
    ];

    #[expect(clippy::float_arithmetic, reason = "the hardware is the reference here")]
    fn assert_like_hardware(a: u64, b: u64) {
        let (x, y) = (f64::from_bits(a), f64::from_bits(b));
        let (p, q) = (Float64::from_bits(a), Float64::from_bits(b));
        let results = [
            ("+", p + q, x + y),
            ("-", p - q, x - y),
            ("*", p * q, x * y),
            ("/", p / q, x / y),
            ("sqrt", p.sqrt(), x.sqrt()),
            ("neg", -p, -x),
        ];
        for (name, ours, hardware) in results {
            // a zero divisor's sign is lost with −0.0
            if name == "/" && q.is_zero() && !p.is_zero() {
                continue;
            }
            assert_eq!(ours, Float64::from_bits(hardware.to_bits()), "{name} of {x:e} and {y:e}");
        }
    }

    #[expect(clippy::float_arithmetic, reason = "the standard library is the reference here")]
    fn assert_remainder(a: u64, b: u64) {
        let expected = f64::from_bits(a) % f64::from_bits(b);
        let ours = Float64::from_bits(a) % Float64::from_bits(b);
        assert_eq!(ours, Float64::from_bits(expected.to_bits()), "{a:#x} % {b:#x}");
    }

    #[test]
    fn edge_cases_equal_the_hardware() {
        for a in EDGES {
            for b in EDGES {
                for signs in [0, 1 << 63] {
                    assert_like_hardware(a, b ^ signs);
                    assert_like_hardware(a ^ signs, b);
                    assert_remainder(a, b ^ signs);
                    assert_remainder(a ^ signs, b);
                }
            }
        }
    }

    #[test]
    fn a_million_neighbouring_values_equal_the_hardware() {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..1_000_000 {
            let a = next();
            // exponents close together, few significant bits half of the time: cancellation and ties
            let near = (a & 0x7ff0_0000_0000_0000).wrapping_add((next() % 120).wrapping_sub(60) << 52);
            let sparse = if next() & 1 == 0 { u64::MAX << (next() % 52) } else { u64::MAX };
            let b = (near & 0x7ff0_0000_0000_0000) | (next() & 0x800f_ffff_ffff_ffff & sparse);
            assert_like_hardware(a, b);
        }
    }

    #[test]
    fn dividing_by_zero_is_infinite_with_the_sign_of_the_dividend() {
        assert_eq!(Float64::ONE / Float64::ZERO, Float64::INFINITY);
        assert_eq!(-Float64::ONE / Float64::ZERO, Float64::NEG_INFINITY);
        assert_eq!(Float64::ZERO / Float64::ZERO, Float64::NAN);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn any_bits_equal_the_hardware(a: u64, b: u64) {
            assert_like_hardware(a, b);
            assert_remainder(a, b);
        }

        #[test]
        fn subnormals_equal_the_hardware(a in 0u64..1 << 54, b in 0u64..1 << 62) {
            assert_like_hardware(a, b);
            assert_like_hardware(b, a);
            assert_remainder(b, a);
        }
    }
}
