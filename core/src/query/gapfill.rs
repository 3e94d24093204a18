//! A row for every bucket of the range and every key that has a row, the gaps filled as told.
//!
//! The one idea: filling happens per key along time; a NULL that a stored group reads is a value, not a gap.
//!
//! **Source** semantics of TimescaleDB's `time_bucket_gapfill`, `locf` and `interpolate`: buckets run from the bucket
//! of `start` to before `end`, only keys with a row are filled, an existing NULL is carried and breaks a line.

use super::plan::Plan;
use super::range::Range;
use super::source::{Fill, QuerySource};
use super::Table;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::math::Float64;
use crate::time::{parse_timestamp, Bucket};
use crate::value::{OutputType, Type, Value};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Fills the gaps of a table that is ordered by bucket and key.
pub(crate) fn fill(
    source: &QuerySource,
    fills: &[(String, Fill)],
    plan: &Plan,
    range: &Range,
    table: &mut Table,
) -> Result<()> {
    let Some(bucket) = &plan.bucket else {
        return Err(Error::new(Code::QueryGapfill, "gap filling needs a bucket").within("gapfill"));
    };
    if !source.windows.is_empty() {
        return Err(Error::new(Code::QueryGapfill, "gap filling and windows exclude each other").within("gapfill"));
    }
    let first_metric = 1 + plan.keys.len();
    let fills = checked(fills, first_metric, table)?;
    let Some(buckets) = buckets_of(bucket, range, table)? else { return Ok(()) };
    let series = series_of(first_metric, table);
    check_size(buckets.len(), series.len())?;
    let filled = Filled { buckets: &buckets, series: &series, table };
    let columns = (0..table.columns.len())
        .map(|column| match column {
            0 => filled.bucket_column(),
            key if key < first_metric => filled.key_column(key),
            metric => filled.metric_column(metric, &fills[metric - first_metric]),
        })
        .collect();
    table.rows = buckets.len() * series.len();
    table.columns = columns;
    Ok(())
}

/// The fill of every metric column, checked against its type.
fn checked(fills: &[(String, Fill)], first_metric: usize, table: &Table) -> Result<Vec<Fill>> {
    let mut all = vec![Fill::Null; table.columns.len() - first_metric];
    for (name, fill) in fills {
        let place = table.position(name).filter(|&place| place >= first_metric);
        let Some(place) = place else {
            let text = format!("{name} is not a metric of the result");
            return Err(Error::new(Code::QueryUnknownName, text).within(name).within("gapfill"));
        };
        all[place - first_metric] =
            fitting(fill, table.types[place]).map_err(|error| error.within(name).within("gapfill"))?;
    }
    Ok(all)
}

fn fitting(fill: &Fill, output_type: OutputType) -> Result<Fill> {
    let misfit = |what: &str| Err(Error::new(Code::QueryGapfill, format!("{what} does not fit {output_type}")));
    match (fill, output_type) {
        (Fill::Null | Fill::Locf, _) => Ok(fill.clone()),
        (Fill::Interpolate, OutputType::Scalar(Type::Int64 | Type::Float64)) => Ok(Fill::Interpolate),
        (Fill::Interpolate, _) => misfit("interpolate"),
        (Fill::Constant(Value::Null), _) => Ok(Fill::Null),
        (Fill::Constant(Value::Int64(value)), OutputType::Scalar(Type::Float64)) => {
            Ok(Fill::Constant(Value::Float64(Float64::from_i64(*value))))
        }
        (Fill::Constant(Value::String(text)), OutputType::Scalar(Type::Timestamp)) => match parse_timestamp(text) {
            Ok(us) => Ok(Fill::Constant(Value::Timestamp(us))),
            Err(error) => Err(Error::new(Code::QueryGapfill, error.message())),
        },
        (Fill::Constant(value), OutputType::Scalar(wanted))
            if value.as_scalar().is_some_and(|value| value.data_type() == wanted) =>
        {
            Ok(fill.clone())
        }
        (Fill::Constant(_), _) => misfit("the constant"),
    }
}

/// The buckets to show: those of the range, or from the first to the last row where it is open.
fn buckets_of(bucket: &Bucket, range: &Range, table: &Table) -> Result<Option<Vec<i64>>> {
    let times = || {
        table.columns[0].iter().filter_map(|value| match value {
            Value::Timestamp(us) => Some(*us),
            _ => None,
        })
    };
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(None) };
    let start = match range.start {
        Some(start) => bucket.start(start)?.min(first),
        None => first,
    };
    let end = range.end.unwrap_or_else(|| bucket.end(last));
    let mut buckets = Vec::new();
    let mut at = start;
    while at < end {
        check_size(buckets.len(), 1)?;
        buckets.push(at);
        at = bucket.end(at);
    }
    Ok(Some(buckets))
}

