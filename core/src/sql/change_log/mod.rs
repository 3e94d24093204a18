//! The trigger that logs in which hours rows change.
//!
//! The one idea: a statement logs each hour it touches once, in its own transaction; the refresher takes the log out in
//! its own. A change that it did not see is still in the log.
//!
//! Which rollups are built from the rows is looked up by the refresher, so several catalogs may share a table, and whoever
//! writes rows pays for one entry. In PostgreSQL, what is below the table (partitions, children) has triggers of its own,
//! and in SQLite a row that takes the place of another logs that one, which no trigger sees go. The log is written with the rights of whoever made the trigger, so that who writes rows needs no others; every name in it
//! is the database's own or has its schema, so that who writes rows gains none. It reads a time without a zone as one of
//! UTC, whatever the zone of the session.

mod postgres;
mod sqlite;

use super::dialect::{qualified, quoted, Dialect};
use crate::refresh::{Catalog, SourceTable};
use crate::value::TimeUnit;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use postgres::{hours, Function, SECURED};
use twox_hash::XxHash64;

const HOUR_US: i64 = 3_600_000_000;

/// A number for a name that is too long for the name of a trigger or index.
pub(super) fn name_hash(name: &str) -> u64 {
    XxHash64::oneshot(0, name.as_bytes())
}

pub(super) fn trigger_name(source: &SourceTable) -> String {
    format!("isofold_log_{:016x}", name_hash(&source.table))
}

/// The triggers of a source as they are to be.
#[derive(Clone, Debug)]
pub struct LogTriggers {
    dialect: Dialect,
    schema: Option<String>,
    table: String,
    name: String,
    /// PostgreSQL's function of all of them.
    function: Option<Function>,
    /// By event.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    name: String,
    definition: String,
    /// The statement that makes it, before and after the table.
    make: [String; 2],
}

impl Part {
    /// Whether the catalogue tells this trigger: it quotes a schema that is a word of SQL, which we do not know.
    fn is(&self, definition: &str) -> bool {
        definition == self.definition
            || definition
                .strip_prefix("O \"")
                .zip(self.definition.strip_prefix("O "))
                .is_some_and(|(told, ours)| told.replacen("\".", ".", 1) == ours)
    }
}

/// What the database knows of a source that its triggers need.
#[derive(Clone, Copy, Debug, Default)]
pub struct Followed<'a> {
    /// The schema of the store's own tables.
    pub own_schema: Option<&'a str>,
    /// The columns that no two rows have alike, where a row may take the place of another.
    pub unique: &'a [Vec<String>],
}

impl LogTriggers {
    /// Of a catalog.
    #[must_use]
    pub fn new(dialect: Dialect, catalog: &Catalog, followed: Followed<'_>) -> Self {
        let source = catalog.source();
        let (function, parts) = match dialect {
            Dialect::Postgres => postgres::triggers(catalog, followed),
            Dialect::Sqlite => (None, sqlite::triggers(catalog, followed.unique)),
        };
        Self {
            dialect,
            schema: source.schema.clone(),
            table: source.table.clone(),
            name: trigger_name(source),
            function,
            parts,
        }
    }

    /// The unique indexes of a source in SQLite: index, column (NULL for an expression); one row each.
    #[must_use]
    pub fn unique(dialect: Dialect, source: &SourceTable) -> Option<String> {
        if dialect == Dialect::Postgres {
            return None;
        }
        let of = |table: &str| match &source.schema {
            Some(schema) => format!("{table}, {}", dialect.literal(schema)),
            None => table.into(),
        };
        let (table, index) = (of(&dialect.literal(&source.table)), of("l.name"));
        Some(format!(
            "SELECT l.name, i.name FROM pragma_index_list({table}) AS l JOIN pragma_index_info({index}) AS i \
             WHERE l.\"unique\" UNION ALL SELECT '', name FROM pragma_table_info({table}) WHERE pk > 0 \
             AND type = 'INTEGER' COLLATE NOCASE AND (SELECT max(pk) FROM pragma_table_info({table})) = 1 ORDER BY 1"
        ))
    }

    /// The tables below the source in PostgreSQL, which take rows by their own names: table, how many of these triggers it
    /// has.
    #[must_use]
    pub fn below(&self) -> Option<String> {
        (self.dialect == Dialect::Postgres).then(|| {
            let table = self.dialect.literal(&qualified(self.schema.as_deref(), &self.table));
            super::watching::below(&table, &self.name)
        })
    }

    /// How many triggers a table has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Never: a table has triggers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Makes the triggers of a table below the source anew; its name is as [`LogTriggers::below`] returned it.
    #[must_use]
    pub fn bring_below(&self, table: &str) -> Vec<String> {
        let anew = |part: &Part| {
            let [before, after] = &part.make;
            [format!("DROP TRIGGER IF EXISTS {} ON {table}", quoted(&part.name)), format!("{before}{table}{after}")]
        };
        self.parts.iter().flat_map(anew).collect()
    }

