//! What an atomic state is, without the rows it has seen.
//!
//! The one idea: a closed enum. Adding a kind makes the compiler list the places to touch: [`StateKind`] here,
//! `StateColumn` in `column.rs`, and the aggregates that use it in `spec/aggregates.rs`.

use super::edge::Edge;
use super::extremum::Extreme;
use crate::value::Type;
use alloc::format;
use alloc::string::String;

/// The kind of an atomic state with the parameters that two states must share to be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// Rows, present values or NaNs.
    Count,
    /// Exact sum of doubles.
    SumFloat,
    /// Exact sum of integers.
    SumInt,
    /// Exact sum of squares of doubles.
    SumSquaresFloat,
    /// Exact sum of squares of integers.
    SumSquaresInt,
    /// Minimum or maximum.
    Extremum(Extreme, Type),
    /// Base-2 exponential histogram of a scale, for percentiles.
    Histogram(u8),
    /// The same of units of decimals.
    UnitHistogram(u8),
    /// Distinct count of a precision.
    Distinct(u8),
    /// How often each value occurs, up to a limit of distinct values.
    ValueCounts(Type, u32),
    /// The value at the smallest or largest time: value type, time type.
    Edge(Edge, Type, Type),
    /// The k rows of lowest hash.
    Exemplar(Type, u32),
    /// Whether any value was true and any false.
    Bools,
    /// t-digest of a size; the one state that depends on the order of rows.
    TDigest(u32),
}

impl StateKind {
    /// Whether the state is a function of the multiset of rows.
    #[must_use]
    pub fn is_canonical(self) -> bool {
        !matches!(self, StateKind::TDigest(_))
    }

    /// Name and parameters, as the schema and error messages spell them.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            StateKind::Count => "count".into(),
            StateKind::SumFloat => "sum[float64]".into(),
            StateKind::SumInt => "sum[int64]".into(),
            StateKind::SumSquaresFloat => "sum_squares[float64]".into(),
            StateKind::SumSquaresInt => "sum_squares[int64]".into(),
            StateKind::Extremum(Extreme::Min, t) => format!("min[{t}]"),
            StateKind::Extremum(Extreme::Max, t) => format!("max[{t}]"),
            StateKind::Histogram(scale) => format!("percentiles[{scale}]"),
            StateKind::UnitHistogram(scale) => format!("decimal_percentiles[{scale}]"),
            StateKind::Distinct(precision) => format!("distinct[{precision}]"),
            StateKind::ValueCounts(t, limit) => format!("value_counts[{t}, {limit}]"),
            StateKind::Edge(Edge::First, v, t) => format!("first[{v}, {t}]"),
            StateKind::Edge(Edge::Last, v, t) => format!("last[{v}, {t}]"),
            StateKind::Exemplar(t, k) => format!("exemplar[{t}, {k}]"),
            StateKind::Bools => "bools".into(),
            StateKind::TDigest(size) => format!("tdigest[{size}]"),
        }
    }
}
