//! Reading a rollup: range, bucket, keys, metrics, having, order, windows, gap filling.

mod source;

pub use source::{Align, BucketChoice, Fill, QuerySource};
