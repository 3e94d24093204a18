//! What logs in PostgreSQL: a function of statements, and the triggers that call it.

use super::{trigger_name, unit, Followed, Part, HOUR_US};
use crate::refresh::{Catalog, SourceTable};
use crate::sql::dialect::{micros, qualified, quoted, Dialect};
use crate::sql::own_tables::OwnTables;
use crate::time::SECOND_US;
use crate::value::TimeUnit;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What the catalogue of PostgreSQL tells of the function beside its body: it runs as its owner, so no name in it may be
/// anybody else's, and its times without a zone are of UTC.
pub(super) const SECURED: &str = "true search_path=pg_catalog, pg_temp; TimeZone=UTC ";

/// The function of all triggers of a table.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) body: String,
}

impl Function {
    pub(super) fn make(&self) -> [String; 2] {
        let Self { name, body } = self;
        let mut tag = String::from("$isofold$");
        while body.contains(&tag) {
            tag.insert(1, 'x');
        }
        [
            format!(
                "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
                 SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS {tag}{body}{tag}"
            ),
            format!("REVOKE ALL ON FUNCTION {name}() FROM PUBLIC"),
        ]
    }
}

pub(super) fn triggers(catalog: &Catalog, followed: Followed<'_>) -> (Option<Function>, Vec<Part>) {
    let (source, own_schema) = (catalog.source(), followed.own_schema);
    let own = OwnTables::new(Dialect::Postgres, own_schema);
    let function = qualified(own_schema, &trigger_name(source));
    let literal = |text: &str| Dialect::Postgres.literal(text);
    let changes = own.name("changes");
    let insert = format!("INSERT INTO {changes} (rollup, start_us, end_us, moved)");
    let of_rows = literal(&OwnTables::of_rows(&source.table));
    let times = times(source);
    // most statements touch one hour
    let touched = |rows: &str, moved: &str| {
        let (low, high) = ("isofold_low", "isofold_high");
        format!(
            "SELECT min(x.at), max(x.at) INTO {low}, {high} FROM {}; \
             IF {} = {} THEN {insert} VALUES ({of_rows}, {}, {} + 1, {moved}); \
             ELSIF {low} IS NOT NULL THEN {insert} SELECT {of_rows}, t.start_us, t.end_us, {moved} FROM ({}) AS t; END IF;",
            times.of(rows),
            times.hour(low),
            times.hour(high),
            times.micros(low),
            times.micros(high),
            hours(source, rows)
        )
    };
    // who dropped a table of isofold goes on writing rows
    let body = format!(
        "\n#variable_conflict use_column\n\
         DECLARE isofold_low {0}; isofold_high {0}; BEGIN IF to_regclass({1}) IS NULL THEN RETURN NULL; END IF; \
         IF TG_OP = 'TRUNCATE' THEN {insert} VALUES ({of_rows}, {2}, {3}, 0); RETURN NULL; END IF; \
         IF TG_OP <> 'DELETE' THEN {4} END IF; IF TG_OP <> 'INSERT' THEN {5} END IF; RETURN NULL; END ",
        times.data_type,
        literal(&changes),
        crate::limits::MIN_TIME_US,
        crate::limits::MAX_TIME_US - 1,
        touched("isofold_new", "0"),
        touched("isofold_old", "(TG_OP = 'UPDATE')::int"),
    );
    let part = |(event, tables): (&str, &str)| {
        let name = format!("{}_{event}", trigger_name(source));
        let (quoted, event) = (quoted(&name), event.to_ascii_uppercase());
        let make = [
            format!("CREATE TRIGGER {quoted} AFTER {event} ON "),
            format!("{tables} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"),
        ];
        let schema = own_schema.map(told_name).unwrap_or_default();
        Part { name, definition: format!("O {schema}.{}", trigger_name(source)), make }
    };
    let parts: Vec<Part> = [
        ("insert", " REFERENCING NEW TABLE AS isofold_new"),
        ("update", " REFERENCING OLD TABLE AS isofold_old NEW TABLE AS isofold_new"),
        ("delete", " REFERENCING OLD TABLE AS isofold_old"),
        ("truncate", ""),
    ]
    .map(part)
    .to_vec();
    (Some(Function { name: function, body }), parts)
}

/// A name as `quote_ident` spells it, but for the words of SQL, which makes triggers anew once more often than needed.
fn told_name(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    if is_plain {
        name.into()
    } else {
        quoted(name)
    }
}

/// How the times of changed rows are read in PostgreSQL.
struct Times {
    /// The column of the time, in quotes.
    column: String,
    data_type: &'static str,
    unit: Option<TimeUnit>,
}

fn times(source: &SourceTable) -> Times {
    let unit = unit(source);
    let data_type = if unit.is_none() { "timestamptz" } else { "bigint" };
    Times { column: quoted(&source.time), data_type, unit }
}

impl Times {
    /// The times of rows as `x.at`, but for those that no rollup takes. Where the time is not a column of the rows any
    /// more, the one that is absent is read, and whoever writes rows does not fail here.
    fn of(&self, rows: &str) -> String {
        let Self { column, data_type, unit } = self;
        let (read, first, last) = match unit {
            None => (
                format!("{column}::timestamptz"),
                "> '-infinity'".into(),
                format!("to_timestamp({})", crate::limits::MAX_TIME_US / SECOND_US),
            ),
            Some(unit) => (
                micros_of(column, *unit),
                format!(">= {}", crate::limits::MIN_TIME_US),
                format!("{}", crate::limits::MAX_TIME_US),
            ),
        };
        format!(
            "(SELECT NULL::{data_type} AS {column}) AS absent CROSS JOIN LATERAL (SELECT {read} AS at FROM {rows}) AS x \
             WHERE x.at {first} AND x.at < {last}"
        )
    }

    fn hour(&self, at: &str) -> String {
        match self.unit {
            None => format!("date_trunc('hour', {at})"),
            Some(_) => format!("floor({at}::numeric / {HOUR_US})"),
        }
    }

    fn micros(&self, at: &str) -> String {
        match self.unit {
            None => micros(at),
            Some(_) => format!("{at}::bigint"),
        }
    }
}

/// The hours that rows touch: start_us, end_us.
pub(super) fn hours(source: &SourceTable, rows: &str) -> String {
    let times = times(source);
    format!(
        "SELECT {} AS start_us, {} + 1 AS end_us FROM {} GROUP BY {}",
        times.micros("min(x.at)"),
        times.micros("max(x.at)"),
        times.of(rows),
        times.hour("x.at")
    )
}

fn micros_of(time: &str, unit: TimeUnit) -> String {
    let number = format!("{time}::numeric");
    match unit {
        TimeUnit::Second => format!("floor({number} * 1000000)"),
        TimeUnit::Millisecond => format!("floor({number} * 1000)"),
        TimeUnit::Microsecond => format!("floor({number})"),
        TimeUnit::Nanosecond => format!("floor({number} / 1000)"),
    }
}
