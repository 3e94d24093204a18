//! Batches folded and not yet part of their rollup.

use crate::batch::Batch;
use crate::error::coded;
use crate::work::Work;
use isofold::{Code, Error};
use isofold_facade::packed::PackedBatch;
use isofold_facade::Ingest as Facade;
use napi::bindgen_prelude::AsyncTask;
use napi::Result;
use napi_derive::napi;
use std::sync::{Arc, Mutex, PoisonError};

/// Batches folded; `None` once a rollup has taken them over, or a fold has failed.
#[napi]
pub struct Ingest(Arc<Mutex<Option<Facade>>>);

impl Ingest {
    pub(crate) fn new(ingest: Facade) -> Self {
        Self(Arc::new(Mutex::new(Some(ingest))))
    }

    pub(crate) fn take(&self) -> isofold::Result<Facade> {
        taken(&self.0)
    }
}

#[napi]
impl Ingest {
    /// Folds the next batch.
    #[napi]
    pub fn fold(&self, batch: &Batch) -> Result<()> {
        batch.read(|batch| fold(&self.0, batch))
    }

    /// Tells of keys that rows have.
    #[napi]
    pub fn keys(&self, keys: Vec<String>) {
        let mut ingest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ingest) = ingest.as_mut() {
            ingest.see_keys(keys.iter().map(String::as_str));
        }
    }

    /// Folds a copy of the next batch away from JavaScript's thread.
    #[napi]
    pub fn fold_async(&self, batch: &Batch) -> Result<AsyncTask<Work<()>>> {
        let (ingest, batch) = (Arc::clone(&self.0), batch.copied()?);
        Ok(Work::promise(move || fold(&ingest, &batch)))
    }

    /// Gives the memory back, which a garbage collector would do later.
    #[napi]
    pub fn free(&self) -> Result<()> {
        coded(|| {
            drop(taken(&self.0));
            Ok(())
        })
    }
}

fn taken(ingest: &Mutex<Option<Facade>>) -> isofold::Result<Facade> {
    let ended = || Error::new(Code::HostArgument, "this ingest has ended");
    ingest.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(ended)
}

/// What fails in the middle is not put back.
fn fold(ingest: &Mutex<Option<Facade>>, batch: &PackedBatch<'_>) -> isofold::Result<()> {
    let mut folding = taken(ingest)?;
    folding.fold(&batch.read()?)?;
    *ingest.lock().unwrap_or_else(PoisonError::into_inner) = Some(folding);
    Ok(())
}
