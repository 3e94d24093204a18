//! A double held as its bits.

const SIGN: u64 = 1 << 63;
const INFINITY: u64 = 0x7ff0_0000_0000_0000;
const NAN: u64 = 0x7ff8_0000_0000_0000;

/// An IEEE 754 double as bits; arithmetic on it is done in integers, so that no floating-point mode of the host
/// (flush to zero, another rounding) can change a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Float64(u64);

impl Float64 {
    /// 0.0
    pub const ZERO: Self = Self(0);
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
}
