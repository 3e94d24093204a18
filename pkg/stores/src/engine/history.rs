//! The history of refreshes.

use super::options::RunsOptions;
use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::time::format_timestamp;
use isofold::Result;
use isofold_facade::json::Json;

/// What a refresh of one rollup did.
pub(super) struct Finished<'a> {
    pub(super) rollup: &'a str,
    /// The time of the database when it began; the one when it ended where that is not known.
    pub(super) started: Option<i64>,
    pub(super) rows_read: Option<i64>,
    pub(super) groups_written: Option<i64>,
    pub(super) error: Option<&'a str>,
}

/// Notes a refresh, and forgets the oldest.
pub(super) async fn note(shared: &Shared, port: &Port, finished: &Finished<'_>) -> Result<()> {
    let of = |value: Option<i64>| value.map_or(SqlValue::Null, SqlValue::Int64);
    let parameters = vec![
        finished.rollup.into(),
        of(finished.started),
        of(finished.rows_read),
        of(finished.groups_written),
        finished.error.map_or(SqlValue::Null, SqlValue::from),
    ];
    port.run(&shared.own.note_run(), parameters).await?;
    port.run(&shared.own.forget_runs(), vec![finished.rollup.into()]).await.map(drop)
}

/// The newest refreshes first.
pub(super) async fn runs(shared: &Shared, port: &Port, options: &RunsOptions) -> Result<Json> {
    super::known::require_current(shared, port).await?;
    let rollup = options.level.map(|level| shared.catalog.levels()[level].spec.name());
    let parameters = vec![rollup.map_or(SqlValue::Null, SqlValue::from), options.limit.into()];
    let mut all = Vec::new();
    for row in port.run(&shared.own.runs(), parameters).await? {
        let [rollup, started, ended, read, written, error] = columns::<6>(&row)?;
        let number = |value: &SqlValue| Ok::<_, isofold::Error>(Json::from(value.integer()?.map(Json::Int64)));
        all.push(Json::object([
            ("rollup", Json::from(rollup.text()?.unwrap_or_default())),
            ("started_at", Json::Text(format_timestamp(started.time()?))),
            ("ended_at", Json::Text(format_timestamp(ended.time()?))),
            ("rows_read", number(read)?),
            ("groups_written", number(written)?),
            ("error", error.text()?.map(Json::from).into()),
        ]));
    }
    Ok(Json::object([("runs", Json::Array(all))]))
}
