//! The columns of a result, each copied out once.

use isofold_facade::packed_frame::{packed_output, PackedItems, PackedOutput};
use isofold_facade::Frame as Facade;
use napi::bindgen_prelude::{BigInt64Array, BigUint64Array, Either4, Uint32Array, Uint8Array};
use napi_derive::napi;

/// A result.
#[napi]
pub struct Frame(pub(crate) Facade);

#[napi]
impl Frame {
    /// Number of rows.
    #[napi(getter)]
    #[must_use]
    pub fn length(&self) -> u32 {
        // cannot truncate: a result has at most MAX_RESULT_ROWS rows
        self.0.len() as u32
    }

    /// JSON: `[{"name", "type"}]`.
    #[napi]
    #[must_use]
    pub fn columns(&self) -> String {
        self.0.columns_json().to_string()
    }

    /// The states of every row, where they were asked for.
    #[napi]
    #[must_use]
    pub fn states(&self) -> Option<Vec<Uint8Array>> {
        self.0.states().map(|states| states.iter().map(|state| state.clone().into()).collect())
    }

    /// A column; `null` when there is none at that index.
    #[napi]
    #[must_use]
    pub fn column(&self, index: u32) -> Option<Output> {
        packed_output(&self.0, index as usize).map(Output::from)
    }
}

/// One column of a result: an object without a class, which costs one call and nothing to clean up.
#[napi(object, object_from_js = false)]
pub struct Output {
    /// The values, or the items of all lists: `BigUint64Array` (bits of doubles), `BigInt64Array`, `Uint8Array`
    /// (booleans) or an array of texts.
    pub items: Either4<Uint8Array, BigInt64Array, BigUint64Array, Vec<String>>,
    /// A 0 where a row is NULL.
    pub valid: Option<Uint8Array>,
    /// Where each list ends in the items.
    pub ends: Option<Uint32Array>,
    /// How often each item occurs.
    pub counts: Option<BigInt64Array>,
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
