//! What the store knows of its rollups: watermarks, dropped times, and every version of their specs.

use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::refresh::{LevelState, StoredRow};
use isofold::spec::Spec;
use isofold::{limits, Code, Error, Result};
use isofold_facade::json::spec_source;
use std::sync::atomic::Ordering;

/// What is known of one rollup.
#[derive(Clone, Debug)]
pub(super) struct KnownLevel {
    pub(super) watermark: Option<i64>,
    pub(super) dropped_before: Option<i64>,
    pub(super) rows_dropped_before: Option<i64>,
    pub(super) refreshed_at: Option<i64>,
    pub(super) refresh_ms: Option<i64>,
    pub(super) rows_read: Option<i64>,
    pub(super) groups_written: Option<i64>,
    pub(super) error: Option<String>,
    /// What tells this moment of its table from all others; `None` where groups are not to be remembered.
    pub(super) revision: Option<i64>,
    /// The current spec, then the earlier versions, newest first.
    pub(super) specs: Vec<Spec>,
}

impl KnownLevel {
    pub(super) fn state(&self) -> LevelState {
        LevelState { watermark: self.watermark, available_from: self.dropped_before }
    }
}

/// What is known of every level of the catalog, in its order.
///
/// **Errors** `store.table` for a level whose table was not made, or under another schema.
pub(super) async fn known_levels(shared: &Shared, port: &Port) -> Result<Vec<KnownLevel>> {
    if !shared.exists.load(Ordering::Relaxed) {
        if port.value(&shared.own.exist(), Vec::new()).await?.integer()? == Some(0) {
            return Err(Error::new(Code::StoreTable, "the database has no tables of isofold; init makes them"));
        }
        shared.exists.store(true, Ordering::Relaxed);
    }
    let rows = port.run(&shared.own.known(), Vec::new()).await?;
    shared.catalog.levels().iter().map(|level| known_level(shared, &level.spec, &rows)).collect()
}

fn known_level(shared: &Shared, spec: &Spec, rows: &[Vec<SqlValue>]) -> Result<KnownLevel> {
    let unknown = || {
        let text = format!("the tables of {} are not those of this catalog; init makes them", spec.name());
        Error::new(Code::StoreTable, text)
    };
    let mut found = None;
    let mut specs = Vec::from([spec.clone()]);
    let mut is_kept = false;
    for row in rows {
        let row = columns::<11>(row)?;
        if row[0].text()? == Some(spec.name()) {
            found = Some(row);
            let Some(text) = row[10].text()? else { return Err(unknown()) };
            let version = shared.compiled.spec(text)?;
            if version.fingerprint() == spec.fingerprint() {
                is_kept = true;
            } else {
                specs.push(version);
            }
        }
    }
    let Some([_, watermark, dropped, rows_dropped, at, ms, read, written, error, revision, _]) = found else {
        return Err(unknown());
    };
    if !is_kept {
        return Err(unknown());
    }
    Ok(KnownLevel {
        watermark: watermark.integer()?,
        dropped_before: dropped.integer()?,
        rows_dropped_before: rows_dropped.integer()?,
        refreshed_at: at.integer()?,
        refresh_ms: ms.integer()?,
        rows_read: read.integer()?,
        groups_written: written.integer()?,
        error: error.text()?.map(str::to_owned),
        revision: revision.integer()?,
        specs,
    })
}

/// Up to where what a level is built from is dropped, as the tables say now.
pub(super) async fn dropped_now(shared: &Shared, port: &Port, level: usize) -> Result<Option<i64>> {
    let levels = shared.catalog.levels();
    let name = levels[levels[level].from.unwrap_or(level)].spec.name();
    for row in port.run(&shared.own.rollups(), Vec::new()).await? {
        let [known, _, dropped, rows_dropped] = columns::<4>(&row)?;
        if known.text()? == Some(name) {
            return if levels[level].from.is_some() { dropped.integer() } else { rows_dropped.integer() };
        }
    }
    Ok(None)
}

/// The versions of a spec that wrote rows of its table, newest first.
pub(super) fn earlier_specs(spec: &Spec, schemas: &[Vec<SqlValue>]) -> Result<Vec<Spec>> {
    let mut specs = Vec::new();
    for row in schemas {
        let [rollup, _, text] = columns::<3>(row)?;
        if rollup.text()? == Some(spec.name()) {
            specs.push(Spec::compile(&spec_source(text.text()?.unwrap_or_default())?)?);
        }
    }
    Ok(specs)
}

/// The rows of a level in a range: the times of an open side are those of all time.
pub(super) async fn stored_rows(
    shared: &Shared,
    port: &Port,
    level: usize,
    start: i64,
    end: i64,
) -> Result<Vec<StoredRow>> {
    let spec = &shared.catalog.levels()[level].spec;
    let bound = |at: i64, open: i64| (at != open).then_some(at);
    let sql = shared.table(level).rows(bound(start, limits::MIN_TIME_US), bound(end, limits::MAX_TIME_US));
    let rows = port.run(&sql, Vec::new()).await?;
    rows.into_iter().map(|row| stored_row(row, spec)).collect()
}

fn stored_row(mut row: Vec<SqlValue>, spec: &Spec) -> Result<StoredRow> {
    let bad = |text: &str| Error::new(Code::StoreValue, format!("a row of {} has {text}", spec.name()));
    let Some(SqlValue::Bytes(state)) = row.pop() else { return Err(bad("no bytes in the column state")) };
    let (Some(bucket), true) = (row.first(), row.len() == spec.keys().len() + 1) else {
        return Err(bad("another number of columns"));
    };
    let bucket = bucket.time()?;
    let keys = row[1..].iter().zip(spec.keys()).map(|(value, key)| value.key(key.data_type()));
    Ok(StoredRow { bucket, keys: keys.collect::<Result<_>>()?, metrics: Vec::new(), state })
}
