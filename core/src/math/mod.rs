//! Arithmetic that no host can change: doubles as bits, and exact big integers.
//!
//! The one idea: compute exactly in integers and round once.
//!
//! Not here: the states that keep exact sums (`state`).

mod arithmetic;
mod convert;
mod decimal;
mod display;
pub(crate) mod exact;
pub mod fixed;
mod float64;
mod moments;
pub mod possible;
mod rounding;
pub(crate) mod signed_words;
pub(crate) mod words;

pub use exact::{Exact, Total};
pub use float64::Float64;
pub use moments::{are_moments, mean, standard_deviation, variance, weighted_mean, Ddof};
pub(crate) use words::square;
