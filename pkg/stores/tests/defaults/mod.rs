//! What a catalog means that says no more than it must: late rows are found, the time is the database's.

use crate::support::{catalog, databases, folded, micros, rows, spec, Row, NOW};
use isofold::Code;
use isofold_stores::{open, Now, Refresh, RollupState, Store};

const WATERMARK: &str = "2026-11-03T10:00:00Z";

/// The catalog of hours and days, which says nothing of changes and offsets.
fn plain() -> String {
    catalog("trigger").replace(r#", "changes": "trigger""#, "").replace(r#""start_offset": "3 days", "#, "")
}

fn late() -> Row {
    Row { ts: "2026-11-01T05:10:00Z".into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

fn hours(store: &mut Store) -> RollupState {
    store.check(NOW).expect("a report").rollups.remove(0)
}

fn unwatched(state: &RollupState) -> Vec<(Option<&str>, Option<&str>)> {
    state.unwatched.iter().map(|span| (span.start.as_deref(), span.end.as_deref())).collect()
}

#[test]
fn a_catalog_that_says_nothing_of_changes_finds_late_rows() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = open(plain().as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!((hours(&mut store).status.as_str(), hours(&mut store).unwatched.len()), ("fresh", 0));
        database.insert(&[late()]);
        assert_eq!(hours(&mut store).status, "stale", "{}", database.kind);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let wanted = folded(&spec("hours", "1 hour"), &database.rows).slice(None, micros(WATERMARK)).expect("on edges");
        assert_eq!(store.load("hours", ..WATERMARK).expect("loads").digest(), wanted.digest());
        // nothing differs
        assert_eq!(store.plan_init().expect("a report").statements, [""; 0]);
    }
}

#[test]
fn what_can_have_no_trigger_needs_a_start_offset() {
    for mut database in databases() {
        database.insert(&rows());
        database.execute("CREATE VIEW seen AS SELECT * FROM requests");
        let of_view = |catalog: String| catalog.replace(r#""table": "requests""#, r#""table": "seen""#);
        let refused = |catalog: String| {
            let mut store = open(of_view(catalog).as_str(), &database.target).expect("a catalog");
            let told = store.plan_init().expect_err("refused");
            let error = store.init().expect_err("refused");
            assert_eq!(told.to_string(), error.to_string());
            (error.code(), error.path().to_owned())
        };
        let missing = (Code::CatalogMissing, "catalog.rollups.hours.refresh.start_offset".to_owned());
        assert_eq!(refused(plain()), missing, "{}", database.kind);
        assert_eq!(refused(catalog("trigger")), (Code::CatalogInvalid, "catalog.source.changes".to_owned()));

        let given = catalog("trigger").replace(r#", "changes": "trigger""#, "").replace("3 days", "6 hours");
        let mut store = open(of_view(given).as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let recent = Row { ts: "2026-11-03T08:10:00Z".into(), ..late() };
        database.insert(&[recent]);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let wanted = folded(&spec("hours", "1 hour"), &database.rows).slice(None, micros(WATERMARK)).expect("on edges");
        assert_eq!(store.load("hours", ..WATERMARK).expect("loads").digest(), wanted.digest());
    }
}

#[test]
fn without_a_trigger_and_without_a_start_offset_a_catalog_is_refused() {
    let without = catalog("start_offset").replace(r#""start_offset": "3 days", "#, "");
    let error = isofold_stores::engine::Store::new(without.as_str(), "sqlite").expect_err("refused");
    assert_eq!((error.code(), error.path()), (Code::CatalogMissing, "catalog.rollups[0].refresh.start_offset"));
}

#[test]
fn what_lies_before_a_start_offset_is_not_said_to_be_fresh() {
    for mut database in databases() {
        database.insert(&rows());
        let catalog = catalog("start_offset").replace("3 days", "6 hours");
        let mut store = open(catalog.as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        database.insert(&[late()]);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let all = store.check(NOW).expect("a report").rollups;
        assert_eq!((all[0].status.as_str(), all[1].status.as_str()), ("unwatched", "unwatched"), "{}", database.kind);
        assert_eq!(unwatched(&all[0]), [(Some("2026-11-01T00:00:00Z"), Some("2026-11-03T04:00:00Z"))]);
        assert_eq!(unwatched(&all[1]), [(Some("2026-11-01T00:00:00Z"), Some("2026-11-03T00:00:00Z"))]);
        let query = r#"{"bucket": "1 hour", "start": "2026-11-02", "end": "2026-11-03T10:00:00Z"}"#;
        let stale = store.query("hours", query).expect("an answer").coverage.stale;
        assert_eq!(stale.len(), 1);
        assert_eq!(stale[0].end.as_deref(), Some("2026-11-03T04:00:00Z"));
        // what is told is built, and what is looked at again is known
        store.invalidate("2026-11-01T05:00:00Z".."2026-11-01T06:00:00Z", None).expect("told");
        assert_eq!(hours(&mut store).status, "stale");
    }
}

#[test]
fn rows_before_all_that_is_stored_are_not_said_to_be_fresh() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = open(catalog("start_offset").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(hours(&mut store).status, "fresh", "{}", database.kind);
        database.insert(&[Row { ts: "2026-10-28T05:10:00Z".into(), ..late() }]);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let all = store.check(NOW).expect("a report").rollups;
        assert!(all.iter().all(|state| state.status == "unwatched"), "{}: {all:?}", database.kind);
        assert_eq!(unwatched(&all[0])[0].0, Some("2026-10-28T05:00:00Z"));
    }
}

#[test]
fn the_time_is_that_of_the_database_unless_it_is_told() {
    for mut database in databases().into_iter().skip(1) {
        database.insert(&rows());
        let schema = database.text("SELECT current_schema()::text");
        database.execute(&format!(
            "CREATE FUNCTION {schema}.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '{NOW}' $$"
        ));
        // a function of the database's own comes after ours
        let target = database.target.replace(&schema, &format!("{schema}%2Cpg_catalog"));
        let mut store = open(plain().as_str(), &target).expect("a catalog");
        store.init().expect("tables");
        assert_eq!(store.plan(&Refresh::new()).expect("a plan").now, NOW);
        let report = store.refresh(&Refresh::new()).expect("a refresh");
        assert_eq!((report.now.as_str(), report.rollups[0].watermark.as_deref()), (NOW, Some(WATERMARK)));
        assert_eq!(store.check(Now::OfDatabase).expect("a report").now, NOW);
        assert_eq!(store.prune(Now::OfDatabase).expect("a report").now, NOW);
        let run = store.runs(Some("hours"), 1).expect("runs").runs.remove(0);
        assert_eq!((run.started_at.as_str(), run.ended_at.as_str()), (NOW, NOW));
        let due = store.due(Now::OfDatabase).expect("a report");
        assert_eq!((due.now.as_str(), due.rollups[0].due_in_ms), (NOW, 3_600_000));
        // one that is told is taken as it is
        let early = "2026-11-03T08:30:00Z";
        assert_eq!(store.check(early).expect("a report").now, early);
        assert_eq!(store.refresh(&Refresh::new().now(early)).expect("a refresh").now, early);
    }
}
