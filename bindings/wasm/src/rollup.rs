//! The rollup and the folding of batches into it.

use crate::batch::Batch;
use crate::error::thrown;
use crate::frame::Frame;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use isofold_facade::json::ingest_options;
use isofold_facade::{threads, Ingest as FacadeIngest, Rollup as Facade};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::JsValue;

type Result<T> = core::result::Result<T, JsValue>;

fn coded<T>(result: isofold::Result<T>) -> Result<T> {
    result.map_err(|error| thrown(&error))
}

/// A rollup.
#[wasm_bindgen]
pub struct Rollup(Facade);

/// Batches folded and not yet part of their rollup.
#[wasm_bindgen]
pub struct Ingest(FacadeIngest);

#[wasm_bindgen]
impl Ingest {
    /// Folds the next batch.
    pub fn fold(&mut self, batch: &Batch) -> Result<()> {
        coded(batch.0.read().and_then(|batch| self.0.fold(&batch)))
    }

    /// Tells of keys that rows have.
    pub fn keys(&mut self, keys: Vec<String>) {
        self.0.see_keys(keys.iter().map(String::as_str));
    }
}

#[wasm_bindgen]
impl Rollup {
    /// An empty rollup of a spec in JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str, max_groups: Option<f64>) -> Result<Rollup> {
        let rollup = coded(Facade::new(spec))?;
        match max_groups {
            Some(max_groups) => coded(rollup.with_max_groups(max_groups as usize)).map(Self),
            None => Ok(Self(rollup)),
        }
    }

    /// The rollup of its bytes.
    pub fn decode(bytes: &[u8], within: &str) -> Result<Rollup> {
        coded(Facade::decode_within(bytes, within, None)).map(Self)
    }

    /// Starts folding batches, on this thread however many are asked for.
    #[wasm_bindgen(js_name = startIngest)]
    pub fn start_ingest(&self, asked: Option<f64>, options: Option<String>) -> Result<Ingest> {
        let options = options.as_deref().unwrap_or("{}");
        let options = threads(asked).and_then(|threads| ingest_options(options, threads));
        coded(options.map(|options| Ingest(self.0.start_ingest_with(&options))))
    }

    /// Takes over what was folded, and tells how many rows passed `where`.
    #[wasm_bindgen(js_name = finishIngest)]
    pub fn finish_ingest(&mut self, ingest: Ingest) -> Result<f64> {
        coded(self.0.finish_ingest(ingest.0)).map(count)
    }

    /// As `finishIngest`, telling in JSON also which rows were left out.
    #[wasm_bindgen(js_name = finishReport)]
    pub fn finish_report(&mut self, ingest: Ingest) -> Result<String> {
        coded(self.0.finish_report(ingest.0)).map(|report| report.json().to_string())
    }

    /// Folds another rollup in.
    pub fn merge(&mut self, other: &Rollup, within: &str) -> Result<()> {
        coded(self.0.merge_within(&other.0, within))
    }

    /// Folds an encoded rollup in.
    #[wasm_bindgen(js_name = mergeBytes)]
    pub fn merge_bytes(&mut self, bytes: &[u8], within: &str) -> Result<()> {
        coded(self.0.merge_bytes(bytes, within))
    }

    /// The rollup at a coarser bucket and with fewer keys.
    pub fn coarsen(&self, options: &str) -> Result<Rollup> {
        coded(self.0.coarsen(options)).map(Self)
    }

    /// The buckets of a range.
    pub fn slice(&self, range: &str) -> Result<Rollup> {
        coded(self.0.slice(range)).map(Self)
    }

    /// Puts another rollup in the place of a range.
    pub fn replace(&mut self, range: &str, other: &Rollup, within: &str) -> Result<()> {
        coded(self.0.replace_within(range, &other.0, within))
    }

    /// Puts an encoded rollup in the place of a range.
    #[wasm_bindgen(js_name = replaceBytes)]
    pub fn replace_bytes(&mut self, range: &str, bytes: &[u8], within: &str) -> Result<()> {
        coded(self.0.replace_bytes(range, bytes, within))
    }

    /// Drops the buckets before a time, and tells how many groups that were.
    pub fn prune(&mut self, before: &str) -> Result<f64> {
        coded(self.0.prune(before)).map(count)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// The SHA-256 of the bytes.
    #[must_use]
    pub fn digest(&self) -> String {
        self.0.digest()
    }

    /// Number of groups.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.size()
    }

    /// Whether equal rows always give equal bytes.
    #[must_use]
    pub fn canonical(&self) -> bool {
        self.0.is_canonical()
    }

    /// The spec in JSON.
    #[must_use]
    pub fn spec(&self) -> String {
        self.0.spec().to_string()
    }

    /// What the rollup holds, in JSON.
    #[must_use]
    pub fn stats(&self) -> String {
        self.0.stats().to_string()
    }

    /// Answers a query in JSON.
    pub fn query(&self, query: &str) -> Result<Frame> {
        coded(self.0.query(query)).map(Frame)
    }
}

/// A count as JavaScript has it: a batch has fewer than 2^32 rows, a rollup far fewer than 2^53 groups.
fn count(count: usize) -> f64 {
    count as f64
}
