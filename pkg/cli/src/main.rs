//! The command `isofold`: rollups of files, and rollups kept fresh in databases.
//!
//! The one idea: a command reads its words, asks the libraries, and shows what they say; a problem is one line on stderr
//! with its code, and passwords are in no line.
//!
//! Exit codes: 0 done; 1 a problem, told on stderr with its code; 2 a wrong command line; 3 a rollup that is not fresh;
//! 130 interrupted.
//!
//! Not here: what a rollup is (`isofold`), how databases keep them (`isofold_stores`).
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod problem;
mod read;
mod secrets;
mod show;
mod suggest;
mod whole_file;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match arguments::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // asked for, or wrong: clap knows which, and says it there
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { problem::USAGE } else { 0 });
        }
    };
    match commands::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => ExitCode::from(problem.tell()),
    }
}
