//! Every aggregate and accessor, over values that break naive ones.

use crate::case::{rows, Case};

const COLUMNS: &str = r#""columns": {"ts": "timestamp", "k": "string", "x": "float64", "i": "int64", "b": "bool",
    "s": "string", "t": "timestamp[us]"}, "time": "ts", "bucket": "1 hour", "group_by": ["k"]"#;

const NAMES: &str = "ts k x i b s t";

/// The keys say what is nasty about their rows; `{"f64": …}` are 1e308, −1e308, ±∞, NaN, −0.0 and the least subnormal.
const FIRST: &str = r#"[
    ["2026-11-01T00:00:00Z", "plain", 1.5, 10, true, "a", 1000],
    ["2026-11-01T00:10:00Z", "plain", 2.25, 20, true, "b", 3000],
    ["2026-11-01T00:20:00Z", "plain", -0.75, -30, false, "a", 2000],
    ["2026-11-01T00:30:00Z", "cancels", {"f64": "7fe1ccf385ebc8a0"}, {"i64": "9223372036854775807"}, null, "é", -1],
    ["2026-11-01T00:40:00Z", "cancels", 1, 1, null, "z", 0],
    ["2026-11-01T00:50:00Z", "tiny", {"f64": "0000000000000001"}, 0, false, "", {"i64": "-9007199254740993"}],
    ["2026-11-01T00:59:59.999999Z", "zero", {"f64": "8000000000000000"}, 0, false, "0", 0],
    ["2026-11-01T00:05:00Z", "missing", {"f64": "7ff8000000000000"}, null, null, null, null],
    ["2026-11-01T00:06:00Z", "missing", null, null, null, null, null],
    ["2026-11-01T00:07:00Z", "infinite", {"f64": "7ff0000000000000"}, 7, true, "∞", 7],
    ["2026-11-01T00:08:00Z", "both infinite", {"f64": "7ff0000000000000"}, 8, true, "+", 8],
    ["2026-11-01T00:09:00Z", null, 0.1, 1, false, "null key", 9],
    ["2026-11-01T00:11:00Z", "one", 42.125, 42, true, "only", 42],
    ["2026-11-01T00:12:00Z", "\ud83d\ude00", 3, 3, true, "𝒳", 12]
]"#;

const SECOND: &str = r#"[
    ["2026-11-01T00:45:00Z", "cancels", {"f64": "ffe1ccf385ebc8a0"}, {"i64": "-9223372036854775807"}, null, "É", -1],
    ["2026-11-01T00:51:00Z", "tiny", {"f64": "8000000000000001"}, 0, true, "", 5],
    ["2026-11-01T00:52:00Z", "tiny", {"f64": "000fffffffffffff"}, 0, true, "\u0000", 5],
    ["2026-11-01T00:59:59Z", "zero", 0, 0, true, "00", 1],
    ["2026-11-01T00:09:00Z", "both infinite", {"f64": "fff0000000000000"}, -8, false, "-", -8],
    ["2026-11-01T00:19:00Z", null, 0.2, 2, false, "null key", 9],
    ["2026-11-01T00:29:00Z", null, 0.3, 3, false, "NULL", 9],
    ["2026-11-01T00:10:00Z", "plain", 2.25, 20, true, "c", 3000],
    ["2026-11-01T01:00:00Z", "plain", 100, 100, true, "next", 0],
    ["2026-10-31T23:59:59.999999Z", "plain", -100, -100, false, "before", 0]
]"#;

