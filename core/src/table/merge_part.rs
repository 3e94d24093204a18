//! What is left of a merge once its groups are mapped: one part a state.
//!
//! The one idea: states know nothing of each other, so that threads, which the core has none of, can share the parts.

use crate::state::StateColumn;

/// The merge of one state of all groups.
pub struct MergePart<'r> {
    into: &'r mut StateColumn,
    from: Option<StateColumn>,
    map: &'r [u32],
    known: usize,
}

impl<'r> MergePart<'r> {
    /// Groups from `known` on are new in `into`; `map` has no place twice.
    pub(super) fn new(into: &'r mut StateColumn, from: StateColumn, map: &'r [u32], known: usize) -> Self {
        Self { into, from: Some(from), map, known }
    }

    /// Merges; does nothing when that is done.
    pub fn run(&mut self) {
        if let Some(mut from) = self.from.take() {
            self.into.merge_owned(&mut from, self.map, self.known);
        }
    }

    /// Bytes of what is merged in, about: which part takes longest.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.from.as_ref().map_or(0, StateColumn::heap_bytes)
    }
}
