//! A row for every bucket of the range and every key that has a row, the gaps filled as told.
//!
//! The one idea: filling happens per key along time; a NULL that a stored group reads is a value, not a gap, and so is
//! what `having` leaves out: only buckets without stored rows are filled.
//!
//! **Source** semantics of TimescaleDB's `time_bucket_gapfill`, `locf` and `interpolate`: buckets run from the bucket
//! of `start` to before `end`, only keys with a row are filled, an existing NULL is carried and breaks a line. We differ
//! where it surprises: without keys a range without rows is filled too, the neighbours outside of the range (its `prev`
//! and `next`) are found by themselves, and `having` speaks of stored rows alone.

use super::fold::Folded;
use super::parts::Parts;
use super::plan::Plan;
use super::range::Range;
use super::reading::{read_into, Reader};
use super::source::{Fill, QuerySource};
use super::Table;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::math::{weighted_mean, Float64};
use crate::time::{parse_timestamp, Bucket};
use crate::value::{OutputType, Type, Value};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// What gaps are filled from.
pub(crate) struct Gaps<'g> {
    pub(crate) parts: &'g Parts<'g>,
    pub(crate) source: &'g QuerySource,
    pub(crate) plan: &'g Plan,
    pub(crate) range: &'g Range,
    /// The rows that `having` keeps, in order; all where there is no such condition.
    pub(crate) kept: Option<Vec<usize>>,
}

impl Gaps<'_> {
    /// Fills the gaps of a table that is ordered by bucket and key, and drops the rows that are not kept.
    pub(crate) fn fill(&self, fills: &[(String, Fill)], reader: &mut Reader<'_>, table: &mut Table) -> Result<()> {
        let Some(bucket) = &self.plan.bucket else {
            return Err(Error::new(Code::QueryGapfill, "gap filling needs a bucket").within("gapfill"));
        };
        if !self.source.windows.is_empty() {
            return Err(Error::new(Code::QueryGapfill, "gap filling and windows exclude each other").within("gapfill"));
        }
        let first_metric = 1 + self.plan.keys.len();
        let fills = checked(fills, first_metric, table)?;
        let Some((start, end)) = bounds(bucket, self.range, table)? else {
            table.take(&[]);
            return Ok(());
        };
        let count = |table: &Table| series_of(first_metric, table.rows, table).len();
        let buckets = buckets_of(bucket, start, end, count(table).max(usize::from(first_metric == 1)))?;
        let rows = table.rows;
        if fills.iter().any(|fill| matches!(fill, Fill::Locf | Fill::Interpolate)) {
            self.append_neighbours(&buckets, bucket.end(end - 1), reader, table)?;
        }
        let all = table.columns.first().map_or(0, Vec::len);
        let mut series = series_of(first_metric, all, table);
        let mut is_kept = vec![self.kept.is_none(); rows];
        self.kept.iter().flatten().for_each(|&row| is_kept[row] = true);
        if first_metric > 1 {
            let has_kept = |&row: &usize| row < rows && is_kept[row];
            series.retain(|series| series.rows.values().any(has_kept));
        } else if series.is_empty() {
            series.push(Series { example: 0, rows: BTreeMap::new() });
        }
        let mut places = Vec::new();
        for &bucket in &buckets {
            for series in &series {
                let row = series.rows.get(&bucket).copied();
                if row.is_none_or(|row| is_kept[row]) {
                    places.push(Place { bucket, series, row });
                }
            }
        }
        let columns = (0..table.columns.len()).map(|column| {
            let values = &table.columns[column];
            let value = |place: &Place<'_>| match column {
                0 => Value::Timestamp(place.bucket),
                key if key < first_metric => values[place.series.example].clone(),
                metric => place.metric(&fills[metric - first_metric], values),
            };
            places.iter().map(value).collect()
        });
        let columns = columns.collect();
        table.rows = places.len();
        table.columns = columns;
        Ok(())
    }

    /// Appends, behind the rows of a table, those of the neighbours of the buckets that are shown.
    fn append_neighbours(&self, buckets: &[i64], until: i64, reader: &mut Reader<'_>, table: &mut Table) -> Result<()> {
        let Some(&from) = buckets.first() else { return Ok(()) };
        let folded = Folded::beside(self.parts, self.plan, self.range, from, until)?;
        let order = folded.groups.sorted();
        let mut beside = Table::of_groups(&folded, self.plan, &order);
        read_into(&folded, self.plan, &order, "", reader, &mut beside);
        table.append(beside);
        Ok(())
    }
}

/// A bucket of a series: a stored row, or a gap.
struct Place<'s> {
    bucket: i64,
    series: &'s Series,
    row: Option<usize>,
}

