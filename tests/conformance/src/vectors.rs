//! The files of vectors: generated, read, checked.

use crate::cases::{topics, Topic};
use crate::layout::laid_out;
use crate::run::{entries, field, items, text, Run};
use isofold_facade::json::Json;
use std::fs;
use std::path::{Path, PathBuf};

/// The version of the format of the files themselves.
pub const FORMAT: i64 = 1;

/// The folder of the files.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// Every file as it must be: its name and its text.
#[must_use]
pub fn generated() -> Vec<(String, String)> {
    let topics = topics();
    let files = topics.iter().map(|topic| (format!("{}.json", topic.name), laid_out(&document(topic))));
    files.chain([crate::data_sets::generated()]).collect()
}

fn document(topic: &Topic) -> Json {
    let cases = topic.cases.iter().map(|case| answered(&case.to_json())).collect();
    Json::object([
        ("format", Json::Int64(FORMAT)),
        ("topic", Json::from(topic.name)),
        ("about", Json::from(topic.about)),
        ("cases", Json::Array(cases)),
    ])
}

/// The case with what comes out of every step.
fn answered(case: &Json) -> Json {
    let mut run = Run::new(case);
    let steps = items(field(case, "steps")).iter().map(|step| {
        let outcome = run.step(step).into_iter().map(|(key, value)| (key.to_owned(), value));
        Json::Object(entries(step).iter().cloned().chain(outcome).collect())
    });
    let steps = steps.collect();
    let entry = |(key, value): &(String, Json)| match key.as_str() {
        "steps" => (key.clone(), Json::Array(Vec::clone(&steps))),
        _ => (key.clone(), value.clone()),
    };
    Json::Object(entries(case).iter().map(entry).collect())
}

/// The cases of every committed file, with the file's name.
///
/// # Panics
/// When a file cannot be read.
#[must_use]
pub fn committed() -> Vec<(String, Json)> {
    let mut all = Vec::new();
    for topic in topics() {
        let path = folder().join(format!("{}.json", topic.name));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let document: Json = Json::from_text(&text).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        all.extend(items(field(&document, "cases")).iter().map(|case| (topic.name.to_owned(), case.clone())));
    }
    all
}

/// What is wrong with a case in Rust: the steps whose outcome is not the one written, in words.
#[must_use]
pub fn failures(case: &Json) -> Vec<String> {
    let mut run = Run::new(case);
    let mut failures = Vec::new();
    for (index, step) in items(field(case, "steps")).iter().enumerate() {
        let place = format!("{} step {index} ({})", text(case, "name"), text(step, "do"));
        let outcome = run.step(step);
        for (key, value) in &outcome {
            match crate::run::optional(step, key) {
                Some(expected) if expected == value => {}
                Some(expected) => failures.push(format!("{place}: {key} is {value}, expected {expected}")),
                None => failures.push(format!("{place}: {key} is {value}, where nothing of it is expected")),
            }
        }
        if crate::run::optional(step, "error").is_some() && outcome.iter().all(|(key, _)| *key != "error") {
            failures.push(format!("{place}: an error is expected"));
        }
    }
    failures
}

/// Whether a case is for the Rust host.
#[must_use]
pub fn is_for_rust(case: &Json) -> bool {
    crate::run::optional(case, "hosts").is_none_or(|hosts| items(hosts).contains(&Json::from("rust")))
}
