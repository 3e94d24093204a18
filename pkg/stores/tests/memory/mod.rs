//! What a store keeps of what queries read never changes an answer: changes, refreshes, retention and other writers
//! in between, one after the other and at once.

use crate::support::{catalog, databases, rows, Database, Row, NOW};
use isofold_stores::{open, Refresh, Store};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

const QUERIES: [&str; 6] = [
    r#"{"bucket": "1 day", "select": ["requests", "p95_ms"], "where": "model = 'gpt'"}"#,
    r#"{"bucket": null, "group_by": [], "select": ["requests", "top"], "where": "model <> 'gpt' or model is null"}"#,
    r#"{"bucket": null, "select": ["requests", "p95_ms", "users", "top"]}"#,
    r#"{"bucket": "1 day", "select": ["requests", "avg_ms"], "start": "2026-11-01T05:30:00Z"}"#,
    r#"{"bucket": "1 hour", "group_by": [], "select": ["requests", "p95_ms"], "start": "2026-11-01T07:00:00Z", "end": "2026-11-03T09:00:00Z"}"#,
    r#"{"bucket": null, "group_by": [], "select": ["requests"], "windows": {"day": "1 day"}, "start": "2026-11-01", "end": "2026-11-03T10:00:00Z"}"#,
];

fn opened(database: &Database, max_bytes: usize) -> Store {
    let store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
    store.limit_memory(max_bytes);
    store
}

/// A store that drops the first hours.
fn forgetful(database: &Database) -> Store {
    let refresh = r#""schedule_interval": "1 hour"}"#;
    let catalog = catalog("trigger").replace("3 days", "24 hours");
    let catalog = catalog.replace(refresh, &format!(r#"{refresh}, "retention": "33 hours""#));
    open(catalog.as_str(), &database.target).expect("a catalog")
}

fn answers(store: &mut Store) -> Vec<String> {
    let ask = |query: &&str| {
        let answer = store.query("hours", *query).expect("an answer");
        format!("{:?} {:?}", answer.frame, answer.coverage)
    };
    QUERIES.iter().map(ask).collect()
}

fn late(hour: u32, count: usize) -> Vec<Row> {
    let row = |model: &str| Row {
        ts: format!("2026-11-0{}T{:02}:15:00Z", 1 + hour / 24, hour % 24),
        model: Some(model.to_owned()),
        user: Some(hour.into()),
        ms: Some(7.5),
        ok: Some(true),
    };
    (0..count).flat_map(|_| [row("gpt"), row("claude")]).collect()
}

#[test]
fn answers_are_those_of_a_store_that_remembers_nothing() {
    for mut database in databases() {
        database.insert(&rows());
        let mut writer = opened(&database, 0);
        writer.init().expect("tables");
        writer.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let mut remembering = [opened(&database, 64 << 20), opened(&database, 20_000)];
        for step in 0..24_u32 {
            match step % 6 {
                0 => database.insert(&late(step * 7 % 58, 1)),
                1 | 4 => drop(writer.refresh(&Refresh::new().now(NOW)).expect("a refresh")),
                2 => database.remove(&format!("2026-11-02T{:02}", step % 24)),
                3 if step == 15 => drop(forgetful(&database).prune(NOW).expect("pruned")),
                3 => drop(writer.invalidate("2026-11-01".."2026-11-02", None).expect("noted")),
                // one that remembers writes too
                _ => drop(remembering[0].refresh(&Refresh::new().now(NOW)).expect("a refresh")),
            }
            let wanted = answers(&mut opened(&database, 0));
            for store in &mut remembering {
                assert_eq!(answers(store), wanted, "{} after step {step}", database.kind);
            }
        }
    }
}

#[test]
fn tables_that_were_dropped_and_made_again_are_read_again() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = opened(&database, 64 << 20);
        for _ in 0..2 {
            store.init().expect("tables");
            store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
            assert_eq!(answers(&mut store), answers(&mut opened(&database, 0)));
            database.remove("2026-11-01");
            database.drop_rollups();
        }
    }
}

/// The requests of two models, which are always written together.
fn pairs(store: &mut Store) -> [i64; 2] {
    let answer = store.query("hours", r#"{"bucket": null, "select": ["requests"]}"#).expect("an answer");
    let column = answer.frame.columns().last().expect("a metric").values();
    [0, 1].map(|at| match column.get(at) {
        Some(isofold::Value::Int64(count)) => *count,
        _ => 0,
    })
}

#[test]
fn readers_beside_refreshers_see_whole_windows_and_never_go_back() {
    for mut database in databases() {
        database.insert(&late(0, 1));
        let mut writer = opened(&database, 0);
        writer.init().expect("tables");
        writer.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let (published, is_over) = (AtomicI64::new(1), AtomicBool::new(false));
        std::thread::scope(|threads| {
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    let mut store = opened(&database, 64 << 20);
                    let (published, is_over) = (&published, &is_over);
                    threads.spawn(move || {
                        let mut asked = 0;
                        while !is_over.load(Ordering::SeqCst) || asked < 20 {
                            let least = published.load(Ordering::SeqCst);
                            let [claude, gpt] = pairs(&mut store);
                            assert!(claude == gpt && claude >= least, "{claude} and {gpt}, at least {least}");
                            asked += 1;
                        }
                    })
                })
                .collect();
            for step in 1..=40_u32 {
                database.insert(&late(step * 11 % 58, 1));
                writer.refresh(&Refresh::new().now(NOW)).expect("a refresh");
                published.store(1 + i64::from(step), Ordering::SeqCst);
            }
            is_over.store(true, Ordering::SeqCst);
            for reader in readers {
                reader.join().expect("a reader that was told the truth");
            }
        });
        assert_eq!(pairs(&mut opened(&database, 64 << 20)), [41, 41]);
    }
}
