//! Every kind of bucket, at times around its edges.

use crate::case::{json, rows, Case};
use isofold_facade::json::Json;

/// Times at which buckets are hard: edges, before the epoch, around clock changes, at the ends of time.
const TIMES: &str = r#"[
    ["2026-11-01T00:00:00Z"], ["2026-10-31T23:59:59.999999Z"], ["2026-11-01T00:14:59.999999Z"],
    ["2026-11-01T00:15:00Z"], ["1970-01-01T00:00:00Z"], ["1969-12-31T23:59:59.999999Z"], ["1900-01-01T00:00:00Z"],
    ["2026-03-29T00:59:59.999999Z"], ["2026-03-29T01:00:00Z"], ["2026-03-28T23:00:00Z"], ["2026-03-29T22:00:00Z"],
    ["2026-10-24T21:59:59Z"], ["2026-10-24T22:00:00Z"], ["2026-10-25T00:30:00Z"], ["2026-10-25T01:30:00Z"],
    ["2026-10-25T22:59:59Z"], ["2026-10-25T23:00:00Z"], ["2026-04-04T15:00:00Z"], ["2026-04-04T15:29:59Z"],
    ["2026-10-03T15:30:00Z"], ["2026-11-01T05:30:00Z"], ["2026-11-01T06:30:00Z"], ["2026-11-01T07:00:00Z"],
    ["2024-02-29T12:00:00Z"], ["2025-12-31T23:00:00Z"], ["2026-01-01T00:00:00Z"], ["2018-11-04T02:59:59Z"],
    ["2018-11-04T03:00:00Z"], ["2018-11-03T12:00:00Z"], ["0001-01-01T00:00:00Z"], ["9998-12-31T23:59:59.999999Z"],
    ["-000044-03-15T12:00:00Z"]
]"#;

const BUCKETS: [(&str, &str); 30] = [
    ("one_microsecond", r#""1 microsecond""#),
    ("fifteen_minutes", r#""15 minutes""#),
    ("one_hour", r#""1 hour""#),
    ("seven_hours", r#""7 hours""#),
    ("one_day", r#""1 day""#),
    ("one_week", r#""1 week""#),
    ("ten_days_from_an_origin", r#"{"width": "10 days", "origin": "2026-01-01"}"#),
    ("an_origin_with_an_offset_from_utc", r#"{"width": "1 day", "origin": "2026-01-01T06:00:00+02:00"}"#),
    ("hours_moved_by_an_offset", r#"{"width": "1 hour", "offset": "-5 minutes"}"#),
    ("weeks_moved_by_an_offset", r#"{"width": "1 week", "offset": "14 days"}"#),
    ("one_month", r#""1 month""#),
    ("one_quarter", r#""1 quarter""#),
    ("five_months", r#""5 months""#),
    ("one_year", r#""1 year""#),
    ("months_from_an_origin", r#"{"width": "3 months", "origin": "2026-02-01"}"#),
    ("months_moved_by_an_offset", r#"{"width": "1 month", "offset": "6 hours"}"#),
    ("days_of_berlin", r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#),
    ("hours_of_berlin", r#"{"width": "1 hour", "timezone": "Europe/Berlin"}"#),
    ("six_hours_of_berlin", r#"{"width": "6 hours", "timezone": "Europe/Berlin"}"#),
    ("months_of_berlin", r#"{"width": "1 month", "timezone": "Europe/Berlin"}"#),
    ("weeks_of_new_york_from_sunday", r#"{"width": "1 week", "timezone": "America/New_York", "origin": "2000-01-02"}"#),
    ("days_of_sao_paulo_without_midnight", r#"{"width": "1 day", "timezone": "America/Sao_Paulo"}"#),
    ("half_hours_of_lord_howe", r#"{"width": "30 minutes", "timezone": "Australia/Lord_Howe"}"#),
    ("days_of_kathmandu", r#"{"width": "1 day", "timezone": "Asia/Kathmandu"}"#),
    ("days_of_berlin_moved", r#"{"width": "1 day", "timezone": "Europe/Berlin", "offset": "6 hours"}"#),
    ("days_of_the_azores_with_two_midnights", r#"{"width": "1 day", "timezone": "Atlantic/Azores"}"#),
    ("six_hours_of_the_azores_with_two_midnights", r#"{"width": "6 hours", "timezone": "Atlantic/Azores"}"#),
    (
        "weeks_of_havana_with_two_midnights",
        r#"{"width": "1 week", "timezone": "America/Havana", "origin": "2000-01-02"}"#,
    ),
    ("months_of_havana_with_two_midnights", r#"{"width": "1 month", "timezone": "America/Havana"}"#),
    ("utc_by_name", r#"{"width": "1 day", "timezone": "UTC"}"#),
];

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut all: Vec<Case> = BUCKETS.iter().map(|(name, bucket)| bucketed(name, bucket)).collect();
    all.push(one_spelling());
    all
}

fn bucketed(name: &str, bucket: &str) -> Case {
    let spec = format!(
        r#"{{"name": "buckets", "columns": {{"ts": "timestamp"}}, "time": "ts", "bucket": {bucket},
            "select": {{"n": "count(*)", "first": "min(ts)", "last": "max(ts)"}}}}"#
    );
    Case::new(name, &spec)
        .batch("times", rows("ts", TIMES))
        .ingest("r", "times")
        .check("r")
        .check_spec("r")
        .query("r", "{}")
}

/// The same buckets said in other words give the same bytes.
fn one_spelling() -> Case {
    let spellings = [
        ("hours", r#""24 hours""#),
        ("words", r#""1 day 0 hours""#),
        ("object", r#"{"width": "1 d", "timezone": "UTC", "origin": "1970-01-01", "offset": "-3 days"}"#),
    ];
    let spec = |bucket: &str| -> Json {
        json(&format!(
            r#"{{"name": "buckets", "columns": {{"ts": "timestamp"}}, "time": "ts", "bucket": {bucket}, "select": {{"n": "count(*)"}}}}"#
        ))
    };
    let mut case = Case::bare("one_bucket_in_many_spellings")
        .batch("times", rows("ts", TIMES))
        .spec("day", spec(r#""1 day""#))
        .start("r", "day")
        .ingest("r", "times")
        .check("r");
    for (name, bucket) in spellings {
        case = case.spec(name, spec(bucket)).start(name, name).ingest(name, "times").same(name, "r");
    }
    case
}
