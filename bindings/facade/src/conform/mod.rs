//! Which host values fit a declared column, and the column the kernel then sees.
//!
//! The one idea: a value fits when nothing is lost. `3.0` is an int64, `3.5` is not, and neither is `9007199254740992.0`:
//! two integers become this double; an integer is a float64 while the
//! double is exact, a decimal is the nearest one; texts are only strings (and, in ISO 8601, timestamps); 0 and 1 are bools, bools are no numbers.
//! NULL fits every type. A NaN stays NaN in a float64 column, for the kernel to count, and is NULL in the others.
//!
//! Not here: what a host calls its types (bindings), NULL and NaN in aggregates (the kernel).

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
mod decimal;
pub mod number;
mod time;

use crate::cell::{Cell, NOT_UNICODE};
use crate::declared::Declared;
use crate::host_column::{HostColumn, HostValues};
use alloc::borrow::Cow;
use isofold::column::{Column, Values};
use isofold::math::fixed::{Decimal, Units};
use isofold::math::Float64;
use isofold::value::Type;
use isofold::{limits, Code, Error, Result};

/// The column of the kernel that a host's column is.
///
/// **Errors** `ingest.type`, `ingest.time`, `ingest.text`, `ingest.length` at the first row that does not fit, with
/// the path `column.<name>[<row>]`.
///
/// **Cost** nothing where the host's memory can be read as it is; one pass otherwise.
pub fn conform<'a>(column: &'a HostColumn<'_>, declared: &Declared) -> Result<Column<'a>> {
    let data_type = declared.column_type.data_type;
    let conformed = if let HostValues::Null(rows) = column.values {
        Ok(nulls(rows, data_type))
    } else {
        match data_type {
            Type::Bool => bools(column),
            Type::Int64 => int64s(column),
            Type::Float64 => float64s(column),
            Type::String => strings(column),
            Type::Timestamp => time::timestamps(column, declared),
            Type::Decimal(scale) => decimal::decimals(column, scale),
        }
    };
    conformed.map_err(|error| error.within(&declared.name).within("column"))
}

/// A column of so many NULLs.
pub(crate) fn nulls<'a>(rows: usize, data_type: Type) -> Column<'a> {
    let values = match data_type {
        Type::Bool => Values::Bool(vec![false; rows].into()),
        Type::Int64 => Values::Int64(vec![0; rows].into()),
        Type::Float64 => Values::Float64(vec![0; rows].into()),
        Type::Timestamp => Values::Timestamp(vec![0; rows].into()),
        Type::String => Values::String(vec![0; rows].into(), Vec::new().into()),
        Type::Decimal(scale) => Values::Decimal(vec![0; rows].into(), scale),
    };
    Column::with_validity(values, vec![false; rows])
}

fn bools<'a>(column: &'a HostColumn<'_>) -> Result<Column<'a>> {
    let unfit = |cell: Cell<'_>| misfit(&cell, Type::Bool);
    match &column.values {
        HostValues::Bool(values) => Ok(as_it_is(column, Values::Bool(Cow::Borrowed(values)))),
        _ => each(column, Values::Bool, |cell| match cell {
            Cell::Bool(value) => Ok(Some(value)),
            Cell::Int64(0) => Ok(Some(false)),
            Cell::Int64(1) => Ok(Some(true)),
            Cell::Number(bits) if number::is_nan(bits) => Ok(None),
            Cell::Number(bits) => match number::to_int64(bits) {
                Some(0) => Ok(Some(false)),
                Some(1) => Ok(Some(true)),
                _ => Err(unfit(cell)),
            },
            Cell::UInt64(value @ 0..=1) => Ok(Some(value == 1)),
            _ => Err(unfit(cell)),
        }),
    }
}

