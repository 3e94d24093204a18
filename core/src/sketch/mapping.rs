//! Which bucket a magnitude falls into, and what a bucket stands for.
//!
//! The one idea: buckets are those of OpenTelemetry's base-2 exponential histogram and of Prometheus' native
//! histograms: at scale s, bucket i holds (γ^i, γ^(i+1)] with γ = 2^(2^-s), upper-inclusive. An index at one scale is
//! the index at the next finer one shifted right by one bit, so all scales share the table of the finest.
//!
//! Logarithms differ between hosts; here a magnitude is compared, as an integer, with exact bounds. For doubles
//! `v > bound` is `predecessor(v) ≥ floor(bound)`, which makes the buckets upper-inclusive also at exact powers of two.

use super::tables::{BOUNDS, COARSE_REPRESENTATIVES, ERRORS, LAST, REPRESENTATIVES};
use crate::math::Float64;

/// The finest scale: 128 buckets an octave.
pub const FINEST_SCALE: i32 = 7;
/// The coarsest scale a histogram can reach: one bucket for 8 octaves, 263 buckets for all doubles.
pub const COARSEST_SCALE: i32 = -3;

pub(super) const SIGN: u64 = 1 << 63;
pub(super) const INFINITY: u64 = 0x7ff0_0000_0000_0000;
pub(super) const SMALLEST_NORMAL: u64 = 1 << 52;
const LARGEST: u64 = INFINITY - 1;
const MANTISSA: u64 = SMALLEST_NORMAL - 1;

/// The index of a positive magnitude (bits of a finite double above zero; the sign is ignored) at `scale`.
///
/// `scale` is from [`COARSEST_SCALE`] to [`FINEST_SCALE`].
#[must_use]
pub fn index(bits: u64, scale: i32) -> i32 {
    let magnitude = bits & !SIGN;
    let finest = if magnitude < SMALLEST_NORMAL { subnormal_index(magnitude) } else { normal_index(magnitude) };
    finest >> (FINEST_SCALE - scale).clamp(0, 31)
}

/// The index of a normal magnitude at the finest scale.
#[inline(always)]
pub(super) fn normal_index(magnitude: u64) -> i32 {
    // cannot wrap: a normal magnitude is at least 2^52
    index_above(magnitude.wrapping_sub(1) as i64)
}

/// The index of a subnormal magnitude (not zero) at the finest scale.
pub(super) fn subnormal_index(magnitude: u64) -> i32 {
    let up = magnitude.leading_zeros() as i64 - 11;
    let mantissa = (magnitude << up) & MANTISSA;
    index_above(((1 - up) << 52) + mantissa as i64 - 1)
}

/// The index of what lies just above `below`: an exponent (biased, any sign) and a mantissa of 52 bits.
#[inline(always)]
fn index_above(below: i64) -> i32 {
    let exponent = (below >> 52) as i32 - 1023;
    let cell = (below >> 44) as u8;
    // 53 bits against 64: the bits below are set, so that ≥ compares with the bound cut to 53 bits
    let significand = (below as u64) << 11 | SIGN | 0x7ff;
    let last = LAST[usize::from(cell)] & 127;
    exponent * 128 + i32::from(last) - i32::from(significand < BOUNDS[usize::from(last)])
}

/// The largest double not above the lower bound of bucket `index`, so that the doubles of the bucket are exactly those
/// in (`lower_bound`, `upper_bound`].
///
/// **Accuracy** the exact bound rounded down; 0 below the smallest double, the largest finite double above it.
#[must_use]
pub fn lower_bound(index: i32, scale: i32) -> Float64 {
    Float64::from_bits(bound(i64::from(index), scale))
}

/// The upper bound of bucket `index`: [`lower_bound`] of the next one.
#[must_use]
pub fn upper_bound(index: i32, scale: i32) -> Float64 {
    Float64::from_bits(bound(i64::from(index) + 1, scale))
}

fn bound(index: i64, scale: i32) -> u64 {
    let (octave, place) = split(index, scale);
    let finer = (FINEST_SCALE - scale).clamp(0, FINEST_SCALE);
    rounded_down(BOUNDS[(place << finer) & 127], octave)
}

/// The double that stands for bucket `index`: 2·lower·upper/(lower + upper), which has the smallest relative error.
///
/// **Accuracy** rounded to nearest, and always one of the bucket's own doubles if it has any.
#[must_use]
pub fn representative(index: i32, scale: i32) -> Float64 {
    let (octave, place) = split(i64::from(index), scale);
    let significand = match usize::try_from(scale) {
        Ok(scale) => REPRESENTATIVES[((1 << scale.min(7)) - 1 + place) % REPRESENTATIVES.len()],
        Err(_) => COARSE_REPRESENTATIVES[((-1 - scale) as usize).min(2)],
    };
    let lower = bound(i64::from(index), scale);
    let upper = bound(i64::from(index) + 1, scale);
    let nearest = rounded_to_nearest(significand, octave);
    Float64::from_bits(nearest.max(lower + 1).min(upper))
}

/// The relative error of a representative at `scale`: (γ − 1)/(γ + 1), 0.5415 % at scale 6.
///
/// **Accuracy** subnormal values add half a unit of 2^-1074: doubles are no denser there.
#[must_use]
pub fn relative_error(scale: i32) -> Float64 {
    let place = (scale - COARSEST_SCALE).clamp(0, FINEST_SCALE - COARSEST_SCALE);
    Float64::from_bits(ERRORS[place as usize])
}

