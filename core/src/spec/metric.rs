//! Metrics: named expressions whose leaves read states.

use super::schema::Argument;
use super::Spec;
use crate::expr::Expr;
use crate::math::{fixed, Float64};
use crate::state::StateKind;
use crate::value::{OutputType, Value};
use alloc::string::String;
use alloc::vec::Vec;

/// Which variance.
pub use crate::math::Ddof;

/// How a leaf of a metric reads its states. The states it needs are in [`Leaf::states`], in the order named here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A count: `[count]`.
    Count,
    /// A sum, NULL of nothing: `[sum, count]`.
    Sum,
    /// A sum of integers as the nearest double, also past int64: `[sum, count]`.
    SumAsDouble,
    /// A mean: `[sum, count]`.
    Avg,
    /// A variance: `[sum, sum of squares, count]`.
    Variance(Ddof),
    /// A standard deviation: `[sum, sum of squares, count]`.
    Stddev(Ddof),
    /// A minimum or maximum: `[extremum]`.
    Extremum,
    /// A percentile at p from 0 to 1: `[histogram, min, max]`.
    Percentile(Float64),
    /// The fraction of values at or below: `[histogram, min, max]`.
    PercentileRank(Float64),
    /// The attained relative error: `[histogram]`.
    PercentileError,
    /// Counts between bounds: `[histogram]`.
    Histogram(Vec<Float64>),
    /// A distinct count: `[distinct]`; in a query, then the counts that it cannot pass.
    Distinct,
    /// The most frequent value: `[value counts]`.
    Mode,
    /// All values with counts: `[value counts]`.
    ValueCounts,
    /// The count of one value: `[value counts]`.
    CountOf(Value),
    /// The n most frequent values: `[value counts]`.
    TopN(usize),
    /// The number of distinct values, exact: `[value counts]`.
    NumDistinct,
    /// First or last: `[edge]`.
    Edge,
    /// One sample value: `[exemplar]`.
    Exemplar,
    /// Sample values: `[exemplar]`.
    Exemplars,
    /// Whether all were true: `[bools]`.
    BoolAnd,
    /// Whether any was true: `[bools]`.
    BoolOr,
    /// A percentile: `[tdigest]`.
    DigestPercentile(Float64),
    /// The fraction of values at or below: `[tdigest]`.
    DigestPercentileRank(Float64),
    /// An earlier metric of the same list.
    Metric(usize),
}

/// A leaf of a metric's expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub(crate) read: Read,
    pub(crate) states: Vec<usize>,
    /// Digits behind the point of the decimals whose units the states hold.
    pub(crate) scale: Option<u8>,
}

impl Leaf {
    /// How the states are read.
    #[must_use]
    pub fn read(&self) -> &Read {
        &self.read
    }

    /// Digits behind the point of the decimals whose units the states hold; `None` where they hold other values.
    #[must_use]
    pub fn scale(&self) -> Option<u8> {
        self.scale
    }

    /// How many of what the states hold are one.
    pub(crate) fn unit(&self) -> u64 {
        fixed::unit(self.scale.unwrap_or(0))
    }

    /// The states, by index into [`crate::spec::Spec::states`].
    #[must_use]
    pub fn states(&self) -> &[usize] {
        &self.states
    }
}

/// A named expression over states.
#[derive(Clone, Debug)]
pub struct Metric {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) expr: Expr,
    pub(crate) leaves: Vec<Leaf>,
}

impl Metric {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The expression in its canonical spelling.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The type of the values.
    #[must_use]
    pub fn output_type(&self) -> OutputType {
        self.expr.output_type()
    }

    /// Has distinct counts read what the rollup keeps of the number of their values: an estimate that passes it is wrong.
    pub(crate) fn bound_distinct(&mut self, spec: &Spec) {
        for leaf in self.leaves.iter_mut().filter(|leaf| leaf.read == Read::Distinct) {
            leaf.states.truncate(1);
            let Some(distinct) = leaf.states.first().map(|&state| &spec.states()[state]) else { continue };
            let sees_all = |state: &super::StateDef| {
                state.kind() == StateKind::Count
                    && (state.argument() == Argument::Rows || state.argument() == distinct.argument())
                    && (state.filter().is_none() || state.filter() == distinct.filter())
            };
            let counts = spec.states().iter().enumerate().filter(|(_, state)| sees_all(state));
            leaf.states.extend(counts.map(|(index, _)| index));
        }
    }

    /// What the expression reads, by slot.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }
}
