//! Which rows of a batch a state sees, and the group of each.
//!
//! The one idea: rows of one group stand side by side, so that a state is looked up once a run and the loop over the
//! run touches nothing but its values.
//!
//! Not here: bringing the rows of a batch into that order (`table`).

use alloc::vec::Vec;
use core::ops::Range;

/// Runs whose states are touched together: their first lines fit the cache next to the processor.
const TOGETHER: usize = 16;
/// Rows of a run, on average, below which its work does not hide the time that memory takes.
const SHORT: usize = 32;

/// Neighbouring rows of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The group.
    pub group: u32,
    /// The first row.
    pub start: u32,
    /// One past the last row.
    pub end: u32,
}

impl Run {
    /// The group as an index.
    #[must_use]
    #[inline(always)]
    pub fn group(&self) -> usize {
        self.group as usize
    }

    /// The rows as indices.
    #[must_use]
    #[inline(always)]
    pub fn rows(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Number of rows.
    #[must_use]
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows().is_empty()
    }
}

/// The rows that a state sees, in runs; a row that is in no run is not present (NULL, NaN, filtered).
#[derive(Clone, Debug, Default)]
pub struct Rows {
    runs: Vec<Run>,
}

impl Rows {
    /// The rows whose group is given, without those where `present` is false.
    #[must_use]
    pub fn new(groups: &[u32], present: Option<&[bool]>) -> Self {
        let mut rows = Self::default();
        for (row, &group) in groups.iter().enumerate() {
            if present.is_none_or(|present| present[row]) {
                // cannot truncate: a batch has fewer than 2^32 rows
                rows.push(group, row as u32, row as u32 + 1);
            }
        }
        rows
    }

    /// Appends rows of a group, after all others; they join the last run if that ends where they start.
    #[inline(always)]
    pub(crate) fn push(&mut self, group: u32, start: u32, end: u32) {
        match self.runs.last_mut() {
            Some(last) if last.group == group && last.end == start => last.end = end,
            _ => self.runs.push(Run { group, start, end }),
        }
    }

    /// The runs.
    #[must_use]
    #[inline(always)]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Calls `add(state, run)` for every run with the state of its group.
    ///
    /// Where runs are short, what `touch` reads of the states of several groups is read first: the processor then waits
    /// for the memory of all of them together, not for one after the other.
    #[inline(always)]
    pub(super) fn update_each<S>(
        &self,
        states: &mut [S],
        touch: impl Fn(&S) -> u64,
        mut add: impl FnMut(&mut S, &Run),
    ) {
        for runs in self.runs.chunks(TOGETHER) {
            if runs.iter().map(Run::len).sum::<usize>() < SHORT * runs.len() {
                let read = runs.iter().fold(0, |sum: u64, run| sum.wrapping_add(touch(&states[run.group()])));
                core::hint::black_box(read);
            }
            runs.iter().for_each(|run| add(&mut states[run.group()], run));
        }
    }

    /// Calls `f(row, group)` for every row.
    #[inline(always)]
    pub fn for_each(&self, mut f: impl FnMut(usize, usize)) {
        for run in &self.runs {
            for row in run.rows() {
                f(row, run.group());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn neighbours_of_one_group_are_one_run_unless_a_row_between_them_is_absent() {
        let run = |group, start, end| Run { group, start, end };
        assert_eq!(Rows::new(&[4, 4, 2, 4], None).runs(), [run(4, 0, 2), run(2, 2, 3), run(4, 3, 4)]);
        let rows = Rows::new(&[4, 4, 4], Some(&[true, false, true]));
        assert_eq!(rows.runs(), [run(4, 0, 1), run(4, 2, 3)]);
        let mut seen = vec![];
        rows.for_each(|row, group| seen.push((row, group)));
        assert_eq!(seen, [(0, 4), (2, 4)]);
        assert!(Rows::new(&[], None).is_empty());
    }
}
