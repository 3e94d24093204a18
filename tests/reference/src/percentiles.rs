//! What the percentile sketch tells, from its definition: buckets, the grain, what stands for a value, ranks.
//!
//! The one idea: keep the values. The bucket of one is a power of an integer and the number of its bits; the grain and
//! the numbers that a bucket can hold are found by looking at values and by trying.

use crate::rounding::{exact, nearest};
use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Most buckets before neighbours are joined.
const MOST_BUCKETS: usize = 1024;
/// The scale below which nothing is joined any more.
const COARSEST_SCALE: i32 = -3;
/// Bits of the integer of a round value.
const ROUND_BITS: u64 = 32;
/// Exponents that a grain can have.
const GRAINS: std::ops::RangeInclusive<i32> = -63..=63;

/// An odd integer and a power of two: a finite magnitude above zero.
#[must_use]
pub fn odd_and_exponent(value: f64) -> (u64, i32) {
    let bits = value.abs().to_bits();
    let (field, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let (integer, exponent) = if field == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, i32::try_from(field).expect("11 bits") - 1075)
    };
    let zeros = integer.trailing_zeros();
    (integer >> zeros, exponent + i32::try_from(zeros).expect("at most 52"))
}

/// The bucket of integer · 2^exponent: ceil(log2 · 2^scale) − 1.
///
/// # Panics
/// For an integer of 0.
#[must_use]
pub fn index(integer: u64, exponent: i32, scale: i32) -> i32 {
    assert!(integer > 0, "zero is in no bucket");
    let finest = scale.max(0);
    let power = BigUint::from(integer).pow(1 << finest);
    // ceil(log2 n) is the number of bits of n − 1
    let bits = i32::try_from((power - 1u32).bits()).expect("a few thousand");
    (bits + (exponent << finest) - 1) >> (finest - scale)
}

/// What a sketch keeps of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain {
    /// The largest power of two that divides every round value, within limits.
    pub exponent: i32,
    /// The octave (2^k, 2^(k+1)] of all long values, if there are any.
    pub long: Option<i32>,
}

/// The numbers that a bucket can hold: from `first` to `last`, times a step.
type Numbers = (u64, u64, BigRational);

/// What a sketch tells for an order statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// This number, bit by bit.
    Exactly(f64),
    /// The middle of the bucket of the value, which is within the error of the scale.
    Middle,
    /// The bounds of choice are too close for this model to choose.
    Either(f64),
}

/// A percentile sketch that keeps its values.
#[derive(Clone, Debug)]
pub struct Percentiles {
    /// All but NaNs, ascending.
    values: Vec<f64>,
    /// The bucket of each of them; of zeros and infinities, none.
    indexes: Vec<Option<i32>>,
    scale: i32,
    grain: Option<Grain>,
    /// Of units of decimals, the largest power of five that divides every round one; else none.
    fives: u32,
    /// Filled when asked for; one for magnitudes of both signs.
    told: BTreeMap<i32, OnceCell<Bucket>>,
}

#[derive(Clone, Debug)]
struct Bucket {
    /// What its values are among, if they cannot be any.
    numbers: Option<Numbers>,
    /// What stands for its values.
    told: Told,
    /// How far that can be from one of them.
    error: BigRational,
}

fn index_of(value: f64, scale: i32) -> Option<i32> {
    if value == 0.0 || !value.is_finite() {
        return None;
    }
    let (integer, exponent) = odd_and_exponent(value);
    Some(index(integer, exponent, scale))
}

impl Percentiles {
    /// The sketch of some values; `scale` is the one it starts with, from 0 to 7.
    #[must_use]
    pub fn new(scale: i32, values: &[f64]) -> Self {
        let mut values: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        values.iter_mut().filter(|value| **value == 0.0).for_each(|zero| *zero = 0.0);
        values.sort_by(f64::total_cmp);
        let finest: Vec<Option<i32>> = values.iter().map(|value| index_of(*value, scale)).collect();
        let buckets = |by: i32| {
            let indexes = values.iter().zip(&finest).filter_map(|(value, index)| Some((*value < 0.0, (*index)? >> by)));
            indexes.collect::<BTreeSet<_>>()
        };
        let joins = (0..=scale - COARSEST_SCALE).find(|by| buckets(*by).len() <= MOST_BUCKETS);
        let joins = joins.expect("the coarsest scale fits all doubles");
        let indexes: Vec<Option<i32>> = finest.iter().map(|index| index.map(|index| index >> joins)).collect();
        let told = indexes.iter().flatten().map(|index| (*index, OnceCell::new())).collect();
        let grain = if scale < joins { None } else { grain_of(&values) };
        Self { values, indexes, scale: scale - joins, grain, fives: 0, told }
    }

