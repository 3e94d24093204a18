//! One store answers many threads, and tasks of tokio, each on a connection of its own.

use crate::support::{catalog, databases, queried, rows, spec, Database, NOW};
use isofold::{Code, Error, Result};
use isofold_stores::{Batch, Driver, PostgresDriver, Refresh, SqlValue, SqliteDriver, Store, StorePool};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

const QUERY: &str = r#"{"bucket": "1 day", "group_by": ["model"], "select": ["requests", "avg_ms", "p95_ms", "users"], "end": "2026-11-03"}"#;

fn pool_of(database: &Database, most: u32) -> StorePool {
    StorePool::open(catalog("trigger").as_str(), &database.target, most).expect("a catalog")
}

fn filled(database: &mut Database, most: u32) -> StorePool {
    database.insert(&rows());
    let pool = pool_of(database, most);
    pool.get().expect("a connection").init().expect("tables");
    pool.get().expect("a connection").refresh(&Refresh::new().now(NOW)).expect("a refresh");
    pool
}

fn answer(store: &mut Store) -> Result<String> {
    store.query("hours", QUERY).map(|answer| format!("{:?}", answer.frame.columns()))
}

fn right(database: &Database) -> String {
    format!("{:?}", queried(&spec("hours", "1 hour"), &database.rows, QUERY).columns())
}

fn connect(database: &Database) -> impl Fn() -> Result<Box<dyn Driver>> + Send + Sync + 'static {
    let (kind, target) = (database.kind, database.target.clone());
    move || match kind {
        "sqlite" => Ok(Box::new(SqliteDriver::open(&target)?)),
        _ => Ok(Box::new(PostgresDriver::connect(&target)?)),
    }
}

#[test]
fn eight_threads_get_equal_answers_while_a_refresh_runs() {
    for mut database in databases() {
        let pool = filled(&mut database, 9);
        let right = right(&database);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let refreshing = scope.spawn(|| {
                for _ in 0..4 {
                    let mut store = pool.get().expect("a connection");
                    store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect("a refresh");
                }
                is_over.store(true, Ordering::Relaxed);
            });
            let asking = [(); 8].map(|()| {
                scope.spawn(|| {
                    let mut asked = 0;
                    while asked < 20 || !is_over.load(Ordering::Relaxed) {
                        let mut store = pool.get().expect("a connection");
                        assert_eq!(answer(&mut store).expect("an answer"), right);
                        asked += 1;
                    }
                })
            });
            for thread in asking {
                thread.join().expect("right answers");
            }
            refreshing.join().expect("refreshed");
        });
    }
}

/// A connection on which a query of groups waits until others are at the same point.
struct Meeting {
    driver: Box<dyn Driver>,
    at: Arc<Barrier>,
    is_on: Arc<AtomicBool>,
}

impl Driver for Meeting {
    fn dialect(&self) -> &'static str {
        self.driver.dialect()
    }

    fn start(&mut self) -> Result<()> {
        if self.is_on.load(Ordering::Relaxed) {
            self.at.wait();
        }
        self.driver.start()
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        if self.is_on.load(Ordering::Relaxed) && sql == "COMMIT" {
            self.at.wait();
        }
        self.driver.run(sql, parameters)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.driver.stream(sql, columns, fold)
    }

    fn rollback(&mut self) {
        self.driver.rollback();
    }
}

#[test]
fn answers_from_memory_wait_for_no_other() {
    for mut database in databases() {
        drop(filled(&mut database, 1));
        let right = right(&database);
        let (at, is_on) = (Arc::new(Barrier::new(8)), Arc::new(AtomicBool::new(false)));
        let (meet, on, made) = (Arc::clone(&at), Arc::clone(&is_on), connect(&database));
        let connect = move || -> Result<Box<dyn Driver>> {
            Ok(Box::new(Meeting { driver: made()?, at: Arc::clone(&meet), is_on: Arc::clone(&on) }))
        };
        let pool = StorePool::new(catalog("trigger").as_str(), connect, 8).expect("a catalog");
        // read once, remembered for all
        answer(&mut pool.get().expect("a connection")).expect("an answer");
        is_on.store(true, Ordering::Relaxed);
        // where one waited for another anywhere between its first statement and its last, none would come together
        std::thread::scope(|scope| {
            let asking =
                [(); 8].map(|()| scope.spawn(|| answer(&mut pool.get().expect("a connection")).expect("an answer")));
            for thread in asking {
                assert_eq!(thread.join().expect("an answer"), right, "{}", database.kind);
            }
        });
    }
}

