//! What fuzzers throw bytes at: for each door of the kernel, what must hold whatever comes in.
//!
//! The one idea: a target is a function of bytes that panics when something is wrong. `tests/fuzz` hands these functions
//! to libFuzzer; `tests/fuzz_targets.rs` runs them over their seeds with every `cargo test`, so they cannot rot.
//!
//! Not here: cases whose answers are known (`cases`).

mod expression;
mod ingest;
mod rollups;
mod seeds;

pub use seeds::write_seeds;

/// A door of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Tries one input.
    pub run: fn(&[u8]),
    /// Inputs out of the vectors to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 5] = [
    Target { name: "decode", run: rollups::decode, seeds: seeds::encoded },
    Target { name: "spec", run: rollups::spec, seeds: seeds::specs },
    Target { name: "query", run: rollups::query, seeds: seeds::queries },
    Target { name: "expression", run: expression::expression, seeds: seeds::expressions },
    Target { name: "ingest", run: ingest::ingest, seeds: seeds::batches },
];

/// Tries one input on a target.
///
/// # Panics
/// When something is wrong with the kernel, or no target has that name.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no target is called {name}")).run)(input);
}
