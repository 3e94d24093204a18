//! Refreshing rollups: plan, then window after window.

use super::aside::{outside, OUTSIDE};
use super::build::{build, Built};
use super::history::{self, Finished};
use super::known::{known, known_levels, require_current, require_registered, KnownLevel};
use super::log::{logged, settle, spread, take_all, Logged, ALWAYS};
use super::members::{follow_again, is_followed};
use super::options::{Guard, RefreshOptions};
use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::refresh::{merged, plan_refresh, Policy, RefreshPlan, RefreshState, Window};
use isofold::sql::Dialect;
use isofold::time::format_timestamp;
use isofold::{limits, Code, Error, Result};
use isofold_facade::json::{error_json, Json};
use std::time::{Duration, Instant};

/// Groups of one transaction below which the next has more buckets, and above which it has fewer.
const FEW_GROUPS: u64 = 4_000;
const MANY_GROUPS: u64 = 40_000;
/// Rows of one transaction in SQLite, where nobody else writes meanwhile, from which the next has fewer buckets; and rows
/// that are read for as long as one group is written.
const MANY_ROWS: u64 = 200_000;
const ROWS_OF_A_GROUP: u64 = MANY_ROWS / MANY_GROUPS;
/// For how long SQLite's lock is held before others get it, about, and for how long they do: who waits asks for it every
/// 100 ms.
const HOLD: Duration = Duration::from_millis(330);
const LET_OTHERS: Duration = Duration::from_millis(110);
/// Buckets of one transaction, where most are empty.
const MAX_BUCKETS: u32 = 1 << 16;

/// Builds what is due, each rollup after the one it is built from; one that fails is noted, and stops no other.
pub(super) async fn refresh(shared: &Shared, port: &Port, asked: &RefreshOptions<Option<i64>>) -> Result<Json> {
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    let mut asked = asked.clone();
    for level in asked.levels.clone() {
        let name = shared.catalog.levels()[level].spec.name();
        let mut started = None;
        port.progress(|progress| *progress = super::run::Progress { rollup: name.to_owned(), ..Default::default() });
        match refresh_level(shared, port, level, &mut asked, &mut started).await {
            Ok(report) => reports.push(report),
            Err(error) => {
                // who cannot take the note has failed as a whole: what failed first is what is told
                let text = error_json(&error).to_string();
                // a process with another catalog says nothing of what is kept under the one that is registered
                let is_noted = !matches!(error.code(), Code::StoreTable | Code::StoreVersion);
                let is_left = port.rollback().await.is_err();
                if is_left || is_noted && note_failed(shared, port, name, started, &text).await.is_err() {
                    return Err(error);
                }
                failures.extend(error.problems().map(Error::alone));
            }
        }
    }
    // all that failed is noted
    port.progress(|progress| progress.rollup.clear());
    if let Some(error) = Error::from_all(failures) {
        return Err(error);
    }
    let now = match asked.now {
        Some(now) => now,
        None => port.value(&shared.own.now(), Vec::new()).await?.time()?,
    };
    Ok(Json::object([("now", Json::Text(format_timestamp(now))), ("rollups", Json::Array(reports))]))
}

