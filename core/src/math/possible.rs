//! Which sums and sums of squares can numbers have that lie between two of them?
//!
//! The one idea: far from an edge the first bits of each number decide; near it exact integers of any length do.
//!
//! Not here: which states are of the same numbers (`codec`).

use super::exact::{top, Total};
use super::float64::Float64;
use super::{signed_words, words};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A finite number: `±magnitude × 2^exponent`.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    negative: bool,
    magnitude: u64,
    exponent: i32,
}

impl Number {
    /// 0.
    pub const ZERO: Self = Self { negative: false, magnitude: 0, exponent: 0 };

    /// A double; `None` when it is not finite.
    #[must_use]
    pub fn of_float(value: Float64) -> Option<Self> {
        let (magnitude, exponent) = value.parts();
        value.is_finite().then_some(Self { negative: value.is_negative(), magnitude, exponent })
    }

    /// An integer.
    #[must_use]
    pub fn of_integer(value: i64) -> Self {
        Self { negative: value < 0, magnitude: value.unsigned_abs(), exponent: 0 }
    }

    /// Whether the number is below 0.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.negative && self.magnitude > 0
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { negative: !self.negative, ..self }
    }

    /// The power of two that the magnitude is below, and half of which it is not; of numbers other than 0.
    fn end(self) -> i32 {
        self.exponent + 64 - self.magnitude.leading_zeros() as i32
    }
}

/// A product, as far as it is an exact number.
struct Term {
    negative: bool,
    words: Vec<u64>,
    exponent: i32,
}

/// Whether exact numbers add up to less than 0.
fn add_to_less(terms: &[Term]) -> bool {
    let low = terms.iter().map(|term| term.exponent).min().unwrap_or(0);
    let high = terms.iter().map(|term| term.exponent + 64 * term.words.len() as i32).max().unwrap_or(0);
    // a word for carries and the sign
    let mut total = vec![0; (high.abs_diff(low) / 64 + 2) as usize];
    for term in terms {
        signed_words::add(&mut total, term.negative, &term.words, term.exponent.abs_diff(low));
    }
    signed_words::is_negative(&total)
}

/// Whether a sum is at most `count` of one number and another.
#[must_use]
pub fn is_at_most(sum: Total<'_>, count: u64, of: Number, and: Number) -> bool {
    let holds = |count, of| compare(sum, count, of).is_le();
    // two numbers are together at least twice the lesser of them
    if (!and.is_negative() && holds(count, of)) || (holds(2 * count, of) && holds(2, and)) {
        return true;
    }
    !add_to_less(&[
        Term { negative: of.negative, words: words::multiply(&[of.magnitude], &[count]), exponent: of.exponent },
        Term { negative: and.negative, words: vec![and.magnitude], exponent: and.exponent },
        Term { negative: !sum.negative, words: sum.words.to_vec(), exponent: sum.exponent },
    ])
}

/// How a sum stands to `count` of a number, `count` at most 2^63.
fn compare(sum: Total<'_>, count: u64, of: Number) -> Ordering {
    let product = u128::from(count) * u128::from(of.magnitude);
    let (bits, low) = top(sum.words);
    let sign = |negative, is_zero| if is_zero { 0 } else { 1 - 2 * i32::from(negative) };
    let (sum_sign, sign) = (sign(sum.negative, bits == 0), sign(of.negative, product == 0));
    if sum_sign != sign || sign == 0 {
        return sum_sign.cmp(&sign);
    }
    let empty = product.leading_zeros();
    let order = (sum.exponent + low).cmp(&(of.exponent - empty as i32)).then(bits.cmp(&(product << empty)));
    let rest = low > 0 && words::any_below(sum.words, low.unsigned_abs());
    let order = order.then(rest.cmp(&false));
    if sum.negative {
        order.reverse()
    } else {
        order
    }
}

/// Whether the squares of `count` numbers can have a sum, all of them between two of them and `sum` their sum:
/// `Σ (x − low)(high − x)` is not below 0.
#[must_use]
pub fn can_have_squares(count: u64, sum: Total<'_>, squares: Total<'_>, low: Number, high: Number) -> bool {
    if can_by_far(count, sum, squares, low, high) {
        return true;
    }
    let times = |of: Number| Term {
        negative: sum.negative != of.negative,
        words: words::multiply(sum.words, &[of.magnitude]),
        exponent: sum.exponent + of.exponent,
    };
    let ends = Term {
        negative: low.negative == high.negative,
        words: words::multiply(&words::multiply(&[low.magnitude], &[high.magnitude]), &[count]),
        exponent: low.exponent + high.exponent,
    };
    let squares = Term { negative: true, words: squares.words.to_vec(), exponent: squares.exponent };
    !add_to_less(&[times(low), times(high), ends, squares])
}

