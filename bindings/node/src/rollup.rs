//! The rollup.
//!
//! The one idea: work off JavaScript's thread reads a rollup as it was when it was asked for. A reader takes the `Arc`
//! and lets go of the lock; a writer copies the rollup only when a reader still holds it.

use crate::batch::Batch;
use crate::collected;
use crate::error::{coded, thrown};
use crate::frame::Frame;
use crate::ingest::Ingest;
use crate::kept::Kept;
use crate::memory::{Copied, Held};
use crate::work::Work;
use isofold_facade::json::ingest_options;
use isofold_facade::skipped::Report;
use isofold_facade::{threads, Rollup as Facade};
use napi::bindgen_prelude::{AsyncTask, ObjectFinalize, This};
use napi::{Env, Result};
use napi_derive::napi;
use std::sync::Arc;

/// A rollup.
#[napi(custom_finalize)]
pub struct Rollup(Arc<Kept>);

impl ObjectFinalize for Rollup {
    fn finalize(self, env: Env) -> Result<()> {
        // Nobody called, so that an error would end the process; what fails here is a hint for V8, and the memory goes
        // with `self`.
        let _ = coded(|| Ok(self.0.forget(env)));
        Ok(())
    }
}

impl Rollup {
    /// The class of the rollup that `make` gives.
    pub(crate) fn made(env: Env, make: impl FnOnce() -> isofold::Result<Facade>) -> Result<Self> {
        let made = Self(Arc::new(Kept::new(coded(make)?)));
        made.0.tell(env)?;
        Ok(made)
    }

    fn read<T>(&self, look: impl FnOnce(&Facade) -> isofold::Result<T>) -> Result<T> {
        coded(|| look(&*self.0.rollup.read()?))
    }

    /// Changes the rollup, by which `work` rows or groups come in.
    fn write<T>(&self, env: Env, work: usize, change: impl FnOnce(&mut Facade) -> isofold::Result<T>) -> Result<T> {
        let changed = coded(|| self.0.rollup.write(change));
        self.0.worked(env, work)?;
        changed
    }

    fn finished(&self, env: Env, ingest: &Ingest) -> Result<Report> {
        let taken = || ingest.take().and_then(|ingest| self.0.rollup.write(|rollup| rollup.finish_report(ingest)));
        let report = coded(taken);
        self.0.worked(env, report.as_ref().map_or(0, |report| report.rows))?;
        report
    }

    /// The other rollup as it is, and how many groups it has.
    fn other(other: &Rollup) -> Result<(Arc<Facade>, usize)> {
        let other = other.0.rollup.read().map_err(|error| thrown(&error))?;
        let groups = other.size();
        Ok((other, groups))
    }
}

#[napi]
impl Rollup {
    /// An empty rollup of a spec in JSON.
    #[napi(constructor)]
    pub fn new(env: Env, spec: String, max_groups: Option<f64>) -> Result<Self> {
        Self::made(env, || {
            let rollup = Facade::new(spec.as_str())?;
            match max_groups {
                Some(max_groups) => rollup.with_max_groups(max_groups as usize),
                None => Ok(rollup),
            }
        })
    }

    /// Watches over the object, so that its memory goes as soon as it is collected.
    #[napi]
    pub fn watch(&self, env: Env, this: This<'_>) -> Result<()> {
        collected::watch(env, &this, &self.0)
    }

    /// The rollup of its bytes.
    #[napi]
    pub fn decode(env: Env, bytes: Held<u8>, within: String) -> Result<Self> {
        let bytes = bytes.look()?;
        Self::made(env, || Facade::decode_within(&bytes, within.as_str(), None))
    }

    /// Starts folding batches with so many threads, 0 or nothing for all of the machine, and options in JSON.
    #[napi]
    pub fn start_ingest(&self, asked: Option<f64>, options: Option<String>) -> Result<Ingest> {
        self.read(|rollup| {
            let options = ingest_options(options.as_deref().unwrap_or("{}"), threads(asked)?)?;
            Ok(Ingest::new(rollup.start_ingest_with(&options)))
        })
    }

    /// Takes over what was folded, and tells how many rows passed `where`.
    #[napi]
    pub fn finish_ingest(&self, env: Env, ingest: &Ingest) -> Result<f64> {
        self.finished(env, ingest).map(|report| count(report.rows))
    }

    /// As `finishIngest`, telling in JSON also which rows were left out.
    #[napi]
    pub fn finish_report(&self, env: Env, ingest: &Ingest) -> Result<String> {
        self.finished(env, ingest).map(|report| report.json().to_string())
    }

    /// Folds another rollup in.
    #[napi]
    pub fn merge(&self, env: Env, other: &Rollup, within: String) -> Result<()> {
        let (other, groups) = Self::other(other)?;
        self.write(env, groups, |rollup| rollup.merge_within(&other, within.as_str()))
    }

    /// Folds an encoded rollup in.
    #[napi]
    pub fn merge_bytes(&self, env: Env, bytes: Held<u8>, within: String) -> Result<()> {
        let bytes = bytes.look()?;
        self.write(env, bytes.len(), |rollup| rollup.merge_bytes(&bytes, within.as_str()))
    }

