//! Rollups in SQLite, and in PostgreSQL where `ISOFOLD_POSTGRES` is: the tables are what the rows fold to.
#![cfg(all(feature = "sqlite", feature = "postgres"))]

mod answering;
mod aside;
mod asking;
mod defaults;
mod keeping;
mod kept;
mod memory;
mod neighbours;
mod operating;
mod overflow;
mod pushed;
mod reset;
mod retention;
mod shapes;
mod support;
mod threads;
mod together;
mod upgrade;
mod watching;

use isofold::Code;
use isofold_stores::{open, Refresh, Store, TimeRange};
use support::{catalog, databases, folded, rows, spec, Database, Row, NOW};

const WATERMARK: &str = "2026-11-03T10:00:00Z";

fn filled(database: &mut Database, changes: &str) -> Store {
    database.insert(&rows());
    let mut store = open(catalog(changes).as_str(), &database.target).expect("a catalog");
    let made = store.init().expect("tables");
    assert_eq!(made.rollups.iter().map(|rollup| rollup.status.as_str()).collect::<Vec<_>>(), ["made", "made"]);
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

fn loaded(store: &mut Store, name: &str, end: &str) -> String {
    store.load(name, ..end).expect("loads").digest()
}

#[test]
fn the_tables_are_what_the_rows_fold_to_and_a_second_refresh_writes_nothing() {
    for mut database in databases() {
        let mut store = filled(&mut database, "start_offset");
        let hours = folded(&spec("hours", "1 hour"), &database.rows).slice(None, support::micros(WATERMARK));
        let hours = hours.expect("on edges");
        assert_eq!(loaded(&mut store, "hours", WATERMARK), hours.digest(), "{}", database.kind);
        let days = folded(&spec("days", "1 day"), &database.rows).slice(None, support::micros("2026-11-03"));
        assert_eq!(loaded(&mut store, "days", "2026-11-03"), days.expect("on edges").digest());

        // the table itself, byte for byte
        let states: Vec<Vec<u8>> = hours.rows().expect("rows").into_iter().map(|row| row.state).collect();
        let mut stored = database.states("hours");
        let mut wanted = states;
        stored.sort();
        wanted.sort();
        assert_eq!(stored, wanted);

        let again = store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect("again");
        assert!(again.rollups.iter().all(|rollup| rollup.groups_written + rollup.groups_deleted == 0));
        assert!(again.rollups[0].rows_read > 2000 && again.rollups[0].watermark.as_deref() == Some(WATERMARK));
    }
}

#[test]
fn late_rows_are_built_by_the_next_refresh_and_only_they() {
    for mut database in databases() {
        let mut store = filled(&mut database, "trigger");
        database.insert(&[Row {
            ts: "2026-11-02T03:04:05Z".into(),
            model: Some("late".into()),
            user: Some(1),
            ms: Some(2.0),
            ok: Some(true),
        }]);
        let due = store.check(NOW).expect("a report");
        assert_eq!((due.rollups[0].due.len(), due.rollups[0].status.as_str()), (1, "stale"));
        let mut seen = Vec::new();
        let report = store
            .refresh_with(&Refresh::new().now(NOW).rollup("days").rollup("hours"), |progress| {
                seen.push(progress.rollup.clone());
            })
            .expect("a refresh");
        assert_eq!(report.rollups.iter().map(|rollup| rollup.groups_written).collect::<Vec<_>>(), [1, 1]);
        assert!(seen.contains(&"hours".to_owned()) && seen.contains(&"days".to_owned()));
        let hours = folded(&spec("hours", "1 hour"), &database.rows).slice(None, support::micros(WATERMARK));
        assert_eq!(loaded(&mut store, "hours", WATERMARK), hours.expect("on edges").digest());
    }
}

#[test]
fn a_query_reads_whole_buckets_from_rollups_and_the_edges_from_rows() {
    for mut database in databases() {
        let mut store = filled(&mut database, "trigger");
        let (start, end) = ("2026-11-01T05:30:00Z", "2026-11-03T10:45:00Z");
        let query = format!(
            r#"{{"bucket": null, "group_by": ["model"], "select": ["requests", "p95_ms"], "start": "{start}", "end": "{end}"}}"#
        );
        let answer = store.query("hours", query.as_str()).expect("an answer");
        let inside: Vec<Row> =
            database.rows.iter().filter(|row| (start..end).contains(&row.ts.as_str())).cloned().collect();
        let wanted = support::queried(
            &spec("hours", "1 hour"),
            &inside,
            r#"{"bucket": null, "select": ["requests", "p95_ms"]}"#,
        );
        assert_eq!(format!("{:?}", answer.frame.columns()), format!("{:?}", wanted.columns()));
        let from: Vec<&str> = answer.coverage.segments.iter().map(|segment| segment.from.as_str()).collect();
        assert_eq!(from, ["rows", "hours", "days", "hours", "rows"]);
    }
}

#[test]
fn what_goes_wrong_has_a_code_and_leaves_what_was() {
    for mut database in databases() {
        let mut store = filled(&mut database, "start_offset");
        let before = database.states("hours");
        assert_eq!(store.query("weeks", "{}").expect_err("no such").code(), Code::RefreshRollup);
        assert_eq!(store.load("hours", "2026-11-02".."2026-11-01").expect_err("backwards").code(), Code::RangeInvalid);
        let refused = store.invalidate(TimeRange::from(..), Some("weeks")).expect_err("no such");
        assert_eq!(refused.code(), Code::RefreshRollup);

        let nowhere = catalog("start_offset").replace("\"requests\"", "\"nowhere\"");
        let mut other = open(nowhere.as_str(), &database.target).expect("a catalog");
        let error = other.refresh(&Refresh::new().now(NOW)).expect_err("no such table");
        assert_eq!(error.code(), Code::StoreVersion);
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "fresh");
        database.execute("ALTER TABLE requests RENAME TO away");
        let error = store.refresh(&Refresh::new().now(NOW)).expect_err("no such table");
        assert_eq!(error.code(), Code::StoreDatabase);
        database.execute("ALTER TABLE away RENAME TO requests");
        let state = &store.check(NOW).expect("a report").rollups[0];
        assert_eq!(state.status, "error");
        assert!(state
            .error
            .as_deref()
            .is_some_and(|text| text.contains("store.database") && text.contains("requests")));

        database.make_a_row_that_does_not_fit();
        let stops = catalog("start_offset").replace(r#""changes":"#, r#""on_row_error": "stop", "changes":"#);
        let mut stopping = open(stops.as_str(), &database.target).expect("a catalog");
        let error = stopping.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect_err("does not fit");
        assert_eq!((error.code(), error.path().starts_with("column.user_id[")), (Code::IngestType, true), "{error}");
        assert_eq!(database.states("hours"), before);
        database.mend();
        store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect("mended");
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "fresh");
    }
}

#[test]
fn what_is_told_the_progress_may_panic_and_the_store_goes_on() {
    for mut database in databases() {
        let mut store = filled(&mut database, "start_offset");
        let options = Refresh::new().now(NOW).since("2026-11-01");
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut steps = 0;
            store.refresh_with(&options, |_| {
                steps += 1;
                assert!(steps < 12, "enough");
            })
        }));
        assert!(panicked.is_err());
        store.refresh(&options).expect("the connection is in no transaction");
    }
}

#[test]
fn retention_drops_what_is_built() {
    for mut database in databases() {
        database.insert(&rows());
        let catalog = catalog("start_offset").replace("\"changes\"", "\"retention\": \"1 day\", \"changes\"");
        let catalog = catalog.replace("3 days", "6 hours");
        let mut store = open(catalog.as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        assert_eq!(store.prune(NOW).expect("a report").pruned[0].status, "held_back");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let pruned = store.prune(NOW).expect("a report").pruned;
        assert_eq!(pruned[0].dropped_before.as_deref(), Some("2026-11-02T10:00:00Z"));
        let since = store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect("a refresh");
        assert_eq!((since.rollups[0].status.as_str(), since.rollups[0].refused.len()), ("refused", 1));
    }
}
