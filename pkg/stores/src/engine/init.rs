//! Making the tables, and bringing those of an earlier version of the catalog up to it.
//!
//! The one idea: what is there is looked at first, and only what differs is changed, so a program may call it at every
//! start. A new metric is a column that is filled from the states that are stored; a new state is a new version of the
//! spec, and rows of earlier versions stay what they are until a refresh builds them again.

use super::build::upsert;
use super::known::{earlier_specs, same_source, shape, source_of, stored_rows, Shape};
use super::log::look_at_coarser;
use super::members::{gather, look_at_everything};
use super::options::Mode;
use super::port::{columns, Port};
use super::shape::{described, dress, require_fit};
use super::sql_value::SqlValue;
use super::triggers::Triggers;
use super::Shared;
use isofold::refresh::{Adoption, Changes, ColumnKind, LoadedRows, Window, STATE};
use isofold::spec::Spec;
use isofold::sql::LevelTable;
use isofold::{Code, Error, Result};
use isofold_facade::json::{spec_json, Json};
use std::sync::atomic::Ordering;

/// Buckets whose metrics are filled at once.
const BUCKETS: u32 = 64;
/// How often a lock is asked for that others hold; each time takes a second at most.
pub(super) const TRIES: u32 = 60;

/// What is changed: nothing yet, while it is looked whether anything has to be.
struct Changing<'p> {
    port: &'p Port,
    is_looking: bool,
    /// Whether all is looked at that has to be changed, or no more than the first.
    tells: bool,
    /// What changes tables, indexes, triggers and functions.
    statements: Vec<String>,
    /// Whether anything has to be changed.
    differs: bool,
}

impl Changing<'_> {
    async fn run(&mut self, sql: &str, parameters: Vec<SqlValue>) -> Result<()> {
        self.differs = true;
        if !self.is_looking {
            self.port.run(sql, parameters).await?;
        }
        Ok(())
    }

    async fn run_all(&mut self, statements: &[String]) -> Result<()> {
        for sql in statements {
            self.run(sql, Vec::new()).await?;
        }
        self.statements.extend_from_slice(statements);
        Ok(())
    }
}

/// Makes or changes all tables in one transaction, where anything has to be changed.
pub(super) async fn init(shared: &Shared, port: &Port, mode: Mode) -> Result<Json> {
    let tells = mode == Mode::Tell;
    let mut looking = Changing { port, is_looking: true, tells, statements: Vec::new(), differs: false };
    let report = bring(shared, &mut looking).await?;
    if !looking.differs || tells {
        return Ok(report);
    }
    for _ in 0..TRIES {
        match change(shared, port).await {
            Err(error) => give_way(shared, port, error).await?,
            done => return done,
        }
    }
    change(shared, port).await
}

/// Waits before the next try where others hold what was asked for.
///
/// **Errors** any other error.
pub(super) async fn give_way(shared: &Shared, port: &Port, error: Error) -> Result<()> {
    let Some(pause) = shared.own.pause().filter(|_| error.code() == Code::StoreBusy) else { return Err(error) };
    port.rollback().await?;
    port.run(&pause, Vec::new()).await.map(drop)
}

async fn change(shared: &Shared, port: &Port) -> Result<Json> {
    port.run_all(&shared.own.begin(["init"])).await?;
    port.run_all(shared.own.wait_briefly().as_slice()).await?;
    let mut changing = Changing { port, is_looking: false, tells: false, statements: Vec::new(), differs: false };
    let report = bring(shared, &mut changing).await?;
    port.run("COMMIT", Vec::new()).await?;
    Ok(report)
}

async fn bring(shared: &Shared, changing: &mut Changing<'_>) -> Result<Json> {
    let had = bring_own(shared, changing).await?;
    if changing.is_looking && changing.differs && !changing.tells {
        return Ok(Json::Null);
    }
    let port = changing.port;
    require_watchable(shared, port).await?;
    let (mut rollups, mut schemas) = (Vec::new(), Vec::new());
    if had != Shape::Absent || !changing.is_looking {
        rollups = port.run(&shared.own.rollups(), Vec::new()).await?;
        schemas = port.run(&shared.own.schemas(), Vec::new()).await?;
    }
    let mut reports = Vec::new();
    for level in 0..shared.catalog.levels().len() {
        reports.push(bring_level(shared, changing, level, &rollups, &schemas).await?);
    }
    let triggers = if had == Shape::Current || !changing.is_looking {
        changing.differs |= gather(shared, port, changing.is_looking).await?;
        Triggers::read(shared, port).await?
    } else {
        let levels = shared.catalog.levels().iter().filter(|level| level.from.is_none());
        Triggers::of(shared, port, levels.map(|level| level.spec.name().to_owned()).collect()).await?
    };
    bring_triggers(shared, changing, &triggers, &rollups).await?;
    let statements = changing.statements.iter().map(|sql| Json::from(sql.as_str())).collect();
    Ok(Json::object([("rollups", Json::Array(reports)), ("statements", Json::Array(statements))]))
}

