//! Percentiles by t-digest, for those who need its tails or its centroids.
//!
//! The one state outside the law: its centroids depend on the order of rows and on the merge tree, and its arithmetic
//! is that of doubles. Reading never changes it, and what it writes reads back to the same bytes. ±∞ are counted beside
//! the digest, since the crate takes finite values alone. Error: no bound; small at the tails. Memory: 40 bytes a group,
//! 8 bytes per pending value (at most 512), and 16 bytes per centroid.

use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::math::Float64;
use crate::scalar::Scalar;
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use tdigest::{Centroid, TDigest};

/// Values that wait before they are worked in: enough to pay for a pass over the centroids.
const PENDING_MAX: usize = 512;
/// From here on doubles do not tell neighbouring integers apart, so that merged weights may have been rounded.
const ROUNDED_FROM: u64 = 1 << 53;
/// Relative distance of means that are taken to be of one value: far below what tells two values of a sample apart.
const NEAR: f64 = 1.0 / (1u64 << 40) as f64;
/// Bits that all doubles without a finite value have set.
const EXPONENT: u64 = 0x7ff << 52;

/// A digest per group.
#[derive(Clone, Debug)]
pub struct TDigestColumn {
    size: usize,
    digests: Vec<Digest>,
}

#[derive(Clone, Debug, Default)]
struct Digest {
    settled: Option<Box<TDigest>>,
    /// Finite values that are not in `settled` yet.
    pending: Vec<f64>,
    /// Rows of −∞.
    lowest: u64,
    /// Rows of +∞.
    highest: u64,
}

impl Digest {
    fn settle(&mut self, size: usize) {
        if !self.pending.is_empty() {
            let pending = core::mem::take(&mut self.pending);
            let before = self.settled.take().unwrap_or_else(|| Box::new(TDigest::new_with_size(size)));
            self.settled = Some(Box::new(before.merge_unsorted(pending)));
        }
    }

    /// The digest of all finite values, without settling this one; `None` when there are none.
    fn finite(&self, size: usize) -> Option<Cow<'_, TDigest>> {
        if self.pending.is_empty() {
            return self.settled.as_deref().map(Cow::Borrowed);
        }
        let mut copy = self.clone();
        copy.settle(size);
        copy.settled.map(|settled| Cow::Owned(*settled))
    }

    /// Mean and weight of the centroids, ascending, within the extremes; and the extremes.
    fn centroids(&self, size: usize) -> Option<Spelled> {
        let digest = self.finite(size)?;
        let (min, max) = (canonical(digest.min()?), canonical(digest.max()?));
        // interpolated means may pass an extreme by a rounding error
        let within = |mean: f64| canonical(mean).order_key().clamp(min.order_key(), max.order_key());
        let weighed = digest.centroids().iter().map(|centroid| (within(centroid.mean()), centroid.weight() as u64));
        let mut centroids: Vec<(u64, u64)> = weighed.collect();
        crate::sort::ascending(&mut centroids);
        Some(Spelled { min, max, centroids })
    }
}

/// A digest as its bytes spell it.
struct Spelled {
    min: Float64,
    max: Float64,
    /// Order key of the mean, and weight; ascending.
    centroids: Vec<(u64, u64)>,
}

