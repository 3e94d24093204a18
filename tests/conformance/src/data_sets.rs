//! Four data sets whose digests every host must find: one from a seed, three real ones where they are at hand.
//!
//! Not here: the rows of the real ones, which lie outside the repository (`ISOFOLD_DATA`); their digests are committed.

use crate::random::Random;
use crate::run::{entries, field, items, text};
use crate::table::Table;
use crate::vectors::{folder, FORMAT};
use isofold::math::Float64;
use isofold::value::ColumnType;
use isofold_facade::json::Json;
use isofold_facade::Rollup;
use isofold_reference::skip::skipped;
use isofold_reference::truth::{data_dir, Table as Csv};
use std::path::{Path, PathBuf};

/// Rows of the seeded set: enough for eight threads to get a share.
const SEEDED_ROWS: usize = 140_000;
const SEED: u64 = 20_261_101;

const SEEDED_SPEC: &str = r#"{"name": "seeded_1hour", "columns": {"ts": "timestamp[us]", "provider": "string", "model": "string",
    "user_id": "string", "ms": "float64", "wide": "float64", "tokens": "int64", "big": "int64", "ok": "bool"},
    "time": "ts", "bucket": "1 hour", "group_by": ["provider", "model"], "where": "model is not null", "select": {
    "requests": "count(*)", "failed": "count(*) filter (where not ok)", "failed_pct": "100 * failed / requests",
    "ms": "sum(ms)", "avg_ms": "avg(ms)", "sd_ms": "stddev_samp(ms)", "least_ms": "min(ms)", "most_ms": "max(ms)",
    "wide": "sum(wide)", "var_wide": "var_pop(wide)", "p1_wide": "approx_percentile(0.01, percentile_agg(wide))",
    "p50": "approx_percentile(0.5, percentile_agg(ms))", "p99": "approx_percentile(0.99, percentile_agg(ms))",
    "tokens": "sum(tokens)", "sd_tokens": "stddev_pop(tokens)", "avg_big": "avg(big)", "users": "approx_count_distinct(user_id)",
    "usual": "mode(tokens)", "users_top": "topn(value_counts(user_id, 16), 3)", "first": "first(ms, ts)", "last": "last(user_id, ts)",
    "sample": "exemplar(user_id, 3)", "all_ok": "bool_and(ok)", "any_ok": "bool_or(ok)"}}"#;

const NAB_SPEC: &str = r#"{"name": "nab_metrics_1day", "columns": {"ts_ns": "timestamp[ns]", "group": "string", "series": "string",
    "value": "float64"}, "time": "ts_ns", "bucket": {"width": "1 day", "timezone": "America/New_York"}, "group_by": ["group", "series"],
    "select": {"n": "count(*)", "sum": "sum(value)", "avg": "avg(value)", "sd": "stddev_samp(value)", "least": "min(value)",
    "most": "max(value)", "p50": "approx_percentile(0.5, percentile_agg(value))", "p99": "approx_percentile(0.99, percentile_agg(value))",
    "distinct": "approx_count_distinct(value)", "usual": "mode(value)", "first": "first(value, ts_ns)", "last": "last(value, ts_ns)"}}"#;

/// A data set: what it is called, its spec, and its rows where they are at hand.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// The name.
    pub name: &'static str,
    /// The spec it is folded under.
    pub spec: Json,
    /// The rows.
    pub table: Option<Table>,
}

/// The four sets.
#[must_use]
pub fn data_sets() -> Vec<DataSet> {
    let json = crate::case::json;
    let example = |name: &str| json(&read(&repository().join(format!("examples/specs/{name}.json"))));
    let real = |name: &'static str, file: &str, every: usize, spec: Json| {
        let table = data_dir().map(|data| csv(&data.join(file), every, &spec));
        DataSet { name, spec, table }
    };
    vec![
        DataSet { name: "seeded", spec: json(SEEDED_SPEC), table: Some(seeded()) },
        real("aider_usage", "llm/aider_usage.csv.gz", 1, example("aider_usage")),
        real("petrobras_3w_wells", "iot/petrobras_3w_wells.csv.gz", 10, example("petrobras_3w_wells")),
        real("nab_metrics", "ops/nab_metrics.csv.gz", 1, json(NAB_SPEC)),
    ]
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every so many rows of a file, the columns that a spec declares.
fn csv(path: &Path, every: usize, spec: &Json) -> Table {
    let file = Csv::read(path);
    let mut table = Table::new(file.len().div_ceil(every));
    for (name, _) in entries(field(spec, "columns")) {
        let declared = ColumnType::from_name(text(field(spec, "columns"), name)).expect("a type");
        let cells: Vec<Option<&str>> = file.texts(name).step_by(every).collect();
        table.parsed(name, declared, &cells);
    }
    table
}

