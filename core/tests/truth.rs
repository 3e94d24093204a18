//! Real telemetry against answers that were computed elsewhere in exact fractions: every line of every truth file.
#![expect(clippy::float_arithmetic, reason = "errors of sketches are measured in doubles")]

mod support {
    pub mod groups;
    pub mod telemetry;
}

use isofold::query::{BucketChoice, QuerySource};
use isofold::spec::Named;
use isofold::time::BucketSource;
use isofold::{Rollup, Value};
use isofold_reference::bucket::{DAY_US, HOUR_US, MINUTE_US};
use isofold_reference::order::{place, probability};
use isofold_reference::truth::{data_dir_or_skip, data_set, Table, Truth, TRUTH_PERCENTS};
use isofold_reference::{Bucket, Cell, Group, Width};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use support::groups::groups_of;
use support::telemetry::{quoted, texts_of, Telemetry};

/// The promise of percentiles at scale 6, while no buckets were joined.
const PERCENTILE_ERROR: f64 = 0.005_415_16;
/// Rounding of a position in doubles, of at most 10^6 values.
const ROUNDING: f64 = 1e-10;
/// Where values lie so far apart that histograms joined buckets: noise of 10^-15 around a valve that is shut.
const COARSER: [(&str, &str, &str, usize); 2] =
    [("iot/petrobras_3w_wells", "all", "QGL", 3), ("iot/petrobras_3w_wells", "day", "QGL", 2)];
/// Four standard errors of a distinct count beyond 256.
const DISTINCT_ERROR: f64 = 4.0 * 1.04 / 64.0;

/// What is asked of every measured column, by suffix.
const MEASURES: [(&str, &str); 10] = [
    ("n", "count({})"),
    ("sum", "sum({})"),
    ("mean", "avg({})"),
    ("min", "min({})"),
    ("max", "max({})"),
    ("stddev", "stddev_samp({})"),
    ("error", "percentile_error(percentile_agg({}))"),
    ("p50", "approx_percentile(0.50, percentile_agg({}))"),
    ("p95", "approx_percentile(0.95, percentile_agg({}))"),
    ("p99", "approx_percentile(0.99, percentile_agg({}))"),
];

/// The buckets of a truth file in the words of the core and of the model; `all` is asked of days.
fn bucket_of(name: &str) -> (BucketSource, Option<Bucket>) {
    let (width, us) = match name {
        "min1" => ("1 minute", MINUTE_US),
        "min5" => ("5 minutes", 5 * MINUTE_US),
        "hour" => ("1 hour", HOUR_US),
        "day" | "day_ny" | "all" => ("1 day", DAY_US),
        other => panic!("no bucket {other}"),
    };
    let timezone = (name == "day_ny").then(|| "America/New_York".to_string());
    let model = Bucket::new(Width::Micros(us));
    let model = timezone.as_deref().map_or(model.clone(), |zone| model.in_zone(zone));
    (BucketSource { width: width.into(), timezone, ..BucketSource::default() }, (name != "all").then_some(model))
}

fn key(name: &str) -> Named {
    Named { name: Some(name.into()), expression: quoted(name) }
}

/// All lines of one bucket of one truth file.
struct Chapter<'a> {
    bucket: &'a str,
    table: &'a Table,
    truths: Vec<&'a Truth>,
    rollup: Rollup,
    /// The values of groups, ascending, where a percentile had to be looked at closely.
    values: HashMap<(Vec<String>, String), BTreeMap<Group, Vec<f64>>>,
    /// The columns of groups whose values lie so far apart that buckets were joined.
    coarser: Vec<String>,
}

