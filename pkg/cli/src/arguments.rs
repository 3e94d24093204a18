//! The words of a command line.

use crate::read::directions::ReadOptions;
use crate::read::Format;
use crate::show::ShowOptions;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Rollups that are a function of their rows: of files, and kept fresh in databases.
#[derive(Debug, Parser)]
#[command(
    name = "isofold",
    version,
    after_help = "Exit codes: 0 done; 1 a problem, told on stderr with its code; 2 a wrong command line; 3 a rollup that \
                  is not fresh; 130 interrupted."
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fold the rows of files: CSV, TSV, NDJSON, JSON, Parquet, Arrow, logs; also compressed by gzip or zstd
    Fold(Fold),
    /// Write a spec for a file, or a catalog for a table, from what is in it
    Suggest(Suggest),
    /// Answer a query: of files of rollups, or of a rollup in a database
    Query(Query),
    /// Merge the bytes of rollups
    Merge(Merge),
    /// Tell what the bytes of a rollup hold
    Inspect(Inspect),
    /// Make the tables, or bring them up to the catalog
    Init(Init),
    /// Build what is due
    Refresh(Refresh),
    /// Tell what a refresh would build
    Plan(Plan),
    /// How fresh is every rollup; exit code 3 when one is not
    Check(StoreOptions),
    /// Tell that rows of a range changed: the next refresh builds it again
    Invalidate(Invalidate),
    /// Drop what the retentions no longer keep
    Prune(StoreOptions),
    /// Set a rollup back: the next refresh builds from there
    Reset(Reset),
    /// Take isofold out of the database: its triggers, their function and its own tables
    Drop(Drop),
    /// Tell of the newest refreshes
    Runs(Runs),
    /// Write a rollup of a database to a file
    Export(Export),
    /// Refresh and prune on the schedule of the catalog until stopped
    Run(Run),
    /// Write completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    Man,
}

/// Where a catalog and its database are.
#[derive(Args, Clone, Debug)]
pub struct StoreOptions {
    /// The catalog
    #[arg(long, env = "ISOFOLD_CATALOG", default_value = "isofold.json", value_name = "FILE")]
    pub catalog: PathBuf,
    /// postgresql://…, 'host=… dbname=…', or the path of an SQLite database
    #[arg(long, env = "ISOFOLD_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Folds files.
#[derive(Args, Debug)]
pub struct Fold {
    /// The files; '-' is standard input, and '*', '?' and '[…]' are patterns
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// The file of the spec
    #[arg(long, value_name = "SPEC")]
    pub spec: PathBuf,
    /// The file of the rollup's bytes
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Show the rollup: its metrics by bucket and key, or what the options of a query ask
    #[arg(long)]
    pub print: bool,
    /// Show the answer to a query in JSON
    #[arg(long, value_name = "JSON")]
    pub query: Option<String>,
    /// Refuse columns that the spec does not declare
    #[arg(long)]
    pub strict: bool,
    /// What a row does that does not fit
    #[arg(long, value_enum, default_value = "stop")]
    pub on_row_error: OnRowError,
    /// Threads that fold; those of the machine where nothing is said
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    #[command(flatten)]
    pub read: ReadOptions,
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub show: ShowOptions,
}

/// Writes a spec or a catalog.
#[derive(Args, Debug)]
pub struct Suggest {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// A table of the database, for which a catalog is written
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// postgresql://…, 'host=… dbname=…', or the path of an SQLite database
    #[arg(long, env = "ISOFOLD_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// The format of the file, where it does not show
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// What separates the fields of CSV, where it does not show
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<String>,
    /// The zone of times that have none: Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// The file of the spec; stdout where none is named
    #[arg(short, long, value_name = "SPEC")]
    pub output: Option<PathBuf>,
}

/// What a row does that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnRowError {
    /// it refuses the files
    Stop,
    /// it is left out, and counted
    Skip,
}

/// A query in words.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Query")]
pub struct Asked {
    /// First instant
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// First instant after the range
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// A width, or 'none' for one row per key
    #[arg(long, value_name = "WIDTH")]
    pub bucket: Option<String>,
    /// The zone of the bucket
    #[arg(long = "bucket-timezone", value_name = "ZONE")]
    pub zone: Option<String>,
    /// Keys, separated by commas; '' for none
    #[arg(long, value_name = "A,B")]
    pub group_by: Option<String>,
    /// Metrics, separated by commas
    #[arg(long, value_name = "A,B")]
    pub select: Option<String>,
    /// A condition over keys
    #[arg(long = "where", value_name = "CONDITION")]
    pub filter: Option<String>,
    /// A condition over the result
    #[arg(long, value_name = "CONDITION")]
    pub having: Option<String>,
    /// Columns of the result, separated by commas; '-name' for the largest first
    #[arg(long, value_name = "A,B", allow_hyphen_values = true)]
    pub order_by: Option<String>,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
}

