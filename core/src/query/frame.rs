//! The result of a query: named columns of one length.

use super::source::Decimals;
use crate::column::{Column, Values};
use crate::error::Code;
use crate::math::fixed;
use crate::secret::Secret;
use crate::value::{OutputType, Type, Value};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use hashbrown::HashTable;

/// A column of a result.
#[derive(Clone, Debug)]
pub struct FrameColumn {
    name: String,
    output_type: OutputType,
    values: Vec<Value>,
}

impl FrameColumn {
    pub(crate) fn new(name: String, output_type: OutputType, values: Vec<Value>) -> Self {
        Self { name, output_type, values }
    }

    /// The same column with its decimals as they were asked for.
    pub(crate) fn with(self, decimals: Decimals) -> Self {
        let to = |data_type| if let Type::Decimal(_) = data_type { Type::String } else { data_type };
        let output_type = match self.output_type {
            OutputType::Scalar(data_type) => OutputType::Scalar(to(data_type)),
            OutputType::List(data_type) => OutputType::List(to(data_type)),
            OutputType::Counts(data_type) => OutputType::Counts(to(data_type)),
        };
        if decimals == Decimals::Exact || output_type == self.output_type {
            return self;
        }
        Self { output_type, values: self.values.into_iter().map(text_of).collect(), ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of the values.
    #[must_use]
    pub fn output_type(&self) -> OutputType {
        self.output_type
    }

    /// The values, NULL where there is none.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The values as a typed column; `None` for lists and counts, and for decimals of which one is past int64 in its
    /// units, as a column of rows holds none.
    #[must_use]
    pub fn to_column(&self) -> Option<Column<'static>> {
        let OutputType::Scalar(data_type) = self.output_type else { return None };
        let values = match data_type {
            Type::Bool => Values::Bool(self.collect(|v| if let Value::Bool(v) = v { Some(*v) } else { None })),
            Type::Int64 => Values::Int64(self.collect(|v| if let Value::Int64(v) = v { Some(*v) } else { None })),
            Type::Decimal(scale) => {
                let units = |value: &Value| i64::try_from(value.whole().unwrap_or(0)).ok();
                Values::Decimal(Cow::Owned(self.values.iter().map(units).collect::<Option<_>>()?), scale)
            }
            Type::Timestamp => {
                Values::Timestamp(self.collect(|v| if let Value::Timestamp(v) = v { Some(*v) } else { None }))
            }
            Type::Float64 => {
                Values::Float64(self.collect(|v| if let Value::Float64(v) = v { Some(v.to_bits()) } else { None }))
            }
            Type::String => self.texts(),
        };
        let has_null = self.values.iter().any(Value::is_null);
        let validity = has_null.then(|| self.values.iter().map(|value| !value.is_null()).collect::<Vec<_>>());
        Some(Column { values, validity: validity.map(Cow::Owned) })
    }

    fn collect<T: Default + Clone>(&self, get: impl Fn(&Value) -> Option<T>) -> Cow<'static, [T]> {
        Cow::Owned(self.values.iter().map(|value| get(value).unwrap_or_default()).collect())
    }

    fn texts(&self) -> Values<'static> {
        let mut texts: Vec<Cow<'static, str>> = Vec::new();
        let mut index: HashTable<u32> = HashTable::new();
        let secret = Secret::of_process();
        let mut codes = Vec::with_capacity(self.values.len());
        for value in &self.values {
            let Value::String(text) = value else {
                codes.push(0);
                continue;
            };
            let hash = secret.text(text);
            let known = index.find(hash, |&code| texts[code as usize] == *text).copied();
            codes.push(known.unwrap_or_else(|| {
                // cannot truncate: at most MAX_RESULT_ROWS texts
                let code = texts.len() as u32;
                texts.push(Cow::Owned(text.clone()));
                index.insert_unique(hash, code, |&code| secret.text(&texts[code as usize]));
                code
            }));
        }
        Values::String(Cow::Owned(codes), texts.into())
    }
}

/// A value with texts for the decimals in it.
fn text_of(value: Value) -> Value {
    match value {
        Value::Decimal(units, scale) => Value::String(fixed::write(units, scale)),
        Value::List(items) => Value::List(items.into_iter().map(text_of).collect()),
        Value::Counts(counts) => {
            Value::Counts(counts.into_iter().map(|(value, count)| (text_of(value), count)).collect())
        }
        other => other,
    }
}

/// A cell of a result that is NULL because the type of its metric has no such value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Why: `query.overflow` for a sum past int64, or the code of what the expression raised.
    pub code: Code,
    /// Why, for people.
    pub message: String,
    /// The metric.
    pub metric: String,
    /// The start of the bucket in µs, where the result has one.
    pub bucket: Option<i64>,
    /// The keys of the group: names and values.
    pub key: Vec<(String, Value)>,
}

impl Warning {
    /// The same with the decimals of its key as they were asked for.
    pub(crate) fn with(mut self, decimals: Decimals) -> Self {
        if decimals == Decimals::Text {
            self.key.iter_mut().for_each(|(_, value)| *value = text_of(core::mem::replace(value, Value::Null)));
        }
        self
    }
}

/// A result: columns of one length.
#[derive(Clone, Debug)]
pub struct Frame {
    rows: usize,
    total: usize,
    columns: Vec<FrameColumn>,
    warnings: Vec<Warning>,
    more_warnings: u64,
}

impl Frame {
    pub(crate) fn new(
        (rows, total): (usize, usize),
        columns: Vec<FrameColumn>,
        (warnings, more_warnings): (Vec<Warning>, u64),
    ) -> Self {
        Self { rows, total, columns, warnings, more_warnings }
    }

    /// The same with the warnings of the answer that it is made of.
    pub(crate) fn after(self, first: Frame) -> Self {
        let mut warnings = first.warnings;
        warnings.extend(self.warnings);
        Self { warnings, more_warnings: first.more_warnings + self.more_warnings, ..self }
    }

    /// Number of rows that there would be without a limit and an offset.
    #[must_use]
    pub fn total_rows(&self) -> usize {
        self.total
    }

    /// The first cells that are NULL because their value does not fit its type, by bucket and key, then metric; those of
    /// rows that `having` or `limit` left out too, as neither could see the value.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// How many there are besides.
    #[must_use]
    pub fn more_warnings(&self) -> u64 {
        self.more_warnings
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns: the bucket, the keys, the metrics.
    #[must_use]
    pub fn columns(&self) -> &[FrameColumn] {
        &self.columns
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&FrameColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
