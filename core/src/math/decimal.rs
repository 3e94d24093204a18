//! Doubles from decimal digits, correctly rounded.
//!
//! The one idea: digits × 10^exponent is an exact fraction; its first 64 bits and whether more follow decide the
//! double. The standard library's parser is faster on short inputs because it multiplies on the FPU, which the law
//! forbids.

use super::float64::Float64;
use super::words;
use alloc::vec::Vec;

/// Significant digits that can matter: a halfway point between two doubles has at most 767, and one more digit tells
/// on which side of it the rest lies.
const MAX_DIGITS: usize = 800;
/// Powers of ten that fit a word.
const WORD_POWERS: u32 = 19;
/// Where the leading digit stands in a number that is infinite for sure, and below which it is zero for sure.
const MAX_EXPONENT: i64 = 310;
const MIN_EXPONENT: i64 = -330;

impl Float64 {
    /// Reads `12`, `.5`, `5.`, `1e-7`, `-123.456E+10`: an optional sign, digits with at most one point, an optional
    /// exponent. `None` for anything else, `inf` and `nan` included.
    ///
    /// **Accuracy** correctly rounded, ties to even; ±∞ past the largest double.
    ///
    /// **Cost** tens of ns for up to 19 digits and small exponents, else a few µs and one pass over the text, whatever
    /// its length and exponent.
    #[must_use]
    pub fn from_decimal(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, bytes),
        };
        let split = bytes.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, exponent) = match split {
            Some(at) => (&bytes[..at], read_exponent(&bytes[at + 1..])?),
            None => (bytes, 0),
        };
        let mut digits = Digits::default();
        for &byte in mantissa {
            digits.push(byte)?;
        }
        digits.finish(negative, exponent)
    }

    /// `unscaled × 10^-scale`, as Arrow and databases hold a decimal.
    ///
    /// **Accuracy** correctly rounded, ties to even; ±∞ past the largest double.
    ///
    /// **Cost** tens of ns for up to 19 digits and as many places, else a few µs.
    #[must_use]
    pub fn from_unscaled(unscaled: i128, scale: i32) -> Self {
        let (negative, magnitude) = (unscaled < 0, unscaled.unsigned_abs());
        let (low, high) = (magnitude as u64, (magnitude >> 64) as u64);
        match i32::try_from(-i64::from(scale)) {
            _ if magnitude == 0 => Self::ZERO,
            // 39 digits at most, so the leading one stands past the ends of the range
            Ok(exponent) if exponent > MAX_EXPONENT as i32 => Self::INFINITY.with_sign(negative),
            Ok(exponent) if exponent >= MIN_EXPONENT as i32 - 40 => {
                let words = [low, high];
                from_digits(negative, &words[..1 + usize::from(high != 0)], exponent)
            }
            Err(_) => Self::INFINITY.with_sign(negative),
            Ok(_) => Self::ZERO,
        }
    }
}

/// `digits × 10^exponent` rounded to nearest even; `exponent` must be from −1200 to 400.
pub(super) fn from_digits(negative: bool, digits: &[u64], exponent: i32) -> Float64 {
    let power = exponent.unsigned_abs();
    if let ([word], true) = (digits, power <= WORD_POWERS) {
        let ten = 10u64.pow(power);
        if exponent >= 0 {
            return Float64::from_scaled_wide(negative, u128::from(*word) * u128::from(ten), 0);
        }
        // 2^127 ≤ numerator, so the quotient keeps 63 bits or more
        let shift = u128::from(*word | 1).leading_zeros();
        let numerator = u128::from(*word) << shift;
        let quotient = numerator / u128::from(ten);
        let inexact = quotient * u128::from(ten) != numerator;
        return Float64::from_scaled_wide(negative, quotient | u128::from(inexact), -(shift as i32));
    }
    let ten = words::power_of_ten(power);
    if exponent >= 0 {
        let (top, low) = words::top(&words::multiply(digits, &ten));
        return Float64::from_scaled(negative, top, low as i32);
    }
    // brings the quotient to 63 or 64 bits
    let shift = 63 + words::bit_length(&ten) as i32 - words::bit_length(digits) as i32;
    let (quotient, inexact) = if shift >= 0 {
        words::divide_to_word(&words::shift_left(digits, shift as u32), &ten)
    } else {
        words::divide_to_word(digits, &words::shift_left(&ten, -shift as u32))
    };
    Float64::from_scaled(negative, quotient | u64::from(inexact), -shift)
}

