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
    /// The bytes, then some that are free to be overwritten.
    bytes: Vec<u8>,
    /// Bytes that are complete.
    length: usize,
    waiting: u64,
    /// Bits in `waiting`, fewer than 8 between calls.
    filled: u32,
}

/// Bytes that the room grows by.
const ROOM: usize = 256;

// What is seldom works on a writer or reader that has been moved: one whose address is known elsewhere lies in memory,
// and every code would wait for the one before to be stored and loaded.
impl BitWriter {
    /// An empty writer that takes over the memory of this one.
    pub fn emptied(&mut self) -> Self {
        Self { bytes: core::mem::take(&mut self.bytes), ..Self::default() }
    }

    /// Does what is seldom.
    #[inline(always)]
    fn apart(&mut self, append: impl FnOnce(&mut Self)) {
        let mut moved = core::mem::take(self);
        append(&mut moved);
        // what is forgotten has no memory
        core::mem::forget(core::mem::replace(self, moved));
    }

    /// Appends bits; there are at most 56.
    #[inline(always)]
    fn put(&mut self, Bits { bits, length }: Bits) {
        self.waiting |= bits << self.filled;
        self.filled += length;
        // all eight bytes are written, complete or not: whether a byte is complete is hard to predict
        match self.bytes.get_mut(self.length..self.length + 8) {
            Some(eight) => eight.copy_from_slice(&self.waiting.to_le_bytes()),
            None => self.apart(Self::put_past_the_room),
        }
        self.length += self.filled as usize / 8;
        self.waiting >>= self.filled & !7;
        self.filled &= 7;
    }

    #[cold]
    #[inline(never)]
    fn put_past_the_room(&mut self) {
        self.bytes.truncate(self.length);
        self.bytes.extend_from_slice(&self.waiting.to_le_bytes());
        self.bytes.resize(self.length + ROOM, 0);
    }

    /// As [`BitWriter::put`], for what comes seldom: a copy of it for each would cost more than the call.
    #[inline(never)]
    fn put_apart(&mut self, bits: Bits) {
        self.put(bits);
    }

    /// Appends `value` (at most 2^62) in the code of order `order` (at most [`MAX_ORDER`]).
    #[inline(always)]
    pub fn golomb(&mut self, value: u64, order: u32) {
        self.apart(|moved| moved.put_golomb(value, order));
    }

    #[inline(never)]
    fn put_golomb(&mut self, value: u64, order: u32) {
        let code = Bits::golomb(value, order);
        if code.length <= MOST {
            return self.put_apart(code);
        }
        let shifted = value + (1 << order);
        let below = shifted.ilog2();
        let low = shifted ^ (1 << below);
        self.put_unary(u64::from(below - order));
        self.put_apart(Bits { bits: low & 0xffff_ffff, length: below.min(32) });
        self.put_apart(Bits { bits: low >> 32, length: below.saturating_sub(32) });
    }

    /// Appends four pairs of values, each in the code of its order: nearly always all at once.
    #[inline(always)]
    pub fn four_golomb_pairs(&mut self, pairs: &[(u64, u64); 4], (first, second): (u32, u32)) {
        let mut all = Bits::default();
        for &(a, b) in pairs {
            all = all.then(Bits::golomb(a, first)).then(Bits::golomb(b, second));
        }
        if all.length <= MOST {
            self.put(all);
        } else {
            self.golomb_pairs(pairs, (first, second));
        }
    }

    /// Appends pairs as [`BitWriter::four_golomb_pairs`] does.
    #[inline(always)]
    pub fn golomb_pairs(&mut self, pairs: &[(u64, u64)], orders: (u32, u32)) {
        self.apart(|moved| moved.put_golomb_pairs(pairs, orders));
    }

    #[inline(never)]
    fn put_golomb_pairs(&mut self, pairs: &[(u64, u64)], (first, second): (u32, u32)) {
        for &(a, b) in pairs {
            self.put_golomb(a, first);
            self.put_golomb(b, second);
        }
    }

