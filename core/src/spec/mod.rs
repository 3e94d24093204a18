//! The spec: what a rollup is.

mod source;

pub use source::{Named, SpecSource};
