//! What an operator may rely on (`docs/refresh.md`), over random histories of writes, clocks, crashes, prunes, other
//! catalogs and refreshes, against a fold of the rows.
//!
//! `ISOFOLD_HISTORIES` is how many there are on SQLite (PostgreSQL gets a tenth), `ISOFOLD_SEED` the seed; a failure
//! prints its seed and the shortest history that was found to fail.
#![cfg(all(feature = "sqlite", feature = "postgres"))]

mod catalogs;
mod faults;
mod promises;
mod step;
mod truth;
mod world;

use isofold_reference::skip::skipped;
use promises::Keeper;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::panic::{catch_unwind, AssertUnwindSafe};
use step::History;

const STEPS: usize = 30;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
}

fn run(history: &History, postgres: Option<&str>) -> Result<(), TestCaseError> {
    let run = || Keeper::new(history, postgres).run(&history.steps);
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| TestCaseError::fail(told(&*panic)))
}

fn all_hold(count: u64, postgres: Option<&str>) {
    // another seed each day would find more, and would fail for whoever changed nothing
    let seed = number("ISOFOLD_SEED", 14);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: u32::try_from(count).expect("few"),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    // a panic of a history that is made shorter is no news
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let ran = runner.run(&step::history(STEPS), |history| run(&history, postgres));
    std::panic::set_hook(hook);
    match ran {
        Ok(()) => {}
        Err(TestError::Fail(reason, history)) => {
            panic!("with ISOFOLD_SEED={seed}: {reason}\nthe history: {history:#?}")
        }
        Err(TestError::Abort(reason)) => panic!("with ISOFOLD_SEED={seed}: {reason}"),
    }
}

#[test]
fn what_an_operator_may_rely_on_holds_in_sqlite() {
    all_hold(number("ISOFOLD_HISTORIES", 80), None);
}

#[test]
fn what_an_operator_may_rely_on_holds_in_postgresql() {
    match std::env::var("ISOFOLD_POSTGRES") {
        Ok(url) => all_hold(number("ISOFOLD_HISTORIES", 80).div_ceil(10), Some(&url)),
        Err(_) => skipped("histories on PostgreSQL", "ISOFOLD_POSTGRES is not set: tools/postgres.sh"),
    }
}