/// Looks what the source is.
///
/// **Errors** `catalog.invalid` for a trigger on what can have none, `catalog.missing` for a rollup whose late rows nothing
/// would find.
async fn require_watchable(shared: &Shared, port: &Port) -> Result<()> {
    let source = shared.catalog.source();
    let is_other = port.value(&shared.own.relation(source), Vec::new()).await?.text()? == Some("other");
    shared.is_unwatchable.store(is_other, Ordering::Relaxed);
    if !is_other || source.changes == Some(Changes::Unlogged) {
        return Ok(());
    }
    let what = format!("{} is no table that can have a trigger", source.table);
    let refused = |code, text: String, path: &str| Err(Error::new(code, text).within(path).within("catalog"));
    if source.changes == Some(Changes::Logged) {
        let text = format!("{what}; \"start_offset\" looks at changes again, or a table is followed");
        return refused(Code::CatalogInvalid, text, "source.changes");
    }
    let levels = shared.catalog.levels().iter();
    match levels.into_iter().find(|level| level.from.is_none() && level.policy.start_offset.is_none()) {
        Some(level) => {
            let text = format!("{what}, so the rollup needs a start_offset: how far back its rows may still change");
            refused(Code::CatalogMissing, text, &format!("rollups.{}.refresh.start_offset", level.spec.name()))
        }
        None => Ok(()),
    }
}

/// Makes the store's own tables, or brings those of an earlier version to the shape of this one.
async fn bring_own(shared: &Shared, changing: &mut Changing<'_>) -> Result<Shape> {
    let own = &shared.own;
    let shape = shape(shared, changing.port).await?;
    if shape == Shape::Current {
        return Ok(shape);
    }
    let is_log_gone = known_columns(changing.port, &own.log_columns()).await?.is_empty();
    changing.run_all(&own.create()).await?;
    changing.run_all(&own.set_version()).await?;
    if shape == Shape::Absent {
        return Ok(shape);
    }
    for (_, column, had, add) in own.later_columns() {
        if known_columns(changing.port, &had).await?.iter().any(|(known, _)| known == column) {
            continue;
        }
        changing.run_all(&[add]).await?;
        // tables that were made before there were revisions get them
        for level in shared.catalog.levels().iter().filter(|_| column == "revision") {
            changing.run(&own.revise(), vec![level.spec.name().into()]).await?;
        }
    }
    if is_log_gone && !changing.is_looking {
        // what was still to be built went with it
        look_at_everything(shared, changing.port).await?;
    }
    Ok(shape)
}

async fn known_columns(port: &Port, sql: &str) -> Result<Vec<(String, String)>> {
    let rows = port.run(sql, Vec::new()).await?;
    let read = |row: &Vec<SqlValue>| {
        let [name, told] = columns::<2>(row)?;
        Ok((name.text()?.unwrap_or_default().to_owned(), told.text()?.unwrap_or_default().to_owned()))
    };
    rows.iter().map(read).collect()
}

async fn bring_triggers(
    shared: &Shared,
    changing: &mut Changing<'_>,
    triggers: &Triggers,
    rollups: &[Vec<SqlValue>],
) -> Result<()> {
    let port = changing.port;
    let known = triggers.known()?;
    match shared.changes() {
        Changes::Logged => {
            changing.run_all(&triggers.wanted.bring(&known)).await?;
            for table in &triggers.below {
                changing.run_all(&triggers.wanted.bring_below(table)).await?;
            }
            if !triggers.are_watching()? {
                changing.differs = true;
                if !changing.is_looking {
                    triggers.look_again(shared, port).await?;
                }
            }
            Ok(())
        }
        Changes::Unlogged if known.is_empty() || others_follow(shared, rollups)? => Ok(()),
        Changes::Unlogged => changing.run_all(&triggers.wanted.drop(&known)).await,
    }
}

