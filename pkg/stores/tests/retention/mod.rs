//! Retention goes on past every late row, drops nothing that somebody needs, and a clock hides nothing.

use crate::support::{catalog, databases, folded, micros, rows, spec, Database, Row, NOW};
use isofold_stores::{open, Refresh, Store};

const WATERMARK: &str = "2026-11-03T10:00:00Z";
const LATER: &str = "2026-11-10T10:30:00Z";

/// The catalog of hours and days with rows kept for a day.
fn kept_for_a_day() -> String {
    catalog("trigger").replace("\"changes\"", "\"retention\": \"1 day\", \"changes\"").replace("3 days", "6 hours")
}

fn opened(database: &Database, catalog: &str) -> Store {
    let mut store = open(catalog, &database.target).expect("a catalog");
    store.init().expect("tables");
    store
}

fn at(now: &str) -> Refresh {
    Refresh::new().now(now)
}

fn row(ts: &str) -> Row {
    Row { ts: ts.into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

fn assert_hours(store: &mut Store, rows: &[Row], until: &str) {
    let wanted = folded(&spec("hours", "1 hour"), rows).slice(None, micros(until)).expect("on edges");
    assert_eq!(store.load("hours", ..until).expect("loads").digest(), wanted.digest());
}

fn pruned(store: &mut Store, now: &str) -> (String, Option<String>) {
    let report = store.prune(now).expect("a report").pruned.pop().expect("the rows");
    (report.status, report.dropped_before)
}

#[test]
fn what_is_told_to_have_changed_since_ever_holds_nothing_back_once_it_is_built() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &kept_for_a_day());
        store.refresh(&at(NOW)).expect("a refresh");
        store.invalidate(.., None).expect("told");
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "stale");
        assert_eq!(pruned(&mut store, NOW).0, "held_back");
        store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(pruned(&mut store, NOW), ("ok".into(), Some("2026-11-02T10:00:00Z".into())));
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "fresh");
        // all of it, though the table is quiet since the third
        store.refresh(&at(LATER)).expect("a refresh");
        pruned(&mut store, LATER);
        assert_eq!(database.count("SELECT count(*) FROM requests"), 0, "{}", database.kind);
        assert_hours(&mut store, &rows(), WATERMARK);
        assert_eq!(store.check(LATER).expect("a report").rollups[0].status, "fresh");
    }
}

#[test]
fn a_row_older_than_the_retention_is_lost_and_told_once() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &kept_for_a_day());
        store.refresh(&at(NOW)).expect("a refresh");
        pruned(&mut store, NOW);
        database.insert(&[row("2026-11-01T05:10:00Z"), row("2026-11-01T05:20:00Z"), row("2026-11-03T04:00:00Z")]);
        let report = &store.refresh(&at(NOW)).expect("a refresh").rollups[0];
        assert_eq!((report.status.as_str(), report.groups_written, report.lost.len()), ("ok", 1, 1));
        let state = store.check(NOW).expect("a report").rollups.remove(0);
        let lost = state.lost.iter().map(|lost| (lost.start.as_str(), lost.end.as_str(), lost.changes));
        assert_eq!(lost.collect::<Vec<_>>(), [("2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", 1)]);
        assert_eq!(state.status, "fresh");
        assert_eq!(store.check(NOW).expect("a report").rollups[0].lost, []);
        assert_eq!(pruned(&mut store, NOW).0, "ok");
        assert_eq!(database.count("SELECT count(*) FROM requests WHERE ts < '2026-11-02'"), 0);
        assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 0);
        // what stands for the dropped rows is what they were
        let kept: Vec<Row> =
            database.rows.iter().filter(|row| !row.ts.starts_with("2026-11-01T05:10:00Z")).cloned().collect();
        let kept: Vec<Row> = kept.into_iter().filter(|row| !row.ts.starts_with("2026-11-01T05:20:00Z")).collect();
        assert_hours(&mut store, &kept, WATERMARK);
    }
}

