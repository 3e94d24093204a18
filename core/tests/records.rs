//! Rollups one group at a time: records that come back as the same rollup, or are refused, and groups written under
//! an earlier spec.

mod support {
    pub mod everything;
    pub mod rows;
}

use isofold::batch::Batch;
use isofold::bytes::Version;
use isofold::codec::{schema_of_record, schema_tag, StoredGroup};
use isofold::column::{Column, Values};
use isofold::query::{query_parts, BucketChoice, Part, QuerySource};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::{Bucket, BucketSource};
use isofold::{Budget, Code, Rollup, Value};
use isofold_reference::generate::{Floats, Generator, Shape, Times};
use proptest::prelude::*;
use support::everything::everything;
use support::rows::fold;
use twox_hash::XxHash64;

type Row = (i64, Vec<Value>, Vec<u8>);

fn rows_of(rollup: &Rollup) -> Vec<Row> {
    let frame = rollup.query(&QuerySource { select: Some(Vec::new()), ..QuerySource::default() }).expect("groups");
    let records = rollup.records();
    assert_eq!(records.len(), frame.len());
    let row = |(at, record): (usize, Vec<u8>)| {
        let values: Vec<Value> = frame.columns().iter().map(|column| column.values()[at].clone()).collect();
        let Value::Timestamp(bucket) = values[0] else { panic!("no bucket") };
        (bucket, values[1..].to_vec(), record)
    };
    records.into_iter().enumerate().map(row).collect()
}

fn back(source: &SpecSource, rows: &[Row]) -> isofold::Result<Rollup> {
    let spec = Spec::compile(source).expect("a spec");
    Rollup::from_records(spec, rows.iter().map(stored))
}

fn stored((bucket, keys, record): &Row) -> StoredGroup<'_> {
    StoredGroup { bucket: *bucket, keys, record }
}

fn source_of(select: &[(&str, &str)]) -> SpecSource {
    let select = select.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    SpecSource { select, ..everything("1 hour", None) }
}

