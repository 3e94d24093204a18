//! Bytes that stay readable for ever, with the rows they were folded from: `tests/vectors/golden`.
//!
//! `cargo test -p isofold --test golden -- --ignored` writes what is missing there; what is there is never changed
//! once it is released. Those of earlier versions lie in folders of their own, with what they answered when their
//! version was the current one.

mod support {
    pub mod decimals;
    pub mod everything;
    pub mod rendered;
    pub mod rows;
}

use isofold::bytes::Version;
use isofold::codec::FORMAT_VERSION;
use isofold::query::QuerySource;
use isofold::spec::{Named, SpecSource};
use isofold::time::BucketSource;
use isofold::Rollup;
use isofold_reference::generate::{Floats, Generator, Shape, Times};
use isofold_reference::{Cell, Row};
use serde_json::{json, Value};
use std::fs;
use std::path::{Path, PathBuf};
use support::decimals::with_decimals;
use support::everything::everything;
use support::rendered::rendered;
use support::rows::fold;

/// Rows and a spec whose states see bare columns, so that a reader in another language can fold them by hand.
struct Golden {
    name: &'static str,
    about: &'static str,
    source: SpecSource,
    rows: Vec<Row>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/golden")
}

fn select(metrics: &[(&str, &str)]) -> Vec<(String, String)> {
    metrics.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect()
}

fn bare(keys: &[&str]) -> Vec<Named> {
    keys.iter().map(|key| Named { name: None, expression: key.to_string() }).collect()
}

/// Every state, of every type it takes, over bare columns.
fn every_state() -> SpecSource {
    let mut source = everything("1 hour", None);
    source.filter = None;
    source.group_by = bare(&["provider", "success"]);
    source.select.retain(|(name, _)| name != "token_value");
    source
}

fn rows(seed: u64, floats: Floats, times: Times, count: usize) -> Vec<Row> {
    let shape = Shape { floats, times, keys: 2, null_percent: 15 };
    Generator::new(seed).rows(&shape, count)
}

