//! How many rows there were, or how many of them had a value or a NaN.
//!
//! Law: addition. Error: none. Memory: 8 bytes a group.

use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use alloc::vec::Vec;

/// A counter per group.
#[derive(Clone, Debug, Default)]
pub struct CountColumn {
    counts: Vec<u64>,
}

impl CountColumn {
    /// No groups yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.counts.len() {
            self.counts.resize(groups, 0);
        }
    }

    /// Counts the present rows.
    pub fn update(&mut self, rows: &Rows) {
        for run in rows.runs() {
            // cannot overflow: a rollup has at most 2^62 rows
            self.counts[run.group()] += run.len() as u64;
        }
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        // cannot overflow: the rows of both together are at most 2^62
        self.counts[into] += other.counts[from];
    }

    /// The count; 0 of nothing.
    #[must_use]
    pub fn count(&self, group: usize) -> u64 {
        self.counts[group]
    }

    /// Appends the count as a varint.
    pub fn write(&self, group: usize, out: &mut Writer) {
        out.varint(self.counts[group]);
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let count = bytes.varint_up_to(rows, "a count")?;
        self.counts.push(count);
        Ok(())
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_rows_are_not_counted() {
        let mut column = CountColumn::new();
        column.grow(2);
        let groups = [0, 1, 7, 1];
        column.update(&Rows::new(&groups, Some(&[true, true, false, true])));
        assert_eq!((column.count(0), column.count(1)), (1, 2));
    }

    #[test]
    fn growing_keeps_what_is_there() {
        let mut column = CountColumn::new();
        column.grow(2);
        column.update(&Rows::new(&[1], None));
        column.grow(1);
        assert_eq!(column.len(), 2);
        column.grow(3);
        assert_eq!((column.count(1), column.count(2)), (1, 0));
    }

    #[test]
    fn a_count_above_the_rows_is_refused() {
        let mut column = CountColumn::new();
        assert!(column.read(&mut Reader::new(&[3]), 2).is_err());
        assert!(column.read(&mut Reader::new(&[3]), 3).is_ok());
    }
}
