//! The operations on a model do to its answers what they do to its rows.

use isofold_reference::bucket::{DAY_US, HOUR_US};
use isofold_reference::zone::instant_of;
use isofold_reference::{Aggregate, Answer, Bucket, Cell, Metric, Model, Predicate, Row, Spec, Width};

const MODEL: usize = 0;
const COST: usize = 1;

fn spec() -> Spec {
    Spec {
        bucket: Some(Bucket::new(Width::Micros(HOUR_US))),
        keys: vec![MODEL],
        filter: None,
        metrics: vec![
            Metric::new("requests", Aggregate::Count),
            Metric::new("cost", Aggregate::Sum(COST)),
            Metric::new("dear", Aggregate::Count).filter(|row| row.cell(COST) > Cell::Float(1.0)),
        ],
    }
}

fn row(time: &str, model: Cell, cost: f64) -> Row {
    Row::new(instant_of(time), vec![model, Cell::Float(cost)])
}

fn rows() -> Vec<Row> {
    vec![
        row("2026-11-01T10:15:00Z", Cell::text("a"), 0.1),
        row("2026-11-01T10:45:00Z", Cell::text("a"), 0.2),
        row("2026-11-01T11:00:00Z", Cell::text("b"), 2.0),
        row("2026-11-02T09:00:00Z", Cell::Null, f64::NAN),
        row("2026-11-02T09:30:00Z", Cell::Null, 4.0),
    ]
}

fn line(bucket: &str, key: Vec<Cell>, requests: i64, cost: f64, dear: i64) -> (i64, Vec<Cell>, Vec<Answer>) {
    let cells = [Cell::Int(requests), Cell::Float(cost), Cell::Int(dear)];
    (instant_of(bucket), key, cells.map(Answer::Cell).into())
}

fn lines(model: &Model) -> Vec<(i64, Vec<Cell>, Vec<Answer>)> {
    model.query().into_iter().map(|(group, answers)| (group.bucket_us, group.key, answers)).collect()
}

#[test]
fn rows_are_grouped_by_bucket_and_key_and_null_is_a_key() {
    let model = Model::of(spec(), &rows());
    let expected = [
        line("2026-11-01T10:00:00Z", vec![Cell::text("a")], 2, 0.300_000_000_000_000_04, 0),
        line("2026-11-01T11:00:00Z", vec![Cell::text("b")], 1, 2.0, 1),
        line("2026-11-02T09:00:00Z", vec![Cell::Null], 2, 4.0, 1),
    ];
    assert_eq!(lines(&model), expected);
    assert_eq!(model.missing(COST), 1);
}

#[test]
fn merging_is_ingesting_the_rows_of_both() {
    let rows = rows();
    let mut left = Model::of(spec(), &rows[3..]);
    left.merge(&Model::of(spec(), &rows[..3]));
    assert_eq!(left.query(), Model::of(spec(), &rows).query());
}

#[test]
fn rows_that_miss_the_filter_do_not_count() {
    let filter = Predicate::new(|row: &Row| !row.cell(MODEL).is_null());
    let model = Model::of(Spec { filter: Some(filter), ..spec() }, &rows());
    assert_eq!(model.rows().len(), 3);
    assert_eq!(model.missing(COST), 0);
}

#[test]
fn coarsening_folds_the_rows_again() {
    let model = Model::of(spec(), &rows());
    let days = model.coarsen(Some(Bucket::new(Width::Micros(DAY_US))), &[]);
    let expected = [line("2026-11-01T00:00:00Z", vec![], 3, 2.3, 1), line("2026-11-02T00:00:00Z", vec![], 2, 4.0, 1)];
    assert_eq!(lines(&days), expected);
    assert_eq!(model.coarsen(None, &[]).query()[0].1, model.total());
}

#[test]
fn a_slice_holds_its_start_and_not_its_end() {
    let model = Model::of(spec(), &rows());
    let slice = model.slice(instant_of("2026-11-01T11:00:00Z"), instant_of("2026-11-02T09:00:00Z"));
    assert_eq!(lines(&slice), [line("2026-11-01T11:00:00Z", vec![Cell::text("b")], 1, 2.0, 1)]);
}

#[test]
fn replacing_a_range_leaves_the_rest() {
    let mut model = Model::of(spec(), &rows());
    let correction = Model::of(spec(), &[row("2026-11-01T10:59:59Z", Cell::text("c"), 8.0)]);
    model.replace(instant_of("2026-11-01T10:00:00Z"), instant_of("2026-11-01T12:00:00Z"), &correction);
    let expected = [
        line("2026-11-01T10:00:00Z", vec![Cell::text("c")], 1, 8.0, 1),
        line("2026-11-02T09:00:00Z", vec![Cell::Null], 2, 4.0, 1),
    ];
    assert_eq!(lines(&model), expected);
}

#[test]
fn pruning_drops_only_buckets_that_are_over() {
    let mut model = Model::of(spec(), &rows());
    assert_eq!(model.prune(instant_of("2026-11-01T11:59:59Z")), 1);
    assert_eq!(model.groups().len(), 2);
    assert_eq!(model.prune(instant_of("2026-11-01T12:00:00Z")), 1);
    assert_eq!(model.groups().len(), 1);
}

#[test]
fn the_total_of_no_rows_is_still_a_line() {
    let answers = Model::new(spec()).total();
    assert_eq!(answers, [Cell::Int(0), Cell::Null, Cell::Int(0)].map(Answer::Cell));
    assert!(Model::new(spec()).query().is_empty());
}
