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

/// The pieces of each row joined by `concat`, each combination of texts once.
pub(super) fn join<'a>(pieces: &[Texts<'a>], mut concat: impl FnMut(&[&str]) -> String) -> Texts<'a> {
    let varies = |piece: &Texts<'_>| matches!(piece.codes, Spread::Many(_));
    let mut texts: Vec<&str> = pieces.iter().map(|piece| if varies(piece) { "" } else { piece.at(0) }).collect();
    let varying: Vec<usize> = (0..pieces.len()).filter(|&i| varies(&pieces[i])).collect();
    let Some((&first, others)) = varying.split_first() else { return Texts::one(concat(&texts)) };
    if others.is_empty() {
        return pieces[first].clone().rewrite(|text| {
            let mut texts = texts.clone();
            texts[first] = text;
            concat(&texts)
        });
    }
    // combinations of the first two, of these and the third, …: each a number, and a row that has it
    let mut numbers = pieces[first].codes.clone();
    let mut rows = Vec::new();
    for &next in others {
        let pairs = numbers.zip(&pieces[next].codes, pair);
        let found;
        (found, rows) = numbered(&pairs.into_many(0));
        numbers = Spread::owned(found);
    }
    let dictionary = rows.iter().map(|&row| {
        varying.iter().for_each(|&i| texts[i] = pieces[i].at(row));
        Cow::Owned(concat(&texts))
    });
    Texts { dictionary: dictionary.collect(), codes: numbers }
}

/// Two codes as one value.
pub(super) fn pair(x: u32, y: u32) -> u64 {
    u64::from(x) << 32 | u64::from(y)
}

/// The text of each row's value, written once per distinct value.
pub(super) fn write<'a>(values: &Spread<'_, u64>, text: impl Fn(u64) -> String) -> Texts<'a> {
    let values = match values {
        Spread::One(value) => return Texts::one(text(*value)),
        Spread::Many(values) => values,
    };
    let (codes, rows) = numbered(values);
    let dictionary = rows.into_iter().map(|row| Cow::Owned(text(values[row]))).collect();
    Texts { codes: Spread::owned(codes), dictionary }
}

/// The distinct values numbered by their first appearance: the number of each row, and of each number that row.
pub(super) fn numbered(values: &[u64]) -> (Vec<u32>, Vec<usize>) {
    let secret = Secret::of_process();
    let mut seen: HashTable<u32> = HashTable::new();
    let mut rows: Vec<usize> = Vec::new();
    let mut numbers = Vec::with_capacity(values.len());
    for (row, &value) in values.iter().enumerate() {
        let value_of = |number: u32| values[rows[number as usize]];
        let entry = seen.entry(
            secret.word(value),
            |&number| value_of(number) == value,
            |&number| secret.word(value_of(number)),
        );
        let number = match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                // rows are at most MAX_BATCH_ROWS, which fits a code
                let number = rows.len() as u32;
                place.insert(number);
                rows.push(row);
                number
            }
        };
        numbers.push(number);
    }
    (numbers, rows)
}
