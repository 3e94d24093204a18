//! What went wrong, in words every host shares.
//!
//! The one idea: an error is a **code** (`area.problem`, stable for ever), a message for people, a path that names
//! the place and, inside a text, the character.
//!
//! A path is what a document has there: `spec.select.p95`, `spec.group_by[1]`, `query.windows.day`. An error of one row
//! of a batch names what was computed for the row and ends with the row in brackets, from 0: `column.cost_usd[12]`,
//! `spec.where[12]`, `spec.group_by.model[12]`, `spec.select.p95[12]`. A state that several metrics read has the name of
//! the first of them.
//!
//! Not here: exceptions of a host; the facade and its bindings turn an [`Error`] into them.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = core::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident = $text:literal : $doc:literal,)*) => {
        /// A stable error code, `area.problem`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $doc] $variant,)* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as text: `area.problem`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// What the code means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $doc,)* }
            }
        }
    };
}

codes! {
    SpecInvalid = "spec.invalid": "The spec is not the JSON object that is expected there.",
    SpecUnknownKey = "spec.unknown_key": "The spec has a key that no spec has.",
    SpecMissing = "spec.missing": "A key that every spec needs is absent.",
    SpecDuplicate = "spec.duplicate": "Two keys, metrics or columns carry one name.",
    SpecName = "spec.name": "A name is empty or longer than the limit.",
    SpecType = "spec.type": "A column is declared with a type that does not exist.",
    SpecTime = "spec.time": "The time is not a declared timestamp column.",
    SpecBucket = "spec.bucket": "The bucket is not a width this crate knows.",
    SpecTimezone = "spec.timezone": "The time zone is not in the built-in tz database.",
    ExprSyntax = "expr.syntax": "The text is not an expression.",
    ExprUnknownName = "expr.unknown_name": "A name in a spec is neither a column nor an earlier metric.",
    ExprUnknownFunction = "expr.unknown_function": "No function or aggregate has that name.",
    ExprArguments = "expr.arguments": "A function is called with the wrong number or kind of arguments.",
    ExprType = "expr.type": "Operand types do not fit the operator.",
    ExprAggregate = "expr.aggregate": "An aggregate stands where rows are meant, or a bare column where aggregates are.",
    ExprLimit = "expr.limit": "The expression, or a text that it computes of a row, is longer or deeper than the limit.",
    ExprOverflow = "expr.overflow": "Integer arithmetic or a cast leaves the range of its type.",
    ExprCast = "expr.cast": "A text cannot be read as the type it is cast to.",
    IngestColumn = "ingest.column": "A declared column is missing from the batch, given twice, or has a name that is refused.",
    IngestRow = "ingest.row": "What stands in the place of a row is none, or a line of a file cannot be read as one.",
    IngestLength = "ingest.length": "Columns of one batch differ in length, or codes point outside their dictionary.",
    IngestType = "ingest.type": "A value does not fit the declared type of its column.",
    IngestTime = "ingest.time": "A row has no time, or one outside the supported range.",
    IngestText = "ingest.text": "A text is longer than the limit or not valid UTF-8.",
    LimitGroups = "limit.groups": "The rollup would hold more groups than its limit.",
    LimitRows = "limit.rows": "The rollup would hold more rows than its counters can count, or an encoding claims more than may be taken.",
    LimitStates = "limit.states": "The spec asks for more states, keys, columns or metrics than the limit.",
    LimitBytes = "limit.bytes": "The bytes are larger than the limit.",
    LimitResult = "limit.result": "The query would return more rows than the limit.",
    LimitMemory = "limit.memory": "The host has no more memory to give.",
    MergeSchema = "merge.schema": "Two rollups keep different states and cannot be merged.",
    CoarsenBucket = "coarsen.bucket": "A fine bucket straddles two of the coarse ones.",
    CoarsenKey = "coarsen.key": "A key to keep is not a key of the rollup.",
    RangeInvalid = "range.invalid": "A time range ends before it starts, or a bound is not a time.",
    RangeEdge = "range.edge": "A bound of a time range does not fall on the edge of a bucket.",
    RangeOutside = "range.outside": "What is replaced, merged or read holds buckets outside the range given for it.",
    QueryInvalid = "query.invalid": "The query is not the JSON object that is expected there.",
    QueryUnknownKey = "query.unknown_key": "The query has a key that no query has.",
    QueryUnknownName = "query.unknown_name": "A name in a query, wherever it stands there, is no metric, key or column of it.",
    QueryState = "query.state": "The expression needs a state that the rollup does not keep.",
    QueryWindow = "query.window": "Windows need an end, no bucket, and a width.",
    QueryGapfill = "query.gapfill": "The gap filling does not fit its metric, or has no bucket to fill.",
    QueryOverflow = "query.overflow": "An exact integer result does not fit int64.",
    DecodeMagic = "decode.magic": "The bytes are not an encoded rollup.",
    DecodeVersion = "decode.version": "The bytes have a format version this release does not read.",
    DecodeTruncated = "decode.truncated": "The bytes end in the middle of the rollup.",
    DecodeChecksum = "decode.checksum": "The bytes are damaged: their checksum does not hold.",
    DecodeCanonical = "decode.canonical": "The bytes spell a rollup in another way than the only one allowed.",
    DecodeInvalid = "decode.invalid": "The bytes hold a value that no rollup has.",
    CatalogInvalid = "catalog.invalid": "The catalog is not the JSON object that is expected there.",
    CatalogUnknownKey = "catalog.unknown_key": "The catalog has a key that no catalog has.",
    CatalogMissing = "catalog.missing": "A key that every catalog needs is absent.",
    CatalogDuplicate = "catalog.duplicate": "Two tables or columns of the catalog carry one name.",
    CatalogName = "catalog.name": "A name cannot be the name of a table or a column in a database.",
    CatalogFrom = "catalog.from": "A rollup cannot be built from the rollup that it names.",
    CatalogInterval = "catalog.interval": "An offset, interval or retention is not a length of time, or ends before it starts.",
    CatalogRetention = "catalog.retention": "Rows are dropped before the rollups built from them are final.",
    RefreshRollup = "refresh.rollup": "The catalog has no rollup of that name.",
    RefreshDropped = "refresh.dropped": "The rows of a window are dropped already; what is stored of them is kept.",
    RefreshSchema = "refresh.schema": "Stored groups do not keep a state that is asked of them.",
    StoreDatabase = "store.database": "The database refused a statement.",
    StoreBusy = "store.busy": "The database did not give a lock in time, or gave it to another in a deadlock.",
    StoreVersion = "store.version": "The tables of isofold have the shape of another version, or those of a rollup follow another catalog.",
    StoreTable = "store.table": "The tables of the catalog are not there, or are of another catalog.",
    StoreValue = "store.value": "A value of a stored row is not what its column takes.",
    StoreDriver = "store.driver": "The driver of the database, or the addon that stores need, is not installed.",
    HostArgument = "host.argument": "An argument of a call is not what its parameter takes.",
    HostInit = "host.init": "The kernel is used before init() has finished.",
    HostBackend = "host.backend": "The backend asked for cannot be loaded here.",
    HostFreed = "host.freed": "A rollup or a result is used after its memory was given back.",
    HostInterrupted = "host.interrupted": "The host told a call to stop; nothing is changed.",
    HostPanic = "host.panic": "A defect of isofold stopped a call; a rollup it was changing cannot be used any more.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One problem, or the first of several found together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Problem>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    code: Code,
    message: String,
    path: String,
    /// The row that ends the path.
    row: Option<usize>,
    position: Option<u32>,
    others: Vec<Error>,
}

