//! Timestamps: native ones in any unit, dates, ISO 8601 texts, and bare numbers, also as texts of digits, where the
//! declared type has a unit.
//!
//! The one idea: everything becomes microseconds UTC, floored; a text is parsed once however many rows hold it. What has
//! no zone is a clock's, and the column says whose.

use super::{as_it_is, at, check_codes, each, misfit, mostly, number, present};
use crate::cell::Cell;
use crate::declared::{Clock, Declared};
use crate::host_column::{HostColumn, HostValues};
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec;
use isofold::column::{Column, Values};
use isofold::time::parse_timestamp_by;
use isofold::value::{TimeUnit, Type};
use isofold::{limits, Code, Error, Result};

/// The column of microseconds that a host's column is.
pub(super) fn timestamps<'a>(column: &'a HostColumn<'_>, declared: &Declared) -> Result<Column<'a>> {
    let unit = declared.column_type.unit;
    let fit = |cell: Cell<'a>| timestamp(&cell, declared);
    match (&column.values, &declared.clock) {
        (HostValues::Local(values, unit), Clock::Of(zone)) => {
            let short = |value: i64| {
                short_us(value, *unit)
                    .filter(|us| in_range(*us))
                    .map(|us| zone.to_instant(us))
                    .filter(|us| in_range(*us))
            };
            return mostly(column, values, Values::Timestamp, short, fit);
        }
        // the first one that is there is refused
        (HostValues::Local(values, _), Clock::Unsaid(_)) => {
            return mostly(column, values, Values::Timestamp, |_| None, fit)
        }
        (HostValues::Text(codes, texts), _) => return parsed(column, codes, texts, declared),
        _ => {}
    }
    match &column.values {
        HostValues::Timestamp(values, TimeUnit::Microsecond) | HostValues::Local(values, TimeUnit::Microsecond) => {
            check_range(column, values)?;
            Ok(as_it_is(column, Values::Timestamp(Cow::Borrowed(values))))
        }
        HostValues::Timestamp(values, unit) | HostValues::Local(values, unit) => {
            let short = |value: i64| short_us(value, *unit).filter(|us| in_range(*us));
            mostly(column, values, Values::Timestamp, short, fit)
        }
        HostValues::Date(bits) => mostly(column, bits, Values::Timestamp, of_number(TimeUnit::Millisecond), fit),
        HostValues::Number(bits) => match unit {
            Some(unit) => mostly(column, bits, Values::Timestamp, of_number(unit), fit),
            None => each(column, Values::Timestamp, fit),
        },
        _ => each(column, Values::Timestamp, fit),
    }
}

fn of_number(unit: TimeUnit) -> impl Fn(u64) -> Option<i64> {
    move |bits| from_number(bits, unit).filter(|us| in_range(*us))
}

/// As [`from_integer`], in 64 bits; `None` also for what comes near their ends.
fn short_us(value: i64, unit: TimeUnit) -> Option<i64> {
    // cannot overflow: 43 bits and 20 of the factor; a checked product would take 128 bits in wasm
    let is_short = value.unsigned_abs() >> 43 == 0;
    match unit {
        TimeUnit::Second => is_short.then_some(value.wrapping_mul(1_000_000)),
        TimeUnit::Millisecond => is_short.then_some(value.wrapping_mul(1000)),
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Nanosecond => Some(value.div_euclid(1000)),
    }
}

