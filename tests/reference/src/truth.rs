//! The shared data sets and the answers that were computed for them elsewhere, in exact fractions.
//!
//! The one idea: a table is text; a reader decides what a column is.
//!
//! *Not here*: the data themselves. They lie outside the repository; a test that finds none says so and passes.

use crate::skip::skipped;
use flate2::read::MultiGzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder of the data sets: `$ISOFOLD_DATA`, else `../shared/data` from the root of the workspace.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("ISOFOLD_DATA").map_or_else(|| workspace.join("../shared/data"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// The folder of the data sets, or a line that says why a test does nothing.
///
/// # Panics
/// Where [`skipped`] does.
#[must_use]
pub fn data_dir_or_skip(test: &str) -> Option<PathBuf> {
    let folder = data_dir();
    if folder.is_none() {
        skipped(test, "no data at $ISOFOLD_DATA or ../shared/data");
    }
    folder
}

/// A CSV file in memory: a header and rows of text; an empty text is a missing value.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    /// Reads a `.csv` or `.csv.gz` file.
    ///
    /// # Panics
    /// When it cannot be read: damaged data is no reason to skip.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        let is_gzip = path.extension().is_some_and(|extension| extension == "gz");
        let bytes: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().expect("a header line").iter().map(str::to_string).collect();
        let rows = reader.records().collect::<Result<_, _>>();
        Self { header, rows: rows.unwrap_or_else(|problem| panic!("{}: {problem}", path.display())) }
    }

    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The place of a column.
    ///
    /// # Panics
    /// When there is no such column.
    #[must_use]
    pub fn position(&self, name: &str) -> usize {
        let found = self.header.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("no column {name} in {:?}", self.header))
    }

    /// A column as text.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = Option<&'a str>> + 'a {
        let column = self.position(name);
        self.rows.iter().map(move |row| Some(&row[column]).filter(|text| !text.is_empty()))
    }

    /// A column as doubles, each the nearest to its text.
    pub fn floats<'a>(&'a self, name: &str) -> impl Iterator<Item = Option<f64>> + 'a {
        self.texts(name).map(|text| text.map(parse))
    }

    /// A column as integers.
    pub fn ints<'a>(&'a self, name: &str) -> impl Iterator<Item = Option<i64>> + 'a {
        self.texts(name).map(|text| text.map(parse))
    }

    /// Each row as a map from column to text; for small files.
    #[must_use]
    pub fn maps(&self) -> Vec<BTreeMap<&str, &str>> {
        let header = || self.header.iter().map(String::as_str);
        self.rows.iter().map(|row| header().zip(row.iter()).collect()).collect()
    }
}

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no {}", std::any::type_name::<T>()))
}

/// One line of a truth file: a metric of one group.
#[derive(Clone, Debug)]
pub struct Truth {
    /// `min1`, `min5`, `hour`, `day` (all in UTC), `day_ny` (of America/New_York) or `all`.
    pub bucket: String,
    /// The start of the bucket in nanoseconds; 0 for `all`.
    pub bucket_start_ns: i64,
    /// The columns of the key.
    pub dims: Vec<String>,
    /// The values of the key.
    pub key: Vec<Option<String>>,
    /// The column that is measured, or `distinct:` and the column whose values are counted.
    pub metric: String,
    /// Rows in the group.
    pub n_rows: u64,
    /// Values present.
    pub n: u64,
    /// The sum, rounded once.
    pub sum: Option<f64>,
    /// The mean, rounded once.
    pub mean: Option<f64>,
    /// The smallest value.
    pub min: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// p50, p95, p99 by nearest rank: `percentile_disc`.
    pub nearest_rank: [Option<f64>; 3],
    /// p50, p95, p99 interpolated: `percentile_cont`, rounded once.
    pub linear: [Option<f64>; 3],
    /// The square root of the exact variance of a sample, rounded once: [`crate::moments::exact_deviation`].
    pub stddev_samp: Option<f64>,
    /// Distinct values.
    pub n_distinct: u64,
}

/// The probabilities of [`Truth::nearest_rank`] and [`Truth::linear`], in percent.
pub const TRUTH_PERCENTS: [i64; 3] = [50, 95, 99];

impl Truth {
    /// Reads a truth file: `truths(&data, "llm/azure_llm_2023")`.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn read(data: &Path, name: &str) -> Vec<Truth> {
        let table = Table::read(&data.join("truth").join(format!("{name}.truth.csv.gz")));
        table.maps().iter().map(Truth::from_map).collect()
    }

    /// The column whose distinct values are counted, when that is all this line says.
    #[must_use]
    pub fn distinct_of(&self) -> Option<&str> {
        self.metric.strip_prefix("distinct:")
    }

    fn from_map(line: &BTreeMap<&str, &str>) -> Truth {
        let float = |name: &str| Some(line[name]).filter(|text| !text.is_empty()).map(parse);
        let dims: Vec<String> = line["dims"].split('|').filter(|dim| !dim.is_empty()).map(str::to_string).collect();
        let values = line["key"].split('|').map(|value| Some(value.to_string()).filter(|text| !text.is_empty()));
        Truth {
            bucket: line["bucket"].to_string(),
            bucket_start_ns: parse(line["bucket_start_ns"]),
            key: if dims.is_empty() { Vec::new() } else { values.collect() },
            dims,
            metric: line["metric"].to_string(),
            n_rows: parse(line["n_rows"]),
            n: parse(line["n"]),
            sum: float("sum"),
            mean: float("mean"),
            min: float("min"),
            max: float("max"),
            nearest_rank: ["p50_nr", "p95_nr", "p99_nr"].map(float),
            linear: ["p50_lin", "p95_lin", "p99_lin"].map(float),
            stddev_samp: float("stddev_samp"),
            n_distinct: parse(line["n_distinct"]),
        }
    }
}

/// Reads a data set: `data_set(&data, "llm/azure_llm_2023")`.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn data_set(data: &Path, name: &str) -> Table {
    Table::read(&data.join(format!("{name}.csv.gz")))
}

/// Reads a file of published figures: `published(&data, "llmperf_summary")`.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn published(data: &Path, name: &str) -> Table {
    Table::read(&data.join("published").join(format!("{name}.csv")))
}

/// One answer of TimescaleDB's `time_bucket`.
#[derive(Clone, Debug)]
pub struct BucketVector {
    /// The width as an interval: `15 minutes`.
    pub width: String,
    /// The zone.
    pub timezone: String,
    /// The instant in microseconds.
    pub time_us: i64,
    /// The start of its bucket in microseconds.
    pub bucket_us: i64,
}

/// Reads every answer of `time_bucket` there is.
///
/// # Panics
/// When they cannot be read.
#[must_use]
pub fn bucket_vectors(data: &Path) -> Vec<BucketVector> {
    let table = Table::read(&data.join("vectors/time_bucket.csv.gz"));
    let vector = |line: &BTreeMap<&str, &str>| BucketVector {
        width: line["width"].to_string(),
        timezone: line["timezone"].to_string(),
        time_us: parse(line["ts_us"]),
        bucket_us: parse(line["bucket_us"]),
    };
    table.maps().iter().map(vector).collect()
}
