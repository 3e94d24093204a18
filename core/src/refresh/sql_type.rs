//! The types of columns that a catalog may name.

use super::shape::ColumnKind;
use crate::value::{OutputType, Type};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A type of a column in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlType {
    /// Any text.
    Text,
    /// A text of at most so many characters.
    Varchar(u32),
    /// Exact numbers; with how many digits, of which how many behind the point, where it is said.
    Numeric(Option<(u16, u16)>),
    /// 16 bits.
    SmallInt,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInt,
    /// A float of 32 bits.
    Real,
    /// A float of 64 bits.
    Double,
    /// Truth.
    Boolean,
    /// A day.
    Date,
    /// A time of UTC that says no zone.
    Timestamp,
    /// A time.
    TimestampTz,
    /// JSON.
    Jsonb,
}

/// PostgreSQL's own bounds.
const MAX_CHARS: u32 = 10_485_760;
const MAX_DIGITS: u16 = 1000;

impl SqlType {
    /// The types, for messages.
    pub(super) const KNOWN: &'static str =
        "text, varchar(n), numeric, numeric(p, s), smallint, integer, bigint, real, \
         double precision, boolean, date, timestamp, timestamptz or jsonb";

    /// The type of a name, as a catalog or PostgreSQL tells it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (word, arguments) = match text.split_once('(') {
            Some((word, rest)) => (word.trim(), rest.trim_end().strip_suffix(')')?.split(',').map(str::trim).collect()),
            None => (text.as_str(), Vec::new()),
        };
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|c| c.is_ascii_digit()));
        match (word, arguments.as_slice()) {
            ("text", []) => Some(Self::Text),
            ("varchar" | "character varying", [length]) => {
                number(length).filter(|length| (1..=MAX_CHARS).contains(length)).map(Self::Varchar)
            }
            ("numeric" | "decimal", []) => Some(Self::Numeric(None)),
            ("numeric" | "decimal", [digits, rest @ ..]) if rest.len() < 2 => {
                let digits = u16::try_from(number(digits)?).ok().filter(|digits| (1..=MAX_DIGITS).contains(digits))?;
                let scale = rest.first().map_or(Some(0), |scale| u16::try_from(number(scale)?).ok())?;
                (scale <= digits).then_some(Self::Numeric(Some((digits, scale))))
            }
            ("smallint", []) => Some(Self::SmallInt),
            ("integer" | "int", []) => Some(Self::Integer),
            ("bigint", []) => Some(Self::BigInt),
            ("real", []) => Some(Self::Real),
            ("double precision", []) => Some(Self::Double),
            ("boolean" | "bool", []) => Some(Self::Boolean),
            ("date", []) => Some(Self::Date),
            ("timestamp" | "timestamp without time zone", []) => Some(Self::Timestamp),
            ("timestamptz" | "timestamp with time zone", []) => Some(Self::TimestampTz),
            ("jsonb", []) => Some(Self::Jsonb),
            _ => None,
        }
    }

    /// Whether a column of this type takes the values of a key or metric. Keys come back as they were written; metrics
    /// are for people, and may lose digits.
    #[must_use]
    pub fn holds(self, output: OutputType, kind: ColumnKind) -> bool {
        let is_metric = kind == ColumnKind::Metric;
        let OutputType::Scalar(data_type) = output else { return self == Self::Jsonb };
        match data_type {
            Type::String => matches!(self, Self::Text | Self::Varchar(_)),
            Type::Bool => self == Self::Boolean,
            Type::Int64 => match self {
                Self::SmallInt | Self::Integer | Self::BigInt => true,
                Self::Numeric(_) | Self::Double => is_metric,
                _ => false,
            },
            Type::Float64 => match self {
                Self::Double => true,
                Self::Numeric(_) | Self::Real | Self::Integer | Self::BigInt | Self::SmallInt => is_metric,
                _ => false,
            },
            Type::Decimal(digits) => match self {
                Self::Numeric(None) => true,
                Self::Numeric(Some((_, scale))) => is_metric || scale == u16::from(digits),
                Self::Double => is_metric,
                _ => false,
            },
            Type::Timestamp => match self {
                Self::TimestampTz => true,
                Self::Timestamp | Self::Date => is_metric,
                _ => false,
            },
        }
    }

    /// The name in PostgreSQL.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Varchar(length) => format!("varchar({length})"),
            Self::Numeric(None) => "numeric".into(),
            Self::Numeric(Some((digits, scale))) => format!("numeric({digits},{scale})"),
            Self::SmallInt => "smallint".into(),
            Self::Integer => "integer".into(),
            Self::BigInt => "bigint".into(),
            Self::Real => "real".into(),
            Self::Double => "double precision".into(),
            Self::Boolean => "boolean".into(),
            Self::Date => "date".into(),
            Self::Timestamp => "timestamp".into(),
            Self::TimestampTz => "timestamptz".into(),
            Self::Jsonb => "jsonb".into(),
        }
    }

    /// The name as PostgreSQL tells it.
    #[must_use]
    pub fn told(self) -> String {
        match self {
            Self::Varchar(length) => format!("character varying({length})"),
            Self::Timestamp => "timestamp without time zone".to_string(),
            Self::TimestampTz => "timestamp with time zone".to_string(),
            other => other.name(),
        }
    }
}
