//! Where a table in memory keeps what it holds: hashes under a secret of the process.
//!
//! The one idea: whoever sends keys, texts or encodings knows every fixed hash, and can send thousands that share a
//! place; under a secret that is drawn when the process starts, crafted keys lie as random ones do. Nothing here
//! reaches bytes or answers: those are decided by the fixed hashes of the format ([`crate::scalar`]), and no order of a
//! table is looked at.
//!
//! The hash folds the 128 bits of a product with two secret words, as wyhash and foldhash do. That is no proof, but no
//! way is known to make it collide without the secret or a look at where things lie: all bits of a word reach all bits
//! of the product by way of unknown carries. XXH64 under a secret seed would not do: differences that cancel between
//! two words of a text cancel under every seed.
//!
//! Not here: drawing a secret, which takes a host; without one, the addresses of the process stand in.

use alloc::boxed::Box;
use once_cell::race::OnceBox;

/// What mixes the halves of a folded product: the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

static OF_PROCESS: OnceBox<Secret> = OnceBox::new();

/// The words that decide places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    first: u64,
    /// Odd: a product with it loses nothing.
    second: u64,
}

/// Gives the process its secret, before any table is made; false when it has one, which then stays.
///
/// The facade does so for every host; a program that uses this crate alone and reads what strangers send should, with
/// words of the system's random source.
pub fn set(words: [u64; 2]) -> bool {
    OF_PROCESS.set(Box::new(Secret::new(words))).is_ok()
}

impl Secret {
    const fn new(words: [u64; 2]) -> Self {
        Self { first: words[0], second: words[1] | 1 }
    }

    /// The secret of the process.
    #[inline]
    #[must_use]
    pub fn of_process() -> Self {
        *OF_PROCESS.get_or_init(|| Box::new(Self::of_addresses()))
    }

    /// What the loader and the heap chose, where no host set anything: better than what everybody knows.
    #[cold]
    fn of_addresses() -> Self {
        let on_heap = Box::new(0u64);
        let heap = core::ptr::from_ref::<u64>(&on_heap) as usize as u64;
        let image = core::ptr::from_ref(&OF_PROCESS) as usize as u64;
        let mixed = Self::new([heap.rotate_left(32) ^ MIX, image.wrapping_mul(MIX)]);
        Self::new([mixed.word(heap), mixed.word(image)])
    }

    /// The place of a word.
    #[inline(always)]
    #[must_use]
    pub fn word(self, word: u64) -> u64 {
        spread(fold(word ^ self.first, self.second))
    }

    /// The place of words in their order; how many there are is known from elsewhere.
    #[inline(always)]
    #[must_use]
    pub fn words(self, words: impl IntoIterator<Item = u64>) -> u64 {
        spread(words.into_iter().fold(self.first, |hash, word| fold(hash ^ word, self.second)))
    }

    /// The place of a text.
    #[inline]
    #[must_use]
    pub fn text(self, text: &str) -> u64 {
        let bytes = text.as_bytes();
        let mut hash = self.first;
        let mut rest = bytes;
        while let Some((sixteen, more)) = rest.split_first_chunk::<16>().filter(|(_, more)| !more.is_empty()) {
            let [low, high] = halves(sixteen);
            hash = fold(hash ^ low, self.second ^ high);
            rest = more;
        }
        // the last 16 bytes, whichever of them were taken before
        let [low, high] = match (bytes.last_chunk::<16>(), bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(sixteen), ..) => halves(sixteen),
            (None, Some(first), Some(last)) => [u64::from_le_bytes(*first), u64::from_le_bytes(*last)],
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(first), Some(last)) => [u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()],
                // at most three
                _ => [bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)), 0],
            },
        };
        // apart from the bytes, with which it could be made up for
        spread(fold(fold(hash ^ low, self.second ^ high) ^ bytes.len() as u64, self.second))
    }
}

