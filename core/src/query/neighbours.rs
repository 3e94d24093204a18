//! What a query over parts reads outside of its range, before that is read.
//!
//! The one idea: only a series whose first or last bucket of the range is a gap looks further, and on each side for one
//! bucket: the nearest that has a row of it. Who keeps the parts offers what there is, the nearest first, until nothing is
//! looked for any more.
//!
//! Not here: where to look (`isofold-stores`), filling (`gapfill`).

use super::fold::{key_of, Folded};
use super::parts::{Edges, Part, Parts};
use super::plan::Plan;
use super::source::{Align, Fill, QuerySource};
use crate::error::Result;
use crate::spec::{Derivation, Spec};
use crate::table::{Groups, Rollup};
use crate::time::{format_timestamp, Bucket};
use crate::value::Value;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// A side of the range of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What is before its first bucket.
    Before,
    /// What is after its last bucket.
    After,
}

/// The neighbours that a query looks for on one side of its range.
pub struct Neighbours<'s> {
    spec: &'s Spec,
    plan: Plan,
    bucket: Bucket,
    side: Side,
    edge: i64,
    /// The keys of the series, and nothing of their buckets.
    series: Groups,
    /// Of each series: whether it looks for a neighbour.
    looks: Vec<bool>,
    /// Where the buckets start that were found.
    found: Vec<i64>,
}

impl<'s> Neighbours<'s> {
    /// The neighbours that a query looks for, given the parts that lie in its range; none where no gap asks for one.
    ///
    /// **Errors** those of [`query_parts`](super::query_parts).
    pub fn new(spec: &'s Spec, parts: Vec<Part<'_>>, source: &QuerySource, side: Side) -> Result<Option<Self>> {
        let derived = |part| Parts::derived(spec, part);
        let parts = Parts { spec, parts: parts.into_iter().map(derived).collect::<Result<_>>()?, edges: Edges::Cut };
        Self::of(&parts, spec, source, side).map_err(|error| error.within("query"))
    }

    fn of(parts: &Parts<'_>, spec: &'s Spec, source: &QuerySource, side: Side) -> Result<Option<Self>> {
        let fills = source.gapfill.iter().flatten();
        let mut asks = fills.map(|(_, fill)| match side {
            Side::Before => matches!(fill, Fill::Locf | Fill::Interpolate),
            Side::After => matches!(fill, Fill::Interpolate),
        });
        if !asks.any(|asks| asks) {
            return Ok(None);
        }
        let plan = Plan::new(spec, source)?;
        let range = parts.range(source)?;
        let Some(bucket) = plan.bucket.clone() else { return Ok(None) };
        let (edge, last) = match (side, range.start, range.end) {
            (_, Some(start), Some(end)) if start >= end => return Ok(None),
            (Side::Before, Some(start), _) => (bucket.start(start)?, bucket.start(start)?),
            (Side::After, _, Some(end)) => (bucket.end(end - 1), bucket.start(end - 1)?),
            _ => return Ok(None),
        };
        parts.check_nesting(&plan, &range)?;
        let mut series = Folded::groups(parts, &plan, &range)?;
        if plan.keys.is_empty() {
            // the one series is there also of no rows
            series.keys.tuple(core::iter::empty(), usize::MAX)?;
        }
        let mut looks = vec![plan.keys.is_empty(); series.keys.len()];
        for group in 0..series.len() {
            looks[series.tuple(group) as usize] = true;
        }
        for group in (0..series.len()).filter(|&group| series.bucket(group) == last) {
            looks[series.tuple(group) as usize] = false;
        }
        let sought = Self { spec, plan, bucket, side, edge, series, looks, found: Vec::new() };
        Ok(sought.are_left().then_some(sought))
    }

    /// Whether some are still looked for.
    #[must_use]
    pub fn are_left(&self) -> bool {
        self.looks.iter().any(|&looks| looks)
    }

    /// The query of all time on this side of the range.
    #[must_use]
    pub fn query(&self, source: &QuerySource) -> QuerySource {
        let edge = Some(format_timestamp(self.edge));
        let (start, end) = match self.side {
            Side::Before => (None, edge),
            Side::After => (edge, None),
        };
        QuerySource { start, end, align: Align::Exact, ..source.clone() }
    }

