//! The distinct state over many values: the law around the exact limit, the promised error, strict reading.

use isofold::bytes::{Reader, Writer};
use isofold::column::{Column, Values};
use isofold::limits::DISTINCT_EXACT;
use isofold::scalar::Scalar;
use isofold::state::distinct::DistinctColumn;
use isofold::state::Rows;
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeSet;

fn folded(precision: u8, values: &[i64]) -> DistinctColumn {
    let mut column = DistinctColumn::new(precision);
    column.grow(1);
    let groups = vec![0; values.len()];
    column.update(&Rows::new(&groups, None), &Column::new(Values::Int64(Cow::Borrowed(values))));
    column
}

fn written(column: &DistinctColumn) -> Vec<u8> {
    let mut out = Writer::new();
    column.write(0, &mut out);
    out.into_bytes()
}

fn read(precision: u8, bytes: &[u8], rows: u64) -> isofold::Result<(DistinctColumn, usize)> {
    let mut reader = Reader::new(bytes);
    let mut column = DistinctColumn::new(precision);
    column.read(&mut reader, rows)?;
    Ok((column, reader.position()))
}

fn rows() -> impl Strategy<Value = Vec<i64>> {
    // few and many different values, often around the exact limit
    (prop_oneof![1..300i64, 250..270i64, 1..100_000i64], 0usize..2000, any::<u64>()).prop_map(|(range, n, seed)| {
        let mut state = seed;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as i64 % range
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn order_split_and_merge_tree_do_not_show(
        rows in rows(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 2100),
        parts in 1usize..9,
        precision in 4u8..=16,
    ) {
        let whole = written(&folded(precision, &rows));
        let mut picks = picks.iter();
        let mut split = vec![Vec::new(); parts];
        for &row in rows.iter().rev() {
            split[picks.next().expect("enough").index(parts)].push(row);
        }
        let mut columns: Vec<_> = split.iter().map(|part| folded(precision, part)).collect();
        while columns.len() > 1 {
            let mut from = columns.swap_remove(picks.next().expect("enough").index(columns.len()));
            if picks.next().expect("enough").index(2) == 0 {
                from = read(precision, &written(&from), rows.len() as u64).expect("written bytes are read").0;
            }
            let into = picks.next().expect("enough").index(columns.len());
            columns[into].merge(0, &from, 0);
        }
        prop_assert_eq!(written(&columns[0]), whole);
    }

    #[test]
    fn what_is_read_is_written_again_and_goes_on_counting(rows in rows(), more in rows(), precision in 4u8..=16) {
        let column = folded(precision, &rows);
        let bytes = written(&column);
        let (mut back, length) = read(precision, &bytes, rows.len() as u64).expect("written bytes are read");
        prop_assert_eq!(length, bytes.len());
        prop_assert_eq!(written(&back), bytes);
        prop_assert_eq!(back.estimate(0), column.estimate(0));
        for &value in &more {
            back.add_hash(0, Scalar::Int64(value).hash());
        }
        let all: Vec<i64> = rows.iter().chain(&more).copied().collect();
        prop_assert_eq!(written(&back), written(&folded(precision, &all)));
    }

    #[test]
    fn up_to_the_limit_the_number_is_exact_and_past_it_larger(rows in rows()) {
        let exact = rows.iter().collect::<BTreeSet<_>>().len();
        let column = folded(12, &rows);
        prop_assert_eq!(column.is_exact(0), exact <= DISTINCT_EXACT);
        if exact <= DISTINCT_EXACT {
            prop_assert_eq!(column.estimate(0), exact as u64);
        } else {
            prop_assert!(column.estimate(0) > DISTINCT_EXACT as u64);
        }
    }

    #[test]
    fn any_bytes_read_small_or_not_at_all(head in 255u64..259, tail in prop::collection::vec(any::<u8>(), 0..300), precision in 4u8..=16) {
        let mut out = Writer::new();
        out.varint(head);
        out.raw(&tail);
        let bytes = out.into_bytes();
        if let Ok((column, length)) = read(precision, &bytes, 1 << 40) {
            prop_assert_eq!(&written(&column)[..], &bytes[..length]);
            prop_assert!(column.heap_bytes() < 20 * bytes.len() + 1000);
        }
    }
}

#[test]
fn cut_and_flipped_bytes_are_errors_or_other_states() {
    for (precision, n) in [(4, 300), (4, 100_000), (8, 260), (9, 3000), (12, 257), (12, 3), (16, 300)] {
        let rows: Vec<i64> = (0..n).collect();
        let bytes = written(&folded(precision, &rows));
        for cut in 0..bytes.len() {
            assert!(read(precision, &bytes[..cut], n as u64).is_err(), "cut at {cut}");
        }
        for at in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            if let Ok((column, length)) = read(precision, &flipped, n as u64) {
                assert_eq!(written(&column)[..], flipped[..length], "bit {at}");
            }
        }
    }
}

#[test]
fn estimates_stay_within_three_standard_errors() {
    for precision in [8u8, 12, 14] {
        let standard_error = 1.04 / f64::from(1u32 << precision).sqrt();
        let (mut outside, mut squares, mut trials) = (0, 0.0, 0);
        for n in [300, 700, 2000, 5000, 12_000, 40_000, 150_000] {
            for seed in 0..12i64 {
                let mut column = DistinctColumn::new(precision);
                column.grow(1);
                (0..n).for_each(|i| column.add_hash(0, Scalar::Int64(seed << 40 | i).hash()));
                let error = column.estimate(0) as f64 / n as f64 - 1.0;
                outside += i32::from(error.abs() > 3.0 * standard_error);
                squares += error * error;
                trials += 1;
            }
        }
        // one trial in 370 lies outside by chance
        assert!(outside <= 2, "precision {precision}: {outside} of {trials}");
        let rms = (squares / f64::from(trials)).sqrt();
        assert!(rms < 1.15 * standard_error, "precision {precision}: {rms} for {standard_error}");
    }
}

#[test]
fn a_text_counts_once_whatever_its_code_or_dictionary() {
    let mut column = DistinctColumn::new(12);
    column.grow(2);
    let texts: Vec<Cow<'_, str>> = ["a", "b", "a", "unused"].map(Cow::Borrowed).to_vec();
    let values = Values::String(Cow::Owned(vec![0, 2, 1, 9]), texts.into());
    let rows = Rows::new(&[0, 0, 1, 0], Some(&[true, true, true, false]));
    column.update(&rows, &Column::new(values));
    assert_eq!((column.estimate(0), column.estimate(1)), (1, 1));
}

#[test]
fn zeros_of_both_signs_are_one_value_and_nan_is_none() {
    let mut column = DistinctColumn::new(12);
    column.grow(1);
    let bits = [0.0, -0.0, f64::NAN, f64::INFINITY, 1.0].map(f64::to_bits);
    column.update(&Rows::new(&[0; 5], None), &Column::new(Values::Float64(Cow::Borrowed(&bits))));
    assert_eq!(column.estimate(0), 3);
}

#[test]
fn five_hundred_users_fit_a_small_state() {
    let sizes = [500, 4000, 1_000_000].map(|n| written(&folded(12, &(0..n).collect::<Vec<_>>())).len());
    assert!(sizes[0] < 420, "{sizes:?}");
    assert!(sizes[1] < 1300, "{sizes:?}");
    assert!(sizes[2] < 2000, "{sizes:?}");
    assert_eq!(written(&folded(12, &[])), [0]);
}

#[test]
fn an_empty_group_is_40_bytes_and_a_few_values_take_a_few_slots() {
    let mut column = DistinctColumn::new(12);
    column.grow(1000);
    assert_eq!(column.heap_bytes(), 40_000);
    assert!(folded(12, &[1, 2, 3]).heap_bytes() <= 4 * 40 + 32);
}

#[test]
fn more_values_than_rows_are_refused() {
    for n in [3, 256, 257] {
        let bytes = written(&folded(12, &(0..n).collect::<Vec<_>>()));
        assert!(read(12, &bytes, n as u64).is_ok());
        assert!(read(12, &bytes, n as u64 - 1).is_err());
    }
}
