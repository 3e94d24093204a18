//! The model against answers computed elsewhere for real telemetry, to the bit.

use isofold_reference::bucket::{DAY_US, HOUR_US, MINUTE_US};
use isofold_reference::moments::{exact_deviation, Divisor};
use isofold_reference::order::probability;
use isofold_reference::truth::{data_dir_or_skip, data_set, published, Table, Truth, TRUTH_PERCENTS};
use isofold_reference::{Aggregate, Answer, Bucket, Cell, Group, Row, Width};
use std::collections::{BTreeMap, BTreeSet};

fn bucket_of(name: &str) -> Option<Bucket> {
    let fixed = |us| Some(Bucket::new(Width::Micros(us)));
    match name {
        "min1" => fixed(MINUTE_US),
        "min5" => fixed(5 * MINUTE_US),
        "hour" => fixed(HOUR_US),
        "day" => fixed(DAY_US),
        "day_ny" => fixed(DAY_US).map(|bucket| bucket.in_zone("America/New_York")),
        "all" => None,
        other => panic!("no bucket {other}"),
    }
}

/// Rows of one column behind the key columns: the text itself, or the number it is.
fn rows(table: &Table, dims: &[String], column: &str, as_text: bool) -> Vec<Row> {
    let times = table.ints("ts_ns").map(|time| time.expect("a time").div_euclid(1000));
    let mut rows: Vec<Row> = times.map(|time| Row::new(time, Vec::new())).collect();
    for dim in dims {
        for (row, text) in rows.iter_mut().zip(table.texts(dim)) {
            row.values.push(text.map_or(Cell::Null, Cell::text));
        }
    }
    for (row, text) in rows.iter_mut().zip(table.texts(column)) {
        row.values.push(match text {
            None => Cell::Null,
            Some(text) if as_text => Cell::text(text),
            Some(text) => Cell::Float(text.parse().expect("a number")),
        });
    }
    rows
}

fn groups<'a>(rows: &'a [Row], bucket: Option<&Bucket>, keys: usize) -> BTreeMap<Group, Vec<&'a Row>> {
    let mut groups: BTreeMap<Group, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let bucket_us = bucket.map_or(0, |bucket| bucket.start(row.time_us));
        groups.entry(Group { bucket_us, key: row.values[..keys].to_vec() }).or_default().push(row);
    }
    groups
}

fn assert_float(truth: &Truth, what: &str, answer: &Answer, expected: Option<f64>) {
    let Answer::Cell(cell) = answer else { panic!("{answer:?}") };
    let bits = as_float(cell).map(f64::to_bits);
    let canonical = expected.map(|value| if value == 0.0 { 0 } else { value.to_bits() });
    assert_eq!(bits, canonical, "{what} is {cell:?}, expected {expected:?}: {truth:?}");
}

fn assert_metric(truth: &Truth, rows: &[&Row], x: usize) {
    let float = |what: &str, aggregate: Aggregate, expected| {
        assert_float(truth, what, &aggregate.over(rows), expected);
    };
    float("sum", Aggregate::Sum(x), truth.sum);
    float("mean", Aggregate::Mean(x), truth.mean);
    float("min", Aggregate::Min(x), truth.min);
    float("max", Aggregate::Max(x), truth.max);
    assert_deviation(truth, rows, x);
    for (i, percent) in TRUTH_PERCENTS.into_iter().enumerate() {
        let p = probability(percent, 100);
        float("nearest rank", Aggregate::PercentileDisc(x, p.clone()), truth.nearest_rank[i]);
        float("linear", Aggregate::PercentileCont(x, p), truth.linear[i]);
    }
}

/// The truth takes the root of the exact variance, the aggregate that of the rounded one: the doubles next to each other.
fn assert_deviation(truth: &Truth, rows: &[&Row], x: usize) {
    let values: Vec<f64> = rows.iter().filter_map(|row| as_float(&row.values[x])).collect();
    assert_eq!(exact_deviation(&values, Divisor::Sample), truth.stddev_samp, "{truth:?}");
    let Answer::Cell(ours) = Aggregate::StddevSamp(x).over(rows) else { panic!("{truth:?}") };
    match (as_float(&ours), truth.stddev_samp) {
        (Some(ours), Some(expected)) => {
            let steps = ours.to_bits().abs_diff(expected.to_bits());
            assert!(steps <= 1, "{ours} is {steps} steps away: {truth:?}");
        }
        (ours, expected) => assert_eq!(ours, expected, "{truth:?}"),
    }
}

