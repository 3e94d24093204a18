//! The percentile state over many rows: the law when buckets are joined, the promised error, strict reading.
#![expect(clippy::float_arithmetic, reason = "test values and exact answers are computed with the host's floats")]

use isofold::bytes::{Reader, Writer};
use isofold::limits::HISTOGRAM_BUCKETS;
use isofold::math::Float64;
use isofold::state::histogram::HistogramColumn;
use isofold::state::Rows;
use proptest::prelude::*;

/// A small generator, so that a test can make many values from one seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (core::f64::consts::TAU * self.unit()).cos()
    }
}

/// Values of one shape; each shape takes another path: lists, pages, joins, subnormals, both signs, specials.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Lognormal,
    Pareto,
    Bimodal,
    Signed,
    Subnormal,
    Huge,
    AnyBits,
    Sparse,
    Constant,
    Specials,
}

const SHAPES: [Shape; 10] = [
    Shape::Lognormal,
    Shape::Pareto,
    Shape::Bimodal,
    Shape::Signed,
    Shape::Subnormal,
    Shape::Huge,
    Shape::AnyBits,
    Shape::Sparse,
    Shape::Constant,
    Shape::Specials,
];

fn values(shape: Shape, n: usize, seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    (0..n)
        .map(|_| match shape {
            Shape::Lognormal => (random.normal() + 5.0).exp(),
            Shape::Pareto => random.unit().powf(-1.0 / 1.1),
            Shape::Bimodal if random.unit() < 0.93 => 20.0 + random.normal(),
            Shape::Bimodal => 3000.0 + 100.0 * random.normal(),
            Shape::Signed => 10.0 * random.normal(),
            Shape::Subnormal => f64::from_bits(random.next() >> (14 + random.below(50))),
            Shape::Huge => f64::MAX * random.unit(),
            Shape::AnyBits => f64::from_bits(random.next()),
            Shape::Sparse => 2f64.powi(random.below(900) as i32 - 450),
            Shape::Constant => 42.5,
            Shape::Specials => [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, 1.0, -1.0][random.below(6)],
        })
        .collect()
}

fn folded(scale: u8, values: &[f64]) -> HistogramColumn {
    let mut column = HistogramColumn::new(scale);
    column.grow(1);
    let bits: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
    column.update(&Rows::new(&vec![0; bits.len()], None), &bits);
    column
}

fn written(column: &HistogramColumn) -> Vec<u8> {
    let mut out = Writer::new();
    column.write(0, &mut out);
    out.into_bytes()
}

fn read(scale: u8, bytes: &[u8], rows: u64) -> isofold::Result<(HistogramColumn, usize)> {
    let mut reader = Reader::new(bytes);
    let mut column = HistogramColumn::new(scale);
    column.read(&mut reader, rows)?;
    Ok((column, reader.position()))
}

fn double(value: f64) -> Float64 {
    Float64::from_bits(value.to_bits())
}

fn percentile(column: &HistogramColumn, sorted: &[f64], p: f64) -> f64 {
    let (min, max) = (double(sorted[0]), double(sorted[sorted.len() - 1]));
    f64::from_bits(column.percentile(0, double(p), min, max).expect("values and a fraction").to_bits())
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.retain(|v| !v.is_nan());
    values.sort_by(f64::total_cmp);
    values
}

