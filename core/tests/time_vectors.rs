//! Every row of what TimescaleDB's `time_bucket` answers is what a bucket answers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use isofold::time::{Bucket, BucketSource};
use isofold_reference::skip::skipped;

/// The answers for one width and zone.
#[derive(Default)]
struct Answers {
    instants: Vec<i64>,
    starts: Vec<i64>,
}

fn vectors() -> PathBuf {
    let data = std::env::var_os("ISOFOLD_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    data.join("vectors/time_bucket.csv.gz")
}

#[test]
fn buckets_are_those_of_timescaledb() {
    let path = vectors();
    let Ok(file) = File::open(&path) else {
        skipped("buckets_are_those_of_timescaledb", &format!("no data at {}", path.display()));
        return;
    };
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut columns: BTreeMap<(&str, &str), Answers> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [width, timezone, instant, start] = fields[..] else { panic!("not four fields: {line}") };
        let answers = columns.entry((width, timezone)).or_default();
        answers.instants.push(instant.parse().unwrap());
        answers.starts.push(start.parse().unwrap());
    }
    assert_eq!(columns.len(), 55);
    assert_eq!(columns.values().map(|answers| answers.instants.len()).sum::<usize>(), 6919);
    for ((width, timezone), Answers { instants, starts: expected }) in columns {
        let source = BucketSource { width: width.into(), timezone: Some(timezone.into()), ..Default::default() };
        let bucket = Bucket::new(&source).unwrap();
        let mut starts = Vec::new();
        bucket.starts(&instants, &mut starts).unwrap();
        for ((instant, start), expected) in instants.iter().zip(&starts).zip(&expected) {
            assert_eq!(start, expected, "{width} {timezone} {instant}");
            assert_eq!(bucket.start(*instant).unwrap(), *expected, "{width} {timezone} {instant}");
            assert!(bucket.is_edge(*expected), "{width} {timezone} {instant}");
        }
    }
}
