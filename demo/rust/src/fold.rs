//! The Rust host: folds an Arrow file and reports one line of JSON, as every host does.

use crate::arguments::Arguments;
use crate::arrow_batch::arrow_batch;
use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use isofold_facade::Rollup;
use serde_json::json;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

/// Folds a file, prints the report, and keeps the rollup where `--out` says.
///
/// **Errors** files that cannot be read or written; what the kernel refuses.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let spec = fs::read_to_string(arguments.path("spec")?)?;
    let records = read(arguments.path("data")?)?;
    let threads = arguments.number("threads", 1_usize)?;

    let mut seconds = Vec::new();
    let rollup = loop {
        let started = Instant::now();
        let rollup = fold(&spec, &records, threads)?;
        seconds.push(started.elapsed().as_secs_f64());
        if !is_repeated(&seconds) {
            break rollup;
        }
    };
    seconds.sort_by(f64::total_cmp);

    let bytes = rollup.encode();
    if let Some(path) = arguments.optional_path("out") {
        fs::write(path, &bytes)?;
    }
    let report = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "backend": "native",
        "rows": records.iter().map(RecordBatch::num_rows).sum::<usize>(),
        "groups": rollup.size(),
        "bytes": bytes.len(),
        "digest": rollup.digest(),
        "seconds": seconds[seconds.len() / 2],
    });
    println!("{report}");
    Ok(())
}

/// Whether to fold again: a few times and for a second, so that neither a first run nor one pause decides.
fn is_repeated(seconds: &[f64]) -> bool {
    let total: f64 = seconds.iter().sum();
    total < if seconds.len() < 3 { 3.0 } else { 1.0 }
}

fn read(path: &Path) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let reader = FileReader::try_new(BufReader::new(File::open(path)?), None)?;
    Ok(reader.collect::<Result<_, _>>()?)
}

fn fold(spec: &str, records: &[RecordBatch], threads: usize) -> Result<Rollup, Box<dyn Error>> {
    let mut rollup = Rollup::new(spec)?;
    let mut ingest = rollup.start_ingest(threads);
    for record in records {
        ingest.fold(&arrow_batch(record)?)?;
    }
    rollup.finish_ingest(ingest)?;
    Ok(rollup)
}
