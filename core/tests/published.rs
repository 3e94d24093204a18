//! Figures that other people printed, from the same rows.

mod support {
    pub mod ask;
    pub mod groups;
    pub mod telemetry;
}

use isofold::query::BucketChoice;
use isofold::spec::{Named, SpecSource};
use isofold::time::BucketSource;
use isofold::{Rollup, Value};
use isofold_reference::truth::{data_dir_or_skip, data_set, published, Table};
use isofold_reference::Cell;
use std::collections::BTreeMap;
use support::ask::{answers_in, ask};
use support::groups::groups_of;
use support::telemetry::{quoted, Telemetry};

/// The promise of percentiles at scale 6.
const PERCENTILE_ERROR: f64 = 0.005_415_16;
/// Means and deviations were printed by code that adds in doubles.
const PRINTED_ERROR: f64 = 1e-12;

fn day() -> BucketSource {
    BucketSource { width: "1 day".into(), ..BucketSource::default() }
}

fn key(name: &str) -> Named {
    Named { name: Some(name.into()), expression: quoted(name) }
}

/// The answers of all time by key.
fn by_key(rollup: &Rollup, expression: &str) -> BTreeMap<Vec<Cell>, Value> {
    let frame = ask(rollup, expression, BucketChoice::Whole).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let groups = groups_of(&frame, rollup.spec().keys().len()).into_iter().map(|group| group.key);
    groups.zip(answers_in(&frame).iter().cloned()).collect()
}

fn double(value: &Value) -> f64 {
    match value {
        Value::Int64(value) => *value as f64,
        Value::Float64(value) => f64::from_bits(value.to_bits()),
        other => panic!("{other:?} is no number"),
    }
}

fn selecting(calls: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    calls.into_iter().map(|call| (format!("the {call}"), call)).collect()
}

#[test]
fn a_leaderboard_of_model_providers() {
    let Some(data) = data_dir_or_skip("a_leaderboard_of_model_providers") else { return };
    let figures = published(&data, "llmperf_summary");
    let metrics: Vec<&str> = vec![
        "ttft_s",
        "inter_token_latency_s",
        "end_to_end_latency_s",
        "output_tokens_per_s",
        "input_tokens",
        "output_tokens",
    ];
    let calls = ["percentile_agg", "avg", "min", "max", "stddev_samp"];
    let state = |call: &str, metric: &str| match call {
        "percentile_agg" => format!("median({})", quoted(metric)),
        call => format!("{call}({})", quoted(metric)),
    };
    let mut select = selecting(metrics.iter().flat_map(|metric| calls.map(|call| state(call, metric))));
    select.push(("started".into(), "count(*)".into()));
    let telemetry =
        Telemetry::new(&data_set(&data, "llm/llmperf_2023"), &["provider", "model_size", "status"], &metrics);
    let keys = [key("provider"), key("model_size")];
    let all = telemetry.spec(day(), &keys, select);
    let fold_of =
        |status: &str| telemetry.fold(&SpecSource { filter: Some(format!("status = '{status}'")), ..all.clone() });
    let (everything, done, failed) = (telemetry.fold(&all), fold_of("ok"), fold_of("error"));
    let mut checked = BTreeMap::from([("quantile", 0), ("other", 0)]);
    for figure in figures.maps() {
        let (metric, statistic) = (figure["metric"], figure["statistic"]);
        let group = vec![Cell::text(figure["provider"]), Cell::text(figure["model_size"])];
        let expected: f64 = figure["published_value"].parse().expect("a number");
        let percent = statistic.strip_prefix('p').and_then(|rest| rest.strip_suffix("_linear"));
        let (rollup, expression, error) = match (statistic, percent) {
            (_, Some(percent)) => {
                let state = format!("approx_percentile({percent} / 100.0, percentile_agg({}))", quoted(metric));
                (&done, state, PERCENTILE_ERROR)
            }
            ("mean", _) => (&done, state("avg", metric), PRINTED_ERROR),
            ("stddev_sample", _) => (&done, state("stddev_samp", metric), 1e-9),
            ("min" | "max", _) => (&done, state(statistic, metric), 0.0),
            ("num_requests_started", _) => (&everything, "count(*)".into(), 0.0),
            ("num_completed_requests", _) => (&done, "count(*)".into(), 0.0),
            ("number_errors", _) => (&failed, "count(*)".into(), 0.0),
            other => panic!("{other:?}"),
        };
        let told = by_key(rollup, &expression).get(&group).map_or(0.0, double);
        assert!((told - expected).abs() <= expected.abs() * error, "{expression} of {group:?}: {told}, not {expected}");
        *checked.entry(if percent.is_some() { "quantile" } else { "other" }).or_insert(0) += 1;
    }
    assert_eq!(checked, BTreeMap::from([("quantile", 504), ("other", 378)]));
}

