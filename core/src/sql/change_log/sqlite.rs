//! What logs in SQLite: triggers of rows.

use super::{trigger_name, unit, Part, HOUR_US};
use crate::refresh::Catalog;
use crate::sql::dialect::{qualified, quoted, Dialect};
use crate::sql::own_tables::OwnTables;
use crate::value::TimeUnit;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) fn triggers(catalog: &Catalog, unique: &[Vec<String>]) -> Vec<Part> {
    let source = catalog.source();
    let time = quoted(&source.time);
    // a trigger names tables of its own schema without the schema
    let (table, changes) = (quoted(&source.table), quoted("isofold_changes"));
    let of_rows = Dialect::Sqlite.literal(&OwnTables::of_rows(&source.table));
    // an upsert: who writes rows with OR REPLACE would decide an OR IGNORE
    let log = |row: &str, from: &str, moved: &str, again: &str| {
        let time = format!("{row}.{time}");
        let (us, early) = match unit(source) {
            None => (micros_of_text(&time), rounded_up(&time)),
            Some(unit) => (micros_of(&time, unit), "0".into()),
        };
        format!(
            "INSERT INTO {changes} (rollup, start_us, end_us, moved) \
             SELECT {of_rows}, coalesce({}, {}), coalesce({} + {HOUR_US}, {}), {moved} \
             FROM (SELECT {us} AS us, {early} AS early{from}{} {time} IS NOT NULL) \
             WHERE true ON CONFLICT (rollup, start_us, end_us) DO {again};",
            hour_of("(us - early)"),
            // what cannot be read here may have changed anything
            crate::limits::MIN_TIME_US,
            hour_of("us"),
            crate::limits::MAX_TIME_US - 1,
            if from.is_empty() { " WHERE" } else { " AND" },
        )
    };
    let part = |name: &str, when: &str, body: String| {
        let name = format!("{}_{name}", trigger_name(source));
        let place = qualified(source.schema.as_deref(), &name);
        let make = [format!("CREATE TRIGGER {place} {when} ON "), format!(" FOR EACH ROW BEGIN {body} END")];
        Part { name, definition: make.join(&table), make }
    };
    let changed = |row: &str| log(row, "", "0", "NOTHING");
    let moved = |row: &str, from: &str| log(row, from, "1", "UPDATE SET moved = 1");
    let update = format!("{} {}", moved("OLD", ""), changed("NEW"));
    let mut parts = Vec::from([
        part("insert", "AFTER INSERT", changed("NEW")),
        part("update", "AFTER UPDATE", update),
        part("delete", "AFTER DELETE", changed("OLD")),
    ]);
    // the row whose place another takes goes without a trigger
    let replaced = |columns: &Vec<String>| {
        let same = columns.iter().map(|column| format!("replaced.{0} = NEW.{0}", quoted(column)));
        let same: Vec<String> = same.collect();
        moved("replaced", &format!(" FROM {table} AS replaced WHERE {}", same.join(" AND ")))
    };
    let replaced: Vec<String> = unique.iter().map(replaced).collect();
    if !replaced.is_empty() {
        let columns: Vec<String> = unique.iter().flatten().map(|column| quoted(column)).collect();
        parts.push(part("replace", "BEFORE INSERT", replaced.join(" ")));
        let of = format!("BEFORE UPDATE OF {}", columns.join(", "));
        parts.push(part("replace_update", &of, replaced.join(" ")));
    }
    parts
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

fn micros_of(time: &str, unit: TimeUnit) -> String {
    match unit {
        TimeUnit::Second => format!("({time} * 1000000)"),
        TimeUnit::Millisecond => format!("({time} * 1000)"),
        TimeUnit::Microsecond => format!("({time})"),
        // its `/` goes toward zero
        TimeUnit::Nanosecond => format!("(({time} - ({time} % 1000 + 1000) % 1000) / 1000)"),
    }
}
