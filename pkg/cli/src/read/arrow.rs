//! Batches of Arrow and Parquet as columns of hosts, without copies where the kernel reads the same memory.

use super::input::{io_words, peeked, Input};
use super::refused;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int16Type,
    Int32Type, Int64Type, Int8Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt16Type, UInt32Type, UInt64Type, UInt8Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Schema, TimeUnit as ArrowUnit};
use isofold::value::TimeUnit;
use isofold::{Code, Error, Result};
use isofold_facade::conform::number;
use isofold_facade::{Batch, HostColumn, HostValues};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::ProjectionMask;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Cursor};

/// Rows of a batch of Parquet.
const BATCH_ROWS: usize = 65_536;
const IPC_FILE: &[u8] = b"ARROW1";

/// Batches of a file, and its columns.
pub struct Batches {
    /// The names of the file's columns.
    pub names: Vec<String>,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>,
    file: String,
}

impl Batches {
    /// The next batch.
    ///
    /// **Errors** `host.argument` for a file that cannot be read on.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let batch = self.batches.next().transpose();
        batch.map_err(|error| refused(&self.file, format_args!("cannot be read: {}", words(&error))))
    }
}

fn words(error: &dyn std::error::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// The batches of a file of Parquet, of the columns that `wants` says.
///
/// **Errors** `host.argument` for a file that is none.
pub fn of_parquet(input: &Input, wants: impl Fn(&str) -> bool) -> Result<Batches> {
    if input.is_stdin() {
        return Err(refused(&input.name, "Parquet is read from its end; give a file"));
    }
    let failed = |error: &dyn std::error::Error| refused(&input.name, format_args!("is no Parquet: {}", words(error)));
    let builder = ParquetRecordBatchReaderBuilder::try_new(input.file()?).map_err(|error| failed(&error))?;
    let names = names(builder.schema());
    let wanted = names.iter().enumerate().filter(|(_, name)| wants(name)).map(|(at, _)| at);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| failed(&error))?;
    Ok(Batches { names, batches: Box::new(reader), file: input.name.clone() })
}

/// The batches of Arrow IPC, a file or a stream.
///
/// **Errors** `host.argument` for a file that is neither.
pub fn of_ipc(input: &Input, count: impl Fn(u64) + Send + 'static) -> Result<Batches> {
    let failed =
        |error: &dyn std::error::Error| refused(&input.name, format_args!("is no Arrow IPC: {}", words(error)));
    let file = input.name.clone();
    let (start, content) =
        peeked(input.content(count)?, IPC_FILE.len()).map_err(|error| refused(&file, io_words(&error)))?;
    if start != IPC_FILE {
        let reader = StreamReader::try_new(BufReader::new(content), None).map_err(|error| failed(&error))?;
        return Ok(Batches { names: names(&reader.schema()), batches: Box::new(reader), file });
    }
    // the table of its batches stands at the end
    let opened: Result<FileReader<BufReader<File>>, ArrowError> = match input.is_stdin() {
        false => FileReader::try_new(BufReader::new(input.file()?), None),
        true => {
            let mut bytes = Vec::new();
            let mut content = content;
            content.read_to_end(&mut bytes).map_err(|error| refused(&file, io_words(&error)))?;
            let reader = FileReader::try_new(Cursor::new(bytes), None).map_err(|error| failed(&error))?;
            return Ok(Batches { names: names(&reader.schema()), batches: Box::new(reader), file });
        }
    };
    let reader = opened.map_err(|error| failed(&error))?;
    Ok(Batches { names: names(&reader.schema()), batches: Box::new(reader), file })
}

fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// The columns of a record batch that are asked for, by the names they have there.
///
/// **Errors** `ingest.column`, `ingest.length`.
pub fn batch<'b>(record: &'b RecordBatch, columns: &[(String, String)]) -> Result<Batch<'b>> {
    let mut batch = Batch::new(record.num_rows())?;
    for (name, from) in columns {
        if let Ok(at) = record.schema_ref().index_of(from) {
            batch.add(name, column(record.column(at)))?;
        }
    }
    Ok(batch)
}

fn column(array: &ArrayRef) -> HostColumn<'_> {
    if let DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View = array.data_type() {
        return match array.data_type() {
            DataType::Utf8 => HostColumn::from_texts(array.as_string::<i32>().iter()),
            DataType::LargeUtf8 => HostColumn::from_texts(array.as_string::<i64>().iter()),
            _ => HostColumn::from_texts(array.as_string_view().iter()),
        };
    }
    HostColumn::new(values(array)).with_validity(validity(array))
}

