//! Integers of 256 bits, as Arrow's widest decimals hold them: four words, the lowest first, in two's complement.

/// The integer, when 128 bits hold it.
pub fn narrowed(words: &[u64; 4]) -> Option<i128> {
    let low = (u128::from(words[1]) << 64 | u128::from(words[0])) as i128;
    let high = (u128::from(words[3]) << 64 | u128::from(words[2])) as i128;
    (high == low >> 127).then_some(low)
}

/// The text of the integer × 10^-scale.
pub fn text(mut words: [u64; 4], scale: i32) -> String {
    /// The largest power of ten that a word holds, and its exponent.
    const CHUNK: (u64, usize) = (10_000_000_000_000_000_000, 19);
    let negative = words[3] >> 63 == 1;
    if negative {
        let mut carry = true;
        for word in &mut words {
            (*word, carry) = (!*word).overflowing_add(u64::from(carry));
        }
    }
    let mut digits = String::new();
    while words != [0; 4] {
        let mut rest = 0;
        for word in words.iter_mut().rev() {
            let dividend = u128::from(rest) << 64 | u128::from(*word);
            // cannot truncate: the rest is below the divisor
            *word = (dividend / u128::from(CHUNK.0)) as u64;
            rest = (dividend % u128::from(CHUNK.0)) as u64;
        }
        digits = format!("{rest:0width$}{digits}", width = CHUNK.1);
    }
    let digits = digits.trim_start_matches('0');
    let sign = if negative { "-" } else { "" };
    format!("{sign}{}e{}", if digits.is_empty() { "0" } else { digits }, -i64::from(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_128_bits_hold_is_narrowed() {
        assert_eq!(narrowed(&[7, 0, 0, 0]), Some(7));
        assert_eq!(narrowed(&[u64::MAX; 4]), Some(-1));
        assert_eq!(narrowed(&[0, 1 << 63, 0, 0]), None);
        assert_eq!(narrowed(&[u64::MAX, u64::MAX >> 1, 0, 0]), Some(i128::MAX));
        assert_eq!(narrowed(&[0, 1 << 63, u64::MAX, u64::MAX]), Some(i128::MIN));
    }

    #[test]
    fn wide_ones_are_written() {
        assert_eq!(text([0, 0, 1, 0], 2), "340282366920938463463374607431768211456e-2");
        assert_eq!(text([u64::MAX; 4], 0), "-1e0");
        assert_eq!(text([0; 4], -3), "0e3");
        let least = "-57896044618658097711785492504343953926634992332820282019728792003956564819968e0";
        assert_eq!(text([0, 0, 0, 1 << 63], 0), least);
    }
}
