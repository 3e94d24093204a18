//! The groups that rows asked for lately.
//!
//! The one idea: buckets lie a spacing apart, so that their numbers and those of the keys give neighbouring groups
//! places of their own, modulo a power of two. A place says whose group it keeps, so that what shares a place, or a
//! wrong spacing, costs time alone.

use alloc::vec;
use alloc::vec::Vec;

/// Rows that pay for one place.
const ROWS_A_PLACE: usize = 16;
/// Places at most: more would not fit the cache, and be no faster than looking groups up.
const MAX_PLACES: usize = 1 << 16;
/// Places that are kept from batch to batch, for each group that there is.
const KEPT_A_GROUP: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Place {
    start: i64,
    tuple: u32,
    group: u32,
}

/// No bucket starts there.
const NOBODY: Place = Place { start: i64::MIN, tuple: 0, group: 0 };

/// Groups by bucket and tuple, the last one that was told for each place.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    /// As many as a power of two, or none.
    places: Vec<Place>,
    numbers: Numbers,
    /// Numbers of tuples for each bucket.
    tuples: u64,
}

impl Recent {
    /// Starts a batch of `rows` rows with so many tuples and groups; buckets mostly start a multiple of `spacing_us`
    /// apart.
    pub(super) fn start(&mut self, rows: usize, tuples: usize, groups: usize, spacing_us: i64) {
        self.numbers = Numbers::new(spacing_us);
        self.tuples = tuples as u64;
        let wanted = (rows / ROWS_A_PLACE + groups).min(MAX_PLACES).next_power_of_two();
        if wanted > self.places.len() {
            self.places = vec![NOBODY; wanted];
        }
    }

    /// Ends a batch; there are `groups` groups now. Places are given back when these are few.
    pub(super) fn end(&mut self, groups: usize) {
        if self.places.len() / KEPT_A_GROUP > groups {
            self.places = Vec::new();
        }
    }

    #[inline(always)]
    fn at(&self, start: i64, tuple: u32) -> usize {
        let number = self.numbers.of(start).wrapping_mul(self.tuples).wrapping_add(u64::from(tuple));
        number as usize & self.places.len().wrapping_sub(1)
    }

    #[inline(always)]
    pub(super) fn get(&self, start: i64, tuple: u32) -> Option<u32> {
        let place = self.places.get(self.at(start, tuple))?;
        (place.start == start && place.tuple == tuple).then_some(place.group)
    }

    pub(super) fn set(&mut self, start: i64, tuple: u32, group: u32) {
        let at = self.at(start, tuple);
        if let Some(place) = self.places.get_mut(at) {
            *place = Place { start, tuple, group };
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<Place>()
    }
}

/// Numbers of times that lie multiples of a spacing apart: one spacing later is one more, modulo 2^64.
#[derive(Clone, Debug, Default)]
struct Numbers {
    shift: u32,
    /// What turns the odd part of the spacing into 1.
    inverse: u64,
}

impl Numbers {
    /// The spacing is more than 0.
    fn new(spacing_us: i64) -> Self {
        let shift = spacing_us.trailing_zeros() & 63;
        let odd = (spacing_us >> shift) as u64;
        // an odd number is its own inverse modulo 8, and each step doubles the bits that are right
        let step = |inverse: u64| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        Self { shift, inverse: (0..5).fold(odd, |inverse, _| step(inverse)) }
    }

    #[inline(always)]
    fn of(&self, time_us: i64) -> u64 {
        // a multiple of the spacing is one of 2^shift: what is cut off is the same of all of these times
        ((time_us >> self.shift) as u64).wrapping_mul(self.inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR_US: i64 = 3_600_000_000;

    /// Asks for the group of each (bucket, tuple) as `Groups` does; a group is named by the order of first appearance.
    fn ask(recent: &mut Recent, known: &mut Vec<(i64, u32)>, asked: &[(i64, u32)]) -> Vec<u32> {
        let groups = asked.iter().map(|&(start, tuple)| {
            recent.get(start, tuple).unwrap_or_else(|| {
                let group = known.iter().position(|group| *group == (start, tuple)).unwrap_or_else(|| {
                    known.push((start, tuple));
                    known.len() - 1
                });
                recent.set(start, tuple, group as u32);
                group as u32
            })
        });
        groups.collect()
    }

    fn bucket() -> impl Strategy<Value = i64> {
        let spaced = |spacing: i64| (-50..50i64).prop_map(move |number| 7 + number * spacing);
        prop_oneof![spaced(HOUR_US), spaced(1), spaced(24 * HOUR_US), (i64::MIN + 1)..i64::MAX]
    }

    proptest! {
        #[test]
        fn a_group_is_never_mistaken_for_another(
            batches in proptest::collection::vec(proptest::collection::vec((bucket(), 0..6u32), 1..80), 1..6),
            spacing in prop_oneof![Just(HOUR_US), Just(1i64), 1..i64::MAX],
        ) {
            let mut recent = Recent::default();
            let mut known = Vec::new();
            for batch in &batches {
                let tuples = batch.iter().map(|row| row.1 as usize + 1).max().unwrap_or(0);
                recent.start(batch.len(), tuples, known.len(), spacing);
                let groups = ask(&mut recent, &mut known, batch);
                for (group, row) in groups.iter().zip(batch) {
                    prop_assert_eq!(known[*group as usize], *row);
                }
                recent.end(known.len());
            }
        }

        #[test]
        fn neighbours_have_neighbouring_numbers(
            spacing in 1..i64::MAX >> 9,
            phase in -1000..1000i64,
            number in -250..250i64,
        ) {
            let numbers = Numbers::new(spacing);
            let of = |number: i64| numbers.of(phase + number * spacing);
            prop_assert_eq!(of(number + 1).wrapping_sub(of(number)), 1);
        }
    }

    #[test]
    fn groups_of_neighbouring_buckets_are_all_kept_for_the_next_batch() {
        let asked: Vec<_> = (0..720).flat_map(|hour| (0..12).map(move |tuple| (hour * HOUR_US, tuple))).collect();
        let (mut recent, mut known) = (Recent::default(), Vec::new());
        for _ in 0..2 {
            recent.start(asked.len(), 12, known.len(), HOUR_US);
            ask(&mut recent, &mut known, &asked);
            recent.end(asked.len());
        }
        assert!(asked
            .iter()
            .enumerate()
            .all(|(group, &(start, tuple))| recent.get(start, tuple) == Some(group as u32)));
    }

    #[test]
    fn what_is_kept_is_bounded_by_rows_and_groups() {
        let mut recent = Recent::default();
        recent.start(20_000, 100, 0, HOUR_US);
        assert!(recent.heap_bytes() <= 20_000 * 2, "{}", recent.heap_bytes());
        recent.end(10);
        assert_eq!(recent.heap_bytes(), 0);
        recent.start(usize::MAX / 2, 100, 1_000_000, HOUR_US);
        assert_eq!(recent.heap_bytes(), 1 << 20);
    }
}