fn timestamp(cell: &Cell<'_>, declared: &Declared) -> Result<Option<i64>> {
    let us = match (cell, declared.column_type.unit) {
        (Cell::Timestamp(value, unit), _) => from_integer(i128::from(*value), *unit),
        (Cell::Local(value, unit), _) => match from_integer(i128::from(*value), *unit).filter(|us| in_range(*us)) {
            Some(us) => Some(declared.instant(us)?),
            None => None,
        },
        (Cell::Date(bits), _) if number::is_nan(*bits) => return Err(misfit(cell, Type::Timestamp)),
        (Cell::Date(bits), _) => from_number(*bits, TimeUnit::Millisecond),
        (Cell::Text(text), _) => return of_text(text, declared).map(Some),
        (Cell::Number(bits), _) if number::is_nan(*bits) => return Ok(None),
        (Cell::Number(bits), Some(unit)) => from_number(*bits, unit),
        (Cell::Int64(value), Some(unit)) => from_integer(i128::from(*value), unit),
        (Cell::UInt64(value), Some(unit)) => from_integer(i128::from(*value), unit),
        (Cell::Number(_) | Cell::Int64(_) | Cell::UInt64(_), None) => {
            let message = format!("{cell} has no unit, declare the column as timestamp[s], [ms], [us] or [ns]");
            return Err(Error::new(Code::IngestType, message));
        }
        (Cell::Null | Cell::Bool(_) | Cell::Decimal(_) | Cell::Other(_), _) => {
            return Err(misfit(cell, Type::Timestamp))
        }
    };
    us.filter(|us| in_range(*us)).map(Some).ok_or_else(|| out_of_range(cell))
}

/// The time that a text names; digits alone are a number where the type has a unit.
fn of_text(text: &str, declared: &Declared) -> Result<i64> {
    let Some(unit) = declared.column_type.unit.filter(|_| is_integer(text)) else {
        return parse_timestamp_by(text, |local_us| declared.instant_of_text(text, local_us));
    };
    let us = text.parse().ok().and_then(|value| from_integer(value, unit));
    us.filter(|us| in_range(*us)).ok_or_else(|| out_of_range(&Cell::Text(Cow::Borrowed(text))))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn from_integer(value: i128, unit: TimeUnit) -> Option<i64> {
    let us = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000)?,
        TimeUnit::Millisecond => value.checked_mul(1000)?,
        TimeUnit::Microsecond => value,
        TimeUnit::Nanosecond => value.div_euclid(1000),
    };
    i64::try_from(us).ok()
}

#[inline(always)]
fn from_number(bits: u64, unit: TimeUnit) -> Option<i64> {
    let (numerator, denominator) = match unit {
        TimeUnit::Second => (1_000_000, 1),
        TimeUnit::Millisecond => (1000, 1),
        TimeUnit::Microsecond => (1, 1),
        TimeUnit::Nanosecond => (1, 1000),
    };
    number::floor_scaled(bits, numerator, denominator)
}

fn parsed<'a>(
    column: &'a HostColumn<'_>,
    codes: &[u32],
    texts: &[Cow<'_, str>],
    declared: &Declared,
) -> Result<Column<'a>> {
    // no time is as early
    const UNKNOWN: i64 = i64::MIN;
    check_codes(column, codes, texts)?;
    let mut known = vec![UNKNOWN; texts.len()];
    let mut values = vec![0i64; codes.len()];
    for row in present(column) {
        let code = codes[row] as usize;
        if known[code] == UNKNOWN {
            known[code] = of_text(&texts[code], declared).map_err(|error| at(row, error))?;
        }
        values[row] = known[code];
    }
    Ok(as_it_is(column, Values::Timestamp(values.into())))
}

#[inline(always)]
fn in_range(us: i64) -> bool {
    (limits::MIN_TIME_US..limits::MAX_TIME_US).contains(&us)
}

fn out_of_range(cell: &Cell<'_>) -> Error {
    Error::new(Code::IngestTime, format!("a time must lie in the years -9999 to 9999, got {cell}"))
}

fn check_range(column: &HostColumn<'_>, values: &[i64]) -> Result<()> {
    // one pass without branches first: times out of range are rare
    let all = values.iter().fold(true, |all, us| all & in_range(*us));
    let outside = if all { None } else { present(column).find(|row| !in_range(values[*row])) };
    outside.map_or(Ok(()), |row| Err(at(row, out_of_range(&Cell::Timestamp(values[row], TimeUnit::Microsecond)))))
}
