//! How often each value of one group occurs, exact for the values of lowest hash.
//!
//! Law: the `limit` values with the lowest (hash, value) are kept. A value is dropped only while `limit` lower ones are
//! there, and those never leave but for lower ones still, so a dropped value cannot come back: what is kept was
//! counted from its first row on, in any order and any merge tree, and all the rest is one number.
//! Memory: at most twice the limit of values between two clearances.
//!
//! A value lies in the table by its place under the secret of the process: many values can share a hash, which is part
//! of the format and known to everybody.

use crate::secret::{compared, Secret};
use alloc::boxed::Box;
use alloc::vec::Vec;
use hashbrown::hash_table::Entry;
use hashbrown::HashTable;

/// Room above the limit for groups whose limit is small, so that a clearance pays for itself.
const SLACK_MIN: usize = 32;

/// What a table keeps by its place.
pub(super) trait Placed: Ord {
    /// Where a table of this process keeps the value.
    fn place(&self, secret: Secret) -> u64;
}

/// An order key.
impl Placed for u64 {
    #[inline(always)]
    fn place(&self, secret: Secret) -> u64 {
        secret.word(*self)
    }
}

impl Placed for Box<str> {
    #[inline(always)]
    fn place(&self, secret: Secret) -> u64 {
        secret.text(self)
    }
}

/// One value and how often it occurs.
#[derive(Clone, Debug)]
pub(super) struct Tallied<K> {
    pub(super) hash: u64,
    pub(super) value: K,
    pub(super) count: u64,
}

impl<K: Ord> Tallied<K> {
    fn rank(&self) -> (u64, &K) {
        (self.hash, &self.value)
    }
}

/// The counts of one group.
#[derive(Clone, Debug)]
pub(super) struct Tally<K> {
    /// More values than the limit may wait here for the next clearance; [`Tally::kept`] tells which count.
    table: HashTable<Tallied<K>>,
    /// Values with a higher hash are not among the kept ones, whatever comes.
    bound: u64,
    /// Rows of values that are no longer in the table.
    dropped: u64,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { table: HashTable::new(), bound: u64::MAX, dropped: 0 }
    }
}

/// What a tally means: values with exact counts, in no order, and the rows of all other values.
#[derive(Debug)]
pub(super) struct Kept<'a, K> {
    pub(super) values: Vec<&'a Tallied<K>>,
    pub(super) other: u64,
}

impl<K: Ord> Kept<'_, K> {
    /// Whether a value of this rank is known to occur not at all, given that it is not kept.
    pub(super) fn excludes(&self, hash: u64, value: &K) -> bool {
        self.other == 0 || self.values.iter().any(|kept| kept.rank() > (hash, value))
    }
}

impl<K: Placed> Tally<K> {
    /// The kept values as they were decoded: at most `limit`, all of `count > 0`, no two alike.
    pub(super) fn from_kept(kept: Vec<Tallied<K>>, other: u64) -> Self {
        let bound = match other {
            0 => u64::MAX,
            _ => kept.iter().map(|entry| entry.hash).max().unwrap_or(0),
        };
        let mut table = HashTable::with_capacity(kept.len());
        let secret = Secret::of_process();
        for entry in kept {
            table.insert_unique(entry.value.place(secret), entry, |entry| entry.value.place(secret));
        }
        Self { table, bound, dropped: other }
    }

    /// Adds `count` rows of the value that `is_value` recognises, `to_value` makes and `place` tells the place of.
    #[inline]
    pub(super) fn add(
        &mut self,
        limit: usize,
        hash: u64,
        count: u64,
        place: impl FnOnce(Secret) -> u64,
        is_value: impl Fn(&K) -> bool,
        to_value: impl FnOnce() -> K,
    ) {
        if hash > self.bound {
            self.dropped += count;
            return;
        }
        let secret = Secret::of_process();
        let same = |entry: &Tallied<K>| {
            compared();
            entry.hash == hash && is_value(&entry.value)
        };
        match self.table.entry(place(secret), same, |entry| entry.value.place(secret)) {
            Entry::Occupied(mut entry) => entry.get_mut().count += count,
            Entry::Vacant(entry) => {
                entry.insert(Tallied { hash, value: to_value(), count });
                if self.table.len() > limit + limit.max(SLACK_MIN) {
                    self.clear_above(limit);
                }
            }
        }
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, limit: usize, other: &Self)
    where
        K: Clone,
    {
        self.dropped += other.dropped;
        // rows above the other's bound may be missing from its table; its kept values alone push them out of ours
        self.bound = self.bound.min(other.bound);
        // the order of these additions changes the table, never what it means
        for entry in &other.table {
            let place = |secret| entry.value.place(secret);
            self.add(limit, entry.hash, entry.count, place, |value| *value == entry.value, || entry.value.clone());
        }
    }

