//! Arithmetic that no host can change: doubles as bits, and exact big integers.
//!
//! The one idea: compute exactly in integers and round once.
//!
//! Not here: the states that keep exact sums (`state`).

mod arithmetic;
mod convert;
mod decimal;
mod display;
mod float64;
mod rounding;
mod words;

pub use float64::Float64;