impl Spelled {
    /// How much of the weight lies at or below a value.
    #[expect(clippy::float_arithmetic, reason = "a t-digest is made of doubles; the state is outside the law")]
    fn at_or_below(&self, value: f64) -> f64 {
        let (min, max) = (f64::from_bits(self.min.to_bits()), f64::from_bits(self.max.to_bits()));
        let total = self.centroids.iter().map(|&(_, weight)| weight).sum::<u64>() as f64;
        if value < min || value >= max {
            return if value < min { 0.0 } else { total };
        }
        let mean = |&(mean, _): &(u64, u64)| f64::from_bits(Float64::from_order_key(mean).to_bits());
        // means of equal values differ by rounding errors
        let is_same = |a: f64, b: f64| (a - b).abs() <= b.abs() * NEAR;
        // what lies up to a mean, the mean, and how much of that lies half above it
        let (mut until, mut last, mut spread) = (0.0, min, 0.0);
        let ties = self.centroids.chunk_by(|a, b| is_same(mean(a), mean(b))).map(|ties| {
            let weight = ties.iter().map(|&(_, weight)| weight).sum::<u64>() as f64;
            // the greatest of the means, so that all ties count together
            (mean(&ties[ties.len() - 1]), weight, if ties.len() > 1 || weight <= 1.0 { 0.0 } else { weight / 2.0 })
        });
        for (at, weight, half) in ties.chain([(max, 0.0, 0.0)]) {
            if at > value && !is_same(at, value) {
                let between = if at > last { (value - last) / (at - last) } else { 0.0 };
                until += (spread + half) * between - spread;
                break;
            }
            (until, last, spread) = (until + weight, at, half);
        }
        // the smallest is at or below the value, the largest above it
        until.clamp(1.0, (total - 1.0).max(1.0))
    }
}

impl TDigestColumn {
    /// No groups yet; a size of 0 counts as 1.
    #[must_use]
    pub fn new(size: u32) -> Self {
        Self { size: size.max(1) as usize, digests: Vec::new() }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.digests.len() {
            self.digests.resize_with(groups, Digest::default);
        }
    }

    /// Folds the bits of doubles in; a NaN is left out.
    pub fn update(&mut self, rows: &Rows, values: &[u64]) {
        rows.for_each(|row, group| {
            let digest = &mut self.digests[group];
            let value = Float64::from_bits(values[row]);
            if value.to_bits() & EXPONENT != EXPONENT {
                digest.pending.push(f64::from_bits(value.to_bits()));
                if digest.pending.len() >= PENDING_MAX {
                    digest.settle(self.size);
                }
            } else if !value.is_nan() {
                let infinite = if value.to_bits() >> 63 == 1 { &mut digest.lowest } else { &mut digest.highest };
                *infinite += 1;
            }
        });
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        let (digest, added) = (&mut self.digests[into], &other.digests[from]);
        digest.lowest += added.lowest;
        digest.highest += added.highest;
        let Some(finite) = added.finite(other.size) else {
            return;
        };
        digest.settle(self.size);
        let merged = match digest.settled.take() {
            None => finite.into_owned(),
            Some(settled) => TDigest::merge_digests(Vec::from([*settled, finite.into_owned()])),
        };
        digest.settled = Some(Box::new(merged));
    }

    /// Rows folded in, ±∞ included.
    #[must_use]
    pub fn count(&self, group: usize) -> u64 {
        let digest = &self.digests[group];
        let settled = digest.settled.as_ref().map_or(0, |settled| settled.count() as u64);
        settled + digest.pending.len() as u64 + digest.lowest + digest.highest
    }

    /// The minimum and the maximum of a group that was read and not changed since.
    #[must_use]
    pub fn ends_read(&self, group: usize) -> [Option<Float64>; 2] {
        let digest = &self.digests[group];
        let low = (digest.lowest > 0).then_some(Float64::NEG_INFINITY);
        let high = (digest.highest > 0).then_some(Float64::INFINITY);
        let finite = |end: fn(&TDigest) -> Option<f64>| digest.settled.as_deref().and_then(end).map(canonical);
        [low.or(finite(TDigest::min)).or(high), high.or(finite(TDigest::max)).or(low)]
    }

    /// An estimate of the value below which the share `p` of the rows lies; `None` of nothing and for a NaN.
    #[must_use]
    #[expect(clippy::float_arithmetic, reason = "a t-digest is made of doubles; the state is outside the law")]
    pub fn percentile(&self, group: usize, p: Float64) -> Option<Float64> {
        let digest = &self.digests[group];
        let count = self.count(group);
        if count == 0 || p.is_nan() {
            return None;
        }
        let finite = digest.finite(self.size);
        let finite_count = finite.as_ref().map_or(0.0, |finite| finite.count());
        let mut p = f64::from_bits(p.to_bits()).clamp(0.0, 1.0);
        if digest.lowest > 0 || digest.highest > 0 {
            let rank = p * count as f64 - digest.lowest as f64;
            if rank < 0.0 || digest.lowest == count {
                return Some(canonical(f64::NEG_INFINITY));
            }
            if digest.highest > 0 && rank >= finite_count {
                return Some(canonical(f64::INFINITY));
            }
            p = rank / finite_count;
        }
        let value = canonical(finite?.estimate_quantile(p)?);
        (!value.is_nan()).then_some(value)
    }