fn some_rows(seed: u64, count: usize) -> Vec<isofold_reference::Row> {
    let shape = Shape { floats: Floats::Decimal, times: Times::ClockChanges, keys: 3, null_percent: 15 };
    Generator::new(seed).rows(&shape, count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn records_in_any_order_are_the_rollup(seed in any::<u16>(), count in 0usize..200) {
        let mut generator = Generator::new(u64::from(seed));
        let shape = generator.shape();
        let source = everything("1 day", Some("Europe/Berlin"));
        let rollup = fold(&source, &generator.rows(&shape, count), 64);
        let mut rows = rows_of(&rollup);
        generator.shuffle(&mut rows);
        prop_assert!(back(&source, &rows).expect("records").encode() == rollup.encode());
    }

    #[test]
    fn records_of_several_rollups_merge_to_the_fold_of_all_rows(seed in any::<u16>(), count in 0usize..200, parts in 1usize..9) {
        let mut generator = Generator::new(u64::from(seed));
        let shape = generator.shape();
        let source = everything("1 day", None);
        let all = generator.rows(&shape, count);
        let mut rows: Vec<Row> = Vec::new();
        for part in all.chunks(count / parts + 1) {
            rows.extend(rows_of(&fold(&source, part, 64)));
        }
        generator.shuffle(&mut rows);
        let mut merged = fold(&source, &[], 64);
        // in two calls, so that groups meet their own
        for half in rows.chunks(rows.len() / 2 + 1) {
            merged.merge_records(half.iter().map(stored), &Budget::unlimited()).expect("records");
        }
        prop_assert_eq!(merged.digest(), fold(&source, &all, 64).digest());
    }

    #[test]
    fn deriving_is_coarsening(seed in any::<u16>(), count in 0usize..200) {
        let fine = fold(&everything("1 hour", None), &some_rows(u64::from(seed), count), 64);
        let bucket = BucketSource { width: "1 day".into(), ..BucketSource::default() };
        let coarse = fine.coarsen(Some(&Bucket::new(&bucket).expect("a day")), Some(&["model".into()])).expect("nests");
        prop_assert_eq!(fine.derive(coarse.spec()).expect("nests").digest(), coarse.digest());
    }
}

#[test]
fn records_that_cannot_be_merged_change_nothing() {
    let source = everything("1 hour", None);
    let rollup = fold(&source, &some_rows(1, 40), 10);
    let rows = rows_of(&rollup);
    let mut damaged = rows.clone();
    damaged.last_mut().expect("a row").2[20] ^= 4;
    let last = rows.len() - 1;
    let unlimited = Budget::unlimited();
    for (rows, budget, code, path) in [
        (&damaged, unlimited, Code::DecodeChecksum, format!("row[{last}]")),
        (&rows, Budget { max_rows: 39, ..unlimited }, Code::LimitRows, format!("row[{last}]")),
        (&rows, Budget { max_groups: Some(last), ..unlimited }, Code::LimitGroups, format!("row[{last}]")),
        (&rows, Budget { start: Some(rows[1].0), ..unlimited }, Code::RangeOutside, "row[0]".into()),
    ] {
        let mut merged = rollup.clone();
        let error = merged.merge_records(rows.iter().map(stored), &budget).expect_err("cannot be merged");
        assert_eq!((error.code(), error.path()), (code, path.as_str()));
        assert_eq!(merged.digest(), rollup.digest());
    }
    let mut small = fold(&source, &[], 1).with_max_groups(last).expect("a limit");
    let error = small.merge_records(rows.iter().map(stored), &unlimited).expect_err("too many groups");
    assert_eq!((error.code(), small.len()), (Code::LimitGroups, 0));
}

#[test]
fn many_records_of_one_group_are_read_a_part_at_a_time() {
    let source = SpecSource { group_by: Vec::new(), ..source_of(&[("n", "count(*)"), ("top", "max(tokens)")]) };
    let rows = rows_of(&fold(&source, &some_rows(1, 1), 1));
    let mut merged = fold(&source, &[], 1);
    merged.merge_records(core::iter::repeat_n(&rows[0], 10_000).map(stored), &Budget::unlimited()).expect("records");
    assert_eq!((merged.len(), merged.stats().rows), (1, 10_000));
}

#[test]
fn a_record_that_is_cut_off_or_flipped_is_refused() {
    let source = everything("1 hour", None);
    let rows = rows_of(&fold(&source, &some_rows(1, 3), 10));
    let (bucket, keys, record) = rows[0].clone();
    for length in 0..record.len() {
        let cut = back(&source, &[(bucket, keys.clone(), record[..length].to_vec())]).expect_err("cut off");
        assert!(matches!(cut.code(), Code::DecodeTruncated | Code::DecodeChecksum), "{cut} at {length}");
    }
    for at in 0..record.len() {
        let mut flipped = record.clone();
        flipped[at] ^= 4;
        let code = back(&source, &[(bucket, keys.clone(), flipped)]).expect_err("flipped").code();
        let expected = match at {
            0 => Code::DecodeVersion,
            1..9 => Code::MergeSchema,
            _ => Code::DecodeChecksum,
        };
        assert_eq!(code, expected, "byte {at}");
    }
}

#[test]
fn a_record_whose_checksum_was_made_to_hold_is_read_strictly() {
    let source = source_of(&[("n", "count(*)"), ("top", "max(tokens)"), ("users", "approx_count_distinct(model)")]);
    let rows = rows_of(&fold(&SpecSource { group_by: Vec::new(), ..source.clone() }, &some_rows(1, 40), 10));
    let source = SpecSource { group_by: Vec::new(), ..source };
    let mut accepted = 0;
    for (bucket, keys, record) in &rows {
        for at in 9..record.len() - 8 {
            for bit in 0..8 {
                let mut body = record[..record.len() - 8].to_vec();
                body[at] ^= 1 << bit;
                let mut place = isofold::bytes::Writer::new();
                place.zigzag(*bucket);
                place.raw(&body);
                body.extend(XxHash64::oneshot(1, place.as_slice()).to_le_bytes());
                if let Ok(rollup) = back(&source, &[(*bucket, keys.clone(), body.clone())]) {
                    assert_eq!(rollup.records(), [body], "a second spelling was accepted");
                    accepted += 1;
                }
            }
        }
    }
    assert!(accepted > 0, "hashes and maxima have other values");
}

#[test]
fn a_record_in_another_row_is_refused() {
    let source = everything("1 hour", None);
    let rows = rows_of(&fold(&source, &some_rows(2, 50), 50));
    let (bucket, keys, record) = rows[0].clone();
    let moved = (bucket + 3_600_000_000, keys.clone(), record.clone());
    assert_eq!(back(&source, &[moved]).expect_err("another hour").code(), Code::DecodeChecksum);
    let other = vec![Value::String("somebody".into()), keys[1].clone()];
    assert_eq!(back(&source, &[(bucket, other, record.clone())]).expect_err("a key").code(), Code::DecodeChecksum);
    let wrong = vec![Value::Int64(1), keys[1].clone()];
    assert_eq!(back(&source, &[(bucket, wrong, record.clone())]).expect_err("a type").code(), Code::DecodeInvalid);
    assert_eq!(back(&source, &[(bucket + 1, keys, record)]).expect_err("no edge").code(), Code::DecodeInvalid);
    let twice = [rows[0].clone(), rows[1].clone(), rows[0].clone()];
    let error = back(&source, &twice).expect_err("twice");
    assert_eq!((error.code(), error.path()), (Code::DecodeCanonical, "row[2]"));
}

#[test]
fn a_record_names_the_schema_and_a_new_metric_over_old_states_keeps_it() {
    let before = source_of(&[("n", "count(*)"), ("mean", "avg(value)")]);
    let free = source_of(&[("n", "count(*)"), ("mean", "avg(value)"), ("total", "sum(value)")]);
    let new = source_of(&[
        ("n", "count(*)"),
        ("mean", "avg(value)"),
        ("p95", "approx_percentile(0.95, percentile_agg(value))"),
    ]);
    let rows = rows_of(&fold(&before, &some_rows(3, 60), 50));
    let tag = |source: &SpecSource| schema_tag(&Spec::compile(source).expect("a spec"), Version::CURRENT);
    let named = (Version::CURRENT, tag(&before));
    assert!(rows.iter().all(|(_, _, record)| schema_of_record(record).expect("a record") == named));
    let read = back(&free, &rows).expect("the same states");
    let sums = read.query(&QuerySource::default()).expect("a sum");
    assert!(sums.column("total").expect("total").values().iter().any(|value| !value.is_null()));
    assert_eq!(back(&new, &rows).expect_err("a new state").code(), Code::MergeSchema);
}

#[test]
fn states_that_earlier_groups_lack_are_null_there_and_nowhere_else() {
    let before = source_of(&[("n", "count(*)")]);
    let now = source_of(&[("n", "count(*)"), ("p50", "median(value)"), ("loud", "max(value)")]);
    let rows = some_rows(4, 400);
    let middle = rows[200].time_us.div_euclid(86_400_000_000) * 86_400_000_000;
    let (old, new): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| row.time_us < middle);
    let (old, new) = (fold(&before, &old, 50), fold(&now, &new, 50));
    let spec = Spec::compile(&now).expect("a spec");
    let parts = || vec![Part { rollup: &old, from: None }, Part { rollup: &new, from: None }];
    let whole = fold(&now, &rows, 50);

    let source = QuerySource::default();
    let (mixed, right) = (query_parts(&spec, parts(), &source).expect("both"), whole.query(&source).expect("all"));
    assert_eq!(mixed.column("n").unwrap().values(), right.column("n").unwrap().values());
    let starts = mixed.column("bucket").unwrap().values();
    let mut lacking = 0;
    for (row, start) in starts.iter().enumerate() {
        for metric in ["p50", "loud"] {
            let (got, want) =
                (&mixed.column(metric).unwrap().values()[row], &right.column(metric).unwrap().values()[row]);
            if matches!(start, Value::Timestamp(us) if *us < middle) {
                assert!(got.is_null());
                lacking += 1;
            } else {
                assert_eq!(got, want);
            }
        }
    }
    assert!(lacking > 0 && lacking < 2 * starts.len());

    // over everything no answer is right, and none is given
    let source = QuerySource { bucket: BucketChoice::Whole, group_by: Some(Vec::new()), ..QuerySource::default() };
    let frame = query_parts(&spec, parts(), &source).expect("one row");
    assert_eq!(frame.column("n").unwrap().values(), whole.query(&source).unwrap().column("n").unwrap().values());
    assert!(frame.column("p50").unwrap().values()[0].is_null());
}

