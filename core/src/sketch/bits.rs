//! Numbers packed into bits: short codes for the small ones that counts and gaps mostly are.
//!
//! The one idea: the exponential Golomb code of order k writes v + 2^k as its number of bits above k in unary (zeros,
//! then a one) and then its bits below the top one, lowest first; the Rice code writes the low k bits, then the rest in
//! unary. Bits fill a byte from its lowest on; the last byte
//! is filled with zeros.

use alloc::vec::Vec;

/// The largest order; a number and 2^order together stay below 2^63.
pub(super) const MAX_ORDER: u32 = 61;

/// Appends codes.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    /// The bytes, then zeros: room for what comes.
    bytes: Vec<u8>,
    /// Bytes that are complete.
    length: usize,
    waiting: u64,
    /// Bits in `waiting`, fewer than 8 between calls.
    filled: u32,
}

/// Bytes that the room grows by.
const ROOM: usize = 256;

impl BitWriter {
    /// Appends the low `count` bits of `value`, which has no others; `count` is at most 56.
    #[inline(always)]
    fn put(&mut self, value: u64, count: u32) {
        self.waiting |= value << self.filled;
        self.filled += count;
        // all eight bytes are written, complete or not: whether a byte is complete is hard to predict
        match self.bytes.get_mut(self.length..self.length + 8) {
            Some(eight) => eight.copy_from_slice(&self.waiting.to_le_bytes()),
            None => self.put_past_the_room(),
        }
        self.length += self.filled as usize / 8;
        self.waiting >>= self.filled & !7;
        self.filled &= 7;
    }

    #[cold]
    fn put_past_the_room(&mut self) {
        self.bytes.truncate(self.length);
        self.bytes.extend_from_slice(&self.waiting.to_le_bytes());
        self.bytes.resize(self.length + ROOM, 0);
    }

    /// Appends `value` (at most 2^62) in the code of order `order` (at most [`MAX_ORDER`]).
    #[inline(always)]
    pub fn golomb(&mut self, value: u64, order: u32) {
        let code = Golomb::new(value, order);
        if code.length() <= 56 {
            self.put(code.bits(), code.length());
        } else {
            self.long_golomb(code);
        }
    }

    #[cold]
    fn long_golomb(&mut self, code: Golomb) {
        self.unary(u64::from(code.zeros));
        self.put(code.low & 0xffff_ffff, code.below.min(32));
        self.put(code.low >> 32, code.below.saturating_sub(32));
    }

    /// Appends two values, each in the code of its order: nearly always both at once.
    #[inline(always)]
    pub fn golomb_pair(&mut self, (first, first_order): (u64, u32), (second, second_order): (u64, u32)) {
        let codes = [Golomb::new(first, first_order), Golomb::new(second, second_order)];
        let length = codes[0].length();
        if length + codes[1].length() <= 56 {
            self.put(codes[0].bits() | codes[1].bits() << length, length + codes[1].length());
        } else {
            self.golomb(first, first_order);
            self.golomb(second, second_order);
        }
    }

    /// Appends `value` in the Rice code of order `order` (at most 32): its low bits, then the rest in unary.
    #[inline(always)]
    pub fn rice(&mut self, value: u64, order: u32) {
        let low = value & ((1 << order) - 1);
        let high = value >> order;
        if high < 16 {
            self.put(low | 1 << (u64::from(order) + high), order + 1 + high as u32);
        } else {
            self.put(low, order);
            self.unary(high);
        }
    }

    /// Appends `value` in the Rice code of order `order` (at most 32) and `zeros` in unary: nearly always both at once.
    #[inline(always)]
    pub fn rice_and_unary(&mut self, value: u64, order: u32, zeros: u64) {
        let end = u64::from(order) + (value >> order);
        if end + zeros < 54 {
            let low = value & ((1 << order) - 1);
            self.put(low | (1 << end) | (2 << (end + zeros)), (end + zeros) as u32 + 2);
        } else {
            self.rice(value, order);
            self.unary(zeros);
        }
    }

    /// Appends `value` zeros and a one.
    #[inline(always)]
    pub fn unary(&mut self, value: u64) {
        let mut zeros = value;
        while zeros > 32 {
            self.put(0, 32);
            zeros -= 32;
        }
        self.put(1 << zeros, zeros as u32 + 1);
    }

    /// Bits written so far.
    pub fn bits(&self) -> u64 {
        8 * self.length as u64 + u64::from(self.filled)
    }

    /// The bytes.
    pub fn finish(mut self) -> Vec<u8> {
        // the last byte, if any bit is in it, has been written with the rest of the eight
        self.bytes.truncate(self.length + usize::from(self.filled > 0));
        self.bytes
    }
}

/// The parts of an exponential Golomb code.
#[derive(Clone, Copy)]
struct Golomb {
    zeros: u32,
    low: u64,
    below: u32,
}