/// Rows of two shapes mixed, so that one part may join buckets when the other has not.
fn mixtures(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let shape = prop::sample::select(&SHAPES[..]);
    (shape.clone(), shape, 0..most, 0..most, any::<u64>()).prop_map(|(a, b, n, m, seed)| {
        let mut rows = values(a, n, seed);
        rows.extend(values(b, m, !seed));
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn order_split_and_merge_tree_do_not_show(rows in mixtures(4000), seed: u64, scale in 0u8..=7, parts in 1usize..9) {
        let whole = written(&folded(scale, &rows));
        let mut random = Random(seed);
        let mut split = vec![Vec::new(); parts];
        for &row in &rows {
            split[random.below(parts)].push(row);
        }
        split.iter_mut().for_each(|part| part.reverse());
        let mut columns: Vec<_> = split.iter().map(|part| folded(scale, part)).collect();
        while columns.len() > 1 {
            let mut from = columns.swap_remove(random.below(columns.len()));
            if random.below(2) == 0 {
                // what was stored merges like what was folded
                from = read(scale, &written(&from), rows.len() as u64).expect("written bytes are read").0;
            }
            let into = random.below(columns.len());
            columns[into].merge(0, &from, 0);
        }
        prop_assert_eq!(written(&columns[0]), whole);
    }

    #[test]
    fn what_is_read_is_written_again_and_goes_on_counting(rows in mixtures(3000), more in mixtures(300), scale in 0u8..=7) {
        let bytes = written(&folded(scale, &rows));
        let (mut back, length) = read(scale, &bytes, rows.len() as u64).expect("written bytes are read");
        prop_assert_eq!(length, bytes.len());
        prop_assert_eq!(written(&back), bytes);
        let bits: Vec<u64> = more.iter().map(|v| v.to_bits()).collect();
        back.update(&Rows::new(&vec![0; bits.len()], None), &bits);
        let all: Vec<f64> = rows.iter().chain(&more).copied().collect();
        prop_assert_eq!(written(&back), written(&folded(scale, &all)));
    }

    #[test]
    fn cut_and_flipped_bytes_are_errors_or_other_states(rows in mixtures(80), scale in 0u8..=7) {
        let bytes = written(&folded(scale, &rows));
        for cut in 0..bytes.len() {
            prop_assert!(read(scale, &bytes[..cut], rows.len() as u64).is_err());
        }
        for at in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            if let Ok((column, length)) = read(scale, &flipped, rows.len() as u64) {
                prop_assert_eq!(&written(&column)[..], &flipped[..length]);
            }
        }
    }

    #[test]
    fn any_bytes_read_small_or_not_at_all(bytes in prop::collection::vec(any::<u8>(), 0..200), scale in 0u8..=7) {
        if let Ok((column, length)) = read(scale, &bytes, u64::MAX >> 2) {
            prop_assert_eq!(&written(&column)[..], &bytes[..length]);
            prop_assert!(column.heap_bytes() < 40_000);
        }
    }
}

#[test]
fn percentiles_stay_within_the_relative_error_of_the_exact_ones() {
    for shape in SHAPES {
        if matches!(shape, Shape::Specials) {
            continue;
        }
        // n − 1 is a power of two, so that every rank is a fraction exactly
        for (seed, n) in [(1, 2), (2, 9), (3, 65), (4, 513), (5, 16_385)] {
            let rows: Vec<f64> = values(shape, 2 * n, seed).into_iter().filter(|v| !v.is_nan()).take(n).collect();
            let column = folded(6, &rows);
            let exact = sorted(rows);
            let error = f64::from_bits(column.relative_error(0).expect("values").to_bits());
            if !matches!(shape, Shape::AnyBits | Shape::Sparse | Shape::Signed | Shape::Subnormal) {
                assert!(error < 0.005416, "{shape:?} {error}");
            }
            let last = n - 1;
            for rank in (0..n).step_by(1 + n / 500) {
                let p = rank as f64 / last as f64;
                let (got, want) = (percentile(&column, &exact, p), exact[rank]);
                let allowed = want.abs() * error * (1.0 + 1e-12) + 5e-324;
                assert!(got == want || (got - want).abs() <= allowed, "{shape:?} n={n} p={p}: {got} for {want}");
            }
            assert_eq!(percentile(&column, &exact, 0.0), exact[0]);
            assert_eq!(percentile(&column, &exact, 1.0), exact[exact.len() - 1]);
        }
    }
}

#[test]
fn the_median_of_two_lies_in_the_middle_and_of_none_nowhere() {
    let column = folded(6, &[10.0, 30.0]);
    assert_eq!(percentile(&column, &[10.0, 30.0], 0.5), 20.0);
    assert_eq!(percentile(&column, &[10.0, 30.0], 0.25), 15.0);
    let empty = folded(6, &[f64::NAN]);
    assert_eq!(empty.percentile(0, double(0.5), Float64::ZERO, Float64::ZERO), None);
    assert_eq!(empty.rank(0, double(0.5), Float64::ZERO, Float64::ZERO), None);
    assert_eq!(empty.relative_error(0), None);
    assert_eq!(empty.count(0), 0);
    for outside in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(column.percentile(0, double(outside), double(10.0), double(30.0)), None);
    }
}

