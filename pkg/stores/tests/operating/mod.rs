//! What an operator asks before and after a refresh: what it would do, what it did, and what is stored without the rows.

use crate::support::{catalog, databases, folded, micros, rows, spec, Database, Row, NOW};
use isofold_stores::{open, Refresh, Store, Tail};

fn opened(database: &mut Database) -> Store {
    database.insert(&rows());
    open(catalog("trigger").as_str(), &database.target).expect("a catalog")
}

fn late() -> Row {
    Row { ts: "2026-11-01T05:10:00Z".into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

#[test]
fn what_init_would_do_is_told_and_nothing_is_done() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        let told = store.plan_init().expect("a report");
        assert_eq!(told.rollups.iter().map(|it| it.status.as_str()).collect::<Vec<_>>(), ["made", "made"]);
        for part in ["isofold_rollups", "\"hours\"", "\"days\"", "TRIGGER"] {
            assert!(told.statements.iter().any(|sql| sql.contains(part)), "{part}");
        }
        let tables = match database.kind {
            "sqlite" => "SELECT count(*) FROM sqlite_master WHERE name LIKE 'isofold%' OR name IN ('hours', 'days')",
            _ => "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND (relname LIKE 'isofold%' OR relname IN ('hours', 'days'))",
        };
        assert_eq!(database.count(tables), 0);
        let made = store.init().expect("tables");
        assert_eq!(made.statements.len(), told.statements.len());
        assert_eq!(store.plan_init().expect("a report").statements, [""; 0]);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let more =
            catalog("trigger").replace(r#""last_seen": "max(ts)""#, r#""last_seen": "max(ts)", "seen": "count(ts)""#);
        let mut store = open(more.as_str(), &database.target).expect("a catalog");
        let told = store.plan_init().expect("a report");
        assert_eq!((told.rollups[0].added.as_slice(), told.statements.len()), (&["seen".to_owned()][..], 2));
        assert_eq!(told.rollups[0].groups_filled, store.init().expect("columns").rollups[0].groups_filled);
        // tables of an earlier shape
        database.execute("DROP TABLE isofold_runs; DROP TABLE isofold_skipped; UPDATE isofold_version SET version = 3");
        let told = store.plan_init().expect("a report");
        assert!(told.statements.iter().any(|sql| sql.contains("isofold_runs")));
        assert!(!told.statements.iter().any(|sql| sql.contains("TRIGGER")), "{:?}", told.statements);
        store.init().expect("brought up");
        assert_eq!(database.count("SELECT max(version) FROM isofold_version"), 4);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    }
}

#[test]
fn a_plan_is_what_a_refresh_builds_with_the_rows_it_reads() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        store.init().expect("tables");
        let options = Refresh::new().now(NOW);
        let plan = store.plan(&options).expect("a plan");
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "never");
        let report = store.refresh(&options).expect("a refresh");
        for (plan, report) in plan.rollups.iter().zip(&report.rollups) {
            assert_eq!(plan.watermark, report.watermark, "{}", plan.name);
        }
        // texts with times of mixed zones are counted as they are
        assert_eq!(plan.rollups[0].rows_to_read, report.rollups[0].rows_read);
        assert_eq!((plan.rollups[0].from.as_str(), plan.rollups[1].from.as_str()), ("requests", "hours"));

        database.insert(&[late()]);
        let plan = store.plan(&options).expect("a plan");
        let windows: Vec<_> =
            plan.rollups.iter().flat_map(|it| &it.windows).map(|it| (it.start.as_str(), it.end.as_str())).collect();
        assert_eq!(
            windows,
            [("2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"), ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")]
        );
        let report = store.refresh(&options).expect("a refresh");
        assert_eq!(plan.rollups[0].rows_to_read, report.rollups[0].rows_read);
    }
}

#[test]
fn a_refresh_up_to_a_time_leaves_the_rest_to_the_next() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        store.init().expect("tables");
        let report = store.refresh(&Refresh::new().now(NOW).until("2026-11-02T03:30:00Z")).expect("a refresh");
        assert_eq!(report.rollups[0].watermark.as_deref(), Some("2026-11-02T03:00:00Z"));
        assert_eq!(report.rollups[1].watermark.as_deref(), Some("2026-11-02T00:00:00Z"));
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        database.insert(&[late(), Row { ts: "2026-11-02T05:10:00Z".into(), ..late() }]);
        let report = store.refresh(&Refresh::new().now(NOW).until("2026-11-02")).expect("a refresh");
        assert_eq!(report.rollups[0].groups_written, 1);
        let state = store.check(NOW).expect("a report").rollups.remove(0);
        assert_eq!((state.status.as_str(), state.pending), ("stale", true));
        assert_eq!(state.stale[0].start.as_deref(), Some("2026-11-02T05:00:00Z"));
        let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(report.rollups[0].groups_written, 1);
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "fresh");
    }
}