fn case(name: &str, select: &str) -> Case {
    Case::new(name, &format!(r#"{{"name": "states", {COLUMNS}, "select": {select}}}"#))
        .batch("first", rows(NAMES, FIRST))
        .batch("second", rows(NAMES, SECOND))
        .folded_both_ways("first", "second")
}

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        case(
            "counts",
            r#"{"rows": "count(*)", "xs": "count(x)", "is": "count(i)", "bs": "count(b)", "ss": "count(s)",
                "ts_": "count(t)", "positive": "count(*) filter (where x > 0)"}"#,
        ),
        case("sums", r#"{"x": "sum(x)", "i": "sum(i)", "part": "sum(x) filter (where i >= 0)"}"#),
        case("means", r#"{"x": "avg(x)", "i": "avg(i)", "true_i": "avg(i) filter (where b)"}"#),
        case(
            "moments_of_floats",
            r#"{"vs": "var_samp(x)", "vp": "var_pop(x)", "ss": "stddev_samp(x)", "sp": "stddev_pop(x)",
                "v": "variance(x)", "s": "stddev(x)"}"#,
        ),
        case(
            "moments_of_integers",
            r#"{"vs": "var_samp(i)", "vp": "var_pop(i)", "ss": "stddev_samp(i)", "sp": "stddev_pop(i)"}"#,
        ),
        case(
            "minimum_and_maximum_of_every_type",
            r#"{"x0": "min(x)", "x1": "max(x)", "i0": "min(i)", "i1": "max(i)", "b0": "min(b)", "b1": "max(b)",
                "s0": "min(s)", "s1": "max(s)", "t0": "min(t)", "t1": "max(t)"}"#,
        ),
        case(
            "first_and_last_go_by_time_then_value",
            r#"{"x0": "first(x, ts)", "x1": "last(x, ts)", "i0": "first(i, t)", "i1": "last(i, t)",
                "b0": "first(b, ts)", "b1": "last(b, ts)", "s0": "first(s, t)", "s1": "last(s, t)",
                "t0": "first(t, ts)", "t1": "last(t, ts)", "by_i": "last(s, i)"}"#,
        ),
        case(
            "percentiles",
            r#"{"p0": "approx_percentile(0, percentile_agg(x))", "p50": "approx_percentile(0.5, percentile_agg(x))",
                "p95": "approx_percentile(0.95, percentile_agg(x))", "p100": "approx_percentile(1, percentile_agg(x))",
                "median": "median(x)", "rank": "approx_percentile_rank(1.5, percentile_agg(x))",
                "error": "percentile_error(percentile_agg(x))", "cells": "histogram(percentile_agg(x), -1, 0, 1, 2)"}"#,
        ),
        case(
            "percentiles_of_integers_and_of_other_scales",
            r#"{"i": "approx_percentile(0.75, percentile_agg(i))", "coarse": "approx_percentile(0.75, percentile_agg(x, 0))",
                "fine": "approx_percentile(0.75, percentile_agg(x, 7))", "coarse_error": "percentile_error(percentile_agg(x, 0))",
                "fine_error": "percentile_error(percentile_agg(x, 7))",
                "part": "approx_percentile(0.25, percentile_agg(x) filter (where b))"}"#,
        ),
        case(
            "distinct_values_of_every_type",
            r#"{"x": "approx_count_distinct(x)", "i": "approx_count_distinct(i)", "b": "approx_count_distinct(b)",
                "s": "approx_count_distinct(s)", "t": "approx_count_distinct(t)", "small": "approx_count_distinct(s, 4)",
                "large": "approx_count_distinct(s, 16)", "part": "approx_count_distinct(s) filter (where x > 0)"}"#,
        ),
        case(
            "value_counts_and_their_accessors",
            r#"{"mode_x": "mode(x)", "mode_i": "mode(i)", "mode_b": "mode(b)", "mode_s": "mode(s)", "mode_t": "mode(t)",
                "all": "value_counts(s)", "all_x": "value_counts(x)", "a": "count_of(value_counts(s), 'a')",
                "top": "topn(value_counts(s), 2)", "distinct": "num_distinct(value_counts(s))",
                "zero": "count_of(value_counts(x), 0)"}"#,
        ),
        case(
            "exemplars_are_the_same_sample_everywhere",
            r#"{"x": "exemplar(x)", "s": "exemplar(s)", "i3": "exemplar(i, 3)", "s2": "exemplar(s, 2)", "t": "exemplar(t)",
                "b": "exemplar(b)", "part": "exemplar(s) filter (where b)"}"#,
        ),
        case(
            "all_and_any",
            r#"{"all": "bool_and(b)", "any": "bool_or(b)", "part": "bool_and(b) filter (where i > 0)"}"#,
        ),
        case(
            "metrics_over_metrics",
            r#"{"n": "count(*)", "errors": "count(*) filter (where b)", "error_rate_pct": "100 * errors / n",
                "rounded": "round(error_rate_pct, 1)", "level": "case when error_rate_pct > 50 then 'bad' else 'good' end",
                "spread": "coalesce(max(x) - min(x), -1)", "none": "sum(x) / (n - n)"}"#,
        ),
        digest(),
        without_rows(),
    ]
}

/// t-digests depend on the order of rows, which is the same in every host here.
fn digest() -> Case {
    let select = r#"{"p50": "approx_percentile(0.5, tdigest(x))", "p99": "approx_percentile(0.99, tdigest(x, 50))",
        "rank": "approx_percentile_rank(1.5, tdigest(x))", "of_i": "approx_percentile(0.5, tdigest(i))"}"#;
    Case::new("t_digests_of_rows_in_one_order", &format!(r#"{{"name": "states", {COLUMNS}, "select": {select}}}"#))
        .batch("first", rows(NAMES, FIRST))
        .batch("second", rows(NAMES, SECOND))
        .ingest("r", "first")
        .ingest("r", "second")
        .check("r")
        .recode("r", "copy")
        .same("copy", "r")
        .query("copy", "{}")
}

/// What aggregates say of nothing.
fn without_rows() -> Case {
    let select = r#"{"n": "count(*)", "sum": "sum(x)", "avg": "avg(x)", "min": "min(x)", "var": "var_pop(x)",
        "p": "median(x)", "d": "approx_count_distinct(x)", "m": "mode(x)", "all": "value_counts(x)",
        "top": "topn(value_counts(x), 3)", "f": "first(x, ts)", "e": "exemplar(x)", "b": "bool_and(b)",
        "h": "histogram(percentile_agg(x), 0)", "nd": "num_distinct(value_counts(x))",
        "co": "count_of(value_counts(x), 1)", "r": "approx_percentile_rank(1, percentile_agg(x))"}"#;
    let nothing = r#"[["2026-11-01T00:00:00Z", "nothing", null, null, null, null, null]]"#;
    Case::new("aggregates_of_nothing", &format!(r#"{{"name": "states", {COLUMNS}, "select": {select}}}"#))
        .query("r", "{}")
        .check("r")
        .batch("empty", rows(NAMES, "[]"))
        .ingest("r", "empty")
        .check("r")
        .batch("nothing", rows(NAMES, nothing))
        .ingest("r", "nothing")
        .check("r")
        .query("r", "{}")
}
