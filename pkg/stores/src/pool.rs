//! One store for many threads.
//!
//! The one idea: a store is an engine, which all threads share with what it remembers, and a connection, of which each caller
//! takes one. Nobody waits for another's answer: what is shared is locked for as long as a piece of memory is looked up.

use crate::driver::Driver;
use crate::engine;
use crate::store::Store;
use isofold::{Code, Error, Result};
use isofold_facade::json::Document;
use r2d2::{HandleError, ManageConnection, Pool, PooledConnection};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// For how long a connection that answered is taken to answer again.
const TRUSTED: Duration = Duration::from_secs(1);

/// A catalog in a database, for callers on several threads.
///
/// A clone is the same pool. Callers at once have connections of their own, which are made when they are needed; all of them
/// answer from one memory ([`Store::limit_memory`]).
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("isofold-pool-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let path = folder.join("app.db");
/// # let rows = rusqlite::Connection::open(&path).unwrap();
/// # rows.execute_batch("CREATE TABLE requests (ts TEXT, ms REAL); INSERT INTO requests VALUES ('2026-11-01T10:15:00Z', 120.0)").unwrap();
/// # let database = path.to_str().unwrap();
/// use isofold_stores::{Refresh, StorePool};
///
/// let catalog = r#"{
///     "source": {"table": "requests", "columns": {"ts": "timestamp", "ms": "float64"}, "time": "ts"},
///     "rollups": [{"spec": {"name": "hours", "bucket": "1 hour", "select": {"n": "count(*)", "avg_ms": "avg(ms)"}}}]
/// }"#;
/// let pool = StorePool::open(catalog, database, 8)?;
/// pool.get()?.init()?;
/// pool.get()?.refresh(&Refresh::new().now("2026-11-01T12:00:00Z"))?;
/// std::thread::scope(|scope| {
///     let asked = [1, 2, 3, 4].map(|_| scope.spawn(|| pool.get()?.query("hours", r#"{"bucket": null}"#)));
///     for answer in asked {
///         assert_eq!(answer.join().unwrap()?.frame.len(), 1);
///     }
///     Ok::<(), isofold::Error>(())
/// })?;
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), isofold::Error>(())
/// ```
#[derive(Clone)]
pub struct StorePool {
    engine: engine::Store,
    connections: Pool<Connections>,
    refused: Refused,
}

impl fmt::Debug for StorePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorePool").field("rollups", &self.rollups()).field("state", &self.connections.state()).finish()
    }
}

impl StorePool {
    /// Gives the store of a catalog in a database, as [`crate::open`] does, on at most so many connections.
    ///
    /// A refresh has one connection as long as it runs.
    ///
    /// **Errors** those of [`crate::open`]; `host.argument` for no connection.
    pub fn open(catalog: &(impl Document + ?Sized), database: &str, max_connections: u32) -> Result<Self> {
        let database = database.to_owned();
        Self::new(catalog, move || crate::driver_of(&database), max_connections)
    }

