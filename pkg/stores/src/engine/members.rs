//! The rollups of every catalog that are built from a table.
//!
//! The one idea: several catalogs may follow one table, and none knows of the others; the tables of the store do.

use super::port::{columns, Port};
use super::Shared;
use isofold::spec::Spec;
use isofold::sql::OwnTables;
use isofold::Result;

/// A rollup of some catalog.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) catalog: i64,
    pub(super) watermark: Option<i64>,
    pub(super) rows_dropped_before: Option<i64>,
    pub(super) spec: Spec,
}

/// All rollups, by name.
pub(super) async fn members(shared: &Shared, port: &Port) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for row in port.run(&shared.own.members(), Vec::new()).await? {
        let [name, source, catalog, watermark, rows_dropped, spec] = columns::<6>(&row)?;
        members.push(Member {
            name: name.text()?.unwrap_or_default().to_owned(),
            source: source.text()?.unwrap_or_default().to_owned(),
            catalog: catalog.integer()?.unwrap_or_default(),
            watermark: watermark.integer()?,
            rows_dropped_before: rows_dropped.integer()?,
            spec: shared.compiled.spec(spec.text()?.unwrap_or_default())?,
        });
    }
    Ok(members)
}

/// Those that are built from a table of rows or a rollup, and that some catalog still has.
pub(super) async fn built_from(shared: &Shared, port: &Port, source: &str) -> Result<Vec<Member>> {
    let mut members = members(shared, port).await?;
    members.retain(|member| member.source == source && member.catalog != OwnTables::NO_CATALOG);
    Ok(members)
}

/// Notes which rollups this catalog has, unless it is only looked whether that differs, and tells whether it did: what was
/// made with them and is in it no more is followed no more.
pub(super) async fn gather(shared: &Shared, port: &Port, is_looking: bool) -> Result<bool> {
    let members = members(shared, port).await?;
    let is_mine = |member: &&Member| shared.catalog.position(&member.name).is_ok();
    let mut catalogs: Vec<i64> = members.iter().filter(is_mine).map(|member| member.catalog).collect();
    catalogs.sort_unstable();
    catalogs.dedup();
    let known = |catalog: &i64| *catalog > 0;
    let gone = members.iter().filter(|member| !is_mine(member) && known(&member.catalog));
    let gone: Vec<_> = gone.filter(|member| catalogs.contains(&member.catalog)).collect();
    if gone.is_empty() && catalogs.len() == 1 && catalogs.iter().all(known) {
        return Ok(false);
    }
    for member in gone.into_iter().filter(|_| !is_looking) {
        put(shared, port, &member.name, OwnTables::NO_CATALOG).await?;
        super::log::take_all(shared, port, &member.name).await?;
    }
    if is_looking {
        return Ok(true);
    }
    let catalog = port.value(shared.own.fresh_catalog(), Vec::new()).await?.integer()?.unwrap_or_default();
    for member in members.iter().filter(is_mine) {
        put(shared, port, &member.name, catalog).await?;
        if member.catalog == OwnTables::NO_CATALOG {
            look_at_all(shared, port, &member.name).await?;
        }
    }
    Ok(true)
}

/// Whether changes below a rollup are logged: not after it was taken out of its catalog.
pub(super) async fn is_followed(shared: &Shared, port: &Port, name: &str) -> Result<bool> {
    let members = members(shared, port).await?;
    Ok(members.iter().all(|member| member.name != name || member.catalog != OwnTables::NO_CATALOG))
}

/// Follows a rollup again that was taken out of its catalog, in the one of those it is kept with: whoever takes it out
/// again takes it out for good.
pub(super) async fn follow_again(shared: &Shared, port: &Port, name: &str) -> Result<()> {
    port.run_all(&shared.own.begin([name])).await?;
    let members = members(shared, port).await?;
    let is_mine = |member: &&Member| shared.catalog.position(&member.name).is_ok() && member.catalog > 0;
    let catalog = match members.iter().find(is_mine) {
        Some(member) => member.catalog,
        None => port.value(shared.own.fresh_catalog(), Vec::new()).await?.integer()?.unwrap_or_default(),
    };
    put(shared, port, name, catalog).await?;
    look_at_all(shared, port, name).await?;
    port.run("COMMIT", Vec::new()).await.map(drop)
}

/// Has all that is followed, by whatever catalog, looked at again.
pub(super) async fn look_at_everything(shared: &Shared, port: &Port) -> Result<()> {
    for member in members(shared, port).await?.iter().filter(|member| member.catalog != OwnTables::NO_CATALOG) {
        look_at_all(shared, port, &member.name).await?;
    }
    Ok(())
}

/// Nobody logged what changed meanwhile.
async fn look_at_all(shared: &Shared, port: &Port, name: &str) -> Result<()> {
    super::log::log_changed(shared, port, name, super::log::ALWAYS).await
}

async fn put(shared: &Shared, port: &Port, name: &str, catalog: i64) -> Result<()> {
    port.run(&shared.own.put_into_catalog(), vec![name.into(), catalog.into()]).await.map(drop)
}
