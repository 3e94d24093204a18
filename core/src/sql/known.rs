//! What a store reads first, in one statement: the database's clock, whether the rows are watched, what is known of the
//! rollups, and of the log what answers depend on.

use super::dialect::{qualified, Dialect};
use super::own_tables::OwnTables;
use super::watching;
use crate::refresh::SourceTable;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Columns of the statement, with their types.
const COLUMNS: [(&str, &str); 14] = [
    ("kind", "bigint"),
    ("name", "text"),
    ("watermark", "bigint"),
    ("dropped_before", "bigint"),
    ("rows_dropped_before", "bigint"),
    ("refreshed_at", "bigint"),
    ("refresh_ms", "bigint"),
    ("rows_read", "bigint"),
    ("groups_written", "bigint"),
    ("error", "text"),
    ("revision", "bigint"),
    ("spec", "text"),
    ("catalog", "bigint"),
    ("version", "bigint"),
];

impl OwnTables {
    /// What is known, in rows of several kinds, of which the first column tells:
    ///
    /// - 0, one row: what the source is (`table`, `other`, or NULL where it is not there), the time of the database, whether
    ///   all changes of the rows are logged, whether who asks may read the log (1 or 0).
    /// - 1, a row for each version of each spec, the newest first: name, watermark, dropped_before, rows_dropped_before,
    ///   refreshed_at, refresh_ms, rows_read, groups_written, error, revision, spec, catalog.
    /// - 2, where `log_of` names rollups: what the log has of their rows before the last watermark: name, start_us, end_us.
    /// - 3, of the same: what is lost: name, start_us, end_us.
    ///
    /// The revision is NULL where who asks is not known to see every group: then what another session read is not for
    /// this one; its table is `renamed` where that has another name. Without `log_of` the statement needs no right on the log, and the catalog is NULL.
    #[must_use]
    pub fn known(&self, source: &SourceTable, log_of: Option<&[&str]>, renamed: &[(&str, &str)]) -> String {
        let relation = watching::relation(self.dialect(), source);
        let watched = watching::watched(self, source);
        let mut parts = Vec::from([
            self.known_row(
                &format!("({relation})"),
                [self.clock().into(), format!("({watched})"), format!("({})", self.log_is_readable())],
            ),
            self.known_rollups(log_of.is_some(), renamed),
        ]);
        if let Some(names) = log_of {
            let literals =
                |names: &[&str]| names.iter().map(|name| self.dialect().literal(name)).collect::<Vec<_>>().join(", ");
            let of_rows = Self::of_rows(&source.table);
            let logged = [names, &[of_rows.as_str()]].concat();
            parts.push(format!(
                "SELECT 2, c.rollup, min(c.start_us), max(c.end_us), {} FROM {} AS c WHERE c.rollup IN ({}) AND c.start_us < \
                 (SELECT max(watermark) FROM {} WHERE name IN ({})) GROUP BY c.rollup, c.start_us / 3600000000",
                nulls(4),
                self.name("changes"),
                literals(&logged),
                self.name("rollups"),
                literals(names)
            ));
            parts.push(format!(
                "SELECT 3, l.rollup, l.start_us, l.end_us, {} FROM {} AS l WHERE l.rollup IN ({})",
                nulls(4),
                self.name("lost"),
                literals(names)
            ));
        }
        format!("{} ORDER BY 1, 2, 14 DESC", parts.join(" UNION ALL "))
    }

    /// The first row, which names and types the columns.
    fn known_row(&self, name: &str, values: [String; 3]) -> String {
        let values = ["0", name].into_iter().chain(values.iter().map(String::as_str));
        let values = values.chain(core::iter::repeat("NULL")).zip(COLUMNS);
        let cells: Vec<String> = values
            .map(|(value, (column, column_type))| match self.dialect() {
                Dialect::Postgres => format!("{value}::{column_type} AS {column}"),
                Dialect::Sqlite => format!("{value} AS {column}"),
            })
            .collect();
        format!("SELECT {}", cells.join(", "))
    }

    fn known_rollups(&self, has_catalog: bool, renamed: &[(&str, &str)]) -> String {
        let literal = |text: &str| self.dialect().literal(text);
        let table = match renamed {
            [] => "r.name".into(),
            _ => {
                let cases =
                    renamed.iter().map(|(name, table)| format!("WHEN {} THEN {}", literal(name), literal(table)));
                format!("CASE r.name {} ELSE r.name END", cases.collect::<Vec<_>>().join(" "))
            }
        };
        let revision = match self.dialect() {
            Dialect::Postgres => {
                let name = match self.schema() {
                    Some(schema) => format!("format('%I.%I', {}, {table})", literal(schema)),
                    None => format!("format('%I', {table})"),
                };
                format!(
                    "CASE WHEN has_table_privilege(to_regclass({name}), 'SELECT') \
                     AND NOT row_security_active(to_regclass({name})) THEN r.revision END"
                )
            }
            Dialect::Sqlite => "r.revision".into(),
        };
        let catalog = if has_catalog { "r.catalog" } else { "NULL" };
        format!(
            "SELECT 1, r.name, r.watermark, r.dropped_before, r.rows_dropped_before, r.refreshed_at, r.refresh_ms, \
             r.rows_read, r.groups_written, r.error, {revision}, s.spec, {catalog}, s.version FROM {} AS r \
             LEFT JOIN {} AS s ON s.rollup = r.name",
            self.name("rollups"),
            self.name("schemas")
        )
    }

    /// Whether [`OwnTables::known`] of a log can be asked: its tables are there, and who asks may read them.
    fn log_is_readable(&self) -> String {
        match self.dialect() {
            Dialect::Postgres => {
                let literal = |table| self.dialect().literal(&self.name(table));
                let may_read =
                    |table| format!("coalesce(has_table_privilege(to_regclass({}), 'SELECT'), false)", literal(table));
                format!(
                    "({} AND {} AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass({}) \
                     AND attname = 'catalog' AND NOT attisdropped))::int",
                    may_read("changes"),
                    may_read("lost"),
                    literal("rollups")
                )
            }
            Dialect::Sqlite => {
                let columns = self.dialect().columns_of(self.schema(), "isofold_rollups");
                format!(
                    "(SELECT count(*) FROM {} WHERE type = 'table' AND name IN ('isofold_changes', 'isofold_lost')) = 2 \
                     AND EXISTS (SELECT 1 FROM ({columns}) WHERE name = 'catalog')",
                    qualified(self.schema(), "sqlite_master")
                )
            }
        }
    }

    /// An expression of the time of the database, in µs; that of SQLite is of ms.
    pub(super) fn clock(&self) -> &'static str {
        match self.dialect() {
            Dialect::Postgres => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
            Dialect::Sqlite => {
                "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)"
            }
        }
    }

    /// What a source is: `table` where it can have triggers, `other`, or NULL where it is not there.
    #[must_use]
    pub fn relation(&self, source: &SourceTable) -> String {
        watching::relation(self.dialect(), source)
    }

    /// The time of the database, in µs.
    #[must_use]
    pub fn now(&self) -> String {
        format!("SELECT {}", self.clock())
    }
}

fn nulls(filled: usize) -> String {
    ["NULL"].repeat(COLUMNS.len() - filled).join(", ")
}
