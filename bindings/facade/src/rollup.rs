//! The rollup every host shows: the kernel's verbs, with JSON for what hosts write and columns for what they have.

use crate::batch::Batch;
use crate::declared::Declared;
use crate::fault::fault;
use crate::frame::Frame;
use crate::ingest::{fold_rows, Folded, Ingest};
use crate::json::{
    budget, coarsening, instant, query_source, range, spec_json, spec_source, Document, IngestOptions, Json,
};
use crate::skipped::Report;
use crate::{secret, shares};
use alloc::string::String;
use alloc::vec::Vec;
use isofold::spec::Spec;
use isofold::time::{format_timestamp, Bucket};
use isofold::{Budget, Error, Result};

/// A table from (bucket, key) to mergeable states.
#[derive(Clone, Debug)]
pub struct Rollup {
    pub(crate) kernel: isofold::Rollup,
}

impl From<isofold::Rollup> for Rollup {
    fn from(kernel: isofold::Rollup) -> Self {
        Self { kernel }
    }
}

impl Rollup {
    /// An empty rollup of a spec.
    ///
    /// **Errors** `spec.*`, `expr.*`, `limit.states`: all problems of the spec.
    pub fn new(spec: &(impl Document + ?Sized)) -> Result<Self> {
        secret::drawn();
        let spec = Spec::compile(&spec_source(spec)?)?;
        Ok(Self { kernel: isofold::Rollup::new(spec) })
    }

    /// The same rollup with another limit of groups.
    ///
    /// **Errors** `limit.groups`.
    pub fn with_max_groups(self, max_groups: usize) -> Result<Self> {
        Ok(Self { kernel: self.kernel.with_max_groups(max_groups)? })
    }