    /// An estimate of the share of rows at or below `value`; `None` of nothing and for a NaN.
    ///
    /// **Accuracy** rows that are alone in their centroid, and ties that fill several, count where they are; other
    /// centroids are taken to lie half on either side of their mean.
    #[must_use]
    #[expect(clippy::float_arithmetic, reason = "a t-digest is made of doubles; the state is outside the law")]
    pub fn rank(&self, group: usize, value: Float64) -> Option<Float64> {
        let digest = &self.digests[group];
        let count = self.count(group);
        if count == 0 || value.is_nan() {
            return None;
        }
        let value = f64::from_bits(value.to_bits());
        if value == f64::INFINITY {
            return Some(canonical(1.0));
        }
        let finite = digest.centroids(self.size);
        let at_or_below = finite.map_or(0.0, |finite| finite.at_or_below(value));
        Some(canonical((digest.lowest as f64 + at_or_below) / count as f64))
    }

    /// Appends the rows of −∞ and of +∞, the number of centroids, and, if there are any, the bits of minimum and
    /// maximum and each centroid's mean and weight, ascending.
    pub fn write(&self, group: usize, out: &mut Writer) {
        let digest = &self.digests[group];
        out.varint(digest.lowest);
        out.varint(digest.highest);
        let Some(spelled) = digest.centroids(self.size) else {
            return out.varint(0);
        };
        out.varint(spelled.centroids.len() as u64);
        out.u64(spelled.min.to_bits());
        out.u64(spelled.max.to_bits());
        for (mean, weight) in spelled.centroids {
            out.u64(Float64::from_order_key(mean).to_bits());
            out.varint(weight);
        }
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    #[expect(clippy::float_arithmetic, reason = "a t-digest is made of doubles; the state is outside the law")]
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let lowest = bytes.varint_up_to(rows, "the rows of −∞")?;
        let highest = bytes.varint_up_to(rows - lowest, "the rows of +∞")?;
        let length = bytes.count(9)?;
        if length > self.size {
            return Err(bytes.invalid(&format!("centroids must be at most {}, got {length}", self.size)));
        }
        if length == 0 {
            self.digests.push(Digest { lowest, highest, ..Digest::default() });
            return Ok(());
        }
        let min = finite_double(bytes)?;
        let max = finite_double(bytes)?;
        // rounded weights add up to more than the rows, but to less than twice as many
        let most = if rows > ROUNDED_FROM { rows.saturating_mul(2) } else { rows };
        let mut weight_left = most - lowest - highest;
        let mut centroids: Vec<Centroid> = Vec::new();
        let mut count = 0.0;
        let mut before = (min.order_key(), 0);
        for _ in 0..length {
            let mean = finite_double(bytes)?;
            let weight = bytes.varint_up_to(weight_left, "the weight of a centroid")?;
            if weight == 0 || weight as f64 as u64 != weight {
                return Err(bytes.invalid("a weight must be an integer above 0 that a double can hold"));
            }
            if (mean.order_key(), weight) < before || mean.order_key() > max.order_key() {
                return Err(bytes.not_canonical("centroids are not ascending from the minimum to the maximum"));
            }
            before = (mean.order_key(), weight);
            weight_left -= weight;
            count += weight as f64;
            centroids.push(Centroid::new(f64::from_bits(mean.to_bits()), weight as f64));
        }
        let (min, max) = (f64::from_bits(min.to_bits()), f64::from_bits(max.to_bits()));
        // the sum serves the mean alone, which `avg` answers exactly
        let settled = TDigest::new(centroids, 0.0, count, Some(max), Some(min), self.size);
        self.digests.push(Digest { settled: Some(Box::new(settled)), pending: Vec::new(), lowest, highest });
        Ok(())
    }

