//! Groups whose states are each one of some rows, but not all of the same: refused, in rollups and in records.

mod support {
    pub mod forged;
    pub mod sealed;
}

use isofold::column::{Column, Values};
use isofold::spec::{Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::{Code, Rollup};
use support::forged::Forged;

const COUNT: &str = "states of the same values saw different numbers of them";
const RANGE: &str = "a minimum is no minimum of what the maximum is of";
const ENDS: &str = "the minimum or maximum lies in no end of the histogram";
const MOMENTS: &str = "a sum of squares is smaller than its sum makes it";

/// A spec over a column `x` of a type.
fn spec(data_type: &str, calls: &[&str]) -> Spec {
    let pair = |name: &str, text: &str| (name.to_string(), text.to_string());
    let source = SpecSource {
        name: "forged".into(),
        columns: vec![pair("t", "timestamp"), pair("x", data_type)],
        time: "t".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: Vec::new(),
        filter: None,
        select: calls.iter().enumerate().map(|(at, call)| (format!("m{at}"), (*call).to_string())).collect(),
    };
    Spec::compile(&source).unwrap_or_else(|error| panic!("{calls:?} of {data_type}: {error}"))
}

fn ints(values: &[i64]) -> Column<'static> {
    Column::new(Values::Int64(values.to_vec().into()))
}

fn floats(values: &[f64]) -> Column<'static> {
    Column::new(Values::Float64(values.iter().map(|value| value.to_bits()).collect()))
}

fn bools(values: &[bool]) -> Column<'static> {
    Column::new(Values::Bool(values.to_vec().into()))
}

fn column(data_type: &str, values: &[f64]) -> Column<'static> {
    match data_type {
        "int64" => ints(&values.iter().map(|&value| value as i64).collect::<Vec<_>>()),
        "bool" => bools(&values.iter().map(|&value| value != 0.0).collect::<Vec<_>>()),
        _ => floats(values),
    }
}

/// What is told of a group whose states saw `honest`, but for those whose text starts like this, which saw `other`.
fn told(data_type: &str, calls: &[&str], honest: &[f64], start: &str, other: &[f64]) -> Result<(), String> {
    let values = |state: &isofold::spec::StateDef| {
        column(data_type, if !start.is_empty() && state.text().starts_with(start) { other } else { honest })
    };
    let forged = Forged { spec: spec(data_type, calls), rows: 20_000, values: &values };
    assert!(start.is_empty() || forged.spec.states().iter().any(|state| state.text().starts_with(start)), "{start}");
    let bytes = forged.encoded();
    match (Rollup::decode(&bytes), forged.recorded()) {
        (Ok(decoded), Ok(recorded)) => {
            assert!(decoded.encode() == bytes && recorded.encode() == bytes, "{calls:?} has a second spelling");
            Ok(())
        }
        (Err(decoded), Err(recorded)) => {
            assert_eq!((decoded.code(), recorded.code()), (Code::DecodeInvalid, Code::DecodeInvalid), "{decoded}");
            let words = |text: &str| text.split(" (before").next().unwrap_or_default().to_owned();
            assert_eq!(words(decoded.message()), words(recorded.message()));
            Err(decoded.message().to_owned())
        }
        (decoded, recorded) => panic!("{decoded:?} of a rollup, {recorded:?} of a record"),
    }
}

const SPREAD: &[&str] = &["stddev_samp(x)"];
const PERCENTILES: &[&str] = &["median(x)", "count(x)"];
const INFINITY: f64 = f64::INFINITY;

