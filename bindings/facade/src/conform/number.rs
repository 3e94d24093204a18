//! Doubles as bits: which integer one is, and which double an integer is, with no rounding anywhere.

use isofold::math::Float64;

const MANTISSA_BITS: u32 = 52;
const INFINITY: u64 = 0x7ff << MANTISSA_BITS;

/// Whether `bits` are a NaN.
#[must_use]
pub const fn is_nan(bits: u64) -> bool {
    bits & !(1 << 63) > INFINITY
}

/// The bits of the double that is exactly `value`; `None` when there is none.
#[must_use]
pub const fn from_int64(value: i64) -> Option<u64> {
    from_magnitude(value.unsigned_abs(), (value as u64) & (1 << 63))
}

/// The bits of the double that is exactly `value`; `None` when there is none.
#[must_use]
pub const fn from_uint64(value: u64) -> Option<u64> {
    from_magnitude(value, 0)
}

const fn from_magnitude(magnitude: u64, sign: u64) -> Option<u64> {
    if magnitude == 0 {
        return Some(0);
    }
    let top = 63 - magnitude.leading_zeros();
    if top - magnitude.trailing_zeros() > MANTISSA_BITS {
        return None;
    }
    let mantissa =
        if top > MANTISSA_BITS { magnitude >> (top - MANTISSA_BITS) } else { magnitude << (MANTISSA_BITS - top) };
    let exponent = (top as u64 + 1023) << MANTISSA_BITS;
    Some(sign | exponent | (mantissa & !(1 << MANTISSA_BITS)))
}

/// The bits of the double nearest to a decimal, by its text; `None` for a text that is none.
#[must_use]
pub fn from_decimal(text: &str) -> Option<u64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is = |word: &str| unsigned.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if is("inf") {
        return Some(INFINITY | u64::from(text.starts_with('-')) << 63);
    }
    // digits after it are what a library wants to remember
    if is("nan") || is("snan") {
        return Some(Float64::NAN.to_bits());
    }
    Float64::from_decimal(text).map(Float64::to_bits)
}

/// The bits of the double that a single-precision float is; every one is.
#[must_use]
pub const fn from_float32(bits: u32) -> u64 {
    widen(bits as u64, 8, 23)
}

/// The bits of the double that a half-precision float is; every one is.
#[must_use]
pub const fn from_float16(bits: u16) -> u64 {
    widen(bits as u64, 5, 10)
}

/// Widens a binary float without the processor, whose flush-to-zero mode would lose subnormal ones.
const fn widen(bits: u64, exponent_bits: u32, fraction_bits: u32) -> u64 {
    let sign = (bits >> (exponent_bits + fraction_bits)) << 63;
    let largest = (1u64 << exponent_bits) - 1;
    let exponent = (bits >> fraction_bits) & largest;
    let fraction = bits & ((1 << fraction_bits) - 1);
    let bias = largest >> 1;
    if exponent == largest {
        return sign | INFINITY | fraction << (MANTISSA_BITS - fraction_bits);
    }
    if exponent != 0 {
        let wide = exponent + 1023 - bias;
        return sign | wide << MANTISSA_BITS | fraction << (MANTISSA_BITS - fraction_bits);
    }
    if fraction == 0 {
        return sign;
    }
    let top = 63 - fraction.leading_zeros();
    let wide = 1024 - bias - (fraction_bits - top) as u64;
    sign | wide << MANTISSA_BITS | (fraction << (MANTISSA_BITS - top)) & !(1 << MANTISSA_BITS)
}

/// The integer that the double is; `None` when it has a fraction, is not finite or leaves the range.
#[must_use]
#[inline(always)]
pub fn to_int64(bits: u64) -> Option<i64> {
    match small_integer(bits) {
        Some(small) => Some(small),
        None => any_integer(bits),
    }
}

/// The integer that the double is and no other integer becomes: one of magnitude below 2^53.
#[must_use]
#[inline(always)]
pub fn to_safe_int64(bits: u64) -> Option<i64> {
    small_integer(bits).or_else(|| (bits << 1 == 0).then_some(0))
}

