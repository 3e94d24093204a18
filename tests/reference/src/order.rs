//! Which value stands at a place in the order: minimum, maximum, percentiles, ranks.
//!
//! The one idea: sort the values and look.

use crate::cell::Cell;
use crate::rounding::{exact, nearest};
use num_bigint::BigInt;
use num_rational::BigRational;

/// A probability as a fraction: `probability(95, 100)`.
#[must_use]
pub fn probability(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// The present values in ascending order.
#[must_use]
pub fn sorted(cells: &[Cell]) -> Vec<Cell> {
    let mut present: Vec<Cell> = cells.iter().map(Cell::canonical).filter(|cell| !cell.is_null()).collect();
    present.sort();
    present
}

/// The two neighbours of place (n−1)p in a sorted list, from 0, and how far between them it is.
///
/// # Panics
/// When the list is empty or p is not from 0 to 1.
#[must_use]
pub fn place(p: &BigRational, n: usize) -> (usize, usize, BigRational) {
    assert!(n > 0, "no values have no order");
    let place = p * BigRational::from_integer((n - 1).into());
    let below = place.floor();
    let lower = usize::try_from(below.to_integer()).expect("a probability is not negative");
    let fraction = place - below;
    let upper = if fraction == BigRational::from_integer(0.into()) { lower } else { lower + 1 };
    assert!(upper < n, "a probability is at most 1");
    (lower, upper, fraction)
}

/// SQL's `percentile_cont`: interpolates linearly between the two order statistics at (n−1)p, exactly, rounded once;
/// `None` of no values and between −∞ and +∞.
#[must_use]
pub fn percentile_cont(sorted: &[f64], p: &BigRational) -> Option<f64> {
    if sorted.is_empty() {
        return None;
    }
    let (lower, upper, fraction) = place(p, sorted.len());
    let (low, high) = (sorted[lower], sorted[upper]);
    if low == high {
        return Some(low);
    }
    match (low.is_infinite(), high.is_infinite()) {
        (true, true) => None,
        (true, false) => Some(low),
        (false, true) => Some(high),
        (false, false) => {
            let (low, high) = (exact(low), exact(high));
            Some(nearest(&(&low + (high - &low) * fraction)))
        }
    }
}

/// SQL's `percentile_disc`: the smallest value with at least a share p of the values at or below it.
#[must_use]
pub fn percentile_disc<T: Clone>(sorted: &[T], p: &BigRational) -> Option<T> {
    let place = (p * BigRational::from_integer(BigInt::from(sorted.len()))).ceil().to_integer();
    let place = usize::try_from(place).expect("a probability is not negative");
    sorted.get(place.max(1) - 1).cloned()
}

/// The share of values that are at most a bound, rounded once; `None` of no values.
#[must_use]
pub fn rank(sorted: &[Cell], bound: &Cell) -> Option<f64> {
    if sorted.is_empty() {
        return None;
    }
    let at_most = sorted.iter().filter(|cell| *cell <= bound).count();
    Some(nearest(&BigRational::new(at_most.into(), sorted.len().into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_two_values_is_between_them() {
        assert_eq!(percentile_cont(&[1.0, 2.0], &probability(1, 2)), Some(1.5));
        assert_eq!(percentile_disc(&[1.0, 2.0], &probability(1, 2)), Some(1.0));
    }

    #[test]
    fn the_ends_are_the_extremes() {
        let values = [1.0, 5.0, 9.0];
        assert_eq!(percentile_cont(&values, &probability(0, 1)), Some(1.0));
        assert_eq!(percentile_cont(&values, &probability(1, 1)), Some(9.0));
        assert_eq!(percentile_disc(&values, &probability(0, 1)), Some(1.0));
        assert_eq!(percentile_disc(&values, &probability(1, 1)), Some(9.0));
    }

    #[test]
    fn a_place_between_two_values_is_interpolated() {
        assert_eq!(percentile_cont(&[10.0, 20.0, 30.0, 40.0], &probability(1, 4)), Some(17.5));
        assert_eq!(percentile_cont(&[-f64::MAX, f64::MAX], &probability(1, 2)), Some(0.0));
    }

    #[test]
    fn an_infinite_neighbour_wins_and_two_opposite_ones_are_null() {
        assert_eq!(percentile_cont(&[1.0, f64::INFINITY], &probability(1, 2)), Some(f64::INFINITY));
        assert_eq!(percentile_cont(&[f64::NEG_INFINITY, 1.0], &probability(1, 2)), Some(f64::NEG_INFINITY));
        assert_eq!(percentile_cont(&[f64::NEG_INFINITY, f64::INFINITY], &probability(1, 2)), None);
        assert_eq!(percentile_cont(&[1.0, 2.0, f64::INFINITY], &probability(1, 2)), Some(2.0));
    }

    #[test]
    fn no_values_have_no_percentile_and_no_rank() {
        assert_eq!(percentile_cont(&[], &probability(1, 2)), None);
        assert_eq!(percentile_disc::<f64>(&[], &probability(1, 2)), None);
        assert_eq!(rank(&[], &Cell::Int(1)), None);
    }

    #[test]
    fn rank_counts_values_up_to_and_with_the_bound() {
        let values = [Cell::Int(1), Cell::Int(2), Cell::Int(2), Cell::Int(4)];
        assert_eq!(rank(&values, &Cell::Int(2)), Some(0.75));
        assert_eq!(rank(&values, &Cell::Int(0)), Some(0.0));
        assert_eq!(rank(&values, &Cell::Int(9)), Some(1.0));
    }
}
