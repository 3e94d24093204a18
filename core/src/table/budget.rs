//! What a rollup that somebody else made may bring.
//!
//! The one idea: who takes bytes from strangers says beforehand how much they may hold, and what holds more changes
//! nothing.

use super::keys::too_many_groups;
use super::rollup::{checked_max_groups, usual_max_groups, Rollup};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::spec::Spec;
use crate::time::{format_timestamp, Bucket};
use alloc::format;

/// The most that an encoded rollup, rows of one, or another rollup may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Rows in all.
    pub max_rows: u64,
    /// Groups; as many as a new rollup of the same spec may have when `None`.
    pub max_groups: Option<usize>,
    /// The first instant that its buckets may reach, in µs; open when `None`.
    pub start: Option<i64>,
    /// The first instant after its buckets, in µs; open when `None`.
    pub end: Option<i64>,
}

impl Default for Budget {
    /// What one encoding may claim when nothing else is said.
    fn default() -> Self {
        Self { max_rows: limits::MAX_CLAIMED_ROWS, max_groups: None, start: None, end: None }
    }
}

impl Budget {
    /// As much as a rollup can hold at all: for bytes that nobody else could write.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { max_rows: limits::MAX_ROWS, max_groups: Some(limits::MAX_GROUPS_MAX), start: None, end: None }
    }

    /// Tells whether a rollup brings no more than this.
    ///
    /// **Errors** `limit.rows`, `limit.groups`, `range.outside`; those of [`Budget::check_self`].
    pub fn check(&self, rollup: &Rollup) -> Result<()> {
        self.check_self()?;
        self.check_groups(rollup.len(), rollup.spec())?;
        self.check_rows(rollup.rows)?;
        let bucket = rollup.spec().bucket();
        rollup.groups.buckets().iter().try_for_each(|&start| self.check_bucket(bucket, start))
    }

    /// Tells whether its own parts are possible.
    ///
    /// **Errors** `limit.groups`, `limit.rows`, `range.invalid`.
    pub fn check_self(&self) -> Result<()> {
        self.max_groups.map(|max_groups| checked_max_groups(max_groups, 0)).transpose()?;
        if self.max_rows > limits::MAX_ROWS {
            let text = format!("max_rows must be from 0 to {}, got {}", limits::MAX_ROWS, self.max_rows);
            return Err(Error::new(Code::LimitRows, text));
        }
        match (self.start, self.end) {
            (Some(start), Some(end)) if end < start => {
                let (start, end) = (format_timestamp(start), format_timestamp(end));
                Err(Error::new(Code::RangeInvalid, format!("the range ends at {end} before it starts at {start}")))
            }
            _ => Ok(()),
        }
    }

    /// The most groups that may come under a spec.
    pub(crate) fn max_groups(&self, spec: &Spec) -> usize {
        self.max_groups.unwrap_or_else(|| usual_max_groups(spec))
    }

    pub(crate) fn check_groups(&self, groups: usize, spec: &Spec) -> Result<()> {
        let max_groups = self.max_groups(spec);
        if groups <= max_groups {
            Ok(())
        } else {
            Err(too_many_groups(max_groups))
        }
    }

    pub(crate) fn check_rows(&self, rows: u64) -> Result<()> {
        if rows <= self.max_rows {
            return Ok(());
        }
        let text = format!("{rows} rows are claimed, at most {} are taken here", self.max_rows);
        Err(Error::new(Code::LimitRows, text))
    }

    /// The bucket lies wholly in the range.
    pub(crate) fn check_bucket(&self, bucket: &Bucket, start: i64) -> Result<()> {
        if self.start.is_none_or(|first| first <= start) && self.end.is_none_or(|end| bucket.end(start) <= end) {
            return Ok(());
        }
        let text = format!("the bucket {} lies outside the range that is taken here", format_timestamp(start));
        Err(Error::new(Code::RangeOutside, text))
    }
}
