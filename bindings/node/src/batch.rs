//! The columns of one ingest, read where they lie in JavaScript's memory.
//!
//! The one idea: `pkg/npm` hands over arrays that nobody writes to until the ingest has ended, so nothing is copied.

use crate::error::thrown;
use isofold_facade::packed::{time_unit, PackedBatch, PackedTexts, PackedValues};
use napi::bindgen_prelude::{BigInt64Array, BigUint64Array, Uint32Array, Uint8Array};
use napi::Result;
use napi_derive::napi;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Columns being put together; `valid` has a 0 where a row is NULL.
#[napi]
pub struct Batch(Arc<Mutex<PackedBatch>>);

impl Batch {
    pub(crate) fn lock(&self) -> MutexGuard<'_, PackedBatch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn share(&self) -> Arc<Mutex<PackedBatch>> {
        Arc::clone(&self.0)
    }
}

#[napi]
impl Batch {
    /// A batch of `rows` rows.
    #[napi(constructor)]
    #[must_use]
    pub fn new(rows: u32) -> Self {
        Self(Arc::new(Mutex::new(PackedBatch::new(rows as usize))))
    }

    /// Adds a column of NULLs.
    #[napi]
    pub fn nulls(&self, name: String) {
        self.lock().add(name, PackedValues::Null, None);
    }

    /// Adds doubles, given as their bits.
    #[napi]
    pub fn numbers(&self, name: String, bits: BigUint64Array, valid: Option<Uint8Array>) {
        self.lock().add(name, PackedValues::Number(Box::new(bits)), valid.as_deref());
    }

    /// Adds signed integers.
    #[napi]
    pub fn integers(&self, name: String, values: BigInt64Array, valid: Option<Uint8Array>) {
        self.lock().add(name, PackedValues::Int64(Box::new(values)), valid.as_deref());
    }

    /// Adds unsigned integers.
    #[napi]
    pub fn unsigned(&self, name: String, values: BigUint64Array, valid: Option<Uint8Array>) {
        self.lock().add(name, PackedValues::UInt64(Box::new(values)), valid.as_deref());
    }

    /// Adds dates, given as the bits of their milliseconds.
    #[napi]
    pub fn dates(&self, name: String, bits: BigUint64Array, valid: Option<Uint8Array>) {
        self.lock().add(name, PackedValues::Date(Box::new(bits)), valid.as_deref());
    }

    /// Adds timestamps of a unit.
    ///
    /// **Errors** `host.argument`.
    #[napi]
    pub fn timestamps(
        &self,
        name: String,
        values: BigInt64Array,
        unit: String,
        valid: Option<Uint8Array>,
    ) -> Result<()> {
        let unit = time_unit(&unit).map_err(|error| thrown(&error))?;
        self.lock().add(name, PackedValues::Timestamp(Box::new(values), unit), valid.as_deref());
        Ok(())
    }

    /// Adds booleans, 0 and 1.
    #[napi]
    pub fn booleans(&self, name: String, values: Uint8Array, valid: Option<Uint8Array>) {
        self.lock().add(name, PackedValues::Bool(Box::new(values)), valid.as_deref());
    }

    /// Adds texts as codes into one buffer.
    #[napi]
    pub fn strings(
        &self,
        name: String,
        codes: Uint32Array,
        utf8: Uint8Array,
        offsets: Uint32Array,
        valid: Option<Uint8Array>,
    ) {
        let texts = PackedTexts { utf8: Box::new(utf8), offsets: Box::new(offsets) };
        self.lock().add(name, PackedValues::Text(Box::new(codes), texts), valid.as_deref());
    }

    /// Adds a text for each row, in one buffer.
    #[napi]
    pub fn texts(&self, name: String, utf8: Uint8Array, offsets: Uint32Array, valid: Option<Uint8Array>) {
        let texts = PackedTexts { utf8: Box::new(utf8), offsets: Box::new(offsets) };
        self.lock().add(name, PackedValues::Texts(texts), valid.as_deref());
    }

    /// Adds cells of several kinds.
    #[napi]
    pub fn mixed(
        &self,
        name: String,
        kinds: Uint8Array,
        words: BigUint64Array,
        utf8: Uint8Array,
        offsets: Uint32Array,
    ) {
        let texts = PackedTexts { utf8: Box::new(utf8), offsets: Box::new(offsets) };
        self.lock().add(name, PackedValues::Mixed(Box::new(kinds), Box::new(words), texts), None);
    }
}
