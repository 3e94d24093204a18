//! Everything a query can ask.

use crate::case::{rows, Case};

pub(crate) const SPEC: &str = r#"{"name": "queries", "columns": {"ts": "timestamp", "provider": "string", "model": "string", "status": "int64",
    "ms": "float64", "tokens": "int64"}, "time": "ts", "bucket": "1 hour", "group_by": ["provider", "model"],
    "select": {"requests": "count(*)", "errors": "count(*) filter (where status >= 400)", "error_pct": "100 * errors / requests",
    "tokens": "sum(tokens)", "avg_ms": "avg(ms)", "p95": "approx_percentile(0.95, percentile_agg(ms))",
    "last_model": "last(model, ts)", "slow": "bool_or(ms > 1000)", "statuses": "value_counts(status)", "seen": "max(ts)"}}"#;

pub(crate) const NAMES: &str = "ts provider model status ms tokens";

pub(crate) const ROWS: &str = r#"[
    ["2026-10-24T21:30:00Z", "openai", "o3", 200, 120.5, 100], ["2026-10-24T22:10:00Z", "openai", "o3", 500, 1500, 200],
    ["2026-10-25T00:10:00Z", "openai", "o3", 200, 80, 10], ["2026-10-25T01:10:00Z", "openai", "gpt", 200, 90, 20],
    ["2026-10-25T01:40:00Z", "anthropic", "opus", 429, 10, null], ["2026-10-25T22:59:59Z", "anthropic", "opus", 200, 700.25, 1000],
    ["2026-10-25T23:00:00Z", "anthropic", "haiku", 200, null, 30], ["2026-10-26T04:00:00Z", null, "local", 200, 5, 1],
    ["2026-10-26T04:30:00Z", null, "local", 200, 6, 2], ["2026-10-26T10:00:00Z", "openai", "o3", 200, 333, 40],
    ["2026-10-27T10:00:00Z", "openai", "o3", 404, 99, 50], ["2026-10-27T12:00:00Z", "anthropic", "opus", 200, 2048, 7],
    ["2026-10-29T12:00:00Z", "openai", "gpt", 200, 64, 8], ["2026-10-29T13:00:00Z", null, null, 200, 1, 1]
]"#;

fn asked(name: &str, queries: &[&str]) -> Case {
    let case = Case::new(name, SPEC).batch("all", rows(NAMES, ROWS)).ingest("r", "all");
    queries.iter().fold(case, |case, query| case.query("r", query))
}

