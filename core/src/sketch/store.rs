//! Bucket counts in the form that suits their number: a list, narrow pages, wide pages.
//!
//! The one idea: the form is free. What is counted does not depend on it, and no byte shows it.
//!
//! Not here: the limit of buckets and counts past 2^32 (`histogram`).

use super::key::{Key, Shift};
use super::list::{List, Rest};
use super::mapping::{INFINITY, SIGN, SMALLEST_NORMAL};
use super::pages::Pages;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Counts of buckets.
#[derive(Clone, Debug)]
pub(super) enum Store {
    List(List),
    Narrow(Box<Pages<u8>>),
    Wide(Box<Pages<u32>>),
}

impl Store {
    /// No counts, at `shift`.
    pub fn new(shift: Shift) -> Self {
        Store::List(List::new(shift))
    }

    /// Counts of different ascending buckets.
    pub fn from_ascending(shift: Shift, counts: &[(Key, u64)], rest: &mut Rest) -> Self {
        Self::paged(shift, counts.iter().copied(), 2 * List::bytes_for(counts.len()), rest)
            .unwrap_or_else(|| Store::List(List::from_ascending(shift, counts, rest)))
    }

    pub fn shift(&self) -> Shift {
        match self {
            Store::List(list) => list.shift,
            Store::Narrow(pages) => pages.shift,
            Store::Wide(pages) => pages.shift,
        }
    }

    /// Counts values, given as the bits of doubles, up to one that takes thought; gives that one back.
    #[inline(always)]
    pub fn count_while(&mut self, values: &mut core::slice::Iter<'_, u64>) -> Option<u64> {
        let stopped = match self {
            Store::Narrow(pages) => values.find(|&&bits| !(is_normal(bits) && pages.count(Key::of_normal(bits)))),
            Store::Wide(pages) => values.find(|&&bits| !(is_normal(bits) && pages.count(Key::of_normal(bits)))),
            Store::List(list) => values.find(|&&bits| !(is_normal(bits) && list.count(Key::of_normal(bits)))),
        };
        stopped.copied()
    }

    /// Adds to a bucket at the store's shift; what does not fit a wide counter goes to `rest`.
    pub fn add(&mut self, key: Key, count: u64, rest: &mut Rest) {
        if let Store::List(list) = self {
            if list.is_full() {
                self.make_room(rest);
            }
        }
        let left = match self {
            Store::List(list) => return list.add(key, count, rest),
            Store::Narrow(pages) => pages.add(key, count),
            Store::Wide(pages) => pages.add(key, count),
        };
        if left == 0 {
            return;
        }
        if matches!(self, Store::Narrow(_)) {
            self.widen();
            self.add(key, left, rest);
        } else {
            rest.push((key, left));
        }
    }

    /// Makes room in a full list; one that is about as large as its pages would be turns into them.
    fn make_room(&mut self, rest: &mut Rest) {
        let Store::List(list) = self else { return };
        if list.is_long() {
            if let Some(pages) = Self::paged(list.shift, list.iter(), 2 * list.heap_bytes(), rest) {
                *self = pages;
                return;
            }
            list.join(rest);
        }
        list.grow();
    }

    /// The counts in pages, if those take at most `most` bytes while they are narrow.
    fn paged(
        shift: Shift,
        counts: impl Iterator<Item = (Key, u64)> + Clone,
        most: usize,
        rest: &mut Rest,
    ) -> Option<Self> {
        let mut pages = Pages::for_keys(shift, counts.clone().map(|(key, _)| key), most)?;
        let mut left = Rest::new();
        pages.add_all(counts, &mut left);
        let mut paged = Store::Narrow(Box::new(pages));
        paged.add_all(left, rest);
        Some(paged)
    }

    /// Makes narrow counters wide.
    fn widen(&mut self) {
        if let Store::Narrow(pages) = self {
            // nothing is left over: a wide counter holds what a narrow one held
            *self = Store::Wide(Box::new(pages.rebuilt(pages.shift, &mut Rest::new())));
        }
    }

    /// Adds all counts of a store that is at most as coarse.
    pub fn absorb(&mut self, other: &Self, rest: &mut Rest) {
        let shift = self.shift();
        let by = shift - other.shift();
        match (&mut *self, other) {
            (Store::Narrow(mine), Store::Narrow(theirs)) if by == 0 => {
                let mut left = Rest::new();
                mine.absorb(theirs, &mut left);
                self.add_all(left, rest);
            }
            (Store::Wide(mine), Store::Narrow(theirs)) if by == 0 => mine.absorb(theirs, rest),
            (Store::Wide(mine), Store::Wide(theirs)) if by == 0 => mine.absorb(theirs, rest),
            (Store::Narrow(_), Store::Wide(theirs)) if by == 0 => {
                self.widen();
                if let Store::Wide(mine) = self {
                    mine.absorb(theirs, rest);
                }
            }
            (Store::List(_), Store::Narrow(_) | Store::Wide(_)) => {
                let mine = core::mem::replace(self, other.clone());
                self.coarsen(shift, rest);
                self.add_all(mine.to_vec(), rest);
            }
            _ => {
                let coarser = other.to_vec().into_iter().map(|(key, count)| (key.coarser(by), count));
                self.add_all(coarser, rest);
            }
        }
    }

    fn add_all(&mut self, counts: impl IntoIterator<Item = (Key, u64)>, rest: &mut Rest) {
        for (key, count) in counts {
            self.add(key, count, rest);
        }
    }

    /// Joins neighbours up to `shift`.
    pub fn coarsen(&mut self, shift: Shift, rest: &mut Rest) {
        if shift == self.shift() {
            return;
        }
        match self {
            Store::List(list) => list.coarsen(shift, rest),
            Store::Wide(pages) => **pages = pages.rebuilt(shift, rest),
            Store::Narrow(pages) => {
                let mut left = Rest::new();
                **pages = pages.rebuilt(shift, &mut left);
                self.add_all(left, rest);
            }
        }
    }

    /// A number of buckets that are certainly not empty; exact for pages.
    pub fn at_least(&self) -> usize {
        match self {
            Store::List(list) => list.at_least(),
            Store::Narrow(pages) => pages.occupied(),
            Store::Wide(pages) => pages.occupied(),
        }
    }

    /// Whether [`Store::to_vec`] gives every bucket once, ascending.
    pub fn is_in_order(&self) -> bool {
        !matches!(self, Store::List(_))
    }

    /// All counts; those of a list are in no order, and a bucket may come more than once.
    pub fn to_vec(&self) -> Vec<(Key, u64)> {
        match self {
            Store::List(list) => list.iter().collect(),
            Store::Narrow(pages) => pages.to_vec(),
            Store::Wide(pages) => pages.to_vec(),
        }
    }

    pub fn heap_bytes(&self) -> usize {
        match self {
            Store::List(list) => list.heap_bytes(),
            Store::Narrow(pages) => size_of::<Pages<u8>>() + pages.heap_bytes(),
            Store::Wide(pages) => size_of::<Pages<u32>>() + pages.heap_bytes(),
        }
    }
}

/// Whether bits are those of no zero, subnormal, infinity or NaN.
#[inline(always)]
fn is_normal(bits: u64) -> bool {
    (bits & !SIGN).wrapping_sub(SMALLEST_NORMAL) < INFINITY - SMALLEST_NORMAL
}