#[test]
fn rows_that_another_catalog_has_not_built_stay() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &kept_for_a_day());
        let others = catalog("trigger").replace("\"hours\"", "\"others\"").replace("\"days\"", "\"of_others\"");
        let mut other = opened(&database, &others);
        store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(pruned(&mut store, NOW), ("held_back".into(), None));
        other.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(pruned(&mut store, NOW), ("ok".into(), Some("2026-11-02T10:00:00Z".into())));
        database.insert(&[row("2026-11-03T04:00:00Z")]);
        store.refresh(&at(NOW)).expect("a refresh");
        // one that is late in what the other has not looked at again
        assert_eq!(pruned(&mut store, "2026-11-05T10:30:00Z").1.as_deref(), Some("2026-11-03T04:00:00Z"));
        other.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(pruned(&mut store, "2026-11-05T10:30:00Z").1.as_deref(), Some(WATERMARK));
        // both know what is dropped
        database.insert(&[row("2026-11-03T04:30:00Z")]);
        assert_eq!(other.refresh(&at(NOW)).expect("a refresh").rollups[0].lost.len(), 1);
        // a catalog that was given up by name holds nothing back
        database.insert(&[row("2026-11-06T04:30:00Z")]);
        store.refresh(&at(LATER)).expect("a refresh");
        assert_eq!(pruned(&mut store, LATER).0, "held_back");
    }
}

#[test]
fn a_rollup_that_comes_after_a_prune_stores_no_part_of_a_bucket() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &kept_for_a_day());
        store.refresh(&at(NOW)).expect("a refresh");
        pruned(&mut store, NOW);
        let weeks = spec("direct", "1 day");
        let more = kept_for_a_day().replace("\"rollups\": [", &format!("\"rollups\": [{{\"spec\": {weeks}}}, "));
        let mut store = opened(&database, &more);
        store.refresh(&at("2026-11-04T00:30:00Z")).expect("a refresh");
        let answer = store.query("direct", r#"{"bucket": "1 day", "group_by": [], "select": ["requests"]}"#);
        let answer = answer.expect("an answer");
        let of_day = |day: &str| rows().iter().filter(|row| row.ts.starts_with(day)).count() as i64;
        let wanted = ["2026-11-01", "2026-11-02", "2026-11-03"].map(of_day);
        // the days before are answered from the hours, which keep them
        let wanted = wanted.map(isofold::Value::Int64);
        let columns = answer.frame.columns();
        assert_eq!(columns[columns.len() - 1].values(), wanted, "{}", database.kind);
        assert_eq!(database.count("SELECT count(*) FROM direct WHERE bucket < '2026-11-03'"), 0);
    }
}

#[test]
fn the_oldest_rows_are_counted_once_when_they_are_moved() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &catalog("trigger"));
        store.refresh(&at(NOW)).expect("a refresh");
        database.execute("UPDATE requests SET ts = '2026-11-01T07:30:00Z' WHERE ts < '2026-11-01T02:30:00Z'");
        for row in &mut database.rows {
            if row.ts.as_str() < "2026-11-01T02:30:00Z" {
                row.ts = "2026-11-01T07:30:00Z".into();
            }
        }
        let report = store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(report.rollups.iter().map(|rollup| rollup.status.as_str()).collect::<Vec<_>>(), ["ok", "ok"]);
        let rows = database.rows.clone();
        assert_hours(&mut store, &rows, WATERMARK);
        let days = folded(&spec("days", "1 day"), &rows).slice(None, micros("2026-11-03")).expect("on edges");
        assert_eq!(store.load("days", .."2026-11-03").expect("loads").digest(), days.digest());

        // those that somebody drops empty nothing, and are lost
        let before = database.states("hours");
        database.execute("DELETE FROM requests WHERE ts < '2026-11-01T05:00:00Z'");
        let report = store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!((report.rollups[0].status.as_str(), report.rollups[0].lost.len()), ("refused", 1));
        assert_eq!(database.states("hours"), before);
        assert_eq!(store.refresh(&at(NOW)).expect("a refresh").rollups[0].status, "ok");
    }
}

