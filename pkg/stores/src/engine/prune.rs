//! Dropping what is no longer kept, and telling that rows changed.
//!
//! The one idea: nothing is dropped before everything that is built from it, by any catalog, is built. What is dropped is
//! noted first, and deleted in pieces: who is stopped between two of them goes on with the next prune.

use super::aside::{self, OUTSIDE};
use super::known::{known_levels, require_current};
use super::log::{log_changed, logged, take_all, Logged, ALWAYS};
use super::members::{built_from, Member};
use super::options::RangeOptions;
use super::port::Port;
use super::Shared;
use isofold::refresh::Window;
use isofold::sql::{Dialect, OwnTables};
use isofold::time::{format_timestamp, shift_back, Interval};
use isofold::{limits, Error, Result};
use isofold_facade::json::Json;

/// Rows that one transaction deletes, and the fewest where a database gives no more time for them.
const MOST_ROWS: usize = 10_000;
const FEWEST_ROWS: usize = 100;

/// Drops groups and rows past their retention; what fails of one table stops no other.
pub(super) async fn prune(shared: &Shared, port: &Port, now: Option<i64>) -> Result<Json> {
    require_current(shared, port).await?;
    let now = match now {
        Some(now) => now,
        None => port.value(&shared.own.now(), Vec::new()).await?.time()?,
    };
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for level in 0..shared.catalog.levels().len() {
        if let Some(retention) = shared.catalog.levels()[level].retention {
            match prune_level(shared, port, level, &retention, now).await {
                Ok(report) => reports.push(report),
                Err(error) => failures.push(error),
            }
            port.rollback().await?;
        }
    }
    if let Some(retention) = shared.catalog.source().retention {
        match prune_rows(shared, port, &retention, now).await {
            Ok(report) => reports.push(report),
            Err(error) => failures.push(error),
        }
        port.rollback().await?;
    }
    match Error::from_all(failures) {
        Some(error) => Err(error),
        None => Ok(Json::object([("now", Json::Text(format_timestamp(now))), ("pruned", Json::Array(reports))])),
    }
}

async fn prune_level(shared: &Shared, port: &Port, level: usize, retention: &Interval, now: i64) -> Result<Json> {
    let spec = &shared.catalog.levels()[level].spec;
    let bucket = spec.bucket();
    port.run_all(&shared.own.begin([spec.name()])).await?;
    let known = &known_levels(shared, port).await?[level];
    let wanted = bucket.start(shift_back(now, retention, bucket.zone())?)?;
    let coarser = built_from(shared, port, spec.name()).await?;
    let limit = built(shared, port, &coarser, known.dropped_before).await?;
    let limit = limit.min(known.watermark.unwrap_or(wanted));
    let before = bucket.start(wanted.min(limit)).unwrap_or(limits::MIN_TIME_US);
    let before = before.max(known.dropped_before.unwrap_or(before));
    if before > limits::MIN_TIME_US {
        port.run(&shared.own.note_dropped(), vec![spec.name().into(), before.into()]).await?;
        port.run(&shared.own.forget_lost(), vec![spec.name().into(), before.into()]).await?;
        aside::forget(shared, port, spec.name(), Window { start: OUTSIDE.end, end: before }).await?;
    }
    port.run("COMMIT", Vec::new()).await?;
    let table = shared.table(level);
    let statement = |groups| table.delete_before(before, groups);
    delete(shared, port, (&table.any_before(before), &statement), Some(spec.name()), before).await?;
    report(port, spec.name(), (wanted, &table.any_before(wanted)), before).await
}

async fn prune_rows(shared: &Shared, port: &Port, retention: &Interval, now: i64) -> Result<Json> {
    let source = &shared.catalog.source().table;
    let members = built_from(shared, port, source).await?;
    port.run_all(&shared.own.begin(members.iter().map(|member| member.name.as_str()))).await?;
    // as they are now that nobody builds
    let members = built_from(shared, port, source).await?;
    let dropped = members.iter().filter_map(|member| member.rows_dropped_before).max();
    let mut wanted = i64::MAX;
    for bucket in members.iter().map(|member| member.spec.bucket()) {
        wanted = wanted.min(bucket.start(shift_back(now, retention, bucket.zone())?)?);
    }
    let before = wanted.min(built(shared, port, &members, dropped).await?);
    let before = before.max(dropped.unwrap_or(before));
    if before > limits::MIN_TIME_US {
        port.run(&shared.own.note_rows_dropped(), vec![source.as_str().into(), before.into()]).await?;
    }
    port.run("COMMIT", Vec::new()).await?;
    let rows = shared.rows();
    let statement = |count| rows.delete_before(before, count);
    delete(shared, port, (&rows.any_before(before), &statement), None, before).await?;
    report(port, source, (wanted, &rows.any_before(wanted)), before).await
}

