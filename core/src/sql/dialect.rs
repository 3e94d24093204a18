//! How two databases spell the same thing.

use crate::time::{format_timestamp, SECOND_US};
use crate::value::{OutputType, Type};
use alloc::format;
use alloc::string::String;

/// A database's SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL 12 or newer, PGlite.
    Postgres,
    /// SQLite 3.35 or newer.
    Sqlite,
}

impl Dialect {
    /// The dialect of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "postgres" => Some(Self::Postgres),
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// The column type for values of a type.
    pub(super) fn column_type(self, output_type: OutputType) -> &'static str {
        match (self, output_type) {
            (Self::Postgres, OutputType::Scalar(Type::Bool)) => "boolean",
            (Self::Postgres, OutputType::Scalar(Type::Int64)) => "bigint",
            (Self::Postgres, OutputType::Scalar(Type::Float64)) => "double precision",
            (Self::Postgres, OutputType::Scalar(Type::Timestamp)) => "timestamptz",
            (Self::Postgres, OutputType::Scalar(Type::Decimal(_))) => "numeric",
            (Self::Postgres, OutputType::List(_) | OutputType::Counts(_)) => "jsonb",
            (Self::Sqlite, OutputType::Scalar(Type::Bool | Type::Int64)) => "INTEGER",
            (Self::Sqlite, OutputType::Scalar(Type::Float64)) => "REAL",
            (Self::Postgres, OutputType::Scalar(Type::String)) => "text",
            (Self::Sqlite, _) => "TEXT",
        }
    }

    /// The time of the database as a table has it.
    pub(super) fn time_now(self) -> &'static str {
        match self {
            Self::Postgres => "clock_timestamp()",
            Self::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        }
    }

    /// The column type of bytes.
    pub(super) fn bytes(self) -> &'static str {
        match self {
            Self::Postgres => "bytea",
            Self::Sqlite => "BLOB",
        }
    }

    /// The column type of integers.
    pub(super) fn integer(self) -> &'static str {
        match self {
            Self::Postgres => "bigint",
            Self::Sqlite => "INTEGER",
        }
    }

    /// Parameter `number`, from 1, as a value of a type. Times are handed over as texts.
    pub(super) fn parameter(self, number: usize, column_type: &str) -> String {
        match self {
            Self::Postgres => format!("${number}::{column_type}"),
            Self::Sqlite => format!("?{number}"),
        }
    }

    /// The columns that a table has: name, type; nothing where there is no table.
    pub(super) fn columns_of(self, schema: Option<&str>, table: &str) -> String {
        match (self, schema) {
            (Self::Postgres, _) => format!(
                "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute \
                 WHERE attrelid = to_regclass({}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                self.literal(&qualified(schema, table))
            ),
            (Self::Sqlite, Some(schema)) => {
                format!("SELECT name, type FROM pragma_table_info({}, {})", self.literal(table), self.literal(schema))
            }
            (Self::Sqlite, None) => format!("SELECT name, type FROM pragma_table_info({})", self.literal(table)),
        }
    }

    /// The names of the indexes that a table has.
    pub(super) fn indexes_of(self, schema: Option<&str>, table: &str) -> String {
        match (self, schema) {
            (Self::Postgres, _) => format!(
                "SELECT c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid \
                 WHERE i.indrelid = to_regclass({}) AND i.indisvalid",
                self.literal(&qualified(schema, table))
            ),
            (Self::Sqlite, Some(schema)) => {
                format!("SELECT name FROM pragma_index_list({}, {})", self.literal(table), self.literal(schema))
            }
            (Self::Sqlite, None) => format!("SELECT name FROM pragma_index_list({})", self.literal(table)),
        }
    }

    /// A column type as [`Dialect::columns_of`] tells it.
    pub(super) fn told_type(self, output_type: OutputType) -> &'static str {
        match self.column_type(output_type) {
            "timestamptz" => "timestamp with time zone",
            told => told,
        }
    }

    /// A text in single quotes, whatever is in it.
    pub(super) fn literal(self, text: &str) -> String {
        let doubled = text.replace('\'', "''");
        if self == Self::Postgres && doubled.contains('\\') {
            // so that the setting standard_conforming_strings does not matter
            return format!("E'{}'", doubled.replace('\\', "\\\\"));
        }
        format!("'{doubled}'")
    }

    /// A column of a stored table as the kernel takes it: times in µs and decimals as texts where the database has such.
    pub(super) fn stored(self, column: &str, data_type: Type) -> String {
        let quoted = quoted(column);
        match (self, data_type) {
            (Self::Postgres, Type::Timestamp) => micros(&quoted),
            (Self::Postgres, Type::Decimal(_)) => format!("{quoted}::text"),
            _ => quoted,
        }
    }
}

/// An expression of a time in PostgreSQL as whole µs since the epoch.
pub(super) fn micros(expression: &str) -> String {
    format!("(extract(epoch FROM {expression}) * 1000000)::bigint")
}

/// A name in double quotes, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name with its schema.
pub(super) fn qualified(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    }
}

/// A time as PostgreSQL reads it: it knows no year 0, and no sign.
pub(super) fn era_text(text: &str) -> String {
    let year_of = |text: &str| text.find("-").and_then(|at| text[..at].parse::<i32>().ok().map(|year| (year, at)));
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |unsigned| (-1, unsigned));
    match year_of(unsigned).map(|(year, at)| (sign * year, at)) {
        Some((year, at)) if year <= 0 => format!("{:04}{} BC", 1 - year, &unsigned[at..]),
        _ => text.into(),
    }
}

/// A time as SQLite's tables have it: ISO 8601 with all six digits of a fraction, or none where `whole_seconds`.
pub(super) fn time_text(us: i64, whole_seconds: bool) -> String {
    let text = format_timestamp(us - us.rem_euclid(SECOND_US));
    if whole_seconds {
        return text;
    }
    let seconds = text.strip_suffix('Z').unwrap_or(&text);
    format!("{seconds}.{:06}Z", us.rem_euclid(SECOND_US))
}
