//! Keys and values that were crafted to share places under the fixed hashes cost what random ones cost, counted in
//! comparisons: ingest, merge, encode and decode, as keys, as values that are counted, as pairs of bucket and key.

use super::{Groups, Rollup};
use crate::batch::Batch;
use crate::column::{Column, Values};
use crate::scalar::Scalar;
use crate::secret::comparisons;
use crate::spec::{Named, Spec, SpecSource};
use crate::time::BucketSource;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

const KEYS: u64 = 4000;

const PRIMES: [u64; 5] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

/// The factor that undoes an odd one.
fn inverse(odd: u64) -> u64 {
    (0..6).fold(odd, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))))
}

/// Steps of XXH64 back from a hash to the state before its last word.
fn before_the_end(hash: u64) -> u64 {
    let hash = hash ^ hash >> 32;
    let hash = hash.wrapping_mul(inverse(PRIMES[2]));
    let hash = (hash ^ hash >> 29 ^ hash >> 58).wrapping_mul(inverse(PRIMES[1]));
    let hash = hash ^ hash >> 33;
    hash.wrapping_sub(PRIMES[3]).wrapping_mul(inverse(PRIMES[0])).rotate_right(27)
}

fn round(word: u64) -> u64 {
    word.wrapping_mul(PRIMES[1]).rotate_left(31).wrapping_mul(PRIMES[0])
}

/// The last of the words that XXH64 turns into a hash.
fn last_word(seed: u64, first: Option<u64>, hash: u64) -> u64 {
    let mut state = seed.wrapping_add(PRIMES[4]).wrapping_add(if first.is_some() { 16 } else { 8 });
    if let Some(word) = first {
        state = (state ^ round(word)).rotate_left(27).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3]);
    }
    let turned = (before_the_end(hash) ^ state).wrapping_mul(inverse(PRIMES[0])).rotate_right(31);
    turned.wrapping_mul(inverse(PRIMES[1]))
}

/// Hashes of which a table sees the same place and the same tag.
fn alike(i: u64) -> u64 {
    i << 24
}

fn integers(crafted: bool) -> Vec<i64> {
    (1..=KEYS)
        .map(|i| if crafted { last_word(2, None, alike(i)) } else { alike(i).wrapping_mul(PRIMES[4]) } as i64)
        .collect()
}

/// Texts of 16 letters; the crafted ones have one hash, all 64 bits of it.
fn texts(crafted: bool) -> Vec<String> {
    let of_words = |first: u64, last: u64| String::from_utf8([first.to_le_bytes(), last.to_le_bytes()].concat()).ok();
    let letters = |i: u64| u64::from_le_bytes(*b"aaaaaaaa") + (i & 0xf) + (i >> 4 & 0xf) * 0x100 + (i >> 8) * 0x1_0000;
    let first = |i: u64| letters(i & 0xfff) + (i >> 12 & 0xf) * (1 << 48) + (i >> 16 & 0xf) * (1 << 56);
    let of = |i: u64| of_words(first(i), if crafted { last_word(5, Some(first(i)), 7) } else { first(i) });
    (0..1 << 20).filter_map(of).take(KEYS as usize).collect()
}

fn rollup(data_type: &str, group_by: &[&str]) -> Rollup {
    let source = SpecSource {
        name: "flood".into(),
        columns: vec![("ts".into(), "timestamp".into()), ("k".into(), data_type.into())],
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: group_by.iter().map(|key| Named { name: None, expression: (*key).into() }).collect(),
        filter: None,
        select: vec![
            ("values".into(), "value_counts(k, 65536)".into()),
            ("users".into(), "approx_count_distinct(k)".into()),
        ],
        keep: Vec::new(),
    };
    Rollup::new(Spec::compile(&source).expect("a spec"))
}

