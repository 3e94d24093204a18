//! Reading the metrics of a result, in parts that threads can share.
//!
//! The one idea: groups are read block by block, all leaves of a block before its metrics, so that what is read of a
//! group is still in the processor's cache when it is read again. A part is some blocks; which part fails first does
//! not depend on who runs them, as the first metric with an error, then its first row, decides.
//!
//! Not here: leaves (`leaves`), threads, which the core has none of.

use super::fold::Folded;
use super::leaves::{LeafBlock, Leaves, Slot};
use super::plan::Plan;
use super::Table;
use crate::error::{Error, Result};
use crate::spec::Metric;
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
    /// What was read: for each metric its values, up to those of the first with an error.
    read: Option<Columns>,
}

/// What was read of some groups.
#[derive(Default)]
pub(crate) struct Columns {
    values: Vec<Vec<Value>>,
    /// The first metric with an error, and that of its first row.
    problem: Option<(usize, Error)>,
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
        let mut all = Columns { values: vec![Vec::new(); self.plan.metrics.len()], problem: None };
        parts.into_iter().filter_map(|part| part.read).for_each(|read| all.append(read));
        all
    }

    /// The columns, read here and now.
    pub(crate) fn columns(&self) -> Columns {
        let needed = &self.plan.needed_metrics;
        let room = |&needed: &bool| Vec::with_capacity(if needed { self.groups.len() } else { 0 });
        let mut columns = Columns { values: needed.iter().map(room).collect(), problem: None };
        let mut block = LeafBlock::new(self.leaves);
        for groups in self.groups.chunks(BLOCK) {
            // an error of an earlier metric goes before one that is known
            let until = columns.problem.as_ref().map_or(needed.len(), |(metric, _)| *metric);
            if !needed[..until].contains(&true) {
                break;
            }
            block.read(self.folded, groups);
            for index in (0..until).filter(|&index| needed[index]) {
                if let Err(error) = self.metric(index, groups.len(), &mut block, &mut columns.values) {
                    columns.problem = Some((index, error));
                    break;
                }
            }
        }
        columns
    }

    /// Appends the values of a metric for a block.
    fn metric(&self, index: usize, rows: usize, block: &mut LeafBlock<'_>, values: &mut [Vec<Value>]) -> Result<()> {
        let (earlier, later) = values.split_at_mut(index);
        let Some(column) = later.first_mut() else { return Ok(()) };
        let (metric, slots) = (&self.plan.metrics[index], &self.leaves.slots[index]);
        if let Some(Slot::Leaf(leaf)) = metric.expr.is_leaf().map(|slot| slots[slot]) {
            return block.append(leaf, column);
        }
        let first = column.len();
        for row in 0..rows {
            column.push(value(metric, slots, block, row, |metric| earlier[metric][first + row].clone())?);
        }
        Ok(())
    }
}

fn value(
    metric: &Metric,
    slots: &[Slot],
    block: &LeafBlock<'_>,
    row: usize,
    earlier: impl Fn(usize) -> Value,
) -> Result<Value> {
    let mut failed: Option<Error> = None;
    let mut leaf = |slot: usize| match slots[slot] {
        Slot::Metric(metric) => earlier(metric),
        Slot::Leaf(leaf) => block.value(leaf, row).clone().unwrap_or_else(|error| {
            failed.get_or_insert(error);
            Value::Null
        }),
    };
    let value = metric.expr.evaluate(&mut leaf);
    match failed {
        Some(error) => Err(error),
        None => value,
    }
}

/// Appends the shown metrics of the given groups as columns, their names followed by `suffix`.
///
/// **Errors** that of the first metric which has one, for the first of the groups.
pub(crate) fn read_into(
    folded: &Folded<'_>,
    plan: &Plan,
    order: &[u32],
    suffix: &str,
    reader: &mut Reader<'_>,
    table: &mut Table,
) -> Result<()> {
    let leaves = Leaves::new(plan);
    let mut all = reader(&QueryPart { folded, plan, leaves: &leaves, groups: order, read: None });
    if let Some((metric, error)) = all.problem {
        return Err(error.within(&format!("select.{}", plan.metrics[metric].name())));
    }
    for &index in &plan.shown {
        let metric = &plan.metrics[index];
        let name = format!("{}{suffix}", metric.name());
        table.push(name, metric.output_type(), core::mem::take(&mut all.values[index]));
    }
    Ok(())
}

impl Columns {
    fn append(&mut self, later: Columns) {
        for (mine, mut theirs) in self.values.iter_mut().zip(later.values) {
            if mine.is_empty() {
                *mine = theirs;
            } else {
                mine.append(&mut theirs);
            }
        }
        let known = self.problem.as_ref().map_or(usize::MAX, |(metric, _)| *metric);
        if let Some((metric, error)) = later.problem {
            if metric < known {
                self.problem = Some((metric, error));
            }
        }
    }
}
