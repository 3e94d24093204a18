//! Folding many batches as one, by several threads where there are any.
//!
//! The one idea: every thread folds its share of the rows into a rollup of its own, and these are merged. The law
//! makes the bytes the same however the rows were shared out. An error leaves nothing behind.

use crate::batch::Batch;
use crate::declared::Declared;
use crate::fault::fault;
use crate::interrupt::Interrupt;
use crate::json::IngestOptions;
use crate::keys::Keys;
use crate::rollup::Rollup;
use crate::shares;
use crate::skipped::{Report, Skipped};
use alloc::vec::Vec;
use core::iter::Peekable;
use core::ops::Range;
use isofold::{limits, Code, Error, Result};

/// Rows below which a thread costs more than it folds.
const MIN_ROWS_PER_THREAD: usize = 16_384;

/// Rows that are read and folded at once: few enough to stay in a cache, many enough to share the work of a dictionary.
const BLOCK_ROWS: usize = 65_536;

/// Rows of a batch that is shared out by itself; threads take smaller ones whole.
const LARGE_BATCH_ROWS: usize = 1 << 19;

/// Rows folded and not yet part of their rollup.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// Made anew for each share: a copy of a rollup would be code that a host without threads has no other use for.
    empty: isofold::Rollup,
    declared: Vec<Declared>,
    partials: Vec<Partial>,
    keys: Keys,
    skips: bool,
    threads: usize,
    interrupt: Interrupt,
    /// Rows seen, the first row of the next batch.
    seen: usize,
    /// Whether some row could be read: of others no keys are known.
    has_rows: bool,
    folded: usize,
}

/// What one thread folded.
#[derive(Clone, Debug)]
struct Partial {
    rollup: isofold::Rollup,
    skipped: Skipped,
}

impl Partial {
    fn new(empty: &isofold::Rollup) -> Self {
        Self { rollup: empty.emptied(), skipped: Skipped::default() }
    }
}

/// Where batches come from: anything that holds the rows of one, how many they are, and how it is read.
pub trait Source: Send {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// The rows.
    ///
    /// **Errors** those of [`Batch::add`], and of the host.
    fn read(&self, declared: &[Declared]) -> Result<Batch<'_>>;
}

impl Ingest {
    pub(crate) fn new(rollup: &Rollup, options: &IngestOptions) -> Self {
        let &IngestOptions { threads, strict, skips } = options;
        let empty = rollup.kernel.emptied();
        let declared = rollup.columns();
        let keys = Keys::new(declared.len(), strict);
        // shares without threads would only have to be merged
        let threads = if cfg!(feature = "threads") { threads.clamp(1, limits::MAX_THREADS) } else { 1 };
        let interrupt = Interrupt::default();
        Self {
            empty,
            declared,
            partials: Vec::new(),
            keys,
            skips,
            threads,
            interrupt,
            seen: 0,
            has_rows: false,
            folded: 0,
        }
    }

    /// The same ingest, which ends with `host.interrupted` when it is told to stop.
    #[must_use]
    pub fn stopped_by(self, interrupt: Interrupt) -> Self {
        Self { interrupt, ..self }
    }

    /// The declared columns: what a batch is read for.
    #[must_use]
    pub fn columns(&self) -> &[Declared] {
        &self.declared
    }