#[test]
fn tokens_by_model_in_96_states_of_a_page() {
    let Some(data) = data_dir_or_skip("tokens_by_model_in_96_states_of_a_page") else { return };
    let telemetry = Telemetry::new(&data_set(&data, "llm/aider_usage"), &["model"], &["row", "total_tokens"]);
    let figures = published(&data, "aider_faq_model_tokens");
    let mut by_commit: BTreeMap<&str, Vec<BTreeMap<&str, &str>>> = BTreeMap::new();
    for figure in figures.maps() {
        by_commit.entry(figure["commit"]).or_default().push(figure);
    }
    for figures in by_commit.values() {
        let first = &figures[0];
        let model = match first["deepseek_coder_counted_as_chat"] {
            "yes" => "case when model = 'deepseek/deepseek-coder' then 'deepseek/deepseek-chat' else model end",
            _ => "model",
        };
        let select = selecting(["sum(total_tokens)".to_string()]);
        let mut source =
            telemetry.spec(day(), &[Named { name: Some("model".into()), expression: model.into() }], select);
        source.filter = Some(format!("\"row\" between {} and {}", first["row_first"], first["row_last"]));
        let rollup = telemetry.fold(&source);
        let sums = by_key(&rollup, "sum(total_tokens)");
        let total: f64 = sums.values().filter(|sum| !sum.is_null()).map(double).sum();
        for figure in figures {
            let told = double(&sums[&vec![Cell::text(figure["model"])]]);
            assert_eq!(format!("{told}"), figure["total_tokens_sum"], "{figure:?}");
            assert_eq!(format!("{:.1}", 100.0 * told / total), figure["percent_1dp"], "{figure:?}");
        }
    }
    assert_eq!((by_commit.len(), figures.len()), (96, 745));
}

#[test]
fn a_table_of_a_paper_on_serving() {
    let Some(data) = data_dir_or_skip("a_table_of_a_paper_on_serving") else { return };
    let metrics = ["input_length", "output_length"];
    let telemetry = Telemetry::new(&data_set(&data, "llm/mooncake_conversation"), &["workload"], &metrics);
    let select = selecting(["count(*)", "avg(input_length)", "avg(output_length)"].map(String::from));
    let rollup = telemetry.fold(&telemetry.spec(day(), &[key("workload")], select));
    let figures = published(&data, "mooncake_fast25_table2");
    for figure in figures.maps() {
        let expression = match figure["statistic"] {
            "num_requests" => "count(*)",
            "avg_input_len" => "round(avg(input_length))",
            "avg_output_len" => "round(avg(output_length))",
            other => panic!("{other}"),
        };
        let told = double(&by_key(&rollup, expression)[&vec![Cell::text(figure["workload"])]]);
        assert_eq!(format!("{told}"), figure["published_value"], "{expression}");
    }
    assert_eq!(figures.len(), 3);
}

#[test]
fn months_of_a_book_on_flights() {
    let Some(data) = data_dir_or_skip("months_of_a_book_on_flights") else { return };
    let telemetry = Telemetry::new(&data_set(&data, "flights/nycflights13"), &[], &["month", "dep_delay"]);
    let select = selecting(["count(*)", "avg(dep_delay)"].map(String::from));
    let month =
        BucketSource { width: "1 month".into(), timezone: Some("America/New_York".into()), ..BucketSource::default() };
    let rollup = telemetry.fold(&telemetry.spec(month, &[key("month")], select));
    assert_eq!(rollup.len(), 9, "the month of the clock is the month of the bucket");
    let (rows, means) = (by_key(&rollup, "count(*)"), by_key(&rollup, "avg(dep_delay)"));
    let figures = published(&data, "flights_r4ds_month");
    for figure in figures.maps() {
        let month = vec![Cell::Int(figure["month"].parse().expect("a month"))];
        assert_eq!(format!("{}", double(&rows[&month])), figure["n_rows"], "{figure:?}");
        assert_eq!(format!("{:.1}", double(&means[&month])), figure["mean_dep_delay_3_significant"], "{figure:?}");
    }
    assert_eq!(figures.len(), 6);
}

#[test]
fn rows_of_a_printed_notebook() {
    let Some(data) = data_dir_or_skip("rows_of_a_printed_notebook") else { return };
    let figures: Table = published(&data, "other_figures");
    let telemetry = Telemetry::new(&data_set(&data, "llm/azure_llm_2023"), &["service"], &[]);
    let select = selecting(["count(*)".to_string()]);
    let rows = by_key(&telemetry.fold(&telemetry.spec(day(), &[key("service")], select)), "count(*)");
    let mut checked = 0;
    for figure in figures.maps() {
        let Some(service) = figure["statistic"].strip_prefix("rows service=") else { continue };
        assert_eq!(format!("{}", double(&rows[&vec![Cell::text(service)]])), figure["published_value"]);
        checked += 1;
    }
    assert_eq!(checked, 2);
}
