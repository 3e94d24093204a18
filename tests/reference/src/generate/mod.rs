//! Nasty rows from a seed: the same seed gives the same rows on every host.
//!
//! The one idea: each way in which aggregation goes wrong has a kind of input that shows it, and a test names the kinds.
//!
//! *Not here*: shrinking. A failing test prints its seed; fewer rows with the same seed are a prefix of more.

mod floats;
mod generator;
mod rows;

pub use floats::Floats;
pub use generator::Generator;
pub use rows::{Field, Shape, Times, ZONES};
