//! Runs the steps of a case over the facade, as every host does over its package.
//!
//! The one idea: running a step gives the entries that the step has in a file. Generating writes them there; testing
//! compares them with what is written.

use crate::cell::{answer, host_column};
use isofold::value::{OutputType, TimeUnit};
use isofold::{Error, Result, Value};
use isofold_facade::json::{ingest_options, Json};
use isofold_facade::{Batch, Cell, ColumnBuilder, Frame, Rollup};
use std::collections::BTreeMap;

/// Encodings up to this length stand in the files in full, longer ones by their digest.
const GOLDEN_BYTES: usize = 2048;

/// What comes out of a step: entries of its object.
pub type Outcome = Vec<(&'static str, Json)>;

/// The rollups of a case while its steps run.
#[derive(Debug, Default)]
pub struct Run<'c> {
    specs: Vec<(&'c str, &'c Json)>,
    batches: Vec<(&'c str, &'c Json)>,
    rollups: BTreeMap<&'c str, Rollup>,
}

/// The value of a key.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn field<'j>(object: &'j Json, key: &str) -> &'j Json {
    optional(object, key).unwrap_or_else(|| panic!("{key} is missing in {object}"))
}

/// The value of a key, if there is one.
#[must_use]
pub fn optional<'j>(object: &'j Json, key: &str) -> Option<&'j Json> {
    entries(object).iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

/// The entries of an object.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn entries(object: &Json) -> &[(String, Json)] {
    match object {
        Json::Object(entries) => entries,
        other => panic!("an object is wanted, got {other}"),
    }
}

/// The items of an array.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn items(array: &Json) -> &[Json] {
    match array {
        Json::Array(items) => items,
        other => panic!("an array is wanted, got {other}"),
    }
}

/// The text of a key.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn text<'j>(object: &'j Json, key: &str) -> &'j str {
    match field(object, key) {
        Json::Text(text) => text,
        other => panic!("{key} must be a text, got {other}"),
    }
}

/// The batch that the spelling of one means.
///
/// # Errors
/// Those of [`Batch::add`].
pub fn batch_of(columns: &Json) -> Result<Batch<'static>> {
    Batch::from_columns(entries(columns).iter().map(|(name, column)| (name.clone(), host_column(column))))
}

impl<'c> Run<'c> {
    /// The start of a case.
    #[must_use]
    pub fn new(case: &'c Json) -> Self {
        let named = |key| entries(field(case, key)).iter().map(|(name, value)| (name.as_str(), value)).collect();
        Self { specs: named("specs"), batches: named("batches"), rollups: BTreeMap::new() }
    }

    /// Runs the next step; what it refuses comes out as its error.
    pub fn step(&mut self, step: &'c Json) -> Outcome {
        self.outcome(step).unwrap_or_else(|error| vec![("error", problem(&error))])
    }

    fn rollup(&mut self, name: &str) -> &mut Rollup {
        self.rollups.get_mut(name).unwrap_or_else(|| panic!("no step has made {name}"))
    }

    fn copy(&mut self, step: &Json, key: &str) -> Rollup {
        self.rollup(text(step, key)).clone()
    }

    fn keep(&mut self, step: &'c Json, key: &str, rollup: Rollup) -> Result<Outcome> {
        self.rollups.insert(text(step, key), rollup);
        Ok(Vec::new())
    }

