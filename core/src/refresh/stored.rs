//! Groups as rows of a table: bucket, keys, metrics, states.
//!
//! The one idea: a row is enough to give its group back, and names the schema it was written under; rows of several
//! versions of a spec become several rollups, which a query reads as one.

use crate::bytes::Version;
use crate::codec::{schema_of_record, schema_tag, SchemaTag, StoredGroup};
use crate::error::{Code, Error, Result};
use crate::query::{query_parts, Part, QuerySource};
use crate::spec::Spec;
use crate::table::Rollup;
use crate::value::Value;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// A group as a row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// Start of the bucket, in µs.
    pub bucket: i64,
    /// The values of the keys, in the order of the spec.
    pub keys: Vec<Value>,
    /// The values of the metrics, in the order of the spec; empty where a row is read for its states.
    pub metrics: Vec<Value>,
    /// The states.
    pub state: Vec<u8>,
}

impl Rollup {
    /// Gives every group as a row, by bucket and key: the bucket, the keys, the metrics, and the states as bytes in
    /// the column state, so that a rollup can live in any table.
    ///
    /// **Errors** `query.overflow`, `expr.*` from a metric.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// assert_eq!(rollup.rows()?.len(), rollup.len());
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn rows(&self) -> Result<Vec<StoredRow>> {
        self.rows_for(self.spec())
    }

    /// Every group as a row with the metrics of a later or earlier version of the spec; a metric that reads a state
    /// which this rollup does not keep is NULL.
    ///
    /// **Errors** as [`Rollup::rows`], and `merge.schema` for a spec of another shape.
    pub fn rows_for(&self, spec: &Spec) -> Result<Vec<StoredRow>> {
        let frame = query_parts(spec, vec![Part { rollup: self, from: None }], &QuerySource::default())?;
        let keys = spec.keys().len();
        let row = |(at, state): (usize, Vec<u8>)| {
            let mut values = frame.columns().iter().map(|column| column.values()[at].clone());
            let bucket = match values.next() {
                Some(Value::Timestamp(bucket)) => bucket,
                // inside corruption stops: a query without options has the bucket first
                _ => unreachable!("a result without its bucket"),
            };
            let keys = values.by_ref().take(keys).collect();
            StoredRow { bucket, keys, metrics: values.collect(), state }
        };
        Ok(self.records().into_iter().enumerate().map(row).collect())
    }

    /// The rollup of rows that were all written under this spec.
    ///
    /// **Errors** those of [`Rollup::from_records`].
    pub fn from_rows(spec: Spec, rows: &[StoredRow]) -> Result<Rollup> {
        Rollup::from_records(spec, rows.iter().map(stored_group))
    }
}

fn stored_group(row: &StoredRow) -> StoredGroup<'_> {
    StoredGroup { bucket: row.bucket, keys: &row.keys, record: &row.state }
}

/// The tags of several specs, made when a record of their version is seen.
struct SpecTags<'s> {
    specs: &'s [Spec],
    current: Vec<SchemaTag>,
    first: Vec<SchemaTag>,
}

impl SpecTags<'_> {
    /// The spec under which a record was written.
    fn position(&mut self, (version, tag): (Version, SchemaTag)) -> Option<usize> {
        let tags = if version == Version::CURRENT { &mut self.current } else { &mut self.first };
        if tags.is_empty() {
            *tags = self.specs.iter().map(|spec| schema_tag(spec, version)).collect();
        }
        if version == Version::CURRENT {
            return tags.iter().position(|known| *known == tag);
        }
        // specs that differ in the types of inputs alone were one to version 1: the first of them was kept
        tags.iter().rposition(|known| *known == tag)
    }
}

/// Rows of one table, read back: a rollup for each version of the spec that wrote some.
#[derive(Clone, Debug)]
pub struct LoadedRows {
    parts: Vec<Rollup>,
}

impl LoadedRows {
    /// Reads rows that were written under any of `specs`, the newest first.
    ///
    /// **Errors** `decode.*`, `refresh.schema` for a row of a schema that is not among them, `limit.*`.
    pub fn new(specs: &[Spec], rows: &[StoredRow]) -> Result<Self> {
        let mut tags = SpecTags { specs, current: Vec::new(), first: Vec::new() };
        let mut of_spec: Vec<Vec<StoredGroup<'_>>> = vec![Vec::new(); specs.len()];
        for (index, row) in rows.iter().enumerate() {
            let found = schema_of_record(&row.state).map_err(|error| error.within(&format!("row[{index}]")))?;
            let Some(known) = tags.position(found) else {
                let text = "the states were written under a schema that is not known here";
                return Err(Error::new(Code::RefreshSchema, text).within(&format!("row[{index}]")));
            };
            of_spec[known].push(stored_group(row));
        }
        let groups = specs.iter().zip(of_spec).filter(|(_, groups)| !groups.is_empty());
        let parts = groups.map(|(spec, groups)| Rollup::from_records(spec.clone(), groups));
        Ok(Self { parts: parts.collect::<Result<_>>()? })
    }

    /// The rollups, each of another schema.
    #[must_use]
    pub fn parts(&self) -> &[Rollup] {
        &self.parts
    }

    /// The rollups themselves.
    #[must_use]
    pub fn into_parts(self) -> Vec<Rollup> {
        self.parts
    }

    /// All rows as one rollup of the first of `specs` whose states every row keeps.
    ///
    /// **Errors** `refresh.schema` when there is none, `limit.*`, `coarsen.*`.
    pub fn derive(&self, specs: &[Spec]) -> Result<Rollup> {
        let fits = |spec: &&Spec| {
            self.parts.iter().all(|part| spec.derivation(part.spec()).is_ok_and(|found| found.lacking().is_none()))
        };
        let Some(spec) = specs.iter().find(fits) else { return Err(self.lacking(specs)) };
        let mut whole = Rollup::new(spec.clone());
        for part in &self.parts {
            whole.merge(&part.derive(spec)?)?;
        }
        Ok(whole)
    }

    fn lacking(&self, specs: &[Spec]) -> Error {
        let lacks = |spec: &Spec, part: &Rollup| {
            let found = spec.derivation(part.spec()).ok()?.lacking()?;
            let bucket = crate::time::format_timestamp(part.stats().first_bucket?);
            Some((spec.state_in_words(found), bucket))
        };
        let found: Option<(alloc::string::String, _)> =
            specs.first().and_then(|spec| self.parts.iter().find_map(|part| lacks(spec, part)));
        let text = match found {
            Some((state, bucket)) => {
                format!("groups from {bucket} on do not keep {state}; a refresh since then fills it from rows")
            }
            None => "the stored groups have other keys, another time or another condition".into(),
        };
        Error::new(Code::RefreshSchema, text)
    }
}
