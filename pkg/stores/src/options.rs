//! What a store is asked to do.

use crate::time::Time;
use isofold_facade::json::Json;
use std::ops::{Range, RangeFrom, RangeFull, RangeTo};

/// What to refresh: everything that is due, unless told otherwise.
#[derive(Clone, Debug, Default)]
pub struct Refresh {
    rollups: Option<Vec<String>>,
    since: Option<Time>,
    until: Option<Time>,
    now: Option<Time>,
    forced: bool,
}

impl Refresh {
    /// Everything that is due.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this rollup, and others named so.
    #[must_use]
    pub fn rollup(mut self, name: &str) -> Self {
        self.rollups.get_or_insert_default().push(name.to_owned());
        self
    }

    /// Builds everything from here on again, however old.
    #[must_use]
    pub fn since(self, since: impl Into<Time>) -> Self {
        Self { since: Some(since.into()), ..self }
    }

    /// Builds nothing from here on: the last bucket that is built ends at or before this time.
    #[must_use]
    pub fn until(self, until: impl Into<Time>) -> Self {
        Self { until: Some(until.into()), ..self }
    }

    /// The time; that of the database when it is not told.
    #[must_use]
    pub fn now(self, now: impl Into<Time>) -> Self {
        Self { now: Some(now.into()), ..self }
    }

    /// Builds windows also where rows seem to have been dropped.
    #[must_use]
    pub fn force(self) -> Self {
        Self { forced: true, ..self }
    }

    pub(crate) fn json(&self) -> Json {
        let names = |names: &Vec<String>| Json::Array(names.iter().map(|name| Json::from(name.as_str())).collect());
        Json::object([
            ("now", self.now.as_ref().map(Time::json).into()),
            ("rollups", self.rollups.as_ref().map(names).into()),
            ("since", self.since.as_ref().map(Time::json).into()),
            ("until", self.until.as_ref().map(Time::json).into()),
            ("force", Json::Bool(self.forced)),
        ])
    }
}

/// What becomes of the tables of the rollups where isofold is taken out of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollupTables {
    /// They stay, as tables like all others.
    Keep,
    /// They are dropped.
    Drop,
}

/// What reads where nothing is built yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// The rows.
    Rows,
    /// Nothing: stored groups alone answer, and who reads needs no rights on the rows.
    Nothing,
}

/// A range of time, half-open; `..` is all of it.
#[derive(Clone, Debug, Default)]
pub struct TimeRange {
    start: Option<Time>,
    end: Option<Time>,
}

impl TimeRange {
    pub(crate) fn json(&self, rollup: Option<&str>) -> Json {
        Json::object([
            ("rollup", rollup.map(Json::from).into()),
            ("start", self.start.as_ref().map(Time::json).into()),
            ("end", self.end.as_ref().map(Time::json).into()),
        ])
    }
}

impl From<RangeFull> for TimeRange {
    fn from(_: RangeFull) -> Self {
        Self::default()
    }
}

impl<T: Into<Time>> From<Range<T>> for TimeRange {
    fn from(range: Range<T>) -> Self {
        Self { start: Some(range.start.into()), end: Some(range.end.into()) }
    }
}

impl<T: Into<Time>> From<RangeFrom<T>> for TimeRange {
    fn from(range: RangeFrom<T>) -> Self {
        Self { start: Some(range.start.into()), end: None }
    }
}

impl<T: Into<Time>> From<RangeTo<T>> for TimeRange {
    fn from(range: RangeTo<T>) -> Self {
        Self { start: None, end: Some(range.end.into()) }
    }
}