    /// Appends `value` in the Rice code of order `order` (at most 32): its low bits, then the rest in unary.
    #[inline(always)]
    pub fn rice(&mut self, value: u64, order: u32) {
        let low = value & ((1 << order) - 1);
        let high = value >> order;
        if high < 16 {
            self.put(Bits { bits: low | 1 << (u64::from(order) + high), length: order + 1 + high as u32 });
        } else {
            self.apart(|moved| moved.put_rice(value, order));
        }
    }

    #[inline(never)]
    fn put_rice(&mut self, value: u64, order: u32) {
        self.put_apart(Bits { bits: value & ((1 << order) - 1), length: order });
        self.put_unary(value >> order);
    }

    /// Appends four pairs of a value in the Rice code of order `order` (at most 32) and one in unary, all of them below
    /// 2^24 · 2^order: nearly always all at once.
    #[inline(always)]
    pub fn four_rice_and_unary(&mut self, pairs: &[(u64, u64); 4], order: u32) {
        let mut all = Bits::default();
        for &(value, zeros) in pairs {
            all = all.then(Bits::rice_and_unary(value, order, zeros));
        }
        if all.length <= MOST {
            self.put(all);
        } else {
            self.rice_and_unary(pairs, order);
        }
    }

    /// Appends pairs as [`BitWriter::four_rice_and_unary`] does, of any values.
    #[inline(always)]
    pub fn rice_and_unary(&mut self, pairs: &[(u64, u64)], order: u32) {
        self.apart(|moved| moved.put_rice_and_unary(pairs, order));
    }

    #[inline(never)]
    fn put_rice_and_unary(&mut self, pairs: &[(u64, u64)], order: u32) {
        for &(value, zeros) in pairs {
            self.put_rice(value, order);
            self.put_unary(zeros);
        }
    }

    /// Appends `value` zeros and a one.
    #[inline(never)]
    fn put_unary(&mut self, value: u64) {
        let mut zeros = value;
        while zeros > 32 {
            self.put_apart(Bits { bits: 0, length: 32 });
            zeros -= 32;
        }
        self.put_apart(Bits { bits: 1 << zeros, length: zeros as u32 + 1 });
    }

    /// Bits written so far.
    pub fn bits(&self) -> u64 {
        8 * self.length as u64 + u64::from(self.filled)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // the last byte, if any bit is in it, has been written with the rest of the eight
        self.bytes.get(..self.length + usize::from(self.filled > 0)).unwrap_or_default()
    }
}

/// The most bits that are appended at once.
const MOST: u32 = 56;

/// Bits of one code or several, the first lowest; of no use but to tell their number when there are more than 64.
#[derive(Clone, Copy, Default)]
struct Bits {
    bits: u64,
    length: u32,
}

impl Bits {
    #[inline(always)]
    fn golomb(value: u64, order: u32) -> Self {
        let shifted = value + (1 << order);
        // never zero, and so the compiler knows
        let below = (shifted | 1).ilog2();
        let zeros = below - order;
        Self { bits: ((shifted ^ (1 << below)) << 1 | 1).wrapping_shl(zeros), length: zeros + 1 + below }
    }

    #[inline(always)]
    fn rice_and_unary(value: u64, order: u32, zeros: u64) -> Self {
        let low = value & ((1 << order) - 1);
        let one = order + (value >> order) as u32;
        let end = one + 1 + zeros as u32;
        Self { bits: low | 1u64.wrapping_shl(one) | 1u64.wrapping_shl(end), length: end + 1 }
    }

    /// These, then others.
    #[inline(always)]
    fn then(self, next: Self) -> Self {
        Self { bits: self.bits | next.bits.wrapping_shl(self.length), length: self.length + next.length }
    }
}

/// Pairs of codes that are taken between two calls of [`BitReader::refill`]: nearly always they are waiting then.
pub(super) const REFILL_EACH: usize = 6;

