//! What histories found: nothing is held back for ever, nothing that differs is fresh, nothing else is stopped.

use crate::support::{catalog, databases, folded, micros, rows, spec, Database, Row, NOW};
use isofold_stores::{open, Refresh, Store};

const LATER: &str = "2026-11-20T10:30:00Z";

fn opened(database: &Database, catalog: &str) -> Store {
    let mut store = open(catalog, &database.target).expect("a catalog");
    store.init().expect("tables");
    store
}

fn built(database: &mut Database, catalog: &str) -> Store {
    database.insert(&rows());
    let mut store = opened(database, catalog);
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

fn row(ts: &str) -> Row {
    Row { ts: ts.into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

fn kept_for_a_day(catalog: &str) -> String {
    catalog.replace("\"changes\"", "\"retention\": \"1 day\", \"changes\"").replace("3 days", "6 hours")
}

/// The catalog of hours, and a rollup of days that is built from the same rows.
fn with_days_of_rows() -> String {
    catalog("trigger").replace(r#", "from": "hours""#, "").replace("\"days\"", "\"whole_days\"")
}

fn only_hours() -> String {
    let start = catalog("trigger");
    format!("{}]}}", &start[..start.find(",\n                        {\"spec\"").expect("days")])
}

#[test]
fn a_quiet_table_holds_nothing_back() {
    for mut database in databases() {
        let mut store = built(&mut database, &kept_for_a_day(&catalog("trigger")));
        store.refresh(&Refresh::new().now(LATER)).expect("a refresh");
        let pruned = store.prune(LATER).expect("a report").pruned.pop().expect("the rows");
        assert_eq!((pruned.status.as_str(), database.count("SELECT count(*) FROM requests")), ("ok", 0));
    }
}

#[test]
fn what_is_refused_is_not_fresh() {
    for mut database in databases() {
        let mut store = built(&mut database, &catalog("trigger"));
        database.remove("2026-11-01T00:");
        let hours = store.check(NOW).expect("a report").rollups.remove(0);
        assert_eq!((hours.status.as_str(), hours.refused.len()), ("stale", 1), "{}", database.kind);
    }
}

#[test]
fn a_check_goes_on_past_a_rollup_whose_table_is_gone() {
    for mut database in databases() {
        let mut store = built(&mut database, &with_days_of_rows());
        database.execute("DROP TABLE whole_days");
        let checked = store.check(NOW).expect("a report").rollups;
        let told: Vec<&str> = checked.iter().map(|rollup| rollup.status.as_str()).collect();
        assert_eq!(told, ["fresh", "error"], "{}", database.kind);
        assert!(checked[1].error.as_deref().is_some_and(|error| error.contains("whole_days")));
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert!(store.check(NOW).expect("a report").rollups.iter().all(|rollup| rollup.status == "fresh"));
    }
}

#[test]
fn a_rollup_of_which_no_whole_bucket_is_kept_refuses_nothing_and_holds_nothing_back() {
    for mut database in databases() {
        // rows up to the third, 09:48
        let mut store = built(&mut database, &kept_for_a_day(&only_hours()));
        store.prune("2026-11-04T05:30:00Z").expect("a report");
        assert!(database.count("SELECT count(*) FROM requests") > 0);
        let mut both = opened(&database, &kept_for_a_day(&with_days_of_rows()));
        for _ in 0..2 {
            let report = both.refresh(&Refresh::new().now(LATER)).expect("a refresh");
            assert!(report.rollups.iter().all(|rollup| rollup.status == "ok"), "{} {report:?}", database.kind);
        }
        assert!(both.check(LATER).expect("a report").rollups.iter().all(|rollup| rollup.status == "fresh"));
        let pruned = both.prune(LATER).expect("a report").pruned.pop().expect("the rows");
        assert_eq!((pruned.status.as_str(), database.count("SELECT count(*) FROM requests")), ("ok", 0));
    }
}

#[test]
fn rows_that_come_after_all_others_went_are_built() {
    for mut database in databases() {
        let mut store = built(&mut database, &catalog("trigger"));
        database.execute("DELETE FROM requests");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        database.insert(&[row("2026-11-03T12:20:00Z")]);
        let report = store.refresh(&Refresh::new().now("2026-11-03T13:10:00Z")).expect("a refresh");
        assert_eq!((report.rollups[0].status.as_str(), report.rollups[0].groups_written), ("ok", 1));
        assert_eq!(report.rollups[0].watermark.as_deref(), Some("2026-11-03T13:00:00Z"));
    }
}

#[test]
fn what_an_old_process_followed_again_holds_nothing_back_after_the_next_init() {
    for mut database in databases() {
        let mut old = built(&mut database, &kept_for_a_day(&with_days_of_rows()));
        let mut new = opened(&database, &kept_for_a_day(&only_hours()));
        old.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        new.init().expect("tables");
        database.insert(&[row("2026-11-19T12:20:00Z")]);
        new.refresh(&Refresh::new().now(LATER)).expect("a refresh");
        let pruned = new.prune(LATER).expect("a report").pruned.pop().expect("the rows");
        assert_eq!(pruned.status, "ok", "{}", database.kind);
    }
}

#[test]
fn a_log_that_was_dropped_is_made_with_everything_still_to_build() {
    for mut database in databases() {
        let mut store = built(&mut database, &catalog("trigger"));
        database.insert(&[row("2026-11-01T05:10:00Z")]);
        let drop_triggers = match database.kind {
            "sqlite" => database
                .text("SELECT group_concat('DROP TRIGGER ' || name, '; ') FROM sqlite_master WHERE type = 'trigger'"),
            _ => "SELECT 1".into(),
        };
        database.execute(&format!("{drop_triggers}; DROP TABLE isofold_changes"));
        database.insert(&[row("2026-11-02T05:10:00Z")]);
        store.init().expect("tables");
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "stale", "{}", database.kind);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        for (name, bucket, end) in [("hours", "1 hour", "2026-11-03T10:00:00Z"), ("days", "1 day", "2026-11-03")] {
            let wanted = folded(&spec(name, bucket), &database.rows).slice(None, micros(end)).expect("on edges");
            assert_eq!(store.load(name, ..end).expect("loads").digest(), wanted.digest(), "{} {name}", database.kind);
        }
    }
}

#[test]
fn what_is_built_from_a_rollup_that_was_made_anew_is_looked_at_again() {
    for mut database in databases() {
        let mut store = built(&mut database, &catalog("trigger"));
        database.execute("DROP TABLE hours");
        database.remove("2026-11-02T");
        store.init().expect("tables");
        // nothing to build it from yet
        store.refresh(&Refresh::new().now(NOW).rollup("days")).expect("a refresh");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let wanted =
            folded(&spec("days", "1 day"), &database.rows).slice(None, micros("2026-11-03")).expect("on edges");
        assert_eq!(store.load("days", .."2026-11-03").expect("loads").digest(), wanted.digest(), "{}", database.kind);
    }
}

#[test]
fn what_a_process_of_before_writes_is_told_to_what_was_added_since() {
    for mut database in databases() {
        let mut old = built(&mut database, &only_hours());
        let mut new = opened(&database, &catalog("trigger"));
        new.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        database.insert(&[row("2026-11-02T05:10:00Z")]);
        old.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(new.check(NOW).expect("a report").rollups[1].status, "stale", "{}", database.kind);
        new.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let wanted =
            folded(&spec("days", "1 day"), &database.rows).slice(None, micros("2026-11-03")).expect("on edges");
        assert_eq!(new.load("days", .."2026-11-03").expect("loads").digest(), wanted.digest(), "{}", database.kind);
    }
}
