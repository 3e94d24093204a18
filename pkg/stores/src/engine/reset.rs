//! Setting a watermark back.
//!
//! The one idea: what is stored stays, and counts as not built from there on: rows answer until it is built again. What is
//! set back is logged as changed too, so that a refresher that was at work meanwhile, and moves the watermark on, has not
//! built it.

use super::known::{known_levels, require_current, KnownLevel};
use super::log::log_changed;
use super::members::built_from;
use super::options::ResetOptions;
use super::port::Port;
use super::Shared;
use isofold::refresh::Window;
use isofold::spec::Spec;
use isofold::time::format_timestamp;
use isofold::{limits, Code, Error, Result};
use isofold_facade::json::Json;

/// What is set back: a rollup that was asked for, or one that follows it.
struct Target {
    name: String,
    spec: Spec,
    /// Whether it was asked for; the others follow.
    is_asked: bool,
    watermark: Option<i64>,
    /// What it is built from is dropped before.
    dropped_before: Option<i64>,
}

/// Sets the watermarks of rollups back to the bucket of a time, and those of all that is built from them.
pub(super) async fn reset(shared: &Shared, port: &Port, options: &ResetOptions) -> Result<Json> {
    require_current(shared, port).await?;
    let names: Vec<String> = targets(shared, port, options).await?.into_iter().map(|target| target.name).collect();
    port.run_all(&shared.own.begin(names.iter().map(String::as_str))).await?;
    // as they are now that nobody builds
    let targets = targets(shared, port, options).await?;
    match set_back(shared, port, &targets, options.to).await {
        Ok(reports) => {
            port.run("COMMIT", Vec::new()).await?;
            Ok(Json::object([("reset", Json::Array(reports))]))
        }
        Err(error) => {
            port.rollback().await?;
            Err(error)
        }
    }
}

async fn set_back(shared: &Shared, port: &Port, targets: &[Target], to: i64) -> Result<Vec<Json>> {
    let (mut reports, mut refusals) = (Vec::new(), Vec::new());
    let mut is_reached = false;
    for target in targets {
        let bucket = target.spec.bucket();
        let start = bucket.start(to);
        let mut at = start.map_err(|error| Error::new(Code::RangeInvalid, error.message()).within("to"))?;
        let kept = Window { start: at, end: limits::MAX_TIME_US }.kept(bucket, target.dropped_before).start;
        match target.watermark {
            _ if !target.is_asked => at = kept,
            Some(watermark) if at <= watermark && kept > at => {
                let text = format!("what {} is built from is dropped before {}", target.name, format_timestamp(kept));
                return Err(Error::new(Code::RefreshDropped, text).within("to"));
            }
            Some(watermark) if at <= watermark => is_reached = true,
            watermark => {
                let built =
                    watermark.map_or_else(|| "not built".into(), |at| format!("built to {}", format_timestamp(at)));
                let text = format!("{} is {built}: it cannot be set back to {}", target.name, format_timestamp(to));
                refusals.push(Error::new(Code::RangeInvalid, text).within("to"));
                continue;
            }
        }
        if let Some(watermark) = target.watermark.filter(|&watermark| at < watermark) {
            log_changed(shared, port, &target.name, Window { start: at, end: watermark }).await?;
            port.run(&shared.own.set_watermark_back(), vec![target.name.as_str().into(), at.into()]).await?;
            reports.push(Json::object([
                ("name", Json::from(target.name.as_str())),
                ("watermark", Json::Text(format_timestamp(at))),
            ]));
        }
    }
    if let (false, Some(refusal)) = (is_reached, Error::from_all(refusals)) {
        return Err(refusal);
    }
    Ok(reports)
}

/// The rollups that are asked for, each followed by those of every catalog that are built from it.
async fn targets(shared: &Shared, port: &Port, options: &ResetOptions) -> Result<Vec<Target>> {
    let levels = shared.catalog.levels();
    let known = known_levels(shared, port).await?;
    let mut targets = Vec::new();
    let of_rows = (0..levels.len()).filter(|&level| levels[level].from.is_none());
    for level in options.level.map_or_else(|| of_rows.collect::<Vec<_>>(), |level| vec![level]) {
        let KnownLevel { watermark, rows_dropped_before, .. } = known[level];
        let dropped_before = levels[level].from.map_or(rows_dropped_before, |from| known[from].dropped_before);
        let spec = levels[level].spec.clone();
        targets.push(Target { name: spec.name().to_owned(), spec, is_asked: true, watermark, dropped_before });
    }
    let mut next = 0;
    while let Some(finer) = targets.get(next).map(|target| target.name.clone()) {
        let dropped = shared.catalog.position(&finer).ok().and_then(|level| known[level].dropped_before);
        for member in built_from(shared, port, &finer).await? {
            targets.push(Target {
                name: member.name,
                spec: member.spec,
                is_asked: false,
                watermark: member.watermark,
                dropped_before: dropped,
            });
        }
        next += 1;
    }
    Ok(targets)
}
