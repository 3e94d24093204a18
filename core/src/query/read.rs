//! Reading one leaf of a metric from the states of one group.

use crate::error::{Code, Error, Result};
use crate::math::{self, Ddof, Float64};
use crate::sketch::Estimator;
use crate::spec::{Leaf, Read};
use crate::state::StateColumn;
use crate::value::Value;
use alloc::format;
use alloc::vec::Vec;

/// The value of `leaf` for one group; `state` gives a state and the place of the group in it.
///
/// **Errors** `query.overflow` when an exact integer sum does not fit int64.
pub(crate) fn read<'s>(leaf: &Leaf, state: impl Fn(usize) -> (&'s StateColumn, usize)) -> Result<Value> {
    let group = leaf.states().first().map_or(0, |&first| state(first).1);
    let state = |index: usize| state(leaf.states()[index]).0;
    Ok(match (leaf.read(), leaf.states().len()) {
        (Read::Count, _) => integer(count((state(0), group)))?,
        (Read::Sum, _) => sum(leaf, state(0), count((state(1), group)), group)?,
        (Read::SumAsDouble, _) => match state(0) {
            StateColumn::SumInt(column) if count((state(1), group)) > 0 => {
                Value::Float64(column.exact(group).in_units(leaf.unit()).round())
            }
            StateColumn::SumInt(_) => Value::Null,
            _ => mismatch(),
        },
        (Read::Avg, _) => float(mean(leaf, state(0), count((state(1), group)), group)),
        (Read::Variance(ddof), _) => {
            float(variance(leaf, [state(0), state(1)], count((state(2), group)), *ddof, group))
        }
        (Read::Stddev(ddof), _) => {
            float(variance(leaf, [state(0), state(1)], count((state(2), group)), *ddof, group).map(Float64::sqrt))
        }
        (Read::Extremum, _) => match state(0) {
            StateColumn::Extremum(column) => scalar(column.value(group)),
            _ => mismatch(),
        },
        (Read::PercentileRank(v), _) => {
            float(bounded(state(0), state(1), state(2), group).and_then(|(h, min, max)| h.rank(group, *v, min, max)))
        }
        (Read::PercentileError, _) => match state(0) {
            StateColumn::Histogram(column) => float(column.relative_error(group)),
            _ => mismatch(),
        },
        (Read::Histogram(bounds), _) => match state(0) {
            StateColumn::Histogram(column) if column.count(group) > 0 => {
                Value::List(column.counts_between(group, bounds).into_iter().map(integer).collect::<Result<_>>()?)
            }
            StateColumn::Histogram(_) => Value::Null,
            _ => mismatch(),
        },
        (Read::Mode | Read::ValueCounts | Read::CountOf(_) | Read::TopN(_) | Read::NumDistinct, _) => {
            value_counts(leaf, state(0), group)?
        }
        (Read::Edge, _) => match state(0) {
            StateColumn::Edge(column) => scalar(column.value(group)),
            _ => mismatch(),
        },
        (Read::Exemplar | Read::Exemplars, _) => match state(0) {
            StateColumn::Exemplar(column) => {
                let mut values = column.values(group);
                match leaf.read() {
                    _ if values.is_empty() => Value::Null,
                    Read::Exemplar => values.swap_remove(0),
                    _ => Value::List(values),
                }
            }
            _ => mismatch(),
        },
        (Read::BoolAnd, _) => match state(0) {
            StateColumn::Bools(column) => column.all(group).map_or(Value::Null, Value::Bool),
            _ => mismatch(),
        },
        (Read::BoolOr, _) => match state(0) {
            StateColumn::Bools(column) => column.any(group).map_or(Value::Null, Value::Bool),
            _ => mismatch(),
        },
        (Read::DigestPercentile(p), _) => match state(0) {
            StateColumn::TDigest(column) => float(of_units(leaf, column.percentile(group, *p))),
            _ => mismatch(),
        },
        (Read::DigestPercentileRank(v), _) => match state(0) {
            StateColumn::TDigest(column) => float(column.rank(group, *v)),
            _ => mismatch(),
        },
        // those are read otherwise: together, bounded by counts, and as an earlier column
        (Read::Percentile(_) | Read::Distinct | Read::Metric(_), _) => mismatch(),
    })
}

/// A distinct count, at most `most`; `room` is kept from group to group.
///
/// **Errors** `query.overflow` when it does not fit int64.
pub(crate) fn distinct_count(
    (state, group): (&StateColumn, usize),
    most: Option<u64>,
    room: &mut Option<Estimator>,
) -> Result<Value> {
    match state {
        StateColumn::Distinct(column) => integer(column.estimate_in(group, room).min(most.unwrap_or(u64::MAX))),
        _ => mismatch(),
    }
}

