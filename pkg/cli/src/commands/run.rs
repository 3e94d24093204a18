//! `run`: refreshes and prunes on the schedules of catalogs until it is stopped.
//!
//! The one idea: when a rollup is due is read from the database, so a restart forgets nothing. One that fails is tried
//! again after a second, then two, four, … up to its schedule; the others go on meanwhile. A connection that is lost is
//! made again.

use super::metrics::{Exposed, Figures};
use super::store::{json_of, opened, HIDDEN};
use crate::arguments::Run;
use crate::problem::{complain, Result};
use crate::show;
use isofold::time::format_timestamp;
use isofold::{Code, Error};
use isofold_stores::{Now, Progress, Refresh, Store};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between two looks at what is due, so that the clock is noticed.
const MAX_SLEEP: Duration = Duration::from_secs(5);
const MIN_SLEEP: Duration = Duration::from_millis(50);
/// Between two tries to connect, at most; and between two refreshes of a rollup without a schedule.
const MAX_PATIENCE: Duration = Duration::from_secs(60);
const MAX_DOUBLINGS: u32 = 30;

/// What a progress says in one line.
pub fn progress_words(progress: &Progress) -> String {
    let end = progress.window.map_or_else(String::new, |(_, end)| format!(" up to {}", format_timestamp(end)));
    format!("{}{end}: {} rows, {} groups", progress.rollup, progress.rows_read, progress.groups_written)
}

/// Runs until it is stopped, or for so many rounds.
pub fn run(options: &Run) -> Result {
    let stop = Stop::listening()?;
    let figures = Arc::new(Mutex::new(Figures::default()));
    if let Some(address) = &options.metrics {
        Exposed::bind(address)?.serve(figures.clone());
    }
    let mut catalogs: Vec<Catalog> =
        options.catalog.iter().map(|path| Catalog::open(path.clone(), options)).collect::<Result<_, Error>>()?;
    let mut done = 0;
    loop {
        let mut wait = MAX_SLEEP;
        for catalog in &mut catalogs {
            let (rounds, next) = catalog.look(options, &stop, &figures)?;
            done += rounds;
            wait = wait.min(next);
        }
        if options.rounds > 0 && done >= options.rounds || stop.is_asked_within(wait.max(MIN_SLEEP)) {
            return Ok(0);
        }
    }
}

/// Asked for by SIGTERM or SIGINT.
struct Stop {
    asked: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    fn listening() -> Result<Self, Error> {
        let asked: Arc<(Mutex<bool>, Condvar)> = Arc::default();
        let heard = asked.clone();
        let listening = ctrlc::set_handler(move || {
            *heard.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            heard.1.notify_all();
        });
        listening
            .map_err(|error| Error::new(Code::HostArgument, format!("signals cannot be listened for: {error}")))?;
        Ok(Self { asked })
    }

    fn is_asked(&self) -> bool {
        *self.asked.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_asked_within(&self, wait: Duration) -> bool {
        let asked = self.asked.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.asked.1.wait_timeout_while(asked, wait, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// One catalog and the connection to its database.
struct Catalog {
    path: PathBuf,
    every: BTreeMap<String, Duration>,
    store: Option<Store>,
    attempts: HashMap<String, Attempt>,
    failed: u32,
    not_before: Option<Instant>,
}

/// A refresh that was begun.
struct Attempt {
    last: Option<String>,
    times: u32,
    after: Instant,
}

impl Catalog {
    fn open(path: PathBuf, options: &Run) -> Result<Self, Error> {
        let store = opened(&path, options.database.as_deref())?;
        let seconds = |seconds: Option<u64>| seconds.map_or(MAX_PATIENCE, Duration::from_secs);
        let every = store.schedule().into_iter().map(|(name, every)| (name, seconds(every))).collect();
        Ok(Self { path, every, store: Some(store), attempts: HashMap::new(), failed: 0, not_before: None })
    }

    /// Does what is due; tells how many rounds that were, and how long nothing is.
    fn look(&mut self, options: &Run, stop: &Stop, figures: &Mutex<Figures>) -> Result<(u64, Duration)> {
        if let Some(left) =
            self.not_before.map(|at| at.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
        {
            return Ok((0, left));
        }
        match self.try_look(options, stop, figures) {
            Ok(done) => {
                self.failed = 0;
                self.not_before = None;
                Ok(done)
            }
            Err(Failure::Store(error)) => {
                tell(&error);
                // the connection may be the reason: the next look has another one
                self.store = None;
                let wait = Duration::from_secs(1 << self.failed.min(MAX_DOUBLINGS)).min(MAX_PATIENCE);
                self.failed = (self.failed + 1).min(MAX_DOUBLINGS);
                self.not_before = Some(Instant::now() + wait);
                Figures::failed(figures, &self.path);
                Ok((0, wait))
            }
            Err(Failure::Output(problem)) => Err(problem),
        }
    }

    fn try_look(&mut self, options: &Run, stop: &Stop, figures: &Mutex<Figures>) -> Result<(u64, Duration), Failure> {
        let store = match &mut self.store {
            Some(store) => store,
            None => self.store.insert(opened(&self.path, options.database.as_deref())?),
        };
        let mut due = Vec::new();
        let mut wait = MAX_SLEEP;
        for each in store.due(Now::OfDatabase)?.rollups {
            let attempt = self.attempts.get(&each.name).filter(|attempt| attempt.last == each.refreshed_at);
            let pause =
                attempt.map_or(Duration::ZERO, |attempt| attempt.after.saturating_duration_since(Instant::now()));
            let left = pause.max(Duration::from_millis(each.due_in_ms));
            if !left.is_zero() {
                wait = wait.min(left);
                continue;
            }
            let times = attempt.map_or(0, |attempt| attempt.times);
            let most = self.every.get(&each.name).copied().unwrap_or(MAX_PATIENCE);
            let after = Instant::now() + Duration::from_secs(1 << times.min(MAX_DOUBLINGS)).min(most);
            self.attempts.insert(each.name.clone(), Attempt { last: each.refreshed_at, times: times + 1, after });
            due.push(each.name);
        }
        if due.is_empty() {
            return Ok((0, wait));
        }
        let asked = due.iter().fold(Refresh::new(), |asked, name| asked.rollup(name));
        let mut window: Option<Option<(i64, i64)>> = None;
        let refreshed = store.refresh_with(&asked, |progress| {
            // the window at work is done, and the next is not begun
            if window != Some(progress.window) && window.replace(progress.window).is_some() && stop.is_asked() {
                std::process::exit(0);
            }
        });
        match refreshed {
            Ok(report) => {
                Figures::refreshed(figures, &self.path, &report);
                let rows = report.rollups.iter().map(json_of).collect::<Result<Vec<_>, _>>()?;
                if !options.json {
                    show::line(&report.now).map_err(Failure::Output)?;
                }
                show::report(&rows, options.json, &HIDDEN).map_err(Failure::Output)?;
            }
            // check shows it, and what failed is tried again
            Err(error) => {
                Figures::failed(figures, &self.path);
                tell(&error);
            }
        }
        store.prune(Now::OfDatabase)?;
        if options.metrics.is_some() {
            Figures::checked(figures, &self.path, &store.check(Now::OfDatabase)?);
        }
        Ok((1, MIN_SLEEP))
    }
}

enum Failure {
    Store(Error),
    Output(crate::problem::Problem),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Store(error)
    }
}

fn tell(error: &Error) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let now = format_timestamp(i64::try_from(now).unwrap_or_default().saturating_mul(1_000_000));
    for problem in error.problems() {
        complain(format_args!("{now} {}: {}", problem.code(), problem.alone()));
    }
}
