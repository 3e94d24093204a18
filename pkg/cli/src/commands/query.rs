//! `query`: of files of rollups, or of a rollup in a database.

use super::files;
use crate::arguments::{Asked, Query};
use crate::problem::{complain, Problem, Result};
use crate::show;
use isofold::{Code, Error};
use isofold_facade::json::Json;
use isofold_facade::Frame;
use std::path::Path;

/// Answers a query.
pub fn run(options: &Query) -> Result {
    let (queries, words): (Vec<_>, Vec<_>) = options.words.iter().partition(|word| word.trim_start().starts_with('{'));
    let json = match (&options.json_query, &queries[..]) {
        (None, []) => None,
        (Some(json), []) => Some(json.as_str()),
        (None, [json]) => Some(json.as_str()),
        _ => return Err(Problem::Usage("one query in JSON is expected".into())),
    };
    let asked = asked(json, &options.asked, options.timezone.as_deref())?;
    if let ([rollup], false) = (&words[..], names_files(&words)) {
        if options.database.is_some() || Path::new(rollup.as_str()).extension().is_none() {
            return super::store::query(options, rollup, asked);
        }
    }
    let rollup = files::merged(&words)?;
    let frame = rollup.query(&asked)?;
    tell_warnings(&frame);
    show::answer(&frame.into_kernel(), &options.show, rollup.name(), None)?;
    Ok(0)
}

/// The cells that are NULL because their value does not fit.
fn tell_warnings(frame: &Frame) {
    let Json::Array(warnings) = frame.warnings_json() else { return };
    for warning in warnings {
        complain(format_args!("warning: {warning}"));
    }
}

/// The query that JSON or options say; all metrics by bucket and key where nothing is said.
///
/// **Errors** `host.argument` for what is no JSON, and for both at once.
pub fn asked(json: Option<&str>, options: &Asked, zone: Option<&str>) -> Result<Json> {
    let names = |text: &str| {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        Json::Array(names.map(Json::from).collect())
    };
    let text = |text: &Option<String>| text.as_deref().map(Json::from);
    let list = |text: &Option<String>| text.as_deref().map(names);
    let bucket = options.bucket.as_deref().map(|bucket| if bucket == "none" { Json::Null } else { Json::from(bucket) });
    let fields = [
        ("start", text(&options.start)),
        ("end", text(&options.end)),
        ("bucket", bucket),
        ("timezone", options.zone.as_deref().or(zone).map(Json::from)),
        ("group_by", list(&options.group_by)),
        ("select", list(&options.select)),
        ("where", text(&options.filter)),
        ("having", text(&options.having)),
        ("order_by", list(&options.order_by)),
        ("limit", options.limit.map(|limit| Json::Int64(limit.into()))),
    ];
    let mut fields = fields.into_iter().filter_map(|(name, json)| Some((name, json?))).peekable();
    match json {
        None => Ok(Json::object(fields)),
        Some(_) if fields.peek().is_some() => {
            Err(Problem::Usage("a query in JSON says all of it: no other option of a query goes with it".into()))
        }
        Some(text) => {
            let refused = |error: isofold_facade::json::NotJson| {
                let words = format!("the query is not JSON: {}", error.reason);
                Error::new(Code::HostArgument, words).at(error.byte as u32)
            };
            Ok(Json::from_text(text).map_err(refused)?)
        }
    }
}

/// Whether words name files of rollups.
fn names_files(words: &[&String]) -> bool {
    words.iter().any(|word| Path::new(word).is_file()) || words.len() > 1
}