/// Requests over three days with everything that makes folding depend on order: wide magnitudes, ties, NULLs, NaNs.
fn seeded() -> Table {
    const MODELS: [(&str, &str); 5] =
        [("openai", "o3"), ("openai", "gpt"), ("anthropic", "opus"), ("anthropic", "haiku"), ("mistral", "large")];
    let mut random = Random::new(SEED);
    let users: Vec<String> = (0..4000).map(|index| format!("user {index} é")).collect();
    let mut table = Table::new(SEEDED_ROWS);
    let mut some = |denominator: usize| random.below(denominator) != 0;
    let present: Vec<bool> = (0..SEEDED_ROWS).map(|_| some(50)).collect();
    let models: Vec<usize> =
        (0..SEEDED_ROWS).map(|_| random.below(MODELS.len()).min(random.below(MODELS.len()))).collect();
    let start_us = 1_793_491_200_000_000_i64;
    let times: Vec<_> = (0..SEEDED_ROWS).map(|_| Some(start_us + random.below(3 * 86_400_000) as i64 * 1000)).collect();
    table.integers("ts", &times);
    table.texts("provider", &models.iter().map(|model| Some(MODELS[*model].0)).collect::<Vec<_>>());
    let model = |(model, present): (&usize, &bool)| present.then_some(MODELS[*model].1);
    table.texts("model", &models.iter().zip(&present).map(model).collect::<Vec<_>>());
    let user = (0..SEEDED_ROWS).map(|_| Some(users[random.below(4000).min(random.below(4000))].as_str()));
    table.texts("user_id", &user.collect::<Vec<_>>());
    // whole sixteenths of a millisecond, so that many are equal
    let sixteenths = |count: usize| (Float64::from_i64(count as i64) / Float64::from_i64(16)).to_bits();
    let ms = (0..SEEDED_ROWS).map(|_| Some(sixteenths(random.below(1 << 14))));
    table.floats("ms", &ms.collect::<Vec<_>>());
    let wide = (0..SEEDED_ROWS).map(|row| if row % 97 == 0 { None } else { Some(wide_float(&mut random)) });
    table.floats("wide", &wide.collect::<Vec<_>>());
    table.integers("tokens", &(0..SEEDED_ROWS).map(|_| Some(random.below(40) as i64)).collect::<Vec<_>>());
    let big = (0..SEEDED_ROWS).map(|row| (row % 11 != 0).then(|| random.bits() as i64));
    table.integers("big", &big.collect::<Vec<_>>());
    table.bools("ok", &(0..SEEDED_ROWS).map(|_| Some(random.below(9) != 0)).collect::<Vec<_>>());
    table
}

/// Any finite double up to about 1e150, both signs, and now and then a NaN.
fn wide_float(random: &mut Random) -> u64 {
    let bits = random.bits();
    match random.below(1000) {
        0 => f64::NAN.to_bits(),
        _ => bits & !(0x7ff << 52) | ((bits >> 52 & 0x7ff) * 3 / 4) << 52,
    }
}

/// The rollup of some rows.
///
/// # Panics
/// When the rows do not fit the spec.
#[must_use]
pub fn folded(spec: &Json, table: &Table, places: &[u32]) -> Rollup {
    let mut rollup = Rollup::new(spec).expect("a good spec");
    rollup.ingest(&table.batch(places)).expect("rows that fit");
    rollup
}

/// The file of digests: what is not at hand is as committed.
#[must_use]
pub fn generated() -> (String, String) {
    let sets = data_sets().iter().map(|set| expectation(set).unwrap_or_else(|| committed(set.name))).collect();
    let document = Json::object([
        ("format", Json::Int64(FORMAT)),
        ("topic", Json::from("data_sets")),
        ("about", Json::from("The digests of four data sets; the rows are written by `isofold-conformance data`.")),
        ("sets", Json::Array(sets)),
    ]);
    ("data_sets.json".to_owned(), crate::layout::laid_out(&document))
}

fn expectation(set: &DataSet) -> Option<Json> {
    let table = set.table.as_ref()?;
    let all: Vec<u32> = (0..table.rows() as u32).collect();
    let rollup = folded(&set.spec, table, &all);
    Some(Json::object([
        ("name", Json::from(set.name)),
        ("spec", set.spec.clone()),
        ("rows", Json::from(table.rows() as u64)),
        ("size", Json::from(rollup.size() as u64)),
        ("digest", Json::Text(rollup.digest())),
    ]))
}

/// What the committed file says of a set.
///
/// # Panics
/// When it says nothing.
#[must_use]
pub fn committed(name: &str) -> Json {
    let document = crate::case::json(&read(&folder().join("data_sets.json")));
    let found = items(field(&document, "sets")).iter().find(|set| text(set, "name") == name);
    found.unwrap_or_else(|| panic!("data_sets.json has no {name}; generate it where the data is")).clone()
}

/// Writes the rows of every set at hand into a folder, for the runners; names the sets that are not.
///
/// # Errors
/// Those of writing.
///
/// # Panics
/// In CI, for a set that may not be skipped.
pub fn write(into: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(into)?;
    for set in data_sets() {
        let file = into.join(format!("{}.json", set.name));
        match &set.table {
            Some(table) => std::fs::write(file, table.spelled().to_string())?,
            None => skipped(&format!("data set {}", set.name), "no data at $ISOFOLD_DATA or ../shared/data"),
        }
    }
    Ok(())
}
