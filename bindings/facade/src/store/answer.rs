//! Reading: the parts that cover a range, as one answer or one rollup.

use super::known::{known_levels, stored_rows, KnownLevel};
use super::options::{AnswerOptions, LoadOptions};
use super::port::Port;
use super::raw::fold_rows;
use super::refresh::window_json;
use super::run::Outcome;
use super::Shared;
use crate::frame::Frame;
use crate::json::Json;
use crate::rollup::Rollup;
use isofold::query::{query_parts, Part};
use isofold::refresh::{cover, Coverage, LevelState, LoadedRows, Window};
use isofold::time::format_timestamp;
use isofold::{limits, Result};

/// Answers a query from the coarsest rollups that can, finer ones, and rows.
pub(super) async fn query(shared: &Shared, port: &Port, options: &AnswerOptions) -> Result<Outcome> {
    let levels = shared.catalog.levels();
    let spec = &levels[options.level].spec;
    port.run_all(&shared.own.begin_reading()).await;
    let known = known_levels(shared, port).await?;
    let states: Vec<LevelState> = known.iter().map(KnownLevel::state).collect();
    let dropped = rows_dropped(&known);
    let coverage = cover(levels, &states, options.level, dropped, &options.query)?;
    let mut rollups = Vec::new();
    for segment in &coverage.segments {
        let Window { start, end } = segment.window;
        match segment.level {
            Some(level) => {
                let rows = stored_rows(shared, port, level, start, end).await?;
                rollups
                    .extend(LoadedRows::new(&known[level].specs, &rows)?.into_parts().into_iter().map(|r| (r, None)));
            }
            None => {
                let (rollup, _) = fold_rows(shared, port, spec, segment.window).await?;
                rollups.push((rollup, Some(start)));
            }
        }
    }
    port.run("COMMIT", Vec::new()).await;
    let parts = rollups.iter().map(|(rollup, from)| Part { rollup, from: *from }).collect();
    let frame = query_parts(spec, parts, &options.query)?;
    Ok(Outcome::Answer(Frame::new(frame), coverage_json(shared, &coverage, &states[options.level])))
}

/// The rollup of a range: what is stored up to the watermark, rows from there on.
pub(super) async fn load(shared: &Shared, port: &Port, options: &LoadOptions) -> Result<Rollup> {
    let spec = &shared.catalog.levels()[options.level].spec;
    isofold::Rollup::new(spec.clone()).slice(options.start, options.end)?;
    let (start, end) = (options.start.unwrap_or(limits::MIN_TIME_US), options.end.unwrap_or(limits::MAX_TIME_US));
    port.run_all(&shared.own.begin_reading()).await;
    let known = known_levels(shared, port).await?;
    let level = &known[options.level];
    let built = level.watermark.unwrap_or(limits::MIN_TIME_US);
    let stored = match end.min(built) {
        // before the first refresh `built` is before all times that a database can be asked for
        until if until <= start => Vec::new(),
        until => stored_rows(shared, port, options.level, start, until).await?,
    };
    let mut whole = LoadedRows::new(&level.specs, &stored)?.derive(std::slice::from_ref(spec))?;
    let tail = Window { start: start.max(built), end };
    if !tail.is_empty() {
        whole.merge(&fold_rows(shared, port, spec, tail).await?.0)?;
    }
    port.run("COMMIT", Vec::new()).await;
    Ok(Rollup { kernel: whole })
}

fn rows_dropped(known: &[KnownLevel]) -> Option<i64> {
    known.iter().filter_map(|level| level.rows_dropped_before).max()
}

fn coverage_json(shared: &Shared, coverage: &Coverage, state: &LevelState) -> Json {
    let levels = shared.catalog.levels();
    let segments = coverage.segments.iter().map(|segment| {
        let from = segment.level.map_or("rows", |level| levels[level].spec.name());
        let Json::Object(window) = open_window_json(&segment.window) else { return Json::Null };
        Json::Object(std::iter::once(("from".to_owned(), Json::from(from))).chain(window).collect())
    });
    Json::object([
        ("segments", Json::Array(segments.collect())),
        ("missing", Json::Array(coverage.missing.iter().map(open_window_json).collect())),
        ("watermark", state.watermark.map(|at| Json::Text(format_timestamp(at))).into()),
    ])
}

/// A window with null for the ends of all time.
fn open_window_json(window: &Window) -> Json {
    let Json::Object(fields) = window_json(window) else { return Json::Null };
    let is_open = [window.start <= limits::MIN_TIME_US, window.end >= limits::MAX_TIME_US];
    let fields = fields.into_iter().zip(is_open);
    Json::Object(fields.map(|((key, time), open)| (key, if open { Json::Null } else { time })).collect())
}
