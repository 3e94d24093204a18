//! Answers as a stream of Arrow IPC.

use super::{json, text};
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema};
use isofold::query::{Frame, FrameColumn};
use isofold::value::OutputType;
use isofold::{Type, Value};
use std::io::{self, Write};
use std::sync::Arc;

/// Digits of the widest decimal of 128 bits.
const DIGITS: u8 = 38;

/// One batch; lists and counts are JSON texts.
pub fn answer(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let failed = |error: ArrowError| io::Error::other(error.to_string());
    let columns = frame.columns().iter().map(array).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let fields: Vec<Field> = frame
        .columns()
        .iter()
        .zip(&columns)
        .map(|(column, array)| Field::new(column.name(), array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(failed)?;
    let mut writer = StreamWriter::try_new(out, &schema).map_err(failed)?;
    writer.write(&batch).and_then(|()| writer.finish()).map_err(failed)
}

fn array(column: &FrameColumn) -> Result<ArrayRef, ArrowError> {
    let values = column.values().iter();
    Ok(match column.output_type() {
        OutputType::Scalar(Type::Int64) => Arc::new(Int64Array::from_iter(values.map(|value| match value {
            Value::Int64(value) => Some(*value),
            _ => None,
        }))),
        OutputType::Scalar(Type::Float64) => Arc::new(Float64Array::from_iter(values.map(|value| match value {
            Value::Float64(value) => Some(f64::from_bits(value.to_bits())),
            _ => None,
        }))),
        OutputType::Scalar(Type::Bool) => Arc::new(BooleanArray::from_iter(values.map(|value| match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }))),
        OutputType::Scalar(Type::Timestamp) => {
            let times = TimestampMicrosecondArray::from_iter(values.map(|value| match value {
                Value::Timestamp(us) => Some(*us),
                _ => None,
            }));
            Arc::new(times.with_timezone("UTC"))
        }
        OutputType::Scalar(Type::Decimal(scale)) => {
            let units = Decimal128Array::from_iter(values.map(|value| match value {
                Value::Decimal(units, _) => Some(*units),
                _ => None,
            }));
            // scales end at 18
            Arc::new(units.with_precision_and_scale(DIGITS, scale as i8)?)
        }
        OutputType::Scalar(Type::String) => {
            Arc::new(StringArray::from_iter(values.map(|value| Some(text::of(value)).filter(|_| !value.is_null()))))
        }
        OutputType::List(_) | OutputType::Counts(_) => {
            Arc::new(StringArray::from_iter(values.map(|value| Some(json::value(value)).filter(|_| !value.is_null()))))
        }
    })
}
