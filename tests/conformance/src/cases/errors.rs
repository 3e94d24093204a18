//! Every code of the table, raised in every host in which it can occur.
//!
//! Not here: bytes that are refused (`damage`); `host.init` and `host.backend`, which only the npm package knows: its
//! runners raise them themselves; `ingest.row`, which no column has; `host.panic` and `host.interrupted`, which take a defect and a signal; `host.freed`,
//! which takes a rollup that is freed; `limit.memory`, which takes all memory there is.

use crate::case::{json, rows, Case};
use isofold_facade::json::Json;

/// The spec that cases change in one place.
pub(super) const SPEC: &str = r#"{"name": "errors", "columns": {"ts": "timestamp", "k": "string", "i": "int64", "x": "float64", "b": "bool"},
    "time": "ts", "bucket": "1 hour", "group_by": ["k"], "select": {"n": "count(*)", "sum_i": "sum(i)", "avg_x": "avg(x)"}}"#;

/// Rows that nothing is wrong with.
pub(super) const GOOD: &str = r#"[["2026-11-01T00:10:00Z", "1", 1, 1.5, true], ["2026-11-01T01:10:00Z", "2", 2, 2.5, false],
    ["2026-11-01T18:20:00Z", "2", 3, 3.5, null]]"#;

/// A row that nothing is wrong with.
const GOOD_ROW: &str = r#"["2026-11-01", "1", 1, 1, true]"#;

/// The columns of the rows.
pub(super) const NAMES: &str = "ts k i x b";

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    [specs(), metrics(), conditions(), batches(), verbs(), queries()].concat()
}

/// The spec with one piece of its text replaced.
pub(super) fn changed(from: &str, to: &str) -> Json {
    assert!(SPEC.contains(from), "{from}");
    json(&SPEC.replace(from, to))
}

/// A spec that is refused; a text is handed over as JSON text.
pub(super) fn refused(name: &str, spec: Json) -> Case {
    Case::bare(name).spec("bad", spec).start("r", "bad")
}