    /// The rollup that [`Rollup::encode`] wrote.
    ///
    /// **Errors** `decode.*`, `limit.*`; nothing is trusted and nothing half decoded.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        secret::drawn();
        Ok(Self { kernel: isofold::Rollup::decode(bytes)? })
    }

    /// As [`Rollup::decode`], of bytes within `{"max_rows", "max_groups", "start", "end"}`; `max_groups` then is the
    /// limit of the rollup, or what is given where the budget says nothing of it, or what its spec usually allows.
    ///
    /// **Errors** as [`Rollup::decode`], `range.*`, `host.argument`.
    pub fn decode_within(bytes: &[u8], within: &(impl Document + ?Sized), max_groups: Option<usize>) -> Result<Self> {
        let budget = budget(within, Budget { max_groups, ..Budget::default() })?;
        Ok(Self { kernel: isofold::Rollup::decode_within(bytes, &budget)? })
    }

    /// Tells whether the rollup is within `{"max_rows", "max_groups", "start", "end"}`.
    ///
    /// **Errors** `limit.rows`, `limit.groups`, `range.*`, `host.argument`.
    pub fn check_within(&self, within: &(impl Document + ?Sized)) -> Result<()> {
        budget(within, Budget::unlimited())?.check(&self.kernel)
    }

    /// The kernel's own rollup.
    #[must_use]
    pub fn into_kernel(self) -> isofold::Rollup {
        self.kernel
    }

    /// The most groups that it may hold.
    #[must_use]
    pub fn max_groups(&self) -> usize {
        self.kernel.max_groups()
    }

    /// Folds a batch in and tells how many of its rows passed `where`.
    ///
    /// **Errors** `ingest.*`, `expr.*`, `limit.*`; the rollup is then as it was.
    pub fn ingest(&mut self, batch: &Batch<'_>) -> Result<usize> {
        let declared = self.columns();
        fold_rows(&mut self.kernel, batch, &declared)
    }

    /// Starts folding several batches that are one: all of them or none.
    #[must_use]
    pub fn start_ingest(&self, threads: usize) -> Ingest {
        self.start_ingest_with(&IngestOptions { threads, ..IngestOptions::default() })
    }

    /// As [`Rollup::start_ingest`], with the rules for keys and bad rows that are asked for.
    #[must_use]
    pub fn start_ingest_with(&self, options: &IngestOptions) -> Ingest {
        Ingest::new(self, options)
    }

    /// Takes over what an [`Ingest`] of this rollup folded, and tells how many rows passed `where`.
    ///
    /// **Errors** `limit.*`, `ingest.column`; the rollup is then as it was.
    pub fn finish_ingest(&mut self, ingest: Ingest) -> Result<usize> {
        self.finish_report(ingest).map(|report| report.rows)
    }

    /// As [`Rollup::finish_ingest`], telling also which rows were left out.
    ///
    /// **Errors** those of [`Rollup::finish_ingest`].
    pub fn finish_report(&mut self, ingest: Ingest) -> Result<Report> {
        self.take_over(ingest.finish()?)
    }

    /// Takes over what was folded, and tells how many rows passed `where` and which were left out.
    ///
    /// **Errors** `limit.*`; the rollup is then as it was.
    pub fn take_over(&mut self, folded: Folded) -> Result<Report> {
        let Folded { kernel, report } = folded;
        if self.kernel.is_empty() {
            self.kernel = kernel;
        } else {
            self.kernel.merge_owned(kernel)?;
        }
        fault("change");
        Ok(report)
    }

    /// Folds the groups of another rollup in.
    ///
    /// **Errors** `merge.schema`, `limit.*`; the rollup is then as it was.
    pub fn merge(&mut self, other: &Rollup) -> Result<()> {
        let merged = self.kernel.merge(&other.kernel);
        fault("change");
        merged
    }

    /// As [`Rollup::merge`], of a rollup within a budget.
    ///
    /// **Errors** those of [`Rollup::check_within`] and [`Rollup::merge`]; the rollup is then as it was.
    pub fn merge_within(&mut self, other: &Rollup, within: &(impl Document + ?Sized)) -> Result<()> {
        other.check_within(within)?;
        self.merge(other)
    }

    /// Folds the groups of an encoded rollup in, which may have as many as this one unless the budget says else.
    ///
    /// **Errors** those of [`Rollup::decode_within`] and [`Rollup::merge`]; the rollup is then as it was.
    pub fn merge_bytes(&mut self, bytes: &[u8], within: &(impl Document + ?Sized)) -> Result<()> {
        self.merge(&Self::decode_within(bytes, within, Some(self.max_groups()))?)
    }

    /// The rollup at a coarser bucket and/or with fewer keys: `{"bucket": …, "group_by": […]}`.
    ///
    /// **Errors** `coarsen.*`, `spec.bucket`, `spec.timezone`, `host.argument`.
    pub fn coarsen(&self, options: &(impl Document + ?Sized)) -> Result<Self> {
        let options = coarsening(options)?;
        let bucket = options.bucket.map(|source| Bucket::new(&source).map_err(bucket_error));
        Ok(Self { kernel: self.kernel.coarsen(bucket.transpose()?.as_ref(), options.group_by.as_deref())? })
    }

    /// The buckets in `{"start": …, "end": …}`; an open end takes everything on its side.
    ///
    /// **Errors** `range.*`, `host.argument`.
    pub fn slice(&self, bounds: &(impl Document + ?Sized)) -> Result<Self> {
        let (start, end) = range(bounds)?;
        Ok(Self { kernel: self.kernel.slice(start, end)? })
    }

    /// Puts another rollup's groups in the place of all groups in `{"start": …, "end": …}`.
    ///
    /// **Errors** `range.*`, `merge.schema`, `limit.*`, `host.argument`; the rollup is then as it was.
    pub fn replace(&mut self, bounds: &(impl Document + ?Sized), other: &Rollup) -> Result<()> {
        let (start, end) = range(bounds)?;
        let replaced = self.kernel.replace(start, end, &other.kernel);
        fault("change");
        replaced
    }

    /// As [`Rollup::replace`], of a rollup within a budget.
    ///
    /// **Errors** those of [`Rollup::check_within`] and [`Rollup::replace`]; the rollup is then as it was.
    pub fn replace_within<D: Document + ?Sized>(&mut self, bounds: &D, other: &Rollup, within: &D) -> Result<()> {
        other.check_within(within)?;
        self.replace(bounds, other)
    }

    /// As [`Rollup::replace`], with the bytes of the other rollup, which may have as many groups as this one unless the
    /// budget says else.
    ///
    /// **Errors** those of [`Rollup::decode_within`] and [`Rollup::replace`]; the rollup is then as it was.
    pub fn replace_bytes<D: Document + ?Sized>(&mut self, bounds: &D, bytes: &[u8], within: &D) -> Result<()> {
        self.replace(bounds, &Self::decode_within(bytes, within, Some(self.max_groups()))?)
    }

    /// Drops the buckets that end at or before a time in ISO 8601, and tells how many groups that were.
    ///
    /// **Errors** `range.invalid`.
    pub fn prune(&mut self, before: &str) -> Result<usize> {
        self.kernel.prune(instant(before, "before")?)
    }

    /// The bytes of the rollup, the only ones for its content.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.kernel.encode()
    }

    /// SHA-256 of [`Rollup::encode`], in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        self.kernel.digest()
    }

    /// The name that the spec gives it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.kernel.spec().name()
    }

    /// Number of groups.
    #[must_use]
    pub fn size(&self) -> usize {
        self.kernel.len()
    }

    /// The normalised spec.
    #[must_use]
    pub fn spec(&self) -> Json {
        spec_json(&self.kernel.spec().source())
    }

    /// Whether equal rows always give equal bytes; false when a metric uses `tdigest`.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        self.kernel.spec().is_canonical()
    }

    /// The declared columns: what a batch is read for.
    #[must_use]
    pub fn columns(&self) -> Vec<Declared> {
        Declared::of(self.kernel.spec())
    }

    /// What the rollup holds: groups, rows, NaNs by column, first and last bucket, bytes of memory.
    #[must_use]
    pub fn stats(&self) -> Json {
        let stats = self.kernel.stats();
        let time = |us: Option<i64>| us.map_or(Json::Null, |us| Json::Text(format_timestamp(us)));
        Json::object([
            ("groups", Json::from(stats.groups as u64)),
            ("rows", Json::from(stats.rows)),
            ("nan", Json::object(stats.nan.into_iter().map(|(column, count)| (column, Json::from(count))))),
            ("first_bucket", time(stats.first_bucket)),
            ("last_bucket_end", time(stats.last_bucket_end)),
            ("memory_bytes", Json::from(stats.memory_bytes as u64)),
        ])
    }

    /// Bytes on the heap, counted group by group.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.kernel.stats().memory_bytes
    }

    /// Reads metrics.
    ///
    /// **Errors** `query.*`, `expr.*`, `range.*`, `limit.result`.
    pub fn query(&self, query: &(impl Document + ?Sized)) -> Result<Frame> {
        let source = query_source(query)?;
        let answer = shares::answer(&self.kernel, &source)?;
        #[cfg(feature = "steps")]
        let answer = isofold::query::then(answer, &source)?;
        Ok(Frame::new(answer))
    }
}

fn bucket_error(problems: Vec<Error>) -> Error {
    let problems = problems.into_iter().map(|problem| problem.within("bucket")).collect();
    // a refused bucket has a problem
    Error::from_all(problems).unwrap_or_else(|| Error::new(isofold::Code::SpecBucket, "the bucket is refused"))
}
