//! The metrics once more over the last hours or days before the end, under suffixed names.

use super::fold::Folded;
use super::plan::Plan;
use super::range::{align_start, Range};
use super::source::QuerySource;
use super::Table;
use crate::error::{Code, Error, Result};
use crate::scalar::Scalar;
use crate::table::Rollup;
use crate::time::{shift_back, Interval, Zone};
use crate::value::Value;
use alloc::format;
use alloc::vec::Vec;

/// Appends the shown metrics for each window; a key that a window does not see reads as a group without rows.
pub(crate) fn append(
    rollup: &Rollup,
    source: &QuerySource,
    plan: &Plan,
    base: &Folded,
    order: &[u32],
    table: &mut Table,
) -> Result<()> {
    for (suffix, width) in &source.windows {
        one_window(rollup, source, plan, base, order, table, (suffix, width))
            .map_err(|error| error.within(suffix).within("windows"))?;
    }
    Ok(())
}

fn one_window(
    rollup: &Rollup,
    source: &QuerySource,
    plan: &Plan,
    base: &Folded,
    order: &[u32],
    table: &mut Table,
    (suffix, width): (&str, &str),
) -> Result<()> {
    let range = window_range(rollup, source, plan, width)?;
    let (folded, empty) = Folded::new(rollup, plan, &range)?.with_empty_group(plan);
    let mut groups = folded.groups.clone();
    let mut places = Vec::with_capacity(order.len());
    for &group in order {
        let keys: Vec<Option<Scalar<'_>>> =
            base.groups.keys.values(base.groups.tuple(group as usize)).map(Value::as_scalar).collect();
        let known = groups.keys.tuple(keys.into_iter(), usize::MAX)?;
        let place = groups.find_or_add(base.groups.bucket(group as usize), known, usize::MAX)?;
        places.push(if place < empty { place } else { empty });
    }
    let suffix = format!("_{suffix}");
    for &index in &plan.shown {
        let name = format!("{}{suffix}", plan.metrics[index].name());
        if table.position(&name).is_some() {
            return Err(Error::new(Code::SpecDuplicate, format!("two columns of the result are named {name}")));
        }
    }
    folded.read_into(plan, &places, &suffix, table)
}

fn window_range(rollup: &Rollup, source: &QuerySource, plan: &Plan, width: &str) -> Result<Range> {
    let base = Range::new(rollup.spec(), source)?;
    let (Some(end), None) = (base.end, &plan.bucket) else {
        return Err(Error::new(Code::QueryWindow, "windows need an end, and a bucket of null"));
    };
    let interval = Interval::parse(width).map_err(|error| Error::new(Code::QueryWindow, error.message()))?;
    if !interval.is_positive() {
        return Err(Error::new(Code::QueryWindow, format!("a window must be longer than nothing, got {width}")));
    }
    let zone = source.timezone.as_deref().map_or(Ok(Zone::UTC), Zone::named)?;
    let start = shift_back(end, &interval, &zone).map_err(|error| Error::new(Code::QueryWindow, error.message()))?;
    let start = align_start(rollup.spec(), start, source.align)?;
    Ok(Range { start: Some(start), end: Some(end) })
}
