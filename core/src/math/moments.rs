//! Mean and variance from exact sums, each rounded once.
//!
//! The one idea: `(n Σx² − (Σx)²) / (n (n − ddof))` in exact integers has no cancellation to lose digits in.
//!
//! Not here: the sums (`state`).

use super::exact::{self, Exact, Total};
use super::float64::Float64;
use super::{signed_words, words};
use alloc::vec::Vec;

/// What the sum of squared deviations is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ddof {
    /// The number of values: `var_pop`, `stddev_pop`.
    Population,
    /// One less: `var_samp`, `stddev_samp`.
    Sample,
}

impl Ddof {
    const fn lost(self) -> u64 {
        match self {
            Ddof::Population => 0,
            Ddof::Sample => 1,
        }
    }
}

/// The mean of `count` values; `None` without any.
///
/// **Accuracy** correctly rounded.
#[must_use]
pub fn mean(count: u64, sum: &Exact) -> Option<Float64> {
    (count > 0).then(|| sum.divide(count))
}

/// The mean of two finite doubles with weights, which together must be more than zero.
///
/// **Accuracy** correctly rounded.
#[must_use]
pub fn weighted_mean(values: [Float64; 2], weights: [u64; 2]) -> Float64 {
    /// The exponent of the smallest double.
    const LEAST: i32 = -1074;
    // two products of 53 and 64 bits, up to 2^2045 of the smallest double, and a sign: below 2^2165
    let mut sum = [0; 34];
    for (value, weight) in values.into_iter().zip(weights) {
        let (significand, exponent) = value.parts();
        let product = words::multiply(&[significand], &[weight]);
        signed_words::add(&mut sum, value.is_negative(), &product, (exponent - LEAST).unsigned_abs());
    }
    let (negative, sum) = signed_words::magnitude(&sum);
    exact::divide(negative, &sum, LEAST, &[weights[0] + weights[1]])
}

/// The variance of `count` values; `None` when there are not enough.
///
/// **Accuracy** correctly rounded and never negative; ∞ past the largest double. Sums that no values have (they can
/// come from outside) give 0 rather than less.
#[must_use]
pub fn variance(count: u64, sum: &Exact, sum_of_squares: &Exact, ddof: Ddof) -> Option<Float64> {
    let degrees = count.checked_sub(ddof.lost()).filter(|&degrees| degrees > 0)?;
    let Some((numerator, exponent)) = spread(count, sum.total(), sum_of_squares.total()) else {
        return Some(Float64::ZERO);
    };
    // cannot pass 248 bits: rows are at most 2^62, units of decimals below 2^60
    Some(exact::divide(false, &numerator, exponent, &[count, degrees, sum.unit(), sum.unit()]))
}

/// Whether `count` numbers can have this sum and this sum of squares: `n Σx²` is not below `(Σx)²`.
#[must_use]
pub fn are_moments(count: u64, sum: Total<'_>, sum_of_squares: Total<'_>) -> bool {
    are_moments_by_far(count, sum, sum_of_squares) || spread(count, sum, sum_of_squares).is_some()
}

/// Whether the first 63 bits of each suffice to know that `n Σx²` is not below `(Σx)²`.
fn are_moments_by_far(count: u64, sum: Total<'_>, sum_of_squares: Total<'_>) -> bool {
    let (sum_top, sum_low) = words::top(sum.words);
    let (squares_top, squares_low) = words::top(sum_of_squares.words);
    // at least and more than; neither product passes 128 bits
    let scaled = u128::from(squares_top.saturating_sub(1)) * u128::from(count);
    let above = u128::from((sum_top >> 1) + 1);
    let exponent = 2 * (sum.exponent + sum_low as i32 + 1) - (sum_of_squares.exponent + squares_low as i32);
    match u32::try_from(exponent) {
        Ok(up) => scaled.checked_shr(up).unwrap_or(0) >= above * above,
        Err(_) => (above * above).checked_shr(exponent.unsigned_abs()).unwrap_or(0) < scaled,
    }
}

