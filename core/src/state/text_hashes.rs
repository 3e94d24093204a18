//! The hashes of the texts of one dictionary.
//!
//! The one idea: a text is hashed once a dictionary, however many rows, states, batches and threads ask: its hash stays
//! with the dictionary. A dictionary that the rows mostly use is hashed from end to end, which memory serves faster
//! than texts in the order of rows; of a larger one, the texts that rows hold.

use crate::column::Dictionary;
use crate::scalar::Scalar;
use alloc::borrow::Cow;
use core::sync::atomic::{AtomicU64, Ordering};

/// Hashes of texts by their codes.
#[derive(Clone, Copy, Debug)]
pub struct TextHashes<'a> {
    texts: &'a [Cow<'a, str>],
    /// 0 for a text that is not hashed yet; one whose hash is 0 is hashed each time.
    known: &'a [AtomicU64],
}

impl<'a> TextHashes<'a> {
    /// The hashes for so many rows.
    #[must_use]
    pub fn new(texts: &'a Dictionary<'_>, rows: usize) -> Self {
        let is_used = texts.len() <= rows;
        let make = || texts.iter().map(|text| AtomicU64::new(if is_used { hash(text) } else { 0 })).collect();
        Self { texts, known: texts.hashes(make) }
    }

    /// [`Scalar::hash`] of the text of a code.
    #[inline(always)]
    #[must_use]
    pub fn of(&self, code: u32) -> u64 {
        // a word by itself: nothing else is read because it is there, and whoever writes it writes the same
        match self.known[code as usize].load(Ordering::Relaxed) {
            0 => self.find(code),
            known => known,
        }
    }

    #[cold]
    #[inline(never)]
    fn find(&self, code: u32) -> u64 {
        let hash = hash(&self.texts[code as usize]);
        self.known[code as usize].store(hash, Ordering::Relaxed);
        hash
    }

    /// The text of a code.
    #[must_use]
    #[inline(always)]
    pub fn text(&self, code: u32) -> &'a str {
        &self.texts[code as usize]
    }
}

fn hash(text: &str) -> u64 {
    Scalar::String(text).hash()
}
