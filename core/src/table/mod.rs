//! The rollup: a table from (bucket, key) to states, and the verbs on it.
//!
//! The one idea: every verb that moves groups (merge, coarsen, slice, replace, prune, and the regrouping of a query)
//! is one mapping of groups followed by one merge of states.
//!
//! Not here: reading metrics (`query`), bytes (`codec`).

mod arrangement;
mod budget;
mod derive;
#[cfg(test)]
mod flooding;
mod groups;
mod ingest;
mod inputs;
mod keys;
mod merge_part;
mod ranges;
mod recent;
mod regroup;
mod rollup;

pub use budget::Budget;
pub(crate) use groups::Groups;
pub use merge_part::MergePart;
pub(crate) use regroup::{regroup, Rebucket};
pub(crate) use rollup::nest;
pub use rollup::{Rollup, Stats};
