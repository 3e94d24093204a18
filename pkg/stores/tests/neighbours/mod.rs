//! Gaps of an answer are filled from what is stored before and after its range: the answer of a store is that of a rollup
//! of all rows.

use crate::support::{self, databases, micros, Database, Row};
use isofold::time::{format_timestamp, SECOND_US};
use isofold_stores::{open, Refresh, Store};

const COLUMNS: &str = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;
/// The refresh; hours past it are read from rows.
const NOW: &str = "2026-11-21T07:30:00Z";

fn spec(name: &str, bucket: &str, keys: &str) -> String {
    let select = r#"{"n": "count(*)", "s": "sum(ms)", "top": "max(user_id)"}"#;
    format!(
        r#"{{"name": "{name}", "columns": {COLUMNS}, "time": "ts", "bucket": "{bucket}", "group_by": {keys}, "select": {select}}}"#
    )
}

/// A rollup by hour, and one by day that is built from it.
fn catalog(keys: &str, day_keys: &str) -> String {
    let (hours, days) = (spec("hours", "1 hour", keys), spec("days", "1 day", day_keys));
    format!(
        r#"{{"source": {{"table": "requests", "columns": {COLUMNS}, "time": "ts", "changes": "trigger"}},
            "rollups": [{{"spec": {hours}}}, {{"spec": {days}, "from": "hours"}}]}}"#
    )
}

/// Few rows over two months: most hours and keys have none, and some keys come once.
fn sparse() -> Vec<Row> {
    let start = micros("2026-10-01").expect("a time");
    let mut seed: u64 = 7;
    let mut below = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    let row = |_| {
        let (hour, user) = (below(56 * 24), below(4));
        let model = [Some("gpt"), Some("claude"), Some("o'möbius\\"), None][below(4) as usize];
        Row {
            ts: format_timestamp(start + hour as i64 * 3600 * SECOND_US + 60 * SECOND_US),
            model: model.map(str::to_owned),
            user: (user > 0).then_some(user as i64),
            ms: (below(9) > 0).then_some(f64::from(below(1000) as u32)),
            ok: Some(user == 2),
        }
    };
    let mut rows: Vec<Row> = (0..260).map(row).collect();
    let once = |ts: &str, model: &str| Row {
        ts: ts.to_owned(),
        model: Some(model.to_owned()),
        user: Some(9),
        ms: Some(1.5),
        ok: None,
    };
    rows.extend([once("2026-10-02T03:10:00Z", "gone"), once("2026-11-10T11:10:00Z", "gone")]);
    rows.extend([once("2026-11-10T12:10:00Z", "new"), once("2026-11-25T01:00:00Z", "new")]);
    rows
}

