//! The core answers what the naive model answers, which keeps every row: to the bit where the promise is exact, within
//! the promised error where it is a sketch.
#![expect(clippy::float_arithmetic, reason = "errors of sketches are measured in doubles")]

mod support {
    pub mod ask;
    pub mod decimals;
    pub mod everything;
    pub mod groups;
    pub mod rows;
}

use isofold::query::BucketChoice;
use isofold::{Code, Rollup, Value};
use isofold_reference::bucket::{DAY_US, HOUR_US};
use isofold_reference::generate::{Field, Floats, Generator, Shape, Times};
use isofold_reference::order::{place, probability, sorted};
use isofold_reference::{Aggregate, Answer, Bucket, Cell, Clock, Group, Metric, Model, Row, Spec, Width};
use support::ask::{answers_in, ask};
use support::decimals::with_decimals;
use support::everything::everything;
use support::groups::{cell_of, groups_of};
use support::rows::fold;

const PROVIDER: usize = Field::Provider as usize;
const MODEL: usize = Field::Model as usize;
const VALUE: usize = Field::Value as usize;
const TOKENS: usize = Field::Tokens as usize;
const SUCCESS: usize = Field::Success as usize;
const STARTED: usize = Field::Started as usize;

/// The promise of percentiles at scale 6.
const PERCENTILE_ERROR: f64 = 0.005_415_16;
/// Rounding of an interpolation that the sketch does in doubles.
const ROUNDING: f64 = 1e-14;

/// Expressions whose answers are exact.
fn exact_metrics() -> Vec<(&'static str, Aggregate)> {
    let row = |aggregate: fn(usize, Clock) -> Aggregate, x: usize| aggregate(x, Clock::Row);
    vec![
        ("count(*)", Aggregate::Count),
        ("count(value)", Aggregate::CountOf(VALUE)),
        ("count(model)", Aggregate::CountOf(MODEL)),
        ("sum(value)", Aggregate::Sum(VALUE)),
        ("sum(tokens)", Aggregate::Sum(TOKENS)),
        ("avg(value)", Aggregate::Mean(VALUE)),
        ("avg(tokens)", Aggregate::Mean(TOKENS)),
        ("variance(value)", Aggregate::VarSamp(VALUE)),
        ("var_samp(value)", Aggregate::VarSamp(VALUE)),
        ("var_pop(value)", Aggregate::VarPop(VALUE)),
        ("stddev(value)", Aggregate::StddevSamp(VALUE)),
        ("stddev_samp(value)", Aggregate::StddevSamp(VALUE)),
        ("stddev_pop(value)", Aggregate::StddevPop(VALUE)),
        ("var_samp(tokens)", Aggregate::VarSamp(TOKENS)),
        ("var_pop(tokens)", Aggregate::VarPop(TOKENS)),
        ("stddev_samp(tokens)", Aggregate::StddevSamp(TOKENS)),
        ("stddev_pop(tokens)", Aggregate::StddevPop(TOKENS)),
        ("min(value)", Aggregate::Min(VALUE)),
        ("max(value)", Aggregate::Max(VALUE)),
        ("min(tokens)", Aggregate::Min(TOKENS)),
        ("max(tokens)", Aggregate::Max(TOKENS)),
        ("min(success)", Aggregate::Min(SUCCESS)),
        ("max(success)", Aggregate::Max(SUCCESS)),
        ("min(started)", Aggregate::Min(STARTED)),
        ("max(started)", Aggregate::Max(STARTED)),
        ("min(model)", Aggregate::Min(MODEL)),
        ("max(model)", Aggregate::Max(MODEL)),
        ("mode(model)", Aggregate::Mode(MODEL)),
        ("mode(tokens)", Aggregate::Mode(TOKENS)),
        ("value_counts(model)", Aggregate::ValueCounts(MODEL)),
        ("value_counts(success)", Aggregate::ValueCounts(SUCCESS)),
        ("first(value, ts)", row(Aggregate::First, VALUE)),
        ("last(value, started)", Aggregate::Last(VALUE, Clock::Column(STARTED))),
        ("first(model, started)", Aggregate::First(MODEL, Clock::Column(STARTED))),
        ("last(model, ts)", row(Aggregate::Last, MODEL)),
        ("first(tokens, value)", Aggregate::First(TOKENS, Clock::Column(VALUE))),
        ("last(started, model)", Aggregate::Last(STARTED, Clock::Column(MODEL))),
        ("bool_and(success)", Aggregate::BoolAnd(SUCCESS)),
        ("bool_or(success)", Aggregate::BoolOr(SUCCESS)),
    ]
}

