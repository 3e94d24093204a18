//! What a command writes: tables for people, JSON, CSV and Arrow for programs, charts.

mod arrow;
mod chart;
mod csv;
mod html;
mod json;
mod table;
mod text;

use crate::problem::{of_output, Problem, Result};
use isofold::query::Frame;
use isofold_facade::json::Json;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

pub use html::page;
pub use json::text as json_text;

/// How an answer is shown.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct ShowOptions {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Write CSV
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Write a stream of Arrow IPC
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub arrow: bool,
    /// Draw a chart in the terminal
    #[arg(long, conflicts_with_all = ["json", "csv", "arrow"])]
    pub chart: bool,
    /// Write a page of charts to this file, which holds the answer
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Writes an answer to stdout as it is asked for; `more` goes beside the rows of JSON.
///
/// **Errors** those of stdout; `host.argument`, `limit.bytes` where the answer cannot be written so.
pub fn answer(frame: &Frame, options: &ShowOptions, title: &str, more: Option<(&str, Json)>) -> Result<()> {
    if let Some(path) = &options.html {
        crate::whole_file::write(path, page(frame, title).as_bytes())?;
        return Ok(());
    }
    let mut out = io::stdout().lock();
    let written = if options.json {
        json::answer(&mut out, frame, more)
    } else if options.csv {
        csv::answer(&mut out, frame)
    } else if options.arrow {
        if out.is_terminal() {
            return Err(Problem::Usage("--arrow writes bytes, which a terminal cannot show: redirect them".into()));
        }
        arrow::answer(&mut out, frame)
    } else if options.chart {
        chart::answer(&mut out, frame)
    } else {
        table::answer(&mut out, frame)
    };
    written.and_then(|()| out.flush()).map_err(|error| of_output(&error))
}

/// Writes rows of a report: each an object of the same keys.
///
/// **Errors** those of stdout.
pub fn report(rows: &[Json], is_json: bool, hidden: &[&str]) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = if is_json {
        writeln!(out, "{}", json_text(&Json::Array(rows.to_vec())))
    } else {
        table::rows(&mut out, rows, hidden)
    };
    written.and_then(|()| out.flush()).map_err(|error| of_output(&error))
}

/// Writes a line.
///
/// **Errors** those of stdout.
pub fn line(text: &str) -> Result<()> {
    writeln!(io::stdout(), "{text}").map_err(|error| of_output(&error))
}
