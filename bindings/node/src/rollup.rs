//! The rollup.
//!
//! The one idea: work off JavaScript's thread reads a rollup as it was when it was asked for. A reader takes the `Arc`
//! and lets go of the lock; a writer copies the rollup only when a reader still holds it.

use crate::batch::Batch;
use crate::error::thrown;
use crate::frame::Frame;
use crate::ingest::Ingest;
use crate::work::Work;
use isofold_facade::Rollup as Facade;
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi::Result;
use napi_derive::napi;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

/// A rollup.
#[napi]
pub struct Rollup(Arc<Mutex<Arc<Facade>>>);

fn coded<T>(result: isofold::Result<T>) -> Result<T> {
    result.map_err(|error| thrown(&error))
}

fn write<T>(rollup: &Mutex<Arc<Facade>>, change: impl FnOnce(&mut Facade) -> isofold::Result<T>) -> isofold::Result<T> {
    change(Arc::make_mut(&mut rollup.lock().unwrap_or_else(PoisonError::into_inner)))
}

impl Rollup {
    /// The class of a rollup.
    pub(crate) fn of(rollup: Facade) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(rollup))))
    }

    fn read(&self) -> Arc<Facade> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Facade) -> isofold::Result<T>) -> Result<T> {
        coded(write(&self.0, change))
    }
}

#[napi]
impl Rollup {
    /// An empty rollup of a spec in JSON.
    #[napi(constructor)]
    pub fn new(spec: String, max_groups: Option<f64>) -> Result<Self> {
        let rollup = coded(Facade::new(spec.as_str()))?;
        match max_groups {
            Some(max_groups) => coded(rollup.with_max_groups(max_groups as usize)).map(Self::of),
            None => Ok(Self::of(rollup)),
        }
    }

    /// The rollup of its bytes.
    #[napi]
    pub fn decode(bytes: &[u8], max_groups: Option<f64>) -> Result<Self> {
        coded(match max_groups {
            Some(max_groups) => Facade::decode_with_max_groups(bytes, max_groups as usize),
            None => Facade::decode(bytes),
        })
        .map(Self::of)
    }

    /// Starts folding batches with so many threads, 0 for all of the machine.
    #[napi]
    #[must_use]
    pub fn start_ingest(&self, threads: u32) -> Ingest {
        let threads = match threads {
            0 => available_parallelism().map_or(1, usize::from),
            threads => threads as usize,
        };
        Ingest::new(self.read().start_ingest(threads))
    }

    /// Takes over what was folded, and tells how many rows passed `where`.
    #[napi]
    pub fn finish_ingest(&self, ingest: &Ingest) -> Result<f64> {
        self.write(|rollup| rollup.finish_ingest(ingest.take()?).map(count))
    }

    /// Folds another rollup in.
    #[napi]
    pub fn merge(&self, other: &Rollup) -> Result<()> {
        let other = other.read();
        self.write(|rollup| rollup.merge(&other))
    }

    /// Folds an encoded rollup in.
    #[napi]
    pub fn merge_bytes(&self, bytes: &[u8]) -> Result<()> {
        self.write(|rollup| rollup.merge_bytes(bytes))
    }

    /// Folds an encoded rollup in, away from JavaScript's thread.
    #[napi]
    pub fn merge_bytes_async(&self, bytes: &[u8]) -> AsyncTask<Work<()>> {
        let (rollup, bytes) = (Arc::clone(&self.0), bytes.to_vec());
        Work::promise(move || write(&rollup, |rollup| rollup.merge_bytes(&bytes)))
    }

    /// The rollup at a coarser bucket and with fewer keys.
    #[napi]
    pub fn coarsen(&self, options: String) -> Result<Self> {
        coded(self.read().coarsen(options.as_str())).map(Self::of)
    }

    /// The buckets of a range.
    #[napi]
    pub fn slice(&self, range: String) -> Result<Self> {
        coded(self.read().slice(range.as_str())).map(Self::of)
    }

    /// Puts another rollup in the place of a range.
    #[napi]
    pub fn replace(&self, range: String, other: &Rollup) -> Result<()> {
        let other = other.read();
        self.write(|rollup| rollup.replace(range.as_str(), &other))
    }

    /// Puts an encoded rollup in the place of a range.
    #[napi]
    pub fn replace_bytes(&self, range: String, bytes: &[u8]) -> Result<()> {
        self.write(|rollup| rollup.replace_bytes(range.as_str(), bytes))
    }

    /// Drops the buckets before a time, and tells how many groups that were.
    #[napi]
    pub fn prune(&self, before: String) -> Result<f64> {
        self.write(|rollup| rollup.prune(&before).map(count))
    }

    /// Every group as a row, with its states.
    #[napi]
    pub fn rows(&self) -> Result<Frame> {
        coded(self.read().rows()).map(Frame)
    }

    /// Takes rows in: bucket and keys in a batch, the states in one piece and where each ends.
    #[napi]
    pub fn add_rows(&self, batch: &Batch, states: &[u8], ends: &[u32]) -> Result<()> {
        let packed = batch.lock();
        let states = coded(isofold_facade::packed::pieces(states, ends))?;
        self.write(|rollup| rollup.add_rows(&packed.read()?, &states))
    }

    /// The canonical bytes.
    #[napi]
    #[must_use]
    pub fn encode(&self) -> Uint8Array {
        self.read().encode().into()
    }

    /// The canonical bytes, written away from JavaScript's thread.
    #[napi]
    pub fn encode_async(&self) -> AsyncTask<Work<Uint8Array>> {
        let rollup = self.read();
        Work::promise(move || Ok(rollup.encode().into()))
    }

    /// The SHA-256 of the bytes.
    #[napi]
    #[must_use]
    pub fn digest(&self) -> String {
        self.read().digest()
    }

    /// Number of groups.
    #[napi]
    #[must_use]
    pub fn size(&self) -> f64 {
        count(self.read().size())
    }

    /// Whether equal rows always give equal bytes.
    #[napi]
    #[must_use]
    pub fn canonical(&self) -> bool {
        self.read().is_canonical()
    }

    /// The spec in JSON.
    #[napi]
    #[must_use]
    pub fn spec(&self) -> String {
        self.read().spec().to_string()
    }

    /// What the rollup holds, in JSON.
    #[napi]
    #[must_use]
    pub fn stats(&self) -> String {
        self.read().stats().to_string()
    }

    /// Answers a query in JSON.
    #[napi]
    pub fn query(&self, query: String) -> Result<Frame> {
        coded(self.read().query(query.as_str())).map(Frame)
    }

    /// Answers a query in JSON, away from JavaScript's thread.
    #[napi]
    pub fn query_async(&self, query: String) -> AsyncTask<Work<Frame>> {
        let rollup = self.read();
        Work::promise(move || rollup.query(query.as_str()).map(Frame))
    }
}

/// A count as JavaScript has it: a batch has fewer than 2^32 rows, a rollup far fewer than 2^53 groups.
fn count(count: usize) -> f64 {
    count as f64
}
