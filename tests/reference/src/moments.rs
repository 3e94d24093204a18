//! Sum, mean, variance and standard deviation, each an exact fraction rounded once.
//!
//! The one idea: finite values are integers times 2^−1074 (see [`crate::rounding`]), so sums of values and of squared
//! deviations are integers. Infinities are looked at before any of that.

use crate::rounding::{nearest, nearest_root, scale, scaled};
use num_bigint::BigInt;
use num_rational::BigRational;

/// What a variance divides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// n − 1: the rows are a sample.
    Sample,
    /// n: the rows are all there is.
    Population,
}

/// The sum of doubles, rounded once; `None` of no values and of both infinities.
#[must_use]
pub fn sum(values: &[f64]) -> Option<f64> {
    over_one_infinity(values, |integers| BigRational::new(integers.iter().sum(), scale()))
}

/// The mean of doubles, rounded once: finite even where the sum is not; `None` of no values and of both infinities.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    over_one_infinity(values, |integers| mean_of(integers) / BigRational::from_integer(scale()))
}

/// The variance of doubles, rounded once; `None` of too few values and when one is infinite.
#[must_use]
pub fn variance(values: &[f64], divisor: Divisor) -> Option<f64> {
    exact_variance(values, divisor).map(|variance| nearest(&variance))
}

/// The square root of the exact variance of doubles, rounded once: at most one step from [`deviation`].
#[must_use]
pub fn exact_deviation(values: &[f64], divisor: Divisor) -> Option<f64> {
    exact_variance(values, divisor).map(|variance| nearest_root(&variance))
}

/// The mean of integers, rounded once; `None` of no values.
#[must_use]
pub fn mean_int(values: &[i64]) -> Option<f64> {
    let integers: Vec<BigInt> = values.iter().copied().map(BigInt::from).collect();
    (!integers.is_empty()).then(|| nearest(&mean_of(&integers)))
}

/// The variance of integers, rounded once; `None` of too few values.
#[must_use]
pub fn variance_int(values: &[i64], divisor: Divisor) -> Option<f64> {
    let integers: Vec<BigInt> = values.iter().copied().map(BigInt::from).collect();
    variance_of(&integers, divisor).map(|variance| nearest(&variance))
}

/// The mean of fractions, rounded once; `None` of no values.
#[must_use]
pub fn mean_exact(values: &[BigRational]) -> Option<f64> {
    let count = BigRational::from_integer(values.len().into());
    (!values.is_empty()).then(|| nearest(&(values.iter().sum::<BigRational>() / count)))
}

/// The variance of fractions, rounded once; `None` of too few values.
#[must_use]
pub fn variance_exact(values: &[BigRational], divisor: Divisor) -> Option<f64> {
    let divide_by = match divisor {
        Divisor::Sample => values.len().checked_sub(1)?,
        Divisor::Population => values.len(),
    };
    if divide_by == 0 {
        return None;
    }
    let whole = |number: usize| BigRational::from_integer(number.into());
    let mean = values.iter().sum::<BigRational>() / whole(values.len());
    let squares: BigRational = values.iter().map(|value| (value - &mean) * (value - &mean)).sum();
    Some(nearest(&(squares / whole(divide_by))))
}

/// The standard deviation that belongs to a rounded variance: its IEEE square root.
#[must_use]
pub fn deviation(variance: Option<f64>) -> Option<f64> {
    variance.map(f64::sqrt)
}

fn exact_variance(values: &[f64], divisor: Divisor) -> Option<BigRational> {
    if values.iter().any(|value| value.is_infinite()) {
        return None;
    }
    let integers: Vec<BigInt> = values.iter().copied().map(scaled).collect();
    let variance = variance_of(&integers, divisor)?;
    Some(variance / BigRational::from_integer(scale() * scale()))
}

