//! The options of coarsen, slice, replace and prune.

use super::document::Document;
use super::reading::{Codes, Fields, Reading};
use super::spec::bucket_source;
use super::value::Json;
use crate::keys::Strict;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "rows")]
use isofold::query::Decimals;
use isofold::time::{parse_timestamp, BucketSource};
use isofold::{Budget, Code, Error, Result};

/// What to coarsen to; `None` keeps what there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coarsening {
    /// The coarser bucket.
    pub bucket: Option<BucketSource>,
    /// The keys to keep.
    pub group_by: Option<Vec<String>>,
}

/// `{"bucket": …, "group_by": […]}`
///
/// **Errors** `host.argument`.
pub fn coarsening(document: &(impl Document + ?Sized)) -> Result<Coarsening> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["bucket", "group_by"]);
    let coarsening = Coarsening {
        bucket: fields.present("bucket").map(|json| bucket_source(&mut reading, json, "bucket")),
        group_by: fields.present("group_by").map(|json| reading.texts(json, "group_by")),
    };
    reading.finish(coarsening)
}

/// How rows are folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestOptions {
    /// How many threads fold.
    pub threads: usize,
    /// What is refused of keys.
    pub strict: Strict,
    /// Whether a row that does not fit is left out, and counted; else it refuses all of them.
    pub skips: bool,
}

/// `{"strict": true, false or "columns", "on_row_error": "stop" or "skip"}`
///
/// **Errors** `host.argument`.
pub fn ingest_options(document: &(impl Document + ?Sized), threads: usize) -> Result<IngestOptions> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["threads", "strict", "on_row_error"]);
    let mut options = IngestOptions { threads, ..IngestOptions::default() };
    match fields.present("strict") {
        None | Some(Json::Bool(false)) => {}
        Some(Json::Bool(true)) => options.strict = Strict::All,
        Some(Json::Text(text)) if text == "columns" => options.strict = Strict::Columns,
        Some(other) => {
            let message = format!("strict must be true, false or \"columns\", got {other}");
            reading.refuse(Code::HostArgument, message, "strict");
        }
    }
    match fields.present("on_row_error") {
        None => {}
        Some(Json::Text(text)) if text == "stop" => {}
        Some(Json::Text(text)) if text == "skip" => options.skips = true,
        Some(other) => {
            let message = format!("on_row_error must be \"stop\" or \"skip\", got {other}");
            reading.refuse(Code::HostArgument, message, "on_row_error");
        }
    }
    reading.finish(options)
}

/// `{"decimals": "text"}`: how rows give decimals.
///
/// **Errors** `host.argument`.
#[cfg(feature = "rows")]
pub fn rows_options(document: &(impl Document + ?Sized)) -> Result<Decimals> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["decimals"]);
    let decimals = match fields.present("decimals") {
        None => Decimals::Exact,
        Some(json) if *json == Json::from("text") => Decimals::Text,
        Some(other) => {
            let message = format!("decimals must be \"text\" or absent, got {other}");
            reading.refuse(Codes::OPTIONS.invalid, message, "decimals");
            Decimals::Exact
        }
    };
    reading.finish(decimals)
}

/// `{"start": time, "end": time}` in microseconds; an absent bound is open.
///
/// **Errors** `host.argument`, `range.invalid` for a text that is no time.
pub fn range(document: &(impl Document + ?Sized)) -> Result<(Option<i64>, Option<i64>)> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["start", "end"]);
    bounds(reading, &fields)
}

fn bounds(mut reading: Reading, fields: &Fields<'_>) -> Result<(Option<i64>, Option<i64>)> {
    let texts = ["start", "end"].map(|key| reading.optional_text(fields, key, ""));
    let [start, end] = reading.finish(texts)?;
    let bound = |text: Option<String>, path: &str| text.map(|text| instant(&text, path)).transpose();
    Ok((bound(start, "start")?, bound(end, "end")?))
}

/// `{"max_rows": …, "max_groups": …, "start": time, "end": time}`: what may arrive; `otherwise` where nothing is said.
///
/// **Errors** `host.argument`, `range.invalid`; `limit.*` for what no rollup can hold.
pub fn budget(document: &(impl Document + ?Sized), otherwise: Budget) -> Result<Budget> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &BUDGET);
    budget_of(reading, &fields, otherwise)
}

/// The keys of a budget.
const BUDGET: [&str; 4] = ["max_rows", "max_groups", "start", "end"];

fn budget_of(mut reading: Reading, fields: &Fields<'_>, otherwise: Budget) -> Result<Budget> {
    let [max_rows, max_groups] =
        ["max_rows", "max_groups"].map(|key| fields.present(key).and_then(|json| reading.count(json, key)));
    let (start, end) = bounds(reading, fields)?;
    let budget = Budget {
        max_rows: max_rows.unwrap_or(otherwise.max_rows),
        max_groups: max_groups.map(|max| usize::try_from(max).unwrap_or(usize::MAX)).or(otherwise.max_groups),
        start,
        end,
    };
    budget.check_self().map(|()| budget)
}

