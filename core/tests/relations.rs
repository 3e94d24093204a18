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
const SQUARES: &str = "a sum of squares is larger than its minimum and maximum allow";
const SUM: &str = "a sum lies outside what its minimum and maximum allow";
const INFINITE: &str = "a sum has an infinity that is no minimum or maximum, or has not the one that is";
const HELD: &str = "a value lies outside the minimum and maximum";
const ALL: &str = "the minimum or maximum is none of all values";
const PLACE: &str = "a distinct count has no place for a value that another state holds";
const MORE: &str = "a distinct count has more values than all that there are";
const ORDER: &str = "a last row stands before the first";
const DIGEST: &str = "the minimum or maximum is not that of the t-digest";

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
        keep: Vec::new(),
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
        "decimal(2)" => Column::new(Values::Decimal(values.iter().map(|&value| value as i64).collect(), 2)),
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
const TOTAL: &[&str] = &["sum(x)", "min(x)", "max(x)", "count(x)"];
const ENDED_SPREAD: &[&str] = &["stddev_samp(x)", "min(x)", "max(x)"];
const ENDED_FIRST: &[&str] = &["first(x, t)", "min(x)", "max(x)"];
const ENDED_DISTINCT: &[&str] = &["approx_count_distinct(x)", "min(x)", "max(x)"];
/// Just below 4.
const NEARLY_FOUR: f64 = 3.999_999_999_999_999_6;

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
    ("float64", ENDED_SPREAD, &[1.0, 2.0, 3.0], "sum_squares", &[1.0, 1.0, 2.0, 3.0, 1e-150], SQUARES),
    ("int64", ENDED_SPREAD, &[1.0, 2.0, 3.0], "sum_squares", &[4.0], SQUARES),
    ("decimal(2)", ENDED_SPREAD, &[-1.0, 0.0, 3.0], "sum_squares", &[4.0], SQUARES),
    ("float64", ENDED_SPREAD, &[7.0, 7.0], "sum_squares", &[7.0, 7.0, 5e-324], SQUARES),
    ("float64", ENDED_SPREAD, &[1e300, -1e-300, 3.0], "sum_squares", &[1e300, 1e300, 3.0], SQUARES),
    // sums between the ends
    ("float64", TOTAL, &[1.0, 2.0, 4.0], "sum", &[1.0, 1.0, NEARLY_FOUR], SUM),
    ("float64", TOTAL, &[1.0, 2.0, 4.0], "sum", &[4.0, 4.0, 1.0, 5e-324], SUM),
    ("float64", TOTAL, &[-1.0, 2.0], "sum", &[1.0, 1e-300], SUM),
    ("float64", TOTAL, &[-4.0, -2.0, -1.0], "sum", &[-1.0, -1.0, -NEARLY_FOUR], SUM),
    ("float64", TOTAL, &[0.0, -0.0], "sum", &[5e-324], SUM),
    ("float64", TOTAL, &[1e308, 1e308], "sum", &[1e308], SUM),
    ("float64", TOTAL, &[-INFINITY, 2.0, 1.0], "sum", &[-INFINITY, 2.0, 2.0, 5e-324], SUM),
    ("float64", TOTAL, &[INFINITY, INFINITY], "sum", &[INFINITY, 1.0], SUM),
    ("float64", &["sum(x)", "max(x)"], &[2.0], "sum", &[1e300], SUM),
    ("int64", TOTAL, &[1.0, 2.0, 4.0], "sum", &[5.0], SUM),
    ("int64", TOTAL, &[-9.0], "sum", &[-8.0], SUM),
    ("int64", TOTAL, &[9e18, 9e18], "sum", &[9e18, 9e18, 1.0], SUM),
    ("decimal(2)", TOTAL, &[125.0, 250.0], "sum", &[376.0], SUM),
    ("float64", TOTAL, &[1.0, INFINITY], "sum", &[1.0, 2.0], INFINITE),
    ("float64", TOTAL, &[1.0, 2.0], "sum", &[1.0, -INFINITY], INFINITE),
    // values that states hold
    ("int64", ENDED_FIRST, &[1.0, 2.0, 3.0], "first", &[9.0], HELD),
    ("float64", &["last(x, t)", "min(x)", "max(x)"], &[1.0, 2.0], "last", &[0.5], HELD),
    ("float64", &["first(x, t)", "max(x)"], &[1.0, 2.0], "first", &[INFINITY], HELD),
    ("decimal(2)", ENDED_FIRST, &[100.0, 200.0], "first", &[201.0], HELD),
    ("int64", &["mode(x)", "min(x)", "max(x)"], &[1.0, 2.0, 3.0], "value_counts", &[1.0, 2.0, 4.0], HELD),
    ("int64", &["exemplar(x, 2)", "min(x)", "max(x)"], &[1.0, 2.0, 3.0], "exemplar", &[0.0, 2.0], HELD),
    ("bool", &["bool_and(x)", "min(x)", "max(x)"], &[0.0], "bools", &[1.0], HELD),
    ("bool", &["bool_and(x)", "min(x)", "max(x)"], &[0.0, 1.0], "bools", &[1.0], ALL),
    ("int64", &["mode(x)", "min(x)", "max(x)"], &[1.0, 2.0, 3.0], "value_counts", &[1.0, 2.0], ALL),
    ("int64", &["first(x, t)", "last(x, t)"], &[5.0], "last", &[4.0], ORDER),
    ("int64", &["first(x, t)", "last(x, t)"], &[5.0], "last", &[], ORDER),
    ("int64", &["approx_percentile(0.5, tdigest(x))", "min(x)", "max(x)"], &[1.0, 3.0], "tdigest", &[1.0, 2.0], DIGEST),
    // distinct counts
    ("int64", ENDED_DISTINCT, &[1.0, 2.0], "distinct", &[1.0], PLACE),
    ("float64", ENDED_DISTINCT, &[1.0, 2.0, 3.0], "distinct", &[1.0, 2.0], PLACE),
    ("int64", &["approx_count_distinct(x)", "first(x, t)"], &[1.0, 2.0], "distinct", &[2.0, 3.0], PLACE),
    ("int64", ENDED_DISTINCT, &[2.0, 2.0, 2.0], "distinct", &[2.0, 3.0], MORE),
    ("int64", &["approx_count_distinct(x)", "mode(x)"], &[1.0, 1.0, 2.0], "distinct", &[1.0, 2.0, 3.0], MORE),
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
fn sums_at_their_very_edges_are_taken() {
    let taken: &[Case] = &[
        ("float64", TOTAL, &[1.0, 2.0, 4.0], "sum", &[1.0, 1.0, 4.0], ""),
        ("float64", TOTAL, &[1.0, 2.0, 4.0], "sum", &[4.0, 4.0, 1.0], ""),
        ("float64", TOTAL, &[-INFINITY, 2.0, 1.0], "sum", &[-INFINITY, 2.0, 2.0], ""),
        ("int64", TOTAL, &[1.0, 2.0, 4.0], "sum", &[9.0], ""),
        ("int64", ENDED_SPREAD, &[1.0, 2.0, 3.0], "sum_squares", &[1.0, 1.0, 2.0, 3.0], ""),
        ("float64", ENDED_SPREAD, &[1.0, 2.0, 3.0], "sum_squares", &[1.0, 1.0, 2.0, 3.0], ""),
    ];
    for &(data_type, calls, honest, start, other, _) in taken {
        assert_eq!(
            told(data_type, calls, honest, start, other),
            Ok(()),
            "{calls:?} of {honest:?}, {start} of {other:?}"
        );
    }
}

#[test]
fn registers_have_a_place_for_the_ends() {
    let values = |from: u32| (from..from + 400).map(f64::from).collect::<Vec<_>>();
    assert_eq!(told("int64", ENDED_DISTINCT, &values(0), "", &[]), Ok(()));
    let refused = told("int64", ENDED_DISTINCT, &values(0), "distinct", &values(1000));
    assert!(refused.as_ref().is_err_and(|message| message.contains(PLACE)), "{refused:?}");
}

#[test]
fn states_of_other_rows_say_nothing_of_one_another() {
    let filtered: &[&str] = &["sum(x) filter (where x > 2)", "min(x)", "max(x)", "count(x)"];
    assert_eq!(told("float64", filtered, &[1.0, 2.0], "sum", &[1e9]), Ok(()));
    assert_eq!(told("int64", &["first(x + 1, t)", "min(x)", "max(x)"], &[1.0], "first", &[7.0]), Ok(()));
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
