//! What divides the values, so that whole numbers come back whole: a power of two, and of units of decimals one of five.
//!
//! The one idea: a value is *round* if it is m · 2^e with an integer m below 2^32 and e at least −63; the **grain** is
//! the largest power of two, up to 2^63, that divides all round values: a minimum over rows. Then a bucket holds few
//! numbers, often one alone. Other values are *long*. They may lie in one octave, which stands aside; once they lie in
//! two, there is no grain. All of that is a function of the multiset of rows: more rows only take away.
//!
//! Zeros are multiples of every grain; infinities and NaNs do not count. Units of decimals have fives as well, so that
//! whole amounts come back whole: 249.00 is 24,900 units, which is 2^2 · 5^2 · 249. Other values count no fives.
//!
//! Not here: what is told of a distribution (`distribution`), bytes (`spelling`).

use super::key::{scale_of, Key, Shift};
use super::mapping::{self, INFINITY, SIGN, SMALLEST_NORMAL};
use crate::math::Float64;

/// Exponents of grains.
pub(super) const FINEST: i8 = -63;
/// What is divided by more is divided by this: the grain where there is no round value, too.
pub(super) const COARSEST: i8 = 63;
/// Bits of a round value from its first one to its last.
const ROUND_BITS: i32 = 32;
/// Bits of a double that are zero in round values.
const LONG: u64 = (1 << (53 - ROUND_BITS)) - 1;
/// Twice the weight of the last bit of a double whose exponent field is 0 would be 2^-1074 with an exponent field of 1.
const BIAS: i32 = 1075;
/// The most fives of a grain: no int64 has more.
pub(super) const MOST_FIVES: u8 = 27;
/// Instead of fives: they are not counted.
const UNCOUNTED: u8 = u8::MAX;
/// Instead of an octave: no value is long.
const NOWHERE: i16 = i16::MAX;
/// Instead of an exponent: nothing is known of the values.
const NONE: i8 = i8::MIN;

/// What divides the values of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grain {
    /// The grain is 2^exponent; or [`NONE`].
    exponent: i8,
    /// Long values lie in (2^long, 2^(long + 1)] alone; or [`NOWHERE`].
    long: i16,
    /// 5^fives divides all round values; or [`UNCOUNTED`].
    fives: u8,
}

impl Grain {
    /// That of no values.
    pub const ALL: Self = Self { exponent: COARSEST, long: NOWHERE, fives: UNCOUNTED };
    /// That of no units of decimals.
    pub const ALL_UNITS: Self = Self { fives: MOST_FIVES, ..Self::ALL };
    /// That of long values in several octaves, and of values of which nothing is known.
    pub const NONE: Self = Self { exponent: NONE, long: NOWHERE, fives: UNCOUNTED };

    /// A grain of 2^exponent (from [`FINEST`] to [`COARSEST`]), and the octave of long values.
    pub fn new(exponent: i8, long: Option<i16>) -> Self {
        Self { exponent, long: long.unwrap_or(NOWHERE), fives: UNCOUNTED }
    }

    /// The same with fives, at most [`MOST_FIVES`].
    pub fn with_fives(self, fives: u8) -> Self {
        Self { fives, ..self }
    }

    /// The fives, where they are counted.
    pub fn fives(self) -> Option<u8> {
        (self.fives != UNCOUNTED).then_some(self.fives)
    }

    /// 5^fives.
    fn step(self) -> u64 {
        self.fives().map_or(1, |fives| 5u64.pow(fives.into()))
    }

    /// The exponent of the grain, and the octave of long values if there are any; `None` without a grain.
    pub fn parts(self) -> Option<(i8, Option<i16>)> {
        (self.exponent != NONE).then_some((self.exponent, (self.long != NOWHERE).then_some(self.long)))
    }

    /// Whether there is none.
    #[inline(always)]
    pub fn is_none(self) -> bool {
        self.exponent == NONE
    }

    /// Takes values in, given as the bits of doubles.
    #[inline(always)]
    pub fn add_all(&mut self, values: &[u64]) {
        if !self.is_none() {
            self.add(values);
            if self.fives != UNCOUNTED && self.fives > 0 {
                self.add_fives(values);
            }
        }
    }

    /// Takes in the fives of units: round values below 2^63.
    #[inline(never)]
    fn add_fives(&mut self, values: &[u64]) {
        for &bits in values {
            let magnitude = bits & !SIGN;
            if bits & LONG != 0 || magnitude == 0 {
                continue;
            }
            let significand = magnitude & (SMALLEST_NORMAL - 1) | SMALLEST_NORMAL;
            let mut odd = significand >> significand.trailing_zeros();
            let mut fives = 0;
            while fives < self.fives && odd.is_multiple_of(5) {
                odd /= 5;
                fives += 1;
            }
            self.fives = fives;
            if fives == 0 {
                return;
            }
        }
    }

    #[inline(never)]
    fn add(&mut self, values: &[u64]) {
        let floor = BIAS + i32::from(FINEST);
        let mut least = BIAS + i32::from(self.exponent);
        for &bits in values {
            let last = (bits >> 52 & 0x7ff) as i32 + (bits | SMALLEST_NORMAL).trailing_zeros() as i32;
            // zeros and subnormals are below the floor
            if bits & LONG != 0 || last < floor {
                self.add_long(bits);
                if self.is_none() {
                    return;
                }
            } else {
                least = last.min(least);
            }
        }
        // cannot truncate: from the floor to what it was
        self.exponent = (least - BIAS) as i8;
    }

