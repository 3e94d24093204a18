//! Sums and moments against big rationals: any doubles, in any order, split and merge tree.

#![expect(clippy::float_arithmetic, reason = "cents are made by a division")]

use isofold::bytes::{Reader, Writer};
use isofold::math::{Ddof, Float64};
use isofold::state::sum_float::SumFloatColumn;
use isofold::state::sum_int::SumIntColumn;
use isofold::state::sum_squares_float::SumSquaresFloatColumn;
use isofold::state::sum_squares_int::SumSquaresIntColumn;
use isofold::state::Rows;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use proptest::prelude::*;

#[derive(Clone)]
struct Moments {
    count: u64,
    sum: SumFloatColumn,
    squares: SumSquaresFloatColumn,
}

impl Moments {
    fn of(values: &[u64]) -> Self {
        let mut moments = Moments { count: 0, sum: SumFloatColumn::new(), squares: SumSquaresFloatColumn::new() };
        moments.sum.grow(1);
        moments.squares.grow(1);
        moments.add(values);
        moments
    }

    fn add(&mut self, values: &[u64]) {
        let groups = vec![0; values.len()];
        let rows = Rows::new(&groups, None);
        self.count += values.len() as u64;
        self.sum.update(&rows, values);
        self.squares.update(&rows, values);
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum.merge(0, &other.sum, 0);
        self.squares.merge(0, &other.squares, 0);
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.sum.write(0, &mut out);
        self.squares.write(0, &mut out);
        out.into_bytes()
    }

    fn read(bytes: &[u8], count: u64) -> isofold::Result<(Self, usize)> {
        let mut moments = Moments { count, sum: SumFloatColumn::new(), squares: SumSquaresFloatColumn::new() };
        let mut reader = Reader::new(bytes);
        moments.sum.read(&mut reader, count)?;
        moments.squares.read(&mut reader, count)?;
        Ok((moments, reader.position()))
    }
}

/// The double nearest to a rational, by comparing with its neighbours' midpoints.
fn nearest(exact: &BigRational) -> Float64 {
    if exact.is_zero() {
        return Float64::ZERO;
    }
    let magnitude = exact.abs();
    // the largest double not above, found in the order of bits
    let (mut low, mut high) = (0u64, 0x7ff0_0000_0000_0000u64);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if rational(middle) <= magnitude {
            low = middle;
        } else {
            high = middle;
        }
    }
    let below = rational(low);
    // the step past the largest double ends where infinity would be
    let above = if high == 0x7ff0_0000_0000_0000 {
        BigRational::from_integer(BigInt::from(1) << 1024u32)
    } else {
        rational(high)
    };
    let middle = (below + above) / BigInt::from(2);
    let up = magnitude > middle || magnitude == middle && low & 1 == 1;
    let bits = if up { high } else { low };
    Float64::from_bits(bits | u64::from(exact.is_negative()) << 63)
}

fn rational(bits: u64) -> BigRational {
    BigRational::from_float(f64::from_bits(bits)).expect("a finite double")
}

fn assert_exact(values: &[u64]) {
    let moments = Moments::of(values);
    let sum: BigRational = values.iter().map(|&bits| rational(bits)).sum();
    let squares: BigRational = values.iter().map(|&bits| rational(bits).pow(2)).sum();
    assert_eq!(moments.sum.value(0), nearest(&sum));
    assert_eq!(moments.squares.exact(0).round(), nearest(&squares));
    let n = BigInt::from(values.len());
    if values.is_empty() {
        assert_eq!(moments.sum.mean(0, 0), None);
        return;
    }
    assert_eq!(moments.sum.mean(0, moments.count), Some(nearest(&(&sum / &n))));
    let deviations = &squares * &n - &sum * &sum;
    for (ddof, degrees) in [(Ddof::Population, n.clone()), (Ddof::Sample, &n - 1)] {
        let expected = (!degrees.is_zero()).then(|| nearest(&(&deviations / (&n * &degrees))));
        assert_eq!(moments.squares.variance(0, &moments.sum, moments.count, ddof), expected);
        let root = expected.map(|variance| f64::from_bits(variance.to_bits()).sqrt().to_bits());
        let ours = moments.squares.standard_deviation(0, &moments.sum, moments.count, ddof);
        assert_eq!(ours.map(Float64::to_bits), root);
    }
}

fn finite() -> impl Strategy<Value = u64> {
    any::<u64>().prop_map(|bits| if bits >> 52 & 0x7ff == 0x7ff { bits ^ (1 << 62) } else { bits })
}