/// Refreshes one level. The first that is refreshed tells the others the time, and `began` is the time of the database.
async fn refresh_level(
    shared: &Shared,
    port: &Port,
    level: usize,
    asked: &mut RefreshOptions<Option<i64>>,
    began: &mut Option<i64>,
) -> Result<Json> {
    let started = Instant::now();
    let spec = &shared.catalog.levels()[level].spec;
    require_current(shared, port).await?;
    let about = known(shared, port).await?;
    *began = Some(about.clock);
    let options = &asked.at(about.clock);
    asked.now = Some(options.now);
    let known = about.levels;
    require_registered(shared, level, &port.run(&shared.own.rollups(), Vec::new()).await?)?;
    if !is_followed(shared, port, spec.name()).await? {
        follow_again(shared, port, spec.name()).await?;
    }
    let plan = plan_and_settle(shared, port, &known, level, options).await?;
    let dropped = match shared.catalog.levels()[level].from {
        None => known[level].rows_dropped_before,
        Some(from) => known[from].dropped_before,
    };
    if let (None, Some(at)) = (known[level].watermark, plan.watermark) {
        if dropped.is_some() {
            // what was dropped before it was first built is not in it, which answers are to know
            let from = ALWAYS.kept(spec.bucket(), dropped).start;
            port.run(&shared.own.note_dropped(), vec![spec.name().into(), from.into()]).await?;
        }
        if plan.windows.is_empty() {
            port.run(&shared.own.move_watermark(), vec![spec.name().into(), at.into()]).await?;
        }
    }
    let mut total = Built::default();
    let mut buckets = 1;
    let mut held = Duration::ZERO;
    let mut transactions: u64 = 0;
    for &window in &plan.windows {
        let mut rest = window;
        while !rest.is_empty() {
            let part = rest.first_buckets(spec.bucket(), buckets);
            port.progress(|progress| progress.window = Some((part.start, part.end)));
            let window_began = Instant::now();
            let built = build(shared, port, &known, level, part).await?;
            total.rows_read += built.rows_read;
            total.groups += built.groups;
            total.written += built.written;
            total.deleted += built.deleted;
            total.skipped += built.skipped;
            transactions += 1;
            port.progress(|progress| {
                progress.rows_read = total.rows_read;
                progress.groups_written = total.written;
            });
            let is_sqlite = shared.dialect == Dialect::Sqlite;
            held += window_began.elapsed();
            if is_sqlite && held >= HOLD && part.end < plan.windows[plan.windows.len() - 1].end {
                std::thread::sleep(LET_OTHERS);
                held = Duration::ZERO;
            }
            let size = match shared.catalog.levels()[level].from {
                Some(_) => built.rows_read,
                None if is_sqlite => built.groups.max(built.rows_read / ROWS_OF_A_GROUP),
                None => built.groups,
            };
            buckets = match size {
                0..FEW_GROUPS => (buckets * 2).min(MAX_BUCKETS),
                MANY_GROUPS.. => (buckets / 2).max(1),
                _ => buckets,
            };
            rest.start = part.end;
        }
    }
    let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    let error = (!plan.refused.is_empty()).then(|| refused_text(&plan));
    let parameters = vec![
        spec.name().into(),
        options.now.into(),
        ms.into(),
        count(total.rows_read),
        count(total.written),
        error.as_deref().map_or(SqlValue::Null, SqlValue::from),
    ];
    let aside = match shared.catalog.levels()[level].from {
        None => Some(outside(shared, port).await?),
        Some(_) => None,
    };
    port.run_all(&shared.own.begin([])).await?;
    if let Some(aside) = aside {
        total.skipped += aside.count();
        aside.keep(shared, port, spec.name(), OUTSIDE).await?;
    }
    for window in &plan.windows {
        // a bucket is built of all its rows, or not at all
        let built = vec![spec.name().into(), window.start.into(), window.end.into()];
        port.run(&shared.own.find_lost(), built).await?;
    }
    port.run(&shared.own.note_refresh(), parameters).await?;
    let number = |value: u64| i64::try_from(value).ok();
    let finished = Finished {
        rollup: spec.name(),
        started: *began,
        rows_read: number(total.rows_read),
        groups_written: number(total.written),
        error: error.as_deref(),
    };
    history::note(shared, port, &finished).await?;
    port.run("COMMIT", Vec::new()).await?;
    Ok(report(spec.name(), &plan, total, transactions, ms))
}

/// Notes the error that ended a refresh.
pub(super) async fn note_failure(shared: &Shared, port: &Port, name: &str, error: &str) -> Result<Json> {
    note_failed(shared, port, name, None, error).await
}

async fn note_failed(shared: &Shared, port: &Port, name: &str, started: Option<i64>, error: &str) -> Result<Json> {
    let known = known_levels(shared, port).await?;
    let Ok(level) = shared.catalog.position(name) else { return Ok(Json::Null) };
    let of = |value: Option<i64>| value.map_or(SqlValue::Null, SqlValue::Int64);
    let level = &known[level];
    let parameters = vec![
        name.into(),
        of(level.refreshed_at),
        of(level.refresh_ms),
        of(level.rows_read),
        of(level.groups_written),
        error.into(),
    ];
    port.run(&shared.own.note_refresh(), parameters).await?;
    let finished = Finished { rollup: name, started, rows_read: None, groups_written: None, error: Some(error) };
    history::note(shared, port, &finished).await?;
    Ok(Json::Null)
}

