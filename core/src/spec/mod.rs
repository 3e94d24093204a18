//! The spec: what a rollup is.
//!
//! The one idea: a spec is compiled once, with all its problems reported at once; afterwards everything is an index
//! (columns, inputs, filters, states), and two specs with the same states have the same fingerprint.
//!
//! Not here: JSON (facade), rows (`table`).

mod aggregates;
mod compile;
mod declared;
mod derivation;
mod metric;
mod rows;
mod schema;
mod source;

pub(crate) use aggregates::{States, Wanted};
pub(crate) use compile::{bare_name, metric_of_ast};
pub use declared::ColumnDef;
pub use derivation::Derivation;
pub(crate) use derivation::Kept;
pub use metric::{Leaf, Metric, Read};
pub use rows::RowExpr;
pub(crate) use schema::hex;
pub use schema::{Argument, StateDef};
pub use source::{Named, SpecSource};

use crate::bytes::Version;
use crate::error::{Code, Error, Result};
use crate::expr::Expr;
use crate::time::Bucket;
use crate::value::Type;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The names of aggregates and accessors, for messages and hosts.
pub const AGGREGATES: [&str; 29] = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "variance",
    "var_samp",
    "var_pop",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "percentile_agg",
    "median",
    "approx_count_distinct",
    "mode",
    "value_counts",
    "first",
    "last",
    "exemplar",
    "bool_and",
    "bool_or",
    "tdigest",
    "approx_percentile",
    "approx_percentile_rank",
    "percentile_error",
    "histogram",
    "count_of",
    "topn",
    "num_distinct",
];

/// Whether a call of this name reads aggregates.
pub(crate) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(&name)
}

/// A group key: a named expression over columns.
#[derive(Clone, Debug)]
pub struct Key {
    name: String,
    expr: RowExpr,
}

impl Key {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The expression.
    #[must_use]
    pub fn expr(&self) -> &RowExpr {
        &self.expr
    }

    /// The type of the values.
    #[must_use]
    pub fn data_type(&self) -> Type {
        self.expr.data_type()
    }
}

/// A compiled spec.
#[derive(Clone, Debug)]
pub struct Spec {
    name: String,
    columns: Vec<ColumnDef>,
    time: usize,
    bucket: Bucket,
    keys: Vec<Key>,
    filter: Option<RowExpr>,
    inputs: Vec<RowExpr>,
    filters: Vec<RowExpr>,
    states: Vec<StateDef>,
    rows_state: usize,
    metrics: Vec<Metric>,
    keep: Vec<String>,
    fingerprint: String,
}

impl Spec {
    /// The name of the rollup.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The declared columns, by name.
    #[must_use]
    pub fn columns(&self) -> &[ColumnDef] {
        &self.columns
    }

    /// The time, by index into the columns.
    #[must_use]
    pub fn time_column(&self) -> usize {
        self.time
    }

    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// The group keys.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The condition of `where`.
    #[must_use]
    pub fn filter(&self) -> Option<&RowExpr> {
        self.filter.as_ref()
    }

    /// The columns that folding rows reads, by index, ascending: others decide nothing.
    #[must_use]
    pub fn read_columns(&self) -> Vec<usize> {
        let rows = self.filter.iter().chain(self.keys.iter().map(Key::expr)).chain(&self.inputs).chain(&self.filters);
        let mut read: Vec<usize> = rows.flat_map(|expr| expr.expr().leaves()).chain([self.time]).collect();
        crate::sort::ascending(&mut read);
        read.dedup();
        read
    }

    /// An expression over keys as one over the columns of rows.
    #[must_use]
    pub fn over_rows(&self, over_keys: &Expr) -> Expr {
        over_keys.clone().with_leaves(&|key| self.keys[key].expr().expr().clone())
    }

    /// The arguments of states, each once.
    #[must_use]
    pub fn inputs(&self) -> &[RowExpr] {
        &self.inputs
    }

    /// The conditions of states, each once.
    #[must_use]
    pub fn filters(&self) -> &[RowExpr] {
        &self.filters
    }

    /// The atomic states, each once, in the order of their texts.
    #[must_use]
    pub fn states(&self) -> &[StateDef] {
        &self.states
    }

