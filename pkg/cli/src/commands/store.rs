//! The commands on a database but `run`.

use super::files;
use crate::arguments::{Drop, Export, Init, Invalidate, Plan, Query, Refresh, Reset, Runs, StoreOptions};
use crate::problem::{complain, Problem, Result, NOT_FRESH};
use crate::{secrets, show, whole_file};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use isofold::{Code, Error};
use isofold_facade::json::Json;
use isofold_facade::Rollup;
use isofold_stores::{open, Now, RollupTables, Span, Store};
use serde::Serialize;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::{Duration, Instant};

/// Columns of a report that only programs want.
pub const HIDDEN: [&str; 3] = ["refused", "lost", "stale"];
const HIDDEN_STATE: [&str; 13] = [
    "pending",
    "due",
    "refused",
    "lost",
    "stale",
    "unwatched",
    "skipped",
    "first_bucket",
    "last_bucket_end",
    "refresh_ms",
    "rows_read",
    "groups_written",
    "windows",
];
/// Time between two lines of a progress.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// The store of a catalog in a database.
///
/// **Errors** `host.argument` where no database is given, `catalog.*`, `store.*`.
pub fn opened(catalog: &Path, database: Option<&str>) -> Result<Store, Error> {
    let database = database
        .ok_or_else(|| Error::new(Code::HostArgument, "no database is given: --database or $ISOFOLD_DATABASE"))?;
    secrets::hide_those_of(database);
    let text = files::text_of(catalog).map_err(|problem| match problem {
        Problem::Refused(error) => error,
        _ => Error::new(Code::HostArgument, "the catalog cannot be read"),
    })?;
    open(text.as_str(), database)
}

fn store_of(options: &StoreOptions) -> Result<Store, Error> {
    opened(&options.catalog, options.database.as_deref())
}

/// A report as JSON.
pub fn json_of(report: &impl Serialize) -> Result<Json, Error> {
    let defect = |words: String| Error::new(Code::StoreValue, words);
    let text = serde_json::to_string(report).map_err(|error| defect(error.to_string()))?;
    Json::from_text(&text).map_err(|error| defect(error.reason))
}

fn rows_of(reports: &[impl Serialize]) -> Result<Vec<Json>, Error> {
    reports.iter().map(json_of).collect()
}

/// Makes the tables, or tells what would be done.
pub fn init(options: &Init) -> Result {
    let mut store = store_of(&options.store)?;
    if !options.dry_run {
        show::report(&rows_of(&store.init()?.rollups)?, options.store.json, &[])?;
        return Ok(0);
    }
    let report = store.plan_init()?;
    if options.store.json {
        show::line(&json_of(&report)?.to_string())?;
        return Ok(0);
    }
    show::report(&rows_of(&report.rollups)?, false, &[])?;
    for statement in &report.statements {
        show::line(&format!("\n{statement};"))?;
    }
    Ok(0)
}

/// Builds what is due.
pub fn refresh(options: &Refresh) -> Result {
    let mut store = store_of(&options.store)?;
    let mut asked = isofold_stores::Refresh::new();
    for rollup in &options.rollup {
        asked = asked.rollup(rollup);
    }
    if let Some(since) = &options.since {
        asked = asked.since(since.as_str());
    }
    if let Some(until) = &options.until {
        asked = asked.until(until.as_str());
    }
    if options.force {
        asked = asked.force();
    }
    let report = if io::stderr().is_terminal() && !options.store.json {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        let mut last: Option<Instant> = None;
        let report = store.refresh_with(&asked, |progress| {
            if last.is_none_or(|last| last.elapsed() > TELL_EVERY) {
                last = Some(Instant::now());
                bar.set_message(super::run::progress_words(progress));
                bar.tick();
            }
        });
        bar.finish_and_clear();
        report?
    } else {
        store.refresh(&asked)?
    };
    show::report(&rows_of(&report.rollups)?, options.store.json, &HIDDEN)?;
    let mut is_fresh = true;
    for rollup in &report.rollups {
        for Span { start, end } in &rollup.refused {
            is_fresh = false;
            let (start, end) = (start.as_deref().unwrap_or("the past"), end.as_deref().unwrap_or("now"));
            let name = &rollup.name;
            complain(format_args!(
                "{}: {name}: the rows of {start} to {end} are dropped; what is stored is kept",
                Code::RefreshDropped
            ));
        }
    }
    Ok(if is_fresh { 0 } else { NOT_FRESH })
}