/// The bits of the double that is exactly `value` and stands for no other integer: one of magnitude below 2^53.
#[must_use]
pub fn from_safe_int64(value: i64) -> Option<u64> {
    from_int64(value).filter(|&bits| to_safe_int64(bits).is_some())
}

/// The integer that the double is, when it is one of magnitude 1 to 2^53 - 1: nearly every integer there is, and no wide
/// arithmetic.
#[inline(always)]
fn small_integer(bits: u64) -> Option<i64> {
    const ONE: u64 = 1023;
    let field = (bits & INFINITY) >> MANTISSA_BITS;
    let fraction_bits = (ONE + u64::from(MANTISSA_BITS)).wrapping_sub(field);
    if fraction_bits > u64::from(MANTISSA_BITS) {
        return None;
    }
    let mantissa = bits & ((1 << MANTISSA_BITS) - 1) | 1 << MANTISSA_BITS;
    if mantissa & ((1 << fraction_bits) - 1) != 0 {
        return None;
    }
    // cannot truncate: 53 bits
    let magnitude = (mantissa >> fraction_bits) as i64;
    Some(if bits >> 63 == 0 { magnitude } else { -magnitude })
}

fn any_integer(bits: u64) -> Option<i64> {
    let (mantissa, exponent) = split(bits)?;
    if mantissa == 0 {
        return Some(0);
    }
    let whole = if exponent >= 0 {
        // a normal double has a mantissa of 2^52 or more, so a larger exponent leaves 64 bits
        if exponent > 11 {
            return None;
        }
        mantissa << exponent
    } else {
        let fraction_bits = exponent.unsigned_abs();
        if mantissa.trailing_zeros() < fraction_bits {
            return None;
        }
        mantissa >> fraction_bits
    };
    i64::try_from(whole).ok()
}

/// `⌊x × numerator ÷ denominator⌋` of the double x; `None` when x is not finite or the result leaves the range.
///
/// Numerator and denominator are from 1 to 1,000,000.
#[must_use]
#[inline(always)]
pub fn floor_scaled(bits: u64, numerator: u32, denominator: u32) -> Option<i64> {
    // cannot overflow: 43 bits and 20 of the numerator
    match small_integer(bits) {
        Some(whole) if denominator == 1 && (numerator == 1 || whole.unsigned_abs() >> 43 == 0) => {
            Some(whole * i64::from(numerator))
        }
        _ => any_floor_scaled(bits, numerator, denominator),
    }
}

fn any_floor_scaled(bits: u64, numerator: u32, denominator: u32) -> Option<i64> {
    let (mantissa, exponent) = split(bits)?;
    // cannot overflow: 53 bits of mantissa and 20 of the numerator
    let scaled = mantissa * i128::from(numerator);
    let (dividend, divisor) = if exponent >= 0 {
        if exponent > 40 {
            return None;
        }
        (scaled << exponent, i128::from(denominator))
    } else {
        // past 2^-100 the product of 73 bits is a fraction whatever the shift
        (scaled, i128::from(denominator) << exponent.unsigned_abs().min(100))
    };
    i64::try_from(dividend.div_euclid(divisor)).ok()
}

