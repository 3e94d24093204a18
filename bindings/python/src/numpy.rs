//! NumPy arrays as columns, through `__array_interface__`: NumPy is never imported and need not be there.

#![expect(unsafe_code, reason = "the interface hands out the address of the array's memory")]

use isofold::value::TimeUnit;
use isofold_facade::conform::number;
use isofold_facade::{HostColumn, HostValues};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::borrow::Cow;

/// What NumPy writes for a missing time.
const NAT: i64 = i64::MIN;

/// The memory of a one-dimensional array.
struct Memory {
    address: usize,
    rows: usize,
    /// Bytes from one value to the next; negative in a reversed view.
    stride: isize,
    type_text: String,
}

/// The column of a one-dimensional array of numbers, bools or times, copied out; `None` for anything else, which is
/// then read value by value.
pub fn host_column(array: &Bound<'_, PyAny>) -> PyResult<Option<HostColumn<'static>>> {
    let Some(memory) = memory(array)? else { return Ok(None) };
    let values = match memory.type_text.as_str() {
        "|b1" => HostValues::Bool(memory.read(|[byte]| byte != 0)),
        "|i1" => HostValues::Int64(memory.read(|bytes| i64::from(i8::from_ne_bytes(bytes)))),
        "<i2" => HostValues::Int64(memory.read(|bytes| i64::from(i16::from_le_bytes(bytes)))),
        "<i4" => HostValues::Int64(memory.read(|bytes| i64::from(i32::from_le_bytes(bytes)))),
        "<i8" => HostValues::Int64(memory.read(i64::from_le_bytes)),
        "|u1" => HostValues::Int64(memory.read(|bytes| i64::from(u8::from_ne_bytes(bytes)))),
        "<u2" => HostValues::Int64(memory.read(|bytes| i64::from(u16::from_le_bytes(bytes)))),
        "<u4" => HostValues::Int64(memory.read(|bytes| i64::from(u32::from_le_bytes(bytes)))),
        "<u8" => HostValues::UInt64(memory.read(u64::from_le_bytes)),
        "<f2" => HostValues::Number(memory.read(|bytes| number::from_float16(u16::from_le_bytes(bytes)))),
        "<f4" => HostValues::Number(memory.read(|bytes| number::from_float32(u32::from_le_bytes(bytes)))),
        "<f8" => HostValues::Number(memory.read(u64::from_le_bytes)),
        time => match time_unit(time) {
            Some((unit, factor)) => return Ok(times(memory.read(i64::from_le_bytes), unit, factor)),
            None => return Ok(None),
        },
    };
    Ok(Some(HostColumn::new(values)))
}

/// The unit of a datetime64 type and how many of it one value is.
fn time_unit(type_text: &str) -> Option<(TimeUnit, i64)> {
    Some(match type_text {
        "<M8[ns]" => (TimeUnit::Nanosecond, 1),
        "<M8[us]" => (TimeUnit::Microsecond, 1),
        "<M8[ms]" => (TimeUnit::Millisecond, 1),
        "<M8[s]" => (TimeUnit::Second, 1),
        "<M8[m]" => (TimeUnit::Second, 60),
        "<M8[h]" => (TimeUnit::Second, 3600),
        "<M8[D]" => (TimeUnit::Second, 86_400),
        _ => return None,
    })
}

/// Times with NaT as NULL; `None` when a value leaves the range of its unit.
fn times(values: Cow<'static, [i64]>, unit: TimeUnit, factor: i64) -> Option<HostColumn<'static>> {
    let validity = values.contains(&NAT).then(|| values.iter().map(|value| *value != NAT).collect());
    let scale = |value: &i64| if *value == NAT { Some(0) } else { value.checked_mul(factor) };
    let values = if factor == 1 { values } else { values.iter().map(scale).collect::<Option<Vec<_>>>()?.into() };
    Some(HostColumn::new(HostValues::Timestamp(values, unit)).with_validity(validity))
}

fn memory(array: &Bound<'_, PyAny>) -> PyResult<Option<Memory>> {
    // a masked array's interface does not show its mask
    if array.hasattr("mask")? {
        return Ok(None);
    }
    let interface = array.getattr("__array_interface__")?;
    let Ok(interface) = interface.cast::<PyDict>() else { return Ok(None) };
    let field = |name: &str| interface.get_item(name);
    let (Some(shape), Some(type_text), Some(place)) = (field("shape")?, field("typestr")?, field("data")?) else {
        return Ok(None);
    };
    let Ok((rows,)) = shape.extract::<(usize,)>() else { return Ok(None) };
    let Ok((address, _)) = place.extract::<(usize, bool)>() else { return Ok(None) };
    let type_text: String = type_text.extract()?;
    let strides = field("strides")?.filter(|strides| !strides.is_none());
    let stride = match strides {
        Some(strides) => strides.extract::<(isize,)>()?.0,
        None => array.getattr("itemsize")?.extract()?,
    };
    Ok(Some(Memory { address, rows, stride, type_text }))
}

impl Memory {
    fn read<T: Clone, const N: usize>(&self, value: impl Fn([u8; N]) -> T) -> Cow<'static, [T]> {
        let start = self.address as *const [u8; N];
        let at = |row: usize| {
            // SAFETY: the array interface promises `rows` values of the type's size, `stride` bytes apart from
            // `address` on, for as long as the array lives; the caller holds the array and the GIL. Bytes need no
            // alignment.
            let bytes = unsafe { start.byte_offset(row as isize * self.stride).read() };
            value(bytes)
        };
        (0..self.rows).map(at).collect()
    }
}
