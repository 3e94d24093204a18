//! Folding and querying where the system grants no threads.
#![cfg(feature = "threads")]

use isofold::Code;
use isofold_facade::{Batch, HostColumn, HostValues, Interrupt, Rollup, Source};
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

    fn read(&self, _: &[isofold_facade::Declared]) -> isofold::Result<Batch<'_>> {
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

#[test]
fn an_ingest_that_is_told_to_stop_ends_soon_and_gives_nothing() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;
    let batches: [&[(i64, i64)]; 2] = [&[(0, 1_000_000)], &[(0, 40_000), (40_000, 80_000), (80_000, 120_000)]];
    for (batches, threads, looks) in batches.iter().flat_map(|b| [(b, 1, 2), (b, 2, 2), (b, 1, 0), (b, 2, 0)]) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let interrupt = Interrupt::new(move || counted.fetch_add(1, Ordering::Relaxed) >= looks);
        let mut ingest = Rollup::new(SPEC).expect("a spec").start_ingest(threads).stopped_by(interrupt);
        let error = ingest.fold_all(batches.iter().map(|(from, to)| Ok(Rows(*from, *to)))).expect_err("told to stop");
        assert_eq!(error.code(), Code::HostInterrupted, "{threads} threads, {looks} looks");
        assert_eq!(asked.load(Ordering::Relaxed), looks + 1, "{threads} threads: asked again after it was told");
        assert_eq!(ingest.finish().expect_err("told to stop").code(), Code::HostInterrupted);
    }
}

#[test]
fn an_ingest_that_is_told_to_stop_at_its_end_is_not_taken_over() {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::Arc;
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    let mut rollup = folded(2, &[(0, 100)]);
    let before = rollup.digest();
    let mut ingest = rollup.start_ingest(2).stopped_by(Interrupt::new(move || asked.load(Ordering::Relaxed)));
    ingest.fold_all([Ok(Rows(0, 100_000))].into_iter()).expect("goes on");
    stop.store(true, Ordering::Relaxed);
    assert_eq!(rollup.finish_ingest(ingest).expect_err("told to stop").code(), Code::HostInterrupted);
    assert_eq!(rollup.digest(), before);
}
