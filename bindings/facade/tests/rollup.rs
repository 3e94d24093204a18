//! The verbs as a host calls them: JSON in, batches in, columns out.

use isofold::Code;
use isofold_facade::{Batch, Declared, Frame, HostColumn, HostValues, Rollup, Source};

const SPEC: &str = r#"{
    "name": "requests", "columns": {"ts": "timestamp[s]", "model": "string", "ms": "float64", "tokens": "int64"},
    "time": "ts", "bucket": "1 hour", "group_by": ["model"], "where": "tokens <> 13",
    "select": {"n": "count(*)", "total": "sum(tokens)", "avg_ms": "avg(ms)",
               "p95": "approx_percentile(0.95, percentile_agg(ms))", "tokens_seen": "value_counts(tokens)"}
}"#;

/// Rows `from..to` of an endless table.
fn batch<'a>(from: usize, to: usize) -> Batch<'a> {
    let rows = from..to;
    let column = |values: HostValues<'a>| HostColumn::new(values);
    let bits = |value: usize| (value as f64).to_bits();
    let columns = [
        ("ts", column(HostValues::Int64(rows.clone().map(|row| (row % 50_000) as i64).collect()))),
        ("tokens", column(HostValues::Number(rows.clone().map(|row| bits(row % 17)).collect()))),
        ("ms", column(HostValues::Number(rows.clone().map(|row| bits(row * 7919 % 1013)).collect()))),
        ("model", {
            let texts = rows.clone().map(|row| format!("m{}", row % 5).into()).collect();
            column(HostValues::Text((0..rows.len() as u32).collect(), texts))
        }),
        ("not_declared", column(HostValues::Other(rows.len(), "a list".into()))),
    ];
    Batch::from_columns(columns.map(|(name, column)| (name.to_owned(), column))).expect("columns of one length")
}

fn folded(from: usize, to: usize) -> Rollup {
    let mut rollup = Rollup::new(SPEC).expect("a spec");
    rollup.ingest(&batch(from, to)).expect("rows that fit");
    rollup
}

fn texts(frame: &Frame, name: &str) -> String {
    frame.column_json(frame.position(name).expect("a column")).to_string()
}

#[test]
fn threads_and_batches_do_not_change_the_bytes() {
    let whole = folded(0, 100_000);
    for threads in [1, 2, 3] {
        let mut rollup = Rollup::new(SPEC).expect("a spec");
        let mut ingest = rollup.start_ingest(threads);
        for (from, to) in [(0, 70_001), (70_001, 70_001), (70_001, 100_000)] {
            ingest.fold(&batch(from, to)).expect("rows that fit");
        }
        assert_eq!(
            rollup.finish_ingest(ingest).expect("small"),
            100_000 - (0..100_000).filter(|row| row % 17 == 13).count()
        );
        assert_eq!(rollup.encode(), whole.encode(), "{threads} threads");
    }
}

/// Rows of a stream; in `torn` ones some tokens are half.
struct Rows {
    from: usize,
    to: usize,
    torn: Option<usize>,
}

impl Source for Rows {
    fn rows(&self) -> usize {
        self.to - self.from
    }

    fn read(&self, _: &[Declared]) -> isofold::Result<Batch<'_>> {
        let whole = batch(self.from, self.to);
        let Some(torn) = self.torn else { return Ok(whole) };
        let mut batch = Batch::new(self.rows())?;
        for name in ["ts", "ms", "model"] {
            batch.add(name, whole.column(name).expect("a column").clone())?;
        }
        let tokens = (self.from..self.to).map(|row| if row == torn { 0.5f64.to_bits() } else { 0 });
        batch.add("tokens", HostColumn::new(HostValues::Number(tokens.collect())))?;
        Ok(batch)
    }
}

#[test]
fn the_batches_of_a_stream_give_the_bytes_of_all_rows_at_once() {
    let whole = folded(0, 700_000);
    let ends = [0, 1, 1, 30_000, 70_000, 620_000, 621_000, 690_000, 700_000];
    for threads in [1, 2, 3, 8] {
        let mut rollup = Rollup::new(SPEC).expect("a spec");
        let mut ingest = rollup.start_ingest(threads);
        let stream = ends.windows(2).map(|ends| Ok(Rows { from: ends[0], to: ends[1], torn: None }));
        ingest.fold_all(stream).expect("rows that fit");
        ingest.fold(&batch(0, 0)).expect("no rows");
        let rows = rollup.finish_ingest(ingest).expect("small");
        assert_eq!(rows, 700_000 - (0..700_000).filter(|row| row % 17 == 13).count());
        assert_eq!(rollup.encode(), whole.encode(), "{threads} threads");
    }
}

