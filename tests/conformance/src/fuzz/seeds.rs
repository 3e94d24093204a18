//! What fuzzers begin with: the inputs of the vectors.

use crate::run::{bytes, entries, field, items, optional};
use crate::vectors::{committed, folder};
use isofold_facade::json::Json;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// Bytes of one seed: a fuzzer gets nowhere from a large input.
const MAX_SEED_BYTES: usize = 8192;

/// Writes the seeds of every target, `FOLDER/<target>/seed-<number>`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_seeds(folder: &Path) -> io::Result<()> {
    for target in super::TARGETS {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        }
    }
    Ok(())
}

/// Each once, in one order, none too large.
fn kept(seeds: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    seeds.filter(|seed| seed.len() <= MAX_SEED_BYTES).collect::<BTreeSet<_>>().into_iter().collect()
}

fn steps(case: &Json) -> impl Iterator<Item = &Json> {
    items(field(case, "steps")).iter()
}

/// The bytes that stand in vectors, with and without their checksum.
pub fn encoded() -> Vec<Vec<u8>> {
    let of_steps = committed().into_iter().flat_map(|(_, case)| {
        let hex = steps(&case).filter_map(|step| optional(step, "bytes")).filter(|json| matches!(json, Json::Text(_)));
        hex.map(bytes).collect::<Vec<_>>()
    });
    let golden = ["golden", "golden/v1"].into_iter().flat_map(|of| {
        fs::read_dir(folder().join(of)).expect("the golden bytes").map(|entry| entry.expect("a file").path())
    });
    let golden = golden
        .filter(|path| path.extension().is_some_and(|extension| extension == "isofold"))
        .map(|path| fs::read(path).expect("the golden bytes"));
    let bodies = |bytes: Vec<u8>| [bytes[..bytes.len().saturating_sub(8)].to_vec(), bytes];
    kept(of_steps.chain(golden).flat_map(bodies))
}

/// Every spec, those that are refused too.
pub fn specs() -> Vec<Vec<u8>> {
    let cases = committed();
    let specs = cases.iter().flat_map(|(_, case)| entries(field(case, "specs")));
    kept(specs.map(|(_, spec)| match spec {
        Json::Text(text) => text.clone().into_bytes(),
        spec => spec.to_string().into_bytes(),
    }))
}

/// Every query.
pub fn queries() -> Vec<Vec<u8>> {
    let cases = committed();
    let queries = cases.iter().flat_map(|(_, case)| steps(case)).filter_map(|step| optional(step, "query"));
    kept(queries.map(|query| query.to_string().into_bytes()))
}

/// The texts of metrics and conditions, and the arguments of the metrics' outermost calls.
pub fn expressions() -> Vec<Vec<u8>> {
    let cases = committed();
    let specs = cases.iter().flat_map(|(_, case)| entries(field(case, "specs"))).map(|(_, spec)| spec);
    let texts = specs.filter(|spec| matches!(spec, Json::Object(_))).flat_map(|spec| {
        let metrics = optional(spec, "select").into_iter().filter(|select| matches!(select, Json::Object(_)));
        let metrics = metrics.flat_map(entries).map(|(_, metric)| metric);
        metrics.chain(optional(spec, "where")).filter(|json| matches!(json, Json::Text(_))).collect::<Vec<_>>()
    });
    kept(texts.flat_map(|json| {
        let Json::Text(text) = json else { unreachable!("texts alone are kept") };
        let inside = text.find('(').and_then(|start| text.get(start + 1..text.rfind(')')?)).unwrap_or_default();
        [text.clone().into_bytes(), inside.to_owned().into_bytes()]
    }))
}

/// The first spec of every case with each of its batches.
pub fn batches() -> Vec<Vec<u8>> {
    let cases = committed();
    let pairs = cases.iter().flat_map(|(_, case)| {
        let spec = entries(field(case, "specs")).first().map(|(_, spec)| spec.clone());
        let batches = entries(field(case, "batches")).iter();
        batches.filter_map(move |(_, batch)| Some(Json::object([("spec", spec.clone()?), ("batch", batch.clone())])))
    });
    kept(pairs.map(|pair| pair.to_string().into_bytes()))
}
