//! The columns of one ingest, read where they lie in JavaScript's memory or copied out of it.
//!
//! The one idea: a batch only remembers its arrays. What is folded on this thread is read where it lies; what leaves the
//! thread is copied first, for JavaScript runs on and may do anything to them.

use crate::error::coded;
use crate::memory::Held;
use isofold::value::TimeUnit;
use isofold::Error;
use isofold_facade::packed::{time_unit, PackedBatch, PackedTexts, PackedValues};
use isofold_facade::unread;
use napi::Result;
use napi_derive::napi;
use std::cell::RefCell;

/// Columns being put together; `valid` has a 0 where a row is NULL.
#[napi]
pub struct Batch {
    rows: usize,
    columns: RefCell<Vec<Added>>,
    unread: RefCell<Vec<(usize, Error)>>,
}

struct Added {
    name: String,
    values: Values,
    valid: Option<Held<u8>>,
}

enum Values {
    Null,
    Number(Held<u64>),
    Int64(Held<i64>),
    UInt64(Held<u64>),
    Date(Held<u64>),
    Timestamp(Held<i64>, TimeUnit),
    Local(Held<i64>, TimeUnit),
    Bool(Held<u8>),
    Text(Held<u32>, Texts),
    Texts(Texts),
    Mixed(Held<u8>, Held<u64>, Texts),
}

struct Texts {
    utf8: Held<u8>,
    offsets: Held<u32>,
}

impl Batch {
    /// What `work` makes of the columns, while no JavaScript runs.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&PackedBatch<'_>) -> isofold::Result<T>) -> Result<T> {
        let columns = self.columns.borrow();
        let batch = packed(self.rows, &columns, &self.unread.borrow())?;
        coded(|| work(&batch))
    }

    /// A copy of the columns.
    pub(crate) fn copied(&self) -> Result<PackedBatch<'static>> {
        Ok(packed(self.rows, &self.columns.borrow(), &self.unread.borrow())?.into_owned())
    }

    fn add(&self, name: String, values: Values, valid: Option<Held<u8>>) {
        self.columns.borrow_mut().push(Added { name, values, valid });
    }
}

fn packed<'c>(rows: usize, columns: &'c [Added], unread: &[(usize, Error)]) -> Result<PackedBatch<'c>> {
    let mut batch = PackedBatch::new(rows);
    for Added { name, values, valid } in columns {
        let valid = valid.as_ref().map(Held::look).transpose()?;
        batch.add(name.clone(), values.look()?, valid.as_deref());
    }
    unread.iter().for_each(|(row, error)| batch.refuse(*row, error.clone()));
    Ok(batch)
}

impl Values {
    fn look(&self) -> Result<PackedValues<'_>> {
        Ok(match self {
            Self::Null => PackedValues::Null,
            Self::Number(bits) => PackedValues::Number(bits.look()?),
            Self::Int64(values) => PackedValues::Int64(values.look()?),
            Self::UInt64(values) => PackedValues::UInt64(values.look()?),
            Self::Date(bits) => PackedValues::Date(bits.look()?),
            Self::Timestamp(values, unit) => PackedValues::Timestamp(values.look()?, *unit),
            Self::Local(values, unit) => PackedValues::Local(values.look()?, *unit),
            Self::Bool(values) => PackedValues::Bool(values.look()?),
            Self::Text(codes, texts) => PackedValues::Text(codes.look()?, texts.look()?),
            Self::Texts(texts) => PackedValues::Texts(texts.look()?),
            Self::Mixed(kinds, words, texts) => PackedValues::Mixed(kinds.look()?, words.look()?, texts.look()?),
        })
    }
}

impl Texts {
    fn look(&self) -> Result<PackedTexts<'_>> {
        Ok(PackedTexts { utf8: self.utf8.look()?, offsets: self.offsets.look()? })
    }
}

#[napi]
impl Batch {
    /// A batch of `rows` rows.
    #[napi(constructor)]
    #[must_use]
    pub fn new(rows: u32) -> Self {
        Self { rows: rows as usize, columns: RefCell::default(), unread: RefCell::default() }
    }

    /// Adds a column of NULLs.
    #[napi]
    pub fn nulls(&self, name: String) {
        self.add(name, Values::Null, None);
    }

    /// Adds doubles, given as their bits.
    #[napi]
    pub fn numbers(&self, name: String, bits: Held<u64>, valid: Option<Held<u8>>) {
        self.add(name, Values::Number(bits), valid);
    }

    /// Adds signed integers.
    #[napi]
    pub fn integers(&self, name: String, values: Held<i64>, valid: Option<Held<u8>>) {
        self.add(name, Values::Int64(values), valid);
    }

    /// Adds unsigned integers.
    #[napi]
    pub fn unsigned(&self, name: String, values: Held<u64>, valid: Option<Held<u8>>) {
        self.add(name, Values::UInt64(values), valid);
    }

    /// Adds dates, given as the bits of their milliseconds.
    #[napi]
    pub fn dates(&self, name: String, bits: Held<u64>, valid: Option<Held<u8>>) {
        self.add(name, Values::Date(bits), valid);
    }

    /// Adds timestamps of a unit.
    ///
    /// **Errors** `host.argument`.
    #[napi]
    pub fn timestamps(&self, name: String, values: Held<i64>, unit: String, valid: Option<Held<u8>>) -> Result<()> {
        let unit = coded(|| time_unit(&unit))?;
        self.add(name, Values::Timestamp(values, unit), valid);
        Ok(())
    }

    /// Adds timestamps of a unit, without a zone.
    ///
    /// **Errors** `host.argument`.
    #[napi]
    pub fn locals(&self, name: String, values: Held<i64>, unit: String, valid: Option<Held<u8>>) -> Result<()> {
        let unit = coded(|| time_unit(&unit))?;
        self.add(name, Values::Local(values, unit), valid);
        Ok(())
    }

    /// Adds booleans, 0 and 1.
    #[napi]
    pub fn booleans(&self, name: String, values: Held<u8>, valid: Option<Held<u8>>) {
        self.add(name, Values::Bool(values), valid);
    }

    /// Adds texts as codes into one buffer.
    #[napi]
    pub fn strings(&self, name: String, codes: Held<u32>, utf8: Held<u8>, offsets: Held<u32>, valid: Option<Held<u8>>) {
        self.add(name, Values::Text(codes, Texts { utf8, offsets }), valid);
    }

    /// Adds a text for each row, in one buffer.
    #[napi]
    pub fn texts(&self, name: String, utf8: Held<u8>, offsets: Held<u32>, valid: Option<Held<u8>>) {
        self.add(name, Values::Texts(Texts { utf8, offsets }), valid);
    }

    /// Adds cells of several kinds.
    #[napi]
    pub fn mixed(&self, name: String, kinds: Held<u8>, words: Held<u64>, utf8: Held<u8>, offsets: Held<u32>) {
        self.add(name, Values::Mixed(kinds, words, Texts { utf8, offsets }), None);
    }

    /// Says that what stands in the place of a row is none, as errors call it.
    #[napi]
    pub fn no_row(&self, row: u32, what: String) {
        self.unread.borrow_mut().push((row as usize, unread::no_row(&what)));
    }

    /// Says in words why a row could not be read.
    #[napi]
    pub fn unread(&self, row: u32, words: String) {
        self.unread.borrow_mut().push((row as usize, unread::unread(words)));
    }

    /// Lets go of the arrays, which a garbage collector would do later.
    #[napi]
    pub fn free(&self) {
        self.columns.borrow_mut().clear();
    }
}