/// What is due of a level, as the log is.
pub(super) async fn plan(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    options: &RefreshOptions,
) -> Result<RefreshPlan> {
    plan_after(shared, port, known, level, options, &[]).await
}

/// What is due of a level after windows of the finer one were built.
pub(super) async fn plan_after(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    options: &RefreshOptions,
    built: &[Window],
) -> Result<RefreshPlan> {
    let mut logged = logged(shared, port, shared.catalog.levels()[level].spec.name()).await?;
    logged.moved.extend_from_slice(built);
    let Some(mut state) = state(shared, port, known, level, options, &logged).await? else {
        return Ok(RefreshPlan::default());
    };
    state.first = state.first.into_iter().chain(built.first().map(|window| window.start)).min();
    plan_until(&shared.policy(level), &state, options.until)
}

/// A plan that builds nothing from a time on, in whole buckets.
fn plan_until(policy: &Policy, state: &RefreshState, until: Option<i64>) -> Result<RefreshPlan> {
    let mut plan = plan_refresh(policy, state)?;
    if let Some(until) = until {
        let until = policy.bucket.start(until)?;
        for window in &mut plan.windows {
            window.end = window.end.min(until);
        }
        plan.windows.retain(|window| !window.is_empty());
        plan.watermark = state.watermark.max(plan.windows.last().map(|last| last.end));
    }
    Ok(plan)
}

