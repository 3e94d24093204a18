//! The verbs on a small rollup, by hand.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::query::{BucketChoice, Fill, QuerySource};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::{Bucket, BucketSource};
use isofold::{limits, Budget, Code, Rollup, Value};
use std::borrow::Cow;

const HOUR: i64 = 3_600_000_000;

fn spec() -> Spec {
    spec_where(None)
}

fn spec_where(filter: Option<&str>) -> Spec {
    Spec::compile(&SpecSource {
        name: "requests".into(),
        columns: vec![
            ("ts".into(), "timestamp".into()),
            ("model".into(), "string".into()),
            ("ms".into(), "float64".into()),
            ("status".into(), "int64".into()),
        ],
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "model".into() }],
        filter: filter.map(Into::into),
        select: [
            ("requests", "count(*)"),
            ("errors", "count(*) filter (where status >= 400)"),
            ("error_pct", "100 * errors / requests"),
            ("mean_ms", "avg(ms)"),
            ("p50_ms", "approx_percentile(0.5, percentile_agg(ms))"),
            ("statuses", "approx_count_distinct(status)"),
        ]
        .map(|(name, text)| (name.into(), text.into()))
        .to_vec(),
        keep: Vec::new(),
    })
    .expect("the spec is right")
}

type Row = (i64, Option<&'static str>, f64, i64);

const ROWS: [Row; 6] = [
    (0, Some("a"), 10.0, 200),
    (10, Some("a"), 30.0, 500),
    (HOUR, Some("b"), 5.0, 200),
    (3 * HOUR, Some("a"), f64::NAN, 200),
    (26 * HOUR, None, -0.0, 404),
    (26 * HOUR + 1, Some("a"), 1.5, 200),
];

fn batch(rows: &[Row]) -> Batch<'static> {
    let models: Vec<Cow<'static, str>> = rows.iter().map(|row| Cow::Borrowed(row.1.unwrap_or(""))).collect();
    let codes: Vec<u32> = (0..rows.len() as u32).collect();
    let valid: Vec<bool> = rows.iter().map(|row| row.1.is_some()).collect();
    Batch::new(rows.len())
        .with("ts", Column::new(Values::Timestamp(rows.iter().map(|row| row.0).collect())))
        .with("model", Column::with_validity(Values::String(codes.into(), models.into()), valid))
        .with("ms", Column::new(Values::Float64(rows.iter().map(|row| row.2.to_bits()).collect())))
        .with("status", Column::new(Values::Int64(rows.iter().map(|row| row.3).collect())))
}

fn fold(rows: &[Row]) -> Rollup {
    let mut rollup = Rollup::new(spec());
    rollup.ingest(&batch(rows)).expect("the rows fit");
    rollup
}

fn column(rollup: &Rollup, query: &QuerySource, name: &str) -> Vec<Value> {
    let frame = rollup.query(query).expect("the query is right");
    frame.column(name).expect("the column is there").values().to_vec()
}

#[test]
fn merging_parts_gives_the_bytes_of_the_whole() {
    let whole = fold(&ROWS);
    for cut in 0..=ROWS.len() {
        let mut left = fold(&ROWS[cut..]);
        left.merge(&fold(&ROWS[..cut])).expect("one schema");
        assert_eq!(left.encode(), whole.encode());
    }
    assert_eq!(Rollup::decode(&whole.encode()).expect("canonical").encode(), whole.encode());
}

#[test]
fn coarsening_gives_the_bytes_of_folding_anew() {
    let day = Bucket::new(&BucketSource { width: "1 day".into(), ..BucketSource::default() }).expect("a day");
    let coarse = fold(&ROWS).coarsen(Some(&day), Some(&[])).expect("hours nest in days");
    let mut source = spec().source();
    source.bucket.width = "1 day".into();
    source.group_by.clear();
    let mut anew = Rollup::new(Spec::compile(&source).expect("the spec is right"));
    anew.ingest(&batch(&ROWS)).expect("the rows fit");
    assert_eq!(coarse.encode(), anew.encode());
    assert_eq!(coarse.coarsen(None, Some(&["model".into()])).unwrap_err().code(), Code::CoarsenKey);
}

