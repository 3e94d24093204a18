//! A query as its author wrote it: texts, nothing checked.

use crate::spec::Named;
use crate::time::BucketSource;
use crate::value::Value;
use alloc::string::String;
use alloc::vec::Vec;

/// What to do with a range that does not fall on bucket edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// It is an error.
    #[default]
    Exact,
    /// Take every bucket that the range touches.
    Outer,
    /// Take the buckets that lie wholly inside.
    Inner,
}

/// The bucket of the result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BucketChoice {
    /// The spec's own.
    #[default]
    Own,
    /// None: one row for each key over the whole range.
    Whole,
    /// A coarser one.
    Coarser(BucketSource),
}

/// What an empty bucket gets for a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fill {
    /// NULL.
    Null,
    /// The same value everywhere.
    Constant(Value),
    /// The last observation, carried forward.
    Locf,
    /// The line between the neighbours.
    Interpolate,
}

/// What a query says. [`crate::Rollup::query`] compiles it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuerySource {
    /// First instant, ISO 8601.
    pub start: Option<String>,
    /// First instant no longer in the range, ISO 8601.
    pub end: Option<String>,
    /// What to do with a range off the edges.
    pub align: Align,
    /// The bucket of the result.
    pub bucket: BucketChoice,
    /// Time zone of the bucket and of calendar windows, where the bucket names none.
    pub timezone: Option<String>,
    /// Keys to keep: names of keys, or expressions over them; `None` keeps all.
    pub group_by: Option<Vec<Named>>,
    /// A condition over keys (`where`).
    pub filter: Option<String>,
    /// Metric names or expressions over stored states; `None` takes all metrics of the spec.
    pub select: Option<Vec<Named>>,
    /// A condition over the columns of the result.
    pub having: Option<String>,
    /// Columns of the result, each with `-` before it for descending order.
    pub order_by: Vec<String>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// Leave out so many rows first.
    pub offset: u64,
    /// How empty buckets are filled; `None` leaves them out.
    pub gapfill: Option<Vec<(String, Fill)>>,
    /// Suffix and width of windows before `end` for which the metrics are repeated.
    pub windows: Vec<(String, String)>,
    /// What the metrics stand beside.
    pub compare: Compare,
    /// The values that `$1`, `$2`, … stand for in expressions.
    pub parameters: Vec<Value>,
    /// Aggregates over the rows of the answer, which are the answer then: [`crate::query::then`].
    pub then: Option<ThenSource>,
    /// What decimals come as.
    pub decimals: Decimals,
}

/// What the metrics of a range stand beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    /// Nothing.
    #[default]
    Nothing,
    /// Those of the period of equal length before it, under names that end in `_previous`.
    Previous,
}

/// A second step: what is made of the rows of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThenSource {
    /// Keys: columns of the answer, or expressions over them.
    pub group_by: Vec<Named>,
    /// Aggregates over the columns of the answer.
    pub select: Vec<Named>,
    /// A condition over the columns of the answer (`where`).
    pub filter: Option<String>,
    /// A condition over the columns of the result.
    pub having: Option<String>,
    /// Columns of the result, each with `-` before it for descending order.
    pub order_by: Vec<String>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// Leave out so many rows first.
    pub offset: u64,
}

/// What the decimals of a result are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decimals {
    /// Decimals, for which each host has its type.
    #[default]
    Exact,
    /// Their texts, with all digits of their scale: for hosts whose numbers are doubles.
    Text,
}
