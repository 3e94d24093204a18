//! Rollups kept fresh in a database: what every host runs, statement by statement.
//!
//! The one idea: a [`Run`] is a conversation. It says which statement it wants run, the host runs it and hands the
//! rows back, and so on until there is a result. What happens in which order, in which transaction, is here once; a
//! host brings a connection.
//!
//! Not here: plans (`isofold::refresh`), statements (`isofold::sql`), drivers (`pkg`).

mod answer;
mod aside;
mod build;
mod catalog;
mod check;
mod coverage;
mod history;
mod init;
mod known;
mod log;
mod members;
mod memory;
mod neighbours;
mod options;
mod planning;
mod port;
mod preview;
mod prune;
mod pushed;
mod raw;
mod refresh;
mod reset;
mod row_sink;
mod run;
mod schedule;
mod shape;
mod sql_value;
mod table_source;
mod together;
mod triggers;
mod uninstall;

pub use memory::MEMORY_BYTES;
pub use run::{Outcome, Progress, Run, Step};
pub use sql_value::SqlValue;

use catalog::catalog_source;
use isofold::refresh::{Catalog, Changes, Policy};
use isofold::sql::{Dialect, LevelTable, OwnTables, SourceRows};
use isofold::{Code, Error, Result};
use isofold_facade::json::{error_json, Document, Json};
use memory::{CompiledSpecs, Memory};
use options::{AnswerOptions, LoadOptions, RangeOptions, RefreshOptions, ResetOptions, RunsOptions};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// A catalog in the dialect of a database.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

/// What every run reads.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) catalog: Catalog,
    pub(crate) dialect: Dialect,
    pub(crate) own: OwnTables,
    /// Of each level, in the order of the catalog.
    tables: Vec<LevelTable>,
    /// Whether the tables of the store were seen.
    exists: AtomicBool,
    /// Whether they were seen to have the shape of this version.
    is_current: AtomicBool,
    /// Whether the source was seen to be something that can have no trigger.
    is_unwatchable: AtomicBool,
    /// Whether queries may read the log, as far as is known.
    reads_log: AtomicBool,
    memory: Memory,
    compiled: CompiledSpecs,
}

impl Shared {
    pub(crate) fn table(&self, level: usize) -> &LevelTable {
        &self.tables[level]
    }

    pub(crate) fn rows(&self) -> SourceRows<'_> {
        SourceRows::new(self.dialect, self.catalog.source())
    }

    /// The rollups whose tables have other names.
    pub(crate) fn renamed(&self) -> Vec<(&str, &str)> {
        let named = self.catalog.levels().iter().map(|level| (level.spec.name(), level.table.name.as_str()));
        named.filter(|(rollup, table)| rollup != table).collect()
    }

    /// How changes of the rows become known, given what the source was last seen to be.
    fn changes(&self) -> Changes {
        let is_unwatchable = self.is_unwatchable.load(Ordering::Relaxed);
        let unsaid = if is_unwatchable { Changes::Unlogged } else { Changes::Logged };
        self.catalog.source().changes.unwrap_or(unsaid)
    }

    /// When a level is built.
    fn policy(&self, level: usize) -> Policy {
        let it = &self.catalog.levels()[level];
        let changes = if it.from.is_none() { self.changes() } else { Changes::Logged };
        Policy { changes, ..it.policy.clone() }
    }
}

