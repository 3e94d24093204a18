//! Rollups that keep themselves fresh in the user's own database: SQLite (feature `sqlite`) and PostgreSQL (feature
//! `postgres`).
//!
//! The one idea: what is done in which order is decided in [`engine`], which Python and Node run too; every statement
//! comes from the kernel; the rest of the crate is connections and cursors for Rust. The guide is `docs/refresh.md`.
//!
//! ```
//! # let folder = std::env::temp_dir().join(format!("isofold-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("app.db");
//! # let rows = rusqlite::Connection::open(&path).unwrap();
//! # rows.execute_batch("CREATE TABLE requests (ts TEXT, model TEXT, ms REAL);
//! #     INSERT INTO requests VALUES ('2026-11-01T10:15:00Z', 'o3', 120.0), ('2026-11-01T11:45:00Z', 'o3', 80.0)").unwrap();
//! use isofold_stores::{open, Refresh};
//!
//! let catalog = r#"{
//!     "source": {"table": "requests", "columns": {"ts": "timestamp", "model": "string", "ms": "float64"}, "time": "ts"},
//!     "rollups": [{"spec": {"name": "requests_1hour", "bucket": "1 hour", "group_by": ["model"],
//!                           "select": {"n": "count(*)", "avg_ms": "avg(ms)"}}}]
//! }"#;
//! let mut store = open(catalog, path.to_str().unwrap())?; // or "postgresql://…"
//! store.init()?;
//! let report = store.refresh(&Refresh::new().now("2026-11-01T11:30:00Z"))?;
//! assert_eq!((report.rollups[0].rows_read, report.rollups[0].groups_written), (1, 1));
//!
//! let answer = store.query("requests_1hour", r#"{"bucket": "1 day", "select": ["n", "avg_ms"]}"#)?;
//! assert_eq!(answer.frame.len(), 1);
//! assert_eq!(answer.coverage.segments.len(), 2); // the table up to 11:00, and the row after it
//! assert_eq!(store.load("requests_1hour", ..)?.stats().rows, 2);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), isofold::Error>(())
//! ```
//!
//! Calls wait for the database. A program that answers on many threads opens a `StorePool` (feature `pool`), one with tasks
//! of tokio awaits its `StorePool::run` (feature `tokio`).
//!
//! Not here: plans and statements (`isofold::refresh`, `isofold::sql`), hosts' values (`isofold_facade`).
#![forbid(unsafe_code)]

pub mod engine;

mod driver;
mod options;
#[cfg(feature = "pool")]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod report;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod time;

#[cfg(feature = "postgres")]
pub use crate::postgres::PostgresDriver;
pub use driver::{Driver, RowBuffer, BATCH_ROWS};
pub use engine::{Progress, SqlValue};
pub use isofold_facade::json::{Document, Json};
pub use isofold_facade::{Batch, Cell};
pub use options::{Refresh, RollupTables, Tail, TimeRange};
#[cfg(feature = "pool")]
pub use pool::{PooledStore, StorePool};
pub use report::{
    CheckReport, ColumnsReport, Coverage, DropReport, DueReport, DueRollup, InitReport, InitializedRollup,
    InvalidateReport, Lost, PlanReport, PlannedRollup, PlannedWindow, PruneReport, PrunedTable, RefreshReport,
    RefreshRun, RefreshedRollup, ResetReport, ResetRollup, RollupState, RunsReport, Segment, Skipped, Span,
    TableColumn,
};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteDriver;
pub use store::{Answer, Store};
pub use time::{Now, Time};

use isofold::{Code, Error, Result};

#[cfg(doctest)]
#[doc = include_str!("../../../docs/refresh.md")]
struct Guide;

/// Gives the store of a catalog in a database.
///
/// The database is the path of a SQLite file, or a `postgresql://…` URL or libpq's `host=… dbname=…` without TLS;
/// [`Store::new`] takes an open connection.
///
/// **Errors** `catalog.*`, `spec.*`, `expr.*` with all problems of the catalog; `store.driver` for a database whose
/// feature is not built; `store.database` when it cannot be reached.
pub fn open(catalog: &(impl Document + ?Sized), database: &str) -> Result<Store> {
    Store::new(catalog, driver_of(database)?)
}

/// Gives the connection to a database, as [`open`] names it.
///
/// **Errors** `store.driver`, `store.database`.
pub fn connect(database: &str) -> Result<Box<dyn Driver>> {
    driver_of(database)
}

/// The words with which a connection string of libpq begins.
const LIBPQ: [&str; 9] =
    ["host", "hostaddr", "port", "dbname", "user", "password", "options", "application_name", "connect_timeout"];

/// What is no path is never taken for one, and never told back: it may hold a password.
fn driver_of(database: &str) -> Result<Box<dyn Driver>> {
    let scheme = database.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let word = database.split_once('=').map(|(word, _)| word.trim());
    match scheme.as_deref() {
        Some("postgresql" | "postgres") => open_postgres(database),
        _ if word.is_some_and(|word| LIBPQ.contains(&word) || word.starts_with("ssl")) => open_postgres(database),
        Some("sqlite") => open_sqlite(database.split_once(":///").map_or(database, |(_, path)| path)),
        Some(scheme) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)) => {
            let text = "a database is the path of a SQLite file, sqlite:///…, postgresql://… or host=… dbname=…";
            Err(Error::new(Code::StoreDriver, text))
        }
        _ => open_sqlite(database),
    }
}

#[cfg(feature = "postgres")]
fn open_postgres(url: &str) -> Result<Box<dyn Driver>> {
    Ok(Box::new(PostgresDriver::connect(url)?))
}

#[cfg(not(feature = "postgres"))]
fn open_postgres(_: &str) -> Result<Box<dyn Driver>> {
    Err(not_built("PostgreSQL", "postgres"))
}

#[cfg(feature = "sqlite")]
fn open_sqlite(path: &str) -> Result<Box<dyn Driver>> {
    Ok(Box::new(SqliteDriver::open(path)?))
}

#[cfg(not(feature = "sqlite"))]
fn open_sqlite(_: &str) -> Result<Box<dyn Driver>> {
    Err(not_built("SQLite", "sqlite"))
}

#[cfg_attr(all(feature = "sqlite", feature = "postgres"), expect(dead_code, reason = "both databases are built"))]
fn not_built(database: &str, feature: &str) -> Error {
    Error::new(Code::StoreDriver, format!("{database} needs the feature {feature} of isofold-stores"))
}
