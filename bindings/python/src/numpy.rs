//! NumPy arrays as columns, through `__array_interface__`: NumPy is never imported and need not be there.

#![expect(unsafe_code, reason = "the interface hands out the address of the array's memory")]

use crate::numpy_time::{Count, Step};
use isofold_facade::conform::number;
use isofold_facade::{Cell, HostColumn, HostValues};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::borrow::Cow;

/// What NumPy writes for a missing time.
const NAT: i64 = i64::MIN;

/// The memory of a one-dimensional array.
struct Memory {
    address: usize,
    rows: usize,
    /// Bytes from one value to the next; negative in a reversed view.
    stride: isize,
    is_big_endian: bool,
    /// The type without its order of bytes: `i4`, `M8[ns]`.
    type_text: String,
}

/// The column of a one-dimensional array of numbers, bools or times, copied out; `None` for anything else, which is
/// then read value by value. Lengths of time are a column of values that no type takes.
pub fn host_column(array: &Bound<'_, PyAny>) -> PyResult<Option<HostColumn<'static>>> {
    let Some(memory) = memory(array)? else { return Ok(None) };
    let values = match memory.type_text.as_str() {
        "b1" => HostValues::Bool(memory.read(|[byte]| byte != 0)),
        "i1" => HostValues::Int64(memory.read(|bytes| i64::from(i8::from_le_bytes(bytes)))),
        "i2" => HostValues::Int64(memory.read(|bytes| i64::from(i16::from_le_bytes(bytes)))),
        "i4" => HostValues::Int64(memory.read(|bytes| i64::from(i32::from_le_bytes(bytes)))),
        "i8" => HostValues::Int64(memory.read(i64::from_le_bytes)),
        "u1" => HostValues::Int64(memory.read(|bytes| i64::from(u8::from_le_bytes(bytes)))),
        "u2" => HostValues::Int64(memory.read(|bytes| i64::from(u16::from_le_bytes(bytes)))),
        "u4" => HostValues::Int64(memory.read(|bytes| i64::from(u32::from_le_bytes(bytes)))),
        "u8" => HostValues::UInt64(memory.read(u64::from_le_bytes)),
        "f2" => HostValues::Number(memory.read(|bytes| number::from_float16(u16::from_le_bytes(bytes)))),
        "f4" => HostValues::Number(memory.read(|bytes| number::from_float32(u32::from_le_bytes(bytes)))),
        "f8" => HostValues::Number(memory.read(u64::from_le_bytes)),
        text if text.starts_with("M8") || text.starts_with("m8") => {
            return Ok(Some(times(memory.read(i64::from_le_bytes), Count::of(text))));
        }
        _ => return Ok(None),
    };
    Ok(Some(HostColumn::new(values)))
}

/// Times without a zone, NaT as NULL.
fn times(values: Cow<'static, [i64]>, count: Count) -> HostColumn<'static> {
    let validity = values.contains(&NAT).then(|| values.iter().map(|value| *value != NAT).collect());
    let values = match count {
        Count::None(words) => HostValues::Other(values.len(), words.to_owned()),
        Count::Of(Step::Unit(unit)) => HostValues::Local(values, unit),
        Count::Of(step) => HostValues::Local(values.iter().map(|value| step.micros(*value)).collect(), Step::MICROS),
    };
    HostColumn::new(values).with_validity(validity)
}

/// The cell of a scalar of NumPy that is a time or a length of time; `None` for any other value.
pub fn scalar(value: &Bound<'_, PyAny>) -> PyResult<Option<Cell<'static>>> {
    let class = value.get_type();
    let is_time = class.module()?.to_cow()? == "numpy" && class.name()?.to_cow()?.ends_with("64");
    if !is_time || !value.hasattr("dtype")? {
        return Ok(None);
    }
    let type_text: String = value.getattr("dtype")?.getattr("str")?.extract()?;
    let text = &type_text[1..];
    if !text.starts_with("M8") && !text.starts_with("m8") {
        return Ok(None);
    }
    let number: i64 = value.call_method1("astype", ("int64",))?.call_method0("item")?.extract()?;
    Ok(Some(match Count::of(text) {
        _ if number == NAT => Cell::Null,
        Count::None(words) => Cell::Other(words.into()),
        Count::Of(Step::Unit(unit)) => Cell::Local(number, unit),
        Count::Of(step) => Cell::Local(step.micros(number), Step::MICROS),
    }))
}

/// The columns of a structured array by name; `None` for anything else.
pub fn fields<'py>(array: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    if !array.hasattr("__array_interface__")? || !array.hasattr("dtype")? {
        return Ok(None);
    }
    let names = array.getattr("dtype")?.getattr("names")?;
    let Ok(names) = names.cast::<PyTuple>() else { return Ok(None) };
    let columns = PyDict::new(array.py());
    names.iter().try_for_each(|name| columns.set_item(&name, array.get_item(&name)?))?;
    Ok(Some(columns))
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
    let Ok(type_text) = type_text.extract::<String>() else { return Ok(None) };
    let Some((order, type_text)) = type_text.split_at_checked(1) else { return Ok(None) };
    let strides = field("strides")?.filter(|strides| !strides.is_none());
    let stride = match strides {
        Some(strides) => strides.extract::<(isize,)>()?.0,
        None => array.getattr("itemsize")?.extract()?,
    };
    Ok(Some(Memory { address, rows, stride, is_big_endian: order == ">", type_text: type_text.to_owned() }))
}

impl Memory {
    fn read<T: Clone, const N: usize>(&self, value: impl Fn([u8; N]) -> T) -> Cow<'static, [T]> {
        let start = self.address as *const [u8; N];
        let at = |row: usize| {
            // SAFETY: the array interface promises `rows` values of the type's size, `stride` bytes apart from
            // `address` on, for as long as the array lives; the caller holds the array and the GIL. Bytes need no
            // alignment.
            let mut bytes = unsafe { start.byte_offset(row as isize * self.stride).read() };
            if self.is_big_endian {
                bytes.reverse();
            }
            value(bytes)
        };
        (0..self.rows).map(at).collect()
    }
}
