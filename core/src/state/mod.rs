//! The mergeable states: what a rollup keeps of its rows.
//!
//! The one idea: every state is a commutative monoid with one canonical spelling in bytes, so that any order, split
//! or merge tree of the rows gives the same bytes.
//!
//! Not here: which states a spec needs (`spec`), which rows and groups there are (`table`).

mod add_run;
mod add_squares;
mod add_values;
mod best_keys;
pub mod bools;
pub mod column;
pub mod count;
pub mod distinct;
pub mod edge;
pub mod exemplar;
pub mod extremum;
pub mod histogram;
pub mod kind;
mod order_key;
#[cfg(test)]
mod properties;
pub mod rows;
pub mod seen;
pub mod sum_float;
pub mod sum_int;
pub mod sum_squares_float;
pub mod sum_squares_int;
mod tally;
pub mod tdigest;
pub mod text_hashes;
pub mod value_counts;
mod window;

pub use column::{StateColumn, NO_GROUP};
pub use edge::Edge;
pub use extremum::Extreme;
pub use histogram::HistogramColumn;
pub use kind::StateKind;
pub use rows::{Rows, Run};
pub use seen::Seen;
pub use text_hashes::TextHashes;
