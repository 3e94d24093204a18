//! Bucket counts of a group with many rows: counters in pages of 64 neighbouring buckets.
//!
//! The one idea: counting a row is two look-ups and an addition. Pages are numbered by magnitude, with both signs of
//! one magnitude side by side, so that a directory of small numbers reaches every page. Counters are one byte wide, a
//! page then one line of cache, until one of them is full.

use super::key::{Key, Shift};
use super::list::Rest;
use crate::limits::HISTOGRAM_BUCKETS;
use alloc::vec;
use alloc::vec::Vec;

const WIDTH: usize = 64;
/// Pages to make room for at once: doubling would waste more than half of what a small group takes.
const PAGES_AT_ONCE: usize = 4;

/// A counter of a page; one at its end stays there, and what does not fit goes to the rest.
pub(super) trait Counter: Copy + Default + Into<u32> + Into<u64> {
    const FULL: u32;

    /// The number, or the end if it does not fit.
    fn saturating(count: u64) -> Self;

    /// The low bits of a sum, and whether it passed the end.
    fn overflowing_add(self, other: Self) -> (Self, bool);

    /// One more; the counter must not be at its end.
    fn plus_one(self) -> Self;
}

macro_rules! counter {
    ($kind:ty) => {
        impl Counter for $kind {
            const FULL: u32 = <$kind>::MAX as u32;

            #[inline(always)]
            fn saturating(count: u64) -> Self {
                Self::try_from(count).unwrap_or(Self::MAX)
            }

            #[inline(always)]
            fn overflowing_add(self, other: Self) -> (Self, bool) {
                self.overflowing_add(other)
            }

            #[inline(always)]
            fn plus_one(self) -> Self {
                self.wrapping_add(1)
            }
        }
    };
}

counter!(u8);
counter!(u32);

type Page<C> = [C; WIDTH];

/// Counters, and how many of them are not zero.
#[derive(Clone, Debug)]
pub(super) struct Pages<C> {
    /// The number of the page that the directory starts with.
    first: u32,
    /// Places in `pages`, counted from 1; 0 for a page that is not there.
    directory: Vec<u16>,
    pages: Vec<Page<C>>,
    occupied: u32,
    pub shift: Shift,
}

/// The number of the page of a key: the magnitude's high bits, then the sign.
#[inline(always)]
fn page_number(key: Key) -> u32 {
    (((key.0 >> 6) ^ (key.0 >> 31)) << 1) as u32 | u32::from(key.is_negative())
}

#[inline(always)]
fn offset(key: Key) -> usize {
    (key.0 & 63) as usize
}

/// The key of the first counter of a page.
fn first_key(number: u32) -> i32 {
    let high = (number >> 1) as i32;
    let signed = if number & 1 == 1 { !high } else { high };
    signed << 6
}

impl<C: Counter> Pages<C> {
    /// No counts, at `shift`.
    pub fn new(shift: Shift) -> Self {
        Self { first: 0, directory: Vec::new(), pages: Vec::new(), occupied: 0, shift }
    }

    /// No counts, but all pages for these keys; `None` if they took more than `most` bytes.
    pub fn for_keys(shift: Shift, keys: impl Iterator<Item = Key> + Clone, most: usize) -> Option<Self> {
        let numbers = keys.map(page_number);
        let (first, last) = numbers.clone().fold((u32::MAX, 0), |(low, high), n| (n.min(low), n.max(high)));
        let span = last.checked_sub(first)? as usize + 1;
        let mut left = most.checked_sub(size_of::<Self>() + span * size_of::<u16>())?;
        let mut directory = vec![0; span];
        let mut places = 0;
        for number in numbers {
            let place = &mut directory[(number - first) as usize];
            if *place == 0 {
                left = left.checked_sub(size_of::<Page<C>>())?;
                places += 1;
                *place = places;
            }
        }
        Some(Self { first, directory, pages: vec![[C::default(); WIDTH]; usize::from(places)], occupied: 0, shift })
    }

    /// Counts one row in the bucket that holds `finest`; false, and nothing done, when that takes more than adding one:
    /// its page is not there, its counter is full, or it is one bucket too many.
    #[inline(always)]
    pub fn count(&mut self, finest: Key) -> bool {
        let key = finest.coarser(self.shift);
        let at = page_number(key).wrapping_sub(self.first) as usize;
        let Some(&place) = self.directory.get(at) else { return false };
        let Some(page) = self.pages.get_mut(usize::from(place).wrapping_sub(1)) else { return false };
        let counter = &mut page[offset(key)];
        let is_new = is_zero(*counter);
        // one branch: whether a bucket is new is hard to predict
        let is_more =
            (Into::<u32>::into(*counter) == C::FULL) | (is_new & (self.occupied as usize >= HISTOGRAM_BUCKETS));
        if is_more {
            return false;
        }
        *counter = counter.plus_one();
        self.occupied += u32::from(is_new);
        true
    }

