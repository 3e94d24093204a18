//! What a query answers from stored groups and from rows.

use crate::support::{catalog, databases, folded, rows, spec, Database, NOW};
use isofold_stores::{open, Refresh, Store};

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
