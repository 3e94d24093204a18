//! A conversation with the host that runs its statements.

use super::port::{Port, Rows, Talk};
use super::sql_value::SqlValue;
use isofold::value::ColumnType;
use isofold::{Code, Error, Result};
use isofold_facade::json::Json;
use isofold_facade::Batch;
use isofold_facade::Frame;
use isofold_facade::Rollup;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// What a host does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Run a statement and hand all its rows back.
    Run {
        /// The statement.
        sql: String,
        /// Its parameters.
        parameters: Vec<SqlValue>,
    },
    /// Run a statement, hand its rows to [`Run::fold`] in batches, then an empty reply.
    Stream {
        /// The statement; it has no parameters.
        sql: String,
        /// The columns it returns, as they are to be read.
        columns: Vec<(String, ColumnType)>,
    },
    /// There is a result.
    Done,
}

/// What a run ended with.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A report.
    Json(Json),
    /// The answer to a query, and how it was found.
    Answer(Frame, Json),
    /// A rollup.
    Rollup(Rollup),
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The rollup at work; empty before the first.
    pub rollup: String,
    /// The window at work, in µs.
    pub window: Option<(i64, i64)>,
    /// Rows read for this rollup.
    pub rows_read: u64,
    /// Groups written to this rollup.
    pub groups_written: u64,
}

type Work = Pin<Box<dyn Future<Output = Result<Outcome>> + Send>>;

/// A conversation.
pub struct Run {
    talk: Arc<Mutex<Talk>>,
    work: Option<Work>,
    outcome: Option<Outcome>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl Run {
    pub(super) fn new<F>(work: impl FnOnce(Port) -> F) -> Self
    where
        F: Future<Output = Result<Outcome>> + Send + 'static,
    {
        let talk = Arc::new(Mutex::new(Talk::default()));
        let work: Work = Box::pin(work(Port(Arc::clone(&talk))));
        Self { talk, work: Some(work), outcome: None }
    }

    fn port(&self) -> Port {
        Port(Arc::clone(&self.talk))
    }

    /// The next step, given the rows of the one before; the first needs none.
    ///
    /// **Errors** what the run fails with; the host rolls its transaction back, and the run is over.
    pub fn advance(&mut self, reply: Rows) -> Result<Step> {
        self.go_on(Ok(reply))
    }

    /// The next step where the host failed with the one before and has rolled back: the run may go on with what does not
    /// depend on it.
    ///
    /// **Errors** what the run fails with, which is what the host or [`Run::fold`] failed with unless told otherwise.
    pub fn fail(&mut self, error: Error) -> Result<Step> {
        self.port().failed();
        self.go_on(Err(error))
    }

    fn go_on(&mut self, reply: Result<Rows>) -> Result<Step> {
        self.port().lock().reply = Some(reply);
        let Some(work) = &mut self.work else { return Ok(Step::Done) };
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => {
                self.work = None;
                self.outcome = Some(result?);
                Ok(Step::Done)
            }
            // inside corruption stops: a run waits for nothing but answers to its questions
            Poll::Pending => Ok(self.port().lock().question.take().expect("a run that waits has asked")),
        }
    }

    /// Folds a batch of the rows of a [`Step::Stream`].
    ///
    /// **Errors** `ingest.*`, `expr.*`, `limit.*`; the host rolls its transaction back.
    pub fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        let port = self.port();
        let mut talk = port.lock();
        let Some(sink) = &mut talk.sink else {
            return Err(Error::new(Code::HostArgument, "rows were handed over that nobody asked for"));
        };
        let folded = sink.fold(batch);
        talk.refused = folded.as_ref().err().cloned();
        folded
    }

    /// How far the run is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.port().lock().progress.clone()
    }

    /// What the run ended with; taken once.
    pub fn take_outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }
}