fn specs() -> Vec<Case> {
    let text = |text: &str| Json::from(text);
    let twice = SPEC.replace(r#""i": "int64""#, r#""i": "int64", "i": "int64""#);
    vec![
        refused("a_spec_that_is_not_json", text(r#"{"name": "é", "columns": oops}"#)),
        // a text that is no object is the path of a file in Python
        refused("a_spec_that_is_an_array", text("[]")).only_in(&["rust", "javascript"]),
        refused("a_spec_with_a_number_for_a_text", changed(r#""ts", "bucket""#, r#"7, "bucket""#)),
        refused("a_spec_with_an_unknown_key", changed(r#""time""#, r#""dimensions": [], "time""#)),
        refused("a_spec_without_time_and_bucket", changed(r#""time": "ts", "bucket": "1 hour","#, "")),
        refused(
            "a_spec_that_selects_nothing",
            changed(r#"{"n": "count(*)", "sum_i": "sum(i)", "avg_x": "avg(x)"}"#, "{}"),
        ),
        refused("two_keys_of_one_name", changed(r#"["k"]"#, r#"["k", "lower(k) as k"]"#)),
        refused("a_metric_and_a_key_of_one_name", changed(r#""n":"#, r#""k":"#)),
        refused("a_column_given_twice_in_the_text", text(&twice)),
        refused("a_spec_with_an_empty_name", changed(r#""errors""#, r#""""#)),
        refused("a_metric_called_bucket", changed(r#""n":"#, r#""bucket":"#)),
        refused("a_name_that_is_too_long", changed(r#""n":"#, &format!("\"{}\":", "é".repeat(200)))),
        refused("a_column_of_an_unknown_type", changed(r#""bool""#, r#""decimal(10, 2)""#)),
        refused("a_time_that_is_no_timestamp", changed(r#""time": "ts""#, r#""time": "i""#)),
        refused("a_time_that_is_not_declared", changed(r#""time": "ts""#, r#""time": "when""#)),
        refused("a_bucket_of_no_length", changed(r#""1 hour""#, r#""0 hours""#)),
        refused("a_bucket_of_an_unknown_unit", changed(r#""1 hour""#, r#""1 fortnight""#)),
        refused("a_bucket_of_months_and_days", changed(r#""1 hour""#, r#""1 month 1 day""#)),
        refused("a_bucket_with_a_bad_origin", changed(r#""1 hour""#, r#"{"width": "1 day", "origin": "yesterday"}"#)),
        refused(
            "a_zone_that_does_not_exist",
            changed(r#""1 hour""#, r#"{"width": "1 day", "timezone": "Mars/Olympus"}"#),
        ),
        refused(
            "a_zone_of_a_column_that_has_none",
            changed(r#""int64""#, r#"{"type": "int64", "timezone": "Europe/Berlin"}"#),
        ),
        refused(
            "a_zone_of_a_column_that_does_not_exist",
            changed(r#""timestamp""#, r#"{"type": "timestamp", "timezone": "Mars/Olympus"}"#),
        ),
        refused("a_column_with_an_unknown_option", changed(r#""int64""#, r#"{"type": "int64", "nullable": true}"#)),
        refused("options_of_a_column_in_its_type", changed(r#""int64""#, r#""int64 optional""#)),
        refused(
            "all_problems_at_once",
            json(
                r#"{"name": "", "columns": {"ts": "timestamp", "x": "number"}, "time": "t", "where": "ts +",
                    "bucket": {"width": "-1 day", "timezone": "Nowhere"}, "group_by": ["k", "missing"],
                    "select": {"a": "sum(", "b": "total(x)", "c": "sum(ts)"}}"#,
            ),
        ),
    ]
}

fn metrics() -> Vec<Case> {
    let metric = |name: &str, text: &str| refused(name, changed(r#""count(*)""#, &Json::from(text).to_string()));
    vec![
        metric("an_expression_that_ends_too_early", "sum(x) +"),
        metric("an_expression_with_a_stray_character", "'é' || sum(x) ? 1"),
        metric("a_text_that_does_not_end", "'été"),
        metric("an_empty_expression", ""),
        metric("a_name_that_is_nothing", "1 + whatever"),
        metric("a_function_that_does_not_exist", "1 + total(x)"),
        metric("a_call_with_too_few_arguments", "approx_percentile(0.5)"),
        metric("a_percentile_above_one", "approx_percentile(95, percentile_agg(x))"),
        metric("a_scale_out_of_range", "approx_percentile(0.5, percentile_agg(x, 9))"),
        metric("bounds_that_do_not_rise", "histogram(percentile_agg(x), 1, 1)"),
        metric("a_sum_of_texts", "2 * sum(k)"),
        metric("a_bare_column_in_a_metric", "1 + x"),
        metric("a_state_without_an_accessor", "percentile_agg(x)"),
        metric("an_expression_too_deep", &format!("{}count(*){}", "abs(".repeat(100), ")".repeat(100))),
        metric("a_field_that_is_never_there", "max(split_part(k, ',', 0))"),
        metric("a_unit_that_no_clock_shows", "max(extract(fortnight from ts))"),
        metric("a_place_that_has_no_clock", "max(date_trunc('day', ts, 'Mars/Olympus'))"),
        metric("a_difference_of_a_time_and_a_number", "max(ts - i)"),
        metric("a_chain_too_long", &format!("count(*){}", " + 1".repeat(5000))),
    ]
}

fn conditions() -> Vec<Case> {
    let condition = |name: &str, text: &str| {
        refused(name, changed(r#""group_by""#, &format!(r#""where": {}, "group_by""#, Json::from(text))))
    };
    vec![
        condition("a_name_that_is_no_column", "k = 'é' and model > 0"),
        condition("a_condition_that_is_a_number", "i + 1"),
        condition("a_text_compared_with_a_number", "k > 1"),
        condition("an_aggregate_in_a_condition", "count(*) > 1"),
    ]
}

/// A batch is refused after a good one, and the rollup is as it was.
fn batch(name: &str, spec: &Json, columns: Json) -> Case {
    Case::bare(name)
        .spec("main", spec.clone())
        .batch("good", rows(NAMES, GOOD))
        .batch("bad", columns)
        .start("r", "main")
        .ingest("r", "good")
        .start("before", "main")
        .ingest("before", "good")
        .ingest("r", "bad")
        .same("r", "before")
}

fn batches() -> Vec<Case> {
    let spec = json(SPEC);
    let second = |name: &str, row: &str| {
        batch(name, &spec, rows(NAMES, &format!(r#"[["2026-11-01", "c", 1, 1, true], {row}]"#)))
    };
    let metric = |name: &str, text: &str, row: &str| {
        let spec = changed(r#""count(*)""#, &Json::from(text).to_string());
        batch(name, &spec, rows(NAMES, &format!("[{GOOD_ROW}, {row}]")))
    };
    let overflowing = |name: &str, from: &str, to: &str| {
        let row = r#"["2026-11-01", "1", {"i64": "9223372036854775807"}, 1, true]"#;
        let spec = changed(from, to);
        batch(name, &spec, rows(NAMES, &format!("[{GOOD_ROW}, {row}]")))
    };
    let long = r#"{"text": ["x", 1048577]}"#;
    let counted = json(&SPEC.replace(r#"["k"]"#, "[]").replace(r#""count(*)""#, r#""count_of(value_counts(k), '1')""#));
    let long_row = r#"["2026-11-01", {"text": ["é", 2049]}, 1, 1, true]"#;
    let columns_alone = |case: Case| case.only_as(&["columns", "arrays"]);
    vec![
        second("a_fraction_for_an_integer", r#"["2026-11-01", "c", 3.5, 1, true]"#),
        metric("a_field_without_a_number", "max(split_part(k, ',', i + 5))", r#"["2026-11-01", "c", -5, 1, true]"#),
        metric(
            "a_text_that_grows_too_long",
            "max(replace(k, 'x', k))",
            r#"["2026-11-01", {"text": ["x", 1025]}, 2, 1, true]"#,
        ),
        second("a_number_past_int64", r#"["2026-11-01", "c", {"f64": "43e0000000000000"}, 1, true]"#),
        second("a_number_that_two_integers_are", r#"["2026-11-01", "c", {"f64": "c340000000000000"}, 1, true]"#),
        second("an_unsigned_number_past_int64", r#"["2026-11-01", "c", {"u64": "18446744073709551615"}, 1, true]"#),
        second("an_integer_that_no_double_is", r#"["2026-11-01", "c", 1, {"i64": "9007199254740993"}, true]"#),
        second("a_text_for_a_number", r#"["2026-11-01", "c", 1, "1.5", true]"#),
        second("a_number_for_a_text", r#"["2026-11-01", 7, 1, 1, true]"#),
        second("a_bool_for_a_number", r#"["2026-11-01", "c", true, 1, true]"#),
        second("a_number_for_a_bool", r#"["2026-11-01", "c", 1, 1, 2]"#),
        second("a_list_for_a_number", r#"["2026-11-01", "c", {"other": "a list"}, 1, true]"#),
        second("a_bare_number_for_a_timestamp", r#"[1793491200, "c", 1, 1, true]"#),
        second("a_row_without_a_time", r#"[null, "c", 1, 1, true]"#),
        second("a_text_that_is_no_time", r#"["01/11/2026", "c", 1, 1, true]"#),
        second("a_day_that_does_not_exist", r#"["2026-02-29T00:00:00Z", "c", 1, 1, true]"#),
        second("a_time_outside_the_years", r#"["+010000-01-01T00:00:00Z", "c", 1, 1, true]"#),
        second("a_text_that_is_too_long", &format!(r#"["2026-11-01", {long}, 1, 1, true]"#)),
        second("a_key_that_is_too_long", r#"["2026-11-01", {"text": ["é", 2049]}, 1, 1, true]"#),
        second("several_columns_that_do_not_fit", r#"["soon", 7, 0.5, "x", "yes"]"#),
        batch(
            "a_text_without_a_zone_under_buckets_of_one",
            &changed(r#""1 hour""#, r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#),
            rows(NAMES, r#"[["2026-11-01T10:00:00Z", "c", 1, 1, true], ["2026-11-01T10:00:00", "c", 1, 1, true]]"#),
        ),
        Case::bare("a_column_that_is_nearly_spelled_right")
            .spec("main", changed(r#""x": "float64""#, r#""x": "float64", "duration_ms": "float64""#))
            .batch(
                "bad",
                json(r#"{"ts": ["2026-11-01"], "k": ["a"], "i": [1], "x": [1], "b": [true], "durationMs": [2]}"#),
            )
            .start("r", "main")
            .ingest("r", "bad")
            .check("r"),
        columns_alone(batch("columns_that_are_missing", &spec, json(r#"{"ts": ["2026-11-01"], "i": [1]}"#))),
        columns_alone(batch(
            "columns_of_two_lengths",
            &spec,
            json(r#"{"ts": ["2026-11-01", "2026-11-01"], "k": ["a", "b"], "i": [1], "x": [1, 2], "b": [true, false]}"#),
        )),
        metric(
            "an_integer_that_overflows_in_a_row",
            "sum(i * 2)",
            r#"["2026-11-01", "1", {"i64": "9223372036854775807"}, 1, true]"#,
        ),
        overflowing("an_integer_that_overflows_in_a_condition", r#""group_by""#, r#""where": "i * 2 > 0", "group_by""#),
        overflowing("an_integer_that_overflows_in_a_key", r#"["k"]"#, r#"["k", "i * 2 as double"]"#),
        overflowing(
            "an_integer_that_overflows_in_a_filter",
            r#""avg(x)""#,
            r#""avg(x) filter (where i * 2 > 0)", "again": "avg(x) filter (where i * 2 > 0)""#,
        ),
        batch("a_text_that_no_state_keeps", &counted, rows(NAMES, &format!("[{GOOD_ROW}, {long_row}]"))),
        metric("a_text_cast_that_is_no_number", "sum(cast(k as int64))", r#"["2026-11-01", "12a", 1, 1, true]"#),
    ]
}

fn good(name: &str) -> Case {
    Case::new(name, SPEC)
        .batch("good", rows(NAMES, GOOD))
        .ingest("r", "good")
        .start("before", "main")
        .ingest("before", "good")
}

fn verbs() -> Vec<Case> {
    let other = changed(r#""count(*)""#, r#""max(i)""#);
    let zoned = changed(r#""1 hour""#, r#"{"width": "1 hour", "offset": "30 minutes"}"#);
    vec![
        good("rollups_of_other_states")
            .spec("other", other)
            .start("other", "other")
            .merge("r", "other")
            .merge_bytes("r", "other")
            .replace("r", "2026-11-01", "2026-11-02", "other")
            .same("r", "before"),
        good("rollups_of_other_buckets")
            .spec("other", zoned)
            .start("other", "other")
            .merge("r", "other")
            .same("r", "before"),
        good("buckets_that_straddle")
            .coarsen("r", r#"{"bucket": "90 minutes"}"#, "c")
            .coarsen("r", r#"{"bucket": "30 minutes"}"#, "c")
            .coarsen("r", r#"{"bucket": {"width": "1 day", "timezone": "Asia/Kathmandu"}}"#, "c")
            .same("r", "before"),
        good("keys_that_are_not_there").coarsen("r", r#"{"group_by": ["k", "model"]}"#, "c").same("r", "before"),
        good("ranges_that_are_none")
            .slice("r", "2026-11-02", "2026-11-01", "c")
            .slice("r", "soon", "2026-11-01", "c")
            .slice("r", "2026-11-01T00:30:00Z", "2026-11-02", "c")
            .slice("r", "2026-11-01", "2026-11-01T00:00:00.000001Z", "c")
            .replace("r", "2026-11-03", "2026-11-01", "before")
            .replace("r", "2026-11-01T00:00:01Z", "2026-11-02", "before")
            .replace("r", "2026-11-01", "2026-11-01T18:00:00Z", "before")
            .prune("r", "tomorrow")
            .same("r", "before"),
        // Python refuses a keyword that a function has not before it is called
        good("options_that_no_call_has")
            .only_in(&["rust", "javascript"])
            .coarsen("r", r#"{"bucket": "1 day", "keys": []}"#, "c")
            .coarsen("r", r#"{"groupBy": ["k"]}"#, "c"),
        good("options_of_an_ingest")
            .batch(
                "more",
                json(r#"{"ts": ["2026-11-01"], "k": ["a"], "i": [1], "x": [1], "b": [true], "X": [2], "extra": [3]}"#),
            )
            .ingest_with("r", "more", r#"{"strict": true}"#)
            .ingest_with("r", "more", r#"{"strict": "all"}"#)
            .ingest_with("r", "more", r#"{"on_row_error": "raise"}"#)
            .same("r", "before"),
        good("options_of_wrong_kinds").coarsen("r", r#"{"bucket": 24, "group_by": "k"}"#, "c"),
        good("a_coarser_bucket_that_is_none").coarsen("r", r#"{"bucket": "1 fortnight"}"#, "c").coarsen(
            "r",
            r#"{"bucket": {"width": "1 day", "timezone": "Mars/Olympus"}}"#,
            "c",
        ),
    ]
}

fn queries() -> Vec<Case> {
    let asked = |name: &str, queries: &[&str]| queries.iter().fold(good(name), |case, query| case.query("r", query));
    vec![
        asked(
            "queries_that_are_no_queries",
            &[
                r#"{"limit": -1}"#,
                r#"{"limit": 1.5}"#,
                r#"{"align": "near"}"#,
                r#"{"order_by": "n"}"#,
                r#"{"gapfill": {"n": "zero"}}"#,
                r#"{"groupBy": ["k"], "selct": []}"#,
            ],
        ),
        asked(
            "parameters_and_comparisons_that_are_none",
            &[
                r#"{"where": "k = $1"}"#,
                r#"{"where": "k = $2 or k = $0", "parameters": ["1"]}"#,
                r#"{"where": "k = $1", "parameters": [1]}"#,
                r#"{"where": "k = $", "parameters": ["1"]}"#,
                r#"{"parameters": "1"}"#,
                r#"{"parameters": [["1"], {}]}"#,
                r#"{"compare": "last"}"#,
                r#"{"compare": "previous"}"#,
                r#"{"compare": "previous", "start": "2026-11-01", "end": "2026-11-02", "gapfill": {"n": 0}}"#,
                r#"{"compare": "previous", "bucket": null, "start": "2026-11-01T00:30:00Z", "end": "2026-11-01T01:00:00Z"}"#,
                r#"{"compare": "previous", "bucket": "1 day", "start": "2026-11-01T12:00:00Z", "end": "2026-11-02T00:00:00Z"}"#,
            ],
        ),
        asked(
            "second_steps_that_are_none",
            &[
                r#"{"then": {"group_by": ["k"]}}"#,
                r#"{"then": {"select": {}}}"#,
                r#"{"then": {"select": {"m": "avg(nothing)"}, "group_by": ["k"]}}"#,
                r#"{"then": {"select": {"m": "n"}, "group_by": ["bucket"]}}"#,
                r#"{"then": {"select": {"m": "max(n)"}, "having": "k = '1'", "wher": "n > 0"}}"#,
                r#"{"then": {"select": {"m": "max(n)"}, "having": "k = '1'"}}"#,
                r#"{"then": {"select": {"m": "max(n)"}, "where": "n > $1"}}"#,
            ],
        )
        .only_in(&["rust", "python", "native"]),
        asked(
            "names_that_the_rollup_has_not",
            &[
                r#"{"group_by": ["model"]}"#,
                r#"{"where": "model = 'o3'"}"#,
                r#"{"order_by": ["-requests"]}"#,
                r#"{"having": "1 < requests"}"#,
                r#"{"bucket": "1 day", "gapfill": {"requests": 0}}"#,
                r#"{"select": ["requests"]}"#,
                r#"{"select": {"doubled": "2 * requests"}}"#,
                r#"{"select": ["n + sum(tokens)"]}"#,
            ],
        ),
        asked(
            "states_that_the_rollup_does_not_keep",
            &[
                r#"{"select": ["max(x)"]}"#,
                r#"{"select": {"p": "1 + approx_percentile(0.5, percentile_agg(x))"}}"#,
                r#"{"select": ["sum(x) filter (where i > 1)"]}"#,
            ],
        ),
        asked(
            "expressions_that_are_none_in_a_query",
            &[
                r#"{"select": ["n +"]}"#,
                r#"{"select": ["n", "n"]}"#,
                r#"{"select": {"bucket": "n"}}"#,
                r#"{"having": "n + 1"}"#,
                r#"{"where": "count(*) > 1"}"#,
                r#"{"where": "k + 1 > 2"}"#,
                r#"{"group_by": ["k", "k"]}"#,
            ],
        ),
        asked(
            "ranges_off_the_edges",
            &[
                r#"{"start": "2026-11-01T00:30:00Z"}"#,
                r#"{"end": "2026-11-01T00:30:00Z"}"#,
                r#"{"start": "2026-11-02", "end": "2026-11-01"}"#,
                r#"{"start": "last week"}"#,
            ],
        ),
        asked(
            "buckets_that_do_not_hold_the_stored_ones",
            &[
                r#"{"bucket": "90 minutes"}"#,
                r#"{"bucket": "1 lustrum"}"#,
                r#"{"bucket": "1 day", "timezone": "Atlantis"}"#,
                r#"{"bucket": "1 day", "timezone": "Asia/Kathmandu"}"#,
                r#"{"bucket": "1 day", "timezone": "Asia/Kathmandu", "start": "2030-01-01", "end": "2030-01-02"}"#,
            ],
        ),
        asked(
            "windows_that_are_none",
            &[
                r#"{"bucket": null, "windows": {"day": "1 day"}}"#,
                r#"{"end": "2026-11-02", "windows": {"day": "1 day"}}"#,
                r#"{"bucket": null, "end": "2026-11-02", "windows": {"day": "one day"}}"#,
                r#"{"bucket": null, "end": "2026-11-02", "windows": {"day": "0 days"}}"#,
                r#"{"bucket": null, "end": "2026-11-02", "windows": {"some": "90 minutes"}}"#,
            ],
        ),
        asked(
            "gaps_that_cannot_be_filled",
            &[
                r#"{"bucket": null, "gapfill": {"n": 0}}"#,
                r#"{"bucket": "1 day", "gapfill": {"n": {"value": "none"}}}"#,
                r#"{"bucket": "1 day", "gapfill": {"n": 0.5}}"#,
                r#"{"bucket": null, "end": "2026-11-02", "windows": {"day": "1 day"}, "gapfill": {"n": 0}}"#,
            ],
        ),
        asked("more_rows_than_a_result_has", &[r#"{"start": "2000-01-01", "end": "9000-01-01", "gapfill": {"n": 0}}"#]),
    ]
}
