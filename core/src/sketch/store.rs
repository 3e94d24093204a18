//! Bucket counts in the form that suits their number: a list, then pages.
//!
//! The one idea: the form is free. What is counted does not depend on it, and no byte shows it.
//!
//! Not here: the limit of buckets and counts past 2^32 (`histogram`).

use super::key::{Key, Shift};
use super::list::{List, Rest};
use super::pages::Pages;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Counts of buckets.
#[derive(Clone, Debug)]
pub(super) enum Store {
    List(List),
    Pages(Box<Pages>),
}

impl Store {
    /// No counts, at `shift`.
    pub fn new(shift: Shift) -> Self {
        Store::List(List::new(shift))
    }

    pub fn shift(&self) -> Shift {
        match self {
            Store::List(list) => list.shift,
            Store::Pages(pages) => pages.shift,
        }
    }

    /// Counts one row in the bucket that holds `finest` if that takes no thought; false, and nothing done, otherwise.
    #[inline(always)]
    pub fn count(&mut self, finest: Key) -> bool {
        match self {
            Store::Pages(pages) => pages.count(finest),
            Store::List(list) => list.count(finest),
        }
    }

    /// Adds to a bucket at the store's shift; what does not fit its counter goes to `rest`.
    pub fn add(&mut self, key: Key, count: u64, rest: &mut Rest) {
        if let Store::List(list) = self {
            if list.is_full() {
                self.make_room(rest);
            }
        }
        match self {
            Store::List(list) => list.add(key, count, rest),
            Store::Pages(pages) => pages.add(key, count, rest),
        }
    }

    /// Makes room in a full list; one that has become as large as its pages would be turns into them.
    fn make_room(&mut self, rest: &mut Rest) {
        let Store::List(list) = self else { return };
        if list.is_long() {
            list.join(rest);
            if Pages::bytes_for(list.iter().map(|(key, _)| key)) <= 2 * list.heap_bytes() {
                *self = Store::Pages(paged(list, rest));
                return;
            }
        }
        list.grow();
    }

    /// Adds all counts of a store that is at most as coarse.
    pub fn absorb(&mut self, other: &Self, rest: &mut Rest) {
        let by = self.shift() - other.shift();
        match (&mut *self, other) {
            (Store::Pages(mine), Store::Pages(theirs)) if by == 0 => mine.absorb(theirs, rest),
            (Store::List(mine), Store::Pages(theirs)) => {
                let mut joined = if by == 0 { theirs.clone() } else { Box::new(theirs.coarser(mine.shift, rest)) };
                for (key, count) in mine.iter() {
                    joined.add(key, count, rest);
                }
                *self = Store::Pages(joined);
            }
            _ => other.for_each(|key, count| self.add(key.coarser(by), count, rest)),
        }
    }

    /// Joins neighbours up to `shift`.
    pub fn coarsen(&mut self, shift: Shift, rest: &mut Rest) {
        match self {
            Store::List(list) => list.coarsen(shift, rest),
            Store::Pages(pages) => **pages = pages.coarser(shift, rest),
        }
    }

    /// A number of buckets that are certainly not empty; exact for pages.
    pub fn at_least(&self) -> usize {
        match self {
            Store::List(list) => list.at_least(),
            Store::Pages(pages) => pages.occupied(),
        }
    }

    fn for_each(&self, mut f: impl FnMut(Key, u64)) {
        match self {
            Store::List(list) => list.iter().for_each(|(key, count)| f(key, count)),
            Store::Pages(pages) => pages.iter().for_each(|(key, count)| f(key, count)),
        }
    }

    /// All counts in a vector, in no order; a bucket may come more than once.
    pub fn to_vec(&self) -> Vec<(Key, u64)> {
        let mut counts = Vec::new();
        match self {
            Store::List(list) => counts.extend(list.iter()),
            Store::Pages(pages) => {
                counts.reserve(pages.occupied());
                pages.iter().for_each(|found| counts.push(found));
            }
        }
        counts
    }

    pub fn heap_bytes(&self) -> usize {
        match self {
            Store::List(list) => list.heap_bytes(),
            Store::Pages(pages) => size_of::<Pages>() + pages.heap_bytes(),
        }
    }
}

fn paged(list: &List, rest: &mut Rest) -> Box<Pages> {
    let mut pages = Box::new(Pages::new(list.shift));
    for (key, count) in list.iter() {
        pages.add(key, count, rest);
    }
    pages
}
