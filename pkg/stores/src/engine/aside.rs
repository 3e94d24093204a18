//! Rows that do not fit: left out whole, and counted by bucket and problem.
//!
//! The one idea: a row that cannot be folded stops nobody for good. Building a bucket counts its rows anew, so what `check`
//! tells is of the rows as they were when it was built; a rollup is fresh without them, as a fold that skips them is.

use super::port::{columns, Port};
use super::Shared;
use isofold::refresh::{RowErrors, Window};
use isofold::time::format_timestamp;
use isofold::{limits, Code, Error, Result};
use isofold_facade::json::Json;
use std::collections::BTreeMap;

/// Counts by the start of the bucket, code and place, each with the words for the first row.
#[derive(Clone, Debug, Default)]
pub(super) struct SetAside(BTreeMap<(i64, Code, String), (String, i64)>);

/// Whether a row is to blame: an expression that overflows is the spec's.
pub(super) fn is_of_a_row(error: &Error) -> bool {
    error.problems().all(|problem| problem.row().is_some() && problem.code() != Code::ExprOverflow)
}

impl SetAside {
    /// Counts a row of the bucket that starts then.
    pub(super) fn note(&mut self, bucket: i64, error: &Error) {
        let path = error.path();
        let row = error.row().map_or(String::new(), |row| format!("[{row}]"));
        let place = path.strip_suffix(row.as_str()).unwrap_or(path).to_owned();
        let found = self.0.entry((bucket, error.code(), place));
        found.or_insert_with(|| (error.message().to_owned(), 0)).1 += 1;
    }

    pub(super) fn count(&self) -> u64 {
        self.0.values().map(|(_, count)| count.unsigned_abs()).sum()
    }

    /// Puts these counts in the place of those of a window.
    pub(super) async fn keep(&self, shared: &Shared, port: &Port, name: &str, window: Window) -> Result<()> {
        forget(shared, port, name, window).await?;
        for ((bucket, code, place), (message, count)) in &self.0 {
            let parameters = vec![
                name.into(),
                (*bucket).into(),
                code.as_str().into(),
                place.as_str().into(),
                message.as_str().into(),
                (*count).into(),
            ];
            port.run(&shared.own.note_skipped(), parameters).await?;
        }
        Ok(())
    }
}

/// Forgets the counts of buckets that start in a window.
pub(super) async fn forget(shared: &Shared, port: &Port, name: &str, window: Window) -> Result<()> {
    let parameters = vec![name.into(), window.start.into(), window.end.into()];
    port.run(&shared.own.forget_skipped(), parameters).await.map(drop)
}

/// The window of what is in no bucket.
pub(super) const OUTSIDE: Window = Window { start: limits::MIN_TIME_US, end: limits::MIN_TIME_US + 1 };

/// Counts the rows whose time is in no bucket.
///
/// **Errors** `ingest.time` where such a row is to stop the refresh.
pub(super) async fn outside(shared: &Shared, port: &Port) -> Result<SetAside> {
    let source = shared.catalog.source();
    port.run_all(&shared.own.begin_planning()).await?;
    let count = port.value(&shared.rows().count_outside(), Vec::new()).await?.integer()?.unwrap_or(0);
    port.run("COMMIT", Vec::new()).await?;
    let mut aside = SetAside::default();
    if count > 0 {
        let last = format_timestamp(limits::MAX_TIME_US - 1);
        let text = format!("{count} rows have a time outside 0001-01-01T00:00:00Z to {last}");
        let error = Error::new(Code::IngestTime, text).within(&source.time).within("column");
        if source.row_errors == RowErrors::Stop {
            return Err(error);
        }
        aside.note(OUTSIDE.start, &error);
        aside.0.values_mut().for_each(|(_, counted)| *counted = count);
    }
    Ok(aside)
}

/// What is left out of a rollup: `[{"code", "path", "message", "rows", "first_bucket", "last_bucket"}]`.
pub(super) async fn told(shared: &Shared, port: &Port, name: &str) -> Result<Json> {
    let mut all = Vec::new();
    for row in port.run(&shared.own.skipped(), vec![name.into()]).await? {
        let [code, place, message, count, first, last] = columns::<6>(&row)?;
        let text = |value: &super::SqlValue| Ok::<_, Error>(Json::from(value.text()?.unwrap_or_default()));
        let bucket = |value: &super::SqlValue| {
            let start = value.integer()?.filter(|start| *start > OUTSIDE.start);
            Ok::<_, Error>(Json::from(start.map(|start| Json::Text(format_timestamp(start)))))
        };
        all.push(Json::object([
            ("code", text(code)?),
            ("path", text(place)?),
            ("message", text(message)?),
            ("rows", count.integer()?.map(Json::Int64).into()),
            ("first_bucket", bucket(first)?),
            ("last_bucket", bucket(last)?),
        ]));
    }
    Ok(Json::Array(all))
}
