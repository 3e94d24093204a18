//! A rollup of another spec out of this one.

use super::regroup::{regroup, Rebucket};
use super::rollup::{nest, Rollup};
use crate::error::{Code, Error, Result};
use crate::spec::Spec;
use crate::state::StateColumn;
use alloc::format;
use alloc::sync::Arc;

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
        let sources = derivation.states.iter().flatten().map(|&state| &self.states[state]);
        for (column, from) in derived.states.iter_mut().zip(sources) {
            StateColumn::grow(column, groups);
            column.merge(from, &map);
        }
        Ok(derived)
    }
}
