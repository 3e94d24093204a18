//! Mean and variance from exact sums, each rounded once.
//!
//! The one idea: `(n Σx² − (Σx)²) / (n (n − ddof))` in exact integers has no cancellation to lose digits in.
//!
//! Not here: the sums (`state`).

use super::exact::{self, Exact};
use super::float64::Float64;
use super::words;
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

/// The variance of `count` values; `None` when there are not enough.
///
/// **Accuracy** correctly rounded and never negative; ∞ past the largest double. Sums that no values have (they can
/// come from outside) give 0 rather than less.
#[must_use]
pub fn variance(count: u64, sum: &Exact, sum_of_squares: &Exact, ddof: Ddof) -> Option<Float64> {
    let degrees = count.checked_sub(ddof.lost()).filter(|&degrees| degrees > 0)?;
    let Some((numerator, exponent)) = spread(count, sum, sum_of_squares) else { return Some(Float64::ZERO) };
    Some(exact::divide(false, &numerator, exponent, &[count, degrees]))
}

/// Whether `count` numbers can have this sum and this sum of squares: `n Σx²` is not below `(Σx)²`.
#[must_use]
pub fn are_moments(count: u64, sum: &Exact, sum_of_squares: &Exact) -> bool {
    spread(count, sum, sum_of_squares).is_some()
}

/// `n Σx² − (Σx)²` as words and the power of two that they are multiples of; `None` below zero.
fn spread(count: u64, sum: &Exact, sum_of_squares: &Exact) -> Option<(Vec<u64>, i32)> {
    let sum_exponent = 2 * sum.exponent();
    let exponent = sum_exponent.min(sum_of_squares.exponent());
    let scaled = words::multiply(sum_of_squares.words(), &[count]);
    let mut numerator = words::shift_left(&scaled, sum_of_squares.exponent().abs_diff(exponent));
    let square = words::multiply(sum.words(), sum.words());
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

    #[test]
    fn impossible_sums_give_zero() {
        let squares = Exact::new(false, &[], 0);
        let largest = Exact::from_i128(i128::MIN);
        assert_eq!(variance(3, &largest, &squares, Ddof::Sample), Some(Float64::ZERO));
    }
}
