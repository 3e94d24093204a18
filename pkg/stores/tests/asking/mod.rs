//! Parameters, comparisons and second steps in the answers of stores, which are those of a rollup in memory.

use crate::support::{catalog, databases, folded, rows, spec, NOW};
use isofold_stores::{open, Refresh, Store};

fn held(whole: &isofold::Rollup, query: &str) -> isofold::query::Frame {
    let source = isofold_facade::json::query_source(query).expect("a query");
    isofold::query::then(whole.query(&source).expect("an answer"), &source).expect("a second step")
}

fn assert_same(store: &mut Store, whole: &isofold::Rollup, query: &str) {
    let wanted = held(whole, query);
    let stored = store.query("hours", query).expect("an answer");
    assert_eq!(format!("{:?}", stored.frame.columns()), format!("{:?}", wanted.columns()), "{query}");
    assert_eq!(stored.frame.total_rows(), wanted.total_rows(), "{query}");
}

#[test]
fn an_answer_of_a_store_is_that_of_a_rollup_in_memory() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let whole = folded(&spec("hours", "1 hour"), &database.rows);
        for query in [
            r#"{"bucket": null, "where": "model = $1", "parameters": ["gpt"], "select": ["requests", "p95_ms"]}"#,
            // the same text with other values is another question, though groups are remembered
            r#"{"bucket": null, "where": "model = $1", "parameters": ["claude"], "select": ["requests", "p95_ms"]}"#,
            r#"{"bucket": null, "where": "model = $1 or model is null", "parameters": ["o'möbius\\"], "select": ["requests"]}"#,
            r#"{"bucket": null, "where": "model = $1", "parameters": ["gpt' or 'a' = 'a"], "select": ["requests"]}"#,
            r#"{"bucket": null, "start": "2026-11-02T00:00:00Z", "end": "2026-11-03T00:00:00Z", "compare": "previous", "select": ["requests", "avg_ms", "p95_ms", "users"]}"#,
            r#"{"bucket": "1 hour", "start": "2026-11-03T04:00:00Z", "end": "2026-11-03T11:00:00Z", "compare": "previous", "select": ["requests"], "group_by": [], "order_by": ["-requests_previous"], "limit": 3}"#,
            r#"{"bucket": "1 day", "start": "2026-11-02T00:00:00Z", "end": "2026-11-03T00:00:00Z", "compare": "previous", "select": ["requests", "p95_ms"], "having": "requests > requests_previous - 5"}"#,
            r#"{"bucket": "1 day", "select": ["requests", "p95_ms"], "then": {"group_by": ["model"], "select": {"days": "count(*)", "p95": "avg(p95_ms)", "most": "max(requests)"}, "order_by": ["-most"], "limit": 2}}"#,
            r#"{"select": ["requests", "failures"], "where": "model <> $1", "parameters": ["gpt", 3], "then": {"where": "failures > $2", "select": {"bad_hours": "count(*)"}}}"#,
            r#"{"bucket": null, "start": "2026-11-01T18:00:00Z", "end": "2026-11-03T10:00:00Z", "compare": "previous", "select": ["requests"], "windows": {"last": "6 hours"}}"#,
        ] {
            assert_same(&mut store, &whole, query);
        }
    }
}

#[test]
fn a_period_that_begins_inside_buckets_is_compared_by_its_rows() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let query = r#"{"bucket": null, "group_by": ["model"], "start": "2026-11-02T05:20:00Z", "end": "2026-11-03T10:20:00Z", "compare": "previous", "select": ["requests", "p95_ms"]}"#;
        let answer = store.query("hours", query).expect("an answer");
        let minutes = spec("minutes", "1 minute");
        let whole = folded(&minutes, &database.rows);
        assert_eq!(
            format!("{:?}", answer.frame.columns()),
            format!("{:?}", held(&whole, query).columns()),
            "{}",
            database.kind
        );
        let from: Vec<&str> = answer.coverage.segments.iter().map(|segment| segment.from.as_str()).collect();
        assert_eq!(from, ["rows", "hours", "rows", "rows", "hours", "rows"], "{}", database.kind);
        // what is asked for with other values meanwhile is not that of before
        let of = |store: &mut Store, model: &str| {
            let query = format!(
                r#"{{"bucket": null, "group_by": [], "where": "model = $1", "parameters": ["{model}"], "select": ["requests"], "end": "2026-11-03T10:00:00Z"}}"#
            );
            format!(
                "{:?}",
                store
                    .query("hours", query.as_str())
                    .expect("an answer")
                    .frame
                    .column("requests")
                    .expect("a column")
                    .values()
            )
        };
        let (gpt, nobody) = (of(&mut store, "gpt"), of(&mut store, "nobody"));
        assert!(gpt != nobody && nobody.contains("Int64(0)"), "{gpt} {nobody}");
        assert_eq!((of(&mut store, "gpt"), of(&mut store, "nobody")), (gpt, nobody));
    }
}
