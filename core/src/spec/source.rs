//! A spec as its author wrote it: texts, nothing checked.

use crate::time::BucketSource;
use alloc::string::String;
use alloc::vec::Vec;

/// A named expression; without a name, the expression's own text is the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name, where one is given.
    pub name: Option<String>,
    /// The expression.
    pub expression: String,
}

/// What a spec says. Compiling compiles it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecSource {
    /// The name of the rollup.
    pub name: String,
    /// Column name and type: its name as [`crate::value::ColumnType::from_name`] knows it, of a timestamp ` at ` and the
    /// zone of times without one, and ` optional` for a column that may be absent.
    pub columns: Vec<(String, String)>,
    /// The timestamp column that decides the bucket.
    pub time: String,
    /// The bucket.
    pub bucket: BucketSource,
    /// Group keys: a column or any expression over columns.
    pub group_by: Vec<Named>,
    /// Only rows for which this is true are folded (`where`).
    pub filter: Option<String>,
    /// Metric name and expression over aggregates, in the order of the result.
    pub select: Vec<(String, String)>,
    /// Aggregates and states, such as `percentile_agg(x)`, that no metric needs to show: coarser rollups and queries read
    /// them.
    pub keep: Vec<String>,
}
