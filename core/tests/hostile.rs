//! Batches, specs and bytes that nobody should send: an error with its code, the rollup as it was, little memory, and
//! never a panic.

mod support {
    pub mod allocations;
    pub mod everything;
    pub mod rows;
}

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::limits;
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::{Bucket, BucketSource};
use isofold::{Code, Rollup};
use isofold_reference::generate::{Floats, Generator, Shape, Times};
use std::borrow::Cow;
use support::allocations::peak_of;
use support::everything::everything;
use support::rows::fold;
use twox_hash::XxHash64;

/// A rollup with every state in few bytes: metrics that need no state of their own are left out.
fn small() -> Rollup {
    let mut source = everything("1 hour", Some("Europe/Berlin"));
    let mut kept: Vec<(String, String)> = Vec::new();
    let mut states = 0;
    for (_, text) in source.select {
        kept.push((format!("m{}", kept.len()), text));
        let spec = Spec::compile(&SpecSource { select: kept.clone(), ..everything("1 hour", None) });
        match spec {
            Ok(spec) if spec.states().len() > states => states = spec.states().len(),
            _ => drop(kept.pop()),
        }
    }
    source.select = kept;
    let mut generator = Generator::new(5);
    let shape = Shape { floats: Floats::Decimal, times: Times::ClockChanges, keys: 2, null_percent: 10 };
    fold(&source, &generator.rows(&shape, 5), 100)
}

/// The bytes with the checksum that belongs to them.
fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len() - 8;
    let checksum = XxHash64::oneshot(0, &bytes[..body]);
    bytes[body..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Decodes; what is accepted has this one spelling, and memory stays near the size of the bytes.
fn decode_carefully(bytes: &[u8], what: &str) -> Option<Code> {
    let (result, peak) = peak_of(|| Rollup::decode(bytes));
    assert!(peak < 2_000_000 + 64 * bytes.len(), "{peak} bytes of memory for {} bytes: {what}", bytes.len());
    match result {
        Ok(rollup) => {
            assert!(rollup.encode() == bytes, "a second spelling was accepted: {what}");
            None
        }
        Err(error) => Some(error.code()),
    }
}

#[test]
fn bytes_that_are_cut_off_are_refused() {
    let bytes = small().encode();
    assert_eq!(decode_carefully(&bytes, "whole"), None);
    for length in 0..bytes.len() {
        let code = decode_carefully(&bytes[..length], "cut");
        assert!(matches!(code, Some(Code::DecodeTruncated | Code::DecodeChecksum)), "{code:?} at {length}");
        if length >= 13 {
            let code = decode_carefully(&with_checksum(bytes[..length].to_vec()), "cut, with a checksum");
            assert!(code.is_some(), "cut at {length}");
        }
    }
}

#[test]
fn a_flipped_bit_is_found() {
    let bytes = small().encode();
    let body = bytes.len() - 8;
    let mut accepted = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let what = format!("bit {bit} of byte {at}");
            let expected = match at {
                0..4 => Code::DecodeMagic,
                4 => Code::DecodeVersion,
                _ => Code::DecodeChecksum,
            };
            assert_eq!(decode_carefully(&flipped, &what), Some(expected), "{what}");
            if (5..body).contains(&at) {
                accepted += usize::from(decode_carefully(&with_checksum(flipped), &what).is_none());
            }
        }
    }
    // names, sums and hashes have other values; lengths and orders have none
    let share = accepted * 100 / (8 * bytes.len());
    assert!((10..60).contains(&share), "{share} % of the flips gave a rollup");
}

#[test]
fn counts_that_promise_too_much_cost_nothing() {
    let bytes = small().encode();
    for at in 5..bytes.len() - 8 {
        for promised in [200u64, 1 << 31, (1 << 63) - 1, u64::MAX] {
            let mut out = isofold::bytes::Writer::new();
            out.raw(&bytes[..at]);
            out.varint(promised);
            out.raw(&bytes[at + 1..]);
            decode_carefully(&with_checksum(out.into_bytes()), &format!("{promised} at byte {at}"));
        }
    }
}

#[test]
fn bytes_that_go_on_are_refused() {
    let mut bytes = small().encode();
    bytes.insert(bytes.len() - 8, 0);
    assert_eq!(decode_carefully(&with_checksum(bytes), "a byte more"), Some(Code::DecodeCanonical));
}

