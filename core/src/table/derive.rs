//! A rollup of another spec out of this one.

use super::regroup::{regroup, Rebucket};
use super::rollup::{nest, Rollup};
use crate::error::{Code, Error, Result};
use crate::expr::Expr;
use crate::spec::{Derivation, Spec};
use crate::state::{StateColumn, NO_GROUP};
use crate::value::Value;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

impl Rollup {
    /// The rollup of `spec` out of the groups of this one: coarser, with fewer keys or with fewer states; the same
    /// bytes as folding the rows under that spec.
    ///
    /// **Errors** `coarsen.bucket`, `coarsen.key`, `merge.schema` (a state that this rollup does not keep),
    /// `limit.groups`.
    pub fn derive(&self, spec: &Spec) -> Result<Rollup> {
        let derivation = spec.derivation(&self.spec)?;
        if let Some(key) = derivation.missing_key() {
            let text = format!("{} has no key {}", self.spec.name(), spec.keys()[key].name());
            return Err(Error::new(Code::CoarsenKey, text));
        }
        if let Some(state) = derivation.lacking() {
            let text = format!("{} does not keep {}", self.spec.name(), spec.state_in_words(state));
            return Err(Error::new(Code::MergeSchema, text));
        }
        self.check_nesting(spec.bucket())?;
        let mut derived = Rollup::of(Arc::new(spec.clone()), self.max_groups);
        let (fine, coarse) = (self.spec.bucket(), spec.bucket());
        let tuple_of = |tuple: u32| {
            let value = |&key: &usize| self.groups.keys.value(tuple, key).as_scalar();
            Ok(Some(derivation.keys.iter().flatten().map(value).collect()))
        };
        let new_of = |start| nest(fine, coarse, start);
        let rebucket = if fine == coarse { Rebucket::Same } else { Rebucket::Each(&new_of) };
        let map = regroup(&mut derived.groups, &self.groups, self.max_groups, &|_| true, rebucket, &tuple_of)?;
        derived.rows = self.rows;
        let groups = derived.groups.len();
        let maps = self.maps_of(&derivation, &map)?;
        for (column, kept) in derived.states.iter_mut().zip(derivation.states.iter().flatten()) {
            StateColumn::grow(column, groups);
            column.merge(&self.states[kept.state], kept.only.map_or(&map, |only| &maps[only]));
        }
        Ok(derived)
    }

    /// By condition of a derivation, the places of the groups that meet it.
    pub(crate) fn maps_of(&self, derivation: &Derivation, map: &[u32]) -> Result<Vec<Vec<u32>>> {
        derivation.conditions.iter().map(|condition| self.only(condition, map)).collect()
    }

    fn only(&self, condition: &Expr, map: &[u32]) -> Result<Vec<u32>> {
        let keys = &self.groups.keys;
        let mut meets: Vec<Option<bool>> = vec![None; keys.len()];
        let mut only = map.to_vec();
        for (group, place) in only.iter_mut().enumerate().filter(|(_, place)| **place != NO_GROUP) {
            let tuple = self.groups.tuple(group);
            let met = match meets[tuple as usize] {
                Some(met) => met,
                None => condition.evaluate(&mut |key| keys.value(tuple, key).clone())? == Value::Bool(true),
            };
            meets[tuple as usize] = Some(met);
            if !met {
                *place = NO_GROUP;
            }
        }
        Ok(only)
    }
}