    fn outcome(&mut self, step: &'c Json) -> Result<Outcome> {
        let on = text(step, "on");
        match text(step, "do") {
            "new" => {
                let rollup = match named(&self.specs, text(step, "spec")) {
                    Json::Text(text) => Rollup::new(text.as_str())?,
                    json => Rollup::new(json)?,
                };
                self.keep(step, "on", rollup)
            }
            "ingest" => {
                let columns = named(&self.batches, text(step, "batch"));
                let batch = batch_of(columns)?;
                let Some(given) = optional(step, "options") else {
                    let rows = self.rollup(on).ingest(&batch)?;
                    return Ok(vec![("rows", Json::from(rows as u64))]);
                };
                let options = ingest_options(given, 1)?;
                let mut ingest = self.rollup(on).start_ingest_with(&options);
                ingest.see_keys(entries(columns).iter().map(|(name, _)| name.as_str()));
                ingest.fold(&batch)?;
                let report = self.rollup(on).finish_report(ingest)?;
                Ok(vec![if options.skips {
                    ("report", wordless(report.json()))
                } else {
                    ("rows", Json::from(report.rows as u64))
                }])
            }
            "merge" => {
                let other = self.copy(step, "with");
                self.rollup(on).merge_within(&other, &within(step)).map(|()| Vec::new())
            }
            "merge_bytes" => {
                let bytes = match optional(step, "of") {
                    Some(_) => self.copy(step, "of").encode(),
                    None => bytes(field(step, "bytes")),
                };
                self.rollup(on).merge_bytes(&bytes, &within(step)).map(|()| Vec::new())
            }
            "coarsen" => {
                let coarse = self.rollup(on).coarsen(field(step, "options"))?;
                self.keep(step, "into", coarse)
            }
            "slice" => {
                let cut = self.rollup(on).slice(&bounds(step))?;
                self.keep(step, "into", cut)
            }
            "replace" => {
                let other = self.copy(step, "with");
                self.rollup(on).replace_within(&bounds(step), &other, &within(step)).map(|()| Vec::new())
            }
            "prune" => {
                let groups = self.rollup(on).prune(text(step, "before"))?;
                Ok(vec![("groups", Json::from(groups as u64))])
            }
            "recode" => {
                let decoded = Rollup::decode(&self.rollup(on).encode())?;
                self.keep(step, "into", decoded)
            }
            "decode" => {
                let decoded = Rollup::decode_within(&bytes(field(step, "bytes")), &within(step), None)?;
                self.keep(step, "on", decoded)
            }
            "rows" => {
                let frame = self.rollup(on).rows()?;
                let states = frame.states().expect("rows have states").iter();
                Ok(vec![("states", Json::Array(states.map(|state| Json::Text(crate::case::hex(state))).collect()))])
            }
            "from_rows" => {
                let mut rollup = match named(&self.specs, text(step, "spec")) {
                    Json::Text(text) => Rollup::new(text.as_str())?,
                    json => Rollup::new(json)?,
                };
                if optional(step, "of").is_some() {
                    let frame = self.copy(step, "of").rows()?;
                    let states: Vec<&[u8]> =
                        frame.states().expect("rows have states").iter().map(Vec::as_slice).collect();
                    rollup.add_rows(&batch_of_frame(&frame)?, &states, &within(step))?;
                } else {
                    let states: Vec<Vec<u8>> = items(field(step, "states")).iter().map(bytes).collect();
                    let states: Vec<&[u8]> = states.iter().map(Vec::as_slice).collect();
                    rollup.add_rows(&batch_of(named(&self.batches, text(step, "batch")))?, &states, &within(step))?;
                }
                self.keep(step, "on", rollup)
            }
            "merge_rows" => {
                let frame = self.copy(step, "of").rows()?;
                let states: Vec<&[u8]> = frame.states().expect("rows have states").iter().map(Vec::as_slice).collect();
                let batch = batch_of_frame(&frame)?;
                self.rollup(on).merge_rows(&batch, &states, &within(step))?;
                Ok(Vec::new())
            }
            "same" => {
                let (ours, theirs) = (self.rollup(on).digest(), self.copy(step, "with").digest());
                Ok(vec![("same", Json::Bool(ours == theirs))])
            }
            "check" => Ok(checked(self.rollup(on))),
            "check_spec" => {
                let rollup = self.rollup(on);
                Ok(vec![("spec", rollup.spec()), ("canonical", Json::Bool(rollup.is_canonical()))])
            }
            "query" => {
                let frame = self.rollup(on).query(field(step, "query"))?;
                let column = |(index, (name, output))| {
                    let values = frame.values(index).iter().map(answer).collect();
                    Json::object([
                        ("name", Json::from(name)),
                        ("type", Json::Text(isofold_facade::frame::type_name(output))),
                        ("values", Json::Array(values)),
                    ])
                };
                let columns = Json::Array(frame.columns().enumerate().map(column).collect());
                let Json::Array(warnings) = frame.warnings_json() else { panic!("warnings are an array") };
                let mut outcome = vec![("columns", columns)];
                if !warnings.is_empty() {
                    outcome.push(("warnings", Json::Array(warnings.into_iter().map(without_words).collect())));
                }
                Ok(outcome)
            }
            other => panic!("no verb is called {other}"),
        }
    }
}

