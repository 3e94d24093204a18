//! A row for every bucket of a range and every key with a row in it, gaps filled from the rows of the key.
//!
//! The one idea: a gap is filled from the groups of its key over all of time, whether or not the range shows them.

use crate::aggregate::Answer;
use crate::bucket::Bucket;
use crate::cell::Cell;
use crate::model::{Group, Model};
use crate::rounding::{exact, nearest};
use num_bigint::BigInt;
use num_rational::BigRational;
use std::collections::BTreeMap;

/// What stands in a gap.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// One value, or NULL.
    Constant(Cell),
    /// What the key had last.
    Locf,
    /// The line between what the key had last and has next; NULL where one of them is none.
    Interpolate,
}

/// The answers of a group in the order of the metrics; an overflow reads NULL.
type Answers = Vec<Cell>;

impl Model {
    /// The answers of every bucket from `start_us` until before `end_us`, both edges, each metric filled as told.
    /// Without keys a range without rows is filled too.
    ///
    /// # Panics
    /// When the model has no bucket, or an answer is not one value.
    #[must_use]
    pub fn filled(&self, start_us: i64, end_us: i64, fills: &[Fill]) -> Vec<(Group, Answers)> {
        let bucket = self.bucket().expect("gaps are between buckets");
        let mut series: BTreeMap<Vec<Cell>, BTreeMap<i64, Answers>> = BTreeMap::new();
        if self.is_total() {
            series.insert(Vec::new(), BTreeMap::new());
        }
        for (group, answers) in self.query() {
            series.entry(group.key).or_default().insert(group.bucket_us, answers.iter().map(cell).collect());
        }
        let mut filled = Vec::new();
        for at in edges(bucket, start_us, end_us) {
            for (key, groups) in &series {
                if !key.is_empty() && groups.range(start_us..end_us).next().is_none() {
                    continue;
                }
                let gap = || (0..fills.len()).map(|metric| in_gap(&fills[metric], groups, metric, at)).collect();
                let answers = groups.get(&at).cloned().unwrap_or_else(gap);
                filled.push((Group { bucket_us: at, key: key.clone() }, answers));
            }
        }
        filled
    }
}

fn cell(answer: &Answer) -> Cell {
    match answer {
        Answer::Cell(cell) => cell.canonical(),
        Answer::Overflow(_) => Cell::Null,
        Answer::Counts(_) => panic!("{answer:?} is not one value"),
    }
}

/// Every edge of a range that begins and ends with one.
fn edges(bucket: &Bucket, start_us: i64, end_us: i64) -> Vec<i64> {
    let mut edges = Vec::new();
    let mut at = start_us;
    while at < end_us {
        edges.push(at);
        at = bucket.next(at);
    }
    edges
}

fn in_gap(fill: &Fill, groups: &BTreeMap<i64, Answers>, metric: usize, at: i64) -> Cell {
    let before = groups.range(..at).next_back().map(|(at, answers)| (*at, &answers[metric]));
    let after = groups.range(at..).next().map(|(at, answers)| (*at, &answers[metric]));
    match fill {
        Fill::Constant(cell) => cell.clone(),
        Fill::Locf => before.map_or(Cell::Null, |(_, cell)| cell.clone()),
        Fill::Interpolate => before.zip(after).map_or(Cell::Null, |(before, after)| on_line(before, after, at)),
    }
}

/// The value of the line through two points, a fraction rounded once: of integers half away from zero.
fn on_line((x0, y0): (i64, &Cell), (x1, y1): (i64, &Cell), x: i64) -> Cell {
    let line = |y0: BigRational, y1: BigRational| {
        let share = BigRational::new(BigInt::from(x - x0), BigInt::from(x1 - x0));
        &y0 + (y1 - &y0) * share
    };
    let whole = |value: i64| BigRational::from_integer(BigInt::from(value));
    match (y0, y1) {
        (Cell::Int(y0), Cell::Int(y1)) => {
            let rounded = line(whole(*y0), whole(*y1)).round().to_integer();
            Cell::Int(i64::try_from(rounded).expect("between two int64"))
        }
        (Cell::Float(y0), Cell::Float(y1)) if y0.is_finite() && y1.is_finite() => {
            Cell::Float(nearest(&line(exact(*y0), exact(*y1))))
        }
        // an infinity reaches as far as the next point; between opposite ones nothing is known
        (Cell::Float(y0), Cell::Float(y1)) if y0.is_infinite() && y1.is_infinite() && y0 != y1 => Cell::Null,
        (Cell::Float(y0), Cell::Float(y1)) => Cell::Float(if y0.is_infinite() { *y0 } else { *y1 }),
        _ => Cell::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_rounded_once() {
        let at = |y0: Cell, y1: Cell, x: i64| on_line((0, &y0), (4, &y1), x);
        assert_eq!(at(Cell::Int(0), Cell::Int(2), 1), Cell::Int(1), "0.5");
        assert_eq!(at(Cell::Int(0), Cell::Int(-2), 1), Cell::Int(-1), "-0.5");
        assert_eq!(at(Cell::Int(0), Cell::Int(1), 1), Cell::Int(0), "0.25");
        assert_eq!(at(Cell::Float(1.0), Cell::Float(2.0), 1), Cell::Float(1.25));
        assert_eq!(at(Cell::Float(-f64::MAX), Cell::Float(f64::MAX), 2), Cell::Float(0.0));
        assert_eq!(at(Cell::Float(f64::INFINITY), Cell::Float(1.0), 2), Cell::Float(f64::INFINITY));
        assert_eq!(at(Cell::Float(f64::INFINITY), Cell::Float(f64::NEG_INFINITY), 2), Cell::Null);
        assert_eq!(at(Cell::Text("a".into()), Cell::Text("b".into()), 2), Cell::Null);
    }
}
