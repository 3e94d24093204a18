//! The statements on the log of changes, and on what of it is lost.
//!
//! Not here: who writes the log (`change_log`), what is done with it (`isofold-stores`).

use super::dialect::Dialect;
use super::own_tables::OwnTables;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl OwnTables {
    /// Under what the log has the changes of rows, once for all that is built from them: no name of a rollup has a tab.
    #[must_use]
    pub fn of_rows(source: &str) -> String {
        format!("\t{source}")
    }

    /// The ranges in which rows below a rollup changed: start_us, end_us, moved.
    #[must_use]
    pub fn changes(&self) -> String {
        let name = self.p(1, "text");
        let tab = match self.dialect() {
            Dialect::Postgres => "chr(9)",
            Dialect::Sqlite => "char(9)",
        };
        format!(
            "SELECT start_us, end_us, moved FROM {} WHERE rollup = {name} \
             OR rollup = (SELECT {tab} || source FROM {} WHERE name = {name} AND catalog <> {}) \
             GROUP BY 1, 2, 3 ORDER BY 1, 2",
            self.name("changes"),
            self.name("rollups"),
            Self::NO_CATALOG
        )
    }

    /// Tells the changes of rows to each rollup that is built from them, those of an hour as one: source, under what the
    /// log has them.
    #[must_use]
    pub fn spread_changes(&self) -> Vec<String> {
        let [source, of_rows] = [self.p(1, "text"), self.p(2, "text")];
        let (changes, rollups) = (self.name("changes"), self.name("rollups"));
        let to_each = |taken: &str| {
            format!(
                "INSERT INTO {changes} (rollup, start_us, end_us, moved) SELECT r.name, t.start_us, t.end_us, t.moved \
                 FROM {rollups} AS r CROSS JOIN (SELECT min(start_us) AS start_us, max(end_us) AS end_us, moved \
                 FROM {taken} GROUP BY start_us / 3600000000, moved) AS t WHERE r.source = {source} AND r.catalog <> {}",
                Self::NO_CATALOG
            )
        };
        match self.dialect() {
            Dialect::Postgres => Vec::from([format!(
                "WITH taken AS (DELETE FROM {changes} WHERE rollup = {of_rows} RETURNING start_us, end_us, moved) {}",
                to_each("taken")
            )]),
            Dialect::Sqlite => Vec::from([
                format!(
                    "{} ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = max(moved, excluded.moved)",
                    to_each(&format!("(SELECT * FROM {changes} WHERE rollup = {of_rows}) AS taken"))
                ),
                // the parameter of the source says nothing here
                format!("DELETE FROM {changes} WHERE rollup = {of_rows} AND {source} IS NOT NULL"),
            ]),
        }
    }

    /// Takes the changes that touch a window out of the log: rollup, start, end.
    #[must_use]
    pub fn take_changes(&self) -> String {
        format!("{} RETURNING start_us, end_us, moved", self.delete_changes())
    }

    /// Takes the changes that this transaction logged in a window out of the log: rollup, start, end.
    #[must_use]
    pub fn take_own_changes(&self) -> String {
        match self.dialect() {
            Dialect::Postgres => {
                format!("{} AND xmin::text::bigint = txid_current() % 4294967296", self.delete_changes())
            }
            // one writer at a time: what is in the log since it began is its own
            Dialect::Sqlite => self.delete_changes(),
        }
    }

    fn delete_changes(&self) -> String {
        let [name, start, end] = [self.p(1, "text"), self.p(2, "bigint"), self.p(3, "bigint")];
        format!("DELETE FROM {} WHERE rollup = {name} AND end_us > {start} AND start_us < {end}", self.name("changes"))
    }

    /// Logs a changed range: rollup, start, end, moved (1 where rows were moved out of it).
    #[must_use]
    pub fn log_change(&self) -> String {
        let values = [self.p(1, "text"), self.p(2, "bigint"), self.p(3, "bigint"), self.p(4, "bigint")].join(", ");
        let again = match self.dialect() {
            Dialect::Postgres => "",
            Dialect::Sqlite => {
                " ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = max(moved, excluded.moved)"
            }
        };
        format!("INSERT INTO {} (rollup, start_us, end_us, moved) VALUES ({values}){again}", self.name("changes"))
    }

    /// The ranges whose changes are lost: start_us, end_us, changes, told (1 where [`OwnTables::tell_lost`] was run).
    #[must_use]
    pub fn lost(&self) -> String {
        let (lost, name) = (self.name("lost"), self.p(1, "text"));
        format!("SELECT start_us, end_us, changes, told FROM {lost} WHERE rollup = {name} ORDER BY 1, 2")
    }

    /// Notes that changes of a range are lost: rollup, start, end, changes.
    #[must_use]
    pub fn note_lost(&self) -> String {
        let values = [self.p(1, "text"), self.p(2, "bigint"), self.p(3, "bigint"), self.p(4, "bigint")].join(", ");
        format!(
            "INSERT INTO {} (rollup, start_us, end_us, changes) VALUES ({values}) ON CONFLICT (rollup, start_us, end_us) \
             DO UPDATE SET told = 0, \
             changes = excluded.changes + CASE isofold_lost.told WHEN 0 THEN isofold_lost.changes ELSE 0 END",
            self.name("lost")
        )
    }

    /// Notes that what is lost of a rollup was told: rollup.
    #[must_use]
    pub fn tell_lost(&self) -> String {
        format!("UPDATE {} SET told = 1 WHERE rollup = {} AND told = 0", self.name("lost"), self.p(1, "text"))
    }

    /// Forgets what is lost of a rollup before a time: rollup, before.
    #[must_use]
    pub fn forget_lost(&self) -> String {
        let [name, before] = [self.p(1, "text"), self.p(2, "bigint")];
        format!("DELETE FROM {} WHERE rollup = {name} AND end_us <= {before}", self.name("lost"))
    }

    /// Forgets what was lost of a window that is built of all its rows: rollup, start, end.
    #[must_use]
    pub fn find_lost(&self) -> String {
        let [name, start, end] = [self.p(1, "text"), self.p(2, "bigint"), self.p(3, "bigint")];
        format!("DELETE FROM {} WHERE rollup = {name} AND start_us >= {start} AND end_us <= {end}", self.name("lost"))
    }
}