fn int64s<'a>(column: &'a HostColumn<'_>) -> Result<Column<'a>> {
    let unfit = |cell: Cell<'_>| misfit(&cell, Type::Int64);
    let fit = |cell: Cell<'a>| match cell {
        Cell::Int64(value) => Ok(Some(value)),
        Cell::UInt64(value) => i64::try_from(value).map(Some).map_err(|_| unfit(cell)),
        Cell::Number(bits) if number::is_nan(bits) => Ok(None),
        Cell::Number(bits) => number::to_safe_int64(bits).map(Some).ok_or_else(|| match number::to_int64(bits) {
            Some(_) => {
                Error::new(Code::IngestType, format!("{cell} is too large for a float64 to tell which int64 it is"))
            }
            None => unfit(cell),
        }),
        Cell::Decimal(ref text) => {
            let units = Decimal::read(text).and_then(|decimal| decimal.at_scale(0)).and_then(Units::of_rows);
            units.map(Some).ok_or_else(|| unfit(cell))
        }
        _ => Err(unfit(cell)),
    };
    match &column.values {
        HostValues::Int64(values) => Ok(as_it_is(column, Values::Int64(Cow::Borrowed(values)))),
        HostValues::Number(bits) => mostly(column, bits, Values::Int64, number::to_safe_int64, fit),
        _ => each(column, Values::Int64, fit),
    }
}

fn float64s<'a>(column: &'a HostColumn<'_>) -> Result<Column<'a>> {
    let inexact = |cell: Cell<'_>| Error::new(Code::IngestType, format!("{cell} is not exactly a float64"));
    let fit = |cell: Cell<'a>| match cell {
        Cell::Number(bits) => Ok(Some(bits)),
        Cell::Int64(value) => number::from_int64(value).map(Some).ok_or_else(|| inexact(cell)),
        Cell::UInt64(value) => number::from_uint64(value).map(Some).ok_or_else(|| inexact(cell)),
        Cell::Decimal(ref text) => number::from_decimal(text).map(Some).ok_or_else(|| misfit(&cell, Type::Float64)),
        _ => Err(misfit(&cell, Type::Float64)),
    };
    match &column.values {
        HostValues::Number(bits) => Ok(as_it_is(column, Values::Float64(Cow::Borrowed(bits)))),
        HostValues::Int64(values) => mostly(column, values, Values::Float64, number::from_int64, fit),
        HostValues::Decimal(values, scale) => {
            let nearest = |value: i128| Some(Float64::from_unscaled(value, *scale).to_bits());
            mostly(column, values, Values::Float64, nearest, fit)
        }
        _ => each(column, Values::Float64, fit),
    }
}

fn strings<'a>(column: &'a HostColumn<'_>) -> Result<Column<'a>> {
    match &column.values {
        HostValues::Text(codes, texts) => {
            check_codes(column, codes, texts)?;
            if texts.longest() > limits::MAX_TEXT_BYTES {
                present(column).try_for_each(|row| check_text(&texts[codes[row] as usize]).map_err(|e| at(row, e)))?;
            }
            Ok(as_it_is(column, Values::String(Cow::Borrowed(codes), texts.borrowed())))
        }
        _ => mixed_strings(column),
    }
}

/// Texts among cells of other kinds: they fit when every other cell is NULL or NaN, as pandas writes missing texts.
fn mixed_strings<'a>(column: &'a HostColumn<'_>) -> Result<Column<'a>> {
    let mut codes = vec![0u32; column.len()];
    let mut texts: Vec<Cow<'a, str>> = Vec::new();
    let mut validity = vec![false; column.len()];
    for row in present(column) {
        match column.cell(row) {
            Cell::Null => continue,
            Cell::Number(bits) if number::is_nan(bits) => continue,
            Cell::Text(text) => {
                check_text(&text).map_err(|error| at(row, error))?;
                codes[row] = texts.len() as u32;
                validity[row] = true;
                texts.push(text);
            }
            other => return Err(at(row, misfit(&other, Type::String))),
        }
    }
    Ok(Column::with_validity(Values::String(codes.into(), texts.into()), validity))
}

fn check_text(text: &str) -> Result<()> {
    if text.len() <= limits::MAX_TEXT_BYTES {
        return Ok(());
    }
    let message = format!("a text must have at most {} bytes, got {}", limits::MAX_TEXT_BYTES, text.len());
    Err(Error::new(Code::IngestText, message))
}

