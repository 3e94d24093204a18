//! The groups of a result, with the states they read merged.

use super::plan::Plan;
use super::range::Range;
use super::read::read;
use super::Table;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use crate::state::StateColumn;
use crate::table::{nest, regroup, Groups, Rollup};
use crate::value::Value;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// The bucket of every group when a query has none.
const WHOLE: i64 = 0;

/// Groups of a result; states that no metric reads have no groups.
pub(crate) struct Folded {
    pub(crate) groups: Groups,
    states: Vec<StateColumn>,
}

impl Folded {
    pub(crate) fn new(rollup: &Rollup, plan: &Plan, range: &Range) -> Result<Self> {
        let tuples = key_values(rollup, plan)?;
        let fine = rollup.spec().bucket();
        let bucket_of = |start: i64| {
            if !range.contains(start) {
                return Ok(None);
            }
            match &plan.bucket {
                None => Ok(Some(WHOLE)),
                Some(coarse) if coarse == fine => Ok(Some(start)),
                Some(coarse) => nest(fine, coarse, start).map(Some).map_err(|error| error.within("bucket")),
            }
        };
        let tuple_of = |tuple: u32| -> Result<Option<Vec<Option<Scalar<'_>>>>> {
            Ok(tuples[tuple as usize].as_ref().map(|values| values.iter().map(Value::as_scalar).collect()))
        };
        let mut groups = Groups::new(plan.keys.len());
        let map = regroup(&mut groups, &rollup.groups, rollup.max_groups, bucket_of, tuple_of)?;
        let mut states: Vec<StateColumn> =
            rollup.spec().states().iter().map(|state| StateColumn::new(state.kind())).collect();
        for ((column, from), _) in
            states.iter_mut().zip(&rollup.states).zip(&plan.needed_states).filter(|(_, &needed)| needed)
        {
            column.grow(groups.len());
            column.merge(from, &map);
        }
        Ok(Self { groups, states })
    }

    /// One more group, which no row has reached, for keys that a window does not see.
    pub(crate) fn with_empty_group(mut self, plan: &Plan) -> (Self, u32) {
        let empty = self.groups.len();
        for (column, _) in self.states.iter_mut().zip(&plan.needed_states).filter(|(_, &needed)| needed) {
            column.grow(empty + 1);
        }
        // cannot truncate: groups are counted in u32
        (self, empty as u32)
    }

    /// Appends the shown metrics of the given groups as columns, their names followed by `suffix`.
    pub(crate) fn read_into(&self, plan: &Plan, order: &[u32], suffix: &str, table: &mut Table) -> Result<()> {
        let mut values: Vec<Vec<Value>> = vec![Vec::new(); plan.metrics.len()];
        for (index, metric) in plan.metrics.iter().enumerate() {
            if !plan.needed_metrics[index] {
                continue;
            }
            let mut column = Vec::with_capacity(order.len());
            for (row, &group) in order.iter().enumerate() {
                let value = self.value(metric, row, group as usize, &values);
                column.push(value.map_err(|error| error.within(&format!("select.{}", metric.name())))?);
            }
            values[index] = column;
        }
        for &index in &plan.shown {
            let metric = &plan.metrics[index];
            let name = format!("{}{suffix}", metric.name());
            table.push(name, metric.output_type(), values[index].clone());
        }
        Ok(())
    }

    fn value(&self, metric: &crate::spec::Metric, row: usize, group: usize, earlier: &[Vec<Value>]) -> Result<Value> {
        let mut failed: Option<Error> = None;
        let mut leaf = |slot: usize| {
            let leaf = &metric.leaves()[slot];
            read(leaf, &self.states, group, |metric| earlier[metric][row].clone()).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                Value::Null
            })
        };
        let value = metric.expr.evaluate(&mut leaf);
        match failed {
            Some(error) => Err(error),
            None => value,
        }
    }
}

/// The key values of every tuple; `None` where the filter is not true.
fn key_values(rollup: &Rollup, plan: &Plan) -> Result<Vec<Option<Vec<Value>>>> {
    let keys = &rollup.groups.keys;
    // cannot truncate: tuples are counted in u32
    (0..keys.len() as u32)
        .map(|tuple| {
            let mut leaf = |slot: usize| keys.value(tuple, slot).clone();
            if let Some(filter) = &plan.filter {
                if filter.evaluate(&mut leaf).map_err(|error| error.within("where"))? != Value::Bool(true) {
                    return Ok(None);
                }
            }
            let values = plan.keys.iter().map(|key| key.expr.evaluate(&mut leaf));
            values.collect::<Result<Vec<Value>>>().map(Some).map_err(|error| error.within("group_by"))
        })
        .collect()
}
