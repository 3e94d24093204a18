//! What hosts say when they start a run.

use isofold::query::QuerySource;
use isofold::refresh::Catalog;
use isofold::{Code, Error, Result};
use isofold_facade::json::{instant, query_source, Codes, Document, Fields, Json, Reading};

/// What to refresh, at a time.
#[derive(Clone, Debug)]
pub(super) struct RefreshOptions<Now = i64> {
    pub(super) now: Now,
    /// By index into the levels of the catalog, in its order.
    pub(super) levels: Vec<usize>,
    pub(super) since: Option<i64>,
    /// Nothing from here on is built.
    pub(super) until: Option<i64>,
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

/// Whether something is done, or only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is done.
    Do,
    /// It is told.
    Tell,
}

/// Whether what is not built is read from rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// It is.
    Rows,
    /// Nothing but stored groups is read.
    Nothing,
}

/// True or false, where that is told.
fn flag(reading: &mut Reading, fields: &Fields<'_>, key: &str) -> Option<bool> {
    match fields.present(key) {
        None => None,
        Some(Json::Bool(flag)) => Some(*flag),
        Some(other) => {
            reading.refuse(Code::HostArgument, format!("true or false is expected, got {}", other.kind()), key);
            None
        }
    }
}

fn tail(reading: &mut Reading, fields: &Fields<'_>) -> Tail {
    if flag(reading, fields, "tail") == Some(false) {
        Tail::Nothing
    } else {
        Tail::Rows
    }
}

impl Mode {
    /// `{"dry_run": true}`
    pub(super) fn read(document: &(impl Document + ?Sized)) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["dry_run"]);
        let is_dry = flag(&mut reading, &fields, "dry_run") == Some(true);
        reading.finish(if is_dry { Self::Tell } else { Self::Do })
    }
}

impl Tables {
    /// `{"tables": true}`
    pub(super) fn read(document: &(impl Document + ?Sized)) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["tables"]);
        let go = flag(&mut reading, &fields, "tables") == Some(true);
        reading.finish(if go { Self::Drop } else { Self::Keep })
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub(super) struct AnswerOptions {
    pub(super) level: usize,
    pub(super) query: QuerySource,
    pub(super) tail: Tail,
}

/// What to load.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadOptions {
    pub(super) level: usize,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) tail: Tail,
}

/// Which refreshes to tell of.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunsOptions {
    pub(super) level: Option<usize>,
    pub(super) limit: i64,
}

/// Refreshes that are told of unless asked otherwise.
const RUNS: i64 = 100;

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

/// The time where it is told; the database's where it is not.
pub(super) fn now(document: &(impl Document + ?Sized)) -> Result<Option<i64>> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["now"]);
    let now = time(&mut reading, &fields, "now");
    reading.finish(())?;
    now
}

fn level(reading: &mut Reading, fields: &Fields<'_>, catalog: &Catalog) -> Result<Option<usize>> {
    let name = reading.optional_text(fields, "rollup", "");
    name.map(|name| catalog.position(&name)).transpose()
}

fn needed_level(reading: &mut Reading, fields: &Fields<'_>, catalog: &Catalog) -> Result<usize> {
    level(reading, fields, catalog)?
        .ok_or_else(|| Error::new(Code::HostArgument, "the name of a rollup is needed").within("rollup"))
}

/// The rollup that is meant: `{"rollup"}`.
pub(super) fn rollup(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<usize> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["rollup"]);
    let level = needed_level(&mut reading, &fields, catalog);
    reading.finish(())?;
    level
}

impl RefreshOptions<Option<i64>> {
    /// The same, at a time where none is told.
    pub(super) fn at(&self, now: i64) -> RefreshOptions {
        let Self { now: told, levels, since, until, guard } = self.clone();
        RefreshOptions { now: told.unwrap_or(now), levels, since, until, guard }
    }

    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["now", "rollups", "since", "until", "force"]);
        let names = fields.present("rollups").map(|names| reading.texts(names, "rollups"));
        let guard = if flag(&mut reading, &fields, "force") == Some(true) { Guard::Force } else { Guard::Keep };
        let (now, since) = (time(&mut reading, &fields, "now"), time(&mut reading, &fields, "since"));
        let until = time(&mut reading, &fields, "until");
        reading.finish(())?;
        let mut levels = match names {
            Some(names) => names.iter().map(|name| catalog.position(name)).collect::<Result<Vec<_>>>()?,
            None => (0..catalog.levels().len()).collect(),
        };
        levels.sort_unstable();
        levels.dedup();
        Ok(Self { now: now?, levels, since: since?, until: until?, guard })
    }
}

impl AnswerOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "query", "tail"]);
        let level = needed_level(&mut reading, &fields, catalog);
        let tail = tail(&mut reading, &fields);
        reading.finish(())?;
        let nothing = Json::Object(Vec::new());
        let query = match fields.present("query").unwrap_or(&nothing) {
            Json::Text(text) => query_source(text.as_str())?,
            json => query_source(json)?,
        };
        Ok(Self { level: level?, query, tail })
    }
}

impl LoadOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "start", "end", "tail"]);
        let tail = tail(&mut reading, &fields);
        let range = RangeOptions::of(reading, &fields, catalog)?;
        let Some(level) = range.level else {
            return Err(Error::new(Code::HostArgument, "the name of a rollup is needed").within("rollup"));
        };
        Ok(Self { level, start: range.start, end: range.end, tail })
    }
}

impl RunsOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "limit"]);
        let level = level(&mut reading, &fields, catalog);
        let limit = match fields.present("limit") {
            None => RUNS,
            Some(Json::Int64(limit)) if *limit >= 0 => *limit,
            Some(other) => {
                let text = format!("a whole number from 0 on is expected, got {other}");
                reading.refuse(Code::HostArgument, text, "limit");
                RUNS
            }
        };
        reading.finish(Self { level: level?, limit })
    }
}

/// Where watermarks are set back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResetOptions {
    pub(super) level: Option<usize>,
    pub(super) to: i64,
}

impl ResetOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "to"]);
        let (level, to) = (level(&mut reading, &fields, catalog), time(&mut reading, &fields, "to"));
        reading.finish(())?;
        let to = to?.ok_or_else(|| Error::new(Code::HostArgument, "a time is needed").within("to"))?;
        Ok(Self { level: level?, to })
    }
}

impl RangeOptions {
    pub(super) fn read(document: &(impl Document + ?Sized), catalog: &Catalog) -> Result<Self> {
        let json = document.json(&Codes::OPTIONS)?;
        let mut reading = Reading::new(Codes::OPTIONS);
        let fields = reading.known(&json, "", &["rollup", "start", "end"]);
        Self::of(reading, &fields, catalog)
    }

    fn of(mut reading: Reading, fields: &Fields<'_>, catalog: &Catalog) -> Result<Self> {
        let level = level(&mut reading, fields, catalog);
        let (start, end) = (time(&mut reading, fields, "start"), time(&mut reading, fields, "end"));
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