impl Golomb {
    #[inline(always)]
    fn new(value: u64, order: u32) -> Self {
        let shifted = value + (1 << order);
        let below = shifted.ilog2();
        Self { zeros: below - order, low: shifted ^ (1 << below), below }
    }

    #[inline(always)]
    fn length(self) -> u32 {
        self.zeros + 1 + self.below
    }

    /// The code; the length must be at most 64.
    #[inline(always)]
    fn bits(self) -> u64 {
        (self.low << 1 | 1) << self.zeros
    }
}

/// A bit that is never waiting.
const END: u64 = 1 << 63;

/// Codes that are taken between two calls of [`BitReader::refill`]: nearly always they are waiting then.
pub(super) const REFILL_EACH: u64 = 4;

/// Takes codes; `None` where the bits end early or a number passes 2^63.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    waiting: u64,
    /// Bits in `waiting`.
    filled: u32,
}

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, waiting: 0, filled: 0 }
    }

    /// Has 56 bits or all that are left wait. What takes codes sees to that itself, but a call ahead of every
    /// [`REFILL_EACH`] pairs of them spares most the time that memory takes.
    #[inline(always)]
    pub fn refill(&mut self) {
        if let Some((eight, _)) = self.bytes.split_first_chunk::<8>() {
            // bits past the ones counted are those of the next byte: it sets them again
            self.waiting |= u64::from_le_bytes(*eight) << self.filled;
            let taken = (63 - self.filled) / 8;
            self.bytes = self.bytes.get(taken as usize..).unwrap_or_default();
            // as adding eight times what was taken
            self.filled |= 56;
        } else {
            self.refill_at_the_end();
        }
    }

    #[inline(never)]
    fn refill_at_the_end(&mut self) {
        self.waiting &= (1 << self.filled) - 1;
        while self.filled < 56 {
            let Some((&byte, rest)) = self.bytes.split_first() else { return };
            self.waiting |= u64::from(byte) << self.filled;
            self.filled += 8;
            self.bytes = rest;
        }
    }

    /// As [`BitReader::refill`], for codes that come seldom: a copy of it for each would cost more than the call.
    #[inline(never)]
    fn refill_apart(&mut self) {
        self.refill();
    }

    #[inline(always)]
    fn take(&mut self, count: u32) -> u64 {
        let value = self.waiting & ((1 << count) - 1);
        self.waiting >>= count;
        self.filled -= count;
        value
    }

    /// Takes a number in the code of order `order`.
    #[inline(always)]
    pub fn golomb(&mut self, order: u32) -> Option<u64> {
        self.refill_apart();
        let zeros = self.waiting.trailing_zeros();
        let below = zeros + order;
        if zeros + 1 + below <= self.filled {
            let code = self.take(zeros + 1 + below);
            let low = code.checked_shr(zeros + 1).unwrap_or(0);
            return Some((low | 1 << below) - (1 << order));
        }
        self.long_golomb(order)
    }

    /// Takes two numbers, each in the code of its order.
    #[inline(always)]
    pub fn golomb_pair(&mut self, first: u32, second: u32) -> Option<(u64, u64)> {
        let mut at = 0;
        let mut parts = [0; 2];
        for (part, order) in parts.iter_mut().zip([first, second]) {
            // the end mark lies past what can be waiting, and no shift reaches 64
            let code = self.waiting >> at | END;
            let zeros = code.trailing_zeros();
            let below = zeros + order;
            at += zeros + 1 + below;
            if at > self.filled {
                return Some((self.golomb(first)?, self.golomb(second)?));
            }
            *part = ((code >> zeros >> 1) & ((1 << below) - 1) | 1 << below) - (1 << order);
        }
        self.take(at);
        Some((parts[0], parts[1]))
    }

    #[cold]
    fn long_golomb(&mut self, order: u32) -> Option<u64> {
        let below = u32::try_from(self.unary()?).ok()?.checked_add(order)?;
        if below > 62 {
            return None;
        }
        let mut low = 0;
        for place in 0..below {
            low |= self.bit()? << place;
        }
        Some((low | 1 << below) - (1 << order))
    }

    /// Takes a number in the Rice code of order `order` (at most 32).
    #[inline(always)]
    pub fn rice(&mut self, order: u32) -> Option<u64> {
        self.refill_apart();
        if self.filled < order {
            return None;
        }
        let low = self.take(order);
        let zeros = self.waiting.trailing_zeros();
        if zeros < self.filled {
            self.take(zeros + 1);
            return Some(u64::from(zeros) << order | low);
        }
        let high = self.unary()?;
        Some(high << order | low)
    }

    /// Takes a number in the Rice code of order `order` (at most 32) and one in unary.
    #[inline(always)]
    pub fn rice_and_unary(&mut self, order: u32) -> Option<(u64, u64)> {
        // the end marks lie past what can be waiting
        let after = self.waiting >> order | END;
        let zeros = after.trailing_zeros();
        let more = (after >> zeros >> 1 | END).trailing_zeros();
        let length = order + zeros + 1 + more + 1;
        if length > self.filled {
            return Some((self.rice(order)?, self.unary()?));
        }
        let low = self.waiting & ((1 << order) - 1);
        self.take(length);
        Some((u64::from(zeros) << order | low, u64::from(more)))
    }

    fn bit(&mut self) -> Option<u64> {
        if self.filled == 0 {
            self.refill_apart();
        }
        (self.filled > 0).then(|| self.take(1))
    }

    /// Takes the number of zeros before a one, and the one.
    #[inline(always)]
    pub fn unary(&mut self) -> Option<u64> {
        self.refill_apart();
        let zeros = self.waiting.trailing_zeros();
        if zeros < self.filled {
            self.take(zeros + 1);
            return Some(u64::from(zeros));
        }
        self.long_unary()
    }

    #[cold]
    fn long_unary(&mut self) -> Option<u64> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
        }
        Some(zeros)
    }

    /// Bits not taken yet.
    pub fn bits_left(&self) -> u64 {
        8 * self.bytes.len() as u64 + u64::from(self.filled)
    }

    /// Whether nothing follows but the zeros that fill the last byte.
    pub fn is_at_end(&mut self) -> bool {
        self.refill_apart();
        self.bytes.is_empty() && self.filled < 8 && self.waiting == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = u64> {
        prop_oneof![0..8u64, 0..5000u64, (0..=62u32, any::<u64>()).prop_map(|(b, v)| (1 << b) - (v % 3).min(1 << b))]
    }

    /// How a number is written.
    #[derive(Clone, Copy, Debug)]
    enum Code {
        Golomb(u32),
        GolombPair(u32),
        Rice(u32),
        RiceAndUnary(u32),
        Unary,
    }

    fn codes() -> impl Strategy<Value = (u64, Code)> {
        prop_oneof![
            (numbers(), 0..=MAX_ORDER).prop_map(|(value, order)| (value, Code::Golomb(order))),
            (numbers(), 0..=MAX_ORDER).prop_map(|(value, order)| (value, Code::GolombPair(order))),
            (0..70u64, 0..=32u32).prop_map(|(value, order)| (value, Code::RiceAndUnary(order))),
            (0..40u64, 0..=32u32, any::<u32>()).prop_map(|(high, order, low)| (
                high << order | u64::from(low) & ((1 << order) - 1),
                Code::Rice(order)
            )),
            (0..200u64).prop_map(|value| (value, Code::Unary)),
        ]
    }

    proptest! {
        #[test]
        fn numbers_come_back_in_every_code(items in proptest::collection::vec(codes(), 0..60)) {
            let mut out = BitWriter::default();
            for &(value, code) in &items {
                match code {
                    Code::Golomb(order) => out.golomb(value, order),
                    Code::GolombPair(order) => out.golomb_pair((value / 3, MAX_ORDER - order), (value, order)),
                    Code::RiceAndUnary(order) => out.rice_and_unary(value, order, value / 2),
                    Code::Rice(order) => out.rice(value, order),
                    Code::Unary => out.unary(value),
                }
            }
            let bytes = out.finish();
            let mut bits = BitReader::new(&bytes);
            for &(value, code) in &items {
                let back = match code {
                    Code::Golomb(order) => bits.golomb(order),
                    Code::GolombPair(order) => {
                        let (third, back) = bits.golomb_pair(MAX_ORDER - order, order).expect("there are two");
                        (third == value / 3).then_some(back)
                    }
                    Code::RiceAndUnary(order) => {
                        let (back, half) = bits.rice_and_unary(order).expect("there are two");
                        (half == value / 2).then_some(back)
                    }
                    Code::Rice(order) => bits.rice(order),
                    Code::Unary => bits.unary(),
                };
                prop_assert_eq!(back, Some(value));
            }
            prop_assert!(bits.is_at_end());
        }

        #[test]
        fn any_bytes_end_in_numbers_or_none(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..40),
            order in 0..=MAX_ORDER,
        ) {
            let mut bits = BitReader::new(&bytes);
            let mut taken = 0;
            while bits.golomb(order).is_some() {
                taken += 1;
            }
            prop_assert!(taken <= 8 * bytes.len());
        }
    }

    #[test]
    fn a_second_byte_of_filling_is_not_the_end() {
        assert!(BitReader::new(&[]).is_at_end());
        let mut spare = BitReader::new(&[1, 0]);
        assert_eq!(spare.unary(), Some(0));
        assert!(!spare.is_at_end());
        let mut set = BitReader::new(&[3]);
        assert_eq!(set.unary(), Some(0));
        assert!(!set.is_at_end());
    }
}