    /// Folds an encoded rollup in, away from JavaScript's thread.
    #[napi]
    pub fn merge_bytes_async(&self, bytes: Held<u8>, within: String) -> Result<AsyncTask<Work<()>>> {
        let (kept, bytes) = (Arc::clone(&self.0), bytes.look()?.into_owned());
        let (after, work) = (Arc::clone(&self.0), bytes.len());
        Ok(Work::promise_then(
            move || kept.rollup.write(|rollup| rollup.merge_bytes(&bytes, within.as_str())),
            move |env| after.worked(env, work),
        ))
    }

    /// The rollup at a coarser bucket and with fewer keys.
    #[napi]
    pub fn coarsen(&self, env: Env, options: String) -> Result<Self> {
        Self::made(env, || self.0.rollup.read()?.coarsen(options.as_str()))
    }

    /// The buckets of a range.
    #[napi]
    pub fn slice(&self, env: Env, range: String) -> Result<Self> {
        Self::made(env, || self.0.rollup.read()?.slice(range.as_str()))
    }

    /// Puts another rollup in the place of a range.
    #[napi]
    pub fn replace(&self, env: Env, range: String, other: &Rollup, within: String) -> Result<()> {
        let (other, _) = Self::other(other)?;
        self.write(env, usize::MAX, |rollup| rollup.replace_within(range.as_str(), &other, within.as_str()))
    }

    /// Puts an encoded rollup in the place of a range.
    #[napi]
    pub fn replace_bytes(&self, env: Env, range: String, bytes: Held<u8>, within: String) -> Result<()> {
        let bytes = bytes.look()?;
        self.write(env, usize::MAX, |rollup| rollup.replace_bytes(range.as_str(), &bytes, within.as_str()))
    }

    /// Drops the buckets before a time, and tells how many groups that were.
    #[napi]
    pub fn prune(&self, env: Env, before: String) -> Result<f64> {
        self.write(env, usize::MAX, |rollup| rollup.prune(&before).map(count))
    }

    /// Every group as a row, with its states; options in JSON.
    #[napi]
    pub fn rows(&self, options: String) -> Result<Frame> {
        self.read(|rollup| rollup.rows_with(options.as_str())).map(Frame::of)
    }

    /// Takes rows in: bucket and keys in a batch, the states in one piece and where each ends.
    #[napi]
    pub fn add_rows(&self, env: Env, batch: &Batch, states: Held<u8>, ends: Held<u32>, within: String) -> Result<()> {
        let (states, ends) = (states.look()?, ends.look()?);
        let added = batch.read(|batch| {
            let states = isofold_facade::packed::pieces(&states, &ends)?;
            self.0.rollup.write(|rollup| rollup.add_rows(&batch.read()?, &states, within.as_str()))
        });
        self.0.worked(env, ends.len())?;
        added
    }

    /// The canonical bytes.
    #[napi]
    pub fn encode(&self) -> Result<Copied<u8>> {
        self.read(|rollup| Ok(rollup.encode().into()))
    }

    /// The canonical bytes, written away from JavaScript's thread.
    #[napi]
    pub fn encode_async(&self) -> Result<AsyncTask<Work<Copied<u8>>>> {
        let rollup = coded(|| self.0.rollup.read())?;
        Ok(Work::promise(move || Ok(rollup.encode().into())))
    }

    /// The SHA-256 of the bytes.
    #[napi]
    pub fn digest(&self) -> Result<String> {
        self.read(|rollup| Ok(rollup.digest()))
    }

    /// Number of groups.
    #[napi]
    pub fn size(&self) -> Result<f64> {
        self.read(|rollup| Ok(count(rollup.size())))
    }

    /// Whether equal rows always give equal bytes.
    #[napi]
    pub fn canonical(&self) -> Result<bool> {
        self.read(|rollup| Ok(rollup.is_canonical()))
    }

    /// The spec in JSON.
    #[napi]
    pub fn spec(&self) -> Result<String> {
        self.read(|rollup| Ok(rollup.spec().to_string()))
    }

    /// What the rollup holds, in JSON.
    #[napi]
    pub fn stats(&self) -> Result<String> {
        self.read(|rollup| Ok(rollup.stats().to_string()))
    }

    /// Answers a query in JSON.
    #[napi]
    pub fn query(&self, query: String) -> Result<Frame> {
        self.read(|rollup| rollup.query(query.as_str())).map(Frame::of)
    }

    /// Answers a query in JSON, away from JavaScript's thread.
    #[napi]
    pub fn query_async(&self, query: String) -> Result<AsyncTask<Work<Frame>>> {
        let rollup = coded(|| self.0.rollup.read())?;
        Ok(Work::promise(move || rollup.query(query.as_str()).map(Frame::of)))
    }

    /// Gives the memory back at once; what is still read elsewhere, as soon as that has ended.
    #[napi]
    pub fn free(&self, env: Env) -> Result<()> {
        coded(|| Ok(self.0.free(env)))?
    }
}

/// A count as JavaScript has it: a batch has fewer than 2^32 rows, a rollup far fewer than 2^53 groups.
fn count(count: usize) -> f64 {
    count as f64
}
