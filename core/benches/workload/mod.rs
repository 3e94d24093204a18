//! The common workload: requests to twelve models, in one-hour buckets, some 580 rows and 560 users a group.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::Rollup;
use isofold_reference::generate::Generator;
use std::borrow::Cow;

const BATCH_ROWS: usize = 1 << 16;
const MODELS: u64 = 12;
const USERS: u64 = 20_000;
const FIRST_US: i64 = 1_793_491_200_000_000;
const DAY_US: i64 = 86_400_000_000;

/// What every engine can tell.
pub const SIMPLE: [(&str, &str); 4] =
    [("requests", "count(*)"), ("cost", "sum(cost_usd)"), ("least", "min(cost_usd)"), ("most", "max(cost_usd)")];

/// What a dashboard of requests shows.
pub const FULL: [(&str, &str); 11] = [
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

pub fn spec(select: &[(&str, &str)]) -> Spec {
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
pub struct Request {
    time_us: i64,
    model: u32,
    user: u32,
    duration_ms: f64,
    cost_usd: f64,
    status: i64,
}

/// Requests of some days in the order of time: lognormal durations, decimal costs, five errors in a hundred.
pub fn requests(count: usize, days: i64) -> Vec<Request> {
    let mut generator = Generator::new(1);
    let step = days * DAY_US / count as i64;
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

pub fn batches(requests: &[Request]) -> Vec<Batch<'static>> {
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

pub fn fold(spec: &Spec, batches: &[Batch<'_>]) -> Rollup {
    let mut rollup = Rollup::new(spec.clone());
    for batch in batches {
        rollup.ingest(batch).expect("good rows");
    }
    rollup
}
