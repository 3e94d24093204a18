//! Making the tables, and bringing those of an earlier version of the catalog up to it.
//!
//! The one idea: a new metric is a column that is filled from the states that are stored; a new state is a new version
//! of the spec, and rows of earlier versions stay what they are until a refresh builds them again.

use super::build::upsert;
use super::known::{earlier_specs, stored_rows};
use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::refresh::{Changes, LoadedRows, Window};
use isofold::spec::Spec;
use isofold::sql::{drop_trigger, trigger};
use isofold::{Code, Error, Result};
use isofold_facade::json::{spec_json, spec_source, Json};

/// Buckets whose metrics are filled at once.
const BUCKETS: u32 = 64;

/// Makes or changes all tables in one transaction.
pub(super) async fn init(shared: &Shared, port: &Port) -> Result<Json> {
    port.run_all(&shared.own.begin(["init"])).await?;
    port.run_all(&shared.own.create()).await?;
    add_revision(shared, port).await?;
    let rollups = port.run(&shared.own.rollups(), Vec::new()).await?;
    let schemas = port.run(&shared.own.schemas(), Vec::new()).await?;
    let mut reports = Vec::new();
    for level in 0..shared.catalog.levels().len() {
        reports.push(init_level(shared, port, level, &rollups, &schemas).await?);
    }
    let statements = match shared.catalog.source().changes {
        Changes::Logged => trigger(shared.dialect, &shared.catalog),
        Changes::Unlogged => drop_trigger(shared.dialect, shared.catalog.source()),
    };
    port.run_all(&statements).await?;
    port.run("COMMIT", Vec::new()).await?;
    Ok(Json::object([("rollups", Json::Array(reports))]))
}

/// Tables that were made before there were revisions get them.
async fn add_revision(shared: &Shared, port: &Port) -> Result<()> {
    for row in port.run(&shared.own.columns(), Vec::new()).await? {
        if columns::<1>(&row)?[0].text()? == Some("revision") {
            return Ok(());
        }
    }
    port.run(&shared.own.add_revision(), Vec::new()).await?;
    for level in shared.catalog.levels() {
        port.run(&shared.own.revise(), vec![level.spec.name().into()]).await?;
    }
    Ok(())
}

async fn init_level(
    shared: &Shared,
    port: &Port,
    level: usize,
    rollups: &[Vec<SqlValue>],
    schemas: &[Vec<SqlValue>],
) -> Result<Json> {
    let spec = &shared.catalog.levels()[level].spec;
    port.progress(|progress| spec.name().clone_into(&mut progress.rollup));
    let table = shared.table(level);
    let registered = registered_spec(spec.name(), rollups)?;
    let had = port.run(&table.columns(), Vec::new()).await?;
    let had = had.iter().map(|row| Ok(columns::<1>(row)?[0].text()?.unwrap_or_default().to_owned()));
    let had = had.collect::<Result<Vec<_>>>()?;
    if registered.is_none() && !had.is_empty() {
        let text = format!("a table {} is there already, and it is not one of isofold's", spec.name());
        return Err(Error::new(Code::StoreTable, text));
    }
    port.run_all(&table.create()).await?;
    let mut added = Vec::new();
    for (name, statement) in table.add_metrics() {
        if !had.is_empty() && !had.contains(&name) {
            port.run(&statement, Vec::new()).await?;
            added.push(name);
        }
    }
    let text = spec_json(&spec.source()).to_string();
    let levels = shared.catalog.levels();
    let from = levels[level].from.map_or(shared.catalog.source().table.as_str(), |from| levels[from].spec.name());
    let parameters = vec![spec.name().into(), from.into(), text.as_str().into()];
    port.run(&shared.own.register(), parameters).await?;
    let mut specs = earlier_specs(spec, schemas)?;
    for known in &specs {
        require_same_shape(spec, known)?;
    }
    if !specs.iter().any(|known| known.fingerprint() == spec.fingerprint()) {
        let version = i64::try_from(specs.len()).unwrap_or(i64::MAX);
        port.run(&shared.own.keep_schema(), vec![spec.name().into(), version.into(), text.as_str().into()]).await?;
        specs.insert(0, spec.clone());
    }
    let changed = registered.is_some_and(|old| old.source().select != spec.source().select);
    let filled = if changed { fill_metrics(shared, port, level, &specs).await? } else { 0 };
    if filled > 0 {
        port.run(&shared.own.revise(), vec![spec.name().into()]).await?;
    }
    Ok(Json::object([
        ("name", Json::from(spec.name())),
        ("status", if had.is_empty() { "made" } else { "there" }.into()),
        ("added", Json::Array(added.iter().map(|name| Json::from(name.as_str())).collect())),
        ("groups_filled", filled.into()),
    ]))
}

fn registered_spec(name: &str, rollups: &[Vec<SqlValue>]) -> Result<Option<Spec>> {
    for row in rollups {
        let [known, spec, ..] = columns::<4>(row)?;
        if known.text()? == Some(name) {
            return Spec::compile(&spec_source(spec.text()?.unwrap_or_default())?).map(Some);
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
        let rows = stored_rows(shared, port, level, part.start, part.end).await?;
        for rollup in LoadedRows::new(specs, &rows)?.parts() {
            let rows = rollup.rows_for(spec)?;
            filled += rows.len() as u64;
            upsert(shared, port, level, &rows).await?;
        }
        rest.start = part.end;
    }
    Ok(filled)
}
