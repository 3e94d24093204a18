//! XXH64 of what columns mostly hold: eight bytes, and texts below 32 bytes.
//!
//! The one idea: below 32 bytes the algorithm has no stripes, and a loop over words, one half word and bytes is all of
//! it; three times as fast as the steps for any length.

use twox_hash::XxHash64;

const PRIMES: [u64; 5] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

/// The length from which on the bytes are taken in stripes.
const STRIPE: usize = 32;

/// XXH64 of eight bytes.
#[inline(always)]
pub(super) fn of_word(seed: u64, word: u64) -> u64 {
    scattered(with_word(start(seed, 8), word))
}

/// XXH64 of any bytes.
#[inline]
pub(super) fn of_bytes(seed: u64, bytes: &[u8]) -> u64 {
    if bytes.len() >= STRIPE {
        return XxHash64::oneshot(seed, bytes);
    }
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash =
        words.iter().fold(start(seed, bytes.len() as u64), |hash, word| with_word(hash, u64::from_le_bytes(*word)));
    let (halves, rest) = rest.as_chunks::<4>();
    for half in halves {
        hash ^= u64::from(u32::from_le_bytes(*half)).wrapping_mul(PRIMES[0]);
        hash = hash.rotate_left(23).wrapping_mul(PRIMES[1]).wrapping_add(PRIMES[2]);
    }
    for &byte in rest {
        hash = (hash ^ u64::from(byte).wrapping_mul(PRIMES[4])).rotate_left(11).wrapping_mul(PRIMES[0]);
    }
    scattered(hash)
}

#[inline(always)]
fn start(seed: u64, length: u64) -> u64 {
    seed.wrapping_add(PRIMES[4]).wrapping_add(length)
}

#[inline(always)]
fn with_word(hash: u64, word: u64) -> u64 {
    let round = word.wrapping_mul(PRIMES[1]).rotate_left(31).wrapping_mul(PRIMES[0]);
    (hash ^ round).rotate_left(27).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3])
}

#[inline(always)]
fn scattered(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 33).wrapping_mul(PRIMES[1]);
    let hash = (hash ^ hash >> 29).wrapping_mul(PRIMES[2]);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_is_the_published_algorithm(
            seed: u64,
            word: u64,
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            prop_assert_eq!(of_word(seed, word), XxHash64::oneshot(seed, &word.to_le_bytes()));
            prop_assert_eq!(of_bytes(seed, &bytes), XxHash64::oneshot(seed, &bytes));
        }
    }
}
