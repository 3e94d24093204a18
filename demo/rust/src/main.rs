//! The demonstration's Rust side: makes rows from a seed, folds an Arrow file, prints a rollup as a table.
//!
//! Not here: the other hosts (`demo/hosts`) and who calls them all (`demo/run.mjs`).
#![expect(clippy::float_arithmetic, reason = "made-up rows and times on a clock are not the kernel's answers")]

mod arguments;
mod generate;

use arguments::Arguments;
use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "\
isofold-demo generate --out FILE.arrow [--rows N] [--days N] [--seed N]";

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
        _ => Err(format!("no command {command:?}\n{USAGE}").into()),
    }
}