/// Folds the data set once with all keys that the lines of this bucket name.
fn rollup_of(table: &Table, bucket: &str, truths: &[&Truth]) -> Rollup {
    let dims: BTreeSet<&str> = truths.iter().flat_map(|truth| truth.dims.iter().map(String::as_str)).collect();
    let explode = |truth: &&&Truth| truth.metric.ends_with('*');
    let metrics: BTreeSet<&str> =
        truths.iter().filter(|truth| truth.distinct_of().is_none()).map(|truth| truth.metric.as_str()).collect();
    let counted: BTreeSet<&str> =
        truths.iter().filter(|truth| !explode(truth)).filter_map(|truth| truth.distinct_of()).collect();
    let texts: Vec<&str> = dims.union(&counted).copied().collect();
    let numbers: Vec<&str> = metrics.iter().copied().collect();
    assert!(texts.iter().all(|name| !metrics.contains(name)), "a column is text and number");
    let telemetry = Telemetry::new(table, &texts, &numbers);
    let measure =
        |(suffix, call): (&str, &str), name: &str| (format!("{suffix} {name}"), call.replace("{}", &quoted(name)));
    let mut select = vec![("rows".to_string(), "count(*)".to_string())];
    select.extend(metrics.iter().flat_map(|name| MEASURES.map(|each| measure(each, name))));
    for name in metrics.union(&counted) {
        select.push(measure(("distinct", "approx_count_distinct({})"), name));
    }
    select.extend(counted.iter().map(|name| measure(("n", "count({})"), name)));
    let keys: Vec<Named> = dims.iter().map(|name| key(name)).collect();
    telemetry.fold(&telemetry.spec(bucket_of(bucket).0, &keys, select))
}

/// The answers of one query: values by group and metric.
struct Answers {
    columns: HashMap<String, Vec<Value>>,
    rows: HashMap<(i64, Vec<Option<String>>), usize>,
}

impl Answers {
    fn new(rollup: &Rollup, bucket: &str, dims: &[String]) -> Self {
        let query = QuerySource {
            bucket: if bucket == "all" { BucketChoice::Whole } else { BucketChoice::Own },
            group_by: Some(dims.iter().map(|name| key(name)).collect()),
            ..QuerySource::default()
        };
        let frame = rollup.query(&query).unwrap_or_else(|error| panic!("{error}"));
        let text = |cell: &Cell| match cell {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        };
        let groups = groups_of(&frame, dims.len()).into_iter();
        let named = groups.map(|group| (group.bucket_us, group.key.iter().map(text).collect()));
        let rows = named.zip(0..).collect();
        let columns = frame.columns().iter().map(|column| (column.name().to_string(), column.values().to_vec()));
        Self { columns: columns.collect(), rows }
    }

    fn of(&self, truth: &Truth, measure: &str, column: &str) -> &Value {
        let row = self.rows.get(&(truth.bucket_start_ns.div_euclid(1000), truth.key.clone()));
        let row = row.unwrap_or_else(|| panic!("no group for {truth:?}"));
        &self.columns[format!("{measure} {column}").trim()][*row]
    }
}

fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::Int64(value) => Some(*value as f64),
        Value::Float64(value) => Some(f64::from_bits(value.to_bits())),
        other => panic!("{other:?} is no number"),
    }
}

fn count(value: &Value) -> u64 {
    match value {
        Value::Int64(value) => u64::try_from(*value).expect("a count"),
        other => panic!("{other:?} is no count"),
    }
}

