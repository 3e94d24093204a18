//! Work that leaves JavaScript's thread and resolves a promise there.

use crate::error::thrown;
use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Result, Task};

type Job<T> = Box<dyn FnOnce() -> isofold::Result<T> + Send>;

/// A job for Node's pool of threads.
pub struct Work<T>(Option<Job<T>>);

impl<T> Work<T> {
    /// The promise of what `job` returns.
    pub fn promise(job: impl FnOnce() -> isofold::Result<T> + Send + 'static) -> AsyncTask<Self>
    where
        T: Send + ToNapiValue + TypeName + 'static,
    {
        AsyncTask::new(Self(Some(Box::new(job))))
    }
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Work<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> Result<T> {
        match self.0.take() {
            Some(job) => job().map_err(|error| thrown(&error)),
            None => Err(napi::Error::from_reason("a job runs once")),
        }
    }

    fn resolve(&mut self, _: Env, output: T) -> Result<T> {
        Ok(output)
    }
}
