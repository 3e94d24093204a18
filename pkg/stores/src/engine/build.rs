//! Building windows anew, in one transaction: one of one rollup, or of several that are folded from the same rows.
//!
//! The one idea: the changes of a window are taken out of the log before its rows are read, so a change that was not
//! read is still in the log. What is stored is compared by its bytes, and only what differs is written.

use super::aside::SetAside;
use super::known::{dropped_now, stored_rows, KnownLevel};
use super::log::{log_for_coarser, take_window};
use super::port::Port;
use super::raw::{fold_together, Blamed, Wanted};
use super::row_sink::FoldedRows;
use super::sql_value::SqlValue;
use super::Shared;
use isofold::bytes::Writer;
use isofold::refresh::{merged, LoadedRows, StoredRow, Window};
use isofold::spec::Spec;
use isofold::{Code, Result, Rollup};
use std::collections::{HashMap, HashSet};

/// Parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535.
const MAX_PARAMETERS: usize = 30_000;
/// Groups of one statement.
const MAX_GROUPS: usize = 500;

/// Groups of the finer rollup read at once, below which more buckets are read, and above which fewer.
const FEW_GROUPS: usize = 4_000;
const MANY_GROUPS: usize = 20_000;
/// Buckets read at once, where most are empty.
const MAX_BUCKETS: u32 = 1 << 16;

/// What building a window did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Built {
    /// Rows of the source, or groups of the finer rollup.
    pub(super) rows_read: u64,
    /// Groups that the window has.
    pub(super) groups: u64,
    pub(super) written: u64,
    pub(super) deleted: u64,
    /// Rows that do not fit.
    pub(super) skipped: u64,
}

impl Built {
    pub(super) fn add(&mut self, other: &Self) {
        self.rows_read += other.rows_read;
        self.groups += other.groups;
        self.written += other.written;
        self.deleted += other.deleted;
        self.skipped += other.skipped;
    }
}

/// A window of whole buckets of `shared.catalog.levels()[level]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) level: usize,
    pub(super) window: Window,
}

/// Builds windows in one transaction: one, or several that are folded from the same rows, which are read once. What failed is
/// blamed on the part that it concerns alone.
pub(super) async fn build(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    parts: &[Part],
) -> Result<Vec<Built>, Blamed> {
    let levels = shared.catalog.levels();
    // what is built from is not dropped meanwhile, and what was dropped since the plan was made is not taken for empty
    let mut locked: Vec<usize> =
        parts.iter().flat_map(|part| [Some(part.level), levels[part.level].from]).flatten().collect();
    locked.sort_unstable();
    locked.dedup();
    port.run_all(&shared.own.begin(locked.iter().map(|&level| levels[level].spec.name()))).await?;
    let rollups = port.run(&shared.own.rollups(), Vec::new()).await?;
    let mut windows = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let dropped = dropped_now(shared, part.level, &rollups).map_err(Blamed::on(at))?;
        let spec = &levels[part.level].spec;
        let window = part.window.kept(spec.bucket(), dropped);
        if !window.is_empty() {
            take_window(shared, port, spec.name(), window).await.map_err(Blamed::on(at))?;
            windows.push((at, window));
        }
    }
    let folded = match parts {
        [Part { level, .. }] if levels[*level].from.is_some() => {
            let mut folded = Vec::new();
            for (at, window) in &windows {
                folded.push(fold_finer(shared, port, known, *level, *window).await.map_err(Blamed::on(*at))?);
            }
            folded
        }
        _ => {
            let wanted = windows.iter().map(|(at, window)| (&levels[parts[*at].level].spec, *window));
            let wanted: Vec<Wanted<'_>> = wanted.map(|(spec, window)| Wanted { spec, window }).collect();
            // its places are those of the windows that are kept
            let folded = fold_together(shared, port, &wanted).await;
            folded.map_err(|blamed| Blamed { on: blamed.on.map(|at| windows[at].0), ..blamed })?
        }
    };
    let mut all = vec![Built::default(); parts.len()];
    for ((at, window), folded) in windows.iter().zip(folded) {
        all[*at] = write(shared, port, parts[*at].level, *window, folded).await.map_err(Blamed::on(*at))?;
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(all)
}

/// Writes what a window is as folded where it differs.
async fn write(shared: &Shared, port: &Port, level: usize, window: Window, folded: FoldedRows) -> Result<Built> {
    let it = &shared.catalog.levels()[level];
    let spec = &it.spec;
    let FoldedRows { rollup: fresh, rows: rows_read, aside } = folded;
    let stored = stored_rows(shared, port, level, (window.start, window.end), None).await?;
    let difference = Difference::new(spec, &fresh, stored)?;
    let built = Built {
        rows_read,
        groups: fresh.len() as u64,
        written: difference.changed.len() as u64,
        deleted: difference.vanished.len() as u64,
        skipped: aside.count(),
    };
    if let Some(sql) = shared.table(level).delete_unowned(window.start, window.end) {
        port.run(&sql, Vec::new()).await?;
    }
    difference.write(shared, port, level).await?;
    if it.from.is_none() {
        aside.keep(shared, port, spec.name(), window).await?;
    }
    log_for_coarser(shared, port, level, &difference.buckets(spec)).await?;
    let name = SqlValue::from(spec.name());
    port.run(&shared.own.move_watermark(), vec![name, window.end.into()]).await?;
    Ok(built)
}

