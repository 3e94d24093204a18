//! What a refresh would build, and how much it would read.
//!
//! The one idea: plans are made one after the other, as if each rollup were built before the next is planned; nothing is
//! built, and nothing is written.

use super::known::{known, require_current};
use super::options::RefreshOptions;
use super::planning::{plan_after, RowExtent};
use super::port::Port;
use super::pushed::{of_rows, Held};
use super::refresh::window_json;
use super::Shared;
use isofold::refresh::Window;
use isofold::time::format_timestamp;
use isofold::Result;
use isofold_facade::json::Json;

/// The windows of each rollup, with the rows that they have now of what they are built from.
pub(super) async fn preview(shared: &Shared, port: &Port, asked: &RefreshOptions<Option<i64>>) -> Result<Json> {
    require_current(shared, port).await?;
    port.run_all(&shared.own.begin_planning()).await?;
    let about = known(shared, port).await?;
    let (mut known, options) = (about.levels, &asked.at(about.clock));
    let mut windows: Vec<Vec<Window>> = vec![Vec::new(); known.len()];
    let mut reports = Vec::new();
    let (mut held, mut extent) = (Held::default(), RowExtent::default());
    for &level in &options.levels {
        let it = &shared.catalog.levels()[level];
        let finer = it.from.map_or(&[][..], |from| windows[from].as_slice()).to_vec();
        let plan = plan_after(shared, port, &known, level, (options, &mut extent), &finer).await?;
        let condition = match it.from {
            None if !plan.windows.is_empty() => of_rows(shared, port, &mut held, &it.spec, None).await?,
            _ => None,
        };
        let (mut rows, mut told) = (0, Vec::new());
        for window in &plan.windows {
            let sql = match it.from {
                None => shared.rows().count((Some(window.start), Some(window.end)), condition.as_ref()),
                Some(from) => shared.table(from).count(Some(window.start), Some(window.end)),
            };
            let count = port.value(&sql, Vec::new()).await?.integer()?.unwrap_or(0);
            rows += count;
            let Json::Object(mut fields) = window_json(window) else { continue };
            fields.push(("rows".to_owned(), Json::Int64(count)));
            told.push(Json::Object(fields));
        }
        let from =
            it.from.map_or(shared.catalog.source().table.as_str(), |from| shared.catalog.levels()[from].spec.name());
        reports.push(Json::object([
            ("name", Json::from(it.spec.name())),
            ("from", from.into()),
            ("windows", Json::Array(told)),
            ("rows_to_read", Json::Int64(rows)),
            ("watermark", plan.watermark.map(|at| Json::Text(format_timestamp(at))).into()),
            ("refused", Json::Array(plan.refused.iter().map(window_json).collect())),
            ("lost", Json::Array(plan.lost.iter().map(window_json).collect())),
            ("stale", Json::Array(plan.stale.iter().map(window_json).collect())),
        ]));
        known[level].watermark = plan.watermark;
        windows[level] = plan.windows;
    }
    port.run("COMMIT", Vec::new()).await?;
    Ok(Json::object([("now", Json::Text(format_timestamp(options.now))), ("rollups", Json::Array(reports))]))
}
