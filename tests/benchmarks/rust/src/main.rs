//! The Rust contestants of the benchmarks, and the verbs on a rollup.
//!
//! ```text
//! isofold-benchmarks isofold|bitrep --folder FOLDER --order time --keys dictionary --threads 1 --answers FILE
//! isofold-benchmarks verbs --folder FOLDER --out FOLDER
//! ```
//!
//! Each prints one line of JSON. What is timed is what `python/contest.py` times.

mod answer;
mod bitrep_rows;
mod isofold_rows;
mod memory;
mod rows;
mod states;
mod verbs;

use answer::Answer;
use rows::Rows;
use serde_json::{json, Map, Value};
use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

type Failure = Box<dyn Error>;

fn main() {
    if let Err(failure) = run() {
        eprintln!("isofold-benchmarks: {failure}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    let arguments = Arguments::new()?;
    let folder = arguments.path("folder")?;
    let report = match arguments.name.as_str() {
        "verbs" => verbs::report(&folder, &arguments.path("out")?)?,
        name => {
            let rows = Rows::read(&folder, arguments.text("order")?)?;
            let threads = arguments.text("threads")?.parse()?;
            let queries = arguments.options.get("queries").map_or("simple,full", String::as_str);
            let answers = arguments.path("answers")?;
            match name {
                "isofold" => contest(isofold_rows::Contestant::new(&rows, threads)?, queries, &answers)?,
                "bitrep" => contest(bitrep_rows::Contestant::new(&rows), queries, &answers)?,
                _ => return Err(format!("there is no contestant {name}").into()),
            }
        }
    };
    println!("{report}");
    Ok(())
}

/// What takes part: a query runs over rows that are in memory already.
trait Contestant {
    const VERSION: &'static str;

    fn run(&self, query: &str) -> Result<Answer, Failure>;
}

fn contest<C: Contestant>(contestant: C, queries: &str, answers: &Path) -> Result<Value, Failure> {
    let loaded = memory::bytes("VmRSS")?;
    let mut costs = Map::new();
    let mut columns = Map::new();
    for query in queries.split(',') {
        drop(contestant.run(query)?);
        memory::forget_peak()?;
        let cpu = memory::cpu_seconds()?;
        let started = Instant::now();
        let answer = contestant.run(query)?;
        let seconds = started.elapsed().as_secs_f64();
        let cost = json!({
            "seconds": seconds,
            "cpu_seconds": memory::cpu_seconds()? - cpu,
            "peak_bytes": memory::bytes("VmHWM")?,
        });
        costs.insert(query.to_owned(), cost);
        columns.insert(query.to_owned(), answer.to_json());
    }
    std::fs::write(answers, Value::Object(columns).to_string())?;
    Ok(json!({ "version": C::VERSION, "loaded_bytes": loaded, "queries": costs }))
}

struct Arguments {
    name: String,
    options: HashMap<String, String>,
}

impl Arguments {
    fn new() -> Result<Self, Failure> {
        let mut words = std::env::args().skip(1);
        let name = words.next().ok_or("a contestant is wanted")?;
        let mut options = HashMap::new();
        while let Some(word) = words.next() {
            let option = word.strip_prefix("--").ok_or_else(|| format!("{word} is no option"))?;
            options.insert(option.to_owned(), words.next().ok_or_else(|| format!("{word} wants a value"))?);
        }
        Ok(Self { name, options })
    }

    fn text(&self, option: &str) -> Result<&str, Failure> {
        self.options.get(option).map(String::as_str).ok_or_else(|| format!("--{option} is missing").into())
    }

    fn path(&self, option: &str) -> Result<PathBuf, Failure> {
        self.text(option).map(PathBuf::from)
    }
}
