//! Decimals: whole numbers of units of a power of ten.
//!
//! The one idea: a number that is written in digits is an integer and a power of ten, exactly; it is brought to the
//! scale of its column without passing through a double.
//!
//! Not here: doubles from digits (`decimal`), what expressions make of decimals (`expr`).

use super::decimal::from_digits;
use super::float64::Float64;
use crate::limits::{MAX_DECIMAL_DIGITS, MAX_DECIMAL_SCALE};
use alloc::format;
use alloc::string::String;
use core::fmt;

/// `±digits × 10^power`, and whether digits other than zero were cut off behind, which are too many to matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: u128,
    power: i64,
    cut: bool,
}

/// A decimal at a scale: the nearest units, halves away from zero, and whether they are the very number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    /// Units of 10^−scale.
    pub units: i128,
    /// Whether nothing was rounded.
    pub exact: bool,
}

/// Where another digit would not fit.
const MOST_DIGITS: u128 = u128::MAX / 10 - 1;

impl Decimal {
    /// `units × 10^−scale`.
    #[must_use]
    pub fn new(units: i128, scale: i32) -> Self {
        Self { negative: units < 0, digits: units.unsigned_abs(), power: -i64::from(scale), cut: false }
    }

    /// Reads `12`, `.5`, `5.`, `1e-7`, `-123.456E+10`; `None` for anything else, `inf` and `nan` included.
    ///
    /// **Cost** one pass over the text, whatever its length and exponent.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, super::decimal::read_exponent(exponent.as_bytes())?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let mut read = Self { negative, digits: 0, power: exponent, cut: false };
        let (mut seen, mut point) = (false, false);
        for byte in mantissa.bytes() {
            match byte {
                b'.' if !point => point = true,
                b'0'..=b'9' => {
                    let digit = byte - b'0';
                    seen = true;
                    if read.digits <= MOST_DIGITS {
                        read.digits = read.digits * 10 + u128::from(digit);
                        read.power -= i64::from(point);
                    } else {
                        read.cut |= digit != 0;
                        read.power += i64::from(!point);
                    }
                }
                _ => return None,
            }
        }
        seen.then_some(read)
    }

    /// The digits of a double's shortest text; `None` for NaN and infinities.
    #[must_use]
    pub fn from_float(value: Float64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // finds its digits in integers
        let mut shortest = zmij::Buffer::new();
        Self::read(shortest.format_finite(f64::from_bits(value.to_bits())))
    }

    /// The digits behind the point that the number needs, at most [`MAX_DECIMAL_SCALE`].
    #[must_use]
    pub fn scale(&self) -> u8 {
        (0..MAX_DECIMAL_SCALE)
            .find(|&scale| self.at_scale(scale).is_none_or(|units| units.exact))
            .unwrap_or(MAX_DECIMAL_SCALE)
    }

    /// The number in units of 10^−scale; `None` past [`MAX_DECIMAL_DIGITS`] digits.
    #[must_use]
    pub fn at_scale(&self, scale: u8) -> Option<Units> {
        let shift = self.power + i64::from(scale);
        let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|shift| 10u128.checked_pow(shift));
        let (magnitude, exact) = match power {
            _ if self.digits == 0 => (0, true),
            Some(power) if shift >= 0 => (self.digits.checked_mul(power)?, !self.cut),
            None if shift >= 0 => return None,
            Some(power) => {
                let (whole, rest) = (self.digits / power, self.digits % power);
                // what was cut off cannot make a half of less: the digits before it reach past one
                (whole + u128::from(rest >= power - rest), rest == 0 && !self.cut)
            }
            // all digits there are, are below half of one
            None => (0, false),
        };
        let units = i128::try_from(magnitude).ok().filter(|&units| fits(units))?;
        Some(Units { units: if self.negative { -units } else { units }, exact })
    }

    /// The number times a power of ten.
    #[must_use]
    pub(crate) fn times_power(self, power: u8) -> Self {
        Self { power: self.power + i64::from(power), ..self }
    }

    /// The nearest double, ties to even.
    #[must_use]
    pub fn to_float(&self) -> Float64 {
        /// Beyond, every number of 39 digits is zero or infinite.
        const MOST: i64 = 400;
        let words = [self.digits as u64, (self.digits >> 64) as u64];
        from_digits(
            self.negative,
            if words[1] == 0 { &words[..1] } else { &words },
            self.power.clamp(-MOST, MOST) as i32,
        )
    }
}

