//! `fold`: from files of rows to a rollup, and to an answer.

use super::files;
use crate::arguments::{Fold, OnRowError};
use crate::problem::{complain, Problem, Result};
use crate::read::{self, Directions, Input, Places, Rows, Wanted};
use crate::whole_file;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use isofold_facade::interrupt::Interrupt;
use isofold_facade::json::IngestOptions;
use isofold_facade::json::Json;
use isofold_facade::keys::Strict;
use isofold_facade::Rollup;
use std::sync::atomic::Ordering;
use std::sync::PoisonError;
use std::time::Duration;

/// Folds all rows of the files, or none.
pub fn run(options: &Fold) -> Result {
    let mut spec = files::json_of(&options.spec)?;
    let directions = Directions::new(&mut spec, &options.read)?;
    let mut rollup = Rollup::new(&spec)?;
    let inputs = read::expand(&options.files)?;
    let report = ingest(&mut rollup, inputs, directions, options)?;
    if let Some(path) = &options.output {
        whole_file::write(path, &rollup.encode())?;
    }
    let shows = options.output.is_none() || options.print || options.query.is_some() || options.show.html.is_some();
    if shows {
        let asked = super::query::asked(options.query.as_deref(), &options.asked, None)?;
        let frame = rollup.query(&asked)?.into_kernel();
        crate::show::answer(&frame, &options.show, rollup.name(), None)?;
    } else {
        files::tell(&rollup, options.show.json, report)?;
    }
    Ok(0)
}

fn ingest(rollup: &mut Rollup, inputs: Vec<Input>, directions: Directions, options: &Fold) -> Result<Option<u64>> {
    // in a file, a column that no row has is one that is spelled otherwise
    let strict = if options.strict { Strict::All } else { Strict::Columns };
    let threads = isofold_facade::threads(options.threads.map(f64::from))?;
    let skips = options.on_row_error == OnRowError::Skip;
    let size = inputs.iter().map(Input::size).sum::<Option<u64>>();
    let mut rows = Rows::new(inputs, Wanted { columns: rollup.columns(), directions, strict });
    let places = rows.places();
    let progress = Progress::new(size, &rows);
    let mut ingest = rollup.start_ingest_with(&IngestOptions { threads, strict, skips });
    if let Some(progress) = &progress {
        ingest = ingest.stopped_by(progress.looking());
    }
    let folded = ingest.fold_all(&mut rows).and_then(|()| {
        let keys = rows.seen_keys();
        ingest.see_keys(keys.iter().map(String::as_str));
        rollup.finish_report(ingest)
    });
    if let Some(progress) = progress {
        progress.bar.finish_and_clear();
    }
    let places = places.lock().unwrap_or_else(PoisonError::into_inner);
    let report = folded.map_err(|error| Problem::from(error).told_by(&places))?;
    if !skips {
        return Ok(None);
    }
    tell_skipped(&report.json(), &places);
    Ok(Some(report.skipped.count()))
}

/// Tells for each code how many rows are left out, and where the first is.
fn tell_skipped(report: &Json, places: &Places) {
    let field = |json: &Json, name: &str| match json {
        Json::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
        _ => None,
    };
    let Some(Json::Object(codes)) = field(report, "errors") else { return };
    for (name, problems) in codes {
        let count = field(&problems, "count").map_or_else(String::new, |count| count.to_string());
        let first = match field(&problems, "first") {
            Some(Json::Array(first)) => first.into_iter().next(),
            _ => None,
        };
        let example = first.and_then(|first| {
            let (Json::Text(message), row) = (field(&first, "message")?, field(&first, "row")) else { return None };
            let row = if let Some(Json::Int64(row)) = row { usize::try_from(row).ok() } else { None };
            let code = isofold::Code::ALL.iter().find(|code| code.as_str() == name)?;
            Some(format!(", the first: {}", places.words(*code, &message, row)))
        });
        complain(format_args!("{count} rows are left out for {name}{}", example.unwrap_or_default()));
    }
}

/// How far a fold is, on a terminal.
struct Progress {
    bar: ProgressBar,
    bytes: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Progress {
    /// A bar of bytes, or a count of them where nobody knows how many there are; nothing where nobody looks.
    fn new(size: Option<u64>, rows: &Rows) -> Option<Self> {
        if !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            return None;
        }
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr_with_hz(5));
        let known = "{bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left";
        let unknown = "{spinner} {binary_bytes} {binary_bytes_per_sec}";
        if let Ok(style) = ProgressStyle::with_template(if size.is_some() { known } else { unknown }) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Some(Self { bar, bytes: rows.bytes() })
    }

    /// Looks at how far it is whenever the fold asks whether to stop, which it never does.
    fn looking(&self) -> Interrupt {
        let (bar, bytes) = (self.bar.clone(), self.bytes.clone());
        Interrupt::new(move || {
            bar.set_position(bytes.load(Ordering::Relaxed));
            false
        })
    }
}