/// An exponent's value, held at ±2^40 where a longer text of digits cannot matter any more.
pub(super) fn read_exponent(bytes: &[u8]) -> Option<i64> {
    let (negative, bytes) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    if bytes.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(byte - b'0')).min(1 << 40);
    }
    Some(if negative { -value } else { value })
}

#[derive(Default)]
struct Digits {
    /// Significant digits so far, without leading zeros, in words.
    words: Vec<u64>,
    /// Digits not yet in `words`: their value and the power of ten that makes room for them.
    pending: u64,
    pending_power: u32,
    /// Significant digits taken.
    taken: usize,
    /// Whether a digit that was not taken is other than zero.
    more: bool,
    /// The power of ten of the last digit taken.
    exponent: i64,
    seen: bool,
    point: bool,
}

impl Digits {
    fn push(&mut self, byte: u8) -> Option<()> {
        if byte == b'.' {
            return if core::mem::replace(&mut self.point, true) { None } else { Some(()) };
        }
        if !byte.is_ascii_digit() {
            return None;
        }
        self.seen = true;
        let digit = u64::from(byte - b'0');
        if self.taken == MAX_DIGITS {
            self.more |= digit != 0;
            self.exponent += i64::from(!self.point);
            return Some(());
        }
        self.exponent -= i64::from(self.point);
        if digit != 0 || self.taken > 0 {
            self.append(digit);
            self.taken += 1;
        }
        Some(())
    }

    fn append(&mut self, digit: u64) {
        if self.pending_power == WORD_POWERS {
            self.flush();
        }
        self.pending = self.pending * 10 + digit;
        self.pending_power += 1;
    }

    fn flush(&mut self) {
        let mut carry = self.pending;
        for word in &mut self.words {
            let next = u128::from(*word) * u128::from(10u64.pow(self.pending_power)) + u128::from(carry);
            *word = next as u64;
            carry = (next >> 64) as u64;
        }
        if carry != 0 || self.words.is_empty() {
            self.words.push(carry);
        }
        self.pending = 0;
        self.pending_power = 0;
    }

