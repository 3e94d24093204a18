//! What expressions mean, over rows, keys and metrics.

use crate::case::{rows, Case};

const ROWS: &str = r#"[
    ["2026-11-01T00:00:00Z", 7, 2.5, true, "Hello", 1000000],
    ["2026-11-01T06:00:00Z", -7, -2.5, false, "hello world", -1],
    ["2026-11-01T12:00:00Z", 0, 0, null, "", 0],
    ["2026-11-01T18:00:00Z", null, null, true, null, null],
    ["2026-11-01T23:59:59.999999Z", 3, {"f64": "7ff8000000000000"}, false, "50%_é😀", 5],
    ["2026-11-01T20:00:00Z", {"i64": "9223372036854775807"}, {"f64": "7ff0000000000000"}, true, " 42 ", 7]
]"#;

const TEXT_ROWS: &str = r#"[
    ["2026-11-01T00:00:00Z", "42", 7], ["2026-11-01T00:00:00Z", "-1", 8], ["2026-11-01T00:00:00Z", null, 9]
]"#;

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        over_rows(
            "arithmetic",
            &[
                "x + 1",
                "x - i % 10",
                "i % 4",
                "x * x",
                "x / 0",
                "i / 2",
                "i % 0",
                "-x",
                "x % 2",
                "x + x * 2 - (x - 1) / 4",
                "i - 1",
                "1 / 3",
                "0.1 + 0.2",
                "1e308 * 10",
            ],
        ),
        over_rows(
            "comparisons_and_logic_of_three_values",
            &[
                "i > 0",
                "x >= 2.5",
                "i = x",
                "s < 'I'",
                "b and i > 0",
                "b or i > 0",
                "not b",
                "i is null",
                "b is not null",
                "x between -3 and 0",
                "x not between -3 and 0",
                "i in (7, 0)",
                "i not in (7, null)",
                "s in ('', 'Hello')",
                "t > '1970-01-01'",
                "ts >= '2026-11-01T12:00:00Z'",
                "i <> 7",
                "i != 7",
                "null and b",
                "null or b",
            ],
        ),
        over_rows(
            "texts",
            &[
                "upper(s)",
                "lower(s)",
                "length(s)",
                "s like 'H%'",
                "s ilike 'H%'",
                "s like '%\\%\\_%'",
                "s not like '%l_o%'",
                "s || '!'",
                "trim(s)",
                "coalesce(s, 'none')",
                "nullif(s, '')",
                "s || i::text",
            ],
        ),
        over_rows(
            "functions_of_numbers",
            &[
                "abs(i % 100)",
                "abs(x)",
                "round(x)",
                "round(x, 1)",
                "round(2.675, 2)",
                "round(-0.5)",
                "floor(x)",
                "ceil(x)",
                "sqrt(x)",
                "greatest(i, 1)",
                "least(x, 1.5)",
                "coalesce(x, i, -1)",
                "nullif(i, 0)",
                "greatest(null, 2, 1)",
            ],
        ),
        over_rows(
            "case_guards_what_it_does_not_take",
            &[
                "case when i > 0 then 'plus' when i < 0 then 'minus' else 'zero' end",
                "case i when 7 then 1 when 0 then 2 end",
                "case when i > 100 then 0 else i * 9223372036854775 end",
                "coalesce(case when b then x end, 0)",
            ],
        ),
        over_rows(
            "casts",
            &[
                "i::float64",
                "cast(x as text)",
                "b::text",
                "i::text",
                "ts::text",
                "cast(3.5 as int64)",
                "cast(2.5 as int64)",
                "cast(-2.5 as int64)",
                "cast('1e3' as float64)",
                "'2026-11-01T01:00:00+01:00'::timestamp",
                "'true'::bool",
                "cast(case when i > 100 then 0 else x end as text)",
            ],
        ),
        over_rows(
            "texts_in_parts",
            &[
                "substr(s, 2)",
                "substr(s, 0, 3)",
                "substring(s from 2 for 3)",
                "left(s, 2)",
                "left(s, -2)",
                "right(s, 2)",
                "right(s, -i % 10)",
                "replace(s, 'l', 'é')",
                "replace(s, left(s, 1), '')",
                "split_part(s, ' ', 1)",
                "split_part(s, 'l', -1)",
                "btrim(s, 'Ho ')",
                "trim(leading from s)",
                "trim(both 'H0o' from s)",
                "rtrim(s, left(s, 1))",
                "s like '%!%%' escape '!'",
                "s not ilike 'hello_%' escape ''",
                "length(substr(s, 2, abs(i % 3)))",
            ],
        ),
        over_rows(
            "clocks_and_calendars",
            &[
                "extract(hour from ts)",
                "extract(hour from ts at time zone 'America/New_York')",
                "extract(minute from ts at time zone 'Asia/Kathmandu')",
                "extract(second from ts)",
                "extract(milliseconds from ts)",
                "extract(microseconds from ts)",
                "extract(epoch from t)",
                "extract(dow from ts)",
                "extract(isodow from ts at time zone 'Pacific/Auckland')",
                "extract(day from t)",
                "extract(doy from ts)",
                "extract(week from ts)",
                "extract(isoyear from t)",
                "extract(month from t)",
                "extract(quarter from ts)",
                "extract(year from t)",
                "extract(decade from ts)",
                "extract(century from t)",
                "extract(millennium from ts)",
                "date_part('hour', t, 'Europe/Berlin')",
                "date_trunc('hour', ts, 'Asia/Kathmandu')",
                "date_trunc('minute', ts)",
                "date_trunc('second', ts)",
                "date_trunc('milliseconds', ts)",
                "date_trunc('day', ts, 'America/New_York')",
                "date_trunc('week', ts)",
                "date_trunc('month', t, 'Asia/Kathmandu')",
                "date_trunc('quarter', ts)",
                "date_trunc('year', t)",
                "date_trunc('decade', t)",
                "date_trunc('century', t)",
                "date_trunc('millennium', ts)",
                "ts - t",
                "ts - '2026-11-02'",
                "extract(epoch from ts) - (ts - timestamp '1970-01-01')",
            ],
        ),
        over_rows(
            "tests_that_know_null",
            &[
                "i is distinct from 7",
                "x is not distinct from i",
                "s is distinct from null",
                "b is true",
                "b is not true",
                "b is false",
                "b is not false",
                "b is unknown",
                "(i > 0) is not unknown",
            ],
        ),
        cast_texts(),
        keys_and_filters(),
        keys_of_clocks_and_texts(),
        canonical_texts(),
        over_metrics(),
    ]
}

