//! Reading the neighbours of a range, which gaps are filled from.
//!
//! The one idea: outside of the range the same levels answer as inside, the nearest part first. Of stored groups those of
//! the series that look for one are found by keys and bucket alone, and their states are read by themselves; rows that no
//! level has are read only where nothing stored is nearer.
//!
//! Not here: which series look for a neighbour (`isofold::query`), statements (`isofold::sql`).

use super::known::{read_stored, stored_rows, KnownLevel};
use super::memory::Groups;
use super::options::{AnswerOptions, Tail};
use super::port::Port;
use super::pushed::Only;
use super::raw::fold_rows;
use super::sql_value::SqlValue;
use super::Shared;
use isofold::query::{Neighbours, Part, Side};
use isofold::refresh::{cover, LevelState, LoadedRows, Segment, StoredRow, Window};
use isofold::sql::LevelTable;
use isofold::time::Bucket;
use isofold::{limits, Result, Value};
use std::collections::BTreeSet;

/// Buckets that are looked at first, and how many times more each time that was not enough; then all that is left.
const BUCKETS: i64 = 64;
const GROWTH: i64 = 8;
const STEPS: u32 = 3;
/// Conditions of one statement.
const CONDITIONS: usize = 64;
/// An hour at which the width of a bucket is measured.
const MEASURED_AT_US: i64 = 1_767_225_600_000_000;

/// What answers a query, and how.
pub(super) struct Asked<'a> {
    pub(super) known: &'a [KnownLevel],
    pub(super) rows_dropped: Option<i64>,
    pub(super) options: &'a AnswerOptions,
    /// The groups that are asked for.
    pub(super) only: Option<&'a Only<'a>>,
}

/// The parts outside of the range of a query that its gaps are filled from, given those inside.
pub(super) async fn read(
    shared: &Shared,
    port: &Port,
    asked: &Asked<'_>,
    inside: &[(Groups, Option<i64>)],
) -> Result<Vec<(Groups, Option<i64>)>> {
    let options = asked.options;
    let spec = &shared.catalog.levels()[options.level].spec;
    let mut found = Vec::new();
    for side in [Side::Before, Side::After] {
        let parts = inside.iter().flat_map(|(groups, from)| groups.iter().map(|rollup| Part { rollup, from: *from }));
        if let Some(sought) = Neighbours::new(spec, parts.collect(), &options.query, side)? {
            Search { shared, port, asked, side, sought, found: &mut found }.run().await?;
        }
    }
    Ok(found)
}

struct Search<'a> {
    shared: &'a Shared,
    port: &'a Port,
    asked: &'a Asked<'a>,
    side: Side,
    sought: Neighbours<'a>,
    found: &'a mut Vec<(Groups, Option<i64>)>,
}

