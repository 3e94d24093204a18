//! The exact sum of squares of doubles, for variances.
//!
//! Law: addition of exact numbers; infinities add nothing here, the sum beside it has them. Error: none, subnormals
//! and squares past the largest double included. Memory: 40 bytes a group, and 536 more for a group whose values lie
//! more than about 2^70 apart.

use super::add_run::AddRun;
use super::add_squares::Squares;
use super::sum_float::SumFloatColumn;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::math::{self, Ddof, Exact, Float64, Total};

/// A sum of squares per group.
#[derive(Clone, Debug)]
pub struct SumSquaresFloatColumn {
    sums: Squares,
}

impl Default for SumSquaresFloatColumn {
    fn default() -> Self {
        Self::new()
    }
}

impl SumSquaresFloatColumn {
    /// No groups yet.
    #[must_use]
    pub fn new() -> Self {
        Self { sums: Squares::new() }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sums.len() == 0
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        self.sums.grow(groups);
    }

    /// Folds the present rows in; `values` are bits of doubles other than NaN.
    ///
    /// **Cost** about 3 ns a row in long runs, 5 ns in short ones.
    pub fn update(&mut self, rows: &Rows, values: &[u64]) {
        for run in rows.runs() {
            self.sums.add_run(run.group(), &values[run.rows()]);
        }
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.sums.merge(into, &other.sums, from);
    }

    /// The sum of squares itself, of the finite values.
    #[must_use]
    pub fn exact(&self, group: usize) -> Exact {
        self.sums
            .with_sum(group, |negative, words, position| Exact::new(negative, words, position as i32 + Squares::GRID))
    }

    /// Calls `f` with the sum of squares of the finite values.
    pub fn see(&self, group: usize, f: &mut dyn FnMut(Total<'_>)) {
        self.sums.see(group, f);
    }

    /// The variance of a group of `count` values whose sum is in the same group of `sum`; `None` when there are too
    /// few or an infinity is among them.
    ///
    /// **Accuracy** correctly rounded, never negative.
    #[must_use]
    pub fn variance(&self, group: usize, sum: &SumFloatColumn, count: u64, ddof: Ddof) -> Option<Float64> {
        math::variance(count, &sum.exact(group)?, &self.exact(group), ddof)
    }

    /// The square root of [`SumSquaresFloatColumn::variance`].
    #[must_use]
    pub fn standard_deviation(&self, group: usize, sum: &SumFloatColumn, count: u64, ddof: Ddof) -> Option<Float64> {
        self.variance(group, sum, count, ddof).map(Float64::sqrt)
    }

    /// Appends one group: its exact value in bytes, as `math::exact` spells it.
    pub fn write(&self, group: usize, out: &mut Writer) {
        self.sums.write(group, out);
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        self.sums.read(bytes, rows)
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.sums.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn columns(values: &[f64]) -> (SumFloatColumn, SumSquaresFloatColumn) {
        let mut sums = SumFloatColumn::new();
        let mut squares = SumSquaresFloatColumn::new();
        sums.grow(1);
        squares.grow(1);
        let bits: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
        let groups = alloc::vec![0; bits.len()];
        sums.update(&Rows::new(&groups, None), &bits);
        squares.update(&Rows::new(&groups, None), &bits);
        (sums, squares)
    }

    fn variance(values: &[f64], ddof: Ddof) -> Option<f64> {
        let (sums, squares) = columns(values);
        squares.variance(0, &sums, values.len() as u64, ddof).map(|value| f64::from_bits(value.to_bits()))
    }

    #[test]
    fn variances_keep_their_digits_far_from_zero() {
        assert_eq!(variance(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0], Ddof::Sample), Some(30.0));
        assert_eq!(variance(&[0.1, 0.1, 0.1], Ddof::Population), Some(0.0));
        assert_eq!(variance(&[1e-200, -1e-200], Ddof::Population), Some(0.0));
        assert_eq!(variance(&[1e200, -1e200], Ddof::Population), Some(f64::INFINITY));
    }

    #[test]
    fn too_few_values_or_an_infinity_have_no_variance() {
        assert_eq!(variance(&[], Ddof::Population), None);
        assert_eq!(variance(&[3.0], Ddof::Sample), None);
        assert_eq!(variance(&[3.0], Ddof::Population), Some(0.0));
        assert_eq!(variance(&[3.0, f64::INFINITY], Ddof::Population), None);
    }

    #[test]
    fn squares_of_the_smallest_and_largest_doubles_are_exact() {
        let (_, squares) = columns(&[5e-324, f64::MAX, 0.0, f64::INFINITY]);
        assert_eq!(squares.sums.spilled(), 1);
        assert_eq!(columns(&[1.0, 1e10, 0.0]).1.sums.spilled(), 0);
        let mut out = Writer::new();
        columns(&[5e-324]).1.write(0, &mut out);
        assert_eq!(out.as_slice(), [1 << 3, 0, 1]);
    }

    #[test]
    fn signs_and_infinities_are_refused() {
        for bytes in [&[1 << 3 | 4, 0, 1][..], &[1]] {
            assert!(SumSquaresFloatColumn::new().read(&mut Reader::new(bytes), 9).is_err());
        }
    }
}
