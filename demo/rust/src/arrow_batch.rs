//! A record batch as a batch of the kernel, without copies where the kernel reads the same memory.
//!
//! Not here: the many other types of Arrow, which the Python module reads; the demonstration writes its files itself.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit as ArrowUnit};
use isofold::value::TimeUnit;
use isofold_facade::{Batch, HostColumn, HostValues};
use std::borrow::Cow;
use std::error::Error;

/// The columns of a record batch.
///
/// **Errors** a column of a type that the demonstration does not write.
pub fn arrow_batch(record: &RecordBatch) -> Result<Batch<'_>, Box<dyn Error>> {
    let mut batch = Batch::new(record.num_rows())?;
    for (field, array) in record.schema_ref().fields().iter().zip(record.columns()) {
        let values = values(array).ok_or_else(|| format!("column {} has type {}", field.name(), array.data_type()))?;
        batch.add(field.name(), HostColumn::new(values).with_validity(validity(array)))?;
    }
    Ok(batch)
}

fn values(array: &ArrayRef) -> Option<HostValues<'_>> {
    Some(match array.data_type() {
        DataType::Boolean => HostValues::Bool(array.as_boolean().values().iter().collect()),
        DataType::Int64 => HostValues::Int64(Cow::Borrowed(array.as_primitive::<Int64Type>().values())),
        DataType::Float64 => {
            HostValues::Number(Cow::Borrowed(array.as_primitive::<Float64Type>().values().inner().typed_data()))
        }
        DataType::Timestamp(unit, _) => times(array, *unit),
        DataType::Dictionary(..) => {
            let dictionary = array.as_dictionary_opt::<Int32Type>()?;
            let texts = dictionary.values().as_string_opt::<i32>()?;
            // A code of a NULL row may be anything; codes of other rows are never negative.
            let codes = dictionary.keys().values().iter().map(|&code| code as u32).collect();
            HostValues::Text(codes, texts.iter().map(|text| Cow::Borrowed(text.unwrap_or_default())).collect())
        }
        _ => return None,
    })
}

fn times(array: &ArrayRef, unit: ArrowUnit) -> HostValues<'_> {
    let (values, unit) = match unit {
        ArrowUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), TimeUnit::Second),
        ArrowUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().values(), TimeUnit::Millisecond),
        ArrowUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().values(), TimeUnit::Microsecond),
        ArrowUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().values(), TimeUnit::Nanosecond),
    };
    HostValues::Timestamp(Cow::Borrowed(values), unit)
}

fn validity(array: &ArrayRef) -> Option<Cow<'_, [bool]>> {
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0)?;
    Some(nulls.iter().collect())
}
