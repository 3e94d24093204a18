//! The verbs of time ranges: cutting buckets out, putting others in their place, dropping old ones.
//!
//! The one idea: a range ends on the edges of buckets, so that every group is wholly in it or wholly outside.

use super::regroup::Rebucket;
use super::rollup::Rollup;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::time::format_timestamp;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

impl Rollup {
    /// Gives the buckets of a time range.
    ///
    /// The range is `[start, end)`, in µs; an open end takes everything on its side.
    ///
    /// **Errors** `range.invalid`, `range.edge`.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::time::parse_timestamp;
    /// let eleven = parse_timestamp("2026-11-01T11:00:00Z")?;
    /// assert_eq!(rollup.slice(Some(eleven), None)?.len(), 1);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn slice(&self, start: Option<i64>, end: Option<i64>) -> Result<Rollup> {
        self.check_range(start, end)?;
        self.filtered(&|bucket| in_range(bucket, start, end))
    }

    /// Puts another rollup's groups in the place of all groups of a time range, as late rows, updates and deletes
    /// need.
    ///
    /// The range is `[start, end)`, in µs; an open end takes everything on its side.
    ///
    /// **Errors** `range.invalid`, `range.edge`, `range.outside`, `merge.schema`, `limit.groups`, `limit.rows`; the
    /// rollup is then as it was.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// let again = rollup.emptied();
    /// rollup.replace(None, None, &again)?;
    /// assert!(rollup.is_empty());
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn replace(&mut self, start: Option<i64>, end: Option<i64>, other: &Rollup) -> Result<()> {
        self.check_range(start, end)?;
        self.spec.require_same_schema(&other.spec)?;
        if let Some(&bucket) = other.groups.buckets().iter().find(|&&bucket| !in_range(bucket, start, end)) {
            return Err(Error::new(
                Code::RangeOutside,
                format!("the replacement holds the bucket {}, outside the range", format_timestamp(bucket)),
            ));
        }
        let mut kept = self.filtered(&|bucket| !in_range(bucket, start, end))?;
        kept.merge(other)?;
        *self = kept;
        Ok(())
    }

    /// Drops the buckets that end at or before a time.
    ///
    /// The time is in µs; the result tells how many groups were dropped.
    ///
    /// **Errors** `range.invalid` when `before` is outside the supported times.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::time::parse_timestamp;
    /// assert_eq!(rollup.prune(parse_timestamp("2026-11-01T11:00:00Z")?)?, 1);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn prune(&mut self, before: i64) -> Result<usize> {
        check_time(before)?;
        let bucket = self.spec.bucket().clone();
        let kept = self.filtered(&|start| bucket.end(start) > before)?;
        let dropped = self.len() - kept.len();
        if dropped > 0 {
            *self = kept;
        }
        Ok(dropped)
    }

    fn check_range(&self, start: Option<i64>, end: Option<i64>) -> Result<()> {
        if let (Some(start), Some(end)) = (start, end) {
            if end < start {
                return Err(Error::new(
                    Code::RangeInvalid,
                    format!(
                        "the range ends at {} before it starts at {}",
                        format_timestamp(end),
                        format_timestamp(start)
                    ),
                ));
            }
        }
        for (bound, name) in [(start, "start"), (end, "end")] {
            let Some(bound) = bound else { continue };
            check_time(bound).map_err(|error| error.within(name))?;
            if !self.spec.bucket().is_edge(bound) {
                return Err(Error::new(
                    Code::RangeEdge,
                    format!(
                        "{} is not an edge of the buckets of {}",
                        format_timestamp(bound),
                        self.spec.bucket().source().width
                    ),
                )
                .within(name));
            }
        }
        Ok(())
    }

    fn filtered(&self, keep: &dyn Fn(i64) -> bool) -> Result<Rollup> {
        let mut kept = Rollup::of(Arc::clone(&self.spec), self.max_groups);
        let keys: Vec<usize> = (0..self.spec.keys().len()).collect();
        kept.absorb(self, keep, Rebucket::Same, &keys)?;
        Ok(kept)
    }
}

fn in_range(bucket: i64, start: Option<i64>, end: Option<i64>) -> bool {
    start.is_none_or(|start| bucket >= start) && end.is_none_or(|end| bucket < end)
}

fn check_time(us: i64) -> Result<()> {
    if (limits::MIN_TIME_US..limits::MAX_TIME_US).contains(&us) {
        Ok(())
    } else {
        Err(Error::new(Code::RangeInvalid, format!("{us} µs is outside the years −9999 to 9999")))
    }
}
