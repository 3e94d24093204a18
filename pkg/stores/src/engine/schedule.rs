//! Which rollups a scheduler refreshes next.
//!
//! The one idea: when a rollup was last refreshed stands in the database, so a restart forgets nothing, and who asks reads
//! one small table.

use super::known::require_shape;
use super::port::{columns, Port};
use super::Shared;
use isofold::refresh::Level;
use isofold::time::{format_timestamp, shift_back, Zone, SECOND_US};
use isofold::Result;
use isofold_facade::json::Json;
use std::sync::atomic::Ordering;

/// An instant at which a schedule is measured; months differ, and a scheduler takes them as this one was.
const MEASURED_AT_US: i64 = 1_767_225_600_000_000;

/// Seconds between two refreshes of a rollup that has no schedule.
const UNSCHEDULED: u64 = 60;

/// The seconds of a schedule.
pub(super) fn schedule_seconds(level: &Level) -> Option<u64> {
    let every = level.schedule_interval?;
    let before = shift_back(MEASURED_AT_US, &every, &Zone::UTC).ok()?;
    u64::try_from((MEASURED_AT_US - before) / SECOND_US).ok()
}

/// When each rollup was refreshed, and in how many milliseconds it is due: 0 where it is.
pub(super) async fn due(shared: &Shared, port: &Port, now: Option<i64>) -> Result<Json> {
    if !shared.exists.load(Ordering::Relaxed) {
        require_shape(shared, port).await?;
    }
    let known = port.run(&shared.own.refreshed(), Vec::new()).await?;
    let clock = known.first().map_or(Ok(0), |row| columns::<3>(row)?[2].time())?;
    let now = now.unwrap_or(clock);
    let mut reports = Vec::new();
    for level in shared.catalog.levels() {
        let mut last = None;
        for row in &known {
            let [name, refreshed_at, _] = columns::<3>(row)?;
            if name.text()? == Some(level.spec.name()) {
                last = refreshed_at.integer()?;
            }
        }
        let every = i64::try_from(schedule_seconds(level).unwrap_or(UNSCHEDULED)).unwrap_or(i64::MAX);
        // a clock that was set back makes nothing wait for longer than its schedule
        let left = last.map_or(0, |last| {
            let ago = now.saturating_sub(last).max(0);
            every.saturating_mul(SECOND_US).saturating_sub(ago).max(0) / 1000
        });
        reports.push(Json::object([
            ("name", Json::from(level.spec.name())),
            ("refreshed_at", last.map(|at| Json::Text(format_timestamp(at))).into()),
            ("due_in_ms", Json::Int64(left)),
        ]));
    }
    Ok(Json::object([("now", Json::Text(format_timestamp(now))), ("rollups", Json::Array(reports))]))
}
