//! Which groups a rollup has: a bucket start and a key tuple each.
//!
//! The one idea: rows ask for the same few groups again and again, which are found by a direct index (`recent`); only
//! what is not there asks the hash table.

use super::keys::{too_many_groups, Keys, KeysMark};
use super::recent::Recent;
use crate::error::Result;
use crate::secret::{compared, Secret};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use hashbrown::HashTable;

/// The groups, in the order in which they were first seen.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    pub(crate) keys: Keys,
    buckets: Vec<i64>,
    tuples: Vec<u32>,
    index: HashTable<u32>,
    recent: Recent,
}

/// How many of everything there were, to go back to.
#[derive(Clone, Debug)]
pub(crate) struct GroupsMark {
    keys: KeysMark,
    len: usize,
}

impl Groups {
    pub(crate) fn new(key_width: usize) -> Self {
        Self {
            keys: Keys::new(key_width),
            buckets: Vec::new(),
            tuples: Vec::new(),
            index: HashTable::new(),
            recent: Recent::default(),
        }
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
        let secret = Secret::of_process();
        let place = |bucket: i64, tuple: u32| secret.words([bucket as u64, u64::from(tuple)]);
        let hash = place(bucket, tuple);
        let same = |&group: &u32| {
            compared();
            buckets[group as usize] == bucket && tuples[group as usize] == tuple
        };
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
        self.index.insert_unique(hash, group, |&group| place(buckets[group as usize], tuples[group as usize]));
        Ok(group)
    }

    /// Turns the tuple of every kept row into its group, in place; buckets mostly lie a multiple of `spacing_us` apart.
    pub(crate) fn assign(
        &mut self,
        starts: &[i64],
        kept: Option<&[bool]>,
        tuples_to_groups: &mut [u32],
        spacing_us: i64,
        max: usize,
    ) -> Result<()> {
        // apart from the groups while these grow
        let mut recent = core::mem::take(&mut self.recent);
        recent.start(starts.len(), self.keys.len(), self.len(), spacing_us);
        let rows = tuples_to_groups.iter_mut().zip(starts);
        match kept {
            None => self.assign_rows(&mut recent, rows, max),
            Some(kept) => {
                let rows = rows.zip(kept).filter(|(_, &kept)| kept).map(|(row, _)| row);
                self.assign_rows(&mut recent, rows, max)
            }
        }?;
        recent.end(self.len());
        self.recent = recent;
        Ok(())
    }

    #[inline(always)]
    fn assign_rows<'r>(
        &mut self,
        recent: &mut Recent,
        rows: impl Iterator<Item = (&'r mut u32, &'r i64)>,
        max: usize,
    ) -> Result<()> {
        for (slot, &start) in rows {
            *slot = match recent.get(start, *slot) {
                Some(group) => group,
                None => self.look_up(recent, start, *slot, max)?,
            };
        }
        Ok(())
    }

    /// Apart from the loop over the rows, whose values stay in registers.
    #[cold]
    #[inline(never)]
    fn look_up(&mut self, recent: &mut Recent, start: i64, tuple: u32, max: usize) -> Result<u32> {
        let group = self.find_or_add(start, tuple, max)?;
        recent.set(start, tuple, group);
        Ok(group)
    }

    /// The groups by bucket, then key values: the order of bytes and results.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let ranks = self.tuple_ranks();
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let place = |g: u32| (self.buckets[g as usize], ranks[self.tuples[g as usize] as usize]);
        crate::sort::by(&mut order, |&a, &b| place(a).cmp(&place(b)));
        order
    }

    /// The place of each tuple among all tuples by their values, NULL last.
    pub(crate) fn tuple_ranks(&self) -> Vec<u32> {
        let mut by_value: Vec<u32> = (0..self.keys.len() as u32).collect();
        crate::sort::by(&mut by_value, |&a, &b| self.compare_tuples(a, b));
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
            self.recent = Recent::default();
            self.index.retain(|&mut group| (group as usize) < mark.len);
            self.buckets.truncate(mark.len);
            self.tuples.truncate(mark.len);
        }
        self.keys.back_to(&mark.keys);
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let groups = self.buckets.capacity() * 8 + self.tuples.capacity() * 4 + self.index.allocation_size();
        self.keys.heap_bytes() + groups + self.recent.heap_bytes()
    }
}
