//! States past their caps: the same bytes in any order, exact or NULL or within the promised error.

use crate::case::{json, Case};
use isofold_facade::json::Json;

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![histogram(), wide_histogram(), grains(), distinct(), bounded_distinct(), value_counts(), exemplars()]
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

/// Estimates that would pass the number of values, some of which are NULL.
fn bounded_distinct() -> Case {
    let rows = |parity: i64| (0..600).filter(move |v| v % 2 == parity);
    let batch = |parity: i64| {
        let value = |v: i64| if v % 10 < 8 { Json::Int64(v * 7919) } else { Json::Null };
        columns(&[("i", rows(parity).map(value).collect())])
    };
    Case::new(
        "distinct_values_are_at_most_the_values",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "i": "int64"}, "time": "ts", "bucket": "1 day",
            "select": {"n": "count(i)", "d": "approx_count_distinct(i, 4)", "d5": "approx_count_distinct(i, 5)",
            "n1": "count(i + 1)", "d1": "approx_count_distinct(i + 1, 4)", "n2": "sum(i + 2)", "d2": "approx_count_distinct(i + 2, 4)",
            "rows3": "approx_count_distinct(i + 3, 4)", "rows4": "approx_count_distinct(i + 4, 4)", "rows5": "approx_count_distinct(i + 5, 4)",
            "rows6": "approx_count_distinct(i + 6, 4)", "rows7": "approx_count_distinct(i + 7, 4)",
            "parts": "count(*) filter (where i > 900000)", "part": "approx_count_distinct(i, 4) filter (where i > 900000)",
            "part1": "approx_count_distinct(i + 1, 4) filter (where i > 900000)"}}"#,
    )
    .batch("first", batch(0))
    .batch("second", batch(1))
    .folded_both_ways("first", "second")
}

/// Whole numbers, halves, decimals, and decimals in one octave and in two; ties at a bound.
fn grains() -> Case {
    let groups: [(&str, &[(f64, usize)]); 7] = [
        ("whole", &[(1.0, 1), (2.0, 3), (3.0, 1)]),
        ("ties", &[(500.0, 9), (900.0, 1)]),
        ("large", &[(1e6, 3), (1_234_567.0, 4), (-4_294_967_295.0, 1), (0.0, 2)]),
        ("halves", &[(-0.5, 2), (249.5, 5), (1.5, 4)]),
        ("decimals", &[(0.1, 3), (1.1, 3), (2.2, 9)]),
        ("one octave", &[(1.0, 9), (100.0, 1), (0.01, 1), (-0.0125, 1)]),
        ("ends", &[(5e-324, 2), (1.0, 3), (1.797_693_134_862_315_7e308, 2), (f64::INFINITY, 1)]),
    ];
    let batch = |parity: usize| {
        let rows = || groups.iter().flat_map(|(key, parts)| parts.iter().map(move |part| (*key, *part)));
        let rows = || rows().flat_map(|(key, (value, n))| std::iter::repeat_n((key, value), n)).enumerate();
        let rows = || rows().filter(|(index, _)| index % 2 == parity).map(|(_, row)| row);
        columns(&[
            ("k", rows().map(|(key, _)| Json::from(key)).collect()),
            ("x", rows().map(|(_, value)| crate::cell::float(value.to_bits())).collect()),
        ])
    };
    Case::new(
        "whole_numbers_come_back_whole_and_ties_count_whole",
        r#"{"name": "caps", "columns": {"ts": "timestamp", "k": "string", "x": "float64"}, "time": "ts", "bucket": "1 day",
            "group_by": ["k"], "select": {"p50": "median(x)", "p75": "approx_percentile(0.75, percentile_agg(x))",
            "coarse": "approx_percentile(0.5, percentile_agg(x, 2))", "error": "percentile_error(percentile_agg(x))",
            "rank": "approx_percentile_rank(500, percentile_agg(x))", "rank_of_2": "approx_percentile_rank(2, percentile_agg(x))",
            "cells": "histogram(percentile_agg(x), 0, 1.5, 2, 249.5, 500)",
            "coarse_cells": "histogram(percentile_agg(x, 0), 0, 1.5, 2, 249.5, 500)"}}"#,
    )
    .batch("first", batch(0))
    .batch("second", batch(1))
    .folded_both_ways("first", "second")
    .query("r", r#"{"bucket": null, "group_by": []}"#)
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
