//! Bucket counts of a group with many rows: a counter for each bucket from the first to the last of each sign.
//!
//! The one idea: counting a row is a subtraction and an addition at one place of memory, and adding two groups is adding
//! their counters one by one. Counters are one byte wide until one of them is full.

use super::key::{Key, Shift};
use super::list::Rest;
use crate::limits::HISTOGRAM_BUCKETS;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A span starts and ends at multiples of this, so that it grows seldom and counters are added as many at once.
pub(super) const CHUNK: usize = 64;
/// Bytes that memory hands over at once.
const LINE: usize = 64;
/// Counters there may be for each that is not zero: a list takes half as many bytes.
pub(super) const FOR_EACH: usize = 16;
/// Counters that any group of many rows may have: 32 octaves at the scale that is usual.
pub(super) const FREE: usize = 2048;

/// A counter; one at its end stays there, and what does not fit goes to the rest.
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

/// Counters, and how many of them are not zero.
#[derive(Clone, Debug)]
pub(super) struct Span<C> {
    /// Those of the positive values, then those of the negative ones; each ascend by key.
    counters: Box<[C]>,
    /// The first key of each sign.
    first: [i32; 2],
    /// How many of each sign, multiples of [`CHUNK`].
    length: [u16; 2],
    occupied: u16,
    pub shift: Shift,
}

impl<C: Counter> Span<C> {
    /// No counts, but at most `most` counters for these keys; `None` if they need more.
    pub fn for_keys(shift: Shift, keys: impl Iterator<Item = Key>, most: usize) -> Option<Self> {
        let mut ends = [(i32::MAX, i32::MIN); 2];
        for key in keys {
            let (low, high) = &mut ends[sign(key)];
            (*low, *high) = (key.0.min(*low), key.0.max(*high));
        }
        let mut span = Self { counters: Box::default(), first: [0; 2], length: [0; 2], occupied: 0, shift };
        let reached = ends.iter().all(|&(low, high)| low > high || span.reach(low, high, most));
        reached.then_some(span)
    }

    /// Counts of different ascending buckets, each of which fits a counter; `None` if there would be more than `most`.
    pub fn of_ascending(shift: Shift, counts: &[(Key, u64)], most: usize) -> Option<Self> {
        let (negative, positive) = counts.split_at(counts.partition_point(|(key, _)| key.is_negative()));
        let ends = [negative.first(), negative.last(), positive.first(), positive.last()];
        let mut span = Self::for_keys(shift, ends.into_iter().flatten().map(|&(key, _)| key), most)?;
        let (positives, negatives) = span.counters.split_at_mut(span.length[0].into());
        for (counters, first, counts) in [(positives, span.first[0], positive), (negatives, span.first[1], negative)] {
            for &(key, count) in counts {
                if let Some(counter) = counters.get_mut(key.0.wrapping_sub(first) as usize) {
                    *counter = C::saturating(count);
                }
            }
        }
        // cannot truncate: two histograms of 1024 buckets each are the most that meet here
        span.occupied = counts.len() as u16;
        Some(span)
    }

    /// Reads every line of the counters.
    #[inline(always)]
    pub fn touch(&self) -> u64 {
        self.counters.iter().step_by(LINE / size_of::<C>()).fold(0, |sum, &count| sum ^ Into::<u64>::into(count))
    }

    /// Counts one row in the bucket that holds `finest`; false, and nothing done, when that takes more than adding one:
    /// it is outside the span, its counter is full, or it is one bucket too many.
    #[inline(always)]
    pub fn count(&mut self, finest: Key) -> bool {
        let place = self.place(finest.coarser(self.shift));
        let Some(counter) = place.and_then(|at| self.counters.get_mut(at)) else { return false };
        let is_new = is_zero(*counter);
        // one branch: whether a bucket is new is hard to predict
        let is_more =
            (Into::<u32>::into(*counter) == C::FULL) | (is_new & (usize::from(self.occupied) >= HISTOGRAM_BUCKETS));
        if is_more {
            return false;
        }
        *counter = counter.plus_one();
        self.occupied += u16::from(is_new);
        true
    }

    /// Adds to a bucket at the span's shift; gives back what does not fit its counter, or `None`, and nothing done, when
    /// the span would have too many counters.
    pub fn add(&mut self, key: Key, count: u64) -> Option<u64> {
        if self.place(key).is_none() && !self.reach(key.0, key.0, self.most(1)) {
            return None;
        }
        let counter = self.counters.get_mut(self.place(key)?)?;
        let before: u64 = (*counter).into();
        let sum = before.saturating_add(count);
        *counter = C::saturating(sum);
        let fitting: u64 = (*counter).into();
        // cannot overflow: two histograms of 1024 buckets each are the most that meet here
        self.occupied += u16::from(before == 0 && count > 0);
        Some(sum - fitting)
    }

