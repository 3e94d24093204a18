//! Rows of texts as codes into the distinct ones, as long as few are distinct.
//!
//! The one idea: everything the kernel does with texts it does once for each text of the dictionary, so a short
//! dictionary pays for itself. When most rows differ, looking each up would only cost: the rest get texts of their own.

use crate::host_column::{HostColumn, HostValues};
use crate::secret;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashTable;

/// Distinct texts up to which rows are looked up: the index then stays in the cache.
const MAX_DISTINCT: usize = 16_384;

impl<'a> HostColumn<'a> {
    /// A column of texts, NULL where there is none.
    #[must_use]
    pub fn from_texts(rows: impl ExactSizeIterator<Item = Option<&'a str>>) -> Self {
        let mut codes = Vec::with_capacity(rows.len());
        let mut validity: Option<Vec<bool>> = None;
        let mut texts: Vec<Cow<'a, str>> = Vec::new();
        let mut index: HashTable<u32> = HashTable::new();
        let count = rows.len();
        let secret = secret::drawn();
        for (row, text) in rows.enumerate() {
            let Some(text) = text else {
                validity.get_or_insert_with(|| vec![true; count])[row] = false;
                codes.push(0);
                continue;
            };
            // cannot truncate: a batch has fewer rows than there are codes
            let next = texts.len() as u32;
            if texts.len() >= MAX_DISTINCT {
                texts.push(Cow::Borrowed(text));
                codes.push(next);
                continue;
            }
            let hash = secret.text(text);
            let known = index.find(hash, |code| texts[*code as usize] == text).copied();
            codes.push(known.unwrap_or_else(|| {
                texts.push(Cow::Borrowed(text));
                index.insert_unique(hash, next, |code| secret.text(&texts[*code as usize]));
                next
            }));
        }
        Self::new(HostValues::Text(codes.into(), texts.into())).with_validity(validity.map(Cow::Owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_distinct_texts_make_a_short_dictionary() {
        let column = HostColumn::from_texts([Some("a"), None, Some("b"), Some("a")].into_iter());
        let HostValues::Text(codes, texts) = &column.values else { panic!("no texts") };
        assert_eq!((codes.as_ref(), texts.as_ref()), (&[0, 0, 1, 0][..], &["a".into(), "b".into()][..]));
        assert_eq!(column.validity.as_deref(), Some(&[true, false, true, true][..]));
    }

    #[test]
    fn many_distinct_texts_stay_what_they_are() {
        let owned: Vec<String> = (0..MAX_DISTINCT + 10).map(|row| row.to_string()).collect();
        let rows = owned.iter().chain(&owned).map(|text| Some(text.as_str()));
        let column = HostColumn::from_texts(rows.collect::<Vec<_>>().into_iter());
        for (row, text) in owned.iter().chain(&owned).enumerate() {
            assert_eq!(column.cell(row), crate::Cell::Text(text.as_str().into()));
        }
    }
}
