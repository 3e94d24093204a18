//! isofold as a Rust program uses it: blocks of borrowed columns that share their dictionaries; with several threads, a
//! rollup for each, and what is left of merging and answering shared among them.

use crate::answer::Answer;
use crate::rows::Rows;
use crate::Failure;
use isofold::batch::Batch;
use isofold::column::{Column, Dictionary, Values};
use isofold::query::{QueryPart, QuerySource};
use isofold::spec::Spec;
use isofold::table::MergePart;
use isofold::{Rollup, Value};
use isofold_facade::json::spec_source;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Mutex;

const BLOCK_ROWS: usize = 1 << 16;
/// Parts of a query for each thread: one that has larger groups then holds up the others less.
const PARTS_PER_THREAD: usize = 4;
const SPECS: [(&str, &str); 2] =
    [("simple", include_str!("../../specs/simple.json")), ("full", include_str!("../../specs/full.json"))];

/// The compiled spec of a query.
pub fn spec(query: &str) -> Result<Spec, Failure> {
    let (_, text) = SPECS.iter().find(|(name, _)| *name == query).ok_or("there is no such query")?;
    Ok(Spec::compile(&spec_source(*text).map_err(|error| error.to_string())?).map_err(|error| error.to_string())?)
}

pub struct Contestant<'r> {
    rows: &'r Rows,
    models: Dictionary<'r>,
    users: Dictionary<'r>,
    threads: usize,
}

impl<'r> Contestant<'r> {
    pub fn new(rows: &'r Rows, threads: usize) -> Result<Self, Failure> {
        let borrowed = |texts: &'r [String]| texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
        Ok(Self { rows, models: borrowed(&rows.models), users: borrowed(&rows.users), threads })
    }

    fn batch(&self, range: Range<usize>) -> Batch<'_> {
        let Rows { ts_us, model, user, duration_bits, cost_bits, status, .. } = self.rows;
        Batch::new(range.len())
            .with("ts", Column::new(Values::Timestamp(ts_us[range.clone()].into())))
            .with("model", Column::new(Values::String(model[range.clone()].into(), self.models.borrowed())))
            .with("user_id", Column::new(Values::String(user[range.clone()].into(), self.users.borrowed())))
            .with("duration_ms", Column::new(Values::Float64(duration_bits[range.clone()].into())))
            .with("cost_usd", Column::new(Values::Float64(cost_bits[range.clone()].into())))
            .with("status_code", Column::new(Values::Int64(status[range].into())))
    }

    /// The rollup of some rows.
    pub fn fold(&self, spec: &Spec, range: Range<usize>) -> Result<Rollup, Failure> {
        let mut rollup = Rollup::new(spec.clone());
        for start in range.clone().step_by(BLOCK_ROWS) {
            let block = start..(start + BLOCK_ROWS).min(range.end);
            rollup.ingest(&self.batch(block)).map_err(|error| error.to_string())?;
        }
        Ok(rollup)
    }

    /// The rollup of all rows.
    pub fn fold_all(&self, spec: &Spec) -> Result<Rollup, Failure> {
        if self.threads == 1 {
            return self.fold(spec, 0..self.rows.len());
        }
        let share = self.rows.len().div_ceil(self.threads);
        let partials: Vec<Result<Rollup, String>> = std::thread::scope(|scope| {
            let starts = (0..self.rows.len()).step_by(share.max(1));
            let fold =
                |start: usize| self.fold(spec, start..(start + share).min(self.rows.len())).map_err(|e| e.to_string());
            let threads: Vec<_> = starts.map(|start| scope.spawn(move || fold(start))).collect();
            threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?).collect()
        });
        let mut partials = partials.into_iter();
        let mut whole = partials.next().ok_or("there are no rows")??;
        for partial in partials {
            whole
                .merge_owned_by(partial?, |parts| self.share(parts, MergePart::run))
                .map_err(|error| error.to_string())?;
        }
        Ok(whole)
    }

    /// Runs parts on the threads, each on the one that is free.
    fn share<P: Send>(&self, parts: &mut [P], run: impl Fn(&mut P) + Sync) {
        let queue = Mutex::new(parts.iter_mut());
        let next = || queue.lock().ok()?.next();
        let work = || {
            while let Some(part) = next() {
                run(part);
            }
        };
        std::thread::scope(|scope| {
            (1..self.threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
    }
}

impl crate::Contestant for Contestant<'_> {
    const VERSION: &'static str = "0.1.0";

    fn run(&self, query: &str) -> Result<Answer, Failure> {
        let rollup = self.fold_all(&spec(query)?)?;
        let most = PARTS_PER_THREAD * self.threads;
        let frame = rollup
            .query_by(&QuerySource::default(), most, |parts| self.share(parts, QueryPart::run))
            .map_err(|error| error.to_string())?;
        let mut answer = Answer::default();
        for column in frame.columns() {
            // the names of a spec live as long as the program
            let name = ANSWERED.iter().find(|name| **name == column.name()).copied().unwrap_or("hour_ms");
            answer.put(name, column.values().iter().map(plain));
        }
        Ok(answer)
    }
}

const ANSWERED: [&str; 12] =
    ["model", "count", "sum", "avg", "min", "max", "stddev", "p50", "p95", "p99", "users", "errors"];

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Timestamp(us) => (us / 1000).into(),
        Value::Int64(value) => (*value).into(),
        Value::Float64(value) => f64::from_bits(value.to_bits()).into(),
        Value::String(text) => text.as_str().into(),
        _ => serde_json::Value::Null,
    }
}
