//! Natural numbers as little-endian 64-bit words, on slices so that a window of a few words needs no memory.
//!
//! Leading zero words are allowed everywhere; an empty slice is zero.
//!
//! Not here: signs and powers of two (`exact`).

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Bits up to the highest one set; 0 for zero.
pub(crate) fn bit_length(words: &[u64]) -> u32 {
    match words.iter().rposition(|&word| word != 0) {
        Some(last) => 64 * last as u32 + 64 - words[last].leading_zeros(),
        None => 0,
    }
}

/// Zero bits below the lowest one set; 0 for zero.
pub(crate) fn trailing_zeros(words: &[u64]) -> u32 {
    match words.iter().position(|&word| word != 0) {
        Some(first) => 64 * first as u32 + words[first].trailing_zeros(),
        None => 0,
    }
}

/// The 64 bits from bit `low` up; those past the end are zero.
pub(crate) fn word_at(words: &[u64], low: u32) -> u64 {
    let index = (low / 64) as usize;
    let shift = low % 64;
    let here = words.get(index).map_or(0, |word| word >> shift);
    // two shifts, because one by 64 is not defined
    let above = words.get(index + 1).map_or(0, |word| (word << 1) << (63 - shift));
    here | above
}

/// Whether a bit below bit `end` is set.
pub(crate) fn any_below(words: &[u64], end: u32) -> bool {
    let whole = (end / 64) as usize;
    match words.get(whole) {
        Some(word) => words[..whole].iter().any(|&word| word != 0) || word & !(u64::MAX << (end % 64)) != 0,
        None => words.iter().any(|&word| word != 0),
    }
}

/// The first 64 bits, the lowest of them set when anything follows, and the power of two they stand at.
pub(crate) fn top(words: &[u64]) -> (u64, u32) {
    match bit_length(words).checked_sub(64) {
        Some(low) => (word_at(words, low) | u64::from(any_below(words, low)), low),
        None => (word_at(words, 0), 0),
    }
}

