//! The law, over every state at once: a rollup is a function of the multiset of its rows, and the verbs are what they
//! mean for the rows.

mod support {
    pub mod decimals;
    pub mod everything;
    pub mod rows;
}

use isofold::query::QuerySource;
use isofold::spec::{Spec, SpecSource};
use isofold::time::{Bucket, BucketSource};
use isofold::Rollup;
use isofold_reference::generate::{Floats, Generator, Shape, Times};
use isofold_reference::Row;
use proptest::prelude::*;
use support::decimals::with_decimals;
use support::everything::everything;
use support::rows::fold;

/// Buckets of a fixed width, of a zone's days, and of months.
const BUCKETS: [(&str, Option<&str>); 4] =
    [("15 minutes", None), ("1 hour", Some("Asia/Kolkata")), ("1 day", Some("Europe/Berlin")), ("1 month", None)];

/// Rows and a spec for them; fewer rows of one seed are the first of more.
#[derive(Clone, Debug)]
struct Case {
    source: SpecSource,
    rows: Vec<Row>,
}

fn cases(most: usize) -> impl Strategy<Value = Case> {
    (0..BUCKETS.len(), any::<u16>(), 0..most).prop_map(|(bucket, seed, count)| {
        let (width, timezone) = BUCKETS[bucket];
        let mut generator = Generator::new(u64::from(seed));
        let shape = Shape { null_percent: generator.pick(&[0, 10, 60]), ..generator.shape() };
        let rows = (0..count).map(|_| generator.row(&shape)).collect();
        let source = everything(width, timezone);
        let source = if seed % 3 == 0 { with_decimals(source, (seed % 16) as u8) } else { source };
        Case { source, rows }
    })
}

fn edges(source: &SpecSource, rows: &[Row]) -> Vec<i64> {
    let bucket = Bucket::new(&source.bucket).expect("a bucket");
    rows.iter().map(|row| bucket.start(row.time_us).expect("a time of these centuries")).collect()
}

/// The rows shuffled, split, each part folded in batches of its own size, and merged in a random tree.
fn folded_in_parts(source: &SpecSource, rows: &[Row], generator: &mut Generator) -> Rollup {
    let mut rows = rows.to_vec();
    generator.shuffle(&mut rows);
    let mut parts: Vec<Rollup> = vec![fold(source, &[], 1)];
    for part in generator.split(&rows) {
        let batch_rows = generator.pick(&[1, 3, 64, 4096]);
        parts.push(fold(source, part, batch_rows));
    }
    while parts.len() > 1 {
        let from = parts.swap_remove(generator.below(parts.len() as u64) as usize);
        let into = generator.below(parts.len() as u64) as usize;
        let merged = if generator.below(2) == 0 { parts[into].merge(&from) } else { parts[into].merge_owned(from) };
        merged.expect("one spec");
    }
    parts.remove(0)
}

