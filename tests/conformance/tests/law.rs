//! The law on whole data sets: one digest whatever the order, the partition, the merge tree and the threads.

use isofold_conformance::data_sets::{committed, data_sets, folded, DataSet};
use isofold_conformance::random::Random;
use isofold_conformance::run::text;
use isofold_conformance::table::Table;
use isofold_facade::Rollup;
use isofold_reference::skip::skipped;

const TRIALS: u64 = 100;

/// The sets at hand, with the digest that is committed; the others are named.
fn sets() -> Vec<(DataSet, Table, String)> {
    let mut sets = Vec::new();
    for set in data_sets() {
        let Some(table) = set.table.clone() else {
            skipped(&format!("data set {}", set.name), "no data at $ISOFOLD_DATA or ../shared/data");
            continue;
        };
        let digest = text(&committed(set.name), "digest").to_owned();
        sets.push((set, table, digest));
    }
    sets
}

#[test]
fn a_hundred_shuffles_partitions_and_merge_trees_give_one_digest() {
    for (set, table, digest) in sets() {
        for seed in 0..TRIALS {
            let mut random = Random::new(seed);
            let places = random.shuffled(table.rows());
            let parts = 1 + random.below(12);
            let mut rollups: Vec<Rollup> = cut(&places, parts, &mut random)
                .into_iter()
                .map(|part| {
                    let batches = 1 + random.below(4);
                    let mut rollup = folded(&set.spec, &table, &[]);
                    for batch in cut(part, batches, &mut random) {
                        rollup.ingest(&table.batch(batch)).expect("rows that fit");
                    }
                    rollup
                })
                .collect();
            while rollups.len() > 1 {
                let from = rollups.swap_remove(random.below(rollups.len()));
                let into = random.below(rollups.len());
                // every other merge goes over the bytes
                match random.below(2) {
                    0 => rollups[into].merge(&from),
                    _ => rollups[into].merge_bytes(&from.encode(), "{}"),
                }
                .expect("the same states");
            }
            assert_eq!(rollups[0].digest(), digest, "{} under seed {seed}", set.name);
        }
    }
}

/// Pieces, some of them empty, that make up all places.
fn cut<'p>(mut places: &'p [u32], pieces: usize, random: &mut Random) -> Vec<&'p [u32]> {
    let mut cut = Vec::new();
    for _ in 1..pieces {
        let (piece, rest) = places.split_at(random.below(places.len() + 1));
        cut.push(piece);
        places = rest;
    }
    cut.push(places);
    cut
}

#[test]
fn one_two_and_eight_threads_give_one_digest() {
    for (set, table, digest) in sets() {
        for threads in [1, 2, 8] {
            let places: Vec<u32> = (0..table.rows() as u32).collect();
            let mut rollup = Rollup::new(&set.spec).expect("a good spec");
            let mut ingest = rollup.start_ingest(threads);
            ingest.fold(&table.batch(&places)).expect("rows that fit");
            rollup.finish_ingest(ingest).expect("room for all groups");
            assert_eq!(rollup.digest(), digest, "{} with {threads} threads", set.name);
        }
    }
}

#[test]
fn coarser_rollups_are_those_of_the_rows() {
    for (set, table, _) in sets() {
        let places: Vec<u32> = (0..table.rows() as u32).collect();
        let fine = folded(&set.spec, &table, &places);
        let coarse = fine.coarsen(r#"{"bucket": "1 year", "group_by": []}"#);
        // days of New York straddle years of UTC
        let Ok(coarse) = coarse else {
            assert_eq!(set.name, "nab_metrics");
            continue;
        };
        let raw = folded(&coarse.spec(), &table, &places);
        assert_eq!(coarse.digest(), raw.digest(), "{}", set.name);
    }
}
