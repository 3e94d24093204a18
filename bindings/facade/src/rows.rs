//! Groups as rows of a table: bucket, keys, metrics, and the states as bytes, so that a rollup lives in any table.
//!
//! The one idea: a row is read back by its bucket, its keys and its states alone; metrics are for people.

use crate::batch::Batch;
use crate::declared::Declared;
use crate::frame::{Frame, STATE};
use crate::json::{budget, rows_options, stored_rows, Document, Duplicates};
use crate::rollup::Rollup;
use isofold::codec::StoredGroup;
use isofold::column::{Column, Values};
use isofold::math::Float64;
use isofold::query::QuerySource;
use isofold::{Budget, Code, Error, Result, Type, Value};

impl Rollup {
    /// Every group as a row, by bucket and key, with its states.
    ///
    /// **Errors** `spec.duplicate` for a key or metric that is called as the states are; `query.*`, `expr.*`,
    /// `limit.result`.
    pub fn rows(&self) -> Result<Frame> {
        self.rows_with("{}")
    }

    /// As [`Rollup::rows`], for `{"decimals": "text"}` with decimals as texts.
    ///
    /// **Errors** those of [`Rollup::rows`], `host.argument`.
    pub fn rows_with(&self, options: &(impl Document + ?Sized)) -> Result<Frame> {
        let source = QuerySource { decimals: rows_options(options)?, ..QuerySource::default() };
        let frame = Frame::new(self.kernel.query(&source)?);
        if frame.position(STATE).is_some() {
            let text = format!("the states of a row stand in the column {STATE}, which is a key or metric here");
            return Err(Error::new(Code::SpecDuplicate, text).within(STATE));
        }
        Ok(frame.with_states(self.kernel.records()))
    }

    /// The columns of a row that say which group it is: the bucket, then the keys.
    #[must_use]
    pub fn row_columns(&self) -> Vec<Declared> {
        let keys = self.kernel.spec().keys().iter().map(|key| Declared::plain(key.name(), key.data_type()));
        core::iter::once(Declared::plain("bucket", Type::Timestamp)).chain(keys).collect()
    }

    /// Takes rows in that [`Rollup::rows`] gave, in any order; their states beside a batch of [`Rollup::row_columns`].
    /// All that the rollup then holds is within `{"max_rows", "max_groups", "start", "end"}`; a group that it has or that
    /// stands in several rows is refused, or merged for `"duplicates": "merge"`.
    ///
    /// **Errors** `decode.*` for states that are damaged or of another group, `merge.schema` for those of another
    /// schema, `ingest.*`, `limit.*`; the rollup is then empty.
    pub fn add_rows(&mut self, batch: &Batch<'_>, states: &[&[u8]], within: &(impl Document + ?Sized)) -> Result<()> {
        let otherwise = Budget { max_groups: Some(self.max_groups()), ..Budget::default() };
        let (budget, duplicates) = stored_rows(within, otherwise)?;
        self.read_rows(batch, states, |rollup, groups| {
            let emptied = rollup.kernel.emptied();
            let mut kernel = core::mem::replace(&mut rollup.kernel, emptied);
            match duplicates {
                Duplicates::Refuse => kernel = kernel.with_records(groups, &budget)?,
                Duplicates::Merge => {
                    kernel.merge_records(groups, &budget)?;
                    budget.check(&kernel)?;
                }
            }
            rollup.kernel = kernel;
            Ok(())
        })
    }

    /// Merges rows in that [`Rollup::rows`] of rollups of the same spec gave, a group as often as it comes; they bring
    /// no more than `{"max_rows", "max_groups", "start", "end"}`.
    ///
    /// **Errors** as [`Rollup::add_rows`]; the rollup is then as it was.
    pub fn merge_rows(&mut self, batch: &Batch<'_>, states: &[&[u8]], within: &(impl Document + ?Sized)) -> Result<()> {
        let budget = budget(within, Budget { max_groups: Some(self.max_groups()), ..Budget::default() })?;
        self.read_rows(batch, states, |rollup, groups| rollup.kernel.merge_records(groups, &budget))
    }

    fn read_rows(
        &mut self,
        batch: &Batch<'_>,
        states: &[&[u8]],
        take: impl FnOnce(&mut Self, Vec<StoredGroup<'_>>) -> Result<()>,
    ) -> Result<()> {
        if batch.rows() != states.len() {
            let text = format!("a row has one state, got {} for {} rows", states.len(), batch.rows());
            return Err(Error::new(Code::IngestLength, text).within(STATE));
        }
        if states.is_empty() {
            // a table without rows may say nothing of its columns
            return take(self, Vec::new());
        }
        let columns = batch.conformed(&self.row_columns())?;
        let keys: Vec<Vec<Value>> =
            (0..states.len()).map(|row| columns[1..].iter().map(|column| value(column, row)).collect()).collect();
        let mut groups = Vec::with_capacity(states.len());
        for (row, (keys, record)) in keys.iter().zip(states).enumerate() {
            let Value::Timestamp(bucket) = value(&columns[0], row) else {
                return Err(Error::new(Code::IngestTime, "a row has no bucket").within("bucket").in_row(row));
            };
            groups.push(StoredGroup { bucket, keys, record });
        }
        take(self, groups)
    }
}

fn value(column: &Column<'_>, row: usize) -> Value {
    if !column.is_valid(row) {
        return Value::Null;
    }
    match &column.values {
        Values::Bool(values) => Value::Bool(values[row]),
        Values::Int64(values) => Value::Int64(values[row]),
        Values::Float64(values) => Value::Float64(Float64::from_bits(values[row])),
        Values::Decimal(values, scale) => Value::Decimal(values[row].into(), *scale),
        Values::Timestamp(values) => Value::Timestamp(values[row]),
        Values::String(codes, texts) => {
            texts.get(codes[row] as usize).map_or(Value::Null, |text| Value::String(text.clone().into_owned()))
        }
    }
}
