//! The history of refreshes.

use super::dialect::Dialect;
use super::own_tables::OwnTables;
use alloc::format;
use alloc::string::String;

/// Refreshes of one rollup that are kept.
const KEPT_RUNS: u32 = 1000;

impl OwnTables {
    /// Makes the table of the history. Times are µs since the epoch.
    pub(super) fn create_runs(&self) -> String {
        let integer = self.dialect().integer();
        format!(
            "CREATE TABLE IF NOT EXISTS {} (rollup text NOT NULL, started_at {integer} NOT NULL, ended_at {integer} NOT NULL, \
             rows_read {integer}, groups_written {integer}, error text, PRIMARY KEY (rollup, started_at))",
            self.name("runs")
        )
    }

    /// Notes a refresh that ends now: rollup, start (the time of the database where NULL), rows read, groups written, error.
    #[must_use]
    pub fn note_run(&self) -> String {
        let p = |number| self.p(number, if number == 1 || number == 5 { "text" } else { "bigint" });
        let columns = ["ended_at", "rows_read", "groups_written", "error"];
        let again = columns.map(|column| format!("{column} = excluded.{column}")).join(", ");
        let (runs, now) = (self.name("runs"), self.clock());
        let later = match self.dialect() {
            Dialect::Postgres => "greatest",
            Dialect::Sqlite => "max",
        };
        // a clock may tell no more than ms, and two refreshes may begin in one
        let told = format!("coalesce({}, {now})", p(2));
        let started = format!(
            "{told} + (SELECT count(*) FROM {runs} WHERE rollup = {} AND started_at - {told} BETWEEN 0 AND 999)",
            p(1)
        );
        format!(
            "INSERT INTO {runs} (rollup, started_at, {}) SELECT {}, t.started_at, {later}(t.started_at, {now}), {} \
             FROM (SELECT {started} AS started_at) AS t WHERE true ON CONFLICT (rollup, started_at) DO UPDATE SET {again}",
            columns.join(", "),
            p(1),
            [p(3), p(4), p(5)].join(", ")
        )
    }

    /// Forgets all but the newest refreshes of a rollup: rollup.
    #[must_use]
    pub fn forget_runs(&self) -> String {
        let (runs, name) = (self.name("runs"), self.p(1, "text"));
        format!(
            "DELETE FROM {runs} WHERE rollup = {name} AND started_at <= (SELECT started_at FROM {runs} WHERE rollup = {name} \
             ORDER BY started_at DESC LIMIT 1 OFFSET {KEPT_RUNS})"
        )
    }

    /// The newest refreshes of one rollup, or of all where it is NULL: rollup, started_at, ended_at, rows_read,
    /// groups_written, error. Takes rollup and how many.
    #[must_use]
    pub fn runs(&self) -> String {
        let [name, count] = [self.p(1, "text"), self.p(2, "bigint")];
        format!(
            "SELECT rollup, started_at, ended_at, rows_read, groups_written, error FROM {} \
             WHERE {name} IS NULL OR rollup = {name} ORDER BY started_at DESC, rollup LIMIT {count}",
            self.name("runs")
        )
    }
}