impl Place<'_> {
    fn metric(&self, fill: &Fill, values: &[Value]) -> Value {
        match self.row {
            Some(row) => values[row].clone(),
            None => filler(fill, self.series, self.bucket, values),
        }
    }
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
        (Fill::Interpolate, OutputType::Scalar(data_type)) if data_type.is_number() => Ok(Fill::Interpolate),
        (Fill::Interpolate, _) => misfit("interpolate"),
        (Fill::Constant(Value::Null), _) => Ok(Fill::Null),
        (Fill::Constant(Value::Int64(value)), OutputType::Scalar(Type::Float64)) => {
            Ok(Fill::Constant(Value::Float64(Float64::from_i64(*value))))
        }
        (Fill::Constant(value), OutputType::Scalar(Type::Decimal(scale))) => {
            value.to_decimal(scale).map_or_else(|| misfit("the constant"), |value| Ok(Fill::Constant(value)))
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

/// Where the buckets to show start and end: those of the range, or from the first to the last row where it is open.
fn bounds(bucket: &Bucket, range: &Range, table: &Table) -> Result<Option<(i64, i64)>> {
    let times = || {
        table.columns[0].iter().filter_map(|value| match value {
            Value::Timestamp(us) => Some(*us),
            _ => None,
        })
    };
    let start = range.start.map(|start| bucket.start(start)).transpose()?;
    let end = range.end.or_else(|| times().max().map(|last| bucket.end(last)));
    Ok(start.or_else(|| times().min()).zip(end))
}

fn buckets_of(bucket: &Bucket, start: i64, end: i64, series: usize) -> Result<Vec<i64>> {
    // a lower bound, so that what is far too large is refused at once
    check_size(bucket.least_count(start, end), series)?;
    let mut buckets = Vec::new();
    let mut at = start;
    while at < end {
        buckets.push(at);
        check_size(buckets.len() as u64, series)?;
        at = bucket.end(at);
    }
    Ok(buckets)
}

fn check_size(buckets: u64, keys: usize) -> Result<()> {
    // cannot truncate: a usize has at most 64 bits
    match buckets.checked_mul(keys as u64) {
        Some(rows) if rows <= limits::MAX_RESULT_ROWS as u64 => Ok(()),
        _ => {
            let most = limits::MAX_RESULT_ROWS;
            let text = format!("a result has at most {most} rows, {buckets} buckets × {keys} keys are more");
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
fn series_of(first_metric: usize, rows: usize, table: &Table) -> Vec<Series> {
    let key_of = |row: usize| -> Vec<(bool, &Value)> {
        table.columns[1..first_metric].iter().map(|column| (column[row].is_null(), &column[row])).collect()
    };
    let mut order: Vec<usize> = (0..rows).collect();
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

/// The value at `x` on the line between two points, rounded once: of integers and of units of decimals half away from zero.
fn line((x0, y0): (i64, &Value), (x1, y1): (i64, &Value), x: i64) -> Value {
    let (before, after, whole) = (x - x0, x1 - x, x1 - x0);
    match (y0, y1) {
        (Value::Decimal(y0, scale), Value::Decimal(y1, _)) => {
            Value::Decimal(between([*y0, *y1], [after.into(), before.into()], whole.into()), *scale)
        }
        (Value::Int64(y0), Value::Int64(y1)) => {
            let between = between([(*y0).into(), (*y1).into()], [after.into(), before.into()], whole.into());
            i64::try_from(between).map_or(Value::Null, Value::Int64)
        }
        (Value::Float64(y0), Value::Float64(y1)) if y0.is_finite() && y1.is_finite() => {
            Value::Float64(weighted_mean([*y0, *y1], [after.unsigned_abs(), before.unsigned_abs()]))
        }
        (Value::Float64(y0), Value::Float64(y1)) => {
            let infinite = *y0 + *y1;
            if infinite.is_nan() {
                Value::Null
            } else {
                Value::Float64(infinite)
            }
        }
        _ => Value::Null,
    }
}

/// The mean of two integers by weights whose sum is `whole`, rounded half away from zero.
fn between(y: [i128; 2], weights: [i128; 2], whole: i128) -> i128 {
    // cannot overflow: the quotients have their share of a magnitude below 10^38, the rests are below 2^60 each
    let quotients: [i128; 2] = core::array::from_fn(|at| y[at].div_euclid(whole) * weights[at]);
    let rests: [i128; 2] = core::array::from_fn(|at| y[at].rem_euclid(whole) * weights[at]);
    let rest = rests[0] + rests[1];
    let (below, twice) = (quotients[0] + quotients[1] + rest / whole, 2 * (rest % whole));
    below + i128::from(twice > whole || (twice == whole && below >= 0))
}
