//! Which groups a rollup has: a bucket start and a key tuple each.
//!
//! The one idea: a batch has few buckets and few keys, so that the groups of its buckets are found by a direct index;
//! only a new pair of both asks the hash table.

use super::keys::{too_many_groups, Keys, KeysMark};
use crate::error::Result;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use hashbrown::HashTable;

/// Not looked up yet.
const NONE: u32 = u32::MAX;
/// Past all lines, with room for a tuple above.
const NO_LINE: usize = usize::MAX / 2;

/// The groups, in the order in which they were first seen.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    pub(crate) keys: Keys,
    buckets: Vec<i64>,
    tuples: Vec<u32>,
    index: HashTable<u32>,
}

/// How many of everything there were, to go back to.
#[derive(Clone, Debug)]
pub(crate) struct GroupsMark {
    keys: KeysMark,
    len: usize,
}

impl Groups {
    pub(crate) fn new(key_width: usize) -> Self {
        Self { keys: Keys::new(key_width), buckets: Vec::new(), tuples: Vec::new(), index: HashTable::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.buckets.len()
    }

    pub(crate) fn bucket(&self, group: usize) -> i64 {
        self.buckets[group]
    }

    pub(crate) fn buckets(&self) -> &[i64] {
        &self.buckets
    }

    pub(crate) fn tuple(&self, group: usize) -> u32 {
        self.tuples[group]
    }

    /// The group of a bucket and tuple, made when it is new.
    pub(crate) fn find_or_add(&mut self, bucket: i64, tuple: u32, max: usize) -> Result<u32> {
        let (buckets, tuples) = (&self.buckets, &self.tuples);
        let hash = hash_group(bucket, tuple);
        let same = |&group: &u32| buckets[group as usize] == bucket && tuples[group as usize] == tuple;
        if let Some(&group) = self.index.find(hash, same) {
            return Ok(group);
        }
        if self.buckets.len() >= max {
            return Err(too_many_groups(max));
        }
        // cannot truncate: at most `max` groups, which is a u32
        let group = self.buckets.len() as u32;
        self.buckets.push(bucket);
        self.tuples.push(tuple);
        let (buckets, tuples) = (&self.buckets, &self.tuples);
        self.index.insert_unique(hash, group, |&group| hash_group(buckets[group as usize], tuples[group as usize]));
        Ok(group)
    }

    /// Turns the tuple of every kept row into its group, in place.
    pub(crate) fn assign(
        &mut self,
        starts: &[i64],
        kept: Option<&[bool]>,
        tuples_to_groups: &mut [u32],
        max: usize,
    ) -> Result<()> {
        let rows = tuples_to_groups.iter_mut().zip(starts).enumerate();
        match kept {
            None => self.assign_rows(rows, starts.len(), max),
            Some(kept) => self.assign_rows(rows.filter(|(row, _)| kept[*row]), starts.len(), max),
        }
    }

    #[inline(always)]
    fn assign_rows<'r>(
        &mut self,
        rows: impl Iterator<Item = (usize, (&'r mut u32, &'r i64))>,
        count: usize,
        max: usize,
    ) -> Result<()> {
        let mut lines = Lines::new(self.keys.len(), count);
        let mut line = NO_LINE;
        // no bucket starts there
        let mut bucket = i64::MIN;
        for (row, (slot, &start)) in rows {
            if bucket != start {
                bucket = start;
                line = lines.find_or_add(start, row);
            }
            let place = line + *slot as usize;
            *slot = match lines.groups.get(place) {
                Some(&group) if group != NONE => group,
                _ => {
                    let group = self.find_or_add(start, *slot, max)?;
                    lines.set(place, group);
                    group
                }
            };
        }
        Ok(())
    }

    /// The groups by bucket, then key values: the order of bytes and results.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let ranks = self.tuple_ranks();
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        order.sort_unstable_by_key(|&g| (self.buckets[g as usize], ranks[self.tuples[g as usize] as usize]));
        order
    }

    /// The place of each tuple among all tuples by their values, NULL last.
    pub(crate) fn tuple_ranks(&self) -> Vec<u32> {
        let mut by_value: Vec<u32> = (0..self.keys.len() as u32).collect();
        by_value.sort_unstable_by(|&a, &b| self.compare_tuples(a, b));
        let mut ranks = vec![0; by_value.len()];
        for (rank, &tuple) in by_value.iter().enumerate() {
            ranks[tuple as usize] = rank as u32;
        }
        ranks
    }

    fn compare_tuples(&self, a: u32, b: u32) -> Ordering {
        self.keys
            .values(a)
            .zip(self.keys.values(b))
            .map(|(a, b)| (a.is_null(), a.as_scalar()).cmp(&(b.is_null(), b.as_scalar())))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    pub(crate) fn mark(&self) -> GroupsMark {
        GroupsMark { keys: self.keys.mark(), len: self.len() }
    }

    pub(crate) fn back_to(&mut self, mark: &GroupsMark) {
        if mark.len < self.len() {
            self.index.retain(|&mut group| (group as usize) < mark.len);
            self.buckets.truncate(mark.len);
            self.tuples.truncate(mark.len);
        }
        self.keys.back_to(&mark.keys);
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.keys.heap_bytes() + self.buckets.capacity() * 8 + self.tuples.capacity() * 4 + self.index.allocation_size()
    }
}

/// The groups of some buckets, by tuple: what rows of a batch ask for again and again.
struct Lines {
    tuples: usize,
    /// For each bucket a line of as many groups as there are tuples.
    groups: Vec<u32>,
    starts: HashTable<(i64, usize)>,
    /// Most groups at once.
    most: usize,
    /// The row from which on there were no lines.
    since: usize,
}

impl Lines {
    fn new(tuples: usize, rows: usize) -> Self {
        let most = rows.saturating_mul(4).max(1 << 12);
        Self { tuples, groups: Vec::new(), starts: HashTable::new(), most, since: 0 }
    }

    fn set(&mut self, place: usize, group: u32) {
        if let Some(there) = self.groups.get_mut(place) {
            *there = group;
        }
    }

    /// Where the line of a bucket starts; [`NO_LINE`] when there is no room and too few rows have used what is there.
    fn find_or_add(&mut self, start: i64, row: usize) -> usize {
        let hash = hash_group(start, 0);
        if let Some(&(_, line)) = self.starts.find(hash, |&(known, _)| known == start) {
            return line;
        }
        if self.groups.len() + self.tuples > self.most {
            // clearing costs no more than the rows that were served
            if 8 * (row - self.since) < self.groups.len() {
                return NO_LINE;
            }
            self.groups.clear();
            self.starts.clear();
            self.since = row;
        }
        let line = self.groups.len();
        self.groups.resize(line + self.tuples, NONE);
        self.starts.insert_unique(hash, (start, line), |&(known, _)| hash_group(known, 0));
        line
    }
}

fn hash_group(bucket: i64, tuple: u32) -> u64 {
    let mixed = (bucket as u64 ^ u64::from(tuple).rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xff51_afd7_ed55_8ccd)
}