#[test]
fn what_waits_for_the_next_refresh_of_its_schedule_is_pending() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let pending = |store: &mut Store, now: &str| {
            let state = store.check(now).expect("a report").rollups.remove(0);
            (state.status, state.pending)
        };
        assert_eq!(pending(&mut store, NOW), ("fresh".into(), false));
        database.insert(&[late()]);
        assert_eq!(pending(&mut store, "2026-11-03T11:00:00Z"), ("stale".into(), true));
        assert_eq!(pending(&mut store, "2026-11-03T14:00:00Z"), ("stale".into(), false));
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(pending(&mut store, NOW), ("fresh".into(), false));
    }
}

#[test]
fn refreshes_are_kept_with_what_they_did_and_what_ended_them() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        store.init().expect("tables");
        assert_eq!(store.runs(None, 100).expect("a history").runs, []);
        let due = |store: &mut Store, now: &str| store.due(now).expect("a schedule").rollups.remove(0);
        assert_eq!((due(&mut store, NOW).refreshed_at, due(&mut store, NOW).due_in_ms), (None, 0));
        let first = store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(due(&mut store, "2026-11-03T10:50:00Z").due_in_ms, 40 * 60 * 1000);
        assert_eq!(due(&mut store, "2026-11-03T11:30:00Z").due_in_ms, 0);
        database.execute("ALTER TABLE requests RENAME TO away");
        store.refresh(&Refresh::new().now(NOW)).expect_err("no such table");
        database.execute("ALTER TABLE away RENAME TO requests");
        let runs = store.runs(Some("hours"), 100).expect("a history").runs;
        assert_eq!(runs.len(), 2, "{}", database.kind);
        assert!(
            runs[0].error.as_deref().is_some_and(|text| text.contains("store.database")) && runs[0].rows_read.is_none()
        );
        assert_eq!((runs[1].rows_read, &runs[1].error), (Some(first.rollups[0].rows_read), &None));
        assert!(runs.iter().all(|run| run.started_at <= run.ended_at && run.started_at.as_str() > "2026"));
        assert_eq!(store.runs(None, 1).expect("a history").runs.len(), 1);
        // it does not grow for ever
        let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) SELECT i FROM n";
        database.execute(&format!(
            "INSERT INTO isofold_runs (rollup, started_at, ended_at) SELECT 'hours', i, i FROM ({numbers}) AS n"
        ));
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(database.count("SELECT count(*) FROM isofold_runs WHERE rollup = 'hours'"), 1000);
    }
}

#[test]
fn stored_groups_answer_without_the_rows_and_say_what_is_missing() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        database.execute("ALTER TABLE requests RENAME TO away");
        let query = r#"{"bucket": null, "group_by": [], "select": ["requests"], "start": "2026-11-01T00:30:00Z", "end": "2026-11-03T10:30:00Z"}"#;
        store.query("hours", query).expect_err("no rows");
        let answer = store.query_with("hours", query, Tail::Nothing).expect("an answer");
        assert!(answer.coverage.segments.iter().all(|segment| segment.from != "rows"));
        let missing: Vec<_> = answer.coverage.missing.iter().map(|it| it.start.as_deref()).collect();
        assert_eq!(missing, [Some("2026-11-01T00:30:00Z"), Some("2026-11-03T10:00:00Z")]);
        assert!(store.load_with("hours", .., Tail::Nothing).expect("loads").stats().rows > 0);
        store.load("hours", ..).expect_err("no rows");
        database.execute("ALTER TABLE away RENAME TO requests");
    }
}

#[test]
fn what_is_built_from_a_table_that_was_dropped_is_looked_at_again() {
    for mut database in databases() {
        let mut store = opened(&mut database);
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        database.execute("DROP TABLE hours");
        // a day of which no hour is written again
        database.remove("2026-11-02");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let wanted =
            folded(&spec("days", "1 day"), &database.rows).slice(None, micros("2026-11-03")).expect("on edges");
        assert_eq!(store.load("days", .."2026-11-03").expect("loads").digest(), wanted.digest(), "{}", database.kind);
        assert_eq!(store.check(NOW).expect("a report").rollups[1].status, "fresh");
    }
}
