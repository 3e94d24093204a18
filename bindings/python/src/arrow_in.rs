//! Arrow arrays as host columns, without copies where the kernel reads the same memory.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Float16Type, Float32Type, Float64Type,
    Int16Type, Int32Type, Int64Type, Int8Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt16Type, UInt32Type, UInt64Type, UInt8Type,
};
use arrow_array::{downcast_dictionary_array, Array, DictionaryArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::{DataType, TimeUnit as ArrowUnit};
use isofold::value::TimeUnit;
use isofold_facade::conform::number;
use isofold_facade::{HostColumn, HostValues};
use std::borrow::Cow;

/// The column that an array is; a type the kernel never takes becomes a column an error can name.
pub fn host_column(array: &dyn Array) -> HostColumn<'_> {
    if let DataType::Dictionary(..) = array.data_type() {
        return downcast_dictionary_array!(array => of_dictionary(array), _ => other(array));
    }
    let values = match array.data_type() {
        DataType::Null => return HostColumn::new(HostValues::Null(array.len())),
        DataType::Boolean => HostValues::Bool(array.as_boolean().values().iter().collect()),
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => HostValues::Int64(Cow::Borrowed(array.as_primitive::<Int64Type>().values())),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => HostValues::UInt64(Cow::Borrowed(array.as_primitive::<UInt64Type>().values())),
        DataType::Float16 => numbers::<Float16Type>(array, |x| number::from_float16(x.to_bits())),
        DataType::Float32 => numbers::<Float32Type>(array, |x| number::from_float32(x.to_bits())),
        DataType::Float64 => {
            HostValues::Number(Cow::Borrowed(array.as_primitive::<Float64Type>().values().inner().typed_data()))
        }
        DataType::Timestamp(unit, _) => timestamps(array, *unit),
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().values();
            HostValues::Timestamp(days.iter().map(|day| i64::from(*day) * 86_400).collect(), TimeUnit::Second)
        }
        DataType::Date64 => {
            HostValues::Timestamp(Cow::Borrowed(array.as_primitive::<Date64Type>().values()), TimeUnit::Millisecond)
        }
        DataType::Utf8 => return HostColumn::from_texts(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => return HostColumn::from_texts(array.as_string::<i64>().iter()),
        DataType::Utf8View => return HostColumn::from_texts(array.as_string_view().iter()),
        _ => return other(array),
    };
    HostColumn::new(values).with_validity(validity(array))
}

fn other(array: &dyn Array) -> HostColumn<'_> {
    let kind = format!("a value of the Arrow type {}", array.data_type());
    HostColumn::new(HostValues::Other(array.len(), kind)).with_validity(validity(array))
}

fn validity<'a>(array: &dyn Array) -> Option<Cow<'a, [bool]>> {
    let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
    Some(nulls.iter().collect())
}

fn integers<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &dyn Array) -> HostValues<'_> {
    HostValues::Int64(array.as_primitive::<T>().values().iter().map(|value| (*value).into()).collect())
}

fn numbers<T: ArrowPrimitiveType>(array: &dyn Array, widen: impl Fn(T::Native) -> u64) -> HostValues<'_> {
    HostValues::Number(array.as_primitive::<T>().values().iter().map(|value| widen(*value)).collect())
}

fn timestamps(array: &dyn Array, unit: ArrowUnit) -> HostValues<'_> {
    let (values, unit) = match unit {
        ArrowUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), TimeUnit::Second),
        ArrowUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().values(), TimeUnit::Millisecond),
        ArrowUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().values(), TimeUnit::Microsecond),
        ArrowUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().values(), TimeUnit::Nanosecond),
    };
    HostValues::Timestamp(Cow::Borrowed(values), unit)
}

fn of_dictionary<K: ArrowDictionaryKeyType>(array: &DictionaryArray<K>) -> HostColumn<'_> {
    if let Some(texts) = all_texts(array.values().as_ref()) {
        let keys = array.keys().values();
        let codes = match K::DATA_TYPE {
            // the key of a NULL row may be anything; others are never negative
            DataType::Int32 | DataType::UInt32 => Cow::Borrowed(keys.inner().typed_data::<u32>()),
            _ => keys.iter().map(|key| key.as_usize() as u32).collect(),
        };
        return HostColumn::new(HostValues::Text(codes, texts.into())).with_validity(validity(array));
    }
    let values = host_column(array.values().as_ref());
    let keys = array.keys().values().iter().map(|key| key.as_usize() as u32).collect::<Vec<_>>();
    values.picked(&keys).with_validity(validity(array))
}

/// The texts of a dictionary as they stand there; `None` when some are NULL or they are no texts.
fn all_texts(values: &dyn Array) -> Option<Vec<Cow<'_, str>>> {
    if values.null_count() > 0 {
        return None;
    }
    match values.data_type() {
        DataType::Utf8 => Some(values.as_string::<i32>().iter().flatten().map(Cow::Borrowed).collect()),
        DataType::LargeUtf8 => Some(values.as_string::<i64>().iter().flatten().map(Cow::Borrowed).collect()),
        DataType::Utf8View => Some(values.as_string_view().iter().flatten().map(Cow::Borrowed).collect()),
        _ => None,
    }
}
