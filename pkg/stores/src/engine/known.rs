//! What the store knows of its rollups: watermarks, dropped times, and every version of their specs.

use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::refresh::{LevelState, StoredRow, Window};
use isofold::spec::Spec;
use isofold::sql::{Condition, OwnTables, VERSION};
use isofold::{limits, Code, Error, Result};
use std::sync::atomic::Ordering;

/// What is known at one moment.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Of every level of the catalog, in its order.
    pub(super) levels: Vec<KnownLevel>,
    /// The time of the database.
    pub(super) clock: i64,
    /// Whether every change of the rows is logged.
    pub(super) is_watched: bool,
    /// What is still to be built, where that was asked and may be read.
    pub(super) log: Option<KnownLog>,
}

/// Ranges by the names under which the log has them.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownLog {
    pub(super) changed: Vec<(String, Window)>,
    pub(super) lost: Vec<(String, Window)>,
}

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
    /// Whether it is in a catalog, as far as that was asked.
    pub(super) is_followed: bool,
    /// The current spec, then the earlier versions, newest first.
    pub(super) specs: Vec<Spec>,
}

impl KnownLevel {
    pub(super) fn state(&self) -> LevelState {
        LevelState { watermark: self.watermark, available_from: self.dropped_before }
    }
}

/// Whose tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// There are none.
    Absent,
    /// Those of an earlier version, all of which is read as it is; or some of this one are gone.
    Earlier,
    /// Those of an earlier version, to be brought to the shape of this one first.
    Outdated,
    /// Those of this version.
    Current,
}

/// The shape of the store's own tables.
///
/// **Errors** `store.version` for that of a newer version.
pub(super) async fn shape(shared: &Shared, port: &Port) -> Result<Shape> {
    let has = |rows: &[Vec<SqlValue>], name: &str| rows.iter().any(|row| row.first() == Some(&SqlValue::from(name)));
    let rollups = port.run(&shared.own.columns(), Vec::new()).await?;
    if rollups.is_empty() {
        return Ok(Shape::Absent);
    }
    if !has(&rollups, "revision") {
        return Ok(Shape::Outdated);
    }
    if port.run(&shared.own.version_columns(), Vec::new()).await?.is_empty() {
        return Ok(Shape::Earlier);
    }
    match port.value(&shared.own.version(), Vec::new()).await?.integer()? {
        Some(version) if version > VERSION => {
            let text = format!(
                "the tables of isofold have the shape {version}, and this is of {VERSION}; a newer isofold reads them"
            );
            Err(Error::new(Code::StoreVersion, text))
        }
        Some(VERSION) if port.value(&shared.own.complete(), Vec::new()).await?.integer()? == Some(1) => {
            Ok(Shape::Current)
        }
        _ => Ok(Shape::Earlier),
    }
}

/// Makes sure that the store's own tables can be worked with.
///
/// **Errors** `store.table` where there are none, `store.version`.
pub(super) async fn require_shape(shared: &Shared, port: &Port) -> Result<()> {
    match shape(shared, port).await? {
        Shape::Absent => Err(Error::new(Code::StoreTable, "the database has no tables of isofold; init makes them")),
        Shape::Outdated => {
            let text = "the tables of isofold have the shape of an earlier version; init brings them up to this one";
            Err(Error::new(Code::StoreVersion, text))
        }
        Shape::Earlier | Shape::Current => {
            shared.exists.store(true, Ordering::Relaxed);
            Ok(())
        }
    }
}

/// Makes sure that the store's own tables have the shape of this version, as whoever writes needs.
///
/// **Errors** `store.table` where there are none, `store.version`.
pub(super) async fn require_current(shared: &Shared, port: &Port) -> Result<()> {
    if shared.is_current.load(Ordering::Relaxed) {
        return Ok(());
    }
    require_shape(shared, port).await?;
    if shape(shared, port).await? != Shape::Current {
        let text = "the tables of isofold have the shape of an earlier version; init brings them up to this one";
        return Err(Error::new(Code::StoreVersion, text));
    }
    shared.is_current.store(true, Ordering::Relaxed);
    Ok(())
}