/// Expressions with a condition, and the same condition on a row.
fn filtered_metrics() -> Vec<(&'static str, Metric)> {
    vec![
        (
            "count(*) filter (where not success)",
            Metric::new("failures", Aggregate::Count).filter(|row| row.values[SUCCESS] == Cell::Bool(false)),
        ),
        (
            "sum(value) filter (where success)",
            Metric::new("sum", Aggregate::Sum(VALUE)).filter(|row| row.values[SUCCESS] == Cell::Bool(true)),
        ),
    ]
}

fn metrics() -> Vec<Metric> {
    let exact = exact_metrics().into_iter().map(|(name, aggregate)| Metric::new(name, aggregate));
    exact.chain(filtered_metrics().into_iter().map(|(name, metric)| Metric { name: name.into(), ..metric })).collect()
}

/// A bucket in the words of both.
struct Division {
    width: &'static str,
    timezone: Option<&'static str>,
    model: Bucket,
}

fn divisions() -> Vec<Division> {
    let utc = |width, model| Division { width, timezone: None, model: Bucket::new(model) };
    let zoned = |width, zone, model| Division { width, timezone: Some(zone), model: Bucket::new(model).in_zone(zone) };
    vec![
        utc("15 minutes", Width::Micros(HOUR_US / 4)),
        utc("1 day", Width::Micros(DAY_US)),
        utc("1 month", Width::Months(1)),
        zoned("1 hour", "Australia/Lord_Howe", Width::Micros(HOUR_US)),
        zoned("1 day", "America/New_York", Width::Micros(DAY_US)),
        zoned("1 week", "Asia/Amman", Width::Micros(7 * DAY_US)),
        zoned("3 months", "Europe/Berlin", Width::Months(3)),
    ]
}

/// Rows whose integers mostly have sums inside int64.
fn rows_of(generator: &mut Generator, shape: &Shape, count: usize) -> Vec<Row> {
    let mut rows = generator.rows(shape, count);
    let keeps_extremes = generator.below(3) == 0;
    for row in &mut rows {
        if let Cell::Int(value) = &mut row.values[TOKENS] {
            *value = if keeps_extremes { *value } else { *value % 1000 };
        }
    }
    rows
}

/// What the condition of the spec leaves out.
fn is_13(tokens: &Cell) -> bool {
    match tokens {
        Cell::Decimal(units, scale) => *units == 13 * 10i128.pow((*scale).into()),
        tokens => *tokens == Cell::Int(13),
    }
}

/// The same rows with tokens that are units of decimals.
fn with_decimal_tokens(mut rows: Vec<Row>, scale: u8) -> Vec<Row> {
    for row in &mut rows {
        if let Cell::Int(units) = row.values[TOKENS] {
            row.values[TOKENS] = Cell::Decimal(units.into(), scale);
        }
    }
    rows
}

fn model_of(division: &Division, rows: &[Row]) -> Model {
    let spec =
        Spec { bucket: Some(division.model.clone()), keys: vec![PROVIDER, MODEL], filter: None, metrics: metrics() };
    let counts = |row: &&Row| !is_13(&row.values[TOKENS]);
    Model::of(spec, &rows.iter().filter(counts).cloned().collect::<Vec<_>>())
}

/// One group of the model with everything that was asked of it.
type Told = (Group, Vec<Answer>);