/// Whether rollups of other catalogs are built from the rows of the same table.
pub(super) fn others_follow(shared: &Shared, rollups: &[Vec<SqlValue>]) -> Result<bool> {
    for row in rollups {
        let [name, .., source] = columns::<5>(row)?;
        let is_ours = shared.catalog.position(name.text()?.unwrap_or_default()).is_ok();
        if !is_ours && source.text()? == Some(shared.catalog.source().table.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn bring_level(
    shared: &Shared,
    changing: &mut Changing<'_>,
    level: usize,
    rollups: &[Vec<SqlValue>],
    schemas: &[Vec<SqlValue>],
) -> Result<Json> {
    let spec = &shared.catalog.levels()[level].spec;
    let port = changing.port;
    port.progress(|progress| spec.name().clone_into(&mut progress.rollup));
    let registered = registered_spec(shared, spec.name(), rollups)?;
    let had = known_columns(port, &shared.table(level).columns()).await?;
    let table = shared.table(level);
    if registered.is_none() && !had.is_empty() {
        if table.adoption() == Adoption::Refused {
            let text = format!("a table {} is there already, and it is not one of isofold's", table.name());
            return Err(Error::new(Code::StoreTable, text));
        }
        require_fit(table, &described(port, table).await?)?;
        if !had.iter().any(|(name, _)| name == STATE) {
            changing.run_all(&[table.add_state()]).await?;
        }
    }
    let mut specs = earlier_specs(shared, spec, schemas)?;
    for known in &specs {
        require_same_shape(spec, known)?;
    }
    let added = bring_columns(shared, changing, level, &had, registered.iter().chain(&specs)).await?;
    if had.is_empty() && registered.is_some() {
        // whoever dropped the table dropped what was built
        changing.run(&shared.own.forget(), vec![spec.name().into()]).await?;
        if !changing.is_looking {
            look_at_coarser(shared, port, level).await?;
        }
    }
    let text = spec_json(&spec.source()).to_string();
    if !same_source(shared, level, rollups)? || registered.as_ref().is_none_or(|old| old.source() != spec.source()) {
        let from = source_of(shared, level);
        let parameters = vec![spec.name().into(), from.into(), text.as_str().into()];
        changing.run(&shared.own.register(), parameters).await?;
    }
    if !specs.iter().any(|known| known.fingerprint() == spec.fingerprint()) {
        let version = i64::try_from(specs.len()).unwrap_or(i64::MAX);
        let parameters = vec![spec.name().into(), version.into(), text.as_str().into()];
        changing.run(&shared.own.keep_schema(), parameters).await?;
        specs.insert(0, spec.clone());
    }
    let differs = registered.is_some_and(|old| old.source().select != spec.source().select);
    let must_fill = !had.is_empty() && (differs || !added.is_empty());
    changing.differs |= must_fill;
    let filled = match (must_fill, changing.is_looking) {
        (true, false) => fill_metrics(shared, port, level, &specs).await?,
        (true, true) => groups(shared, port, level).await?,
        (false, _) => 0,
    };
    if filled > 0 && !changing.is_looking {
        port.run(&shared.own.revise(), vec![spec.name().into()]).await?;
    }
    changing.run_all(&dress(port, table, had.is_empty()).await?).await?;
    Ok(Json::object([
        ("name", Json::from(spec.name())),
        ("status", if had.is_empty() { "made" } else { "there" }.into()),
        ("added", Json::Array(added.iter().map(|name| Json::from(name.as_str())).collect())),
        ("groups_filled", filled.into()),
    ]))
}

/// Makes the table, or gives it the columns of the spec: those of metrics that are gone go, those of metrics of another
/// type are made anew. Tells which are new.
///
/// **Errors** `store.table` for a metric that has the name of somebody else's column.
async fn bring_columns(
    shared: &Shared,
    changing: &mut Changing<'_>,
    level: usize,
    had: &[(String, String)],
    earlier: impl Iterator<Item = &Spec> + Clone,
) -> Result<Vec<String>> {
    let (spec, table) = (&shared.catalog.levels()[level].spec, shared.table(level));
    let mut added = Vec::new();
    if had.is_empty() {
        changing.run_all(&[table.create()]).await?;
    } else {
        let is_metric = |spec: &Spec, name: &str| spec.metrics().iter().any(|metric| metric.name() == name);
        let is_ours = |name: &str| earlier.clone().any(|spec| is_metric(spec, name));
        for (name, _) in had.iter().filter(|(name, _)| is_ours(name) && !is_metric(spec, name)) {
            changing.run_all(&[table.drop_column(name)]).await?;
        }
        require_same_columns(table, had)?;
        let is_taken = table.adoption() == Adoption::Taken;
        for (name, add) in table.add_columns() {
            let is_ours = is_taken || is_ours(&name) || !is_metric(spec, &name);
            match had.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if is_ours && table.is_of_its_type(&name, known) => continue,
                Some(_) if !is_ours || is_taken || !is_metric(spec, &name) => {
                    let text = format!(
                        "the table {} has a column {name} that is not isofold's; the metric takes another name, or the column goes first",
                        table.name()
                    );
                    return Err(Error::new(Code::StoreTable, text));
                }
                Some(_) => changing.run_all(&[table.drop_column(&name)]).await?,
                None => {}
            }
            changing.run_all(&[add]).await?;
            if is_metric(spec, &name) {
                added.push(name);
            }
        }
    }
    let indexes = changing.port.run(&table.known_indexes(), Vec::new()).await?;
    for (name, make) in table.indexes() {
        let is_there = |row: &Vec<SqlValue>| row.first() == Some(&SqlValue::from(name.as_str()));
        if !indexes.iter().any(is_there) {
            changing.run_all(&[make]).await?;
        }
    }
    Ok(added)
}

/// A table keeps the columns and types of its bucket and keys for life.
fn require_same_columns(table: &LevelTable, had: &[(String, String)]) -> Result<()> {
    let kept = table.shape().iter().filter(|column| matches!(column.kind, ColumnKind::Bucket | ColumnKind::Key));
    for column in kept {
        let is_it = |(name, told): &(String, String)| *name == column.name && table.is_of_its_type(name, told);
        if !had.iter().any(is_it) {
            let text = format!(
                "the table {} has no column {} of the type that the catalog gives it; it keeps what it was made with until it is dropped",
                table.name(),
                column.name
            );
            return Err(Error::new(Code::StoreTable, text));
        }
    }
    Ok(())
}

fn registered_spec(shared: &Shared, name: &str, rollups: &[Vec<SqlValue>]) -> Result<Option<Spec>> {
    for row in rollups {
        let [known, spec, ..] = columns::<5>(row)?;
        if known.text()? == Some(name) {
            return shared.compiled.spec(spec.text()?.unwrap_or_default()).map(Some);
        }
    }
    Ok(None)
}

/// A table keeps its buckets, keys, time and condition for life.
fn require_same_shape(spec: &Spec, known: &Spec) -> Result<()> {
    let names = |spec: &Spec| spec.keys().iter().map(|key| key.name().to_owned()).collect::<Vec<_>>();
    let fits = spec.derivation(known).is_ok() && spec.bucket() == known.bucket() && names(spec) == names(known);
    if fits {
        return Ok(());
    }
    let text = format!(
        "the table {} keeps other buckets, keys, time or condition; a changed rollup takes another name, or its table is dropped first",
        spec.name()
    );
    Err(Error::new(Code::StoreTable, text))
}

/// How many groups a level has.
async fn groups(shared: &Shared, port: &Port, level: usize) -> Result<u64> {
    let extent = port.run(&shared.table(level).extent(), Vec::new()).await?;
    let count = extent.first().map_or(Ok(None), |row| columns::<3>(row)?[2].integer())?;
    Ok(count.unwrap_or(0).unsigned_abs())
}

/// Writes the metrics of every stored group anew, and tells how many groups there are.
async fn fill_metrics(shared: &Shared, port: &Port, level: usize, specs: &[Spec]) -> Result<u64> {
    let spec = &shared.catalog.levels()[level].spec;
    let table = shared.table(level);
    let extent = port.run(&table.extent(), Vec::new()).await?;
    let Some(row) = extent.first() else { return Ok(0) };
    let [first, last, _] = columns::<3>(row)?;
    if *first == SqlValue::Null {
        return Ok(0);
    }
    let mut rest = Window { start: first.time()?, end: spec.bucket().end(last.time()?) };
    let mut filled = 0;
    while !rest.is_empty() {
        let part = rest.first_buckets(spec.bucket(), BUCKETS);
        let rows = stored_rows(shared, port, level, (part.start, part.end), None).await?;
        for rollup in LoadedRows::new(specs, &rows)?.parts() {
            let rows = rollup.rows_for(spec)?;
            filled += rows.len() as u64;
            upsert(shared, port, level, &rows).await?;
        }
        rest.start = part.end;
    }
    Ok(filled)
}
