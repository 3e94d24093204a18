//! Which rollup, or the rows themselves, answer which part of a range?
//!
//! The one idea: the coarsest rollup that keeps what the query reads takes every whole bucket it has built; what is
//! left at the edges goes to the next finer one, and the last edges to the rows. Where a finer one has forgotten an
//! edge, a choice that leaves less unanswered wins. Everything past the watermark of the finest is the real-time tail.
//!
//! Not here: reading the parts as one (`query`), statements (`sql`).

use super::catalog::Level;
use super::window::Window;
use crate::error::Result;
use crate::limits;
use crate::query::{needs, QuerySource};
use crate::spec::Spec;
use crate::time::Bucket;
use alloc::vec::Vec;

/// An hour at which the lengths of buckets are compared.
const COMPARED_AT_US: i64 = 1_767_225_600_000_000;

/// How far a rollup is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelState {
    /// The end of what was built.
    pub watermark: Option<i64>,
    /// Groups before are dropped.
    pub available_from: Option<i64>,
}

/// A part of the range and what answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The rollup, by index into the levels; rows when `None`.
    pub level: Option<usize>,
    /// The part of the range.
    pub window: Window,
}

/// How a range is answered, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// What answers which part.
    pub segments: Vec<Segment>,
    /// Parts of which nothing is kept any more.
    pub missing: Vec<Window>,
}

/// The parts of the range of a query to `levels[asked]`.
///
/// **Errors** `query.*`, `expr.*`, `range.*`.
pub fn cover(
    levels: &[Level],
    states: &[LevelState],
    asked: usize,
    rows_available_from: Option<i64>,
    query: &QuerySource,
) -> Result<Coverage> {
    let spec = &levels[asked].spec;
    let needs = needs(spec, query)?;
    let nests = |fine: &Bucket| needs.bucket.as_ref().is_none_or(|it| fine.nests(it, needs.start, needs.end));
    let fits = |candidate: &Spec| {
        spec.derivation(candidate).is_ok_and(|found| {
            needs.keys.iter().all(|&key| found.keys[key].is_some())
                && needs.states.iter().all(|&state| found.states[state].is_some())
        }) && nests(candidate.bucket())
    };
    let mut order: Vec<usize> = (0..levels.len()).filter(|&level| fits(&levels[level].spec)).collect();
    let length = |bucket: &Bucket| bucket.end(COMPARED_AT_US) - bucket.start(COMPARED_AT_US).unwrap_or(COMPARED_AT_US);
    // the coarsest first; of equal buckets the one with fewer keys
    let place = |level: usize| {
        let spec = &levels[level].spec;
        (core::cmp::Reverse(length(spec.bucket())), spec.keys().len())
    };
    crate::sort::stable_by(&mut order, |&a, &b| place(a).cmp(&place(b)));
    let covering = Covering { levels, states, order, rows_available_from };
    let mut edges = Vec::from([needs.start.unwrap_or(limits::MIN_TIME_US)]);
    edges.extend(needs.cuts);
    edges.push(needs.end.unwrap_or(limits::MAX_TIME_US));
    crate::sort::ascending(&mut edges);
    let mut coverage = Coverage::default();
    for pair in edges.windows(2) {
        coverage.append(covering.fill(Window { start: pair[0], end: pair[1] }, 0));
    }
    Ok(coverage)
}

impl Coverage {
    fn append(&mut self, mut later: Coverage) {
        self.segments.append(&mut later.segments);
        self.missing.append(&mut later.missing);
    }

    fn missing_us(&self) -> i64 {
        // cannot overflow: the windows are apart, and all of time is less than 2^63 µs
        self.missing.iter().map(|window| window.end - window.start).sum()
    }
}

struct Covering<'a> {
    levels: &'a [Level],
    states: &'a [LevelState],
    order: Vec<usize>,
    rows_available_from: Option<i64>,
}

impl Covering<'_> {
    fn fill(&self, window: Window, place: usize) -> Coverage {
        if window.is_empty() {
            return Coverage::default();
        }
        let Some(&level) = self.order.get(place) else { return self.rows(window) };
        let built = self.built(level, window);
        if built.is_empty() {
            return self.fill(window, place + 1);
        }
        let mut with = self.fill(Window { start: window.start, end: built.start }, place + 1);
        with.segments.push(Segment { level: Some(level), window: built });
        with.append(self.fill(Window { start: built.end, end: window.end }, place + 1));
        if with.missing.is_empty() {
            return with;
        }
        let without = self.fill(window, place + 1);
        if without.missing_us() < with.missing_us() {
            without
        } else {
            with
        }
    }

    /// The whole buckets of a rollup inside a window.
    fn built(&self, level: usize, window: Window) -> Window {
        let bucket = self.levels[level].spec.bucket();
        let LevelState { watermark: Some(watermark), available_from } = self.states[level] else {
            return Window { start: 0, end: 0 };
        };
        let start = window.start.max(available_from.unwrap_or(limits::MIN_TIME_US));
        let end = window.end.min(watermark);
        // all of time has no edge to be moved to
        let is_open = start == limits::MIN_TIME_US;
        let start = if is_open || bucket.is_edge(start) { start } else { bucket.end(start) };
        Window { start, end: bucket.start(end).unwrap_or(start) }
    }

    fn rows(&self, window: Window) -> Coverage {
        let from = self.rows_available_from.unwrap_or(limits::MIN_TIME_US);
        let missing = Window { start: window.start, end: window.end.min(from) };
        let rows = Window { start: window.start.max(from), end: window.end };
        let segments = [Segment { level: None, window: rows }];
        Coverage {
            segments: segments.into_iter().filter(|segment| !segment.window.is_empty()).collect(),
            missing: [missing].into_iter().filter(|window| !window.is_empty()).collect(),
        }
    }
}