    /// Bytes on the heap.
    ///
    /// **Cost** a look at every group.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let slots = self.digests.capacity() * size_of::<Digest>();
        let digests = self.digests.iter().map(|digest| {
            let settled =
                digest.settled.as_deref().map_or(0, |settled| size_of::<TDigest>() + size_of_val(settled.centroids()));
            settled + digest.pending.capacity() * size_of::<f64>()
        });
        slots + digests.sum::<usize>()
    }
}

fn canonical(value: f64) -> Float64 {
    Float64::from_bits(value.to_bits())
}

fn finite_double(bytes: &mut Reader<'_>) -> Result<Float64> {
    match Scalar::read(Type::Float64, 0, bytes)? {
        Scalar::Float64(value) if value.to_bits() & EXPONENT != EXPONENT => Ok(value),
        _ => Err(bytes.invalid("a double of a t-digest must be finite")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digest_of(size: u32, values: &[f64]) -> TDigestColumn {
        let bits: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
        let mut state = TDigestColumn::new(size);
        state.grow(1);
        state.update(&Rows::new(&alloc::vec![0; bits.len()], None), &bits);
        state
    }

    fn percentile(state: &TDigestColumn, p: f64) -> Option<f64> {
        state.percentile(0, canonical(p)).map(|value| f64::from_bits(value.to_bits()))
    }

    fn rank(state: &TDigestColumn, value: f64) -> Option<f64> {
        state.rank(0, canonical(value)).map(|rank| f64::from_bits(rank.to_bits()))
    }

    fn bytes_of(state: &TDigestColumn, group: usize) -> Vec<u8> {
        let mut out = Writer::new();
        state.write(group, &mut out);
        out.into_bytes()
    }

    #[test]
    fn percentiles_of_a_line_are_on_the_line() {
        let values: Vec<f64> = (0..=10_000).map(f64::from).collect();
        let state = digest_of(100, &values);
        for p in [0.01, 0.25, 0.5, 0.95, 0.99] {
            let value = percentile(&state, p).expect("there are rows");
            assert!((value - p * 10_000.0).abs() < 60.0, "{p}: {value}");
            let back = rank(&state, value).expect("there are rows");
            assert!((back - p).abs() < 0.005, "{p}: {back}");
        }
        assert_eq!((percentile(&state, 0.0), percentile(&state, 1.0)), (Some(0.0), Some(10_000.0)));
        assert_eq!(state.count(0), 10_001);
    }

    #[test]
    fn ties_count_whole_and_ranks_rise_from_the_least_to_the_greatest_value() {
        let ties = |parts: &[(usize, f64)]| {
            let values: Vec<f64> = parts.iter().flat_map(|&(n, value)| core::iter::repeat_n(value, n)).collect();
            digest_of(100, &values)
        };
        for (parts, value, exact) in [
            (&[(99, 500.0), (1, 900.0)][..], 500.0, 0.99),
            (&[(50, 500.0), (50, 900.0)], 500.0, 0.5),
            (&[(90_000, 100.1), (9_000, 500.3), (1_000, 900.0)], 500.3, 0.99),
            (&[(40, 7.0)], 7.0, 1.0),
            (&[(10, 1.0), (10, 5.0), (10, 9.0)], 5.0, 2.0 / 3.0),
        ] {
            let state = ties(parts);
            let got = rank(&state, value).expect("there are rows");
            assert!((got - exact).abs() < 0.02, "{parts:?}: {got}");
            assert_eq!((rank(&state, parts[0].1 - 0.1), rank(&state, 1e9)), (Some(0.0), Some(1.0)));
        }
        let state = ties(&[(300, 2.0), (1, 2.5), (500, 3.0), (700, 8.0)]);
        let ranks: Vec<f64> = (15..=85).filter_map(|tenth| rank(&state, f64::from(tenth) / 10.0)).collect();
        assert!(ranks.is_sorted() && ranks.len() == 71, "{ranks:?}");
        assert!(ranks.iter().all(|rank| (0.0..=1.0).contains(rank)));
    }

    #[test]
    fn infinities_hold_their_share_of_the_ranks() {
        let state = digest_of(100, &[f64::NEG_INFINITY, 1.0, 2.0, f64::INFINITY, f64::NAN]);
        assert_eq!(state.count(0), 4);
        assert_eq!(percentile(&state, 0.1), Some(f64::NEG_INFINITY));
        assert_eq!(percentile(&state, 0.5), Some(1.5));
        assert_eq!(percentile(&state, 0.9), Some(f64::INFINITY));
        assert_eq!((rank(&state, f64::NEG_INFINITY), rank(&state, 2.0)), (Some(0.25), Some(0.75)));
        assert_eq!(rank(&state, f64::INFINITY), Some(1.0));
        let only = digest_of(100, &[f64::NEG_INFINITY]);
        assert_eq!(percentile(&only, 1.0), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn nothing_has_no_percentile_and_no_rank() {
        let state = digest_of(100, &[f64::NAN]);
        assert_eq!((state.count(0), percentile(&state, 0.5), rank(&state, 1.0)), (0, None, None));
        assert_eq!(percentile(&digest_of(100, &[1.0]), f64::NAN), None);
    }

    #[test]
    fn merging_adds_the_counts_and_keeps_the_extremes() {
        let mut left = digest_of(20, &(0..700).map(f64::from).collect::<Vec<_>>());
        let right = digest_of(20, &(700..2000).map(f64::from).collect::<Vec<_>>());
        left.merge(0, &right, 0);
        assert_eq!((left.count(0), percentile(&left, 0.0), percentile(&left, 1.0)), (2000, Some(0.0), Some(1999.0)));
        let median = percentile(&left, 0.5).expect("there are rows");
        assert!((median - 1000.0).abs() < 60.0, "{median}");
    }

    proptest! {
        #[test]
        fn any_doubles_read_back_to_the_same_bytes(
            parts in proptest::collection::vec(proptest::collection::vec(any::<f64>(), 0..900), 1..4),
            size in 1u32..60,
        ) {
            let mut state = TDigestColumn::new(size);
            state.grow(1);
            for part in &parts {
                state.merge(0, &digest_of(size, part), 0);
            }
            let rows: usize = parts.iter().map(Vec::len).sum();
            let written = bytes_of(&state, 0);
            let mut back = TDigestColumn::new(size);
            let mut reader = Reader::new(&written);
            back.read(&mut reader, rows as u64).expect("what was written is read");
            prop_assert_eq!(reader.remaining(), 0);
            prop_assert_eq!(bytes_of(&back, 0), written);
            prop_assert_eq!(back.count(0), state.count(0));
        }

        #[test]
        fn changed_bytes_are_refused_or_answer_without_panic(
            values in proptest::collection::vec(any::<f64>(), 1..80),
            at in any::<prop::sample::Index>(),
            bit in 0..8u8,
        ) {
            let mut bytes = bytes_of(&digest_of(10, &values), 0);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let mut state = TDigestColumn::new(10);
            state.grow(1);
            let mut reader = Reader::new(&bytes);
            if state.read(&mut reader, values.len() as u64).is_ok() {
                prop_assert_eq!(bytes_of(&state, 1), &bytes[..reader.position()]);
                state.merge(0, &state.clone(), 1);
                state.merge(0, &state.clone(), 1);
                for p in [0.0, 0.3, 0.7, 1.0] {
                    let value = percentile(&state, p);
                    prop_assert!(value.is_some() || state.count(0) == 0);
                    value.and_then(|value| rank(&state, value));
                }
            }
        }
    }

    #[test]
    fn weights_above_the_rows_are_refused() {
        let written = bytes_of(&digest_of(10, &[1.0, 2.0, 3.0]), 0);
        let read = |rows| TDigestColumn::new(10).read(&mut Reader::new(&written), rows);
        assert!(read(3).is_ok());
        assert!(read(2).is_err());
        assert!(TDigestColumn::new(2).read(&mut Reader::new(&written), 3).is_err(), "more centroids than the size");
    }
}
