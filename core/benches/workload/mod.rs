//! The common workload: requests to twelve models, in one-hour buckets, some 580 rows and 560 users a group.
//!
//! The one idea: it is drawn as that of `tests/benchmarks/workload.py`, so that what is tuned is what is published.

use isofold::batch::Batch;
use isofold::column::{Column, Dictionary, Values};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::Rollup;
use isofold_reference::generate::Generator;
use std::borrow::Cow;
use std::sync::LazyLock;

const BATCH_ROWS: usize = 1 << 16;
const PRICES_USD: [f64; 12] = [0.25, 15.0, 3.0, 0.5, 0.27, 0.075, 1.25, 2.5, 0.15, 0.6, 2.0, 1.1];
const USERS: u32 = 50_000;
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
        keep: Vec::new(),
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

/// Requests of some days in the order of time but for a jitter of five seconds: some models and users more often than
/// others, lognormal durations, costs by token, six errors in a hundred.
pub fn requests(count: usize, days: i64) -> Vec<Request> {
    let mut generator = Generator::new(1);
    let step = days * DAY_US / count as i64;
    let shares: Vec<f64> = (0..PRICES_USD.len()).map(|model| 1.0 / (model as f64 + 4.5)).collect();
    let all: f64 = shares.iter().sum();
    let mut request = |row: usize| {
        let mut draw = || ((generator.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        let normal = (-2.0 * draw().ln()).sqrt() * (std::f64::consts::TAU * draw()).cos();
        let mut left = all * draw();
        let below = |share: &&f64| {
            left -= **share;
            left >= 0.0
        };
        let model = shares.iter().take_while(below).count().min(PRICES_USD.len() - 1);
        Request {
            time_us: FIRST_US + row as i64 * step + (1e7 * draw()) as i64,
            model: model as u32,
            user: (f64::from(USERS) * draw().powi(2)) as u32,
            duration_ms: ((7.0 + 0.7 * normal).exp() * 1000.0).round() / 1000.0,
            cost_usd: (1.0 + 8000.0 * draw()).floor() * PRICES_USD[model] / 1e6,
            status: if draw() < 0.06 { 500 } else { 200 },
        }
    };
    (0..count).map(&mut request).collect()
}

/// A dictionary that all batches share.
type Texts = LazyLock<Dictionary<'static>>;

static MODELS: Texts =
    LazyLock::new(|| (0..PRICES_USD.len()).map(|model| Cow::Owned(format!("model-{model}"))).collect());
static USER_NAMES: Texts = LazyLock::new(|| (0..USERS).map(|user| Cow::Owned(format!("user-{user:05}"))).collect());

pub fn batches(requests: &[Request]) -> Vec<Batch<'static>> {
    let batch = |rows: &[Request]| {
        let codes = |code: fn(&Request) -> u32| Cow::Owned(rows.iter().map(code).collect::<Vec<u32>>());
        let bits = |value: fn(&Request) -> f64| rows.iter().map(|row| value(row).to_bits()).collect();
        Batch::new(rows.len())
            .with("ts", Column::new(Values::Timestamp(rows.iter().map(|row| row.time_us).collect())))
            .with("model", Column::new(Values::String(codes(|row| row.model), MODELS.clone())))
            .with("user_id", Column::new(Values::String(codes(|row| row.user), USER_NAMES.clone())))
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