fn as_float(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Float(value) => Some(*value),
        _ => None,
    }
}

/// Compares every line of one truth file; returns how many.
fn check(data: &std::path::Path, name: &str) -> usize {
    let table = data_set(data, name);
    let mut by_shape: BTreeMap<(String, Vec<String>, String), Vec<Truth>> = BTreeMap::new();
    for truth in Truth::read(data, name) {
        let shape = (truth.bucket.clone(), truth.dims.clone(), truth.metric.clone());
        by_shape.entry(shape).or_default().push(truth);
    }
    let mut checked = 0;
    for ((bucket, dims, metric), truths) in by_shape {
        let distinct = truths[0].distinct_of();
        let explode = distinct.is_some_and(|column| column.ends_with('*'));
        let column = distinct.unwrap_or(&metric).trim_end_matches('*');
        let rows = rows(&table, &dims, column, distinct.is_some());
        let groups = groups(&rows, bucket_of(&bucket).as_ref(), dims.len());
        assert_eq!(groups.len(), truths.len(), "groups of {bucket} {dims:?} {metric} in {name}");
        for truth in &truths {
            let key = truth.key.iter().map(|value| value.as_deref().map_or(Cell::Null, Cell::text)).collect();
            let group = Group { bucket_us: truth.bucket_start_ns / 1000, key };
            let rows = groups.get(&group).unwrap_or_else(|| panic!("no group for {truth:?} in {name}"));
            let x = dims.len();
            assert_eq!(truth.n_rows, rows.len() as u64, "rows: {truth:?}");
            if explode {
                let ids = rows.iter().filter_map(|row| match &row.values[x] {
                    Cell::Text(text) => Some(text.split(' ')),
                    _ => None,
                });
                let distinct: BTreeSet<&str> = ids.flatten().collect();
                assert_eq!(truth.n_distinct, distinct.len() as u64, "exploded ids: {truth:?}");
            } else {
                let count = |count: u64| Answer::Cell(Cell::Int(count as i64));
                assert_eq!(Aggregate::CountOf(x).over(rows), count(truth.n), "values: {truth:?}");
                assert_eq!(Aggregate::CountDistinct(x).over(rows), count(truth.n_distinct), "distinct: {truth:?}");
            }
            if distinct.is_none() {
                assert_metric(truth, rows, x);
            }
            checked += 1;
        }
    }
    checked
}

#[test]
fn requests_to_language_models_are_matched_to_the_bit() {
    let Some(data) = data_dir_or_skip("requests_to_language_models_are_matched_to_the_bit") else { return };
    for (name, lines) in [
        ("llm/azure_llm_2023", 415),
        ("llm/mooncake_conversation", 248),
        ("llm/llmperf_2023", 543),
        ("llm/aider_usage", 15_556),
    ] {
        assert_eq!(check(&data, name), lines, "lines of {name}");
    }
}

#[test]
#[ignore = "minutes: all rows of the large data sets"]
fn every_data_set_is_matched_to_the_bit() {
    let Some(data) = data_dir_or_skip("every_data_set_is_matched_to_the_bit") else { return };
    for name in
        ["ops/apache_access", "ops/nab_metrics", "ops/azure_vm_noise", "flights/nycflights13", "iot/petrobras_3w_wells"]
    {
        assert!(check(&data, name) > 0, "no lines of {name}");
    }
}

#[test]
fn published_means_of_a_conversation_trace_are_matched() {
    let Some(data) = data_dir_or_skip("published_means_of_a_conversation_trace_are_matched") else { return };
    let trace = data_set(&data, "llm/mooncake_conversation");
    let figures = published(&data, "mooncake_fast25_table2");
    let figure = |statistic: &str| {
        let place = figures.texts("statistic").position(|text| text == Some(statistic)).expect("a statistic");
        figures.ints("published_value").nth(place).flatten().expect("a figure")
    };
    assert_eq!(trace.len() as i64, figure("num_requests"));
    for (column, statistic) in [("input_length", "avg_input_len"), ("output_length", "avg_output_len")] {
        let rows = rows(&trace, &[], column, false);
        let mean = Aggregate::Mean(0).over(&rows.iter().collect::<Vec<_>>());
        let Answer::Cell(Cell::Float(mean)) = mean else { panic!("{mean:?}") };
        assert_eq!(mean.round() as i64, figure(statistic), "{column}");
    }
}
