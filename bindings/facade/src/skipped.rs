//! What an ingest tells when it ends: how many rows it folded, and which it left out.
//!
//! The one idea: whether a row is left out is decided of the row alone, so it does not depend on the batches; for each
//! code the first rows are named, in the order of the rows.

use crate::json::Json;
use alloc::vec::Vec;
use isofold::{Code, Error};

/// Rows that are named for each code.
const FIRST_ROWS: usize = 10;

/// What an ingest did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many rows passed `where`.
    pub rows: usize,
    /// The rows that were left out.
    pub skipped: Skipped,
}

/// Rows left out, by code.
#[derive(Clone, Debug, Default)]
pub struct Skipped(Vec<Problems>);

/// The rows left out for one code.
#[derive(Clone, Debug)]
struct Problems {
    code: Code,
    count: u64,
    /// The first of them, in the order of the rows.
    first: Vec<Error>,
}

impl Skipped {
    /// Takes note of the problem of a row.
    pub fn note(&mut self, error: Error) {
        let code = error.code();
        self.add(Problems { code, count: 1, first: [error].into() });
    }

    /// Takes over what another thread left out.
    pub(crate) fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|problems| self.add(problems));
    }

    fn add(&mut self, problems: Problems) {
        let Some(known) = self.0.iter_mut().find(|known| known.code == problems.code) else {
            let at = self.0.partition_point(|known| known.code < problems.code);
            return self.0.insert(at, problems);
        };
        known.count += problems.count;
        let is_later = |last: &Error| last.row() < problems.first.first().and_then(Error::row);
        if known.first.len() < FIRST_ROWS || !known.first.last().is_some_and(is_later) {
            for error in problems.first {
                let at = known.first.partition_point(|earlier| earlier.row() <= error.row());
                known.first.insert(at, error);
            }
            known.first.truncate(FIRST_ROWS);
        }
    }

    /// How many rows were left out.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|problems| problems.count).sum()
    }
}

impl Report {
    /// `{"rows": …, "skipped": …, "errors": {"ingest.type": {"count": …, "first": [{"row", "path", "message"}, …]}}}`
    #[must_use]
    pub fn json(&self) -> Json {
        let place = |error: &Error| {
            let row = error.row().map_or(Json::Null, |row| Json::from(row as u64));
            Json::object([("row", row), ("path", Json::from(error.path())), ("message", Json::from(error.message()))])
        };
        let problems = |problems: &Problems| {
            let first = Json::Array(problems.first.iter().map(place).collect());
            (problems.code.as_str(), Json::object([("count", Json::from(problems.count)), ("first", first)]))
        };
        Json::object([
            ("rows", Json::from(self.rows as u64)),
            ("skipped", Json::from(self.skipped.count())),
            ("errors", Json::object(self.skipped.0.iter().map(problems))),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_told_in_whatever_order_they_come() {
        let error = |row: usize| Error::new(Code::IngestType, "no").within("column.x").in_row(row);
        let mut skipped = Skipped::default();
        (0..15).rev().step_by(2).for_each(|row| skipped.note(error(row)));
        let mut other = Skipped::default();
        (1..15).step_by(2).for_each(|row| other.note(error(row)));
        other.note(Error::new(Code::IngestTime, "never").in_row(3));
        skipped.merge(other);
        let report = Report { rows: 2, skipped };
        let rows: Vec<_> = report.skipped.0[0].first.iter().map(Error::row).collect();
        assert_eq!(rows, (0..10).map(Some).collect::<Vec<_>>());
        assert_eq!(report.skipped.count(), 16);
        let text = report.json().to_string();
        assert!(
            text.starts_with(r#"{"rows":2,"skipped":16,"errors":{"ingest.type":{"count":15,"first":[{"row":0,"#),
            "{text}"
        );
        assert!(
            text.ends_with(r#""ingest.time":{"count":1,"first":[{"row":3,"path":"[3]","message":"never"}]}}}"#),
            "{text}"
        );
    }

    use alloc::string::ToString;
}
