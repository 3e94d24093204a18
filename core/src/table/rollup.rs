//! The rollup and its verbs.
//!
//! Not here: the verbs of time ranges (`ranges`).

use super::groups::Groups;
use super::merge_part::MergePart;
use super::regroup::{regroup, Rebucket};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::spec::{Argument, Spec};
use crate::state::{StateColumn, NO_GROUP};
use crate::time::{format_timestamp, Bucket};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A table from (bucket, key) to states: a function of the multiset of rows folded into it, and of its spec.
///
/// **Cost** ingest is linear in rows × states; memory is linear in groups × states.
#[derive(Clone, Debug)]
pub struct Rollup {
    pub(crate) spec: Arc<Spec>,
    pub(crate) groups: Groups,
    pub(crate) states: Vec<StateColumn>,
    pub(crate) rows: u64,
    pub(crate) max_groups: usize,
}

/// The groups that a rollup of a spec may have when nothing is said: fewer where each takes many states.
pub(super) fn usual_max_groups(spec: &Spec) -> usize {
    limits::MAX_GROUPS.min(limits::MAX_CELLS / spec.states().len().max(1))
}

/// A limit of groups that a rollup of `len` groups may have.
pub(super) fn checked_max_groups(max_groups: usize, len: usize) -> Result<usize> {
    if (len..=limits::MAX_GROUPS_MAX).contains(&max_groups) {
        return Ok(max_groups);
    }
    let text = format!("max_groups must be from {len} to {}, got {max_groups}", limits::MAX_GROUPS_MAX);
    Err(Error::new(Code::LimitGroups, text))
}

/// What a rollup holds, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Groups.
    pub groups: usize,
    /// Rows folded in: those that passed `where`.
    pub rows: u64,
    /// For each float64 column that an aggregate reads, in how many rows it was NaN and therefore missing.
    pub nan: Vec<(String, u64)>,
    /// Start of the first bucket, in µs.
    pub first_bucket: Option<i64>,
    /// End of the last bucket, exclusive, in µs.
    pub last_bucket_end: Option<i64>,
    /// Bytes of memory behind the rollup, about.
    pub memory_bytes: usize,
}

impl Rollup {
    /// An empty rollup of a spec, of at most limits::MAX_GROUPS groups and limits::MAX_CELLS states of groups.
    #[must_use]
    pub fn new(spec: Spec) -> Self {
        let max_groups = usual_max_groups(&spec);
        Self::of(Arc::new(spec), max_groups)
    }

    pub(crate) fn of(spec: Arc<Spec>, max_groups: usize) -> Self {
        let states = spec.states().iter().map(|state| StateColumn::new(state.kind())).collect();
        let groups = Groups::new(spec.keys().len());
        Self { spec, groups, states, rows: 0, max_groups }
    }

    /// The same rollup with another limit of groups, at most 2^31; rollups made from it inherit the limit.
    ///
    /// **Errors** `limit.groups` when it holds more already or the limit is out of range.
    pub fn with_max_groups(mut self, max_groups: usize) -> Result<Self> {
        self.max_groups = checked_max_groups(max_groups, self.len())?;
        Ok(self)
    }

    /// The most groups that it may hold.
    #[must_use]
    pub fn max_groups(&self) -> usize {
        self.max_groups
    }