fn check_size(buckets: usize, keys: usize) -> Result<()> {
    match buckets.checked_mul(keys) {
        Some(rows) if rows <= limits::MAX_RESULT_ROWS => Ok(()),
        _ => {
            let text = format!(
                "a result has at most {} rows, {buckets} buckets × {keys} keys are more",
                limits::MAX_RESULT_ROWS
            );
            Err(Error::new(Code::LimitResult, text).within("gapfill"))
        }
    }
}

/// One key over time: a row that shows the key, and the row of each bucket that has one.
struct Series {
    example: usize,
    rows: BTreeMap<i64, usize>,
}

/// The series in the order of their keys.
fn series_of(first_metric: usize, table: &Table) -> Vec<Series> {
    let key_of = |row: usize| -> Vec<(bool, &Value)> {
        table.columns[1..first_metric].iter().map(|column| (column[row].is_null(), &column[row])).collect()
    };
    let mut order: Vec<usize> = (0..table.rows).collect();
    let compare = |a: &usize, b: &usize| {
        let pairs = key_of(*a).into_iter().zip(key_of(*b));
        pairs
            .map(|(a, b)| (a.0, a.1.as_scalar()).cmp(&(b.0, b.1.as_scalar())))
            .find(|order| order.is_ne())
            .unwrap_or(core::cmp::Ordering::Equal)
    };
    crate::sort::stable_by(&mut order, compare);
    let mut all: Vec<Series> = Vec::new();
    for row in order {
        let Value::Timestamp(bucket) = table.columns[0][row] else { continue };
        match all.last_mut() {
            Some(series) if compare(&series.example, &row).is_eq() => {
                series.rows.insert(bucket, row);
            }
            _ => all.push(Series { example: row, rows: BTreeMap::from([(bucket, row)]) }),
        }
    }
    all
}

struct Filled<'a> {
    buckets: &'a [i64],
    series: &'a [Series],
    table: &'a Table,
}

impl Filled<'_> {
    fn bucket_column(&self) -> Vec<Value> {
        self.buckets
            .iter()
            .flat_map(|&bucket| core::iter::repeat_n(Value::Timestamp(bucket), self.series.len()))
            .collect()
    }

    fn key_column(&self, column: usize) -> Vec<Value> {
        let values: Vec<Value> =
            self.series.iter().map(|series| self.table.columns[column][series.example].clone()).collect();
        self.buckets.iter().flat_map(|_| values.iter().cloned()).collect()
    }

    fn metric_column(&self, column: usize, fill: &Fill) -> Vec<Value> {
        let values = &self.table.columns[column];
        let mut filled = vec![Value::Null; self.buckets.len() * self.series.len()];
        for (key, series) in self.series.iter().enumerate() {
            for (index, &bucket) in self.buckets.iter().enumerate() {
                filled[index * self.series.len() + key] = match series.rows.get(&bucket) {
                    Some(&row) => values[row].clone(),
                    None => filler(fill, series, bucket, values),
                };
            }
        }
        filled
    }
}

fn filler(fill: &Fill, series: &Series, bucket: i64, values: &[Value]) -> Value {
    let before = || series.rows.range(..bucket).next_back();
    match fill {
        Fill::Null => Value::Null,
        Fill::Constant(value) => value.clone(),
        Fill::Locf => before().map_or(Value::Null, |(_, &row)| values[row].clone()),
        Fill::Interpolate => match (before(), series.rows.range(bucket..).next()) {
            (Some((&x0, &left)), Some((&x1, &right))) => line((x0, &values[left]), (x1, &values[right]), bucket),
            _ => Value::Null,
        },
    }
}

/// The value at `x` on the line between two points; of integers, rounded half away from zero.
fn line((x0, y0): (i64, &Value), (x1, y1): (i64, &Value), x: i64) -> Value {
    let (before, after, whole) = (x - x0, x1 - x, x1 - x0);
    match (y0, y1) {
        (Value::Int64(y0), Value::Int64(y1)) => {
            // cannot overflow: |y| ≤ 2^63 and before + after = whole ≤ 2^60
            let weighted = i128::from(*y0) * i128::from(after) + i128::from(*y1) * i128::from(before);
            let whole = i128::from(whole);
            let rounded = (2 * weighted.abs() + whole) / (2 * whole) * weighted.signum();
            i64::try_from(rounded).map_or(Value::Null, Value::Int64)
        }
        // equal ends need no arithmetic, which could round
        (Value::Float64(y0), Value::Float64(y1)) if y0 == y1 => Value::Float64(*y0),
        (Value::Float64(y0), Value::Float64(y1)) => {
            let weighted = *y0 * Float64::from_i64(after) + *y1 * Float64::from_i64(before);
            let value = weighted / Float64::from_i64(whole);
            if value.is_nan() {
                Value::Null
            } else {
                Value::Float64(value)
            }
        }
        _ => Value::Null,
    }
}
