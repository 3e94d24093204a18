//! The hashes of the texts of one dictionary.
//!
//! The one idea: a text is hashed once a dictionary, however many rows, states, batches and threads ask: its hash stays
//! with the dictionary. A dictionary that the rows mostly use is hashed from end to end, which memory serves faster
//! than texts in the order of rows; of a larger one, the texts that rows hold.

use crate::column::Dictionary;
use crate::scalar::Scalar;
use crate::secret::Secret;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering};

/// Hashes of texts by their codes.
#[derive(Clone, Copy, Debug)]
pub struct TextHashes<'a> {
    texts: &'a [Cow<'a, str>],
    hashes: Known<'a>,
    places: Known<'a>,
}

/// What is known of the texts: 0 for one that is not hashed yet; one whose hash is 0 is hashed each time.
type Known<'a> = &'a [AtomicU64];

impl<'a> TextHashes<'a> {
    /// The hashes for so many rows.
    #[must_use]
    pub fn new(texts: &'a Dictionary<'_>, rows: usize) -> Self {
        Self { texts, hashes: texts.hashes(|| known(texts, rows, hash)), places: &[] }
    }

    /// The hashes and the places in tables for so many rows.
    #[must_use]
    pub fn with_places(texts: &'a Dictionary<'_>, rows: usize) -> Self {
        Self { places: texts.places(|| known(texts, rows, place)), ..Self::new(texts, rows) }
    }

    /// [`Scalar::hash`] of the text of a code.
    #[inline(always)]
    #[must_use]
    pub fn of(&self, code: u32) -> u64 {
        // a word by itself: nothing else is read because it is there, and whoever writes it writes the same
        match self.hashes[code as usize].load(Ordering::Relaxed) {
            0 => self.find(self.hashes, code, hash),
            known => known,
        }
    }

    /// [`Scalar::place`] of the text of a code, where places were asked for.
    #[inline(always)]
    #[must_use]
    pub fn place_of(&self, code: u32) -> u64 {
        match self.places[code as usize].load(Ordering::Relaxed) {
            0 => self.find(self.places, code, place),
            known => known,
        }
    }

    #[cold]
    #[inline(never)]
    fn find(&self, known: Known<'_>, code: u32, hash: fn(&str) -> u64) -> u64 {
        let hash = hash(&self.texts[code as usize]);
        known[code as usize].store(hash, Ordering::Relaxed);
        hash
    }

    /// The text of a code.
    #[must_use]
    #[inline(always)]
    pub fn text(&self, code: u32) -> &'a str {
        &self.texts[code as usize]
    }
}

fn known(texts: &[Cow<'_, str>], rows: usize, hash: fn(&str) -> u64) -> Box<[AtomicU64]> {
    let is_used = texts.len() <= rows;
    texts.iter().map(|text| AtomicU64::new(if is_used { hash(text) } else { 0 })).collect()
}

fn hash(text: &str) -> u64 {
    Scalar::String(text).hash()
}

fn place(text: &str) -> u64 {
    Secret::of_process().text(text)
}
