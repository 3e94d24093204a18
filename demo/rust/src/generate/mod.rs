//! Requests to language models, made from a seed: the same rows on every machine.
//!
//! The one idea: a request happens at one time and is logged at another, and rows come in the order of the log, so some
//! are late by minutes or days, as in any telemetry.

mod arrival;
mod model;
mod random;
mod request;
mod rhythm;
mod table;

use crate::arguments::Arguments;
use arrival::Arrivals;
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::time::Instant;
use table::TableWriter;

/// 2026-11-02T00:00:00Z, a Monday, in microseconds.
const START_US: i64 = 1_793_577_600_000_000;
const DEFAULT_ROWS: u64 = 1_000_000;
const DEFAULT_DAYS: u32 = 7;
const DEFAULT_SEED: u64 = 20_261_102;
/// More than a year of hours is a slip of the keyboard.
const MAX_DAYS: u32 = 366;

/// Writes an Arrow file of requests.
///
/// **Errors** options out of range; a file that cannot be written.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let path = arguments.path("out")?;
    let rows = arguments.number("rows", DEFAULT_ROWS)?;
    let days = arguments.number("days", DEFAULT_DAYS)?;
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(format!("--days must be from 1 to {MAX_DAYS}, got {days}").into());
    }
    let started = Instant::now();
    let mut table = TableWriter::new(BufWriter::new(File::create(path)?))?;
    for request in Arrivals::new(arguments.number("seed", DEFAULT_SEED)?, START_US, days, rows) {
        table.push(&request)?;
    }
    table.finish()?;
    eprintln!("{rows} rows over {days} days in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}