fn assert_exact(rollup: &Rollup, told: &mut [Told], context: &str) {
    // NULL is the last key in results and the first in the model
    told.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)));
    for (index, metric) in metrics().iter().enumerate() {
        let expected: Vec<&Answer> = told.iter().map(|(_, answers)| &answers[index]).collect();
        let name = metric.name.as_str();
        let frame = ask(rollup, name, BucketChoice::Own).expect("an answer");
        let overflows = expected.iter().filter(|answer| matches!(answer, Answer::Overflow(_))).count() as u64;
        assert_eq!(frame.warnings().len() as u64 + frame.more_warnings(), overflows, "{name} of {context}");
        assert!(frame.warnings().iter().all(|warning| warning.code == Code::QueryOverflow), "{name} of {context}");
        let groups: Vec<Group> = told.iter().map(|(group, _)| group.clone()).collect();
        let found = groups_of(&frame, 2);
        let differ = found.iter().zip(&groups).find(|(found, expected)| found != expected);
        assert!(differ.is_none() && found.len() == groups.len(), "groups of {context}: {differ:?}");
        for (value, (expected, group)) in answers_in(&frame).iter().zip(expected.iter().zip(&groups)) {
            if let Answer::Overflow(_) = expected {
                assert_eq!(value, &Value::Null, "{name} of {group:?} of {context}");
                continue;
            }
            let found = match value {
                Value::Counts(counts) => {
                    Answer::Counts(counts.iter().map(|(value, count)| (cell_of(value), *count)).collect())
                }
                value => Answer::Cell(cell_of(value)),
            };
            assert_eq!(&found, *expected, "{name} of {group:?} of {context}");
        }
    }
}

fn rank(group: &Group) -> (i64, Vec<(bool, &Cell)>) {
    (group.bucket_us, group.key.iter().map(|cell| (cell.is_null(), cell)).collect())
}

#[test]
fn exact_answers_are_those_of_the_model_to_the_bit() {
    let mut generator = Generator::new(11);
    let mut groups = 0;
    for division in divisions() {
        for round in 0..12 {
            let shape = generator.shape();
            let count = generator.pick(&[0, 1, 30, 400]);
            let rows = rows_of(&mut generator, &shape, count);
            let mut source = everything(division.width, division.timezone);
            let mut rows = rows;
            if round % 2 == 1 {
                let scale = generator.pick(&[0, 2, 9, 15]);
                (source, rows) = (with_decimals(source, scale), with_decimal_tokens(rows, scale));
            }
            let rollup = fold(&source, &rows, 128);
            let context = format!("round {round}, {} {:?}, {shape:?}", division.width, division.timezone);
            let mut told = model_of(&division, &rows).query();
            groups += told.len();
            assert_exact(&rollup, &mut told, &context);
        }
    }
    assert!(groups > 5000, "{groups} groups say little");
}

#[test]
fn the_counts_of_nans_are_those_of_the_model() {
    let mut generator = Generator::new(12);
    let shape = Shape { floats: Floats::Special, times: Times::MonthEnds, keys: 3, null_percent: 20 };
    let rows = rows_of(&mut generator, &shape, 500);
    let kept: Vec<Row> = rows.iter().filter(|row| row.values[TOKENS] != Cell::Int(13)).cloned().collect();
    // a NULL double comes as a NaN here
    let missing = kept.iter().filter(|row| row.values[VALUE].is_null()).count() as u64;
    let stats = fold(&everything("1 day", None), &rows, 64).stats();
    assert_eq!(stats.nan, [("value".to_string(), missing)]);
    assert_eq!(stats.rows, kept.len() as u64);
}

/// Groups of many rows: what sketches are for.
fn large_groups(floats: Floats, seed: u64) -> Vec<Row> {
    let mut generator = Generator::new(seed);
    let shape = Shape { floats, times: Times::OneDay, keys: 3, null_percent: 5 };
    let mut rows = rows_of(&mut generator, &shape, 3000);
    for row in &mut rows {
        row.values[MODEL] = Cell::Null;
    }
    rows
}

/// The doubles of a column in ascending order, as the sketch is given them.
fn ascending(rows: &[&Row], column: usize) -> Vec<f64> {
    let cells: Vec<Cell> = rows.iter().map(|row| row.cell(column)).collect();
    let doubles = sorted(&cells).into_iter().map(|cell| match cell {
        Cell::Float(value) => value,
        Cell::Int(value) => value as f64,
        other => panic!("{other:?} is no number"),
    });
    doubles.collect()
}

fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::Float64(value) => Some(f64::from_bits(value.to_bits())),
        other => panic!("{other:?} is no double"),
    }
}

/// Asserts that a told percentile lies where order statistics within the relative error put it.
fn assert_percentile(values: &[f64], hundredths: i64, told: Option<f64>, error: f64, context: &str) {
    if values.is_empty() {
        return assert_eq!(told, None, "{context}");
    }
    let (lower, upper, fraction) = place(&probability(hundredths, 100), values.len());
    let fraction = *fraction.numer() == 0.into();
    let (low, high) = (values[lower], values[upper]);
    if low.is_infinite() || high.is_infinite() {
        let exact = if low.is_infinite() && high.is_infinite() && low != high {
            None
        } else if low.is_infinite() {
            Some(low)
        } else {
            Some(high)
        };
        return assert_eq!(told, exact, "{context}");
    }
    let told = told.unwrap_or_else(|| panic!("no percentile of {context}"));
    let exact = isofold_reference::order::percentile_cont(values, &probability(hundredths, 100)).expect("finite");
    let reach = if fraction { low.abs() } else { low.abs().max(high.abs()) };
    let allowed = reach * (error + ROUNDING) + 1e-322;
    let distance = if told == exact { 0.0 } else { (told / 2.0 - exact / 2.0).abs() * 2.0 };
    assert!(distance <= allowed, "{told:e} is {distance:e} from {exact:e}: {context}");
    assert!(told >= values[0] && told <= values[values.len() - 1], "{told} is outside the values: {context}");
}

#[test]
fn percentiles_are_within_their_error_of_the_exact_ones() {
    let mut source = everything("1 day", None);
    let mut asked = Vec::new();
    for hundredths in [0, 1, 5, 25, 50, 75, 90, 95, 99, 100] {
        for (column, state) in [(VALUE, "percentile_agg(value)"), (TOKENS, "percentile_agg(tokens)")] {
            let p = format!("approx_percentile({hundredths} / 100.0, {state})");
            asked.push((hundredths, column, p));
        }
    }
    source.select.push(("token_error".into(), "percentile_error(percentile_agg(tokens))".into()));
    for (seed, floats) in (20..).zip(Floats::ALL) {
        let rows = large_groups(floats, seed);
        let rollup = fold(&source, &rows, 500);
        let by_group = sorted_by_result(model_of(&day(), &rows));
        for (hundredths, column, expression) in &asked {
            let frame = ask(&rollup, expression, BucketChoice::Own).expect("a percentile");
            for (value, rows) in answers_in(&frame).iter().zip(&by_group) {
                let values = ascending(&rows.iter().collect::<Vec<_>>(), *column);
                // any bits at all make histograms join buckets
                let error = if floats == Floats::AnyBits && *column == VALUE { 0.0219 } else { PERCENTILE_ERROR };
                let context = format!("{expression}, {} values, {floats:?}", values.len());
                assert_percentile(&values, *hundredths, double(value), error, &context);
            }
        }
        for error in answers_in(&ask(&rollup, "value_error", BucketChoice::Own).expect("an error")) {
            let error = double(error).expect("there are values");
            assert!(error <= PERCENTILE_ERROR || floats == Floats::AnyBits, "{error} of {floats:?}");
        }
    }
}

fn day() -> Division {
    Division { width: "1 day", timezone: None, model: Bucket::new(Width::Micros(DAY_US)) }
}

/// The rows of each group in the order of results.
fn sorted_by_result(model: Model) -> Vec<Vec<Row>> {
    let groups = model.groups();
    let mut groups: Vec<(&Group, Vec<Row>)> =
        groups.iter().map(|(group, rows)| (group, rows.iter().map(|row| (*row).clone()).collect())).collect();
    groups.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)));
    groups.into_iter().map(|(_, rows)| rows).collect()
}