    /// The sketch of units of decimals.
    #[must_use]
    pub fn of_units(scale: i32, units: &[f64]) -> Self {
        let sketch = Self::new(scale, units);
        let odd = sketch.values.iter().filter(|value| **value != 0.0).map(|value| odd_and_exponent(*value).0);
        let round = odd.filter(|odd| *odd < 1 << ROUND_BITS);
        let fives = round.map(|odd| (0..).take_while(|power| odd % 5u64.pow(power + 1) == 0).count()).min();
        Self { fives: fives.map_or(27, |fives| u32::try_from(fives).expect("a few")), ..sketch }
    }

    /// The fives of the grain of units.
    #[must_use]
    pub fn fives(&self) -> u32 {
        self.fives
    }

    /// The scale after joins.
    #[must_use]
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// The values, ascending.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// What divides the values, if anything does.
    #[must_use]
    pub fn grain(&self) -> Option<Grain> {
        self.grain
    }

    /// The numbers that a bucket can hold, if it cannot hold any.
    fn numbers(&self, bucket: i32) -> Option<Numbers> {
        let grain = self.grain?;
        let octave = bucket >> self.scale;
        if grain.long == Some(octave) {
            return None;
        }
        // an integer of 32 bits in this octave is a multiple of this
        let exponent = grain.exponent.max(octave + 1 - 32);
        let least_from = |wanted: i32| {
            let (mut low, mut high) = (1u64, (1 << ROUND_BITS) + 1);
            while low < high {
                let middle = low.midpoint(high);
                if index(middle, exponent, self.scale) < wanted {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        // a double ends below 2^1024
        let most = if exponent + 32 < 1024 { 1 << ROUND_BITS } else { (1 << ROUND_BITS) - 1 };
        let (first, last) = (least_from(bucket), (least_from(bucket + 1) - 1).min(most));
        let five = 5u64.pow(self.fives);
        let step = power_of_two(exponent) * BigRational::from_integer(five.into());
        Some((first.div_ceil(five), last / five, step))
    }

    /// What stands for the values of a bucket, and how far it can be from one of them.
    fn told_of(&self, bucket: i32) -> &Bucket {
        self.told[&bucket].get_or_init(|| {
            let most = limit(self.scale);
            let numbers = self.numbers(bucket);
            let Some((first, last, step)) = numbers.clone() else {
                return Bucket { numbers, told: Told::Middle, error: most };
            };
            assert!(first <= last, "a bucket of values holds a number");
            let distance = |number: u64, from: u64| BigRational::new(number.abs_diff(from).into(), from.into());
            let farthest = |number: &u64| distance(*number, first).max(distance(*number, last));
            // the farther of both ends falls, then rises: trying around the harmonic mean is trying all
            let middle = 2 * u128::from(first) * u128::from(last) / u128::from(first + last);
            let middle = u64::try_from(middle).expect("between both");
            let tried = if last - first <= 300 { first..=last } else { middle - 100..=middle + 100 };
            let best = tried.min_by_key(|number| (farthest(number), *number)).expect("there are some");
            let value = nearest(&(BigRational::from_integer(best.into()) * step));
            let error = farthest(&best);
            let near = BigRational::new(1.into(), BigInt::from(1u64 << 45));
            let over = &error - &most;
            let (told, error) = if over > near {
                (Told::Middle, most)
            } else if over < -near {
                (Told::Exactly(value), error)
            } else {
                (Told::Either(value), most)
            };
            Bucket { numbers, told, error }
        })
    }

    /// What is told for the value with so many others before it.
    #[must_use]
    pub fn order_statistic(&self, before: usize) -> Told {
        let (min, max) = (self.values[0], self.values[self.values.len() - 1]);
        let value = self.values[before];
        let bucket = self.indexes[before].filter(|_| before > 0 && before < self.values.len() - 1);
        let Some(bucket) = bucket else { return Told::Exactly(value) };
        match self.told_of(bucket).told {
            Told::Exactly(magnitude) => Told::Exactly(magnitude.copysign(value).max(min).min(max)),
            Told::Either(magnitude) => Told::Either(magnitude.copysign(value).max(min).min(max)),
            Told::Middle => Told::Middle,
        }
    }

    /// How far what is told can be from an order statistic, relative to it.
    #[must_use]
    pub fn error(&self) -> f64 {
        let errors = self.told.keys().map(|bucket| self.told_of(*bucket).error.clone());
        errors.max().map_or(0.0, |error| nearest(&error))
    }

    /// Values at or below `bound`, as the sketch counts them: whole buckets, from the least number they can hold on.
    #[must_use]
    pub fn at_or_below(&self, bound: f64) -> usize {
        let of_bound = index_of(bound, self.scale);
        let counts = |(value, bucket): &(&f64, &Option<i32>)| {
            let value = **value;
            let Some(bucket) = **bucket else { return value <= bound };
            if let Some((first, last, step)) = &self.told_of(bucket).numbers {
                let end = if value > 0.0 { *first } else { *last };
                let end = nearest(&(BigRational::from_integer(end.into()) * step));
                return end.copysign(value) <= bound;
            }
            match of_bound {
                Some(of_bound) if value > 0.0 && bound > 0.0 => of_bound >= bucket,
                Some(of_bound) if value < 0.0 && bound < 0.0 => of_bound <= bucket,
                _ => value <= bound,
            }
        };
        self.values.iter().zip(&self.indexes).filter(counts).count()
    }

    /// The share of values at or below `bound`; `None` of no values.
    #[must_use]
    pub fn rank(&self, bound: f64) -> Option<f64> {
        let (min, max) = (*self.values.first()?, *self.values.last()?);
        let n = self.values.len();
        let counted = if bound < min {
            0
        } else if bound >= max {
            n
        } else {
            self.at_or_below(bound).clamp(1, n - 1)
        };
        Some(nearest(&BigRational::new(counted.into(), n.into())))
    }

    /// Counts between ascending bounds.
    #[must_use]
    pub fn counts_between(&self, bounds: &[f64]) -> Vec<usize> {
        let ends = bounds.iter().map(|bound| self.at_or_below(*bound)).chain([self.values.len()]);
        ends.scan(0, |before, end| Some(end - std::mem::replace(before, end))).collect()
    }
}

/// What divides values: a minimum over the round ones, unless long ones lie in several octaves.
fn grain_of(values: &[f64]) -> Option<Grain> {
    let mut exponent = *GRAINS.end();
    let mut octaves = BTreeSet::new();
    for &value in values.iter().filter(|value| **value != 0.0 && value.is_finite()) {
        let (odd, of_odd) = odd_and_exponent(value);
        if odd < 1 << ROUND_BITS && of_odd >= *GRAINS.start() {
            exponent = exponent.min(of_odd);
        } else {
            octaves.insert(index(odd, of_odd, 0));
        }
    }
    (octaves.len() < 2).then(|| Grain { exponent, long: octaves.first().copied() })
}

fn power_of_two(exponent: i32) -> BigRational {
    let power = BigInt::from(1) << exponent.unsigned_abs();
    if exponent < 0 {
        BigRational::new(1.into(), power)
    } else {
        BigRational::from_integer(power)
    }
}

/// (γ − 1) / (γ + 1) with γ = 2^(2^−scale), to about 2^-50.
fn limit(scale: i32) -> BigRational {
    let gamma = exact(f64::powf(2.0, 2f64.powi(-scale)));
    let one = BigRational::from_integer(1.into());
    (&gamma - &one) / (gamma + one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_those_of_the_logarithm() {
        assert_eq!([index(1, 0, 6), index(3, 0, 0), index(1, 3, 6), index(1, -1074, 0)], [-1, 1, 3 * 64 - 1, -1075]);
        assert_eq!([index(1, 0, -3), index(257, 0, -3), index(1, 8, -3)], [-1, 1, 0]);
        assert_eq!(index(100, 0, 6), 425, "log2(100) · 64 = 425.2");
    }

    #[test]
    fn whole_numbers_are_told_whole_until_a_bucket_holds_several() {
        let sketch = Percentiles::new(6, &[1.0, 2.0, 2.0, 2.0, 3.0]);
        assert_eq!(sketch.grain(), Some(Grain { exponent: 0, long: None }));
        assert_eq!((sketch.order_statistic(2), sketch.error()), (Told::Exactly(2.0), 0.0));
        assert_eq!((sketch.rank(2.0), sketch.rank(2.9)), (Some(0.8), Some(0.8)));
        assert_eq!(sketch.counts_between(&[1.0, 2.5]), [1, 3, 1]);
    }

    #[test]
    fn long_values_stand_aside_in_one_octave_and_end_the_grain_in_two() {
        let long = |values: &[f64]| Percentiles::new(6, values).grain();
        assert_eq!(long(&[0.01, 6.0, f64::INFINITY, 0.0]), Some(Grain { exponent: 1, long: Some(-7) }));
        assert_eq!(long(&[0.01, 0.011, 6.0, -0.013]), Some(Grain { exponent: 1, long: Some(-7) }));
        assert_eq!(long(&[0.01, 0.1, 6.0]), None);
    }
}
