//! Work that leaves JavaScript's thread and resolves a promise there.

use crate::error::coded;
use isofold::{Code, Error};
use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Result, Task};

type Job<T> = Box<dyn FnOnce() -> isofold::Result<T> + Send>;
type End = Box<dyn FnOnce(Env) -> Result<()> + Send>;

/// A job for Node's pool of threads, and what is done on JavaScript's thread when it has succeeded.
pub struct Work<T> {
    job: Option<Job<T>>,
    end: Option<End>,
}

impl<T> Work<T>
where
    T: Send + ToNapiValue + TypeName + 'static,
{
    /// The promise of what `job` returns.
    pub fn promise(job: impl FnOnce() -> isofold::Result<T> + Send + 'static) -> AsyncTask<Self> {
        AsyncTask::new(Self { job: Some(Box::new(job)), end: None })
    }

    /// As [`Work::promise`], with `end` before the promise is resolved.
    pub fn promise_then(
        job: impl FnOnce() -> isofold::Result<T> + Send + 'static,
        end: impl FnOnce(Env) -> Result<()> + Send + 'static,
    ) -> AsyncTask<Self> {
        AsyncTask::new(Self { job: Some(Box::new(job)), end: Some(Box::new(end)) })
    }
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Work<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> Result<T> {
        let job = self.job.take();
        coded(|| job.ok_or_else(|| Error::new(Code::HostArgument, "a job runs once"))?())
    }

    fn resolve(&mut self, env: Env, output: T) -> Result<T> {
        self.end.take().map_or(Ok(()), |end| end(env))?;
        Ok(output)
    }
}
