//! A query's result as hosts take it: names, types, and columns of plain values.

use crate::json::Json;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::column::Column;
use isofold::math::fixed;
use isofold::query::Warning;
use isofold::value::OutputType;
use isofold::{Type, Value};

/// The column in which a row has the states of its group.
#[cfg(feature = "rows")]
pub const STATE: &str = "state";

/// Columns of one length.
#[derive(Clone, Debug)]
pub struct Frame {
    kernel: isofold::query::Frame,
    #[cfg(feature = "rows")]
    states: Option<Vec<Vec<u8>>>,
}

impl Frame {
    /// A result of the kernel.
    #[must_use]
    pub fn new(kernel: isofold::query::Frame) -> Self {
        Self {
            kernel,
            #[cfg(feature = "rows")]
            states: None,
        }
    }

    #[cfg(feature = "rows")]
    pub(crate) fn with_states(self, states: Vec<Vec<u8>>) -> Self {
        Self { states: Some(states), ..self }
    }

    /// The states of every row, where they were asked for.
    #[cfg(feature = "rows")]
    #[must_use]
    pub fn states(&self) -> Option<&[Vec<u8>]> {
        self.states.as_deref()
    }

    /// The kernel's own result.
    #[must_use]
    pub fn into_kernel(self) -> isofold::query::Frame {
        self.kernel
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kernel.len()
    }

    /// Number of rows that there would be without a limit and an offset.
    #[must_use]
    pub fn total_rows(&self) -> usize {
        self.kernel.total_rows()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kernel.is_empty()
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.kernel.columns().len()
    }

    /// Name and type of every column: the bucket, the keys, the metrics.
    pub fn columns(&self) -> impl Iterator<Item = (&str, OutputType)> {
        self.kernel.columns().iter().map(|column| (column.name(), column.output_type()))
    }

    /// `[{"name": …, "type": …}]`; types are those of a spec, `list<…>` and `counts<…>`.
    #[must_use]
    pub fn columns_json(&self) -> Json {
        let column = |(name, output_type)| {
            Json::object([("name", Json::from(name)), ("type", Json::Text(type_name(output_type)))])
        };
        Json::Array(self.columns().map(column).collect())
    }

    /// `[{"code", "message", "metric", "bucket", "key"}]`: the cells that are NULL because their value does not fit the
    /// type of their metric. Where more are so than are listed, a last entry has their number, `more`.
    #[must_use]
    pub fn warnings_json(&self) -> Json {
        let told = |warning: &Warning| {
            let key = warning.key.iter().map(|(name, value)| (name.as_str(), value_json(value)));
            Json::object([
                ("code", warning.code.as_str().into()),
                ("message", warning.message.as_str().into()),
                ("metric", warning.metric.as_str().into()),
                ("bucket", warning.bucket.map(|us| Json::Text(isofold::time::format_timestamp(us))).into()),
                ("key", Json::object(key)),
            ])
        };
        let warnings = self.kernel.warnings();
        let mut all: Vec<Json> = warnings.iter().map(told).collect();
        if let (more @ 1.., Some(last)) = (self.kernel.more_warnings(), warnings.last()) {
            all.push(Json::object([
                ("code", last.code.as_str().into()),
                ("message", Json::Text(format!("so are {more} more cells"))),
                ("metric", Json::Null),
                ("bucket", Json::Null),
                ("key", Json::Object(Vec::new())),
                ("more", more.into()),
            ]));
        }
        Json::Array(all)
    }

    /// The index of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.kernel.columns().iter().position(|column| column.name() == name)
    }

    /// The values of a column, NULL where there is none; empty when there is no such column.
    #[must_use]
    pub fn values(&self, column: usize) -> &[Value] {
        self.kernel.columns().get(column).map_or(&[], |column| column.values())
    }

    /// A column of scalars with its validity; `None` for lists and counts, or when there is no such column.
    #[must_use]
    pub fn column(&self, column: usize) -> Option<Column<'static>> {
        self.kernel.columns().get(column)?.to_column()
    }

    /// The values of a column as JSON: what a host without a better type for lists and counts takes.
    ///
    /// Counts are objects `{"value": …, "count": …}`, the most frequent first; ±∞ are the texts `Infinity` and
    /// `-Infinity`, decimals the nearest double, times are ISO 8601.
    #[must_use]
    pub fn column_json(&self, column: usize) -> Json {
        Json::Array(self.values(column).iter().map(value_json).collect())
    }
}

/// What a result calls a type.
#[must_use]
pub fn type_name(output_type: OutputType) -> String {
    match output_type {
        OutputType::Scalar(data_type) => data_type.name().to_owned(),
        OutputType::List(data_type) => format!("list<{data_type}>"),
        OutputType::Counts(data_type) => format!("counts<{data_type}>"),
    }
}

/// A value in JSON; infinities are texts.
#[must_use]
pub fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int64(value) => Json::Int64(*value),
        Value::Float64(value) => match f64::from_bits(value.to_bits()) {
            f64::INFINITY => Json::from("Infinity"),
            f64::NEG_INFINITY => Json::from("-Infinity"),
            number => Json::Number(number),
        },
        Value::Decimal(units, scale) => Json::Number(f64::from_bits(fixed::to_float(*units, *scale).to_bits())),
        Value::Timestamp(us) => Json::Text(isofold::time::format_timestamp(*us)),
        Value::String(text) => Json::from(text.as_str()),
        Value::List(items) => Json::Array(items.iter().map(value_json).collect()),
        Value::Counts(counts) => Json::Array(counts.iter().map(count_json).collect()),
    }
}

fn count_json((value, count): &(Value, u64)) -> Json {
    Json::object([("value", value_json(value)), ("count", Json::from(*count))])
}

/// The type inside lists and counts, or the type itself.
#[must_use]
pub fn scalar_type(output_type: OutputType) -> Type {
    match output_type {
        OutputType::Scalar(data_type) | OutputType::List(data_type) | OutputType::Counts(data_type) => data_type,
    }
}