#[test]
fn infinities_are_values_and_nothing_lies_between_opposite_ones() {
    let rows = [f64::NEG_INFINITY, 0.0, 5.0, f64::INFINITY];
    let column = folded(6, &rows);
    let at = |p: f64| percentile(&column, &rows, p);
    assert_eq!(
        (at(0.0), at(0.25), at(0.75), at(1.0)),
        (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY)
    );
    assert!((at(2.0 / 3.0) / 5.0 - 1.0).abs() < 0.0055);
    let opposite = folded(6, &[f64::NEG_INFINITY, f64::INFINITY]);
    let (min, max) = (double(f64::NEG_INFINITY), double(f64::INFINITY));
    assert_eq!(opposite.percentile(0, double(0.5), min, max), None);
    let far = folded(6, &[-f64::MAX, f64::MAX]);
    assert_eq!(percentile(&far, &[-f64::MAX, f64::MAX], 0.5), 0.0);
}

#[test]
fn a_position_that_is_whole_in_decimals_is_not_between_two_values() {
    for (last, p) in [(10, 0.3), (20, 0.95), (100, 0.99), (1000, 0.999)] {
        let rows: Vec<f64> = (0..=last).map(|i| if f64::from(i) > f64::from(last) * p { 1e9 } else { 1.0 }).collect();
        assert_eq!(percentile(&folded(6, &rows), &rows, p), 1.0, "{p} of {last}");
    }
}

#[test]
fn ranks_count_what_is_at_or_below_and_little_more_and_ascend() {
    for shape in [Shape::Lognormal, Shape::Pareto, Shape::Signed, Shape::Bimodal, Shape::AnyBits] {
        let rows = sorted(values(shape, 5000, 9));
        let column = folded(6, &rows);
        let (min, max) = (double(rows[0]), double(rows[rows.len() - 1]));
        let rank = |v: f64| f64::from_bits(column.rank(0, double(v), min, max).expect("values").to_bits());
        let mut previous = 0.0;
        for step in 0..100 {
            let v = rows[step * 50];
            // values above v by at most twice the relative error may be counted, none below it is left out
            let error = f64::from_bits(column.relative_error(0).expect("values").to_bits());
            let farther = if v > 0.0 { v * (1.0 + error) / (1.0 - error) } else { v * (1.0 - error) / (1.0 + error) };
            let share = |v: f64| rows.partition_point(|row| *row <= v) as f64 / rows.len() as f64;
            let is_near = share(v) <= rank(v) && rank(v) <= share(farther.next_up());
            assert!(is_near, "{shape:?} {v}: {} for {}", rank(v), share(v));
            assert!(rank(v) >= previous);
            previous = rank(v);
        }
        assert_eq!(rank(rows[rows.len() - 1]), 1.0);
        assert_eq!(rank(f64::NEG_INFINITY), if rows[0] == f64::NEG_INFINITY { rank(rows[0]) } else { 0.0 });
    }
    let steps = folded(6, &[1.0, 2.0, 4.0, 8.0]);
    for (v, fraction) in [(0.5, 0.0), (1.0, 0.25), (2.0, 0.5), (4.0, 0.75), (7.9, 0.75), (8.0, 1.0)] {
        let rank = steps.rank(0, double(v), double(1.0), double(8.0)).expect("values");
        assert_eq!(f64::from_bits(rank.to_bits()), fraction, "{v}");
    }
}