fn goldens() -> Vec<Golden> {
    let example = SpecSource {
        name: "r".into(),
        columns: select(&[("ts", "timestamp")]),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: Vec::new(),
        filter: None,
        select: select(&[("n", "count(*)")]),
        keep: Vec::new(),
    };
    let zoned_days = SpecSource {
        bucket: BucketSource {
            width: "1 day".into(),
            timezone: Some("Europe/Berlin".into()),
            origin: Some("2000-01-03 12:00".into()),
            offset: Some("90 minutes".into()),
        },
        group_by: bare(&["provider", "value", "tokens", "success", "started"]),
        filter: Some("success".into()),
        select: select(&[("rows", "count(*)"), ("tokens_sum", "sum(tokens)")]),
        ..every_state()
    };
    let past_limits = SpecSource {
        bucket: BucketSource { width: "1 day".into(), ..BucketSource::default() },
        group_by: Vec::new(),
        select: select(&[
            ("p50", "median(value)"),
            ("p50_coarse", "approx_percentile(0.5, percentile_agg(value, 0))"),
            ("error", "percentile_error(percentile_agg(value))"),
            ("distinct", "approx_count_distinct(value)"),
            ("distinct_few_registers", "approx_count_distinct(value, 4)"),
            ("distinct_many_registers", "approx_count_distinct(value, 16)"),
            ("counts", "value_counts(value, 20)"),
            ("models", "value_counts(model, 3)"),
            ("exemplars", "exemplar(value, 64)"),
            ("deviation", "stddev_pop(value)"),
            ("token_deviation", "stddev_pop(tokens)"),
        ]),
        ..every_state()
    };
    let tdigest = SpecSource {
        select: select(&[("p50", "approx_percentile(0.5, tdigest(value, 10))")]),
        group_by: Vec::new(),
        ..past_limits.clone()
    };
    let decimals = SpecSource {
        group_by: bare(&["tokens"]),
        select: select(&[
            ("sum", "sum(tokens)"),
            ("deviation", "stddev_pop(tokens)"),
            ("least", "min(tokens)"),
            ("greatest", "max(tokens)"),
            ("p50", "median(tokens)"),
            ("distinct", "approx_count_distinct(tokens)"),
            ("counts", "value_counts(tokens, 5)"),
            ("first", "first(tokens, value)"),
            ("last", "last(model, tokens)"),
            ("exemplars", "exemplar(tokens, 3)"),
        ]),
        ..with_decimals(past_limits.clone(), 2)
    };
    let in_the_second_hour = |us: i64| Row::new(3_600_000_000 + us, vec![Cell::Null; 6]);
    vec![
        Golden {
            name: "example",
            about: "two rows, counted: the example of FORMAT.md",
            source: example,
            rows: vec![in_the_second_hour(0), in_the_second_hour(5)],
        },
        Golden { name: "nothing", about: "no rows", source: every_state(), rows: Vec::new() },
        Golden {
            name: "every_state",
            about: "every canonical state, with NULLs and NaNs",
            source: every_state(),
            rows: rows(1, Floats::Special, Times::OneDay, 60),
        },
        Golden {
            name: "zoned_days",
            about: "days of a zone from an origin with an offset, keys of every type, a condition",
            source: zoned_days,
            rows: rows(2, Floats::Decimal, Times::ClockChanges, 40),
        },
        Golden {
            name: "past_limits",
            about: "joined buckets, registers in both forms, dropped values",
            source: past_limits,
            rows: rows(3, Floats::AnyBits, Times::OneDay, 1600),
        },
        Golden {
            name: "decimals",
            about: "decimals as keys and in every state; the units stand here",
            source: decimals,
            rows: rows(5, Floats::Decimal, Times::OneDay, 300),
        },
        Golden {
            name: "tdigest",
            about: "the state that depends on the order of rows",
            source: tdigest,
            rows: rows(4, Floats::Special, Times::OneDay, 100),
        },
    ]
}

impl Golden {
    fn rollup(&self) -> Rollup {
        if self.name == "example" {
            let times = self.rows.iter().map(|row| row.time_us).collect();
            let times = isofold::column::Column::new(isofold::column::Values::Timestamp(times));
            let spec = isofold::spec::Spec::compile(&self.source).expect("a spec");
            let mut rollup = Rollup::new(spec);
            rollup.ingest(&isofold::batch::Batch::new(self.rows.len()).with("ts", times)).expect("times");
            return rollup;
        }
        fold(&self.source, &self.rows, usize::MAX)
    }

    /// What the bytes hold, for a reader that shares no code with the core.
    fn description(&self) -> String {
        let rollup = self.rollup();
        let column = |index: usize| -> Value { self.rows.iter().map(|row| cell(&row.values[index])).collect() };
        let bucket = |row: &Row| rollup.spec().bucket().start(row.time_us).expect("a time of these centuries");
        let mut columns = json!({ "ts": self.rows.iter().map(|row| json!(row.time_us)).collect::<Value>() });
        if self.name != "example" {
            for (index, name) in ["provider", "model", "value", "tokens", "success", "started"].iter().enumerate() {
                columns[name] = column(index);
            }
        }
        let described = json!({
            "about": self.about,
            "digest": rollup.digest(),
            "fingerprint": rollup.spec().fingerprint(),
            "columns": columns,
            "buckets": self.rows.iter().map(|row| json!(bucket(row))).collect::<Value>(),
        });
        // one line a column
        described.to_string().replace("],\"", "],\n\"") + "\n"
    }
}

/// A double as its bits in hex, an integer or a time as decimal text; NaN and NULL as null.
fn cell(cell: &Cell) -> Value {
    match cell.canonical() {
        Cell::Null => Value::Null,
        Cell::Bool(value) => json!(value),
        Cell::Int(value) | Cell::Time(value) => json!(value.to_string()),
        Cell::Decimal(units, _) => json!(units.to_string()),
        Cell::Float(value) => json!(format!("{:016x}", value.to_bits())),
        Cell::Text(text) => json!(text),
    }
}

