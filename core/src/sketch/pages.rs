//! Bucket counts of a group with many rows: counters in pages of 64 neighbouring buckets.
//!
//! The one idea: counting a row is two look-ups and an addition. Pages are numbered by magnitude, with both signs of
//! one magnitude side by side, so that a directory of small numbers reaches every page.

use super::key::{Key, Shift};
use super::list::Rest;
use alloc::vec::Vec;

const WIDTH: usize = 64;
/// A counter at its end stays there; what does not fit goes to the rest.
const FULL: u32 = u32::MAX;

type Page = [u32; WIDTH];

/// Counters, and how many of them are not zero.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    /// The number of the page that the directory starts with.
    first: u32,
    /// Places in `pages`; 0 for a page that is not there.
    directory: Vec<u16>,
    /// The page at place 0 stays empty: it answers for all that are not there.
    pages: Vec<Page>,
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

impl Pages {
    /// No counts, at `shift`.
    pub fn new(shift: Shift) -> Self {
        Self { first: 0, directory: Vec::new(), pages: vec_of_one_page(), occupied: 0, shift }
    }

    /// What the pages for these ascending keys take in memory.
    pub fn bytes_for(keys: impl Iterator<Item = Key>) -> usize {
        let mut pages = 0;
        let mut previous = u32::MAX;
        let (mut low, mut high) = (u32::MAX, 0);
        for key in keys {
            let number = page_number(key);
            if number != previous {
                pages += 1;
                previous = number;
                low = low.min(number);
                high = high.max(number);
            }
        }
        let directory = high.saturating_sub(low) as usize * size_of::<u16>();
        pages * size_of::<Page>() + directory
    }

    /// Counts one row in the bucket that holds `finest`; false, and nothing done, when that bucket is new or full.
    #[inline(always)]
    pub fn count(&mut self, finest: Key) -> bool {
        let key = finest.coarser(self.shift);
        let at = page_number(key).wrapping_sub(self.first) as usize;
        let Some(&place) = self.directory.get(at) else { return false };
        let Some(page) = self.pages.get_mut(usize::from(place)) else { return false };
        let counter = &mut page[offset(key)];
        // neither 0 nor FULL, in one comparison
        let counts_on = counter.wrapping_sub(1) < FULL - 1;
        if counts_on {
            *counter += 1;
        }
        counts_on
    }

    /// Adds to a bucket at the pages' shift.
    pub fn add(&mut self, key: Key, count: u64, rest: &mut Rest) {
        let page = self.page(page_number(key));
        let counter = &mut page[offset(key)];
        let is_new = *counter == 0;
        let sum = u64::from(*counter).saturating_add(count);
        let fitting = sum.min(u64::from(FULL));
        // cannot truncate: the minimum is a u32
        *counter = fitting as u32;
        if sum > fitting {
            rest.push((key, sum - fitting));
        }
        self.occupied += u32::from(is_new && count > 0);
    }

    /// The page of that number, made when it is not there.
    fn page(&mut self, number: u32) -> &mut Page {
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
        if self.directory[at] == 0 {
            // cannot truncate: no page is empty, and two histograms of 1024 buckets each are the most that meet here
            self.directory[at] = self.pages.len() as u16;
            self.pages.push([0; WIDTH]);
        }
        &mut self.pages[usize::from(self.directory[at])]
    }

    /// Adds all counts of pages at the same shift.
    pub fn absorb(&mut self, other: &Self, rest: &mut Rest) {
        for (number, theirs) in other.numbered() {
            let mine = self.page(number);
            let mut sums = [0; WIDTH];
            let mut new = 0;
            let mut wrapped = false;
            for ((sum, &a), &b) in sums.iter_mut().zip(mine.iter()).zip(theirs) {
                *sum = a.wrapping_add(b);
                new += u32::from(a == 0 && b != 0);
                wrapped |= *sum < a;
            }
            if wrapped {
                for (key, count) in counts_of(number, theirs) {
                    self.add(key, count, rest);
                }
            } else {
                *mine = sums;
                self.occupied += new;
            }
        }
    }

    /// The same counts with neighbours joined up to `shift`.
    pub fn coarser(&self, shift: Shift, rest: &mut Rest) -> Self {
        let by = shift - self.shift;
        let mut joined = Self::new(shift);
        for (key, count) in self.iter() {
            joined.add(key.coarser(by), count, rest);
        }
        joined
    }

    /// How many buckets are not empty.
    pub fn occupied(&self) -> usize {
        self.occupied as usize
    }

    /// Bytes of the directory and the pages.
    pub fn heap_bytes(&self) -> usize {
        self.directory.capacity() * size_of::<u16>() + self.pages.capacity() * size_of::<Page>()
    }

    fn numbered(&self) -> impl DoubleEndedIterator<Item = (u32, &Page)> + '_ {
        let there = self.directory.iter().enumerate().filter(|(_, &place)| place != 0);
        // cannot truncate: the directory spans at most the page numbers there are, some 13,000
        there.map(|(at, &place)| (self.first + at as u32, &self.pages[usize::from(place)]))
    }

    /// Every bucket that is not empty, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (Key, u64)> + '_ {
        let negative = self.numbered().rev().filter(|(number, _)| number & 1 == 1);
        let positive = self.numbered().filter(|(number, _)| number & 1 == 0);
        negative.chain(positive).flat_map(|(number, page)| counts_of(number, page))
    }
}

fn vec_of_one_page() -> Vec<Page> {
    let mut pages = Vec::with_capacity(4);
    pages.push([0; WIDTH]);
    pages
}

fn counts_of(number: u32, page: &Page) -> impl Iterator<Item = (Key, u64)> + '_ {
    let keys = (first_key(number)..).map(Key);
    keys.zip(page).filter(|(_, &count)| count != 0).map(|(key, &count)| (key, u64::from(count)))
}
