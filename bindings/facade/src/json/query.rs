//! A query in JSON.

use super::document::Document;
use super::reading::{join, Codes, Reading};
use super::spec::bucket_source;
use super::value::Json;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::math::Float64;
use isofold::query::{Align, BucketChoice, Compare, Decimals, Fill, QuerySource, ThenSource};
use isofold::{Result, Value};

const KEYS: [&str; 18] = [
    "start",
    "end",
    "align",
    "bucket",
    "timezone",
    "group_by",
    "where",
    "select",
    "having",
    "order_by",
    "limit",
    "offset",
    "gapfill",
    "windows",
    "compare",
    "parameters",
    "then",
    "decimals",
];
#[cfg(feature = "steps")]
const THEN_KEYS: [&str; 7] = ["group_by", "select", "where", "having", "order_by", "limit", "offset"];

/// What a query in JSON says; `null` stands for an absent key, except that a null `bucket` is the whole range.
///
/// **Errors** `query.invalid`, `query.unknown_key`: all problems of the document.
pub fn query_source(document: &(impl Document + ?Sized)) -> Result<QuerySource> {
    let json = document.json(&Codes::QUERY)?;
    let mut reading = Reading::new(Codes::QUERY);
    let fields = reading.known(&json, "", &KEYS);
    let r = &mut reading;
    let source = QuerySource {
        start: r.optional_text(&fields, "start", ""),
        end: r.optional_text(&fields, "end", ""),
        align: fields.present("align").map(|json| align(r, json)).unwrap_or_default(),
        bucket: fields.get("bucket").map(|json| bucket(r, json)).unwrap_or_default(),
        timezone: r.optional_text(&fields, "timezone", ""),
        group_by: fields.present("group_by").map(|json| r.named(json, "group_by")),
        filter: r.optional_text(&fields, "where", ""),
        select: fields.present("select").map(|json| r.named(json, "select")),
        having: r.optional_text(&fields, "having", ""),
        order_by: fields.present("order_by").map(|json| r.texts(json, "order_by")).unwrap_or_default(),
        limit: fields.present("limit").and_then(|json| r.count(json, "limit")),
        offset: fields.present("offset").and_then(|json| r.count(json, "offset")).unwrap_or_default(),
        gapfill: fields.present("gapfill").map(|json| gapfill(r, json)),
        windows: fields.present("windows").map(|json| r.pairs(json, "windows")).unwrap_or_default(),
        compare: fields.present("compare").map(|json| compare(r, json)).unwrap_or_default(),
        parameters: fields.present("parameters").map(|json| parameters(r, json)).unwrap_or_default(),
        then: fields.present("then").and_then(|json| then(r, json)),
        decimals: fields.present("decimals").map(|json| decimals(r, json)).unwrap_or_default(),
    };
    reading.finish(source)
}

fn compare(reading: &mut Reading, json: &Json) -> Compare {
    if *json == Json::from("previous") {
        return Compare::Previous;
    }
    reading.refuse(Codes::QUERY.invalid, format!("compare must be \"previous\" or absent, got {json}"), "compare");
    Compare::Nothing
}

fn parameters(reading: &mut Reading, json: &Json) -> Vec<Value> {
    let Json::Array(items) = json else {
        reading.refuse(Codes::QUERY.invalid, format!("an array is expected, got {}", json.kind()), "parameters");
        return Vec::new();
    };
    let mut values = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match constant(item) {
            Some(value) => values.push(value),
            None => {
                let message = format!("a parameter is a text, a number, a bool or null, got {}", item.kind());
                reading.refuse(Codes::QUERY.invalid, message, &format!("parameters[{index}]"));
            }
        }
    }
    values
}

#[cfg(not(feature = "steps"))]
fn then(reading: &mut Reading, _: &Json) -> Option<ThenSource> {
    let message = "a second step is for hosts with a native module".to_owned();
    reading.refuse(Codes::QUERY.invalid, message, "then");
    None
}

#[cfg(feature = "steps")]
fn then(reading: &mut Reading, json: &Json) -> Option<ThenSource> {
    let fields = reading.known(json, "then", &THEN_KEYS);
    let select = reading.required_at(&fields, "select", "then");
    let r = reading;
    Some(ThenSource {
        group_by: fields.present("group_by").map(|json| r.named(json, "then.group_by")).unwrap_or_default(),
        select: select.map(|json| r.named(json, "then.select")).unwrap_or_default(),
        filter: r.optional_text(&fields, "where", "then"),
        having: r.optional_text(&fields, "having", "then"),
        order_by: fields.present("order_by").map(|json| r.texts(json, "then.order_by")).unwrap_or_default(),
        limit: fields.present("limit").and_then(|json| r.count(json, "then.limit")),
        offset: fields.present("offset").and_then(|json| r.count(json, "then.offset")).unwrap_or_default(),
    })
}

