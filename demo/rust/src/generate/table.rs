//! Requests as an Arrow file of record batches: texts as codes into one dictionary, absent values as nulls.

use super::model::{MODELS, PROVIDERS};
use super::request::Request;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use std::io::Write;
use std::sync::Arc;

const BATCH_ROWS: usize = 65_536;

/// Collects requests into record batches and writes them.
pub struct TableWriter<W: Write> {
    writer: FileWriter<W>,
    requests: Vec<Request>,
    providers: ArrayRef,
    models: ArrayRef,
    users: ArrayRef,
}

impl<W: Write> TableWriter<W> {
    /// A file with the schema and no rows yet.
    ///
    /// **Errors** a file that cannot be written.
    pub fn new(file: W) -> Result<Self, ArrowError> {
        Ok(Self {
            writer: FileWriter::try_new(file, &schema())?,
            requests: Vec::with_capacity(BATCH_ROWS),
            providers: Arc::new(StringArray::from_iter_values(PROVIDERS)),
            models: Arc::new(StringArray::from_iter_values(MODELS.iter().map(|model| model.name))),
            users: Arc::new(StringArray::from_iter_values((0..20_000).map(|user| format!("u{user:05}")))),
        })
    }

    /// Adds a row.
    ///
    /// **Errors** a file that cannot be written.
    pub fn push(&mut self, request: &Request) -> Result<(), ArrowError> {
        self.requests.push(request.clone());
        if self.requests.len() == BATCH_ROWS {
            self.write_batch()?;
        }
        Ok(())
    }

    /// Writes what is left, and the footer.
    ///
    /// **Errors** a file that cannot be written.
    pub fn finish(mut self) -> Result<(), ArrowError> {
        self.write_batch()?;
        self.writer.finish()
    }

    fn write_batch(&mut self) -> Result<(), ArrowError> {
        let rows = &self.requests;
        let model = |row: &Request| row.model;
        let provider = |row: &Request| row.model.map(|index| MODELS[index].provider);
        let user = |row: &Request| row.user.map(|user| user as usize);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.ts_us)).with_timezone("UTC"),
            ),
            texts(rows.iter().map(provider), &self.providers)?,
            texts(rows.iter().map(model), &self.models)?,
            texts(rows.iter().map(user), &self.users)?,
            Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.duration_ms))),
            Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.cost_usd))),
            Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.input_tokens))),
            Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.output_tokens))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.status_code))),
            Arc::new(rows.iter().map(|row| Some(row.is_success())).collect::<BooleanArray>()),
        ];
        self.writer.write(&RecordBatch::try_new(schema(), columns)?)?;
        self.requests.clear();
        Ok(())
    }
}

fn texts(codes: impl Iterator<Item = Option<usize>>, dictionary: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let codes: Int32Array = codes.map(|code| code.map(|code| code as i32)).collect();
    Ok(Arc::new(DictionaryArray::try_new(codes, Arc::clone(dictionary))?))
}

fn schema() -> SchemaRef {
    let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Arc::new(Schema::new(vec![
        Field::new("ts", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false),
        Field::new("provider", text.clone(), true),
        Field::new("model", text.clone(), true),
        Field::new("user_id", text, true),
        Field::new("duration_ms", DataType::Float64, true),
        Field::new("cost_usd", DataType::Float64, true),
        Field::new("input_tokens", DataType::Int64, true),
        Field::new("output_tokens", DataType::Int64, true),
        Field::new("status_code", DataType::Int64, false),
        Field::new("success", DataType::Boolean, false),
    ]))
}
