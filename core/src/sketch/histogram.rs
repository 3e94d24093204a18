//! The percentile sketch of one group: a base-2 exponential histogram with a limit of buckets.
//!
//! The one idea: while more buckets than the limit are not empty, neighbours are joined, which halves the scale.
//! Joined buckets nest, and more rows never need fewer buckets, so the scale reached is a function of the multiset of
//! rows (the finest that fits), whatever the order, the split or the merges.
//!
//! How counts are held is free: a list may still hold entries to be joined, a counter may be full and have its
//! excess aside. [`Histogram::distribution`] is the state itself, and all that is read or written comes from it.

use super::bits::BitWriter;
use super::distribution::{join_equal, Distribution};
use super::grain::Grain;
use super::key::{Key, Shift, MAX_SHIFT, OCTAVE_SHIFT};
use super::list::Rest;
use super::mapping::{FINEST_SCALE, INFINITY, SIGN};
use super::store::Store;
use super::walk::Walk;
use crate::bytes::Writer;
use crate::limits::HISTOGRAM_BUCKETS;
use crate::math::Float64;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Counts of values by bucket, mergeable.
///
/// **Cost** 56 bytes; then 8 bytes a row until 64 rows; then, from the first to the last bucket of each sign, a byte a
/// bucket until one passes 255 and 4 bytes from there, or, where most of those are empty, 8 to 16 bytes a bucket.
#[derive(Clone, Debug)]
pub struct Histogram {
    store: Store,
    rare: Option<Box<Rare>>,
    grain: Grain,
}

/// What writing takes; kept from one histogram to the next, it is asked for once.
#[derive(Debug, Default)]
pub struct HistogramMemory {
    buckets: Vec<(Key, u64)>,
    bits: BitWriter,
}

/// What most groups have not.
#[derive(Clone, Debug, Default)]
struct Rare {
    zero: u64,
    negative_infinity: u64,
    positive_infinity: u64,
    /// What did not fit the counters of the store; different ascending buckets, at its shift.
    excess: Vec<(Key, u64)>,
}

impl Rare {
    fn add_excess(&mut self, key: Key, count: u64) {
        match self.excess.binary_search_by_key(&key, |&(there, _)| there) {
            Ok(at) => self.excess[at].1 += count,
            Err(at) => self.excess.insert(at, (key, count)),
        }
    }
}

impl Histogram {
    /// No values; `scale` is from 0 to 7.
    #[must_use]
    pub fn new(scale: u8) -> Self {
        Self { store: Store::new(shift_of(scale)), rare: None, grain: Grain::ALL }
    }

    /// No units of decimals.
    #[must_use]
    pub fn of_units(scale: u8) -> Self {
        Self { grain: Grain::ALL_UNITS, ..Self::new(scale) }
    }

    pub(super) fn grain(&self) -> Grain {
        self.grain
    }

    /// Reads the memory that counting changes.
    #[inline(always)]
    pub fn touch(&self) -> u64 {
        self.store.touch()
    }

    /// Counts values, given as the bits of doubles; NaNs are left out.
    #[inline(never)]
    pub fn add_all(&mut self, values: &[u64]) {
        self.grain.add_all(values);
        let mut values = values.iter();
        while let Some(bits) = self.store.count_while(&mut values) {
            self.add_with_thought(bits);
        }
    }

    #[inline(never)]
    fn add_with_thought(&mut self, bits: u64) {
        let magnitude = bits & !SIGN;
        if magnitude > INFINITY {
            return;
        }
        if magnitude != 0 && magnitude != INFINITY {
            let mut rest = Rest::new();
            self.store.add(Key::of(bits).coarser(self.store.shift()), 1, &mut rest);
            return self.settle(rest);
        }
        let rare = self.rare.get_or_insert_default();
        if magnitude == 0 {
            rare.zero += 1;
        } else if bits == magnitude {
            rare.positive_infinity += 1;
        } else {
            rare.negative_infinity += 1;
        }
    }

    /// Adds the counts of another histogram of the same first scale.
    pub fn merge(&mut self, other: &Self) {
        self.grain = self.grain.joined(other.grain);
        let shift = self.store.shift().max(other.store.shift());
        self.coarsen(shift);
        let mut rest = Rest::new();
        self.store.absorb(&other.store, &mut rest);
        if let Some(theirs) = &other.rare {
            let mine = self.rare.get_or_insert_default();
            mine.zero += theirs.zero;
            mine.negative_infinity += theirs.negative_infinity;
            mine.positive_infinity += theirs.positive_infinity;
            let by = shift - other.store.shift();
            for &(key, count) in &theirs.excess {
                mine.add_excess(key.coarser(by), count);
            }
        }
        self.settle(rest);
    }

    /// Puts aside what did not fit, and joins buckets while there are certainly too many.
    fn settle(&mut self, rest: Rest) {
        for (key, count) in rest {
            self.rare.get_or_insert_default().add_excess(key, count);
        }
        while self.store.at_least() > HISTOGRAM_BUCKETS && self.store.shift() < MAX_SHIFT {
            self.coarsen(self.store.shift() + 1);
        }
    }

