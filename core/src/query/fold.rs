//! The groups of a result, with the states they read merged.

use super::parts::{Part, Parts};
use super::plan::Plan;
use super::range::Range;
use crate::error::{Code, Error, Result};
use crate::spec::{Derivation, Kept, Spec};
use crate::state::{StateColumn, NO_GROUP};
use crate::table::{nest, regroup, Groups, Rebucket, Rollup};
use crate::value::Value;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// The bucket of every group when a query has none.
const WHOLE: i64 = 0;

/// Groups of a result; states that no metric reads have no groups.
pub(crate) struct Folded<'a> {
    pub(crate) groups: Groups,
    /// Merged; only those of an empty group where states are read in place.
    states: Vec<StateColumn>,
    in_place: Option<InPlace<'a>>,
    /// For each state, the groups to which a part belongs that does not keep it; shorter than the groups are many.
    lacking: Vec<Vec<bool>>,
}

/// States of a single rollup, each group of which is one of the result: copying them would give the same.
struct InPlace<'a> {
    states: &'a [StateColumn],
    /// For each state of the spec, which of those it is.
    columns: &'a [Option<Kept>],
    /// For each group of the result, that of the rollup.
    places: Vec<u32>,
}

impl<'a> Folded<'a> {
    pub(crate) fn new(parts: &'a Parts<'_>, plan: &Plan, range: &Range) -> Result<Self> {
        let mut folded = Self::empty(parts, plan);
        for (part, derivation) in &parts.parts {
            let map = folded.map(parts.spec, part, derivation, plan, range)?;
            let is_whole = parts.parts.len() == 1 && derivation.conditions.is_empty();
            if is_whole && is_one_to_one(&map, folded.groups.len()) {
                folded.read_in_place(part, derivation, &map);
            } else {
                folded.merge(part, derivation, plan, &map)?;
            }
            folded.tell_lacking(derivation, plan, &map);
        }
        if folded.groups.len() == 0 && plan.bucket.is_none() && plan.keys.is_empty() {
            // as in SQL, a total is there also of no rows
            folded.in_place = None;
            let tuple = folded.groups.keys.tuple(core::iter::empty(), usize::MAX)?;
            folded.groups.find_or_add(WHOLE, tuple, usize::MAX)?;
        }
        if folded.in_place.is_none() {
            folded.grow(plan, folded.groups.len());
        }
        Ok(folded)
    }

    /// The groups of a query alone, without states.
    pub(super) fn groups(parts: &'a Parts<'_>, plan: &Plan, range: &Range) -> Result<Groups> {
        let mut folded = Self::empty(parts, plan);
        for (part, derivation) in &parts.parts {
            folded.map(parts.spec, part, derivation, plan, range)?;
        }
        Ok(folded.groups)
    }

