//! The trigger that logs in which hours rows change.
//!
//! The one idea: a statement logs each hour it touches once for each rollup that is built from the rows, in its own
//! transaction; the refresher takes the log out in its own. A change that it did not see is still in the log.
//!
//! Which rollups those are is looked up when rows change, so several catalogs may share a table. In PostgreSQL the
//! log is written with the rights and the search path of whoever made the trigger: who writes rows needs no others. It
//! reads a time without a zone as one of UTC, whatever the zone of the session.

use super::dialect::{micros, qualified, quoted, Dialect};
use super::own_tables::OwnTables;
use crate::refresh::{Catalog, SourceTable};
use crate::value::TimeUnit;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use twox_hash::XxHash64;

const HOUR_US: i64 = 3_600_000_000;

/// A number for a name that is too long for the name of a trigger or index.
pub(super) fn name_hash(name: &str) -> u64 {
    XxHash64::oneshot(0, name.as_bytes())
}

fn trigger_name(source: &SourceTable) -> String {
    format!("isofold_log_{:016x}", name_hash(&source.table))
}

/// Makes the triggers anew.
#[must_use]
pub fn trigger(dialect: Dialect, catalog: &Catalog) -> Vec<String> {
    let mut statements = drop_trigger(dialect, catalog.source());
    match dialect {
        Dialect::Postgres => postgres(catalog, &mut statements),
        Dialect::Sqlite => sqlite(catalog, &mut statements),
    }
    statements
}

/// Drops the triggers.
#[must_use]
pub fn drop_trigger(dialect: Dialect, source: &SourceTable) -> Vec<String> {
    let name = trigger_name(source);
    let table = qualified(source.schema.as_deref(), &source.table);
    ["insert", "update", "delete", "truncate"]
        .iter()
        .filter(|event| dialect == Dialect::Postgres || **event != "truncate")
        .map(|event| match dialect {
            Dialect::Postgres => format!("DROP TRIGGER IF EXISTS {} ON {table}", quoted(&format!("{name}_{event}"))),
            Dialect::Sqlite => {
                format!("DROP TRIGGER IF EXISTS {}", qualified(source.schema.as_deref(), &format!("{name}_{event}")))
            }
        })
        .collect()
}

fn postgres(catalog: &Catalog, statements: &mut Vec<String>) {
    let source = catalog.source();
    let own = OwnTables::new(Dialect::Postgres, source.schema.as_deref());
    let table = qualified(source.schema.as_deref(), &source.table);
    let function = qualified(source.schema.as_deref(), &trigger_name(source));
    let time = quoted(&source.time);
    let us = match unit(source) {
        None => micros(&format!("{time}::timestamptz")),
        Some(unit) => postgres_micros(&time, unit),
    };
    // a time that is no instant is in no bucket, and whoever writes it is not to fail here
    let is_instant = match unit(source) {
        None => format!("isfinite({time}::timestamptz)"),
        Some(_) => format!("{time} IS NOT NULL"),
    };
    let names = format!(
        "(SELECT name FROM {} WHERE source = {}) AS r",
        own.name("rollups"),
        Dialect::Postgres.literal(&source.table)
    );
    let changes = own.name("changes");
    let touched = |rows: &str| {
        format!(
            "INSERT INTO {changes} (rollup, start_us, end_us) SELECT r.name, t.start_us, t.end_us FROM {names} \
             CROSS JOIN (SELECT min(us) AS start_us, max(us) + 1 AS end_us FROM (SELECT {us} AS us FROM {rows} \
             WHERE {is_instant}) AS x GROUP BY floor(us / {HOUR_US}.0)) AS t;"
        )
    };
    statements.push(format!(
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
         SET search_path FROM CURRENT SET TimeZone = 'UTC' AS $isofold$ BEGIN \
         IF TG_OP = 'TRUNCATE' THEN INSERT INTO {changes} (rollup, start_us, end_us) SELECT r.name, {}, {} FROM {names}; \
         END IF; \
         IF TG_OP IN ('INSERT', 'UPDATE') THEN {} END IF; \
         IF TG_OP IN ('UPDATE', 'DELETE') THEN {} END IF; RETURN NULL; END $isofold$",
        crate::limits::MIN_TIME_US,
        crate::limits::MAX_TIME_US - 1,
        touched("isofold_new"),
        touched("isofold_old"),
    ));
    for (event, tables) in [
        ("insert", " REFERENCING NEW TABLE AS isofold_new"),
        ("update", " REFERENCING OLD TABLE AS isofold_old NEW TABLE AS isofold_new"),
        ("delete", " REFERENCING OLD TABLE AS isofold_old"),
        ("truncate", ""),
    ] {
        let name = quoted(&format!("{}_{event}", trigger_name(source)));
        statements.push(format!(
            "CREATE TRIGGER {name} AFTER {} ON {table}{tables} FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
            event.to_ascii_uppercase()
        ));
    }
}

