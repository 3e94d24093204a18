//! The verbs on a rollup of the full query, and the bytes of states.
//!
//! The one idea: the rollups are kept in files, so that every other host times its verbs on the same ones.

use crate::isofold_rows::{spec, Contestant};
use crate::rows::Rows;
use crate::states;
use crate::Failure;
use isofold::query::{BucketChoice, QuerySource};
use isofold::spec::Named;
use isofold::time::{Bucket, BucketSource};
use isofold::Rollup;
use serde_json::{json, Value};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

const TIMES: usize = 15;

pub fn report(folder: &Path, out: &Path) -> Result<Value, Failure> {
    let rows = Rows::read(folder, "shuffled")?;
    let contestant = Contestant::new(&rows, 1)?;
    let full = spec("full")?;
    let middle = rows.len() / 2;
    let (left, right) = (contestant.fold(&full, 0..middle)?, contestant.fold(&full, middle..rows.len())?);
    let whole = contestant.fold(&full, 0..rows.len())?;
    for (name, rollup) in [("left", &left), ("right", &right), ("whole", &whole)] {
        fs::write(out.join(format!("{name}.isofold")), rollup.encode())?;
    }

    let bytes = whole.encode();
    let day = Bucket::new(&BucketSource { width: "1 day".into(), ..BucketSource::default() }).map_err(|_| "no day")?;
    let p95 = QuerySource {
        select: Some(vec![Named { name: None, expression: "p95".into() }]),
        bucket: BucketChoice::Whole,
        ..QuerySource::default()
    };
    let seconds = json!({
        "merge": median(|| left.clone(), |mut into: Rollup| { into.merge(&right).expect("one spec"); into }),
        "coarsen": median(|| (), |()| whole.coarsen(Some(&day), None).expect("hours nest in days")),
        "encode": median(|| (), |()| whole.encode()),
        "decode": median(|| (), |()| Rollup::decode(&bytes).expect("good bytes")),
        "query_p95": median(|| (), |()| whole.query(&p95).expect("a query")),
        "query_all": median(|| (), |()| whole.query(&QuerySource::default()).expect("a query")),
    });
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "groups": whole.len(),
        "bytes": bytes.len(),
        "digest": whole.digest(),
        "seconds": seconds,
        "states": states::bytes_by_rows(&rows)?,
    }))
}

/// The middle one of several times; what `prepare` does and what dropping the result costs is not counted.
fn median<T, U>(mut prepare: impl FnMut() -> T, mut work: impl FnMut(T) -> U) -> f64 {
    let mut seconds: Vec<f64> = (0..=TIMES)
        .map(|_| {
            let input = prepare();
            let started = Instant::now();
            let output = black_box(work(black_box(input)));
            let passed = started.elapsed().as_secs_f64();
            drop(output);
            passed
        })
        .skip(1)
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
