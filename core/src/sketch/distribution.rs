//! What a histogram says: percentiles, ranks, counts between bounds, buckets for export.
//!
//! The one idea: values are known by their buckets, in order; a value is told as the representative of its bucket,
//! but the smallest and the largest are known exactly and passed in, and nothing told lies outside them. What divides
//! all values tells which numbers a bucket can hold: where that is one, its values are known exactly.
//!
//! Not here: counting (`histogram`), what divides the values (`grain`), bytes (`spelling`).

use super::grain::Grain;
use super::key::{scale_of, Key, Shift};
use super::mapping;
use crate::math::Float64;
use alloc::vec;
use alloc::vec::Vec;

/// Counts of values by bucket, ascending: the state of a percentile sketch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    pub(super) shift: Shift,
    pub(super) zero: u64,
    pub(super) negative_infinity: u64,
    pub(super) positive_infinity: u64,
    /// What divides the values in buckets; that of no values without buckets, none where a bucket is wider than an octave.
    pub(super) grain: Grain,
    /// Different ascending keys, counts above zero.
    pub(super) buckets: Vec<(Key, u64)>,
}

impl Distribution {
    /// Number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        let in_buckets: u64 = self.buckets.iter().map(|&(_, count)| count).sum();
        in_buckets + self.zero + self.negative_infinity + self.positive_infinity
    }

    /// The scale: 2^scale buckets an octave, one bucket for 2^-scale octaves if negative.
    #[must_use]
    pub fn scale(&self) -> i32 {
        scale_of(self.shift)
    }

    /// How far a told value may be from the one it stands for, relative to it: what the buckets that there are attain.
    ///
    /// 0 where every bucket holds one multiple of the grain alone; never more than the error of the scale.
    #[must_use]
    pub fn relative_error(&self) -> Float64 {
        let most = mapping::relative_error(self.scale());
        let mut attained = Float64::ZERO;
        for &(key, _) in &self.buckets {
            let error = self.grain.representative(key, self.shift).map_or(most, |(_, error)| error);
            if attained.order_key() < error.order_key() {
                attained = error;
            }
            if attained == most {
                break;
            }
        }
        attained
    }

    /// Number of zeros.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.zero
    }

    /// (index, count) of the buckets of positive values, ascending by index.
    pub fn positive(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        self.buckets.iter().filter(|(key, _)| !key.is_negative()).map(|&(key, count)| (key.index(self.shift), count))
    }

    /// (index, count) of the buckets of negative values by magnitude, ascending by index.
    pub fn negative(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        let negative = self.buckets.iter().rev().filter(|(key, _)| key.is_negative());
        negative.map(|&(key, count)| (key.index(self.shift), count))
    }

    /// The value at fraction `p` of the order, as `percentile_cont`: between the two order statistics at (n − 1)·p.
    ///
    /// `min` and `max` are the exact extremes of the same values. `None` without values, for a `p` outside 0 to 1, and
    /// between −∞ and +∞.
    ///
    /// **Accuracy** each order statistic within [`Distribution::relative_error`], the first and the last exact; the
    /// position and the interpolation are rounded to nearest after each of their steps.
    #[must_use]
    pub fn percentile(&self, p: Float64, min: Float64, max: Float64) -> Option<Float64> {
        percentile(p, self.count(), min, max, &mut |rank| {
            let mut before = 0;
            let found = self.ascending().find(|(_, count)| {
                before += count;
                rank < before
            });
            found.map(|(place, _)| place.value(self.shift, self.grain))
        })
    }

    /// The fraction of values at or below `v`; `None` without values or for NaN.
    ///
    /// `min` and `max` are the exact extremes of the same values: 0 below `min`, 1 from `max` on, and in between at least
    /// one value is counted and one is not.
    ///
    /// **Accuracy** the bucket that holds `v` counts whole: values above `v` by at most twice the relative error can be
    /// counted, none at or below `v` is left out. Exact where the buckets around `v` hold one multiple of the grain each.
    #[must_use]
    pub fn rank(&self, v: Float64, min: Float64, max: Float64) -> Option<Float64> {
        let total = self.count();
        if total == 0 || v.is_nan() {
            return None;
        }
        if v.order_key() < min.order_key() {
            return Some(Float64::ZERO);
        }
        if v.order_key() >= max.order_key() {
            return Some(ONE);
        }
        let counted = self.ascending().take_while(|(place, _)| self.least(*place).order_key() <= v.order_key());
        let at_or_below: u64 = counted.map(|(_, count)| count).sum();
        // the smallest value is at or below v, the largest above it
        let at_or_below = at_or_below.clamp(1, (total - 1).max(1));
        Some(Float64::from_u64(at_or_below) / Float64::from_u64(total))
    }

    /// Counts in the classes (−∞, b₀], (b₀, b₁], …, (bₗ, +∞) of ascending `bounds`: one more than there are bounds.
    ///
    /// **Accuracy** as [`Distribution::rank`]: the bucket that holds a bound counts below it.
    #[must_use]
    pub fn counts_between(&self, bounds: &[Float64]) -> Vec<u64> {
        let mut counts = vec![0; bounds.len() + 1];
        for (place, count) in self.ascending() {
            let least = self.least(place).order_key();
            counts[bounds.partition_point(|bound| bound.order_key() < least)] += count;
        }
        counts
    }

    /// The least value that can be at a place: whatever is at or above it counts the whole place.
    fn least(&self, place: Place) -> Float64 {
        let Place::Bucket(key) = place else { return place.value(self.shift, self.grain) };
        let (low, high) = match self.grain.numbers(key, self.shift).filter(|numbers| !numbers.is_empty()) {
            Some(numbers) => numbers.ends(),
            None => {
                let (index, scale) = (key.index(self.shift), self.scale());
                let below = mapping::lower_bound(index, scale).to_bits();
                // cannot pass the infinity: the lower bound is at most the largest finite double
                (Float64::from_bits(below + 1), mapping::upper_bound(index, scale))
            }
        };
        if key.is_negative() {
            -high
        } else {
            low
        }
    }

    fn ascending(&self) -> impl Iterator<Item = (Place, u64)> + '_ {
        let first_positive = self.buckets.partition_point(|(key, _)| key.is_negative());
        let (negative, positive) = self.buckets.split_at(first_positive);
        let bucket = |&(key, count): &(Key, u64)| (Place::Bucket(key), count);
        core::iter::once((Place::NegativeInfinity, self.negative_infinity))
            .chain(negative.iter().map(bucket))
            .chain(core::iter::once((Place::Zero, self.zero)))
            .chain(positive.iter().map(bucket))
            .chain(core::iter::once((Place::PositiveInfinity, self.positive_infinity)))
    }
}

