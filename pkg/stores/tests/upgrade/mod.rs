//! Databases that earlier releases made, and whose rows are dropped: they are read, refreshed, merged and pruned on.
//!
//! `tests/vectors/stores` has one for each release. `cargo test -p isofold-stores --test databases -- --ignored`
//! writes that of this release where it is missing; what is there is never changed.
#![expect(clippy::float_arithmetic, reason = "latencies are made up and compared within an error")]

use crate::support::{databases, folded, micros, Database, Row};
use isofold::query::{Frame, QuerySource};
use isofold::{Rollup, Value};
use isofold_stores::{open, Refresh, Store};
use rusqlite::types::ValueRef;
use rusqlite::Connection;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const COLUMNS: &str = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;
/// What the rollups selected on the first day.
const FIRST: &str = r#""requests": "count(*)", "avg_ms": "avg(ms)""#;
/// What they select since then.
const SELECT: &str = r#""requests": "count(*)", "avg_ms": "avg(ms)", "failures": "count(*) filter (where not ok)",
    "deviation": "stddev_samp(ms)", "low": "min(ms)", "p95": "approx_percentile(0.95, percentile_agg(ms))",
    "users": "approx_count_distinct(user_id)", "top": "topn(value_counts(user_id), 2)", "ever_ok": "bool_or(ok)",
    "latest": "last(ms, ts)", "sample": "exemplar(user_id, 2)""#;
/// From when on groups keep all that is selected.
const SECOND_DAY: &str = "2026-11-02";
/// Rows from here on are still in the table.
const KEPT_FROM: &str = "2026-11-02T10:00:00Z";
/// Up to where hours were built.
const WATERMARK: &str = "2026-11-03T10:00:00Z";
/// When the database was left.
const NOW: &str = "2026-11-03T10:30:00Z";
/// A day later, with rows up to then.
const LATER: &str = "2026-11-04T10:30:00Z";

/// A row every twelve minutes.
fn rows(from: &str, until: &str) -> Vec<Row> {
    let start = micros("2026-11-01").expect("a time");
    let row = |i: i64| Row {
        ts: isofold::time::format_timestamp(start + i * 720_000_000),
        model: (i % 11 != 0).then(|| ["gpt", "o'möbius"][(i % 2) as usize].to_owned()),
        user: (i % 7 != 0).then_some(i * i % 41),
        ms: (i % 13 != 0).then(|| f64::from((i * 37 % 211) as i32) / 4.0),
        ok: (i % 17 != 0).then_some(i % 5 != 0),
    };
    (0..480).map(row).filter(|row| (from..until).contains(&row.ts.as_str())).collect()
}

fn spec(name: &str, select: &str) -> String {
    let width = if name == "hours" { "1 hour" } else { "1 day" };
    format!(
        r#"{{"name": "{name}", "columns": {COLUMNS}, "time": "ts", "bucket": "{width}", "group_by": ["model"], "select": {{{select}}}}}"#
    )
}

/// `hours` is what follows the refresh of hours in the catalog.
fn catalog(select: &str, hours: &str) -> String {
    let specs = [spec("hours", select), spec("days", select)];
    format!(
        r#"{{"source": {{"table": "requests", "columns": {COLUMNS}, "time": "ts", "retention": "1 day", "changes": "start_offset"}},
            "rollups": [{{"spec": {}, "refresh": {{"start_offset": "6 hours"}}{hours}}}, {{"spec": {}, "from": "hours"}}]}}"#,
        specs[0], specs[1]
    )
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/stores")
}

/// Statements that make the database again.
fn dump(connection: &Connection) -> String {
    let mut text = String::new();
    let mut names = Vec::new();
    let mut schema =
        connection.prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").expect("one");
    let mut found = schema.query([]).expect("a schema");
    while let Some(row) = found.next().expect("a row") {
        let [kind, name, sql]: [String; 3] = [0, 1, 2].map(|at| row.get(at).expect("a text"));
        writeln!(text, "{sql};").expect("a text");
        if kind == "table" {
            names.push(name);
        }
    }
    for name in names {
        for row in stored(connection, &name) {
            writeln!(text, "INSERT INTO \"{name}\" VALUES ({});", row.join(", ")).expect("a text");
        }
    }
    text
}