/// Takes codes; `None` where the bits end early or a number passes 2^63.
#[derive(Clone, Copy, Debug)]
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
            *self = self.refilled_at_the_end();
        }
    }

    #[inline(never)]
    fn refilled_at_the_end(mut self) -> Self {
        self.waiting &= (1 << self.filled) - 1;
        while self.filled < 56 {
            let Some((&byte, rest)) = self.bytes.split_first() else { break };
            self.waiting |= u64::from(byte) << self.filled;
            self.filled += 8;
            self.bytes = rest;
        }
        self
    }

    /// As [`BitReader::refill`], for codes that come seldom: a copy of it for each would cost more than the call.
    #[inline(never)]
    fn refilled(mut self) -> Self {
        self.refill();
        self
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
        let (rest, value) = self.after_golomb(order);
        *self = rest;
        value
    }

    #[inline(never)]
    fn after_golomb(mut self, order: u32) -> (Self, Option<u64>) {
        let value = self.slow_golomb(order);
        (self, value)
    }

    fn slow_golomb(&mut self, order: u32) -> Option<u64> {
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

    /// Takes two numbers, each in the code of its order.
    #[inline(always)]
    pub fn golomb_pair(&mut self, first: u32, second: u32) -> Option<(u64, u64)> {
        if let Some((a, length)) = waiting_golomb(self.waiting, first) {
            if let Some((b, more)) = waiting_golomb(self.waiting.wrapping_shr(length), second) {
                // where the shift was too large, so is the length
                if length + more <= self.filled {
                    self.waiting = self.waiting.wrapping_shr(length).wrapping_shr(more);
                    self.filled -= length + more;
                    return Some((a, b));
                }
            }
        }
        Some((self.golomb(first)?, self.golomb(second)?))
    }

    /// Takes a number in the Rice code of order `order` (at most 32).
    #[inline(always)]
    pub fn rice(&mut self, order: u32) -> Option<u64> {
        *self = self.refilled();
        if self.filled < order {
            return None;
        }
        let low = self.take(order);
        let high = self.unary()?;
        Some(high << order | low)
    }

    /// Takes a number in the Rice code of order `order` (at most 32) and one in unary.
    #[inline(always)]
    pub fn rice_and_unary(&mut self, order: u32) -> Option<(u64, u64)> {
        let after = self.waiting >> order;
        // without the one that ends the first number, the lowest is that which ends the second
        let rest = after & after.wrapping_sub(1);
        if rest != 0 {
            let (zeros, end) = (after.trailing_zeros(), rest.trailing_zeros());
            let length = order + end + 1;
            if length <= self.filled {
                let low = self.waiting & ((1 << order) - 1);
                self.waiting = after >> end >> 1;
                self.filled -= length;
                return Some((u64::from(zeros) << order | low, u64::from(end - zeros - 1)));
            }
        }
        let (rest, pair) = self.after_rice_and_unary(order);
        *self = rest;
        pair
    }

    #[inline(never)]
    fn after_rice_and_unary(mut self, order: u32) -> (Self, Option<(u64, u64)>) {
        let value = self.rice(order);
        let pair = value.and_then(|value| Some((value, self.unary()?)));
        (self, pair)
    }

    fn bit(&mut self) -> Option<u64> {
        if self.filled == 0 {
            *self = self.refilled();
        }
        (self.filled > 0).then(|| self.take(1))
    }

    /// Takes the number of zeros before a one, and the one.
    #[inline(always)]
    fn unary(&mut self) -> Option<u64> {
        let zeros = self.waiting.trailing_zeros();
        if zeros < self.filled {
            self.take(zeros + 1);
            return Some(u64::from(zeros));
        }
        let (rest, zeros) = self.after_unary();
        *self = rest;
        zeros
    }

    #[inline(never)]
    fn after_unary(mut self) -> (Self, Option<u64>) {
        let mut zeros = 0;
        loop {
            match self.bit() {
                Some(0) => zeros += 1,
                Some(_) => return (self, Some(zeros)),
                None => return (self, None),
            }
        }
    }

    /// Bits not taken yet.
    pub fn bits_left(&self) -> u64 {
        8 * self.bytes.len() as u64 + u64::from(self.filled)
    }

    /// Whether nothing follows but the zeros that fill the last byte.
    pub fn is_at_end(&self) -> bool {
        let Self { bytes, waiting, filled } = self.refilled();
        bytes.is_empty() && filled < 8 && waiting == 0
    }
}

