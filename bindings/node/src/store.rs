//! The conversations that `isofold/stores` has with a database: statements out, rows in.
//!
//! Not here: connections (`pkg/npm/src/stores`).

use crate::batch::Batch;
use crate::error::coded;
use crate::frame::Frame;
use crate::memory::Held;
use crate::rollup::Rollup;
use isofold::time::format_timestamp;
use isofold::{Code, Error};
use isofold_facade::json::Json;
use isofold_stores::engine::{Outcome, Progress, Run as Engine, SqlValue, Step as EngineStep, Store as EngineStore};
use napi::bindgen_prelude::{BigInt, Either6, Null, Uint8Array};
use napi::{Env, Result};
use napi_derive::napi;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// NULL, boolean, double, integer, text, bytes: a parameter.
type Cell = Either6<Null, bool, f64, BigInt, String, Uint8Array>;

/// The same as a row has it.
type Given = Either6<Null, bool, f64, BigInt, String, Held<u8>>;

/// A catalog in the dialect of a database.
#[napi]
pub struct Store(EngineStore);

/// One conversation.
#[napi]
pub struct Run {
    run: Mutex<Engine>,
    outcome: Mutex<Option<Outcome>>,
}

/// What a host does next.
#[napi(object)]
pub struct Step {
    /// The statement.
    pub sql: String,
    /// Its parameters; absent where rows are streamed.
    pub parameters: Option<Vec<Cell>>,
    /// The columns of the rows that are streamed.
    pub columns: Option<Vec<String>>,
}