#[test]
fn a_pool_makes_no_more_connections_than_it_may_and_says_when_none_is_free() {
    for mut database in databases() {
        database.insert(&rows()[..10]);
        let made = Arc::new(AtomicUsize::new(0));
        let (counted, connect) = (Arc::clone(&made), connect(&database));
        let pool = StorePool::new(
            catalog("trigger").as_str(),
            move || {
                counted.fetch_add(1, Ordering::Relaxed);
                connect()
            },
            2,
        )
        .expect("a catalog");
        let (one, two) = (pool.get().expect("one"), pool.get().expect("two"));
        let began = Instant::now();
        assert_eq!(pool.get().expect_err("both are in use").code(), Code::StoreBusy);
        assert!(began.elapsed() >= Duration::from_secs(9));
        drop((one, two));
        pool.get().expect("one").init().expect("tables");
        assert_eq!(made.load(Ordering::Relaxed), 2, "{}", database.kind);
    }
    let error = StorePool::open(catalog("trigger").as_str(), "unused.db", 0).expect_err("no connection");
    assert_eq!((error.code(), error.path()), (Code::HostArgument, "max_connections"));
    let error = StorePool::open(catalog("trigger").as_str(), "postgresql://nobody:word@127.0.0.1:1/x", 2);
    let error = error.expect_err("nobody listens");
    assert!(error.code() == Code::StoreDatabase && !error.to_string().contains("word"), "{error}");
}

#[test]
fn a_connection_that_is_lost_is_got_back() {
    for mut database in databases().into_iter().filter(|database| database.kind == "postgres") {
        drop(filled(&mut database, 1));
        let name = format!("lost_{}", std::process::id());
        let named = format!("{}&application_name={name}", database.target);
        let pool = StorePool::open(catalog("trigger").as_str(), &named, 4).expect("a catalog");
        let right = right(&database);
        let lose = |database: &mut Database| {
            let held: Vec<_> = [(); 4].map(|()| pool.get().expect("a connection")).into();
            drop(held);
            let lost = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name";
            database.count(&format!("{lost} = '{name}'"))
        };
        // nobody used them for a while: they are asked first
        assert_eq!(lose(&mut database), 4);
        std::thread::sleep(Duration::from_millis(1100));
        for _ in 0..8 {
            assert_eq!(answer(&mut pool.get().expect("a connection")).expect("an answer"), right);
        }
        // who uses one at once is told, once for each
        assert!(lose(&mut database) >= 1);
        let told = (0..12).filter(|_| {
            let found = answer(&mut pool.get().expect("a connection"));
            found.as_ref().is_err_and(|error| error.code() == Code::StoreDatabase) || found.expect("an answer") != right
        });
        assert!(told.count() <= 4);
        assert_eq!(answer(&mut pool.get().expect("a connection")).expect("an answer"), right);
    }
}

/// A connection that is lost with its first query.
struct Losing {
    driver: Box<dyn Driver>,
    is_lost: bool,
    left: Arc<AtomicUsize>,
}

impl Driver for Losing {
    fn dialect(&self) -> &'static str {
        self.driver.dialect()
    }

    fn start(&mut self) -> Result<()> {
        self.driver.start()
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        if self.left.load(Ordering::Relaxed) > 0 {
            self.left.fetch_sub(1, Ordering::Relaxed);
            self.is_lost = true;
        }
        if self.is_lost {
            return Err(Error::new(Code::StoreDatabase, "the connection is lost"));
        }
        self.driver.run(sql, parameters)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.driver.stream(sql, columns, fold)
    }

    fn rollback(&mut self) {
        self.driver.rollback();
    }

    fn is_lost(&self) -> bool {
        self.is_lost
    }
}

