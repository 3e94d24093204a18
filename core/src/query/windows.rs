//! The metrics once more over the last hours or days before the end, under suffixed names.

use super::fold::Folded;
use super::parts::Parts;
use super::plan::Plan;
use super::range::Range;
use super::reading::{read_into, Reader};
use super::source::{Compare, QuerySource};
use super::Table;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::scalar::Scalar;
use crate::time::{format_timestamp, shift_back, Interval, Zone};
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
            let range = window_range(self.parts, self.source, self.plan, width);
            range
                .and_then(|range| self.append_one(suffix, &range, 0, reader, table))
                .map_err(|error| error.within(suffix).within("windows"))?;
        }
        if self.source.compare == Compare::Previous {
            self.append_previous(reader, table).map_err(|error| error.within("compare"))?;
        }
        Ok(())
    }

    /// The metrics of the period before, each bucket beside the one that lies as far into its period.
    fn append_previous(&self, reader: &mut Reader<'_>, table: &mut Table) -> Result<()> {
        let range = self.parts.range(self.source)?;
        let start = self.parts.window_start(previous_start(&range)?, self.source)?;
        let before = Range { start: Some(start), end: range.start };
        let mut back_us = 0;
        if let Some(bucket) = &self.plan.bucket {
            back_us = range.start.unwrap_or(start) - start;
            for &group in self.order {
                let at = self.base.groups.bucket(group as usize);
                if bucket.start(at - back_us).ok() != Some(at - back_us) {
                    let text = format!("no bucket of the period before begins at {}", format_timestamp(at - back_us));
                    return Err(Error::new(Code::QueryWindow, text));
                }
            }
        }
        self.append_one("previous", &before, back_us, reader, table)
    }

    /// Appends the metrics of a range, where the bucket of a row lies so long before.
    fn append_one(
        &self,
        suffix: &str,
        range: &Range,
        back_us: i64,
        reader: &mut Reader<'_>,
        table: &mut Table,
    ) -> Result<()> {
        let Self { parts, plan, base, order, .. } = *self;
        let (folded, empty) = Folded::new(parts, plan, range)?.with_empty_group(plan);
        let mut groups = folded.groups.clone();
        let mut places = Vec::with_capacity(order.len());
        for &group in order {
            let keys: Vec<Option<Scalar<'_>>> =
                base.groups.keys.values(base.groups.tuple(group as usize)).map(Value::as_scalar).collect();
            let known = groups.keys.tuple(keys.into_iter(), usize::MAX)?;
            let place = groups.find_or_add(base.groups.bucket(group as usize) - back_us, known, usize::MAX)?;
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

/// Where the period of equal length before a range starts.
pub(super) fn previous_start(range: &Range) -> Result<i64> {
    let (Some(start), Some(end)) = (range.start, range.end) else {
        return Err(Error::new(Code::QueryWindow, "a comparison needs a start and an end"));
    };
    // cannot overflow: both lie inside the supported times
    Ok((start - (end - start)).max(limits::MIN_TIME_US))
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
