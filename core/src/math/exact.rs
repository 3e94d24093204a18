//! An exact binary number: a sign, an integer of any length and a power of two; and its one spelling in bytes.
//!
//! The one idea: sums and moments stay exact until one final rounding.
//!
//! Not here: where exact sums are kept (`state`), and what is computed of them (`moments`).

use super::float64::Float64;
use super::words;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use alloc::vec::Vec;

/// `±words × 2^exponent`, exactly, in numbers of which `unit` are one.
#[derive(Clone, Debug)]
pub struct Exact {
    negative: bool,
    words: Vec<u64>,
    exponent: i32,
    unit: u64,
}

impl Exact {
    /// `±words × 2^exponent`, the words little-endian.
    #[must_use]
    pub fn new(negative: bool, words: &[u64], exponent: i32) -> Self {
        Self { negative, words: words.to_vec(), exponent, unit: 1 }
    }

    /// An integer.
    #[must_use]
    pub fn from_i128(value: i128) -> Self {
        let magnitude = value.unsigned_abs();
        Self::new(value < 0, &[magnitude as u64, (magnitude >> 64) as u64], 0)
    }

    /// The same number of smaller things, of which `unit` are one: for means and variances of decimals.
    #[must_use]
    pub fn in_units(self, unit: u64) -> Self {
        Self { unit, ..self }
    }

    /// How many are one.
    #[must_use]
    pub fn unit(&self) -> u64 {
        self.unit
    }

    /// The number, where one will do that is kept elsewhere.
    #[must_use]
    pub fn total(&self) -> Total<'_> {
        Total { negative: self.negative, words: &self.words, exponent: self.exponent }
    }

    /// The nearest double, ties to even.
    #[must_use]
    pub fn round(&self) -> Float64 {
        self.divide(1)
    }

    /// The quotient by a number that is not zero, rounded to the nearest double, ties to even.
    #[must_use]
    pub fn divide(&self, divisor: u64) -> Float64 {
        divide(self.negative, &self.words, self.exponent, &[divisor, self.unit])
    }
}

/// An exact number that is kept elsewhere: `±words × 2^exponent`.
#[derive(Clone, Copy, Debug)]
pub struct Total<'a> {
    /// Whether it has a minus; zero may.
    pub negative: bool,
    /// The magnitude's words, little-endian.
    pub words: &'a [u64],
    /// The power of two that these are multiples of.
    pub exponent: i32,
}

impl Total<'_> {
    /// The number with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { negative: !self.negative, ..self }
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }
}

/// The first 128 bits, the highest of them set, and the power of two they stand at, below 0 for short numbers; zeros of
/// zero.
pub(crate) fn top(number: &[u64]) -> (u128, i32) {
    let low = words::bit_length(number) as i32 - 128;
    (u128::from(word_from(number, low + 64)) << 64 | u128::from(word_from(number, low)), low)
}

/// `±words × 2^exponent` rounded to nearest even.
pub(crate) fn round(negative: bool, number: &[u64], exponent: i32) -> Float64 {
    let (top, low) = words::top(number);
    Float64::from_scaled(negative, top, exponent + low as i32)
}

/// `±words × 2^exponent` divided by numbers that are not zero, rounded once to nearest even.
pub(crate) fn divide(negative: bool, number: &[u64], exponent: i32, divisors: &[u64]) -> Float64 {
    debug_assert!(divisors.iter().map(|divisor| 64 - divisor.leading_zeros()).sum::<u32>() <= 248, "72 bits are left");
    // the first 320 bits, moved to the top; what is cut off can only be part of the rest
    let low = words::bit_length(number) as i32 - 320;
    let mut quotient = [0; 5];
    for (index, word) in quotient.iter_mut().enumerate() {
        *word = word_from(number, low + 64 * index as i32);
    }
    let mut inexact = low > 0 && words::any_below(number, low as u32);
    for &divisor in divisors.iter().filter(|&&divisor| divisor != 1) {
        // dividing twice and rounding down twice is dividing by the product and rounding down once
        inexact |= words::divide_by_word(&mut quotient, divisor) != 0;
    }
    // 71 bits or more are left, so the lowest may stand for the rest
    quotient[0] |= u64::from(inexact);
    round(negative, &quotient, exponent + low)
}