#[test]
fn the_first_batch_of_a_stream_that_does_not_fit_is_told_whichever_thread_finds_it() {
    for threads in [1, 2, 3] {
        let mut ingest = Rollup::new(SPEC).expect("a spec").start_ingest(threads);
        // the later problem is found sooner: its batch is short
        let torn = [(0, 9), (9, 100_000), (100_000, 100_010), (100_010, 200_000)];
        let problems = [None, Some(99_999), Some(100_001), None];
        let stream = torn.iter().zip(problems).map(|(&(from, to), torn)| Ok(Rows { from, to, torn }));
        let error = ingest.fold_all(stream).expect_err("0.5 tokens");
        assert_eq!(error.to_string(), "0.5 is not an int64 (column.tokens[99999])", "{threads} threads");
        let mut ingest = Rollup::new(SPEC).expect("a spec").start_ingest(threads);
        let broken = [Ok(Rows { from: 0, to: 9, torn: None }), Err(isofold::Error::new(Code::HostArgument, "torn"))];
        assert_eq!(ingest.fold_all(broken.into_iter()).expect_err("torn").code(), Code::HostArgument);
    }
}

#[test]
fn an_ingest_that_fails_names_the_row_of_the_table_and_leaves_nothing() {
    let mut rollup = folded(0, 10);
    let before = rollup.digest();
    let mut ingest = rollup.start_ingest(4);
    ingest.fold(&batch(0, 70_000)).expect("rows that fit");
    let mut torn = Batch::new(70_000).expect("small");
    for name in ["ts", "ms", "model"] {
        torn.add(name, batch(0, 70_000).column(name).expect("a column").clone()).expect("of its length");
    }
    let mut tokens = vec![1f64.to_bits(); 70_000];
    tokens[60_000] = 3.5f64.to_bits();
    torn.add("tokens", HostColumn::new(HostValues::Number(tokens.into()))).expect("of its length");
    let error = ingest.fold(&torn).expect_err("3.5 tokens");
    assert_eq!(error.to_string(), "3.5 is not an int64 (column.tokens[130000])");
    drop(ingest);
    assert_eq!(rollup.digest(), before);
    rollup.ingest(&torn).expect_err("3.5 tokens");
    assert_eq!(rollup.digest(), before);
}

#[test]
fn problems_of_columns_in_different_blocks_are_reported_together() {
    let rollup = Rollup::new(SPEC).expect("a spec");
    let rows = 200_000;
    let mut torn = Batch::new(rows).expect("small");
    for name in ["ts", "model"] {
        torn.add(name, batch(0, rows).column(name).expect("a column").clone()).expect("of its length");
    }
    let mut tokens = vec![1f64.to_bits(); rows];
    tokens[150_000] = 3.5f64.to_bits();
    torn.add("tokens", HostColumn::new(HostValues::Number(tokens.into()))).expect("of its length");
    let times: Vec<i64> = (0..rows as i64).map(|row| if row == 7 { i64::MAX } else { row }).collect();
    torn.add("ms", HostColumn::new(HostValues::Int64(times.into()))).expect("of its length");
    for threads in [1, 2] {
        let error = rollup.start_ingest(threads).fold(&torn).expect_err("two problems");
        let paths: Vec<_> = error.problems().map(|problem| problem.path().to_owned()).collect();
        assert_eq!(paths, ["column.ms[7]", "column.tokens[150000]"]);
    }
}

#[test]
fn a_row_without_a_time_is_named_whichever_thread_finds_it() {
    let rollup = Rollup::new(SPEC).expect("a spec");
    let mut torn = Batch::new(70_000).expect("small");
    for name in ["tokens", "ms", "model"] {
        torn.add(name, batch(0, 70_000).column(name).expect("a column").clone()).expect("of its length");
    }
    let validity: Vec<bool> = (0..70_000).map(|row| row != 65_000).collect();
    let times = HostColumn::new(HostValues::Int64(vec![0; 70_000].into())).with_validity(Some(validity.into()));
    torn.add("ts", times).expect("of its length");
    let error = rollup.start_ingest(4).fold(&torn).expect_err("no time");
    assert_eq!((error.code(), error.path()), (Code::IngestTime, "column.ts[65000]"));
}