/// A window of the finer rollup under the newest version of the spec whose states it keeps, and how many groups it has.
async fn fold_finer(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    level: usize,
    window: Window,
) -> Result<FoldedRows> {
    // inside corruption stops: who calls this has looked
    let from = shared.catalog.levels()[level].from.expect("a finer rollup");
    let mut refused = None;
    for spec in &known[level].specs {
        match fold_finer_under(shared, port, known, from, spec, window).await {
            Err(error) if error.code() == Code::RefreshSchema => refused = refused.or(Some(error)),
            folded => {
                let (rollup, rows) = folded?;
                return Ok(FoldedRows { rollup, rows, aside: SetAside::default() });
            }
        }
    }
    // inside corruption stops: the current spec is the first of the versions
    Err(refused.expect("a level has a spec"))
}

/// The groups are read some buckets at a time: a coarse bucket may hold more of them than memory should.
async fn fold_finer_under(
    shared: &Shared,
    port: &Port,
    known: &[KnownLevel],
    from: usize,
    spec: &Spec,
    window: Window,
) -> Result<(Rollup, u64)> {
    let finer = shared.catalog.levels()[from].spec.bucket();
    let (mut whole, mut groups) = (Rollup::new(spec.clone()), 0);
    let (mut rest, mut buckets) = (window, 64);
    while !rest.is_empty() {
        let part = rest.first_buckets(finer, buckets);
        let rows = stored_rows(shared, port, from, (part.start, part.end), None).await?;
        whole.merge(&LoadedRows::new(&known[from].specs, &rows)?.derive(std::slice::from_ref(spec))?)?;
        groups += rows.len() as u64;
        buckets = match rows.len() {
            0..FEW_GROUPS => (buckets * 2).min(MAX_BUCKETS),
            MANY_GROUPS.. => (buckets / 2).max(1),
            _ => buckets,
        };
        rest.start = part.end;
    }
    Ok((whole, groups))
}

/// What has to be written so that the table is as folded.
struct Difference {
    changed: Vec<StoredRow>,
    vanished: Vec<StoredRow>,
}

impl Difference {
    fn new(spec: &Spec, fresh: &Rollup, stored: Vec<StoredRow>) -> Result<Self> {
        let mut states: HashMap<Vec<u8>, Vec<u8>> = HashMap::with_capacity(stored.len());
        let mut vanished = Vec::new();
        let fresh = fresh.rows_for(spec)?;
        let fresh_places: Vec<Vec<u8>> = fresh.iter().map(place).collect();
        let present: HashSet<&[u8]> = fresh_places.iter().map(Vec::as_slice).collect();
        for row in stored {
            let at = place(&row);
            if present.contains(at.as_slice()) {
                states.insert(at, row.state);
            } else {
                vanished.push(row);
            }
        }
        let differs = |(row, at): &(StoredRow, &Vec<u8>)| states.get(*at) != Some(&row.state);
        let changed = fresh.into_iter().zip(&fresh_places).filter(differs).map(|(row, _)| row).collect();
        Ok(Self { changed, vanished })
    }

    fn buckets(&self, spec: &Spec) -> Vec<Window> {
        let rows = self.changed.iter().chain(&self.vanished);
        merged(rows.map(|row| Window { start: row.bucket, end: spec.bucket().end(row.bucket) }).collect())
    }

    async fn write(&self, shared: &Shared, port: &Port, level: usize) -> Result<()> {
        if self.changed.is_empty() && self.vanished.is_empty() {
            return Ok(());
        }
        upsert(shared, port, level, &self.changed).await?;
        let table = shared.table(level);
        for row in &self.vanished {
            let mut parameters = vec![SqlValue::Text(table.time_text(row.bucket))];
            parameters.extend(row.keys.iter().map(|key| SqlValue::of(key, shared.dialect)));
            port.run(&table.delete(), parameters).await?;
        }
        port.run(&shared.own.revise(), vec![shared.catalog.levels()[level].spec.name().into()]).await.map(drop)
    }
}

/// Writes rows of a level, those that are there anew.
pub(super) async fn upsert(shared: &Shared, port: &Port, level: usize, rows: &[StoredRow]) -> Result<()> {
    let table = shared.table(level);
    let at_once = (MAX_PARAMETERS / table.width()).clamp(1, MAX_GROUPS);
    let whole = table.upsert(at_once);
    for rows in rows.chunks(at_once) {
        let mut parameters = Vec::with_capacity(rows.len() * table.width());
        for row in rows {
            parameters.push(SqlValue::Text(table.time_text(row.bucket)));
            parameters.extend(row.keys.iter().chain(&row.metrics).map(|value| SqlValue::of(value, shared.dialect)));
            parameters.push(SqlValue::Bytes(row.state.clone()));
        }
        if rows.len() == at_once {
            port.run(&whole, parameters).await?;
        } else {
            port.run(&table.upsert(rows.len()), parameters).await?;
        }
    }
    Ok(())
}

/// What tells groups apart, as bytes.
fn place(row: &StoredRow) -> Vec<u8> {
    let mut out = Writer::new();
    out.zigzag(row.bucket);
    for key in &row.keys {
        out.u8(u8::from(!key.is_null()));
        if let Some(value) = key.as_scalar() {
            value.write(&mut out);
        }
    }
    out.into_bytes()
}
