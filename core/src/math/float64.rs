//! A double held as its bits: constants, class, order and the rounding that every operation ends in.
//!
//! The one idea: a double is a significand times a power of two, and every result is an exact integer significand
//! rounded once.
//!
//! Not here: the operations themselves (`arithmetic`, `rounding`, `convert`, `decimal`) and the text (`display`).

const SIGN: u64 = 1 << 63;
const INFINITY: u64 = 0x7ff0_0000_0000_0000;
const NAN: u64 = 0x7ff8_0000_0000_0000;
const HIDDEN: u64 = 1 << 52;
const FRACTION: u64 = HIDDEN - 1;
/// The exponent field of infinities and NaN.
pub(crate) const FIELD_MAX: u32 = 0x7ff;
/// The power of two of the last significand bit is `field − FIELD_BIAS`.
pub(crate) const FIELD_BIAS: i32 = 1075;

/// An IEEE 754 double as bits; arithmetic on it is done in integers, so that no floating-point mode of the host
/// (flush to zero, another rounding) can change a result.
///
/// **Accuracy** `+ − × ÷ %` and `sqrt` round to nearest even, subnormals included: the bits of the hardware in its
/// default mode, but for one NaN and no −0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Float64(u64);

impl Float64 {
    /// 0.0
    pub const ZERO: Self = Self(0);
    /// 1.0
    pub const ONE: Self = Self(0x3ff0_0000_0000_0000);
    /// +∞
    pub const INFINITY: Self = Self(INFINITY);
    /// −∞
    pub const NEG_INFINITY: Self = Self(INFINITY | SIGN);
    /// The one NaN.
    pub const NAN: Self = Self(NAN);

    /// From the bits of a double; every NaN becomes the one canonical NaN and −0.0 becomes +0.0.
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u64) -> Self {
        let magnitude = bits & !SIGN;
        if magnitude > INFINITY {
            Self(NAN)
        } else if magnitude == 0 {
            Self(0)
        } else {
            Self(bits)
        }
    }

    /// The bits.
    #[must_use]
    #[inline]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// Whether this is NaN.
    #[must_use]
    #[inline]
    pub const fn is_nan(self) -> bool {
        self.0 == NAN
    }

    /// Whether this is +∞ or −∞.
    #[must_use]
    #[inline]
    pub const fn is_infinite(self) -> bool {
        self.0 & !SIGN == INFINITY
    }

    /// Whether this is neither NaN nor an infinity.
    #[must_use]
    #[inline]
    pub const fn is_finite(self) -> bool {
        self.field() != FIELD_MAX
    }

    /// Whether this is zero.
    #[must_use]
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is below zero.
    #[must_use]
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.0 & SIGN != 0
    }

    /// The magnitude.
    #[must_use]
    #[inline]
    pub const fn abs(self) -> Self {
        Self(self.0 & !SIGN)
    }

    /// An integer whose unsigned order is the order of the doubles (−∞ first, NaN last).
    #[must_use]
    #[inline]
    pub const fn order_key(self) -> u64 {
        // all ones for negatives, the sign bit alone for the rest
        self.0 ^ (((self.0 as i64) >> 63) as u64 | SIGN)
    }

    /// The double of an order key.
    #[must_use]
    #[inline]
    pub const fn from_order_key(key: u64) -> Self {
        Self(if key & SIGN != 0 { key ^ SIGN } else { !key })
    }

    /// The exponent field, 0 (zero, subnormal) to [`FIELD_MAX`].
    #[inline]
    pub(crate) const fn field(self) -> u32 {
        (self.0 >> 52) as u32 & FIELD_MAX
    }

    /// A finite value's significand and exponent: its magnitude is `significand × 2^exponent`.
    #[inline]
    pub(crate) const fn parts(self) -> (u64, i32) {
        let field = self.field();
        let normal = (field != 0) as u64;
        ((self.0 & FRACTION) | (normal << 52), field as i32 + (1 - normal as i32) - FIELD_BIAS)
    }

    /// As [`Float64::parts`], with bit 52 of the significand set even for subnormals; the value must not be zero.
    #[inline]
    pub(crate) const fn normal_parts(self) -> (u64, i32) {
        let (significand, exponent) = self.parts();
        let missing = significand.leading_zeros() as i32 - 11;
        (significand << missing, exponent - missing)
    }

    /// `significand × 2^exponent` rounded to nearest even.
    ///
    /// The lowest bit may stand for "and something more below", as long as the significand has 55 bits or more.
    #[inline]
    pub(crate) const fn from_scaled(negative: bool, significand: u64, exponent: i32) -> Self {
        if significand == 0 {
            return Self(0);
        }
        let shift = significand.leading_zeros();
        let mut bits = significand << shift;
        // the exponent field less one: the hidden bit adds the one back
        let field = exponent - shift as i32 + 63 + 1022;
        let base = if field >= 0 {
            if field >= FIELD_MAX as i32 - 1 {
                return if negative { Self::NEG_INFINITY } else { Self::INFINITY };
            }
            (field as u64) << 52
        } else {
            bits = shift_right_sticky(bits, -field as u32);
            0
        };
        let kept = bits >> 11;
        // halfway is 0x400 of the eleven bits cut off; the last kept bit decides a tie
        let up = (bits & 0x7ff) + (kept & 1) > 0x400;
        // a carry out of the significand raises the field by one, up to infinity: that is the right result
        let magnitude = base + kept + up as u64;
        let sign = if negative && magnitude != 0 { SIGN } else { 0 };
        Self(magnitude | sign)
    }

    /// As [`Float64::from_scaled`] for a significand of up to 128 bits, of which none stands for more.
    #[inline]
    pub(crate) const fn from_scaled_wide(negative: bool, significand: u128, exponent: i32) -> Self {
        if significand >> 64 == 0 {
            return Self::from_scaled(negative, significand as u64, exponent);
        }
        let shift = significand.leading_zeros();
        let bits = significand << shift;
        let top = (bits >> 64) as u64 | (bits as u64 != 0) as u64;
        Self::from_scaled(negative, top, exponent + 64 - shift as i32)
    }

    /// The same magnitude with the sign given; the value must not be NaN.
    #[inline]
    pub(crate) const fn with_sign(self, negative: bool) -> Self {
        if negative && self.0 & !SIGN != 0 {
            Self(self.0 | SIGN)
        } else {
            self.abs()
        }
    }
}

