//! The metrics once more over the last hours or days before the end, under suffixed names.

use super::fold::Folded;
use super::parts::Parts;
use super::plan::Plan;
use super::range::Range;
use super::reading::{read_into, Reader};
use super::source::QuerySource;
use super::Table;
use crate::error::{Code, Error, Result};
use crate::scalar::Scalar;
use crate::time::{shift_back, Interval, Zone};
use crate::value::Value;
use alloc::format;
use alloc::vec::Vec;

/// What windows look back from.
pub(crate) struct Windows<'w> {
    pub(crate) parts: &'w Parts<'w>,
    pub(crate) source: &'w QuerySource,
    pub(crate) plan: &'w Plan,
    /// The groups of the whole range, and which of them the rows of the result are.
    pub(crate) base: &'w Folded<'w>,
    pub(crate) order: &'w [u32],
}

impl Windows<'_> {
    /// Appends the shown metrics for each window; a key that a window does not see reads as a group without rows.
    pub(crate) fn append(&self, reader: &mut Reader<'_>, table: &mut Table) -> Result<()> {
        for (suffix, width) in &self.source.windows {
            self.append_one(suffix, width, reader, table).map_err(|error| error.within(suffix).within("windows"))?;
        }
        Ok(())
    }

    fn append_one(&self, suffix: &str, width: &str, reader: &mut Reader<'_>, table: &mut Table) -> Result<()> {
        let Self { parts, source, plan, base, order } = *self;
        let range = window_range(parts, source, plan, width)?;
        let (folded, empty) = Folded::new(parts, plan, &range)?.with_empty_group(plan);
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
                let text = format!("two columns of the result are named {name}");
                return Err(Error::new(Code::SpecDuplicate, text));
            }
        }
        read_into(&folded, plan, &places, &suffix, reader, table);
        Ok(())
    }
}

fn window_range(parts: &Parts<'_>, source: &QuerySource, plan: &Plan, width: &str) -> Result<Range> {
    let range = parts.range(source)?;
    let start = window_start(&range, source, plan, width)?;
    Ok(Range { start: Some(parts.window_start(start, source)?), end: range.end })
}

/// Where a window before the end of a range starts.
pub(super) fn window_start(range: &Range, source: &QuerySource, plan: &Plan, width: &str) -> Result<i64> {
    let (Some(end), None) = (range.end, &plan.bucket) else {
        return Err(Error::new(Code::QueryWindow, "windows need an end, and a bucket of null"));
    };
    let interval = Interval::parse(width).map_err(|error| Error::new(Code::QueryWindow, error.message()))?;
    if !interval.is_positive() {
        return Err(Error::new(Code::QueryWindow, format!("a window must be longer than nothing, got {width}")));
    }
    let zone = source.timezone.as_deref().map_or(Ok(Zone::UTC), Zone::named)?;
    shift_back(end, &interval, &zone).map_err(|error| Error::new(Code::QueryWindow, error.message()))
}
