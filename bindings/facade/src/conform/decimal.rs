//! Which host values are decimals of a scale.
//!
//! The one idea: a number fits when its digits do: `1.500` is a decimal(2), `1.505` is not. A double has the digits of
//! its shortest text, which is what people typed.

use super::{each, misfit, mostly, number};
use crate::cell::Cell;
use crate::host_column::{HostColumn, HostValues};
use alloc::format;
use isofold::column::{Column, Values};
use isofold::math::fixed::{self, Decimal, Units};
use isofold::math::Float64;
use isofold::{Code, Error, Result, Type};

/// The units of a column's decimals.
///
/// **Errors** `ingest.type` for what is no number, has more digits behind the point than the scale, or passes int64 in
/// units.
pub(super) fn decimals<'a>(column: &'a HostColumn<'_>, scale: u8) -> Result<Column<'a>> {
    let fit = |cell: Cell<'a>| fitted(&cell, scale);
    let values = |units| Values::Decimal(units, scale);
    let exact = |decimal: Decimal| decimal.at_scale(scale).and_then(Units::of_rows);
    match &column.values {
        HostValues::Int64(integers) => {
            mostly(column, integers, values, |integer| exact(Decimal::new(integer.into(), 0)), fit)
        }
        HostValues::Decimal(unscaled, from) => {
            mostly(column, unscaled, values, |unscaled| exact(Decimal::new(unscaled, *from)), fit)
        }
        _ => each(column, values, fit),
    }
}

fn fitted(cell: &Cell<'_>, scale: u8) -> Result<Option<i64>> {
    let decimal = match cell {
        Cell::Int64(value) => Some(Decimal::new((*value).into(), 0)),
        Cell::UInt64(value) => Some(Decimal::new((*value).into(), 0)),
        Cell::Number(bits) if number::is_nan(*bits) => return Ok(None),
        Cell::Number(bits) => Decimal::from_float(Float64::from_bits(*bits)),
        Cell::Text(text) | Cell::Decimal(text) => match Decimal::read(text) {
            // digits behind a NaN are what a library remembers of it
            None if number::from_decimal(text).is_some_and(number::is_nan) => return Ok(None),
            read => read,
        },
        _ => None,
    };
    let decimal = decimal.ok_or_else(|| misfit(cell, Type::Decimal(scale)))?;
    let refused = match decimal.at_scale(scale) {
        Some(found) if found.of_rows().is_some() => return Ok(found.of_rows()),
        Some(Units { exact: false, units }) if i64::try_from(units).is_ok() => {
            format!("{cell} has more than {scale} digits behind the point")
        }
        _ => {
            let (most, data_type) = (fixed::write(i64::MAX.into(), scale), Type::Decimal(scale));
            format!("{cell} does not fit {data_type}, which holds up to {most}")
        }
    };
    Err(Error::new(Code::IngestType, refused))
}
