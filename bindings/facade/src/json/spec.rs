//! A spec in JSON.

use super::document::Document;
use super::reading::{join, Codes, Reading};
use super::value::Json;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use isofold::spec::{Named, SpecSource};
use isofold::time::BucketSource;
use isofold::{Code, Result};

/// `read` is for who reads files, as are `format`, `from` and `suffix` of a column: they say nothing of rows.
const KEYS: [&str; 9] = ["name", "columns", "time", "bucket", "group_by", "where", "select", "keep", "read"];
const COLUMN_KEYS: [&str; 6] = ["type", "timezone", "optional", "format", "from", "suffix"];

/// What a spec in JSON says.
///
/// **Errors** `spec.invalid`, `spec.unknown_key`, `spec.missing`, `spec.duplicate`: all problems of the document.
pub fn spec_source(document: &(impl Document + ?Sized)) -> Result<SpecSource> {
    let json = document.json(&Codes::SPEC)?;
    let mut reading = Reading::new(Codes::SPEC);
    let mut source = SpecSource::default();
    if !matches!(*json, Json::Object(_)) {
        reading.object(&json, "");
        return reading.finish(source);
    }
    let fields = reading.known(&json, "", &KEYS);
    if let Some(name) = reading.required(&fields, "name") {
        source.name = reading.text(name, "name").unwrap_or_default();
    }
    if let Some(columns) = reading.required(&fields, "columns") {
        source.columns = columns_source(&mut reading, columns);
    }
    if let Some(time) = reading.required(&fields, "time") {
        source.time = reading.text(time, "time").unwrap_or_default();
    }
    if let Some(bucket) = reading.required(&fields, "bucket") {
        source.bucket = bucket_source(&mut reading, bucket, "bucket");
    }
    if let Some(keys) = fields.present("group_by") {
        source.group_by = reading.named(keys, "group_by");
    }
    source.filter = reading.optional_text(&fields, "where", "");
    if let Some(select) = reading.required(&fields, "select") {
        source.select = reading.pairs(select, "select");
    }
    if let Some(keep) = fields.present("keep") {
        source.keep = reading.texts(keep, "keep");
    }
    reading.finish(source)
}

/// Columns: name → the text of its type, or an object.
fn columns_source(reading: &mut Reading, json: &Json) -> Vec<(String, String)> {
    let fields = reading.object(json, "columns");
    let column = |(name, json): &(&str, &Json)| {
        let path = join("columns", name);
        Some(((*name).to_owned(), column_source(reading, json, &path)?))
    };
    fields.entries().iter().filter_map(column).collect()
}

/// The type of a column as the kernel reads it, with its zone and whether it is optional.
fn column_source(reading: &mut Reading, json: &Json, path: &str) -> Option<String> {
    if let Json::Text(text) = json {
        // what the kernel writes for the options of an object is no name of a type
        if text.contains(' ') {
            reading.refuse(Code::SpecType, format!("{text} is no type of a column"), path);
            return None;
        }
        return Some(text.clone());
    }
    if !matches!(json, Json::Object(_)) {
        let message = format!("a text or an object is expected, got {}", json.kind());
        reading.refuse(Code::SpecInvalid, message, path);
        return None;
    }
    let fields = reading.known(json, path, &COLUMN_KEYS);
    let mut text =
        reading.required_at(&fields, "type", path).and_then(|json| reading.text(json, &join(path, "type")))?;
    if let Some(zone) = reading.optional_text(&fields, "timezone", path) {
        text = format!("{text} at {zone}");
    }
    match fields.present("optional") {
        None | Some(Json::Bool(false)) => {}
        Some(Json::Bool(true)) => text.push_str(" optional"),
        Some(other) => {
            let message = format!("true or false is expected, got {}", other.kind());
            reading.refuse(Code::SpecInvalid, message, &join(path, "optional"));
        }
    }
    Some(text)
}

/// A bucket: the text of its width, or an object.
pub(super) fn bucket_source(reading: &mut Reading, json: &Json, path: &str) -> BucketSource {
    if let Json::Text(width) = json {
        return BucketSource { width: width.clone(), ..BucketSource::default() };
    }
    let fields = reading.known(json, path, &["width", "timezone", "origin", "offset"]);
    let width = fields.get("width").unwrap_or(&Json::Null);
    let width = match json {
        Json::Object(_) => reading.text(width, &join(path, "width")),
        _ => None,
    };
    BucketSource {
        width: width.unwrap_or_default(),
        timezone: reading.optional_text(&fields, "timezone", path),
        origin: reading.optional_text(&fields, "origin", path),
        offset: reading.optional_text(&fields, "offset", path),
    }
}

/// The spec in JSON, with keys in the order the documentation has them.
#[must_use]
pub fn spec_json(source: &SpecSource) -> Json {
    let pairs =
        |pairs: &[(String, String)]| Json::object(pairs.iter().map(|(key, text)| (key, Json::from(text.as_str()))));
    let mut entries = vec![
        ("name", Json::from(source.name.as_str())),
        ("columns", Json::object(source.columns.iter().map(|(name, text)| (name, column_json(text))))),
        ("time", Json::from(source.time.as_str())),
        ("bucket", bucket_json(&source.bucket)),
        ("group_by", Json::Array(source.group_by.iter().map(named_json).collect())),
    ];
    if let Some(filter) = &source.filter {
        entries.push(("where", Json::from(filter.as_str())));
    }
    entries.push(("select", pairs(&source.select)));
    if !source.keep.is_empty() {
        entries.push(("keep", Json::Array(source.keep.iter().map(|kept| Json::from(kept.as_str())).collect())));
    }
    Json::object(entries)
}