/// Signed mantissa and power of two; `None` when not finite.
fn split(bits: u64) -> Option<(i128, i32)> {
    if bits & INFINITY == INFINITY {
        return None;
    }
    let field = ((bits & INFINITY) >> MANTISSA_BITS) as i32;
    let fraction = i128::from(bits & ((1 << MANTISSA_BITS) - 1));
    let magnitude = if field == 0 { fraction } else { fraction | 1 << MANTISSA_BITS };
    let mantissa = if bits >> 63 == 0 { magnitude } else { -magnitude };
    Some((mantissa, field.max(1) - 1075))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_safe_when_it_is_the_only_one_that_becomes_its_double() {
        const MAX: i64 = (1 << 53) - 1;
        for value in [0, 1, -1, 3, MAX - 1, MAX, -MAX] {
            assert_eq!(to_safe_int64(from_int64(value).expect("exact")), Some(value), "{value}");
        }
        assert_eq!(to_safe_int64((-0.0f64).to_bits()), Some(0));
        for value in [MAX as f64 + 1.0, -(MAX as f64) - 1.0, 1e18, 0.5, -1.5, 5e-324, f64::INFINITY, f64::NAN] {
            assert_eq!(to_safe_int64(value.to_bits()), None, "{value}");
        }
    }

    #[test]
    fn integers_and_doubles_meet_where_both_are_exact() {
        let samples = [0, 1, -1, 3, 1 << 53, -(1 << 53), (1 << 53) + 2, i64::MIN, 1 << 62, 123_456_789_012];
        for value in samples {
            let bits = from_int64(value).expect("exact");
            assert_eq!(bits, (value as f64).to_bits(), "{value}");
            assert_eq!(to_int64(bits), Some(value), "{value}");
            assert_eq!(from_safe_int64(value).is_some(), value.unsigned_abs() < 1 << 53, "{value}");
        }
        assert_eq!(from_int64((1 << 53) + 1), None);
        assert_eq!(from_int64(i64::MAX), None);
        assert_eq!(from_uint64(1 << 63), Some(9_223_372_036_854_775_808f64.to_bits()));
        assert_eq!(from_uint64(u64::MAX), None);
    }

    #[test]
    fn narrow_floats_widen_as_the_processor_does() {
        for high in 0..=u16::MAX {
            for low in [0u32, 1, 0x8000, 0xffff] {
                let bits = u32::from(high) << 16 | low;
                let float = f32::from_bits(bits);
                let wide = from_float32(bits);
                assert!(wide == f64::from(float).to_bits() || float.is_nan() && is_nan(wide), "{bits:#x}");
            }
        }
    }

    #[test]
    fn half_floats_widen() {
        let cases =
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.960_464_477_539_063e-8), (0x8000, -0.0)];
        for (bits, expected) in cases {
            assert_eq!(from_float16(bits), f64::to_bits(expected), "{bits:#x}");
        }
        assert_eq!(from_float16(0x03ff), 6.097_555_160_522_461e-5f64.to_bits());
        assert!(is_nan(from_float16(0x7e00)));
        assert_eq!(from_float16(0xfc00), f64::NEG_INFINITY.to_bits());
    }

    #[test]
    fn fractions_and_what_leaves_the_range_are_no_integers() {
        for value in [0.5, -3.5, 1e-300, 5e-324, 9_223_372_036_854_775_808.0, -1e19, 1e300, f64::INFINITY, f64::NAN] {
            assert_eq!(to_int64(value.to_bits()), None, "{value}");
        }
        assert_eq!(to_int64((-0.0f64).to_bits()), Some(0));
    }

    #[test]
    fn the_short_ways_agree_with_the_wide_ones() {
        let mut bits = 0x9e37_79b9_7f4a_7c15u64;
        for step in 0..200_000u64 {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(step | 1);
            // doubles of every size, and integers around the limits of the short way
            let whole = (bits >> (bits & 63)) as i64;
            for bits in [bits, (whole as f64).to_bits(), (-(whole as f64)).to_bits()] {
                assert_eq!(to_int64(bits), any_integer(bits), "{bits:#x}");
                for (numerator, denominator) in [(1_000_000, 1), (1000, 1), (1, 1), (1, 1000)] {
                    let wide = any_floor_scaled(bits, numerator, denominator);
                    assert_eq!(floor_scaled(bits, numerator, denominator), wide, "{bits:#x}");
                }
            }
        }
    }

    #[test]
    fn scaling_floors_towards_the_past() {
        let seconds = |x: f64| floor_scaled(x.to_bits(), 1_000_000, 1);
        assert_eq!(seconds(1.5), Some(1_500_000));
        assert_eq!(seconds(-0.000_000_5), Some(-1));
        assert_eq!(seconds(-5e-324), Some(-1));
        assert_eq!(seconds(5e-324), Some(0));
        assert_eq!(seconds(1e300), None);
        assert_eq!(seconds(f64::NEG_INFINITY), None);
        assert_eq!(floor_scaled((-1f64).to_bits(), 1, 1000), Some(-1));
        assert_eq!(floor_scaled(1_700_000_000_123_456_789f64.to_bits(), 1, 1000), Some(1_700_000_000_123_456));
    }
}