fn over_one_infinity(values: &[f64], finite: impl Fn(&[BigInt]) -> BigRational) -> Option<f64> {
    let positive = values.contains(&f64::INFINITY);
    let negative = values.contains(&f64::NEG_INFINITY);
    match (values.is_empty(), positive, negative) {
        (true, _, _) | (_, true, true) => None,
        (_, true, false) => Some(f64::INFINITY),
        (_, false, true) => Some(f64::NEG_INFINITY),
        (_, false, false) => {
            let integers: Vec<BigInt> = values.iter().copied().map(scaled).collect();
            Some(nearest(&finite(&integers)))
        }
    }
}

fn mean_of(integers: &[BigInt]) -> BigRational {
    BigRational::new(integers.iter().sum(), integers.len().into())
}

/// Σ(x − x̄)² ÷ (n − 1) or n, the deviations taken n-fold so that they are integers.
fn variance_of(integers: &[BigInt], divisor: Divisor) -> Option<BigRational> {
    let n = integers.len();
    let divide_by = match divisor {
        Divisor::Sample => n.checked_sub(1)?,
        Divisor::Population => n,
    };
    if divide_by == 0 {
        return None;
    }
    let n = BigInt::from(n);
    let total: BigInt = integers.iter().sum();
    let mut squares = BigInt::from(0);
    for x in integers {
        let deviation_n_fold = &n * x - &total;
        squares += &deviation_n_fold * &deviation_n_fold;
    }
    Some(BigRational::new(squares, &n * &n * divide_by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_exact_before_it_is_rounded() {
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), Some(f64::MAX));
        assert_eq!(sum(&[1e16, 1.0, -1e16]), Some(1.0));
        assert_eq!(sum(&[0.1; 10]), Some(1.0));
        assert_eq!(sum(&[f64::MAX, f64::MAX]), Some(f64::INFINITY));
        assert_eq!(sum(&[-0.0, -0.0]).map(f64::to_bits), Some(0));
    }

    #[test]
    fn infinities_decide_the_sum_and_the_mean() {
        let both = [f64::INFINITY, 1.0, f64::NEG_INFINITY];
        assert_eq!(sum(&both[..2]), Some(f64::INFINITY));
        assert_eq!(mean(&both[1..]), Some(f64::NEG_INFINITY));
        assert_eq!(sum(&both), None);
        assert_eq!(mean(&both), None);
        assert_eq!(variance(&both[..2], Divisor::Population), None);
    }

    #[test]
    fn a_mean_is_finite_where_the_sum_is_not() {
        assert_eq!(mean(&[f64::MAX, f64::MAX]), Some(f64::MAX));
        assert_eq!(mean_int(&[i64::MAX, i64::MAX - 2]), Some(9_223_372_036_854_775_806.0));
        assert_eq!(mean_int(&[1, 2]), Some(1.5));
    }

    #[test]
    fn variances_of_a_known_list() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(variance(&values, Divisor::Population), Some(4.0));
        assert_eq!(deviation(variance(&values, Divisor::Population)), Some(2.0));
        assert_eq!(variance(&values, Divisor::Sample), Some(32.0 / 7.0));
        assert_eq!(variance_int(&[2, 4, 4, 4, 5, 5, 7, 9], Divisor::Sample), Some(32.0 / 7.0));
    }

    #[test]
    fn a_variance_does_not_cancel() {
        assert_eq!(variance(&[1e15 + 1.0, 1e15 + 2.0, 1e15 + 3.0], Divisor::Sample), Some(1.0));
        assert_eq!(variance(&[0.1; 7], Divisor::Sample), Some(0.0));
        assert_eq!(variance(&[f64::MAX, -f64::MAX], Divisor::Population), Some(f64::INFINITY));
        assert_eq!(variance_int(&[i64::MIN, i64::MAX], Divisor::Population), Some(8.507_059_173_023_462e37));
    }

    #[test]
    fn one_value_has_a_population_variance_of_zero_and_no_sample_variance() {
        assert_eq!(variance(&[3.5], Divisor::Population), Some(0.0));
        assert_eq!(variance(&[3.5], Divisor::Sample), None);
        assert_eq!(variance(&[], Divisor::Population), None);
        assert_eq!(variance(&[], Divisor::Sample), None);
    }
}