    /// The times of the first and the last row of a table below the source, in µs; NULL where it has none.
    #[must_use]
    pub fn extent_below(&self, source: &SourceTable, table: &str) -> String {
        format!("SELECT min(h.start_us)::bigint, max(h.end_us)::bigint FROM ({}) AS h", hours(source, table))
    }

    /// Whether all triggers are there and at work, given what [`LogTriggers::known`] returned.
    #[must_use]
    pub fn is_watched(&self, known: &[[Option<&str>; 3]]) -> bool {
        // in PostgreSQL those that write another schema's log are not ours
        let is_at_work = |part: &Part, definition: &str| match self.dialect {
            Dialect::Postgres => {
                part.is(definition) || definition.strip_prefix('A').is_some_and(|it| part.is(&format!("O{it}")))
            }
            Dialect::Sqlite => true,
        };
        self.parts.iter().all(|part| {
            let found = |it: &[Option<&str>; 3]| {
                it[0] == Some(part.name.as_str()) && it[1].is_some_and(|definition| is_at_work(part, definition))
            };
            known.iter().any(found)
        })
    }

    /// The triggers that are there: name, what tells it from others, and the same of its function.
    #[must_use]
    pub fn known(&self) -> String {
        match self.dialect {
            Dialect::Postgres => format!(
                "SELECT t.tgname::text, t.tgenabled::text || ' ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname), \
                 p.prosecdef::text || ' ' || array_to_string(p.proconfig, '; ') || ' ' || p.prosrc FROM pg_trigger AS t \
                 JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace \
                 WHERE t.tgrelid = to_regclass({}) AND NOT t.tgisinternal AND t.tgname LIKE {}",
                self.dialect.literal(&qualified(self.schema.as_deref(), &self.table)),
                self.dialect.literal(&format!("{}%", self.name))
            ),
            Dialect::Sqlite => format!(
                "SELECT name, sql, NULL FROM {} WHERE type = 'trigger' AND tbl_name = {} AND name LIKE {}",
                qualified(self.schema.as_deref(), "sqlite_master"),
                self.dialect.literal(&self.table),
                self.dialect.literal(&format!("{}%", self.name))
            ),
        }
    }

    /// What has to be run so that the triggers are as they should be, given what [`LogTriggers::known`] returned.
    #[must_use]
    pub fn bring(&self, known: &[[Option<&str>; 3]]) -> Vec<String> {
        let found = |part: &Part| known.iter().find(|known| known[0] == Some(part.name.as_str()));
        let mut statements = Vec::new();
        if let Some(function) = &self.function {
            let told = format!("{SECURED}{}", function.body);
            // a function that is not called by a trigger may be anything
            if !self.parts.iter().all(|part| found(part).is_some_and(|known| known[2] == Some(told.as_str()))) {
                // who wrote rows under another one has ended before what it did not log is built
                let table = qualified(self.schema.as_deref(), &self.table);
                statements.push(format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"));
                statements.extend(function.make());
            }
        }
        for part in &self.parts {
            match found(part) {
                Some(known) if known[1].is_some_and(|definition| part.is(definition)) => continue,
                Some(_) => statements.push(self.drop_trigger(&part.name)),
                None => {}
            }
            let [before, after] = &part.make;
            statements.push(format!("{before}{}{after}", self.on()));
        }
        statements
    }

    /// Drops the triggers that are there, and their function.
    #[must_use]
    pub fn drop(&self, known: &[[Option<&str>; 3]]) -> Vec<String> {
        let names = known.iter().filter_map(|known| known[0]);
        let mut statements: Vec<String> = names.map(|name| self.drop_trigger(name)).collect();
        statements.extend(
            self.function.as_ref().map(|function| format!("DROP FUNCTION IF EXISTS {}() CASCADE", function.name)),
        );
        statements
    }

    /// The table as the statement that makes a trigger names it: SQLite wants no schema there.
    fn on(&self) -> String {
        qualified(self.schema.as_deref().filter(|_| self.dialect == Dialect::Postgres), &self.table)
    }

    fn drop_trigger(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Postgres => {
                let table = qualified(self.schema.as_deref(), &self.table);
                format!("DROP TRIGGER IF EXISTS {} ON {table}", quoted(name))
            }
            Dialect::Sqlite => format!("DROP TRIGGER IF EXISTS {}", qualified(self.schema.as_deref(), name)),
        }
    }
}

fn unit(source: &SourceTable) -> Option<TimeUnit> {
    source.columns.iter().find(|(name, _)| *name == source.time).and_then(|(_, column_type)| column_type.unit)
}