    fn finish(mut self, negative: bool, exponent: i64) -> Option<Float64> {
        if !self.seen {
            return None;
        }
        if self.taken == 0 {
            return Some(Float64::ZERO);
        }
        let mut exponent = exponent + self.exponent;
        if self.more {
            self.append(1);
            self.taken += 1;
            exponent -= 1;
        }
        let leading = exponent + self.taken as i64;
        if leading > MAX_EXPONENT {
            return Some(Float64::INFINITY.with_sign(negative));
        }
        if leading < MIN_EXPONENT {
            return Some(Float64::ZERO);
        }
        self.flush();
        // cannot truncate: from −330 − 801 to 310
        Some(from_digits(negative, &self.words, exponent as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    fn assert_as_std(text: &str) {
        let expected: f64 = text.parse().unwrap();
        assert_eq!(Float64::from_decimal(text), Some(Float64::from_bits(expected.to_bits())), "{text}");
    }

    #[test]
    fn every_form_of_a_literal_is_read() {
        for text in ["0", "12", ".5", "5.", "1e-7", "123.456E+10", "-0.0", "+3", "00012.500", "1e22", "1e23", "0e999"] {
            assert_as_std(text);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", ".", "-", "e5", "1e", "1e+", "1.2.3", "1 ", " 1", "inf", "nan", "0x10", "1_000", "--1", "1e1.5"]
        {
            assert_eq!(Float64::from_decimal(text), None, "{text:?}");
        }
    }

    #[test]
    fn halfway_points_and_the_ends_of_the_range_round_right() {
        for text in [
            "9007199254740993",
            "9007199254740993.00000000000000000000000000000000000000000000000000000000000000000000001",
            "9007199254740992.99999999999999999999999999999999999999999999999999999999999999999999999",
            "2.4703282292062327208e-324",
            "2.4703282292062327209e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "17976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797758720709633e205",
            "1e309",
            "-1e309",
            "1e-400",
            "4.9e-324",
            "8.5e-320",
        ] {
            assert_as_std(text);
        }
    }

    #[test]
    fn a_digit_a_thousand_places_behind_a_tie_decides_it() {
        let tie = format!("{:.1100}", f64::from_bits(1));
        let half: String = tie.replace("4940656458412465", "2470328229206232");
        assert_as_std(&half);
        let mut even = format!("9007199254740993.{}", "0".repeat(1500));
        assert_eq!(Float64::from_decimal(&even), Float64::from_decimal("9007199254740992"));
        even.push('1');
        assert_eq!(Float64::from_decimal(&even), Float64::from_decimal("9007199254740994"));
    }

    #[test]
    fn long_texts_and_exponents_cancel() {
        let zeros = "0".repeat(5000);
        assert_eq!(Float64::from_decimal(&format!("1{zeros}e-5000")), Some(Float64::ONE));
        assert_eq!(Float64::from_decimal(&format!("0.{zeros}1e5001")), Some(Float64::ONE));
        assert_eq!(Float64::from_decimal(&format!("1e{}", "9".repeat(400))), Some(Float64::INFINITY));
        assert_eq!(Float64::from_decimal(&format!("1e-{}", "9".repeat(400))), Some(Float64::ZERO));
    }

    #[test]
    fn a_scale_of_any_size_is_taken() {
        for (scale, expected) in [(i32::MIN, Float64::INFINITY), (i32::MAX, Float64::ZERO), (0, Float64::ONE)] {
            assert_eq!(Float64::from_unscaled(1, scale), expected, "{scale}");
            assert_eq!(Float64::from_unscaled(0, scale), Float64::ZERO, "{scale}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn any_digits_equal_the_standard_library(whole in "[0-9]{0,30}", part in "[0-9]{1,40}", exponent in -350i32..330) {
            assert_as_std(&format!("{whole}.{part}e{exponent}"));
            assert_as_std(&format!("{whole}.{part}"));
        }

        #[test]
        fn an_unscaled_integer_is_its_text(unscaled: i128, shift in 0u32..128, scale in -400i32..400) {
            let unscaled = unscaled >> shift;
            let text = format!("{unscaled}e{}", -scale);
            prop_assert_eq!(Some(Float64::from_unscaled(unscaled, scale)), Float64::from_decimal(&text), "{}", text);
        }

        #[test]
        fn printed_doubles_read_back(bits: u64) {
            let value = Float64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(Float64::from_decimal(&format!("{value}")), Some(value));
            let exact = f64::from_bits(value.to_bits());
            prop_assert_eq!(Float64::from_decimal(&format!("{exact:.1080}")), Some(value));
        }

        #[test]
        fn shortened_doubles_equal_the_standard_library(bits in 0u64..0x7fe0_0000_0000_0000) {
            let low = f64::from_bits(bits);
            let high = f64::from_bits(bits + 1);
            for digits in [17, 18, 19, 20, 30, 60] {
                assert_as_std(&format!("{low:.digits$e}"));
                assert_as_std(&format!("{high:.digits$e}"));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9.eE]{0,12}") {
            let ours = Float64::from_decimal(&text);
            prop_assert_eq!(ours, text.parse::<f64>().ok().map(|value| Float64::from_bits(value.to_bits())));
        }
    }
}