fn column_json(text: &str) -> Json {
    let (rest, is_optional) = text.strip_suffix(" optional").map_or((text, false), |rest| (rest, true));
    let (name, zone) = rest.split_once(" at ").map_or((rest, None), |(name, zone)| (name, Some(zone)));
    if rest == name && !is_optional {
        return Json::from(name);
    }
    let zone = zone.map(|zone| ("timezone", Json::from(zone)));
    let optional = is_optional.then_some(("optional", Json::Bool(true)));
    Json::object([("type", Json::from(name))].into_iter().chain(zone).chain(optional))
}

fn bucket_json(bucket: &BucketSource) -> Json {
    let width = Json::from(bucket.width.as_str());
    let rest = [("timezone", &bucket.timezone), ("origin", &bucket.origin), ("offset", &bucket.offset)];
    let given = rest.into_iter().filter_map(|(key, text)| Some((key, Json::from(text.as_deref()?))));
    let given: Vec<_> = given.collect();
    if given.is_empty() {
        return width;
    }
    Json::object([("width", width)].into_iter().chain(given))
}

fn named_json(named: &Named) -> Json {
    let expression = Json::from(named.expression.as_str());
    match &named.name {
        Some(name) if *name != named.expression => Json::object([(name, expression)]),
        _ => expression,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"{"name":"m","columns":{"ts":"timestamp","x":"int64"},"time":"ts","bucket":"1 hour","group_by":["x",{"y":"x + 1"}],"where":"x > 0","select":{"n":"count(*)"}}"#;

    #[track_caller]
    fn problems(text: &str) -> Vec<String> {
        let error = spec_source(text).expect_err("a bad spec");
        error
            .problems()
            .map(|problem| format!("{} {}: {}", problem.code(), problem.path(), problem.message()))
            .collect()
    }

    #[test]
    fn a_spec_is_read_and_written_alike() {
        let source = spec_source(SPEC).expect("a spec");
        assert_eq!(source.filter.as_deref(), Some("x > 0"));
        assert_eq!(source.group_by[1], Named { name: Some("y".into()), expression: "x + 1".into() });
        assert_eq!(spec_json(&source).to_string(), SPEC);
        let zoned = SPEC.replace("\"1 hour\"", r#"{"width":"1 day","timezone":"Europe/Berlin"}"#);
        assert_eq!(spec_json(&spec_source(zoned.as_str()).expect("a spec")).to_string(), zoned);
    }

    #[test]
    fn all_problems_are_found_at_once() {
        let text = r#"{"nam": "m", "columns": {"x": 1, "y": "int64", "y": "string"}, "time": "ts",
            "bucket": {"width": 3, "zone": "UTC"}, "group_by": [1, "x"], "where": null, "select": []}"#;
        assert_eq!(problems(text), [
            "spec.unknown_key spec.nam: the key nam is unknown, known are name, columns, time, bucket, group_by, where, select, keep, read",
            "spec.missing spec.name: the key name is missing",
            "spec.duplicate spec.columns.y: the key y is given twice",
            "spec.invalid spec.columns.x: a text or an object is expected, got a number",
            "spec.unknown_key spec.bucket.zone: the key zone is unknown, known are width, timezone, origin, offset",
            "spec.invalid spec.bucket.width: a text is expected, got a number",
            "spec.invalid spec.group_by[0]: a text or an object name → expression is expected, got a number",
            "spec.invalid spec.select: an object is expected, got an array",
        ]);
    }

    #[test]
    fn a_column_may_say_its_zone_and_that_it_is_optional() {
        for column in [
            r#"{"type":"timestamp[ms]","timezone":"America/New_York"}"#,
            r#"{"type":"timestamp","timezone":"UTC","optional":true}"#,
            r#"{"type":"timestamp","optional":true}"#,
        ] {
            let spec = SPEC.replacen(r#""timestamp""#, column, 1);
            let compiled = isofold::spec::Spec::compile(&spec_source(spec.as_str()).expect("read")).expect("compiled");
            assert_eq!(spec_json(&compiled.source()).to_string().replace(r#""y":"x+1""#, r#""y":"x + 1""#), spec);
        }
        let plain = SPEC.replacen(r#""timestamp""#, r#"{"type":"timestamp","timezone":null,"optional":false}"#, 1);
        assert_eq!(spec_json(&spec_source(plain.as_str()).expect("read")).to_string(), SPEC);
    }

    #[test]
    fn options_of_columns_are_read_to_the_end() {
        let wrong = SPEC.replacen(r#""timestamp""#, r#"{"timezone":1,"optional":"yes","zone":"UTC"}"#, 1).replacen(
            r#""int64""#,
            r#""int64 optional""#,
            1,
        );
        assert_eq!(
            problems(&wrong),
            [
                "spec.unknown_key spec.columns.ts.zone: the key zone is unknown, known are type, timezone, optional, format, from, suffix",
                "spec.missing spec.columns.ts.type: the key type is missing",
                "spec.type spec.columns.x: int64 optional is no type of a column",
            ]
        );
        let wrong = SPEC.replacen(r#""timestamp""#, r#"{"type":"timestamp","timezone":1,"optional":"yes"}"#, 1);
        assert_eq!(
            problems(&wrong),
            [
                "spec.invalid spec.columns.ts.timezone: a text is expected, got a number",
                "spec.invalid spec.columns.ts.optional: true or false is expected, got a text",
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_one_problem() {
        assert_eq!(problems("[]"), ["spec.invalid spec: an object is expected, got an array"]);
        let bucket = SPEC.replace("\"1 hour\"", "null");
        assert_eq!(problems(&bucket), ["spec.invalid spec.bucket: an object is expected, got null"]);
    }
}