#[test]
fn a_refresh_by_a_clock_that_is_ahead_hides_no_row_that_comes_later() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &catalog("trigger"));
        store.refresh(&at("2026-12-03T10:30:00Z")).expect("a refresh");
        database.insert(&[row("2026-11-03T09:59:00Z"), row("2026-11-03T10:20:00Z"), row("2026-11-03T11:20:00Z")]);
        let mut states = Vec::new();
        for now in ["2026-11-03T09:59:30Z", "2026-11-03T10:30:00Z", "2026-11-03T11:30:00Z"] {
            store.refresh(&at(now)).expect("a refresh");
            let query = r#"{"bucket": null, "group_by": [], "select": ["requests"]}"#;
            let answer = store.query("hours", query).expect("an answer");
            let wanted = [isofold::Value::Int64(database.rows.len() as i64)];
            assert_eq!(answer.frame.columns()[0].values(), wanted, "{} {now}", database.kind);
            states.push(store.check(now).expect("a report").rollups.remove(0).status);
        }
        assert_eq!(states, ["fresh", "fresh", "fresh"]);
        let rows = database.rows.clone();
        assert_hours(&mut store, &rows, "2026-11-03T11:00:00Z");
    }
}

#[test]
fn the_log_of_what_is_built_anyway_or_of_nobody_is_empty() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, &catalog("trigger"));
        store.refresh(&at(NOW)).expect("a refresh");
        for second in 0..20 {
            database.insert(&[
                row(&format!("2026-11-03T10:10:{second:02}Z")),
                row(&format!("2026-11-02T10:10:{second:02}Z")),
            ]);
        }
        store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 0, "{}", database.kind);

        // a rollup that is taken out of its catalog is followed no more, and looked at again when it comes back
        let start = catalog("trigger");
        let alone = format!("{}]}}", &start[..start.find(",\n                        {\"spec\"").expect("days")]);
        let mut hours = opened(&database, &alone.replace("\"hours\"", "\"hours_alone\""));
        hours.refresh(&at(NOW)).expect("a refresh");
        let renamed = alone.replace("\"hours\"", "\"hours_again\"");
        let two = renamed
            .replace("\"rollups\": [", &format!("\"rollups\": [{{\"spec\": {}}}, ", spec("hours_alone", "1 hour")));
        let mut both = opened(&database, &two);
        both.refresh(&at(NOW)).expect("a refresh");
        let mut one = opened(&database, &renamed);
        database.insert(&[row("2026-11-02T03:00:00Z")]);
        one.refresh(&at(NOW)).expect("a refresh");
        store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 0, "{}", database.kind);
        assert_eq!(both.check(NOW).expect("a report").rollups[0].status, "stale");
        both.refresh(&at(NOW)).expect("a refresh");
        let rows = database.rows.clone();
        let wanted = folded(&spec("hours_alone", "1 hour"), &rows).slice(None, micros(WATERMARK)).expect("on edges");
        assert_eq!(both.load("hours_alone", ..WATERMARK).expect("loads").digest(), wanted.digest());
    }
}

#[test]
fn many_rows_are_dropped_in_pieces() {
    for mut database in databases() {
        let start = micros("2026-11-01").expect("a time");
        let many: Vec<Row> = (0..25_000)
            .map(|i| row(&isofold::time::format_timestamp(start + i * 1_000_000)))
            .chain([row("2026-11-03T09:00:00Z")])
            .collect();
        database.insert(&many);
        let mut store = opened(&database, &kept_for_a_day());
        store.refresh(&at(NOW)).expect("a refresh");
        assert_eq!(pruned(&mut store, NOW).0, "ok");
        assert_eq!(database.count("SELECT count(*) FROM requests"), 1);
        assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 0);
        assert_hours(&mut store, &many, WATERMARK);
    }
}
