//! The distinct keys of a rollup: each tuple of key values once, as a small integer.
//!
//! The one idea: rows carry texts, groups carry integers. A text is looked up once per distinct value of a batch.

use crate::column::{Column, Values};
use crate::error::{Code, Error, Result};
use crate::scalar::Scalar;
use crate::secret::{compared, Secret};
use crate::value::Value;
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashTable;

/// Not looked up yet.
const UNSEEN: u32 = u32::MAX;

/// The distinct values of one key; code 0 is NULL.
#[derive(Clone, Debug)]
struct Codes {
    values: Vec<Value>,
    index: HashTable<u32>,
}

impl Codes {
    fn new() -> Self {
        Self { values: vec![Value::Null], index: HashTable::new() }
    }

    fn code(&mut self, value: Option<Scalar<'_>>, max: usize) -> Result<u32> {
        let Some(value) = value else { return Ok(0) };
        let secret = Secret::of_process();
        let hash = value.place(secret);
        let values = &self.values;
        let same = |&code: &u32| {
            compared();
            values[code as usize].as_scalar() == Some(value)
        };
        if let Some(&code) = self.index.find(hash, same) {
            return Ok(code);
        }
        if self.values.len() > max {
            return Err(too_many_groups(max));
        }
        // cannot truncate: at most MAX_GROUPS values, or the caller's limit, which is a u32 too
        let code = self.values.len() as u32;
        self.values.push(value.to_value());
        let values = &self.values;
        self.index.insert_unique(hash, code, |&code| place_of(&values[code as usize], secret));
        Ok(code)
    }

    fn truncate(&mut self, len: usize) {
        if len < self.values.len() {
            self.index.retain(|&mut code| (code as usize) < len);
            self.values.truncate(len);
        }
    }
}

fn place_of(value: &Value, secret: Secret) -> u64 {
    value.as_scalar().map_or(0, |scalar| scalar.place(secret))
}

pub(super) fn too_many_groups(max: usize) -> Error {
    Error::new(Code::LimitGroups, format!("a rollup holds at most {max} groups, this one would hold more"))
}

/// The distinct key tuples.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    codes: Vec<Codes>,
    /// `width` codes for each tuple.
    tuples: Vec<u32>,
    index: HashTable<u32>,
    len: usize,
}

/// How many of everything there were, to go back to.
#[derive(Clone, Debug)]
pub(crate) struct KeysMark {
    codes: Vec<usize>,
    len: usize,
}

