//! The table of one rollup: bucket, keys, metrics and states, in plain columns.

use super::dialect::{era_text, qualified, quoted, time_text, Dialect};
use super::held::HeldTypes;
use super::printer::Condition;
use crate::expr::Expr;
use crate::refresh::{Adoption, ColumnKind, SqlType, TableShape, BUCKET};
use crate::spec::Spec;
use crate::time::{Bucket, SECOND_US};
use crate::value::{OutputType, Type};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const DAY_US: i64 = 86_400_000_000;

/// The statements on the table of a rollup.
#[derive(Clone, Debug)]
pub struct LevelTable {
    pub(super) dialect: Dialect,
    pub(super) schema: Option<String>,
    pub(super) shape: TableShape,
    pub(super) keys: Vec<(String, Type)>,
    metrics: Vec<(String, OutputType)>,
    whole_seconds: bool,
}

impl LevelTable {
    /// The table of a spec in a schema.
    #[must_use]
    pub fn new(dialect: Dialect, schema: Option<&str>, spec: &Spec, shape: &TableShape) -> Self {
        let keys = spec.keys().iter().map(|key| (key.name().to_string(), key.data_type()));
        let metrics = spec.metrics().iter().map(|metric| (metric.name().to_string(), metric.output_type()));
        Self {
            dialect,
            schema: schema.map(String::from),
            shape: shape.clone(),
            keys: keys.collect(),
            metrics: metrics.collect(),
            whole_seconds: is_of_whole_seconds(spec.bucket()),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shape.name
    }

    pub(super) fn table(&self) -> String {
        qualified(self.schema.as_deref(), &self.shape.name)
    }

    /// The column of the bucket, in quotes where it needs them.
    pub(super) fn bucket(&self) -> String {
        match self.bucket_name() {
            BUCKET => BUCKET.into(),
            other => quoted(other),
        }
    }

    pub(super) fn bucket_name(&self) -> &str {
        self.shape.of_kind(ColumnKind::Bucket).next().map_or(BUCKET, |column| column.name.as_str())
    }

    pub(super) fn time_type(&self) -> String {
        match (self.dialect, self.shape.bucket_type) {
            (Dialect::Postgres, bucket_type) => bucket_type.name(),
            (Dialect::Sqlite, _) => self.dialect.column_type(OutputType::Scalar(Type::Timestamp)).into(),
        }
    }

    /// A time as the table has it, in quotes.
    pub(super) fn time(&self, us: i64) -> String {
        let text = self.dialect.literal(&self.time_text(us));
        match self.dialect {
            Dialect::Postgres => format!("{text}::{}", self.time_type()),
            Dialect::Sqlite => text,
        }
    }

    /// The text of the bucket that starts at a time.
    #[must_use]
    pub fn time_text(&self, us: i64) -> String {
        let mut text = time_text(us, self.whole_seconds);
        if let (SqlType::Date, Some(at)) = (self.shape.bucket_type, text.find('T')) {
            text.truncate(at);
        }
        match self.dialect {
            Dialect::Postgres => era_text(&text),
            Dialect::Sqlite => text,
        }
    }

    /// The names of the indexes that the table has: one row each.
    #[must_use]
    pub fn known_indexes(&self) -> String {
        self.dialect.indexes_of(self.schema.as_deref(), &self.shape.name)
    }

    /// Drops a column.
    #[must_use]
    pub fn drop_column(&self, name: &str) -> String {
        format!("ALTER TABLE {} DROP COLUMN {}", self.table(), quoted(name))
    }

    /// Drops the table, where it is there.
    #[must_use]
    pub fn drop(&self) -> String {
        format!("DROP TABLE IF EXISTS {}", self.table())
    }

    /// What tells groups apart, NULL keys included.
    pub(super) fn identity(&self) -> String {
        let mut parts = Vec::from([self.bucket()]);
        if self.has_primary_key() {
            parts.extend(self.keys.iter().map(|(name, _)| quoted(name)));
            return parts.join(", ");
        }
        for (name, data_type) in &self.keys {
            let name = quoted(name);
            let nothing = match (self.dialect, data_type) {
                (Dialect::Postgres, Type::Bool) => "false",
                (Dialect::Postgres, Type::Timestamp) => "'epoch'::timestamptz",
                (Dialect::Sqlite, Type::Timestamp | Type::Decimal(_)) | (_, Type::String) => "''",
                _ => "0",
            };
            parts.push(format!("({name} IS NULL)"));
            parts.push(format!("(coalesce({name}, {nothing}))"));
        }
        parts.join(", ")
    }

    /// The columns that the table has: name, type; no row where there is no table.
    #[must_use]
    pub fn columns(&self) -> String {
        self.dialect.columns_of(self.schema.as_deref(), &self.shape.name)
    }

    /// Asks for the types of the columns, as [`HeldTypes::read`] takes them.
    #[must_use]
    pub fn held_types(&self) -> String {
        HeldTypes::statement(self.dialect, self.schema.as_deref(), &self.shape.name)
    }

    /// What the table can answer of a condition over the keys of a spec whose groups follow from these. A group of which it is
    /// not true is one that ours leaves out for certain.
    #[must_use]
    pub fn condition(&self, ours: &Expr, asked: &Spec, held: &HeldTypes) -> Option<Condition> {
        let keys: Vec<(String, Type)> = asked.keys().iter().map(|key| (key.name().into(), key.data_type())).collect();
        held.condition_of_groups(self.dialect, ours, &keys)
    }

    /// The rows of a range, of which a condition may be true, ordered by bucket: bucket, keys, state.
    #[must_use]
    pub fn rows(&self, start: Option<i64>, end: Option<i64>, condition: Option<&Condition>) -> String {
        let range = self.range(start, end);
        let condition = match condition {
            Some(condition) => format!("{} {}", if range.is_empty() { " WHERE" } else { " AND" }, condition.sql),
            None => String::new(),
        };
        format!("{}{range}{condition} ORDER BY {}", self.select_rows(), self.bucket())
    }

    /// How many rows a range has.
    #[must_use]
    pub fn count(&self, start: Option<i64>, end: Option<i64>) -> String {
        format!("SELECT count(*) FROM {}{}", self.table(), self.range(start, end))
    }

    pub(super) fn range(&self, start: Option<i64>, end: Option<i64>) -> String {
        let bucket = self.bucket();
        // the bucket of a date is none of a time inside a day, so the next one is meant
        let edge = |us: i64| match self.shape.bucket_type {
            SqlType::Date => us.saturating_add(DAY_US - 1).div_euclid(DAY_US) * DAY_US,
            _ => us,
        };
        let start = start.map(|us| format!("{bucket} >= {}", self.time(edge(us))));
        let end = end.map(|us| format!("{bucket} < {}", self.time(edge(us))));
        // what somebody else wrote into a table that was taken has no states
        let ours = (self.shape.adoption == Adoption::Taken).then(|| "state IS NOT NULL".to_string());
        let bounds: Vec<String> = start.into_iter().chain(end).chain(ours).collect();
        if bounds.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", bounds.join(" AND "))
    }

    /// Deletes what others wrote in a range of a table that was taken.
    #[must_use]
    pub fn delete_unowned(&self, start: i64, end: i64) -> Option<String> {
        (self.shape.adoption == Adoption::Taken).then(|| {
            let range = self.range(Some(start), Some(end)).replace("state IS NOT NULL", "state IS NULL");
            format!("DELETE FROM {}{range}", self.table())
        })
    }

    /// First and last bucket, and the number of rows.
    #[must_use]
    pub fn extent(&self) -> String {
        let time = |aggregate: &str| match self.dialect {
            Dialect::Postgres => super::dialect::micros(&format!("{aggregate}({})", self.bucket())),
            Dialect::Sqlite => format!("{aggregate}({})", self.bucket()),
        };
        format!("SELECT {}, {}, count(*) FROM {}{}", time("min"), time("max"), self.table(), self.range(None, None))
    }

    /// The first bucket from a time on.
    #[must_use]
    pub fn first_bucket(&self, from: Option<i64>) -> String {
        let first = format!("min({})", self.bucket());
        let first = match self.dialect {
            Dialect::Postgres => super::dialect::micros(&first),
            Dialect::Sqlite => first,
        };
        format!("SELECT {first} FROM {}{}", self.table(), self.range(from, None))
    }

    /// Writes groups, those that are there anew: for each group bucket, keys, metrics, state.
    #[must_use]
    pub fn upsert(&self, groups: usize) -> String {
        let mut types = Vec::from([self.time_type()]);
        types.extend(self.keys.iter().map(|(_, t)| self.dialect.column_type(OutputType::Scalar(*t)).to_string()));
        types.extend(self.metrics.iter().map(|(_, t)| self.dialect.column_type(*t).to_string()));
        types.push(self.dialect.bytes().into());
        let written = self.shape.of_kind(ColumnKind::ComputedAt).next().map(|column| quoted(&column.name));
        let mut number = 0;
        let mut tuple = || {
            let mut values: Vec<String> = types
                .iter()
                .map(|column_type| {
                    number += 1;
                    self.dialect.parameter(number, column_type)
                })
                .collect();
            values.extend(written.is_some().then(|| self.dialect.time_now().into()));
            format!("({})", values.join(", "))
        };
        let tuples: Vec<String> = (0..groups).map(|_| tuple()).collect();
        let keys = self.keys.iter().map(|(name, _)| quoted(name));
        let changing: Vec<String> = self
            .metrics
            .iter()
            .map(|(name, _)| quoted(name))
            .chain(["state".to_string()])
            .chain(written.clone())
            .collect();
        let columns: Vec<String> = [self.bucket()].into_iter().chain(keys).chain(changing.clone()).collect();
        let sets: Vec<String> = changing.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {}",
            self.table(),
            columns.join(", "),
            tuples.join(", "),
            self.identity(),
            sets.join(", ")
        )
    }

