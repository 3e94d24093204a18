//! What the percentile state tells of numbers that have a grain, against a model that keeps every value.
#![expect(clippy::float_arithmetic, reason = "test values and exact answers are computed with the host's floats")]

use isofold::bytes::{Reader, Writer};
use isofold::math::Float64;
use isofold::state::histogram::HistogramColumn;
use isofold::state::Rows;
use isofold_reference::percentiles::{Percentiles, Told};
use proptest::prelude::*;

fn double(value: f64) -> Float64 {
    Float64::from_bits(value.to_bits())
}

fn host(value: Float64) -> f64 {
    f64::from_bits(value.to_bits())
}

fn folded(scale: u8, values: &[f64]) -> HistogramColumn {
    let mut column = HistogramColumn::new(scale);
    column.grow(1);
    let bits: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
    column.update(&Rows::new(&vec![0; bits.len()], None), &bits);
    column
}

fn units(scale: u8, values: &[f64]) -> HistogramColumn {
    let mut column = HistogramColumn::of_units(scale);
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

fn read(scale: u8, bytes: &[u8], rows: usize) -> isofold::Result<HistogramColumn> {
    let mut column = HistogramColumn::new(scale);
    column.read(&mut Reader::new(bytes), rows as u64)?;
    Ok(column)
}

/// Numbers of one kind, each of which takes another way: whole ones, parts of two, decimals, and those at the ends.
fn number() -> BoxedStrategy<f64> {
    let signed = |magnitude: BoxedStrategy<f64>| {
        (magnitude, prop::sample::select(&[1.0, 1.0, 1.0, -1.0][..])).prop_map(|(value, sign)| value * sign)
    };
    let whole = (1u32..400).prop_map(f64::from).boxed();
    let large = prop_oneof![(0u32..100_000).prop_map(f64::from), any::<u32>().prop_map(f64::from)].boxed();
    let scaled = (0u64..1 << 33, -140i32..1000).prop_map(|(m, e)| (m as f64 * 2f64.powi(e)).min(f64::MAX)).boxed();
    prop_oneof![
        8 => signed(whole),
        4 => signed(large),
        2 => (0u32..4000).prop_map(|x| f64::from(x) / 2.0),
        2 => (0u32..4000).prop_map(|x| f64::from(x) / 100.0),
        1 => (-20i32..21).prop_map(|e| 2f64.powi(e)),
        2 => signed(scaled),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => (1u64..1 << 52).prop_map(f64::from_bits),
        1 => prop::sample::select(&[0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE][..]),
    ]
    .boxed()
}

/// Rows that are mostly of one kind.
fn rows(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let kinds = [
        (1u32..400).prop_map(f64::from).boxed(),
        (0i32..8000).prop_map(|x| f64::from(x - 4000)).boxed(),
        (0u32..2_000_000).prop_map(|x| f64::from(x) * 0.5).boxed(),
        (0u32..4000).prop_map(|x| f64::from(x) * 12.0).boxed(),
        // more buckets than are kept: several levels are joined
        (1u64..1 << 20, -30i32..900).prop_map(|(m, e)| m as f64 * 2f64.powi(e)).boxed(),
        (1u64..1 << 9, -63i32..-20).prop_map(|(m, e)| m as f64 * 2f64.powi(e)).boxed(),
        number(),
    ];
    let kind = prop::sample::select(kinds.to_vec());
    (kind, prop::collection::vec(number(), 0..4), any::<bool>())
        .prop_flat_map(move |(kind, strays, are_strays)| {
            let strays = if are_strays { strays } else { Vec::new() };
            (prop::collection::vec(kind, 0..most), Just(strays))
        })
        .prop_map(|(mut rows, strays)| {
            rows.extend(strays);
            rows
        })
}

/// Asserts that a told order statistic is what the model tells.
fn assert_told(got: f64, model: &Percentiles, before: usize) {
    let value = model.values()[before];
    let is_middle = || {
        let error =
            (f64::powf(2.0, 2f64.powi(-model.scale())) - 1.0) / (f64::powf(2.0, 2f64.powi(-model.scale())) + 1.0);
        (got - value).abs() <= value.abs() * error * (1.0 + 1e-12) + 5e-324
    };
    match model.order_statistic(before) {
        Told::Exactly(told) => assert_eq!(got, told, "for {value}"),
        Told::Either(told) => assert!(got == told || is_middle(), "{got} for {value}"),
        Told::Middle => assert!(is_middle(), "{got} for {value}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn answers_are_those_of_the_model(
        mut values in prop_oneof![4 => rows(100), 1 => rows(1500)], scale in 0u8..=7, bounds in prop::collection::btree_set(0usize..2000, 0..5),
        others in prop::collection::vec(number(), 4),
    ) {
        values.retain(|value| !value.is_nan());
        let model = Percentiles::new(i32::from(scale), &values);
        let column = folded(scale, &values);
        prop_assert_eq!(column.distribution(0).scale(), model.scale());
        let Some((&min, &max)) = model.values().first().zip(model.values().last()) else { return Ok(()) };
        let told = host(column.relative_error(0).expect("values"));
        let error = model.error();
        prop_assert!(told == error || (told - error).abs() < 1e-12 * error, "{} for {}", told, error);

        // a bound is a value, one beside it, or any
        let bound = |at: &usize| match (model.values().get(at % values.len()), at % 3) {
            (Some(value), 0) => *value,
            (Some(value), 1) => value.next_up(),
            _ => others[at % others.len()],
        };
        let mut bounds: Vec<f64> = bounds.iter().map(bound).filter(|bound| !bound.is_nan()).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup_by(|a, b| a == b);
        let counts = column.counts_between(0, &bounds.iter().map(|b| double(*b)).collect::<Vec<_>>());
        prop_assert_eq!(counts, model.counts_between(&bounds).into_iter().map(|n| n as u64).collect::<Vec<_>>());
        for &bound in &bounds {
            let rank = column.rank(0, double(bound), double(min), double(max)).map(host);
            prop_assert_eq!(rank, model.rank(bound), "of {}", bound);
        }

        // with one row more than a power of two, every rank is a fraction exactly
        let last = (values.len() - 1).checked_ilog2().map_or(0, |bits| 1 << bits);
        let short = Percentiles::new(i32::from(scale), &values[..=last]);
        let column = folded(scale, &values[..=last]);
        let (min, max) = (double(short.values()[0]), double(short.values()[last]));
        for before in (0..=last).step_by(1 + last / 40) {
            let p = if last == 0 { 0.0 } else { before as f64 / last as f64 };
            let got = host(column.percentile(0, double(p), min, max).expect("values"));
            assert_told(got, &short, before);
        }
    }

    #[test]
    fn order_split_and_merge_tree_do_not_show(values in rows(2500), parts in 1usize..6, scale in 0u8..=7, back: bool) {
        let whole = written(&folded(scale, &values));
        let mut all = folded(scale, &[]);
        for part in (0..parts).rev() {
            let rows: Vec<f64> = values.iter().skip(part).step_by(parts).rev().copied().collect();
            let mut column = folded(scale, &rows);
            if back {
                column = read(scale, &written(&column), rows.len()).expect("written bytes are read");
            }
            all.merge(0, &column, 0);
        }
        prop_assert_eq!(&written(&all), &whole);
        prop_assert_eq!(written(&read(scale, &whole, values.len()).expect("written bytes are read")), whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn units_of_decimals_have_fives_too(
        values in prop_oneof![
            prop::collection::vec((-9000i32..9000).prop_map(|x| f64::from(x) * 100.0), 1..200),
            prop::collection::vec((1u32..4000).prop_map(|x| f64::from(x) * 1e9), 1..100),
            prop::collection::vec((1u32..400).prop_map(|x| f64::from(x) * 50.0), 1..100),
            prop::collection::vec(any::<i64>().prop_map(|x| x as f64), 1..9),
            prop::collection::vec(any::<u16>().prop_map(f64::from), 1..50),
        ],
        scale in 0u8..=7, parts in 1usize..4,
    ) {
        let model = Percentiles::of_units(i32::from(scale), &values);
        let column = units(scale, &values);
        let told = host(column.relative_error(0).expect("values"));
        let error = model.error();
        prop_assert!(told == error || (told - error).abs() < 1e-12 * error, "{} for {}", told, error);
        let (min, max) = (model.values()[0], model.values()[values.len() - 1]);
        for &bound in &values {
            let rank = column.rank(0, double(bound), double(min), double(max)).map(host);
            prop_assert_eq!(rank, model.rank(bound), "of {}", bound);
        }
        let last = (values.len() - 1).checked_ilog2().map_or(0, |bits| 1 << bits);
        let (short, some) = (Percentiles::of_units(i32::from(scale), &values[..=last]), units(scale, &values[..=last]));
        let (min, max) = (double(short.values()[0]), double(short.values()[last]));
        for before in (0..=last).step_by(1 + last / 20) {
            let p = if last == 0 { 0.0 } else { before as f64 / last as f64 };
            assert_told(host(some.percentile(0, double(p), min, max).expect("values")), &short, before);
        }

        let whole = written(&column);
        let mut all = units(scale, &[]);
        for part in 0..parts {
            let rows: Vec<f64> = values.iter().skip(part).step_by(parts).copied().collect();
            all.merge(0, &units(scale, &rows), 0);
        }
        prop_assert_eq!(&written(&all), &whole);
        let mut back = HistogramColumn::of_units(scale);
        back.read(&mut Reader::new(&whole), values.len() as u64).expect("written bytes are read");
        prop_assert_eq!(written(&back), whole);
    }
}

#[test]
fn whole_amounts_up_to_92_are_told_exactly_and_most_others_whole() {
    let mut whole = 0;
    for amount in 1u32..2000 {
        let cents = f64::from(amount) * 100.0;
        let values = [100.0, cents, cents, cents, 300_000.0];
        let got = host(units(6, &values).percentile(0, double(0.5), double(100.0), double(300_000.0)).expect("values"));
        whole += u32::from(got % 100.0 == 0.0);
        assert!(got == cents || amount > 92, "{got} for {cents}");
        assert!((got / cents - 1.0).abs() <= 0.005416, "{got} for {cents}");
    }
    assert!(whole > 1500, "{whole}");
    // one 249.00: 2^2 · 5^2 · 249
    let bytes = written(&units(6, &[24_900.0]));
    assert_eq!(bytes[1..3], [64 + 2, 2]);
    let with = |fives: u8| {
        let mut column = HistogramColumn::of_units(6);
        column.read(&mut Reader::new(&[&bytes[..2], &[fives], &bytes[3..]].concat()), 1)
    };
    assert!(with(2).is_ok());
    // multiples of 4 · 5 and of 4 lie in the bucket too, those of 4 · 125 do not
    assert!(with(1).is_ok() && with(0).is_ok() && with(3).is_err() && with(28).is_err());
}

#[test]
fn whole_numbers_up_to_92_are_told_exactly_and_most_others_whole() {
    let mut whole = 0;
    for value in 1u32..2000 {
        let values = [1.0, f64::from(value), f64::from(value), f64::from(value), 2001.0];
        let got = host(folded(6, &values).percentile(0, double(0.5), double(1.0), double(2001.0)).expect("values"));
        whole += u32::from(got.fract() == 0.0);
        assert!(got == f64::from(value) || value > 92, "{got} for {value}");
        assert!((got / f64::from(value) - 1.0).abs() <= 0.005416, "{got} for {value}");
    }
    assert!(whole > 1500, "{whole}");
}

#[test]
fn powers_of_two_are_told_exactly_beside_a_decimal_of_another_octave() {
    for power in -20..=20 {
        let scale = 2f64.powi(power);
        let mut values = vec![scale; 99];
        values.extend([100.0 * scale, 0.01 * scale]);
        let column = folded(6, &values);
        let (min, max) = (double(0.01 * scale), double(100.0 * scale));
        assert_eq!(column.percentile(0, double(0.5), min, max).map(host), Some(scale));
        // the bucket of the decimal can hold others
        assert!(host(column.relative_error(0).expect("values")) > 0.0054);
        // one more in another octave, and nothing is known
        let values: Vec<f64> = values.into_iter().chain([0.02 * scale]).collect();
        assert_ne!(folded(6, &values).percentile(0, double(0.5), min, max).map(host), Some(scale));
    }
}

#[test]
fn interpolation_goes_on_between_exact_numbers() {
    let column = folded(6, &[1.0, 2.0, 7.0, 9.0]);
    assert_eq!(column.percentile(0, double(0.5), double(1.0), double(9.0)).map(host), Some(4.5));
    assert_eq!(column.relative_error(0).map(host), Some(0.0));
}

#[test]
fn ties_count_whole_at_their_value_and_never_reach_the_ends() {
    let rank = |values: &[f64], bound: f64| {
        let max = values.iter().copied().fold(f64::MIN, f64::max);
        let min = values.iter().copied().fold(f64::MAX, f64::min);
        folded(6, values).rank(0, double(bound), double(min), double(max)).map(host)
    };
    let ties: Vec<f64> = [500.0; 99].into_iter().chain([900.0]).collect();
    assert_eq!((rank(&ties, 500.0), rank(&ties, 499.0), rank(&ties, 899.0)), (Some(0.99), Some(0.0), Some(0.99)));
    // without a grain, what shares the bucket of a bound counts, but the greatest value
    let near = [0.1, 3.301, 3.302, 3.303];
    assert_eq!((rank(&near, 3.301), rank(&near, 3.2), rank(&near, 3.303)), (Some(0.75), Some(0.25), Some(1.0)));
    assert_eq!((rank(&[-3.3, -1.1], -3.3), rank(&[-3.3, -1.1], -1.2)), (Some(0.5), Some(0.5)));
}

#[test]
fn a_grain_that_no_values_have_is_refused() {
    // one value 3.0: head, grain 2^0, one bucket, its key, order, codes
    let bytes = written(&folded(6, &[3.0]));
    assert_eq!(bytes[1], 64);
    let with = |bytes: &[u8], grain: &[u8], rows| read(6, &[&bytes[..1], grain, &bytes[2..]].concat(), rows);
    assert!(with(&bytes, &[0], 1).is_ok(), "nothing is known of what was read of version 1");
    // no multiple of 2 is in the bucket of 3
    for grain in [&[65][..], &[127], &[128], &[128 + 64, 2], &[128 + 127, 4], &[128 + 127, 3]] {
        assert!(with(&bytes, grain, 1).is_err(), "{grain:?}");
    }
    // 3 and 1/64 is in the bucket of 3, 3 and 1/32 is not
    assert!(with(&bytes, &[59], 1).is_err());
    assert!(with(&bytes, &[58], 1).is_ok());
    // a long value alone leaves no round one
    let long = written(&folded(6, &[3.01]));
    assert_eq!(long[1..3], [255, 2]);
    let long_with = |grain: &[u8], rows| read(6, &[&long[..1], grain, &long[3..]].concat(), rows);
    assert!(long_with(&[255, 2], 1).is_ok());
    assert!(long_with(&[128 + 60, 2], 1).is_err(), "one value is long or round");
    assert!(long_with(&[255, 4], 1).is_err(), "no bucket is in that octave");
    assert!(long_with(&[255, 0xff, 0xff, 0xff, 0xff, 0x0f], 1).is_err());
    // a bucket of more than an octave has none
    let wide: Vec<f64> = (0..4000).map(|i| 2f64.powi(i % 2000 - 1000) * if i < 2000 { 1.0 } else { -1.0 }).collect();
    let wide = written(&folded(0, &wide));
    assert_eq!((wide[0] & 15 > 0, wide[1]), (true, 0));
    assert!(read(0, &[&wide[..1], &[64], &wide[2..]].concat(), 4000).is_err());
}
