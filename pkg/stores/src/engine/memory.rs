//! Which stored groups need not be read again?
//!
//! The one idea: whoever writes to the table of a rollup gives it another revision in the same transaction, so groups
//! that were read under a revision are those of every moment that has this revision. A query looks the revision up in
//! the transaction it reads in, and takes from memory what was read under the same one.
//!
//! Not here: reading groups (`known`), who may not be answered from memory (`isofold::sql`).

use isofold::refresh::Window;
use isofold::spec::Spec;
use isofold::time::Bucket;
use isofold::{limits, Result, Rollup};
use isofold_facade::json::spec_source;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that a store remembers unless its host says otherwise.
pub const MEMORY_BYTES: usize = 64 << 20;

/// Bytes of a piece besides those of its rollups, about.
const PIECE_BYTES: usize = 512;
/// Buckets of a piece, where they have their nominal width.
const PIECE_BUCKETS: i64 = 64;
/// Pieces of one range; a longer one is one piece.
const MAX_PIECES: i64 = 64;
/// An hour at which the width of a bucket is measured.
const MEASURED_AT_US: i64 = 1_767_225_600_000_000;
/// Texts of specs that are kept compiled.
const MAX_SPECS: usize = 1024;

/// Groups of a range, one rollup for each version of the spec that wrote some.
pub(super) type Groups = Arc<[Rollup]>;

/// A range of a level: level, start, end, and which of its groups; all, where it has no name.
type Place = (usize, i64, i64, Option<Arc<str>>);

/// Groups as they were read, up to a number of bytes; what was used least lately goes first.
#[derive(Debug)]
pub(super) struct Memory(Mutex<Pieces>);

