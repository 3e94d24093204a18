//! Bucket counts in the form that suits their number: a list, narrow counters, wide counters.
//!
//! The one idea: the form is free. What is counted does not depend on it, and no byte shows it.
//!
//! Not here: the limit of buckets and counts past 2^32 (`histogram`).

use super::distribution::join_equal;
use super::key::{Key, Shift};
use super::list::{List, Rest};
use super::mapping::{INFINITY, SIGN, SMALLEST_NORMAL};
use super::span::{Span, FOR_EACH, FREE};
use alloc::vec::Vec;

/// Counts of buckets.
#[derive(Clone, Debug)]
pub(super) enum Store {
    List(List),
    Narrow(Span<u8>),
    Wide(Span<u32>),
}

impl Store {
    /// No counts, at `shift`.
    pub fn new(shift: Shift) -> Self {
        Store::List(List::new(shift))
    }

    /// Counts of different ascending buckets.
    pub fn from_ascending(shift: Shift, counts: &[(Key, u64)], rest: &mut Rest) -> Self {
        // bytes hold all counts where they hold the bits of all
        let bits = counts.iter().fold(0, |bits, &(_, count)| bits | count);
        let most = FOR_EACH * counts.len();
        let spanned = if bits <= u64::from(u8::MAX) {
            Span::of_ascending(shift, counts, most).map(Store::Narrow)
        } else {
            Self::spanned(shift, counts.iter().copied(), most, rest)
        };
        spanned.unwrap_or_else(|| Store::List(List::from_ascending(shift, counts, rest)))
    }

    pub fn shift(&self) -> Shift {
        match self {
            Store::List(list) => list.shift,
            Store::Narrow(span) => span.shift,
            Store::Wide(span) => span.shift,
        }
    }

    /// Reads the memory that counting changes.
    #[inline(always)]
    pub fn touch(&self) -> u64 {
        match self {
            Store::List(list) => list.touch(),
            Store::Narrow(span) => span.touch(),
            Store::Wide(span) => span.touch(),
        }
    }

    /// Counts values, given as the bits of doubles, up to one that takes thought; gives that one back.
    #[inline(always)]
    pub fn count_while(&mut self, values: &mut core::slice::Iter<'_, u64>) -> Option<u64> {
        let stopped = match self {
            Store::Narrow(span) => values.find(|&&bits| !(is_normal(bits) && span.count(Key::of_normal(bits)))),
            Store::Wide(span) => values.find(|&&bits| !(is_normal(bits) && span.count(Key::of_normal(bits)))),
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
            Store::Narrow(span) => span.add(key, count),
            Store::Wide(span) => span.add(key, count),
        };
        match (left, &*self) {
            (Some(0), _) => {}
            (Some(left), Store::Narrow(_)) => {
                self.widen();
                self.add(key, left, rest);
            }
            (Some(left), _) => rest.push((key, left)),
            (None, _) => {
                let mut list = List::from_ascending(self.shift(), &self.to_vec(), rest);
                list.grow();
                list.add(key, count, rest);
                *self = Store::List(list);
            }
        }
    }

    /// Makes room in a full list; one of about as many entries as counters would be needed turns into them.
    fn make_room(&mut self, rest: &mut Rest) {
        let Store::List(list) = self else { return };
        if list.is_long() {
            let most = (FOR_EACH * list.len()).max(FREE);
            if let Some(spanned) = Self::spanned(list.shift, list.iter(), most, rest) {
                *self = spanned;
                return;
            }
            list.join(rest);
        }
        list.grow();
    }

    /// The counts in at most `most` counters, narrow ones if they fit.
    fn spanned(
        shift: Shift,
        counts: impl Iterator<Item = (Key, u64)> + Clone,
        most: usize,
        rest: &mut Rest,
    ) -> Option<Self> {
        let mut spanned = Store::Narrow(Span::for_keys(shift, counts.clone().map(|(key, _)| key), most)?);
        spanned.add_all(counts, rest);
        Some(spanned)
    }

    /// Makes narrow counters wide.
    fn widen(&mut self) {
        if let Store::Narrow(span) = self {
            *self = Store::Wide(span.widened());
        }
    }

    /// Adds all counts of a store that is at most as coarse.
    pub fn absorb(&mut self, other: &Self, rest: &mut Rest) {
        let shift = self.shift();
        let by = shift - other.shift();
        if by == 0 {
            if matches!((&*self, other), (Store::Narrow(_), Store::Wide(_))) {
                self.widen();
            }
            let mut left = Rest::new();
            let is_done = match (&mut *self, other) {
                (Store::Narrow(mine), Store::Narrow(theirs)) => mine.absorb(theirs, &mut left),
                (Store::Wide(mine), Store::Narrow(theirs)) => mine.absorb(theirs, &mut left),
                (Store::Wide(mine), Store::Wide(theirs)) => mine.absorb(theirs, &mut left),
                _ => false,
            };
            if is_done {
                return self.add_all(left, rest);
            }
        }
        if let (Store::List(_), Store::Narrow(_) | Store::Wide(_)) = (&*self, other) {
            let mine = core::mem::replace(self, other.clone());
            self.coarsen(shift, rest);
            return self.add_all(mine.to_vec(), rest);
        }
        self.add_all(other.to_vec().into_iter().map(|(key, count)| (key.coarser(by), count)), rest);
    }

    fn add_all(&mut self, counts: impl IntoIterator<Item = (Key, u64)>, rest: &mut Rest) {
        for (key, count) in counts {
            self.add(key, count, rest);
        }
    }

    /// Joins neighbours up to `shift`.
    pub fn coarsen(&mut self, shift: Shift, rest: &mut Rest) {
        let by = shift - self.shift();
        if by == 0 {
            return;
        }
        if let Store::List(list) = self {
            return list.coarsen(shift, rest);
        }
        let mut counts = self.to_vec();
        for (key, _) in &mut counts {
            *key = key.coarser(by);
        }
        join_equal(&mut counts);
        *self = Self::from_ascending(shift, &counts, rest);
    }

    /// A number of buckets that are certainly not empty; exact for span.
    pub fn at_least(&self) -> usize {
        match self {
            Store::List(list) => list.at_least(),
            Store::Narrow(span) => span.occupied(),
            Store::Wide(span) => span.occupied(),
        }
    }

    /// Whether [`Store::to_vec`] gives every bucket once, ascending.
    pub fn is_in_order(&self) -> bool {
        !matches!(self, Store::List(_))
    }

    /// All counts; those of a list are in no order, and a bucket may come more than once.
    pub fn to_vec(&self) -> Vec<(Key, u64)> {
        let mut counts = Vec::new();
        self.append_to(&mut counts);
        counts
    }

    /// Appends what [`Store::to_vec`] gives.
    pub fn append_to(&self, counts: &mut Vec<(Key, u64)>) {
        match self {
            Store::List(list) => counts.extend(list.iter()),
            Store::Narrow(span) => span.append_to(counts),
            Store::Wide(span) => span.append_to(counts),
        }
    }

    pub fn heap_bytes(&self) -> usize {
        match self {
            Store::List(list) => list.heap_bytes(),
            Store::Narrow(span) => span.heap_bytes(),
            Store::Wide(span) => span.heap_bytes(),
        }
    }
}

/// Whether bits are those of no zero, subnormal, infinity or NaN.
#[inline(always)]
fn is_normal(bits: u64) -> bool {
    (bits & !SIGN).wrapping_sub(SMALLEST_NORMAL) < INFINITY - SMALLEST_NORMAL
}
