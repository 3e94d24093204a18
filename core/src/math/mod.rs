//! Arithmetic that no host can change: doubles as bits, and exact big integers.

mod float64;

pub use float64::Float64;