#[derive(Debug, Default)]
struct Pieces {
    max_bytes: usize,
    at: BTreeMap<Place, Piece>,
    /// The places in the order in which they were used.
    used: BTreeMap<u64, Place>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Piece {
    revision: i64,
    groups: Groups,
    bytes: usize,
    used: u64,
}

impl Memory {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self(Mutex::new(Pieces { max_bytes, ..Pieces::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, Pieces> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it remembers anything.
    pub(super) fn is_on(&self) -> bool {
        self.lock().max_bytes > 0
    }

    /// Forgets what is over another number of bytes.
    pub(super) fn limit(&self, max_bytes: usize) {
        let mut pieces = self.lock();
        pieces.max_bytes = max_bytes;
        pieces.shrink();
    }

    /// The groups of a range of a level, at least those of a name, as they are under a revision.
    pub(super) fn find(&self, level: usize, window: Window, name: Option<&str>, revision: i64) -> Option<Groups> {
        let pieces = &mut *self.lock();
        let place = |name: Option<Arc<str>>| (level, window.start, window.end, name);
        let all = pieces.take(place(None), revision);
        all.or_else(|| name.and_then(|name| pieces.take(place(Some(name.into())), revision)))
    }

    /// Remembers the groups of a range of a level, those of a name or all, and under which revision they were read.
    pub(super) fn keep(&self, level: usize, window: Window, name: Option<&str>, (revision, groups): (i64, &Groups)) {
        let bytes = PIECE_BYTES + groups.iter().map(|rollup| rollup.stats().memory_bytes).sum::<usize>();
        let mut pieces = self.lock();
        let place = (level, window.start, window.end, name.map(Arc::from));
        pieces.forget(&place);
        if bytes > pieces.max_bytes {
            return;
        }
        pieces.uses += 1;
        let used = pieces.uses;
        pieces.bytes += bytes;
        pieces.used.insert(used, place.clone());
        pieces.at.insert(place, Piece { revision, groups: Arc::clone(groups), bytes, used });
        pieces.shrink();
    }
}

impl Pieces {
    fn take(&mut self, place: Place, revision: i64) -> Option<Groups> {
        let piece = self.at.get_mut(&place).filter(|piece| piece.revision == revision)?;
        self.used.remove(&piece.used);
        self.uses += 1;
        piece.used = self.uses;
        self.used.insert(piece.used, place);
        Some(Arc::clone(&piece.groups))
    }

    fn shrink(&mut self) {
        while self.bytes > self.max_bytes {
            let Some((_, oldest)) = self.used.first_key_value() else { return };
            self.forget(&oldest.clone());
        }
    }

    fn forget(&mut self, place: &Place) {
        if let Some(piece) = self.at.remove(place) {
            self.used.remove(&piece.used);
            self.bytes -= piece.bytes;
        }
    }
}

/// A window of whole buckets cut at places that do not depend on it, so that the next one has most pieces in common.
pub(super) fn pieces(bucket: &Bucket, window: Window) -> Vec<Window> {
    let nominal = bucket.end(MEASURED_AT_US) - bucket.start(MEASURED_AT_US).unwrap_or(MEASURED_AT_US);
    let step = nominal.saturating_mul(PIECE_BUCKETS).max(1);
    let is_open = window.start <= limits::MIN_TIME_US || window.end >= limits::MAX_TIME_US;
    if is_open || (window.end - window.start) / step > MAX_PIECES {
        return vec![window];
    }
    let mut pieces = Vec::new();
    let mut rest = window;
    let mut cut = (window.start.div_euclid(step) + 1).saturating_mul(step);
    while cut < rest.end {
        let edge = bucket.start(cut).unwrap_or(cut);
        if edge > rest.start {
            pieces.push(Window { start: rest.start, end: edge });
            rest.start = edge;
        }
        cut = cut.saturating_add(step);
    }
    pieces.push(rest);
    pieces
}

/// Specs by their texts, each compiled once.
#[derive(Debug, Default)]
pub(super) struct CompiledSpecs(Mutex<HashMap<String, Spec>>);

impl CompiledSpecs {
    /// The spec of a text.
    ///
    /// **Errors** `spec.*`, `expr.*`.
    pub(super) fn spec(&self, text: &str) -> Result<Spec> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(spec) = known.get(text) {
            return Ok(spec.clone());
        }
        let spec = Spec::compile(&spec_source(text)?)?;
        if known.len() >= MAX_SPECS {
            known.clear();
        }
        known.insert(text.to_owned(), spec.clone());
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;

    fn spec() -> Spec {
        let source = r#"{"name": "n", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}"#;
        Spec::compile(&spec_source(source).unwrap()).unwrap()
    }

    fn window(start: i64, end: i64) -> Window {
        Window { start: start * HOUR_US, end: end * HOUR_US }
    }

    fn groups() -> Groups {
        Arc::from(vec![Rollup::new(spec())])
    }

    fn piece_bytes() -> usize {
        PIECE_BYTES + groups()[0].stats().memory_bytes
    }

    #[test]
    fn groups_are_found_under_their_revision_alone() {
        let memory = Memory::new(MEMORY_BYTES);
        memory.keep(0, window(0, 1), None, (7, &groups()));
        assert!(memory.find(0, window(0, 1), None, 7).is_some());
        assert!(memory.find(0, window(0, 1), None, 8).is_none());
        assert!(memory.find(1, window(0, 1), None, 7).is_none());
        assert!(memory.find(0, window(0, 2), None, 7).is_none());
    }

    #[test]
    fn groups_of_a_name_are_not_taken_for_all_and_all_are_taken_for_them() {
        let memory = Memory::new(MEMORY_BYTES);
        memory.keep(0, window(0, 1), Some("some"), (7, &groups()));
        assert!(memory.find(0, window(0, 1), Some("some"), 7).is_some());
        assert!(memory.find(0, window(0, 1), Some("others"), 7).is_none());
        assert!(memory.find(0, window(0, 1), None, 7).is_none());
        memory.keep(0, window(0, 1), None, (7, &groups()));
        assert!(memory.find(0, window(0, 1), Some("others"), 7).is_some());
    }

    #[test]
    fn what_was_used_least_lately_is_forgotten_first() {
        let memory = Memory::new(2 * piece_bytes());
        memory.keep(0, window(0, 1), None, (7, &groups()));
        memory.keep(0, window(1, 2), None, (7, &groups()));
        assert!(memory.find(0, window(0, 1), None, 7).is_some());
        memory.keep(0, window(2, 3), None, (7, &groups()));
        assert!(memory.find(0, window(1, 2), None, 7).is_none());
        assert!(memory.find(0, window(0, 1), None, 7).is_some() && memory.find(0, window(2, 3), None, 7).is_some());
        assert!(memory.lock().bytes <= 2 * piece_bytes());
    }

    #[test]
    fn what_does_not_fit_is_not_remembered_and_removes_nothing_else() {
        let memory = Memory::new(piece_bytes() - 1);
        memory.keep(0, window(0, 1), None, (7, &groups()));
        assert!(memory.find(0, window(0, 1), None, 7).is_none());
        assert_eq!(memory.lock().bytes, 0);
    }

    #[test]
    fn a_lower_limit_forgets_what_is_over_it() {
        let memory = Memory::new(MEMORY_BYTES);
        memory.keep(0, window(0, 1), None, (7, &groups()));
        memory.keep(0, window(1, 2), None, (7, &groups()));
        memory.limit(piece_bytes());
        assert!(memory.find(0, window(0, 1), None, 7).is_none() && memory.find(0, window(1, 2), None, 7).is_some());
        memory.limit(0);
        assert!(!memory.is_on() && memory.find(0, window(1, 2), None, 7).is_none());
    }

    #[test]
    fn another_revision_takes_the_place_of_the_one_before() {
        let memory = Memory::new(MEMORY_BYTES);
        memory.keep(0, window(0, 1), None, (7, &groups()));
        memory.keep(0, window(0, 1), None, (8, &groups()));
        assert!(memory.find(0, window(0, 1), None, 7).is_none());
        let pieces = memory.lock();
        assert_eq!((pieces.at.len(), pieces.used.len(), pieces.bytes), (1, 1, piece_bytes()));
    }

    #[test]
    fn pieces_tile_their_window_and_are_shared_by_the_next() {
        let spec = spec();
        let first = pieces(spec.bucket(), window(490_000, 490_500));
        let next = pieces(spec.bucket(), window(490_001, 490_501));
        assert_eq!((first[0].start, first[first.len() - 1].end), (490_000 * HOUR_US, 490_500 * HOUR_US));
        assert!(first.windows(2).all(|pair| pair[0].end == pair[1].start && !pair[0].is_empty()));
        assert_eq!(first[1..first.len() - 1], next[1..next.len() - 1]);
        assert_eq!(pieces(spec.bucket(), window(0, 1_000_000)).len(), 1);
    }
}
