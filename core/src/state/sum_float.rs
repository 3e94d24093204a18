//! The exact sum of doubles.
//!
//! Law: addition of exact numbers, and the or of "+∞ was seen" and "−∞ was seen". Error: none in the state; a result
//! is rounded once. Memory: 32 bytes a group, and 272 more for a group whose values lie more than about 2^140 apart.

use super::add_run::AddRun;
use super::add_values::Sums;
use super::window::{NEGATIVE_INFINITY, POSITIVE_INFINITY};
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::math::{Exact, Float64, Total};

/// A sum per group.
#[derive(Clone, Debug)]
pub struct SumFloatColumn {
    sums: Sums,
}

impl Default for SumFloatColumn {
    fn default() -> Self {
        Self::new()
    }
}

impl SumFloatColumn {
    /// No groups yet.
    #[must_use]
    pub fn new() -> Self {
        Self { sums: Sums::new() }
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
    /// **Cost** about 2 ns a row in long runs, 4 ns in short ones.
    pub fn update(&mut self, rows: &Rows, values: &[u64]) {
        for run in rows.runs() {
            self.sums.add_run(run.group(), &values[run.rows()]);
        }
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.sums.merge(into, &other.sums, from);
    }

    /// The sum rounded to nearest even: 0 of nothing, ±∞ with an infinity or past the largest double, NaN with both
    /// infinities.
    #[must_use]
    pub fn value(&self, group: usize) -> Float64 {
        self.infinite(group).unwrap_or_else(|| {
            self.sums.with_sum(group, |negative, words, position| {
                crate::math::exact::round(negative, words, position as i32 + Sums::GRID)
            })
        })
    }

    /// The sum itself; `None` when an infinity is among the values.
    #[must_use]
    pub fn exact(&self, group: usize) -> Option<Exact> {
        if self.infinite(group).is_some() {
            return None;
        }
        let exact = |negative, words: &[u64], position| Exact::new(negative, words, position as i32 + Sums::GRID);
        Some(self.sums.with_sum(group, exact))
    }

    /// Calls `f` with the sum of the finite values.
    pub fn see(&self, group: usize, f: &mut dyn FnMut(Total<'_>)) {
        self.sums.see(group, f);
    }

    /// Whether +∞ and whether −∞ was among the values.
    #[must_use]
    pub fn infinities(&self, group: usize) -> [bool; 2] {
        let seen = self.sums.windows[group].infinities;
        [seen & POSITIVE_INFINITY != 0, seen & NEGATIVE_INFINITY != 0]
    }

    /// The sum divided by `count`, rounded once to nearest even; `None` of nothing, or with both infinities.
    #[must_use]
    pub fn mean(&self, group: usize, count: u64) -> Option<Float64> {
        if count == 0 {
            return None;
        }
        match self.infinite(group) {
            Some(value) => (!value.is_nan()).then_some(value),
            None => Some(self.sums.with_sum(group, |negative, words, position| {
                crate::math::exact::divide(negative, words, position as i32 + Sums::GRID, &[count])
            })),
        }
    }

    /// Appends one group: its exact value in bytes, as `math::exact` spells it, marked 1 for +∞ and 2 for −∞.
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

    /// The sum when an infinity decides it.
    fn infinite(&self, group: usize) -> Option<Float64> {
        match self.sums.windows[group].infinities {
            0 => None,
            POSITIVE_INFINITY => Some(Float64::INFINITY),
            NEGATIVE_INFINITY => Some(Float64::NEG_INFINITY),
            _ => Some(Float64::NAN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn column(values: &[f64]) -> SumFloatColumn {
        let mut column = SumFloatColumn::new();
        column.grow(1);
        let bits: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
        column.update(&Rows::new(&alloc::vec![0; bits.len()], None), &bits);
        column
    }

    fn sum(values: &[f64]) -> f64 {
        f64::from_bits(column(values).value(0).to_bits())
    }

    #[test]
    fn sums_are_rounded_once() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[5e-324, 5e-324, -1.0, 1.0]), 1e-323);
        assert_eq!(sum(&[-0.0, -0.0]).to_bits(), 0);
    }

    #[test]
    fn infinities_decide_and_both_give_nan() {
        assert_eq!(sum(&[1.0, f64::INFINITY]), f64::INFINITY);
        assert_eq!(sum(&[1.0, f64::NEG_INFINITY, f64::NEG_INFINITY]), f64::NEG_INFINITY);
        let both = column(&[f64::INFINITY, f64::NEG_INFINITY]);
        assert!(both.value(0).is_nan());
        assert_eq!(both.mean(0, 2), None);
        assert!(both.exact(0).is_none());
    }

    #[test]
    fn values_far_apart_spill_and_neighbours_do_not() {
        assert_eq!(column(&[1e-300, 1e300]).sums.spilled(), 1);
        assert_eq!(column(&[1e-12, 1e12, 3.5, 0.0]).sums.spilled(), 0);
    }

    #[test]
    fn a_copy_has_wide_numbers_of_its_own() {
        let mut first = column(&[1e-300, 1e300]);
        let second = first.clone();
        first.update(&Rows::new(&[0], None), &[(-1e300f64).to_bits()]);
        assert_eq!(f64::from_bits(first.value(0).to_bits()), 1e-300);
        assert_eq!(f64::from_bits(second.value(0).to_bits()), 1e300);
    }

    #[test]
    fn a_window_that_fills_up_spills() {
        for value in [f64::MAX, -f64::MAX, 1.0] {
            let mut doubled = column(&[value]);
            for _ in 0..61 {
                let copy = doubled.clone();
                doubled.merge(0, &copy, 0);
            }
            let expected = Exact::new(value.is_sign_negative(), &[1], 61).round();
            if value == 1.0 {
                assert_eq!(doubled.value(0), expected);
            } else {
                assert_eq!(doubled.value(0).abs(), Float64::INFINITY);
                assert_eq!(doubled.value(0).is_negative(), value.is_sign_negative());
                assert_eq!(doubled.mean(0, 1 << 61), Some(Float64::from_bits(value.to_bits())));
            }
            doubled.update(&Rows::new(&[0], None), &[1]);
            assert_eq!(doubled.sums.spilled(), 1);
        }
    }

    #[test]
    fn a_sum_larger_than_its_rows_allow_is_refused() {
        let mut out = Writer::new();
        column(&[f64::MAX; 8]).write(0, &mut out);
        let read = |rows| SumFloatColumn::new().read(&mut Reader::new(out.as_slice()), rows);
        assert!(read(8).is_ok());
        assert!(read(3).is_err());
        assert!(read(0).is_err());
        assert!(SumFloatColumn::new().read(&mut Reader::new(&[3]), 1).is_err());
    }
}
