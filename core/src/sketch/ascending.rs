//! Registers above zero in their order, each once.
//!
//! The one idea: a register is its own place. Ranks are raised there and a bit tells which are above zero, so that all
//! that is left is to go over the bits. The places are kept from one group to the next.

use super::codes::{Code, Codes};
use alloc::vec::Vec;

/// Registers whose bits are in one word.
const BLOCK: usize = 64;

/// Places of registers, and the codes of the last group.
#[derive(Debug, Default)]
pub(super) struct Ascending {
    /// All zero between two groups.
    ranks: Vec<u8>,
    /// As are these: bit i of word j tells whether register 64j + i is above zero.
    above_zero: Vec<u64>,
    codes: Vec<Code>,
}

impl Ascending {
    /// The codes of 2^precision registers, ascending, each register once with its largest rank.
    pub fn of<'a>(&'a mut self, codes: &'a Codes, precision: u8) -> &'a [Code] {
        if codes.are_ascending() {
            return codes.as_slice();
        }
        let codes = codes.as_slice();
        let blocks = (1usize << precision).div_ceil(BLOCK);
        self.ranks.resize(BLOCK * blocks, 0);
        self.above_zero.resize(blocks, 0);
        for code in codes {
            let register = code.register();
            if let (Some(rank), Some(above)) = (self.ranks.get_mut(register), self.above_zero.get_mut(register / BLOCK))
            {
                *rank = code.rank().max(*rank);
                *above |= 1 << (register % BLOCK);
            }
        }
        self.codes.resize(codes.len() + 1, Code::default());
        let mut length = 0;
        let ranks = self.ranks.as_chunks::<BLOCK>().0;
        for ((block, above), ranks) in self.above_zero.iter_mut().enumerate().zip(ranks) {
            let mut above = core::mem::take(above);
            while above != 0 {
                // how many there are is hard to predict: eight are written, those past the last over each other
                for _ in 0..8 {
                    let at = above.trailing_zeros() as usize % BLOCK;
                    if let Some(code) = self.codes.get_mut(length) {
                        *code = Code::new(BLOCK * block + at, ranks[at]);
                    }
                    length += usize::from(above != 0);
                    above &= above.wrapping_sub(1);
                }
            }
        }
        self.ranks.fill(0);
        self.codes.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn registers_ascend_each_with_its_largest_rank_in_one_group_after_the_other(
            precision in 4u8..=16,
            groups in proptest::collection::vec(
                proptest::collection::vec((prop_oneof![any::<u16>(), 0..200u16], 1u8..60), 0..300),
                1..4,
            ),
        ) {
            let mut ascending = Ascending::default();
            for group in groups {
                let register = |register: u16| usize::from(register) % (1 << precision);
                let mut expected = BTreeMap::new();
                for &(at, rank) in &group {
                    let there = expected.entry(register(at)).or_insert(0);
                    *there = rank.max(*there);
                }
                let codes = Codes::new(group.iter().map(|&(at, rank)| Code::new(register(at), rank)).collect());
                let found = ascending.of(&codes, precision);
                let found = found.iter().map(|code| (code.register(), code.rank())).collect::<Vec<_>>();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