    /// The groups next to the range of a query: of every key that in the last bucket before `from`, and that in the
    /// first from `until` on; both are edges of the buckets of the result.
    ///
    /// **Cost** linear in the stored groups, and as a query in those of the buckets found.
    pub(crate) fn beside(parts: &'a Parts<'_>, plan: &Plan, range: &Range, from: i64, until: i64) -> Result<Self> {
        let mut folded = Self::empty(parts, plan);
        let mut tuples = Vec::with_capacity(parts.parts.len());
        // by tuple the starts of the last stored bucket before and of the first after
        let mut nearest: Vec<[Option<i64>; 2]> = Vec::new();
        for (part, derivation) in &parts.parts {
            let mut new = Vec::new();
            for values in key_values(part.rollup, plan, derivation)? {
                let tuple =
                    values.map(|values| folded.groups.keys.tuple(values.iter().map(Value::as_scalar), usize::MAX));
                new.push(tuple.transpose()?);
            }
            nearest.resize(folded.groups.keys.len(), [None; 2]);
            let groups = &part.rollup.groups;
            for group in 0..groups.len() {
                let Some(tuple) = new[groups.tuple(group) as usize] else { continue };
                let (start, [before, after]) = (groups.bucket(group), &mut nearest[tuple as usize]);
                if range.start.is_some() && start < from {
                    *before = (*before).max(Some(start));
                } else if range.end.is_some() && start >= until {
                    *after = Some(after.map_or(start, |after| after.min(start)));
                }
            }
            tuples.push(new);
        }
        for ((part, derivation), tuples) in parts.parts.iter().zip(tuples) {
            let (fine, groups) = (part.rollup.spec().bucket(), &part.rollup.groups);
            let coarse = plan.bucket.as_ref().unwrap_or(fine);
            // the buckets of the result, by tuple
            let bounds =
                |start: Option<i64>| start.map(|start| (coarse.start(start).unwrap_or(start), coarse.end(start)));
            let bounds: Vec<[Option<(i64, i64)>; 2]> = nearest.iter().map(|sides| sides.map(bounds)).collect();
            let mut map = vec![NO_GROUP; groups.len()];
            for (group, place) in map.iter_mut().enumerate() {
                let Some(tuple) = tuples[groups.tuple(group) as usize] else { continue };
                let start = groups.bucket(group);
                let is_near = |&(from, until): &(i64, i64)| (from..until).contains(&start);
                if let Some((bucket, _)) = bounds[tuple as usize].into_iter().flatten().find(is_near) {
                    nest(fine, coarse, start).map_err(|error| error.within("bucket"))?;
                    *place = folded.groups.find_or_add(bucket, tuple, usize::MAX)?;
                }
            }
            folded.merge(part, derivation, plan, &map)?;
            folded.tell_lacking(derivation, plan, &map);
        }
        folded.grow(plan, folded.groups.len());
        Ok(folded)
    }

    fn empty(parts: &Parts<'_>, plan: &Plan) -> Self {
        let kinds = parts.spec.states().iter().map(|state| state.kind());
        Self {
            groups: Groups::new(plan.keys.len()),
            states: kinds.map(StateColumn::new).collect(),
            in_place: None,
            lacking: vec![Vec::new(); parts.spec.states().len()],
        }
    }

    fn grow(&mut self, plan: &Plan, groups: usize) {
        for (column, _) in self.states.iter_mut().zip(&plan.needed_states).filter(|(_, &needed)| needed) {
            column.grow(groups);
        }
    }

    /// Finds or makes the places of the groups of a part.
    fn map(
        &mut self,
        spec: &Spec,
        part: &Part<'_>,
        derivation: &Derivation,
        plan: &Plan,
        range: &Range,
    ) -> Result<Vec<u32>> {
        let rollup = part.rollup;
        if let Some(slot) = plan.key_slots().into_iter().find(|&slot| derivation.keys[slot].is_none()) {
            let text = format!("{} has no key {}", rollup.spec().name(), spec.keys()[slot].name());
            return Err(Error::new(Code::CoarsenKey, text));
        }
        let tuples = key_values(rollup, plan, derivation)?;
        let fine = rollup.spec().bucket();
        let keep = |start: i64| range.contains(part.from.map_or(start, |from| from.max(start)));
        let coarse = plan.bucket.as_ref().unwrap_or(fine);
        let new_of = |start: i64| nest(fine, coarse, start).map_err(|error| error.within("bucket"));
        let rebucket = match &plan.bucket {
            None => Rebucket::All(WHOLE),
            Some(coarse) if coarse == fine => Rebucket::Same,
            Some(_) => Rebucket::Each(&new_of),
        };
        let tuple_of = |tuple: u32| {
            Ok(tuples[tuple as usize].as_ref().map(|values| values.iter().map(Value::as_scalar).collect()))
        };
        regroup(&mut self.groups, &rollup.groups, rollup.max_groups, &keep, rebucket, &tuple_of)
    }

