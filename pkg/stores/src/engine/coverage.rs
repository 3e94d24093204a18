//! What of an answer is not known to be what its rows are.
//!
//! The one idea: whatever is not known is told by range. A coarser rollup knows no more than the one it is built from.

use super::known::{Known, KnownLevel};
use super::log::ALWAYS;
use super::refresh::window_json;
use super::Shared;
use isofold::limits;
use isofold::refresh::{merged, Changes, Coverage, Level, LevelState, Window};
use isofold::sql::OwnTables;
use isofold::time::{format_timestamp, shift_back};
use isofold_facade::json::Json;

/// The ranges of each level, in whole buckets, whose rows may change with nobody seeing it.
pub(super) fn unwatched(shared: &Shared, known: &Known) -> Vec<Vec<Window>> {
    let mut all: Vec<Vec<Window>> = Vec::new();
    for (it, own) in shared.catalog.levels().iter().zip(&known.levels) {
        let windows = match it.from {
            _ if !own.is_followed => vec![ALWAYS],
            None => unwatched_rows(shared, known, it, own),
            Some(from) => all[from].clone(),
        };
        all.push(whole(it, &windows));
    }
    all
}

fn unwatched_rows(shared: &Shared, known: &Known, it: &Level, own: &KnownLevel) -> Vec<Window> {
    match (shared.changes(), known.is_watched) {
        (Changes::Logged, true) => Vec::new(),
        (Changes::Logged, false) => vec![ALWAYS],
        // the last refresh looked at what was from its start_offset on
        (Changes::Unlogged, _) => {
            let zone = it.spec.bucket().zone();
            let looked = it.policy.start_offset.zip(own.refreshed_at);
            let from = looked.and_then(|(offset, at)| it.spec.bucket().start(shift_back(at, &offset, zone).ok()?).ok());
            vec![Window { end: from.unwrap_or(ALWAYS.end), ..ALWAYS }]
        }
    }
}

fn whole(it: &Level, windows: &[Window]) -> Vec<Window> {
    // the last bucket of all time may end after it
    merged(windows.iter().map(|window| window.outward(it.spec.bucket()).intersection(ALWAYS)).collect())
}

/// What lies in both, in order of time.
pub(super) fn inside(windows: &[Window], of: Window) -> Vec<Window> {
    merged(windows.iter().map(|window| window.intersection(of)).collect())
}

/// What the levels do not know, or never will.
struct Doubts {
    stale: Vec<Vec<Window>>,
    lost: Vec<Vec<Window>>,
}

impl Doubts {
    fn of(shared: &Shared, known: &Known) -> Self {
        let of_rows = OwnTables::of_rows(&shared.catalog.source().table);
        let unwatched = unwatched(shared, known);
        let mut doubts = Self { stale: Vec::new(), lost: Vec::new() };
        for (level, it) in shared.catalog.levels().iter().enumerate() {
            let name = it.spec.name();
            let (mut stale, mut lost) = (unwatched[level].clone(), Vec::new());
            match &known.log {
                None => stale.push(ALWAYS),
                Some(log) => {
                    let is_ours = |of: &str| of == name || it.from.is_none() && of == of_rows;
                    stale.extend(log.changed.iter().filter(|(of, _)| is_ours(of)).map(|(_, window)| *window));
                    lost.extend(log.lost.iter().filter(|(of, _)| is_ours(of)).map(|(_, window)| *window));
                }
            }
            if let Some(from) = it.from {
                stale.extend(&doubts.stale[from]);
                lost.extend(&doubts.lost[from]);
            }
            doubts.stale.push(whole(it, &stale));
            doubts.lost.push(whole(it, &lost));
        }
        doubts
    }
}

/// What only rows could answer is missing. Tells which ranges that are.
pub(super) fn leave_rows_out(coverage: &mut Coverage) -> Vec<Window> {
    let rows = coverage.segments.iter().filter(|segment| segment.level.is_none());
    let left_out: Vec<Window> = rows.map(|segment| segment.window).collect();
    let missing = left_out.iter().copied().chain(std::mem::take(&mut coverage.missing)).collect();
    coverage.missing = merged(missing);
    coverage.segments.retain(|segment| segment.level.is_some());
    merged(left_out)
}

/// How an answer was found, and what of it is not known to be so.
pub(super) fn coverage_json(
    shared: &Shared,
    known: &Known,
    coverage: &Coverage,
    left_out: &[Window],
    state: &LevelState,
) -> Json {
    let doubts = Doubts::of(shared, known);
    let of_segments = |doubts: &[Vec<Window>]| {
        let stored = coverage.segments.iter().filter_map(|it| Some(inside(&doubts[it.level?], it.window)));
        merged(stored.flatten().collect())
    };
    let levels = shared.catalog.levels();
    let segments = coverage.segments.iter().map(|segment| {
        let from = segment.level.map_or("rows", |level| levels[level].spec.name());
        let Json::Object(window) = open_window_json(&segment.window) else { return Json::Null };
        Json::Object(std::iter::once(("from".to_owned(), Json::from(from))).chain(window).collect())
    });
    let windows = |windows: &[Window]| Json::Array(windows.iter().map(open_window_json).collect());
    Json::object([
        ("segments", Json::Array(segments.collect())),
        ("missing", windows(&coverage.missing)),
        ("left_out", windows(left_out)),
        ("stale", windows(&of_segments(&doubts.stale))),
        ("lost", windows(&of_segments(&doubts.lost))),
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