/// Whether the first 62 bits of each number suffice to know it.
fn can_by_far(count: u64, sum: Total<'_>, squares: Total<'_>, low: Number, high: Number) -> bool {
    let Some(end) = [low, high].iter().filter(|end| end.magnitude > 0).map(|end| end.end()).max() else {
        return false;
    };
    let empty = count.leading_zeros();
    let bits = 64 - empty;
    let signed = |negative: bool, magnitude: u128| if negative { -(magnitude as i128) } else { magnitude as i128 };
    // no larger than the largest of them, so it is not shifted past 62 bits
    let first = |of: Number| {
        let (magnitude, up) = (u128::from(of.magnitude), of.exponent - end + 62);
        let magnitude =
            if up < 0 { magnitude.checked_shr(up.unsigned_abs()) } else { magnitude.checked_shl(up as u32) };
        signed(of.negative, magnitude.unwrap_or(0))
    };
    let (low, high) = (first(low), first(high));
    // all in units of 2^(2·end + bits − 124)
    let sum_end = end + bits as i32;
    let (sum_first, squares) = (
        in_units(sum.words, sum.exponent, sum_end - 62),
        in_units(squares.words, squares.exponent, end + sum_end - 124),
    );
    if sum_first >> 63 != 0 || squares >> 125 != 0 {
        return false;
    }
    // below 2^126, 2^124 and 2^125; each factor is off by less than 1, and the products by less than 2^66 together
    let added = (low + high) * signed(sum.negative, sum_first);
    let ends = ((low * high) >> 64) * i128::from(count.checked_shl(empty).unwrap_or(0));
    added - ends - squares as i128 >= 1 << 66
}

/// A magnitude in units of `2^unit`, rounded down; the largest number where it is too large.
fn in_units(words: &[u64], exponent: i32, unit: i32) -> u128 {
    let (bits, low) = top(words);
    match u32::try_from(unit - exponent - low) {
        Ok(shift) => bits.checked_shr(shift).unwrap_or(0),
        Err(_) if bits == 0 => 0,
        Err(_) => u128::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::{BigInt, BigUint, Sign};
    use proptest::prelude::*;

    /// The least exponent of a product of three numbers here.
    const GRID: i32 = -2 * 1074;

    fn big(negative: bool, words: &[u64], exponent: i32) -> BigInt {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        BigInt::from_biguint(sign, BigUint::from_bytes_le(&bytes) << (exponent - GRID))
    }

    fn exact(number: Number) -> BigInt {
        big(number.negative, &[number.magnitude], number.exponent)
    }

    /// A number on the grid as words; bits below the grid of `exponent` are lost.
    fn words_of(number: &BigInt, exponent: i32) -> (bool, Vec<u64>) {
        let (sign, magnitude) = number.clone().into_parts();
        (sign == Sign::Minus, (magnitude >> (exponent - GRID)).to_u64_digits())
    }

    fn numbers() -> impl Strategy<Value = Number> {
        let float = |bits: u64| Number::of_float(Float64::from_bits(bits)).unwrap_or(Number::ZERO);
        prop_oneof![
            any::<u64>().prop_map(float),
            (0..4u64, any::<bool>()).prop_map(move |(bits, sign)| float(bits | u64::from(sign) << 63)),
            (1000..1040u64, 0..1u64 << 52, any::<bool>())
                .prop_map(move |(field, rest, sign)| float(u64::from(sign) << 63 | field << 52 | rest)),
            (-9..9i64).prop_map(Number::of_integer),
            any::<i64>().prop_map(Number::of_integer),
            Just(Number::of_integer(i64::MIN)),
        ]
    }

    /// Counts, and how far from an edge a sum is: in units of its grid.
    fn counts() -> impl Strategy<Value = u64> {
        prop_oneof![1..5u64, 1..1u64 << 62, Just(1u64 << 62)]
    }

    fn distances() -> impl Strategy<Value = i64> {
        prop_oneof![-2..3i64, any::<i64>()]
    }

    proptest! {
        #[test]
        fn a_sum_is_at_most_what_the_exact_numbers_say(
            count in counts(), of in numbers(), and in numbers(), distance in distances(), shift in 0u32..2000, around in 0..4,
        ) {
            // near both together, the first, the second, and nothing
            let products = [BigInt::from(count) * exact(of), exact(and)];
            let bound = &products[0] + &products[1];
            let near = match around { 0 => bound.clone(), 1 => products[0].clone(), 2 => products[1].clone(), _ => BigInt::ZERO };
            let (negative, words) = words_of(&(near + (BigInt::from(distance) << shift)), -1074);
            let sum = Total { negative, words: &words, exponent: -1074 };
            prop_assert_eq!(is_at_most(sum, count, of, and), big(negative, &words, -1074) <= bound);
        }

        #[test]
        fn squares_are_possible_when_the_exact_numbers_say_so(
            count in counts(), ends in (numbers(), numbers()), share in 0..=64u32, distance in distances(), shift in 0u32..4000,
        ) {
            let [low, high] = if exact(ends.0) <= exact(ends.1) { [ends.0, ends.1] } else { [ends.1, ends.0] };
            let (a, b) = (exact(low), exact(high));
            // a sum between the ends
            let sum = &a * count + (((&b - &a) * count * share) >> 6u32);
            let (negative, words) = words_of(&sum, -1074);
            let sum = big(negative, &words, -1074);
            let total = Total { negative, words: &words, exponent: -1074 };
            // on the grid of squares, which the products have too
            let bound: BigInt = ((&a + &b) * sum - a * b * count) >> -GRID;
            let squares = (&bound + (BigInt::from(distance) << shift)).max(BigInt::ZERO);
            let (_, square_words) = words_of(&squares, GRID);
            let squared = Total { negative: false, words: &square_words, exponent: GRID };
            prop_assert_eq!(can_have_squares(count, total, squared, low, high), squares <= bound);
        }
    }

    #[test]
    fn far_from_the_edge_the_first_bits_decide() {
        let [low, high] = [1, 1000].map(Number::of_integer);
        let (sum, squares) = ([500_500], [333_833_500]);
        let total = |words| Total { negative: false, words, exponent: 0 };
        assert!(can_by_far(1000, total(&sum), total(&squares), low, high));
        assert!(compare(total(&sum), 1000, high).is_lt() && compare(total(&sum), 1000, low).is_gt());
    }
}
