//! Merging, coarsening, slicing, replacing, pruning, encoding: alone and one after the other.

use crate::case::{json, rows, Case};

const SPEC: &str = r#"{"name": "verbs", "columns": {"ts": "timestamp", "provider": "string", "model": "string", "user_id": "int64",
    "cost": "float64", "ok": "bool"}, "time": "ts", "bucket": "1 hour", "group_by": ["provider", "model"],
    "select": {"n": "count(*)", "cost": "sum(cost)", "avg": "avg(cost)", "sd": "stddev_samp(cost)", "least": "min(cost)",
    "p90": "approx_percentile(0.9, percentile_agg(cost))", "users": "approx_count_distinct(user_id)", "top": "mode(model)",
    "first": "first(cost, ts)", "last": "last(cost, ts)", "sample": "exemplar(user_id, 2)", "all_ok": "bool_and(ok)"}}"#;

const NAMES: &str = "ts provider model user_id cost ok";

const FIRST: &str = r#"[
    ["2026-11-01T00:10:00Z", "openai", "o3", 1, 0.1, true], ["2026-11-01T00:20:00Z", "openai", "o3", 2, 0.2, true],
    ["2026-11-01T01:30:00Z", "openai", "gpt", 1, 0.3, false], ["2026-11-01T02:00:00Z", "anthropic", "opus", 3, 1e16, true],
    ["2026-11-01T23:59:59Z", null, null, null, null, null], ["2026-11-02T00:00:00Z", "openai", "o3", 4, 1, true],
    ["2026-11-02T05:00:00Z", "anthropic", "opus", 3, -1e16, true], ["2026-11-03T00:00:00Z", "mistral", null, 5, 0.7, null]
]"#;

const SECOND: &str = r#"[
    ["2026-11-01T00:15:00Z", "openai", "o3", 2, 0.4, true], ["2026-11-01T03:00:00Z", "mistral", "large", 6, 0.5, false],
    ["2026-11-02T05:59:59.999999Z", "anthropic", "opus", 7, 3, false], ["2026-11-02T00:30:00Z", null, "o3", 8, 0.6, true],
    ["2026-10-31T23:00:00Z", "openai", "gpt", 9, 0.8, true], ["2026-11-01T00:10:00Z", "openai", "o3", 1, 0.1, true]
]"#;

fn folded(name: &str) -> Case {
    Case::new(name, SPEC)
        .batch("first", rows(NAMES, FIRST))
        .batch("second", rows(NAMES, SECOND))
        .ingest("r", "first")
        .ingest("r", "second")
}

fn day_spec(bucket: &str, keys: &str) -> isofold_facade::json::Json {
    json(&SPEC.replace(r#""1 hour""#, bucket).replace(r#"["provider", "model"]"#, keys))
}

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        merges(),
        coarsens(),
        slices(),
        replaces(),
        prunes(),
        empty(),
        chain(),
        merges_by_states(),
        rows_of_tables(),
        rows_merged(),
        leaves_out(),
        keeps(),
    ]
}