/// The number in the code of order `order` that these bits begin with, and how many bits it takes: of use where those
/// are among the ones that are waiting.
#[inline(always)]
fn waiting_golomb(bits: u64, order: u32) -> Option<(u64, u32)> {
    // a branch that is always the same: a zero has no lowest one
    let zeros = core::num::NonZeroU64::new(bits)?.trailing_zeros();
    let below = zeros + order;
    let top = 1u64.wrapping_shl(below);
    let value = ((bits >> zeros >> 1) & top.wrapping_sub(1)).wrapping_add(top).wrapping_sub(1 << order);
    Some((value, zeros + 1 + below))
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
                    Code::GolombPair(order) => out.golomb_pairs(&[(value / 3, value)], (MAX_ORDER - order, order)),
                    Code::RiceAndUnary(order) => out.rice_and_unary(&[(value, value / 2)], order),
                    Code::Rice(order) => out.rice(value, order),
                    Code::Unary => out.rice(value, 0),
                }
            }
            let mut bits = BitReader::new(out.bytes());
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
                    Code::Unary => bits.rice(0),
                };
                prop_assert_eq!(back, Some(value));
            }
            prop_assert!(bits.is_at_end());
        }

        #[test]
        fn four_pairs_at_once_are_the_bits_of_one_pair_after_the_other(
            pairs in proptest::collection::vec(((numbers(), numbers()), (0..9u64, 0..9u64), (0..90u64, 0..90u64)), 0..30),
            orders in (0..=MAX_ORDER, 0..=MAX_ORDER),
            order in 0..=16u32,
        ) {
            let (mut at_once, mut by_one) = (BitWriter::default(), BitWriter::default());
            for (any, small, other) in pairs {
                let golomb = [small, other, any, small];
                at_once.four_golomb_pairs(&golomb, orders);
                for (first, second) in golomb {
                    by_one.golomb(first, orders.0);
                    by_one.golomb(second, orders.1);
                }
                let rice = [other, small, small, other];
                at_once.four_rice_and_unary(&rice, order);
                for (value, zeros) in rice {
                    by_one.rice(value, order);
                    by_one.rice(zeros, 0);
                }
                prop_assert_eq!(at_once.bits(), by_one.bits());
            }
            prop_assert_eq!(at_once.bytes(), by_one.bytes());
            prop_assert_eq!(at_once.emptied().bits(), 0);
        }

        #[test]
        fn pairs_are_taken_as_one_number_after_the_other(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>(), any::<u8>()], 0..60),
            orders in (0..=8u32, 0..=MAX_ORDER),
            order in 0..=16u32,
            refills in any::<u64>(),
        ) {
            let (mut pairs, mut single) = (BitReader::new(&bytes), BitReader::new(&bytes));
            for turn in 0..600 {
                if refills >> (turn % 64) & 1 == 1 {
                    pairs.refill();
                }
                let (pair, expected) = if turn % 2 == 0 {
                    let first = single.golomb(orders.0);
                    (pairs.golomb_pair(orders.0, orders.1), first.and_then(|a| Some((a, single.golomb(orders.1)?))))
                } else {
                    let first = single.rice(order);
                    (pairs.rice_and_unary(order), first.and_then(|a| Some((a, single.rice(0)?))))
                };
                prop_assert_eq!(pair, expected);
                if pair.is_none() {
                    break;
                }
                prop_assert_eq!(pairs.bits_left(), single.bits_left());
            }
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
        assert_eq!(spare.rice(0), Some(0));
        assert!(!spare.is_at_end());
        let mut set = BitReader::new(&[3]);
        assert_eq!(set.rice(0), Some(0));
        assert!(!set.is_at_end());
    }
}
