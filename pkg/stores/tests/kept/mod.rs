//! States that no column shows, and what follows from a finer rollup whose key tells which rows a state sees.

use crate::support::{databases, folded, micros, rows, spec, NOW};
use isofold_stores::{open, Refresh};

const WATERMARK: &str = "2026-11-03T10:00:00Z";

/// Hours by model and outcome that show their requests alone.
fn hours(keep: &str) -> String {
    let hours = spec("hours", "1 hour").replace(r#"["model"]"#, r#"["model", "ok"]"#);
    let select = hours.find(r#""select""#).expect("a spec");
    format!(r#"{}"select": {{"requests": "count(*)"}}{keep}}}"#, &hours[..select])
}

const KEEP: &str = r#", "keep": ["avg(ms)", "percentile_agg(ms)", "approx_count_distinct(user_id)", "value_counts(user_id)", "bool_or(ok)", "max(ts)"]"#;

const SOURCE: &str = r#"{"table": "requests", "columns": {"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"},
    "time": "ts", "changes": "trigger"}"#;

fn catalog(hours: &str) -> String {
    let days = spec("days", "1 day");
    format!(r#"{{"source": {SOURCE}, "rollups": [{{"spec": {hours}}}, {{"spec": {days}, "from": "hours"}}]}}"#)
}

fn only(hours: &str) -> String {
    format!(r#"{{"source": {SOURCE}, "rollups": [{{"spec": {hours}}}]}}"#)
}

#[test]
fn days_follow_from_hours_that_keep_their_states_and_have_the_key_of_their_filter() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = open(catalog(&hours(KEEP)).as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let days = folded(&spec("days", "1 day"), &database.rows).slice(None, micros("2026-11-03")).expect("on edges");
        assert_eq!(store.load("days", .."2026-11-03").expect("loads").digest(), days.digest(), "{}", database.kind);

        // a range that is no whole day reads hours, and rows past them
        let query = r#"{"bucket": null, "group_by": ["model"], "select": ["requests", "failures", "p95_ms"], "start": "2026-11-01T05:00:00Z"}"#;
        let answer = store.query("days", query).expect("an answer");
        let from: Vec<&str> = answer.coverage.segments.iter().map(|segment| segment.from.as_str()).collect();
        assert_eq!(from, ["hours", "days", "hours", "rows"]);
        let whole = folded(&spec("days", "1 hour"), &database.rows);
        let wanted = whole.query(&isofold_facade::json::query_source(query).expect("a query")).expect("an answer");
        assert_eq!(format!("{:?}", answer.frame.columns()), format!("{:?}", wanted.columns()), "{}", database.kind);

        // what is kept has no column, and is asked for all the same
        let ad_hoc = store
            .query("hours", r#"{"bucket": null, "group_by": [], "select": ["approx_percentile(0.5, percentile_agg(ms)) as p50"], "end": "2026-11-03"}"#)
            .expect("an answer");
        assert_eq!(ad_hoc.frame.len(), 1);
    }
}

#[test]
fn a_state_that_is_kept_later_is_built_from_then_on() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = open(only(&hours("")).as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let mut store = open(only(&hours(r#", "keep": ["sum(ms)"]"#)).as_str(), &database.target).expect("a catalog");
        let report = store.init().expect("tables");
        assert_eq!((report.rollups[0].added.len(), report.rollups[0].groups_filled), (0, 0));
        let query =
            r#"{"bucket": null, "group_by": [], "select": ["sum(ms) as total"], "end": "2026-11-03T10:00:00Z"}"#;
        let total = |store: &mut isofold_stores::Store| {
            format!(
                "{:?}",
                store.query("hours", query).expect("an answer").frame.column("total").expect("a column").values()
            )
        };
        assert!(total(&mut store).contains("Null"), "it is not kept of what is built");
        store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect("a refresh");
        assert!(!total(&mut store).contains("Null"), "{}", database.kind);
        assert_eq!(store.check(NOW).expect("a report").rollups[0].watermark.as_deref(), Some(WATERMARK));
    }
}