fn built(database: &mut Database, keys: &str, day_keys: &str) -> Store {
    database.insert(&sparse());
    let mut store = open(catalog(keys, day_keys).as_str(), &database.target).expect("a catalog");
    store.init().expect("tables");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

const RANGES: [(&str, &str, &str); 8] = [
    ("2026-11-10T06:00:00Z", "2026-11-10T18:00:00Z", "inside what is stored"),
    ("2026-11-10", "2026-11-14", "days that are stored"),
    ("2026-11-20T12:00:00Z", "2026-11-21T18:00:00Z", "over the watermark"),
    ("2026-11-21T12:00:00Z", "2026-11-22T06:00:00Z", "wholly past it"),
    ("2026-09-20", "2026-09-20T12:00:00Z", "before all rows"),
    ("2026-09-30T12:00:00Z", "2026-10-01T12:00:00Z", "the first rows"),
    ("2027-01-01", "2027-01-01T12:00:00Z", "after all rows"),
    ("2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z", "nothing"),
];

const QUERIES: [&str; 12] = [
    r#""gapfill": {"n": "locf", "s": "interpolate"}"#,
    r#""gapfill": {"n": 0, "s": "locf"}"#,
    r#""gapfill": {"n": "locf", "s": "interpolate"}, "group_by": []"#,
    r#""gapfill": {"s": "interpolate"}, "group_by": [], "select": ["s"], "bucket": "6 hours""#,
    r#""gapfill": {"n": "locf", "top": "interpolate"}, "group_by": ["model"]"#,
    r#""gapfill": {"n": "locf", "s": "interpolate"}, "group_by": ["model"], "bucket": "6 hours""#,
    r#""gapfill": {"n": "locf"}, "group_by": ["user_id"], "where": "model is not null""#,
    r#""gapfill": {"s": "interpolate"}, "group_by": ["coalesce(model, 'none') as m"]"#,
    r#""gapfill": {"n": "interpolate"}, "group_by": [], "where": "model = 'new'""#,
    r#""gapfill": {"n": "locf"}, "group_by": ["model"], "where": "user_id > 1 or user_id is null""#,
    r#""gapfill": {"n": "interpolate", "s": "locf"}, "having": "n > 1", "bucket": "6 hours""#,
    r#""gapfill": {"n": null}"#,
];

fn agree(store: &mut Store, database: &Database, keys: &str) -> usize {
    let mut outside = 0;
    for (start, end, what) in RANGES {
        for query in QUERIES {
            let query = format!(r#"{{"start": "{start}", "end": "{end}", {query}}}"#);
            let wanted = support::queried(&spec("hours", "1 hour", keys), &database.rows, &query);
            let answer = store.query("hours", query.as_str()).expect(&query);
            let kind = database.kind;
            assert_eq!(format!("{:?}", answer.frame), format!("{wanted:?}"), "{kind}, {what}: {query}");
            // what the rows of the range alone would have answered
            let rows = |row: &&Row| (start..end).contains(&row.ts.as_str());
            let inside: Vec<Row> = database.rows.iter().filter(rows).cloned().collect();
            let alone = support::queried(&spec("hours", "1 hour", keys), &inside, &query);
            outside += usize::from(format!("{alone:?}") != format!("{wanted:?}"));
        }
    }
    outside
}

#[test]
fn gaps_are_filled_as_in_a_rollup_of_all_rows() {
    for mut database in databases() {
        let keys = r#"["model", "user_id"]"#;
        let mut store = built(&mut database, keys, r#"["model"]"#);
        assert!(agree(&mut store, &database, keys) > 40, "most answers need what is outside of their range");
    }
}

#[test]
fn a_bucket_that_lies_in_several_parts_is_a_neighbour_as_a_whole() {
    for mut database in databases() {
        let late = |ts: &str| Row {
            ts: ts.to_owned(),
            model: Some("late".to_owned()),
            user: Some(1),
            ms: Some(4.0),
            ok: None,
        };
        database.insert(&[late("2026-11-19T10:00:00Z"), late("2026-11-21T02:00:00Z"), late("2026-11-21T06:10:00Z")]);
        // past the watermark
        database.insert(&[late("2026-11-21T08:00:00Z"), late("2026-11-21T21:00:00Z"), late("2026-11-23T01:00:00Z")]);
        let keys = r#"["model", "user_id"]"#;
        let mut store = built(&mut database, keys, r#"["model"]"#);
        for query in [
            r#"{"start": "2026-11-22", "end": "2026-11-23", "group_by": [], "gapfill": {"n": "locf", "s": "interpolate"}"#,
            r#"{"start": "2026-11-22", "end": "2026-11-24", "group_by": ["model"], "gapfill": {"n": "interpolate"}"#,
            r#"{"start": "2026-11-18", "end": "2026-11-21", "group_by": ["model"], "gapfill": {"n": "interpolate"}"#,
            r#"{"start": "2026-11-20", "end": "2026-11-21", "group_by": [], "gapfill": {"n": "interpolate"}"#,
        ] {
            let query = format!(r#"{query}, "bucket": "1 day", "where": "model = 'late'"}}"#);
            let wanted = support::queried(&spec("hours", "1 hour", keys), &database.rows, &query);
            let answer = store.query("hours", query.as_str()).expect(&query);
            assert_eq!(format!("{:?}", answer.frame), format!("{wanted:?}"), "{}: {query}", database.kind);
        }
    }
}

#[test]
fn keys_of_every_type_are_found() {
    for keys in [r#"["ok"]"#, r#"["user_id"]"#, r#"[]"#, r#"["ms", "ok"]"#, r#"["ts", "model"]"#] {
        for mut database in databases() {
            let mut store = built(&mut database, keys, "[]");
            for query in [
                r#"{"start": "2026-11-10T06:00:00Z", "end": "2026-11-10T18:00:00Z", "gapfill": {"n": "locf", "s": "interpolate"}}"#,
                r#"{"start": "2026-11-18", "end": "2026-11-22", "bucket": "6 hours", "gapfill": {"n": "locf", "s": "interpolate"}}"#,
                r#"{"start": "2026-11-10T06:00:00Z", "end": "2026-11-10T18:00:00Z", "group_by": [], "gapfill": {"n": "locf"}}"#,
            ] {
                let wanted = support::queried(&spec("hours", "1 hour", keys), &database.rows, query);
                let answer = store.query("hours", query).expect(query);
                assert_eq!(format!("{:?}", answer.frame), format!("{wanted:?}"), "{}, {keys}: {query}", database.kind);
            }
        }
    }
}

#[test]
fn stored_groups_alone_have_the_neighbours_that_are_stored() {
    for mut database in databases() {
        let mut store = built(&mut database, r#"["model"]"#, "[]");
        let query = r#"{"start": "2026-11-21T12:00:00Z", "end": "2026-11-22T06:00:00Z", "group_by": [], "gapfill": {"n": "locf"}, "select": ["n"]}"#;
        let stored: Vec<Row> = database.rows.iter().filter(|row| row.ts.as_str() < "2026-11-21T07").cloned().collect();
        let wanted = support::queried(&spec("hours", "1 hour", r#"["model"]"#), &stored, query);
        let answer = store.query_with("hours", query, isofold_stores::Tail::Nothing).expect("an answer");
        assert_eq!(format!("{:?}", answer.frame), format!("{wanted:?}"), "{}", database.kind);
        assert!(!answer.frame.is_empty());
    }
}

#[test]
fn a_store_that_was_never_refreshed_finds_them_in_the_rows() {
    for mut database in databases() {
        database.insert(&sparse());
        let keys = r#"["model", "user_id"]"#;
        let mut store = open(catalog(keys, "[]").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        agree(&mut store, &database, keys);
    }
}
