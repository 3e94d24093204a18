//! How the metrics of a query are read does not show: in how many parts and by whom, in place or merged, one metric at
//! a time or all together.

mod support {
    pub mod ask;
    pub mod everything;
    pub mod rows;
}

use isofold::query::{query_parts, BucketChoice, Frame, Part, QueryPart, QuerySource};
use isofold::spec::Named;
use isofold::{limits, Result, Rollup, Value};
use isofold_reference::generate::{Field, Generator, Shape, Times};
use isofold_reference::{Cell, Row};
use support::ask::{answers_in, ask};
use support::everything::everything;
use support::rows::fold;

const TOKENS: usize = Field::Tokens as usize;

/// Rows of many groups, some of one row and some of hundreds, with integers that have sums.
fn rows(seed: u64) -> Vec<Row> {
    let mut generator = Generator::new(seed);
    let shape = Shape { null_percent: 10, ..generator.shape() };
    let mut rows = generator.rows(&Shape { times: Times::AnyCentury, ..shape }, 3000);
    rows.extend(generator.rows(&Shape { times: Times::OneDay, keys: 2, ..shape }, 3000));
    for row in &mut rows {
        if let Cell::Int(value) = &mut row.values[TOKENS] {
            *value %= 1000;
        }
    }
    rows
}

fn many_groups(seed: u64) -> Rollup {
    let rollup = fold(&everything("15 minutes", None), &rows(seed), 512);
    assert!(rollup.len() > 2048, "{} groups are read as one part", rollup.len());
    rollup
}

/// The query of everything in at most so many parts, run as told.
fn shared(rollup: &Rollup, source: &QuerySource, most: usize, run: fn(&mut [QueryPart<'_>])) -> Result<Frame> {
    rollup.query_by(source, most, run)
}

fn assert_equal(one: &Frame, other: &Frame, context: &str) {
    assert_eq!(one.columns().len(), other.columns().len(), "{context}");
    assert_eq!((one.warnings(), one.more_warnings()), (other.warnings(), other.more_warnings()), "{context}");
    for (one, other) in one.columns().iter().zip(other.columns()) {
        assert_eq!(one.name(), other.name(), "{context}");
        assert!(one.values() == other.values(), "{} of {context}", one.name());
    }
}

#[test]
fn parts_run_in_any_order_or_not_at_all_are_one_answer() {
    let rollup = many_groups(1);
    let source = QuerySource::default();
    let whole = rollup.query(&source).expect("an answer");
    for most in [0, 1, 2, 3, 100] {
        let backwards = shared(&rollup, &source, most, |parts| parts.iter_mut().rev().for_each(QueryPart::run));
        assert_equal(&backwards.expect("an answer"), &whole, "parts run backwards");
        let twice = shared(&rollup, &source, most, |parts| {
            assert!(parts.len() > 1);
            parts[1].run();
            parts[1].run();
        });
        assert_equal(&twice.expect("an answer"), &whole, "one part run twice");
    }
}

#[test]
fn threads_read_what_one_reads() {
    let rollup = many_groups(2);
    let source = QuerySource::default();
    let threads = |parts: &mut [QueryPart<'_>]| {
        std::thread::scope(|scope| {
            for part in parts {
                scope.spawn(|| part.run());
            }
        });
    };
    let frame = shared(&rollup, &source, 8, threads).expect("an answer");
    assert_equal(&frame, &rollup.query(&source).expect("an answer"), "threads");
}

#[test]
fn metrics_read_together_are_those_read_alone() {
    let rollup = many_groups(3);
    let whole = rollup.query(&QuerySource::default()).expect("an answer");
    for metric in rollup.spec().metrics() {
        let alone = ask(&rollup, metric.name(), BucketChoice::Own).expect("an answer");
        let together = whole.column(metric.name()).expect("a metric").values();
        assert!(answers_in(&alone) == together, "{}", metric.name());
    }
}

#[test]
fn states_read_in_place_are_those_merged_from_parts() {
    let rollup = many_groups(4);
    let starts = rollup.query(&QuerySource { select: Some(vec![]), ..QuerySource::default() }).expect("buckets");
    let Value::Timestamp(middle) = starts.columns()[0].values()[starts.len() / 2] else { panic!("a bucket") };
    let (before, after) =
        (rollup.slice(None, Some(middle)).expect("a cut"), rollup.slice(Some(middle), None).expect("a cut"));
    assert!(!before.is_empty() && !after.is_empty());
    for bucket in [BucketChoice::Own, BucketChoice::Whole] {
        let canonical: Vec<Named> = rollup
            .spec()
            .metrics()
            .iter()
            .filter(|metric| !metric.text().contains("tdigest"))
            .map(|metric| Named { name: None, expression: metric.name().into() })
            .collect();
        let source = QuerySource { bucket, select: Some(canonical), ..QuerySource::default() };
        let parts = [&after, &before].map(|rollup| Part { rollup, from: None });
        let merged = query_parts(rollup.spec(), parts.to_vec(), &source).expect("an answer");
        assert_equal(&merged, &rollup.query(&source).expect("an answer"), "parts");
    }
}

#[test]
fn warnings_are_in_the_order_of_rows_and_metrics_however_groups_are_shared() {
    let mut rows = rows(5);
    // sums past int64 in several groups: their texts differ
    rows.iter_mut().skip(400).step_by(40).for_each(|row| row.values[TOKENS] = Cell::Int(i64::MAX));
    let again: Vec<Row> = rows.iter().filter(|row| row.values[TOKENS] == Cell::Int(i64::MAX)).cloned().collect();
    rows.extend(again);
    let rollup = fold(&everything("15 minutes", None), &rows, 512);
    let named = |name: &str, expression: &str| Named { name: Some(name.into()), expression: expression.into() };
    let select = [
        named("fine", "count(*)"),
        named("late", "case when count(*) > 2 then sum(tokens) end"),
        named("soon", "sum(tokens)"),
        named("never", "coalesce(count(*), sum(tokens))"),
    ];
    let ask = |select: &[Named], most: usize, run: fn(&mut [QueryPart<'_>])| {
        let source = QuerySource { select: Some(select.to_vec()), ..QuerySource::default() };
        shared(&rollup, &source, most, run).expect("an answer")
    };
    for wanted in [&select[..], &select[..3], &select[2..3], &[select[2].clone(), select[0].clone()]] {
        let one = ask(wanted, 1, |_| {});
        assert_eq!(one.warnings().len(), limits::MAX_WARNINGS);
        assert!(one.more_warnings() > 0);
        let order: Vec<_> = one.warnings().iter().map(|warning| (warning.bucket, warning.metric != "late")).collect();
        assert!(order.is_sorted(), "{order:?}");
        for most in [2, 3, 100] {
            let many = ask(wanted, most, |parts| parts.iter_mut().rev().for_each(QueryPart::run));
            assert_equal(&many, &one, "shared");
        }
    }
    let ends_early = ask(&[select[0].clone(), select[3].clone()], 3, |_| {});
    assert_eq!(ends_early.warnings(), [], "a sum that no row asks for is no warning");
}