impl Error {
    /// An error with no place yet; [`Error::within`] names it.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Problem {
            code,
            message: message.into(),
            path: String::new(),
            row: None,
            position: None,
            others: Vec::new(),
        }))
    }

    /// The same error at a character of the text it speaks of (0-based, in code points).
    #[must_use]
    pub fn at(mut self, position: u32) -> Self {
        self.0.position = Some(position);
        self
    }

    /// The same error with `outer` put before its path, joined by a dot (or nothing before a `[`).
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        let inner = core::mem::take(&mut self.0.path);
        let path = &mut self.0.path;
        path.push_str(outer);
        if !inner.is_empty() && !inner.starts_with('[') && !outer.is_empty() {
            path.push('.');
        }
        path.push_str(&inner);
        self.0.others = core::mem::take(&mut self.0.others).into_iter().map(|e| e.within(outer)).collect();
        self
    }

    /// The same error in a row of a batch: `[row]` ends its path.
    #[must_use]
    pub fn in_row(mut self, row: usize) -> Self {
        self.0.path.push_str(&format!("[{row}]"));
        self.0.row = Some(row);
        self
    }

    /// The same error with rows counted from `rows` rows before the batch.
    #[must_use]
    pub fn after_rows(mut self, rows: usize) -> Self {
        if let Some(row) = self.0.row.take() {
            let place = self.0.path.len().saturating_sub(format!("[{row}]").len());
            self.0.path.truncate(place);
            self = self.in_row(row.saturating_add(rows));
        }
        self.0.others = core::mem::take(&mut self.0.others).into_iter().map(|e| e.after_rows(rows)).collect();
        self
    }

    /// The row that ends the path, where the problem is one row's.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        self.0.row
    }

    /// The same error, with code `to` in the place of `from`.
    #[must_use]
    pub(crate) fn recoded(mut self, from: Code, to: Code) -> Self {
        if self.0.code == from {
            self.0.code = to;
        }
        self
    }

    /// One error out of all problems found, or none.
    #[must_use]
    pub fn from_all(problems: Vec<Error>) -> Option<Self> {
        let mut rest = problems.into_iter();
        let mut first = rest.next()?;
        first.0.others.extend(rest);
        Some(first)
    }

    /// The same problem without those found with it.
    #[must_use]
    pub fn alone(&self) -> Self {
        let mut alone = self.clone();
        alone.0.others.clear();
        alone
    }

    /// The code of the (first) problem.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What was wrong, the value and the limit, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place: `spec.select.p95`, `column.cost_usd[12]`, `spec.select.p95[12]`; empty where there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The character inside the text at [`Error::path`], 0-based, in code points.
    #[must_use]
    pub fn position(&self) -> Option<u32> {
        self.0.position
    }

    /// This problem and those found with it.
    pub fn problems(&self) -> impl Iterator<Item = &Error> {
        core::iter::once(self).chain(self.0.others.iter())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p = &*self.0;
        f.write_str(&p.message)?;
        match (p.path.is_empty(), p.position) {
            (true, None) => {}
            (false, None) => write!(f, " ({})", p.path)?,
            (true, Some(at)) => write!(f, " (character {at})")?,
            (false, Some(at)) => write!(f, " ({}, character {at})", p.path)?,
        }
        if !p.others.is_empty() {
            write!(f, "; and {} more", p.others.len())?;
        }
        Ok(())
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn codes_are_distinct_and_have_one_dot() {
        for (i, a) in Code::ALL.iter().enumerate() {
            assert_eq!(a.as_str().matches('.').count(), 1, "{a}");
            assert!(Code::ALL[i + 1..].iter().all(|b| b.as_str() != a.as_str()), "{a}");
        }
    }

    #[test]
    fn the_path_grows_outwards() {
        let e = Error::new(Code::IngestType, "3.5 is not an int64").in_row(12).within("tokens").within("column");
        assert_eq!(e.to_string(), "3.5 is not an int64 (column.tokens[12])");
    }

    #[test]
    fn rows_are_counted_on_and_numbers_in_names_are_not() {
        let refused = |path: &str| Error::new(Code::IngestType, "3.5 is not an int64").within(path);
        let both = [Error::new(Code::IngestType, "no").in_row(12).within("spec.where"), refused("column.x[7]")];
        let e = Error::from_all(both.into()).expect("two").after_rows(100);
        assert_eq!(e.problems().map(Error::path).collect::<Vec<_>>(), ["spec.where[112]", "column.x[7]"]);
        assert_eq!(e.after_rows(5).path(), "spec.where[117]");
    }
}
