//! Which values a host may hand over for each declared type.

use crate::case::{json, rows, Case};

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut all = vec![numbers(), booleans(), native_dates(), texts(), columns_nobody_declared(), odd_names()];
    all.extend([written_times(), digits(), clocks(), optional_columns(), skipped_rows()]);
    all.extend(
        [("s", 1_i64), ("ms", 1000), ("us", 1_000_000), ("ns", 1_000_000_000)].map(|(unit, per)| bare_times(unit, per)),
    );
    all
}

fn numbers() -> Case {
    Case::new(
        "numbers_that_lose_nothing",
        r#"{"name": "numbers", "columns": {"ts": "timestamp", "i": "int64", "x": "float64"}, "time": "ts",
            "bucket": "1 day", "select": {"least": "min(i)", "most": "max(i)", "n": "count(i)",
            "x": "sum(x)", "xs": "count(x)", "values": "value_counts(i)", "doubles": "value_counts(x)"}}"#,
    )
    .batch(
        "plain",
        rows(
            "ts i x",
            r#"[["2026-11-01", 1, 1], ["2026-11-01", {"f64": "4008000000000000"}, 0.1],
                ["2026-11-01", {"i64": "9007199254740993"}, {"i64": "9007199254740992"}],
                ["2026-11-01", {"i64": "-9223372036854775808"}, {"f64": "7fefffffffffffff"}],
                ["2026-11-01", {"f64": "8000000000000000"}, {"f64": "8000000000000000"}],
                ["2026-11-01", null, null]]"#,
        ),
    )
    .batch(
        "missing",
        rows(
            "ts i x",
            r#"[["2026-11-01", {"f64": "7ff8000000000000"}, {"f64": "fff8000000000001"}],
                ["2026-11-01", {"f64": "433fffffffffffff"}, {"f64": "7ff0000000000001"}],
                ["2026-11-01", {"u64": "9223372036854775807"}, {"u64": "4611686018427387904"}]]"#,
        ),
    )
    .ingest("r", "plain")
    .ingest("r", "missing")
    .check("r")
    .query("r", "{}")
}

fn booleans() -> Case {
    Case::new(
        "zero_and_one_are_bools",
        r#"{"name": "bools", "columns": {"ts": "timestamp", "b": "bool"}, "time": "ts", "bucket": "1 day",
            "select": {"values": "value_counts(b)", "n": "count(*)"}}"#,
    )
    .batch("plain", rows("ts b", r#"[["2026-11-01", true], ["2026-11-01", false], ["2026-11-01", null]]"#))
    .batch(
        "numbers",
        rows("ts b", r#"[["2026-11-01", 1], ["2026-11-01", 0], ["2026-11-01", 1], ["2026-11-01", null]]"#),
    )
    .ingest("r", "plain")
    .ingest("r", "numbers")
    .check("r")
    .query("r", "{}")
}

fn native_dates() -> Case {
    Case::new(
        "native_dates_and_texts_are_the_same_times",
        r#"{"name": "dates", "columns": {"ts": "timestamp", "t": "timestamp"}, "time": "ts", "bucket": "1 hour",
            "select": {"n": "count(*)", "first": "min(t)", "last": "max(t)", "distinct": "approx_count_distinct(t)"}}"#,
    )
    .batch(
        "dates",
        rows(
            "ts t",
            r#"[[{"date": 1793491200123}, {"date": 0}], [{"date": 1793491200123}, {"date": -1}],
                [{"date": -62135596800000}, {"date": 253402300799999}]]"#,
        ),
    )
    .batch(
        "texts",
        rows(
            "ts t",
            r#"[["2026-11-01T00:00:00.123Z", "1970-01-01"], ["2026-11-01 01:00:00.123+01:00", "1969-12-31T23:59:59.999"],
                ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]]"#,
        ),
    )
    .start("texts", "main")
    .ingest("r", "dates")
    .ingest("texts", "texts")
    .same("r", "texts")
    .check("r")
    .query("r", "{}")
}

fn bare_times(unit: &str, per_second: i64) -> Case {
    let spec = format!(
        r#"{{"name": "bare", "columns": {{"ts": "timestamp[{unit}]"}}, "time": "ts", "bucket": "1 minute",
            "select": {{"n": "count(*)", "first": "min(ts)", "last": "max(ts)"}}}}"#
    );
    let second = 1_793_491_200 * per_second;
    // numbers beyond 2^53 are not exact in every reader of JSON
    let exact = crate::cell::big(second);
    let cells = format!(
        r#"[[{exact}], [{exact}], [0], [{}], ["2026-11-01T00:00:00Z"], [{{"date": 1793491200000}}]]"#,
        -per_second
    );
    Case::new(&format!("bare_numbers_count_{unit}"), &spec)
        .batch("all", rows("ts", &cells))
        .ingest("r", "all")
        .check("r")
        .query("r", "{}")
}

fn texts() -> Case {
    Case::new(
        "texts_are_compared_as_bytes",
        r#"{"name": "texts", "columns": {"ts": "timestamp", "s": "string"}, "time": "ts", "bucket": "1 day",
            "group_by": ["s"], "select": {"n": "count(*)", "length": "max(length(s))", "upper": "max(upper(s))"}}"#,
    )
    .batch(
        "all",
        rows(
            "ts s",
            r#"[["2026-11-01", ""], ["2026-11-01", null], ["2026-11-01", "a"], ["2026-11-01", "A"],
                ["2026-11-01", "é"], ["2026-11-01", "é"], ["2026-11-01", "\uffff"], ["2026-11-01", "😀"],
                ["2026-11-01", "\u0000"], ["2026-11-01", "line\nfeed"], ["2026-11-01", "\"quoted\" 'text'"],
                ["2026-11-01", "a"], ["2026-11-01", ""], ["2026-11-01", {"text": ["é", 2048]}]]"#,
        ),
    )
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
}

