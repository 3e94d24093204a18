//! A rollup that keeps its rows.
//!
//! The one idea: the operations are what they mean for the rows. Merging puts two piles of rows together, coarsening
//! folds them again, slicing and pruning throw rows away.

use crate::aggregate::{Aggregate, Answer};
use crate::bucket::Bucket;
use crate::cell::{Cell, Row};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A condition on a row; `false` stands for SQL's NULL too.
#[derive(Clone)]
pub struct Predicate(Arc<dyn Fn(&Row) -> bool>);

impl Predicate {
    /// A condition.
    pub fn new(condition: impl Fn(&Row) -> bool + 'static) -> Self {
        Self(Arc::new(condition))
    }

    /// Whether a row meets it.
    #[must_use]
    pub fn holds(&self, row: &Row) -> bool {
        (self.0)(row)
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

/// A named aggregate, over the rows that meet a condition if there is one.
#[derive(Clone, Debug)]
pub struct Metric {
    /// The name of the output column.
    pub name: String,
    /// What is computed.
    pub aggregate: Aggregate,
    /// `filter (where …)`
    pub filter: Option<Predicate>,
}

impl Metric {
    /// A metric over every row of the group.
    #[must_use]
    pub fn new(name: &str, aggregate: Aggregate) -> Self {
        Self { name: name.to_string(), aggregate, filter: None }
    }

    /// The same metric over the rows that meet a condition.
    #[must_use]
    pub fn filter(mut self, condition: impl Fn(&Row) -> bool + 'static) -> Self {
        self.filter = Some(Predicate::new(condition));
        self
    }
}

/// What a rollup is: how rows are bucketed and grouped, which rows count, what is computed.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The bucket; `None` gives one bucket of all time, labelled 0.
    pub bucket: Option<Bucket>,
    /// The columns rows are grouped by.
    pub keys: Vec<usize>,
    /// The rows that count.
    pub filter: Option<Predicate>,
    /// What is computed for each group.
    pub metrics: Vec<Metric>,
}

/// The name of a group, in the order groups come in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The start of the bucket in microseconds.
    pub bucket_us: i64,
    /// The values of the keys; NULL is a value here.
    pub key: Vec<Cell>,
}

/// A spec and every row that was ever ingested and meets its filter.
#[derive(Clone, Debug)]
pub struct Model {
    spec: Spec,
    rows: Vec<Row>,
}

impl Model {
    /// A rollup of no rows.
    #[must_use]
    pub fn new(spec: Spec) -> Self {
        Self { spec, rows: Vec::new() }
    }

    /// A rollup of some rows.
    #[must_use]
    pub fn of(spec: Spec, rows: &[Row]) -> Self {
        let mut model = Self::new(spec);
        model.ingest(rows);
        model
    }

    /// Adds rows.
    pub fn ingest(&mut self, rows: &[Row]) {
        let counts = |row: &&Row| self.spec.filter.as_ref().is_none_or(|filter| filter.holds(row));
        self.rows.extend(rows.iter().filter(counts).cloned());
    }

    /// Adds the rows of another rollup of the same spec.
    pub fn merge(&mut self, other: &Model) {
        self.rows.extend_from_slice(&other.rows);
    }

    /// The rollup of the same rows with another bucket and other keys.
    #[must_use]
    pub fn coarsen(&self, bucket: Option<Bucket>, keys: &[usize]) -> Self {
        let spec = Spec { bucket, keys: keys.to_vec(), ..self.spec.clone() };
        Self { spec, rows: self.rows.clone() }
    }

    /// The rollup of the rows from `start_us` until just before `end_us`; both are edges of buckets.
    #[must_use]
    pub fn slice(&self, start_us: i64, end_us: i64) -> Self {
        self.only(|row| start_us <= row.time_us && row.time_us < end_us)
    }

    /// Puts the rows of another rollup in the place of those from `start_us` until just before `end_us`.
    pub fn replace(&mut self, start_us: i64, end_us: i64, other: &Model) {
        self.rows.retain(|row| row.time_us < start_us || end_us <= row.time_us);
        self.rows.extend(other.rows.iter().cloned());
    }

    /// Drops the buckets that end at or before `before_us`; returns how many groups that were.
    pub fn prune(&mut self, before_us: i64) -> usize {
        let groups = self.groups().len();
        let first_kept = self.bucket_of(before_us);
        let kept = self.only(|row| self.bucket_of(row.time_us) >= first_kept);
        self.rows = kept.rows;
        groups - self.groups().len()
    }

    /// Every row that counts.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many NaNs a column holds.
    #[must_use]
    pub fn missing(&self, column: usize) -> usize {
        self.rows.iter().filter(|row| row.values[column].is_nan()).count()
    }

    /// The rows of each group, in the order of groups.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<Group, Vec<&Row>> {
        let mut groups: BTreeMap<Group, Vec<&Row>> = BTreeMap::new();
        for row in &self.rows {
            let key = self.spec.keys.iter().map(|column| row.cell(*column)).collect();
            let group = Group { bucket_us: self.bucket_of(row.time_us), key };
            groups.entry(group).or_default().push(row);
        }
        groups
    }

    /// The metrics of each group, in the order of groups and of the spec.
    #[must_use]
    pub fn query(&self) -> Vec<(Group, Vec<Answer>)> {
        let answers = |rows: &[&Row]| self.spec.metrics.iter().map(|metric| answer(metric, rows)).collect();
        self.groups().into_iter().map(|(group, rows)| (group, answers(&rows))).collect()
    }

    /// The metrics over all rows as one group, also when there are none.
    #[must_use]
    pub fn total(&self) -> Vec<Answer> {
        let rows: Vec<&Row> = self.rows.iter().collect();
        self.spec.metrics.iter().map(|metric| answer(metric, &rows)).collect()
    }

    pub(crate) fn bucket(&self) -> Option<&Bucket> {
        self.spec.bucket.as_ref()
    }

    /// Whether all rows of a bucket are one group.
    pub(crate) fn is_total(&self) -> bool {
        self.spec.keys.is_empty()
    }

    fn bucket_of(&self, time_us: i64) -> i64 {
        self.spec.bucket.as_ref().map_or(0, |bucket| bucket.start(time_us))
    }

    fn only(&self, keep: impl Fn(&Row) -> bool) -> Self {
        let rows = self.rows.iter().filter(|row| keep(row)).cloned().collect();
        Self { spec: self.spec.clone(), rows }
    }
}

fn answer(metric: &Metric, rows: &[&Row]) -> Answer {
    let counts = |row: &&&Row| metric.filter.as_ref().is_none_or(|filter| filter.holds(row));
    let rows: Vec<&Row> = rows.iter().filter(counts).copied().collect();
    metric.aggregate.over(&rows)
}