    /// The bucket of the result that an instant lies in.
    ///
    /// **Errors** `ingest.time`.
    pub fn bucket(&self, at: i64) -> Result<(i64, i64)> {
        Ok((self.bucket.start(at)?, self.bucket.end(at)))
    }

    /// The keys of a rollup that the query reads, by index into those of its spec.
    ///
    /// **Errors** `merge.schema`, `coarsen.key` for one that does not fit.
    pub fn keys(&self, rollup: &Spec) -> Result<Vec<usize>> {
        let derivation = self.spec.derivation(rollup)?;
        Ok(self.plan.key_slots().into_iter().filter_map(|slot| derivation.keys[slot]).collect())
    }

    /// What is in a bucket that was found in a part nearer to the range, which ends where this one begins.
    #[must_use]
    pub fn shared_with(&self, (start, end): (i64, i64)) -> Option<(i64, i64)> {
        let shared = |&found: &i64| (found.max(start), self.bucket.end(found).min(end));
        self.found.iter().map(shared).find(|(start, end)| start < end)
    }

    /// Of key values, as [`Neighbours::keys`] tells them, each with a bucket: those of the nearest buckets of what is looked
    /// for, each with the bucket of the result. No bucket that comes later may be nearer.
    ///
    /// **Errors** `expr.*`.
    pub fn take(&mut self, near: Vec<(Vec<Value>, i64)>) -> Result<Vec<(Vec<Value>, i64)>> {
        let slots = self.plan.key_slots();
        let mut series = Vec::with_capacity(near.len());
        for (values, _) in &near {
            let mut leaf =
                |slot: usize| slots.binary_search(&slot).ok().map_or(Value::Null, |place| values[place].clone());
            series.push(key_of(&self.plan, &mut leaf).map_err(|error| error.within("query"))?);
        }
        let places = self.places(series)?;
        let buckets = near.iter().map(|&(_, at)| self.bucket.start(at)).collect::<Result<Vec<_>>>()?;
        let nearest = self.nearest(places.iter().copied().zip(buckets.iter().copied()));
        let kept = near.into_iter().zip(places).zip(buckets).filter_map(|(((values, _), place), bucket)| {
            (nearest.get(&place?) == Some(&bucket)).then_some((values, bucket))
        });
        Ok(kept.collect())
    }

    /// Takes note of a part that was read as a whole.
    ///
    /// **Errors** `merge.schema`, `coarsen.key`, `expr.*`.
    pub fn see(&mut self, rollup: &Rollup) -> Result<()> {
        let derivation: Derivation = self.spec.derivation(rollup.spec())?;
        let places = self.places(super::fold::key_values(rollup, &self.plan, &derivation)?)?;
        let groups = &rollup.groups;
        let mut near = Vec::with_capacity(groups.len());
        for group in 0..groups.len() {
            near.push((places[groups.tuple(group) as usize], self.bucket.start(groups.bucket(group))?));
        }
        self.nearest(near.into_iter());
        Ok(())
    }

    /// The series of keys that look for a neighbour.
    fn places(&mut self, keys: Vec<Option<Vec<Value>>>) -> Result<Vec<Option<u32>>> {
        let place = |values: Option<Vec<Value>>| -> Result<Option<u32>> {
            let Some(values) = values else { return Ok(None) };
            let place = self.series.keys.tuple(values.iter().map(Value::as_scalar), usize::MAX)?;
            Ok(self.looks.get(place as usize).is_some_and(|&looks| looks).then_some(place))
        };
        keys.into_iter().map(place).collect()
    }

    /// The nearest bucket of each series, which looks no further.
    fn nearest(&mut self, near: impl Iterator<Item = (Option<u32>, i64)>) -> BTreeMap<u32, i64> {
        let mut nearest: BTreeMap<u32, i64> = BTreeMap::new();
        for (place, bucket) in near {
            let Some(place) = place else { continue };
            let known = nearest.entry(place).or_insert(bucket);
            *known = match self.side {
                Side::Before => bucket.max(*known),
                Side::After => bucket.min(*known),
            };
        }
        for (&place, &bucket) in &nearest {
            self.looks[place as usize] = false;
            self.found.push(bucket);
        }
        crate::sort::ascending(&mut self.found);
        self.found.dedup();
        nearest
    }
}