fn align(reading: &mut Reading, json: &Json) -> Align {
    match json {
        Json::Text(text) if text == "exact" => Align::Exact,
        Json::Text(text) if text == "outer" => Align::Outer,
        Json::Text(text) if text == "inner" => Align::Inner,
        other => {
            let message = format!("align must be \"exact\", \"outer\" or \"inner\", got {other}");
            reading.refuse(Codes::QUERY.invalid, message, "align");
            Align::Exact
        }
    }
}

fn decimals(reading: &mut Reading, json: &Json) -> Decimals {
    if *json == Json::from("text") {
        return Decimals::Text;
    }
    reading.refuse(Codes::QUERY.invalid, format!("decimals must be \"text\" or absent, got {json}"), "decimals");
    Decimals::Exact
}

fn bucket(reading: &mut Reading, json: &Json) -> BucketChoice {
    match json {
        Json::Null => BucketChoice::Whole,
        other => BucketChoice::Coarser(bucket_source(reading, other, "bucket")),
    }
}

/// Metric → `"locf"`, `"interpolate"`, `null`, a number, a bool, or `{"value": any}` for a text.
fn gapfill(reading: &mut Reading, json: &Json) -> Vec<(String, Fill)> {
    let fields = reading.object(json, "gapfill");
    let mut fills = Vec::new();
    for (metric, json) in fields.entries() {
        let path = join("gapfill", metric);
        let fill = match json {
            Json::Text(text) if text == "locf" => Some(Fill::Locf),
            Json::Text(text) if text == "interpolate" => Some(Fill::Interpolate),
            Json::Object(_) => {
                let fields = reading.known(json, &path, &["value"]);
                fill(fields.get("value").unwrap_or(&Json::Null))
            }
            Json::Text(_) => None,
            other => fill(other),
        };
        match fill {
            Some(fill) => fills.push(((*metric).to_owned(), fill)),
            None => {
                let message = format!(
                    "a fill must be \"locf\", \"interpolate\", null, a number, a bool or {{\"value\": …}}, got {json}"
                );
                reading.refuse(Codes::QUERY.invalid, message, &path);
            }
        }
    }
    fills
}

fn fill(json: &Json) -> Option<Fill> {
    Some(match constant(json)? {
        Value::Null => Fill::Null,
        value => Fill::Constant(value),
    })
}

fn constant(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int64(value) => Value::Int64(*value),
        Json::Number(value) => Value::Float64(Float64::from_bits(value.to_bits())),
        Json::Text(text) => Value::String(text.clone()),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_bucket_is_the_whole_range_and_no_bucket_the_own() {
        let bucket = |text: &str| query_source(text).expect("a query").bucket;
        assert_eq!(bucket("{}"), BucketChoice::Own);
        assert_eq!(bucket(r#"{"bucket": null}"#), BucketChoice::Whole);
        let BucketChoice::Coarser(day) = bucket(r#"{"bucket": "1 day"}"#) else { panic!("no bucket") };
        assert_eq!(day.width, "1 day");
    }

    #[test]
    fn the_query_of_the_documentation_is_read() {
        let text = r#"{ "start": "2026-11-01T00:00:00Z", "end": "2026-11-20T00:00:00Z", "bucket": "1 day",
            "timezone": "Europe/Berlin", "group_by": ["model"], "where": "provider = 'openai'",
            "select": ["request_count", {"p": "p95"}], "having": "request_count > 10",
            "order_by": ["-request_count", "model"], "limit": 50, "offset": 0,
            "gapfill": { "p95": "locf", "n": 0, "x": 1.5, "m": {"value": "locf"}, "z": null },
            "windows": { "last_24h": "24 hours" }, "align": "outer" }"#;
        let source = query_source(text).expect("a query");
        assert_eq!((source.limit, source.offset, source.align), (Some(50), 0, Align::Outer));
        assert_eq!(
            source.gapfill.expect("fills").into_iter().map(|(_, fill)| fill).collect::<Vec<_>>(),
            [
                Fill::Locf,
                Fill::Constant(Value::Int64(0)),
                Fill::Constant(Value::Float64(Float64::from_bits(1.5f64.to_bits()))),
                Fill::Constant(Value::String("locf".into())),
                Fill::Null,
            ]
        );
        assert_eq!(source.windows, [("last_24h".to_owned(), "24 hours".to_owned())]);
        assert_eq!(source.select.expect("metrics")[1].name.as_deref(), Some("p"));
    }

    #[test]
    fn every_problem_of_a_query_has_its_path() {
        let text =
            r#"{"limit": -1, "offset": 0.5, "align": "up", "gapfill": {"n": "zero"}, "order_by": "n", "groupBy": []}"#;
        let error = query_source(text).expect_err("a bad query");
        let paths: Vec<_> = error.problems().map(|problem| problem.path().to_owned()).collect();
        let expected = ["groupBy", "align", "order_by", "limit", "offset", "gapfill.n"];
        assert_eq!(paths, expected.map(|path| format!("query.{path}")));
    }
}