/// What a level is built from, as it is registered: the table of rows, or the finer rollup.
pub(super) fn source_of(shared: &Shared, level: usize) -> &str {
    let levels = shared.catalog.levels();
    levels[level].from.map_or(shared.catalog.source().table.as_str(), |from| levels[from].spec.name())
}

/// Whether a level is registered as built from what the catalog says.
///
/// **Errors** `store.table` for one that is kept from other rows.
pub(super) fn same_source(shared: &Shared, level: usize, rollups: &[Vec<SqlValue>]) -> Result<bool> {
    let registered = |name: &str| -> Result<Option<String>> {
        for row in rollups {
            let [known, .., source] = columns::<5>(row)?;
            if known.text()? == Some(name) {
                return Ok(source.text()?.map(str::to_owned));
            }
        }
        Ok(None)
    };
    let name = shared.catalog.levels()[level].spec.name();
    let Some(direct) = registered(name)? else { return Ok(false) };
    let mut rows = direct.clone();
    // a rollup is built from one that was registered before it, so this ends before all were seen
    for _ in rollups {
        match registered(&rows)? {
            Some(finer) if rows != shared.catalog.source().table => rows = finer,
            _ => break,
        }
    }
    if rows != shared.catalog.source().table {
        let text = format!("the rollup {name} is kept from the rows of {rows}; that of other rows takes another name");
        return Err(Error::new(Code::StoreTable, text));
    }
    Ok(direct == source_of(shared, level))
}

/// Makes sure that a level is still registered as this catalog has it: a process that has another one writes no more.
///
/// **Errors** `store.version`.
pub(super) fn require_registered(shared: &Shared, level: usize, rollups: &[Vec<SqlValue>]) -> Result<()> {
    let spec = &shared.catalog.levels()[level].spec;
    for row in rollups {
        let [name, text, ..] = columns::<5>(row)?;
        if name.text()? == Some(spec.name()) {
            let known = shared.compiled.spec(text.text()?.unwrap_or_default())?;
            let is_same = known.fingerprint() == spec.fingerprint() && known.source().select == spec.source().select;
            if is_same && same_source(shared, level, rollups)? {
                return Ok(());
            }
        }
    }
    let text = format!("the tables of {} are those of another catalog; init brings them up to this one", spec.name());
    Err(Error::new(Code::StoreVersion, text))
}

/// What is known of every level of the catalog, in its order.
///
/// **Errors** those of [`known`].
pub(super) async fn known_levels(shared: &Shared, port: &Port) -> Result<Vec<KnownLevel>> {
    Ok(known(shared, port).await?.levels)
}

/// What is known, without the log.
///
/// **Errors** `store.table` for a level whose table was not made, or under another schema; `store.version`.
pub(super) async fn known(shared: &Shared, port: &Port) -> Result<Known> {
    if !shared.exists.load(Ordering::Relaxed) {
        require_shape(shared, port).await?;
    }
    let rows = port.run(&shared.own.known(shared.catalog.source(), None, &shared.renamed()), Vec::new()).await?;
    read_known(shared, &rows)
}

/// What is known, and the log where who asks may read it; in the transaction of a reader, which is begun anew where they may
/// not.
///
/// **Errors** those of [`known`]; those of the database, but for missing rights on the log.
pub(super) async fn known_with_log(shared: &Shared, port: &Port) -> Result<Known> {
    if !shared.exists.load(Ordering::Relaxed) {
        require_shape(shared, port).await?;
    }
    if shared.reads_log.load(Ordering::Relaxed) {
        let names: Vec<&str> = shared.catalog.levels().iter().map(|level| level.spec.name()).collect();
        match port.run(&shared.own.known(shared.catalog.source(), Some(&names), &shared.renamed()), Vec::new()).await {
            Ok(rows) => {
                let log = Some(read_log(&rows)?);
                return Ok(Known { log, ..read_known(shared, &rows)? });
            }
            Err(error) => {
                // whoever may not read the log is answered without it; what else failed is no matter of rights
                if port.run_all(&shared.own.begin_reading()).await.is_err() {
                    return Err(error);
                }
                let about = known(shared, port).await?;
                return if shared.reads_log.load(Ordering::Relaxed) { Err(error) } else { Ok(about) };
            }
        }
    }
    known(shared, port).await
}

