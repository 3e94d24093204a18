//! How fresh is every rollup?

use super::aside;
use super::coverage::{inside, unwatched};
use super::known::{known, require_current, KnownLevel};
use super::log::{tell_lost, ALWAYS};
use super::members::is_followed;
use super::options::{Guard, RefreshOptions};
use super::planning::{plan, RowExtent};
use super::port::{columns, Port};
use super::refresh::window_json;
use super::schedule::schedule_seconds;
use super::sql_value::SqlValue;
use super::triggers::Triggers;
use super::Shared;
use isofold::limits;
use isofold::refresh::{merged, Changes, Window};
use isofold::time::{format_timestamp, SECOND_US};
use isofold::{Error, Result};
use isofold_facade::json::{error_json, Json};

/// What is known of a rollup: one is fresh only where the one that it is built from is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Fresh,
    Stale,
    Never,
    /// Changes of its rows are not logged, or not of all that is stored.
    Unwatched,
    Error,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Never => "never",
            Self::Unwatched => "unwatched",
            Self::Error => "error",
        }
    }
}

/// The state of every rollup.
pub(super) async fn check(shared: &Shared, port: &Port, now: Option<i64>) -> Result<Json> {
    require_current(shared, port).await?;
    let mut about = known(shared, port).await?;
    if shared.changes() == Changes::Logged {
        about.is_watched = Triggers::read(shared, port).await?.are_watching()?;
    }
    let unwatched = unwatched(shared, &about);
    let (known, now) = (&about.levels, now.unwrap_or(about.clock));
    let levels = (0..known.len()).collect();
    let options = RefreshOptions { now, levels, since: None, until: None, guard: Guard::Keep };
    let mut reports = Vec::new();
    // of one moment for all: what comes later is told by the next check
    let mut extent = RowExtent::default();
    let mut statuses: Vec<(Status, bool)> = Vec::new();
    for level in 0..known.len() {
        let below = shared.catalog.levels()[level].from.map(|from| statuses[from]);
        let (status, report) =
            match check_level(shared, port, known, (level, below, &unwatched[level]), (&options, &mut extent)).await {
                Ok(checked) => checked,
                Err(error) => {
                    port.rollback().await?;
                    ((Status::Error, false), failed(shared.catalog.levels()[level].spec.name(), &known[level], &error))
                }
            };
        statuses.push(status);
        reports.push(report);
    }
    Ok(Json::object([("now", Json::Text(format_timestamp(now))), ("rollups", Json::Array(reports))]))
}

/// What is told of a rollup that cannot be looked at: its table is gone, say.
fn failed(name: &str, state: &KnownLevel, error: &Error) -> Json {
    let time = |us: Option<i64>| Json::from(us.map(|us| Json::Text(format_timestamp(us))));
    let nothing = || Json::Array(Vec::new());
    Json::object([
        ("name", Json::from(name)),
        ("status", Status::Error.as_str().into()),
        ("pending", Json::Bool(false)),
        ("watermark", time(state.watermark)),
        ("lag_seconds", Json::Int64(0)),
        ("groups", Json::Int64(0)),
        ("bytes", Json::Int64(0)),
        ("first_bucket", Json::Null),
        ("last_bucket_end", Json::Null),
        ("refreshed_at", time(state.refreshed_at)),
        ("refresh_ms", state.refresh_ms.map(Json::Int64).into()),
        ("rows_read", state.rows_read.map(Json::Int64).into()),
        ("groups_written", state.groups_written.map(Json::Int64).into()),
        ("due", nothing()),
        ("stale", nothing()),
        ("unwatched", nothing()),
        ("refused", nothing()),
        ("lost", nothing()),
        ("skipped", nothing()),
        ("error", error_json(error).to_string().as_str().into()),
    ])
}

/// From the first row to the watermark: where rows may have come that nobody saw, though nothing is stored of them.
async fn rows_at_stake(
    shared: &Shared,
    port: &Port,
    known: &KnownLevel,
    (level, unwatched): (usize, &[Window]),
    (now, extent): (i64, &mut RowExtent),
) -> Result<Option<Window>> {
    let it = &shared.catalog.levels()[level];
    if unwatched.is_empty() {
        return Ok(None);
    }
    let (Some(first), _) = extent.get(shared, port, now).await? else { return Ok(None) };
    let end = known.watermark.unwrap_or(now);
    // what was dropped is nobody's to look at
    let dropped = known.dropped_before.max(known.rows_dropped_before).unwrap_or(limits::MIN_TIME_US);
    Ok(Some(Window { start: it.spec.bucket().start(first)?.max(dropped), end }))
}

/// The shortest window that has both.
fn spanned(one: Option<Window>, other: Option<Window>) -> Option<Window> {
    let windows = || one.into_iter().chain(other).filter(|window| !window.is_empty());
    let start = windows().map(|window| window.start).min()?;
    Some(Window { start, end: windows().map(|window| window.end).max()? })
}