/// Up to where all of these are built, with no change left to look at. What is dropped holds nothing back.
async fn built(shared: &Shared, port: &Port, members: &[Member], dropped: Option<i64>) -> Result<i64> {
    let mut built = i64::MAX;
    for member in members {
        let watermark = member.watermark.unwrap_or(limits::MIN_TIME_US);
        built = built.min(watermark);
        for change in logged(shared, port, &member.name).await?.all() {
            let start = change.start.max(dropped.unwrap_or(limits::MIN_TIME_US));
            if start < change.end && start < watermark {
                built = built.min(member.spec.bucket().start(start).unwrap_or(limits::MIN_TIME_US));
            }
        }
    }
    Ok(built)
}

/// Deletes what is before a time, some rows in each transaction.
async fn delete(
    shared: &Shared,
    port: &Port,
    (any, statement): (&str, &(dyn Fn(usize) -> String + Sync)),
    revised: Option<&str>,
    before: i64,
) -> Result<()> {
    let mut rows = MOST_ROWS;
    while before > limits::MIN_TIME_US && port.value(any, Vec::new()).await?.integer()? != Some(0) {
        match delete_some(shared, port, &statement(rows), revised, before).await {
            Ok(()) => {}
            Err(error) if rows / 4 < FEWEST_ROWS => return Err(error),
            // it may be the time that a statement has
            Err(_) => {
                port.rollback().await?;
                rows /= 4;
            }
        }
    }
    Ok(())
}

async fn delete_some(shared: &Shared, port: &Port, statement: &str, revised: Option<&str>, before: i64) -> Result<()> {
    port.run_all(&shared.own.begin([])).await?;
    let of_rows = OwnTables::of_rows(&shared.catalog.source().table);
    let mut logged = Logged::default();
    if shared.dialect == Dialect::Sqlite && revised.is_none() {
        logged = take_all(shared, port, &of_rows).await?;
    }
    port.run(statement, Vec::new()).await?;
    if revised.is_none() {
        // a trigger has logged what was dropped just now
        let all = vec![of_rows.as_str().into(), limits::MIN_TIME_US.into(), before.into()];
        port.run(&shared.own.take_own_changes(), all).await?;
        logged.write(shared, port, &of_rows).await?;
    }
    if let Some(name) = revised {
        port.run(&shared.own.revise(), vec![name.into()]).await?;
    }
    port.run("COMMIT", Vec::new()).await.map(drop)
}

/// Held back is what is there: a quiet table has nothing after what is built.
async fn report(port: &Port, name: &str, (wanted, any): (i64, &str), before: i64) -> Result<Json> {
    let is_held = before < wanted && port.value(any, Vec::new()).await?.integer()? != Some(0);
    let status = if is_held { "held_back" } else { "ok" };
    let dropped = (before > limits::MIN_TIME_US).then(|| Json::Text(format_timestamp(before)));
    Ok(Json::object([("name", Json::from(name)), ("status", status.into()), ("dropped_before", dropped.into())]))
}

/// Logs that rows changed.
pub(super) async fn invalidate(shared: &Shared, port: &Port, options: &RangeOptions) -> Result<Json> {
    let levels = shared.catalog.levels();
    let of_rows = (0..levels.len()).filter(|&level| levels[level].from.is_none());
    let named = options.level.map_or_else(|| of_rows.collect::<Vec<_>>(), |level| vec![level]);
    let window = Window { start: options.start.unwrap_or(ALWAYS.start), end: options.end.unwrap_or(ALWAYS.end) };
    let mut names = Vec::new();
    if !window.is_empty() {
        for level in named {
            let name = levels[level].spec.name();
            log_changed(shared, port, name, window).await?;
            names.push(Json::from(name));
        }
    }
    Ok(Json::object([("invalidated", Json::Array(names))]))
}