    #[inline]
    fn add_long(&mut self, bits: u64) {
        let magnitude = bits & !SIGN;
        if magnitude != 0 && magnitude < INFINITY {
            // cannot truncate: octaves of doubles are from −1075 to 1023
            *self = self.joined(Self::new(COARSEST, Some(mapping::index(magnitude, 0) as i16)));
        }
    }

    /// What divides the values of both.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let is_two = self.long != NOWHERE && other.long != NOWHERE && self.long != other.long;
        if self.is_none() || other.is_none() || is_two {
            return Self::NONE;
        }
        Self {
            exponent: self.exponent.min(other.exponent),
            long: self.long.min(other.long),
            fives: self.fives.min(other.fives),
        }
    }

    /// The numbers that the values of a bucket are among; `None` where they can be any.
    pub fn numbers(self, key: Key, shift: Shift) -> Option<Numbers> {
        // below, a bucket is wider than an octave
        let scale = u32::try_from(scale_of(shift)).ok()?;
        let index = key.index(shift);
        let octave = index >> scale;
        if self.is_none() || octave == i32::from(self.long) {
            return None;
        }
        let exponent = i32::from(self.exponent).max(octave + 1 - ROUND_BITS);
        let step = self.step();
        let below = |bound: Float64| multiples(bound.to_bits(), exponent) / step;
        let first = below(mapping::lower_bound(index, scale as i32)) + 1;
        let last = below(mapping::upper_bound(index, scale as i32));
        Some(Numbers { first, last, exponent, step })
    }

    /// What is told for the values of a bucket (a magnitude), and how far they can be from it; `None` where that is what
    /// is told without a grain.
    pub fn representative(self, key: Key, shift: Shift) -> Option<(Float64, Float64)> {
        if self.is_none() {
            return None;
        }
        let told = self.numbers(key, shift).filter(|numbers| !numbers.is_empty())?.representative();
        (told.1.order_key() <= mapping::relative_error(scale_of(shift)).order_key()).then_some(told)
    }

    /// Whether the values of a bucket can be of this grain and of no coarser one.
    pub fn is_attained(self, key: Key, shift: Shift) -> bool {
        let anywhere = Self { long: NOWHERE, ..self };
        self.exponent == COARSEST
            || anywhere.numbers(key, shift).is_some_and(|numbers| {
                let has_odd = numbers.first < numbers.last || numbers.first & numbers.last & 1 == 1;
                numbers.exponent == i32::from(self.exponent) && has_odd
            })
    }
}

impl Grain {
    /// Whether the values of a bucket can have the fives and no more.
    pub fn are_fives_attained(self, key: Key, shift: Shift) -> bool {
        let anywhere = Self { long: NOWHERE, ..self };
        self.fives >= MOST_FIVES
            || anywhere.numbers(key, shift).is_some_and(|numbers| {
                // of two neighbours one is no multiple of five
                numbers.first < numbers.last || (numbers.first == numbers.last && numbers.first % 5 != 0)
            })
    }
}

/// How many multiples of 2^exponent there are up to a magnitude of at most 32 bits more.
fn multiples(bits: u64, exponent: i32) -> u64 {
    let field = (bits >> 52) as i32;
    if field == 0 {
        return 0;
    }
    let significand = bits & (SMALLEST_NORMAL - 1) | SMALLEST_NORMAL;
    let by = u32::try_from(exponent + BIAS - field).unwrap_or_default();
    significand.checked_shr(by).unwrap_or_default()
}

/// Ascending magnitudes, from `first` · step · 2^exponent to `last` · step · 2^exponent in equal steps; at most 2^32 of
/// 2^exponent each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    first: u64,
    last: u64,
    exponent: i32,
    /// A power of five.
    step: u64,
}

impl Numbers {
    /// Whether there are none: no values are such.
    pub fn is_empty(self) -> bool {
        self.first > self.last
    }

    /// The least and the greatest.
    pub fn ends(self) -> (Float64, Float64) {
        (self.double(self.first), self.double(self.last))
    }

    /// That of the numbers whose largest distance to one of them, relative to it, is the least, and this distance; of two
    /// the lesser.
    pub fn representative(self) -> (Float64, Float64) {
        let Self { first, last, .. } = self;
        if first >= last {
            return (self.double(first), Float64::ZERO);
        }
        // no product passes 2^64: last ≤ 2^32, and last − first is at most half of it
        let middle = first + first * (last - first) / (first + last);
        let farthest = |number: u64| ((number - first) * last).max((last - number) * first);
        let number = if farthest(middle + 1) < farthest(middle) { middle + 1 } else { middle };
        let distance = |from: u64| Float64::from_u64(number.abs_diff(from)) / Float64::from_u64(from);
        let (low, high) = (distance(first), distance(last));
        (self.double(number), if low.order_key() < high.order_key() { high } else { low })
    }

    fn double(self, number: u64) -> Float64 {
        // cannot leave the normal doubles: the number lies in a bucket, and from 2^-63 on
        Float64::from_bits(
            Float64::from_u64(number * self.step).to_bits().wrapping_add_signed(i64::from(self.exponent) << 52),
        )
    }
}
