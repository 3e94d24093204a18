//! Whether every value was true, and whether any was.
//!
//! Law: bitwise or of "a true was seen" and "a false was seen". Error: none. Memory: 1 byte a group.

use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use alloc::vec::Vec;

const TRUE_SEEN: u8 = 1;
const FALSE_SEEN: u8 = 2;

/// The truth values seen, per group.
#[derive(Clone, Debug, Default)]
pub struct BoolsColumn {
    seen: Vec<u8>,
}

impl BoolsColumn {
    /// No groups yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.seen.len() {
            self.seen.resize(groups, 0);
        }
    }

    /// Folds the present rows in.
    pub fn update(&mut self, rows: &Rows, values: &[bool]) {
        let seen = &mut self.seen[..];
        rows.for_each(|row, group| seen[group] |= if values[row] { TRUE_SEEN } else { FALSE_SEEN });
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.seen[into] |= other.seen[from];
    }

    /// Whether every value was true; `None` of nothing.
    #[must_use]
    pub fn all(&self, group: usize) -> Option<bool> {
        let seen = self.seen[group];
        (seen != 0).then_some(seen & FALSE_SEEN == 0)
    }

    /// Whether any value was true; `None` of nothing.
    #[must_use]
    pub fn any(&self, group: usize) -> Option<bool> {
        let seen = self.seen[group];
        (seen != 0).then_some(seen & TRUE_SEEN != 0)
    }

    /// Appends one byte: 1 for "a true was seen" plus 2 for "a false was seen".
    pub fn write(&self, group: usize, out: &mut Writer) {
        out.u8(self.seen[group]);
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let seen = bytes.u8()?;
        if seen > (TRUE_SEEN | FALSE_SEEN) || u64::from(seen.count_ones()) > rows {
            return Err(bytes.invalid("truth values must be 0 to 3 and no more than the rows"));
        }
        self.seen.push(seen);
        Ok(())
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.seen.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_and_any_of_nothing_are_null() {
        let mut column = BoolsColumn::new();
        column.grow(1);
        assert_eq!((column.all(0), column.any(0)), (None, None));
    }

    #[test]
    fn one_false_makes_all_false_and_leaves_any() {
        let mut column = BoolsColumn::new();
        column.grow(3);
        let groups = [0, 0, 1, 2];
        column.update(&Rows::new(&groups, None), &[true, false, true, false]);
        assert_eq!((column.all(0), column.any(0)), (Some(false), Some(true)));
        assert_eq!((column.all(1), column.any(1)), (Some(true), Some(true)));
        assert_eq!((column.all(2), column.any(2)), (Some(false), Some(false)));
    }

    #[test]
    fn one_row_cannot_be_both_true_and_false() {
        let mut column = BoolsColumn::new();
        assert!(column.read(&mut Reader::new(&[3]), 1).is_err());
        assert!(column.read(&mut Reader::new(&[3]), 2).is_ok());
        assert!(column.read(&mut Reader::new(&[4]), 9).is_err());
    }
}
