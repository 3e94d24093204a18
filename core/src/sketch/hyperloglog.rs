//! HyperLogLog registers, and the number of distinct hashes they speak of.
//!
//! The one idea: the first p bits of a hash choose a register, which keeps the largest number of leading zeros (plus
//! one) seen in the rest of a hash; the larger of two registers is the register of both sets together.
//!
//! Not here: bytes (`registers_spelling`), exact sets (`hashes`), registers that are mostly zero (`codes`).

use super::codes::Code;
use crate::limits::MAX_ROWS;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// 1/(2·ln 2) in units of 2^-64.
const ALPHA: u128 = 13_306_513_097_844_322_492;

/// 2^precision registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registers {
    ranks: Box<[u8]>,
}

/// The register of a hash and the rank it brings, from 1 to 65 − precision.
#[inline(always)]
pub(super) fn register_and_rank(hash: u64, precision: u32) -> (usize, u8) {
    // cannot truncate: a precision is at most 16
    let register = (hash >> (64 - precision)) as usize;
    // the bit below the rest ends a rest of zeros
    let rest = hash << precision | 1 << (precision - 1);
    (register, rest.leading_zeros() as u8 + 1)
}

/// The largest rank of a register.
pub(super) fn largest_rank(precision: u8) -> u8 {
    65 - precision
}

impl Registers {
    /// No hashes; `precision` is from 4 to 16.
    pub fn new(precision: u8) -> Self {
        Self { ranks: vec![0; 1 << precision].into_boxed_slice() }
    }

    /// Adds hashes.
    pub fn add_all(&mut self, hashes: &[u64]) {
        // a power of two of registers
        let precision = self.ranks.len().trailing_zeros();
        for &hash in hashes {
            let (register, rank) = register_and_rank(hash, precision);
            self.raise(register, rank);
        }
    }

    /// Raises registers to at least the ranks of codes.
    pub fn raise_all(&mut self, codes: &[Code]) {
        codes.iter().for_each(|code| self.raise(code.register(), code.rank()));
    }

    /// Raises one register to at least `rank`.
    #[inline(always)]
    pub fn raise(&mut self, register: usize, rank: u8) {
        if let Some(there) = self.ranks.get_mut(register) {
            *there = rank.max(*there);
        }
    }

    /// The rank of one register.
    pub fn rank(&self, register: usize) -> u8 {
        self.ranks.get(register).copied().unwrap_or(0)
    }

    /// Adds the hashes of other registers of the same precision.
    pub fn merge(&mut self, other: &Self) {
        for (mine, &theirs) in self.ranks.iter_mut().zip(&other.ranks) {
            *mine = theirs.max(*mine);
        }
    }

    /// The registers above zero, ascending.
    pub fn above_zero(&self) -> Vec<Code> {
        let mut codes = Vec::with_capacity(USUALLY);
        // most registers of most groups are zero, and which is hard to predict: their bits are gathered first
        for (block, ranks) in self.ranks.chunks(BLOCK).enumerate() {
            let mut above = above_zero(ranks);
            while above != 0 {
                let at = above.trailing_zeros() as usize;
                above &= above - 1;
                codes.push(Code::new(BLOCK * block + at, ranks[at]));
            }
        }
        codes
    }

    /// What an estimate reads.
    pub fn rank_sum(&self) -> RankSum {
        RankSum::of(self.ranks.len(), self.ranks.iter().copied())
    }

    /// [`Registers::rank_sum`] with codes brought to these registers, which are all zero before and after; a register may
    /// come more than once.
    pub fn rank_sum_of(&mut self, codes: &[Code]) -> RankSum {
        self.raise_all(codes);
        let ranks = &mut self.ranks;
        // a register that comes again is zero by then
        RankSum::of(ranks.len(), codes.iter().map(|code| ranks.get_mut(code.register()).map_or(0, core::mem::take)))
    }

    /// Bytes of the registers.
    pub fn heap_bytes(&self) -> usize {
        self.ranks.len()
    }
}

