//! Dropping what is no longer kept, and telling that rows changed.
//!
//! The one idea: nothing is dropped before everything that is built from it is built.

use super::known::{known_levels, KnownLevel};
use super::options::RangeOptions;
use super::port::{columns, Port};
use super::Shared;
use isofold::refresh::Window;
use isofold::time::{format_timestamp, shift_back, Interval};
use isofold::{limits, Result};
use isofold_facade::json::Json;

/// Drops groups and rows past their retention.
pub(super) async fn prune(shared: &Shared, port: &Port, now: i64) -> Result<Json> {
    let mut reports = Vec::new();
    for level in 0..shared.catalog.levels().len() {
        if let Some(retention) = shared.catalog.levels()[level].retention {
            reports.push(prune_level(shared, port, level, &retention, now).await?);
        }
    }
    if let Some(retention) = shared.catalog.source().retention {
        reports.push(prune_rows(shared, port, &retention, now).await?);
    }
    Ok(Json::object([("now", Json::Text(format_timestamp(now))), ("pruned", Json::Array(reports))]))
}

async fn prune_level(shared: &Shared, port: &Port, level: usize, retention: &Interval, now: i64) -> Result<Json> {
    let spec = &shared.catalog.levels()[level].spec;
    let bucket = spec.bucket();
    port.run_all(&shared.own.begin([spec.name()])).await?;
    let known = known_levels(shared, port).await?;
    let wanted = bucket.start(shift_back(now, retention, bucket.zone())?)?;
    let limit = built_from(shared, port, &known, Some(level)).await?.min(known[level].watermark.unwrap_or(wanted));
    let before = bucket.start(wanted.min(limit)).unwrap_or(limits::MIN_TIME_US);
    if before > limits::MIN_TIME_US {
        port.run(&shared.table(level).delete_before(before), Vec::new()).await?;
        port.run(&shared.own.note_dropped(), vec![spec.name().into(), before.into()]).await?;
        port.run(&shared.own.revise(), vec![spec.name().into()]).await?;
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(report(spec.name(), wanted, before))
}

async fn prune_rows(shared: &Shared, port: &Port, retention: &Interval, now: i64) -> Result<Json> {
    let source = shared.catalog.source();
    let levels = || shared.catalog.levels().iter().filter(|level| level.from.is_none());
    port.run_all(&shared.own.begin(levels().map(|level| level.spec.name()))).await?;
    let known = known_levels(shared, port).await?;
    let mut wanted = i64::MAX;
    for level in levels() {
        let bucket = level.spec.bucket();
        wanted = wanted.min(bucket.start(shift_back(now, retention, bucket.zone())?)?);
    }
    let before = wanted.min(built_from(shared, port, &known, None).await?);
    if before > limits::MIN_TIME_US {
        port.run(&shared.rows().delete_before(before), Vec::new()).await?;
        port.run(&shared.own.note_rows_dropped(), vec![source.table.as_str().into(), before.into()]).await?;
        // a trigger has logged what was dropped just now
        for level in levels() {
            let all = vec![level.spec.name().into(), limits::MIN_TIME_US.into(), before.into()];
            port.run(&shared.own.take_changes(), all).await?;
        }
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(report(&source.table, wanted, before))
}

/// Up to where everything built from a level (rows when `None`) is built, with no change left to look at.
async fn built_from(shared: &Shared, port: &Port, known: &[KnownLevel], from: Option<usize>) -> Result<i64> {
    let mut built = i64::MAX;
    for (level, known) in shared.catalog.levels().iter().zip(known).filter(|(level, _)| level.from == from) {
        built = built.min(known.watermark.unwrap_or(limits::MIN_TIME_US));
        let changes = port.run(&shared.own.changes(), vec![level.spec.name().into()]).await?;
        for row in &changes {
            let [start, _] = columns::<2>(row)?;
            let start = start.time()?.max(limits::MIN_TIME_US);
            built = built.min(level.spec.bucket().start(start).unwrap_or(limits::MIN_TIME_US));
        }
    }
    Ok(built)
}

fn report(name: &str, wanted: i64, before: i64) -> Json {
    let status = if before < wanted { "held_back" } else { "ok" };
    let dropped = (before > limits::MIN_TIME_US).then(|| Json::Text(format_timestamp(before)));
    Json::object([("name", Json::from(name)), ("status", status.into()), ("dropped_before", dropped.into())])
}

/// Logs that rows changed.
pub(super) async fn invalidate(shared: &Shared, port: &Port, options: &RangeOptions) -> Result<Json> {
    let levels = shared.catalog.levels();
    let of_rows = (0..levels.len()).filter(|&level| levels[level].from.is_none());
    let named = options.level.map_or_else(|| of_rows.collect::<Vec<_>>(), |level| vec![level]);
    let window = Window {
        start: options.start.unwrap_or(limits::MIN_TIME_US),
        end: options.end.unwrap_or(limits::MAX_TIME_US - 1),
    };
    let mut names = Vec::new();
    if !window.is_empty() {
        for level in named {
            let name = levels[level].spec.name();
            port.run(&shared.own.log_change(), vec![name.into(), window.start.into(), window.end.into()]).await?;
            names.push(Json::from(name));
        }
    }
    Ok(Json::object([("invalidated", Json::Array(names))]))
}
