//! `suggest`: a spec for a file, a catalog for a table.

use super::files;
use crate::arguments::Suggest;
use crate::problem::{complain, Problem, Result};
use crate::read::directions::delimiter_of;
use crate::read::{self, Directions, Rows, Wanted};
use crate::suggest::{catalog, spec_of, Sample, Suggestion};
use crate::{secrets, show, whole_file};
use isofold::{Code, Error};
use isofold_facade::json::{IngestOptions, Json};
use isofold_facade::keys::Strict;
use isofold_facade::Rollup;

/// Blocks of a file that the spec is tried on.
const TRIED: usize = 4;

/// Writes a spec or a catalog, and tells what was guessed.
pub fn run(options: &Suggest) -> Result {
    let suggestion = match (&options.file, &options.table) {
        (Some(file), None) => of_file(options, file)?,
        (None, Some(table)) => of_table(options, table)?,
        _ => return Err(Problem::Usage("a file, or --table NAME with --database, is expected".into())),
    };
    for note in &suggestion.notes {
        complain(format_args!("note: {note}"));
    }
    let text = files::indented(&suggestion.spec);
    match &options.output {
        Some(path) => whole_file::write(path, format!("{text}\n").as_bytes())?,
        None => show::line(&text)?,
    }
    Ok(0)
}

fn of_file(options: &Suggest, file: &str) -> Result<Suggestion> {
    let inputs = read::expand(&[file.to_owned()])?;
    let input = &inputs[0];
    let wrong = |words: String| Error::new(Code::HostArgument, words);
    let delimiter = options.delimiter.as_deref().map(delimiter_of).transpose().map_err(wrong)?;
    let sample = Sample::of(input, options.format, delimiter)?;
    let mut suggestion = spec_of(&sample, &input.path, options.timezone.as_deref())?;
    if !input.is_stdin() {
        if let Err(error) = tried(&suggestion.spec, vec![input.clone()]) {
            suggestion.notes.push(format!(
                "the file does not fold with this spec yet: {}: {}",
                error.code(),
                error.alone()
            ));
        }
    }
    Ok(suggestion)
}

/// Folds the start of the file with the spec.
fn tried(spec: &Json, inputs: Vec<read::Input>) -> Result<(), Error> {
    let mut spec = spec.clone();
    let directions = Directions::new(&mut spec, &read::directions::ReadOptions::default())?;
    let rollup = Rollup::new(&spec)?;
    let strict = Strict::No;
    let mut rows = Rows::new(inputs, Wanted { columns: rollup.columns(), directions, strict });
    let places = rows.places();
    let mut ingest = rollup.start_ingest_with(&IngestOptions { threads: 1, strict, skips: false });
    ingest.fold_all((&mut rows).take(TRIED)).map_err(|error| match places.lock() {
        Ok(places) => places.tell(&error),
        Err(_) => error,
    })
}

fn of_table(options: &Suggest, table: &str) -> Result<Suggestion> {
    let database = options.database.as_deref().ok_or_else(|| {
        Problem::from(Error::new(Code::HostArgument, "no database is given: --database or $ISOFOLD_DATABASE"))
    })?;
    secrets::hide_those_of(database);
    let mut driver = isofold_stores::connect(database)?;
    Ok(catalog::of_table(&mut *driver, table, options.timezone.as_deref())?)
}