fn integers<T: ArrowPrimitiveType>(array: &ArrayRef) -> HostValues<'_>
where
    T::Native: Into<i64>,
{
    HostValues::Int64(array.as_primitive::<T>().values().iter().map(|&value| value.into()).collect())
}

fn values(array: &ArrayRef) -> HostValues<'_> {
    match array.data_type() {
        DataType::Null => HostValues::Null(array.len()),
        DataType::Boolean => HostValues::Bool(array.as_boolean().values().iter().collect()),
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => HostValues::Int64(Cow::Borrowed(array.as_primitive::<Int64Type>().values())),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => HostValues::UInt64(Cow::Borrowed(array.as_primitive::<UInt64Type>().values())),
        DataType::Float16 => {
            let bits = array.as_primitive::<Float16Type>().values().iter().map(|value| value.to_bits());
            HostValues::Number(bits.map(number::from_float16).collect())
        }
        DataType::Float32 => {
            let bits = array.as_primitive::<Float32Type>().values().iter().map(|value| value.to_bits());
            HostValues::Number(bits.map(number::from_float32).collect())
        }
        DataType::Float64 => {
            HostValues::Number(Cow::Borrowed(array.as_primitive::<Float64Type>().values().inner().typed_data()))
        }
        DataType::Decimal128(_, scale) => {
            HostValues::Decimal(Cow::Borrowed(array.as_primitive::<Decimal128Type>().values()), (*scale).into())
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().values().iter().map(|&days| i64::from(days) * 86_400);
            HostValues::Local(days.collect(), TimeUnit::Second)
        }
        DataType::Date64 => {
            HostValues::Local(Cow::Borrowed(array.as_primitive::<Date64Type>().values()), TimeUnit::Millisecond)
        }
        DataType::Timestamp(unit, zone) => {
            let (values, unit) = match unit {
                ArrowUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), TimeUnit::Second),
                ArrowUnit::Millisecond => {
                    (array.as_primitive::<TimestampMillisecondType>().values(), TimeUnit::Millisecond)
                }
                ArrowUnit::Microsecond => {
                    (array.as_primitive::<TimestampMicrosecondType>().values(), TimeUnit::Microsecond)
                }
                ArrowUnit::Nanosecond => {
                    (array.as_primitive::<TimestampNanosecondType>().values(), TimeUnit::Nanosecond)
                }
            };
            match zone {
                Some(_) => HostValues::Timestamp(Cow::Borrowed(values), unit),
                None => HostValues::Local(Cow::Borrowed(values), unit),
            }
        }
        DataType::Dictionary(..) => dictionary(array),
        other => HostValues::Other(array.len(), format!("a value of Arrow's type {other}")),
    }
}

/// Texts by their codes; any other dictionary has no meaning here.
fn dictionary(array: &ArrayRef) -> HostValues<'_> {
    let dictionary = array.as_any_dictionary();
    let texts: Option<Vec<Cow<'_, str>>> = match dictionary.values().data_type() {
        DataType::Utf8 => Some(dictionary.values().as_string::<i32>().iter().map(text).collect()),
        DataType::LargeUtf8 => Some(dictionary.values().as_string::<i64>().iter().map(text).collect()),
        DataType::Utf8View => Some(dictionary.values().as_string_view().iter().map(text).collect()),
        _ => None,
    };
    match texts {
        // a code of a NULL row may be anything, and a batch has fewer texts than there are codes
        Some(texts) => {
            let codes: Vec<u32> = dictionary.normalized_keys().into_iter().map(|code| code as u32).collect();
            HostValues::Text(codes.into(), texts.into())
        }
        None => HostValues::Other(array.len(), "a value of a dictionary that has no texts".to_owned()),
    }
}

fn text(text: Option<&str>) -> Cow<'_, str> {
    Cow::Borrowed(text.unwrap_or_default())
}

fn validity(array: &ArrayRef) -> Option<Cow<'_, [bool]>> {
    // logical: a row is NULL, too, whose code stands for a NULL in the dictionary
    let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
    Some(nulls.iter().collect())
}

/// Which columns of a file are which declared ones.
///
/// **Errors** `ingest.column` for a declared one that the file lacks.
pub fn planned(file: &str, names: &[String], columns: &[(String, String, bool)]) -> Result<Vec<(String, String)>> {
    let mut problems = Vec::new();
    let mut planned = Vec::new();
    for (name, from, is_optional) in columns {
        if names.contains(from) {
            planned.push((name.clone(), from.clone()));
        } else if !is_optional {
            let words = format!("{file} has no column \"{from}\", it has {}", names.join(", "));
            problems.push(Error::new(Code::IngestColumn, words).within(name).within("column"));
        }
    }
    Error::from_all(problems).map_or(Ok(planned), Err)
}
