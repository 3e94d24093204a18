//! Changes that a trigger of the table alone does not see: they are found, or `check` says `unwatched`.

use crate::support::{catalog, databases, folded, micros, rows, spec, Database, Row, NOW};
use isofold_stores::{open, Refresh, Store};

const WATERMARK: &str = "2026-11-03T10:00:00Z";

fn built(database: &mut Database) -> Store {
    database.insert(&rows());
    let mut store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
    store.init().expect("tables");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

fn status(store: &mut Store) -> String {
    store.check(NOW).expect("a report").rollups.remove(0).status
}

fn assert_whole(store: &mut Store, rows: &[Row]) {
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    let wanted = folded(&spec("hours", "1 hour"), rows).slice(None, micros(WATERMARK)).expect("on edges");
    assert_eq!(store.load("hours", ..WATERMARK).expect("loads").digest(), wanted.digest());
    assert_eq!(status(store), "fresh");
}

fn late() -> Row {
    Row { ts: "2026-11-01T05:10:00Z".into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

#[test]
fn what_is_written_while_nobody_watches_is_found_after_the_next_init() {
    for mut database in databases() {
        let mut store = built(&mut database);
        let (disable, postgres) = match database.kind {
            "sqlite" => {
                let name =
                    database.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_insert'");
                (format!("DROP TRIGGER {name}"), false)
            }
            _ => ("ALTER TABLE requests DISABLE TRIGGER ALL".into(), true),
        };
        database.execute(&disable);
        database.insert(&[late()]);
        assert_eq!(status(&mut store), "unwatched", "{}", database.kind);
        if postgres {
            assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 0);
        }
        store.init().expect("triggers");
        assert_eq!(status(&mut store), "stale");
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);

        // a table of rows that is made anew
        database.make_rows_anew();
        assert_eq!(status(&mut store), "unwatched");
        store.init().expect("triggers");
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);
    }
}

#[test]
fn a_row_whose_place_another_takes_is_found() {
    let mut database = databases().remove(0);
    database.execute("DROP TABLE requests; CREATE TABLE requests (ts TEXT, model TEXT, user_id INTEGER PRIMARY KEY, ms REAL, ok INTEGER, code TEXT UNIQUE)");
    let mut insert = |hour: u32, id: u32, code: &str, verb: &str| {
        database.execute(&format!(
            "{verb} INTO requests VALUES ('2026-11-01T{hour:02}:30:00Z', 'a', {id}, 1.0, 1, '{code}')"
        ));
    };
    insert(3, 1, "x", "INSERT");
    insert(4, 2, "y", "INSERT");
    insert(9, 3, "z", "INSERT");
    let mut store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
    store.init().expect("tables");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    let mut insert = |hour: u32, id: u32, code: &str, verb: &str| {
        database.execute(&format!(
            "{verb} INTO requests VALUES ('2026-11-01T{hour:02}:30:00Z', 'a', {id}, 1.0, 1, '{code}')"
        ));
    };
    insert(5, 1, "w", "INSERT OR REPLACE");
    insert(6, 4, "y", "REPLACE");
    insert(7, 3, "q", "INSERT OR IGNORE");
    database.execute("UPDATE OR REPLACE requests SET code = 'y', ts = '2026-11-01T08:30:00Z' WHERE user_id = 3");
    assert_eq!(status(&mut store), "stale");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    assert_eq!(status(&mut store), "fresh");
    assert_eq!(database.count("SELECT sum(requests) FROM hours"), 2);
    assert_eq!(
        database.count("SELECT count(*) FROM hours WHERE bucket IN ('2026-11-01T05:00:00Z', '2026-11-01T08:00:00Z')"),
        2
    );
    // nothing differs
    store.init().expect("nothing to do");
    assert_eq!(status(&mut store), "fresh");
}

#[test]
fn rows_of_partitions_and_children_are_watched() {
    for mut database in databases().into_iter().skip(1) {
        for below in
            ["PARTITION OF requests FOR VALUES FROM ('2026-11-01') TO ('2026-11-04')", "() INHERITS (requests)"]
        {
            let is_partition = below.starts_with("PARTITION");
            let partitioned = if is_partition { "PARTITION BY RANGE (ts)" } else { "" };
            database.execute("DROP TABLE IF EXISTS hours, days, isofold_rollups, isofold_schemas, isofold_changes, isofold_lost, isofold_version, isofold_runs, isofold_skipped; DROP TABLE requests CASCADE");
            database.execute(&format!(
                "CREATE TABLE requests (ts timestamptz, model text, user_id numeric, ms float8, ok boolean) {partitioned};
                 DROP TABLE IF EXISTS part, more; CREATE TABLE part {below}"
            ));
            database.rows.clear();
            let mut store = built(&mut database);
            database.execute("INSERT INTO part VALUES ('2026-11-01T05:10:00Z', 'late', 1, 2.0, true)");
            database.rows.push(late());
            assert_eq!(status(&mut store), "stale");
            let rows = database.rows.clone();
            assert_whole(&mut store, &rows);

            // one that comes later, with rows
            database.execute("CREATE TABLE more (LIKE requests); INSERT INTO more VALUES ('2026-10-31T05:10:00Z', 'late', 1, 2.0, true)");
            database.execute(if is_partition {
                "ALTER TABLE requests ATTACH PARTITION more FOR VALUES FROM ('2026-10-01') TO ('2026-11-01')"
            } else {
                "ALTER TABLE more INHERIT requests"
            });
            database.rows.push(Row { ts: "2026-10-31T05:10:00Z".into(), ..late() });
            assert_eq!(status(&mut store), "unwatched");
            store.init().expect("triggers");
            let rows = database.rows.clone();
            assert_whole(&mut store, &rows);
            database.execute("DELETE FROM more");
            assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 1);
            store.init().expect("nothing to do");
            assert_eq!(database.count("SELECT count(*) FROM isofold_changes"), 1);
        }
    }
}

#[test]
fn a_writer_whose_snapshot_is_older_than_init_is_found() {
    for mut database in databases().into_iter().skip(1) {
        database.insert(&rows());
        let mut writer = database.another();
        writer
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM requests")
            .expect("a snapshot");
        let mut store = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        writer
            .batch_execute("INSERT INTO requests VALUES ('2026-11-01T05:10:00Z', 'late', 1, 2.0, true); COMMIT")
            .expect("a row");
        database.rows.push(late());
        assert_eq!(status(&mut store), "stale");
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);
    }
}

#[test]
fn a_second_search_path_does_not_take_the_triggers_unseen() {
    for mut database in databases().into_iter().skip(1) {
        database.insert(&rows());
        let schema = database.text("SELECT current_schema()::text");
        let other = format!("{schema}_other");
        database.execute(&format!("CREATE SCHEMA {other}"));
        let target = database.target.replace(&schema, &format!("{other}%2C{schema}"));
        let mut store = open(catalog("trigger").as_str(), &target).expect("a catalog");
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let mut second = open(catalog("trigger").as_str(), &database.target).expect("a catalog");
        second.init().expect("tables");
        assert_eq!((status(&mut store), status(&mut second)), ("unwatched".into(), "never".into()));
        store.init().expect("triggers");
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);
    }
}