fn read_known(shared: &Shared, rows: &[Vec<SqlValue>]) -> Result<Known> {
    let Some(about) = rows.first() else {
        return Err(Error::new(Code::StoreValue, "the database tells nothing of itself"));
    };
    let [_, relation, clock, watched, readable, ..] = columns::<14>(about)?;
    shared.is_unwatchable.store(relation.text()? == Some("other"), Ordering::Relaxed);
    shared.reads_log.store(readable.integer()? == Some(1), Ordering::Relaxed);
    let levels = shared.catalog.levels().iter().map(|level| known_level(shared, &level.spec, rows));
    Ok(Known {
        levels: levels.collect::<Result<_>>()?,
        clock: clock.time()?,
        is_watched: watched.integer()? == Some(1),
        log: None,
    })
}

fn read_log(rows: &[Vec<SqlValue>]) -> Result<KnownLog> {
    let mut log = KnownLog::default();
    for row in rows {
        let [kind, name, start, end, ..] = columns::<14>(row)?;
        let ranges = match kind.integer()? {
            Some(2) => &mut log.changed,
            Some(3) => &mut log.lost,
            _ => continue,
        };
        ranges.push((name.text()?.unwrap_or_default().to_owned(), Window { start: start.time()?, end: end.time()? }));
    }
    Ok(log)
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
        let row = columns::<14>(row)?;
        if row[0].integer()? == Some(1) && row[1].text()? == Some(spec.name()) {
            found = Some(row);
            let Some(text) = row[11].text()? else { return Err(unknown()) };
            let version = shared.compiled.spec(text)?;
            if version.fingerprint() == spec.fingerprint() {
                is_kept = true;
            } else {
                specs.push(version);
            }
        }
    }
    let Some([_, _, watermark, dropped, rows_dropped, at, ms, read, written, error, revision, _, catalog, _]) = found
    else {
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
        is_followed: catalog.integer()? != Some(OwnTables::NO_CATALOG),
        specs,
    })
}

/// Up to where what a level is built from is dropped, as the tables say now.
///
/// **Errors** `store.version` where they are not those of this catalog any more.
pub(super) fn dropped_now(shared: &Shared, level: usize, rollups: &[Vec<SqlValue>]) -> Result<Option<i64>> {
    let levels = shared.catalog.levels();
    let name = levels[levels[level].from.unwrap_or(level)].spec.name();
    require_registered(shared, level, rollups)?;
    for row in rollups {
        let [known, _, dropped, rows_dropped, _] = columns::<5>(row)?;
        if known.text()? == Some(name) {
            return if levels[level].from.is_some() { dropped.integer() } else { rows_dropped.integer() };
        }
    }
    Ok(None)
}

/// The versions of a spec that wrote rows of its table, newest first.
pub(super) fn earlier_specs(shared: &Shared, spec: &Spec, schemas: &[Vec<SqlValue>]) -> Result<Vec<Spec>> {
    let mut specs = Vec::new();
    for row in schemas {
        let [rollup, _, text] = columns::<3>(row)?;
        if rollup.text()? == Some(spec.name()) {
            specs.push(shared.compiled.spec(text.text()?.unwrap_or_default())?);
        }
    }
    Ok(specs)
}

/// The rows of a level in a range of which a condition may be true: the times of an open side are those of all time.
pub(super) async fn stored_rows(
    shared: &Shared,
    port: &Port,
    level: usize,
    (start, end): (i64, i64),
    condition: Option<&Condition>,
) -> Result<Vec<StoredRow>> {
    let spec = &shared.catalog.levels()[level].spec;
    let bound = |at: i64, open: i64| (at != open).then_some(at);
    let (start, end) = (bound(start, limits::MIN_TIME_US), bound(end, limits::MAX_TIME_US));
    let sql = shared.table(level).rows(start, end, condition);
    read_stored(port.run(&sql, Vec::new()).await?, spec)
}

/// Rows of a level as a statement gives them.
///
/// **Errors** `store.value`.
pub(super) fn read_stored(rows: Vec<Vec<SqlValue>>, spec: &Spec) -> Result<Vec<StoredRow>> {
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