/// What every metric says that has no overflow.
fn answers(rollup: &Rollup) -> Vec<String> {
    let select = |name: &str| QuerySource {
        select: Some(vec![isofold::spec::Named { name: None, expression: name.into() }]),
        ..QuerySource::default()
    };
    let metrics = rollup.spec().metrics().iter();
    metrics.map(|metric| format!("{:?}", rollup.query(&select(metric.name())))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn order_split_batches_and_merge_tree_do_not_show(case in cases(400), seed: u64) {
        let whole = fold(&case.source, &case.rows, usize::MAX);
        let parts = folded_in_parts(&case.source, &case.rows, &mut Generator::new(seed));
        prop_assert_eq!(parts.encode(), whole.encode());
        prop_assert_eq!(parts.digest(), whole.digest());
        prop_assert_eq!(answers(&parts), answers(&whole));
        prop_assert!(whole.spec().is_canonical());
    }

    #[test]
    fn decoding_gives_back_the_rollup(case in cases(300), seed: u64) {
        let whole = fold(&case.source, &case.rows, usize::MAX);
        let bytes = whole.encode();
        let mut back = Rollup::decode(&bytes).expect("what was encoded is decoded");
        prop_assert_eq!(back.encode(), bytes);
        prop_assert_eq!(answers(&back), answers(&whole));
        // what was read goes on as what was folded
        let more = folded_in_parts(&case.source, &case.rows, &mut Generator::new(seed));
        back.merge(&more).expect("one spec");
        let twice: Vec<Row> = [case.rows.clone(), case.rows].concat();
        prop_assert_eq!(back.encode(), fold(&case.source, &twice, usize::MAX).encode());
    }

    #[test]
    fn coarsening_is_folding_anew(case in cases(300), seed: u64) {
        let mut generator = Generator::new(seed);
        let whole = folded_in_parts(&case.source, &case.rows, &mut generator);
        let (width, timezone) = match case.source.bucket.timezone.as_deref() {
            Some("Europe/Berlin") => ("1 month", Some("Europe/Berlin")),
            Some(zone) => ("1 day", Some(zone)),
            None if case.source.bucket.width == "1 month" => ("1 year", None),
            None => generator.pick(&[("1 hour", None), ("1 day", Some("America/New_York")), ("1 month", None)]),
        };
        let bucket = BucketSource { width: width.into(), timezone: timezone.map(String::from), ..BucketSource::default() };
        let keys: &[&str] = generator.pick(&[&["provider", "model"][..], &["model", "provider"], &["model"], &[]]);
        let keys: Vec<String> = keys.iter().map(|key| key.to_string()).collect();

        let mut anew = case.source.clone();
        anew.bucket = bucket.clone();
        anew.group_by.retain(|key| keys.contains(&key.expression));
        anew.group_by.sort_by_key(|key| keys.iter().position(|name| *name == key.expression));
        let coarse = Bucket::new(&bucket).expect("a bucket");
        let coarse = whole.coarsen(Some(&coarse), Some(&keys)).expect("the fine buckets nest");
        prop_assert_eq!(coarse.encode(), fold(&anew, &case.rows, 100).encode());

        anew.bucket = case.source.bucket.clone();
        let fewer_keys = whole.coarsen(None, Some(&keys)).expect("keys of the rollup");
        prop_assert_eq!(fewer_keys.encode(), fold(&anew, &case.rows, 100).encode());
    }

    #[test]
    fn what_is_cut_apart_is_put_together_again(case in cases(200), at in any::<prop::sample::Index>()) {
        prop_assume!(!case.rows.is_empty());
        let whole = fold(&case.source, &case.rows, 50);
        let edges = edges(&case.source, &case.rows);
        let edge = edges[at.index(edges.len())];
        let mut before = whole.slice(None, Some(edge)).expect("an edge");
        let after = whole.slice(Some(edge), None).expect("an edge");
        let late: Vec<Row> = case.rows.iter().filter(|row| row.time_us >= edge).cloned().collect();
        prop_assert_eq!(after.encode(), fold(&case.source, &late, 7).encode());
        prop_assert_eq!(before.len() + after.len(), whole.len());
        before.merge(&after).expect("one spec");
        prop_assert_eq!(before.encode(), whole.encode());
    }

    #[test]
    fn replacing_a_range_by_its_own_rows_changes_nothing(case in cases(200), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        prop_assume!(!case.rows.is_empty());
        let whole = fold(&case.source, &case.rows, 50);
        let edges = edges(&case.source, &case.rows);
        let (start, end) = (edges[a.index(edges.len())], edges[b.index(edges.len())]);
        let (start, end) = (start.min(end), start.max(end));
        let is_inside = |row: &&Row| (start..end).contains(&row.time_us);
        let inside: Vec<Row> = case.rows.iter().filter(is_inside).cloned().collect();
        let mut replaced = whole.clone();
        replaced.replace(Some(start), Some(end), &fold(&case.source, &inside, 9)).expect("the rows of the range");
        prop_assert_eq!(replaced.encode(), whole.encode());

        // rows that came late and rows that were deleted: the range is folded again from what is there now
        let changed: Vec<Row> = inside.iter().skip(1).chain(inside.last()).cloned().collect();
        replaced.replace(Some(start), Some(end), &fold(&case.source, &changed, 9)).expect("rows of the range");
        let outside = case.rows.iter().filter(|row| !is_inside(row)).cloned();
        let now: Vec<Row> = outside.chain(changed).collect();
        prop_assert_eq!(replaced.encode(), fold(&case.source, &now, 50).encode());
    }

    #[test]
    fn pruning_is_folding_the_buckets_that_are_left(case in cases(200), at in any::<prop::sample::Index>(), past_the_edge in 0i64..3) {
        prop_assume!(!case.rows.is_empty());
        let mut pruned = fold(&case.source, &case.rows, 50);
        let groups = pruned.len();
        let edges = edges(&case.source, &case.rows);
        let edge = edges[at.index(edges.len())];
        let dropped = pruned.prune(edge + past_the_edge).expect("a time");
        let left: Vec<Row> = case.rows.iter().filter(|row| row.time_us >= edge).cloned().collect();
        prop_assert_eq!(pruned.encode(), fold(&case.source, &left, 50).encode());
        prop_assert_eq!(dropped, groups - pruned.len());
    }

    #[test]
    fn merging_a_rollup_without_rows_changes_nothing(case in cases(100)) {
        let whole = fold(&case.source, &case.rows, 50);
        let mut empty = fold(&case.source, &[], 1);
        let mut merged = whole.clone();
        merged.merge(&empty).expect("one spec");
        prop_assert_eq!(merged.encode(), whole.encode());
        empty.merge(&whole).expect("one spec");
        prop_assert_eq!(empty.encode(), whole.encode());
    }

    #[test]
    fn the_order_and_the_names_of_metrics_do_not_hinder_a_merge(case in cases(200)) {
        let mut other = case.source.clone();
        other.name = "other".into();
        // metrics that name others stay behind; their states are there
        other.select.retain(|(name, _)| !["failure_pct", "value_spread"].contains(&name.as_str()));
        other.select.reverse();
        for (name, _) in &mut other.select {
            name.insert_str(0, "other_");
        }
        let (left, right) = case.rows.split_at(case.rows.len() / 3);
        let mut merged = fold(&case.source, left, 50);
        merged.merge(&fold(&other, right, 50)).expect("the same states");
        prop_assert_eq!(merged.encode(), fold(&case.source, &case.rows, 50).encode());
    }
}

/// Enough rows of one group that histograms join buckets, distinct counts turn into registers and value counts drop
/// values.
#[test]
fn states_past_their_limits_obey_the_law() {
    let source = SpecSource { group_by: Vec::new(), ..everything("1 day", None) };
    for (seed, floats) in [(1, Floats::AnyBits), (2, Floats::Latency), (3, Floats::Cancelling)] {
        let mut generator = Generator::new(seed);
        let shape = Shape { floats, times: Times::OneDay, keys: 2, null_percent: 5 };
        let rows = generator.rows(&shape, 6000);
        let whole = fold(&source, &rows, usize::MAX);
        assert_eq!(whole.len(), 1);
        let parts = folded_in_parts(&source, &rows, &mut generator);
        assert_eq!(parts.encode(), whole.encode(), "{floats:?}");
        let back = Rollup::decode(&whole.encode()).expect("what was encoded is decoded");
        assert_eq!(back.encode(), whole.encode(), "{floats:?}");
        let mut twice = back.clone();
        twice.merge(&parts).expect("one spec");
        let both = [rows.clone(), rows].concat();
        assert_eq!(twice.encode(), fold(&source, &both, 1000).encode(), "{floats:?}");
    }
}

#[test]
fn a_spec_with_a_tdigest_says_that_order_shows_and_still_reads_its_own_bytes() {
    let mut source = everything("1 day", None);
    source.select.push(("value_p50_tdigest".into(), "approx_percentile(0.5, tdigest(value, 20))".into()));
    source.select.push(("value_rank_tdigest".into(), "approx_percentile_rank(1, tdigest(value, 20))".into()));
    assert!(!Spec::compile(&source).expect("a spec").is_canonical());
    let mut generator = Generator::new(7);
    let shape = Shape { floats: Floats::Latency, times: Times::OneDay, keys: 2, null_percent: 5 };
    let rows = generator.rows(&shape, 2000);
    let whole = folded_in_parts(&source, &rows, &mut generator);
    let back = Rollup::decode(&whole.encode()).expect("what was encoded is decoded");
    assert_eq!(back.encode(), whole.encode());
    assert_eq!(answers(&back), answers(&whole));
}
