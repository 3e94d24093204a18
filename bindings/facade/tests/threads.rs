//! Folding and querying where the system grants no threads.
#![cfg(feature = "threads")]

use isofold_facade::{Batch, HostColumn, HostValues, Rollup, Source};
use std::env::current_exe;
use std::process::Command;

const SPEC: &str = r#"{"name": "r", "columns": {"ts": "timestamp[s]", "k": "int64"}, "time": "ts", "bucket": "1 hour",
    "group_by": ["k"], "select": {"n": "count(*)", "d": "approx_count_distinct(ts)"}}"#;

/// Rows `from..to` of an endless table.
struct Rows(i64, i64);

impl Source for Rows {
    fn rows(&self) -> usize {
        (self.1 - self.0) as usize
    }

    fn read(&self, _: &[(String, isofold::value::ColumnType)]) -> isofold::Result<Batch<'_>> {
        let column = |value: fn(i64) -> i64| HostColumn::new(HostValues::Int64((self.0..self.1).map(value).collect()));
        Batch::from_columns([("ts".to_owned(), column(|row| row)), ("k".to_owned(), column(|row| row % 100))])
    }
}

fn folded(threads: usize, batches: &[(i64, i64)]) -> Rollup {
    let mut rollup = Rollup::new(SPEC).expect("a spec");
    let mut ingest = rollup.start_ingest(threads);
    ingest.fold_all(batches.iter().map(|(from, to)| Ok(Rows(*from, *to)))).expect("rows that fit");
    rollup.finish_ingest(ingest).expect("small");
    rollup
}

#[test]
#[ignore = "run by the test below, in a process that gets no threads"]
fn one_thread_does_the_work_of_all() {
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "a thread was granted");
    let small: Vec<_> = (0..12).map(|part| (part * 20_000, (part + 1) * 20_000)).collect();
    let one = folded(1, &small);
    for batches in [&small[..], &[(0, 240_000)]] {
        for threads in [2, 7, usize::MAX] {
            assert_eq!(folded(threads, batches).digest(), one.digest(), "{threads} threads");
        }
    }
    assert_eq!(one.query("{\"bucket\": null, \"group_by\": []}").expect("an answer").len(), 1);
}

#[test]
fn threads_that_are_not_granted_are_not_missed() {
    let child = Command::new(current_exe().expect("this program"))
        .args(["--exact", "one_thread_does_the_work_of_all", "--ignored", "--test-threads=1"])
        // no address space has room for such a stack
        .env("RUST_MIN_STACK", (1u64 << 60).to_string())
        .output()
        .expect("a second process");
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&child.stderr));
}
