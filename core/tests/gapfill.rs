//! Filled results are those of the naive model: buckets, keys, what stands in the gaps, and from how far it comes.

mod support {
    pub mod everything;
    pub mod groups;
    pub mod rows;
}

use isofold::query::{Fill, Frame, QuerySource};
use isofold::spec::Named;
use isofold::time::format_timestamp;
use isofold::value::Value;
use isofold_reference::bucket::{DAY_US, HOUR_US};
use isofold_reference::generate::{Field, Generator, Shape, Times};
use isofold_reference::{Aggregate, Bucket, Cell, Clock, Fill as ModelFill, Group, Metric, Model, Row, Spec, Width};
use support::everything::everything;
use support::groups::{cell_of, groups_of};
use support::rows::fold;

const VALUE: usize = Field::Value as usize;
const TOKENS: usize = Field::Tokens as usize;
const METRICS: [&str; 5] = ["count(*)", "avg(value)", "sum(tokens)", "min(started)", "last(model, ts)"];

fn aggregates() -> [Aggregate; 5] {
    [
        Aggregate::Count,
        Aggregate::Mean(VALUE),
        Aggregate::Sum(TOKENS),
        Aggregate::Min(Field::Started as usize),
        Aggregate::Last(Field::Model as usize, Clock::Row),
    ]
}

/// One way to fill each metric, in the words of both.
fn fills(generator: &mut Generator) -> Vec<(Fill, ModelFill)> {
    let both = |constant: Value, cell: Cell| (Fill::Constant(constant), ModelFill::Constant(cell));
    let constants = [
        both(Value::Int64(7), Cell::Int(7)),
        both(Value::Int64(-7), Cell::Float(-7.0)),
        both(Value::Int64(0), Cell::Int(0)),
        both(Value::Timestamp(-5), Cell::Time(-5)),
        both(Value::String("none".into()), Cell::text("none")),
    ];
    let of_metric = |(metric, constant): (usize, (Fill, ModelFill))| match generator.below(4) {
        0 => (Fill::Null, ModelFill::Constant(Cell::Null)),
        1 => constant,
        2 if metric < 3 => (Fill::Interpolate, ModelFill::Interpolate),
        _ => (Fill::Locf, ModelFill::Locf),
    };
    constants.into_iter().enumerate().map(of_metric).collect()
}

/// Rows an hour or so apart, with gaps: few to a bucket, some buckets without any.
fn rows(generator: &mut Generator, count: usize) -> Vec<Row> {
    let shape = Shape { times: Times::MonthEnds, ..generator.shape() };
    // the clocks of Lord Howe and New York change in these weeks
    let from = generator.pick(&[1_696_000_000_000_000, 1_710_000_000_000_000, 1_730_400_000_000_000]);
    let mut rows = generator.rows(&shape, count);
    for row in &mut rows {
        row.time_us = from + generator.between(0, 12 * DAY_US);
        if let Cell::Int(tokens) = &mut row.values[TOKENS] {
            *tokens %= 1000;
        }
    }
    rows
}

fn named(expression: &str) -> Named {
    Named { name: Some(expression.into()), expression: expression.into() }
}

fn told(frame: &Frame, keys: usize) -> Vec<(Group, Vec<Cell>)> {
    let metrics = &frame.columns()[1 + keys..];
    let answers = |row: usize| metrics.iter().map(|column| cell_of(&column.values()[row])).collect();
    groups_of(frame, keys).into_iter().enumerate().map(|(row, group)| (group, answers(row))).collect()
}

#[test]
fn filled_results_are_those_of_the_model() {
    let mut generator = Generator::new(21);
    let divisions = [
        ("1 hour", None, Bucket::new(Width::Micros(HOUR_US))),
        ("1 hour", Some("Australia/Lord_Howe"), Bucket::new(Width::Micros(HOUR_US)).in_zone("Australia/Lord_Howe")),
        ("1 day", Some("America/New_York"), Bucket::new(Width::Micros(DAY_US)).in_zone("America/New_York")),
    ];
    let (mut gaps, mut shown) = (0, 0);
    for (width, zone, bucket) in divisions {
        for round in 0..24 {
            let count = generator.pick(&[0, 1, 12, 60]);
            let rows = rows(&mut generator, count);
            let rollup = fold(&everything(width, zone), &rows, 16);
            let keyed = round % 2 == 0;
            let fills = fills(&mut generator);
            let counts = |row: &&Row| row.values[TOKENS] != Cell::Int(13);
            let spec = Spec {
                bucket: Some(bucket.clone()),
                keys: if keyed { vec![Field::Provider as usize] } else { Vec::new() },
                filter: None,
                metrics: aggregates().into_iter().map(|aggregate| Metric::new("", aggregate)).collect(),
            };
            let model = Model::of(spec, &rows.iter().filter(counts).cloned().collect::<Vec<_>>());
            let middle = rows.first().map_or(1_696_500_000_000_000, |row| row.time_us);
            let start = bucket.start(middle - generator.between(0, 2 * DAY_US));
            let end = bucket.start(middle + generator.between(0, 4 * DAY_US));
            let query = QuerySource {
                start: Some(format_timestamp(start)),
                end: Some(format_timestamp(end)),
                group_by: Some(if keyed { vec![named("provider")] } else { Vec::new() }),
                select: Some(METRICS.map(named).to_vec()),
                gapfill: Some(
                    METRICS.iter().zip(&fills).map(|(name, (fill, _))| ((*name).into(), fill.clone())).collect(),
                ),
                ..QuerySource::default()
            };
            let frame = rollup.query(&query).expect("the query is right");
            let model_fills: Vec<ModelFill> = fills.iter().map(|(_, fill)| fill.clone()).collect();
            let mut expected = model.filled(start, end, &model_fills);
            // NULL is the last key in results and the first in the model
            expected.sort_by_key(|(group, _)| (group.bucket_us, group.key.iter().all(Cell::is_null) && keyed));
            shown += expected.len();
            gaps += expected.len() - model.slice(start, end).groups().len();
            assert_eq!(told(&frame, usize::from(keyed)), expected, "round {round} of {width} {zone:?}: {fills:?}");
        }
    }
    assert!(gaps > 1000 && shown - gaps > 100, "{gaps} gaps of {shown} rows say little");
}