/// Registers above zero that there is room for at first.
const USUALLY: usize = 512;
/// More than there are ranks.
const RANKS: usize = 64;
/// Registers whose bits are gathered in a word.
const BLOCK: usize = 64;
/// Bit i says whether byte i of at most 64, which are below 128, is above zero.
#[inline(always)]
fn above_zero(ranks: &[u8]) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let mut bits = 0;
    // 2^4 registers and more are a multiple of 8
    for (place, eight) in (0..8).zip(ranks.as_chunks::<8>().0) {
        // adding 127 carries into the top bit of a byte above zero
        bits |= ((u64::from_le_bytes(*eight) + 0x7f * LOW) >> 7 & LOW) << place;
    }
    // bit 8i + j is that of byte 8j + i: the square of bits is turned, as in Warren's "Hacker's Delight" 7–3
    for (distance, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0xf0f0_f0f0)] {
        let change = (bits ^ bits >> distance) & mask;
        bits ^= change ^ change << distance;
    }
    bits
}

/// What an estimate reads of 2^precision registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct RankSum {
    precision: u8,
    /// Registers at zero.
    zeros: u32,
    /// Registers at the largest rank.
    largest: u32,
    /// Σ 2^-rank of all others in units of 2^-64.
    sum: u128,
}

impl RankSum {
    /// Of a power of two of registers, at most 2^16, by their ranks; those that are zero may be left out.
    #[inline(always)]
    fn of(registers: usize, ranks: impl Iterator<Item = u8>) -> Self {
        // most ranks are small, and a counter waits for its last change: two of each take turns
        let mut counts = [[0u32; 2]; RANKS];
        for (turn, rank) in ranks.enumerate() {
            counts[usize::from(rank) % RANKS][turn % 2] += 1;
        }
        let precision = registers.trailing_zeros() as u8;
        let mut sum = Self { precision, zeros: registers as u32, largest: 0, sum: 0 };
        for (rank, [one, other]) in (0..=largest_rank(precision)).zip(counts).skip(1) {
            let count = one + other;
            sum.zeros -= count;
            if rank == largest_rank(precision) {
                sum.largest = count;
            } else {
                sum.sum += u128::from(count) << (64 - rank);
            }
        }
        sum
    }

    /// The estimated number of distinct hashes, rounded; at most limits::MAX_ROWS.
    ///
    /// **Accuracy** standard error 1.04/√(2^precision), without the bias of the raw estimator at either end; the sums
    /// are kept to 2^-64 and cut.
    ///
    /// **Source** Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches", algorithm 6, in
    /// fixed-point integers.
    pub fn estimate(&self) -> u64 {
        let m = 1u128 << self.precision;
        let ranks_between = largest_rank(self.precision) - 1;
        let z = (m * self.sigma()) + self.sum + ((m * self.tau()) >> ranks_between);
        if z == 0 {
            return MAX_ROWS;
        }
        // at most 2^64 · 2^32
        let estimate = (ALPHA * m * m + z / 2) / z;
        u64::try_from(estimate).unwrap_or(MAX_ROWS).min(MAX_ROWS)
    }

    /// x + Σ x^(2^k)·2^(k−1) of the fraction x of registers at zero, which is below 1.
    fn sigma(&self) -> u128 {
        let mut x = u64::from(self.zeros) << (64 - self.precision);
        let mut sum = u128::from(x);
        // the power falls below 2^-64 after at most 22 squarings: (1 − 2^-16)^(2^22) is e^-64
        for k in 0..23 {
            // cannot truncate: both factors are below 2^64
            x = ((u128::from(x) * u128::from(x)) >> 64) as u64;
            if x == 0 {
                break;
            }
            sum += u128::from(x) << k;
        }
        sum
    }

