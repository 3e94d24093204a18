//! What need not be read is not: rows that a condition leaves out, groups of other keys, columns that no state uses.

use crate::support::{catalog, databases, folded, queried, rows, spec, Database, NOW};
use isofold::Result;
use isofold_stores::{Batch, Driver, PostgresDriver, Refresh, SqlValue, SqliteDriver, Store};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// How many rows of the source came, and how many groups of `hours`.
#[derive(Clone, Debug, Default)]
struct Read(Arc<[AtomicUsize; 2]>);

impl Read {
    fn take(&self) -> [usize; 2] {
        [0, 1].map(|at| self.0[at].swap(0, Ordering::Relaxed))
    }
}

/// A driver that counts what it gives.
struct Counting {
    driver: Box<dyn Driver>,
    read: Read,
}

impl Driver for Counting {
    fn dialect(&self) -> &'static str {
        self.driver.dialect()
    }

    fn start(&mut self) -> Result<()> {
        self.driver.start()
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        let rows = self.driver.run(sql, parameters)?;
        if sql.contains("state FROM \"hours\"") {
            self.read.0[1].fetch_add(rows.len(), Ordering::Relaxed);
        }
        Ok(rows)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        let read = self.read.clone();
        self.driver.stream(sql, columns, &mut |batch| {
            read.0[0].fetch_add(batch.rows(), Ordering::Relaxed);
            fold(batch)
        })
    }

    fn rollback(&mut self) {
        self.driver.rollback();
    }
}

fn opened(database: &Database, catalog: &str) -> (Store, Read) {
    let read = Read::default();
    let driver: Box<dyn Driver> = match database.kind {
        "sqlite" => Box::new(SqliteDriver::open(&database.target).expect("a file")),
        _ => Box::new(PostgresDriver::connect(&database.target).expect("a server")),
    };
    let driver = Counting { driver, read: read.clone() };
    (Store::new(catalog, Box::new(driver)).expect("a catalog"), read)
}

/// The catalog of the hours alone, with a condition.
fn with_condition(condition: &str) -> (String, String) {
    let spec = spec("hours", "1 hour").replace(r#""select":"#, &format!(r#""where": "{condition}", "select":"#));
    let columns = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;
    let catalog = format!(
        r#"{{"source": {{"table": "requests", "columns": {columns}, "time": "ts", "changes": "trigger"}},
            "rollups": [{{"spec": {spec}, "refresh": {{"start_offset": "3 days"}}}}]}}"#
    );
    (catalog, spec)
}

#[test]
fn rows_that_a_condition_leaves_out_are_not_read() {
    for mut database in databases() {
        database.insert(&rows());
        // what the database is asked, and what it is asked a part of
        for condition in ["model = 'claude' and user_id > 900", "user_id > 900 and ok and ms * 2 > 1000"] {
            let (catalog, spec) = with_condition(condition);
            let (mut store, read) = opened(&database, &catalog);
            store.init().expect("tables");
            read.take();
            let planned = store.plan(&Refresh::new().now(NOW)).expect("a plan").rollups.remove(0);
            let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh").rollups.remove(0);
            let [streamed, _] = read.take();
            let at_most = rows().iter().filter(|row| row.user.is_some_and(|user| user > 900)).count();
            assert!(0 < streamed && streamed <= at_most, "{}: {streamed} of {at_most} rows", database.kind);
            assert_eq!(report.rows_read, streamed as u64);
            assert_eq!(planned.rows_to_read, streamed as u64);
            let whole = store.load("hours", ..).expect("loads").digest();
            assert_eq!(whole, folded(&spec, &database.rows).digest(), "{}: {condition}", database.kind);
            let [tail, _] = read.take();
            assert!(tail * 5 < rows().len(), "{}: {tail} rows of the tail", database.kind);
            store.drop(isofold_stores::RollupTables::Drop).expect("gone");
        }
    }
}

