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
