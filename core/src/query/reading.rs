//! Reading the metrics of a result, in parts that threads can share.
//!
//! The one idea: groups are read block by block, all leaves of a block before its metrics, so that what is read of a
//! group is still in the processor's cache when it is read again. A part is some blocks; what is told of cells that have
//! no value does not depend on who runs them, as it is in the order of rows and metrics.
//!
//! Not here: leaves (`leaves`), threads, which the core has none of.

use super::fold::Folded;
use super::leaves::{LeafBlock, Leaves, Slot};
use super::plan::Plan;
use super::Table;
use crate::error::Error;
use crate::limits::MAX_WARNINGS;
use crate::sort;
use crate::value::Value;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// Groups that are read together.
const BLOCK: usize = 256;
/// Groups of a part at least, where a group takes some hundred nanoseconds to read and where it takes less.
const LEAST_SLOW: usize = 2 * BLOCK;
const LEAST_QUICK: usize = 32 * BLOCK;

/// How the one part that is all groups of a result is read: alone or shared.
pub(crate) type Reader<'r> = dyn FnMut(&QueryPart<'_>) -> Columns + 'r;

/// The metrics of some groups of a result.
pub struct QueryPart<'q> {
    folded: &'q Folded<'q>,
    plan: &'q Plan,
    leaves: &'q Leaves<'q>,
    groups: &'q [u32],
    /// What was read: for each metric its values.
    read: Option<Columns>,
}

/// What was read of some groups.
#[derive(Default)]
pub(crate) struct Columns {
    values: Vec<Vec<Value>>,
    groups: usize,
    /// The first cells without a value, by group, then metric; and how many follow.
    warnings: Vec<(usize, usize, Error)>,
    more: u64,
}

impl QueryPart<'_> {
    /// Reads; does nothing when that is done.
    pub fn run(&mut self) {
        if self.read.is_none() {
            self.read = Some(self.columns());
        }
    }

    /// The columns, read in up to `most` parts by `run`, and what that leaves afterwards.
    pub(crate) fn shared(&self, most: usize, mut run: impl FnMut(&mut [QueryPart<'_>])) -> Columns {
        let least = if self.leaves.are_slow() { LEAST_SLOW } else { LEAST_QUICK };
        let count = (self.groups.len() / least).clamp(1, most.max(1));
        if count == 1 {
            return self.columns();
        }
        let part = |groups| QueryPart { groups, read: None, ..*self };
        let mut parts: Vec<_> = self.groups.chunks(self.groups.len().div_ceil(count)).map(part).collect();
        run(&mut parts);
        parts.iter_mut().for_each(QueryPart::run);
        let mut all = Columns { values: vec![Vec::new(); self.plan.metrics.len()], ..Columns::default() };
        parts.into_iter().filter_map(|part| part.read).for_each(|read| all.append(read));
        all
    }

    /// The columns, read here and now.
    pub(crate) fn columns(&self) -> Columns {
        let needed = &self.plan.needed_metrics;
        let room = |&needed: &bool| Vec::with_capacity(if needed { self.groups.len() } else { 0 });
        let mut columns = Columns { values: needed.iter().map(room).collect(), ..Columns::default() };
        let mut block = LeafBlock::new(self.leaves);
        let mut warnings = Vec::new();
        for groups in self.groups.chunks(BLOCK) {
            block.read(self.folded, groups);
            for index in (0..needed.len()).filter(|&index| needed[index]) {
                let warn = |row, error| warnings.push((row, index, error));
                self.metric(index, groups.len(), &mut block, &mut columns.values, warn);
            }
            columns.warn(&mut warnings);
            columns.groups += groups.len();
        }
        columns
    }

    /// Appends the values of a metric for a block.
    fn metric(
        &self,
        index: usize,
        rows: usize,
        block: &mut LeafBlock<'_>,
        values: &mut [Vec<Value>],
        mut warn: impl FnMut(usize, Error),
    ) {
        let (earlier, later) = values.split_at_mut(index);
        let Some(column) = later.first_mut() else { return };
        let (metric, slots) = (&self.plan.metrics[index], &self.leaves.slots[index]);
        if let Some(Slot::Leaf(leaf)) = metric.expr.is_leaf().map(|slot| slots[slot]) {
            return block.append(leaf, column, warn);
        }
        let first = column.len();
        for row in 0..rows {
            let mut failed = None;
            let mut leaf = |slot: usize| match slots[slot] {
                Slot::Metric(metric) => earlier[metric][first + row].clone(),
                Slot::Leaf(leaf) => block.value(leaf, row).clone().unwrap_or_else(|error| {
                    failed.get_or_insert(error);
                    Value::Null
                }),
            };
            let value = metric.expr.evaluate_metric(&mut leaf);
            let (value, failed) = match value {
                Ok(value) => (value, failed),
                Err(error) => (Value::Null, failed.or(Some(error))),
            };
            column.push(value);
            if let Some(error) = failed {
                warn(row, error);
            }
        }
    }
}

/// Appends the shown metrics of the given groups as columns, their names followed by `suffix`.
///
/// A cell that has no value in the type of its metric, such as a sum past int64, is NULL and a warning.
pub(crate) fn read_into(
    folded: &Folded<'_>,
    plan: &Plan,
    order: &[u32],
    suffix: &str,
    reader: &mut Reader<'_>,
    table: &mut Table,
) {
    let leaves = Leaves::new(plan);
    let mut all = reader(&QueryPart { folded, plan, leaves: &leaves, groups: order, read: None });
    for (row, metric, error) in all.warnings {
        let metric = format!("{}{suffix}", plan.metrics[metric].name());
        table.warnings.push(table.warning(plan, row, metric, &error));
    }
    table.more_warnings += all.more;
    for &index in &plan.shown {
        let metric = &plan.metrics[index];
        let name = format!("{}{suffix}", metric.name());
        table.push(name, metric.output_type(), core::mem::take(&mut all.values[index]));
    }
}

impl Columns {
    /// Takes in what could not be read of a block, its rows counted from the block's start.
    fn warn(&mut self, block: &mut Vec<(usize, usize, Error)>) {
        sort::by(block, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        for (row, metric, error) in block.drain(..) {
            if self.warnings.len() < MAX_WARNINGS {
                self.warnings.push((self.groups + row, metric, error));
            } else {
                self.more += 1;
            }
        }
    }

    fn append(&mut self, mut later: Columns) {
        for (mine, mut theirs) in self.values.iter_mut().zip(later.values) {
            if mine.is_empty() {
                *mine = theirs;
            } else {
                mine.append(&mut theirs);
            }
        }
        self.warn(&mut later.warnings);
        self.more += later.more;
        self.groups += later.groups;
    }
}