    /// What the tally means.
    pub(super) fn kept(&self, limit: usize) -> Kept<'_, K> {
        let mut values: Vec<&Tallied<K>> = self.table.iter().collect();
        let mut other = self.dropped;
        if values.len() > limit {
            crate::sort::by(&mut values, |a, b| a.rank().cmp(&b.rank()));
            other += values[limit..].iter().map(|entry| entry.count).sum::<u64>();
            values.truncate(limit);
        }
        Kept { values, other }
    }

    /// The entry of a value, kept or waiting to be dropped.
    pub(super) fn find(&self, value: &K) -> Option<&Tallied<K>> {
        self.table.find(value.place(Secret::of_process()), |entry| entry.value == *value)
    }

    /// Bytes of the table; not of what its values own.
    pub(super) fn table_bytes(&self) -> usize {
        self.table.allocation_size()
    }

    /// How many values were counted, kept or dropped.
    pub(super) fn total(&self) -> u64 {
        self.dropped + self.table.iter().map(|entry| entry.count).sum::<u64>()
    }

    /// The values in the table, in no order.
    pub(super) fn in_table(&self) -> impl Iterator<Item = &Tallied<K>> {
        self.table.iter()
    }

    /// Drops the values above the `limit` lowest; the table has more than `limit`, which is at least 1.
    fn clear_above(&mut self, limit: usize) {
        let mut entries: Vec<Tallied<K>> = self.table.drain().collect();
        // the bound falls with each clearance, so that they are few and a sort is as good as a selection
        crate::sort::by(&mut entries, |a, b| a.rank().cmp(&b.rank()));
        self.dropped += entries.drain(limit..).map(|entry| entry.count).sum::<u64>();
        if let Some(highest) = entries.last() {
            self.bound = self.bound.min(highest.hash);
        }
        let secret = Secret::of_process();
        for entry in entries {
            self.table.insert_unique(entry.value.place(secret), entry, |entry| entry.value.place(secret));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    /// Seven hashes for many values, so that ties on the hash are common.
    fn hash(value: u16) -> u64 {
        u64::from(value % 7)
    }

    impl Placed for u16 {
        fn place(&self, secret: Secret) -> u64 {
            secret.word(u64::from(*self))
        }
    }

    fn add(tally: &mut Tally<u16>, limit: usize, value: u16) {
        tally.add(limit, hash(value), 1, |secret| value.place(secret), |kept| *kept == value, || value);
    }

    fn meaning(tally: &Tally<u16>, limit: usize) -> (BTreeMap<u16, u64>, u64) {
        let kept = tally.kept(limit);
        (kept.values.iter().map(|entry| (entry.value, entry.count)).collect(), kept.other)
    }

    fn naive(values: &[u16], limit: usize) -> (BTreeMap<u16, u64>, u64) {
        let mut all: BTreeMap<(u64, u16), u64> = BTreeMap::new();
        for &value in values {
            *all.entry((hash(value), value)).or_default() += 1;
        }
        let kept = all.iter().take(limit).map(|(&(_, value), &count)| (value, count)).collect();
        (kept, all.values().skip(limit).sum())
    }

    proptest! {
        #[test]
        fn the_lowest_values_are_exact_in_any_merge_tree(
            parts in proptest::collection::vec(proptest::collection::vec(0u16..300, 0..200), 1..8),
            limit in 1usize..40,
            picks in proptest::collection::vec(any::<prop::sample::Index>(), 16),
        ) {
            let all: Vec<u16> = parts.concat();
            let mut tallies: Vec<Tally<u16>> = parts
                .iter()
                .map(|part| {
                    let mut tally = Tally::default();
                    part.iter().for_each(|&value| add(&mut tally, limit, value));
                    tally
                })
                .collect();
            let mut picks = picks.iter();
            while tallies.len() > 1 {
                let last = tallies.pop().expect("two or more");
                let into = picks.next().map_or(0, |pick| pick.index(tallies.len()));
                tallies[into].merge(limit, &last);
            }
            prop_assert_eq!(meaning(&tallies[0], limit), naive(&all, limit));
        }
    }

    #[test]
    fn the_table_stays_within_its_slack() {
        let mut tally = Tally::default();
        for value in 0..10_000 {
            // one hash for all: ties must be cleared too
            tally.add(5, 1, 1, |secret| secret.word(value), |kept| *kept == value, || value);
            assert!(tally.table.len() <= 5 + SLACK_MIN);
        }
        assert_eq!(tally.kept(5).other, 9_995);
    }
}