#[test]
fn a_part_without_a_key_answers_what_needs_no_such_key() {
    let source = source_of(&[("n", "count(*)"), ("p50", "median(value)"), ("top", "mode(model)")]);
    let fine = fold(&source, &some_rows(5, 100), 50);
    let coarse = fine.coarsen(None, Some(&["provider".into()])).expect("a key fewer");
    let by = |key: &str| QuerySource {
        group_by: Some(vec![Named { name: None, expression: key.into() }]),
        ..QuerySource::default()
    };
    let part = || vec![Part { rollup: &coarse, from: None }];
    let got = query_parts(fine.spec(), part(), &by("provider")).expect("a key it has");
    let want = fine.query(&by("provider")).expect("a key it has");
    for column in want.columns() {
        assert_eq!(got.column(column.name()).unwrap().values(), column.values(), "{}", column.name());
    }
    assert_eq!(query_parts(fine.spec(), part(), &by("model")).expect_err("no model").code(), Code::CoarsenKey);
}

#[test]
fn the_example_of_the_format_is_what_is_written() {
    let source = SpecSource {
        name: "r".into(),
        columns: vec![("ts".into(), "timestamp".into())],
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        select: vec![("n".into(), "count(*)".into())],
        ..SpecSource::default()
    };
    let mut rollup = Rollup::new(Spec::compile(&source).expect("a spec"));
    let times = Column::new(Values::Timestamp(vec![3_600_000_000, 3_600_000_001].into()));
    rollup.ingest(&Batch::new(2).with("ts", times)).expect("two rows");
    let text = include_str!("../src/codec/FORMAT.md");
    let example = text.rsplit("The record of the same group").next().expect("the last example");
    let bytes: Vec<u8> = example
        .lines()
        .filter(|line| line.as_bytes().first().is_some_and(u8::is_ascii_hexdigit))
        .flat_map(|line| line.split("  ").next().unwrap_or_default().split(' '))
        .map(|byte| u8::from_str_radix(byte, 16).expect("hex"))
        .collect();
    assert_eq!(rollup.records(), [bytes]);
}
