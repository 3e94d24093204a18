//! One value, and the types a value can have.

use crate::limits::MAX_DECIMAL_SCALE;
use crate::math::fixed::Decimal;
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
    /// An exact number with so many digits behind the point, at most [`MAX_DECIMAL_SCALE`]: units of 10^−scale, an
    /// int64 in rows and keys, and 38 digits in metrics.
    Decimal(u8),
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
            Type::Decimal(scale) => DECIMAL_NAMES[scale as usize],
        }
    }

    /// The number of the type in encoded rollups, which is also the seed of its hashes and its place among types.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Type::Bool => 1,
            Type::Int64 => 2,
            Type::Float64 => 3,
            Type::Timestamp => 4,
            Type::String => 5,
            Type::Decimal(_) => 6,
        }
    }

    /// Whether values are numbers, which can be added.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Type::Int64 | Type::Float64 | Type::Decimal(_))
    }

    /// The decimal type with so many digits behind the point.
    ///
    /// **Errors** `None` past [`MAX_DECIMAL_SCALE`].
    #[must_use]
    pub fn decimal(scale: i64) -> Option<Self> {
        u8::try_from(scale).ok().filter(|&scale| scale <= MAX_DECIMAL_SCALE).map(Type::Decimal)
    }
}

/// The names of decimal types by their scale.
const DECIMAL_NAMES: [&str; MAX_DECIMAL_SCALE as usize + 1] = [
    "decimal(0)",
    "decimal(1)",
    "decimal(2)",
    "decimal(3)",
    "decimal(4)",
    "decimal(5)",
    "decimal(6)",
    "decimal(7)",
    "decimal(8)",
    "decimal(9)",
    "decimal(10)",
    "decimal(11)",
    "decimal(12)",
    "decimal(13)",
    "decimal(14)",
    "decimal(15)",
    "decimal(16)",
    "decimal(17)",
    "decimal(18)",
];

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
    /// A [`Type::Decimal`]: units, and digits behind the point. Keys and values of rows are int64 units; sums and what
    /// metrics make of them have up to [`MAX_DECIMAL_DIGITS`](crate::limits::MAX_DECIMAL_DIGITS) digits.
    Decimal(i128, u8),
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

    /// A constant number, or its text, as the very decimal of a scale; `None` where there is none.
    pub(crate) fn to_decimal(&self, scale: u8) -> Option<Value> {
        let decimal = match self {
            Value::Int64(value) => Decimal::new((*value).into(), 0),
            Value::Float64(value) => Decimal::from_float(*value)?,
            Value::Decimal(units, scale) => Decimal::new(*units, (*scale).into()),
            Value::String(text) => Decimal::read(text)?,
            _ => return None,
        };
        decimal.at_scale(scale).filter(|found| found.exact).map(|found| Value::Decimal(found.units, scale))
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
        let decimal = || DECIMAL_NAMES.iter().position(|n| *n == name).and_then(|scale| Type::decimal(scale as i64));
        let named = Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, t)| *t);
        named.or_else(|| decimal().map(|data_type| ColumnType { data_type, unit: None }))
    }

    /// The name a spec uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, t)| *t == self).map_or(self.data_type.name(), |(n, _)| n)
    }
}
