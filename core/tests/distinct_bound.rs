//! A distinct count is an estimate, and never more than the number of its values that the rollup keeps.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::query::{query_parts, BucketChoice, Part, QuerySource};
use isofold::spec::{Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::value::Value;
use isofold::Rollup;

/// Groups of `sizes` different values each, and for each value `absent` rows that have none.
fn fold(select: &[(&str, &str)], sizes: &[i64], absent: usize) -> Rollup {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    let spec = Spec::compile(&SpecSource {
        name: "r".into(),
        columns: pairs(&[("ts", "timestamp"), ("x", "int64")]),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        select: pairs(select),
        ..SpecSource::default()
    });
    let mut rollup = Rollup::new(spec.expect("a spec"));
    for (hour, &size) in (0..).zip(sizes) {
        let rows = size as usize * (1 + absent);
        let values: Vec<i64> = (0..rows as i64).map(|x| x * 7919 + hour).collect();
        let present = (0..rows).map(|row| row < size as usize).collect::<Vec<_>>();
        let x = Column::with_validity(Values::Int64(values.into()), present);
        let ts = Column::new(Values::Timestamp(vec![hour * 3_600_000_000; rows].into()));
        rollup.ingest(&Batch::new(rows).with("ts", ts).with("x", x)).expect("rows");
    }
    rollup
}

fn column(rollup: &Rollup, name: &str, source: &QuerySource) -> Vec<i64> {
    let frame = rollup.query(source).expect("a query");
    let int = |value: &Value| match value {
        Value::Int64(value) => *value,
        other => panic!("{other:?} is no count"),
    };
    frame.column(name).expect("a column").values().iter().map(int).collect()
}

const SIZES: [i64; 12] = [1, 256, 257, 258, 300, 333, 400, 500, 700, 900, 1700, 4000];
const COARSE: &str = "approx_count_distinct(x, 4)";

#[test]
fn it_is_at_most_the_count_of_the_values() {
    let rollup = fold(&[("d", COARSE), ("n", "count(x)")], &SIZES, 2);
    let own = QuerySource::default();
    let (told, counts) = (column(&rollup, "d", &own), column(&rollup, "n", &own));
    assert_eq!(counts, SIZES);
    assert!(told.iter().zip(&counts).all(|(told, count)| told <= count), "{told:?}");
    assert!(told.iter().zip(&counts).any(|(told, count)| told < count), "{told:?}");
    // the estimates of some are above
    let free = column(&fold(&[("d", COARSE)], &SIZES, 2), "d", &own);
    assert!(free.iter().zip(&counts).filter(|(told, count)| told > count).count() > 2, "{free:?}");
    assert!(free.iter().zip(&told).zip(&counts).all(|((free, told), count)| told == free.min(count)));
}

#[test]
fn it_is_at_most_the_rows_where_no_other_count_is_kept() {
    let told = column(&fold(&[("d", COARSE)], &SIZES, 0), "d", &QuerySource::default());
    assert!(told.iter().zip(&SIZES).all(|(told, count)| told <= count), "{told:?}");
    assert!(told.iter().zip(&SIZES).filter(|(told, count)| told == count).count() > 4, "{told:?}");
}

#[test]
fn conditions_choose_the_counts_that_bound_it() {
    let filtered = "approx_count_distinct(x, 4) filter (where x % 2 = 0)";
    let select = [
        ("d", filtered),
        ("n", "count(*) filter (where x % 2 = 0)"),
        ("all", COARSE),
        ("other", "count(x) filter (where x < 0)"),
    ];
    let rollup = fold(&select, &SIZES, 0);
    let own = QuerySource::default();
    let (told, counts, all) = (column(&rollup, "d", &own), column(&rollup, "n", &own), column(&rollup, "all", &own));
    assert!(told.iter().zip(&counts).all(|(told, count)| told <= count), "{told:?} {counts:?}");
    let free = column(&fold(&[("d", filtered)], &SIZES, 0), "d", &own);
    assert!(free.iter().zip(&counts).any(|(told, count)| told > count), "{free:?} {counts:?}");
    // counts of other rows bound nothing
    assert!(all.iter().zip(&counts).skip(2).all(|(all, count)| all > count), "{all:?} {counts:?}");
}

#[test]
fn merged_groups_are_bounded_by_their_sum_and_parts_without_the_count_by_their_rows() {
    let select = [("d", COARSE), ("n", "count(x)")];
    let (old, new) = (fold(&select[..1], &SIZES, 1), fold(&select, &SIZES, 1));
    let parts = vec![Part { rollup: &old, from: None }, Part { rollup: &new, from: None }];
    let whole = QuerySource { bucket: BucketChoice::Whole, ..QuerySource::default() };
    let frame = query_parts(new.spec(), parts, &whole).expect("both");
    assert!(frame.column("n").expect("n").values()[0].is_null());
    let Value::Int64(both) = frame.column("d").expect("d").values()[0] else { panic!("a count is known") };
    assert!(both > 0 && both <= 4 * SIZES.iter().sum::<i64>(), "{both}");
    let (told, count) = (column(&new, "d", &whole)[0], column(&new, "n", &whole)[0]);
    assert!(told <= count && count == SIZES.iter().sum::<i64>(), "{told} {count}");
}
