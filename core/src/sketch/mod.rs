//! The two sketches: a histogram that answers percentiles, registers that answer distinct counts.
//!
//! The one idea: both are exact while they are small and step down to the next coarser of a fixed row of nested
//! coarsenings once they are too large. The size never falls as rows are added, so "the finest that fits" is a function
//! of the multiset of rows, not of their order.
//!
//! Not here: vectors of sketches by group and their place in a rollup (`state`).

mod ascending;
mod bits;
mod codes;
mod distinct;
mod distribution;
mod ends;
mod estimator;
mod grain;
mod hashes;
mod histogram;
mod hyperloglog;
mod key;
mod list;
mod mapping;
mod registers_spelling;
mod span;
mod spelling;
mod store;
mod tables;
mod walk;

pub use distinct::{Distinct, DistinctMemory};
pub use distribution::Distribution;
pub use ends::Ends;
pub use estimator::Estimator;
pub use histogram::{Histogram, HistogramMemory};
pub use mapping::{index, lower_bound, relative_error, representative, upper_bound, COARSEST_SCALE, FINEST_SCALE};