#[test]
fn of_rows_that_do_not_fit_those_that_a_condition_leaves_out_are_not_counted() {
    for mut database in databases() {
        database.insert(&rows());
        let (catalog, spec) = with_condition("model = 'gpt' and user_id > 3");
        let (mut store, _) = opened(&database, &catalog);
        store.init().expect("tables");
        // left out; of the condition's own column; left in
        for (model, user) in [("odd", "0.5"), ("gpt", "1.5"), ("gpt", "7.5")] {
            database.execute(&format!(
                "INSERT INTO requests VALUES ('2026-11-01T05:10:00Z', '{model}', {user}, 1.0, NULL)"
            ));
        }
        let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh").rollups.remove(0);
        assert_eq!(report.rows_skipped, 2, "{}", database.kind);
        let whole = store.load("hours", ..).expect("loads").digest();
        assert_eq!(whole, folded(&spec, &database.rows).digest(), "{}", database.kind);
    }
}

#[test]
fn a_column_that_a_rollup_does_not_use_may_hold_anything() {
    for mut database in databases() {
        database.insert(&rows());
        let select = r#""select": {"n": "count(*)"}}"#;
        let (catalog, _) = with_condition("true");
        let place = catalog.find(r#""select""#).expect("a spec");
        let catalog = format!("{}{select}, \"refresh\": {{\"start_offset\": \"3 days\"}}}}]}}", &catalog[..place]);
        let (mut store, _) = opened(&database, &catalog);
        store.init().expect("tables");
        database.execute("INSERT INTO requests VALUES ('2026-11-01T05:10:00Z', 'odd', 0.5, 1.0, NULL)");
        let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh").rollups.remove(0);
        assert_eq!(report.rows_skipped, 0, "{}", database.kind);
        assert_eq!(database.count("SELECT CAST(sum(n) AS bigint) FROM hours WHERE model = 'odd'"), 1);
    }
}

#[test]
fn a_query_reads_the_groups_and_rows_of_the_keys_that_it_asks_for() {
    for mut database in databases() {
        database.insert(&rows());
        let (mut store, read) = opened(&database, &catalog("trigger"));
        store.init().expect("tables");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        // in the middle of an hour, so that rows are read too
        const START: &str = "2026-11-01T03:30:00Z";
        let asked: Vec<_> = database.rows.iter().filter(|row| row.ts.as_str() >= START).cloned().collect();
        for (filter, keys) in
            [("model = 'gpt'", 1), ("model in ('gpt', 'claude')", 2), ("model is null", 1), ("length(model) = 3", 4)]
        {
            let query = |more: &str| {
                format!(r#"{{"bucket": null, "select": ["requests", "p95_ms", "top"]{more}, "where": "{filter}"}}"#)
            };
            read.take();
            let wanted = queried(&spec("hours", "1 hour"), &asked, &query(""));
            let mut counts = Vec::new();
            for _ in 0..2 {
                let answer =
                    store.query("hours", query(&format!(r#", "start": "{START}""#)).as_str()).expect("an answer");
                let about = format!("{}: {filter}", database.kind);
                assert_eq!(format!("{:?}", answer.frame.columns()), format!("{:?}", wanted.columns()), "{about}");
                counts.push(read.take());
            }
            let [[rows, groups], [_, again]] = counts[..] else { panic!("two answers") };
            let hours = 55;
            assert!(groups > 0 && groups <= keys * hours, "{}: {groups} groups for {filter}", database.kind);
            // what was read with a condition is remembered for it
            assert_eq!(again, 0, "{}: {filter}", database.kind);
            let edge = asked.iter().filter(|row| row.ts.as_str() < "2026-11-01T04:00:00Z").count();
            let is_asked = database.kind == "postgres" || !filter.starts_with("length");
            assert!(0 < rows && (rows < edge) == is_asked, "{}: {rows} of {edge} rows", database.kind);
        }
        // all that was read is there for every condition
        store.query("hours", r#"{"bucket": null, "start": "2026-11-01T03:00:00Z"}"#).expect("an answer");
        read.take();
        store
            .query("hours", r#"{"bucket": null, "start": "2026-11-01T03:00:00Z", "where": "model = 'none'"}"#)
            .expect("an answer");
        assert_eq!(read.take()[1], 0, "{}", database.kind);
    }
}