/// Type, calls, what all states but one saw, the start of that one's text, what it saw, the refusal.
type Case = (&'static str, &'static [&'static str], &'static [f64], &'static str, &'static [f64], &'static str);

const CASES: &[Case] = &[
    // as many values in all
    ("int64", &["count(x)", "min(x)"], &[1.0, 2.0], "min", &[], COUNT),
    ("int64", &["count(x)", "max(x)"], &[], "max", &[5.0], "a minimum or maximum is absent"),
    ("int64", &["min(x)", "max(x)"], &[1.0], "max", &[], "a minimum or maximum is absent"),
    ("float64", &["sum(x)"], &[], "sum", &[1.0], "the place of a sum must be at most 0"),
    ("int64", &["sum(x)"], &[], "sum", &[1.0], "a sum is larger than its rows can make it"),
    ("float64", PERCENTILES, &[1.0, 2.0], "percentiles", &[1.0, 1.5, 2.0], "more"),
    ("float64", PERCENTILES, &[1.0, 1.5, 2.0], "percentiles", &[1.0, 2.0], COUNT),
    ("float64", PERCENTILES, &[1.0], "percentiles", &[], COUNT),
    (
        "float64",
        &["median(x)", "approx_percentile(0.5, percentile_agg(x, 2))"],
        &[1.0, 2.0],
        "percentiles[2]",
        &[1.0, 1.0, 2.0],
        COUNT,
    ),
    ("int64", &["mode(x)", "count(x)"], &[1.0, 2.0], "value_counts", &[1.0], COUNT),
    ("int64", &["value_counts(x, 1)", "count(x)"], &[1.0, 2.0, 3.0], "value_counts", &[1.0, 2.0], COUNT),
    ("int64", &["approx_count_distinct(x)", "count(x)"], &[1.0, 2.0], "distinct", &[], COUNT),
    (
        "int64",
        &["approx_count_distinct(x)", "count(x)"],
        &[1.0, 2.0],
        "distinct",
        &[1.0, 2.0, 3.0],
        "a distinct count needs more rows than there are",
    ),
    ("int64", &["exemplar(x, 3)", "count(x)"], &[1.0, 2.0], "exemplar", &[], COUNT),
    (
        "int64",
        &["exemplar(x, 3)", "count(x)"],
        &[1.0, 2.0],
        "exemplar",
        &[1.0, 2.0, 3.0],
        "exemplars must be at most 2, got 3",
    ),
    ("int64", &["first(x, t)", "count(x)"], &[], "first", &[1.0], "a first or last row is absent"),
    ("bool", &["bool_or(x)", "count(x)"], &[1.0], "bools", &[], "a count must be at most 0, got 1"),
    ("bool", &["bool_or(x)", "count(x)"], &[1.0], "bools", &[1.0, 0.0], COUNT),
    ("float64", &["approx_percentile(0.5, tdigest(x))", "count(x)"], &[1.0], "tdigest", &[], COUNT),
    // the ends
    ("int64", &["min(x)", "max(x)"], &[1.0, 9.0], "min", &[10.0], RANGE),
    ("float64", &["min(x)", "max(x)"], &[1.0, 9.0], "max", &[-INFINITY], RANGE),
    ("bool", &["min(x)", "max(x)"], &[0.0, 0.0], "min", &[1.0], RANGE),
    ("int64", &["min(x)", "max(x)", "count(x)"], &[9.0], "min", &[1.0], RANGE),
    ("float64", PERCENTILES, &[1.0, 2.0, 4.0], "min", &[0.5], ENDS),
    ("float64", PERCENTILES, &[1.0, 2.0, 4.0], "max", &[4.5], ENDS),
    ("float64", PERCENTILES, &[-1.0, 2.0, 4.0], "min", &[1.5], ENDS),
    ("float64", PERCENTILES, &[0.0, 0.0, 0.0], "max", &[1e-300], ENDS),
    ("float64", PERCENTILES, &[-3.0, -2.0, -1.0], "max", &[0.0], ENDS),
    ("float64", PERCENTILES, &[1.0, 2.0, 4.0], "max", &[INFINITY], ENDS),
    ("int64", PERCENTILES, &[1.0, 2.0, 4.0], "min", &[-7.0], ENDS),
    // the moments
    ("int64", SPREAD, &[1.0, 2.0, 3.0], "sum_squares", &[1.0, 1.0, 1.0], MOMENTS),
    ("int64", SPREAD, &[3.0, 3.0], "sum_squares", &[3.0, 2.0], MOMENTS),
    ("float64", SPREAD, &[0.1, 0.1, 0.1], "sum_squares", &[0.1, 0.1], MOMENTS),
    ("float64", SPREAD, &[1e200, 1e-200], "sum_squares", &[1e-200], MOMENTS),
    ("float64", SPREAD, &[INFINITY, 2.0, 2.0], "sum_squares", &[2.0, 1.9], MOMENTS),
];

#[test]
fn states_of_different_rows_are_refused() {
    let mut wrong = Vec::new();
    for &(data_type, calls, honest, start, other, message) in CASES {
        match told(data_type, calls, honest, start, other) {
            Err(told) if told.contains(message) => {}
            told => wrong.push(format!("{calls:?} of {honest:?}, but {start} of {other:?}: {told:?}, not {message}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn states_of_the_same_rows_are_taken() {
    let every: &[&str] = &[
        "stddev_samp(x)",
        "median(x)",
        "approx_percentile(0.5, percentile_agg(x, 0))",
        "approx_count_distinct(x)",
        "mode(x)",
        "value_counts(x, 2)",
        "exemplar(x, 3)",
        "first(x, t)",
        "last(x, t)",
        "min(x)",
        "max(x)",
        "approx_percentile(0.5, tdigest(x))",
    ];
    let wide: Vec<f64> = (0..3000).map(|i| f64::from(i) * 1.7 - 2000.0).collect();
    let octaves: Vec<f64> = (-1000..1000).map(|i| 2f64.powi(i / 2) * if i % 2 == 0 { 1.0 } else { -3.0 }).collect();
    let specials: &[&[f64]] = &[
        &[],
        &[0.0],
        &[-1.0],
        &[0.1, 0.1, 0.1],
        &[3.0, 3.0],
        &[-2.0, 0.0],
        &[0.0, 5.0],
        &[-2.0, 5.0],
        &wide,
        &octaves,
    ];
    let infinite: &[&[f64]] = &[
        &[INFINITY],
        &[-INFINITY],
        &[INFINITY, -INFINITY],
        &[INFINITY, 2.0, 2.0],
        &[-INFINITY, 0.0],
        &[5e-324, 1e308],
    ];
    for &values in specials {
        assert_eq!(told("int64", every, values, "", &[]), Ok(()), "{values:?}");
    }
    for &values in specials.iter().chain(infinite) {
        assert_eq!(told("float64", every, values, "", &[]), Ok(()), "{values:?}");
    }
    let of_bools = ["bool_and(x)", "min(x)", "max(x)", "mode(x)", "approx_count_distinct(x)", "count(x)"];
    for values in [&[][..], &[1.0], &[0.0], &[0.0, 1.0]] {
        assert_eq!(told("bool", &of_bools, values, "", &[]), Ok(()), "{values:?}");
    }
}