#[test]
fn a_bucket_that_straddles_two_is_not_coarsened() {
    let coarse = |width: &str, offset: &str| {
        Bucket::new(&BucketSource { width: width.into(), offset: Some(offset.into()), ..BucketSource::default() })
            .expect("a bucket")
    };
    let rollup = fold(&ROWS[..2]);
    // the hour from 00:00 to 01:00
    for (width, offset, fits) in [
        ("1 day", "0 hours", true),
        ("1 day", "1 hour", true),
        ("1 day", "1 microsecond", false),
        ("1 day", "59 minutes", false),
        // a row lies where nothing straddles, the next need not
        ("90 minutes", "0 hours", false),
        ("90 minutes", "1 hour", false),
        ("90 minutes", "30 minutes", false),
        ("30 minutes", "0 hours", false),
    ] {
        let found = rollup.coarsen(Some(&coarse(width, offset)), None).map(|coarse| coarse.len());
        assert_eq!(
            found.map_err(|error| error.code()),
            if fits { Ok(1) } else { Err(Code::CoarsenBucket) },
            "{width} {offset}"
        );
    }
}

#[test]
fn buckets_that_do_not_nest_are_not_coarsened_whether_or_not_a_group_straddles() {
    let day = |zone: &str| {
        let source = BucketSource { width: "1 day".into(), timezone: Some(zone.into()), ..BucketSource::default() };
        Bucket::new(&source).expect("a bucket")
    };
    for rows in [&ROWS[..0], &ROWS[..2]] {
        let rollup = fold(rows);
        let error = rollup.coarsen(Some(&day("Asia/Kolkata")), None).expect_err("half an hour off");
        assert_eq!(error.code(), Code::CoarsenBucket);
        assert!(error.message().contains("buckets of 30 minutes"), "{error}");
        assert!(rollup.coarsen(Some(&day("Europe/Berlin")), None).is_ok());
    }
}

#[test]
fn a_range_is_cut_out_and_put_back() {
    let whole = fold(&ROWS);
    let cut = whole.slice(Some(HOUR), Some(4 * HOUR)).expect("edges");
    assert_eq!(cut.len(), 2);
    let mut other = whole.clone();
    other.replace(Some(HOUR), Some(4 * HOUR), &cut).expect("inside");
    assert_eq!(other.encode(), whole.encode());
    assert_eq!(other.prune(24 * HOUR).expect("a time"), 3);
    assert_eq!(other.encode(), fold(&ROWS[4..]).encode());
    assert_eq!(whole.slice(Some(1), None).unwrap_err().code(), Code::RangeEdge);
    assert_eq!(other.replace(None, Some(0), &whole).unwrap_err().code(), Code::RangeOutside);
}

#[test]
fn a_query_regroups_and_reads() {
    let rollup = fold(&ROWS);
    let whole = QuerySource { bucket: BucketChoice::Whole, ..QuerySource::default() };
    assert_eq!(column(&rollup, &whole, "model"), [Value::String("a".into()), Value::String("b".into()), Value::Null]);
    assert_eq!(column(&rollup, &whole, "requests"), [4, 1, 1].map(Value::Int64));
    assert_eq!(column(&rollup, &whole, "errors"), [1, 0, 1].map(Value::Int64));
    assert_eq!(rollup.stats().nan, [("ms".to_string(), 1)]);
    let narrow = QuerySource {
        select: Some(vec![Named { name: Some("top".into()), expression: "sum(status)".into() }]),
        ..whole.clone()
    };
    assert_eq!(rollup.query(&narrow).unwrap_err().code(), Code::QueryState);
}

#[test]
fn gaps_are_filled_by_key() {
    let rollup = fold(&ROWS[..4]);
    let query = QuerySource {
        group_by: Some(vec![]),
        gapfill: Some(vec![("requests".into(), Fill::Constant(Value::Int64(0))), ("mean_ms".into(), Fill::Locf)]),
        ..QuerySource::default()
    };
    assert_eq!(column(&rollup, &query, "requests"), [2, 1, 0, 1].map(Value::Int64));
    let means = column(&rollup, &query, "mean_ms");
    assert_eq!(means[1], means[2]);
    assert_eq!(means[3], Value::Null);
}

