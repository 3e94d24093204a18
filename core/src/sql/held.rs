//! What a table holds, and what a column of it is in a condition.
//!
//! The one idea: a condition speaks of the values as the kernel reads them, so each column comes with the expression of
//! that value, and with the condition under which it is none: a row of which that is true is read, whatever else it holds.
//! A column of a type of which that cannot be said has no place in a condition.

use super::dialect::{qualified, quoted, Dialect};
use super::printer::{condition, Condition};
use crate::expr::Expr;
use crate::limits::{MAX_TIME_US, MIN_TIME_US};
use crate::value::{ColumnType, TimeUnit, Type};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The largest integer up to which every one is a double.
const SAFE_INTEGER: i64 = 1 << 53;
/// Digits of a `numeric` that is surely no larger than the largest double.
const DOUBLE_DIGITS: i32 = 300;
/// Digits of a decimal that surely has units of 64 bits.
const UNIT_DIGITS: i32 = 18;

/// How times are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    /// As the database's own.
    Native,
    /// As µs since the epoch.
    Micros,
}

/// A column in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnSql {
    /// Its value, which raises no error for any row.
    pub(super) value: String,
    /// The same where it is only asked whether it equals something: what an index may answer.
    pub(super) equal: String,
    /// When it has no value that the kernel reads without a complaint.
    pub(super) misfit: Option<String>,
    /// When it is a text that patterns are not to be tried on.
    pub(super) unmatched: Option<String>,
    pub(super) times: Option<Times>,
}

impl ColumnSql {
    fn new(value: String) -> Self {
        Self { equal: value.clone(), value, misfit: None, unmatched: None, times: None }
    }

    fn unless(self, misfit: String) -> Self {
        Self { misfit: Some(misfit), ..self }
    }

    fn at(self, times: Times) -> Self {
        Self { times: Some(times), ..self }
    }
}

/// The columns that a table has, and how the database compares them.
#[derive(Clone, Debug, Default)]
pub struct HeldTypes {
    columns: Vec<Held>,
    /// Whether texts are compared as the bytes of UTF-8.
    is_utf8: bool,
}

#[derive(Clone, Debug)]
struct Held {
    name: String,
    type_name: String,
    /// Whether only equal bytes are equal.
    is_exact: bool,
}

impl HeldTypes {
    /// Asks what the columns of a table are: name, type, whether equal texts have equal bytes, the encoding of texts.
    pub(super) fn statement(dialect: Dialect, schema: Option<&str>, table: &str) -> String {
        match dialect {
            Dialect::Postgres => format!(
                "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), \
                 CASE WHEN coalesce(c.collisdeterministic, true) THEN 'exact' ELSE '' END, \
                 current_setting('server_encoding') \
                 FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation \
                 WHERE a.attrelid = to_regclass({}) AND a.attnum > 0 AND NOT a.attisdropped",
                dialect.literal(&qualified(schema, table))
            ),
            // a value has its type for itself there
            Dialect::Sqlite => "SELECT NULL, NULL, NULL, encoding FROM pragma_encoding".into(),
        }
    }

    /// What the rows of the statement say.
    #[must_use]
    pub fn read(rows: &[[Option<&str>; 4]]) -> Self {
        let held = |row: &[Option<&str>; 4]| {
            let [Some(name), Some(type_name), exact, _] = row else { return None };
            Some(Held { name: (*name).into(), type_name: (*type_name).into(), is_exact: *exact == Some("exact") })
        };
        let is_utf8 = rows.first().is_some_and(|row| matches!(row[3], Some("UTF8" | "UTF-8")));
        Self { columns: rows.iter().filter_map(held).collect(), is_utf8 }
    }

    /// What of a condition the rows can answer whose slots are these columns.
    pub(super) fn condition_of_rows(
        &self,
        dialect: Dialect,
        ours: &Expr,
        columns: &[(String, ColumnType)],
    ) -> Option<Condition> {
        let column = |(name, it): &(String, ColumnType)| self.column(dialect, format!("r.{}", quoted(name)), name, *it);
        condition(dialect, ours, &columns.iter().map(column).collect::<Vec<_>>())
    }

    /// What of a condition a table of ours can answer, in which every value is of the declared type.
    pub(super) fn condition_of_groups(
        &self,
        dialect: Dialect,
        ours: &Expr,
        keys: &[(String, Type)],
    ) -> Option<Condition> {
        let column = |(name, data_type): &(String, Type)| {
            let column = self.column(dialect, quoted(name), name, ColumnType { data_type: *data_type, unit: None })?;
            Some(match dialect {
                Dialect::Sqlite => ColumnSql { equal: quoted(name), misfit: None, ..column },
                Dialect::Postgres => column,
            })
        };
        condition(dialect, ours, &keys.iter().map(column).collect::<Vec<_>>())
    }

    fn column(&self, dialect: Dialect, column: String, name: &str, column_type: ColumnType) -> Option<ColumnSql> {
        if column_type.data_type == Type::String && !self.is_utf8 {
            return None;
        }
        match dialect {
            Dialect::Postgres => {
                let held = self.columns.iter().find(|held| held.name == name)?;
                of_postgres(&column, column_type, held)
            }
            Dialect::Sqlite => of_sqlite(&column, column_type),
        }
    }
}

