//! What queries answer where there are no rows, gaps, values past their type, and buckets that do not nest.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::math::Float64;
use isofold::query::{BucketChoice, Fill, Frame, QuerySource};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::{format_timestamp, parse_timestamp, BucketSource};
use isofold::{limits, Code, Rollup, Value};
use std::borrow::Cow;

/// Hour of 2026-01-01, key, integer, double; the time may lie days off.
type Row = (i64, &'static str, i64, f64);

const HOUR_US: i64 = 3_600_000_000;

fn hour(hour: i64) -> i64 {
    parse_timestamp("2026-01-01").expect("a time") + hour * HOUR_US
}

fn at(hours: i64) -> Option<String> {
    Some(format_timestamp(hour(hours)))
}

fn rollup_of(bucket: BucketSource, rows: &[Row]) -> Rollup {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    let spec = Spec::compile(&SpecSource {
        name: "r".into(),
        columns: pairs(&[("ts", "timestamp"), ("k", "string"), ("i", "int64"), ("x", "float64")]),
        time: "ts".into(),
        bucket,
        group_by: vec![Named { name: None, expression: "k".into() }],
        filter: None,
        select: pairs(&[
            ("n", "count(*)"),
            ("s", "sum(i)"),
            ("m", "max(x)"),
            ("half", "s / 2"),
            ("double", "cast(s as float64)"),
            ("times", "n * 9000000000000000000"),
            ("d", "approx_count_distinct(i)"),
        ]),
        keep: Vec::new(),
    })
    .expect("the spec is right");
    let mut rollup = Rollup::new(spec);
    let texts: Vec<Cow<'static, str>> = rows.iter().map(|row| Cow::Borrowed(row.1)).collect();
    let codes: Vec<u32> = (0..).take(rows.len()).collect();
    let batch = Batch::new(rows.len())
        .with("ts", Column::new(Values::Timestamp(rows.iter().map(|row| hour(row.0)).collect())))
        .with("k", Column::new(Values::String(codes.into(), texts.into())))
        .with("i", Column::new(Values::Int64(rows.iter().map(|row| row.2).collect())))
        .with("x", Column::new(Values::Float64(rows.iter().map(|row| row.3.to_bits()).collect())));
    rollup.ingest(&batch).expect("the rows fit");
    rollup
}

fn hourly(rows: &[Row]) -> Rollup {
    rollup_of(BucketSource { width: "1 hour".into(), ..BucketSource::default() }, rows)
}

fn named(name: &str) -> Named {
    Named { name: None, expression: name.into() }
}

fn ungrouped(select: &[&str]) -> QuerySource {
    QuerySource {
        group_by: Some(Vec::new()),
        select: Some(select.iter().map(|name| named(name)).collect()),
        ..QuerySource::default()
    }
}

fn filled(metric: &str, fill: Fill) -> QuerySource {
    QuerySource { gapfill: Some(vec![(metric.into(), fill)]), ..ungrouped(&[metric]) }
}

fn column(frame: &Frame, name: &str) -> Vec<Value> {
    frame.column(name).expect("the column is there").values().to_vec()
}

fn answer(rollup: &Rollup, query: &QuerySource, name: &str) -> Vec<Value> {
    column(&rollup.query(query).expect("the query is right"), name)
}

fn double(value: f64) -> Value {
    Value::Float64(Float64::from_bits(value.to_bits()))
}

fn hours(hours: &[i64]) -> Vec<Value> {
    hours.iter().map(|&at| Value::Timestamp(hour(at))).collect()
}

fn zero() -> Fill {
    Fill::Constant(Value::Int64(0))
}

#[test]
fn what_having_leaves_out_does_not_come_back_filled() {
    let rollup = hourly(&[(2, "a", 1, 1.0), (2, "a", 1, 1.0), (3, "a", 7, 1.0), (5, "a", 1, 1.0), (5, "a", 1, 1.0)]);
    for keys in [vec![], vec![named("k")]] {
        for (fill, gap) in [(zero(), 0), (Fill::Locf, 1), (Fill::Interpolate, 2)] {
            let query = QuerySource {
                start: at(2),
                end: at(7),
                having: Some("n > 1".into()),
                group_by: Some(keys.clone()),
                ..filled("n", fill.clone())
            };
            let frame = rollup.query(&query).expect("an answer");
            assert_eq!(column(&frame, "bucket"), hours(&[2, 4, 5, 6]), "{fill:?}");
            // the gap at 4 is filled from what is stored at 3, which is one row
            let expected = [2, [0, 1, 2][gap], 2];
            assert_eq!(column(&frame, "n")[..3], expected.map(Value::Int64), "{fill:?}");
        }
    }
}

#[test]
fn keys_of_which_having_leaves_nothing_are_not_filled() {
    let rollup = hourly(&[(2, "a", 1, 1.0), (2, "a", 1, 1.0), (3, "b", 7, 1.0)]);
    let query =
        QuerySource { start: at(2), end: at(4), having: Some("n > 1".into()), group_by: None, ..filled("n", zero()) };
    assert_eq!(answer(&rollup, &query, "k"), [Value::String("a".into()), Value::String("a".into())]);
    assert_eq!(answer(&rollup, &query, "n"), [2, 0].map(Value::Int64));
}

#[test]
fn a_total_of_no_rows_is_one_row() {
    let full = hourly(&[(5, "a", 1, 1.0)]);
    let select = ["n", "s", "m", "d", "half"];
    let whole = QuerySource { bucket: BucketChoice::Whole, ..ungrouped(&select) };
    let none = QuerySource { filter: Some("k = 'none'".into()), ..whole.clone() };
    let other = QuerySource { start: at(24), end: at(48), ..whole.clone() };
    let windows = QuerySource { windows: vec![("last".into(), "1 hour".into())], ..other.clone() };
    for (rollup, query) in [(&hourly(&[]), &whole), (&full, &none), (&full, &other), (&full, &windows)] {
        let frame = rollup.query(query).expect("an answer");
        assert_eq!(frame.len(), 1);
        for (name, right) in
            select.iter().zip([Value::Int64(0), Value::Null, Value::Null, Value::Int64(0), Value::Null])
        {
            assert_eq!(column(&frame, name), core::slice::from_ref(&right), "{name}");
            if !query.windows.is_empty() {
                assert_eq!(column(&frame, &format!("{name}_last")), [right], "{name}");
            }
        }
    }
    let kept = QuerySource { having: Some("n > 0".into()), ..none.clone() };
    assert!(full.query(&kept).expect("an answer").is_empty());
    let by_key = QuerySource { group_by: None, ..none };
    assert!(full.query(&by_key).expect("an answer").is_empty(), "without rows there are no keys");
}

#[test]
fn a_range_without_rows_is_filled_where_there_are_no_keys() {
    let full = hourly(&[(5, "a", 1, 1.0)]);
    let query = QuerySource { start: at(24), end: at(27), ..filled("n", zero()) };
    for rollup in [&hourly(&[]), &full] {
        assert_eq!(answer(rollup, &query, "bucket"), hours(&[24, 25, 26]));
        assert_eq!(answer(rollup, &query, "n"), [0, 0, 0].map(Value::Int64));
        let by_key = QuerySource { group_by: None, ..query.clone() };
        assert!(rollup.query(&by_key).expect("an answer").is_empty());
        let open = QuerySource { end: None, ..query.clone() };
        assert!(rollup.query(&open).expect("an answer").is_empty(), "nothing says where an open range ends");
    }
    assert_eq!(answer(&full, &QuerySource { start: at(24), end: at(24), ..query }, "n"), []);
}

#[test]
fn neighbours_outside_of_the_range_are_found() {
    let rollup = hourly(&[(0, "a", 3, 3.0), (0, "b", 9, 9.0), (6, "a", 9, 6.0), (30, "b", 1, 7.0)]);
    let by_key = |start: i64, end: i64, fill: Fill| QuerySource {
        start: at(start),
        end: at(end),
        group_by: None,
        ..filled("m", fill)
    };
    let doubles = |values: &[f64]| values.iter().map(|&value| double(value)).collect::<Vec<_>>();
    // no row of b is in the range: only keys with one are filled
    assert_eq!(answer(&rollup, &by_key(4, 8, Fill::Locf), "m"), doubles(&[3.0, 3.0, 6.0, 6.0]));
    assert_eq!(answer(&rollup, &by_key(4, 7, Fill::Interpolate), "m"), doubles(&[5.0, 5.5, 6.0]));
    let last = answer(&rollup, &by_key(5, 8, Fill::Interpolate), "m");
    assert_eq!(last, [double(5.5), double(6.0), Value::Null], "nothing comes after");
    // without keys all rows are one series, and a range without any is filled
    let all = |start: i64, end: i64, fill: Fill| QuerySource { start: at(start), end: at(end), ..filled("n", fill) };
    assert_eq!(answer(&rollup, &all(2, 4, Fill::Locf), "n"), [2, 2].map(Value::Int64));
    // 2 at 0, 1 at 6: 1.5 rounds away from zero
    assert_eq!(answer(&rollup, &all(2, 5, Fill::Interpolate), "n"), [2, 2, 1].map(Value::Int64));
    let null = QuerySource { gapfill: Some(Vec::new()), ..all(2, 4, Fill::Null) };
    assert_eq!(answer(&rollup, &null, "n"), [Value::Null, Value::Null]);
}

#[test]
fn a_neighbour_is_a_whole_bucket_of_the_result() {
    let rollup =
        hourly(&[(1, "a", 1, 1.0), (23, "b", 2, 1.0), (50, "a", 4, 1.0), (97, "a", 8, 1.0), (119, "b", 16, 1.0)]);
    let day = BucketChoice::Coarser(BucketSource { width: "1 day".into(), ..BucketSource::default() });
    let query = QuerySource { start: at(24), end: at(96), bucket: day.clone(), ..filled("s", Fill::Locf) };
    assert_eq!(answer(&rollup, &query, "s"), [3, 4, 4].map(Value::Int64));
    let line = QuerySource { gapfill: Some(vec![("s".into(), Fill::Interpolate)]), ..query.clone() };
    assert_eq!(answer(&rollup, &line, "s"), [4, 4, 14].map(Value::Int64));
    // the last of a key and a day are all its rows of the day, and those that the filter keeps
    let of_b = QuerySource { filter: Some("k = 'b'".into()), ..query };
    assert_eq!(answer(&rollup, &of_b, "s"), [2, 2, 2].map(Value::Int64));
    // a first bucket of which the range takes a part has no neighbour in itself
    let part = QuerySource { start: at(2), end: at(72), bucket: day, ..filled("s", Fill::Locf) };
    assert_eq!(answer(&rollup, &part, "s"), [2, 2, 4].map(Value::Int64));
}

#[test]
fn a_stored_null_is_carried_and_breaks_a_line() {
    let rollup = hourly(&[(0, "a", 1, 1.0), (1, "a", 1, f64::NAN), (4, "a", 1, 4.0)]);
    let values = |fill: Fill| answer(&rollup, &filled("m", fill), "m");
    assert_eq!(values(Fill::Locf), [double(1.0), Value::Null, Value::Null, Value::Null, double(4.0)]);
    assert_eq!(values(Fill::Interpolate), [double(1.0), Value::Null, Value::Null, Value::Null, double(4.0)]);
}

#[test]
fn a_line_between_doubles_stays_between_them() {
    for (low, high, middle) in [
        (1e300, 2e300, 1.5e300),
        (2e300, 1e300, 1.5e300),
        (-1.7e308, 1.7e308, 0.0),
        (f64::MIN, f64::MAX, 0.0),
        (f64::MAX, f64::MAX, f64::MAX),
        (f64::MAX, 1.797_693_134_862_315_5e308, 1.797_693_134_862_315_5e308),
        (5e-324, 1.5e-323, 1e-323),
        (5e-324, -5e-324, 0.0),
        (0.1, 0.1, 0.1),
        (1.0, 1.0 + f64::EPSILON, 1.0),
        (f64::INFINITY, f64::INFINITY, f64::INFINITY),
        (f64::INFINITY, 1.0, f64::INFINITY),
        (1.0, f64::NEG_INFINITY, f64::NEG_INFINITY),
    ] {
        let rollup = hourly(&[(0, "a", 1, low), (2, "a", 1, high)]);
        assert_eq!(answer(&rollup, &filled("m", Fill::Interpolate), "m")[1], double(middle), "{low} {high}");
    }
    let opposite = hourly(&[(0, "a", 1, f64::INFINITY), (2, "a", 1, f64::NEG_INFINITY)]);
    assert_eq!(answer(&opposite, &filled("m", Fill::Interpolate), "m")[1], Value::Null);
    let thirds = hourly(&[(0, "a", 1, 1.0), (3, "a", 1, 4.0)]);
    assert_eq!(answer(&thirds, &filled("m", Fill::Interpolate), "m"), [1.0, 2.0, 3.0, 4.0].map(double));
}

#[test]
fn a_line_between_integers_rounds_halves_away_from_zero() {
    for (low, high, middle) in [(1, 2, 2), (-1, -2, -2), (-1, 0, -1), (1, 4, 3), (i64::MIN, i64::MAX, -1), (7, 7, 7)] {
        let rollup = hourly(&[(0, "a", low, 1.0), (2, "a", high, 1.0)]);
        assert_eq!(answer(&rollup, &filled("s", Fill::Interpolate), "s")[1], Value::Int64(middle), "{low} {high}");
    }
    let rollup = hourly(&[(0, "a", 0, 1.0), (4, "a", 3, 1.0)]);
    assert_eq!(answer(&rollup, &filled("s", Fill::Interpolate), "s"), [0, 1, 2, 2, 3].map(Value::Int64));
}

#[test]
fn fills_that_do_not_fit_are_refused() {
    let rollup = hourly(&[(0, "a", 1, 1.0)]);
    for (metric, fill) in [
        ("n", Fill::Constant(double(0.5))),
        ("m", Fill::Constant(Value::String("x".into()))),
        ("m", Fill::Constant(Value::Bool(true))),
    ] {
        let error = rollup.query(&filled(metric, fill.clone())).expect_err("a misfit");
        assert_eq!((error.code(), error.path()), (Code::QueryGapfill, &*format!("query.gapfill.{metric}")), "{fill:?}");
    }
    assert!(rollup.query(&filled("m", zero())).is_ok(), "an integer fits a double");
    let unknown = QuerySource { gapfill: Some(vec![("nothing".into(), zero())]), ..ungrouped(&["n"]) };
    assert_eq!(rollup.query(&unknown).expect_err("no metric").code(), Code::QueryUnknownName);
    let whole = QuerySource { bucket: BucketChoice::Whole, ..filled("n", zero()) };
    assert_eq!(rollup.query(&whole).expect_err("no bucket").code(), Code::QueryGapfill);
}

#[test]
fn a_gapfill_that_is_too_large_is_refused_by_its_count() {
    let rollup = hourly(&[(0, "a", 1, 1.0), (1, "b", 1, 1.0)]);
    let query =
        |start: i64, end: i64| QuerySource { start: at(start), end: at(end), group_by: None, ..filled("n", zero()) };
    let most = limits::MAX_RESULT_ROWS as i64;
    let error = rollup.query(&query(0, most / 2 + 1)).expect_err("too many");
    assert_eq!((error.code(), error.path()), (Code::LimitResult, "query.gapfill"));
    assert_eq!(error.message(), "a result has at most 10000000 rows, 5000001 buckets × 2 keys are more");
    let seconds =
        BucketSource { width: "1 second".into(), timezone: Some("Europe/Berlin".into()), ..BucketSource::default() };
    let rollup = rollup_of(seconds, &[(0, "a", 1, 1.0), (1, "b", 1, 1.0)]);
    let started = std::time::Instant::now();
    for end in ["2030-01-01", "9999-12-31"] {
        let far = QuerySource { end: Some(end.into()), ..query(0, 1) };
        assert_eq!(rollup.query(&far).expect_err("too many").code(), Code::LimitResult);
    }
    assert!(started.elapsed().as_millis() < 500, "counting takes no time: {:?}", started.elapsed());
}

#[test]
fn a_sum_past_int64_is_one_cell() {
    let rollup = hourly(&[(0, "a", 5, 1.0), (0, "b", 7, 1.0), (0, "z", 1 << 62, 1.0), (0, "z", 1 << 62, 1.0)]);
    let frame = rollup.query(&QuerySource::default()).expect("an answer");
    assert_eq!(column(&frame, "s"), [Value::Int64(5), Value::Int64(7), Value::Null]);
    assert_eq!(column(&frame, "half"), [2.5, 3.5, 4_611_686_018_427_387_904.0].map(double));
    assert_eq!(column(&frame, "double"), [5.0, 7.0, 9_223_372_036_854_775_808.0].map(double));
    assert_eq!(column(&frame, "times")[2], Value::Null);
    let told: Vec<_> = frame.warnings().iter().map(|w| (w.code, w.metric.as_str(), w.bucket)).collect();
    let bucket = Some(hour(0));
    assert_eq!(told, [(Code::QueryOverflow, "s", bucket), (Code::ExprOverflow, "times", bucket)]);
    assert_eq!(frame.warnings()[0].key, [("k".to_string(), Value::String("z".into()))]);
    assert_eq!(frame.warnings()[0].message, "the sum 9223372036854775808 does not fit int64");
    assert_eq!(frame.more_warnings(), 0);
    // the condition cannot see the value either, so the warning stays
    let kept =
        rollup.query(&QuerySource { having: Some("s > 6".into()), ..QuerySource::default() }).expect("an answer");
    assert_eq!((kept.len(), kept.warnings().len()), (1, 2));
    let asked = QuerySource { select: Some(vec![named("cast(sum(i) as float64) as d")]), ..QuerySource::default() };
    let frame = rollup.query(&asked).expect("an answer");
    assert_eq!((column(&frame, "d")[2].clone(), frame.warnings()), (double(9_223_372_036_854_775_808.0), &[][..]));
    let rows = rollup.rows().expect("rows");
    assert_eq!((rows[0].metrics[1].clone(), rows[2].metrics[1].clone()), (Value::Int64(5), Value::Null));
    // the state stays exact
    let mut back = Rollup::decode(&rollup.encode()).expect("canonical");
    back.merge(&hourly(&[(0, "z", -(1 << 62), 1.0)])).expect("one schema");
    assert_eq!(answer(&back, &QuerySource::default(), "s")[2], Value::Int64(1 << 62));
}

#[test]
fn buckets_that_do_not_nest_are_refused_whether_or_not_a_row_straddles() {
    let zoned = |zone: &str| {
        BucketChoice::Coarser(BucketSource {
            width: "1 day".into(),
            timezone: Some(zone.into()),
            ..BucketSource::default()
        })
    };
    let ask = |zone: &str, rows: &[Row], start: Option<String>, end: Option<String>| {
        hourly(rows).query(&QuerySource { start, end, bucket: zoned(zone), ..ungrouped(&["n"]) })
    };
    for rows in [&[][..], &[(3, "a", 1, 1.0)]] {
        for (start, end) in [(None, None), (at(0), at(48)), (at(0), None), (None, at(24))] {
            let error = ask("Asia/Kolkata", rows, start.clone(), end.clone()).expect_err("half an hour off");
            assert_eq!((error.code(), error.path()), (Code::CoarsenBucket, "query.bucket"), "{start:?} {end:?}");
            assert!(error.message().contains("1 day in Asia/Kolkata; buckets of 30 minutes, or of"), "{error}");
            assert!(ask("Europe/Berlin", rows, start, end).is_ok());
        }
        let error = ask("Asia/Kathmandu", rows, None, None).expect_err("a quarter off");
        assert!(error.message().contains("buckets of 15 minutes"), "{error}");
    }
    // half an hour off in summer alone
    let rows = [(3, "a", 1, 1.0)];
    assert!(ask("Australia/Lord_Howe", &rows, None, None).is_ok());
    assert!(ask("Australia/Lord_Howe", &rows, at(0), at(24 * 365)).is_err());
    // nothing straddles inside one day
    assert_eq!(ask("Asia/Kolkata", &rows, at(0), at(6)).expect("an answer").len(), 1);
}