/// The order of two numbers, whatever their lengths.
pub(crate) fn compare(a: &[u64], b: &[u64]) -> Ordering {
    for index in (0..a.len().max(b.len())).rev() {
        let order = a.get(index).unwrap_or(&0).cmp(b.get(index).unwrap_or(&0));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// `words × 2^shift`.
pub(crate) fn shift_left(words: &[u64], shift: u32) -> Vec<u64> {
    let whole = (shift / 64) as usize;
    let part = shift % 64;
    let mut result = vec![0; whole];
    result.reserve_exact(words.len() + 1);
    let mut carry = 0;
    for &word in words {
        result.push((word << part) | carry);
        carry = (word >> 1) >> (63 - part);
    }
    result.push(carry);
    result
}

/// `a × b`.
pub(crate) fn multiply(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut result = vec![0; a.len() + b.len()];
    for (i, &x) in a.iter().enumerate() {
        let mut carry = 0;
        for (&y, place) in b.iter().zip(&mut result[i..]) {
            // cannot overflow: (2^64 − 1)² + 2 (2^64 − 1) = 2^128 − 1
            let product = u128::from(x) * u128::from(y) + u128::from(*place) + u128::from(carry);
            *place = product as u64;
            carry = (product >> 64) as u64;
        }
        result[i + b.len()] = carry;
    }
    result
}

/// `x²`.
#[inline(always)]
pub(crate) const fn square(x: u64) -> [u64; 2] {
    if cfg!(target_pointer_width = "64") {
        let square = x as u128 * x as u128;
        [square as u64, (square >> 64) as u64]
    } else {
        square_by_halves(x)
    }
}

/// `x²`, by 64-bit multiplications only: a host without wider ones calls a function for those.
#[inline(always)]
const fn square_by_halves(x: u64) -> [u64; 2] {
    let (low, high) = (x & 0xffff_ffff, x >> 32);
    let cross = low * high;
    let (first, carry) = (low * low).overflowing_add(cross << 33);
    [first, high * high + (cross >> 31) + carry as u64]
}

/// Takes `b` from `a`; the answer says whether `b` was larger, and then `a` has wrapped.
pub(crate) fn subtract(a: &mut [u64], b: &[u64]) -> bool {
    let mut borrow = false;
    for (index, word) in a.iter_mut().enumerate() {
        let (partial, first) = word.overflowing_sub(b.get(index).copied().unwrap_or(0));
        let (result, second) = partial.overflowing_sub(u64::from(borrow));
        *word = result;
        borrow = first | second;
    }
    borrow || b.get(a.len()..).is_some_and(|rest| rest.iter().any(|&word| word != 0))
}

/// Divides in place and returns the rest; `divisor` must not be zero.
pub(crate) fn divide_by_word(words: &mut [u64], divisor: u64) -> u64 {
    let mut rest = 0u64;
    for word in words.iter_mut().rev() {
        let dividend = (u128::from(rest) << 64) | u128::from(*word);
        // rest < divisor, so the quotient fits
        *word = (dividend / u128::from(divisor)) as u64;
        rest = (dividend % u128::from(divisor)) as u64;
    }
    rest
}

/// The quotient and whether it is inexact, for a quotient known to be below 2^64 and a divisor that is not zero.
///
/// **Cost** 64 subtractions of the whole length.
pub(crate) fn divide_to_word(numerator: &[u64], divisor: &[u64]) -> (u64, bool) {
    let mut rest = numerator.to_vec();
    let mut step = shift_left(divisor, 63);
    let mut quotient = 0;
    for bit in (0..64).rev() {
        if compare(&rest, &step).is_ge() {
            subtract(&mut rest, &step);
            quotient |= 1 << bit;
        }
        halve(&mut step);
    }
    (quotient, rest.iter().any(|&word| word != 0))
}

/// 10^exponent.
pub(crate) fn power_of_ten(exponent: u32) -> Vec<u64> {
    // 5^27 is the largest power of five below 2^64
    let mut result = vec![1];
    for _ in 0..exponent / 27 {
        result = multiply(&result, &[5u64.pow(27)]);
    }
    result = multiply(&result, &[5u64.pow(exponent % 27)]);
    shift_left(&result, exponent)
}

fn halve(words: &mut [u64]) {
    let mut carry = 0;
    for word in words.iter_mut().rev() {
        let next = *word << 63;
        *word = (*word >> 1) | carry;
        carry = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use proptest::collection::vec as any_vec;
    use proptest::prelude::*;

    fn big(words: &[u64]) -> BigUint {
        words.iter().rev().fold(BigUint::ZERO, |sum, &word| (sum << 64) + word)
    }

    fn any_words() -> impl Strategy<Value = Vec<u64>> {
        any_vec(prop_oneof![any::<u64>(), Just(0), Just(u64::MAX)], 0..6)
    }

    proptest! {
        #[test]
        fn products_shifts_and_differences_equal_big_integers(a in any_words(), b in any_words(), shift in 0u32..200) {
            let (x, y) = (big(&a), big(&b));
            prop_assert_eq!(big(&multiply(&a, &b)), &x * &y);
            prop_assert_eq!(big(&shift_left(&a, shift)), &x << shift);
            prop_assert_eq!(compare(&a, &b), x.cmp(&y));
            if let Some(&word) = a.first() {
                prop_assert_eq!(big(&square(word)), BigUint::from(word).pow(2));
                prop_assert_eq!(big(&square_by_halves(word)), BigUint::from(word).pow(2));
            }
            let mut difference = a.clone();
            let wrapped = subtract(&mut difference, &b);
            prop_assert_eq!(wrapped, x < y);
            if !wrapped {
                prop_assert_eq!(big(&difference), x - y);
            }
        }

        #[test]
        fn bits_equal_big_integers(a in any_words(), low in 0u32..400) {
            let x = big(&a);
            prop_assert_eq!(u64::from(bit_length(&a)), x.bits());
            prop_assert_eq!(u64::from(trailing_zeros(&a)), x.trailing_zeros().unwrap_or(0));
            prop_assert_eq!(BigUint::from(word_at(&a, low)), (&x >> low) & BigUint::from(u64::MAX));
            prop_assert_eq!(any_below(&a, low), x.trailing_zeros().is_some_and(|zeros| zeros < u64::from(low)));
        }

        #[test]
        fn quotients_equal_big_integers(a in any_words(), word in 1u64.., b in any_words(), quotient: u64) {
            let mut divided = a.clone();
            let rest = divide_by_word(&mut divided, word);
            prop_assert_eq!(big(&divided), big(&a) / word);
            prop_assert_eq!(BigUint::from(rest), big(&a) % word);
            prop_assume!(bit_length(&b) > 0);
            let exact = multiply(&b, &[quotient]);
            prop_assert_eq!(divide_to_word(&exact, &b), (quotient, false));
            let numerator = big(&exact) + (big(&b) - 1u32);
            prop_assert_eq!(divide_to_word(&numerator.to_u64_digits(), &b), (quotient, big(&b) != BigUint::from(1u32)));
        }

        #[test]
        fn powers_of_ten_equal_big_integers(exponent in 0u32..400) {
            prop_assert_eq!(big(&power_of_ten(exponent)), BigUint::from(10u32).pow(exponent));
        }
    }
}