#[test]
fn ranks_and_histograms_count_to_the_nearest_buckets() {
    let source = everything("1 day", None);
    let bounds = [-100.0, 0.0, 0.5, 1000.0];
    for (seed, floats) in (40..).zip([Floats::Latency, Floats::Decimal, Floats::Ties, Floats::Integral]) {
        let rows = large_groups(floats, seed);
        let rollup = fold(&source, &rows, 500);
        let by_group = sorted_by_result(model_of(&day(), &rows));
        let ranks = ask(&rollup, "value_rank", BucketChoice::Own).expect("a rank");
        let histograms = ask(&rollup, "value_histogram", BucketChoice::Own).expect("a histogram");
        for (group, rows) in by_group.iter().enumerate() {
            let values = ascending(&rows.iter().collect::<Vec<_>>(), VALUE);
            let count_up_to = |bound: f64| values.iter().filter(|value| **value <= bound).count() as f64;
            // two bucket widths on either side
            let slack = |bound: f64| bound.abs() * 0.0220;
            let within = |told: f64, bound: f64| {
                let (low, high) = (count_up_to(bound - slack(bound) - 1e-300), count_up_to(bound + slack(bound)));
                assert!(
                    (low - 1e-6..=high + 1e-6).contains(&told),
                    "{told} up to {bound} of {floats:?}: {low} to {high}"
                );
            };
            let rank = double(&answers_in(&ranks)[group]).expect("there are values");
            within(rank * values.len() as f64, 1.5);
            let Value::List(counts) = &answers_in(&histograms)[group] else { panic!("a list of counts") };
            assert_eq!(counts.len(), bounds.len() + 1);
            let mut up_to = 0;
            for (count, bound) in counts.iter().zip(bounds) {
                let Value::Int64(count) = count else { panic!("{count:?} is no count") };
                up_to += count;
                within(up_to as f64, bound);
            }
            let Value::Int64(rest) = counts[bounds.len()] else { panic!("no count") };
            assert_eq!((up_to + rest) as usize, values.len());
        }
    }
}

#[test]
fn distinct_counts_are_exact_up_to_256_and_within_four_errors_beyond() {
    let columns = [("model", MODEL), ("value", VALUE), ("tokens", TOKENS), ("success", SUCCESS), ("started", STARTED)];
    let (mut exact, mut estimated) = (0, 0);
    for (seed, (count, keys)) in (60..).zip([(3000, 1), (3000, 7), (60_000, 2)]) {
        let mut generator = Generator::new(seed);
        let shape = Shape { floats: Floats::Latency, times: Times::AnyCentury, keys, null_percent: 10 };
        let mut rows = generator.rows(&shape, count);
        for (row, text) in rows.iter_mut().zip(0..) {
            row.time_us = 0;
            row.values[MODEL] = Cell::Text(format!("user-{}", text % 20_000));
        }
        let mut source = everything("1 day", None);
        source.group_by.truncate(1);
        let rollup = fold(&source, &rows, 1000);
        let spec = Spec {
            bucket: Some(Bucket::new(Width::Micros(DAY_US))),
            keys: vec![PROVIDER],
            filter: None,
            metrics: columns.map(|(name, column)| Metric::new(name, Aggregate::CountDistinct(column))).to_vec(),
        };
        let kept: Vec<Row> = rows.into_iter().filter(|row| row.values[TOKENS] != Cell::Int(13)).collect();
        let mut told = Model::of(spec, &kept).query();
        told.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)));
        for (index, (name, _)) in columns.iter().enumerate() {
            let expression = format!("approx_count_distinct({name})");
            let frame = ask(&rollup, &expression, BucketChoice::Own).expect("a count");
            for (value, (_, answers)) in answers_in(&frame).iter().zip(&told) {
                let (Value::Int64(told), Answer::Cell(Cell::Int(expected))) = (value, &answers[index]) else {
                    panic!("{value:?} and {:?}", answers[index])
                };
                if *expected <= 256 {
                    assert_eq!(told, expected, "{name}");
                    exact += 1;
                } else {
                    let error = (told - expected).abs() as f64 / *expected as f64;
                    assert!(error < 4.0 * 1.04 / 64.0, "{told} for {expected}");
                    estimated += 1;
                }
            }
        }
    }
    assert!(exact > 10 && estimated > 10, "{exact} exact, {estimated} estimated");
}

