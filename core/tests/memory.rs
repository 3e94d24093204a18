//! The memory that bounds and promises speak of: of a decoder for each byte, and of groups for each of their states.

mod support {
    pub mod allocations;
}

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::limits::{MAX_CELLS, MAX_GROUPS};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::{Budget, Code, Rollup};
use support::allocations::peak_of;

/// Most bytes of memory for each byte that is decoded.
const PER_BYTE: usize = 96;
/// What a spec and its tables take by themselves.
const FIXED: usize = 1 << 20;

/// A rollup by `k` of metrics over `x`, a double, and `s`, a text.
fn rollup(select: impl IntoIterator<Item = String>) -> Rollup {
    let columns = [("ts", "timestamp"), ("k", "int64"), ("x", "float64"), ("s", "string")];
    let source = SpecSource {
        name: "memory".into(),
        columns: columns.map(|(name, data_type)| (name.into(), data_type.into())).to_vec(),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "k".into() }],
        filter: None,
        select: select.into_iter().enumerate().map(|(i, text)| (format!("m{i}"), text)).collect(),
        keep: Vec::new(),
    };
    Rollup::new(Spec::compile(&source).unwrap_or_else(|error| panic!("{error}")))
}

/// As many rows as the function gives (key, value) for; NULL where there is no value.
fn fold(rollup: &mut Rollup, rows: impl Iterator<Item = (i64, Option<f64>)>) {
    let (keys, values): (Vec<i64>, Vec<Option<f64>>) = rows.unzip();
    let codes = (0..keys.len() as u32).collect();
    let texts = values.iter().map(|value| format!("{value:?}").into()).collect();
    let valid: Vec<bool> = values.iter().map(Option::is_some).collect();
    let bits = values.iter().map(|value| value.unwrap_or_default().to_bits()).collect();
    let batch = Batch::new(keys.len())
        .with("ts", Column::new(Values::Timestamp(vec![0; keys.len()].into())))
        .with("k", Column::new(Values::Int64(keys.into())))
        .with("x", Column::with_validity(Values::Float64(bits), valid.clone()))
        .with("s", Column::with_validity(Values::String(codes, texts), valid));
    rollup.ingest(&batch).expect("rows that fit");
}

#[test]
fn a_decoder_takes_a_small_multiple_of_the_bytes() {
    let of_x = |text: &str| (0..20).map(|i| text.replace('$', &format!("x + {i}"))).collect::<Vec<_>>();
    let of_s = |text: &str| (0..20).map(|i| text.replace('$', &format!("s || '{i}'"))).collect::<Vec<_>>();
    let aggregates = [
        of_x("approx_percentile(0.5, percentile_agg($))"),
        of_x("approx_count_distinct($, 16)"),
        of_x("approx_count_distinct($)"),
        of_x("sum($)"),
        of_x("var_pop($)"),
        of_x("min($)"),
        of_x("first($, ts)"),
        of_x("exemplar($, 3)"),
        of_x("approx_percentile(0.5, tdigest($))"),
        of_s("min($)"),
        of_s("mode($)"),
        of_s("exemplar($)"),
        vec!["count(*)".to_owned()],
    ];
    let empty = |i: i64| (i, None);
    let single = |i: i64| (i, Some(i as f64));
    // hashes that fill registers of low ranks, buckets that are next to each other
    let many = |i: i64| (i % 4, Some((i as f64 / 1000.0).exp2()));
    for select in aggregates {
        for (what, rows) in [("empty", 5000), ("single", 5000), ("many", 20_000)] {
            let mut rollup = rollup(select.clone());
            let of = |i: i64| match what {
                "empty" => empty(i),
                "single" => single(i),
                _ => many(i),
            };
            fold(&mut rollup, (0..rows).map(of));
            let bytes = rollup.encode();
            let (decoded, peak) = peak_of(|| Rollup::decode(&bytes));
            let decoded = decoded.expect("own bytes");
            assert_eq!(decoded.len(), rollup.len());
            let per_byte = peak.saturating_sub(FIXED) / bytes.len();
            assert!(per_byte <= PER_BYTE, "{}, {what}: {peak} bytes for {}", select[0], bytes.len());
        }
    }
}

#[test]
fn states_of_few_rows_take_what_the_limits_say() {
    for (text, most) in [("approx_percentile(0.5, percentile_agg($))", 140), ("approx_count_distinct($)", 140)] {
        let select = (0..20).map(|i| text.replace('$', &format!("x + {i}")));
        let ((rollup, before), _) = peak_of(|| {
            let mut rollup = rollup(select);
            let before = rollup.stats().memory_bytes;
            fold(&mut rollup, (0..5000).map(|i| (i, Some(i as f64))));
            (rollup, before)
        });
        let cells = rollup.len() * rollup.spec().states().len();
        let per_cell = (rollup.stats().memory_bytes - before) / cells;
        assert!(per_cell <= most, "{text}: {per_cell} bytes for each state of a group");
    }
}

#[test]
fn many_states_leave_room_for_fewer_groups_unless_told_otherwise() {
    let few = rollup(["count(*)".to_owned()]);
    assert_eq!(few.max_groups(), MAX_GROUPS);
    let mut wide = rollup((0..50).map(|i| format!("approx_percentile(0.5, percentile_agg(x + {i}))")));
    let states = wide.spec().states().len();
    assert_eq!(wide.max_groups(), MAX_CELLS / states);
    assert!(wide.max_groups() < 500_000);
    fold(&mut wide, (0..10).map(|i| (i, None)));
    let bytes = wide.encode();
    assert_eq!(Rollup::decode(&bytes).expect("few groups").max_groups(), MAX_CELLS / states);
    let of = |max_groups| Rollup::decode_within(&bytes, &Budget { max_groups: Some(max_groups), ..Budget::default() });
    assert_eq!(of(MAX_GROUPS).expect("few groups").max_groups(), MAX_GROUPS);
    assert_eq!(of(9).unwrap_err().code(), Code::LimitGroups);
}
