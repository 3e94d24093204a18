//! Bucket counts of a group that is still small: a list of (bucket, count).
//!
//! The one idea: a row appends to the end. When the list is full, it is sorted and equal buckets are joined; if that
//! frees less than half, it grows. A group of few rows costs 8 bytes a row.

use super::key::{Key, Shift};
use alloc::vec::Vec;

/// Counts that did not fit where they belong.
pub(super) type Rest = Vec<(Key, u64)>;

/// Entries that are collected before the first sorting pays.
const UNSORTED: usize = 64;
/// Entries of the first allocation.
const SMALLEST: usize = 8;
/// Turns the sign of a key so that unsigned order is the order of keys.
const TURN: u32 = 1 << 31;

/// Entries, the first `joined` of them sorted and of different buckets.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    /// The key above, the count (1 to 2^32 − 1) below.
    entries: Vec<u64>,
    joined: u32,
    pub shift: Shift,
}

fn entry(key: Key, count: u32) -> u64 {
    u64::from(key.0 as u32 ^ TURN) << 32 | u64::from(count)
}

fn key_of(entry: u64) -> Key {
    Key(((entry >> 32) as u32 ^ TURN) as i32)
}

fn count_of(entry: u64) -> u64 {
    entry & 0xffff_ffff
}

impl List {
    /// An empty list at `shift`.
    pub fn new(shift: Shift) -> Self {
        Self { entries: Vec::new(), joined: 0, shift }
    }

    /// Counts of different ascending buckets.
    pub fn from_ascending(shift: Shift, counts: &[(Key, u64)], rest: &mut Rest) -> Self {
        let mut list = Self::new(shift);
        list.entries.reserve_exact(counts.len());
        for &(key, count) in counts {
            list.add(key, count, rest);
        }
        // cannot truncate: a histogram has at most 1024 buckets
        list.joined = counts.len() as u32;
        list
    }

    /// Reads the end, where entries are added.
    #[inline(always)]
    pub fn touch(&self) -> u64 {
        self.entries.last().copied().unwrap_or_default()
    }

    /// Counts one row in the bucket that holds `finest`; false when there is no room.
    #[inline(always)]
    pub fn count(&mut self, finest: Key) -> bool {
        let room = self.entries.len() < self.entries.capacity();
        if room {
            self.entries.push(entry(finest.coarser(self.shift), 1));
        }
        room
    }

    /// Adds to a bucket at the list's shift.
    pub fn add(&mut self, key: Key, count: u64, rest: &mut Rest) {
        let fitting = count.min(u64::from(u32::MAX));
        if count > fitting {
            rest.push((key, count - fitting));
        }
        // cannot truncate: the minimum is a u32
        self.entries.push(entry(key, fitting as u32));
    }

    /// Whether the next entry needs room to be made.
    pub fn is_full(&self) -> bool {
        self.entries.len() == self.entries.capacity()
    }

    /// Whether sorting is worth its time.
    pub fn is_long(&self) -> bool {
        self.entries.len() >= UNSORTED
    }

    /// Doubles the room unless half of it is free.
    pub fn grow(&mut self) {
        let wanted = (2 * self.entries.len()).max(SMALLEST);
        if self.entries.capacity() < wanted {
            self.entries.reserve_exact(wanted - self.entries.len());
        }
    }

    /// Sorts, and joins entries of one bucket.
    pub fn join(&mut self, rest: &mut Rest) {
        if self.joined as usize == self.entries.len() {
            return;
        }
        let (sorted, tail) = self.entries.split_at_mut(self.joined as usize);
        crate::sort::numbers(tail);
        if sorted.last().zip(tail.first()).is_some_and(|(a, b)| a > b) {
            crate::sort::join_runs(&mut self.entries, self.joined as usize);
        }
        self.entries.dedup_by(|later, kept| {
            if *later >> 32 != *kept >> 32 {
                return false;
            }
            let count = count_of(*later) + count_of(*kept);
            let fitting = count.min(u64::from(u32::MAX));
            if count > fitting {
                rest.push((key_of(*kept), count - fitting));
            }
            *kept = *kept >> 32 << 32 | fitting;
            true
        });
        // cannot truncate: a group holds at most a few thousand entries
        self.joined = self.entries.len() as u32;
    }

    /// Joins neighbours up to `shift`.
    pub fn coarsen(&mut self, shift: Shift, rest: &mut Rest) {
        let by = shift - self.shift;
        for e in &mut self.entries {
            *e = entry(key_of(*e).coarser(by), count_of(*e) as u32);
        }
        self.shift = shift;
        self.joined = 0;
        self.join(rest);
    }

    /// A number of buckets that are certainly not empty; exact after [`List::join`].
    pub fn at_least(&self) -> usize {
        self.joined as usize
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of the room taken.
    pub fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<u64>()
    }

    /// Every entry, in no order; a bucket may come more than once.
    pub fn iter(&self) -> impl Iterator<Item = (Key, u64)> + Clone + '_ {
        self.entries.iter().map(|&e| (key_of(e), count_of(e)))
    }
}