fn halves(sixteen: &[u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(*sixteen);
    // cannot lose anything: the other half is the other word
    [both as u64, (both >> 64) as u64]
}

/// The halves of the product, one upon the other.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Lets all bits decide the lowest, by which a table finds places: keys an equal distance apart would else stay so.
#[inline(always)]
fn spread(hash: u64) -> u64 {
    let hash = hash.wrapping_mul(MIX);
    hash ^ hash >> 32
}

/// How often keys were compared: what a table with crafted keys would spend its time with.
#[cfg(test)]
pub(crate) mod comparisons {
    use std::cell::Cell;

    std::thread_local! {
        static COUNT: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn count_one() {
        COUNT.set(COUNT.get() + 1);
    }

    /// How many comparisons the work takes.
    pub(crate) fn of(work: impl FnOnce()) -> usize {
        let before = COUNT.get();
        work();
        COUNT.get() - before
    }
}

/// Notes one comparison of keys in tests; nothing elsewhere.
#[inline(always)]
pub(crate) fn compared() {
    #[cfg(test)]
    comparisons::count_one();
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    const KEYS: u64 = 1 << 14;

    /// Pairs of keys that a table of four places a key keeps at one place; as many as random keys have, or so.
    fn assert_spread(name: &str, hashes: &[u64]) {
        for (bits, shift) in [(16, 0), (7, 57)] {
            let mut places: BTreeMap<u64, u64> = BTreeMap::new();
            hashes.iter().for_each(|hash| *places.entry(hash >> shift & ((1 << bits) - 1)).or_default() += 1);
            let pairs: u64 = places.values().map(|keys| keys * (keys - 1) / 2).sum();
            let count = hashes.len() as u64;
            let random = (count * (count - 1) / 2) >> bits;
            assert!(pairs <= 2 * random, "{name}: {pairs} pairs in {bits} bits, random keys have {random}");
        }
    }

    fn secrets() -> impl Iterator<Item = Secret> {
        let word = |seed: u64| Secret::new([MIX, !MIX]).word(seed);
        (0..20).map(move |seed| Secret::new([word(seed), word(!seed)]))
    }

    #[test]
    fn words_in_any_pattern_are_spread() {
        for secret in secrets() {
            for shift in 0..50 {
                let hashes: Vec<u64> = (0..KEYS).map(|i| secret.word(i << shift)).collect();
                assert_spread(&format!("{secret:?} << {shift}"), &hashes);
            }
            for step in [3, 60, 3_600_000_000, 86_400_000_000, MIX, MIX.rotate_left(9)] {
                let hashes: Vec<u64> = (0..KEYS).map(|i| secret.word(i.wrapping_mul(step))).collect();
                assert_spread(&format!("{secret:?} * {step}"), &hashes);
            }
        }
    }

    #[test]
    fn words_one_after_the_other_are_spread() {
        for secret in secrets() {
            for shift in [0, 7, 20, 32, 40, 50] {
                let turned: Vec<u64> = (0..KEYS).map(|i| secret.words([(i >> 7) << shift, i & 127])).collect();
                assert_spread(&format!("{secret:?} << {shift}"), &turned);
                let cancelling: Vec<u64> = (0..KEYS).map(|i| secret.words([i << shift, i.rotate_left(24)])).collect();
                assert_spread(&format!("{secret:?} << {shift}, turned"), &cancelling);
            }
        }
    }

    #[test]
    fn texts_of_any_length_are_spread() {
        let long = "x".repeat(37);
        let patterns: [fn(u64, &str) -> String; 5] = [
            |i, _| format!("{i}"),
            |i, _| format!("{i:08}"),
            |i, long| format!("{long}{i}"),
            |i, long| format!("{i:05}{long}"),
            // halves that would cancel in a sum
            |i, _| format!("{i:08}{:08}", 99_999_999 - i),
        ];
        for secret in secrets() {
            for pattern in patterns {
                let hashes: Vec<u64> = (0..KEYS).map(|i| secret.text(&pattern(i, &long))).collect();
                assert_spread(&pattern(7, &long), &hashes);
            }
        }
    }

    #[test]
    fn every_byte_and_the_length_count() {
        let secret = Secret::new([5, 7]);
        let mut seen = BTreeMap::new();
        for length in 0..70 {
            let text = "a".repeat(length);
            assert_eq!(seen.insert(secret.text(&text), text.clone()), None, "{length}");
            for at in 0..length {
                let other = format!("{}b{}", &text[..at], &text[at + 1..]);
                assert_eq!(seen.insert(secret.text(&other), other), None, "{at} of {length}");
            }
        }
    }

    #[test]
    fn the_secret_of_a_process_stays() {
        let secret = Secret::of_process();
        assert!(!set([1, 2]));
        assert_eq!(Secret::of_process(), secret);
    }
}