    fn read_in_place(&mut self, part: &Part<'a>, derivation: &'a Derivation, map: &[u32]) {
        let mut places = vec![0; self.groups.len()];
        // cannot truncate: groups are counted in u32
        for (from, &to) in (0..).zip(map).filter(|(_, &to)| to != NO_GROUP) {
            places[to as usize] = from;
        }
        self.in_place = Some(InPlace { states: &part.rollup.states, columns: &derivation.states, places });
    }

    fn merge(&mut self, part: &Part<'_>, derivation: &Derivation, plan: &Plan, map: &[u32]) -> Result<()> {
        let groups = self.groups.len();
        let maps = part.rollup.maps_of(derivation, map)?;
        for (state, column) in self.states.iter_mut().enumerate().filter(|(state, _)| plan.needed_states[*state]) {
            if let Some(from) = derivation.states[state] {
                column.grow(groups);
                column.merge(&part.rollup.states[from.state], from.only.map_or(map, |only| &maps[only]));
            }
        }
        Ok(())
    }

    fn tell_lacking(&mut self, derivation: &Derivation, plan: &Plan, map: &[u32]) {
        for (state, lacking) in self.lacking.iter_mut().enumerate() {
            if plan.needed_states[state] && derivation.states[state].is_none() {
                lacking.resize(self.groups.len(), false);
                let groups = map.iter().filter(|&&group| group != NO_GROUP);
                groups.for_each(|&group| lacking[group as usize] = true);
            }
        }
    }

    /// Where a state of a group of the result stands.
    pub(crate) fn state(&self, state: usize, group: usize) -> (&StateColumn, usize) {
        let Some(in_place) = &self.in_place else { return (&self.states[state], group) };
        match (in_place.columns[state], in_place.places.get(group)) {
            (Some(kept), Some(&place)) => (&in_place.states[kept.state], place as usize),
            // past all groups there is the empty one
            _ => (&self.states[state], 0),
        }
    }

    /// Whether a state of a leaf is not kept for all rows of a group.
    pub(crate) fn lacks(&self, states: &[usize], group: usize) -> bool {
        states.iter().any(|&state| self.lacking[state].get(group).copied().unwrap_or(false))
    }

    /// One more group, which no row has reached, for keys that a window does not see.
    pub(crate) fn with_empty_group(mut self, plan: &Plan) -> (Self, u32) {
        let empty = self.groups.len();
        self.grow(plan, if self.in_place.is_some() { 1 } else { empty + 1 });
        // cannot truncate: groups are counted in u32
        (self, empty as u32)
    }
}

/// Whether every group of a result comes from one group alone.
fn is_one_to_one(map: &[u32], groups: usize) -> bool {
    map.iter().filter(|&&to| to != NO_GROUP).count() == groups
}

/// The key values of every tuple; `None` where the filter is not true.
pub(super) fn key_values(rollup: &Rollup, plan: &Plan, derivation: &Derivation) -> Result<Vec<Option<Vec<Value>>>> {
    let keys = &rollup.groups.keys;
    // cannot truncate: tuples are counted in u32
    (0..keys.len() as u32)
        .map(|tuple| {
            key_of(plan, &mut |slot| derivation.keys[slot].map_or(Value::Null, |key| keys.value(tuple, key).clone()))
        })
        .collect()
}

/// The key of a result that the keys of a spec give; `None` where the filter is not true.
pub(super) fn key_of(plan: &Plan, leaf: &mut dyn FnMut(usize) -> Value) -> Result<Option<Vec<Value>>> {
    if let Some(filter) = &plan.filter {
        if filter.evaluate(leaf).map_err(|error| error.within("where"))? != Value::Bool(true) {
            return Ok(None);
        }
    }
    let values = plan.keys.iter().map(|key| key.expr.evaluate(leaf));
    values.collect::<Result<Vec<Value>>>().map(Some).map_err(|error| error.within("group_by"))
}
