//! The demonstration's Rust side: makes rows from a seed, folds an Arrow file, prints a rollup as a table.
//!
//! Not here: the other hosts (`demo/hosts`) and who calls them all (`demo/run.mjs`).
#![expect(clippy::float_arithmetic, reason = "made-up rows and times on a clock are not the kernel's answers")]

mod arguments;
mod arrow_batch;
mod cell;
mod fold;
mod generate;
mod show;

use arguments::Arguments;
use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "\
isofold-demo generate --out FILE.arrow [--rows N] [--days N] [--seed N]
isofold-demo fold --spec SPEC.json --data FILE.arrow [--threads N] [--out FILE.isofold]
isofold-demo show --rollup FILE.isofold [--rows N] [--width N]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("isofold-demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (command, arguments) = Arguments::parse(std::env::args().skip(1))?;
    match command.as_str() {
        "generate" => generate::run(&arguments),
        "fold" => fold::run(&arguments),
        "show" => show::run(&arguments),
        _ => Err(format!("no command {command:?}\n{USAGE}").into()),
    }
}
