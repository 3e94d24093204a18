//! What honest rows make is never refused: states of rows that were chosen to stand at the edges, merged and coarsened.
//!
//! `ISOFOLD_CASES` is how many rollups are made of each kind of rows.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::{Bucket, BucketSource};
use isofold::Rollup;
use proptest::prelude::*;
use std::borrow::Cow;

const HOUR: i64 = 3_600_000_000;

/// Aggregates of any column, and of numbers.
const OF_ANY: [&str; 9] = [
    "count(X)",
    "min(X)",
    "max(X)",
    "approx_count_distinct(X)",
    "mode(X)",
    "value_counts(X, 2)",
    "exemplar(X, 2)",
    "first(X, ts)",
    "last(X, ts)",
];
const OF_NUMBERS: [&str; 6] = [
    "sum(X)",
    "stddev_samp(X)",
    "median(X)",
    "approx_percentile(0.5, percentile_agg(X, 0))",
    "approx_percentile(0.5, tdigest(X))",
    "last(X, i)",
];
const FILTERS: [&str; 3] = ["", " filter (where b)", " filter (where i >= 0)"];
const COLUMNS: [(&str, &str); 6] =
    [("ts", "timestamp"), ("f", "float64"), ("i", "int64"), ("d", "decimal(2)"), ("s", "string"), ("b", "bool")];

/// The spec with those of all aggregates whose bit is set.
fn spec(chosen: u128) -> Spec {
    let all = COLUMNS.iter().skip(1).flat_map(|(name, data_type)| {
        let is_number = !matches!(*data_type, "string" | "bool");
        let of_bools: &[&str] = if *data_type == "bool" { &["bool_and(X)"] } else { &[] };
        let numbers = OF_NUMBERS.iter().filter(move |_| is_number);
        let calls = OF_ANY.iter().chain(of_bools).chain(numbers);
        calls.flat_map(move |call| FILTERS.map(|filter| call.replace('X', name) + filter))
    });
    let select = all.enumerate().filter(|(at, _)| chosen >> (at % 128) & 1 == 1);
    Spec::compile(&SpecSource {
        name: "honest".into(),
        columns: COLUMNS.map(|(name, data_type)| (name.into(), data_type.into())).to_vec(),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "s".into() }],
        filter: None,
        select: select.map(|(at, call)| (format!("m{at}"), call)).chain([("rows".into(), "count(*)".into())]).collect(),
        keep: Vec::new(),
    })
    .expect("the spec is right")
}

#[derive(Clone, Debug)]
struct Row {
    ts: i64,
    f: u64,
    i: i64,
    d: i64,
    s: usize,
    b: bool,
    /// Which of the columns from `f` on are NULL.
    null: u8,
}

const FLOATS: [f64; 18] = [
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    2.225_073_858_507_201e-308,
    1e308,
    -1e308,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1.0,
    1.000_000_000_000_000_2,
    -3.0,
    0.1,
    1e16,
    1e-200,
];
const INTEGERS: [i64; 8] = [i64::MIN, i64::MIN + 1, i64::MAX, 0, 1, -1, 1 << 53, (1 << 53) + 1];

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = ["", "a", "b", "é"].map(String::from).to_vec();
    texts.extend([1020, 1021, 1024, 1025].map(|length| "x".repeat(length) + "é"));
    texts.push("x".repeat(1020) + "z");
    texts
}

/// Rows of few different values each, so that sums come to the edges of what they can be.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let float = prop_oneof![4 => (0..FLOATS.len()).prop_map(|at| FLOATS[at].to_bits()), 1 => any::<u64>(), 1 => (-20i32..20).prop_map(|n| f64::from(n).to_bits())];
    let integer = prop_oneof![3 => (0..INTEGERS.len()).prop_map(|at| INTEGERS[at]), 1 => any::<i64>(), 2 => -4..4i64];
    let floats = proptest::collection::vec(float, 1..4);
    let integers = proptest::collection::vec(integer, 1..4);
    (floats, integers, 0..4usize, 1..3i64).prop_flat_map(|(floats, integers, texts, buckets)| {
        let row = (
            (0..4 * buckets, 0..floats.len(), 0..integers.len(), 0..integers.len()),
            (0..1 + texts, any::<bool>(), prop_oneof![3 => Just(0u8), 1 => any::<u8>()]),
        );
        let row = row.prop_map(move |((quarter, f, i, d), (s, b, null))| Row {
            ts: quarter * HOUR / 4,
            f: floats[f],
            i: integers[i],
            d: integers[d],
            s: (s + texts) % 9,
            b,
            null,
        });
        proptest::collection::vec(row, 1..24)
    })
}

fn fold(spec: &Spec, rows: &[Row]) -> Rollup {
    let texts: Vec<Cow<'static, str>> = texts().into_iter().map(Cow::Owned).collect();
    let valid = |bit: u8| rows.iter().map(|row| row.null >> bit & 1 == 0).collect::<Vec<bool>>();
    let column = |bit, values| Column::with_validity(values, valid(bit));
    let batch = Batch::new(rows.len())
        .with("ts", Column::new(Values::Timestamp(rows.iter().map(|row| row.ts).collect())))
        .with("f", column(0, Values::Float64(rows.iter().map(|row| row.f).collect())))
        .with("i", column(1, Values::Int64(rows.iter().map(|row| row.i).collect())))
        .with("d", column(2, Values::Decimal(rows.iter().map(|row| row.d).collect(), 2)))
        .with("s", column(3, Values::String(rows.iter().map(|row| row.s as u32).collect(), (&texts).into())))
        .with("b", column(4, Values::Bool(rows.iter().map(|row| row.b).collect())));
    let mut rollup = Rollup::new(spec.clone());
    rollup.ingest(&batch).expect("rows that fit");
    rollup
}

fn assert_read(rollup: &Rollup) {
    let bytes = rollup.encode();
    let read = Rollup::decode(&bytes).unwrap_or_else(|error| panic!("{error} ({:?})", error.path()));
    // a t-digest is settled anew by reading; all else has one spelling
    assert!(!rollup.spec().is_canonical() || read.encode() == bytes);
    let day = Bucket::new(&BucketSource { width: "1 day".into(), ..BucketSource::default() }).expect("a day");
    let coarse = read.coarsen(Some(&day), Some(&[])).expect("hours nest in days");
    Rollup::decode(&coarse.encode()).unwrap_or_else(|error| panic!("coarse: {error}"));
}

fn cases() -> u32 {
    std::env::var("ISOFOLD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_honest_rows_make_is_read(rows in rows(), chosen: u128, at in 0..24usize) {
        let spec = spec(chosen);
        let (left, right) = rows.split_at(at.min(rows.len()));
        let mut merged = fold(&spec, left);
        assert_read(&merged);
        merged.merge(&fold(&spec, right)).expect("one schema");
        assert_read(&merged);
        assert_read(&fold(&spec, &rows));
    }
}