    /// Tells of keys that rows have: all of them under a strict rule, else those of rows that have a declared column
    /// nowhere in a batch. Whether they are refused is decided when the ingest ends.
    pub fn see_keys<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>) {
        keys.into_iter().for_each(|key| self.keys.see(&self.declared, key));
    }

    /// Folds the next batch.
    ///
    /// **Errors** `ingest.*`, `expr.*`, `limit.*`, with rows counted from the first batch on.
    pub fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        let first = self.seen;
        self.keys.saw(&self.declared, batch);
        self.folded += self.fold_batch(batch).map_err(|error| self.mistyped_time(error).after_rows(first))?;
        self.seen += batch.rows();
        self.has_rows |= batch.has_rows();
        Ok(())
    }

    /// Rows without a time may have it under another spelling, which is what they have to be told.
    fn mistyped_time(&self, error: Error) -> Error {
        if error.code() != Code::IngestTime {
            return error;
        }
        self.keys.check_one(&self.declared, self.empty.spec().time_column()).err().unwrap_or(error)
    }

    /// Folds all batches of a stream; they are taken from it by this thread alone, and read by the one that folds them.
    ///
    /// **Errors** that of the first batch which has one, as [`Ingest::fold`]; those of the stream.
    pub fn fold_all<S: Source>(&mut self, sources: impl Iterator<Item = Result<S>>) -> Result<()> {
        let mut sources = sources.peekable();
        while let Some(next) = sources.next() {
            let source = next?;
            self.interrupt.check()?;
            if self.is_alone(&source) || sources.peek().is_none() {
                let batch = source.read(&self.declared).map_err(|error| error.after_rows(self.seen))?;
                self.fold(&batch)?;
            } else {
                self.fold_small(source, &mut sources)?;
            }
        }
        Ok(())
    }

    /// Whether a batch is folded by itself: there is one thread, it is large, or the order of rows matters.
    fn is_alone(&self, source: &impl Source) -> bool {
        self.threads == 1 || source.rows() >= LARGE_BATCH_ROWS || !self.empty.spec().is_canonical()
    }

    /// Folds a batch and those after it up to a large one.
    fn fold_small<S: Source>(
        &mut self,
        first: S,
        sources: &mut Peekable<impl Iterator<Item = Result<S>>>,
    ) -> Result<()> {
        let mut partials = core::mem::take(&mut self.partials);
        partials.resize_with(partials.len().max(self.threads), || Partial::new(&self.empty));
        let mut next = Some(Ok(first));
        let mut seen = self.seen;
        let small = core::iter::from_fn(|| {
            let source = match next.take() {
                Some(first) => first,
                None if self.interrupt.check().is_err() => return None,
                None => sources.next_if(|next| next.as_ref().is_ok_and(|source| !self.is_alone(source)))?,
            };
            let place = seen;
            seen += source.as_ref().map_or(0, Source::rows);
            source.ok().map(|source| (place, source))
        });
        let fold = |partial: &mut Partial, (place, source): (usize, S)| {
            let batch = source.read(&self.declared);
            let folded = batch.and_then(|batch| {
                let rows = 0..batch.rows();
                self.fold_blocks(partial, &batch, rows, place).map_err(|error| self.whole_error(&batch, error))
            });
            folded.map_err(|error| (place, error.after_rows(place)))
        };
        let folded = shares::fold_stream(&mut partials, small, || drop(self.interrupt.check()), fold);
        self.interrupt.check()?;
        self.folded += folded.map_err(|(_, error)| error)?;
        self.partials = partials;
        self.has_rows |= seen > self.seen;
        self.seen = seen;
        Ok(())
    }

    fn fold_batch(&mut self, batch: &Batch<'_>) -> Result<usize> {
        let rows = batch.rows();
        let shares = (rows / MIN_ROWS_PER_THREAD).clamp(1, self.threads);
        let mut partials = core::mem::take(&mut self.partials);
        partials.resize_with(partials.len().max(shares), || Partial::new(&self.empty));
        let share = rows.div_ceil(shares);
        let ranges = (0..shares).map(|index| (index * share).min(rows)..((index + 1) * share).min(rows));
        let jobs: Vec<_> = partials.iter_mut().zip(ranges).collect();
        let look = || drop(self.interrupt.check());
        let folded = shares::run(jobs, look, |(partial, rows)| self.fold_blocks(partial, batch, rows, self.seen));
        self.partials = partials;
        self.interrupt.check()?;
        folded.into_iter().sum::<Result<usize>>().map_err(|error| self.whole_error(batch, error))
    }

    /// Folds some rows block by block, so that what is made of a block is still in the processor's cache when it is read;
    /// `place` rows come before the batch.
    fn fold_blocks(&self, partial: &mut Partial, batch: &Batch<'_>, rows: Range<usize>, place: usize) -> Result<usize> {
        if rows.len() <= BLOCK_ROWS && rows.len() == batch.rows() {
            return self.fold_block(partial, batch, place);
        }
        let mut folded = 0;
        for start in rows.clone().step_by(BLOCK_ROWS) {
            let block = batch.block(&self.declared, start..(start + BLOCK_ROWS).min(rows.end));
            folded += self.fold_block(partial, &block, place + start)?;
        }
        Ok(folded)
    }

    /// Folds all rows, or those that fit where others are left out: a block with a row that does not is halved.
    fn fold_block(&self, partial: &mut Partial, batch: &Batch<'_>, place: usize) -> Result<usize> {
        self.interrupt.check()?;
        let error = match fold_rows(&mut partial.rollup, batch, &self.declared) {
            Err(error) if self.skips && error.problems().all(|problem| problem.row().is_some()) => error,
            folded => return folded,
        };
        let rows = batch.rows();
        if rows <= 1 {
            partial.skipped.note(error.alone().after_rows(place));
            return Ok(0);
        }
        let half = |partial: &mut Partial, rows: Range<usize>| {
            self.fold_block(partial, &batch.block(&self.declared, rows.clone()), place + rows.start)
        };
        Ok(half(partial, 0..rows / 2)? + half(partial, rows / 2..rows)?)
    }

    /// An error tells of one block and counts its rows: folding again as a whole names the right row and all problems.
    fn whole_error(&self, batch: &Batch<'_>, error: Error) -> Error {
        if error.code() == Code::HostInterrupted {
            return error;
        }
        fold_rows(&mut self.empty.emptied(), batch, &self.declared).err().unwrap_or(error)
    }

    /// Ends it: one rollup of what was folded.
    ///
    /// **Errors** `limit.*`; `ingest.column` for keys that are refused; `host.interrupted`, which is looked for to the
    /// last.
    pub fn finish(self) -> Result<Folded> {
        if self.has_rows {
            self.keys.check(&self.declared)?;
        }
        let mut partials = self.partials.into_iter();
        let Partial { rollup: mut kernel, mut skipped } = partials.next().unwrap_or_else(|| Partial::new(&self.empty));
        partials.try_for_each(|partial| {
            self.interrupt.check()?;
            skipped.merge(partial.skipped);
            kernel.merge_owned_by(partial.rollup, |parts| shares::merge(self.threads, parts))
        })?;
        self.interrupt.check()?;
        Ok(Folded { kernel, report: Report { rows: self.folded, skipped } })
    }
}

/// What an [`Ingest`] folded, for its rollup to take over.
#[derive(Clone, Debug)]
pub struct Folded {
    pub(crate) kernel: isofold::Rollup,
    pub(crate) report: Report,
}

pub(crate) fn fold_rows(rollup: &mut isofold::Rollup, batch: &Batch<'_>, declared: &[Declared]) -> Result<usize> {
    let columns = batch.conformed(declared)?;
    let empty = isofold::batch::Batch::new(batch.rows());
    let named =
        declared.iter().zip(columns).fold(empty, |batch, (declared, column)| batch.with(&*declared.name, column));
    let folded = rollup.ingest(&named);
    fault("fold");
    folded
}
