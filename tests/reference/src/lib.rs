//! A naive model of isofold: the answer a rollup must give, from every row it ever saw.
//!
//! The one idea: keep the rows, and compute each answer from its definition with big integers and fractions, rounded
//! once at the end. Slow and obvious; it shares no code with the kernel, so that the two can only agree by being right.
//!
//! - [`Model`] holds rows and a [`Spec`]; its operations are their definitions (merging concatenates the rows).
//! - [`Aggregate`] computes one answer over the rows of one group.
//! - [`Bucket`] is `time_bucket`, with zones read through another library than the kernel's.
//! - [`functions`] are the functions of texts and of instants that expressions have.
//! - [`truth`] reads the data sets with answers computed elsewhere; [`generate`] makes nasty rows from a seed.
//! - [`skip`] says that a machine cannot run a test, which in CI is a failure.
//! - [`percentiles`] says what the percentile sketch tells, bit by bit where its definition does.
//!
//! *Not here*: other sketches. A percentile or distinct count of a [`Model`] is the exact one; a test compares the
//! kernel's with the promised error.
//!
//! This crate is for tests: what a test gets wrong (a missing column, a zone that does not exist) panics.

#![forbid(unsafe_code)]

pub mod aggregate;
pub mod bucket;
pub mod cell;
pub mod functions;
pub mod gapfill;
pub mod generate;
pub mod model;
pub mod moments;
pub mod order;
pub mod percentiles;
pub mod rounding;
pub mod skip;
pub mod truth;
pub mod zone;

pub use aggregate::{Aggregate, Answer, Clock};
pub use bucket::{Bucket, Width};
pub use cell::{Cell, Row};
pub use gapfill::Fill;
pub use model::{Group, Metric, Model, Predicate, Spec};
