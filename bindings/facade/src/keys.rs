//! Which keys the rows of a call have, and what is said when a declared column is in none of them.
//!
//! The one idea: a key that one row lacks is NULL, however rows come in batches; only when the call ends is it known that
//! no row had it. Then a key that differs from it in case, `_` or `-` alone is a typing error and no NULL.
//!
//! Not here: columns and tables, whose batches have a column or lack it ([`crate::batch`]).

use crate::batch::Batch;
use crate::declared::Declared;
use crate::host_column::HostValues;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use isofold::{Code, Error, Result};

/// Keys that are remembered: an error has no room for more.
const MAX_KEYS: usize = 64;

/// Names that an error tells.
const SHOWN_NAMES: usize = 20;

/// What is refused of the keys of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strict {
    /// A declared column that no row has beside a key that differs from it in case, `_` or `-` alone.
    #[default]
    No,
    /// Also any declared column that no row has and that is not optional: what files are read by.
    Columns,
    /// Also any key that is not declared.
    All,
}

/// The keys seen so far.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    strict: Strict,
    /// Which declared columns a row has.
    present: Vec<bool>,
    /// Keys that are not declared and may have to be told.
    others: Vec<String>,
}

impl Keys {
    pub(crate) fn new(columns: usize, strict: Strict) -> Self {
        Self { strict, present: vec![false; columns], others: Vec::new() }
    }

    /// Takes note of the columns in which some row has a value.
    pub(crate) fn saw(&mut self, declared: &[Declared], batch: &Batch<'_>) {
        for (present, declared) in self.present.iter_mut().zip(declared) {
            *present |= batch
                .column(&declared.name)
                .is_some_and(|column| !matches!(column.values, HostValues::Null(_)) && !column.is_empty());
        }
    }

    /// Takes note of a key that some row has.
    pub(crate) fn see(&mut self, declared: &[Declared], key: &str) {
        if let Some(at) = declared.iter().position(|declared| declared.name == key) {
            self.present[at] = true;
            return;
        }
        let may_be_told = self.strict == Strict::All || declared.iter().any(|declared| is_alike(&declared.name, key));
        if may_be_told && self.others.len() < MAX_KEYS && !self.others.iter().any(|known| known == key) {
            // in an order that does not depend on that of the rows
            let place = self.others.partition_point(|known| known.as_str() < key);
            self.others.insert(place, key.to_owned());
        }
    }

    /// Decides when the call ends.
    ///
    /// **Errors** `ingest.column`, one problem for each name.
    pub(crate) fn check(&self, declared: &[Declared]) -> Result<()> {
        let mut problems = Vec::new();
        let mut refuse = |name: &str, message: String| {
            problems.push(Error::new(Code::IngestColumn, message).within(name).within("column"));
        };
        let absent = declared.iter().zip(&self.present).filter(|(_, present)| !**present).map(|(declared, _)| declared);
        for Declared { name, is_optional, .. } in absent {
            if let Some(mistyped) = self.mistyped(name) {
                refuse(name, mistyped);
            } else if self.strict != Strict::No && !is_optional {
                let there = declared.iter().zip(&self.present).filter(|(_, present)| **present);
                let there = there.map(|(declared, _)| declared.name.as_str());
                refuse(name, format!("no row has {name}, they have {}", listed(there.chain(self.others()))));
            }
        }
        if self.strict == Strict::All {
            for other in self.others() {
                let declared = listed(declared.iter().map(|declared| declared.name.as_str()));
                refuse(other, format!("the column {other} is not declared, declared are {declared}"));
            }
        }
        Error::from_all(problems).map_or(Ok(()), Err)
    }

    /// What is said of one column that no row has had so far, if rows have a key that is like it.
    pub(crate) fn check_one(&self, declared: &[Declared], column: usize) -> Result<()> {
        let name = &declared[column].name;
        match self.mistyped(name) {
            Some(message) if !self.present[column] => {
                Err(Error::new(Code::IngestColumn, message).within(name).within("column"))
            }
            _ => Ok(()),
        }
    }

    fn mistyped(&self, name: &str) -> Option<String> {
        let other = self.others.iter().find(|other| is_alike(name, other))?;
        Some(format!("no row has {name}, but rows have {other}, which is not declared"))
    }

    fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }
}

fn is_alike(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| -> Vec<u8> {
        let bytes = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        bytes.map(|byte| byte.to_ascii_lowercase()).collect()
    };
    letters(one) == letters(other)
}

/// Names in words, not too many.
pub(crate) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return "none".to_owned();
    }
    let shown: Vec<&str> = names.by_ref().take(SHOWN_NAMES).collect();
    shown.join(", ") + if names.peek().is_some() { ", …" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isofold::Type;

    fn refused(strict: Strict, keys: &[&str]) -> Vec<String> {
        let mut declared = ["duration_ms", "model", "note"].map(|name| Declared::plain(name, Type::Int64));
        declared[2].is_optional = true;
        let mut seen = Keys::new(declared.len(), strict);
        keys.iter().for_each(|key| seen.see(&declared, key));
        let problems =
            seen.check(&declared).map_err(|error| error.problems().map(|one| one.alone().to_string()).collect());
        problems.err().unwrap_or_default()
    }

    #[test]
    fn a_key_that_is_nearly_declared_is_a_typing_error_unless_rows_have_both() {
        for typed in ["durationMs", "DURATION-MS", "duration_ms_", "durationms"] {
            let words =
                format!("no row has duration_ms, but rows have {typed}, which is not declared (column.duration_ms)");
            assert_eq!(refused(Strict::No, &["model", typed]), [words]);
            assert!(refused(Strict::No, &[typed, "duration_ms"]).is_empty());
        }
        for other in ["duration", "duration ms", "durée_ms", "Notes"] {
            assert!(refused(Strict::No, &[other]).is_empty(), "{other}");
        }
        assert_eq!(refused(Strict::No, &["Note"]).len(), 1);
    }

    #[test]
    fn strict_refuses_what_no_row_has_and_what_is_not_declared() {
        let absent = "no row has duration_ms, they have model (column.duration_ms)";
        assert_eq!(refused(Strict::Columns, &["model", "extra"]), [absent]);
        let absent = "no row has duration_ms, they have model, extra (column.duration_ms)";
        let extra = "the column extra is not declared, declared are duration_ms, model, note (column.extra)";
        assert_eq!(refused(Strict::All, &["model", "extra"]), [absent, extra]);
        assert!(refused(Strict::All, &["model", "duration_ms"]).is_empty());
        assert_eq!(refused(Strict::Columns, &[]).len(), 2);
    }

    #[test]
    fn keys_without_end_are_not_kept() {
        let declared = [Declared::plain("ab", Type::Int64)];
        let mut seen = Keys::new(1, Strict::All);
        (0..100_000).for_each(|number| seen.see(&declared, &format!("key{number}")));
        assert_eq!(seen.others.len(), MAX_KEYS);
    }
}
