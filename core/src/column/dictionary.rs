//! The texts of a string column, and what is found about them once.
//!
//! The one idea: a clone is the same dictionary. What has to look at every text (their hashes, the longest of them) is
//! found for all batches, blocks and threads that hold a clone, when the first of them asks.
//!
//! Not here: what a text's hash is (`scalar`), telling whether two dictionaries have the same texts.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroUsize;
use core::ops::Deref;
use core::sync::atomic::AtomicU64;
use once_cell::race::{OnceBox, OnceNonZeroUsize};

/// The distinct texts of a string column; rows hold codes into it. A text may stand in it more than once.
///
/// Batches with the same texts are folded faster when their columns hold clones of one dictionary.
///
/// **Cost** a clone copies no text; 8 bytes a text while it lives, from when a state asks for hashes, and 8 more for
/// value counts.
///
/// ```
/// use isofold::column::{Dictionary, Values};
/// let models = Dictionary::from(vec!["gpt".into(), "o3".into()]);
/// let first = Values::String(vec![0, 1, 1].into(), models.clone());
/// let second = Values::String(vec![1].into(), models);
/// ```
#[derive(Clone)]
pub struct Dictionary<'a> {
    texts: Texts<'a>,
    found: Arc<Found>,
}

/// What a `Cow` of texts would be, whose lifetime could not be shortened, and which would be cloned text by text.
#[derive(Clone)]
enum Texts<'a> {
    Borrowed(&'a [Cow<'a, str>]),
    Owned(Arc<Vec<Cow<'a, str>>>),
}

/// What is found about texts that never change.
#[derive(Default)]
struct Found {
    /// One more than the length of the longest text.
    past_longest: OnceNonZeroUsize,
    hashes: OnceBox<Box<[AtomicU64]>>,
    places: OnceBox<Box<[AtomicU64]>>,
}

impl<'a> Dictionary<'a> {
    fn new(texts: Texts<'a>) -> Self {
        Self { texts, found: Arc::default() }
    }

    /// The same dictionary, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> Dictionary<'_> {
        Dictionary { texts: Texts::Borrowed(self), found: Arc::clone(&self.found) }
    }

    /// Bytes of the longest text; 0 of none.
    #[must_use]
    pub fn longest(&self) -> usize {
        let past_longest = || {
            let longest = self.iter().map(|text| text.len()).max().unwrap_or(0);
            NonZeroUsize::MIN.saturating_add(longest)
        };
        self.found.past_longest.get_or_init(past_longest).get() - 1
    }

    /// A place for the hash of each text, made by the first who asks.
    pub(crate) fn hashes(&self, make: impl FnOnce() -> Box<[AtomicU64]>) -> &[AtomicU64] {
        self.found.hashes.get_or_init(|| Box::new(make()))
    }

    /// As [`Dictionary::hashes`], for where tables of this process keep the texts.
    pub(crate) fn places(&self, make: impl FnOnce() -> Box<[AtomicU64]>) -> &[AtomicU64] {
        self.found.places.get_or_init(|| Box::new(make()))
    }

    /// Appends the texts to others; none is copied that is borrowed, or that no clone holds.
    pub(crate) fn append_to(self, texts: &mut Vec<Cow<'a, str>>) {
        match self.texts {
            Texts::Borrowed(more) => texts.extend(more.iter().map(|text| Cow::Borrowed(&**text))),
            Texts::Owned(more) => texts.append(&mut Arc::unwrap_or_clone(more)),
        }
    }
}

impl<'a> Deref for Dictionary<'a> {
    type Target = [Cow<'a, str>];

    #[inline]
    fn deref(&self) -> &[Cow<'a, str>] {
        match &self.texts {
            Texts::Borrowed(texts) => texts,
            Texts::Owned(texts) => texts,
        }
    }
}

impl<'a> From<Vec<Cow<'a, str>>> for Dictionary<'a> {
    fn from(texts: Vec<Cow<'a, str>>) -> Self {
        Self::new(Texts::Owned(Arc::new(texts)))
    }
}

/// Borrowed texts: a slice, an array, a vector.
impl<'a, T: AsRef<[Cow<'a, str>]> + ?Sized> From<&'a T> for Dictionary<'a> {
    fn from(texts: &'a T) -> Self {
        Self::new(Texts::Borrowed(texts.as_ref()))
    }
}

impl<'a> FromIterator<Cow<'a, str>> for Dictionary<'a> {
    fn from_iter<T: IntoIterator<Item = Cow<'a, str>>>(texts: T) -> Self {
        texts.into_iter().collect::<Vec<_>>().into()
    }
}

impl fmt::Debug for Dictionary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use core::sync::atomic::Ordering;

    #[test]
    fn what_one_clone_finds_every_clone_knows() {
        let texts = [Cow::Borrowed("gpt-4o"), Cow::Borrowed("o3")];
        let one = Dictionary::from(&texts);
        let other = one.clone();
        let other = other.borrowed();
        assert_eq!(one.hashes(|| vec![AtomicU64::new(7)].into()).len(), 1);
        let known = other.hashes(|| unreachable!("they are there"));
        known[0].store(8, Ordering::Relaxed);
        assert_eq!(one.hashes(|| unreachable!("they are there"))[0].load(Ordering::Relaxed), 8);
        assert_eq!((one.longest(), other.longest()), (6, 6));
    }

    #[test]
    fn no_texts_and_empty_texts_have_no_longest_byte() {
        assert_eq!(Dictionary::from(Vec::new()).longest(), 0);
        assert_eq!(Dictionary::from_iter([Cow::Borrowed("")]).longest(), 0);
    }
}