/// Comparisons of all verbs on rows with these times and values, each row twice.
fn work(empty: &Rollup, times: &[i64], values: &Values<'_>) -> usize {
    let rows = times.len();
    let batch = || {
        let times = Values::Timestamp(times.into());
        Batch::new(rows).with("ts", Column::new(times)).with("k", Column::new(values.clone()))
    };
    comparisons::of(|| {
        let mut rollup = empty.emptied();
        assert_eq!(rollup.ingest(&batch()).expect("rows"), rows);
        rollup.ingest(&batch()).expect("rows");
        let mut other = Rollup::decode(&rollup.encode()).expect("bytes");
        other.merge(&rollup).expect("one spec");
        other.merge_owned(rollup).expect("one spec");
        assert_eq!(other.stats().rows, 6 * rows as u64);
    })
}

fn assert_alike(what: &str, work: impl Fn(bool) -> usize) {
    let (random, crafted) = (work(false), work(true));
    assert!(random > KEYS as usize, "{what}: {random} comparisons, so these are not counted");
    assert!(crafted < 2 * random, "{what}: {crafted} comparisons of crafted keys, {random} of random ones");
}

#[test]
fn the_crafted_ones_share_what_the_fixed_hashes_tell() {
    let hash = |value: i64| Scalar::Int64(value).hash();
    assert!(integers(true).iter().zip(1..).all(|(&key, i)| hash(key) == alike(i)));
    let texts = texts(true);
    assert_eq!(texts.len(), KEYS as usize);
    assert!(texts.iter().all(|text| Scalar::String(text).hash() == 7));
}

#[test]
fn crafted_integers_cost_what_random_ones_cost() {
    let times = vec![0; KEYS as usize];
    for group_by in [&["k"][..], &["k", "k + 1"], &[]] {
        let empty = rollup("int64", group_by);
        let of = |crafted| work(&empty, &times, &Values::Int64(integers(crafted).into()));
        assert_alike(&alloc::format!("{group_by:?}"), of);
    }
}

#[test]
fn crafted_texts_cost_what_random_ones_cost() {
    let times = vec![0; KEYS as usize];
    let codes: Vec<u32> = (0..KEYS as u32).collect();
    for group_by in [&["k"][..], &["k || 'a'", "k"], &[]] {
        let empty = rollup("string", group_by);
        let of = |crafted| {
            let dictionary = texts(crafted).into_iter().map(Cow::Owned).collect();
            work(&empty, &times, &Values::String((&codes).into(), dictionary))
        };
        assert_alike(&alloc::format!("{group_by:?}"), of);
    }
}

/// Buckets and tuples that agree in bucket ^ rotl(tuple, 40), and in other sums.
#[test]
fn crafted_pairs_of_bucket_and_key_cost_what_random_ones_cost() {
    let of = |pair: fn(u64) -> (u64, u64)| {
        comparisons::of(|| {
            let mut groups = Groups::new(1);
            for i in (0..KEYS).chain(0..KEYS) {
                let (bucket, tuple) = pair(i);
                groups.find_or_add(bucket as i64, tuple as u32, usize::MAX).expect("room for all");
            }
            assert_eq!(groups.len(), KEYS as usize);
        })
    };
    let random = |i: u64| (i.wrapping_mul(PRIMES[0]), i.wrapping_mul(PRIMES[1]) >> 40 << 12 | i);
    let crafted: [fn(u64) -> (u64, u64); 4] =
        [|i| (7 ^ i << 40, i), |i| (i, i), |i| (i.wrapping_neg(), i), |i| (i << 52, i << 20)];
    for (at, pair) in crafted.into_iter().enumerate() {
        assert_alike(&alloc::format!("pair {at}"), |crafted| of(if crafted { pair } else { random }));
    }
}

/// Hashes come from elsewhere as they are; a set of them finds those that came twice.
#[test]
fn crafted_hashes_of_distinct_counts_cost_what_random_ones_cost() {
    let of = |crafted: bool| {
        let hashes: Vec<u64> =
            (1..=170u64).map(|i| if crafted { i << 32 } else { i.wrapping_mul(PRIMES[0]) }).collect();
        comparisons::of(|| {
            let mut set = crate::sketch::Distinct::new(12);
            (0..200).for_each(|_| set.add_all(&hashes));
            assert_eq!(set.estimate(), 170);
        })
    };
    assert_alike("hashes", of);
}
