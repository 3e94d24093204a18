//! How transactions begin.
//!
//! The one idea: whatever the default of a database is, what writes sees what was committed before it began to wait, and what
//! reads sees one moment; neither is shown a part of the rows in silence.

use super::dialect::Dialect;
use super::own_tables::OwnTables;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What is built of a part of the rows would be taken for all of them.
const ALL_ROWS: &str = "SET LOCAL row_security = off";

impl OwnTables {
    /// Begins what writes; one writer of each of these names at a time. Whoever takes several takes them in the order
    /// of the catalog.
    #[must_use]
    pub fn begin<'n>(&self, locks: impl IntoIterator<Item = &'n str>) -> Vec<String> {
        if self.dialect() == Dialect::Sqlite {
            // one writer of the whole file at a time
            return Vec::from(["BEGIN IMMEDIATE".into()]);
        }
        // whatever the default of the database is: what is read after a lock was waited for must be of then
        let mut statements = Vec::from([
            "BEGIN ISOLATION LEVEL READ COMMITTED".into(),
            "SET LOCAL TIME ZONE 'UTC'".into(),
            ALL_ROWS.into(),
        ]);
        for lock in locks {
            let key = super::change_log::name_hash(lock) as i64;
            statements.push(format!("SELECT pg_advisory_xact_lock({key})"));
        }
        statements
    }

    /// Begins what reads for a plan: as [`OwnTables::begin_reading`], and refused where row security hides rows.
    #[must_use]
    pub fn begin_planning(&self) -> Vec<String> {
        let mut statements = self.begin_reading();
        statements.extend((self.dialect() == Dialect::Postgres).then(|| ALL_ROWS.into()));
        statements
    }

    /// Begins what reads: all of it sees one moment.
    #[must_use]
    pub fn begin_reading(&self) -> Vec<String> {
        match self.dialect() {
            Dialect::Postgres => Vec::from([
                "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY".into(),
                "SET LOCAL TIME ZONE 'UTC'".into(),
            ]),
            Dialect::Sqlite => Vec::from(["BEGIN".into()]),
        }
    }
}