/// As [`words::word_at`], with zeros below bit 0 too.
fn word_from(number: &[u64], low: i32) -> u64 {
    match low {
        0.. => words::word_at(number, low as u32),
        -63..0 => number.first().map_or(0, |word| word << -low),
        _ => 0,
    }
}

/// What [`read_scaled`] finds: `±words × 2^position`, and the marks.
pub(crate) struct Scaled<const WORDS: usize> {
    pub marks: u8,
    pub negative: bool,
    pub words: [u64; WORDS],
    /// Up to the highest one set of the words.
    pub bits: u32,
    pub position: u32,
}

/// Appends `±words × 2^position` and two bits of `marks`: a varint of byte count, sign and marks; unless the count is
/// 0, a varint of the lowest byte's place and the bytes, without zero bytes at either end.
pub(crate) fn write_scaled(marks: u8, negative: bool, number: &[u64], position: u32, out: &mut Writer) {
    let bits = words::bit_length(number);
    if bits == 0 {
        out.u8(marks);
        return;
    }
    let first = (position + words::trailing_zeros(number)) / 8;
    let count = (position + bits).div_ceil(8) - first;
    out.varint(u64::from(count << 3 | u32::from(negative) << 2 | u32::from(marks)));
    out.varint(u64::from(first));
    let mut low = (8 * first) as i32 - position as i32;
    let mut left = count as usize;
    while left > 0 {
        let taken = left.min(8);
        out.raw(&word_from(number, low).to_le_bytes()[..taken]);
        low += 64;
        left -= taken;
    }
}

/// Reads what [`write_scaled`] writes, below `2^max_bits`, which `WORDS` words must hold.
///
/// **Errors** those of the reader, `decode.canonical` for zero bytes at an end or a signed zero, `decode.invalid` past
/// the limit.
pub(crate) fn read_scaled<const WORDS: usize>(bytes: &mut Reader, max_bits: u32) -> Result<Scaled<WORDS>> {
    debug_assert!(max_bits as usize <= 64 * WORDS, "the limit fits the words");
    let header = bytes.varint()?;
    let (count, negative, marks) = (header >> 3, header & 4 != 0, (header & 3) as u8);
    let mut words = [0; WORDS];
    if count == 0 {
        if negative {
            return Err(bytes.not_canonical("a zero sum has a sign"));
        }
        return Ok(Scaled { marks, negative, words, bits: 0, position: 0 });
    }
    let first = bytes.varint_up_to(u64::from(max_bits / 8), "the place of a sum")?;
    if count > u64::from(max_bits).div_ceil(8) - first {
        return Err(bytes.invalid("a sum is longer than its rows can make it"));
    }
    // cannot truncate: at most 8 × WORDS bytes
    let taken = bytes.raw(count as usize)?;
    fill_words(&mut words, taken, bytes)?;
    if words[0] & 0xff == 0 {
        return Err(bytes.not_canonical("a sum starts with a zero byte"));
    }
    let position = 8 * first as u32;
    let bits = 8 * count as u32 - taken.last().map_or(0, |last| last.leading_zeros());
    if position + bits > max_bits {
        return Err(bytes.invalid("a sum is larger than its rows can make it"));
    }
    Ok(Scaled { marks, negative, words, bits, position })
}

/// Appends an integer: a varint of byte count and sign, then the magnitude's bytes without leading zeros.
pub(crate) fn write_integer(negative: bool, magnitude: &[u64], out: &mut Writer) {
    let count = words::bit_length(magnitude).div_ceil(8);
    out.varint(u64::from(count << 1 | u32::from(negative)));
    let mut left = count as usize;
    for word in magnitude {
        let taken = left.min(8);
        out.raw(&word.to_le_bytes()[..taken]);
        left -= taken;
    }
}

