//! The side of a conversation that asks.

use super::run::{Progress, Step};
use super::sql_value::SqlValue;
use isofold::value::ColumnType;
use isofold::{Code, Error, Result};
use isofold_facade::Batch;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// Rows of a statement.
pub(super) type Rows = Vec<Vec<SqlValue>>;

/// What folds the rows of a stream.
pub(super) trait Sink: Send {
    fn fold(&mut self, batch: &Batch<'_>) -> Result<()>;
}

#[derive(Default)]
pub(super) struct Talk {
    pub(super) question: Option<Step>,
    pub(super) reply: Option<Result<Rows>>,
    /// Whether a transaction is open.
    is_open: bool,
    pub(super) sink: Option<Box<dyn Sink>>,
    /// What the sink refused, with its place, which a host may not tell back as it was.
    pub(super) refused: Option<Error>,
    pub(super) progress: Progress,
}

/// Asks a host to run statements.
#[derive(Clone)]
pub(super) struct Port(pub(super) Arc<Mutex<Talk>>);

impl Port {
    pub(super) fn lock(&self) -> MutexGuard<'_, Talk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, question: Step) -> Result<Rows> {
        {
            let mut talk = self.lock();
            talk.question = Some(question);
            // what was handed over before the first question answers nothing
            talk.reply = None;
        }
        poll_fn(|_| match self.lock().reply.take() {
            Some(reply) => Poll::Ready(reply),
            None => Poll::Pending,
        })
        .await
    }

    /// Runs a statement and gives its rows.
    ///
    /// **Errors** what the host failed with; it has rolled back.
    pub(super) async fn run(&self, sql: &str, parameters: Vec<SqlValue>) -> Result<Rows> {
        if sql.starts_with("BEGIN") {
            self.lock().is_open = true;
        } else if matches!(sql, "COMMIT" | "ROLLBACK") {
            self.lock().is_open = false;
        }
        self.ask(Step::Run { sql: sql.to_owned(), parameters }).await
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().is_open
    }

    /// Ends a transaction that is open, and all that it did.
    pub(super) async fn rollback(&self) -> Result<()> {
        if self.is_open() {
            self.run("ROLLBACK", Vec::new()).await?;
        }
        Ok(())
    }

    /// Tells that the host failed, and has rolled back.
    pub(super) fn failed(&self) {
        self.lock().is_open = false;
    }

    /// Runs statements without parameters or rows.
    pub(super) async fn run_all(&self, statements: &[String]) -> Result<()> {
        for sql in statements {
            self.run(sql, Vec::new()).await?;
        }
        Ok(())
    }

    /// The first cell of the first row.
    pub(super) async fn value(&self, sql: &str, parameters: Vec<SqlValue>) -> Result<SqlValue> {
        let rows = self.run(sql, parameters).await?;
        Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or(SqlValue::Null))
    }

    /// Folds the rows of a statement as they come, and gives the sink back.
    pub(super) async fn stream<S: Sink + 'static>(
        &self,
        sql: String,
        columns: Vec<(String, ColumnType)>,
        sink: Arc<Mutex<S>>,
    ) -> Result<()> {
        self.lock().sink = Some(Box::new(Shared(sink)));
        let streamed = self.ask(Step::Stream { sql, columns }).await;
        let mut talk = self.lock();
        talk.sink = None;
        match (streamed, talk.refused.take()) {
            (Err(_), Some(refused)) => Err(refused),
            (streamed, _) => streamed.map(drop),
        }
    }

    pub(super) fn progress(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.lock().progress);
    }
}

struct Shared<S>(Arc<Mutex<S>>);

impl<S: Sink> Sink for Shared<S> {
    fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fold(batch)
    }
}

/// A row of a statement whose columns are known.
///
/// **Errors** `store.value` for another number of them.
pub(super) fn columns<const N: usize>(row: &[SqlValue]) -> Result<&[SqlValue; N]> {
    row.try_into().map_err(|_| {
        Error::new(Code::StoreValue, format!("a statement returns {N} columns, the host gave {}", row.len()))
    })
}
