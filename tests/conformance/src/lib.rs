//! Vectors that every host runs, and the tests that Rust runs beside them.
//!
//! The one idea: `tests/vectors/*.json` say what is done and what must come out, to the bit. [`cases`] writes the first
//! half by hand, [`vectors`] the second by running it once; the runners beside this crate demand it of every host, and
//! [`oracle`] of a model that shares no code with the kernel.
//!
//! Not here: speed, packaging.
//!
//! This crate is for tests: what a case gets wrong (a missing batch, a value that is none) panics.
#![forbid(unsafe_code)]

pub mod case;
pub mod cases;
pub mod cell;
pub mod data_sets;
pub mod fuzz;
pub mod layout;
pub mod oracle;
pub mod random;
pub mod run;
pub mod table;
pub mod vectors;
