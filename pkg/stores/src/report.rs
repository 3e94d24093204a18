//! What a store tells of what it did. Times are ISO 8601 texts.

use serde::{Deserialize, Serialize};

/// A range of time; `None` is open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Span {
    /// First instant.
    pub start: Option<String>,
    /// First instant no longer in it.
    pub end: Option<String>,
}

/// What [`crate::Store::init`] did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct InitReport {
    /// Each rollup, after the one it is built from.
    pub rollups: Vec<InitializedRollup>,
    /// The statements that made or changed tables, indexes, triggers and functions, or would.
    pub statements: Vec<String>,
}

/// What was done to the table of one rollup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct InitializedRollup {
    /// The name of rollup and table.
    pub name: String,
    /// `made` or `there`.
    pub status: String,
    /// Columns of metrics that the table had not.
    pub added: Vec<String>,
    /// Groups whose metrics were filled from their states.
    pub groups_filled: u64,
}

/// What a refresh did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RefreshReport {
    /// The time it was told.
    pub now: String,
    /// Each rollup that was refreshed.
    pub rollups: Vec<RefreshedRollup>,
}

/// What a refresh did to one rollup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RefreshedRollup {
    /// The name.
    pub name: String,
    /// `ok`, or `refused` where rows of a window are dropped.
    pub status: String,
    /// Rows of the source, or groups of the finer rollup.
    pub rows_read: u64,
    /// Groups whose states changed.
    pub groups_written: u64,
    /// Groups that have no rows any more.
    pub groups_deleted: u64,
    /// Rows that do not fit, which were left out.
    pub rows_skipped: u64,
    /// Windows, each built in a transaction of its own.
    pub transactions: u64,
    /// How long it took.
    pub ms: u64,
    /// The end of what is built.
    pub watermark: Option<String>,
    /// Windows whose rows are dropped: what is stored of them stays.
    pub refused: Vec<Span>,
    /// Changed ranges whose rows are dropped: what is stored of them stays, and nothing waits for them.
    pub lost: Vec<Span>,
    /// Changed ranges that cannot be built yet.
    pub stale: Vec<Span>,
}

/// How fresh everything is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CheckReport {
    /// The time it was told.
    pub now: String,
    /// Each rollup, after the one it is built from.
    pub rollups: Vec<RollupState>,
}

/// How fresh one rollup is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RollupState {
    /// The name.
    pub name: String,
    /// `fresh`, `stale`, `never`, `unwatched` (rows of what is stored may change with nobody seeing it) or `error`.
    pub status: String,
    /// Whether all that is stale waits for the next refresh of the schedule, which is not late.
    pub pending: bool,
    /// The end of what is built.
    pub watermark: Option<String>,
    /// How far the watermark is behind where a refresh would put it.
    pub lag_seconds: u64,
    /// Groups of the table.
    pub groups: u64,
    /// Bytes of the table.
    pub bytes: u64,
    /// Start of the first bucket.
    pub first_bucket: Option<String>,
    /// End of the last bucket.
    pub last_bucket_end: Option<String>,
    /// When it was last refreshed.
    pub refreshed_at: Option<String>,
    /// How long that took.
    pub refresh_ms: Option<u64>,
    /// How many rows that read.
    pub rows_read: Option<u64>,
    /// How many groups that wrote.
    pub groups_written: Option<u64>,
    /// Windows that the next refresh builds.
    pub due: Vec<Span>,
    /// Ranges below the watermark that changed and are not built again yet.
    pub stale: Vec<Span>,
    /// Ranges of what is stored whose rows may change with nobody seeing it.
    pub unwatched: Vec<Span>,
    /// Windows whose rows are dropped.
    pub refused: Vec<Span>,
    /// Ranges that changed after their rows were dropped, since this was asked last.
    pub lost: Vec<Lost>,
    /// Rows that do not fit and are left out, by what is wrong with them.
    pub skipped: Vec<Skipped>,
    /// What ended the last refresh, in JSON.
    pub error: Option<String>,
}

/// Rows that do not fit and are left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Skipped {
    /// The code of the problem.
    pub code: String,
    /// The column or expression that has it.
    pub path: String,
    /// The problem of one of them, in words.
    pub message: String,
    /// How many they are.
    pub rows: u64,
    /// The start of the first bucket that has some; `None` where their time is in no bucket.
    pub first_bucket: Option<String>,
    /// The start of the last one.
    pub last_bucket: Option<String>,
}

/// What a refresh would build.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PlanReport {
    /// The time it was told.
    pub now: String,
    /// Each rollup that would be refreshed.
    pub rollups: Vec<PlannedRollup>,
}