fn columns_nobody_declared() -> Case {
    Case::new(
        "columns_that_are_not_declared_are_left_alone",
        r#"{"name": "few", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 day", "select": {"n": "count(*)"}}"#,
    )
    .batch("all", json(r#"{"ts": ["2026-11-01", "2026-11-02"], "extra": ["x", 1]}"#))
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
}

fn odd_names() -> Case {
    Case::new(
        "names_in_double_quotes_keep_case_and_odd_characters",
        r#"{"name": "Öl \"quelle\"", "columns": {"Zeit Stempel": "timestamp", "P_PDG": "float64", "a\"b": "string",
            "select": "int64"}, "time": "Zeit Stempel", "bucket": "1 day", "group_by": [{"a\"b": "\"a\"\"b\""}],
            "select": {"Σ P": "sum(\"P_PDG\")", "max select": "max(\"select\")", "ratio": "\"Σ P\" / \"max select\""}}"#,
    )
    .batch(
        "all",
        json(r#"{"Zeit Stempel": ["2026-11-01", "2026-11-01"], "P_PDG": [1.5, 2.5], "a\"b": ["k", "k"], "select": [2, 4]}"#),
    )
    .ingest("r", "all")
    .check("r")
    .check_spec("r")
    .query("r", "{}")
    .query("r", r#"{"select": ["ratio", "Σ P"], "group_by": ["a\"b"], "where": "\"a\"\"b\" = 'k'", "order_by": ["-Σ P"]}"#)
}

fn written_times() -> Case {
    Case::new(
        "times_as_people_write_them",
        r#"{"name": "written", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 hour",
            "select": {"n": "count(*)", "first": "min(ts)", "last": "max(ts)"}}"#,
    )
    .batch(
        "all",
        rows(
            "ts",
            r#"[["2026-11-01t10:15:00z"], ["2026-11-01 10:15:00 Z"], ["2026-11-01T11:15:00+01"],
                ["2026-11-01 11:15:00,250 +01:00"], ["2026-11-01T10:15:00,000001z"], ["2026-11-01 10:15"]]"#,
        ),
    )
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
}

fn digits() -> Case {
    Case::new(
        "digits_are_times_where_the_type_has_a_unit",
        r#"{"name": "digits", "columns": {"ts": "timestamp[ms]"}, "time": "ts", "bucket": "1 hour",
            "select": {"n": "count(*)", "first": "min(ts)", "last": "max(ts)"}}"#,
    )
    .batch("all", rows("ts", r#"[["1793528100000"], ["+1793528100001"], ["-1"], ["2026-11-01T10:15:00z"]]"#))
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
}

fn clocks() -> Case {
    Case::new(
        "times_without_a_zone_are_those_of_the_columns_clock",
        r#"{"name": "clocks", "columns": {"ts": {"type": "timestamp", "timezone": "America/New_York"}}, "time": "ts",
            "bucket": {"width": "1 hour", "timezone": "America/New_York"}, "select": {"n": "count(*)", "first": "min(ts)"}}"#,
    )
    .batch(
        "all",
        rows(
            "ts",
            r#"[["2026-03-08T01:59:59"], ["2026-03-08T02:30:00"], ["2026-03-08T03:00:00"], ["2026-07-01"],
                ["2026-11-01T00:59:59"], ["2026-11-01T01:30:00"], ["2026-11-01T02:00:00"], ["2026-07-01T04:00:00Z"]]"#,
        ),
    )
    .ingest("r", "all")
    .check("r")
    .check_spec("r")
    .query("r", "{}")
}

fn optional_columns() -> Case {
    Case::new(
        "a_column_that_is_optional_may_be_absent",
        r#"{"name": "notes", "columns": {"ts": "timestamp", "note": {"type": "string", "optional": true}}, "time": "ts",
            "bucket": "1 day", "select": {"n": "count(*)", "notes": "count(note)"}}"#,
    )
    .batch("with", json(r#"{"ts": ["2026-11-01", "2026-11-01"], "note": ["a", null]}"#))
    .batch("without", json(r#"{"ts": ["2026-11-01"]}"#))
    .ingest("r", "with")
    .ingest("r", "without")
    .ingest_with("r", "without", r#"{"strict": true}"#)
    .check("r")
    .check_spec("r")
    .query("r", "{}")
}

fn skipped_rows() -> Case {
    Case::new(
        "rows_that_do_not_fit_may_be_skipped",
        r#"{"name": "skipped", "columns": {"ts": "timestamp", "i": "int64"}, "time": "ts", "bucket": "1 day",
            "select": {"n": "count(*)", "total": "sum(i)", "twice": "sum(i * 2)"}}"#,
    )
    .batch(
        "all",
        rows(
            "ts i",
            r#"[["2026-11-01", 1], ["2026-11-01", 1.5], ["soon", 2], [null, 3], ["2026-11-01", {"i64": "4611686018427387904"}],
                ["2026-11-01", "4"], ["2026-11-01", null], ["2026-11-01", 5]]"#,
        ),
    )
    .ingest_with("r", "all", r#"{"on_row_error": "skip"}"#)
    .check("r")
    .query("r", "{}")
}