impl Chapter<'_> {
    /// Compares every line; returns how many.
    fn check(&mut self) -> usize {
        let mut by_dims: BTreeMap<Vec<String>, Vec<&Truth>> = BTreeMap::new();
        for truth in self.truths.clone() {
            by_dims.entry(truth.dims.clone()).or_default().push(truth);
        }
        let mut checked = 0;
        for (dims, truths) in by_dims {
            let answers = Answers::new(&self.rollup, self.bucket, &dims);
            let by_metric = truths.iter().fold(BTreeMap::new(), |mut counts, truth| {
                *counts.entry(&truth.metric).or_insert(0) += 1;
                counts
            });
            assert!(by_metric.values().all(|lines| *lines == answers.rows.len()), "groups of {dims:?}");
            if let Some(column) = truths.iter().find_map(|truth| truth.distinct_of()?.strip_suffix('*')) {
                checked += self.check_exploded(column, &dims, &truths);
            }
            for truth in truths.iter().filter(|truth| !truth.metric.ends_with('*')) {
                let column = truth.distinct_of().unwrap_or(&truth.metric);
                assert_eq!(count(answers.of(truth, "rows", "")), truth.n_rows, "{truth:?}");
                assert_eq!(count(answers.of(truth, "n", column)), truth.n, "{truth:?}");
                assert_distinct(count(answers.of(truth, "distinct", column)), truth);
                if truth.distinct_of().is_none() {
                    self.check_measures(truth, &answers);
                }
                checked += 1;
            }
        }
        checked
    }

    fn check_measures(&mut self, truth: &Truth, answers: &Answers) {
        let exact = [("sum", truth.sum), ("mean", truth.mean), ("min", truth.min), ("max", truth.max)];
        for (measure, expected) in exact {
            let told = double(answers.of(truth, measure, &truth.metric));
            // the truth knows −0.0
            let expected = expected.map(|value| (value + 0.0).to_bits());
            assert_eq!(told.map(f64::to_bits), expected, "{measure} is {told:?}: {truth:?}");
        }
        match (double(answers.of(truth, "stddev", &truth.metric)), truth.stddev_samp) {
            // the root of the rounded variance and the rounded root of the exact one are neighbours
            (Some(told), Some(expected)) => {
                assert!(told.to_bits().abs_diff(expected.to_bits()) <= 1, "stddev is {told}: {truth:?}");
            }
            (told, expected) => assert_eq!(told, expected, "{truth:?}"),
        }
        let error = double(answers.of(truth, "error", &truth.metric)).unwrap_or_default();
        if error > PERCENTILE_ERROR {
            self.coarser.push(truth.metric.clone());
        }
        for ((percent, measure), expected) in TRUTH_PERCENTS.into_iter().zip(["p50", "p95", "p99"]).zip(truth.linear) {
            match (double(answers.of(truth, measure, &truth.metric)), expected) {
                (Some(told), Some(expected)) => {
                    let distance = (told - expected).abs();
                    if distance > expected.abs() * error {
                        let allowed = self.allowed(truth, percent, error);
                        assert!(distance <= allowed, "{measure} is {told}: {truth:?}");
                    }
                }
                (told, expected) => assert_eq!(told, expected, "{truth:?}"),
            }
        }
    }

    /// How far a percentile may be off when each of its two order statistics is within the relative error.
    fn allowed(&mut self, truth: &Truth, percent: i64, error: f64) -> f64 {
        let column = (truth.dims.clone(), truth.metric.clone());
        let (table, bucket) = (self.table, self.bucket);
        let groups = self.values.entry(column).or_insert_with(|| values_of(table, bucket, truth));
        let key = truth.key.iter().map(|value| value.as_deref().map_or(Cell::Null, Cell::text)).collect();
        let values = &groups[&Group { bucket_us: truth.bucket_start_ns.div_euclid(1000), key }];
        let (low, high, _) = place(&probability(percent, 100), values.len());
        let fraction = (values.len() - 1) as f64 * percent as f64 / 100.0 - low as f64;
        let (low, high) = (values[low].abs(), values[high].abs());
        (low * (1.0 - fraction) + high * fraction) * error + (low + high) * ROUNDING
    }

    /// Counts the words of a column of lists, each a value.
    fn check_exploded(&self, column: &str, dims: &[String], truths: &[&Truth]) -> usize {
        let keys: Vec<&str> = dims.iter().map(String::as_str).collect();
        let telemetry = exploded(self.table, &keys, column);
        let calls = [("n", "count({})"), ("distinct", "approx_count_distinct({})")];
        let select = calls.map(|(suffix, call)| (format!("{suffix} {column}"), call.replace("{}", &quoted(column))));
        let keys: Vec<Named> = dims.iter().map(|name| key(name)).collect();
        let rollup = telemetry.fold(&telemetry.spec(bucket_of(self.bucket).0, &keys, select.to_vec()));
        let answers = Answers::new(&rollup, self.bucket, dims);
        let lines: Vec<&&Truth> = truths.iter().filter(|truth| truth.metric.ends_with('*')).collect();
        for truth in &lines {
            assert_eq!(count(answers.of(truth, "n", column)), truth.n, "{truth:?}");
            assert_distinct(count(answers.of(truth, "distinct", column)), truth);
        }
        lines.len()
    }
}

fn assert_distinct(told: u64, truth: &Truth) {
    if truth.n_distinct <= 256 {
        assert_eq!(told, truth.n_distinct, "{truth:?}");
    } else {
        let error = told.abs_diff(truth.n_distinct) as f64 / truth.n_distinct as f64;
        assert!(error < DISTINCT_ERROR, "{told}: {truth:?}");
    }
}