/// [`Distribution::percentile`] of `count` values, of which `value_of` gives the one with so many others before it.
pub(super) fn percentile(
    p: Float64,
    count: u64,
    min: Float64,
    max: Float64,
    value_of: &mut dyn FnMut(u64) -> Option<Float64>,
) -> Option<Float64> {
    let last = count.checked_sub(1)?;
    let (rank, fraction) = position(p, last)?;
    let mut order_statistic = |rank| match rank {
        0 => min,
        rank if rank >= last => max,
        // infinities lie at an end, zero between both
        rank => value_of(rank).map_or(max, |value| clamp(value, min, max)),
    };
    let low = order_statistic(rank);
    if fraction == Float64::ZERO {
        return Some(low);
    }
    between(low, order_statistic(rank + 1), fraction)
}

/// Where values lie: in a bucket or at one of the three values that have a count of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    NegativeInfinity,
    Bucket(Key),
    Zero,
    PositiveInfinity,
}

impl Place {
    /// The value told for all values here.
    pub fn value(self, shift: Shift, grain: Grain) -> Float64 {
        match self {
            Place::NegativeInfinity => -Float64::INFINITY,
            Place::Zero => Float64::ZERO,
            Place::PositiveInfinity => Float64::INFINITY,
            Place::Bucket(key) => {
                let magnitude = match grain.representative(key, shift) {
                    Some((magnitude, _)) => magnitude,
                    None => mapping::representative(key.index(shift), scale_of(shift)),
                };
                if key.is_negative() {
                    -magnitude
                } else {
                    magnitude
                }
            }
        }
    }
}

const ONE: Float64 = Float64::from_bits(0x3ff0_0000_0000_0000);

/// Joins neighbours with equal keys.
pub(super) fn join_equal(counts: &mut Vec<(Key, u64)>) {
    counts.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
}

/// The whole part and the fraction of `last`·p; `None` for a `p` that is not from 0 to 1.
///
/// The product is rounded to nearest, as `percentile_cont` of PostgreSQL does: 0.95 · 20 is 19, although the double
/// that 0.95 means is a little less than 0.95.
fn position(p: Float64, last: u64) -> Option<(u64, Float64)> {
    if p.is_nan() || p.is_negative() || p.order_key() > ONE.order_key() {
        return None;
    }
    let place = Float64::from_u64(last) * p;
    let whole = place.floor();
    // never `None`: from 0 to 2^62
    let rank = u64::try_from(whole.to_i64()?).ok()?;
    Some((rank, place - whole))
}

/// `low` + `fraction`·(`high` − `low`), never outside the two; `None` between −∞ and +∞.
fn between(low: Float64, high: Float64, fraction: Float64) -> Option<Float64> {
    if low == high {
        return Some(low);
    }
    match (low.is_infinite(), high.is_infinite()) {
        (true, true) => return None,
        (true, false) => return Some(low),
        (false, true) => return Some(high),
        (false, false) => {}
    }
    let span = high - low;
    let value = if span.is_infinite() { low * (ONE - fraction) + high * fraction } else { low + span * fraction };
    Some(clamp(value, low, high))
}

fn clamp(value: Float64, low: Float64, high: Float64) -> Float64 {
    Float64::from_order_key(value.order_key().min(high.order_key()).max(low.order_key()))
}