/// `max(…)` of each expression on days of six hours, so that every row is a group of its own.
fn over_rows(name: &str, expressions: &[&str]) -> Case {
    let metric = |(index, text): (usize, &&str)| format!("\"e{index}\": {}", quoted(&format!("max({text})")));
    let select: Vec<String> = expressions.iter().enumerate().map(metric).collect();
    let spec = format!(
        r#"{{"name": "expressions", "columns": {{"ts": "timestamp", "i": "int64", "x": "float64", "b": "bool", "s": "string",
            "t": "timestamp[us]"}}, "time": "ts", "bucket": "1 hour", "select": {{{}}}}}"#,
        select.join(", ")
    );
    Case::new(name, &spec).batch("all", rows("ts i x b s t", ROWS)).ingest("r", "all").check("r").query("r", "{}")
}

fn quoted(text: &str) -> String {
    isofold_facade::json::Json::from(text).to_string()
}

fn cast_texts() -> Case {
    Case::new(
        "texts_read_as_numbers",
        r#"{"name": "casts", "columns": {"ts": "timestamp", "s": "string", "i": "int64"}, "time": "ts", "bucket": "1 hour",
            "group_by": ["i"], "select": {"n": "sum(cast(s as int64))", "x": "sum(s::float64)"}}"#,
    )
    .batch("all", rows("ts s i", TEXT_ROWS))
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
}

