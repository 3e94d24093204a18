//! `cargo run -p isofold-conformance -- generate [--check]` writes `tests/vectors`, or tells which files are stale;
//! `… -- data FOLDER` writes the rows of the data sets as the runners of other hosts read them, `… -- seeds FOLDER` what
//! the fuzzers begin with.

use isofold_conformance::vectors::{folder, generated};
use std::fs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["generate"] => generate(),
        ["generate", "--check"] => check(),
        ["data", folder] => match isofold_conformance::data_sets::write(folder.as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{folder}: {error}");
                ExitCode::FAILURE
            }
        },
        ["seeds", folder] => match isofold_conformance::fuzz::write_seeds(folder.as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{folder}: {error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: isofold-conformance generate [--check] | data FOLDER | seeds FOLDER");
            ExitCode::from(2)
        }
    }
}

fn generate() -> ExitCode {
    for (name, text) in generated() {
        let path = folder().join(&name);
        if let Err(error) = fs::write(&path, text) {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
        println!("{name}");
    }
    ExitCode::SUCCESS
}

fn check() -> ExitCode {
    let stale: Vec<String> = generated()
        .into_iter()
        .filter(|(name, text)| fs::read_to_string(folder().join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| name)
        .collect();
    for name in &stale {
        eprintln!("{name} is stale: cargo run -p isofold-conformance -- generate, and look at what changed");
    }
    if stale.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