type Change = fn(Batch<'static>) -> Batch<'static>;

fn integers(values: &'static [i64]) -> Column<'static> {
    Column::new(Values::Int64(Cow::Borrowed(values)))
}

fn times(values: &'static [i64]) -> Column<'static> {
    Column::new(Values::Timestamp(Cow::Borrowed(values)))
}

fn text(text: String) -> Column<'static> {
    Column::new(Values::String(Cow::Borrowed(&[0, 0]), vec![Cow::Owned(text)].into()))
}

fn spec_of_two_columns() -> SpecSource {
    SpecSource {
        name: "hostile".into(),
        columns: [("ts", "timestamp"), ("size", "int64"), ("who", "string")]
            .map(|(name, column_type)| (name.into(), column_type.into()))
            .to_vec(),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "who".into() }],
        filter: None,
        select: [
            ("rows", "count(*)"),
            ("last_who", "last(who, ts)"),
            ("square", "sum(size * size)"),
            ("wanted", "count(*) filter (where size + 1 > 0)"),
        ]
        .map(|(name, text)| (name.into(), text.into()))
        .to_vec(),
        keep: Vec::new(),
    }
}

#[test]
fn a_batch_with_one_bad_row_leaves_the_rollup_as_it_was() {
    let empty = || Batch::new(2);
    let ts = |batch: Batch<'static>| batch.with("ts", times(&[0, 1]));
    let size = |batch: Batch<'static>| batch.with("size", integers(&[3, 4]));
    let who = |batch: Batch<'static>| batch.with("who", text("me".into()));
    let cases: [(&str, Code, Change); 14] = [
        ("a column is missing", Code::IngestColumn, |batch| batch.with("others", integers(&[1, 2]))),
        ("a column is given twice", Code::IngestColumn, |batch| {
            batch.with("size", integers(&[1, 2])).with("size", integers(&[1, 2]))
        }),
        ("another type", Code::IngestType, |batch| batch.with("size", times(&[1, 2]))),
        ("too few rows", Code::IngestLength, |batch| batch.with("size", integers(&[1]))),
        ("too many rows", Code::IngestLength, |batch| batch.with("size", integers(&[1, 2, 3]))),
        ("validity of another length", Code::IngestLength, |batch| {
            batch.with("size", Column::with_validity(Values::Int64(Cow::Borrowed(&[1, 2])), vec![true]))
        }),
        ("a time out of range", Code::IngestTime, |batch| batch.with("ts", times(&[5, limits::MAX_TIME_US]))),
        ("a time far out of range", Code::IngestTime, |batch| batch.with("ts", times(&[5, i64::MIN]))),
        ("no time", Code::IngestTime, |batch| {
            batch.with("ts", Column::with_validity(Values::Timestamp(Cow::Borrowed(&[1, 2])), vec![true, false]))
        }),
        ("a code outside the dictionary", Code::IngestLength, |batch| {
            let codes = Values::String(Cow::Borrowed(&[0, 1]), vec!["one".into()].into());
            batch.with("who", Column::new(codes))
        }),
        ("a key that is too long", Code::IngestText, |batch| {
            batch.with("who", text("k".repeat(limits::MAX_KEY_BYTES + 1)))
        }),
        ("a text that is too long", Code::IngestText, |batch| {
            batch.with("who", text("t".repeat(limits::MAX_TEXT_BYTES + 1)))
        }),
        ("a square past int64", Code::ExprOverflow, |batch| batch.with("size", integers(&[1, 1 << 40]))),
        ("a filter past int64", Code::ExprOverflow, |batch| batch.with("size", integers(&[0, i64::MAX]))),
    ];
    let mut rollup = Rollup::new(Spec::compile(&spec_of_two_columns()).expect("a spec"));
    rollup.ingest(&who(size(ts(empty())))).expect("two rows");
    let before = rollup.encode();
    for (what, code, change) in cases {
        let changed = change(empty());
        let given = format!("{changed:?}");
        let mut batch = changed;
        for (name, add) in [("ts", &ts as &dyn Fn(_) -> _), ("size", &size), ("who", &who)] {
            let is_left_out = what == "a column is missing" && name == "size";
            if !is_left_out && !given.contains(&format!("\"{name}\"")) {
                batch = add(batch);
            }
        }
        let error = rollup.ingest(&batch).expect_err(what);
        assert_eq!(error.code(), code, "{what}: {error}");
        assert_eq!(rollup.encode(), before, "{what}");
    }
    rollup.ingest(&who(size(ts(empty())))).expect("good rows after bad ones");
    assert_eq!(rollup.stats().rows, 4);
}