/// The rows of a table as literals of SQLite.
fn stored(connection: &Connection, table: &str) -> Vec<Vec<String>> {
    let mut all = connection.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a table");
    let width = all.column_count();
    let rows = all.query_map([], |row| (0..width).map(|at| row.get_ref(at).map(literal)).collect());
    rows.expect("rows").collect::<Result<_, _>>().expect("values")
}

fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => format!("{value:?}"),
        ValueRef::Text(text) => format!("'{}'", std::str::from_utf8(text).expect("UTF-8").replace('\'', "''")),
        ValueRef::Blob(bytes) => format!("X'{}'", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

#[test]
#[ignore = "writes the database of this release where it is missing"]
fn write_the_database_of_this_release() {
    let path = folder().join(concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"), ".sql"));
    if path.exists() {
        return;
    }
    let mut database = databases().swap_remove(0);
    database.insert(&rows("2026-11-01", NOW));
    for (select, now) in [(FIRST, "2026-11-02T00:30:00Z"), (SELECT, NOW)] {
        let mut store = open(catalog(select, "").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(now)).expect("a refresh");
        if now == NOW {
            let pruned = store.prune(now).expect("a report");
            assert!(pruned.pruned.iter().any(|table| table.dropped_before.as_deref() == Some(KEPT_FROM)), "{pruned:?}");
        }
    }
    // of times in texts, prune leaves a day that may be of another zone
    database.execute(&format!("DELETE FROM requests WHERE ts < '{KEPT_FROM}'"));
    fs::create_dir_all(folder()).expect("a folder");
    fs::write(path, dump(&Connection::open(&database.target).expect("a file"))).expect("the database");
}

/// The databases of every release: in SQLite as they were, in PostgreSQL with the same rows.
fn upgraded() -> Vec<Database> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder()).expect("databases") {
        let sql = fs::read_to_string(entry.expect("a file").path()).expect("statements");
        for mut database in databases() {
            match database.kind {
                "sqlite" => database.execute(&format!("DROP TABLE requests; {sql}")),
                _ => fill(&mut database, &sql),
            }
            all.push(database);
        }
    }
    assert!(!all.is_empty());
    all
}

/// Tables as this release makes them, with the rows of the earlier one.
fn fill(database: &mut Database, sql: &str) {
    open(catalog(SELECT, "").as_str(), &database.target).expect("a catalog").init().expect("tables");
    let connection = Connection::open_in_memory().expect("memory");
    connection.execute_batch(sql).expect(sql);
    database.execute("DELETE FROM isofold_schemas; DELETE FROM isofold_rollups");
    for table in ["isofold_schemas", "isofold_rollups"] {
        for row in stored(&connection, table) {
            database.execute(&format!("INSERT INTO {table} VALUES ({})", row.join(", ")));
        }
    }
    for table in ["hours", "days"] {
        for row in stored(&connection, table) {
            let state = row[4].replace("X'", "'\\x");
            let values = [&row[0], &row[1], &row[2], &row[3], &state].map(String::as_str).join(", ");
            database
                .execute(&format!("INSERT INTO {table} (bucket, model, requests, avg_ms, state) VALUES ({values})"));
        }
    }
    database.insert(&rows(KEPT_FROM, NOW));
}

fn store_of(database: &Database, hours: &str) -> Store {
    open(catalog(SELECT, hours).as_str(), &database.target).expect("a catalog")
}

/// Checks answers against those of rows: percentiles within the error of both, everything else to the bit.
fn assert_same(told: &Frame, right: &Frame, what: &str) {
    assert_eq!(told.len(), right.len(), "{what}");
    for (told, right) in told.columns().iter().zip(right.columns()) {
        assert_eq!(told.name(), right.name(), "{what}");
        for (a, b) in told.values().iter().zip(right.values()) {
            match (told.name(), a, b) {
                ("p95", Value::Float64(a), Value::Float64(b)) => {
                    let (a, b) = (f64::from_bits(a.to_bits()), f64::from_bits(b.to_bits()));
                    assert!((a - b).abs() <= b.abs() * 0.011, "{what}: {a} for {b}");
                }
                _ => assert_eq!(a, b, "{what}: {}", told.name()),
            }
        }
    }
}

fn of_rows(name: &str, from: &str, until: &str) -> Rollup {
    folded(&spec(name, SELECT), &rows(from, until))
}

fn answers(rollup: &Rollup) -> Frame {
    rollup.query(&QuerySource::default()).expect("answers")
}