impl Units {
    /// The very number in an int64 of units, as rows have it; `None` where it is rounded or past int64.
    #[must_use]
    pub fn of_rows(self) -> Option<i64> {
        i64::try_from(self.units).ok().filter(|_| self.exact)
    }
}

/// Whether so many units are a decimal that a metric may give.
#[must_use]
pub const fn fits(units: i128) -> bool {
    units.unsigned_abs() < 10u128.pow(MAX_DECIMAL_DIGITS)
}

/// Units of 10^−scale as the nearest double, ties to even.
#[must_use]
pub fn to_float(units: i128, scale: u8) -> Float64 {
    /// Integers up to here are doubles, as are the powers of ten: one division rounds once.
    const EXACT: u128 = 1 << 53;
    if units.unsigned_abs() <= EXACT {
        // cannot truncate: it is at most 2^53
        return Float64::from_i64(units as i64) / Float64::from_u64(unit(scale));
    }
    Float64::from_unscaled(units, scale.into())
}

/// Units in one: 10^scale.
#[must_use]
pub const fn unit(scale: u8) -> u64 {
    10u64.pow(scale as u32)
}

/// Units as people write them, with all digits of the scale: `-0.50`.
#[must_use]
pub fn write(units: i128, scale: u8) -> String {
    format!("{}", Decimal::new(units, scale.into()))
}

