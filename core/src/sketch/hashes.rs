//! An exact set of hashes while there are few.
//!
//! The one idea: a hash is appended. Those that came before are dropped once there is no room, through a table that
//! lives no longer than that; so adding to one group of many touches one line of memory, and a group takes what it holds.

use crate::limits::DISTINCT_EXACT;
use crate::secret::{compared, Secret};
use alloc::vec::Vec;

/// Hashes that may wait to be compared with the others, however few those are.
const WAITING: usize = 32;
/// Hashes there may be for each that is known to be different.
const FOR_EACH: usize = 3;
/// Hashes there may be, different or not.
const MOST: usize = 2 * DISTINCT_EXACT;
/// Places among which hashes that are more than the limit take more than the limit, unless many of them are the same.
const PLACES: usize = 16 * DISTINCT_EXACT;
/// Hashes between two looks at how many there are.
const AT_ONCE: usize = 64;

/// 64-bit hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashes {
    /// The first `different` of them are different.
    hashes: Vec<u64>,
    different: u32,
}

impl Hashes {
    /// Different hashes.
    pub fn from_different(hashes: Vec<u64>) -> Self {
        // cannot truncate: at most the limit
        Self { different: hashes.len() as u32, hashes }
    }

    /// Adds hashes, up to the one with which there are more than the limit; gives back those after it.
    #[inline]
    pub fn add_all<'h>(&mut self, added: &'h [u64]) -> Option<&'h [u64]> {
        let different = self.different as usize;
        if self.hashes.len() + added.len() <= (FOR_EACH * different).max(different + WAITING).min(MOST) {
            self.hashes.extend_from_slice(added);
            return None;
        }
        self.join(added)
    }

    /// As [`Hashes::add_all`]; then no hash comes twice, or there are more than the limit, in what is given back too.
    pub fn join<'h>(&mut self, added: &'h [u64]) -> Option<&'h [u64]> {
        let before = self.hashes.len();
        if before + added.len() > DISTINCT_EXACT && are_too_many(&[&self.hashes, added]) {
            return Some(added);
        }
        let mut table = Table::default();
        table.clear(before.max((before + added.len()).min(DISTINCT_EXACT)), 2);
        self.hashes.retain(|&hash| table.insert(hash));
        self.hashes.reserve_exact(added.len().min((DISTINCT_EXACT + 1).saturating_sub(self.hashes.len())));
        let mut rest = added.iter();
        while self.hashes.len() <= DISTINCT_EXACT {
            let Some(&hash) = rest.next() else {
                // cannot truncate: at most the limit
                self.different = self.hashes.len() as u32;
                self.hashes.shrink_to(2 * self.hashes.len());
                return None;
            };
            if table.insert(hash) {
                self.hashes.push(hash);
            }
        }
        Some(rest.as_slice())
    }

    /// How many different hashes there are.
    pub fn count(&self, table: &mut Table) -> usize {
        // a table is not kept long enough to be filled often: four slots a hash make it quicker than two
        table.clear(self.hashes.len(), 4);
        self.hashes.iter().map(|&hash| usize::from(table.insert(hash))).sum()
    }

    /// Whether no hash comes twice.
    pub fn is_joined(&self) -> bool {
        self.different as usize == self.hashes.len()
    }

    /// The hashes, in no order; one may come more than once.
    pub fn as_slice(&self) -> &[u64] {
        &self.hashes
    }

    /// Bytes of the room taken.
    pub fn heap_bytes(&self) -> usize {
        self.hashes.capacity() * size_of::<u64>()
    }
}

/// Whether there are certainly more different hashes than the limit: their last bits say so, quickly.
fn are_too_many(parts: &[&[u64]]) -> bool {
    let mut places = [0u64; PLACES / 64];
    let mut taken = 0;
    for hashes in parts.iter().flat_map(|part| part.chunks(AT_ONCE)) {
        for &hash in hashes {
            // cannot truncate: what is cut off is not asked for
            let place = hash as usize % PLACES;
            let (word, bit) = (&mut places[place / 64], 1 << (place % 64));
            taken += usize::from(*word & bit == 0);
            *word |= bit;
        }
        if taken > DISTINCT_EXACT {
            return true;
        }
    }
    false
}

/// Hashes by themselves, each at the place that the secret gives it: bytes and rows from elsewhere choose the hashes.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// A power of two of slots, at least one in two of them free; 0 in a free one.
    slots: Vec<u64>,
    /// Whether 0, which no slot can show, is there.
    has_zero: bool,
    secret: Secret,
}

impl Default for Table {
    fn default() -> Self {
        Self { slots: Vec::new(), has_zero: false, secret: Secret::of_process() }
    }
}

impl Table {
    /// No hashes, and room for `most` and one more, with at least so many slots for each.
    fn clear(&mut self, most: usize, slots_for_each: usize) {
        self.slots.clear();
        self.slots.resize((slots_for_each * most).next_power_of_two().max(4), 0);
        self.has_zero = false;
    }

    /// Whether a hash is new.
    #[inline(always)]
    fn insert(&mut self, hash: u64) -> bool {
        if hash == 0 {
            return !core::mem::replace(&mut self.has_zero, true);
        }
        let mask = self.slots.len() - 1;
        let mut at = self.secret.word(hash) as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            compared();
            if *slot == 0 {
                *slot = hash;
                return true;
            }
            if *slot == hash {
                return false;
            }
            at = (at + 1) & mask;
        }
        // cannot be reached: the mask keeps places below the number of slots
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_set_is_the_set(
            parts in proptest::collection::vec(
                proptest::collection::vec(
                    prop_oneof![0..20u64, (0..20u64).prop_map(|h| h << 32), (0..300u64).prop_map(|h| h * 0x9e37_79b9)],
                    0..100,
                ),
                0..12,
            ),
        ) {
            let mut set = Hashes::default();
            let mut reference = BTreeSet::new();
            for part in parts {
                let rest = set.add_all(&part).or_else(|| set.clone().join(&[]).and(Some(&[])));
                reference.extend(part.iter().copied());
                prop_assert_eq!(rest.is_some(), reference.len() > DISTINCT_EXACT);
                if rest.is_some() {
                    return Ok(());
                }
                let mut joined = set.clone();
                prop_assert_eq!(joined.join(&[]), None);
                prop_assert!(joined.is_joined());
                joined.hashes.sort_unstable();
                prop_assert_eq!(joined.hashes, reference.iter().copied().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn the_limit_is_passed_by_the_first_hash_too_many_wherever_hashes_lie() {
        for shift in [0, 12, 32, 55] {
            let hashes: Vec<u64> = (0..=DISTINCT_EXACT as u64).map(|hash| hash << shift).collect();
            for start in [0, 1, 100, DISTINCT_EXACT] {
                let (first, second) = hashes.split_at(start);
                let few_of = |second: &[u64]| {
                    let mut set = Hashes::default();
                    assert_eq!(set.add_all(first), None);
                    set.join(second).is_none()
                };
                assert!(!few_of(second));
                assert!(few_of(&second[1..]));
                assert!(few_of(&[&second[1..], first, &second[1..]].concat()));
            }
        }
    }

    #[test]
    fn a_few_hashes_that_come_often_take_little_room() {
        let mut set = Hashes::default();
        (0..10_000u64).for_each(|row| assert_eq!(set.add_all(&[row % 5]), None));
        assert!(set.heap_bytes() <= 8 * (5 + WAITING).next_power_of_two());
    }
}