    /// Adds all counts of a span at the same shift; false, and nothing done, when that takes too many counters.
    pub fn absorb<D: Counter + Into<C>>(&mut self, other: &Span<D>, rest: &mut Rest) -> bool {
        let most = self.most(other.occupied());
        for (first, counters) in other.signs() {
            if !counters.is_empty() && !self.reach(first, first + counters.len() as i32 - 1, most) {
                return false;
            }
        }
        for (first, counters) in other.signs() {
            for (key, theirs) in chunks((first, counters)) {
                let place = self.place(key).unwrap_or_default();
                let Some(mine) = self.counters.get_mut(place..).and_then(<[C]>::first_chunk_mut::<CHUNK>) else {
                    // cannot be reached: the span holds whole chunks, theirs among them
                    continue;
                };
                let mut sums = [C::default(); CHUNK];
                let mut new = 0u8;
                let mut passed = false;
                for ((sum, &a), &b) in sums.iter_mut().zip(mine.iter()).zip(theirs) {
                    let (total, over) = a.overflowing_add(b.into());
                    *sum = total;
                    // cannot wrap: a chunk has 64 counters
                    new += u8::from(is_zero(a) & !is_zero(b));
                    passed |= over;
                }
                if !passed {
                    *mine = sums;
                    self.occupied += u16::from(new);
                    continue;
                }
                for (key, &count) in (key.0..).map(Key).zip(theirs) {
                    let left = self.add(key, count.into()).unwrap_or_default();
                    if left > 0 {
                        rest.push((key, left));
                    }
                }
            }
        }
        true
    }

    /// The same counts in wider counters.
    pub fn widened<D: Counter + From<C>>(&self) -> Span<D> {
        let Self { first, length, occupied, shift, .. } = *self;
        Span { counters: self.counters.iter().map(|&count| count.into()).collect(), first, length, occupied, shift }
    }

    /// How many buckets are not empty.
    pub fn occupied(&self) -> usize {
        self.occupied.into()
    }

    /// Bytes of the counters.
    pub fn heap_bytes(&self) -> usize {
        self.counters.len() * size_of::<C>()
    }

    /// Appends every bucket that is not empty, ascending.
    pub fn append_to(&self, counts: &mut Vec<(Key, u64)>) {
        counts.reserve(self.occupied());
        let [positive, negative] = self.signs();
        for (first, counters) in [negative, positive] {
            for (Key(first), chunk) in chunks((first, counters)) {
                // which counters are zero is hard to predict: all are written, and the next one over a zero
                let mut found = [(Key(0), 0u64); CHUNK];
                let mut length = 0;
                for (key, &count) in (first..).map(Key).zip(chunk) {
                    found[length % CHUNK] = (key, count.into());
                    length += usize::from(!is_zero(count));
                }
                counts.extend_from_slice(&found[..length.min(CHUNK)]);
            }
        }
    }

    /// The counters in chunks, ascending, each with its first key.
    pub fn chunks(&self) -> impl Iterator<Item = (Key, &[C; CHUNK])> + Clone {
        let [positive, negative] = self.signs();
        chunks(negative).chain(chunks(positive))
    }

    /// The first key and the counters of positive and of negative values.
    fn signs(&self) -> [(i32, &[C]); 2] {
        let (positive, negative) = self.counters.split_at(self.length[0].into());
        [(self.first[0], positive), (self.first[1], negative)]
    }

    /// Where the counter of a key stands.
    #[inline(always)]
    fn place(&self, key: Key) -> Option<usize> {
        let sign = sign(key);
        let at = key.0.wrapping_sub(self.first[sign]) as u32;
        let before: usize = if sign == 0 { 0 } else { self.length[0].into() };
        // what is past the counters may be past 32 bits too, and is no place
        (at < self.length[sign].into()).then_some(before.wrapping_add(at as usize))
    }

    /// The most counters once `more` further ones are not zero.
    fn most(&self, more: usize) -> usize {
        (FOR_EACH * (self.occupied() + more)).max(FREE)
    }

    /// Makes room for all keys from `low` to `high`, of one sign; false, and nothing done, if that takes more than
    /// `most` counters.
    #[inline(never)]
    fn reach(&mut self, low: i32, high: i32, most: usize) -> bool {
        let sign = sign(Key(low));
        let mask = CHUNK as i32 - 1;
        let (mut start, mut end) = (low & !mask, (high | mask) + 1);
        if self.length[sign] > 0 {
            start = start.min(self.first[sign]);
            end = end.max(self.first[sign] + i32::from(self.length[sign]));
        }
        let others = self.counters.len() - usize::from(self.length[sign]);
        let length = (end - start) as usize;
        let Ok(short) = u16::try_from(length) else { return false };
        if others + length > most {
            return false;
        }
        if short == self.length[sign] {
            return true;
        }
        let mut reached = Self { counters: vec![C::default(); others + length].into(), ..*self };
        reached.first[sign] = start;
        reached.length[sign] = short;
        for (first, counters) in self.signs() {
            let place = reached.place(Key(first)).unwrap_or_default();
            if let Some(room) = reached.counters.get_mut(place..place + counters.len()) {
                room.copy_from_slice(counters);
            }
        }
        *self = reached;
        true
    }
}

/// The counters of one sign in chunks, each with its first key.
fn chunks<C>((first, counters): (i32, &[C])) -> impl Iterator<Item = (Key, &[C; CHUNK])> + Clone {
    // cannot truncate: a span has fewer counters than there are keys
    (0..).zip(counters.as_chunks::<CHUNK>().0).map(move |(at, chunk)| (Key(first + at * CHUNK as i32), chunk))
}

/// 0 for positive values, 1 for negative ones.
#[inline(always)]
fn sign(key: Key) -> usize {
    usize::from(key.is_negative())
}

#[inline(always)]
fn is_zero<C: Counter>(counter: C) -> bool {
    Into::<u32>::into(counter) == 0
}