    /// An empty rollup of the same spec with the same limit of groups.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self::of(Arc::clone(&self.spec), self.max_groups)
    }

    /// The normalised spec.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// assert_eq!(rollup.spec().name(), "requests_1hour");
    /// # Ok::<(), isofold::Error>(())
    /// ```
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The number of groups.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// assert_eq!(rollup.len(), 2);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Folds the groups of another rollup in, as if its rows had been folded here.
    ///
    /// **Cost** linear in the groups of `other` × states.
    ///
    /// **Errors** `merge.schema`, `limit.groups`, `limit.rows`; the rollup is then as it was.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// let other = rollup.clone();
    /// rollup.merge(&other)?;
    /// assert_eq!(rollup.stats().rows, 4);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn merge(&mut self, other: &Rollup) -> Result<()> {
        self.spec.require_same_schema(&other.spec)?;
        let keys = 0..other.spec.keys().len();
        self.absorb(other, &|_| true, Rebucket::Same, &keys.collect::<Vec<_>>())
    }

    /// As [`Rollup::merge`], of a rollup that is not needed any more: states of groups that only it has are taken, not
    /// copied.
    ///
    /// **Errors** as [`Rollup::merge`].
    pub fn merge_owned(&mut self, other: Rollup) -> Result<()> {
        self.merge_owned_by(other, |_| {})
    }

    /// As [`Rollup::merge_owned`], in parts that `run` may run in any order and on any thread; those that it leaves are
    /// run after it.
    ///
    /// **Errors** as [`Rollup::merge`].
    pub fn merge_owned_by(&mut self, other: Rollup, run: impl FnOnce(&mut [MergePart<'_>])) -> Result<()> {
        self.spec.require_same_schema(&other.spec)?;
        let known = self.len();
        let keys: Vec<usize> = (0..other.spec.keys().len()).collect();
        let map = self.place(&other, &|_| true, Rebucket::Same, &keys)?;
        let columns = self.states.iter_mut().zip(other.states);
        let mut parts: Vec<_> = columns.map(|(into, from)| MergePart::new(into, from, &map, known)).collect();
        run(&mut parts);
        parts.iter_mut().for_each(MergePart::run);
        Ok(())
    }

    /// Gives the rollup at a coarser bucket and with fewer keys, byte-equal to folding the rows under that spec.
    ///
    /// `None` keeps the bucket or all keys; keys stand in the given order.
    ///
    /// **Errors** `coarsen.bucket` (buckets straddle two coarse ones, with a group there or not), `coarsen.key`.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::time::{Bucket, BucketSource};
    /// let day = BucketSource { width: "1 day".into(), ..BucketSource::default() };
    /// let day = Bucket::new(&day).expect("a width");
    /// assert_eq!(rollup.coarsen(Some(&day), Some(&[]))?.len(), 1);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn coarsen(&self, bucket: Option<&Bucket>, group_by: Option<&[String]>) -> Result<Rollup> {
        let (spec, keys) = self.spec.coarsened(bucket, group_by)?;
        let mut coarse = Rollup::of(Arc::new(spec), self.max_groups);
        let fine = self.spec.bucket().clone();
        let target = coarse.spec.bucket().clone();
        let new_of = |start| nest(&fine, &target, start);
        self.check_nesting(&target)?;
        let rebucket = if bucket.is_none() { Rebucket::Same } else { Rebucket::Each(&new_of) };
        coarse.absorb(self, &|_| true, rebucket, &keys)?;
        Ok(coarse)
    }

    /// Tells what the rollup holds: groups, rows, NaNs by column, first_bucket, last_bucket_end, memory_bytes.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// assert_eq!((rollup.stats().groups, rollup.stats().rows), (2, 2));
    /// # Ok::<(), isofold::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        let nan = self.spec.states().iter().zip(&self.states).filter_map(|(state, column)| {
            let (Argument::NaNs(index), StateColumn::Count(counts)) = (state.argument(), column) else { return None };
            let total = (0..self.len()).map(|group| counts.count(group)).sum();
            Some((String::from(self.spec.columns()[index].name()), total))
        });
        let buckets = self.groups.buckets();
        Stats {
            groups: self.len(),
            rows: self.rows,
            nan: nan.collect(),
            first_bucket: buckets.iter().min().copied(),
            last_bucket_end: buckets.iter().max().map(|&start| self.spec.bucket().end(start)),
            memory_bytes: self.groups.heap_bytes() + self.states.iter().map(StateColumn::heap_bytes).sum::<usize>(),
        }
    }

    /// Refuses coarser buckets in which those of the rollup do not nest, whether or not a group lies where they
    /// straddle.
    ///
    /// **Errors** `coarsen.bucket`.
    pub(super) fn check_nesting(&self, coarse: &Bucket) -> Result<()> {
        let buckets = self.groups.buckets();
        let start = coarse.enclosing_edge(buckets.iter().min().copied()).0 - 1;
        let end = coarse.enclosing_edge(buckets.iter().max().copied()).1 + 1;
        self.spec.bucket().check_nesting(coarse, start, end)
    }

    /// Rows of one group.
    pub(crate) fn group_rows(&self, group: usize) -> u64 {
        self.states[self.spec.rows_state()].rows(group)
    }

    /// Merges the groups of `other` in: those with a bucket that is kept, keyed by the named key columns of `other`.
    pub(super) fn absorb(
        &mut self,
        other: &Rollup,
        keep: &dyn Fn(i64) -> bool,
        rebucket: Rebucket<'_>,
        keys: &[usize],
    ) -> Result<()> {
        let map = self.place(other, keep, rebucket, keys)?;
        for (column, from) in self.states.iter_mut().zip(&other.states) {
            column.merge(from, &map);
        }
        Ok(())
    }

    /// Finds or makes the places of the groups of `other`, and counts their rows.
    fn place(
        &mut self,
        other: &Rollup,
        keep: &dyn Fn(i64) -> bool,
        rebucket: Rebucket<'_>,
        keys: &[usize],
    ) -> Result<Vec<u32>> {
        let other_keys = &other.groups.keys;
        let tuple_of =
            |tuple: u32| Ok(Some(keys.iter().map(|&column| other_keys.value(tuple, column).as_scalar()).collect()));
        let mark = self.groups.mark();
        let map = regroup(&mut self.groups, &other.groups, self.max_groups, keep, rebucket, &tuple_of)?;
        let added: u64 =
            map.iter().enumerate().filter(|(_, &to)| to != NO_GROUP).map(|(from, _)| other.group_rows(from)).sum();
        // cannot overflow: both are at most MAX_ROWS = 2^62
        if self.rows + added > limits::MAX_ROWS {
            self.groups.back_to(&mark);
            return Err(Error::new(Code::LimitRows, format!("a rollup counts at most {} rows", limits::MAX_ROWS)));
        }
        self.rows += added;
        let groups = self.groups.len();
        for column in &mut self.states {
            column.grow(groups);
        }
        Ok(map)
    }
}

/// The coarse bucket in which the fine bucket at `start` lies.
///
/// **Errors** `coarsen.bucket` when it straddles two.
pub(crate) fn nest(fine: &Bucket, coarse: &Bucket, start: i64) -> Result<i64> {
    let first = coarse.start(start)?;
    let end = fine.end(start);
    if end > coarse.end(first) {
        return Err(Error::new(
            Code::CoarsenBucket,
            format!(
                "the bucket from {} to {} straddles two buckets of {}",
                format_timestamp(start),
                format_timestamp(end),
                coarse.source().width
            ),
        ));
    }
    Ok(first)
}