#[test]
fn a_driver_that_says_that_it_is_lost_is_not_used_again() {
    for mut database in databases() {
        drop(filled(&mut database, 1));
        let right = right(&database);
        let left = Arc::new(AtomicUsize::new(0));
        let (loses, made) = (Arc::clone(&left), connect(&database));
        let connect = move || -> Result<Box<dyn Driver>> {
            Ok(Box::new(Losing { driver: made()?, is_lost: false, left: Arc::clone(&loses) }))
        };
        let pool = StorePool::new(catalog("trigger").as_str(), connect, 1).expect("a catalog");
        assert_eq!(answer(&mut pool.get().expect("a connection")).expect("an answer"), right);
        left.store(1, Ordering::Relaxed);
        let error = answer(&mut pool.get().expect("a connection")).expect_err("it is lost");
        assert_eq!(error.code(), Code::StoreDatabase);
        assert_eq!(answer(&mut pool.get().expect("another one")).expect("an answer"), right, "{}", database.kind);
    }
}

/// A connection of which a statement that reads the log fails, and all after it where it is lost.
struct Failing {
    driver: Box<dyn Driver>,
    is_lost: bool,
    /// 0: none fails; 1: the next one does; 2: the connection is lost with it.
    fault: Arc<AtomicUsize>,
}

impl Driver for Failing {
    fn dialect(&self) -> &'static str {
        self.driver.dialect()
    }

    fn start(&mut self) -> Result<()> {
        self.driver.start()
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        if self.is_lost {
            return Err(Error::new(Code::StoreDatabase, "the connection is closed"));
        }
        if sql.contains("SELECT 3, l.rollup") {
            let fault = self.fault.swap(0, Ordering::Relaxed);
            self.is_lost = fault == 2;
            if fault > 0 {
                return Err(Error::new(Code::StoreDatabase, "the server ends"));
            }
        }
        self.driver.run(sql, parameters)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.driver.stream(sql, columns, fold)
    }

    fn rollback(&mut self) {
        if !self.is_lost {
            self.driver.rollback();
        }
    }
}

#[test]
fn what_fails_when_the_log_is_read_is_taken_for_missing_rights_only_where_they_are_missing() {
    for mut database in databases() {
        drop(filled(&mut database, 1));
        let fault = Arc::new(AtomicUsize::new(0));
        let driver =
            Failing { driver: connect(&database)().expect("a database"), is_lost: false, fault: Arc::clone(&fault) };
        let mut store = Store::new(catalog("trigger").as_str(), Box::new(driver)).expect("a catalog");
        answer(&mut store).expect("an answer");
        for kind in [1, 2] {
            fault.store(kind, Ordering::Relaxed);
            let error = answer(&mut store).expect_err("it failed");
            assert_eq!(error.message(), "the server ends", "{} {kind}", database.kind);
            assert_eq!(answer(&mut store).is_ok(), kind == 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_await_answers_and_the_runtime_goes_on() {
    let databases = tokio::task::spawn_blocking(|| {
        let all = databases().into_iter().map(|mut database| {
            let pool = filled(&mut database, 4);
            (right(&database), pool, database)
        });
        all.collect::<Vec<_>>()
    });
    for (right, pool, database) in databases.await.expect("databases") {
        let refreshing = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|store| store.refresh(&Refresh::new().now(NOW).since("2026-11-01"))).await }
        });
        let asking: Vec<_> = (0..40)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.run(answer).await })
            })
            .collect();
        for task in asking {
            assert_eq!(task.await.expect("no panic").expect("an answer"), right);
        }
        refreshing.await.expect("no panic").expect("a refresh");
        let error = pool.run(|store| store.query("months", QUERY).map(drop)).await.expect_err("no such rollup");
        assert_eq!(error.code(), Code::RefreshRollup);
        let work = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|_| -> Result<()> { panic!("of the work") }).await }
        });
        assert!(work.await.expect_err("it is told").is_panic());
        // a connection that is dropped in a task keeps the task waiting for nothing
        drop(pool);
        tokio::task::spawn_blocking(move || drop(database)).await.expect("gone");
    }
}
