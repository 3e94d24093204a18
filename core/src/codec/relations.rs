//! Relations between the states of one group: what no rows give is refused, also where each state for itself is one.
//!
//! The one idea: states of the same argument and filter saw the same values. Their number is narrowed down by each as it
//! is read; what else two of them say of one another is checked when all are there. Whatever holds of two rollups holds
//! of both merged, so a rollup that was read can be written.

use crate::bytes::Reader;
use crate::error::{Code, Error, Result};
use crate::math;
use crate::sketch::Ends;
use crate::spec::{Argument, Spec};
use crate::state::{Extreme, Seen, StateColumn, StateKind};
use alloc::vec::Vec;

/// The states that saw the same values, by index into the states of the spec.
#[derive(Clone, Debug, Default)]
struct Set {
    argument: usize,
    filter: Option<usize>,
    min: Option<usize>,
    max: Option<usize>,
    sum: Option<usize>,
    squares: Option<usize>,
    histograms: Vec<usize>,
}

/// What the states of some groups have told of one another so far.
#[derive(Debug)]
pub(super) struct Relations {
    sets: Vec<Set>,
    set_of: Vec<Option<usize>>,
    /// For each set, each group.
    seen: Vec<Seen>,
    groups: usize,
    /// For each histogram of each set, each group.
    ends: Vec<Vec<Ends>>,
}

impl Relations {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut sets: Vec<Set> = Vec::new();
        let mut set_of = Vec::with_capacity(spec.states().len());
        for (index, state) in spec.states().iter().enumerate() {
            let Argument::Values(argument) = state.argument() else {
                set_of.push(None);
                continue;
            };
            let filter = state.filter();
            let known = sets.iter().position(|set| set.argument == argument && set.filter == filter);
            let at = known.unwrap_or_else(|| {
                sets.push(Set { argument, filter, ..Set::default() });
                sets.len() - 1
            });
            set_of.push(Some(at));
            let set = &mut sets[at];
            match state.kind() {
                StateKind::Extremum(Extreme::Min, _) => set.min = Some(index),
                StateKind::Extremum(Extreme::Max, _) => set.max = Some(index),
                StateKind::SumFloat | StateKind::SumInt => set.sum = Some(index),
                StateKind::SumSquaresFloat | StateKind::SumSquaresInt => set.squares = Some(index),
                StateKind::Histogram(_) | StateKind::UnitHistogram(_) => set.histograms.push(index),
                _ => {}
            }
        }
        let ends = spec.states().iter().map(|_| Vec::new()).collect();
        Self { sets, set_of, seen: Vec::new(), groups: 0, ends }
    }

    /// Begins with groups of so many rows each.
    pub(super) fn begin(&mut self, rows: &[u64]) {
        self.groups = rows.len();
        self.seen.clear();
        self.ends.iter_mut().for_each(Vec::clear);
        for _ in &self.sets {
            self.seen.extend(rows.iter().map(|&rows| Seen { least: 0, most: rows }));
        }
    }

    /// Reads a state of one of the groups, which is the next of its column; it saw no more than others of its set did.
    ///
    /// **Errors** those of [`StateColumn::read`]; `decode.invalid` where states of the same values do not agree on
    /// their number.
    pub(super) fn read(
        &mut self,
        (state, column): (usize, &mut StateColumn),
        (at, group, rows): (usize, usize, u64),
        bytes: &mut Reader<'_>,
    ) -> Result<()> {
        let Some(set) = self.set_of[state] else { return column.read(bytes, rows) };
        let known = &mut self.seen[set * self.groups + at];
        column.read(bytes, known.most)?;
        *known = known.and(column.seen(group));
        if let StateColumn::Histogram(column) = column {
            self.ends[state].extend(column.ends_read());
        }
        if known.least > known.most {
            return Err(bytes.invalid("states of the same values saw different numbers of them"));
        }
        Ok(())
    }

    /// Checks what states say of one another, of groups from `first` on.
    ///
    /// **Errors** `decode.invalid`.
    pub(super) fn check(&self, spec: &Spec, states: &[StateColumn], first: usize) -> Result<()> {
        let refused =
            |state: usize, text: &str| Err(Error::new(Code::DecodeInvalid, text).within(spec.states()[state].text()));
        for (index, set) in self.sets.iter().enumerate() {
            for at in 0..self.groups {
                let (group, count) = (first + at, self.seen[index * self.groups + at]);
                if let (Some(min), Some(max)) = (set.min, set.max) {
                    if !is_range(&states[min], &states[max], group, count) {
                        return refused(min, "a minimum is no minimum of what the maximum is of");
                    }
                    let beyond =
                        |&&histogram: &&usize| !holds_ends(self.ends[histogram][at], &states[min], &states[max], group);
                    if let Some(&histogram) = set.histograms.iter().find(beyond) {
                        return refused(histogram, "the minimum or maximum lies in no end of the histogram");
                    }
                }
                if let (Some(sum), Some(squares)) = (set.sum, set.squares) {
                    if !are_moments(&states[sum], &states[squares], group, count.most) {
                        return refused(squares, "a sum of squares is smaller than its sum makes it");
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether the minimum is at most the maximum, and both are one where there is one value.
fn is_range(min: &StateColumn, max: &StateColumn, group: usize, count: Seen) -> bool {
    let (StateColumn::Extremum(min), StateColumn::Extremum(max)) = (min, max) else { return true };
    match (min.value(group), max.value(group)) {
        (Some(min), Some(max)) => min < max && count.most > 1 || min == max,
        _ => true,
    }
}

/// Whether the minimum and the maximum of numbers lie where the first and the last value of the histogram do.
fn holds_ends(ends: Ends, min: &StateColumn, max: &StateColumn, group: usize) -> bool {
    let (StateColumn::Extremum(min), StateColumn::Extremum(max)) = (min, max) else { return true };
    match (min.float(group), max.float(group)) {
        (Some(min), Some(max)) => ends.are_of(min, max),
        _ => true,
    }
}

/// Whether as many numbers can have the sum and the sum of squares: infinities are in neither.
fn are_moments(sum: &StateColumn, squares: &StateColumn, group: usize, count: u64) -> bool {
    match (sum, squares) {
        (StateColumn::SumInt(sum), StateColumn::SumSquaresInt(squares)) => {
            math::are_moments(count, &sum.exact(group), &squares.exact(group))
        }
        (StateColumn::SumFloat(sum), StateColumn::SumSquaresFloat(squares)) => {
            let (finite, infinities) = sum.finite(group);
            // cannot be less than none: the reader of the sum saw to it
            math::are_moments(count.saturating_sub(infinities), &finite, &squares.exact(group))
        }
        _ => true,
    }
}
