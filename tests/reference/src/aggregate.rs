//! The aggregates, each computed from its definition over the rows of one group.
//!
//! The one idea: an aggregate takes its column out of the rows, drops what is NULL or NaN, and answers from the list
//! that is left.

use crate::cell::{Cell, Row};
use crate::moments::{self, Divisor};
use crate::order::{percentile_cont, percentile_disc, probability, rank, sorted};
use crate::rounding::nearest;
use num_bigint::BigInt;
use num_rational::BigRational;
use std::collections::BTreeMap;

/// The time that `first` and `last` go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The time of the row.
    Row,
    /// A column; rows without it are skipped.
    Column(usize),
}

/// What to compute; numbers are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// `count(*)`
    Count,
    /// `count(x)`
    CountOf(usize),
    /// `sum(x)` of integers, decimals or doubles
    Sum(usize),
    /// `avg(x)`
    Mean(usize),
    /// `var_samp(x)`
    VarSamp(usize),
    /// `var_pop(x)`
    VarPop(usize),
    /// `stddev_samp(x)`
    StddevSamp(usize),
    /// `stddev_pop(x)`
    StddevPop(usize),
    /// `min(x)`
    Min(usize),
    /// `max(x)`
    Max(usize),
    /// The exact `percentile_cont(p)` of doubles.
    PercentileCont(usize, BigRational),
    /// The exact `percentile_disc(p)` of any type.
    PercentileDisc(usize, BigRational),
    /// The exact `median(x)` of doubles.
    Median(usize),
    /// The share of values that are at most a bound.
    Rank(usize, Cell),
    /// The exact `count(distinct x)`.
    CountDistinct(usize),
    /// `value_counts(x)` without a limit: the most frequent first, ties by value.
    ValueCounts(usize),
    /// The most frequent value, of several the smallest.
    Mode(usize),
    /// `first(x, t)`: the least by (time, value).
    First(usize, Clock),
    /// `last(x, t)`: the greatest by (time, value).
    Last(usize, Clock),
    /// `bool_and(x)`
    BoolAnd(usize),
    /// `bool_or(x)`
    BoolOr(usize),
}

/// What an aggregate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One value, or NULL.
    Cell(Cell),
    /// Values with how often each occurs.
    Counts(Vec<(Cell, u64)>),
    /// A sum of integers, or of units of decimals, outside int64: an error of the query, not a number.
    Overflow(i128),
}

impl Answer {
    fn float(value: Option<f64>) -> Self {
        Answer::Cell(value.map_or(Cell::Null, Cell::Float))
    }

    fn cell(value: Option<Cell>) -> Self {
        Answer::Cell(value.unwrap_or(Cell::Null))
    }

    fn count(count: usize) -> Self {
        Answer::Cell(Cell::Int(i64::try_from(count).expect("rows in memory fit an int64")))
    }
}

impl Aggregate {
    /// The answer over some rows.
    ///
    /// # Panics
    /// When the column does not exist or holds another type than the aggregate takes.
    #[must_use]
    pub fn over(&self, rows: &[&Row]) -> Answer {
        match self {
            Aggregate::Count => Answer::count(rows.len()),
            Aggregate::CountOf(x) => Answer::count(present(rows, *x).len()),
            Aggregate::Sum(x) => sum(rows, *x),
            Aggregate::Mean(x) => Answer::float(match numbers(rows, *x) {
                Numbers::Int(values) => moments::mean_int(&values),
                Numbers::Decimal(values) => moments::mean_exact(&values),
                Numbers::Float(values) => moments::mean(&values),
            }),
            Aggregate::VarSamp(x) => Answer::float(variance(rows, *x, Divisor::Sample)),
            Aggregate::VarPop(x) => Answer::float(variance(rows, *x, Divisor::Population)),
            Aggregate::StddevSamp(x) => Answer::float(moments::deviation(variance(rows, *x, Divisor::Sample))),
            Aggregate::StddevPop(x) => Answer::float(moments::deviation(variance(rows, *x, Divisor::Population))),
            Aggregate::Min(x) => Answer::cell(present(rows, *x).into_iter().min()),
            Aggregate::Max(x) => Answer::cell(present(rows, *x).into_iter().max()),
            Aggregate::PercentileCont(x, p) => Answer::float(percentile_cont(&ascending(rows, *x), p)),
            Aggregate::PercentileDisc(x, p) => Answer::cell(percentile_disc(&sorted(&present(rows, *x)), p)),
            Aggregate::Median(x) => Answer::float(percentile_cont(&ascending(rows, *x), &probability(1, 2))),
            Aggregate::Rank(x, bound) => Answer::float(rank(&present(rows, *x), bound)),
            Aggregate::CountDistinct(x) => Answer::count(counts(rows, *x).len()),
            Aggregate::ValueCounts(x) => match counts(rows, *x) {
                none if none.is_empty() => Answer::Cell(Cell::Null),
                some => Answer::Counts(some),
            },
            Aggregate::Mode(x) => Answer::cell(counts(rows, *x).into_iter().next().map(|(value, _)| value)),
            Aggregate::First(x, clock) => Answer::cell(timed(rows, *x, *clock).into_iter().min().map(|pair| pair.1)),
            Aggregate::Last(x, clock) => Answer::cell(timed(rows, *x, *clock).into_iter().max().map(|pair| pair.1)),
            Aggregate::BoolAnd(x) => Answer::cell(bools(rows, *x, |values| values.iter().all(|value| *value))),
            Aggregate::BoolOr(x) => Answer::cell(bools(rows, *x, |values| values.iter().any(|value| *value))),
        }
    }
}

