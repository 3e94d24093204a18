//! What aggregates say of nothing, of NULLs, of one row and of small lists, as PostgreSQL and DuckDB do.

use isofold_reference::order::probability;
use isofold_reference::{Aggregate, Answer, Cell, Clock, Row};
use Aggregate::*;

fn answer(aggregate: &Aggregate, cells: &[Cell]) -> Answer {
    let rows: Vec<Row> = cells.iter().enumerate().map(|(i, cell)| Row::new(i as i64, vec![cell.clone()])).collect();
    aggregate.over(&rows.iter().collect::<Vec<_>>())
}

fn assert_answer(aggregate: Aggregate, cells: &[Cell], expected: Cell) {
    assert_eq!(answer(&aggregate, cells), Answer::Cell(expected), "{aggregate:?} of {cells:?}");
}

fn floats(values: &[f64]) -> Vec<Cell> {
    values.iter().copied().map(Cell::Float).collect()
}

fn ints(values: &[i64]) -> Vec<Cell> {
    values.iter().copied().map(Cell::Int).collect()
}

/// Every aggregate that is NULL when nothing is present.
fn null_of_nothing() -> Vec<Aggregate> {
    vec![
        Sum(0),
        Mean(0),
        VarSamp(0),
        VarPop(0),
        StddevSamp(0),
        StddevPop(0),
        Min(0),
        Max(0),
        PercentileCont(0, probability(1, 2)),
        PercentileDisc(0, probability(1, 2)),
        Median(0),
        Rank(0, Cell::Float(1.0)),
        ValueCounts(0),
        Mode(0),
        First(0, Clock::Row),
        Last(0, Clock::Row),
        BoolAnd(0),
        BoolOr(0),
    ]
}

#[test]
fn counts_of_nothing_are_zero_and_all_else_is_null() {
    let missing = [Cell::Null, Cell::Float(f64::NAN), Cell::Null];
    for cells in [&[][..], &missing[..]] {
        assert_answer(Count, cells, Cell::Int(cells.len() as i64));
        assert_answer(CountOf(0), cells, Cell::Int(0));
        assert_answer(CountDistinct(0), cells, Cell::Int(0));
        for aggregate in null_of_nothing() {
            assert_answer(aggregate, cells, Cell::Null);
        }
    }
}

#[test]
fn one_row_has_no_sample_deviation_and_a_population_deviation_of_zero() {
    for one in [floats(&[7.5]), ints(&[7])] {
        assert_answer(VarSamp(0), &one, Cell::Null);
        assert_answer(StddevSamp(0), &one, Cell::Null);
        assert_answer(VarPop(0), &one, Cell::Float(0.0));
        assert_answer(StddevPop(0), &one, Cell::Float(0.0));
    }
}

#[test]
fn nulls_and_nans_are_skipped() {
    let cells = [Cell::Float(1.0), Cell::Null, Cell::Float(f64::NAN), Cell::Float(4.0)];
    assert_answer(Count, &cells, Cell::Int(4));
    assert_answer(CountOf(0), &cells, Cell::Int(2));
    assert_answer(Sum(0), &cells, Cell::Float(5.0));
    assert_answer(Mean(0), &cells, Cell::Float(2.5));
    assert_answer(Max(0), &cells, Cell::Float(4.0));
    assert_answer(CountDistinct(0), &cells, Cell::Int(2));
    assert_answer(Median(0), &cells, Cell::Float(2.5));
}

#[test]
fn infinities_are_values() {
    let cells = floats(&[f64::INFINITY, 1.0]);
    assert_answer(Sum(0), &cells, Cell::Float(f64::INFINITY));
    assert_answer(Max(0), &cells, Cell::Float(f64::INFINITY));
    assert_answer(VarPop(0), &cells, Cell::Null);
    let both = floats(&[f64::INFINITY, f64::NEG_INFINITY]);
    assert_answer(Sum(0), &both, Cell::Null);
    assert_answer(Mean(0), &both, Cell::Null);
    assert_answer(Min(0), &both, Cell::Float(f64::NEG_INFINITY));
}

#[test]
fn zeros_of_both_signs_are_one_value() {
    let cells = floats(&[-0.0, 0.0, -0.0]);
    assert_answer(CountDistinct(0), &cells, Cell::Int(1));
    for aggregate in [Sum(0), Min(0), Max(0), Mode(0), Median(0), Mean(0), First(0, Clock::Row)] {
        let Answer::Cell(Cell::Float(zero)) = answer(&aggregate, &cells) else { panic!("{aggregate:?}") };
        assert_eq!(zero.to_bits(), 0, "{aggregate:?}");
    }
}

#[test]
fn an_integer_sum_outside_int64_is_an_error() {
    assert_eq!(answer(&Sum(0), &ints(&[i64::MAX, 1])), Answer::Overflow(i128::from(i64::MAX) + 1));
    assert_answer(Sum(0), &ints(&[i64::MAX, 1, -1]), Cell::Int(i64::MAX));
    assert_answer(Sum(0), &ints(&[i64::MIN, 0]), Cell::Int(i64::MIN));
}

#[test]
fn the_mode_of_a_tie_is_the_smallest_value() {
    let cells = ["b", "a", "c", "a", "b"].map(Cell::text);
    assert_answer(Mode(0), &cells, Cell::text("a"));
    let expected = vec![(Cell::text("a"), 2), (Cell::text("b"), 2), (Cell::text("c"), 1)];
    assert_eq!(answer(&ValueCounts(0), &cells), Answer::Counts(expected));
}

#[test]
fn first_and_last_of_one_time_go_by_value() {
    let rows: Vec<Row> = [(5, 2), (3, 9), (3, 4), (5, 8)].map(|(t, v)| Row::new(t, vec![Cell::Int(v)])).into();
    let rows: Vec<&Row> = rows.iter().collect();
    assert_eq!(First(0, Clock::Row).over(&rows), Answer::Cell(Cell::Int(4)));
    assert_eq!(Last(0, Clock::Row).over(&rows), Answer::Cell(Cell::Int(8)));
}

#[test]
fn first_by_a_column_skips_rows_without_it() {
    let row = |value, time| Row::new(0, vec![Cell::Int(value), time]);
    let rows = [row(1, Cell::Null), row(2, Cell::Time(9)), row(3, Cell::Time(7))];
    let rows: Vec<&Row> = rows.iter().collect();
    assert_eq!(First(0, Clock::Column(1)).over(&rows), Answer::Cell(Cell::Int(3)));
    assert_eq!(Last(0, Clock::Column(1)).over(&rows), Answer::Cell(Cell::Int(2)));
}

#[test]
fn bool_and_and_bool_or_skip_nulls() {
    let cells = [Cell::Bool(true), Cell::Null, Cell::Bool(false)];
    assert_answer(BoolAnd(0), &cells, Cell::Bool(false));
    assert_answer(BoolOr(0), &cells, Cell::Bool(true));
    assert_answer(BoolAnd(0), &cells[..2], Cell::Bool(true));
    assert_answer(BoolOr(0), &cells[1..], Cell::Bool(false));
}

#[test]
fn extremes_of_texts_go_by_bytes() {
    let cells = ["b", "é", "B"].map(Cell::text);
    assert_answer(Min(0), &cells, Cell::text("B"));
    assert_answer(Max(0), &cells, Cell::text("é"));
}