impl Run {
    fn of(run: Engine) -> Self {
        Self { run: Mutex::new(run), outcome: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[napi]
impl Store {
    /// A catalog in JSON.
    #[napi(constructor)]
    pub fn new(catalog: String, dialect: String) -> Result<Self> {
        coded(|| EngineStore::new(catalog.as_str(), &dialect)).map(Self)
    }

    /// Keeps at most so many bytes of what queries read; the package gives a whole number, 0 or more.
    #[napi]
    pub fn limit_memory(&self, max_bytes: i64) -> Result<()> {
        coded(|| {
            self.0.limit_memory(usize::try_from(max_bytes).unwrap_or(0));
            Ok(())
        })
    }

    /// The names of the rollups.
    #[napi]
    pub fn names(&self) -> Result<Vec<String>> {
        coded(|| Ok(self.0.names()))
    }

    /// The seconds between two refreshes of each rollup, in JSON.
    #[napi]
    pub fn schedule(&self) -> Result<String> {
        coded(|| Ok(self.0.schedule().to_string()))
    }

    /// A run by name: `init`, `plan`, `refresh`, `query`, `load`, `check`, `due`, `runs`, `columns`, `invalidate`, `reset`, `prune`,
    /// `drop`; options in JSON.
    #[napi]
    pub fn start(&self, name: String, options: String) -> Result<Run> {
        let options = options.as_str();
        let run = || match name.as_str() {
            "init" => self.0.init(options),
            "plan" => self.0.plan(options),
            "refresh" => self.0.refresh(options),
            "query" => self.0.query(options),
            "load" => self.0.load(options),
            "check" => self.0.check(options),
            "due" => self.0.due(options),
            "runs" => self.0.runs(options),
            "columns" => self.0.columns(options),
            "invalidate" => self.0.invalidate(options),
            "reset" => self.0.reset(options),
            "prune" => self.0.prune(options),
            "drop" => self.0.drop(options),
            other => Err(Error::new(Code::HostArgument, format!("a store has no run {other}"))),
        };
        coded(run).map(Run::of)
    }

    /// Notes the error that ended a refresh.
    #[napi]
    pub fn note_failure(&self, rollup: String, code: String, message: String) -> Result<Run> {
        let error = error_of(&code, message);
        coded(|| Ok(Run::of(self.0.note_failure(&rollup, &error))))
    }
}

#[napi]
impl Run {
    /// The next step, given the rows of the one before; nothing at the end.
    #[napi]
    pub fn advance(&self, rows: Vec<Vec<Given>>) -> Result<Option<Step>> {
        let values = |row: Vec<Given>| row.into_iter().map(sql_value).collect();
        let rows = rows.into_iter().map(values).collect::<Result<Vec<Vec<_>>>>()?;
        self.step(|run| run.advance(rows))
    }

    /// The next step where the one before failed with a code and a message.
    #[napi]
    pub fn fail(&self, code: String, message: String) -> Result<Option<Step>> {
        self.step(|run| run.fail(error_of(&code, message)))
    }

    fn step(&self, go_on: impl FnOnce(&mut Engine) -> isofold::Result<EngineStep>) -> Result<Option<Step>> {
        Ok(match coded(|| go_on(&mut self.lock()))? {
            EngineStep::Run { sql, parameters } => {
                Some(Step { sql, parameters: Some(parameters.into_iter().map(cell).collect()), columns: None })
            }
            EngineStep::Stream { sql, columns } => {
                let columns = columns.into_iter().map(|(name, _)| name).collect();
                Some(Step { sql, parameters: None, columns: Some(columns) })
            }
            EngineStep::Done => {
                *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = self.lock().take_outcome();
                None
            }
        })
    }

    /// Folds rows of the statement that is streamed.
    #[napi]
    pub fn fold(&self, batch: &Batch) -> Result<()> {
        batch.read(|batch| self.lock().fold(&batch.read()?))
    }

    /// How far the run is, in JSON.
    #[napi]
    pub fn progress(&self) -> Result<String> {
        coded(|| Ok(json_of(self.lock().progress()).to_string()))
    }

    /// The report that the run ended with, in JSON.
    #[napi]
    pub fn report(&self) -> Result<String> {
        coded(|| {
            Ok(match &*self.outcome.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(Outcome::Json(report) | Outcome::Answer(_, report)) => report.to_string(),
                Some(Outcome::Rollup(_)) | None => Json::Null.to_string(),
            })
        })
    }

    /// The answer that the run ended with; taken once.
    #[napi]
    #[must_use]
    pub fn answer(&self) -> Option<Frame> {
        match self.take()? {
            Outcome::Answer(frame, _) => Some(Frame::of(frame)),
            Outcome::Json(_) | Outcome::Rollup(_) => None,
        }
    }

    /// The rollup that the run ended with; taken once.
    #[napi]
    pub fn rollup(&self, env: Env) -> Result<Option<Rollup>> {
        match self.take() {
            Some(Outcome::Rollup(rollup)) => Rollup::made(env, || Ok(rollup)).map(Some),
            Some(Outcome::Json(_) | Outcome::Answer(..)) | None => Ok(None),
        }
    }
}

fn error_of(code: &str, message: String) -> Error {
    let known = Code::ALL.iter().copied().find(|known| known.as_str() == code);
    Error::new(known.unwrap_or(Code::StoreDatabase), message)
}

fn json_of(progress: Progress) -> Json {
    let time = |us: Option<i64>| us.map(|us| Json::Text(format_timestamp(us)));
    Json::object([
        ("rollup", Json::from(progress.rollup.as_str())),
        ("start", time(progress.window.map(|(start, _)| start)).into()),
        ("end", time(progress.window.map(|(_, end)| end)).into()),
        ("rows_read", progress.rows_read.into()),
        ("groups_written", progress.groups_written.into()),
    ])
}

fn sql_value(cell: Given) -> Result<SqlValue> {
    Ok(match cell {
        Either6::A(Null) => SqlValue::Null,
        Either6::B(value) => SqlValue::Bool(value),
        Either6::C(value) => SqlValue::Float64(value),
        Either6::D(value) => match value.get_i64() {
            (value, true) => SqlValue::Int64(value),
            // no statement returns an integer past int64; as a double it is refused
            (_, false) => SqlValue::Float64(f64::INFINITY),
        },
        Either6::E(text) => SqlValue::Text(text),
        Either6::F(bytes) => SqlValue::Bytes(bytes.look()?.into_owned()),
    })
}

fn cell(value: SqlValue) -> Cell {
    match value {
        SqlValue::Null => Either6::A(Null),
        SqlValue::Bool(value) => Either6::B(value),
        SqlValue::Float64(value) => Either6::C(value),
        SqlValue::Int64(value) => Either6::D(value.into()),
        SqlValue::Text(text) => Either6::E(text),
        SqlValue::Bytes(bytes) => Either6::F(bytes.into()),
    }
}