    /// The store of a catalog on at most so many of the connections that `connect` makes, over TLS say.
    ///
    /// **Errors** `catalog.*`, `spec.*`, `expr.*` with all problems of the catalog; `host.argument` for no connection; those
    /// of `connect`, which makes the first one at once.
    pub fn new(
        catalog: &(impl Document + ?Sized),
        connect: impl Fn() -> Result<Box<dyn Driver>> + Send + Sync + 'static,
        max_connections: u32,
    ) -> Result<Self> {
        if max_connections == 0 {
            return Err(
                Error::new(Code::HostArgument, "a pool has 1 connection or more, got 0").within("max_connections")
            );
        }
        // a database that cannot be reached is told at once, and not after all patience
        let first = connect()?;
        let engine = engine::Store::new(catalog, first.dialect())?;
        let refused = Refused::default();
        let connections = Connections {
            engine: engine.clone(),
            connect: Box::new(connect),
            first: Mutex::new(Some(Connected::new(Store::on(&engine, first)))),
        };
        let connections = Pool::builder()
            .max_size(max_connections)
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(refused.clone()))
            .build_unchecked(connections);
        Ok(Self { engine, connections, refused })
    }

    /// The names of the rollups, each after the one it is built from.
    #[must_use]
    pub fn rollups(&self) -> Vec<String> {
        self.engine.names()
    }

    /// Takes a store out of the pool, which is back when it is dropped; waits ten seconds while all are in use.
    ///
    /// A connection that was lost is not used again: one that nobody used for a second is asked before it is handed out, and
    /// who used it when it was lost gets the error of the database, once.
    ///
    /// **Errors** `store.busy` where none gets free; `store.database` where the database cannot be reached meanwhile.
    pub fn get(&self) -> Result<PooledStore> {
        self.refused.take();
        match self.connections.get() {
            Ok(connected) => Ok(PooledStore(connected)),
            Err(_) => Err(self.refused.take().unwrap_or_else(|| {
                let text = format!(
                    "all {} connections of the pool were in use for {} s",
                    self.connections.max_size(),
                    PATIENCE.as_secs()
                );
                Error::new(Code::StoreBusy, text)
            })),
        }
    }

    /// Runs work on a store of the pool, on a thread of tokio that may wait, so that no other task waits for it.
    ///
    /// What is dropped before it is ready goes on to its end, and its result is dropped.
    ///
    /// **Errors** those of [`StorePool::get`] and of the work.
    ///
    /// **Panics** where the work does, and outside of a runtime of tokio.
    ///
    /// ```
    /// # async fn handler(pool: &isofold_stores::StorePool) -> isofold::Result<usize> {
    /// let answer = pool.run(|store| store.query("requests_1hour", r#"{"bucket": "1 day"}"#)).await?;
    /// # Ok(answer.frame.len())
    /// # }
    /// ```
    #[cfg(feature = "tokio")]
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let pool = self.clone();
        match tokio::task::spawn_blocking(move || work(&mut *pool.get()?)).await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::new(Code::StoreDatabase, "the runtime ended before the store was asked")),
            },
        }
    }
}

/// A store that nobody else uses meanwhile.
pub struct PooledStore(PooledConnection<Connections>);

impl fmt::Debug for PooledStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl Deref for PooledStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.0.store()
    }
}

impl DerefMut for PooledStore {
    fn deref_mut(&mut self) -> &mut Store {
        self.0.answered_at = Instant::now();
        self.0.store_mut()
    }
}

/// What the database said last when no connection was made.
#[derive(Clone, Debug, Default)]
struct Refused(Arc<Mutex<Option<Error>>>);

impl Refused {
    fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl HandleError<Error> for Refused {
    fn handle_error(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

type Connect = dyn Fn() -> Result<Box<dyn Driver>> + Send + Sync;

struct Connections {
    engine: engine::Store,
    connect: Box<Connect>,
    /// The one that was made when the pool was.
    first: Mutex<Option<Connected>>,
}

impl ManageConnection for Connections {
    type Connection = Connected;
    type Error = Error;

    fn connect(&self) -> Result<Connected> {
        if let Some(first) = self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Ok(first);
        }
        Ok(Connected::new(Store::on(&self.engine, (self.connect)()?)))
    }

    fn is_valid(&self, connected: &mut Connected) -> Result<()> {
        if connected.answered_at.elapsed() < TRUSTED {
            return Ok(());
        }
        connected.store_mut().ping()
    }

    fn has_broken(&self, connected: &mut Connected) -> bool {
        connected.store().is_lost()
    }
}

/// A store in the pool; there until it is dropped.
struct Connected {
    store: Option<Store>,
    answered_at: Instant,
}

impl Connected {
    fn new(store: Store) -> Self {
        Self { store: Some(store), answered_at: Instant::now() }
    }

    fn store(&self) -> &Store {
        // inside corruption stops: only the drop takes it
        self.store.as_ref().expect("a store until it is dropped")
    }

    fn store_mut(&mut self) -> &mut Store {
        self.store.as_mut().expect("a store until it is dropped")
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let store = self.store.take();
        // the client of PostgreSQL waits for its goodbye, which no task of a runtime may
        #[cfg(feature = "tokio")]
        if tokio::runtime::Handle::try_current().is_ok() {
            std::thread::spawn(move || drop(store));
            return;
        }
        drop(store);
    }
}
