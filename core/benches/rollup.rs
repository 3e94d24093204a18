//! The verbs on the common workload: rows of 30 days, one-hour buckets × 12 models = 8,640 groups.
//!
//! `cargo bench -p isofold --bench rollup`; `ISOFOLD_BENCH_ROWS=5000000` for the size that is published.
#![expect(clippy::float_arithmetic, reason = "latencies and costs are drawn in doubles")]

mod workload;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use isofold::query::{BucketChoice, QuerySource};
use isofold::spec::Named;
use isofold::time::{Bucket, BucketSource};
use isofold::Rollup;
use isofold_reference::generate::Generator;
use std::hint::black_box;
use workload::{batches, fold, requests, spec, FULL, SIMPLE};

const DAYS: i64 = 30;

fn verbs(criterion: &mut Criterion) {
    let rows = std::env::var("ISOFOLD_BENCH_ROWS").map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let mut requests = requests(rows, DAYS);
    let ordered = batches(&requests);
    Generator::new(2).shuffle(&mut requests);
    let shuffled = batches(&requests);
    let (simple, full) = (spec(&SIMPLE), spec(&FULL));

    let mut ingest = criterion.benchmark_group("ingest");
    ingest.sample_size(10).throughput(Throughput::Elements(rows as u64));
    for (name, spec) in [("simple", &simple), ("full", &full)] {
        for (order, batches) in [("ordered", &ordered), ("shuffled", &shuffled)] {
            ingest.bench_function(format!("{name}/{order}"), |bencher| bencher.iter(|| fold(spec, batches)));
        }
    }
    ingest.finish();

    let (left, right) = shuffled.split_at(shuffled.len() / 2);
    let (left, right) = (fold(&full, left), fold(&full, right));
    let whole = fold(&full, &ordered);
    let bytes = whole.encode();
    println!("{} groups, {} bytes, {} a group", whole.len(), bytes.len(), bytes.len() / whole.len());
    let day = Bucket::new(&BucketSource { width: "1 day".into(), ..BucketSource::default() }).expect("a bucket");
    let mut verbs = criterion.benchmark_group("rollup");
    verbs.sample_size(20);
    verbs.bench_function("merge", |bencher| {
        bencher.iter_batched_ref(|| left.clone(), |into| into.merge(&right).expect("one spec"), BatchSize::LargeInput);
    });
    verbs.bench_function("coarsen to days", |bencher| {
        bencher.iter(|| whole.coarsen(Some(&day), None).expect("hours nest in days"));
    });
    let query = |select: Option<&str>, bucket: BucketChoice| QuerySource {
        select: select.map(|name| vec![Named { name: None, expression: name.into() }]),
        bucket,
        ..QuerySource::default()
    };
    for (name, query) in [
        ("query p95 of 30 days by model", query(Some("p95_ms"), BucketChoice::Whole)),
        ("query all of 30 days by model", query(None, BucketChoice::Whole)),
        ("query all by hour and model", query(None, BucketChoice::Own)),
    ] {
        verbs.bench_function(name, |bencher| bencher.iter(|| whole.query(black_box(&query)).expect("a query")));
    }
    verbs.bench_function("encode", |bencher| bencher.iter(|| whole.encode()));
    verbs.bench_function("decode", |bencher| bencher.iter(|| Rollup::decode(black_box(&bytes)).expect("good bytes")));
    verbs.finish();
}

criterion_group!(benches, verbs);
criterion_main!(benches);