    /// (1 − x − Σ (1 − x^(2^-k))²·2^-k)/3 of the fraction x of registers below the largest rank.
    fn tau(&self) -> u128 {
        const ONE: u128 = 1 << 64;
        let part = u128::from(self.largest) << (64 - self.precision);
        if part == 0 || part == ONE {
            return 0;
        }
        let mut x = ONE - part;
        let mut left = part;
        for k in 1..64 {
            x = (x << 64).isqrt();
            let distance = ONE - x;
            left = left.saturating_sub(((distance * distance) >> 64) >> k);
        }
        left / 3
    }
}

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "the published algorithm, in floats, is the reference")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ertl's algorithm 6 as published.
    fn reference(precision: u8, counts: &[u32]) -> f64 {
        let m = f64::from(1u32 << precision);
        let q = usize::from(largest_rank(precision)) - 1;
        let mut z = m * tau(1.0 - f64::from(counts[q + 1]) / m);
        for &count in counts[1..=q].iter().rev() {
            z = 0.5 * (z + f64::from(count));
        }
        z += m * sigma(f64::from(counts[0]) / m);
        m * m / (2.0 * core::f64::consts::LN_2 * z)
    }

    fn sigma(mut x: f64) -> f64 {
        let (mut y, mut z) = (1.0, x);
        loop {
            x *= x;
            let before = z;
            z += x * y;
            y += y;
            if z == before {
                return z;
            }
        }
    }

    fn tau(mut x: f64) -> f64 {
        if x == 0.0 || x == 1.0 {
            return 0.0;
        }
        let (mut y, mut z) = (1.0, 1.0 - x);
        loop {
            x = x.sqrt();
            let before = z;
            y *= 0.5;
            z -= (1.0 - x) * (1.0 - x) * y;
            if z == before {
                return z / 3.0;
            }
        }
    }

    proptest! {
        #[test]
        fn the_estimate_is_the_published_one_rounded(precision in 4u8..=16, low in 0u8..61, spread in 1u8..50, seed: u64) {
            let mut state = seed;
            let ranks = (0..1u32 << precision).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (low + (state >> 33) as u8 % spread).min(largest_rank(precision))
            });
            let ranks: Vec<u8> = ranks.collect();
            let mut counts = [0; 64];
            ranks.iter().for_each(|&rank| counts[usize::from(rank)] += 1);
            let sum = RankSum::of(ranks.len(), ranks.iter().copied());
            prop_assume!(counts[0] < 1 << precision);
            let (got, want) = (sum.estimate(), reference(precision, &counts));
            // the sum is cut to 2^-64, in some 40 terms at most
            let sum = 0.72 * f64::from(1u32 << precision).powi(2) / want;
            let allowed = 0.5 + want * (1e-9 + 40.0 * 2f64.powi(-64) / sum);
            prop_assert!((got as f64 - want.min(MAX_ROWS as f64)).abs() <= allowed, "{} {}", got, want);
        }
    }

    #[test]
    fn registers_that_are_all_full_are_told_as_the_most_rows_there_can_be() {
        for precision in 4..=16 {
            let full = vec![largest_rank(precision); 1 << precision];
            assert_eq!(RankSum::of(full.len(), full.into_iter()).estimate(), MAX_ROWS);
        }
    }

    #[test]
    fn registers_above_zero_are_found_in_order() {
        for precision in [4, 8, 12] {
            let mut registers = Registers::new(precision);
            let set = (0..1usize << precision).filter(|at| at % 7 == 3 || at / 64 == 2).collect::<Vec<_>>();
            set.iter().for_each(|&at| registers.raise(at, 1 + (at % 60) as u8));
            let mut found = Vec::new();
            found.extend(registers.above_zero().iter().map(|code| (code.register(), code.rank())));
            assert_eq!(found, set.iter().map(|&at| (at, 1 + (at % 60) as u8)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_hash_of_zeros_has_the_largest_rank() {
        for precision in 4..=16u8 {
            let p = u32::from(precision);
            assert_eq!(register_and_rank(0, p), (0, largest_rank(precision)));
            assert_eq!(register_and_rank(1, p), (0, largest_rank(precision) - 1));
            assert_eq!(register_and_rank(u64::MAX, p), ((1 << precision) - 1, 1));
        }
    }
}
