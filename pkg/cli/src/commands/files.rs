//! The commands on files of rollups: inspect, merge; and what fold shares with them.

use crate::arguments::{Inspect, Merge};
use crate::problem::{of_output, Result};
use crate::{read, show, whole_file};
use isofold::{Code, Error};
use isofold_facade::json::Json;
use isofold_facade::Rollup;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Tells what the bytes of a rollup hold.
pub fn inspect(options: &Inspect) -> Result {
    let rollup = decoded(&options.file)?;
    if options.json {
        let digest = Json::Text(rollup.digest());
        let told = Json::object([("digest", digest), ("stats", rollup.stats()), ("spec", rollup.spec())]);
        writeln!(io::stdout(), "{told}").map_err(|error| of_output(&error))?;
    } else {
        tell(&rollup, false, None)?;
        writeln!(io::stdout(), "{}", indented(&rollup.spec())).map_err(|error| of_output(&error))?;
    }
    Ok(0)
}

/// Merges the bytes of rollups.
pub fn merge(options: &Merge) -> Result {
    let rollup = merged(&options.files)?;
    whole_file::write(&options.output, &rollup.encode())?;
    tell(&rollup, options.json, None)?;
    Ok(0)
}

/// The rollup of several files.
///
/// **Errors** `decode.*`, `merge.schema`, `limit.*`, with the file.
pub fn merged<P: AsRef<Path>>(files: &[P]) -> Result<Rollup> {
    let mut files = files.iter().map(AsRef::as_ref);
    let first = files.next().ok_or_else(|| Error::new(Code::HostArgument, "a file of a rollup is expected"))?;
    let mut rollup = decoded(first)?;
    for file in files {
        rollup.merge(&decoded(file)?).map_err(|error| of_file(&error, file))?;
    }
    Ok(rollup)
}

fn decoded(file: &Path) -> Result<Rollup> {
    Ok(Rollup::decode(&bytes_of(file)?).map_err(|error| of_file(&error, file))?)
}

/// The same error with the name of its file.
fn of_file(error: &Error, file: &Path) -> Error {
    let named =
        |one: &Error| Error::new(one.code(), format!("{}: {}", file.display(), one.message())).within(one.path());
    Error::from_all(error.problems().map(named).collect()).unwrap_or_else(|| error.clone())
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, Error> {
    let refused = |error| Error::new(Code::HostArgument, format!("{}: {}", file.display(), read::input_words(&error)));
    fs::read(file).map_err(refused)
}

/// The JSON of a file.
///
/// **Errors** `host.argument` for a file that has none.
pub fn json_of(file: &Path) -> Result<Json> {
    let text = text_of(file)?;
    let refused = |error: isofold_facade::json::NotJson| {
        let before = &text[..error.byte.min(text.len())];
        let line = before.matches('\n').count() + 1;
        Error::new(Code::HostArgument, format!("{} is not JSON: line {line}: {}", file.display(), error.reason))
    };
    Ok(Json::from_text(&text).map_err(refused)?)
}

/// The text of a file, without the mark that says it is UTF-8.
///
/// **Errors** `ingest.text`, `host.argument`.
pub fn text_of(file: &Path) -> Result<String> {
    let text = String::from_utf8(bytes_of(file)?)
        .map_err(|_| Error::new(Code::IngestText, format!("{} is not UTF-8", file.display())))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Tells what a rollup holds, and how many rows were left out where some may be.
pub fn tell(rollup: &Rollup, is_json: bool, skipped: Option<u64>) -> Result<()> {
    let stats = rollup.stats();
    let stat = |name: &str| match &stats {
        Json::Object(fields) => fields.iter().find(|(key, _)| key == name).map_or(Json::Null, |(_, json)| json.clone()),
        _ => Json::Null,
    };
    let mut told = vec![("name".to_owned(), Json::from(rollup.name()))];
    told.extend(["groups", "rows", "first_bucket", "last_bucket_end"].map(|name| (name.to_owned(), stat(name))));
    told.push(("digest".to_owned(), Json::Text(rollup.digest())));
    if let Some(skipped) = skipped {
        told.push(("skipped".to_owned(), Json::from(skipped)));
    }
    show::report(&[Json::Object(told)], is_json, &[])
}

/// JSON as people read it.
pub fn indented(json: &Json) -> String {
    fn put(json: &Json, depth: usize, text: &mut String) {
        let pad = "  ".repeat(depth + 1);
        match json {
            Json::Object(fields) if !fields.is_empty() => {
                for (at, (key, value)) in fields.iter().enumerate() {
                    *text += if at == 0 { "{\n" } else { ",\n" };
                    *text += &format!("{pad}{}: ", Json::from(key.as_str()));
                    put(value, depth + 1, text);
                }
                *text += &format!("\n{}}}", "  ".repeat(depth));
            }
            Json::Array(items) if items.iter().any(|item| matches!(item, Json::Object(_) | Json::Array(_))) => {
                for (at, item) in items.iter().enumerate() {
                    *text += if at == 0 { "[\n" } else { ",\n" };
                    *text += &pad;
                    put(item, depth + 1, text);
                }
                *text += &format!("\n{}]", "  ".repeat(depth));
            }
            other => *text += &other.to_string(),
        }
    }
    let mut text = String::new();
    put(json, 0, &mut text);
    text
}
