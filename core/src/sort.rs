//! Sorting.
//!
//! The one idea: the standard library's sorts are generic, and each use of one is three kilobytes of code. Where the
//! download counts, one merge sort over places serves all types; elsewhere these are the standard library's.
//!
//! Not here: orders themselves (`scalar`, `value`).

use core::cmp::Ordering;

/// Puts items in an order; which of equal items comes first is not told.
#[cfg(not(target_family = "wasm"))]
#[inline]
pub(crate) fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    items.sort_unstable_by(compare);
}

/// Puts items in an order; equal items stay in theirs.
#[cfg(not(target_family = "wasm"))]
#[inline]
pub(crate) fn stable_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    items.sort_by(compare);
}

/// Puts items in ascending order.
#[cfg(not(target_family = "wasm"))]
#[inline]
pub(crate) fn ascending<T: Ord>(items: &mut [T]) {
    items.sort_unstable();
}

/// Puts numbers in ascending order.
#[cfg(not(target_family = "wasm"))]
#[inline]
pub(crate) fn numbers(items: &mut [u64]) {
    items.sort_unstable();
}

/// Puts numbers that are two ascending runs in ascending order; the second begins at `_second`.
#[cfg(not(target_family = "wasm"))]
#[inline]
pub(crate) fn join_runs(items: &mut [u64], _second: usize) {
    // the stable sort finds and merges them
    items.sort();
}

#[cfg(target_family = "wasm")]
pub(crate) use small::{ascending, by, by as stable_by, join_runs, numbers};

#[cfg(any(test, target_family = "wasm"))]
mod small {
    use super::Ordering;
    use alloc::vec::Vec;

    /// Puts items in an order; equal items stay in theirs.
    pub(crate) fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
        let order = order_of(items.len(), &|a, b| compare(&items[a as usize], &items[b as usize]).is_lt());
        arrange(items, order);
    }

    /// Puts items in ascending order.
    pub(crate) fn ascending<T: Ord>(items: &mut [T]) {
        by(items, T::cmp);
    }

    /// Puts numbers in ascending order.
    pub(crate) fn numbers(items: &mut [u64]) {
        sort(items, |a, b| a < b);
    }

    /// Puts numbers that are two ascending runs in ascending order; the second begins at `second`.
    pub(crate) fn join_runs(items: &mut [u64], second: usize) {
        let runs = items.to_vec();
        let (left, right) = runs.split_at(second);
        merge(left, right, items, &|a, b| a < b);
    }

    /// For each place in the order the place of its item.
    fn order_of(len: usize, is_less: &dyn Fn(u32, u32) -> bool) -> Vec<u32> {
        // cannot truncate: memory here has fewer than 2^32 bytes
        let mut order: Vec<u32> = (0..len as u32).collect();
        sort(&mut order, is_less);
        order
    }

    /// A stable merge sort, bottom up.
    fn sort<T: Copy>(items: &mut [T], is_less: impl Fn(T, T) -> bool) {
        let mut runs = items.to_vec();
        let mut width = 1;
        while width < items.len() {
            for (pair, into) in runs.chunks(2 * width).zip(items.chunks_mut(2 * width)) {
                let (left, right) = pair.split_at(width.min(pair.len()));
                merge(left, right, into, &is_less);
            }
            runs.copy_from_slice(items);
            width *= 2;
        }
    }

    fn merge<'i, T: Copy>(mut left: &'i [T], mut right: &'i [T], into: &mut [T], is_less: &impl Fn(T, T) -> bool) {
        // runs that follow each other, as those of sorted items do, cost one comparison
        if let (Some(&last), Some(&first)) = (left.last(), right.first()) {
            if !is_less(first, last) {
                into[..left.len()].copy_from_slice(left);
                into[left.len()..].copy_from_slice(right);
                return;
            }
        }
        for place in into {
            let takes_right = match (left.first(), right.first()) {
                (Some(&a), Some(&b)) => is_less(b, a),
                (None, _) => true,
                (_, None) => false,
            };
            let from = if takes_right { &mut right } else { &mut left };
            // cannot be absent: both together are as long as what they are merged into
            if let Some((&first, rest)) = from.split_first() {
                *place = first;
                *from = rest;
            }
        }
    }

    /// Brings to each place the item that `order` has for it, one cycle of places after the other.
    fn arrange<T>(items: &mut [T], mut order: Vec<u32>) {
        for start in 0..items.len() {
            let mut place = start;
            loop {
                let from = core::mem::replace(&mut order[place], place as u32) as usize;
                if from == start {
                    break;
                }
                items.swap(place, from);
                place = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_small_sort_is_the_stable_one(items: Vec<(u8, u32)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            let mut small = items;
            super::small::by(&mut small, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(small, expected);
        }

        #[test]
        fn every_sort_of_numbers_gives_the_same(items: Vec<u64>, runs: (Vec<u64>, Vec<u64>)) {
            let mut expected = items.clone();
            expected.sort();
            let mut ways = [items.clone(), items.clone(), items.clone(), items];
            ascending(&mut ways[0]);
            super::small::ascending(&mut ways[1]);
            numbers(&mut ways[2]);
            super::small::numbers(&mut ways[3]);
            ways.iter().for_each(|sorted| assert_eq!(sorted, &expected));
            let (mut left, mut right) = runs;
            left.sort();
            right.sort();
            let second = left.len();
            let mut joined = [left, right].concat();
            let mut expected = joined.clone();
            expected.sort();
            let mut small = joined.clone();
            join_runs(&mut joined, second);
            super::small::join_runs(&mut small, second);
            prop_assert_eq!(&joined, &expected);
            prop_assert_eq!(small, expected);
        }
    }
}