/// `bits >> shift` with the lowest bit set when a set bit was shifted out.
#[inline]
pub(crate) const fn shift_right_sticky(bits: u64, shift: u32) -> u64 {
    if shift == 0 {
        bits
    } else if shift < 64 {
        bits >> shift | (bits << (64 - shift) != 0) as u64
    } else {
        (bits != 0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nans_are_one_and_negative_zero_is_zero() {
        assert_eq!(Float64::from_bits(0xfff0_0000_0000_0001), Float64::NAN);
        assert_eq!(Float64::from_bits(1 << 63), Float64::ZERO);
        assert!(!Float64::from_bits(1 << 63).is_negative());
    }

    #[test]
    fn order_keys_follow_the_order_of_the_doubles() {
        let ascending = [f64::NEG_INFINITY, -1.0, -5e-324, 0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY, f64::NAN];
        let keys = ascending.map(|x| Float64::from_bits(x.to_bits()).order_key());
        assert!(keys.is_sorted());
        assert_eq!(keys.map(|k| Float64::from_order_key(k).order_key()), keys);
    }

    #[test]
    fn the_last_finite_value_rounds_up_to_infinity_at_half_a_step() {
        assert_eq!(Float64::from_scaled(false, (1 << 54) - 2, 970), Float64::from_bits(f64::MAX.to_bits()));
        assert_eq!(Float64::from_scaled(false, (1 << 54) - 1, 970), Float64::INFINITY);
        assert_eq!(Float64::from_scaled(true, 1, 1024), Float64::NEG_INFINITY);
    }

    #[test]
    fn half_the_least_value_rounds_to_zero_without_a_sign() {
        assert_eq!(Float64::from_scaled(true, 1, -1075), Float64::ZERO);
        assert_eq!(Float64::from_scaled(true, 3, -1076).to_bits(), (1 << 63) | 1);
        assert_eq!(Float64::from_scaled_wide(false, 1 << 127, -2000), Float64::ZERO);
    }
}