#[test]
fn rollups_travel_as_bytes_and_merge() {
    let whole = folded(0, 3000);
    let mut merged = Rollup::decode(&folded(0, 1000).encode()).expect("bytes of a rollup");
    merged.merge_bytes(&folded(1000, 2500).encode(), "{}").expect("the same states");
    merged.merge(&folded(2500, 3000)).expect("the same states");
    assert_eq!(merged.digest(), whole.digest());
    assert_eq!(merged.spec().to_string(), whole.spec().to_string());
    assert_eq!(Rollup::new(&whole.spec()).expect("its own spec").spec().to_string(), whole.spec().to_string());
}

#[test]
fn queries_give_columns_with_names_and_types() {
    let frame = folded(0, 7200).query(r#"{"bucket": null, "order_by": ["-model"], "limit": 2}"#).expect("a query");
    assert_eq!(frame.len(), 2);
    let columns = r#"[{"name":"model","type":"string"},{"name":"n","type":"int64"},{"name":"total","type":"int64"},{"name":"avg_ms","type":"float64"},{"name":"p95","type":"float64"},{"name":"tokens_seen","type":"counts<int64>"}]"#;
    assert_eq!(frame.columns_json().to_string(), columns);
    assert_eq!(texts(&frame, "model"), r#"["m4","m3"]"#);
    assert!(texts(&frame, "tokens_seen").starts_with(r#"[[{"value":"#), "{}", texts(&frame, "tokens_seen"));
    assert!(frame.column(0).is_some() && frame.column(5).is_none() && frame.column(6).is_none());
}

#[test]
fn time_ranges_are_texts() {
    let mut rollup = folded(0, 7200);
    let stats = rollup.stats().to_string();
    assert!(
        stats.contains(r#""first_bucket":"1970-01-01T00:00:00Z","last_bucket_end":"1970-01-01T02:00:00Z""#),
        "{stats}"
    );
    let late = rollup.slice(r#"{"start": "1970-01-01T01:00:00Z"}"#).expect("an edge");
    assert_eq!((late.size(), rollup.size()), (5, 10));
    let edge = rollup.slice(r#"{"start": "1970-01-01T00:30:00Z"}"#).expect_err("no edge");
    assert_eq!(edge.code(), Code::RangeEdge);
    rollup.replace(r#"{"start": "1970-01-01T01:00:00Z"}"#, &late).expect("the same rows");
    assert_eq!(rollup.digest(), folded(0, 7200).digest());
    assert_eq!(rollup.prune("1970-01-01T01:00:00Z").expect("a time"), 5);
    assert_eq!(rollup.digest(), late.digest());
    assert_eq!(rollup.prune("soon").expect_err("no time").code(), Code::RangeInvalid);
}

#[test]
fn coarsening_takes_a_bucket_and_keys() {
    let rollup = folded(0, 7200);
    let day = rollup.coarsen(r#"{"bucket": "1 day", "group_by": []}"#).expect("coarser");
    assert_eq!(day.size(), 1);
    assert_eq!(rollup.coarsen("{}").expect("the same").digest(), rollup.digest());
    let error = rollup.coarsen(r#"{"bucket": "1 parsec"}"#).expect_err("no width");
    assert_eq!((error.code(), error.path()), (Code::SpecBucket, "bucket.width"));
    assert_eq!(rollup.coarsen(r#"{"group_by": ["city"]}"#).expect_err("no key").code(), Code::CoarsenKey);
}

#[test]
fn every_problem_of_a_spec_reaches_the_host() {
    let text = SPEC.replace("sum(tokens)", "summ(tokens)").replace("avg(ms)", "avg(mss)");
    let error = Rollup::new(text.as_str()).expect_err("two metrics");
    let paths: Vec<_> = error.problems().map(|problem| problem.path().to_owned()).collect();
    assert_eq!(paths, ["spec.select.total", "spec.select.avg_ms"]);
}

#[test]
fn an_error_in_a_metric_names_the_metric_and_the_row_of_the_table() {
    let spec = SPEC.replace("sum(tokens)", "sum(tokens * 2) filter (where ms >= 0)");
    let mut ingest = Rollup::new(spec.as_str()).expect("a spec").start_ingest(4);
    ingest.fold(&batch(0, 70_000)).expect("rows that fit");
    let mut large = Batch::new(70_000).expect("small");
    for name in ["ts", "ms", "model"] {
        large.add(name, batch(0, 70_000).column(name).expect("a column").clone()).expect("of its length");
    }
    let tokens = (0..70_000).map(|row| if row == 60_000 { i64::MAX } else { 1 }).collect();
    large.add("tokens", HostColumn::new(HostValues::Int64(tokens))).expect("of its length");
    let error = ingest.fold(&large).expect_err("twice the largest integer");
    assert_eq!((error.code(), error.path()), (Code::ExprOverflow, "spec.select.total[130000]"));
}
