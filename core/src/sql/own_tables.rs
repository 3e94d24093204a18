//! The store's own tables: what is built, under which schemas, and what changed since.

use super::dialect::{qualified, Dialect};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const TABLES: [&str; 7] = ["changes", "lost", "schemas", "rollups", "runs", "skipped", "version"];

/// The shape of the tables; a database of an earlier one is brought up to it by `init`.
pub const VERSION: i64 = 4;

/// The statements on the tables that all rollups of a database share.
#[derive(Clone, Debug)]
pub struct OwnTables {
    dialect: Dialect,
    schema: Option<String>,
}

impl OwnTables {
    /// The tables in a schema.
    #[must_use]
    pub fn new(dialect: Dialect, schema: Option<&str>) -> Self {
        Self { dialect, schema: schema.map(String::from) }
    }

    pub(super) fn name(&self, name: &str) -> String {
        qualified(self.schema.as_deref(), &format!("isofold_{name}"))
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    pub(super) fn p(&self, number: usize, column_type: &str) -> String {
        self.dialect.parameter(number, column_type)
    }

    /// Makes the tables where they are not there. Nobody but their owner has rights on them, whatever the defaults of
    /// the database are.
    #[must_use]
    pub fn create(&self) -> Vec<String> {
        let integer = self.dialect.integer();
        let (rollups, schemas, changes) = (self.name("rollups"), self.name("schemas"), self.name("changes"));
        let lost = self.name("lost");
        let mut statements = Vec::from([
            format!(
                "CREATE TABLE IF NOT EXISTS {rollups} (name text PRIMARY KEY, source text NOT NULL, spec text NOT NULL, \
                 watermark {integer}, dropped_before {integer}, rows_dropped_before {integer}, refreshed_at {integer}, \
                 refresh_ms {integer}, rows_read {integer}, groups_written {integer}, error text, \
                 revision {integer} NOT NULL DEFAULT 0, catalog {integer} NOT NULL DEFAULT 0)"
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {schemas} (rollup text NOT NULL, version {integer} NOT NULL, \
                 spec text NOT NULL, PRIMARY KEY (rollup, version))"
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {lost} (rollup text NOT NULL, start_us {integer} NOT NULL, \
                 end_us {integer} NOT NULL, changes {integer} NOT NULL, told {integer} NOT NULL DEFAULT 0, \
                 PRIMARY KEY (rollup, start_us, end_us))"
            ),
        ]);
        statements.push(format!("CREATE TABLE IF NOT EXISTS {} (version {integer} NOT NULL)", self.name("version")));
        statements.extend([self.create_runs(), self.create_skipped()]);
        match self.dialect {
            Dialect::Postgres => {
                statements.push(format!(
                    "CREATE TABLE IF NOT EXISTS {changes} (rollup text NOT NULL, start_us bigint NOT NULL, \
                     end_us bigint NOT NULL, moved bigint NOT NULL DEFAULT 0)"
                ));
                statements.push(format!("CREATE INDEX IF NOT EXISTS isofold_changes_rollup ON {changes} (rollup, start_us)"));
                for table in TABLES {
                    statements.push(self.revoke_all(table));
                }
            }
            // one writer at a time: repeated changes of an hour take one row
            Dialect::Sqlite => statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {changes} (rollup text NOT NULL, start_us INTEGER NOT NULL, \
                 end_us INTEGER NOT NULL, moved INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (rollup, start_us, end_us)) WITHOUT ROWID"
            )),
        }
        statements
    }

    /// Takes what defaults of the database gave to others.
    fn revoke_all(&self, table: &str) -> String {
        let table = self.dialect.literal(&self.name(table));
        format!(
            "DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' \
             ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL \
             aclexplode(c.relacl) AS a WHERE c.oid = {table}::regclass AND a.grantee <> c.relowner \
             LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', {table}::regclass, who); END LOOP; END $isofold$"
        )
    }

    /// The columns that the table of rollups has: name, type; no row where there is no table.
    #[must_use]
    pub fn columns(&self) -> String {
        self.dialect.columns_of(self.schema.as_deref(), "isofold_rollups")
    }

    /// The columns of the log; no row where there is none.
    #[must_use]
    pub fn log_columns(&self) -> String {
        self.dialect.columns_of(self.schema.as_deref(), "isofold_changes")
    }

    /// The columns of the table of the version, which earlier shapes lack.
    #[must_use]
    pub fn version_columns(&self) -> String {
        self.dialect.columns_of(self.schema.as_deref(), "isofold_version")
    }

    /// Whether all of the tables are there: 1 or 0.
    #[must_use]
    pub fn complete(&self) -> String {
        let count = TABLES.len();
        match self.dialect {
            Dialect::Postgres => {
                let tables = TABLES.map(|table| format!("to_regclass({})", self.dialect.literal(&self.name(table))));
                format!("SELECT (num_nulls({}) = 0)::int::bigint", tables.join(", "))
            }
            Dialect::Sqlite => {
                let master = qualified(self.schema.as_deref(), "sqlite_master");
                let names = TABLES.map(|table| format!("'isofold_{table}'"));
                format!(
                    "SELECT count(*) = {count} FROM {master} WHERE type = 'table' AND name IN ({})",
                    names.join(", ")
                )
            }
        }
    }

    /// The version of the shape of the tables.
    #[must_use]
    pub fn version(&self) -> String {
        format!("SELECT max(version) FROM {}", self.name("version"))
    }

    /// Notes that the tables have the shape of this version.
    #[must_use]
    pub fn set_version(&self) -> [String; 2] {
        let version = self.name("version");
        [format!("DELETE FROM {version}"), format!("INSERT INTO {version} (version) VALUES ({VERSION})")]
    }

    /// The schema in which the tables are; NULL where the database has none or needs none.
    #[must_use]
    pub fn found_schema(&self) -> String {
        match self.dialect {
            Dialect::Postgres => format!(
                "SELECT n.nspname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                 WHERE c.oid = to_regclass({})",
                self.dialect.literal(&self.name("rollups"))
            ),
            Dialect::Sqlite => "SELECT NULL".into(),
        }
    }

    /// Lets what follows in the transaction wait half a second for a lock; whoever waits behind it waits no longer.
    #[must_use]
    pub fn wait_briefly(&self) -> Option<String> {
        (self.dialect == Dialect::Postgres).then(|| "SET LOCAL lock_timeout = '500ms'".into())
    }

    /// Waits, for who was not given a lock.
    #[must_use]
    pub fn pause(&self) -> Option<String> {
        (self.dialect == Dialect::Postgres).then(|| "SELECT pg_sleep(0.5)".into())
    }

    /// Forgets what was built of a rollup whose table is gone: rollup.
    #[must_use]
    pub fn forget(&self) -> String {
        format!(
            "UPDATE {} SET watermark = NULL, dropped_before = NULL WHERE name = {}",
            self.name("rollups"),
            self.p(1, "text")
        )
    }

    /// Forgets a rollup, each: rollup.
    #[must_use]
    pub fn unregister(&self) -> [String; 5] {
        [("rollups", "name"), ("schemas", "rollup"), ("changes", "rollup"), ("runs", "rollup"), ("skipped", "rollup")]
            .map(|(table, column)| format!("DELETE FROM {} WHERE {column} = {}", self.name(table), self.p(1, "text")))
    }

    /// Drops the tables.
    #[must_use]
    pub fn drop(&self) -> Vec<String> {
        TABLES.iter().map(|table| format!("DROP TABLE IF EXISTS {}", self.name(table))).collect()
    }

    /// The columns that tables made by an earlier version lack: the table, the column, which columns the table has (one
    /// row each), and the statement that adds it.
    #[must_use]
    pub fn later_columns(&self) -> Vec<(&'static str, &'static str, String, String)> {
        let integer = self.dialect.integer();
        [("rollups", "revision"), ("rollups", "catalog"), ("changes", "moved")]
            .map(|(table, column)| {
                let had = self.dialect.columns_of(self.schema.as_deref(), &format!("isofold_{table}"));
                let add = format!("ALTER TABLE {} ADD COLUMN {column} {integer} NOT NULL DEFAULT 0", self.name(table));
                (table, column, had, add)
            })
            .into()
    }

    /// Registers a rollup: name, source (the table or the rollup it is built from), spec. Rows of the source that are
    /// dropped are dropped for it too.
    #[must_use]
    pub fn register(&self) -> String {
        let (name, source, spec) = (self.p(1, "text"), self.p(2, "text"), self.p(3, "text"));
        format!(
            "INSERT INTO {0} (name, source, spec, revision, rows_dropped_before) VALUES ({name}, {source}, {spec}, {1}, \
             (SELECT max(rows_dropped_before) FROM {0} WHERE source = {source})) \
             ON CONFLICT (name) DO UPDATE SET source = excluded.source, spec = excluded.spec",
            self.name("rollups"),
            self.fresh_revision()
        )
    }

    /// Keeps a version of a spec: rollup, version, spec.
    #[must_use]
    pub fn keep_schema(&self) -> String {
        let values = [self.p(1, "text"), self.p(2, "bigint"), self.p(3, "text")].join(", ");
        format!("INSERT INTO {} (rollup, version, spec) VALUES ({values})", self.name("schemas"))
    }

    /// What is registered: name, spec, dropped_before, rows_dropped_before, source.
    #[must_use]
    pub fn rollups(&self) -> String {
        let rollups = self.name("rollups");
        format!("SELECT name, spec, dropped_before, rows_dropped_before, source FROM {rollups} ORDER BY name")
    }

    /// When each rollup was last refreshed: name, refreshed_at, the time of the database; a row without a name where there
    /// are none.
    #[must_use]
    pub fn refreshed(&self) -> String {
        format!(
            "SELECT r.name, r.refreshed_at, c.now FROM (SELECT {} AS now) AS c LEFT JOIN {} AS r ON 1 = 1",
            self.clock(),
            self.name("rollups")
        )
    }

    /// Gives a rollup a revision that it never had: rollup. Whoever writes to its table does so in the same
    /// transaction.
    #[must_use]
    pub fn revise(&self) -> String {
        format!(
            "UPDATE {} SET revision = {} WHERE name = {}",
            self.name("rollups"),
            self.fresh_revision(),
            self.p(1, "text")
        )
    }

    /// No counter: tables that were dropped and made again would count from the start.
    fn fresh_revision(&self) -> &'static str {
        match self.dialect {
            Dialect::Postgres => "txid_current()",
            Dialect::Sqlite => "random()",
        }
    }

    /// The versions of all specs: rollup, version, spec; the newest first.
    #[must_use]
    pub fn schemas(&self) -> String {
        format!("SELECT rollup, version, spec FROM {} ORDER BY rollup, version DESC", self.name("schemas"))
    }

    /// The rollups by source and catalog: name, source, catalog, watermark, rows_dropped_before, spec.
    #[must_use]
    pub fn members(&self) -> String {
        let rollups = self.name("rollups");
        format!("SELECT name, source, catalog, watermark, rows_dropped_before, spec FROM {rollups} ORDER BY name")
    }

    /// A number that no catalog has yet.
    #[must_use]
    pub fn fresh_catalog(&self) -> &'static str {
        match self.dialect {
            Dialect::Postgres => "SELECT txid_current()",
            Dialect::Sqlite => "SELECT (random() & 4611686018427387903) + 1",
        }
    }

    /// Puts a rollup into a catalog: rollup, catalog. In [`OwnTables::NO_CATALOG`] it is followed no more.
    #[must_use]
    pub fn put_into_catalog(&self) -> String {
        let [name, catalog] = [self.p(1, "text"), self.p(2, "bigint")];
        format!("UPDATE {} SET catalog = {catalog} WHERE name = {name}", self.name("rollups"))
    }

    /// The catalog of rollups that were taken out of theirs.
    pub const NO_CATALOG: i64 = -1;

    /// Moves the watermark of a rollup, never back: rollup, watermark.
    #[must_use]
    pub fn move_watermark(&self) -> String {
        let [name, at] = [self.p(1, "text"), self.p(2, "bigint")];
        format!(
            "UPDATE {} SET watermark = {at} WHERE name = {name} AND (watermark IS NULL OR watermark < {at})",
            self.name("rollups")
        )
    }

    /// Moves the watermark of a rollup back, never on: rollup, watermark.
    #[must_use]
    pub fn set_watermark_back(&self) -> String {
        let [name, at] = [self.p(1, "text"), self.p(2, "bigint")];
        format!("UPDATE {} SET watermark = {at} WHERE name = {name} AND watermark > {at}", self.name("rollups"))
    }

    /// Notes how a refresh went: rollup, time, ms, rows read, groups written, error.
    #[must_use]
    pub fn note_refresh(&self) -> String {
        let p = |number| self.p(number, if number == 1 || number == 6 { "text" } else { "bigint" });
        format!(
            "UPDATE {} SET refreshed_at = {}, refresh_ms = {}, rows_read = {}, groups_written = {}, error = {} \
             WHERE name = {}",
            self.name("rollups"),
            p(2),
            p(3),
            p(4),
            p(5),
            p(6),
            p(1)
        )
    }

    /// Notes that groups of a rollup are dropped: rollup, before.
    #[must_use]
    pub fn note_dropped(&self) -> String {
        self.note_before("dropped_before", "name")
    }

    /// Notes that rows of a source are dropped: source, before.
    #[must_use]
    pub fn note_rows_dropped(&self) -> String {
        self.note_before("rows_dropped_before", "source")
    }

    fn note_before(&self, column: &str, by: &str) -> String {
        let [name, at] = [self.p(1, "text"), self.p(2, "bigint")];
        format!(
            "UPDATE {} SET {column} = {at} WHERE {by} = {name} AND ({column} IS NULL OR {column} < {at})",
            self.name("rollups")
        )
    }
}