/// A warning without the words for people, which may change.
fn without_words(warning: Json) -> Json {
    let Json::Object(entries) = warning else { panic!("{warning} is no warning") };
    Json::Object(entries.into_iter().filter(|(key, _)| key != "message").collect())
}

/// The columns of scalars of a result, as a batch.
fn batch_of_frame(frame: &Frame) -> Result<Batch<'static>> {
    let scalars = frame.columns().enumerate().filter(|(_, (_, output))| matches!(output, OutputType::Scalar(_)));
    Batch::from_columns(scalars.map(|(index, (name, _))| {
        let mut column = ColumnBuilder::new();
        for value in frame.values(index) {
            column.push(match value {
                Value::Bool(value) => Cell::Bool(*value),
                Value::Int64(value) => Cell::Int64(*value),
                Value::Float64(value) => Cell::Number(value.to_bits()),
                Value::Timestamp(us) => Cell::Timestamp(*us, TimeUnit::Microsecond),
                Value::String(text) => Cell::Text(text.clone().into()),
                Value::Decimal(units, scale) => Cell::Decimal(isofold::math::fixed::write(*units, *scale).into()),
                Value::Null | Value::List(_) | Value::Counts(_) => Cell::Null,
            });
        }
        (name.to_owned(), column.finish())
    }))
}

fn named<'c>(all: &[(&'c str, &'c Json)], name: &str) -> &'c Json {
    all.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("nothing is called {name}")).1
}

/// The budget of a step, if it has one.
fn within(step: &Json) -> Json {
    optional(step, "within").cloned().unwrap_or(Json::Object(Vec::new()))
}

fn bounds(step: &Json) -> Json {
    Json::object(["start", "end"].map(|key| (key, field(step, key).clone())))
}

/// Bytes in hex, or `{"zeros": n}`.
pub(crate) fn bytes(json: &Json) -> Vec<u8> {
    match json {
        Json::Text(hex) => (0..hex.len())
            .step_by(2)
            .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).expect("two hex digits"))
            .collect(),
        other => match field(other, "zeros") {
            Json::Int64(length) => vec![0; *length as usize],
            other => panic!("{other} is no length"),
        },
    }
}

fn checked(rollup: &Rollup) -> Outcome {
    let encoded = rollup.encode();
    let mut outcome = vec![("size", Json::from(rollup.size() as u64)), ("digest", Json::Text(rollup.digest()))];
    if encoded.len() <= GOLDEN_BYTES {
        outcome.push(("bytes", Json::Text(crate::case::hex(&encoded))));
    }
    // the memory behind a rollup is the one number that depends on the host
    let stats = entries(&rollup.stats()).iter().filter(|(key, _)| key != "memory_bytes").cloned().collect();
    outcome.push(("stats", Json::Object(stats)));
    outcome
}

/// Code, path and position of every problem; the words are for people and may change.
fn problem(error: &Error) -> Json {
    let one = |error: &Error| {
        let mut entries = vec![("code", Json::from(error.code().as_str())), ("path", Json::from(error.path()))];
        if let Some(position) = error.position() {
            entries.push(("position", Json::from(u64::from(position))));
        }
        Json::object(entries)
    };
    Json::Array(error.problems().map(one).collect())
}

/// The same without the words of errors.
fn wordless(json: Json) -> Json {
    match json {
        Json::Object(entries) => {
            let entries = entries.into_iter().filter(|(key, _)| key != "message");
            Json::Object(entries.map(|(key, value)| (key, wordless(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(wordless).collect()),
        other => other,
    }
}
