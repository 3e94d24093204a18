//! How a rollup follows from a finer one, or from one of an earlier version of its spec.
//!
//! The one idea: buckets must nest, keys and `where` must be the same expressions, and states are found by their
//! texts and the types of what they see; a state that is not found is lacking, and everything else still holds. A
//! state whose rows meet a condition over keys of the finer rollup follows from the same state of all rows.

use super::{Key, RowExpr, Spec};
use crate::error::{Code, Error, Result};
use crate::expr::Expr;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where the keys and states of one spec stand in another.
#[derive(Clone, Debug)]
pub struct Derivation {
    pub(crate) keys: Vec<Option<usize>>,
    pub(crate) states: Vec<Option<Kept>>,
    /// Conditions over the keys of the other, each once.
    pub(crate) conditions: Vec<Expr>,
}

/// What a state is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    /// The state of the other spec.
    pub(crate) state: usize,
    /// The condition that its groups meet, by index into [`Derivation::conditions`]; all do where there is none.
    pub(crate) only: Option<usize>,
}

impl Derivation {
    /// How a rollup follows from itself.
    pub(crate) fn identity(spec: &Spec) -> Self {
        Self {
            keys: (0..spec.keys.len()).map(Some).collect(),
            states: (0..spec.states.len()).map(|state| Some(Kept { state, only: None })).collect(),
            conditions: Vec::new(),
        }
    }

    /// The first key that the finer rollup has not, by index into [`Spec::keys`] of the coarser one.
    #[must_use]
    pub fn missing_key(&self) -> Option<usize> {
        self.keys.iter().position(Option::is_none)
    }

    /// The first state that the finer rollup does not keep, by index into [`Spec::states`] of the coarser one.
    #[must_use]
    pub fn lacking(&self) -> Option<usize> {
        self.states.iter().position(Option::is_none)
    }
}

impl Spec {
    /// How rollups of this spec follow from those of `from`.
    ///
    /// **Errors** `merge.schema` (another time or `where`, or another expression behind a key). What `from` does not
    /// keep is told by [`Derivation::missing_key`] and [`Derivation::lacking`].
    pub fn derivation(&self, from: &Spec) -> Result<Derivation> {
        let time = |spec: &Spec| String::from(spec.columns[spec.time].name());
        let condition = |spec: &Spec| spec.filter.as_ref().map(|filter| filter.text().to_string());
        for (word, ours, theirs) in
            [("time", Some(time(self)), Some(time(from))), ("where", condition(self), condition(from))]
        {
            if ours != theirs {
                let name = |text: Option<String>| text.unwrap_or_else(|| "nothing".into());
                let text = format!("the schemas differ: {word} is {} here, {} there", name(ours), name(theirs));
                return Err(Error::new(Code::MergeSchema, text));
            }
        }
        let keys = self.keys.iter().map(|key| key_in(key, from)).collect::<Result<_>>()?;
        let mut found = Derivation { keys, states: Vec::new(), conditions: Vec::new() };
        // by filter the place of its condition
        let mut places: Vec<Option<Option<usize>>> = alloc::vec![None; self.filters.len()];
        for state in 0..self.states.len() {
            let text = self.states[state].text();
            let mut kept = self.state_in(state, text, from).map(|state| Kept { state, only: None });
            if let (None, Some(filter)) = (kept, self.states[state].filter()) {
                let only = *places[filter].get_or_insert_with(|| {
                    let condition = over_keys(&self.filters[filter], self, from)?;
                    found.conditions.push(condition);
                    Some(found.conditions.len() - 1)
                });
                let suffix = format!(" filter (where {})", self.filters[filter].text());
                let of_all = text.strip_suffix(suffix.as_str()).and_then(|text| self.state_in(state, text, from));
                kept = only.and(of_all).map(|state| Kept { state, only });
            }
            found.states.push(kept);
        }
        Ok(found)
    }

    /// The state of another spec that has a text and sees what one of this does.
    fn state_in(&self, state: usize, text: &str, other: &Spec) -> Option<usize> {
        let is_it =
            |&place: &usize| other.states[place].text() == text && other.seen_types(place) == self.seen_types(state);
        (0..other.states.len()).find(is_it)
    }
}

/// A condition of rows as one of groups: each column that it reads is a key of them.
fn over_keys(filter: &RowExpr, spec: &Spec, from: &Spec) -> Option<Expr> {
    let key_of = |column: usize| {
        let column = &spec.columns[column];
        let is_it = |key: &Key| {
            key.expr().expr().is_leaf().is_some_and(|it| {
                from.columns[it].name() == column.name() && key.data_type() == column.column_type().data_type
            })
        };
        from.keys.iter().position(is_it)
    };
    let columns = filter.expr().leaves();
    columns.iter().all(|&column| key_of(column).is_some()).then(|| {
        let leaf = |column: usize| {
            let key = key_of(column).unwrap_or_default();
            Expr::of_slot(key, from.keys[key].data_type())
        };
        filter.expr().clone().with_leaves(&leaf)
    })
}

fn key_in(key: &Key, from: &Spec) -> Result<Option<usize>> {
    let Some(index) = from.keys.iter().position(|other| other.name() == key.name()) else { return Ok(None) };
    let other = &from.keys[index];
    if other.expr() == key.expr() && other.data_type() == key.data_type() {
        return Ok(Some(index));
    }
    let words = |key: &Key| format!("{} of {}", key.expr().text(), key.data_type());
    let text = format!("the key {} is {} here, {} there", key.name(), words(key), words(other));
    Err(Error::new(Code::MergeSchema, text))
}
