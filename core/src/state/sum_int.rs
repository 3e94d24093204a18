//! The exact sum of integers.
//!
//! Law: addition. Error: none. Memory: 16 bytes a group.

use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::limits::MAX_ROWS;
use crate::math::{self, exact, Exact, Float64, Total};
use alloc::vec::Vec;

/// A sum per group.
#[derive(Clone, Debug, Default)]
pub struct SumIntColumn {
    // cannot overflow: at most 2^62 values of at most 2^63
    totals: Vec<i128>,
}

impl SumIntColumn {
    /// No groups yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.totals.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.totals.is_empty()
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.totals.len() {
            self.totals.resize(groups, 0);
        }
    }

    /// Folds the present rows in.
    pub fn update(&mut self, rows: &Rows, values: &[i64]) {
        let totals = &mut self.totals[..];
        for run in rows.runs() {
            let total = values[run.rows()].iter().fold(0i128, |sum, &value| sum + i128::from(value));
            totals[run.group()] = totals[run.group()].wrapping_add(total);
        }
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.totals[into] = self.totals[into].wrapping_add(other.totals[from]);
    }

    /// The sum; 0 of nothing.
    #[must_use]
    pub fn total(&self, group: usize) -> i128 {
        self.totals[group]
    }

    /// Calls `f` with the sum.
    pub fn see(&self, group: usize, f: &mut dyn FnMut(Total<'_>)) {
        let total = self.totals[group];
        let magnitude = total.unsigned_abs();
        f(Total { negative: total < 0, words: &[magnitude as u64, (magnitude >> 64) as u64], exponent: 0 });
    }

    /// The sum for [`math::mean`] and [`math::variance`].
    #[must_use]
    pub fn exact(&self, group: usize) -> Exact {
        Exact::from_i128(self.totals[group])
    }

    /// The sum divided by `count`, rounded once to nearest even; `None` of nothing.
    #[must_use]
    pub fn mean(&self, group: usize, count: u64) -> Option<Float64> {
        math::mean(count, &self.exact(group))
    }

    /// Appends one group: byte count and sign, then the magnitude's bytes.
    pub fn write(&self, group: usize, out: &mut Writer) {
        let total = self.totals[group];
        let magnitude = total.unsigned_abs();
        exact::write_integer(total < 0, &[magnitude as u64, (magnitude >> 64) as u64], out);
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let (negative, [low, high]) = exact::read_integer::<2>(bytes)?;
        let magnitude = (u128::from(high) << 64) | u128::from(low);
        // 2^63 rows' worth below zero, one less each above
        let largest = u128::from(i64::MIN.unsigned_abs()) - u128::from(!negative);
        if magnitude > u128::from(rows.min(MAX_ROWS)) * largest {
            return Err(bytes.invalid("a sum is larger than its rows can make it"));
        }
        // cannot overflow: at most 2^125
        let total = magnitude as i128;
        self.totals.push(if negative { -total } else { total });
        Ok(())
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.totals.capacity() * size_of::<i128>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_pass_int64() {
        let mut column = SumIntColumn::new();
        column.grow(2);
        column.update(&Rows::new(&[0, 0, 1], None), &[i64::MAX, i64::MAX, i64::MIN]);
        assert_eq!(column.total(0), 2 * i128::from(i64::MAX));
        let copy = column.clone();
        column.merge(1, &copy, 1);
        assert_eq!(column.total(1), 2 * i128::from(i64::MIN));
        assert_eq!(column.mean(1, 2), Some(Float64::from_i64(i64::MIN)));
    }

    #[test]
    fn small_sums_are_few_bytes() {
        let mut column = SumIntColumn::new();
        column.grow(3);
        column.update(&Rows::new(&[0, 1], None), &[-256, 255]);
        let mut out = Writer::new();
        (0..3).for_each(|group| column.write(group, &mut out));
        assert_eq!(out.as_slice(), [5, 0, 1, 2, 255, 0]);
    }

    #[test]
    fn a_sum_larger_than_its_rows_allow_is_refused() {
        let mut column = SumIntColumn::new();
        column.grow(1);
        column.update(&Rows::new(&[0, 0], None), &[i64::MIN, i64::MIN]);
        let mut out = Writer::new();
        column.write(0, &mut out);
        assert!(SumIntColumn::new().read(&mut Reader::new(out.as_slice()), 2).is_ok());
        assert!(SumIntColumn::new().read(&mut Reader::new(out.as_slice()), 1).is_err());
    }
}