    fn coarsen(&mut self, shift: Shift) {
        let by = shift - self.store.shift();
        if by == 0 {
            return;
        }
        let mut rest = Rest::new();
        self.store.coarsen(shift, &mut rest);
        if let Some(rare) = &mut self.rare {
            for (key, _) in &mut rare.excess {
                *key = key.coarser(by);
            }
            join_equal(&mut rare.excess);
        }
        for (key, count) in rest {
            self.rare.get_or_insert_default().add_excess(key, count);
        }
    }

    /// The state: every bucket once, ascending, at the finest scale that fits the limit.
    ///
    /// **Cost** up to 1024 buckets are copied; take it once for several questions.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        self.distribution_in(Vec::new())
    }

    /// As [`Histogram::distribution`], with the buckets in the memory of a vector.
    fn distribution_in(&self, mut buckets: Vec<(Key, u64)>) -> Distribution {
        buckets.clear();
        self.store.append_to(&mut buckets);
        let mut in_order = self.store.is_in_order();
        let (zero, negative_infinity, positive_infinity) = match &self.rare {
            None => (0, 0, 0),
            Some(rare) => {
                buckets.extend_from_slice(&rare.excess);
                in_order &= rare.excess.is_empty();
                (rare.zero, rare.negative_infinity, rare.positive_infinity)
            }
        };
        if !in_order {
            crate::sort::by(&mut buckets, |a, b| a.0.cmp(&b.0));
            join_equal(&mut buckets);
        }
        let mut shift = self.store.shift();
        while buckets.len() > HISTOGRAM_BUCKETS && shift < MAX_SHIFT {
            shift += 1;
            for (key, _) in &mut buckets {
                *key = key.coarser(1);
            }
            join_equal(&mut buckets);
        }
        let grain = if shift > OCTAVE_SHIFT { Grain::NONE } else { self.grain };
        Distribution { shift, zero, negative_infinity, positive_infinity, grain, buckets }
    }

    /// Appends the state: [`Distribution::read`] reads it.
    pub fn write(&self, scale: u8, memory: &mut HistogramMemory, out: &mut Writer) {
        let distribution = self.distribution_in(core::mem::take(&mut memory.buckets));
        distribution.write(scale, &mut memory.bits, out);
        memory.buckets = distribution.buckets;
    }

    /// [`Distribution::percentile`] at several fractions.
    ///
    /// **Cost** counters are walked once for ascending fractions; they are copied only where they are large.
    pub fn percentiles(
        &self,
        fractions: &[Float64],
        min: Float64,
        max: Float64,
        mut tell: impl FnMut(Option<Float64>),
    ) {
        match (&self.store, &self.rare) {
            (Store::Narrow(span), None) => {
                let mut walk = Walk::new(span, self.grain);
                fractions.iter().for_each(|&p| tell(walk.percentile(p, min, max)));
            }
            // where counters are large there are few groups of many rows
            _ => {
                let distribution = self.distribution();
                fractions.iter().for_each(|&p| tell(distribution.percentile(p, min, max)));
            }
        }
    }

    /// The histogram with that state.
    #[must_use]
    pub fn from_distribution(from: &Distribution) -> Self {
        let mut rest = Rest::new();
        let store = Store::from_ascending(from.shift, &from.buckets, &mut rest);
        let has_rare = from.zero > 0 || from.negative_infinity > 0 || from.positive_infinity > 0 || !rest.is_empty();
        let rare = has_rare.then(|| {
            Box::new(Rare {
                zero: from.zero,
                negative_infinity: from.negative_infinity,
                positive_infinity: from.positive_infinity,
                excess: rest,
            })
        });
        Self { store, rare, grain: from.grain }
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let rare =
            self.rare.as_ref().map_or(0, |rare| size_of::<Rare>() + rare.excess.capacity() * size_of::<(Key, u64)>());
        self.store.heap_bytes() + rare
    }
}

/// The shift of a histogram that has never joined buckets.
pub(super) fn shift_of(scale: u8) -> Shift {
    // cannot truncate: both are at most 7
    (FINEST_SCALE as u8).saturating_sub(scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_histogram_made_of_a_distribution_has_it(
            first in -100_000..100_000i32,
            buckets in proptest::collection::vec((prop_oneof![0..3i32, 0..200i32], prop_oneof![
                1..4u64, 200..300u64, Just(u64::from(u32::MAX)), Just(1 << 32), Just(1 << 50)
            ]), 0..300),
            zero in 0..2u64,
            grain in prop_oneof![Just(Grain::NONE), Just(Grain::ALL), Just(Grain::new(-3, Some(7)))],
        ) {
            let mut key = first;
            let mut ascending = |(gap, count)| {
                key += gap + 1;
                (Key(key), count)
            };
            let buckets = buckets.into_iter().map(&mut ascending).collect::<Vec<_>>();
            let told = Distribution { shift: 1, zero, negative_infinity: 0, positive_infinity: 0, grain, buckets };
            prop_assert_eq!(Histogram::from_distribution(&told).distribution(), told);
        }
    }
}
