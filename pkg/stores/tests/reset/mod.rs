//! A watermark that is set back: rows answer from there on, and the next refresh builds them again.

use crate::support::{self, catalog, databases, folded, rows, spec, NOW};
use crate::{filled, loaded, WATERMARK};
use isofold::Code;
use isofold_stores::{open, Refresh, ResetRollup, Store};

const BACK: &str = "2026-11-02T05:20:00Z";
const QUERY: &str = r#"{"bucket": "1 day", "group_by": [], "select": ["requests"]}"#;

fn moved(name: &str, watermark: &str) -> ResetRollup {
    ResetRollup { name: name.into(), watermark: watermark.into() }
}

fn requests(store: &mut Store) -> String {
    format!("{:?}", store.query("hours", QUERY).expect("an answer").frame)
}

#[test]
fn what_nobody_logged_is_answered_at_once_and_built_by_the_next_refresh() {
    for mut database in databases() {
        // what changes long ago is found by nobody
        let mut store = filled(&mut database, "start_offset");
        database.execute("DELETE FROM requests WHERE model = 'gpt'");
        database.rows.retain(|row| row.model.as_deref() != Some("gpt"));
        let is_right = |store: &mut Store, rows: &[support::Row]| {
            requests(store) == format!("{:?}", support::queried(&spec("hours", "1 hour"), rows, QUERY))
        };
        assert!(!is_right(&mut store, &database.rows));
        let before = database.states("hours");

        let report = store.reset("2026-11-01", Some("hours")).expect("set back");
        assert_eq!(report.reset, [moved("hours", "2026-11-01T00:00:00Z"), moved("days", "2026-11-01T00:00:00Z")]);
        assert_eq!(database.states("hours"), before, "nothing that is stored is deleted");
        assert!(is_right(&mut store, &database.rows), "{}: rows answer past the watermark", database.kind);
        let check = store.check(NOW).expect("a report");
        assert_eq!(check.rollups.iter().map(|it| it.status.as_str()).collect::<Vec<_>>(), ["stale", "stale"]);

        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let hours = folded(&spec("hours", "1 hour"), &database.rows).slice(None, support::micros(WATERMARK));
        assert_eq!(loaded(&mut store, "hours", WATERMARK), hours.expect("on edges").digest());
        let days = folded(&spec("days", "1 day"), &database.rows).slice(None, support::micros("2026-11-03"));
        assert_eq!(loaded(&mut store, "days", "2026-11-03"), days.expect("on edges").digest());
        let states: Vec<_> = store.check(NOW).expect("a report").rollups;
        assert!(states.iter().all(|it| it.status == "fresh"), "{states:?}");
        assert_eq!(states[0].watermark.as_deref(), Some(WATERMARK));
    }
}

#[test]
fn a_part_of_a_schedule_is_stale_too_and_everything_is_meant_without_a_name() {
    for mut database in databases() {
        let mut store = filled(&mut database, "trigger");
        // `schedule_interval` is an hour, which a lag may have
        let report = store.reset("2026-11-03T09:59:00Z", None).expect("set back");
        assert_eq!(report.reset, [moved("hours", "2026-11-03T09:00:00Z")]);
        let check = store.check(NOW).expect("a report").rollups;
        assert_eq!((check[0].status.as_str(), check[1].status.as_str()), ("stale", "stale"), "{check:?}");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert!(store.check(NOW).expect("a report").rollups.iter().all(|it| it.status == "fresh"));

        let report = store.reset(BACK, Some("days")).expect("set back");
        assert_eq!(report.reset, [moved("days", "2026-11-02T00:00:00Z")]);
        assert_eq!(store.reset(BACK, Some("days")).expect("there already").reset, []);
        let report = store.reset(BACK, None).expect("set back");
        assert_eq!(report.reset, [moved("hours", "2026-11-02T05:00:00Z")]);
        let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let written: Vec<u64> = report.rollups.iter().map(|it| it.groups_written + it.groups_deleted).collect();
        assert_eq!(written, [0, 0], "what is stored is what is built again");
    }
}

#[test]
fn a_refresher_that_was_at_work_meanwhile_has_not_built_what_was_set_back() {
    for mut database in databases() {
        let mut store = filled(&mut database, "start_offset");
        let mut other = open(catalog("start_offset").as_str(), &database.target).expect("a catalog");
        database.remove("2026-11-01T07");
        let later = "2026-11-03T13:30:00Z";
        database.insert(&[support::Row { ts: "2026-11-03T12:10:00Z".into(), ..rows()[0].clone() }]);
        let mut is_set = false;
        store
            .refresh_with(&Refresh::new().rollup("hours").now(later), |progress| {
                if !is_set && progress.rows_read > 0 {
                    // between the transactions of two windows
                    is_set = other.reset("2026-11-01", Some("hours")).is_ok();
                }
            })
            .expect("a refresh");
        assert!(is_set, "{}", database.kind);
        other.refresh(&Refresh::new().now(later)).expect("a refresh");
        let hours =
            folded(&spec("hours", "1 hour"), &database.rows).slice(None, support::micros("2026-11-03T13:00:00Z"));
        assert_eq!(loaded(&mut store, "hours", "2026-11-03T13:00:00Z"), hours.expect("on edges").digest());
    }
}

#[test]
fn what_cannot_be_set_back_is_refused_and_stays() {
    for mut database in databases() {
        database.insert(&rows());
        let retention = catalog("start_offset").replace("\"changes\"", "\"retention\": \"1 day\", \"changes\"");
        let retention = retention.replace("3 days", "6 hours");
        let mut store = open(retention.as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        let refused = |store: &mut Store, to: &str, rollup: Option<&str>| {
            let error = store.reset(to, rollup).expect_err(to);
            (error.code(), error.path().to_owned())
        };
        let after = (Code::RangeInvalid, "to".to_owned());
        assert_eq!(refused(&mut store, "2026-11-02", Some("hours")), after, "never built");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        for rollup in [None, Some("hours")] {
            assert_eq!(refused(&mut store, "2026-11-03T12:00:00Z", rollup), after);
        }
        assert_eq!(refused(&mut store, "2026-11-04", Some("days")), after);
        assert_eq!(refused(&mut store, "20000-01-01", None), after);
        assert_eq!(refused(&mut store, "yesterday", None), after);
        assert_eq!(refused(&mut store, BACK, Some("weeks")).0, Code::RefreshRollup);
        store.prune(NOW).expect("pruned");
        // rows are there from 2026-11-02T10:00 on
        assert_eq!(refused(&mut store, BACK, None), (Code::RefreshDropped, "to".to_owned()));
        let state = &store.check(NOW).expect("a report").rollups;
        assert_eq!(state[0].watermark.as_deref(), Some(WATERMARK));
        let status = state[0].status.clone();
        let report = store.reset("2026-11-02T10:00:00Z", None).expect("set back");
        assert_eq!(report.reset[0], moved("hours", "2026-11-02T10:00:00Z"));
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "stale");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let state = &store.check(NOW).expect("a report").rollups[0];
        assert_eq!((&state.status, state.watermark.as_deref()), (&status, Some(WATERMARK)));
    }
}
