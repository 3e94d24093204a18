//! One value of a statement: a parameter, or a cell of what it returns.

use isofold::math::fixed::{self, Decimal, Units};
use isofold::math::Float64;
use isofold::sql::Dialect;
use isofold::time::{format_timestamp, parse_timestamp};
use isofold::{Code, Error, Result, Type, Value};
use isofold_facade::frame::value_json;

/// A value as drivers have it.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int64(i64),
    /// A double.
    Float64(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for SqlValue {
    fn from(value: i64) -> Self {
        Self::Int64(value)
    }
}

impl SqlValue {
    /// A key or metric as a parameter.
    pub(super) fn of(value: &Value, dialect: Dialect) -> Self {
        match (value, dialect) {
            (Value::Null, _) => Self::Null,
            (Value::Bool(value), Dialect::Postgres) => Self::Bool(*value),
            (Value::Bool(value), Dialect::Sqlite) => Self::Int64((*value).into()),
            (Value::Int64(value), _) => Self::Int64(*value),
            (Value::Float64(value), _) => Self::Float64(f64::from_bits(value.to_bits())),
            (Value::Timestamp(us), _) => Self::Text(format_timestamp(*us)),
            (Value::String(text), _) => Self::Text(text.clone()),
            (Value::Decimal(units, scale), _) => Self::Text(fixed::write(*units, *scale)),
            (Value::List(_) | Value::Counts(_), _) => Self::Text(value_json(value).to_string()),
        }
    }

    /// A key of a stored row.
    ///
    /// **Errors** `store.value`.
    pub(super) fn key(&self, data_type: Type) -> Result<Value> {
        Ok(match (self, data_type) {
            (Self::Null, _) => Value::Null,
            (Self::Bool(value), Type::Bool) => Value::Bool(*value),
            (Self::Int64(value @ (0 | 1)), Type::Bool) => Value::Bool(*value == 1),
            (Self::Int64(value), Type::Int64) => Value::Int64(*value),
            (Self::Int64(us), Type::Timestamp) => Value::Timestamp(*us),
            (Self::Text(text), Type::Timestamp) => Value::Timestamp(self.micros_of(text)?),
            (Self::Float64(value), Type::Float64) => Value::Float64(Float64::from_bits(value.to_bits())),
            (Self::Int64(value), Type::Float64) => Value::Float64(Float64::from_i64(*value)),
            (Self::Text(text), Type::String) => Value::String(text.clone()),
            (Self::Text(text), Type::Decimal(scale)) => {
                let units = Decimal::read(text).and_then(|decimal| decimal.at_scale(scale)).and_then(Units::of_rows);
                let units = units.ok_or_else(|| self.misfit(data_type.name()))?;
                Value::Decimal(units.into(), scale)
            }
            _ => return Err(self.misfit(data_type.name())),
        })
    }

    /// A time: µs, or the text of one.
    ///
    /// **Errors** `store.value`.
    pub(super) fn time(&self) -> Result<i64> {
        match self {
            Self::Int64(us) => Ok(*us),
            Self::Text(text) => self.micros_of(text),
            _ => Err(self.misfit("a time")),
        }
    }

    fn micros_of(&self, text: &str) -> Result<i64> {
        parse_timestamp(text).map_err(|error| Error::new(Code::StoreValue, error.message()))
    }

    /// An integer, where there is one.
    ///
    /// **Errors** `store.value`.
    pub(super) fn integer(&self) -> Result<Option<i64>> {
        match self {
            Self::Null => Ok(None),
            Self::Int64(value) => Ok(Some(*value)),
            _ => Err(self.misfit("an integer")),
        }
    }

    /// A text, where there is one.
    ///
    /// **Errors** `store.value`.
    pub(super) fn text(&self) -> Result<Option<&str>> {
        match self {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            _ => Err(self.misfit("a text")),
        }
    }

    fn misfit(&self, wanted: &str) -> Error {
        let got = match self {
            Self::Null => "NULL",
            Self::Bool(_) => "a boolean",
            Self::Int64(_) => "an integer",
            Self::Float64(_) => "a double",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
        };
        Error::new(Code::StoreValue, format!("the database returned {got} where {wanted} is stored"))
    }
}