/// Tells what a refresh would build.
pub fn plan(options: &Plan) -> Result {
    let mut asked = isofold_stores::Refresh::new();
    for rollup in &options.rollup {
        asked = asked.rollup(rollup);
    }
    if let Some(since) = &options.since {
        asked = asked.since(since.as_str());
    }
    let report = store_of(&options.store)?.plan(&asked)?;
    if options.store.json {
        show::report(&rows_of(&report.rollups)?, true, &[])?;
        return Ok(0);
    }
    let windows = report.rollups.iter().flat_map(|rollup| {
        rollup.windows.iter().map(|window| {
            Json::object([
                ("name", Json::from(rollup.name.as_str())),
                ("from", Json::from(rollup.from.as_str())),
                ("start", Json::from(window.start.as_str())),
                ("end", Json::from(window.end.as_str())),
                ("rows", Json::from(window.rows)),
            ])
        })
    });
    show::report(&windows.collect::<Vec<_>>(), false, &[])?;
    Ok(0)
}

/// Tells how fresh every rollup is.
pub fn check(options: &StoreOptions) -> Result {
    let report = store_of(options)?.check(Now::OfDatabase)?;
    show::report(&rows_of(&report.rollups)?, options.json, &HIDDEN_STATE)?;
    let is_fresh = report.rollups.iter().all(|rollup| rollup.status == "fresh");
    Ok(if is_fresh { 0 } else { NOT_FRESH })
}

/// Answers a query.
pub fn query(options: &Query, rollup: &str, asked: Json) -> Result {
    let mut store = opened(&options.catalog, options.database.as_deref())?;
    let answer = store.query(rollup, asked)?;
    show::answer(&answer.frame, &options.show, rollup, Some(("coverage", json_of(&answer.coverage)?)))?;
    let told = [
        ("nothing is kept of", &answer.coverage.missing),
        ("not known to be as the rows are:", &answer.coverage.stale),
    ];
    for (words, spans) in told {
        for Span { start, end } in spans {
            let (start, end) = (start.as_deref().unwrap_or("the past"), end.as_deref().unwrap_or("now"));
            complain(format_args!("{words} {start} to {end}"));
        }
    }
    Ok(0)
}

/// Tells of changed rows.
pub fn invalidate(options: &Invalidate) -> Result {
    let mut store = store_of(&options.store)?;
    let rollup = options.rollup.as_deref();
    let report = match (options.start.as_deref(), options.end.as_deref()) {
        (Some(start), Some(end)) => store.invalidate(start..end, rollup)?,
        (Some(start), None) => store.invalidate(start.., rollup)?,
        (None, Some(end)) => store.invalidate(..end, rollup)?,
        (None, None) => store.invalidate(.., rollup)?,
    };
    let row = |name: &String| Json::object([("invalidated", Json::from(name.as_str()))]);
    show::report(&report.invalidated.iter().map(row).collect::<Vec<_>>(), options.store.json, &[])?;
    Ok(0)
}

/// Drops what the retentions no longer keep.
pub fn prune(options: &StoreOptions) -> Result {
    let report = store_of(options)?.prune(Now::OfDatabase)?;
    show::report(&rows_of(&report.pruned)?, options.json, &[])?;
    Ok(0)
}

/// Sets a rollup back.
pub fn reset(options: &Reset) -> Result {
    let report = store_of(&options.store)?.reset(options.to.as_str(), options.rollup.as_deref())?;
    show::report(&rows_of(&report.reset)?, options.store.json, &[])?;
    Ok(0)
}

/// Takes isofold out of a database.
pub fn drop(options: &Drop) -> Result {
    let tables = if options.tables { RollupTables::Drop } else { RollupTables::Keep };
    let report = store_of(&options.store)?.drop(tables)?;
    let row = |(status, name): (&str, &String)| {
        Json::object([("name", Json::from(name.as_str())), ("table", Json::from(status))])
    };
    let dropped = report.dropped.iter().map(|name| ("dropped", name));
    let kept = report.kept.iter().map(|name| ("kept", name));
    show::report(&dropped.chain(kept).map(row).collect::<Vec<_>>(), options.store.json, &[])?;
    Ok(0)
}

/// Tells of the newest refreshes.
pub fn runs(options: &Runs) -> Result {
    let report = store_of(&options.store)?.runs(options.rollup.as_deref(), options.limit)?;
    show::report(&rows_of(&report.runs)?, options.store.json, &[])?;
    Ok(0)
}

/// Writes a rollup of a database to a file.
pub fn export(options: &Export) -> Result {
    let mut store = store_of(&options.store)?;
    let rollup = options.rollup.as_str();
    let loaded = match (options.start.as_deref(), options.end.as_deref()) {
        (Some(start), Some(end)) => store.load(rollup, start..end)?,
        (Some(start), None) => store.load(rollup, start..)?,
        (None, Some(end)) => store.load(rollup, ..end)?,
        (None, None) => store.load(rollup, ..)?,
    };
    let loaded = Rollup::from(loaded);
    whole_file::write(&options.output, &loaded.encode())?;
    files::tell(&loaded, options.store.json, None)?;
    Ok(0)
}
