//! One value, and the types a value can have.

use crate::math::Float64;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The type of a column, key or scalar expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A signed 64-bit integer.
    Int64,
    /// An IEEE 754 double, held as bits.
    Float64,
    /// Microseconds since 1970-01-01 00:00 UTC.
    Timestamp,
    /// UTF-8 text, compared as bytes.
    String,
}

impl Type {
    /// The name a spec uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int64 => "int64",
            Type::Float64 => "float64",
            Type::Timestamp => "timestamp",
            Type::String => "string",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The type of a metric: a scalar, or one of the two shapes only results have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputType {
    /// One value.
    Scalar(Type),
    /// A list of values, as `topn` and `exemplar` with k > 1 return.
    List(Type),
    /// Values with how often each occurs, as `value_counts` returns; most frequent first.
    Counts(Type),
}

impl fmt::Display for OutputType {
    /// As error messages say it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputType::Scalar(data_type) => data_type.fmt(f),
            OutputType::List(data_type) => write!(f, "a list of {data_type}"),
            OutputType::Counts(data_type) => write!(f, "counts of {data_type}"),
        }
    }
}

/// One value of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL, of every type.
    Null,
    /// A [`Type::Bool`].
    Bool(bool),
    /// A [`Type::Int64`].
    Int64(i64),
    /// A [`Type::Float64`]; never NaN's other spellings, never −0.0.
    Float64(Float64),
    /// A [`Type::Timestamp`].
    Timestamp(i64),
    /// A [`Type::String`].
    String(String),
    /// An [`OutputType::List`].
    List(Vec<Value>),
    /// An [`OutputType::Counts`].
    Counts(Vec<(Value, u64)>),
}

impl Value {
    /// Whether this is NULL.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

/// The unit of bare numbers in a timestamp column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// `timestamp[s]`
    Second,
    /// `timestamp[ms]`
    Millisecond,
    /// `timestamp[us]`
    Microsecond,
    /// `timestamp[ns]`
    Nanosecond,
}

/// The type a column is declared with: a [`Type`], and for timestamps the unit of bare numbers, if they are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnType {
    /// What the kernel sees.
    pub data_type: Type,
    /// The unit of bare numbers; `None` when the column takes native dates and ISO 8601 text only.
    pub unit: Option<TimeUnit>,
}

impl ColumnType {
    const NAMES: [(&'static str, ColumnType); 9] = [
        ("bool", ColumnType { data_type: Type::Bool, unit: None }),
        ("int64", ColumnType { data_type: Type::Int64, unit: None }),
        ("float64", ColumnType { data_type: Type::Float64, unit: None }),
        ("string", ColumnType { data_type: Type::String, unit: None }),
        ("timestamp", ColumnType { data_type: Type::Timestamp, unit: None }),
        ("timestamp[s]", ColumnType { data_type: Type::Timestamp, unit: Some(TimeUnit::Second) }),
        ("timestamp[ms]", ColumnType { data_type: Type::Timestamp, unit: Some(TimeUnit::Millisecond) }),
        ("timestamp[us]", ColumnType { data_type: Type::Timestamp, unit: Some(TimeUnit::Microsecond) }),
        ("timestamp[ns]", ColumnType { data_type: Type::Timestamp, unit: Some(TimeUnit::Nanosecond) }),
    ];

    /// The type a spec calls `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, t)| *t)
    }

    /// The name a spec uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, t)| *t == self).map_or("", |(n, _)| n)
    }
}
