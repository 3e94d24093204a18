//! The store: a catalog in a database.
//!
//! The one idea: a run of the engine says which statement it wants, the driver runs it, the rows go back, until there
//! is a result.

use crate::driver::Driver;
use crate::engine::{self, Outcome, Progress, Run, SqlValue, Step};
use crate::options::{Refresh, RollupTables, Tail, TimeRange};
use crate::report::{
    CheckReport, ColumnsReport, Coverage, DropReport, DueReport, InitReport, InvalidateReport, PlanReport, PruneReport,
    RefreshReport, ResetReport, RunsReport,
};
use crate::time::{Now, Time};
use isofold::query::Frame;
use isofold::{Code, Error, Result, Rollup};
use isofold_facade::json::{Document, Json};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;

/// A catalog in a database; made by [`crate::open`].
pub struct Store {
    engine: engine::Store,
    driver: Box<dyn Driver>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("rollups", &self.rollups()).finish_non_exhaustive()
    }
}

/// What a query found, and what it was read from.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The bucket, the keys, the metrics.
    pub frame: Frame,
    /// What answered which part of the range.
    pub coverage: Coverage,
}

impl Store {
    /// The store of a catalog on an open connection: a `SqliteDriver` or a `PostgresDriver` in a box.
    ///
    /// **Errors** `catalog.*`, `spec.*`, `expr.*` with all problems of the catalog.
    pub fn new(catalog: &(impl Document + ?Sized), driver: Box<dyn Driver>) -> Result<Self> {
        Ok(Self { engine: engine::Store::new(catalog, driver.dialect())?, driver })
    }

    /// The same store on another connection: both remember what either reads.
    #[cfg(feature = "pool")]
    pub(crate) fn on(engine: &engine::Store, driver: Box<dyn Driver>) -> Self {
        Self { engine: engine.clone(), driver }
    }

    /// Asks the database for nothing, whether it answers.
    ///
    /// **Errors** `store.database`.
    #[cfg(feature = "pool")]
    pub(crate) fn ping(&mut self) -> Result<()> {
        self.driver.start()?;
        self.driver.run("SELECT 1", &[]).map(drop)
    }

    #[cfg(feature = "pool")]
    pub(crate) fn is_lost(&self) -> bool {
        self.driver.is_lost()
    }

    /// Keeps at most so many bytes of what queries read, for the queries that follow; 0 keeps none.
    ///
    /// Answers are the same. The default is 64 MiB.
    pub fn limit_memory(&self, max_bytes: usize) {
        self.engine.limit_memory(max_bytes);
    }

    /// The names of the rollups, each after the one it is built from.
    #[must_use]
    pub fn rollups(&self) -> Vec<String> {
        self.engine.names()
    }

    /// Tells the seconds between two refreshes of each rollup, nothing for one without a `schedule_interval`.
    #[must_use]
    pub fn schedule(&self) -> BTreeMap<String, Option<u64>> {
        // the engine gives an object of integers and nulls
        serde_json::from_str(&self.engine.schedule().to_string()).unwrap_or_default()
    }

    /// Makes the tables, adds the columns of new metrics and fills them from the states that are stored.
    ///
    /// **Errors** `store.table` for a table that keeps other buckets, keys or conditions; `store.database`.
    pub fn init(&mut self) -> Result<InitReport> {
        let run = self.engine.init(&Json::Object(Vec::new()))?;
        self.report(run)
    }

    /// Tells what [`Store::init`] would do, and changes nothing.
    ///
    /// **Errors** those of [`Store::init`].
    pub fn plan_init(&mut self) -> Result<InitReport> {
        let run = self.engine.init(&Json::object([("dry_run", Json::Bool(true))]))?;
        self.report(run)
    }

    /// Tells what a refresh would build, and how many rows it would read, which are counted.
    ///
    /// **Errors** `refresh.*`, `store.*`.
    pub fn plan(&mut self, options: &Refresh) -> Result<PlanReport> {
        let run = self.engine.plan(&options.json())?;
        self.report(run)
    }

    /// Builds what is due, window by window, each in one transaction that writes only what changed. One
    /// that fails stops no other; all that failed is told at the end.
    ///
    /// **Errors** `ingest.*` for a row that does not fit (its window is left as it was), `store.*`, `refresh.*`.
    pub fn refresh(&mut self, options: &Refresh) -> Result<RefreshReport> {
        self.refresh_with(options, |_| {})
    }

