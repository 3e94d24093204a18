//! The hashes of the texts of one dictionary.
//!
//! The one idea: a text is hashed once a dictionary, however many rows and states ask. A dictionary that the rows mostly
//! use is hashed from end to end, which memory serves faster than texts in the order of rows; of a larger one, the
//! texts that rows hold.

use crate::scalar::Scalar;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// Hashes of texts by their codes.
#[derive(Clone, Debug)]
pub struct TextHashes<'a> {
    texts: &'a [Cow<'a, str>],
    /// 0 for a text that is not hashed yet; one whose hash is 0 is hashed each time.
    known: Vec<u64>,
}

impl<'a> TextHashes<'a> {
    /// The hashes for so many rows.
    #[must_use]
    pub fn new(texts: &'a [Cow<'a, str>], rows: usize) -> Self {
        let known =
            if texts.len() <= rows { texts.iter().map(|text| hash(text)).collect() } else { vec![0; texts.len()] };
        Self { texts, known }
    }

    /// [`Scalar::hash`] of the text of a code.
    #[inline(always)]
    pub fn of(&mut self, code: u32) -> u64 {
        let known = &mut self.known[code as usize];
        if *known == 0 {
            *known = hash(&self.texts[code as usize]);
        }
        *known
    }

    /// The text of a code.
    #[must_use]
    #[inline(always)]
    pub fn text(&self, code: u32) -> &'a str {
        &self.texts[code as usize]
    }
}

#[inline]
fn hash(text: &str) -> u64 {
    Scalar::String(text).hash()
}