/// The golden bytes of a version, by name.
fn golden_bytes(version: Version) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = if version == Version::CURRENT { folder() } else { folder().join(format!("v{}", version.byte())) };
    let paths = fs::read_dir(folder).expect("the folder of golden bytes").map(|entry| entry.expect("a file").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "isofold")).collect();
    paths.sort();
    assert!(paths.len() >= 6, "golden bytes of {version:?}");
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("bytes"))).collect()
}

fn decoded(path: &Path, bytes: &[u8]) -> Rollup {
    Rollup::decode(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn golden_bytes_are_read_and_written_again() {
    for (path, bytes) in golden_bytes(Version::CURRENT) {
        assert_eq!(bytes[4], FORMAT_VERSION, "{}", path.display());
        assert!(decoded(&path, &bytes).encode() == bytes, "{}", path.display());
    }
}

#[test]
fn golden_bytes_of_version_1_answer_as_they_did_and_are_written_again_as_the_current_one() {
    for (path, bytes) in golden_bytes(Version::V1) {
        let name = path.display();
        assert_eq!(bytes[4], 1, "{name}");
        let rollup = decoded(&path, &bytes);
        let fingerprint = rollup.spec().fingerprint_in(Version::V1);
        let described: Value =
            serde_json::from_str(&fs::read_to_string(path.with_extension("json")).expect("what they hold"))
                .expect("JSON");
        assert_eq!(described["fingerprint"], json!(fingerprint), "{name}");
        let again = rollup.encode();
        assert_eq!(again[4], FORMAT_VERSION, "{name}");
        let answers = fs::read_to_string(path.with_extension("answers.json")).expect("what they answered");
        let answers: Value = serde_json::from_str(&answers).expect("JSON");
        for rollup in [&rollup, &decoded(&path, &again)] {
            let answered = rendered(&rollup.query(&QuerySource::default()).expect("answers"));
            for (column, told) in answers.as_object().expect("columns") {
                assert_eq!(answered[column], *told, "{name}: {column}");
            }
        }
        assert!(decoded(&path, &again).encode() == again, "{name}");
    }
}

#[test]
fn golden_bytes_of_version_1_merge_with_the_current_one() {
    for (path, bytes) in golden_bytes(Version::V1) {
        let name = path.file_name().expect("a file");
        let golden = path.file_stem().expect("a file");
        let earlier = decoded(&path, &bytes);
        let current = decoded(&path, &fs::read(folder().join(name)).expect("the same of the current version"));
        let (mut a, mut b) = (earlier.clone(), current.clone());
        a.merge(&current).expect("one schema");
        b.merge(&earlier).expect("one schema");
        // t-digest shows the order
        assert!(a.encode() == b.encode() || golden == "tdigest", "{}", path.display());
        assert_eq!(a.stats().rows, 2 * current.stats().rows, "{}", path.display());
    }
}

#[test]
fn golden_rows_still_give_the_golden_bytes() {
    for golden in goldens() {
        let path = folder().join(golden.name);
        let bytes = fs::read(path.with_extension("isofold")).expect("golden bytes");
        assert!(golden.rollup().encode() == bytes, "{} has other bytes", golden.name);
        let text = fs::read_to_string(path.with_extension("json")).expect("what they hold");
        assert_eq!(text, golden.description(), "{}", golden.name);
    }
}

#[test]
#[ignore = "writes the golden files that are missing"]
fn write_missing_golden_files() {
    fs::create_dir_all(folder()).expect("a folder");
    for golden in goldens() {
        let path = folder().join(golden.name);
        if !path.with_extension("isofold").exists() {
            fs::write(path.with_extension("isofold"), golden.rollup().encode()).expect("golden bytes");
            fs::write(path.with_extension("json"), golden.description()).expect("what they hold");
        }
    }
}