#[test]
fn ten_million_groups_are_refused_in_the_memory_of_the_batch() {
    const ROWS: usize = 10_000_000;
    let keys: Vec<i64> = (0..ROWS as i64).collect();
    let batch = Batch::new(ROWS)
        .with("ts", Column::new(Values::Timestamp(vec![0; ROWS].into())))
        .with("size", Column::new(Values::Int64(keys.into())))
        .with("who", Column::with_validity(Values::String(vec![0; ROWS].into(), vec![].into()), vec![false; ROWS]));
    let mut source = spec_of_two_columns();
    source.group_by = vec![Named { name: None, expression: "size".into() }];
    source.select = vec![("rows".into(), "count(*)".into())];
    let mut rollup = Rollup::new(Spec::compile(&source).expect("a spec"));
    let before = rollup.encode();
    let (result, peak) = peak_of(|| rollup.ingest(&batch));
    assert_eq!(result.expect_err("too many groups").code(), Code::LimitGroups);
    assert_eq!(rollup.encode(), before);
    // starts of buckets and codes of rows, and a million keys
    assert!(peak < 30 * ROWS, "{peak} bytes");
}

#[test]
fn verbs_that_fail_leave_the_rollup_as_it_was() {
    let mut rollup = small();
    let before = rollup.encode();
    let other = Rollup::new(Spec::compile(&spec_of_two_columns()).expect("a spec"));
    assert_eq!(rollup.merge(&other).expect_err("two schemas").code(), Code::MergeSchema);
    assert_eq!(rollup.replace(None, None, &other).expect_err("two schemas").code(), Code::MergeSchema);
    let itself = rollup.clone();
    let edge = rollup.stats().first_bucket.expect("there are rows");
    assert_eq!(rollup.replace(None, Some(edge), &itself).expect_err("outside").code(), Code::RangeOutside);
    assert_eq!(rollup.replace(Some(edge + 1), None, &itself).expect_err("no edge").code(), Code::RangeEdge);
    assert_eq!(rollup.slice(Some(edge), Some(edge - 1)).expect_err("backwards").code(), Code::RangeInvalid);
    assert_eq!(rollup.prune(i64::MAX).expect_err("no time").code(), Code::RangeInvalid);
    let odd = BucketSource { width: "90 minutes".into(), ..BucketSource::default() };
    let odd = Bucket::new(&odd).expect("a bucket");
    assert_eq!(rollup.coarsen(Some(&odd), None).expect_err("straddling").code(), Code::CoarsenBucket);
    let keys = ["nobody".to_string()];
    assert_eq!(rollup.coarsen(None, Some(&keys)).expect_err("no key").code(), Code::CoarsenKey);
    let groups = rollup.len();
    let mut narrow = Rollup::new(rollup.spec().clone()).with_max_groups(groups - 1).expect("a limit");
    let nothing = narrow.encode();
    assert_eq!(narrow.merge(&rollup).expect_err("too many groups").code(), Code::LimitGroups);
    assert_eq!(narrow.encode(), nothing);
    assert_eq!(rollup.encode(), before);
}

#[test]
fn an_expression_of_a_megabyte_is_refused_without_being_built() {
    const LENGTH: usize = 1 << 20;
    let long = |unit: &str| unit.repeat(LENGTH / unit.len());
    let texts = [
        format!("sum(size{})", long(" + 1")),
        format!("sum({}size{})", long("("), long(")")),
        long("("),
        format!("sum({} size)", long("- ")),
        format!("bool_and({} true)", long("not ")),
        format!("count_of(value_counts(who), '{}')", long("x")),
        format!("sum(size in ({}1))", long("1, ")),
        long("case when "),
        long("sum("),
        long("\u{1f980}"),
    ];
    for text in texts {
        let mut source = spec_of_two_columns();
        source.select = vec![("long".into(), text.clone())];
        let (result, peak) = peak_of(|| Spec::compile(&source));
        let error = result.expect_err("an expression that long");
        assert_eq!(error.code(), Code::ExprLimit, "{:.40}: {error}", text);
        assert!(peak < 2 * LENGTH, "{peak} bytes for {text:.40}");
    }
}

#[test]
fn an_expression_as_deep_as_the_limit_is_built_and_one_deeper_is_not() {
    let nested = |depth: usize| format!("sum({}size{})", "(1 + ".repeat(depth), ")".repeat(depth));
    let depths: Vec<usize> = (1..200)
        .filter(|depth| {
            let select = vec![("deep".to_string(), nested(*depth))];
            Spec::compile(&SpecSource { select, ..spec_of_two_columns() }).is_ok()
        })
        .collect();
    let deepest = depths.len();
    assert_eq!(depths, (1..=deepest).collect::<Vec<_>>());
    assert!((limits::MAX_EXPR_DEPTH / 4..=limits::MAX_EXPR_DEPTH).contains(&deepest), "{deepest}");
}
