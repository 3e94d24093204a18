//! What hosts say when they start a run.

use isofold::query::QuerySource;
use isofold::refresh::Catalog;
use isofold::{Code, Error, Result};
use isofold_facade::json::{instant, query_source, Codes, Document, Fields, Json, Reading};

/// What to refresh.
#[derive(Clone, Debug)]
pub(super) struct RefreshOptions {
    pub(super) now: i64,
    /// By index into the levels of the catalog, in its order.
    pub(super) levels: Vec<usize>,
    pub(super) since: Option<i64>,
    pub(super) guard: Guard,
}

/// What to do where rows seem to have been dropped behind isofold's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Keep what is stored.
    Keep,
    /// Take the rows as they are.
    Force,
}

/// What becomes of the tables of rollups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tables {
    /// They stay.
    Keep,
    /// They go.
    Drop,
}

impl Tables {
    /// `{"tables": true}`
    pub(super) fn read(document: &(impl Document + ?Sized)) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["tables"]);
        let tables = match fields.present("tables") {
            None | Some(Json::Bool(false)) => Self::Keep,
            Some(Json::Bool(true)) => Self::Drop,
            Some(other) => {
                reading.refuse(
                    Code::HostArgument,
                    format!("true or false is expected, got {}", other.kind()),
                    "tables",
                );
                Self::Keep
            }
        };
        reading.finish(tables)
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub(super) struct AnswerOptions {
    pub(super) level: usize,
    pub(super) query: QuerySource,
}

/// What to load.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadOptions {
    pub(super) level: usize,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

/// A range of rows that changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct RangeOptions {
    pub(super) level: Option<usize>,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

fn time(reading: &mut Reading, fields: &Fields<'_>, key: &str) -> Result<Option<i64>> {
    reading.optional_text(fields, key, "").map(|text| instant(&text, key)).transpose()
}

/// The time that the host tells.
pub(super) fn now(document: &(impl Document + ?Sized)) -> Result<i64> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["now"]);
    let now = needed_now(&mut reading, &fields);
    reading.finish(())?;
    now
}

fn needed_now(reading: &mut Reading, fields: &Fields<'_>) -> Result<i64> {
    time(reading, fields, "now")?.ok_or_else(|| Error::new(Code::HostArgument, "a host tells the time").within("now"))
}

fn level(reading: &mut Reading, fields: &Fields<'_>, catalog: &Catalog) -> Result<Option<usize>> {
    let name = reading.optional_text(fields, "rollup", "");
    name.map(|name| catalog.position(&name)).transpose()
}

fn needed_level(reading: &mut Reading, fields: &Fields<'_>, catalog: &Catalog) -> Result<usize> {
    level(reading, fields, catalog)?
        .ok_or_else(|| Error::new(Code::HostArgument, "the name of a rollup is needed").within("rollup"))
}

impl RefreshOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["now", "rollups", "since", "force"]);
        let names = fields.present("rollups").map(|names| reading.texts(names, "rollups"));
        let guard = match fields.present("force") {
            Some(Json::Bool(true)) => Guard::Force,
            Some(Json::Bool(false)) | None => Guard::Keep,
            Some(other) => {
                let text = format!("true or false is expected, got {}", other.kind());
                reading.refuse(Code::HostArgument, text, "force");
                Guard::Keep
            }
        };
        let (now, since) = (needed_now(&mut reading, &fields), time(&mut reading, &fields, "since"));
        reading.finish(())?;
        let mut levels = match names {
            Some(names) => names.iter().map(|name| catalog.position(name)).collect::<Result<Vec<_>>>()?,
            None => (0..catalog.levels().len()).collect(),
        };
        levels.sort_unstable();
        levels.dedup();
        Ok(Self { now: now?, levels, since: since?, guard })
    }
}

impl AnswerOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "query"]);
        let level = needed_level(&mut reading, &fields, catalog);
        reading.finish(())?;
        let nothing = Json::Object(Vec::new());
        let query = match fields.present("query").unwrap_or(&nothing) {
            Json::Text(text) => query_source(text.as_str())?,
            json => query_source(json)?,
        };
        Ok(Self { level: level?, query })
    }
}

impl LoadOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let range = RangeOptions::read(document, catalog)?;
        let Some(level) = range.level else {
            return Err(Error::new(Code::HostArgument, "the name of a rollup is needed").within("rollup"));
        };
        Ok(Self { level, start: range.start, end: range.end })
    }
}

impl RangeOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "start", "end"]);
        let level = level(&mut reading, &fields, catalog);
        let (start, end) = (time(&mut reading, &fields, "start"), time(&mut reading, &fields, "end"));
        reading.finish(())?;
        let range = Self { level: level?, start: start?, end: end? };
        if let (Some(start), Some(end)) = (range.start, range.end) {
            if end < start {
                return Err(Error::new(Code::RangeInvalid, "the range ends before it starts").within("end"));
            }
        }
        Ok(range)
    }
}
