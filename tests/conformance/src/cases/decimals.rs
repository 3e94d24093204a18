//! Decimals: what they are made of, what they answer, and what a rollup of them is.

use crate::case::{rows, Case};

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![by_their_digits(), money(), fine(), expressions()]
}

/// Those that end in errors.
#[must_use]
pub fn refusals() -> Vec<Case> {
    vec![refused(), overflowing()]
}

fn by_their_digits() -> Case {
    Case::new(
        "numbers_are_the_digits_they_are_written_with",
        r#"{"name": "prices", "columns": {"ts": "timestamp", "price": "decimal(2)"}, "time": "ts", "bucket": "1 day",
            "select": {"total": "sum(price)", "n": "count(price)", "least": "min(price)", "most": "max(price)",
            "prices": "value_counts(price)"}}"#,
    )
    .batch(
        "texts",
        rows(
            "ts price",
            r#"[["2026-11-01", "19.99"], ["2026-11-01", "1.500"], ["2026-11-01", "-0.5"], ["2026-11-01", null]]"#,
        ),
    )
    .batch(
        "numbers",
        rows("ts price", r#"[["2026-11-01", 0.1], ["2026-11-01", 19.99], ["2026-11-01", -7], ["2026-11-01", 1.15]]"#),
    )
    .batch("integers", rows("ts price", r#"[["2026-11-01", {"i64": "7"}], ["2026-11-01", {"u64": "8"}]]"#))
    .batch(
        "missing",
        rows(
            "ts price",
            r#"[["2026-11-01", "NaN"], ["2026-11-01", {"f64": "7ff8000000000000"}], ["2026-11-01", null]]"#,
        ),
    )
    .ingest("r", "texts")
    .ingest("r", "numbers")
    .ingest("r", "integers")
    .ingest("r", "missing")
    .check("r")
    .query("r", "{}")
    .query("r", r#"{"decimals": "text"}"#)
}

fn refused() -> Case {
    let case = Case::new(
        "what_does_not_fit_a_decimal_is_refused",
        r#"{"name": "prices", "columns": {"ts": "timestamp", "price": "decimal(2)"}, "time": "ts", "bucket": "1 day",
            "select": {"total": "sum(price)"}}"#,
    );
    let cells = [
        r#""1.505""#,
        "0.125",
        r#""92233720368547758.08""#,
        r#"{"i64": "9223372036854775807"}"#,
        r#"{"f64": "7ff0000000000000"}"#,
        r#""1,50""#,
        r#""""#,
        "true",
        r#"{"other": "a list"}"#,
    ];
    let names: Vec<String> = (0..cells.len()).map(|at| format!("bad {at}")).collect();
    let case = cells.iter().zip(&names).fold(case, |case, (cell, name)| {
        case.batch(name, rows("ts price", &format!(r#"[["2026-11-01", null], ["2026-11-01", {cell}]]"#)))
    });
    names.iter().fold(case, |case, name| case.ingest("r", name)).check("r")
}

const SALES: &str = r#"[["2026-11-01T09:00:00Z", "de", "19.99", 3], ["2026-11-01T09:20:00Z", "de", "0.10", 7],
    ["2026-11-01T11:00:00Z", "fr", "1299.00", 1], ["2026-11-01T11:30:00Z", "de", "5.25", 2],
    ["2026-11-01T12:00:00Z", "de", null, 2], ["2026-11-01T13:59:00Z", "fr", "-19.99", 1],
    ["2026-11-01T13:59:30Z", "fr", "0.10", null]]"#;

fn money() -> Case {
    Case::new(
        "money_is_exact",
        r#"{"name": "sales", "columns": {"ts": "timestamp", "country": "string", "price": "decimal(2)", "n": "int64"},
            "time": "ts", "bucket": "1 hour", "group_by": ["country"], "where": "price is null or price > -1000",
            "select": {"revenue": "sum(price * n)", "gross": "sum(price * n * 1.19)", "average": "avg(price)",
            "deviation": "stddev_samp(price)", "variance": "var_pop(price)", "least": "min(price)", "most": "max(price)",
            "p50": "median(price)", "p90": "approx_percentile(0.9, percentile_agg(price))",
            "rank": "approx_percentile_rank(0.1, percentile_agg(price))", "unique": "approx_count_distinct(price)",
            "usual": "mode(price)", "dimes": "count_of(value_counts(price), 0.1)", "first": "first(price, ts)",
            "last": "last(n, price)", "some": "exemplar(price, 2)", "share": "100 * revenue / gross"}}"#,
    )
    .batch("all", rows("ts country price n", SALES))
    .ingest("r", "all")
    .check("r")
    .query("r", "{}")
    .query("r", r#"{"bucket": null, "group_by": [], "select": ["sum(price)", "revenue", "average", "p50", "p90"]}"#)
    .query("r", r#"{"bucket": null, "having": "revenue > 50.5", "order_by": ["-revenue"], "select": ["revenue", "gross"]}"#)
    .query("r", r#"{"group_by": [], "select": ["revenue", "least", "most"],
        "gapfill": {"revenue": "interpolate", "least": "locf", "most": {"value": "0.50"}}}"#)
    .query("r", r#"{"bucket": null, "group_by": [], "decimals": "text", "select": ["revenue", "gross", "some"]}"#)
}

fn fine() -> Case {
    Case::new(
        "scales_from_0_to_18_and_keys",
        r#"{"name": "scales", "columns": {"ts": "timestamp", "whole": "decimal(0)", "fine": "decimal(18)"},
            "time": "ts", "bucket": "1 day", "group_by": ["whole"],
            "select": {"total": "sum(fine)", "wholes": "sum(whole)", "mean": "avg(fine)", "spread": "var_samp(fine)"}}"#,
    )
    .batch(
        "all",
        rows(
            "ts whole fine",
            r#"[["2026-11-01", "9223372036854775807", "0.000000000000000001"], ["2026-11-01", "9223372036854775807", "9.223372036854775806"],
                ["2026-11-01", "-9223372036854775808", "-9.223372036854775808"], ["2026-11-01", "7", "0.1"], ["2026-11-01", "7", "0.2"],
                ["2026-11-01", null, "9.2"]]"#,
        ),
    )
    .ingest("r", "all")
    .check("r")
    .query("r", r#"{"decimals": "text"}"#)
    .query("r", r#"{"decimals": "text", "bucket": null, "group_by": [], "select": ["total", "cast(sum(fine) as float64) as sum"]}"#)
    .query("r", r#"{"decimals": "text", "bucket": null, "group_by": [], "having": "total > 9.3 and whole_total is not null",
        "select": ["total", "wholes as whole_total", "total * 1000 as thousands", "-total as negative", "total::string as text",
        "total::decimal(2) as cents", "coalesce(nullif(total, 0), 1) as filled", "total / 2 as half"]}"#)
}

fn expressions() -> Case {
    let select = [
        ("add", "max(price + rate)"),
        ("subtract", "max(price - 1)"),
        ("multiply", "max(price * rate)"),
        ("divide", "max(price / rate)"),
        ("remainder", "max(price % 0.3)"),
        ("negate", "max(-price)"),
        ("rounded", "max(round(rate, 2))"),
        ("down", "max(floor(rate))"),
        ("up", "max(ceil(price))"),
        ("sign", "max(sign(rate))"),
        ("cheap", "count(*) filter (where price < 20 and price >= 19.99)"),
        ("listed", "count(*) filter (where price in (19.99, 5))"),
        ("least", "max(least(price, rate, 3))"),
        ("filled", "max(coalesce(rate, price))"),
        ("integer", "max(price::int64)"),
        ("text", "max(rate::string)"),
        ("read", "max('-1.005'::decimal(2))"),
        ("double", "max(1.005::decimal(2)::float64)"),
    ];
    let select: Vec<String> = select.iter().map(|(name, text)| format!(r#""{name}": "{text}""#)).collect();
    let spec = format!(
        r#"{{"name": "expressions", "columns": {{"ts": "timestamp", "price": "decimal(2)", "rate": "decimal(4)"}},
            "time": "ts", "bucket": "1 day", "select": {{{}}}}}"#,
        select.join(", ")
    );
    Case::new("expressions_of_decimals", &spec)
        .batch("all", rows("ts price rate", r#"[["2026-11-01", "19.99", "-0.1250"], ["2026-11-01", "5", null]]"#))
        .ingest("r", "all")
        .check_spec("r")
        .query("r", "{}")
}

fn overflowing() -> Case {
    Case::new(
        "decimals_past_their_units",
        r#"{"name": "large", "columns": {"ts": "timestamp", "price": "decimal(2)"}, "time": "ts", "bucket": "1 day",
            "select": {"up": "max(ceil(price))", "fine": "max(price::decimal(4))", "rows": "count(*)"}}"#,
    )
    .batch("large", rows("ts price", r#"[["2026-11-01", "1"], ["2026-11-01", "92233720368547758.07"]]"#))
    .ingest("r", "large")
    .check("r")
}