/// Reads what [`write_integer`] writes, up to `WORDS` words.
///
/// **Errors** those of the reader, `decode.canonical` for leading zeros or a signed zero, `decode.invalid` for more
/// bytes.
pub(crate) fn read_integer<const WORDS: usize>(bytes: &mut Reader) -> Result<(bool, [u64; WORDS])> {
    let header = bytes.varint_up_to(16 * WORDS as u64 + 1, "the header of an integer")?;
    let (count, negative) = ((header >> 1) as usize, header & 1 != 0);
    let mut words = [0; WORDS];
    if count == 0 {
        if negative {
            return Err(bytes.not_canonical("a zero sum has a sign"));
        }
        return Ok((negative, words));
    }
    fill_words(&mut words, bytes.raw(count)?, bytes)?;
    Ok((negative, words))
}

/// Copies at least one byte, of which the last must not be zero.
fn fill_words(words: &mut [u64], taken: &[u8], bytes: &Reader) -> Result<()> {
    if taken.last() == Some(&0) {
        return Err(bytes.not_canonical("a sum ends with a zero byte"));
    }
    for (word, chunk) in words.iter_mut().zip(taken.chunks(8)) {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        *word = u64::from_le_bytes(eight);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn spelled(marks: u8, negative: bool, words: &[u64], position: u32) -> Vec<u8> {
        let mut out = Writer::new();
        write_scaled(marks, negative, words, position, &mut out);
        out.into_bytes()
    }

    fn read(bytes: &[u8]) -> Result<Scaled<6>> {
        let mut reader = Reader::new(bytes);
        let scaled = read_scaled(&mut reader, 384)?;
        assert_eq!(reader.remaining(), 0);
        Ok(scaled)
    }

    #[test]
    fn one_is_one_byte_wherever_its_word_starts() {
        assert_eq!(spelled(0, false, &[1 << 50], 14), [1 << 3, 8, 1]);
        assert_eq!(spelled(0, false, &[0, 1], 0), [1 << 3, 8, 1]);
        assert_eq!(spelled(3, true, &[2, 0, 0], 63), [1 << 3 | 7, 8, 1]);
        assert_eq!(spelled(2, true, &[0, 0], 7), [2]);
    }

    #[test]
    fn other_spellings_are_refused() {
        let refused: [&[u8]; 7] =
            [&[4], &[1 << 3, 0, 0], &[2 << 3, 0, 0, 1], &[2 << 3, 0, 1, 0], &[1 << 3, 48, 1], &[49 << 3, 0], &[8, 49]];
        for bytes in refused {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        assert!(read_integer::<1>(&mut Reader::new(&[1])).is_err());
        assert!(read_integer::<1>(&mut Reader::new(&[2, 0])).is_err());
        assert!(read_integer::<1>(&mut Reader::new(&[18, 1, 1, 1, 1, 1, 1, 1, 1, 1])).is_err());
    }

    proptest! {
        #[test]
        fn a_spelling_reads_back_as_the_same_number(words: [u64; 4], zeros in 0usize..4, position in 0u32..120, marks in 0u8..4) {
            let mut words = words;
            words[..zeros].fill(0);
            let bytes = spelled(marks, true, &words, position);
            let back = read(&bytes).unwrap();
            prop_assert_eq!(spelled(back.marks, back.negative, &back.words, back.position), bytes);
            let number = |words: &[u64], position: u32| {
                words.iter().rev().fold(BigUint::ZERO, |sum, &word| (sum << 64) + word) << position
            };
            prop_assert_eq!(number(&words, position), number(&back.words, back.position));
        }

        #[test]
        fn any_bytes_are_refused_or_the_only_spelling(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(found) = read_scaled::<6>(&mut reader, 384) {
                let used = reader.position();
                prop_assert_eq!(spelled(found.marks, found.negative, &found.words, found.position), &bytes[..used]);
            }
            let mut reader = Reader::new(&bytes);
            if let Ok((negative, words)) = read_integer::<2>(&mut reader) {
                let used = reader.position();
                let mut out = Writer::new();
                write_integer(negative, &words, &mut out);
                prop_assert_eq!(out.as_slice(), &bytes[..used]);
            }
        }
    }
}
