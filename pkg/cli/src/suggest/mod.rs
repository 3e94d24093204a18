//! A spec for a file, or a catalog for a table, written from what is in it.
//!
//! The one idea: a sample is looked at as texts; for each column the narrowest type is taken that all of its values fit,
//! and what the spec says of reading follows from what had to be known to read them. What is guessed or left out is told.
//!
//! Not here: reading itself (`read`), what a spec means (`isofold::spec`).

pub mod catalog;
mod column;
mod sample;
mod spec;
mod times;
mod words;

pub use sample::Sample;
pub use spec::{spec_of, Suggestion};
