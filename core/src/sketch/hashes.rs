//! An exact set of hashes while there are few.
//!
//! The one idea: a hash is its own place in a table, so that inserting is one look at about one slot.

use alloc::vec;
use alloc::vec::Vec;

const SMALLEST: usize = 4;
/// From here on slots double; before, there are four times as many each time.
const LARGE: usize = 256;

/// Different 64-bit hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashes {
    /// A power of two of slots, at most three quarters of them taken; 0 in a free one. Empty for an empty set.
    slots: Vec<u64>,
    taken: u32,
    /// Whether the hash 0, which no slot can show, is in the set.
    has_zero: bool,
}

impl Hashes {
    /// Number of hashes.
    pub fn len(&self) -> usize {
        self.taken as usize + usize::from(self.has_zero)
    }

    /// Adds a hash.
    #[inline(always)]
    pub fn insert(&mut self, hash: u64) {
        // wraps to all ones for no slots, where no slot answers
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as u32 as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                if hash == 0 || 4 * self.taken as usize > 3 * mask {
                    break;
                }
                *slot = hash;
                self.taken += 1;
                return;
            }
            if *slot == hash {
                return;
            }
            at = (at + 1) & mask;
        }
        self.insert_with_thought(hash);
    }

    #[inline(never)]
    fn insert_with_thought(&mut self, hash: u64) {
        if hash == 0 {
            self.has_zero = true;
            return;
        }
        let slots = self.slots.len();
        let larger = if slots < LARGE { (4 * slots).max(SMALLEST) } else { 2 * slots };
        let old = core::mem::replace(&mut self.slots, vec![0; larger]);
        for hash in old.into_iter().filter(|&hash| hash != 0) {
            self.place(hash);
        }
        self.place(hash);
        self.taken += 1;
    }

    /// Puts a hash that is not there into the first free slot from its own on; a quarter of the slots is free.
    fn place(&mut self, hash: u64) {
        let mask = self.slots.len() - 1;
        let mut at = hash as u32 as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = hash;
    }

    /// The slots: every hash but 0, in no order, and 0 in the free ones.
    pub fn slots(&self) -> &[u64] {
        &self.slots
    }

    /// Whether the hash 0 is in the set.
    pub fn has_zero(&self) -> bool {
        self.has_zero
    }

    /// The hashes, in no order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let zero = self.has_zero.then_some(0);
        self.slots.iter().copied().filter(|&hash| hash != 0).chain(zero)
    }

    /// The hashes, ascending.
    pub fn ascending(&self) -> Vec<u64> {
        let mut hashes: Vec<u64> = self.iter().collect();
        hashes.sort_unstable();
        hashes
    }

    /// Bytes of the slots.
    pub fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_set_is_the_set(hashes in proptest::collection::vec(prop_oneof![0..20u64, (0..20u64).prop_map(|h| h << 32), any::<u64>()], 0..400)) {
            let mut set = Hashes::default();
            let mut reference = BTreeSet::new();
            for hash in hashes {
                set.insert(hash);
                reference.insert(hash);
                prop_assert_eq!(set.len(), reference.len());
            }
            prop_assert_eq!(set.ascending(), reference.into_iter().collect::<Vec<_>>());
        }
    }
}
