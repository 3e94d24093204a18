//! Taking isofold out of a database.
//!
//! The one idea: what other catalogs of the database still need stays: their triggers, and the own tables.

use super::init::{give_way, others_follow, TRIES};
use super::known::shape;
use super::options::Tables;
use super::port::{columns, Port};
use super::triggers::Triggers;
use super::Shared;
use isofold::refresh::Adoption;
use isofold::Result;
use isofold_facade::json::Json;
use std::sync::atomic::Ordering;

/// Drops triggers, functions and own tables, and the tables of the rollups where that is asked.
pub(super) async fn uninstall(shared: &Shared, port: &Port, tables: Tables) -> Result<Json> {
    for _ in 0..TRIES {
        match try_once(shared, port, tables).await {
            Err(error) => give_way(shared, port, error).await?,
            done => return done,
        }
    }
    try_once(shared, port, tables).await
}

async fn try_once(shared: &Shared, port: &Port, tables: Tables) -> Result<Json> {
    port.run_all(&shared.own.begin(["init"])).await?;
    port.run_all(shared.own.wait_briefly().as_slice()).await?;
    // those of a newer version are left to it
    shape(shared, port).await?;
    // some may have been dropped by hand
    port.run_all(&shared.own.create()).await?;
    let rollups = port.run(&shared.own.rollups(), Vec::new()).await?;
    if !others_follow(shared, &rollups)? {
        let triggers = Triggers::read(shared, port).await?;
        port.run_all(&triggers.wanted.drop(&triggers.known()?)).await?;
    }
    let (mut dropped, mut kept) = (Vec::new(), Vec::new());
    for level in 0..shared.catalog.levels().len() {
        let name = shared.catalog.levels()[level].spec.name();
        let is_made = !port.run(&shared.table(level).columns(), Vec::new()).await?.is_empty();
        // a table that is not registered is somebody else's
        let mut is_ours = false;
        for row in &rollups {
            is_ours |= columns::<5>(row)?[0].text()? == Some(name);
        }
        // and so is one that was taken
        let is_taken = shared.table(level).adoption() == Adoption::Taken;
        if tables == Tables::Drop && is_ours && !is_taken {
            port.run(&shared.table(level).drop(), Vec::new()).await?;
        }
        for sql in shared.own.unregister() {
            port.run(&sql, vec![name.into()]).await?;
        }
        let list = if is_taken || tables == Tables::Keep { &mut kept } else { &mut dropped };
        list.extend((is_made && is_ours).then(|| Json::from(name)));
    }
    if port.run(&shared.own.rollups(), Vec::new()).await?.is_empty() {
        port.run_all(&shared.own.drop()).await?;
    }
    port.run("COMMIT", Vec::new()).await?;
    shared.exists.store(false, Ordering::Relaxed);
    Ok(Json::object([("dropped", Json::Array(dropped)), ("kept", Json::Array(kept))]))
}