fn of_postgres(column: &str, column_type: ColumnType, held: &Held) -> Option<ColumnSql> {
    let type_name = held.type_name.as_str();
    let is_integer = matches!(type_name, "smallint" | "integer" | "bigint");
    Some(match (column_type.data_type, column_type.unit) {
        (Type::Bool, _) if type_name == "boolean" => ColumnSql::new(column.into()),
        (Type::Int64, _) if is_integer => ColumnSql::new(column.into()),
        (Type::Int64, _) if type_name == "numeric" || digits(type_name).is_some() => {
            let fits = format!("{column} BETWEEN {} AND {} AND {column} = trunc({column})", i64::MIN, i64::MAX);
            ColumnSql::new(format!("(CASE WHEN {fits} THEN {column}::bigint END)")).unless(format!("NOT ({fits})"))
        }
        (Type::Float64, _) => {
            let is_narrow = |(precision, scale): (i32, i32)| precision <= DOUBLE_DIGITS && scale <= DOUBLE_DIGITS;
            let double = match type_name {
                "double precision" => column.into(),
                "real" => format!("{column}::double precision"),
                _ if is_integer || digits(type_name).is_some_and(is_narrow) => format!("{column}::double precision"),
                _ => return None,
            };
            // a NaN is missing here, and past all numbers there
            ColumnSql::new(format!("nullif({double}, 'NaN'::double precision)"))
        }
        (Type::String, _) => {
            let text = ColumnSql::new(format!("({column}::text COLLATE \"C\")"));
            let is_text = type_name == "text" || type_name.starts_with("character varying");
            if is_text && held.is_exact {
                ColumnSql { equal: column.into(), ..text }
            } else {
                text
            }
        }
        (Type::Timestamp, None) => {
            let is_time = |zone: &str| type_name.starts_with("timestamp") && type_name.ends_with(zone);
            let instant = match () {
                () if is_time("with time zone") => column.to_string(),
                () if is_time("without time zone") => format!("{column}::timestamptz"),
                () => return None,
            };
            let outside = format!(
                "({instant} >= '10000-01-01 00:00:00+00'::timestamptz OR {instant} = '-infinity'::timestamptz)"
            );
            ColumnSql::new(instant).unless(outside).at(Times::Native)
        }
        (Type::Timestamp, Some(unit)) if is_integer => {
            let micros = match unit {
                TimeUnit::Second => format!("({column}::numeric * 1000000)"),
                TimeUnit::Millisecond => format!("({column}::numeric * 1000)"),
                TimeUnit::Microsecond => format!("{column}::numeric"),
                TimeUnit::Nanosecond => format!("floor({column}::numeric / 1000)"),
            };
            let outside = format!("{micros} NOT BETWEEN {MIN_TIME_US} AND {}", MAX_TIME_US - 1);
            ColumnSql::new(micros).unless(outside).at(Times::Micros)
        }
        (Type::Decimal(scale), _) => {
            let (precision, held_scale) = digits(type_name)?;
            let scale = i32::from(scale);
            if !(0..=scale).contains(&held_scale) || precision - held_scale + scale > UNIT_DIGITS {
                return None;
            }
            ColumnSql::new(column.into()).unless(format!("{column} = 'NaN'::numeric"))
        }
        _ => return None,
    })
}

/// The digits of `numeric(precision,scale)`, in all and behind the point.
fn digits(type_name: &str) -> Option<(i32, i32)> {
    let (precision, scale) = type_name.strip_prefix("numeric(")?.strip_suffix(')')?.split_once(',')?;
    Some((precision.parse().ok()?, scale.parse().ok()?))
}

/// Any column may hold any type: what is not of the declared one is compared by other rules, and is therefore a misfit.
fn of_sqlite(column: &str, column_type: ColumnType) -> Option<ColumnSql> {
    let is_not = |types: &str| format!("typeof({column}) NOT IN ({types}, 'null')");
    // the sign takes the affinity of the column away, by which what it is compared with would be turned into another type
    let value = format!("(+{column})");
    Some(match (column_type.data_type, column_type.unit) {
        (Type::Bool, _) => {
            let misfit = format!("{} OR {value} NOT IN (0, 1)", is_not("'integer'"));
            ColumnSql::new(value).unless(misfit)
        }
        (Type::Int64, _) => ColumnSql::new(value).unless(is_not("'integer'")),
        (Type::Float64, _) => {
            let is_inexact =
                format!("typeof({column}) = 'integer' AND {value} NOT BETWEEN -{SAFE_INTEGER} AND {SAFE_INTEGER}");
            let misfit = format!("{} OR ({is_inexact})", is_not("'real', 'integer'"));
            ColumnSql::new(format!("CAST({column} AS REAL)")).unless(misfit)
        }
        (Type::String, _) => {
            let text = ColumnSql::new(format!("({value} COLLATE BINARY)")).unless(is_not("'text'"));
            // patterns end at a zero
            ColumnSql { unmatched: Some(format!("instr({column}, char(0)) > 0")), ..text }
        }
        (Type::Timestamp, Some(unit)) => {
            let (micros, per_unit) = match unit {
                TimeUnit::Second => (format!("({value} * 1000000)"), 1_000_000),
                TimeUnit::Millisecond => (format!("({value} * 1000)"), 1000),
                TimeUnit::Microsecond => (value.clone(), 1),
                // the quotient towards zero, of what is no more than a multiple below
                TimeUnit::Nanosecond => (format!("(({value} - (({value} % 1000) + 1000) % 1000) / 1000)"), 0),
            };
            let (first, last) = match per_unit {
                0 => (i64::MIN + 1000, i64::MAX),
                per_unit => (MIN_TIME_US / per_unit, MAX_TIME_US / per_unit - 1),
            };
            let misfit = format!("{} OR {value} NOT BETWEEN {first} AND {last}", is_not("'integer'"));
            ColumnSql::new(micros).unless(misfit).at(Times::Micros)
        }
        // texts of times and decimals do not compare as what they spell
        (Type::Timestamp, None) | (Type::Decimal(_), _) => return None,
    })
}
