//! The columns of a result, each copied out once.

use crate::error::coded;
use crate::memory::Copied;
use isofold::{Code, Error};
use isofold_facade::packed_frame::{packed_output, PackedItems, PackedOutput};
use isofold_facade::Frame as Facade;
use napi::bindgen_prelude::Either4;
use napi::Result;
use napi_derive::napi;

/// A result; `None` once its memory is given back.
#[napi]
pub struct Frame(Option<Facade>);

impl Frame {
    /// The class of a result.
    pub(crate) fn of(frame: Facade) -> Self {
        Self(Some(frame))
    }

    fn read<T>(&self, look: impl FnOnce(&Facade) -> T) -> Result<T> {
        let freed = || Error::new(Code::HostFreed, "the result is used after it was freed");
        coded(|| self.0.as_ref().ok_or_else(freed).map(look))
    }
}

#[napi]
impl Frame {
    /// Number of rows.
    #[napi(getter)]
    pub fn length(&self) -> Result<u32> {
        // cannot truncate: a result has at most MAX_RESULT_ROWS rows
        self.read(|frame| frame.len() as u32)
    }

    /// Number of rows without a limit.
    #[napi(getter)]
    pub fn total(&self) -> Result<u32> {
        // cannot truncate: a result has at most MAX_RESULT_ROWS rows
        self.read(|frame| frame.total_rows() as u32)
    }

    /// JSON: `[{"name", "type"}]`.
    #[napi]
    pub fn columns(&self) -> Result<String> {
        self.read(|frame| frame.columns_json().to_string())
    }

    /// JSON: `[{"code", "message", "metric", "bucket", "key"}]`.
    #[napi]
    pub fn warnings(&self) -> Result<String> {
        self.read(|frame| frame.warnings_json().to_string())
    }

    /// The states of every row, where they were asked for.
    #[napi]
    pub fn states(&self) -> Result<Option<Vec<Copied<u8>>>> {
        self.read(|frame| frame.states().map(|states| states.iter().map(|state| state.clone().into()).collect()))
    }

    /// A column; `null` when there is none at that index.
    #[napi]
    pub fn column(&self, index: u32) -> Result<Option<Output>> {
        self.read(|frame| packed_output(frame, index as usize).map(Output::from))
    }

    /// Gives the memory back, which a garbage collector would do later.
    #[napi]
    pub fn free(&mut self) -> Result<()> {
        let frame = self.0.take();
        coded(|| {
            drop(frame);
            Ok(())
        })
    }
}

/// One column of a result: an object without a class, which costs one call and nothing to clean up.
#[napi(object, object_from_js = false)]
pub struct Output {
    /// The values, or the items of all lists: `BigUint64Array` (bits of doubles), `BigInt64Array`, `Uint8Array`
    /// (booleans) or an array of texts.
    pub items: Either4<Copied<u8>, Copied<i64>, Copied<u64>, Vec<String>>,
    /// A 0 where a row is NULL.
    pub valid: Option<Copied<u8>>,
    /// Where each list ends in the items.
    pub ends: Option<Copied<u32>>,
    /// How often each item occurs.
    pub counts: Option<Copied<i64>>,
}

impl From<PackedOutput> for Output {
    fn from(output: PackedOutput) -> Self {
        let items = match output.items {
            PackedItems::Bool(items) => Either4::A(items.into()),
            PackedItems::Int64(items) => Either4::B(items.into()),
            PackedItems::Number(items) => Either4::C(items.into()),
            PackedItems::Text(items) => Either4::D(items),
        };
        Self {
            items,
            valid: output.valid.map(Into::into),
            ends: output.ends.map(Into::into),
            counts: output.counts.map(Into::into),
        }
    }
}
