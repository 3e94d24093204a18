//! The text of a double: the shortest that reads back as the same double.
//!
//! The layout is Rust's `{:?}` of an `f64` (`1.0`, `0.001`, `1e16`, `inf`); it is laid out here because the standard
//! library chooses between the two notations by comparing floats, which a flush-to-zero mode changes.

use super::float64::Float64;
use core::fmt::{self, Write};

/// Decimal notation is for 10^−5 < |x| < 10^16.
const DECIMAL_EXPONENTS: core::ops::Range<i32> = -4..16;
/// `-d.dddddddddddddddde-ddd`
const MAX_TEXT: usize = 24;

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
        let mut text = Text { bytes: [0; MAX_TEXT], len: 0 };
        // `{:e}` finds its digits in integers
        write!(text, "{:e}", f64::from_bits(self.abs().to_bits()))?;
        let text = text.as_str();
        let (digits, exponent) = text.split_once('e').ok_or(fmt::Error)?;
        let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
        if DECIMAL_EXPONENTS.contains(&exponent) {
            let (first, rest) = digits.split_once('.').unwrap_or((digits, ""));
            write_decimal(f, first, rest, exponent)
        } else {
            f.write_str(text)
        }
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

struct Text {
    bytes: [u8; MAX_TEXT],
    len: usize,
}

impl Text {
    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..self.len + s.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(s.as_bytes());
        self.len += s.len();
        Ok(())
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn the_text_is_that_of_rust(bits: u64, near_one in -1e6f64..1e6) {
            for value in [f64::from_bits(bits), near_one] {
                prop_assert_eq!(Float64::from_bits(value.to_bits()).to_string(), format!("{value:?}"));
            }
        }
    }
}