#[test]
fn counts_of_values_answer_from_the_kept_ones() {
    let source = everything("1 day", None);
    let mut generator = Generator::new(70);
    let shape = Shape { floats: Floats::Ties, times: Times::OneDay, keys: 3, null_percent: 10 };
    let rows = rows_of(&mut generator, &shape, 2000);
    let mut source_by_provider = source.clone();
    source_by_provider.group_by.truncate(1);
    let rollup = fold(&source_by_provider, &rows, 300);
    let spec = Spec {
        bucket: Some(Bucket::new(Width::Micros(DAY_US))),
        keys: vec![PROVIDER],
        filter: None,
        metrics: vec![Metric::new("counts", Aggregate::ValueCounts(MODEL))],
    };
    let kept: Vec<Row> = rows.iter().filter(|row| row.values[TOKENS] != Cell::Int(13)).cloned().collect();
    let mut told = Model::of(spec, &kept).query();
    told.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)));
    let answers = ["model_7_count", "model_top", "model_num_distinct"]
        .map(|name| ask(&rollup, name, BucketChoice::Own).expect("an answer"));
    for (group, (_, expected)) in told.iter().enumerate() {
        let Answer::Counts(counts) = &expected[0] else { panic!("there are values") };
        let sevens = counts.iter().find(|(cell, _)| *cell == Cell::text("model-7")).map_or(0, |(_, count)| *count);
        assert_eq!(answers_in(&answers[0])[group], Value::Int64(sevens as i64));
        let Value::List(top) = &answers_in(&answers[1])[group] else { panic!("three values") };
        let top: Vec<Cell> = top.iter().map(cell_of).collect();
        assert_eq!(top, counts.iter().take(3).map(|(cell, _)| cell.clone()).collect::<Vec<_>>());
        assert_eq!(answers_in(&answers[2])[group], Value::Int64(counts.len() as i64));
    }
}

#[test]
fn an_exemplar_is_a_value_of_its_group() {
    let source = everything("1 day", None);
    let mut generator = Generator::new(71);
    let shape = Shape { floats: Floats::Latency, times: Times::MonthEnds, keys: 2, null_percent: 20 };
    let rows = rows_of(&mut generator, &shape, 600);
    let rollup = fold(&source, &rows, 100);
    let by_group = sorted_by_result(model_of(&day(), &rows));
    let frame = ask(&rollup, "value_exemplars", BucketChoice::Own).expect("exemplars");
    assert_eq!(frame.len(), by_group.len());
    for (value, rows) in answers_in(&frame).iter().zip(&by_group) {
        let mut present: Vec<(i64, Cell)> =
            rows.iter().map(|row| (row.time_us, row.cell(VALUE))).filter(|(_, cell)| !cell.is_null()).collect();
        present.sort();
        present.dedup();
        match value {
            Value::Null => assert!(present.is_empty()),
            Value::List(values) => {
                assert_eq!(values.len(), present.len().min(3));
                assert!(values.iter().all(|value| present.iter().any(|(_, cell)| *cell == cell_of(value))));
            }
            other => panic!("{other:?} is no list"),
        }
    }
}

#[test]
fn metric_expressions_compute_over_the_answers() {
    let mut generator = Generator::new(72);
    let shape = Shape { floats: Floats::Decimal, times: Times::MonthEnds, keys: 2, null_percent: 20 };
    let rows = rows_of(&mut generator, &shape, 400);
    let rollup = fold(&everything("1 month", None), &rows, 100);
    let ask = |name: &str| answers_in(&ask(&rollup, name, BucketChoice::Own).expect("an answer")).to_vec();
    let (failures, requests) = (ask("failures"), ask("requests"));
    let (min, max) = (ask("value_min"), ask("value_max"));
    for (row, (percent, spread)) in ask("failure_pct").iter().zip(&ask("value_spread")).enumerate() {
        let (Value::Int64(failures), Value::Int64(requests)) = (&failures[row], &requests[row]) else {
            panic!("counts are integers")
        };
        let expected = (100 * failures) as f64 / *requests as f64;
        assert_eq!(double(percent), Some(expected));
        let expected = double(&max[row]).zip(double(&min[row])).map_or(0.1, |(max, min)| max - min);
        assert_eq!(double(spread), Some(expected));
    }
}
