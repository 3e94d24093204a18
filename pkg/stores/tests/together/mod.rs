//! Rollups over the same rows read them once, and each is as if it had read them alone.

use crate::support::{databases, rows, Database, NOW};
use isofold::{Code, Result};
use isofold_stores::{
    Batch, Driver, PostgresDriver, Refresh, RefreshedRollup, RollupTables, SqlValue, SqliteDriver, Store,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const COLUMNS: &str = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;

/// Rollups with a name, and what their specs are behind it.
const FOUR: [(&str, &str); 4] = [
    (
        "hours",
        r#""bucket": "1 hour", "group_by": ["model"], "select": {"n": "count(*)", "users": "approx_count_distinct(user_id)"}"#,
    ),
    (
        "quarters",
        r#""bucket": "15 minutes", "group_by": ["ok"], "select": {"n": "count(*)", "ms": "sum(ms)"}, "where": "user_id > 300 or ms < 90.25""#,
    ),
    (
        "berlin",
        r#""bucket": {"width": "1 day", "timezone": "Europe/Berlin"}, "group_by": [], "select": {"n": "count(*)", "p95": "approx_percentile(0.95, percentile_agg(ms))"}"#,
    ),
    ("days", r#""bucket": "1 day", "group_by": ["model"], "select": {"n": "count(*)"}, "where": "model = 'gpt'""#),
];

fn catalog_with(rollups: &[(&str, &str)], source: &str) -> String {
    let each: Vec<String> =
        rollups.iter().map(|(name, spec)| format!(r#"{{"spec": {{"name": "{name}", {spec}}}}}"#)).collect();
    format!(
        r#"{{"source": {{"table": "requests", "columns": {COLUMNS}, "time": "ts", "changes": "trigger"{source}}},
            "rollups": [{}]}}"#,
        each.join(", ")
    )
}

fn catalog(rollups: &[(&str, &str)]) -> String {
    catalog_with(rollups, "")
}

/// What the statements are that read rows, and what a driver refuses.
#[derive(Clone, Default)]
struct Watch {
    streams: Arc<Mutex<Vec<String>>>,
    /// How often the first row was asked for.
    extents: Arc<AtomicUsize>,
    /// Refused once, where a statement has it.
    cut: Arc<Mutex<Option<&'static str>>>,
}

impl Watch {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.streams.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn cut(&self, part: &'static str) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
    }

    fn refuse(&self, sql: &str) -> Result<()> {
        let mut cut = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        match cut.filter(|part| sql.contains(part)) {
            Some(part) => {
                *cut = None;
                Err(isofold::Error::new(Code::StoreDatabase, format!("cut at {part}")))
            }
            None => Ok(()),
        }
    }
}

struct Watched {
    driver: Box<dyn Driver>,
    watch: Watch,
}

impl Driver for Watched {
    fn dialect(&self) -> &'static str {
        self.driver.dialect()
    }

    fn start(&mut self) -> Result<()> {
        self.driver.start()
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        self.watch.refuse(sql)?;
        if sql.starts_with("SELECT (SELECT ") {
            self.watch.extents.fetch_add(1, Ordering::Relaxed);
        }
        self.driver.run(sql, parameters)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.watch.refuse(sql)?;
        self.watch.streams.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
        self.driver.stream(sql, columns, fold)
    }

    fn rollback(&mut self) {
        self.driver.rollback();
    }
}

fn opened(database: &Database, catalog: &str) -> (Store, Watch) {
    let watch = Watch::default();
    let driver: Box<dyn Driver> = match database.kind {
        "sqlite" => Box::new(SqliteDriver::open(&database.target).expect("a file")),
        _ => Box::new(PostgresDriver::connect(&database.target).expect("a server")),
    };
    let driver = Watched { driver, watch: watch.clone() };
    let mut store = Store::new(catalog, Box::new(driver)).expect("a catalog");
    store.init().expect("tables");
    (store, watch)
}

fn refresh() -> Refresh {
    Refresh::new().now(NOW)
}

fn misfits(database: &mut Database) {
    // left out by one condition, unread by another rollup, outside of the last whole day
    for (time, model, user) in [
        ("2026-11-01T05:10:00Z", "odd", "0.5"),
        ("2026-11-01T05:11:00Z", "gpt", "500.5"),
        ("2026-11-03T03:11:00Z", "gpt", "7.5"),
    ] {
        database.execute(&format!("INSERT INTO requests VALUES ('{time}', '{model}', {user}, 100.0, NULL)"));
    }
}

/// What is told of a rollup, and the states of its table.
#[derive(Debug, PartialEq)]
struct Built {
    name: String,
    /// Rows read, groups written, groups deleted, rows skipped.
    counts: [u64; 4],
    watermark: Option<String>,
    states: Vec<Vec<u8>>,
}

fn built(database: &mut Database, reports: &[RefreshedRollup]) -> Vec<Built> {
    let each = reports.iter().map(|report| Built {
        name: report.name.clone(),
        counts: [report.rows_read, report.groups_written, report.groups_deleted, report.rows_skipped],
        watermark: report.watermark.clone(),
        states: database.states(&report.name),
    });
    each.collect()
}

fn forget(database: &mut Database, catalog: &str) {
    let (mut store, _) = opened(database, catalog);
    store.drop(RollupTables::Drop).expect("gone");
}

#[test]
fn the_rows_of_a_window_are_read_by_one_statement_for_all_rollups() {
    for mut database in databases() {
        database.insert(&rows());
        let same: Vec<(&str, &str)> =
            ["a", "b", "c", "d"].into_iter().zip(["1 hour"; 4]).map(|(name, _)| (name, FOUR[0].1)).collect();
        let (mut store, watch) = opened(&database, &catalog(&same[..1]));
        store.refresh(&refresh()).expect("one");
        let windows = watch.take().len();
        store.drop(RollupTables::Drop).expect("gone");
        let (mut store, watch) = opened(&database, &catalog(&same));
        let report = store.refresh(&refresh()).expect("four");
        assert_eq!(watch.take().len(), windows, "{}: one statement for each window", database.kind);
        assert!(report.rollups.iter().all(|rollup| rollup.transactions == windows as u64 && rollup.rows_read > 2000));

        // a change is read once as well, and windows that are not the same once where they cover the same range
        store.drop(RollupTables::Drop).expect("gone");
        let (mut store, watch) = opened(&database, &catalog(&FOUR));
        store.refresh(&refresh()).expect("four");
        watch.take();
        let late = rows()[100].clone();
        database.insert(&[late]);
        let report = store.refresh(&refresh()).expect("the late row");
        let read = watch.take();
        // a day of Berlin begins an hour before one of UTC
        assert!(read.len() <= 2, "{}: {read:#?}", database.kind);
        assert!(report.rollups.iter().all(|rollup| rollup.transactions <= 2), "{report:?}");
    }
}

#[test]
fn how_far_the_rows_reach_is_asked_once_for_all_plans() {
    for mut database in databases() {
        database.insert(&rows());
        for changes in [r#""trigger""#, r#""start_offset""#] {
            let catalog = catalog(&FOUR).replace(r#""trigger""#, changes);
            let catalog = catalog.replace(r#"{"spec": "#, r#"{"refresh": {"start_offset": "3 days"}, "spec": "#);
            let (mut store, watch) = opened(&database, &catalog);
            let asked = || watch.extents.swap(0, Ordering::Relaxed);
            // what the log has is planned by itself
            store.refresh(&refresh()).expect("all");
            asked();
            store.refresh(&refresh()).expect("all, again");
            assert_eq!(asked(), 1, "{}: a refresh {changes}", database.kind);
            let states = store.check(NOW).expect("a check").rollups;
            assert_eq!(asked(), 1, "{}: a check {changes}", database.kind);
            assert!(states.iter().all(|it| it.groups > 0), "{states:?}");
            store.plan(&refresh()).expect("a plan");
            assert_eq!(asked(), 1, "{}: a plan {changes}", database.kind);
            forget(&mut database, &catalog);
        }
    }
}

#[test]
fn each_is_as_if_it_had_read_the_rows_alone() {
    for mut database in databases() {
        database.insert(&rows());
        misfits(&mut database);
        for source in ["", r#", "on_row_error": "skip""#] {
            let catalog = catalog_with(&FOUR, source);
            let (mut store, _) = opened(&database, &catalog);
            let together = store.refresh(&refresh()).expect("all").rollups;
            let together = built(&mut database, &together);
            assert!(together.iter().any(|it| it.counts[3] > 0), "some rows do not fit");
            forget(&mut database, &catalog);
            let (mut store, _) = opened(&database, &catalog);
            let mut alone = Vec::new();
            for (name, _) in FOUR {
                alone.extend(store.refresh(&refresh().rollup(name)).expect("one").rollups);
            }
            assert_eq!(together, built(&mut database, &alone), "{}", database.kind);
            forget(&mut database, &catalog);
        }
    }
}

#[test]
fn one_that_fails_stops_none_of_those_that_are_read_with_it() {
    let mut with_overflow = FOUR.to_vec();
    with_overflow.insert(
        1,
        ("over", r#""bucket": "1 hour", "group_by": [], "select": {"n": "sum(user_id * 9223372036854775807)"}"#),
    );
    for mut database in databases() {
        database.insert(&rows());
        let (mut store, watch) = opened(&database, &catalog(&FOUR));
        let right = store.refresh(&refresh()).expect("all").rollups;
        let right = built(&mut database, &right);
        let windows = watch.take().len();
        forget(&mut database, &catalog(&FOUR));

        let (mut store, watch) = opened(&database, &catalog(&with_overflow));
        let error = store.refresh(&refresh()).expect_err("one overflows");
        assert_eq!((error.code(), error.problems().count()), (Code::ExprOverflow, 1), "{error}");
        // the window that failed is read again, and once for the one that fails
        assert!(watch.take().len() <= windows + 2, "{}", database.kind);
        let states = store.check(NOW).expect("a check").rollups;
        let fresh: Vec<(&str, bool)> = states.iter().map(|it| (it.name.as_str(), it.status == "fresh")).collect();
        assert_eq!(fresh, [("hours", true), ("over", false), ("quarters", true), ("berlin", true), ("days", true)]);
        assert!(states[1].error.as_deref().is_some_and(|error| error.contains("expr.overflow")));
        for Built { name, states, .. } in &right {
            assert_eq!(database.states(name), *states, "{}: {name}", database.kind);
        }
        let runs = store.runs(None, 10).expect("runs").runs;
        let failed: Vec<&str> = runs.iter().filter(|run| run.error.is_some()).map(|run| run.rollup.as_str()).collect();
        assert_eq!((runs.len(), failed), (5, vec!["over"]));
        forget(&mut database, &catalog(&with_overflow));
    }
}

#[test]
fn a_row_that_stops_one_rollup_stops_no_other() {
    for mut database in databases() {
        database.insert(&rows());
        // only hours reads users without a condition on them
        database.execute("INSERT INTO requests VALUES ('2026-11-01T05:10:00Z', 'odd', 0.5, 100.0, NULL)");
        let catalog = catalog_with(&FOUR, r#", "on_row_error": "stop""#);
        let (mut store, _) = opened(&database, &catalog);
        store.refresh(&refresh()).expect_err("a row does not fit");
        let states = store.check(NOW).expect("a check").rollups;
        let fresh: Vec<&str> = states.iter().filter(|it| it.status == "fresh").map(|it| it.name.as_str()).collect();
        assert!(fresh.contains(&"berlin") && fresh.contains(&"days") && !fresh.contains(&"hours"), "{fresh:?}");
        database.mend();
        store.refresh(&refresh()).expect("the row is gone");
        forget(&mut database, &catalog);
    }
}

#[test]
fn a_statement_that_fails_for_all_is_tried_for_each_alone() {
    for mut database in databases() {
        database.insert(&rows());
        let (mut store, _) = opened(&database, &catalog(&FOUR));
        let right = store.refresh(&refresh()).expect("all").rollups;
        let right = built(&mut database, &right);
        forget(&mut database, &catalog(&FOUR));
        for part in ["isofold_takes_", "INSERT INTO \"berlin\"", "SELECT \"bucket\""] {
            let (mut store, watch) = opened(&database, &catalog(&FOUR));
            watch.cut(part);
            let report = store.refresh(&refresh()).expect("what failed once is tried again").rollups;
            assert_eq!(built(&mut database, &report), right, "{}: {part}", database.kind);
            forget(&mut database, &catalog(&FOUR));
        }
    }
}

#[test]
fn a_column_that_is_gone_fails_those_alone_that_read_it() {
    for mut database in databases() {
        database.insert(&rows());
        let (mut store, _) = opened(&database, &catalog(&FOUR));
        database.execute("ALTER TABLE requests RENAME COLUMN user_id TO client");
        store.refresh(&refresh()).expect_err("a column is gone");
        let states = store.check(NOW).expect("a check").rollups;
        let fresh: Vec<&str> = states.iter().filter(|it| it.status == "fresh").map(|it| it.name.as_str()).collect();
        assert_eq!(fresh, ["berlin", "days"], "{}", database.kind);
    }
}

#[test]
fn the_transactions_of_rollups_that_are_read_together_stay_bounded() {
    const GROUPS: i64 = 90_000;
    for mut database in databases() {
        let series = match database.kind {
            "sqlite" => format!(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {GROUPS} - 1)
                 INSERT INTO requests SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 1793491200 + i, 'unixepoch'), 'm', i, 1.0, 1 FROM n"
            ),
            _ => format!(
                "INSERT INTO requests SELECT to_timestamp(1793491200 + i), 'm', i, 1.0, true FROM generate_series(0, {GROUPS} - 1) i"
            ),
        };
        database.execute(&series);
        let rollups = [
            ("months", r#""bucket": "1 month", "group_by": [], "select": {"n": "count(*)"}"#),
            ("seconds", r#""bucket": "1 second", "group_by": [], "select": {"n": "count(*)"}"#),
            ("users", r#""bucket": "1 hour", "group_by": ["user_id"], "select": {"n": "count(*)"}"#),
        ];
        let (mut store, watch) = opened(&database, &catalog(&rollups));
        let now = "2026-12-02T00:30:00Z";
        let report = store.refresh(&Refresh::new().now(now)).expect("all").rollups;
        let read = watch.take();
        // a month has them all, which nothing finer waits for
        assert!(read.len() > 3, "{}: {} windows", database.kind, read.len());
        let [months, ..] = &report[..] else { panic!("three rollups") };
        assert_eq!(months.groups_written, 1, "{}", database.kind);
        for (name, groups) in [("seconds", GROUPS), ("users", GROUPS)] {
            assert_eq!(database.count(&format!("SELECT count(*) FROM {name}")), groups);
        }
        store.check(now).expect("a check").rollups.iter().for_each(|it| assert_eq!(it.status, "fresh", "{}", it.name));
    }
}
