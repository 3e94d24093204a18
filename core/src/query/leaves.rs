//! The leaves that the metrics of a query share.
//!
//! The one idea: a leaf is read once a group however many metrics name it, and all percentiles of one histogram are
//! read together.
//!
//! Not here: what a leaf reads (`read`), what metrics make of leaves (`reading`).

use super::fold::Folded;
use super::plan::Plan;
use super::read::{count, distinct_count, percentiles, read};
use crate::error::{Error, Result};
use crate::math::Float64;
use crate::sketch::Estimator;
use crate::spec::{Leaf, Read};
use crate::value::Value;
use alloc::vec::Vec;
use core::mem;

/// What a slot of a metric stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    /// A leaf, by index into the different ones.
    Leaf(usize),
    /// An earlier metric.
    Metric(usize),
}

/// The different leaves of the metrics that are needed.
pub(crate) struct Leaves<'p> {
    different: Vec<Different<'p>>,
    /// For each metric what its slots stand for.
    pub(crate) slots: Vec<Vec<Slot>>,
}

struct Different<'p> {
    leaf: &'p Leaf,
    /// How many slots stand for it.
    uses: usize,
    reading: Reading,
}

enum Reading {
    Alone,
    /// With all percentiles of the same states, given by fraction and leaf.
    First(Vec<Float64>, Vec<usize>),
    /// With an earlier leaf.
    Done,
}

impl<'p> Leaves<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let mut leaves = Self { different: Vec::new(), slots: Vec::with_capacity(plan.metrics.len()) };
        for (metric, &needed) in plan.metrics.iter().zip(&plan.needed_metrics) {
            let named = if needed { metric.leaves() } else { &[] };
            let slots = named.iter().map(|leaf| leaves.slot(leaf)).collect();
            leaves.slots.push(slots);
        }
        leaves
    }

    fn slot(&mut self, leaf: &'p Leaf) -> Slot {
        if let Read::Metric(earlier) = *leaf.read() {
            return Slot::Metric(earlier);
        }
        if let Some(known) = self.different.iter().position(|known| known.leaf == leaf) {
            self.different[known].uses += 1;
            return Slot::Leaf(known);
        }
        let index = self.different.len();
        let reading = match leaf.read() {
            Read::Percentile(p) => self.join(leaf, *p, index),
            _ => Reading::Alone,
        };
        self.different.push(Different { leaf, uses: 1, reading });
        Slot::Leaf(index)
    }

    /// Joins a percentile to the others of its states.
    fn join(&mut self, leaf: &Leaf, p: Float64, index: usize) -> Reading {
        for known in &mut self.different {
            if let (true, Reading::First(fractions, indexes)) =
                (known.leaf.states() == leaf.states(), &mut known.reading)
            {
                fractions.push(p);
                indexes.push(index);
                return Reading::Done;
            }
        }
        Reading::First(alloc::vec![p], alloc::vec![index])
    }

    /// Whether a group takes long enough to read that a few hundred of them are worth a thread.
    pub(crate) fn are_slow(&self) -> bool {
        let is_slow = |known: &Different<'_>| {
            !matches!(
                known.leaf.read(),
                Read::Count
                    | Read::Sum
                    | Read::SumAsDouble
                    | Read::Avg
                    | Read::Extremum
                    | Read::BoolAnd
                    | Read::BoolOr
                    | Read::Edge
            )
        };
        self.different.iter().any(is_slow)
    }
}

/// Reads a distinct count, which is at most each count of its values that is kept for all rows of the group.
fn read_distinct(leaf: &Leaf, folded: &Folded<'_>, group: usize, room: &mut Option<Estimator>) -> Result<Value> {
    let (distinct, counts) = leaf.states().split_at(1);
    if folded.lacks(distinct, group) {
        return Ok(Value::Null);
    }
    let state = |state: usize| folded.state(state, group);
    let known = counts.iter().filter(|&&count| !folded.lacks(&[count], group));
    let most = known.map(|&known| count(state(known))).min();
    distinct_count(state(distinct[0]), most, room)
}

/// The values of all leaves for some groups.
pub(crate) struct LeafBlock<'l> {
    leaves: &'l Leaves<'l>,
    values: Vec<Vec<Result<Value>>>,
    /// For each leaf the room in which sets are counted.
    rooms: Vec<Option<Estimator>>,
}

impl<'l> LeafBlock<'l> {
    pub(crate) fn new(leaves: &'l Leaves<'l>) -> Self {
        let count = leaves.different.len();
        Self { leaves, values: alloc::vec![Vec::new(); count], rooms: alloc::vec![None; count] }
    }

    /// Reads all leaves for these groups, in the place of what was read before.
    pub(crate) fn read(&mut self, folded: &Folded<'_>, groups: &[u32]) {
        self.values.iter_mut().for_each(Vec::clear);
        for (index, different) in self.leaves.different.iter().enumerate() {
            match &different.reading {
                Reading::Alone => self.read_alone(index, different.leaf, folded, groups),
                Reading::First(fractions, indexes) => {
                    for &group in groups {
                        self.read_percentiles(fractions, indexes, different.leaf, folded, group as usize);
                    }
                }
                Reading::Done => {}
            }
        }
    }

    fn read_alone(&mut self, index: usize, leaf: &Leaf, folded: &Folded<'_>, groups: &[u32]) {
        let (values, room) = (&mut self.values[index], &mut self.rooms[index]);
        values.extend(groups.iter().map(|&group| {
            let group = group as usize;
            if *leaf.read() == Read::Distinct {
                return read_distinct(leaf, folded, group, room);
            }
            if folded.lacks(leaf.states(), group) {
                return Ok(Value::Null);
            }
            read(leaf, |state| folded.state(state, group))
        }));
    }

    fn read_percentiles(
        &mut self,
        fractions: &[Float64],
        indexes: &[usize],
        leaf: &Leaf,
        folded: &Folded<'_>,
        group: usize,
    ) {
        let mut values = indexes.iter();
        let mut tell = |value| {
            if let Some(&index) = values.next() {
                self.values[index].push(Ok(value));
            }
        };
        if folded.lacks(leaf.states(), group) {
            fractions.iter().for_each(|_| tell(Value::Null));
        } else {
            percentiles(leaf, fractions, |state| folded.state(state, group), tell);
        }
    }

    /// The value of a leaf for a row, or the error of reading it.
    pub(crate) fn value(&self, leaf: usize, row: usize) -> &Result<Value> {
        &self.values[leaf][row]
    }

    /// Appends the values of a leaf to a column, and tells of those that there are none; nobody else asks for those that
    /// one slot alone stands for.
    pub(crate) fn append(&mut self, leaf: usize, column: &mut Vec<Value>, mut warn: impl FnMut(usize, Error)) {
        let alone = self.leaves.different[leaf].uses == 1;
        for (row, value) in self.values[leaf].iter_mut().enumerate() {
            let value = if alone { mem::replace(value, Ok(Value::Null)) } else { value.clone() };
            column.push(value.unwrap_or_else(|error| {
                warn(row, error);
                Value::Null
            }));
        }
    }
}