/// States that no metric shows are in the spec, in the bytes, and in what queries read.
fn keeps() -> Case {
    let keep =
        r#""keep": ["percentile_agg( cost )", "sum(user_id)", "tdigest(cost) filter (where ok)", "sum(user_id)"]"#;
    let few = SPEC.split(r#""select""#).next().unwrap_or_default();
    let spec = format!(r#"{few}"select": {{"n": "count(*)"}}, {keep}}}"#);
    Case::new("states_without_columns_are_kept", &spec)
        .batch("first", rows(NAMES, FIRST))
        .ingest("r", "first")
        .check_spec("r")
        .recode("r", "copy")
        .same("copy", "r")
        .check("copy")
        .coarsen("copy", r#"{"bucket": "1 day", "group_by": ["provider"]}"#, "days")
        .check_spec("days")
        .query(
            "days",
            r#"{"select": ["n", "approx_percentile(0.5, percentile_agg(cost)) as p50", "sum(user_id) as users"]}"#,
        )
}

/// Rows that `where` leaves out have keys and buckets that no group has.
fn leaves_out() -> Case {
    let spec = SPEC.replace(r#""bucket""#, r#""where": "cost > 0.9 and cost < 2", "bucket""#);
    Case::new("rows_that_are_left_out_are_in_no_group", &spec)
        .batch("first", rows(NAMES, FIRST))
        .batch("second", rows(NAMES, SECOND))
        .ingest("r", "second")
        .check("r")
        .ingest("r", "first")
        .check("r")
        .query("r", "{}")
}

fn rows_of_tables() -> Case {
    folded("rows_of_a_table_come_back_as_they_were")
        .only_in(&["rust", "python", "native"])
        .rows("r")
        .from_rows_of("r", "main", "copy")
        .same("copy", "r")
        .ingest("copy", "first")
        .ingest("r", "first")
        .same("copy", "r")
        .check("copy")
}

/// The groups of both halves, each group in two rows where both have it.
fn rows_merged() -> Case {
    folded("rows_of_several_rollups_merge_by_group")
        .only_in(&["rust", "python", "native"])
        .start("a", "main")
        .start("b", "main")
        .ingest("a", "first")
        .ingest("b", "second")
        .from_rows_of("a", "main", "merged")
        .within(r#"{"duplicates": "merge"}"#)
        .merge_rows("merged", "b")
        .same("merged", "r")
        .merge_rows("merged", "b")
        .merge("r", "b")
        .same("merged", "r")
        .check("merged")
}

fn merges() -> Case {
    folded("merging_is_folding_the_rows_of_both")
        .start("a", "main")
        .start("b", "main")
        .ingest("a", "first")
        .ingest("b", "second")
        .recode("a", "a_copy")
        .merge("a", "b")
        .merge("b", "a_copy")
        .same("a", "r")
        .same("b", "r")
        .check("r")
        .start("c", "main")
        .merge_bytes("c", "r")
        .same("c", "r")
        .merge("c", "c")
        .check("c")
        .query("c", r#"{"bucket": null, "group_by": ["provider"]}"#)
        .query("r", "{}")
}

/// Coarsening gives the bytes of folding the rows under the coarser spec.
fn coarsens() -> Case {
    let berlin = r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#;
    folded("coarsening_is_folding_under_the_coarser_spec")
        .coarsen("r", r#"{"bucket": "1 day"}"#, "days")
        .spec("days", day_spec(r#""1 day""#, r#"["provider", "model"]"#))
        .start("days_raw", "days")
        .ingest("days_raw", "second")
        .ingest("days_raw", "first")
        .same("days", "days_raw")
        .check("days")
        .coarsen("r", r#"{"group_by": ["model"]}"#, "models")
        .spec("models", day_spec(r#""1 hour""#, r#"["model"]"#))
        .start("models_raw", "models")
        .ingest("models_raw", "first")
        .ingest("models_raw", "second")
        .same("models", "models_raw")
        .coarsen("r", &format!(r#"{{"bucket": {berlin}, "group_by": ["model", "provider"]}}"#), "berlin")
        .spec("berlin", day_spec(berlin, r#"["model", "provider"]"#))
        .start("berlin_raw", "berlin")
        .ingest("berlin_raw", "first")
        .ingest("berlin_raw", "second")
        .same("berlin", "berlin_raw")
        .query("berlin", "{}")
        .coarsen("days", r#"{"bucket": "1 month", "group_by": []}"#, "month")
        .check("month")
        .check_spec("month")
        .query("month", "{}")
        .coarsen("r", "{}", "again")
        .same("again", "r")
}

fn slices() -> Case {
    folded("slicing_keeps_the_buckets_of_a_range")
        .slice("r", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "day")
        .check("day")
        .query("day", r#"{"select": ["n"]}"#)
        .slice("r", "2026-11-02T00:00:00+00:00", "2026-11-09", "rest")
        .slice("r", "2026-01-01", "2026-11-01", "before")
        .merge("before", "rest")
        .merge("before", "day")
        .same("before", "r")
        .slice("r", "2026-11-01T02:00:00Z", "2026-11-01T02:00:00Z", "nothing")
        .check("nothing")
}

fn replaces() -> Case {
    folded("replacing_a_range_forgets_what_was_in_it")
        .slice("r", "2026-11-01", "2026-11-02", "day")
        .start("late", "main")
        .batch("late", rows(NAMES, r#"[["2026-11-01T07:00:00Z", "openai", "o3", 99, 9.5, false]]"#))
        .ingest("late", "late")
        .replace("r", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "late")
        .check("r")
        .query("r", r#"{"select": ["n", "cost"]}"#)
        .replace("r", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "day")
        .start("raw", "main")
        .ingest("raw", "second")
        .ingest("raw", "first")
        .same("r", "raw")
        .start("none", "main")
        .replace("r", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "none")
        .check("r")
}

fn prunes() -> Case {
    folded("pruning_drops_buckets_that_have_ended")
        .prune("r", "2026-11-01T00:59:59Z")
        .check("r")
        .prune("r", "2026-11-01T01:00:00Z")
        .check("r")
        .prune("r", "2026-11-01T01:00:00Z")
        .prune("r", "2026-12-01")
        .check("r")
}

fn empty() -> Case {
    Case::new("an_empty_rollup_is_encoded_merged_and_cut", SPEC)
        .check("r")
        .check_spec("r")
        .recode("r", "copy")
        .same("copy", "r")
        .merge("r", "copy")
        .slice("r", "2026-11-01", "2026-11-02", "cut")
        .same("cut", "r")
        .coarsen("r", r#"{"bucket": "1 day", "group_by": ["model"]}"#, "coarse")
        .check("coarse")
        .prune("r", "2026-11-01")
        .query("r", "{}")
        .query("r", r#"{"bucket": null, "group_by": []}"#)
}

/// Different orders of verbs that mean the same.
fn chain() -> Case {
    folded("verbs_commute_where_their_meaning_does")
        .slice("r", "2026-11-01", "2026-11-03", "cut")
        .coarsen("cut", r#"{"bucket": "1 day", "group_by": ["provider"]}"#, "cut_then_coarse")
        .coarsen("r", r#"{"group_by": ["provider"]}"#, "fewer")
        .coarsen("fewer", r#"{"bucket": "1 day"}"#, "coarse")
        .slice("coarse", "2026-11-01", "2026-11-03", "coarse_then_cut")
        .same("cut_then_coarse", "coarse_then_cut")
        .recode("coarse_then_cut", "copy")
        .check("copy")
        .query("copy", "{}")
}

/// Specs that name other metrics over the same states can be merged.
fn merges_by_states() -> Case {
    let spec = |name: &str, select: &str| {
        json(&format!(
            r#"{{"name": "{name}", "columns": {{"ts": "timestamp", "x": "float64"}}, "time": "ts", "bucket": "1 hour", "select": {select}}}"#
        ))
    };
    Case::bare("rollups_merge_when_their_states_are_the_same")
        .spec("sums", spec("sums", r#"{"sum": "sum(x)", "n": "count(x)"}"#))
        .spec("means", spec("means", r#"{"mean": "avg(x)"}"#))
        .batch("all", rows("ts x", r#"[["2026-11-01T00:00:00Z", 1], ["2026-11-01T00:00:01Z", 2]]"#))
        .start("sums", "sums")
        .start("means", "means")
        .ingest("sums", "all")
        .ingest("means", "all")
        .merge("sums", "means")
        .check("sums")
        .query("sums", "{}")
        .query("means", r#"{"select": ["sum(x)", "mean", "count(x) as n"]}"#)
}