    /// The state that counts the rows of a group; every spec has it.
    #[must_use]
    pub fn rows_state(&self) -> usize {
        self.rows_state
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// What is kept beside what the metrics read, in canonical spelling: ascending, each once.
    #[must_use]
    pub fn keep(&self) -> &[String] {
        &self.keep
    }

    /// SHA-256 in hex of everything that decides the states of a row. Rollups of one fingerprint can be merged.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The fingerprint as bytes of a version have it: those of the first do not tell the types of inputs.
    ///
    /// **Cost** one SHA-256 of all texts.
    #[must_use]
    pub fn fingerprint_in(&self, version: Version) -> String {
        schema::fingerprint(self.schema_parts(version).iter().map(String::as_str))
    }

    /// A state in words, with the types of what it sees: what two specs must share to share the state.
    #[must_use]
    pub fn state_in_words(&self, state: usize) -> String {
        let mut words = self.states[state].text.clone();
        for (word, data_type) in ["of", "by"].into_iter().zip(self.seen_types(state)) {
            if let Some(data_type) = data_type {
                words += &format!(" {word} {data_type}");
            }
        }
        words
    }

    /// The type of the values that a state sees, and of what orders them.
    pub(crate) fn seen_types(&self, state: usize) -> [Option<Type>; 2] {
        let state = &self.states[state];
        let values = match state.argument {
            Argument::Values(input) => Some(input),
            Argument::Rows | Argument::NaNs(_) => None,
        };
        [values, state.by].map(|input| input.map(|input| self.inputs[input].data_type()))
    }

    /// Whether the rollup is a function of the multiset of rows: no state depends on their order.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        self.states.iter().all(|state| state.kind().is_canonical())
    }

    /// The spec in its normal form: compiling it gives this spec again.
    #[must_use]
    pub fn source(&self) -> SpecSource {
        SpecSource {
            name: self.name.clone(),
            columns: self.columns.iter().map(|column| (column.name().into(), column.text())).collect(),
            time: self.columns[self.time].name().into(),
            bucket: self.bucket.source(),
            group_by: self
                .keys
                .iter()
                .map(|key| Named { name: Some(key.name.clone()), expression: key.expr.text().into() })
                .collect(),
            filter: self.filter.as_ref().map(|filter| filter.text().into()),
            select: self.metrics.iter().map(|m| (m.name.clone(), m.text.clone())).collect(),
            keep: self.keep.clone(),
        }
    }

    /// Checks that the other spec keeps the same states.
    ///
    /// **Errors** `merge.schema`, saying what differs.
    pub fn require_same_schema(&self, other: &Spec) -> Result<()> {
        if self.fingerprint == other.fingerprint {
            return Ok(());
        }
        let ours = self.schema_parts(Version::CURRENT);
        let theirs = other.schema_parts(Version::CURRENT);
        let only = |a: &[String], b: &[String]| a.iter().find(|part| !b.contains(part)).cloned();
        let text = match (only(&ours, &theirs), only(&theirs, &ours)) {
            (Some(a), Some(b)) => format!("the schemas differ: {a} here, {b} there"),
            (Some(a), None) => format!("the schemas differ: {a} is missing there"),
            (None, Some(b)) => format!("the schemas differ: {b} is missing here"),
            (None, None) => "the schemas differ in the order of their keys".into(),
        };
        Err(Error::new(Code::MergeSchema, text))
    }

    /// Everything that decides the states of a row, in words.
    fn schema_parts(&self, version: Version) -> Vec<String> {
        let bucket = self.bucket.source();
        let mut parts = Vec::new();
        parts.push(format!("time {}", self.columns[self.time].name()));
        parts.push(format!("bucket {}", bucket.width));
        for (word, part) in [("timezone", bucket.timezone), ("origin", bucket.origin), ("offset", bucket.offset)] {
            parts.extend(part.map(|part| format!("{word} {part}")));
        }
        parts.extend(self.keys.iter().map(|k| format!("key {}[{}]: {}", k.name, k.data_type(), k.expr.text())));
        parts.extend(self.filter.iter().map(|filter| format!("where {}", filter.text())));
        parts.extend((0..self.states.len()).map(|state| match version {
            Version::V1 => format!("state {}", self.states[state].text),
            Version::V2 => format!("state {}", self.state_in_words(state)),
        }));
        parts
    }

    /// The spec with a coarser bucket and fewer keys, and where each key it keeps stands in this spec.
    ///
    /// **Errors** `coarsen.key` for a key that this spec has not, or that is named twice.
    pub(crate) fn coarsened(&self, bucket: Option<&Bucket>, group_by: Option<&[String]>) -> Result<(Spec, Vec<usize>)> {
        let kept = match group_by {
            None => (0..self.keys.len()).collect(),
            Some(names) => self.key_indices(names)?,
        };
        let mut spec = self.clone();
        spec.keys = kept.iter().map(|&index| self.keys[index].clone()).collect();
        if let Some(bucket) = bucket {
            spec.bucket = bucket.clone();
        }
        spec.fingerprint = spec.fingerprint_in(Version::CURRENT);
        Ok((spec, kept))
    }

    fn key_indices(&self, names: &[String]) -> Result<Vec<usize>> {
        let mut kept = Vec::with_capacity(names.len());
        for name in names {
            let Some(index) = self.keys.iter().position(|key| key.name == *name) else {
                return Err(
                    Error::new(Code::CoarsenKey, format!("{name} is not a key of the rollup")).within("group_by")
                );
            };
            if kept.contains(&index) {
                return Err(Error::new(Code::CoarsenKey, format!("{name} is named twice")).within("group_by"));
            }
            kept.push(index);
        }
        Ok(kept)
    }
}
