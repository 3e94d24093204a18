//! The verbs on the common workload: rows of 30 days, one-hour buckets × 12 models = 8,640 groups.
//!
//! `cargo bench -p isofold`; `ISOFOLD_BENCH_ROWS=5000000` for the size that is published.
#![expect(clippy::float_arithmetic, reason = "latencies and costs are drawn in doubles")]

use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::query::{BucketChoice, QuerySource};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::{Bucket, BucketSource};
use isofold::Rollup;
use isofold_reference::generate::Generator;
use std::borrow::Cow;
use std::hint::black_box;

const BATCH_ROWS: usize = 1 << 16;
const DAYS: i64 = 30;
const MODELS: u64 = 12;
const USERS: u64 = 20_000;
const FIRST_US: i64 = 1_793_491_200_000_000;
const DAY_US: i64 = 86_400_000_000;

const SIMPLE: [(&str, &str); 4] =
    [("requests", "count(*)"), ("cost", "sum(cost_usd)"), ("least", "min(cost_usd)"), ("most", "max(cost_usd)")];

const FULL: [(&str, &str); 11] = [
    ("requests", "count(*)"),
    ("cost", "sum(cost_usd)"),
    ("mean_ms", "avg(duration_ms)"),
    ("min_ms", "min(duration_ms)"),
    ("max_ms", "max(duration_ms)"),
    ("stddev_ms", "stddev_samp(duration_ms)"),
    ("p50_ms", "approx_percentile(0.50, percentile_agg(duration_ms))"),
    ("p95_ms", "approx_percentile(0.95, percentile_agg(duration_ms))"),
    ("p99_ms", "approx_percentile(0.99, percentile_agg(duration_ms))"),
    ("users", "approx_count_distinct(user_id)"),
    ("errors", "count(*) filter (where status_code >= 400)"),
];

fn spec(select: &[(&str, &str)]) -> Spec {
    let columns = [
        ("ts", "timestamp"),
        ("model", "string"),
        ("user_id", "string"),
        ("duration_ms", "float64"),
        ("cost_usd", "float64"),
        ("status_code", "int64"),
    ];
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    let source = SpecSource {
        name: "requests".into(),
        columns: owned(&columns),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "model".into() }],
        filter: None,
        select: owned(select),
    };
    Spec::compile(&source).expect("a spec")
}

#[derive(Clone, Copy)]
struct Request {
    time_us: i64,
    model: u32,
    user: u32,
    duration_ms: f64,
    cost_usd: f64,
    status: i64,
}

/// Requests in the order of time: lognormal durations, decimal costs, five errors in a hundred.
fn requests(count: usize) -> Vec<Request> {
    let mut generator = Generator::new(1);
    let step = DAYS * DAY_US / count as i64;
    let mut request = |row: usize| {
        let uniform = |bits: u64| ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        let normal =
            (-2.0 * uniform(generator.bits()).ln()).sqrt() * (std::f64::consts::TAU * uniform(generator.bits())).cos();
        Request {
            time_us: FIRST_US + row as i64 * step,
            model: generator.below(MODELS) as u32,
            user: generator.below(USERS) as u32,
            duration_ms: ((6.5 + 0.8 * normal).exp() * 1000.0).round() / 1000.0,
            cost_usd: generator.below(1_000_000) as f64 / 1e6,
            status: if generator.below(20) == 0 { 500 } else { 200 },
        }
    };
    (0..count).map(&mut request).collect()
}

fn batches(requests: &[Request]) -> Vec<Batch<'static>> {
    let models: Vec<Cow<'static, str>> = (0..MODELS).map(|model| Cow::Owned(format!("model-{model}"))).collect();
    let users: Vec<Cow<'static, str>> = (0..USERS).map(|user| Cow::Owned(format!("user-{user:05}"))).collect();
    let batch = |rows: &[Request]| {
        let codes = |code: fn(&Request) -> u32| Cow::Owned(rows.iter().map(code).collect::<Vec<u32>>());
        let bits = |value: fn(&Request) -> f64| rows.iter().map(|row| value(row).to_bits()).collect();
        Batch::new(rows.len())
            .with("ts", Column::new(Values::Timestamp(rows.iter().map(|row| row.time_us).collect())))
            .with("model", Column::new(Values::String(codes(|row| row.model), models.clone().into())))
            .with("user_id", Column::new(Values::String(codes(|row| row.user), users.clone().into())))
            .with("duration_ms", Column::new(Values::Float64(bits(|row| row.duration_ms))))
            .with("cost_usd", Column::new(Values::Float64(bits(|row| row.cost_usd))))
            .with("status_code", Column::new(Values::Int64(rows.iter().map(|row| row.status).collect())))
    };
    requests.chunks(BATCH_ROWS).map(batch).collect()
}

fn fold(spec: &Spec, batches: &[Batch<'_>]) -> Rollup {
    let mut rollup = Rollup::new(spec.clone());
    for batch in batches {
        rollup.ingest(batch).expect("good rows");
    }
    rollup
}

fn verbs(criterion: &mut Criterion) {
    let rows = std::env::var("ISOFOLD_BENCH_ROWS").map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let mut requests = requests(rows);
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