/// What is due of a level, with what cannot be built taken out of its log.
async fn plan_and_settle(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    options: &RefreshOptions,
) -> Result<RefreshPlan> {
    let it = &shared.catalog.levels()[level];
    let name = it.spec.name();
    if logged(shared, port, name).await?.is_empty() {
        return plan(shared, port, known, level, options).await;
    }
    port.run_all(&shared.own.begin([name])).await?;
    if it.from.is_none() {
        spread(shared, port).await?;
    }
    // first, so that the rows of what is taken are seen
    let taken = take_all(shared, port, name).await?;
    let state = state(shared, port, known, level, options, &taken).await?;
    let mut plan = RefreshPlan::default();
    if let Some(state) = state {
        plan = plan_until(&shared.policy(level), &state, options.until)?;
        let watermark = state.watermark.unwrap_or(limits::MIN_TIME_US);
        let first = state.first.map_or(Ok(watermark), |first| it.spec.bucket().start(first))?;
        settle(shared, port, level, &taken, &plan, Window { start: first, end: watermark }).await?;
    } else {
        // until there is something to build it from
        taken.write(shared, port, name).await?;
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(plan)
}

/// What is known when a plan is made; nothing before the finer rollup was ever built.
async fn state(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    options: &RefreshOptions,
    logged: &Logged,
) -> Result<Option<RefreshState>> {
    let it = &shared.catalog.levels()[level];
    let own = &known[level];
    let (first, last, dropped, ready_until, slack) = match it.from {
        None => {
            let (first, last) = row_extent(shared, port, options.now).await?;
            (first, last, own.rows_dropped_before, None, shared.rows().first_slack_us())
        }
        Some(from) => {
            let Some(ready) = known[from].watermark else { return Ok(None) };
            let first = first_bucket(shared, port, from, known[from].dropped_before).await?;
            (first, None, known[from].dropped_before, Some(ready), 0)
        }
    };
    let earliest = first.map(|first| first.saturating_sub(slack).max(limits::MIN_TIME_US));
    let stored = first_bucket(shared, port, level, None).await?;
    // groups from before the first row whose rows are not known to be dropped: somebody else dropped them
    let bucket = it.spec.bucket();
    let mut unexplained = match dropped {
        Some(_) => first_bucket(shared, port, level, dropped).await?,
        None => stored,
    };
    // nor are those that rows were moved out of
    for moved in merged(logged.moved.iter().map(|moved| moved.outward(bucket)).collect()) {
        if unexplained.is_some_and(|first| (moved.start..moved.end).contains(&first)) {
            unexplained = first_bucket(shared, port, level, Some(moved.end)).await?;
        }
    }
    let unexplained_before = match (unexplained, first, options.guard) {
        // past what is built nothing is stored that could be emptied
        (Some(stored), Some(first), Guard::Keep) if stored < bucket.start(first)? => {
            Some(own.watermark.map_or(first, |watermark| first.min(watermark)))
        }
        (Some(_), None, Guard::Keep) => own.watermark,
        _ => None,
    };
    let first = [earliest, stored].into_iter().flatten().min();
    Ok(Some(RefreshState {
        watermark: own.watermark,
        invalidations: logged.changed.clone(),
        moved: logged.moved.clone(),
        raw_available_from: dropped,
        unexplained_before,
        // what is dropped of this rollup is not built again
        first: first.map(|first| first.max(own.dropped_before.unwrap_or(first))),
        last,
        ready_until,
        since: options.since,
        now: options.now,
    }))
}

/// The times of the first row, and of the newest one that is not in the future.
pub(super) async fn row_extent(shared: &Shared, port: &Port, now: i64) -> Result<(Option<i64>, Option<i64>)> {
    let rows = shared.rows();
    // so that a time without a zone is of UTC
    let begins = shared.dialect == Dialect::Postgres && !port.is_open();
    if begins {
        port.run_all(&shared.own.begin_planning()).await?;
    }
    let extent = port.run(&rows.extent(now), Vec::new()).await?;
    if begins {
        port.run("COMMIT", Vec::new()).await?;
    }
    let Some(extent) = extent.first() else { return Ok((None, None)) };
    let [first, last] = columns::<2>(extent)?;
    let last = rows.instant(&first_value(last)?)?;
    Ok((rows.instant(&first_value(first)?)?, last.map(|last| last.min(now))))
}

fn first_value(value: &SqlValue) -> Result<isofold::Value> {
    Ok(match value {
        SqlValue::Null => isofold::Value::Null,
        SqlValue::Int64(value) => isofold::Value::Int64(*value),
        // SQLite keeps doubles in any column; as casts do, past all integers the last one
        SqlValue::Float64(value) => isofold::Value::Int64(value.floor() as i64),
        SqlValue::Text(text) => isofold::Value::String(text.clone()),
        _ => {
            return Err(isofold::Error::new(
                Code::StoreValue,
                "the first time of the source is neither a text nor an integer",
            ))
        }
    })
}

async fn first_bucket(shared: &Shared, port: &Port, level: usize, from: Option<i64>) -> Result<Option<i64>> {
    let table = shared.table(level);
    match port.value(&table.first_bucket(from), Vec::new()).await? {
        SqlValue::Null => Ok(None),
        first => first.time().map(Some),
    }
}

fn count(value: u64) -> SqlValue {
    SqlValue::Int64(i64::try_from(value).unwrap_or(i64::MAX))
}

fn refused_text(plan: &RefreshPlan) -> String {
    let windows: Vec<String> =
        plan.refused.iter().map(|w| format!("{} to {}", format_timestamp(w.start), format_timestamp(w.end))).collect();
    format!("{}: the rows of {} are dropped; what is stored is kept", Code::RefreshDropped, windows.join(", "))
}

fn report(name: &str, plan: &RefreshPlan, total: Built, transactions: u64, ms: i64) -> Json {
    let status = if plan.refused.is_empty() { "ok" } else { "refused" };
    let code = |window: &Window| {
        let Json::Object(mut fields) = window_json(window) else { return Json::Null };
        fields.push(("code".to_owned(), Code::RefreshDropped.as_str().into()));
        Json::Object(fields)
    };
    Json::object([
        ("name", Json::from(name)),
        ("status", status.into()),
        ("rows_read", total.rows_read.into()),
        ("groups_written", total.written.into()),
        ("groups_deleted", total.deleted.into()),
        ("rows_skipped", total.skipped.into()),
        ("transactions", transactions.into()),
        ("ms", Json::Int64(ms)),
        ("watermark", plan.watermark.map(|at| Json::Text(format_timestamp(at))).into()),
        ("refused", Json::Array(plan.refused.iter().map(code).collect())),
        ("lost", Json::Array(plan.lost.iter().map(window_json).collect())),
        ("stale", Json::Array(plan.stale.iter().map(window_json).collect())),
    ])
}

/// `{"start", "end"}`
pub(super) fn window_json(window: &Window) -> Json {
    let time = |us| Json::Text(format_timestamp(us));
    Json::object([("start", time(window.start)), ("end", time(window.end))])
}