impl fmt::Display for Decimal {
    /// With all digits there are, zeros at the end too; with an exponent where the last of them stands before the point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let behind = usize::try_from(-self.power).unwrap_or(0);
        let digits = format!("{:0width$}", self.digits, width = behind.saturating_add(1));
        let (whole, rest) = digits.split_at(digits.len() - behind);
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{rest}")?;
        if self.power > 0 {
            write!(f, "e{}", self.power)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "the doubles of the host say what is right")]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn units(text: &str, scale: u8) -> Option<(i128, bool)> {
        Decimal::read(text).and_then(|read| read.at_scale(scale)).map(|read| (read.units, read.exact))
    }

    #[test]
    fn digits_are_brought_to_a_scale() {
        for (text, scale, expected) in [
            ("1.5", 2, Some((150, true))),
            ("1.500", 2, Some((150, true))),
            ("1.505", 2, Some((151, false))),
            ("-1.505", 2, Some((-151, false))),
            ("1.504999999999999999999999999999999999999999999", 2, Some((150, false))),
            ("0.0000000000000000000000000000000000000000000000", 2, Some((0, true))),
            ("100000000000000000000000000000000000000000000e-44", 2, Some((100, true))),
            ("1e400", 2, None),
            ("-0e99999999999999999999", 18, Some((0, true))),
            ("1e-99999999999999999999", 18, Some((0, false))),
            ("92233720368547758.07", 2, Some((i64::MAX.into(), true))),
            ("-92233720368547758.08", 2, Some((i64::MIN.into(), true))),
            ("92233720368547758.08", 2, Some((1 << 63, true))),
            ("999999999999999999999999999999999999.99", 2, Some((10i128.pow(38) - 1, true))),
            ("-999999999999999999999999999999999999.994", 2, Some((1 - 10i128.pow(38), false))),
            ("1000000000000000000000000000000000000.00", 2, None),
            ("9.223372036854775807", 18, Some((i64::MAX.into(), true))),
            (".5", 0, Some((1, false))),
            ("5.", 0, Some((5, true))),
            ("0.49", 0, Some((0, false))),
            ("+1E3", 0, Some((1000, true))),
        ] {
            assert_eq!(units(text, scale), expected, "{text} at {scale}");
        }
        for text in ["", ".", "1.2.3", "1e", "e1", "--1", "1 ", "NaN", "inf", "0x1", "1_0", "١"] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
    }

    #[test]
    fn units_are_written_with_all_digits() {
        for (units, scale, text) in [
            (150, 2, "1.50"),
            (-5, 2, "-0.05"),
            (0, 3, "0.000"),
            (i64::MIN.into(), 0, "-9223372036854775808"),
            (i64::MIN.into(), 18, "-9.223372036854775808"),
            (10i128.pow(38) - 1, 2, "999999999999999999999999999999999999.99"),
        ] {
            assert_eq!(write(units, scale), text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_written_is_read_back(units: i128, shift in 0u32..127, scale in 0..=MAX_DECIMAL_SCALE) {
            let units = units >> shift;
            let read = Decimal::read(&write(units, scale)).unwrap();
            let whole = Units { units, exact: true };
            prop_assert_eq!(read.at_scale(scale), fits(units).then_some(whole));
            prop_assert_eq!(whole.of_rows(), i64::try_from(units).ok());
            prop_assert!(!fits(units) || read == Decimal::new(units, scale.into()));
        }

        #[test]
        fn a_decimal_is_the_double_that_its_text_reads_as(units: i128, shift in 0u32..127, scale in 0..=MAX_DECIMAL_SCALE) {
            let units = units >> shift;
            let expected = write(units, scale).parse::<f64>().unwrap() + 0.0;
            prop_assert_eq!(to_float(units, scale).to_bits(), expected.to_bits());
        }

        #[test]
        fn any_decimal_is_the_double_that_its_text_reads_as(units: i128, shift in 0u32..127, scale in -400..400i32) {
            let units = units >> shift;
            let expected = format!("{units}e{}", -scale).parse::<f64>().unwrap() + 0.0;
            prop_assert_eq!(Decimal::new(units, scale).to_float().to_bits(), expected.to_bits());
        }

        #[test]
        fn doubles_are_the_digits_of_their_text(bits: u64, near in -1e7f64..1e7, scale in 0..=MAX_DECIMAL_SCALE) {
            for value in [f64::from_bits(bits), near, (near * 100.0).round() / 100.0] {
                let read = Decimal::from_float(Float64::from_bits(value.to_bits()));
                prop_assert_eq!(read.is_some(), value.is_finite());
                let text = Decimal::read(&format!("{}", Float64::from_bits(value.to_bits())));
                prop_assert_eq!(read.and_then(|read| read.at_scale(scale)), text.and_then(|read| read.at_scale(scale)));
            }
        }

        #[test]
        fn rounding_is_that_of_big_integers(units: i128, scale in -60..60i32, to in 0..=MAX_DECIMAL_SCALE) {
            let found = Decimal::new(units, scale).at_scale(to);
            let shift = i64::from(to) - i64::from(scale);
            let power = BigInt::from(10).pow(shift.unsigned_abs() as u32);
            let (rounded, exact) = if shift >= 0 {
                (BigInt::from(units) * power, true)
            } else {
                let twice = BigInt::from(units.unsigned_abs()) * 2 + &power;
                let sign = BigInt::from(units.signum());
                (sign * (twice / (&power * 2)), BigInt::from(units) % power == BigInt::ZERO)
            };
            let expected = i128::try_from(rounded).ok().filter(|&units| fits(units)).map(|units| Units { units, exact });
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn of_two_texts_as_short_and_as_near_the_even_one_is_read() {
        // the double is …417.25
        let read = Decimal::from_float(Float64::from_bits(4_832_818_016_808_065_381));
        let even = Units { units: 12_398_040_667_234_172, exact: true };
        assert_eq!(read.and_then(|read| read.at_scale(1)), Some(even));
    }

    #[test]
    fn the_scale_of_a_number_is_what_it_needs() {
        for (text, scale) in [("1.50", 1), ("9.99", 2), ("1e3", 0), ("0.1234567890123456789", 18), ("1e-30", 18)] {
            assert_eq!(Decimal::read(text).map(|read| read.scale()), Some(scale), "{text}");
        }
    }
}