const FEW: &str = r#""select": ["requests", "tokens"]"#;

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        asked(
            "parameters_stand_for_values",
            &[
                r#"{"where": "provider = $1 and model in ($2, $3)", "parameters": ["openai", "o3", "o'3 $1"], "select": ["requests"]}"#,
                r#"{"where": "provider = $1", "parameters": ["none", -7, 2, false], "select": ["requests", "tokens * $2 as more"], "having": "requests >= $3 or $4"}"#,
                r#"{"bucket": null, "group_by": [{"p": "coalesce(provider, $1)"}], "parameters": ["$1", 0.5, null], "select": ["avg_ms * $2 as half", "coalesce($3, 'x') as x"], "order_by": ["p"]}"#,
                r#"{"bucket": null, "group_by": [], "parameters": ["2026-10-26T00:00:00Z", true], "select": ["seen < $1 as early", "slow = $2 as slow"]}"#,
                r#"{"where": "model = '$1' or \"provider\" = $1", "parameters": ["openai"], "select": ["requests"]}"#,
            ],
        ),
        asked(
            "a_period_beside_the_one_before",
            &[
                &format!(
                    r#"{{"bucket": null, "start": "2026-10-25T12:00:00Z", "end": "2026-10-26T12:00:00Z", "compare": "previous", {FEW}}}"#
                ),
                &format!(
                    r#"{{"bucket": null, "group_by": ["provider"], "start": "2026-10-26T00:00:00Z", "end": "2026-10-28T00:00:00Z", "compare": "previous", "having": "requests > coalesce(requests_previous, 0)", "order_by": ["-tokens_previous"], {FEW}}}"#
                ),
                &format!(
                    r#"{{"bucket": "1 day", "group_by": [], "start": "2026-10-26T00:00:00Z", "end": "2026-10-28T00:00:00Z", "compare": "previous", {FEW}}}"#
                ),
                &format!(
                    r#"{{"group_by": ["model"], "start": "2026-10-26T10:00:00Z", "end": "2026-10-27T10:00:00Z", "compare": "previous", {FEW}}}"#
                ),
                r#"{"bucket": null, "group_by": [], "start": "2026-10-26T04:30:00Z", "end": "2026-10-26T10:30:00Z", "align": "outer", "compare": "previous", "windows": {"last": "1 hour"}, "select": ["requests", "avg_ms"]}"#,
                r#"{"bucket": null, "start": "2026-10-25T00:00:00Z", "end": "2026-10-25T00:00:00Z", "group_by": [], "compare": "previous", "select": ["requests"]}"#,
            ],
        ),
        asked(
            "a_second_step_over_the_rows_of_an_answer",
            &[
                r#"{"bucket": "1 day", "select": ["requests", "avg_ms"], "then": {"group_by": ["provider"], "select": {"days": "count(*)", "mean": "avg(avg_ms)", "most": "max(requests)"}}}"#,
                r#"{"bucket": "1 day", "then": {"select": ["avg(requests) as mean", "sum(tokens)", "median(p95) as p", "max(seen) as seen", "bool_or(slow) as slow"]}}"#,
                r#"{"bucket": null, "select": ["requests", "error_pct"], "having": "requests > $1", "parameters": [1, 0, "o3"], "then": {"group_by": [{"bad": "error_pct > $2"}], "where": "model <> $3 or model is null", "select": {"models": "count(*)", "requests": "sum(requests)"}, "having": "models >= $1 - 1", "order_by": ["-bad"], "limit": 1, "offset": 0}}"#,
                r#"{"start": "2026-11-25T00:00:00Z", "then": {"select": {"n": "count(*)", "top": "max(requests)"}}}"#,
                r#"{"limit": 3, "order_by": ["-requests"], "select": ["requests", {"twice": "2 * requests"}], "then": {"group_by": ["model", {"day": "date_trunc('day', \"bucket\")"}], "select": {"n": "sum(twice)"}}}"#,
                r#"{"bucket": null, "start": "2026-10-26T00:00:00Z", "end": "2026-10-28T00:00:00Z", "compare": "previous", "select": ["requests"], "then": {"select": {"now": "sum(requests)", "before": "sum(requests_previous)"}}}"#,
            ],
        )
        .only_in(&["rust", "python", "native"]),
        asked("the_whole_rollup", &["{}", r#"{"select": ["requests"]}"#]),
        asked(
            "ranges_and_their_edges",
            &[
                &format!(r#"{{"start": "2026-10-25T01:00:00Z", "end": "2026-10-26T05:00:00Z", {FEW}}}"#),
                &format!(r#"{{"start": "2026-10-25T01:00:00Z", {FEW}}}"#),
                &format!(r#"{{"end": "2026-10-25T03:00:00+02:00", {FEW}}}"#),
                &format!(
                    r#"{{"start": "2026-10-25T01:30:00Z", "end": "2026-10-26T04:30:00Z", "align": "outer", {FEW}}}"#
                ),
                &format!(
                    r#"{{"start": "2026-10-25T01:30:00Z", "end": "2026-10-26T04:30:00Z", "align": "inner", {FEW}}}"#
                ),
                &format!(
                    r#"{{"start": "2026-10-26T04:30:00Z", "end": "2026-10-26T04:40:00Z", "align": "inner", {FEW}}}"#
                ),
                &format!(
                    r#"{{"start": "2026-10-25T01:00:00Z", "end": "2026-10-25T01:00:00Z", "align": "exact", {FEW}}}"#
                ),
                &format!(r#"{{"start": null, "end": null, "limit": null, "align": null, {FEW}}}"#),
            ],
        ),
        asked(
            "coarser_buckets",
            &[
                r#"{"bucket": "1 day"}"#,
                &format!(r#"{{"bucket": "6 hours", "group_by": [], {FEW}}}"#),
                &format!(r#"{{"bucket": "1 day", "timezone": "Europe/Berlin", "group_by": [], {FEW}}}"#),
                &format!(
                    r#"{{"bucket": {{"width": "1 day", "timezone": "America/New_York"}}, "group_by": [], {FEW}}}"#
                ),
                &format!(r#"{{"bucket": {{"width": "1 day", "offset": "6 hours"}}, "group_by": [], {FEW}}}"#),
                &format!(r#"{{"bucket": "1 week", "group_by": ["provider"], {FEW}}}"#),
                &format!(r#"{{"bucket": {{"width": "2 days", "origin": "2026-10-25"}}, "group_by": [], {FEW}}}"#),
                r#"{"bucket": "1 month", "group_by": []}"#,
                r#"{"bucket": "1 year", "group_by": ["model"], "select": ["error_pct"]}"#,
                &format!(r#"{{"timezone": "Europe/Berlin", "group_by": [], {FEW}}}"#),
            ],
        ),
        asked(
            "one_row_for_each_key_of_the_range",
            &[
                r#"{"bucket": null}"#,
                r#"{"bucket": null, "group_by": []}"#,
                r#"{"bucket": null, "group_by": ["provider"], "start": "2026-10-25T00:00:00Z", "end": "2026-10-26T00:00:00Z"}"#,
                r#"{"bucket": null, "group_by": [], "start": "2030-01-01", "end": "2030-01-02"}"#,
            ],
        ),
        asked(
            "keys_and_expressions_over_them",
            &[
                &format!(r#"{{"bucket": null, "group_by": ["model", "provider"], {FEW}}}"#),
                &format!(r#"{{"bucket": null, "group_by": ["upper(provider) as vendor"], {FEW}}}"#),
                &format!(
                    r#"{{"bucket": null, "group_by": [{{"known": "provider is not null"}}, "length(model)"], {FEW}}}"#
                ),
                &format!(r#"{{"bucket": null, "group_by": {{"who": "coalesce(provider, 'own')"}}, {FEW}}}"#),
            ],
        ),
        asked(
            "conditions_on_keys",
            &[
                &format!(r#"{{"where": "provider = 'openai'", {FEW}}}"#),
                &format!(r#"{{"bucket": null, "where": "provider is null or model in ('o3', 'opus')", {FEW}}}"#),
                &format!(r#"{{"bucket": null, "group_by": [], "where": "model like '%p%'", {FEW}}}"#),
                &format!(r#"{{"where": "provider = 'nobody'", {FEW}}}"#),
            ],
        ),
        asked(
            "expressions_over_stored_states",
            &[
                r#"{"bucket": null, "group_by": [], "select": ["sum(tokens)", "sum(tokens) / count(*) as per_request", "max(ms)"]}"#,
                r#"{"bucket": null, "group_by": ["provider"], "select": {"p50": "approx_percentile(0.5, percentile_agg(ms))",
                "median": "median(ms)", "share": "approx_percentile_rank(100, percentile_agg(ms))", "n": "requests",
                "ok": "count_of(value_counts(status), 200)", "top": "topn(value_counts(status), 2)", "err": "error_pct / 100"}}"#,
                r#"{"bucket": null, "group_by": [], "select": [{"a": "requests + 1"}, {"b": "errors"}, "p95", "histogram(percentile_agg(ms), 100, 1000) as h"]}"#,
            ],
        ),
        asked(
            "having_order_limit_and_offset",
            &[
                r#"{"bucket": null, "select": ["requests", "tokens"], "having": "requests > 1"}"#,
                r#"{"bucket": null, "select": ["requests", "avg_ms"], "order_by": ["-requests", "model"]}"#,
                r#"{"bucket": null, "select": ["requests", "avg_ms"], "order_by": ["-avg_ms"]}"#,
                r#"{"bucket": null, "select": ["requests"], "order_by": ["provider", "-model"], "limit": 3, "offset": 1}"#,
                r#"{"select": ["requests"], "order_by": ["-bucket"], "limit": 2}"#,
                r#"{"select": ["requests"], "limit": 0}"#,
                r#"{"select": ["requests"], "offset": 1000}"#,
                r#"{"bucket": null, "select": ["requests", "error_pct"], "having": "error_pct > 0 and provider = 'openai'", "order_by": ["error_pct"], "limit": 1}"#,
            ],
        ),
        asked(
            "windows_before_the_end",
            &[
                r#"{"bucket": null, "end": "2026-10-27T11:00:00Z", "group_by": ["provider"], "select": ["requests", "p95", "slow"],
                "windows": {"last_24h": "24 hours", "last_2d": "2 days"}}"#,
                r#"{"bucket": null, "start": "2026-10-25T00:00:00Z", "end": "2026-10-26T23:00:00Z", "timezone": "Europe/Berlin",
                "group_by": [], "select": ["requests"], "windows": {"day": "1 day", "month": "1 month"}}"#,
                r#"{"bucket": null, "end": "2026-10-27T10:30:00Z", "align": "outer", "group_by": ["model"], "select": ["requests"],
                "windows": {"recent": "90 minutes"}, "order_by": ["-requests_recent", "model"], "having": "requests_recent >= 0"}"#,
            ],
        ),
        asked(
            "gaps_filled_in_every_way",
            &[
                r#"{"start": "2026-10-24T00:00:00Z", "end": "2026-10-28T00:00:00Z", "bucket": "1 day", "group_by": ["provider"],
                "select": ["requests", "tokens", "avg_ms", "p95"],
                "gapfill": {"requests": 0, "tokens": "locf", "avg_ms": "interpolate", "p95": null}}"#,
                r#"{"bucket": "12 hours", "group_by": [], "select": ["requests", "tokens", "avg_ms", "error_pct", "last_model", "slow", "seen", "statuses"],
                "gapfill": {"requests": "interpolate", "tokens": -1, "avg_ms": 0.30000000000000004, "last_model": {"value": "locf"}, "slow": false,
                "error_pct": "locf", "seen": {"value": "2026-01-01"}, "statuses": "locf"}}"#,
                r#"{"start": "2026-10-25T00:00:00Z", "end": "2026-10-27T00:00:00Z", "bucket": "1 day", "timezone": "Europe/Berlin", "align": "outer",
                "group_by": [], "select": ["requests"], "gapfill": {}}"#,
                r#"{"start": "2026-10-24T00:00:00Z", "end": "2026-10-25T02:00:00Z", "group_by": [], "select": ["requests"],
                "gapfill": {"requests": 0}, "order_by": ["-bucket"], "limit": 5}"#,
            ],
        ),
        asked(
            "gaps_beside_what_is_left_out_and_beyond_the_range",
            &[
                r#"{"start": "2026-10-26T00:00:00Z", "end": "2026-10-27T00:00:00Z", "bucket": "4 hours", "group_by": [], "select": ["requests"],
                "having": "requests > 1", "gapfill": {"requests": 0}}"#,
                r#"{"start": "2026-10-26T00:00:00Z", "end": "2026-10-26T12:00:00Z", "bucket": "3 hours", "group_by": ["provider"], "select": ["requests", "tokens"],
                "having": "requests > 1 or tokens > 30", "gapfill": {"requests": "locf", "tokens": "interpolate"}}"#,
                r#"{"start": "2026-10-26T11:00:00Z", "end": "2026-10-26T15:00:00Z", "group_by": [], "select": ["requests", "avg_ms", "seen"],
                "gapfill": {"requests": "locf", "avg_ms": "interpolate", "seen": "locf"}}"#,
                r#"{"start": "2026-10-26T00:00:00Z", "end": "2026-10-29T00:00:00Z", "bucket": "1 day", "where": "provider is not null",
                "group_by": ["provider"], "select": ["tokens", "avg_ms"], "gapfill": {"tokens": "interpolate", "avg_ms": "locf"}}"#,
                r#"{"start": "2030-01-01", "end": "2030-01-03", "bucket": "1 day", "group_by": [], "select": ["requests", "tokens"],
                "gapfill": {"requests": 0, "tokens": "locf"}}"#,
                r#"{"start": "2030-01-01", "end": "2030-01-03", "bucket": "1 day", "select": ["requests"], "gapfill": {"requests": 0}}"#,
            ],
        ),
        asked(
            "totals_of_no_rows",
            &[
                r#"{"bucket": null, "group_by": [], "where": "provider = 'nobody'"}"#,
                r#"{"bucket": null, "group_by": [], "end": "2020-01-01", "select": ["requests", "p95", "approx_percentile_rank(1, percentile_agg(ms)) as r"],
                "windows": {"day": "1 day"}}"#,
                r#"{"bucket": null, "group_by": [], "where": "provider = 'nobody'", "having": "requests > 0"}"#,
                r#"{"bucket": null, "where": "provider = 'nobody'"}"#,
            ],
        ),
        sums_past_int64(),
        rows_of_sums_past_int64(),
        lines_between_doubles(),
        subset_of_buckets(),
    ]
}

/// Sums that do not fit int64 beside sums that do.
fn sums_past_int64() -> Case {
    let back = r#"[["2026-11-01T00:40:00Z", "a", -2], ["2026-11-01T01:30:00Z", null, 1]]"#;
    with_sums_past_int64("sums_past_int64_are_cells_without_a_value")
        .query("r", "{}")
        .query("r", r#"{"having": "total > 0"}"#)
        .query("r", r#"{"bucket": null, "group_by": [], "select": ["n", "total", "cast(sum(i) as float64) as d", "sum(i) - sum(i) as none"]}"#)
        .query("r", r#"{"bucket": "1 day", "end": "2026-11-02", "group_by": [], "select": ["n", "mean"]}"#)
        .batch("back", rows("ts k i", back))
        .ingest("r", "back")
        .query("r", r#"{"select": ["total"]}"#)
}

/// The rows of the same groups, where rows are to be had.
fn rows_of_sums_past_int64() -> Case {
    with_sums_past_int64("rows_of_sums_past_int64_keep_their_states").only_in(&["rust", "python", "native"]).rows("r")
}

fn with_sums_past_int64(name: &str) -> Case {
    let spec = r#"{"name": "sums", "columns": {"ts": "timestamp", "k": "string", "i": "int64"}, "time": "ts", "bucket": "1 hour", "group_by": ["k"],
        "select": {"n": "count(*)", "total": "sum(i)", "mean": "avg(i)", "share": "total / n", "double": "cast(total as float64)",
        "twice": "2 * min(i)", "seen": "coalesce(total, 0)"}}"#;
    let all = r#"[["2026-11-01T00:10:00Z", "a", {"i64": "9223372036854775807"}], ["2026-11-01T00:20:00Z", "a", 1],
        ["2026-11-01T00:30:00Z", "b", 7], ["2026-11-01T01:00:00Z", "b", {"i64": "-9223372036854775808"}],
        ["2026-11-01T01:10:00Z", null, {"i64": "-9223372036854775808"}], ["2026-11-01T01:20:00Z", null, -1]]"#;
    Case::new(name, spec).batch("all", rows("ts k i", all)).ingest("r", "all").check("r")
}

/// Doubles of all sizes as fills and as the ends of lines.
fn lines_between_doubles() -> Case {
    let spec = r#"{"name": "lines", "columns": {"ts": "timestamp", "x": "float64"}, "time": "ts", "bucket": "1 hour", "select": {"x": "max(x)"}}"#;
    let all = r#"[["2026-11-01T00:00:00Z", 1e300], ["2026-11-01T03:00:00Z", 2e300], ["2026-11-01T05:00:00Z", -1.7e308],
        ["2026-11-01T08:00:00Z", 1.7e308], ["2026-11-01T10:00:00Z", 5e-324], ["2026-11-01T12:00:00Z", 1.5e-323], ["2026-11-01T14:00:00Z", 0.1]]"#;
    let case = Case::new("lines_between_doubles_and_doubles_as_fills", spec)
        .batch("all", rows("ts x", all))
        .ingest("r", "all");
    let fills = [
        "0.11533051866064725",
        "5e-324",
        "1.7976931348623157e308",
        "8.41e21",
        "2.2250738585072011e-308",
        "123456789.12345679",
    ];
    fills.iter().fold(case.query("r", r#"{"gapfill": {"x": "interpolate"}}"#), |case, fill| {
        case.query("r", &format!(r#"{{"end": "2026-11-01T03:00:00Z", "gapfill": {{"x": {fill}}}}}"#))
    })
}

/// A rollup whose own bucket has a zone.
fn subset_of_buckets() -> Case {
    let spec = SPEC.replace(r#""1 hour""#, r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#);
    Case::new("a_rollup_by_days_of_a_zone", &spec)
        .batch("all", rows(NAMES, ROWS))
        .ingest("r", "all")
        .check("r")
        .query("r", &format!(r#"{{"group_by": [], {FEW}}}"#))
        .query("r", &format!(r#"{{"bucket": {{"width": "1 month", "timezone": "Europe/Berlin"}}, "group_by": [], {FEW}}}"#))
        .query("r", &format!(r#"{{"bucket": "1 month", "timezone": "Europe/Berlin", "group_by": [], {FEW}}}"#))
        .query("r", &format!(r#"{{"start": "2026-10-24T22:00:00Z", "end": "2026-10-25T23:00:00Z", "group_by": [], {FEW}}}"#))
        .query("r", &format!(r#"{{"start": "2026-10-24T22:00:00Z", "end": "2026-10-30", "align": "outer", "group_by": [], {FEW}, "gapfill": {{"requests": 0}}}}"#))
}