/// The cells of a column that are neither NULL nor NaN.
fn present(rows: &[&Row], column: usize) -> Vec<Cell> {
    rows.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_null()).collect()
}

/// A numeric column of one type; an empty one counts as doubles.
enum Numbers {
    Int(Vec<i64>),
    Decimal(Vec<BigRational>),
    Float(Vec<f64>),
}

fn numbers(rows: &[&Row], column: usize) -> Numbers {
    let cells = present(rows, column);
    if matches!(cells.first(), Some(Cell::Int(_))) {
        let int = |cell: &Cell| match cell {
            Cell::Int(value) => *value,
            other => panic!("{other:?} in a column of integers"),
        };
        return Numbers::Int(cells.iter().map(int).collect());
    }
    if matches!(cells.first(), Some(Cell::Decimal(..))) {
        return Numbers::Decimal(cells.iter().map(fraction).collect());
    }
    let float = |cell: &Cell| match cell {
        Cell::Float(value) => *value,
        other => panic!("{other:?} in a column of doubles"),
    };
    Numbers::Float(cells.iter().map(float).collect())
}

/// A decimal as what it is.
fn fraction(cell: &Cell) -> BigRational {
    match cell {
        Cell::Decimal(units, scale) => BigRational::new((*units).into(), BigInt::from(10).pow((*scale).into())),
        other => panic!("{other:?} in a column of decimals"),
    }
}

/// The doubles of a column in ascending order; integers and decimals as the nearest double.
fn ascending(rows: &[&Row], column: usize) -> Vec<f64> {
    let mut values = match numbers(rows, column) {
        Numbers::Int(values) => values.into_iter().map(|value| value as f64).collect(),
        Numbers::Decimal(values) => values.iter().map(nearest).collect(),
        Numbers::Float(values) => values,
    };
    values.sort_by(f64::total_cmp);
    values
}

fn sum(rows: &[&Row], column: usize) -> Answer {
    match numbers(rows, column) {
        Numbers::Float(values) => Answer::float(moments::sum(&values)),
        Numbers::Decimal(values) => {
            let scale = match present(rows, column).first() {
                Some(Cell::Decimal(_, scale)) => *scale,
                other => panic!("{other:?} is no decimal"),
            };
            let total: BigRational = values.into_iter().sum();
            let units = total * BigRational::from_integer(BigInt::from(10).pow(scale.into()));
            let units = i128::try_from(units.to_integer()).expect("rows in memory");
            Answer::Cell(Cell::Decimal(units, scale))
        }
        Numbers::Int(values) => {
            let total: i128 = values.into_iter().map(i128::from).sum();
            i64::try_from(total).map_or(Answer::Overflow(total), |total| Answer::Cell(Cell::Int(total)))
        }
    }
}

fn variance(rows: &[&Row], column: usize, divisor: Divisor) -> Option<f64> {
    match numbers(rows, column) {
        Numbers::Int(values) => moments::variance_int(&values, divisor),
        Numbers::Decimal(values) => moments::variance_exact(&values, divisor),
        Numbers::Float(values) => moments::variance(&values, divisor),
    }
}

/// The distinct values with their counts: the most frequent first, ties by value.
fn counts(rows: &[&Row], column: usize) -> Vec<(Cell, u64)> {
    let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
    for cell in present(rows, column) {
        *counts.entry(cell).or_default() += 1;
    }
    let mut counts: Vec<(Cell, u64)> = counts.into_iter().collect();
    // A stable sort keeps the order by value among equal counts.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// (time, value) of the rows that have both.
fn timed(rows: &[&Row], column: usize, clock: Clock) -> Vec<(Cell, Cell)> {
    let time = |row: &Row| match clock {
        Clock::Row => Cell::Time(row.time_us),
        Clock::Column(column) => row.cell(column),
    };
    let pairs = rows.iter().map(|row| (time(row), row.cell(column)));
    pairs.filter(|(time, value)| !time.is_null() && !value.is_null()).collect()
}

fn bools(rows: &[&Row], column: usize, fold: impl Fn(&[bool]) -> bool) -> Option<Cell> {
    let bool = |cell: &Cell| match cell {
        Cell::Bool(value) => *value,
        other => panic!("{other:?} in a column of booleans"),
    };
    let values: Vec<bool> = present(rows, column).iter().map(bool).collect();
    (!values.is_empty()).then(|| Cell::Bool(fold(&values)))
}