/// What a refresh would build of one rollup, if those that it is built from were built before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PlannedRollup {
    /// The name.
    pub name: String,
    /// What it is built from: the table of rows, or the finer rollup.
    pub from: String,
    /// Whole buckets that would be built.
    pub windows: Vec<PlannedWindow>,
    /// Rows of all of them.
    pub rows_to_read: u64,
    /// Where the watermark would be.
    pub watermark: Option<String>,
    /// Windows whose rows are dropped.
    pub refused: Vec<Span>,
    /// Changed ranges whose rows are dropped.
    pub lost: Vec<Span>,
    /// Changed ranges that cannot be built yet.
    pub stale: Vec<Span>,
}

/// A window that a refresh would build.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PlannedWindow {
    /// First instant.
    pub start: String,
    /// First instant no longer in it.
    pub end: String,
    /// Rows that it has now of what it is built from.
    pub rows: u64,
}

/// A refresh of one rollup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RefreshRun {
    /// The rollup.
    pub rollup: String,
    /// When it began, by the clock of the database.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// Rows of the source, or groups of the finer rollup; `None` where it failed.
    pub rows_read: Option<u64>,
    /// Groups whose states changed; `None` where it failed.
    pub groups_written: Option<u64>,
    /// What ended it, in JSON.
    pub error: Option<String>,
}

/// When rollups are due.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct DueReport {
    /// The time it was told.
    pub now: String,
    /// Each rollup, after the one it is built from.
    pub rollups: Vec<DueRollup>,
}

/// When a rollup is due.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct DueRollup {
    /// The name.
    pub name: String,
    /// When it was last refreshed.
    pub refreshed_at: Option<String>,
    /// Milliseconds until it is due by its schedule; 0 where it is.
    pub due_in_ms: u64,
}

/// The newest refreshes first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RunsReport {
    /// One for each rollup and refresh.
    pub runs: Vec<RefreshRun>,
}

/// What the table of a rollup has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ColumnsReport {
    /// The columns in their order.
    pub columns: Vec<TableColumn>,
}

/// A column of the table of a rollup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the database tells it.
    #[serde(rename = "type")]
    pub sql_type: String,
    /// `bucket`, `key`, `metric`, `computed_at`, `state`, or `other` for what is not isofold's.
    pub kind: String,
    /// What it holds, as `types` of a result says it; nothing of states and of what others made.
    pub values: Option<String>,
}

/// A range that changed after its rows were dropped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Lost {
    /// First instant.
    pub start: String,
    /// First instant no longer in it.
    pub end: String,
    /// How many changes of it were logged.
    pub changes: u64,
}

/// What was told to have changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct InvalidateReport {
    /// The rollups that will look at it.
    pub invalidated: Vec<String>,
}

/// What was set back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ResetReport {
    /// The rollups whose watermarks moved.
    pub reset: Vec<ResetRollup>,
}

/// A watermark that was set back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ResetRollup {
    /// The name of the rollup.
    pub name: String,
    /// The end of what counts as built now.
    pub watermark: String,
}

/// What was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PruneReport {
    /// The time it was told.
    pub now: String,
    /// Each table that has a retention.
    pub pruned: Vec<PrunedTable>,
}

/// What was dropped of one table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PrunedTable {
    /// A rollup, or the table of rows.
    pub name: String,
    /// `ok`, or `held_back` by what is not built from it yet.
    pub status: String,
    /// Everything before is gone.
    pub dropped_before: Option<String>,
}

/// What became of the tables of the rollups.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct DropReport {
    /// The rollups whose tables were dropped.
    pub dropped: Vec<String>,
    /// The rollups whose tables were kept.
    pub kept: Vec<String>,
}

/// What an answer was read from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Coverage {
    /// The parts of the range, in order of time.
    pub segments: Vec<Segment>,
    /// Ranges of which nothing is kept any more, or nothing was asked.
    pub missing: Vec<Span>,
    /// Ranges of them that rows were not asked for: `Tail::Nothing`.
    pub left_out: Vec<Span>,
    /// Ranges of stored groups that changed and are not built again yet, or of which it is not known that they did not.
    pub stale: Vec<Span>,
    /// Ranges of stored groups that changed after their rows were dropped: they stay as they were.
    pub lost: Vec<Span>,
    /// The watermark of the rollup that was asked.
    pub watermark: Option<String>,
}

/// A part of a range and what answered it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Segment {
    /// A rollup, or `rows`.
    pub from: String,
    /// First instant; `None` is open.
    pub start: Option<String>,
    /// First instant no longer in it; `None` is open.
    pub end: Option<String>,
}