impl Keys {
    pub(crate) fn new(width: usize) -> Self {
        Self { codes: (0..width).map(|_| Codes::new()).collect(), tuples: Vec::new(), index: HashTable::new(), len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn width(&self) -> usize {
        self.codes.len()
    }

    /// The value of key `column` in tuple `tuple`.
    pub(crate) fn value(&self, tuple: u32, column: usize) -> &Value {
        let code = self.tuples[tuple as usize * self.width() + column];
        &self.codes[column].values[code as usize]
    }

    /// The values of a tuple, in the order of the keys.
    pub(crate) fn values(&self, tuple: u32) -> impl Iterator<Item = &Value> {
        (0..self.width()).map(move |column| self.value(tuple, column))
    }

    /// The tuple of the given values, made when it is new.
    pub(crate) fn tuple<'a>(&mut self, values: impl Iterator<Item = Option<Scalar<'a>>>, max: usize) -> Result<u32> {
        let mut codes = Vec::with_capacity(self.width());
        for (column, value) in values.enumerate() {
            codes.push(self.codes[column].code(value, max)?);
        }
        self.find_or_add(&codes, max)
    }

    /// The tuple of every kept row; anything for the others.
    pub(crate) fn tuples_of(
        &mut self,
        columns: &[Column<'_>],
        kept: Option<&[bool]>,
        rows: usize,
        max: usize,
    ) -> Result<Vec<u32>> {
        match columns {
            [] => {
                let tuple = self.find_or_add(&[], max)?;
                Ok(vec![tuple; rows])
            }
            [Column { values: Values::String(codes, texts), validity: None }] if kept.is_none() => {
                self.tuples_of_texts(codes, texts, max)
            }
            [only] => {
                let mut tuples = self.codes_of(0, only, kept, rows, max)?;
                let mut tuple_of_code = vec![UNSEEN; self.codes[0].values.len()];
                for (row, slot) in tuples.iter_mut().enumerate() {
                    if kept.is_some_and(|kept| !kept[row]) {
                        continue;
                    }
                    let code = *slot;
                    let known = &mut tuple_of_code[code as usize];
                    if *known == UNSEEN {
                        *known = self.find_or_add(&[code], max)?;
                    }
                    *slot = *known;
                }
                Ok(tuples)
            }
            several => self.tuples_of_several(several, kept, rows, max),
        }
    }

    /// The tuples of one key that is a text in every row: one look-up in the batch's dictionary a row.
    fn tuples_of_texts(&mut self, codes: &[u32], texts: &[Cow<'_, str>], max: usize) -> Result<Vec<u32>> {
        let mut tuple_of_text = vec![UNSEEN; texts.len()];
        let mut tuples = Vec::with_capacity(codes.len());
        for &text in codes {
            let mut tuple = tuple_of_text[text as usize];
            if tuple == UNSEEN {
                let code = self.codes[0].code(Some(Scalar::String(&texts[text as usize])), max)?;
                tuple = self.find_or_add(&[code], max)?;
                tuple_of_text[text as usize] = tuple;
            }
            tuples.push(tuple);
        }
        Ok(tuples)
    }

    fn tuples_of_several(
        &mut self,
        columns: &[Column<'_>],
        kept: Option<&[bool]>,
        rows: usize,
        max: usize,
    ) -> Result<Vec<u32>> {
        let mut codes = Vec::with_capacity(columns.len());
        for (column, values) in columns.iter().enumerate() {
            codes.push(self.codes_of(column, values, kept, rows, max)?);
        }
        let mut tuples = vec![0; rows];
        let mut tuple = vec![UNSEEN; columns.len()];
        let mut last = UNSEEN;
        for row in 0..rows {
            if kept.is_some_and(|kept| !kept[row]) {
                continue;
            }
            let mut same = last != UNSEEN;
            for (slot, column) in tuple.iter_mut().zip(&codes) {
                same &= *slot == column[row];
                *slot = column[row];
            }
            if !same {
                last = self.find_or_add(&tuple, max)?;
            }
            tuples[row] = last;
        }
        Ok(tuples)
    }

    fn codes_of(
        &mut self,
        column: usize,
        values: &Column<'_>,
        kept: Option<&[bool]>,
        rows: usize,
        max: usize,
    ) -> Result<Vec<u32>> {
        let table = &mut self.codes[column];
        let mut codes = vec![0; rows];
        let is_kept = |row: usize| kept.is_none_or(|kept| kept[row]);
        if let Values::String(batch_codes, texts) = &values.values {
            let mut seen = vec![UNSEEN; texts.len()];
            for (row, code) in codes.iter_mut().enumerate() {
                if is_kept(row) && values.is_valid(row) {
                    let text = batch_codes[row] as usize;
                    if seen[text] == UNSEEN {
                        seen[text] = table.code(Some(Scalar::String(&texts[text])), max)?;
                    }
                    *code = seen[text];
                }
            }
        } else {
            let mut last = None;
            let mut last_code = 0;
            for (row, code) in codes.iter_mut().enumerate() {
                if is_kept(row) {
                    let value = values.get(row);
                    if value != last {
                        last_code = table.code(value, max)?;
                        last = value;
                    }
                    *code = last_code;
                }
            }
        }
        Ok(codes)
    }

    fn find_or_add(&mut self, tuple: &[u32], max: usize) -> Result<u32> {
        let width = self.width();
        let secret = Secret::of_process();
        let place = |tuple: &[u32]| secret.words(tuple.iter().map(|&code| u64::from(code)));
        let hash = place(tuple);
        let tuples = &self.tuples;
        let at = |index: u32| &tuples[index as usize * width..(index as usize + 1) * width];
        if let Some(&found) = self.index.find(hash, |&index| (compared(), at(index) == tuple).1) {
            return Ok(found);
        }
        if self.len >= max {
            return Err(too_many_groups(max));
        }
        // cannot truncate: at most `max` tuples, which is a u32
        let index = self.len as u32;
        self.tuples.extend_from_slice(tuple);
        self.len += 1;
        let tuples = &self.tuples;
        let at = |index: u32| &tuples[index as usize * width..(index as usize + 1) * width];
        self.index.insert_unique(hash, index, |&index| place(at(index)));
        Ok(index)
    }

    pub(crate) fn mark(&self) -> KeysMark {
        KeysMark { codes: self.codes.iter().map(|codes| codes.values.len()).collect(), len: self.len }
    }

    pub(crate) fn back_to(&mut self, mark: &KeysMark) {
        if mark.len < self.len {
            self.index.retain(|&mut index| (index as usize) < mark.len);
            self.tuples.truncate(mark.len * self.width());
            self.len = mark.len;
        }
        for (codes, &len) in self.codes.iter_mut().zip(&mark.codes) {
            codes.truncate(len);
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let codes: usize = self.codes.iter().map(|c| c.index.allocation_size() + c.values.len() * 48).sum();
        codes + self.tuples.capacity() * 4 + self.index.allocation_size()
    }
}