#[test]
fn classes_are_open_below_and_closed_above() {
    let column = folded(6, &[f64::NEG_INFINITY, -3.0, 0.0, 0.4, 1.0, 2.0, 64.0, 65.0, f64::INFINITY]);
    let bounds = [double(-1.0), double(0.0), double(1.0), double(64.0)];
    assert_eq!(column.counts_between(0, &bounds), [2, 1, 2, 2, 2]);
    assert_eq!(column.counts_between(0, &[]), [9]);
}

#[test]
fn buckets_are_those_of_open_telemetry() {
    let column = folded(3, &[1.0, 1.05, 2.0, -4.0, 0.0, 4.1]);
    let distribution = column.distribution(0);
    assert_eq!(distribution.scale(), 3);
    assert_eq!(distribution.zeros(), 1);
    assert_eq!(distribution.positive().collect::<Vec<_>>(), [(-1, 1), (0, 1), (7, 1), (16, 1)]);
    assert_eq!(distribution.negative().collect::<Vec<_>>(), [(15, 1)]);
}

#[test]
fn past_the_limit_of_buckets_neighbours_are_joined_and_the_error_is_told() {
    let rows = values(Shape::Sparse, 5000, 3);
    let few = folded(6, &rows);
    assert_eq!(few.distribution(0).scale(), 6);
    let many = folded(6, &values(Shape::AnyBits, 50_000, 3));
    let distribution = many.distribution(0);
    assert_eq!(distribution.scale(), -3);
    let buckets = distribution.positive().count() + distribution.negative().count();
    assert!((HISTOGRAM_BUCKETS / 2..=HISTOGRAM_BUCKETS).contains(&buckets), "{buckets}");
    assert_eq!(many.relative_error(0).map(|e| f64::from_bits(e.to_bits())), Some(255.0 / 257.0));
}

#[test]
fn counters_pass_32_bits_and_stay_exact() {
    for shape in [Shape::Constant, Shape::Lognormal, Shape::AnyBits, Shape::Specials] {
        let rows = sorted(values(shape, 3000, 5));
        let mut column = folded(6, &rows);
        let once = column.distribution(0);
        for _ in 0..40 {
            let same = column.clone();
            column.merge(0, &same, 0);
        }
        let factor = 1u64 << 40;
        let doubled = column.distribution(0);
        assert_eq!(column.count(0), rows.len() as u64 * factor);
        for (a, b) in once.positive().zip(doubled.positive()) {
            assert_eq!((a.0, a.1 * factor), b);
        }
        let bytes = written(&column);
        let (mut back, _) = read(6, &bytes, column.count(0)).expect("written bytes are read");
        assert_eq!(written(&back), bytes);
        assert!(read(6, &bytes, column.count(0) - 1).is_err(), "more rows than there are");
        // rows that join buckets move the excess with them
        let more = values(Shape::AnyBits, 5000, 6);
        let mut other = folded(6, &more);
        other.merge(0, &column, 0);
        let bits: Vec<u64> = more.iter().map(|v| v.to_bits()).collect();
        for target in [&mut back, &mut column] {
            target.update(&Rows::new(&vec![0; bits.len()], None), &bits);
            assert_eq!(written(target), written(&other));
        }
    }
}

#[test]
fn a_level_that_no_rows_need_is_refused() {
    let mut bytes = written(&folded(6, &[1.0, 2.0, 3.0]));
    assert!(read(6, &bytes, 3).is_ok());
    bytes[0] |= 1;
    assert!(read(6, &bytes, 3).is_err());
    let mut joined = written(&folded(6, &values(Shape::AnyBits, 50_000, 3)));
    joined[0] += 1;
    assert!(read(6, &joined, 50_000).is_err());
}

#[test]
fn an_empty_group_is_56_bytes_and_a_small_one_8_a_row() {
    let mut column = HistogramColumn::new(6);
    column.grow(1000);
    assert_eq!(column.heap_bytes(), 56_000);
    assert_eq!(written(&folded(6, &[])), [0]);
    assert!(folded(6, &values(Shape::AnyBits, 20, 1)).heap_bytes() <= 4 * 56 + 8 * 32);
}