/// Refuses a code that points outside the dictionary in a row that has a value.
fn check_codes(column: &HostColumn<'_>, codes: &[u32], texts: &[Cow<'_, str>]) -> Result<()> {
    // one pass without branches first: the codes of NULL rows are rarely out of range
    let largest = codes.iter().fold(0, |largest, code| largest.max(*code));
    if codes.is_empty() || (largest as usize) < texts.len() {
        return Ok(());
    }
    let outside = present(column).find(|row| codes[*row] as usize >= texts.len());
    outside.map_or(Ok(()), |row| {
        let message = format!("a code must be below the {} texts of its dictionary, got {}", texts.len(), codes[row]);
        Err(at(row, Error::new(Code::IngestLength, message)))
    })
}

fn as_it_is<'a>(column: &'a HostColumn<'_>, values: Values<'a>) -> Column<'a> {
    Column { values, validity: column.validity.as_deref().map(Cow::Borrowed) }
}

/// A column made value by value; `fit` answers `None` for what is NULL in this type.
fn each<'a, T: Copy + Default + 'a>(
    column: &'a HostColumn<'_>,
    values: impl FnOnce(Cow<'a, [T]>) -> Values<'a>,
    mut fit: impl FnMut(Cell<'a>) -> Result<Option<T>>,
) -> Result<Column<'a>> {
    let rows = column.len();
    let mut fitted = vec![T::default(); rows];
    let mut validity = column.validity.clone();
    let mut put = |row: usize, cell: Cell<'a>| {
        let fit = if cell == Cell::Null { None } else { fit(cell).map_err(|error| at(row, error))? };
        match fit {
            Some(value) => fitted[row] = value,
            None => validity.get_or_insert_with(|| vec![true; rows].into()).to_mut()[row] = false,
        }
        Ok(())
    };
    present(column).try_for_each(|row| put(row, column.cell(row)))?;
    Ok(Column { values: values(fitted.into()), validity })
}

/// A column made value by value in a tight loop; where `short` has no answer, `fit` decides as in [`each`].
fn mostly<'a, S: Copy, T: Copy + Default + 'a>(
    column: &'a HostColumn<'_>,
    source: &[S],
    values: impl FnOnce(Cow<'a, [T]>) -> Values<'a>,
    short: impl Fn(S) -> Option<T>,
    mut fit: impl FnMut(Cell<'a>) -> Result<Option<T>>,
) -> Result<Column<'a>> {
    let mut validity = column.validity.as_deref().map(Cow::Borrowed);
    let mut fitted = vec![T::default(); source.len()];
    let mut decided = |row: usize| {
        let fits = match column.cell(row) {
            Cell::Null => None,
            cell => fit(cell).map_err(|error| at(row, error))?,
        };
        if fits.is_none() {
            validity.get_or_insert_with(|| vec![true; source.len()].into()).to_mut()[row] = false;
        }
        Ok(fits.unwrap_or_default())
    };
    for (row, (slot, value)) in fitted.iter_mut().zip(source).enumerate() {
        *slot = match short(*value) {
            Some(fits) => fits,
            None => decided(row)?,
        };
    }
    Ok(Column { values: values(fitted.into()), validity })
}

/// The rows that have a value.
fn present<'c, 'a>(column: &'c HostColumn<'a>) -> impl Iterator<Item = usize> + use<'c, 'a> {
    (0..column.len()).filter(|row| column.is_valid(*row))
}

fn misfit(cell: &Cell<'_>, expected: Type) -> Error {
    let article = if expected == Type::Int64 { "an" } else { "a" };
    let code = match cell {
        Cell::Other(kind) if kind == NOT_UNICODE => Code::IngestText,
        _ => Code::IngestType,
    };
    Error::new(code, format!("{cell} is not {article} {expected}"))
}

fn at(row: usize, error: Error) -> Error {
    error.in_row(row)
}
