//! The least key of each group, or the greatest.
//!
//! The one idea: keys are inverted where the greatest is wanted, so that the least is always the best.

use alloc::vec::Vec;
use core::ops::BitXor;

/// Unsigned integers that keys are.
pub(super) trait Key: Copy + Ord + BitXor<Output = Self> {
    const NONE: Self;
    const ALL: Self;
}

impl Key for u64 {
    const NONE: Self = 0;
    const ALL: Self = u64::MAX;
}

impl Key for u128 {
    const NONE: Self = 0;
    const ALL: Self = u128::MAX;
}

/// The best key per group.
#[derive(Clone, Debug)]
pub(super) struct BestKeys<K> {
    /// Inverted keys; the greatest of all where nothing is.
    keys: Vec<K>,
    present: Vec<bool>,
    inversion: K,
}

impl<K: Key> BestKeys<K> {
    /// No groups yet; the least key is the best.
    pub fn least() -> Self {
        Self { keys: Vec::new(), present: Vec::new(), inversion: K::NONE }
    }

    /// No groups yet; the greatest key is the best.
    pub fn greatest() -> Self {
        Self { inversion: K::ALL, ..Self::least() }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Appends groups without a key up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.len() {
            self.keys.resize(groups, K::ALL);
            self.present.resize(groups, false);
        }
    }

    /// What a key is combined with to be compared.
    pub fn inversion(&self) -> K {
        self.inversion
    }

    /// Takes a key if it is the best.
    #[inline(always)]
    pub fn take(&mut self, group: usize, key: K) {
        self.keys[group] = self.keys[group].min(key ^ self.inversion);
        self.present[group] = true;
    }

    /// The inverted key of a group that gets one.
    #[inline(always)]
    pub fn inverted(&mut self, group: usize) -> &mut K {
        self.present[group] = true;
        &mut self.keys[group]
    }

    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.keys[into] = self.keys[into].min(other.keys[from]);
        self.present[into] |= other.present[from];
    }

    pub fn get(&self, group: usize) -> Option<K> {
        self.present[group].then(|| self.keys[group] ^ self.inversion)
    }

    /// Appends a group.
    pub fn push(&mut self, key: Option<K>) {
        self.keys.push(key.map_or(K::ALL, |key| key ^ self.inversion));
        self.present.push(key.is_some());
    }

    pub fn heap_bytes(&self) -> usize {
        self.keys.capacity() * size_of::<K>() + self.present.capacity()
    }
}
