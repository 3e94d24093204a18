//! The columns of one ingest, copied into the module's memory.

use crate::error::thrown;
use alloc::string::String;
use alloc::vec::Vec;
use isofold_facade::packed::{time_unit, PackedBatch, PackedTexts, PackedValues};
use isofold_facade::unread;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::JsValue;

/// Columns being put together; `valid` has a 0 where a row is NULL.
#[wasm_bindgen]
pub struct Batch(pub(crate) PackedBatch<'static>);

#[wasm_bindgen]
impl Batch {
    /// A batch of `rows` rows.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self(PackedBatch::new(rows))
    }

    /// Adds a column of NULLs.
    pub fn nulls(&mut self, name: String) {
        self.0.add(name, PackedValues::Null, None);
    }

    /// Adds doubles, given as their bits.
    pub fn numbers(&mut self, name: String, bits: Vec<u64>, valid: Option<Vec<u8>>) {
        self.0.add(name, PackedValues::Number(bits.into()), valid.as_deref());
    }

    /// Adds signed integers.
    pub fn integers(&mut self, name: String, values: Vec<i64>, valid: Option<Vec<u8>>) {
        self.0.add(name, PackedValues::Int64(values.into()), valid.as_deref());
    }

    /// Adds unsigned integers.
    pub fn unsigned(&mut self, name: String, values: Vec<u64>, valid: Option<Vec<u8>>) {
        self.0.add(name, PackedValues::UInt64(values.into()), valid.as_deref());
    }

    /// Adds dates, given as the bits of their milliseconds.
    pub fn dates(&mut self, name: String, bits: Vec<u64>, valid: Option<Vec<u8>>) {
        self.0.add(name, PackedValues::Date(bits.into()), valid.as_deref());
    }

    /// Adds timestamps of a unit.
    ///
    /// **Errors** `host.argument`.
    pub fn timestamps(
        &mut self,
        name: String,
        values: Vec<i64>,
        unit: &str,
        valid: Option<Vec<u8>>,
    ) -> Result<(), JsValue> {
        let unit = time_unit(unit).map_err(|error| thrown(&error))?;
        self.0.add(name, PackedValues::Timestamp(values.into(), unit), valid.as_deref());
        Ok(())
    }

    /// Adds timestamps of a unit, without a zone.
    ///
    /// **Errors** `host.argument`.
    pub fn locals(
        &mut self,
        name: String,
        values: Vec<i64>,
        unit: &str,
        valid: Option<Vec<u8>>,
    ) -> Result<(), JsValue> {
        let unit = time_unit(unit).map_err(|error| thrown(&error))?;
        self.0.add(name, PackedValues::Local(values.into(), unit), valid.as_deref());
        Ok(())
    }

    /// Adds booleans, 0 and 1.
    pub fn booleans(&mut self, name: String, values: Vec<u8>, valid: Option<Vec<u8>>) {
        self.0.add(name, PackedValues::Bool(values.into()), valid.as_deref());
    }

    /// Adds texts as codes into one buffer.
    pub fn strings(&mut self, name: String, codes: Vec<u32>, utf8: Vec<u8>, offsets: Vec<u32>, valid: Option<Vec<u8>>) {
        let texts = PackedTexts { utf8: utf8.into(), offsets: offsets.into() };
        self.0.add(name, PackedValues::Text(codes.into(), texts), valid.as_deref());
    }

    /// Adds a text for each row, in one buffer.
    pub fn texts(&mut self, name: String, utf8: Vec<u8>, offsets: Vec<u32>, valid: Option<Vec<u8>>) {
        let texts = PackedTexts { utf8: utf8.into(), offsets: offsets.into() };
        self.0.add(name, PackedValues::Texts(texts), valid.as_deref());
    }

    /// Adds cells of several kinds.
    pub fn mixed(&mut self, name: String, kinds: Vec<u8>, words: Vec<u64>, utf8: Vec<u8>, offsets: Vec<u32>) {
        let texts = PackedTexts { utf8: utf8.into(), offsets: offsets.into() };
        self.0.add(name, PackedValues::Mixed(kinds.into(), words.into(), texts), None);
    }

    /// Says that what stands in the place of a row is none, as errors call it.
    #[wasm_bindgen(js_name = noRow)]
    pub fn no_row(&mut self, row: usize, what: &str) {
        self.0.refuse(row, unread::no_row(what));
    }

    /// Says in words why a row could not be read.
    pub fn unread(&mut self, row: usize, words: String) {
        self.0.refuse(row, unread::unread(words));
    }
}