    /// Parameters of one group in [`LevelTable::upsert`].
    #[must_use]
    pub fn width(&self) -> usize {
        2 + self.keys.len() + self.metrics.len()
    }

    /// Deletes one group: bucket, keys.
    #[must_use]
    pub fn delete(&self) -> String {
        let mut conditions =
            Vec::from([format!("{} = {}", self.bucket(), self.dialect.parameter(1, &self.time_type()))]);
        for (index, (name, data_type)) in self.keys.iter().enumerate() {
            let value = self.dialect.parameter(index + 2, self.dialect.column_type(OutputType::Scalar(*data_type)));
            let same = match self.dialect {
                Dialect::Postgres => "IS NOT DISTINCT FROM",
                Dialect::Sqlite => "IS",
            };
            conditions.push(format!("{} {same} {value}", quoted(name)));
        }
        format!("DELETE FROM {} WHERE {}", self.table(), conditions.join(" AND "))
    }

    /// Deletes about so many of the oldest groups, in whole buckets, that start before a time.
    #[must_use]
    pub fn delete_before(&self, before: i64, groups: usize) -> String {
        let (table, before, bucket) = (self.table(), self.range(None, Some(before)), self.bucket());
        format!(
            "DELETE FROM {table}{before} AND {bucket} <= (SELECT max({bucket}) FROM \
             (SELECT {bucket} FROM {table}{before} ORDER BY {bucket} LIMIT {groups}) AS oldest)"
        )
    }

    /// Whether [`LevelTable::delete_before`] has groups left to delete: 1 or 0.
    #[must_use]
    pub fn any_before(&self, before: i64) -> String {
        let before = self.range(None, Some(before));
        format!("SELECT count(*) FROM (SELECT 1 FROM {}{before} LIMIT 1) AS oldest", self.table())
    }

    /// Bytes that the table takes: one row.
    #[must_use]
    pub fn size(&self) -> String {
        match self.dialect {
            Dialect::Postgres => {
                format!("SELECT pg_total_relation_size({}::regclass)", self.dialect.literal(&self.table()))
            }
            Dialect::Sqlite => format!("SELECT coalesce(sum(length(state)), 0) FROM {}", self.table()),
        }
    }
}

/// Whether every bucket starts on a whole second.
fn is_of_whole_seconds(bucket: &Bucket) -> bool {
    bucket.iter(0, i64::MAX).take(1000).all(|edge| edge % SECOND_US == 0)
}
