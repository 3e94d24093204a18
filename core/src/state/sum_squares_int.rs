//! The exact sum of squares of integers, for variances.
//!
//! Law: addition. Error: none. Memory: 24 bytes a group.

use super::sum_int::SumIntColumn;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::limits::MAX_ROWS;
use crate::math::{self, exact, signed_words, words, Ddof, Exact, Float64, Total};
use alloc::vec::Vec;

/// A sum of squares per group.
#[derive(Clone, Debug, Default)]
pub struct SumSquaresIntColumn {
    // cannot overflow: at most 2^62 squares of at most 2^126
    totals: Vec<[u64; 3]>,
}

impl SumSquaresIntColumn {
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
            self.totals.resize(groups, [0; 3]);
        }
    }

    /// Folds the present rows in.
    pub fn update(&mut self, rows: &Rows, values: &[i64]) {
        let totals = &mut self.totals[..];
        rows.for_each(|row, group| {
            let [low, high] = math::square(values[row].unsigned_abs());
            let total = &mut totals[group];
            let (first, carry) = total[0].overflowing_add(low);
            let (partial, carry_one) = total[1].overflowing_add(high);
            let (second, carry_two) = partial.overflowing_add(u64::from(carry));
            *total = [first, second, total[2].wrapping_add(u64::from(carry_one | carry_two))];
        });
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        signed_words::add(&mut self.totals[into], false, &other.totals[from], 0);
    }

    /// The sum of squares; 0 of nothing.
    #[must_use]
    pub fn exact(&self, group: usize) -> Exact {
        Exact::new(false, &self.totals[group], 0)
    }

    /// Calls `f` with the sum of squares.
    pub fn see(&self, group: usize, f: &mut dyn FnMut(Total<'_>)) {
        f(Total { negative: false, words: &self.totals[group], exponent: 0 });
    }

    /// The variance of a group of `count` values whose sum is in the same group of `sum`; `None` when there are too
    /// few.
    ///
    /// **Accuracy** correctly rounded, never negative.
    #[must_use]
    pub fn variance(&self, group: usize, sum: &SumIntColumn, count: u64, ddof: Ddof) -> Option<Float64> {
        math::variance(count, &sum.exact(group), &self.exact(group), ddof)
    }

    /// The square root of [`SumSquaresIntColumn::variance`].
    #[must_use]
    pub fn standard_deviation(&self, group: usize, sum: &SumIntColumn, count: u64, ddof: Ddof) -> Option<Float64> {
        self.variance(group, sum, count, ddof).map(Float64::sqrt)
    }

    /// Appends one group: byte count, then the bytes.
    pub fn write(&self, group: usize, out: &mut Writer) {
        exact::write_integer(false, &self.totals[group], out);
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let (negative, total) = exact::read_integer::<3>(bytes)?;
        // rows × 2^126
        let rows = rows.min(MAX_ROWS);
        let largest = [0, rows << 62, rows >> 2];
        if negative || words::compare(&total, &largest).is_gt() {
            return Err(bytes.invalid("a sum of squares is negative or larger than its rows can make it"));
        }
        self.totals.push(total);
        Ok(())
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.totals.capacity() * size_of::<[u64; 3]>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(values: &[i64]) -> (SumIntColumn, SumSquaresIntColumn) {
        let mut sums = SumIntColumn::new();
        let mut squares = SumSquaresIntColumn::new();
        sums.grow(1);
        squares.grow(1);
        let groups = alloc::vec![0; values.len()];
        sums.update(&Rows::new(&groups, None), values);
        squares.update(&Rows::new(&groups, None), values);
        (sums, squares)
    }

    #[test]
    fn variances_of_large_integers_are_exact() {
        let (sums, squares) = columns(&[i64::MAX, i64::MAX - 2, i64::MAX - 4]);
        assert_eq!(squares.variance(0, &sums, 3, Ddof::Sample), Some(Float64::from_i64(4)));
        assert_eq!(squares.standard_deviation(0, &sums, 3, Ddof::Sample), Some(Float64::from_i64(2)));
        assert_eq!(squares.variance(0, &sums, 1, Ddof::Sample), None);
    }

    #[test]
    fn the_largest_squares_carry_into_the_third_word() {
        let (_, mut squares) = columns(&[i64::MIN; 4]);
        assert_eq!(squares.exact(0).total().words, [0, 0, 1]);
        let copy = squares.clone();
        squares.merge(0, &copy, 0);
        assert_eq!(squares.exact(0).total().words, [0, 0, 2]);
    }

    #[test]
    fn a_sum_larger_than_its_rows_allow_is_refused() {
        let mut out = Writer::new();
        columns(&[i64::MIN; 4]).1.write(0, &mut out);
        assert!(SumSquaresIntColumn::new().read(&mut Reader::new(out.as_slice()), 4).is_ok());
        assert!(SumSquaresIntColumn::new().read(&mut Reader::new(out.as_slice()), 3).is_err());
        assert!(SumSquaresIntColumn::new().read(&mut Reader::new(&[3, 1]), 3).is_err());
    }
}