fn versions(database: &mut Database, table: &str) -> Vec<u8> {
    let mut versions: Vec<u8> = database.states(table).iter().map(|state| state[0]).collect();
    versions.dedup();
    versions
}

#[test]
fn what_an_earlier_release_stored_is_read_as_it_was() {
    for database in upgraded() {
        let mut store = store_of(&database, "");
        for name in ["hours", "days"] {
            let until = if name == "hours" { WATERMARK } else { "2026-11-03" };
            let loaded = store.load(name, SECOND_DAY..until).expect("loads");
            assert_same(&answers(&loaded), &answers(&of_rows(name, SECOND_DAY, until)), name);
            let all = r#"{"bucket": "1 day", "select": ["requests", "avg_ms", "p95"]}"#;
            let told = store.query(name, all).expect("an answer").frame;
            let right = folded(&spec("days", SELECT), &rows("2026-11-01", NOW));
            let first = told.column("bucket").expect("buckets").values().to_vec();
            for column in ["bucket", "model", "requests", "avg_ms"] {
                let right = answers(&right);
                assert_eq!(told.column(column).unwrap().values(), right.column(column).unwrap().values(), "{column}");
            }
            let second = micros(SECOND_DAY).expect("a time");
            for (bucket, p95) in first.iter().zip(told.column("p95").expect("p95").values()) {
                let Value::Timestamp(bucket) = bucket else { panic!("no bucket") };
                assert_eq!(*bucket < second, p95.is_null(), "{name}: groups of the first day do not keep percentiles");
            }
        }
    }
}

#[test]
fn a_store_of_an_earlier_release_goes_on() {
    for mut database in upgraded() {
        let mut store = store_of(&database, "");
        let made = store.init().expect("tables that are there");
        assert!(made.rollups.iter().all(|rollup| rollup.status == "there"), "{made:?}");
        database.insert(&rows(NOW, LATER));
        let report = store.refresh(&Refresh::new().now(LATER)).expect("a refresh");
        assert!(report.rollups.iter().all(|rollup| rollup.refused.is_empty()), "{report:?}");
        assert_eq!(versions(&mut database, "hours"), [1, 2], "rows of before stay as they were");
        for name in ["hours", "days"] {
            let until = if name == "hours" { "2026-11-04T10:00:00Z" } else { "2026-11-04" };
            let loaded = store.load(name, SECOND_DAY..until).expect("loads");
            assert_same(&answers(&loaded), &answers(&of_rows(name, SECOND_DAY, until)), name);
        }

        // built again out of hours whose rows are gone
        store.invalidate(SECOND_DAY.."2026-11-03", Some("days")).expect("a range");
        let report = store.refresh(&Refresh::new().now(LATER)).expect("a refresh");
        assert!(report.rollups[1].groups_written > 0, "{report:?}");
        let days = store.load("days", SECOND_DAY.."2026-11-04").expect("loads");
        assert_same(&answers(&days), &answers(&of_rows("days", SECOND_DAY, "2026-11-04")), "days");
        let mut whole = store.load("hours", SECOND_DAY.."2026-11-04T10:00:00Z").expect("loads");
        whole.merge(&of_rows("hours", SECOND_DAY, LATER)).expect("one schema");

        // what cannot be built again is refused, and stays
        let before = database.states("hours");
        let since = store.refresh(&Refresh::new().now(LATER).since("2026-11-01")).expect("a refresh");
        assert_eq!(since.rollups[0].refused.len(), 1, "{since:?}");
        let after = database.states("hours");
        assert!(before.iter().filter(|state| state[0] == 1).any(|state| after.contains(state)));
    }
}

#[test]
fn hours_of_an_earlier_release_are_pruned_once_their_days_are_built() {
    for database in upgraded() {
        let mut store = store_of(&database, r#", "retention": "1 day""#);
        store.init().expect("tables");
        let pruned = store.prune(NOW).expect("a report").pruned;
        assert_eq!(pruned[0].dropped_before.as_deref(), Some("2026-11-02T10:00:00Z"), "{pruned:?}");
        let told = store.query("days", r#"{"bucket": "1 day", "select": ["requests"]}"#).expect("an answer").frame;
        let right = answers(&folded(&spec("days", FIRST), &rows("2026-11-01", NOW)));
        assert_eq!(told.column("requests").unwrap().values(), right.column("requests").unwrap().values());
    }
}
