//! States past their caps: the same bytes in any order, exact or NULL or within the promised error.

use crate::case::{json, Case};
use isofold_facade::json::Json;

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![histogram(), wide_histogram(), distinct(), value_counts(), exemplars()]
}

fn columns(entries: &[(&str, Vec<Json>)]) -> Json {
    let rows = entries.first().map_or(0, |(_, cells)| cells.len());
    let times = Json::Array(vec![Json::from("2026-11-01"); rows]);
    Json::object(
        [("ts", times)].into_iter().chain(entries.iter().map(|(name, cells)| (*name, Json::Array(cells.clone())))),
    )
}

fn integers(values: impl Iterator<Item = i64>) -> Vec<Json> {
    values.map(Json::Int64).collect()
}

/// 1500 integers that lie in 1500 buckets of the finest scale: 128 an octave, so that neighbours are joined.
fn histogram() -> Case {
    let value = |index: i64| 1_000_000 + index * (8_000 + index * 16);
    Case::new(
        "percentiles_past_their_buckets",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "i": "int64"}, "time": "ts", "bucket": "1 day",
            "select": {"p1": "approx_percentile(0.01, percentile_agg(i, 7))", "p50": "approx_percentile(0.5, percentile_agg(i, 7))",
            "p99": "approx_percentile(0.99, percentile_agg(i, 7))", "error": "percentile_error(percentile_agg(i, 7))",
            "rank": "approx_percentile_rank(10000000, percentile_agg(i, 7))", "median": "median(i)"}}"#,
    )
    .batch("first", columns(&[("i", integers((0..1500).filter(|i| i % 3 != 0).map(value)))]))
    .batch("second", columns(&[("i", integers((0..1500).filter(|i| i % 3 == 0).map(|i| -value(i)))) ]))
    .folded_both_ways("first", "second")
}

/// The whole range of doubles: one value in each of 2046 octaves, both signs.
fn wide_histogram() -> Case {
    let octave = |exponent: u64| crate::cell::float(exponent << 52 | 0x8_0000_0000_0000);
    let minus = |exponent: u64| crate::cell::float(1 << 63 | exponent << 52);
    Case::new(
        "percentiles_over_all_doubles",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "x": "float64"}, "time": "ts", "bucket": "1 day",
            "select": {"p1": "approx_percentile(0.01, percentile_agg(x))", "p25": "approx_percentile(0.25, percentile_agg(x))",
            "p75": "approx_percentile(0.75, percentile_agg(x))", "p99": "approx_percentile(0.99, percentile_agg(x))",
            "error": "percentile_error(percentile_agg(x))", "rank": "approx_percentile_rank(0, percentile_agg(x))"}}"#,
    )
    .batch("first", columns(&[("x", (0..2047).step_by(3).map(octave).collect())]))
    .batch("second", columns(&[("x", (0..2047).step_by(5).map(minus).collect())]))
    .folded_both_ways("first", "second")
}

/// 255, 256, 257 and 1200 distinct values in groups of their own.
fn distinct() -> Case {
    let spans = [("255", 255_i64), ("256", 256), ("257", 257), ("1200", 1200)];
    let batch = |parity: i64| {
        let rows =
            || spans.iter().flat_map(|(key, count)| (0..*count).filter(|v| v % 2 == parity).map(move |v| (*key, v)));
        columns(&[
            ("k", rows().map(|(key, _)| Json::from(key)).collect()),
            ("i", integers(rows().map(|(_, value)| value))),
        ])
    };
    Case::new(
        "distinct_values_past_the_exact_ones",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "k": "string", "i": "int64"}, "time": "ts", "bucket": "1 day",
            "group_by": ["k"], "select": {"d": "approx_count_distinct(i)", "d4": "approx_count_distinct(i, 4)"}}"#,
    )
    .batch("first", batch(0))
    .batch("second", batch(1))
    .folded_both_ways("first", "second")
    .query("r", r#"{"bucket": null, "group_by": []}"#)
    .coarsen("r", r#"{"group_by": []}"#, "total")
    .check("total")
}

fn value_counts() -> Case {
    let text = |index: i64| Json::Text(format!("value {}", index % 40));
    Case::new(
        "value_counts_past_their_limit",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "s": "string", "k": "int64"}, "time": "ts", "bucket": "1 day",
            "group_by": ["k"], "select": {"all": "value_counts(s, 8)", "top": "topn(value_counts(s, 8), 3)",
            "n": "num_distinct(value_counts(s, 8))", "first": "count_of(value_counts(s, 8), 'value 0')",
            "absent": "count_of(value_counts(s, 8), 'nothing')", "exact": "value_counts(s)", "mode": "mode(s)"}}"#,
    )
    .batch("first", columns(&[("s", (0..70).map(text).collect()), ("k", integers((0..70).map(|i| i % 3)))]))
    .batch("second", columns(&[("s", (0..90).map(|i| text(i % 7)).collect()), ("k", integers((0..90).map(|i| i % 4)))]))
    .folded_both_ways("first", "second")
}

/// Texts longer than an exemplar keeps, cut at a character.
fn exemplars() -> Case {
    let long = |text: &str, times: i64| Json::object([("text", Json::Array(vec![text.into(), Json::Int64(times)]))]);
    Case::new(
        "exemplars_cut_long_texts",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "s": "string"}, "time": "ts", "bucket": "1 day",
            "select": {"one": "exemplar(s)", "three": "exemplar(s, 3)"}}"#,
    )
    .batch("first", json(r#"{"ts": ["2026-11-01"], "s": ["short"]}"#))
    .batch("second", columns(&[("s", vec![long("é", 600), long("€", 342), long("x", 1025), long("😀", 257)])]))
    .folded_both_ways("first", "second")
}
