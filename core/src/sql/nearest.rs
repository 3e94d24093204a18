//! The groups of a rollup that are nearest to a time, key by key.
//!
//! The one idea: two indexes make two questions cheap, whatever the table holds: the nearest bucket of all, and that of each
//! value of the first key, which are stepped through from one to the next. More keys have no such index: who asks for them
//! asks of a range.

use super::dialect::{quoted, Dialect};
use super::level_table::LevelTable;
use crate::query::Side;
use crate::refresh::Window;
use crate::value::{OutputType, Type};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl LevelTable {
    /// Whether [`LevelTable::nearest`] of these keys, by their places, reads a few rows for each key and not its range.
    #[must_use]
    pub fn is_nearest_indexed(keys: &[usize]) -> bool {
        matches!(keys, [] | [0])
    }

    /// For each tuple of some keys the bucket of a range that is nearest to the end that `side` is before, or the start
    /// that it is after: the keys, the bucket, which is NULL where there is none.
    #[must_use]
    pub fn nearest(&self, keys: &[usize], start: Option<i64>, end: Option<i64>, side: Side) -> String {
        let bucket = match side {
            Side::Before => format!("max({})", self.bucket()),
            Side::After => format!("min({})", self.bucket()),
        };
        let bucket = match self.dialect {
            Dialect::Postgres => super::dialect::micros(&bucket),
            Dialect::Sqlite => bucket,
        };
        let (table, range) = (self.table(), self.range(start, end));
        match keys {
            [] => format!("SELECT {bucket} FROM {table}{range}"),
            [0] => {
                let (name, data_type) = &self.keys[0];
                let (key, value) = (quoted(name), self.dialect.stored("v", *data_type));
                let and = if range.is_empty() { " WHERE" } else { " AND" };
                format!(
                    "WITH RECURSIVE k(v) AS (SELECT (SELECT {key} FROM {table} WHERE {key} IS NOT NULL ORDER BY {key} LIMIT 1) \
                     UNION ALL SELECT (SELECT t.{key} FROM {table} AS t WHERE t.{key} > k.v ORDER BY t.{key} LIMIT 1) \
                     FROM k WHERE k.v IS NOT NULL) \
                     SELECT {value}, (SELECT {bucket} FROM {table}{range}{and} {key} = k.v) FROM k WHERE v IS NOT NULL \
                     UNION ALL SELECT NULL, {bucket} FROM {table}{range}{and} {key} IS NULL"
                )
            }
            _ => {
                let names: Vec<String> = keys.iter().map(|&key| quoted(&self.keys[key].0)).collect();
                let told = keys.iter().map(|&key| self.dialect.stored(&self.keys[key].0, self.keys[key].1));
                let told: Vec<String> = told.collect();
                let names = names.join(", ");
                format!("SELECT {}, {bucket} FROM {table}{range} GROUP BY {names}", told.join(", "))
            }
        }
    }

    /// As [`LevelTable::rows`] of several ranges, of each those rows alone that have some values of keys: the places of
    /// the keys, each with whether its value is NULL. The parameters are the other values, in their order.
    #[must_use]
    pub fn rows_near(&self, ranges: &[(Window, Vec<(usize, bool)>)]) -> String {
        let (mut number, bucket) = (0, self.bucket());
        let mut condition = |(place, is_null): &(usize, bool)| {
            let (name, data_type) = &self.keys[*place];
            if *is_null {
                return format!("{} IS NULL", quoted(name));
            }
            number += 1;
            let column_type = self.dialect.column_type(OutputType::Scalar(*data_type));
            format!("{} = {}", quoted(name), self.dialect.parameter(number, column_type))
        };
        let ranges = ranges.iter().map(|(Window { start, end }, keys)| {
            let bounds = [format!("{bucket} >= {}", self.time(*start)), format!("{bucket} < {}", self.time(*end))];
            let all: Vec<String> = bounds.into_iter().chain(keys.iter().map(&mut condition)).collect();
            format!("({})", all.join(" AND "))
        });
        let ranges: Vec<String> = ranges.collect();
        format!("{} WHERE {} ORDER BY {bucket}", self.select_rows(), ranges.join(" OR "))
    }

    /// The columns of a group that are read.
    pub(super) fn select_rows(&self) -> String {
        let mut columns = Vec::from([self.dialect.stored(self.bucket_name(), Type::Timestamp)]);
        columns.extend(self.keys.iter().map(|(name, data_type)| self.dialect.stored(name, *data_type)));
        columns.push("state".into());
        format!("SELECT {} FROM {}", columns.join(", "), self.table())
    }
}