/// What becomes of a group that stands in several rows of states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// It is an error.
    #[default]
    Refuse,
    /// The states are merged.
    Merge,
}

/// A budget, with `"duplicates": "refuse" | "merge"`.
///
/// **Errors** those of [`budget`].
pub fn stored_rows(document: &(impl Document + ?Sized), otherwise: Budget) -> Result<(Budget, Duplicates)> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let [a, b, c, d] = BUDGET;
    let fields = reading.known(&json, "", &[a, b, c, d, "duplicates"]);
    let duplicates = match reading.optional_text(&fields, "duplicates", "").as_deref() {
        None | Some("refuse") => Duplicates::Refuse,
        Some("merge") => Duplicates::Merge,
        Some(other) => {
            let message = format!("duplicates must be \"refuse\" or \"merge\", got {other:?}");
            reading.refuse(Codes::OPTIONS.invalid, message, "duplicates");
            Duplicates::Refuse
        }
    };
    budget_of(reading, &fields, otherwise).map(|budget| (budget, duplicates))
}

/// A time in ISO 8601, in microseconds.
///
/// **Errors** `range.invalid`.
pub fn instant(text: &str, path: &str) -> Result<i64> {
    parse_timestamp(text).map_err(|error| Error::new(Code::RangeInvalid, error.message()).within(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_open_where_no_bound_is_given() {
        assert_eq!(range(r#"{"start": "1970-01-01T00:00:01Z"}"#).expect("a range"), (Some(1_000_000), None));
        assert_eq!(range("{}").expect("all of time"), (None, None));
        let error = range(r#"{"end": "soon"}"#).expect_err("no time");
        assert_eq!((error.code(), error.path()), (Code::RangeInvalid, "end"));
    }

    #[test]
    fn a_budget_is_what_is_said_and_else_what_is_usual() {
        let usual = Budget::default();
        assert_eq!(budget("{}", usual), Ok(usual));
        let said =
            budget(r#"{"max_rows": 4611686018427387904, "max_groups": 0, "end": "1970-01-01T00:00:01Z"}"#, usual);
        assert_eq!(said, Ok(Budget { max_rows: 1 << 62, max_groups: Some(0), start: None, end: Some(1_000_000) }));
        for (document, code, path) in [
            (r#"{"max_rows": -1}"#, Code::HostArgument, "max_rows"),
            (r#"{"max_groups": 1.5}"#, Code::HostArgument, "max_groups"),
            (r#"{"rows": 1}"#, Code::HostArgument, "rows"),
            (r#"{"max_rows": 4611686018427387905}"#, Code::LimitRows, ""),
            (r#"{"max_groups": 4294967296}"#, Code::LimitGroups, ""),
            (r#"{"start": "2026-01-02", "end": "2026-01-01"}"#, Code::RangeInvalid, ""),
        ] {
            let error = budget(document, usual).expect_err(document);
            assert_eq!((error.code(), error.path()), (code, path), "{document}");
        }
    }

    #[test]
    fn rows_of_a_group_are_refused_or_merged() {
        let read = |document: &str| stored_rows(document, Budget::default());
        assert_eq!(read("{}").expect("nothing said").1, Duplicates::Refuse);
        assert_eq!(read(r#"{"duplicates": "merge", "max_groups": 3}"#).expect("a way").1, Duplicates::Merge);
        let error = read(r#"{"duplicates": "last"}"#).expect_err("no way");
        assert_eq!((error.code(), error.path()), (Code::HostArgument, "duplicates"));
    }

    #[test]
    fn an_ingest_is_told_what_to_refuse() {
        let said = |document| ingest_options(document, 3);
        assert_eq!(said("{}"), Ok(IngestOptions { threads: 3, ..IngestOptions::default() }));
        let all = r#"{"strict": true, "on_row_error": "skip"}"#;
        assert_eq!(said(all), Ok(IngestOptions { threads: 3, strict: Strict::All, skips: true }));
        let files = r#"{"strict": "columns", "on_row_error": "stop", "threads": null}"#;
        assert_eq!(said(files), Ok(IngestOptions { threads: 3, strict: Strict::Columns, skips: false }));
        for (document, path) in [
            (r#"{"strict": 1}"#, "strict"),
            (r#"{"on_row_error": "raise"}"#, "on_row_error"),
            (r#"{"on_row_error": true}"#, "on_row_error"),
            (r#"{"onRowError": "skip"}"#, "onRowError"),
        ] {
            let error = said(document).expect_err(document);
            assert_eq!((error.code(), error.path()), (Code::HostArgument, path), "{document}");
        }
    }

    #[test]
    fn options_that_no_call_has_are_refused() {
        let error = coarsening(r#"{"bucket": "1 day", "keys": []}"#).expect_err("keys");
        assert_eq!((error.code(), error.path()), (Code::HostArgument, "keys"));
    }
}