    /// Adds to a bucket at the pages' shift; gives back what does not fit its counter.
    #[inline(always)]
    pub fn add(&mut self, key: Key, count: u64) -> u64 {
        let page = self.page(page_number(key));
        let counter = &mut page[offset(key)];
        let before: u64 = (*counter).into();
        let sum = before.saturating_add(count);
        *counter = C::saturating(sum);
        let fitting: u64 = (*counter).into();
        self.occupied += u32::from(before == 0 && count > 0);
        sum - fitting
    }

    /// The page of that number, made when it is not there.
    #[inline(always)]
    fn page(&mut self, number: u32) -> &mut Page<C> {
        let at = number.wrapping_sub(self.first) as usize;
        let mut place = self.directory.get(at).copied().unwrap_or(0);
        if place == 0 {
            place = self.make_page(number);
        }
        &mut self.pages[usize::from(place) - 1]
    }

    #[inline(never)]
    fn make_page(&mut self, number: u32) -> u16 {
        if self.directory.is_empty() {
            self.first = number;
        }
        if number < self.first {
            let more = (self.first - number) as usize;
            self.directory.splice(0..0, core::iter::repeat_n(0, more));
            self.first = number;
        }
        let at = (number - self.first) as usize;
        if at >= self.directory.len() {
            self.directory.resize(at + 1, 0);
        }
        if self.pages.len() == self.pages.capacity() {
            self.pages.reserve_exact(PAGES_AT_ONCE);
        }
        self.pages.push([C::default(); WIDTH]);
        // cannot truncate: no page is empty, and two histograms of 1024 buckets each are the most that meet here
        let place = self.pages.len() as u16;
        self.directory[at] = place;
        place
    }

    /// Adds all counts of pages at the same shift.
    pub fn absorb<D: Counter + Into<C>>(&mut self, other: &Pages<D>, rest: &mut Rest) {
        for (number, theirs) in other.numbered() {
            let mine = self.page(number);
            let mut sums = [C::default(); WIDTH];
            let mut new = 0u8;
            let mut passed = false;
            for ((sum, &a), &b) in sums.iter_mut().zip(mine.iter()).zip(theirs) {
                let (total, over) = a.overflowing_add(b.into());
                *sum = total;
                // cannot wrap: a page has 64 counters
                new += u8::from(is_zero(a) & !is_zero(b));
                passed |= over;
            }
            if !passed {
                *mine = sums;
                self.occupied += u32::from(new);
                continue;
            }
            let counts = (first_key(number)..).map(Key).zip(theirs).filter(|(_, &count)| !is_zero(count));
            self.add_all(counts.map(|(key, &count)| (key, count.into())), rest);
        }
    }

    /// The same counts in counters of another width, or with neighbours joined up to `shift`.
    pub fn rebuilt<D: Counter>(&self, shift: Shift, rest: &mut Rest) -> Pages<D> {
        let by = shift - self.shift;
        let mut rebuilt = Pages::new(shift);
        rebuilt.add_all(self.to_vec().into_iter().map(|(key, count)| (key.coarser(by), count)), rest);
        rebuilt
    }

    /// Adds to many buckets; what does not fit goes to `rest`.
    pub fn add_all(&mut self, counts: impl Iterator<Item = (Key, u64)>, rest: &mut Rest) {
        for (key, count) in counts {
            let left = self.add(key, count);
            if left > 0 {
                rest.push((key, left));
            }
        }
    }

    /// How many buckets are not empty.
    pub fn occupied(&self) -> usize {
        self.occupied as usize
    }

    /// Bytes of the directory and the pages.
    pub fn heap_bytes(&self) -> usize {
        self.directory.capacity() * size_of::<u16>() + self.pages.capacity() * size_of::<Page<C>>()
    }

    fn numbered(&self) -> impl DoubleEndedIterator<Item = (u32, &Page<C>)> + '_ {
        let there = self.directory.iter().enumerate().filter(|(_, &place)| place != 0);
        // cannot truncate: the directory spans at most the page numbers there are, some 13,000
        there.map(|(at, &place)| (self.first + at as u32, &self.pages[usize::from(place) - 1]))
    }

    /// Every bucket that is not empty, ascending.
    pub fn to_vec(&self) -> Vec<(Key, u64)> {
        let mut counts = Vec::with_capacity(self.occupied());
        let negative = self.numbered().rev().filter(|(number, _)| number & 1 == 1);
        let positive = self.numbered().filter(|(number, _)| number & 1 == 0);
        for (number, page) in negative.chain(positive) {
            // which counters are zero is hard to predict: all are written, and the next one over a zero
            let mut found = [(Key(0), 0u64); WIDTH];
            let mut length = 0;
            for (key, &count) in (first_key(number)..).map(Key).zip(page) {
                found[length % WIDTH] = (key, count.into());
                length += usize::from(!is_zero(count));
            }
            counts.extend_from_slice(&found[..length.min(WIDTH)]);
        }
        counts
    }
}

#[inline(always)]
fn is_zero<C: Counter>(counter: C) -> bool {
    Into::<u32>::into(counter) == 0
}
