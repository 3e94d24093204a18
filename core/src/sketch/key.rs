//! The bucket of a value of either sign, as one integer.
//!
//! The one idea: keys ascend with the values, and joining neighbours is one arithmetic shift on both sides of zero.
//!
//! Not here: zero and the infinities, which have counters of their own.

use super::mapping::{self, COARSEST_SCALE, FINEST_SCALE, SIGN, SMALLEST_NORMAL};

/// How often neighbours have been joined since the finest scale: scale = 7 − shift.
pub(super) type Shift = u8;

/// The largest shift a histogram can reach: all doubles of both signs then fit its limit of buckets.
pub(super) const MAX_SHIFT: Shift = (FINEST_SCALE - COARSEST_SCALE) as Shift;

/// The largest shift at which no bucket is wider than an octave.
pub(super) const OCTAVE_SHIFT: Shift = FINEST_SCALE as Shift;

/// Added to an index at the finest scale: more than 1074 · 128, so that what it gives is not negative, and a power of
/// two, so that it shifts with the index.
const BIAS: i32 = 1 << 18;

/// Indexes at the finest scale: of the smallest double, of the first bucket of normal doubles alone, of the largest.
const FIRST: i32 = -1074 * 128 - 1;
const FIRST_NORMAL: i32 = -1022 * 128;
const LAST: i32 = 1024 * 128 - 1;

/// A bucket: its index plus a bias for positive values, the complement of that for negative ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub i32);

impl Key {
    /// The bucket of a normal double at shift 0.
    #[inline(always)]
    pub fn of_normal(bits: u64) -> Self {
        Self::signed(mapping::normal_index(bits & !SIGN) + BIAS, bits)
    }

    /// The bucket of a finite double other than zero at shift 0.
    pub fn of(bits: u64) -> Self {
        let magnitude = bits & !SIGN;
        if magnitude >= SMALLEST_NORMAL {
            return Self::of_normal(bits);
        }
        Self::signed(mapping::subnormal_index(magnitude) + BIAS, bits)
    }

    #[inline(always)]
    fn signed(position: i32, bits: u64) -> Self {
        Self(position ^ ((bits as i64) >> 63) as i32)
    }

    /// The bucket that holds this one after `by` more joins.
    #[inline(always)]
    pub fn coarser(self, by: Shift) -> Self {
        Self(self.0 >> by)
    }

    /// The key that stands `distance` from the bucket just above 1.0; [`Key::distance`] is its inverse.
    pub fn at(distance: i64, shift: Shift) -> Option<Self> {
        i32::try_from(distance.checked_add(i64::from(BIAS >> shift))?).ok().map(Self)
    }

    /// How far this key stands from the bucket just above 1.0; the index if the values are positive.
    pub fn distance(self, shift: Shift) -> i64 {
        i64::from(self.0) - i64::from(BIAS >> shift)
    }

    /// Whether the values of the bucket are negative.
    #[inline(always)]
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The index of the bucket of magnitudes.
    #[inline(always)]
    pub fn index(self, shift: Shift) -> i32 {
        (self.0 ^ (self.0 >> 31)) - (BIAS >> shift)
    }

    /// Whether a double can fall into this bucket.
    #[inline(always)]
    pub fn is_inhabited(self, shift: Shift) -> bool {
        let index = self.index(shift);
        // buckets of normal doubles are wider than the step between two doubles
        (FIRST_NORMAL >> shift <= index && index <= LAST >> shift) || Self::is_inhabited_by_subnormals(index, shift)
    }

    /// Whether doubles fall into every bucket from one to another because there are normal ones in both, of one sign.
    pub fn are_inhabited_between(first: Self, last: Self, shift: Shift) -> bool {
        let is_normal = |key: Self| (FIRST_NORMAL >> shift..=LAST >> shift).contains(&key.index(shift));
        first.is_negative() == last.is_negative() && is_normal(first) && is_normal(last)
    }

    #[cold]
    fn is_inhabited_by_subnormals(index: i32, shift: Shift) -> bool {
        FIRST >> shift <= index && index < FIRST_NORMAL >> shift && mapping::is_inhabited(index, scale_of(shift))
    }

    /// The two buckets joined in this one.
    pub fn halves(self) -> [Self; 2] {
        [Self(self.0 << 1), Self(self.0 << 1 | 1)]
    }
}

/// The scale after `shift` joins.
pub(super) fn scale_of(shift: Shift) -> i32 {
    FINEST_SCALE - i32::from(shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::HISTOGRAM_BUCKETS;
    use crate::math::Float64;
    use proptest::prelude::*;

    fn finite_non_zero() -> impl Strategy<Value = u64> {
        (1..mapping::INFINITY, any::<bool>()).prop_map(|(m, negative)| if negative { m | SIGN } else { m })
    }

    proptest! {
        #[test]
        fn keys_ascend_with_the_values_at_every_shift(a in finite_non_zero(), b in finite_non_zero(), by in 0..=MAX_SHIFT) {
            let ascending = Float64::from_bits(a).order_key() <= Float64::from_bits(b).order_key();
            let (low, high) = if ascending { (a, b) } else { (b, a) };
            prop_assert!(Key::of(low).coarser(by) <= Key::of(high).coarser(by));
        }

        #[test]
        fn a_key_gives_back_the_index_and_the_sign(v in finite_non_zero(), by in 0..=MAX_SHIFT) {
            let key = Key::of(v).coarser(by);
            prop_assert_eq!(key.index(by), mapping::index(v, scale_of(by)));
            prop_assert_eq!(key.is_negative(), v & SIGN != 0);
            prop_assert!(key.is_inhabited(by));
            prop_assert!(key.coarser(1).halves().contains(&key));
        }

        #[test]
        fn buckets_between_normal_ones_of_one_sign_are_inhabited(
            a in finite_non_zero(), b in finite_non_zero(), by in 0..=MAX_SHIFT, part in 0..=100i64,
        ) {
            let (a, b) = (Key::of(a).coarser(by), Key::of(b).coarser(by));
            let between = Key((i64::from(a.0) + i64::from(b.0 - a.0) * part / 100) as i32);
            prop_assert!(!Key::are_inhabited_between(a, b, by) || between.is_inhabited(by));
        }

        #[test]
        fn no_bucket_past_the_ends_is_taken_for_inhabited(a in finite_non_zero(), at in any::<i32>(), by in 0..=MAX_SHIFT) {
            let (inside, other) = (Key::of(a).coarser(by), Key(at));
            prop_assert!(!Key::are_inhabited_between(inside, other, by) || other.is_inhabited(by));
        }
    }

    #[test]
    fn the_ends_of_the_indexes_are_those_of_the_mapping() {
        for shift in 0..=MAX_SHIFT {
            let scale = scale_of(shift);
            assert_eq!(FIRST >> shift, mapping::index(1, scale));
            assert_eq!(FIRST_NORMAL >> shift, mapping::index(SMALLEST_NORMAL + 1, scale));
            assert_eq!(LAST >> shift, mapping::index(mapping::INFINITY - 1, scale));
        }
    }

    #[test]
    fn all_doubles_fit_the_limit_of_buckets_at_the_largest_shift() {
        let largest = mapping::INFINITY - 1;
        let span = Key::of(largest).coarser(MAX_SHIFT).0 - Key::of(1).coarser(MAX_SHIFT).0 + 1;
        assert!(2 * span as usize <= HISTOGRAM_BUCKETS, "{span}");
    }
}