fn keys_and_filters() -> Case {
    Case::new(
        "computed_keys_and_a_filter",
        r#"{"name": "keys", "columns": {"ts": "timestamp", "i": "int64", "x": "float64", "b": "bool", "s": "string",
            "t": "timestamp[us]"}, "time": "ts", "bucket": "1 day", "where": "i is not null and i < 100",
            "group_by": ["b", "lower(s) as s", {"sign": "case when i > 0 then 1 when i < 0 then -1 else 0 end"},
            {"half": "x / 2"}, {"late": "t > '1970-01-01'"}, "t"], "select": {"n": "count(*)"}}"#,
    )
    .batch("all", rows("ts i x b s t", ROWS))
    .ingest("r", "all")
    .check("r")
    .check_spec("r")
    .query("r", "{}")
}

/// Filters, keys, aggregates under filters, metrics over metrics and a query, each with functions.
fn keys_of_clocks_and_texts() -> Case {
    Case::new(
        "keys_of_clocks_and_texts",
        r#"{"name": "clocks", "columns": {"ts": "timestamp", "i": "int64", "x": "float64", "b": "bool", "s": "string",
            "t": "timestamp[us]"}, "time": "ts", "bucket": "1 month", "where": "b is not false",
            "group_by": [{"hour": "extract(hour from ts at time zone 'Europe/Berlin')"}, {"first": "left(s, 1)"},
            "extract(isodow from ts)", {"day": "date_trunc('day', ts, 'Asia/Kathmandu')"}],
            "select": {"n": "count(*)", "late": "count(*) filter (where extract(hour from ts) >= 12)", "newest": "max(ts)",
            "age": "max(ts) - min(t)", "label": "replace(split_part(max(s), ' ', 1), 'l', 'L') || '!'",
            "at": "extract(minute from newest at time zone 'Asia/Kathmandu')", "day_of": "date_trunc('day', newest)",
            "known": "max(i) is not distinct from 7"}}"#,
    )
    .batch("all", rows("ts i x b s t", ROWS))
    .ingest("r", "all")
    .check("r")
    .check_spec("r")
    .query("r", "{}")
    .query("r", r#"{"where": "hour between 1 and 12 and first is not distinct from 'H'", "bucket": "1 month",
        "group_by": ["hour"], "select": ["n", "newest", "round(age) as rounded", "substr(label, 2, 3) as part"],
        "having": "date_trunc('month', newest) is distinct from null"}"#)
}

/// Spellings of one expression come to one text and one state.
fn canonical_texts() -> Case {
    Case::new(
        "one_text_for_each_expression",
        r#"{"name": "texts", "columns": {"ts": "timestamp", "i": "int64", "x": "float64", "s": "string"}, "time": "ts",
            "bucket": "1 hour", "where": "((i IS NOT NULL))", "select": {"a": "SUM( x )+sum((x))",
            "b": "count( * ) FILTER(WHERE s<>'it''s' AND NOT (x>1 OR x<-1))", "c": "CASE WHEN (count(*)) > 1.50 THEN 1e2 ELSE -0.0 END",
            "d": "avg(\"x\") - (1 - 2) - (3 - 4)", "e": "max(cast(i AS bigint))", "f": "min(i::double precision)", "g": "MAX(Extract(HOUR FROM ts AT TIME ZONE 'UTC'))",
            "h": "max(substring(s FROM 2 FOR 3) || trim(LEADING 'x' FROM s))", "i": "count(*) filter (where not (s like 'a' ESCAPE '!'))",
            "j": "NOT ((max(x) > 1) IS TRUE) IS UNKNOWN", "k": "max(i) IS NOT DISTINCT FROM min(i)"}}"#,
    )
    .check_spec("r")
    .check("r")
}

fn over_metrics() -> Case {
    Case::new(
        "expressions_over_metrics",
        r#"{"name": "metrics", "columns": {"ts": "timestamp", "i": "int64", "x": "float64", "b": "bool", "s": "string",
            "t": "timestamp[us]"}, "time": "ts", "bucket": "1 day", "select": {"n": "count(*)", "rate": "100.0 * count(b) / n",
            "third": "n / 3", "rounded": "round(third, 3)", "label": "'n=' || n::text", "ok": "n > 3 and rate >= 50",
            "safe": "nullif(n, 6) + 1", "least_of": "least(n, 2, null)"}}"#,
    )
    .batch("all", rows("ts i x b s t", ROWS))
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
}
