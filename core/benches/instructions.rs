//! One hot loop, once, on fixed rows: what `tests/instructions.mjs` counts the instructions of.
//!
//! The one idea: a clock on a shared machine tells a tenth at best, a count of instructions tells one in a thousand.
//! The rows are those of three days, so that a group is as large as in the published workload.
#![expect(clippy::float_arithmetic, reason = "latencies and costs are drawn in doubles")]

mod workload;

use isofold::query::{BucketChoice, QuerySource};
use isofold::spec::Named;
use isofold::Rollup;
use isofold_reference::generate::Generator;
use std::hint::black_box;
use workload::{batches, fold, requests, spec, FULL, SIMPLE};

const DAYS: i64 = 3;
const ROWS: usize = 500_000;

/// What callgrind collects: the name is the one in `tests/instructions.mjs`.
#[inline(never)]
fn measured<R>(work: impl FnOnce() -> R) -> R {
    black_box(work())
}

fn main() {
    // cargo adds an option of its own
    let section = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let mut requests = requests(ROWS, DAYS);
    let (simple, full) = (spec(&SIMPLE), spec(&FULL));
    if section.as_deref().is_some_and(|name| name.ends_with("shuffled")) {
        Generator::new(2).shuffle(&mut requests);
    }
    let batches = batches(&requests);
    let whole = || fold(&full, &batches);
    match section.as_deref() {
        Some("ingest_simple" | "ingest_simple_shuffled") => drop(measured(|| fold(&simple, &batches))),
        Some("ingest_full" | "ingest_full_shuffled") => drop(measured(whole)),
        Some("merge_shuffled") => {
            let (left, right) = batches.split_at(batches.len() / 2);
            let (mut left, right) = (fold(&full, left), fold(&full, right));
            measured(|| left.merge(&right)).expect("one spec");
        }
        Some("encode") => {
            let whole = whole();
            measured(|| whole.encode());
        }
        Some("decode") => {
            let bytes = whole().encode();
            measured(|| Rollup::decode(&bytes)).expect("good bytes");
        }
        Some("query_p95") => {
            let whole = whole();
            let select = Some(vec![Named { name: None, expression: "p95_ms".into() }]);
            let query = QuerySource { select, bucket: BucketChoice::Whole, ..QuerySource::default() };
            measured(|| whole.query(&query)).expect("a query");
        }
        Some("query_full") => {
            let whole = whole();
            measured(|| whole.query(&QuerySource::default())).expect("a query");
        }
        other => panic!("a section must be named, got {other:?}"),
    }
}
