//! How a rollup follows from a finer one, or from one of an earlier version of its spec.
//!
//! The one idea: buckets must nest, keys and `where` must be the same expressions, and states are found by their
//! texts and the types of what they see; a state that is not found is lacking, and everything else still holds.

use super::{Key, Spec};
use crate::error::{Code, Error, Result};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where the keys and states of one spec stand in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    pub(crate) keys: Vec<Option<usize>>,
    pub(crate) states: Vec<Option<usize>>,
}

impl Derivation {
    /// How a rollup follows from itself.
    pub(crate) fn identity(spec: &Spec) -> Self {
        Self { keys: (0..spec.keys.len()).map(Some).collect(), states: (0..spec.states.len()).map(Some).collect() }
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
        let find = |state: usize| {
            let is_it = |&other: &usize| {
                from.states[other].text() == self.states[state].text()
                    && from.seen_types(other) == self.seen_types(state)
            };
            (0..from.states.len()).find(is_it)
        };
        let states = (0..self.states.len()).map(find).collect();
        Ok(Derivation { keys, states })
    }
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