async fn check_level(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    (level, below, unwatched): (usize, Option<(Status, bool)>, &[Window]),
    (options, rows): (&RefreshOptions, &mut RowExtent),
) -> Result<((Status, bool), Json)> {
    let it = &shared.catalog.levels()[level];
    let state = &known[level];
    let due = plan(shared, port, known, level, (options, rows)).await?;
    let stale = merged(due.changed.iter().chain(&due.stale).copied().collect());
    let is_followed = is_followed(shared, port, it.spec.name()).await?;
    let lost = tell_lost(shared, port, it.spec.name()).await?;
    let table = shared.table(level);
    let extent = port.run(&table.extent(), Vec::new()).await?;
    let [first, last, groups] = match extent.first() {
        Some(row) => columns::<3>(row)?.clone(),
        None => [SqlValue::Null, SqlValue::Null, SqlValue::Int64(0)],
    };
    let end = match &last {
        SqlValue::Null => None,
        last => Some(it.spec.bucket().end(last.time()?)),
    };
    let first = if first == SqlValue::Null { None } else { Some(first.time()?) };
    let stored = first.zip(end).map(|(start, end)| Window { start, end });
    let at_stake = rows_at_stake(shared, port, state, (level, unwatched), (options.now, rows)).await?;
    let unwatched_groups = spanned(stored, at_stake).map(|span| inside(unwatched, span)).unwrap_or_default();
    let size = port.value(&table.size(), Vec::new()).await?.integer()?;
    let lag_us = match (due.watermark, state.watermark) {
        (Some(due), Some(built)) => due - built,
        (Some(due), None) => options.now - due,
        (None, _) => 0,
    };
    let lag = u64::try_from(lag_us / SECOND_US).unwrap_or(0);
    // what is stored past the watermark is not known to be what the rows are: the watermark was set back
    let is_set_back = state.watermark.is_some_and(|at| end.is_some_and(|end| at < end));
    // one missed run is what a schedule leaves open
    let patience = schedule_seconds(it).unwrap_or(0);
    let status = match state {
        KnownLevel { error: Some(_), .. } => Status::Error,
        KnownLevel { watermark: None, .. } if due.watermark.is_some() => Status::Never,
        _ if it.from.is_none() && unwatched.contains(&ALWAYS) => Status::Unwatched,
        // what changed below the watermark is answered as it was, and what is refused stays as it is
        _ if lag > patience || !stale.is_empty() || !due.refused.is_empty() || !is_followed || is_set_back => {
            Status::Stale
        }
        _ if !unwatched_groups.is_empty() => Status::Unwatched,
        _ => match below.map(|(status, _)| status) {
            None | Some(Status::Fresh) => Status::Fresh,
            Some(Status::Never) if state.watermark.is_none() => Status::Never,
            Some(_) => Status::Stale,
        },
    };
    // what waits for the next refresh of its schedule is nobody's to mend
    let waits = SECOND_US.saturating_mul(i64::try_from(patience).unwrap_or(i64::MAX)).saturating_mul(2);
    let is_pending = status == Status::Stale
        && is_followed
        && due.refused.is_empty()
        && lag <= patience
        && state.refreshed_at.is_some_and(|at| options.now.saturating_sub(at) <= waits && patience > 0)
        && below.is_none_or(|(below, is_pending)| below == Status::Fresh || is_pending);
    let time = |us: Option<i64>| Json::from(us.map(|us| Json::Text(format_timestamp(us))));
    let number = |value: Option<i64>| Json::from(value.map(Json::Int64));
    let report = Json::object([
        ("name", Json::from(it.spec.name())),
        ("status", status.as_str().into()),
        ("pending", Json::Bool(is_pending)),
        ("watermark", time(state.watermark)),
        ("lag_seconds", lag.into()),
        ("groups", number(groups.integer()?)),
        ("bytes", number(size)),
        ("first_bucket", time(first)),
        ("last_bucket_end", time(end)),
        ("refreshed_at", time(state.refreshed_at)),
        ("refresh_ms", number(state.refresh_ms)),
        ("rows_read", number(state.rows_read)),
        ("groups_written", number(state.groups_written)),
        ("due", Json::Array(due.windows.iter().map(window_json).collect())),
        ("stale", Json::Array(stale.iter().map(window_json).collect())),
        ("unwatched", Json::Array(unwatched_groups.iter().map(window_json).collect())),
        ("refused", Json::Array(due.refused.iter().map(window_json).collect())),
        ("lost", lost),
        ("skipped", aside::told(shared, port, it.spec.name()).await?),
        ("error", state.error.as_deref().map(Json::from).into()),
    ]);
    Ok(((status, is_pending), report))
}
