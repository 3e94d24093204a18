//! Reading: the parts that cover a range, as one answer or one rollup.

use super::coverage::{coverage_json, leave_rows_out};
use super::known::{known_levels, known_with_log, stored_rows, KnownLevel};
use super::memory::{pieces, Groups};
use super::neighbours;
use super::options::{AnswerOptions, LoadOptions, Tail};
use super::port::Port;
use super::pushed::{of_groups, Only};
use super::raw::fold_rows;
use super::run::Outcome;
use super::Shared;
use isofold::query::{query_parts, then, Part};
use isofold::refresh::{cover, LevelState, LoadedRows, Window};
use isofold::{limits, Result};
use isofold_facade::Frame;
use isofold_facade::Rollup;
use std::sync::Arc;

/// Answers a query from the coarsest rollups that can, finer ones, and rows.
pub(super) async fn query(shared: &Shared, port: &Port, options: &AnswerOptions) -> Result<Outcome> {
    let levels = shared.catalog.levels();
    let spec = &levels[options.level].spec;
    port.run_all(&shared.own.begin_reading()).await?;
    let about = known_with_log(shared, port).await?;
    let known = &about.levels;
    let states: Vec<LevelState> = known.iter().map(KnownLevel::state).collect();
    let dropped = rows_dropped(known);
    let mut coverage = cover(levels, &states, options.level, dropped, &options.query)?;
    let left_out = match options.tail {
        Tail::Nothing => leave_rows_out(&mut coverage),
        Tail::Rows => Vec::new(),
    };
    let only = Only::of(shared, options.level, &options.query)?;
    let mut read: Vec<(Groups, Option<i64>)> = Vec::new();
    for segment in &coverage.segments {
        match segment.level {
            Some(level) => {
                let stored = stored_groups(shared, port, &known[level], level, segment.window, only.as_ref()).await?;
                read.extend(stored.into_iter().map(|groups| (groups, None)));
            }
            None => {
                let folded = fold_rows(shared, port, spec, segment.window, only.as_ref()).await?;
                read.push((Arc::from(vec![folded.rollup]), Some(segment.window.start)));
            }
        }
    }
    let asked = neighbours::Asked { known, rows_dropped: dropped, options, only: only.as_ref() };
    let beside = neighbours::read(shared, port, &asked, &read).await?;
    read.extend(beside);
    port.run("COMMIT", Vec::new()).await?;
    let parts = read.iter().flat_map(|(groups, from)| groups.iter().map(|rollup| Part { rollup, from: *from }));
    let parts = parts.collect();
    let frame = then(query_parts(spec, parts, &options.query)?, &options.query)?;
    let told = coverage_json(shared, &about, &coverage, &left_out, &states[options.level]);
    Ok(Outcome::Answer(Frame::new(frame), told))
}

/// The stored groups of a window of whole buckets, at least those that are asked for: from memory what is there, and
/// neighbours that are not in one read.
async fn stored_groups(
    shared: &Shared,
    port: &Port,
    known: &KnownLevel,
    level: usize,
    window: Window,
    only: Option<&Only<'_>>,
) -> Result<Vec<Groups>> {
    let read = |start: i64, end: i64| async move {
        let condition = of_groups(shared, port, level, only).await?;
        stored_rows(shared, port, level, (start, end), condition.as_ref()).await
    };
    let Some(revision) = known.revision.filter(|_| shared.memory.is_on()) else {
        let rows = read(window.start, window.end).await?;
        return Ok(vec![LoadedRows::new(&known.specs, &rows)?.into_parts().into()]);
    };
    let pieces = pieces(shared.catalog.levels()[level].spec.bucket(), window);
    let name = only.map(|only| only.name.as_str());
    let mut found = Vec::with_capacity(pieces.len());
    let mut rest = pieces.as_slice();
    while let Some((&piece, later)) = rest.split_first() {
        if let Some(groups) = shared.memory.find(level, piece, name, revision) {
            found.push(groups);
            rest = later;
            continue;
        }
        let is_missing = |piece: &&Window| shared.memory.find(level, **piece, name, revision).is_none();
        let (missing, later) = rest.split_at(1 + later.iter().take_while(is_missing).count());
        let end = missing.last().map_or(piece.end, |last| last.end);
        let rows = read(piece.start, end).await?;
        let mut rows = rows.as_slice();
        for piece in missing {
            // rows come by bucket
            let (mine, others) = rows.split_at(rows.partition_point(|row| row.bucket < piece.end));
            let groups: Groups = LoadedRows::new(&known.specs, mine)?.into_parts().into();
            shared.memory.keep(level, *piece, name, (revision, &groups));
            found.push(groups);
            rows = others;
        }
        rest = later;
    }
    Ok(found)
}

/// The rollup of a range: what is stored up to the watermark, rows from there on.
pub(super) async fn load(shared: &Shared, port: &Port, options: &LoadOptions) -> Result<Rollup> {
    let spec = &shared.catalog.levels()[options.level].spec;
    isofold::Rollup::new(spec.clone()).slice(options.start, options.end)?;
    let (start, end) = (options.start.unwrap_or(limits::MIN_TIME_US), options.end.unwrap_or(limits::MAX_TIME_US));
    port.run_all(&shared.own.begin_reading()).await?;
    let known = known_levels(shared, port).await?;
    let level = &known[options.level];
    let built = level.watermark.unwrap_or(limits::MIN_TIME_US);
    let stored = match end.min(built) {
        // before the first refresh `built` is before all times that a database can be asked for
        until if until <= start => Vec::new(),
        until => stored_rows(shared, port, options.level, (start, until), None).await?,
    };
    let mut whole = LoadedRows::new(&level.specs, &stored)?.derive(std::slice::from_ref(spec))?;
    let tail = Window { start: start.max(built), end };
    if !tail.is_empty() && options.tail == Tail::Rows {
        whole.merge(&fold_rows(shared, port, spec, tail, None).await?.rollup)?;
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(whole.into())
}

fn rows_dropped(known: &[KnownLevel]) -> Option<i64> {
    known.iter().filter_map(|level| level.rows_dropped_before).max()
}