/// The data set with a row for every word of a column of texts.
fn exploded(table: &Table, keys: &[&str], column: &str) -> Telemetry {
    let words: Vec<(usize, &str)> = (0..)
        .zip(table.texts(column))
        .flat_map(|(row, text)| text.unwrap_or_default().split(' ').map(move |word| (row, word)))
        .collect();
    let whole = Telemetry::new(table, keys, &[]);
    let times_us = words.iter().map(|(row, _)| whole.times_us[*row]).collect();
    let mut columns = vec![(column.to_string(), texts_of(words.iter().map(|(_, word)| Some(*word))))];
    for key in keys {
        let all: Vec<Option<&str>> = table.texts(key).collect();
        columns.push((key.to_string(), texts_of(words.iter().map(|(row, _)| all[*row]))));
    }
    Telemetry { times_us, columns }
}

/// The values of a column by group, ascending.
fn values_of(table: &Table, bucket: &str, truth: &Truth) -> BTreeMap<Group, Vec<f64>> {
    let bucket = bucket_of(bucket).1;
    let keys: Vec<Vec<Option<&str>>> = truth.dims.iter().map(|name| table.texts(name).collect()).collect();
    let mut groups: BTreeMap<Group, Vec<f64>> = BTreeMap::new();
    for (row, (time, value)) in table.ints("ts_ns").zip(table.floats(&truth.metric)).enumerate() {
        let Some(value) = value else { continue };
        let time_us = time.expect("a time").div_euclid(1000);
        let bucket_us = bucket.as_ref().map_or(0, |bucket| bucket.start(time_us));
        let key = keys.iter().map(|column| column[row].map_or(Cell::Null, Cell::text)).collect();
        groups.entry(Group { bucket_us, key }).or_default().push(value);
    }
    groups.values_mut().for_each(|values| values.sort_by(f64::total_cmp));
    groups
}

/// Compares every line of one truth file; returns how many there are.
fn check(data: &Path, name: &str) -> usize {
    let table = data_set(data, name);
    let truths = Truth::read(data, name);
    let buckets: BTreeSet<&str> = truths.iter().map(|truth| truth.bucket.as_str()).collect();
    let mut checked = 0;
    for bucket in buckets {
        let lines: Vec<&Truth> = truths.iter().filter(|truth| truth.bucket == bucket).collect();
        let rollup = rollup_of(&table, bucket, &lines);
        let (values, coarser) = (HashMap::new(), Vec::new());
        let mut chapter = Chapter { bucket, table: &table, truths: lines, rollup, values, coarser };
        checked += chapter.check();
        let allowed = COARSER.iter().find(|(file, its_bucket, ..)| (*file, *its_bucket) == (name, bucket));
        let (lines, columns) = (chapter.coarser.len(), BTreeSet::from_iter(chapter.coarser));
        let expected =
            allowed.map_or((0, BTreeSet::new()), |(_, _, column, lines)| (*lines, BTreeSet::from([(*column).into()])));
        assert_eq!((lines, columns), expected, "lines with joined buckets of {bucket} of {name}");
    }
    assert_eq!(checked, truths.len(), "lines of {name}");
    checked
}

/// Checks the files of one area against the number of lines that they are known to have.
fn check_area(area: &str, files: &[(&str, usize)]) {
    let Some(data) = data_dir_or_skip(area) else { return };
    for (name, lines) in files {
        assert_eq!(check(&data, &format!("{area}/{name}")), *lines, "lines of {name}");
    }
}

#[test]
fn requests_to_language_models() {
    let files =
        [("azure_llm_2023", 415), ("mooncake_conversation", 248), ("llmperf_2023", 543), ("aider_usage", 15_556)];
    check_area("llm", &files);
}

#[test]
fn oil_wells() {
    check_area("iot", &[("petrobras_3w_wells", 19_542)]);
}

#[test]
fn operations() {
    check_area("ops", &[("apache_access", 1221), ("nab_metrics", 23_430), ("azure_vm_noise", 164_496)]);
}

#[test]
fn flights() {
    check_area("flights", &[("nycflights13", 162_700)]);
}
