//! Batches folded and not yet part of their rollup.

use crate::batch::Batch;
use crate::error::thrown;
use crate::work::Work;
use isofold::{Code, Error};
use isofold_facade::packed::PackedBatch;
use isofold_facade::Ingest as Facade;
use napi::bindgen_prelude::AsyncTask;
use napi::Result;
use napi_derive::napi;
use std::sync::{Arc, Mutex, PoisonError};

/// Batches folded; `None` once a rollup has taken them over.
#[napi]
pub struct Ingest(Arc<Mutex<Option<Facade>>>);

impl Ingest {
    pub(crate) fn new(ingest: Facade) -> Self {
        Self(Arc::new(Mutex::new(Some(ingest))))
    }

    pub(crate) fn take(&self) -> isofold::Result<Facade> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(ended)
    }
}

#[napi]
impl Ingest {
    /// Folds the next batch.
    #[napi]
    pub fn fold(&self, batch: &Batch) -> Result<()> {
        fold(&self.0, &batch.lock()).map_err(|error| thrown(&error))
    }

    /// Folds the next batch away from JavaScript's thread.
    #[napi]
    pub fn fold_async(&self, batch: &Batch) -> AsyncTask<Work<()>> {
        let (ingest, batch) = (Arc::clone(&self.0), batch.share());
        Work::promise(move || fold(&ingest, &batch.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn fold(ingest: &Mutex<Option<Facade>>, batch: &PackedBatch) -> isofold::Result<()> {
    let mut ingest = ingest.lock().unwrap_or_else(PoisonError::into_inner);
    ingest.as_mut().ok_or_else(ended)?.fold(&batch.read()?)
}

fn ended() -> Error {
    Error::new(Code::HostArgument, "this ingest has ended")
}