/// Tells, in their order, the percentiles of the states of `leaf` for one group.
pub(crate) fn percentiles<'s>(
    leaf: &Leaf,
    fractions: &[Float64],
    state: impl Fn(usize) -> (&'s StateColumn, usize),
    mut tell: impl FnMut(Value),
) {
    let [histogram, min, max] = leaf.states() else { mismatch() };
    let (histogram, group) = state(*histogram);
    match bounded(histogram, state(*min).0, state(*max).0, group) {
        Some((histogram, min, max)) => {
            histogram.percentiles(group, fractions, min, max, |p| tell(float(of_units(leaf, p))));
        }
        None => fractions.iter().for_each(|_| tell(Value::Null)),
    }
}

/// Inside corruption stops: the spec compiler pairs every read with its states.
fn mismatch() -> ! {
    unreachable!("a metric reads a state of another kind")
}

fn integer(value: u64) -> Result<Value> {
    i64::try_from(value)
        .map(Value::Int64)
        .map_err(|_| Error::new(Code::QueryOverflow, format!("{value} does not fit int64")))
}

/// NaN is missing, also as a result: the sum of +∞ and −∞ is NULL.
fn float(value: Option<Float64>) -> Value {
    value.filter(|value| !value.is_nan()).map_or(Value::Null, Value::Float64)
}

fn scalar(value: Option<crate::scalar::Scalar<'_>>) -> Value {
    value.map_or(Value::Null, |value| value.to_value())
}

/// What a state of counts says of a group.
pub(crate) fn count((state, group): (&StateColumn, usize)) -> u64 {
    match state {
        StateColumn::Count(column) => column.count(group),
        _ => mismatch(),
    }
}

/// A double among units as what it is a number of: correctly rounded once more.
fn of_units(leaf: &Leaf, value: Option<Float64>) -> Option<Float64> {
    match leaf.unit() {
        1 => value,
        unit => value.map(|value| value / Float64::from_u64(unit)),
    }
}

fn sum(leaf: &Leaf, state: &StateColumn, count: u64, group: usize) -> Result<Value> {
    if count == 0 {
        return Ok(Value::Null);
    }
    match state {
        StateColumn::SumFloat(column) => Ok(float(Some(column.value(group)))),
        StateColumn::SumInt(column) => {
            let total = column.total(group);
            match (i64::try_from(total), leaf.scale()) {
                // fits: a sum is at most 2^125
                (_, Some(scale)) => Ok(Value::Decimal(total, scale)),
                (Ok(total), None) => Ok(Value::Int64(total)),
                (Err(_), None) => Err(Error::new(Code::QueryOverflow, format!("the sum {total} does not fit int64"))),
            }
        }
        _ => mismatch(),
    }
}

fn mean(leaf: &Leaf, sum: &StateColumn, count: u64, group: usize) -> Option<Float64> {
    match sum {
        StateColumn::SumFloat(sum) => sum.mean(group, count),
        StateColumn::SumInt(sum) => math::mean(count, &sum.exact(group).in_units(leaf.unit())),
        _ => mismatch(),
    }
}

fn variance(leaf: &Leaf, states: [&StateColumn; 2], count: u64, ddof: Ddof, group: usize) -> Option<Float64> {
    match states {
        [StateColumn::SumFloat(sum), StateColumn::SumSquaresFloat(squares)] => {
            squares.variance(group, sum, count, ddof)
        }
        [StateColumn::SumInt(sum), StateColumn::SumSquaresInt(squares)] => {
            math::variance(count, &sum.exact(group).in_units(leaf.unit()), &squares.exact(group), ddof)
        }
        _ => mismatch(),
    }
}

/// The histogram with the exact minimum and maximum; `None` when there is no value.
fn bounded<'a>(
    histogram: &'a StateColumn,
    min: &StateColumn,
    max: &StateColumn,
    group: usize,
) -> Option<(&'a crate::state::HistogramColumn, Float64, Float64)> {
    match (histogram, min, max) {
        (StateColumn::Histogram(histogram), StateColumn::Extremum(min), StateColumn::Extremum(max)) => {
            Some((histogram, min.float(group)?, max.float(group)?))
        }
        _ => mismatch(),
    }
}

fn value_counts(leaf: &Leaf, state: &StateColumn, group: usize) -> Result<Value> {
    let StateColumn::ValueCounts(column) = state else { mismatch() };
    let counts = column.counts(group);
    if counts.is_empty() && !matches!(leaf.read(), Read::CountOf(_) | Read::NumDistinct) {
        return Ok(Value::Null);
    }
    Ok(match leaf.read() {
        Read::Mode => column.mode(group).unwrap_or(Value::Null),
        Read::TopN(n) => column.topn(group, *n).map_or(Value::Null, Value::List),
        Read::CountOf(value) => match value.as_scalar().and_then(|value| column.count_of(group, value)) {
            Some(count) => integer(count)?,
            None => Value::Null,
        },
        Read::NumDistinct => match column.num_distinct(group) {
            Some(distinct) => integer(distinct)?,
            None => Value::Null,
        },
        _ => Value::Counts(counts.into_iter().collect::<Vec<_>>()),
    })
}