/// Answers a query.
#[derive(Args, Debug)]
pub struct Query {
    /// Files of rollups, which are merged, or the name of a rollup in the database; then a query in JSON, unless the options say it
    #[arg(required = true, value_name = "FILE|ROLLUP [JSON]")]
    pub words: Vec<String>,
    /// The query in JSON
    #[arg(long = "query", value_name = "JSON")]
    pub json_query: Option<String>,
    /// The zone of the bucket
    #[arg(long, value_name = "ZONE", help_heading = "Query")]
    pub timezone: Option<String>,
    #[command(flatten)]
    pub asked: Asked,
    /// The catalog
    #[arg(long, env = "ISOFOLD_CATALOG", default_value = "isofold.json", value_name = "FILE")]
    pub catalog: PathBuf,
    /// postgresql://…, 'host=… dbname=…', or the path of an SQLite database
    #[arg(long, env = "ISOFOLD_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    #[command(flatten)]
    pub show: ShowOptions,
}

/// Merges files.
#[derive(Args, Debug)]
pub struct Merge {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The file of the merged rollup's bytes
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Tells of a file.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The file
    pub file: PathBuf,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Makes tables.
#[derive(Args, Debug)]
pub struct Init {
    #[command(flatten)]
    pub store: StoreOptions,
    /// Tell what would be done, with its statements, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Builds what is due.
#[derive(Args, Debug)]
pub struct Refresh {
    #[command(flatten)]
    pub store: StoreOptions,
    /// This rollup only; may be given again
    #[arg(long, value_name = "NAME")]
    pub rollup: Vec<String>,
    /// Build everything from this time on again
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Build nothing from this time on
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Build also where rows seem to have been dropped
    #[arg(long)]
    pub force: bool,
}

/// Tells what a refresh would build.
#[derive(Args, Debug)]
pub struct Plan {
    #[command(flatten)]
    pub store: StoreOptions,
    /// This rollup only; may be given again
    #[arg(long, value_name = "NAME")]
    pub rollup: Vec<String>,
    /// As if everything from this time on were to be built again
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// Tells of changed rows.
#[derive(Args, Debug)]
pub struct Invalidate {
    #[command(flatten)]
    pub store: StoreOptions,
    /// First instant
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// First instant no longer in the range
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// This rollup only
    #[arg(long, value_name = "NAME")]
    pub rollup: Option<String>,
}

/// Sets a rollup back.
#[derive(Args, Debug)]
pub struct Reset {
    #[command(flatten)]
    pub store: StoreOptions,
    /// The time to which
    #[arg(long, value_name = "TIME")]
    pub to: String,
    /// This rollup only, and what is built from it
    #[arg(long, value_name = "NAME")]
    pub rollup: Option<String>,
}

/// Takes isofold out of a database.
#[derive(Args, Debug)]
pub struct Drop {
    #[command(flatten)]
    pub store: StoreOptions,
    /// Drop the tables of the rollups, too
    #[arg(long)]
    pub tables: bool,
}

/// Tells of refreshes.
#[derive(Args, Debug)]
pub struct Runs {
    #[command(flatten)]
    pub store: StoreOptions,
    /// This rollup only
    #[arg(long, value_name = "NAME")]
    pub rollup: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: u32,
}

/// Writes a rollup of a database to a file.
#[derive(Args, Debug)]
pub struct Export {
    #[command(flatten)]
    pub store: StoreOptions,
    /// The rollup
    pub rollup: String,
    /// First instant
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// First instant no longer in the range
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// The file of the rollup's bytes
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
}

/// Refreshes on schedule.
#[derive(Args, Debug)]
pub struct Run {
    /// A catalog; may be given again
    #[arg(long, env = "ISOFOLD_CATALOG", default_value = "isofold.json", value_name = "FILE")]
    pub catalog: Vec<PathBuf>,
    /// postgresql://…, 'host=… dbname=…', or the path of an SQLite database
    #[arg(long, env = "ISOFOLD_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Stop after so many rounds; 0 never does
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub rounds: u64,
    /// Serve figures for Prometheus at http://ADDRESS/metrics
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<String>,
}