impl Search<'_> {
    async fn run(&mut self) -> Result<()> {
        let options = self.asked.options;
        let states: Vec<LevelState> = self.asked.known.iter().map(KnownLevel::state).collect();
        let query = self.sought.query(&options.query);
        let levels = self.shared.catalog.levels();
        let mut segments = cover(levels, &states, options.level, self.asked.rows_dropped, &query)?.segments;
        if self.side == Side::Before {
            segments.reverse();
        }
        let mut is_stored = false;
        for Segment { level, window } in segments {
            let shared = self.sought.shared_with((window.start, window.end));
            let shared = shared.map(|(start, end)| Window { start, end });
            if !self.sought.are_left() && shared.is_none() {
                break;
            }
            match level {
                Some(level) => {
                    is_stored = true;
                    self.stored(level, window, shared).await?;
                }
                // rows from before all that is stored would be all rows that there are
                None if options.tail == Tail::Rows && (self.side == Side::After || !is_stored) => {
                    self.rows(if self.sought.are_left() { Some(window) } else { shared }).await?;
                }
                None => {}
            }
        }
        Ok(())
    }

    async fn rows(&mut self, window: Option<Window>) -> Result<()> {
        let Some(window) = window else { return Ok(()) };
        let spec = &self.shared.catalog.levels()[self.asked.options.level].spec;
        let rollup = fold_rows(self.shared, self.port, spec, window, self.asked.only).await?.rollup;
        self.sought.see(&rollup)?;
        self.found.push((vec![rollup].into(), Some(window.start)));
        Ok(())
    }

    /// Looks in the stored groups of a window, of which `shared` is in a bucket that was found.
    async fn stored(&mut self, level: usize, window: Window, shared: Option<Window>) -> Result<()> {
        if let Some(Window { start, end }) = shared {
            let rows = stored_rows(self.shared, self.port, level, (start, end), None).await?;
            self.keep(level, &rows)?;
        }
        let spec = &self.shared.catalog.levels()[level].spec;
        let keys = self.sought.keys(spec)?;
        let mut near = Vec::new();
        for step in self.steps(spec.bucket(), &keys, window)? {
            if !self.sought.are_left() {
                break;
            }
            let bound = |at: i64, open: i64| (at != open).then_some(at);
            let (start, end) = (bound(step.start, limits::MIN_TIME_US), bound(step.end, limits::MAX_TIME_US));
            let sql = self.shared.table(level).nearest(&keys, start, end, self.side);
            let rows = self.port.run(&sql, Vec::new()).await?;
            let types: Vec<_> = keys.iter().map(|&key| spec.keys()[key].data_type()).collect();
            let mut candidates = Vec::with_capacity(rows.len());
            for row in rows {
                if let Some((at, values)) = row.split_last().filter(|(at, _)| **at != SqlValue::Null) {
                    let values = values.iter().zip(&types).map(|(value, data_type)| value.key(*data_type));
                    candidates.push((values.collect::<Result<Vec<_>>>()?, at.time()?));
                }
            }
            near.extend(self.sought.take(candidates)?);
        }
        let mut wanted = Vec::with_capacity(near.len());
        for (values, bucket) in near {
            let (start, end) = self.sought.bucket(bucket)?;
            let part = Window { start, end }.intersection(window);
            // what both parts share was read as a whole
            if shared.is_none_or(|shared| shared.intersection(part).is_empty()) {
                wanted.push((part, values));
            }
        }
        let rows = self.wanted(level, &keys, wanted).await?;
        self.keep(level, &rows)
    }

    fn keep(&mut self, level: usize, rows: &[StoredRow]) -> Result<()> {
        if !rows.is_empty() {
            let groups: Groups = LoadedRows::new(&self.asked.known[level].specs, rows)?.into_parts().into();
            self.found.push((groups, None));
        }
        Ok(())
    }

    /// A window in steps away from the range, of whole buckets of the result; one step where an index finds what is near.
    fn steps(&self, bucket: &Bucket, keys: &[usize], window: Window) -> Result<Vec<Window>> {
        let mut steps = Vec::new();
        let mut rest = window;
        let mut width = bucket.end(MEASURED_AT_US) - bucket.start(MEASURED_AT_US)?;
        width = width.saturating_mul(BUCKETS);
        let count = if LevelTable::is_nearest_indexed(keys) { 0 } else { STEPS };
        for _ in 0..count {
            let cut = match self.side {
                Side::Before => rest.end.saturating_sub(width),
                Side::After => rest.start.saturating_add(width),
            };
            if !(rest.start < cut && cut < rest.end) {
                break;
            }
            let (start, end) = self.sought.bucket(cut)?;
            let (step, left) = match self.side {
                Side::Before => (Window { start, ..rest }, Window { end: start, ..rest }),
                Side::After => (Window { end, ..rest }, Window { start: end, ..rest }),
            };
            if left.is_empty() {
                break;
            }
            steps.push(step);
            rest = left;
            width = width.saturating_mul(GROWTH);
        }
        steps.push(rest);
        Ok(steps)
    }

    /// The groups of these keys in these windows.
    async fn wanted(&self, level: usize, keys: &[usize], wanted: Vec<(Window, Vec<Value>)>) -> Result<Vec<StoredRow>> {
        let mut conditions = wanted;
        if conditions.len() > CONDITIONS {
            // of many keys the few buckets they have are read whole
            let windows: BTreeSet<Window> = conditions.into_iter().map(|(window, _)| window).collect();
            conditions = windows.into_iter().map(|window| (window, Vec::new())).collect();
        }
        let mut rows = Vec::new();
        for some in conditions.chunks(CONDITIONS) {
            let places = |values: &[Value]| keys.iter().copied().zip(values.iter().map(Value::is_null)).collect();
            let ranges: Vec<_> = some.iter().map(|(window, values)| (*window, places(values))).collect();
            let values = some.iter().flat_map(|(_, values)| values).filter(|value| !value.is_null());
            let parameters = values.map(|value| SqlValue::of(value, self.shared.dialect)).collect();
            let sql = self.shared.table(level).rows_near(&ranges);
            let spec = &self.shared.catalog.levels()[level].spec;
            rows.extend(read_stored(self.port.run(&sql, parameters).await?, spec)?);
        }
        Ok(rows)
    }
}
