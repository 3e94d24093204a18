//! Two's complement numbers as little-endian words.
//!
//! Not here: natural numbers (`words`).

/// Whether the number is below zero.
pub(crate) fn is_negative(words: &[u64]) -> bool {
    words.last().is_some_and(|&word| word >> 63 != 0)
}

/// Changes the sign.
pub(crate) fn negate(words: &mut [u64]) {
    let mut carry = true;
    for word in words {
        (*word, carry) = (!*word).overflowing_add(u64::from(carry));
    }
}

/// The sign and the magnitude.
pub(crate) fn magnitude<const WORDS: usize>(words: &[u64; WORDS]) -> (bool, [u64; WORDS]) {
    let negative = is_negative(words);
    let mut result = *words;
    if negative {
        negate(&mut result);
    }
    (negative, result)
}

/// Adds `±magnitude × 2^shift`; what passes the end of `words` is lost.
pub(crate) fn add(words: &mut [u64], negative: bool, magnitude: &[u64], shift: u32) {
    let part = shift % 64;
    let flip = if negative { u64::MAX } else { 0 };
    // −x is the complement plus one
    let mut carry = negative;
    let mut spill = 0;
    let mut rest = magnitude.iter();
    for word in words.iter_mut().skip((shift / 64) as usize) {
        let next = rest.next();
        if next.is_none() && spill == 0 && carry == negative {
            // the remaining words would get 0 + 0, or −1 + 1
            return;
        }
        let next = next.copied().unwrap_or(0);
        let addend = ((next << part) | spill) ^ flip;
        spill = (next >> 1) >> (63 - part);
        let (partial, first) = word.overflowing_add(addend);
        let (total, second) = partial.overflowing_add(u64::from(carry));
        *word = total;
        carry = first | second;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::{BigInt, BigUint, Sign};
    use proptest::prelude::*;

    fn big(words: &[u64]) -> BigInt {
        let bytes: alloc::vec::Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        BigInt::from_signed_bytes_le(&bytes)
    }

    proptest! {
        #[test]
        fn sums_equal_big_integers(start: [u64; 5], top in -2i64..2, parts: [u64; 2], shift in 0u32..190, negative: bool) {
            let mut words = start;
            words[4] = top as u64;
            let before = big(&words);
            let addend = (BigUint::from(parts[1]) << 64) + parts[0];
            let sign = if negative { Sign::Minus } else { Sign::Plus };
            let expected = before + (BigInt::from_biguint(sign, addend) << shift);
            add(&mut words, negative, &parts, shift);
            prop_assert_eq!(big(&words), expected.clone());
            let (below_zero, natural) = magnitude(&words);
            prop_assert_eq!(below_zero, expected.sign() == Sign::Minus);
            let total = natural.iter().rev().fold(BigUint::ZERO, |sum, &word| (sum << 64) + word);
            prop_assert_eq!(&total, expected.magnitude());
        }
    }
}