impl Store {
    /// A catalog in JSON for `postgres` or `sqlite`.
    ///
    /// **Errors** `catalog.*`, `spec.*`, `expr.*`: all problems of the catalog; `host.argument` for another database.
    pub fn new(catalog: &(impl Document + ?Sized), dialect: &str) -> Result<Self> {
        let Some(dialect) = Dialect::named(dialect) else {
            let text = format!("the database is postgres or sqlite, got {dialect}");
            return Err(Error::new(Code::HostArgument, text));
        };
        isofold_facade::secret::drawn();
        let catalog = Catalog::compile(&catalog_source(catalog)?)?;
        let schema = catalog.source().schema.as_deref();
        let own = OwnTables::new(dialect, schema);
        let tables =
            catalog.levels().iter().map(|level| LevelTable::new(dialect, schema, &level.spec, &level.table)).collect();
        let memory = Memory::new(MEMORY_BYTES);
        let shared = Shared {
            catalog,
            dialect,
            own,
            tables,
            exists: AtomicBool::new(false),
            is_current: AtomicBool::new(false),
            is_unwatchable: AtomicBool::new(false),
            reads_log: AtomicBool::new(true),
            memory,
            compiled: CompiledSpecs::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Keeps at most so many bytes of what queries read, for the queries that follow; 0 keeps none.
    ///
    /// Answers are the same. The default is [`MEMORY_BYTES`].
    pub fn limit_memory(&self, max_bytes: usize) {
        self.shared.memory.limit(max_bytes);
    }

    /// The names of the rollups, each after the one it is built from.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.shared.catalog.levels().iter().map(|level| level.spec.name().to_owned()).collect()
    }

    /// How often each rollup is to be refreshed, in seconds; `null` without a `schedule_interval`.
    #[must_use]
    pub fn schedule(&self) -> Json {
        let levels = self.shared.catalog.levels().iter();
        Json::object(levels.map(|level| (level.spec.name(), schedule::schedule_seconds(level).into())))
    }

    /// Makes the tables, adds the columns of new metrics and fills them from what is stored: `{"dry_run"}`, whether that is
    /// only told.
    ///
    /// **Errors** `host.argument`.
    pub fn init(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let mode = options::Mode::read(options)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { init::init(&shared, &port, mode).await.map(Outcome::Json) }))
    }

    /// What a refresh would build, given what it would be given.
    ///
    /// **Errors** `host.argument`, `range.invalid`, `refresh.rollup`.
    pub fn plan(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = RefreshOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { preview::preview(&shared, &port, &options).await.map(Outcome::Json) }))
    }

    /// In how many milliseconds each rollup is due by its schedule: `{"now"}`.
    ///
    /// **Errors** `host.argument`, `range.invalid`.
    pub fn due(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let now = options::now(options)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { schedule::due(&shared, &port, now).await.map(Outcome::Json) }))
    }

    /// Builds what is due: `{"now", "rollups", "since", "until", "force"}`. A rollup that fails stops no other; what failed is told
    /// at the end.
    ///
    /// **Errors** `host.argument`, `range.invalid`, `refresh.rollup`.
    pub fn refresh(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = RefreshOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { refresh::refresh(&shared, &port, &options).await.map(Outcome::Json) }))
    }

    /// Notes the error that ended a refresh where [`Store::check`] shows it.
    #[must_use]
    pub fn note_failure(&self, rollup: &str, error: &Error) -> Run {
        let shared = Arc::clone(&self.shared);
        let (name, text) = (rollup.to_owned(), error_json(error).to_string());
        Run::new(|port| async move { refresh::note_failure(&shared, &port, &name, &text).await.map(Outcome::Json) })
    }

    /// Answers a query: `{"rollup", "query", "tail"}`; without the tail from stored groups alone.
    ///
    /// **Errors** `host.argument`, `refresh.rollup`, `query.*`.
    pub fn query(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = AnswerOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { answer::query(&shared, &port, &options).await }))
    }

    /// Loads a rollup: `{"rollup", "start", "end", "tail"}`; what is not built yet is folded from rows, where `tail` is not
    /// false.
    ///
    /// **Errors** `host.argument`, `refresh.rollup`, `range.invalid`.
    pub fn load(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = LoadOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { answer::load(&shared, &port, &options).await.map(Outcome::Rollup) }))
    }

    /// How fresh every rollup is: `{"now"}`.
    ///
    /// **Errors** `host.argument`, `range.invalid`.
    pub fn check(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let now = options::now(options)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { check::check(&shared, &port, now).await.map(Outcome::Json) }))
    }

    /// The newest refreshes: `{"rollup", "limit"}`; of all rollups, and 100 of them, unless told.
    ///
    /// **Errors** `host.argument`, `refresh.rollup`.
    pub fn runs(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = RunsOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { history::runs(&shared, &port, &options).await.map(Outcome::Json) }))
    }

    /// What the table of a rollup has: `{"rollup"}`.
    ///
    /// **Errors** `host.argument`, `refresh.rollup`.
    pub fn columns(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let level = options::rollup(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { shape::told(&shared, &port, level).await.map(Outcome::Json) }))
    }

    /// Tells that rows changed: `{"start", "end", "rollup"}`; the next refresh looks at them.
    ///
    /// **Errors** `host.argument`, `range.invalid`, `refresh.rollup`.
    pub fn invalidate(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = RangeOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { prune::invalidate(&shared, &port, &options).await.map(Outcome::Json) }))
    }

    /// Sets watermarks back: `{"to", "rollup"}`; those of all rollups unless told, and of what is built from them.
    ///
    /// **Errors** `host.argument`, `range.invalid`, `refresh.rollup`, `refresh.dropped`.
    pub fn reset(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let options = ResetOptions::read(options, &self.shared.catalog)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { reset::reset(&shared, &port, &options).await.map(Outcome::Json) }))
    }

    /// Takes isofold out of the database: `{"tables"}`, whether the tables of the rollups go too.
    ///
    /// **Errors** `host.argument`.
    pub fn drop(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let tables = options::Tables::read(options)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { uninstall::uninstall(&shared, &port, tables).await.map(Outcome::Json) }))
    }

    /// Drops what the retentions no longer keep: `{"now"}`.
    ///
    /// **Errors** `host.argument`, `range.invalid`.
    pub fn prune(&self, options: &(impl Document + ?Sized)) -> Result<Run> {
        let now = options::now(options)?;
        let shared = Arc::clone(&self.shared);
        Ok(Run::new(|port| async move { prune::prune(&shared, &port, now).await.map(Outcome::Json) }))
    }
}
