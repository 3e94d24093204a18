//! What a query answers from stored groups and from rows.

use crate::support::{catalog, databases, folded, rows, spec, Database, Row, NOW};
use isofold_stores::{open, Refresh, Span, Store, Tail};

fn built(database: &mut Database) -> Store {
    database.insert(&rows());
    let mut store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
    store.init().expect("tables");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

/// The rollup in memory answers the same.
fn assert_same(store: &mut Store, whole: &isofold::Rollup, query: &str) {
    let source = isofold_facade::json::query_source(query).expect("a query");
    let held = whole.query(&source).expect("an answer");
    let stored = store.query("hours", query).expect("an answer");
    assert_eq!(format!("{:?}", stored.frame.columns()), format!("{:?}", held.columns()), "{query}");
}

#[test]
fn a_range_is_moved_onto_edges_where_the_query_says_so_as_in_memory() {
    for mut database in databases() {
        let mut store = built(&mut database);
        let whole = folded(&spec("hours", "1 hour"), &database.rows);
        for align in ["outer", "inner"] {
            for (start, end) in [
                ("2026-11-01T05:30:00Z", "2026-11-03T08:30:00Z"),
                ("2026-11-01T05:00:00Z", "2026-11-03T10:45:00Z"),
                ("2026-11-01T05:10:00Z", "2026-11-01T07:20:00Z"),
            ] {
                for rest in [
                    r#""select": ["requests", "p95_ms"]"#,
                    r#""select": ["requests"], "group_by": [], "gapfill": {"requests": 0}"#,
                    r#""select": ["requests"], "bucket": null, "windows": {"last": "90 minutes", "least": "5 minutes"}"#,
                ] {
                    let query = format!(r#"{{"start": "{start}", "end": "{end}", "align": "{align}", {rest}}}"#);
                    assert_same(&mut store, &whole, &query);
                }
            }
        }
    }
}

fn of_november(time: Option<&str>) -> &str {
    time.map_or("", |time| time.strip_prefix("2026-11-").unwrap_or(time))
}

fn ranges(spans: &[Span]) -> Vec<(&str, &str)> {
    spans.iter().map(|span| (of_november(span.start.as_deref()), of_november(span.end.as_deref()))).collect()
}

const DAY: &str = r#"{"bucket": null, "start": "2026-11-01", "end": "2026-11-02"}"#;
const HOURS: &str = r#"{"bucket": "1 hour", "start": "2026-11-01", "end": "2026-11-03T10:30:00Z"}"#;

fn late(ts: &str) -> Row {
    Row { ts: ts.into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

#[test]
fn what_changed_and_is_not_built_is_told_as_stale_by_range() {
    for mut database in databases() {
        let mut store = built(&mut database);
        assert_eq!(store.query("hours", HOURS).expect("an answer").coverage.stale, []);
        // the second is past the watermark, where rows answer
        database.insert(&[late("2026-11-01T05:10:00Z"), late("2026-11-03T10:20:00Z")]);
        let answer = store.query("hours", HOURS).expect("an answer");
        assert_eq!(ranges(&answer.coverage.stale), [("01T05:00:00Z", "01T06:00:00Z")], "{}", database.kind);
        // days are made of hours
        let answer = store.query("hours", DAY).expect("an answer");
        assert_eq!(answer.coverage.segments[0].from, "days");
        assert_eq!(ranges(&answer.coverage.stale), [("01T00:00:00Z", "02T00:00:00Z")]);
        store.refresh(&Refresh::new().now(NOW).rollup("hours")).expect("a refresh");
        assert_eq!(store.query("hours", HOURS).expect("an answer").coverage.stale, []);
        assert_eq!(ranges(&store.query("days", DAY).expect("an answer").coverage.stale).len(), 1);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(store.query("days", DAY).expect("an answer").coverage.stale, []);
    }
}

#[test]
fn what_retention_took_is_told_as_lost_by_range() {
    for mut database in databases() {
        database.insert(&rows());
        let catalog = catalog("trigger").replace("\"changes\"", "\"retention\": \"1 day\", \"changes\"");
        let mut store = open(catalog.replace("3 days", "6 hours").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        store.prune(NOW).expect("a report");
        assert_eq!(store.query("hours", HOURS).expect("an answer").coverage.lost, []);
        database.insert(&[late("2026-11-01T05:10:00Z")]);
        assert_eq!(ranges(&store.query("hours", HOURS).expect("an answer").coverage.stale).len(), 1);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        // a check tells it once, answers do as long as it is so
        assert_eq!(store.check(NOW).expect("a report").rollups[0].lost.len(), 1);
        let coverage = store.query("hours", HOURS).expect("an answer").coverage;
        assert_eq!(ranges(&coverage.lost), [("01T05:00:00Z", "01T06:00:00Z")], "{}", database.kind);
        assert_eq!(coverage.stale, []);
        let coverage = store.query("days", DAY).expect("an answer").coverage;
        assert_eq!(ranges(&coverage.lost), [("01T00:00:00Z", "02T00:00:00Z")]);
    }
}

#[test]
fn what_is_built_of_all_its_rows_is_lost_no_more() {
    for mut database in databases() {
        let mut store = built(&mut database);
        // the oldest rows went, and nobody said that they were dropped
        database.remove("2026-11-01T0");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let coverage = store.query("hours", HOURS).expect("an answer").coverage;
        assert_eq!(ranges(&coverage.lost), [("01T00:00:00Z", "01T10:00:00Z")], "{}", database.kind);
        store.refresh(&Refresh::new().now(NOW).since("2026-11-01").force()).expect("a refresh");
        let coverage = store.query("hours", HOURS).expect("an answer").coverage;
        assert_eq!((coverage.lost, coverage.stale), (Vec::new(), Vec::new()));
    }
}

#[test]
fn what_nobody_watches_is_told_as_stale() {
    for mut database in databases() {
        let mut store = built(&mut database);
        let one = match database.kind {
            "sqlite" => database.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_delete'"),
            _ => database.text("SELECT tgname::text FROM pg_trigger WHERE tgname LIKE 'isofold%_delete' AND tgrelid = 'requests'::regclass"),
        };
        let on = if database.kind == "sqlite" { "" } else { " ON requests" };
        database.execute(&format!("DROP TRIGGER {one}{on}"));
        let coverage = store.query("hours", HOURS).expect("an answer").coverage;
        assert_eq!(ranges(&coverage.stale), [("01T00:00:00Z", "03T10:00:00Z")], "{}", database.kind);
        store.init().expect("triggers");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(store.query("hours", HOURS).expect("an answer").coverage.stale, []);
    }
}

#[test]
fn rows_that_are_not_asked_for_are_left_out_by_range() {
    for mut database in databases() {
        let mut store = built(&mut database);
        let all = store.query("hours", HOURS).expect("an answer").coverage;
        assert_eq!((all.left_out, all.missing), (Vec::new(), Vec::new()));
        let stored = store.query_with("hours", HOURS, Tail::Nothing).expect("an answer").coverage;
        assert_eq!(ranges(&stored.left_out), [("03T10:00:00Z", "03T10:30:00Z")]);
        assert_eq!(stored.missing, stored.left_out);
    }
}

#[test]
fn who_may_not_read_the_log_is_answered_and_knows_nothing_of_it() {
    for mut database in databases() {
        let mut store = built(&mut database);
        let whole = format!("{:?}", store.query("hours", HOURS).expect("an answer").frame.columns());
        let mut reader = match database.kind {
            "sqlite" => {
                database.execute("DROP TABLE isofold_lost");
                store
            }
            _ => {
                let schema = database.text("SELECT current_schema()::text");
                database.execute(&format!(
                    "CREATE ROLE {schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO {schema};
                     GRANT SELECT ON requests, hours, days, isofold_rollups, isofold_schemas, isofold_version TO {schema}"
                ));
                let url = format!("{}%20-crole%3D{schema}", database.target);
                open(catalog("trigger").as_str(), &url).expect("a catalog")
            }
        };
        for _ in 0..3 {
            let answer = reader.query("hours", HOURS).expect("an answer");
            assert_eq!(format!("{:?}", answer.frame.columns()), whole, "{}", database.kind);
            assert_eq!(ranges(&answer.coverage.stale), [("01T00:00:00Z", "03T10:00:00Z")]);
        }
        if database.kind == "postgres" {
            let schema = database.text("SELECT current_schema()::text");
            database.execute(&format!("GRANT SELECT ON isofold_changes, isofold_lost TO {schema}"));
            // what is told with one answer is asked with the next
            reader.query("hours", HOURS).expect("an answer");
            assert_eq!(reader.query("hours", HOURS).expect("an answer").coverage.stale, []);
            database.execute(&format!("DROP OWNED BY {schema}; DROP ROLE {schema}"));
        }
    }
}