fn sqlite(catalog: &Catalog, statements: &mut Vec<String>) {
    let source = catalog.source();
    let time = quoted(&source.time);
    // a trigger names tables of its own schema without the schema
    let (table, rollups, changes) = (quoted(&source.table), quoted("isofold_rollups"), quoted("isofold_changes"));
    let log = |row: &str| {
        let time = format!("{row}.{time}");
        let (us, early) = match unit(source) {
            None => (micros_of_text(&time), rounded_up(&time)),
            Some(unit) => (sqlite_micros(&time, unit), "0".into()),
        };
        format!(
            "INSERT OR IGNORE INTO {changes} (rollup, start_us, end_us) SELECT name, coalesce({}, {}), coalesce({} + {HOUR_US}, {}) \
             FROM {rollups} CROSS JOIN (SELECT {us} AS us, {early} AS early) WHERE source = {} AND {time} IS NOT NULL;",
            hour_of("(us - early)"),
            // what cannot be read here may have changed anything
            crate::limits::MIN_TIME_US,
            hour_of("us"),
            crate::limits::MAX_TIME_US - 1,
            Dialect::Sqlite.literal(&source.table)
        )
    };
    for (event, body) in
        [("insert", log("NEW")), ("update", format!("{} {}", log("OLD"), log("NEW"))), ("delete", log("OLD"))]
    {
        let name = qualified(source.schema.as_deref(), &format!("{}_{event}", trigger_name(source)));
        statements.push(format!(
            "CREATE TRIGGER {name} AFTER {} ON {table} FOR EACH ROW BEGIN {body} END",
            event.to_ascii_uppercase()
        ));
    }
}

fn unit(source: &SourceTable) -> Option<TimeUnit> {
    source.columns.iter().find(|(name, _)| *name == source.time).and_then(|(_, column_type)| column_type.unit)
}

/// The hour of a time in SQLite, whose `%` has the sign of what is divided.
fn hour_of(us: &str) -> String {
    format!("{us} - ({us} % {HOUR_US} + {HOUR_US}) % {HOUR_US}")
}

/// A text in SQLite as µs of whole seconds: `strftime` reads offsets as `+05:30` alone, the kernel also `+0530` and `+05`.
fn micros_of_text(time: &str) -> String {
    format!(
        "(CAST(coalesce(strftime('%s', {time}), \
         strftime('%s', substr({time}, 1, length({time}) - 2) || ':' || substr({time}, -2)), \
         strftime('%s', {time} || ':00')) AS INTEGER) * 1000000)"
    )
}

/// A second where `strftime` may have rounded a text up, into the next hour.
fn rounded_up(time: &str) -> String {
    format!("(({time} LIKE '%:59.999%') * 1000000)")
}

fn postgres_micros(time: &str, unit: TimeUnit) -> String {
    let number = format!("{time}::numeric");
    match unit {
        TimeUnit::Second => format!("({number} * 1000000)::bigint"),
        TimeUnit::Millisecond => format!("({number} * 1000)::bigint"),
        TimeUnit::Microsecond => format!("({number})::bigint"),
        TimeUnit::Nanosecond => format!("floor({number} / 1000)::bigint"),
    }
}

fn sqlite_micros(time: &str, unit: TimeUnit) -> String {
    match unit {
        TimeUnit::Second => format!("({time} * 1000000)"),
        TimeUnit::Millisecond => format!("({time} * 1000)"),
        TimeUnit::Microsecond => format!("({time})"),
        // its `/` goes toward zero
        TimeUnit::Nanosecond => format!("(({time} - ({time} % 1000 + 1000) % 1000) / 1000)"),
    }
}
