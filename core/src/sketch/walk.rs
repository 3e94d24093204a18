//! Order statistics of a span of small counters, found by walking over them.
//!
//! The one idea: the sums of whole chunks tell in which of them a rank lies, and a walk goes on where it stood, so that
//! all percentiles of a group together pass each chunk once.
//!
//! Not here: what a percentile is (`distribution`).

use super::distribution::{percentile, Place};
use super::grain::Grain;
use super::key::{Key, Shift};
use super::span::{Span, CHUNK};
use crate::math::Float64;

/// Where a walk over the counters of a span stands.
pub(super) struct Walk<'s, I> {
    all: I,
    ahead: I,
    shift: Shift,
    grain: Grain,
    /// Number of values.
    count: u64,
    /// Values before the chunk.
    before: u64,
    /// Values before its end.
    until: u64,
    chunk: Option<(Key, &'s [u8; CHUNK])>,
}

impl<'s> Walk<'s, ()> {
    /// Stands before all counters of a span, all of whose counts are in them.
    pub fn new(span: &'s Span<u8>, grain: Grain) -> Walk<'s, impl Iterator<Item = (Key, &'s [u8; CHUNK])> + Clone> {
        let all = span.chunks();
        let count = all.clone().map(|(_, chunk)| sum(chunk)).sum();
        Walk { ahead: all.clone(), all, shift: span.shift, grain, count, before: 0, until: 0, chunk: None }
    }
}

impl<'s, I: Iterator<Item = (Key, &'s [u8; CHUNK])> + Clone> Walk<'s, I> {
    /// [`super::Distribution::percentile`].
    pub fn percentile(&mut self, p: Float64, min: Float64, max: Float64) -> Option<Float64> {
        percentile(p, self.count, min, max, &mut |rank| self.value(rank))
    }

    /// The value that is told for the one with `rank` values before it.
    fn value(&mut self, rank: u64) -> Option<Float64> {
        if rank < self.before {
            (self.before, self.until) = (0, 0);
            self.ahead = self.all.clone();
        }
        while self.until <= rank {
            let (first, chunk) = self.ahead.next()?;
            self.before = self.until;
            self.until += sum(chunk);
            self.chunk = Some((first, chunk));
        }
        let (first, chunk) = self.chunk?;
        let mut until = self.before;
        let found = chunk.iter().position(|&count| {
            until += u64::from(count);
            rank < until
        });
        // cannot truncate: a chunk has 64 counters
        found.map(|at| Place::Bucket(Key(first.0 + at as i32)).value(self.shift, self.grain))
    }
}

/// The sum of a chunk.
fn sum(chunk: &[u8; CHUNK]) -> u64 {
    // cannot wrap: 64 counters take six bits more than one
    chunk.iter().fold(0, |sum: u16, &count| sum.wrapping_add(count.into())).into()
}

#[cfg(test)]
mod tests {
    use crate::math::Float64;
    use crate::sketch::Histogram;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn bits() -> impl Strategy<Value = u64> {
        prop_oneof![
            20 => (-2000i32..2000).prop_map(|x| f64::from(x).to_bits()),
            20 => (1i32..40).prop_map(|x| f64::from(x).to_bits()),
            1 => Just(0),
            1 => Just(f64::INFINITY.to_bits()),
            1 => any::<u64>(),
        ]
    }

    fn fraction() -> impl Strategy<Value = Float64> {
        prop_oneof![
            8 => (0u32..=1000).prop_map(|x| Float64::from_u64(x.into()) / Float64::from_u64(1000)),
            1 => any::<u64>().prop_map(Float64::from_bits),
        ]
    }

    proptest! {
        #[test]
        fn percentiles_of_one_walk_are_those_of_the_distribution(
            values in proptest::collection::vec(bits(), 0..400),
            again in prop_oneof![Just(1usize), Just(300)],
            fractions in proptest::collection::vec(fraction(), 0..6),
            only_normal: bool,
        ) {
            let is_taken = |bits: &u64| !only_normal || f64::from_bits(*bits).is_normal();
            let values: Vec<u64> = values.into_iter().filter(is_taken).collect();
            let mut histogram = Histogram::new(6);
            (0..again).for_each(|_| histogram.add_all(&values));
            let present = values.iter().map(|&bits| Float64::from_bits(bits)).filter(|value| !value.is_nan());
            let (min, max) = (present.clone().min_by_key(|x| x.order_key()), present.max_by_key(|x| x.order_key()));
            let (Some(min), Some(max)) = (min, max) else { return Ok(()) };
            let mut told = Vec::new();
            histogram.percentiles(&fractions, min, max, |value| told.push(value));
            let distribution = histogram.distribution();
            let alone: Vec<_> = fractions.iter().map(|&p| distribution.percentile(p, min, max)).collect();
            prop_assert_eq!(told, alone);
        }
    }
}