/// Whether any double lies in bucket `index`; among the subnormals some buckets are narrower than a unit.
pub(super) fn is_inhabited(index: i32, scale: i32) -> bool {
    bound(i64::from(index), scale) < bound(i64::from(index) + 1, scale)
}

/// The octave a bucket starts in, as exponent of two, and its place among the buckets of the octave.
fn split(index: i64, scale: i32) -> (i64, usize) {
    if scale < 0 {
        return (index << (-scale).min(31), 0);
    }
    let scale = scale.min(FINEST_SCALE);
    // cannot truncate: the mask leaves 7 bits
    (index >> scale, (index & ((1 << scale) - 1)) as usize)
}

/// The largest double not above `significand` · 2^(octave − 63).
fn rounded_down(significand: u64, octave: i64) -> u64 {
    if octave > 1023 {
        return LARGEST;
    }
    let (base, dropped) = binade(octave);
    base + significand.checked_shr(dropped).unwrap_or(0)
}

/// The double nearest to a value that lies above `significand` · 2^(octave − 63) by less than one unit: never a tie.
fn rounded_to_nearest(significand: u64, octave: i64) -> u64 {
    let (_, dropped) = binade(octave);
    let half = significand.checked_shr(dropped - 1).unwrap_or(0) & 1;
    rounded_down(significand, octave).saturating_add(half)
}

/// Bits that the exponent field adds to a shifted significand, and by how much it is shifted.
fn binade(octave: i64) -> (u64, u32) {
    if octave >= -1022 {
        // the hidden bit of the significand carries into the exponent field and adds the missing one
        (((octave + 1022) as u64) << 52, 11)
    } else {
        (0, 11 + (-1022 - octave).min(64) as u32)
    }
}

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "the tests compare with what the host's own powers say")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn magnitudes() -> impl Strategy<Value = u64> {
        prop_oneof![
            1..INFINITY,
            1..SMALLEST_NORMAL,
            1u64..5000,
            (0u64..2047).prop_map(|e| (e << 52).max(1)),
            // next to a bound of the finest scale
            (-137_400..131_000i32, -2i64..3)
                .prop_map(|(i, d)| bound(i64::from(i), 7).saturating_add_signed(d).clamp(1, LARGEST)),
        ]
    }

    proptest! {
        #[test]
        fn a_bucket_holds_the_values_above_its_lower_and_up_to_its_upper_bound(v in magnitudes()) {
            for scale in COARSEST_SCALE..=FINEST_SCALE {
                let i = index(v, scale);
                prop_assert!(lower_bound(i, scale).to_bits() < v);
                prop_assert!(v <= upper_bound(i, scale).to_bits());
                prop_assert!(is_inhabited(i, scale));
            }
        }

        #[test]
        fn a_representative_is_within_the_relative_error_and_half_a_unit(v in magnitudes()) {
            for scale in COARSEST_SCALE..=FINEST_SCALE {
                let r = representative(index(v, scale), scale).to_bits();
                prop_assert_eq!(index(r, scale), index(v, scale));
                let (v, r) = (f64::from_bits(v), f64::from_bits(r));
                let error = f64::from_bits(relative_error(scale).to_bits());
                let unit = if v < 1e-300 { 5e-324 } else { 0.0 };
                prop_assert!((v - r).abs() <= v * error * (1.0 + 1e-12) + unit, "{} {} {}", v, r, scale);
            }
        }
    }

    #[test]
    fn powers_of_two_end_their_bucket() {
        for scale in 0..=FINEST_SCALE {
            assert_eq!(index(1.0f64.to_bits(), scale), -1);
            assert_eq!(index(1.0f64.to_bits() + 1, scale), 0);
            assert_eq!(index(1024f64.to_bits(), scale), (10 << scale) - 1);
            assert_eq!(index(1, scale), (-1074 << scale) - 1);
            assert_eq!(index(2, scale), (-1073 << scale) - 1);
        }
    }

    #[test]
    fn the_buckets_of_a_scale_meet_without_gap_or_overlap() {
        for i in -131_072..131_071 {
            let upper = upper_bound(i, 7).to_bits();
            if is_inhabited(i, 7) {
                assert_eq!(index(upper, 7), i);
            }
            if is_inhabited(i + 1, 7) {
                assert_eq!(index(upper + 1, 7), i + 1);
            }
        }
    }

    #[test]
    fn bounds_and_representatives_are_the_powers_of_the_base() {
        for scale in COARSEST_SCALE..=FINEST_SCALE {
            let step = 2f64.powi(-scale);
            for i in (-900.0 / step) as i32..(900.0 / step) as i32 {
                let low = 2f64.powf(f64::from(i) * step);
                let high = 2f64.powf(f64::from(i + 1) * step);
                let middle = 2.0 * (low / (low + high)) * high;
                let near = |got: Float64, want: f64| (f64::from_bits(got.to_bits()) / want - 1.0).abs() < 1e-13;
                assert!(near(lower_bound(i, scale), low), "{i} {scale}");
                assert!(near(upper_bound(i, scale), high), "{i} {scale}");
                assert!(near(representative(i, scale), middle), "{i} {scale}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_doubles_stay_finite_and_above_zero() {
        for scale in COARSEST_SCALE..=FINEST_SCALE {
            let (first, last) = (index(1, scale), index(LARGEST, scale));
            assert_eq!(lower_bound(first, scale), Float64::ZERO);
            assert_eq!(upper_bound(last, scale).to_bits(), LARGEST);
            assert!(representative(first, scale).to_bits() >= 1);
            assert!(representative(last, scale).to_bits() < INFINITY);
        }
    }
}
