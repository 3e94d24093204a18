//! The change log of one rollup.
//!
//! The one idea: what is in the log is still to be built, so what nobody can build does not stay in it. Changes from the
//! watermark on are built with their buckets anyway; those whose rows are dropped are lost, which is told once.

use super::members::built_from;
use super::port::{columns, Port};
use super::refresh::window_json;
use super::Shared;
use isofold::refresh::{merged, RefreshPlan, Window};
use isofold::spec::Spec;
use isofold::sql::OwnTables;
use isofold::{limits, Result};
use isofold_facade::json::Json;

/// Ranges in which rows changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Logged {
    pub(super) changed: Vec<Window>,
    /// Those that rows were moved out of: what is stored there is not the last of rows that were dropped.
    pub(super) moved: Vec<Window>,
}

impl Logged {
    fn read(rows: &[Vec<super::SqlValue>]) -> Result<Self> {
        let mut logged = Self::default();
        for row in rows {
            let [start, end, moved] = columns::<3>(row)?;
            let window = Window { start: start.time()?, end: end.time()? };
            if moved.integer()? == Some(0) { &mut logged.changed } else { &mut logged.moved }.push(window);
        }
        Ok(logged)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.moved.is_empty()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Window> {
        self.changed.iter().chain(&self.moved)
    }

    /// What is outside of a window.
    fn outside(&self, window: Window) -> Self {
        let cut = |windows: &[Window]| {
            let around = windows.iter().flat_map(|it| {
                [Window { end: it.end.min(window.start), ..*it }, Window { start: it.start.max(window.end), ..*it }]
            });
            merged(around.collect())
        };
        Self { changed: cut(&self.changed), moved: cut(&self.moved) }
    }

    /// Whole buckets, each once, inside a window.
    fn inside(&self, spec: &Spec, window: Window) -> Self {
        let whole = |windows: &[Window]| {
            let whole = windows.iter().map(|it| it.outward(spec.bucket()).intersection(window));
            merged(whole.collect())
        };
        Self { changed: whole(&self.changed), moved: whole(&self.moved) }
    }

    pub(super) async fn write(&self, shared: &Shared, port: &Port, name: &str) -> Result<()> {
        for (windows, moved) in [(&self.changed, 0), (&self.moved, 1)] {
            for window in windows {
                log(shared, port, name, *window, moved).await?;
            }
        }
        Ok(())
    }
}

async fn log(shared: &Shared, port: &Port, name: &str, window: Window, moved: i64) -> Result<()> {
    let parameters = vec![name.into(), window.start.into(), window.end.into(), moved.into()];
    port.run(&shared.own.log_change(), parameters).await.map(drop)
}

/// Logs that rows below a rollup changed.
pub(super) async fn log_changed(shared: &Shared, port: &Port, name: &str, window: Window) -> Result<()> {
    log(shared, port, name, window, 0).await
}

/// Tells the rollups that are built from a level, those of other catalogs too, which of its buckets it wrote anew.
pub(super) async fn log_for_coarser(shared: &Shared, port: &Port, level: usize, written: &[Window]) -> Result<()> {
    if written.is_empty() {
        return Ok(());
    }
    for coarser in built_from(shared, port, shared.catalog.levels()[level].spec.name()).await? {
        for window in written {
            log(shared, port, &coarser.name, *window, 1).await?;
        }
    }
    Ok(())
}

/// Has all that is built from a level looked at again: groups that are not written anew are told by nobody.
pub(super) async fn look_at_coarser(shared: &Shared, port: &Port, level: usize) -> Result<()> {
    for coarser in built_from(shared, port, shared.catalog.levels()[level].spec.name()).await? {
        log_changed(shared, port, &coarser.name, ALWAYS).await?;
    }
    Ok(())
}

/// What is in the log.
pub(super) async fn logged(shared: &Shared, port: &Port, name: &str) -> Result<Logged> {
    Logged::read(&port.run(&shared.own.changes(), vec![name.into()]).await?)
}

/// Tells what was logged of the rows to each rollup that is built from them, those of other catalogs too.
pub(super) async fn spread(shared: &Shared, port: &Port) -> Result<()> {
    let source = shared.catalog.source().table.as_str();
    for sql in shared.own.spread_changes() {
        port.run(&sql, vec![source.into(), OwnTables::of_rows(source).as_str().into()]).await?;
    }
    Ok(())
}

/// All of time.
pub(super) const ALWAYS: Window = Window { start: limits::MIN_TIME_US, end: limits::MAX_TIME_US };

/// Takes everything out of the log.
pub(super) async fn take_all(shared: &Shared, port: &Port, name: &str) -> Result<Logged> {
    take(shared, port, name, ALWAYS).await
}

/// Takes what touches a window out of the log.
pub(super) async fn take(shared: &Shared, port: &Port, name: &str, window: Window) -> Result<Logged> {
    let parameters = vec![name.into(), window.start.into(), window.end.into()];
    Logged::read(&port.run(&shared.own.take_changes(), parameters).await?)
}

/// Takes the changes of a window out of the log; what they tell of other times stays in it.
pub(super) async fn take_window(shared: &Shared, port: &Port, name: &str, window: Window) -> Result<()> {
    take(shared, port, name, window).await?.outside(window).write(shared, port, name).await
}

/// Puts back into the log what a refresh by this plan still has to build, and notes what is lost.
pub(super) async fn settle(
    shared: &Shared,
    port: &Port,
    level: usize,
    taken: &Logged,
    plan: &RefreshPlan,
    kept: Window,
) -> Result<()> {
    let spec = &shared.catalog.levels()[level].spec;
    let mut rest = taken.inside(spec, kept);
    for lost in &plan.lost {
        let changes = taken.all().filter(|it| !it.outward(spec.bucket()).intersection(*lost).is_empty()).count();
        let changes = i64::try_from(changes).unwrap_or(i64::MAX);
        let parameters = vec![spec.name().into(), lost.start.into(), lost.end.into(), changes.into()];
        port.run(&shared.own.note_lost(), parameters).await?;
        rest = rest.outside(*lost);
    }
    rest.write(shared, port, spec.name()).await
}

/// What was lost since this was asked last, by range with the number of logged changes.
pub(super) async fn tell_lost(shared: &Shared, port: &Port, name: &str) -> Result<Json> {
    let mut lost = Vec::new();
    for row in port.run(&shared.own.lost(), vec![name.into()]).await? {
        let [start, end, changes, told] = columns::<4>(&row)?;
        if told.integer()? == Some(0) {
            let Json::Object(mut fields) = window_json(&Window { start: start.time()?, end: end.time()? }) else {
                continue;
            };
            fields.push(("changes".to_owned(), changes.integer()?.map(Json::Int64).into()));
            lost.push(Json::Object(fields));
        }
    }
    if !lost.is_empty() {
        // who may only read is told again
        drop(port.run(&shared.own.tell_lost(), vec![name.into()]).await);
    }
    Ok(Json::Array(lost))
}
