//! Arrow arrays as host columns, without copies where the kernel reads the same memory.

use super::decimal;
use super::layout::{Integer, Layout};
use super::texts;
use super::window::{malformed, Plain, Window};
use isofold::value::TimeUnit;
use isofold::{Code, Error, Result};
use isofold_facade::conform::number;
use isofold_facade::{Cell, HostColumn, HostValues};
use std::borrow::Cow;

/// The column of some rows; a type the kernel never takes becomes a column an error can name.
///
/// **Errors** `host.argument` for an array that is not what its schema says; `ingest.length` and `ingest.text` for texts
/// that leave their memory or are not UTF-8, and for codes outside their dictionary.
pub fn host_column<'a>(window: Window<'a>, layout: &Layout) -> Result<HostColumn<'a>> {
    let values = match layout {
        Layout::Null => return Ok(HostColumn::new(HostValues::Null(window.rows))),
        Layout::Other(name) => {
            // only its NULLs are looked at
            HostValues::Other(window.rows, format!("a value of the Arrow type {name}"))
        }
        Layout::Binary(kind) => HostValues::Other(window.rows, format!("a value of the Arrow type {}", kind.name())),
        Layout::Bool => HostValues::Bool(window.bits(1)?.into()),
        Layout::Integer(kind) => integers(window, *kind)?,
        Layout::Float16 => HostValues::Number(each(window, number::from_float16)?),
        Layout::Float32 => HostValues::Number(each(window, number::from_float32)?),
        Layout::Float64 => HostValues::Number(window.values(1)?),
        Layout::Timestamp(unit) => HostValues::Timestamp(window.values(1)?, *unit),
        Layout::Local(unit) => HostValues::Local(window.values(1)?, *unit),
        Layout::Date32 => HostValues::Local(each(window, |day: i32| i64::from(day) * 86_400)?, TimeUnit::Second),
        Layout::Date64 => HostValues::Local(window.values(1)?, TimeUnit::Millisecond),
        Layout::Decimal(bits, scale) => decimals(window, *bits, *scale)?,
        Layout::Text => return texts::by_offsets::<i32>(window),
        Layout::LargeText => return texts::by_offsets::<i64>(window),
        Layout::TextView => return texts::by_views(window),
        Layout::Dictionary(codes, values) => return of_dictionary(window, *codes, values),
    };
    Ok(HostColumn::new(values).with_validity(window.validity()?.map(Cow::Owned)))
}

fn each<'a, S: Plain + 'a, T: Copy + 'a>(window: Window<'a>, value: impl Fn(S) -> T) -> Result<Cow<'a, [T]>> {
    Ok(window.values::<S>(1)?.iter().map(|source| value(*source)).collect())
}

fn integers<'a>(window: Window<'a>, kind: Integer) -> Result<HostValues<'a>> {
    Ok(HostValues::Int64(match kind {
        Integer::Int64 => window.values(1)?,
        Integer::UInt64 => return Ok(HostValues::UInt64(window.values(1)?)),
        Integer::Int8 => each(window, |value: i8| i64::from(value))?,
        Integer::Int16 => each(window, |value: i16| i64::from(value))?,
        Integer::Int32 => each(window, |value: i32| i64::from(value))?,
        Integer::UInt8 => each(window, |value: u8| i64::from(value))?,
        Integer::UInt16 => each(window, |value: u16| i64::from(value))?,
        Integer::UInt32 => each(window, |value: u32| i64::from(value))?,
    }))
}

fn decimals<'a>(window: Window<'a>, bits: u16, scale: i32) -> Result<HostValues<'a>> {
    let narrow = match bits {
        32 => each(window, |value: i32| i128::from(value))?,
        64 => each(window, |value: i64| i128::from(value))?,
        128 => window.values(1)?,
        _ => {
            let wide = window.values::<[u64; 4]>(1)?;
            match wide.iter().map(decimal::narrowed).collect::<Option<Vec<_>>>() {
                Some(narrow) => narrow.into(),
                None => {
                    let text = |value: &[u64; 4]| Cell::Decimal(decimal::text(*value, scale).into());
                    return Ok(HostValues::Mixed(wide.iter().map(text).collect()));
                }
            }
        }
    };
    Ok(HostValues::Decimal(narrow, scale))
}

fn of_dictionary<'a>(window: Window<'a>, kind: Integer, layout: &Layout) -> Result<HostColumn<'a>> {
    let array = window.array().dictionary().ok_or_else(|| malformed("lacks its dictionary"))?;
    let dictionary = Window::whole(array)?;
    if u32::try_from(dictionary.rows).is_err() {
        return Err(malformed(format_args!("has a dictionary of {} values", dictionary.rows)));
    }
    let validity = window.validity()?;
    let codes = codes(window, kind, dictionary.rows, validity.as_deref())?;
    if let Some(texts) = texts::dictionary(dictionary, layout)? {
        return Ok(HostColumn::new(HostValues::Text(codes, texts.into())).with_validity(validity.map(Cow::Owned)));
    }
    let values = host_column(dictionary, layout)?;
    Ok(values.picked(&codes).and_validity(validity.map(Cow::Owned)))
}

/// The codes, of which those of rows with a value are below `texts`; others may be anything.
fn codes<'a>(window: Window<'a>, kind: Integer, texts: usize, validity: Option<&[bool]>) -> Result<Cow<'a, [u32]>> {
    let checked = |codes: &mut dyn Iterator<Item = i128>| {
        let code = |(row, code): (usize, i128)| match usize::try_from(code) {
            // cannot truncate: a dictionary has at most 2^32 texts
            Ok(code) if code < texts => Ok(code as u32),
            _ if validity.is_some_and(|validity| !validity[row]) => Ok(0),
            _ => {
                let message = format!("a code must be below the {texts} texts of its dictionary, got {code}");
                Err(Error::new(Code::IngestLength, message).in_row(row))
            }
        };
        codes.enumerate().map(code).collect::<Result<Cow<'a, [u32]>>>()
    };
    let plain = |codes: Cow<'a, [u32]>| {
        let outside = codes.iter().any(|code| *code as usize >= texts);
        if outside {
            checked(&mut codes.iter().map(|code| i128::from(*code)))
        } else {
            Ok(codes)
        }
    };
    match kind {
        Integer::UInt32 => plain(window.values(1)?),
        Integer::Int32 => {
            let codes = window.values::<i32>(1)?;
            if codes.iter().any(|code| *code < 0) {
                return checked(&mut codes.iter().map(|code| i128::from(*code)));
            }
            // the same bits
            plain(window.values(1)?)
        }
        Integer::Int8 => checked(&mut window.values::<i8>(1)?.iter().map(|code| i128::from(*code))),
        Integer::Int16 => checked(&mut window.values::<i16>(1)?.iter().map(|code| i128::from(*code))),
        Integer::Int64 => checked(&mut window.values::<i64>(1)?.iter().map(|code| i128::from(*code))),
        Integer::UInt8 => checked(&mut window.values::<u8>(1)?.iter().map(|code| i128::from(*code))),
        Integer::UInt16 => checked(&mut window.values::<u16>(1)?.iter().map(|code| i128::from(*code))),
        Integer::UInt64 => checked(&mut window.values::<u64>(1)?.iter().map(|code| i128::from(*code))),
    }
}
