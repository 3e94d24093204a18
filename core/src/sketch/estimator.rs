//! The sizes of many sets of hashes, one after the other.
//!
//! The one idea: what was appended twice shows when it is brought to its place in registers or a table. Both are kept
//! from set to set and what a set touched is zero again when it was counted, so that it is neither copied nor sorted.
//!
//! Not here: what a set is (`distinct`), the number that registers speak of (`hyperloglog`).

use super::codes::Code;
use super::hashes::{Hashes, Table};
use super::hyperloglog::{RankSum, Registers};
use crate::limits::DISTINCT_EXACT;
use alloc::vec::Vec;

/// Room to count sets of one precision in; empty between two sets.
#[derive(Clone, Debug)]
pub struct Estimator {
    precision: u8,
    registers: Registers,
    table: Table,
}

impl Estimator {
    /// Room for sets of a precision from 4 to 16.
    ///
    /// **Cost** 2^precision bytes, and 16 KiB once hashes are compared.
    #[must_use]
    pub fn new(precision: u8) -> Self {
        Self { precision, registers: Registers::new(precision), table: Table::default() }
    }

    /// The number of different hashes, told from registers where that is above the limit of exact sets.
    pub(super) fn of_hashes(&mut self, hashes: &Hashes) -> u64 {
        let exact = hashes.count(&mut self.table);
        if exact <= DISTINCT_EXACT {
            return exact as u64;
        }
        let precision = self.precision;
        let codes: Vec<Code> = hashes.as_slice().iter().map(|&hash| Code::of(hash, precision)).collect();
        self.of_codes(&codes)
    }

    /// The number that the registers of more hashes than the limit speak of; a register may come more than once.
    pub(super) fn of_codes(&mut self, codes: &[Code]) -> u64 {
        past_exact(&self.registers.rank_sum_of(codes))
    }
}

/// What registers say, which is never at or below the limit of exact sets.
pub(super) fn past_exact(sum: &RankSum) -> u64 {
    sum.estimate().max(DISTINCT_EXACT as u64 + 1)
}

#[cfg(test)]
mod tests {
    use crate::sketch::Distinct;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_counted_after_others_is_one_counted_alone(
            precision in 4u8..=16,
            sets in proptest::collection::vec((0usize..3000, 1u64..3000), 1..6),
        ) {
            let mut room = None;
            for (rows, different) in sets {
                let hashes: Vec<u64> = (0..rows as u64).map(|row| (row % different).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
                let mut set = Distinct::new(precision);
                hashes.chunks(7).for_each(|some| set.add_all(some));
                prop_assert_eq!(set.estimate_in(&mut room), set.estimate());
                let exact = different.min(rows as u64);
                prop_assert_eq!(set.is_exact(), exact <= 256);
                prop_assert!(!set.is_exact() || set.estimate() == exact);
            }
        }
    }
}