/// Finite doubles of one kind: any bits, subnormals, the largest, cents, small integers with zeros, one scale.
fn values(most: usize) -> impl Strategy<Value = Vec<u64>> {
    let near = (0u64..2040, 0u64..7).prop_flat_map(move |(field, spread)| {
        let value =
            (0..=spread, any::<u64>()).prop_map(move |(up, bits)| (field + up) << 52 | bits & 0x800f_ffff_ffff_ffff);
        prop::collection::vec(value, 0..most)
    });
    let wide = (0u64..1900).prop_flat_map(move |field| {
        let value = (0..140u64, any::<u64>(), 0u32..53)
            .prop_map(move |(up, bits, zeros)| (field + up) << 52 | bits & 0x800f_ffff_ffff_ffff & (u64::MAX << zeros));
        prop::collection::vec(value, 0..most)
    });
    prop_oneof![
        prop::collection::vec(finite(), 0..most),
        prop::collection::vec(
            (any::<bool>(), 0u64..1 << 54).prop_map(|(sign, bits)| u64::from(sign) << 63 | bits),
            0..most
        ),
        prop::collection::vec(
            (any::<bool>(), 0u64..1 << 54)
                .prop_map(|(sign, bits)| u64::from(sign) << 63 | (0x7fef_ffff_ffff_ffff - bits)),
            0..most
        ),
        prop::collection::vec((-100_000i32..100_000).prop_map(|cents| (f64::from(cents) / 100.0).to_bits()), 0..most),
        prop::collection::vec((-3i32..3).prop_map(|small| f64::from(small).to_bits()), 0..most),
        near,
        wide,
    ]
}

/// The same values again with the sign changed, but for the last few: what remains is small.
fn cancelling(mut values: Vec<u64>, kept: usize) -> Vec<u64> {
    let opposite: Vec<u64> = values.iter().rev().skip(kept).map(|bits| bits ^ (1 << 63)).collect();
    values.extend(opposite);
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn moments_equal_big_rationals(values in values(60)) {
        assert_exact(&values);
    }

    #[test]
    fn cancellation_loses_nothing(values in values(30), kept in 0usize..3) {
        assert_exact(&cancelling(values, kept));
    }

    #[test]
    fn integers_have_exact_moments(values in prop::collection::vec(prop_oneof![any::<i64>(), -9i64..9, Just(i64::MIN)], 1..40)) {
        let mut sum = SumIntColumn::new();
        let mut squares = SumSquaresIntColumn::new();
        sum.grow(1);
        squares.grow(1);
        let groups = vec![0; values.len()];
        sum.update(&Rows::new(&groups, None), &values);
        squares.update(&Rows::new(&groups, None), &values);
        let n = BigInt::from(values.len());
        let total: BigInt = values.iter().map(|&value| BigInt::from(value)).sum();
        let total_squares: BigInt = values.iter().map(|&value| BigInt::from(value).pow(2)).sum();
        prop_assert_eq!(Some(sum.total(0)), total.to_i128());
        prop_assert_eq!(sum.mean(0, values.len() as u64), Some(nearest(&BigRational::new(total.clone(), n.clone()))));
        let expected = nearest(&BigRational::new(total_squares * &n - &total * &total, &n * &n));
        prop_assert_eq!(squares.variance(0, &sum, values.len() as u64, Ddof::Population), Some(expected));
    }

    #[test]
    fn order_split_and_merge_tree_do_not_show(
        (values, shuffled) in (values(120), values(40)).prop_flat_map(|(a, b)| {
            let all = [a, b].concat();
            (Just(all.clone()), Just(all).prop_shuffle())
        }),
        infinities in 0usize..3,
        picks in prop::collection::vec(any::<prop::sample::Index>(), 300),
    ) {
        let mut expected = Moments::of(&values);
        let infinite = vec![0x7ff0_0000_0000_0000; infinities];
        expected.add(&infinite);
        let mut picks = picks.iter().cycle();
        let mut parts = vec![Moments::of(&infinite)];
        let mut rest = &shuffled[..];
        while !rest.is_empty() {
            let (part, other) = rest.split_at(1 + picks.next().unwrap().index(rest.len().min(20)));
            let part = Moments::of(part);
            // every second part has been stored and read
            parts.push(if parts.len() % 2 == 0 { part } else { Moments::read(&part.bytes(), part.count).unwrap().0 });
            rest = other;
        }
        while parts.len() > 1 {
            let from = parts.swap_remove(picks.next().unwrap().index(parts.len()));
            let into = picks.next().unwrap().index(parts.len());
            parts[into].merge(&from);
        }
        prop_assert_eq!(parts[0].bytes(), expected.bytes());
        prop_assert_eq!(parts[0].sum.value(0), expected.sum.value(0));
    }

    #[test]
    fn bytes_have_one_reading(values in values(20), tail in 0u8..255) {
        let moments = Moments::of(&values);
        let bytes = moments.bytes();
        let (back, used) = Moments::read(&bytes, moments.count).unwrap();
        prop_assert_eq!(used, bytes.len());
        prop_assert_eq!(back.bytes(), &bytes[..]);
        for at in 0..bytes.len() {
            prop_assert!(Moments::read(&bytes[..at], moments.count).is_err());
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                flipped.push(tail);
                if let Ok((other, used)) = Moments::read(&flipped, moments.count) {
                    prop_assert_eq!(other.bytes(), &flipped[..used]);
                    // sums no values have must not stop the results either
                    let _ = other.squares.variance(0, &other.sum, other.count, Ddof::Sample);
                }
            }
        }
    }
}
