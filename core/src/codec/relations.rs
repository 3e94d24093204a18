//! Relations between the states of one group: what no rows give is refused, also where each state for itself is one.
//!
//! The one idea: states of the same argument and filter saw the same values. Their number is narrowed down by each as it
//! is read; what else two of them say of one another is checked when all are there. Whatever holds of two rollups holds
//! of both merged, so a rollup that was read can be written.

use super::{related_sums, related_values};
use crate::bytes::Reader;
use crate::error::{Code, Error, Result};
use crate::math::Float64;
use crate::scalar::Scalar;
use crate::sketch::Ends;
use crate::spec::{Argument, Spec};
use crate::state::{Edge, Extreme, Seen, StateColumn, StateKind};
use alloc::vec::Vec;

/// The states that saw the same values, by index into the states of the spec.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    argument: usize,
    filter: Option<usize>,
    min: Option<usize>,
    max: Option<usize>,
    pub sum: Option<usize>,
    pub squares: Option<usize>,
    histograms: Vec<usize>,
    digests: Vec<usize>,
    pub distincts: Vec<usize>,
    /// States that hold values as they are.
    pub holders: Vec<usize>,
    /// The first and the last of the same rows.
    edges: Vec<(usize, usize)>,
}

/// The state that is not of the same values as others are, and why.
pub(super) type Refusal = (usize, &'static str);

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
                StateKind::TDigest(_) => set.digests.push(index),
                StateKind::Distinct(_) => set.distincts.push(index),
                StateKind::ValueCounts(..) | StateKind::Exemplar(..) | StateKind::Bools => set.holders.push(index),
                StateKind::Edge(edge, ..) => {
                    // in the order of their texts, firsts come before lasts
                    let is_first = |&&first: &&usize| {
                        let first = &spec.states()[first];
                        matches!(first.kind(), StateKind::Edge(Edge::First, ..)) && first.by() == state.by()
                    };
                    let first = set.holders.iter().find(is_first).filter(|_| edge == Edge::Last);
                    set.edges.extend(first.map(|&first| (first, index)));
                    set.holders.push(index);
                }
                StateKind::Count => {}
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
        for (index, set) in self.sets.iter().enumerate() {
            for at in 0..self.groups {
                let seen = self.seen[index * self.groups + at];
                set.check(states, first + at, seen, |histogram| self.ends[histogram][at]).map_err(
                    |(state, text)| Error::new(Code::DecodeInvalid, text).within(spec.states()[state].text()),
                )?;
            }
        }
        Ok(())
    }
}

impl Set {
    fn check(
        &self,
        states: &[StateColumn],
        group: usize,
        seen: Seen,
        ends_of: impl Fn(usize) -> Ends,
    ) -> core::result::Result<(), Refusal> {
        let ends = [self.min, self.max].map(|end| end.and_then(|end| extreme(&states[end], group)));
        if let (Some(state), [Some(min), Some(max)]) = (self.min, ends) {
            if min != max && (min > max || seen.most < 2) {
                return Err((state, "a minimum is no minimum of what the maximum is of"));
            }
            if let Some((min, max)) = double(min).zip(double(max)) {
                let is_beyond = |&&histogram: &&usize| !ends_of(histogram).are_of(min, max);
                if let Some(&histogram) = self.histograms.iter().find(is_beyond) {
                    return Err((histogram, "the minimum or maximum lies in no end of the histogram"));
                }
                let is_other = |&&digest: &&usize| !related_values::has_ends(&states[digest], min, max, group);
                if let Some(&digest) = self.digests.iter().find(is_other) {
                    return Err((digest, "the minimum or maximum is not that of the t-digest"));
                }
            }
        }
        let is_late =
            |&&(first, last): &&(usize, usize)| !related_values::are_in_order(&states[first], &states[last], group);
        if let Some(&(_, last)) = self.edges.iter().find(is_late) {
            return Err((last, "a last row stands before the first"));
        }
        let has_holders = !self.holders.is_empty() && ends != [None; 2];
        if has_holders || !self.distincts.is_empty() {
            related_values::check(self, states, group, ends)?;
        }
        related_sums::check(self, states, group, seen, ends)
    }
}

/// The value of a minimum or maximum.
fn extreme(state: &StateColumn, group: usize) -> Option<Scalar<'_>> {
    match state {
        StateColumn::Extremum(column) => column.value(group),
        _ => None,
    }
}

/// A number as a double, integers and units of decimals rounded to nearest even.
fn double(end: Scalar<'_>) -> Option<Float64> {
    match end {
        Scalar::Float64(value) => Some(value),
        Scalar::Int64(value) | Scalar::Decimal(value, _) => Some(Float64::from_i64(value)),
        Scalar::Bool(_) | Scalar::Timestamp(_) | Scalar::String(_) => None,
    }
}