    /// As [`Store::refresh`]; `on_progress` is told after every step.
    ///
    /// **Errors** those of [`Store::refresh`].
    pub fn refresh_with(&mut self, options: &Refresh, mut on_progress: impl FnMut(&Progress)) -> Result<RefreshReport> {
        let mut run = self.engine.refresh(&options.json())?;
        match self.drive(&mut run, &mut on_progress) {
            Ok(outcome) => read(outcome),
            Err(error) => {
                let mut note = self.engine.note_failure(&run.progress().rollup, &error);
                // the database that failed may not take the note; what failed first is what is told
                drop(self.drive(&mut note, &mut |_| {}));
                Err(error)
            }
        }
    }

    /// Answers a query from the coarsest rollups that can, from finer ones at its edges, and from rows past them.
    ///
    /// The query is an object or JSON text; its range may start and end anywhere.
    ///
    /// **Errors** `query.*`, `expr.*`, `refresh.rollup`, `store.*`.
    pub fn query(&mut self, rollup: &str, query: impl Into<Json>) -> Result<Answer> {
        self.query_with(rollup, query, Tail::Rows)
    }

    /// As [`Store::query`], where `tail` tells what reads what is not built.
    ///
    /// **Errors** those of [`Store::query`].
    pub fn query_with(&mut self, rollup: &str, query: impl Into<Json>, tail: Tail) -> Result<Answer> {
        let tail = Json::Bool(tail == Tail::Rows);
        let options = Json::object([("rollup", Json::from(rollup)), ("query", query.into()), ("tail", tail)]);
        let mut run = self.engine.query(&options)?;
        match self.drive(&mut run, &mut |_| {})? {
            Outcome::Answer(frame, coverage) => {
                Ok(Answer { frame: frame.into_kernel(), coverage: read(Outcome::Json(coverage))? })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Loads a rollup: what is stored up to the watermark, and rows from there on.
    ///
    /// **Errors** `refresh.schema` when stored groups lack a state of the spec ([`Store::query`] reads NULL for them);
    /// `refresh.rollup`, `range.*`, `store.*`.
    pub fn load(&mut self, rollup: &str, range: impl Into<TimeRange>) -> Result<Rollup> {
        self.load_with(rollup, range, Tail::Rows)
    }

    /// As [`Store::load`], where `tail` tells what reads what is not built.
    ///
    /// **Errors** those of [`Store::load`].
    pub fn load_with(&mut self, rollup: &str, range: impl Into<TimeRange>, tail: Tail) -> Result<Rollup> {
        let mut options = range.into().json(Some(rollup));
        if let Json::Object(fields) = &mut options {
            fields.push(("tail".to_owned(), Json::Bool(tail == Tail::Rows)));
        }
        let mut run = self.engine.load(&options)?;
        match self.drive(&mut run, &mut |_| {})? {
            Outcome::Rollup(rollup) => Ok(rollup.into_kernel()),
            other => Err(unexpected(&other)),
        }
    }

    /// Tells how fresh every rollup is: status, watermark, lag, size, what is due, stale or lost, the last error.
    ///
    /// **Errors** `store.*`.
    pub fn check(&mut self, now: impl Into<Now>) -> Result<CheckReport> {
        let run = self.engine.check(&now.into().json())?;
        self.report(run)
    }

    /// Tells when each rollup was last refreshed, and when it is due by its schedule, from one small table.
    ///
    /// **Errors** `store.*`.
    pub fn due(&mut self, now: impl Into<Now>) -> Result<DueReport> {
        let run = self.engine.due(&now.into().json())?;
        self.report(run)
    }

    /// Tells of the newest refreshes, of one rollup or of all, the newest first.
    ///
    /// The database keeps the last 1000 of each rollup in `isofold_runs`.
    ///
    /// **Errors** `refresh.rollup`, `store.*`.
    pub fn runs(&mut self, rollup: Option<&str>, limit: u32) -> Result<RunsReport> {
        let options = Json::object([("rollup", rollup.map(Json::from).into()), ("limit", Json::Int64(limit.into()))]);
        let run = self.engine.runs(&options)?;
        self.report(run)
    }

    /// Tells what the table of a rollup has: the columns in their order.
    ///
    /// **Errors** `refresh.rollup`, `store.table`, `store.*`.
    pub fn columns(&mut self, rollup: &str) -> Result<ColumnsReport> {
        let run = self.engine.columns(&Json::object([("rollup", Json::from(rollup))]))?;
        self.report(run)
    }

    /// Tells that rows of a range changed: the next refresh that reaches it builds it again.
    ///
    /// Without a rollup, all that are built from rows are meant.
    ///
    /// **Errors** `refresh.rollup`, `range.invalid`, `store.*`.
    pub fn invalidate(&mut self, range: impl Into<TimeRange>, rollup: Option<&str>) -> Result<InvalidateReport> {
        let run = self.engine.invalidate(&range.into().json(rollup))?;
        self.report(run)
    }

    /// Sets the watermark of a rollup back to the bucket of a time, and of what is built from it: the next refresh builds
    /// from there. What is stored stays.
    ///
    /// Without a rollup, all are meant.
    ///
    /// **Errors** `range.invalid` for a time after the watermark; `refresh.dropped` where rows are dropped; `refresh.rollup`,
    /// `store.*`.
    pub fn reset(&mut self, to: impl Into<Time>, rollup: Option<&str>) -> Result<ResetReport> {
        let options = Json::object([("to", to.into().json()), ("rollup", rollup.map(Json::from).into())]);
        let run = self.engine.reset(&options)?;
        self.report(run)
    }

    /// Drops what the retentions no longer keep, some rows in each transaction, and nothing that is not built into all
    /// that needs it, in whatever catalog.
    ///
    /// **Errors** `store.*`.
    pub fn prune(&mut self, now: impl Into<Now>) -> Result<PruneReport> {
        let run = self.engine.prune(&now.into().json())?;
        self.report(run)
    }

    /// Takes isofold out of the database: its triggers, their function and its own tables.
    ///
    /// What other catalogs of the database need stays.
    ///
    /// **Errors** `store.*`.
    pub fn drop(&mut self, tables: RollupTables) -> Result<DropReport> {
        let options = Json::object([("tables", Json::Bool(tables == RollupTables::Drop))]);
        let run = self.engine.drop(&options)?;
        self.report(run)
    }

    fn report<T: DeserializeOwned>(&mut self, mut run: Run) -> Result<T> {
        read(self.drive(&mut run, &mut |_| {})?)
    }

    fn drive(&mut self, run: &mut Run, on_progress: &mut dyn FnMut(&Progress)) -> Result<Outcome> {
        self.driver.start()?;
        let mut session = Session { driver: &mut *self.driver, is_done: false };
        session.converse(run, on_progress)?;
        session.is_done = true;
        run.take_outcome().ok_or_else(|| Error::new(Code::StoreDatabase, "the run ended without a result"))
    }
}

/// A transaction that does not outlive an error, nor a panic of what is told the progress.
struct Session<'d> {
    driver: &'d mut dyn Driver,
    is_done: bool,
}

impl Session<'_> {
    fn converse(&mut self, run: &mut Run, on_progress: &mut dyn FnMut(&Progress)) -> Result<()> {
        let mut step = run.advance(Vec::new())?;
        loop {
            step = match self.run_step(&step, run) {
                Ok(Some(rows)) => run.advance(rows)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.driver.rollback();
                    run.fail(error)?
                }
            };
            on_progress(&run.progress());
        }
    }

    /// The rows of a step; nothing at the end.
    fn run_step(&mut self, step: &Step, run: &mut Run) -> Result<Option<Vec<Vec<SqlValue>>>> {
        match step {
            Step::Run { sql, parameters } => self.driver.run(sql, parameters).map(Some),
            Step::Stream { sql, columns } => {
                let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
                self.driver.stream(sql, &names, &mut |batch| run.fold(batch)).map(|()| Some(Vec::new()))
            }
            Step::Done => Ok(None),
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.driver.rollback();
        }
    }
}

fn read<T: DeserializeOwned>(outcome: Outcome) -> Result<T> {
    let Outcome::Json(json) = outcome else { return Err(unexpected(&outcome)) };
    serde_json::from_str(&json.to_string()).map_err(|error| Error::new(Code::StoreValue, error.to_string()))
}

fn unexpected(outcome: &Outcome) -> Error {
    let text = match outcome {
        Outcome::Json(_) => "a report",
        Outcome::Answer(..) => "an answer",
        Outcome::Rollup(_) => "a rollup",
    };
    Error::new(Code::StoreValue, format!("the run ended with {text}"))
}
