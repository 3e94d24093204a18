//! The texts of a batch: codes into a dictionary.
//!
//! The one idea: what depends on one text alone is found once per entry of the dictionary, not once per row. The code
//! of an absent row may be anything, so a code is looked up, never trusted.

use super::lane::Spread;
use crate::column::Dictionary;
use crate::secret::Secret;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::hash_table::Entry;
use hashbrown::HashTable;

/// Codes and what they stand for.
#[derive(Clone, Debug)]
pub(super) struct Texts<'a> {
    pub codes: Spread<'a, u32>,
    pub dictionary: Dictionary<'a>,
}

impl<'a> Texts<'a> {
    /// One text for all rows.
    pub(super) fn one(text: String) -> Self {
        Self { codes: Spread::One(0), dictionary: vec![Cow::Owned(text)].into() }
    }

    /// No text at all.
    pub(super) fn none() -> Self {
        Self { codes: Spread::One(0), dictionary: Vec::new().into() }
    }

    /// A text of its own for each row.
    pub(super) fn of_rows(texts: Vec<Cow<'a, str>>) -> Self {
        // rows are at most MAX_BATCH_ROWS, which fits a code
        Self { codes: Spread::owned((0..texts.len() as u32).collect()), dictionary: texts.into() }
    }

    /// The text of a row; empty for the code of an absent row that stands for nothing.
    pub(super) fn at(&self, row: usize) -> &str {
        self.text(self.codes.at(row))
    }

    fn text(&self, code: u32) -> &str {
        self.dictionary.get(code as usize).map_or("", |text| text)
    }

    /// `f` of each row's text.
    pub(super) fn map<T: Copy>(&self, mut f: impl FnMut(&str) -> T) -> Spread<'static, T> {
        let codes = match &self.codes {
            Spread::One(code) => return Spread::One(f(self.text(*code))),
            Spread::Many(codes) => codes,
        };
        if self.dictionary.len() > codes.len() {
            // a dictionary that many batches share
            return self.codes.map(|code| f(self.text(code)));
        }
        let of_nothing = f("");
        let table: Vec<T> = self.dictionary.iter().map(|text| f(text)).collect();
        self.codes.map(|code| table.get(code as usize).copied().unwrap_or(of_nothing))
    }

    /// The texts with `f` of each.
    pub(super) fn rewrite(self, mut f: impl FnMut(&str) -> String) -> Texts<'a> {
        let codes = match &self.codes {
            Spread::Many(codes) if self.dictionary.len() <= codes.len() => {
                let dictionary = self.dictionary.iter().map(|text| Cow::Owned(f(text))).collect();
                return Texts { codes: self.codes, dictionary };
            }
            Spread::One(code) => return Texts::one(f(self.text(*code))),
            Spread::Many(codes) => codes,
        };
        Texts::of_rows(codes.iter().map(|&code| Cow::Owned(f(self.text(code)))).collect())
    }
}

/// `x || y` of each row, each pair of texts joined once.
pub(super) fn join<'a>(x: Texts<'a>, y: Texts<'a>) -> Texts<'a> {
    match (&x.codes, &y.codes) {
        (Spread::One(_), _) => {
            let first = String::from(x.at(0));
            y.rewrite(|text| first.clone() + text)
        }
        (_, Spread::One(_)) => {
            let last = String::from(y.at(0));
            x.rewrite(|text| String::from(text) + &last)
        }
        (Spread::Many(_), Spread::Many(_)) => {
            let pairs = x.codes.zip(&y.codes, |x, y| u64::from(x) << 32 | u64::from(y));
            write(&pairs, |pair| String::from(x.text((pair >> 32) as u32)) + y.text(pair as u32))
        }
    }
}

/// The text of each row's value, written once per distinct value.
pub(super) fn write<'a>(values: &Spread<'_, u64>, text: impl Fn(u64) -> String) -> Texts<'a> {
    let values = match values {
        Spread::One(value) => return Texts::one(text(*value)),
        Spread::Many(values) => values,
    };
    let secret = Secret::of_process();
    let hash = |value: u64| secret.word(value);
    let mut seen: HashTable<u32> = HashTable::new();
    let mut distinct: Vec<u64> = Vec::new();
    let mut codes = Vec::with_capacity(values.len());
    for &value in values.iter() {
        let entry =
            seen.entry(hash(value), |&code| distinct[code as usize] == value, |&code| hash(distinct[code as usize]));
        let code = match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                // rows are at most MAX_BATCH_ROWS, which fits a code
                let code = distinct.len() as u32;
                place.insert(code);
                distinct.push(value);
                code
            }
        };
        codes.push(code);
    }
    let dictionary = distinct.into_iter().map(|value| Cow::Owned(text(value))).collect();
    Texts { codes: Spread::owned(codes), dictionary }
}
