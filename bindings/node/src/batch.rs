//! The columns of one ingest, read where they lie in JavaScript's memory.
//!
//! The one idea: `pkg/npm` hands over arrays that nobody writes to until the ingest has ended, so nothing is copied.

use crate::error::thrown;
use isofold_facade::packed::{time_unit, PackedBatch, PackedTexts, PackedValues};
use napi::bindgen_prelude::{BigInt64Array, BigUint64Array, Uint32Array, Uint8Array};
use napi::Result;
use napi_derive::napi;

/// Columns being put together; `valid` has a 0 where a row is NULL.
#[napi]
pub struct Batch(pub(crate) PackedBatch);

#[napi]
impl Batch {
    /// A batch of `rows` rows.
    #[napi(constructor)]
    #[must_use]
    pub fn new(rows: u32) -> Self {
        Self(PackedBatch::new(rows as usize))
    }

    /// Adds a column of NULLs.
    #[napi]
    pub fn nulls(&mut self, name: String) {
        self.0.add(name, PackedValues::Null, None);
    }

    /// Adds doubles, given as their bits.
    #[napi]
    pub fn numbers(&mut self, name: String, bits: BigUint64Array, valid: Option<Uint8Array>) {
        self.0.add(name, PackedValues::Number(Box::new(bits)), valid.as_deref());
    }

    /// Adds signed integers.
    #[napi]
    pub fn integers(&mut self, name: String, values: BigInt64Array, valid: Option<Uint8Array>) {
        self.0.add(name, PackedValues::Int64(Box::new(values)), valid.as_deref());
    }

    /// Adds unsigned integers.
    #[napi]
    pub fn unsigned(&mut self, name: String, values: BigUint64Array, valid: Option<Uint8Array>) {
        self.0.add(name, PackedValues::UInt64(Box::new(values)), valid.as_deref());
    }

    /// Adds dates, given as the bits of their milliseconds.
    #[napi]
    pub fn dates(&mut self, name: String, bits: BigUint64Array, valid: Option<Uint8Array>) {
        self.0.add(name, PackedValues::Date(Box::new(bits)), valid.as_deref());
    }

    /// Adds timestamps of a unit.
    ///
    /// **Errors** `host.argument`.
    #[napi]
    pub fn timestamps(
        &mut self,
        name: String,
        values: BigInt64Array,
        unit: String,
        valid: Option<Uint8Array>,
    ) -> Result<()> {
        let unit = time_unit(&unit).map_err(|error| thrown(&error))?;
        self.0.add(name, PackedValues::Timestamp(Box::new(values), unit), valid.as_deref());
        Ok(())
    }

    /// Adds booleans, 0 and 1.
    #[napi]
    pub fn booleans(&mut self, name: String, values: Uint8Array, valid: Option<Uint8Array>) {
        self.0.add(name, PackedValues::Bool(Box::new(values)), valid.as_deref());
    }

    /// Adds texts as codes into one buffer.
    #[napi]
    pub fn strings(
        &mut self,
        name: String,
        codes: Uint32Array,
        utf8: Uint8Array,
        offsets: Uint32Array,
        valid: Option<Uint8Array>,
    ) {
        let texts = PackedTexts { utf8: Box::new(utf8), offsets: Box::new(offsets) };
        self.0.add(name, PackedValues::Text(Box::new(codes), texts), valid.as_deref());
    }

    /// Adds cells of several kinds.
    #[napi]
    pub fn mixed(
        &mut self,
        name: String,
        kinds: Uint8Array,
        words: BigUint64Array,
        utf8: Uint8Array,
        offsets: Uint32Array,
    ) {
        let texts = PackedTexts { utf8: Box::new(utf8), offsets: Box::new(offsets) };
        self.0.add(name, PackedValues::Mixed(Box::new(kinds), Box::new(words), texts), None);
    }
}