#[test]
fn an_error_leaves_the_rollup_as_it_was() {
    let mut rollup = fold(&ROWS);
    let before = rollup.encode();
    let short = batch(&ROWS).with("extra", Column::new(Values::Bool(vec![].into())));
    assert!(rollup.ingest(&short).is_ok(), "columns that the spec does not declare are ignored");
    rollup = Rollup::decode(&before).expect("canonical");
    let mut late = ROWS;
    late[5].0 = i64::MAX;
    let error = rollup.ingest(&batch(&late)).unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::IngestTime, "column.ts[5]"));
    assert_eq!(rollup.encode(), before);
}

#[test]
fn rows_that_are_left_out_may_have_any_key() {
    const MODELS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let rows = |status: fn(usize) -> i64| -> Vec<Row> {
        (0..600).map(|row| (row as i64, Some(MODELS[row % 6]), 1.0, status(row))).collect()
    };
    let spec = || spec_where(Some("status >= 400"));
    let mut rollup = Rollup::new(spec());
    assert_eq!(rollup.ingest(&batch(&rows(|_| 200))).expect("no row fails"), 0);
    assert_eq!((rollup.len(), rollup.encode()), (0, Rollup::new(spec()).encode()));
    // only the first model is kept, and the others would be groups that there are not
    let first = rows(|row| if row % 6 == 0 { 500 } else { 200 });
    assert_eq!(rollup.ingest(&batch(&first)).expect("no row fails"), 100);
    assert_eq!(rollup.len(), 1);
    let mut alone = Rollup::new(spec());
    let kept: Vec<Row> = first.into_iter().filter(|row| row.3 == 500).collect();
    alone.ingest(&batch(&kept)).expect("no row fails");
    assert_eq!(rollup.encode(), alone.encode());
}

#[test]
fn all_problems_of_a_spec_are_told_at_once() {
    let mut source = spec().source();
    source.time = "model".into();
    source.bucket.width = "0 hours".into();
    source.select.push(("bad".into(), "sum(nothing".into()));
    source.select.push(("worse".into(), "sum(model)".into()));
    let error = Spec::compile(&source).unwrap_err();
    let paths: Vec<&str> = error.problems().map(|problem| problem.path()).collect();
    assert_eq!(paths, ["spec.time", "spec.bucket.width", "spec.select.bad", "spec.select.worse"]);
}

#[test]
fn a_text_that_no_row_holds_is_no_part_of_the_batch() {
    let texts: Vec<Cow<'static, str>> = vec!["a".into(), "x".repeat(1 << 21).into()];
    let with_codes = |codes: [u32; 1]| {
        Batch::new(1)
            .with("ts", Column::new(Values::Timestamp(vec![0].into())))
            .with("model", Column::new(Values::String(codes.to_vec().into(), texts.clone().into())))
            .with("ms", Column::new(Values::Float64(vec![0].into())))
            .with("status", Column::new(Values::Int64(vec![200].into())))
    };
    let mut rollup = Rollup::new(spec());
    assert_eq!(rollup.ingest(&with_codes([0])).expect("the long text is in no row"), 1);
    let error = rollup.ingest(&with_codes([1])).unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::IngestText, "column.model[0]"));
}

#[test]
fn a_rollup_past_the_default_limit_of_groups_is_decoded_under_its_own() {
    let groups = limits::MAX_GROUPS + 1;
    let mut source = spec().source();
    source.columns = vec![("ts".into(), "timestamp".into()), ("n".into(), "int64".into())];
    source.group_by = vec![Named { name: None, expression: "n".into() }];
    source.select = vec![("rows".into(), "count(*)".into())];
    let mut rollup = Rollup::new(Spec::compile(&source).unwrap()).with_max_groups(groups).unwrap();
    rollup
        .ingest(
            &Batch::new(groups)
                .with("ts", Column::new(Values::Timestamp(vec![0; groups].into())))
                .with("n", Column::new(Values::Int64((0..groups as i64).collect()))),
        )
        .unwrap();
    let bytes = rollup.encode();
    assert_eq!(Rollup::decode(&bytes).unwrap_err().code(), Code::LimitGroups);
    let within =
        |max_groups| Rollup::decode_within(&bytes, &Budget { max_groups: Some(max_groups), ..Budget::default() });
    assert_eq!(within(groups - 1).unwrap_err().code(), Code::LimitGroups);
    assert_eq!(within(usize::MAX).unwrap_err().code(), Code::LimitGroups);
    let again = within(groups).unwrap();
    assert_eq!((again.len(), again.max_groups()), (groups, groups));
    assert_eq!(again.digest(), rollup.digest());
}
