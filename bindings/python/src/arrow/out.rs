//! A query's result as one Arrow record batch.

use arrow_array::builder::StringBuilder;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, LargeBinaryArray, ListArray, RecordBatch,
    RecordBatchIterator, RecordBatchOptions, StructArray, TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, DECIMAL128_MAX_PRECISION};
use isofold::value::OutputType;
use isofold::{Type, Value};
use isofold_facade::frame::{scalar_type, STATE};
use isofold_facade::Frame;
use std::sync::Arc;

/// A stream of one record batch with the rows of a result.
pub fn stream(frame: &Frame) -> Result<FFI_ArrowArrayStream, ArrowError> {
    let mut fields = Vec::with_capacity(frame.width());
    let mut arrays = Vec::with_capacity(frame.width());
    for (position, (name, output_type)) in frame.columns().enumerate() {
        let array = array(frame.values(position), output_type)?;
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    if let Some(states) = frame.states() {
        fields.push(Field::new(STATE, DataType::LargeBinary, false));
        arrays.push(Arc::new(LargeBinaryArray::from_iter_values(states)));
    }
    let schema = Arc::new(Schema::new(fields));
    let options = RecordBatchOptions::new().with_row_count(Some(frame.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options)?;
    Ok(FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(batch)], schema))))
}

fn array(values: &[Value], output_type: OutputType) -> Result<ArrayRef, ArrowError> {
    let inner = scalar_type(output_type);
    match output_type {
        OutputType::Scalar(_) => Ok(scalars(values, inner)),
        OutputType::List(_) => {
            let items = |value: &Value| if let Value::List(items) = value { items.clone() } else { Vec::new() };
            let flat: Vec<Value> = values.iter().flat_map(items).collect();
            let lengths = values.iter().map(|value| if let Value::List(items) = value { items.len() } else { 0 });
            list(values, scalars(&flat, inner), lengths)
        }
        OutputType::Counts(_) => {
            let counts = |value: &Value| if let Value::Counts(counts) = value { counts.clone() } else { Vec::new() };
            let (flat, numbers): (Vec<Value>, Vec<u64>) = values.iter().flat_map(counts).unzip();
            // a count is at most limits::MAX_ROWS, which is an i64
            let numbers: Int64Array = numbers.into_iter().map(|count| count as i64).collect();
            let flat = scalars(&flat, inner);
            let fields = Fields::from(vec![
                Field::new("value", flat.data_type().clone(), true),
                Field::new("count", DataType::Int64, false),
            ]);
            let entries = StructArray::try_new(fields, vec![flat, Arc::new(numbers)], None)?;
            let lengths = values.iter().map(|value| if let Value::Counts(counts) = value { counts.len() } else { 0 });
            list(values, Arc::new(entries), lengths)
        }
    }
}

fn list(values: &[Value], items: ArrayRef, lengths: impl Iterator<Item = usize>) -> Result<ArrayRef, ArrowError> {
    let nulls = NullBuffer::from_iter(values.iter().map(|value| !value.is_null()));
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), items, Some(nulls))?))
}

fn scalars(values: &[Value], data_type: Type) -> ArrayRef {
    match data_type {
        Type::Bool => {
            let value = |value: &Value| if let Value::Bool(value) = value { Some(*value) } else { None };
            Arc::new(values.iter().map(value).collect::<BooleanArray>())
        }
        Type::Int64 => {
            let value = |value: &Value| if let Value::Int64(value) = value { Some(*value) } else { None };
            Arc::new(values.iter().map(value).collect::<Int64Array>())
        }
        Type::Decimal(scale) => {
            let value = |value: &Value| if let Value::Decimal(units, _) = value { Some(*units) } else { None };
            // a precision that holds every int64 and an Arrow sum of billions of them
            let data_type = DataType::Decimal128(DECIMAL128_MAX_PRECISION, scale as i8);
            Arc::new(values.iter().map(value).collect::<Decimal128Array>().with_data_type(data_type))
        }
        Type::Float64 => {
            let number = |bits: u64| f64::from_bits(bits);
            let value =
                |value: &Value| if let Value::Float64(value) = value { Some(number(value.to_bits())) } else { None };
            Arc::new(values.iter().map(value).collect::<Float64Array>())
        }
        Type::Timestamp => {
            let value = |value: &Value| if let Value::Timestamp(value) = value { Some(*value) } else { None };
            Arc::new(values.iter().map(value).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Type::String => {
            let mut texts = StringBuilder::new();
            for value in values {
                texts.append_option(if let Value::String(text) = value { Some(text) } else { None });
            }
            Arc::new(texts.finish())
        }
    }
}
