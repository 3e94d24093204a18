//! The text of a double: the shortest that reads back as the same double, and of two equally near ones the even one,
//! as JavaScript and Python write it.
//!
//! The layout is Rust's `{:?}` of an `f64` (`1.0`, `0.001`, `1e16`, `inf`); it is laid out here because the standard
//! library chooses between the two notations by comparing floats, which a flush-to-zero mode changes.

use super::float64::Float64;
use core::fmt::{self, Write};

/// Decimal notation is for 10^−5 < |x| < 10^16.
const DECIMAL_EXPONENTS: core::ops::Range<i32> = -4..16;
/// No double needs more digits to be told from its neighbours.
const MAX_DIGITS: usize = 17;

impl fmt::Display for Float64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nan() {
            return f.write_str("NaN");
        }
        if self.is_negative() {
            f.write_char('-')?;
        }
        if self.is_infinite() {
            return f.write_str("inf");
        }
        if self.is_zero() {
            return f.write_str("0.0");
        }
        // finds its digits in integers
        let mut shortest = zmij::Buffer::new();
        let digits = Digits::read(shortest.format_finite(f64::from_bits(self.abs().to_bits()))).ok_or(fmt::Error)?;
        let (first, rest) = digits.as_str().split_at(1);
        if DECIMAL_EXPONENTS.contains(&digits.exponent) {
            return write_decimal(f, first, rest, digits.exponent);
        }
        f.write_str(first)?;
        if !rest.is_empty() {
            f.write_char('.')?;
            f.write_str(rest)?;
        }
        write!(f, "e{}", digits.exponent)
    }
}

/// Writes `first.rest × 10^exponent` without an exponent.
fn write_decimal(f: &mut fmt::Formatter<'_>, first: &str, rest: &str, exponent: i32) -> fmt::Result {
    if exponent < 0 {
        f.write_str("0.")?;
        for _ in 1..-exponent {
            f.write_char('0')?;
        }
        f.write_str(first)?;
        return f.write_str(rest);
    }
    let whole = (exponent as usize).min(rest.len());
    f.write_str(first)?;
    f.write_str(&rest[..whole])?;
    for _ in whole..exponent as usize {
        f.write_char('0')?;
    }
    f.write_char('.')?;
    f.write_str(if whole < rest.len() { &rest[whole..] } else { "0" })
}

/// A number above zero as `d.ddd × 10^exponent`, with neither leading nor trailing zeros.
struct Digits {
    bytes: [u8; MAX_DIGITS],
    len: usize,
    exponent: i32,
}

impl Digits {
    /// The digits of a number in either notation.
    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = Self { bytes: [0; MAX_DIGITS], len: 0, exponent: exponent.parse().ok()? };
        let mut position = whole.len() as i32;
        let mut zeros = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            position -= 1;
            match digit {
                b'0' => zeros += 1,
                _ => {
                    if digits.len == 0 {
                        digits.exponent += position;
                        zeros = 0;
                    }
                    // zeros count once another digit follows them
                    digits.bytes.get_mut(digits.len..digits.len + zeros)?.fill(b'0');
                    digits.len += zeros;
                    zeros = 0;
                    *digits.bytes.get_mut(digits.len)? = digit;
                    digits.len += 1;
                }
            }
        }
        (digits.len > 0).then_some(digits)
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};
    use proptest::prelude::*;

    #[test]
    fn both_notations_meet_where_rust_puts_them() {
        let texts = [1.0f64, 0.0001, 0.00001, 1e15, 9999999999999998.0, 1e16, 123.456, 100.0, -5e-324, -1.7e308, 0.1];
        for value in texts {
            assert_eq!(Float64::from_bits(value.to_bits()).to_string(), format!("{value:?}"));
        }
        assert_eq!(Float64::NEG_INFINITY.to_string(), "-inf");
        assert_eq!(Float64::NAN.to_string(), "NaN");
        assert_eq!(Float64::ZERO.to_string(), "0.0");
    }

    /// Rust writes as many digits, and of two equally near texts the upper one.
    fn is_as_good_as_the_text_of_rust(value: f64) -> bool {
        let (ours, theirs) = (Float64::from_bits(value.to_bits()).to_string(), format!("{value:?}"));
        let mantissa = |text: &str| text.split('e').next().unwrap_or("").to_string();
        let is_even = mantissa(&ours).ends_with(['0', '2', '4', '6', '8']);
        let reads_back = ours.parse() == Ok(value);
        ours == theirs || (ours.len() == theirs.len() && is_even && reads_back)
    }

    #[test]
    fn powers_of_two_whose_neighbours_lie_unevenly_have_the_digits_of_rust() {
        for exponent in 0..2047u64 {
            for bits in [exponent << 52, (exponent << 52) + 1, ((exponent + 1) << 52) - 1] {
                let value = f64::from_bits(bits);
                assert!(is_as_good_as_the_text_of_rust(value), "{value:?}");
            }
        }
    }

    #[test]
    fn of_two_equally_near_texts_the_even_one_is_written() {
        assert_eq!(Float64::from_bits(2f64.powi(-25).to_bits()).to_string(), "2.9802322387695312e-8");
        // 1558223043572743.25
        assert_eq!(Float64::from_bits(4_834_091_692_715_462_685).to_string(), "1558223043572743.2");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn the_text_is_as_good_as_that_of_rust(bits: u64, near_one in -1e6f64..1e6) {
            for value in [f64::from_bits(bits), near_one] {
                prop_assert!(value.is_nan() || is_as_good_as_the_text_of_rust(value), "{:?}", value);
            }
        }
    }
}