/// `n Σx² − (Σx)²` as words and the power of two that they are multiples of; `None` below zero.
fn spread(count: u64, sum: Total<'_>, sum_of_squares: Total<'_>) -> Option<(Vec<u64>, i32)> {
    let sum_exponent = 2 * sum.exponent;
    let exponent = sum_exponent.min(sum_of_squares.exponent);
    let scaled = words::multiply(sum_of_squares.words, &[count]);
    let mut numerator = words::shift_left(&scaled, sum_of_squares.exponent.abs_diff(exponent));
    let square = words::multiply(sum.words, sum.words);
    let negative = words::subtract(&mut numerator, &words::shift_left(&square, sum_exponent.abs_diff(exponent)));
    (!negative).then_some((numerator, exponent))
}

/// The standard deviation of `count` values; `None` when there are not enough.
///
/// **Accuracy** the correctly rounded square root of [`variance`].
#[must_use]
pub fn standard_deviation(count: u64, sum: &Exact, sum_of_squares: &Exact, ddof: Ddof) -> Option<Float64> {
    variance(count, sum, sum_of_squares, ddof).map(Float64::sqrt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn moments(values: &[i128]) -> (u64, Exact, Exact) {
        let sum = Exact::from_i128(values.iter().sum());
        let squares = Exact::from_i128(values.iter().map(|value| value * value).sum());
        (values.len() as u64, sum, squares)
    }

    #[test]
    fn a_known_sample_has_its_known_moments() {
        let (n, sum, squares) = moments(&[2, 4, 4, 4, 5, 5, 7, 9]);
        assert_eq!(mean(n, &sum), Some(Float64::from_i64(5)));
        assert_eq!(variance(n, &sum, &squares, Ddof::Population), Some(Float64::from_i64(4)));
        assert_eq!(standard_deviation(n, &sum, &squares, Ddof::Population), Some(Float64::from_i64(2)));
        let sample = variance(n, &sum, &squares, Ddof::Sample).map(|v| alloc::format!("{v}"));
        assert_eq!(sample.as_deref(), Some("4.571428571428571"));
    }

    #[test]
    fn large_offsets_cancel_without_loss() {
        let far = 1_000_000_000_000_000_000;
        let (n, sum, squares) = moments(&[far + 1, far + 2, far + 3]);
        assert_eq!(variance(n, &sum, &squares, Ddof::Sample), Some(Float64::ONE));
    }

    #[test]
    fn too_few_values_have_no_moments() {
        let (n, sum, squares) = moments(&[]);
        assert_eq!(mean(n, &sum), None);
        assert_eq!(variance(n, &sum, &squares, Ddof::Population), None);
        let (n, sum, squares) = moments(&[7]);
        assert_eq!(variance(n, &sum, &squares, Ddof::Population), Some(Float64::ZERO));
        assert_eq!(variance(n, &sum, &squares, Ddof::Sample), None);
    }

    proptest! {
        #[test]
        fn numbers_have_moments_and_a_little_less_is_none(
            values in proptest::collection::vec(prop_oneof![-9..9i128, any::<i64>().prop_map(|value| i128::from(value >> 4))], 1..9),
            less in prop_oneof![0..40i128, any::<i64>().prop_map(|less| i128::from(less).abs())],
            exponent in 0..200u32,
        ) {
            let (n, sum, _) = moments(&values);
            let (total, squares) = values.iter().fold((0, 0), |(total, squares), value| (total + value, squares + value * value));
            let squares = (squares - less).max(0);
            let right = BigInt::from(n) * BigInt::from(squares) >= BigInt::from(total) * BigInt::from(total);
            prop_assert_eq!(are_moments(n, sum.total(), Exact::from_i128(squares).total()), right);
            // the same numbers, the squares as multiples of a smaller power of two
            let fine = words::shift_left(Exact::from_i128(squares).total().words, exponent);
            prop_assert_eq!(are_moments(n, sum.total(), Exact::new(false, &fine, -(exponent as i32)).total()), right);
        }
    }

    #[test]
    fn impossible_sums_give_zero() {
        let squares = Exact::new(false, &[], 0);
        let largest = Exact::from_i128(i128::MIN);
        assert_eq!(variance(3, &largest, &squares, Ddof::Sample), Some(Float64::ZERO));
    }
}
