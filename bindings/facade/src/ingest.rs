//! Folding many batches as one, by several threads where there are any.
//!
//! The one idea: every thread folds its share of the rows into a rollup of its own, and these are merged. The law
//! makes the bytes the same however the rows were shared out. An error leaves nothing behind.

use crate::batch::Batch;
use crate::rollup::Rollup;
use isofold::value::ColumnType;
use isofold::Result;
use std::ops::Range;

/// Rows below which a thread costs more than it folds.
const MIN_ROWS_PER_THREAD: usize = 16_384;

/// Rows that are read and folded at once: few enough to stay in a cache, many enough to share the work of a dictionary.
const BLOCK_ROWS: usize = 65_536;

/// Rows folded and not yet part of their rollup.
#[derive(Clone, Debug)]
pub struct Ingest {
    empty: isofold::Rollup,
    declared: Vec<(String, ColumnType)>,
    partials: Vec<isofold::Rollup>,
    threads: usize,
    /// Rows seen, the first row of the next batch.
    seen: usize,
    folded: usize,
}

impl Ingest {
    pub(crate) fn new(rollup: &Rollup, threads: usize) -> Self {
        let empty = rollup.kernel.emptied();
        // shares without threads would only have to be merged
        let threads = if cfg!(feature = "threads") { threads.max(1) } else { 1 };
        Self { empty, declared: rollup.columns(), partials: Vec::new(), threads, seen: 0, folded: 0 }
    }

    /// The declared columns: what a batch is read for.
    #[must_use]
    pub fn columns(&self) -> &[(String, ColumnType)] {
        &self.declared
    }

    /// Folds the next batch.
    ///
    /// **Errors** `ingest.*`, `expr.*`, `limit.*`, with rows counted from the first batch on.
    pub fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        let first = self.seen;
        self.folded += self.fold_batch(batch).map_err(|error| error.after_rows(first))?;
        self.seen += batch.rows();
        Ok(())
    }

    fn fold_batch(&mut self, batch: &Batch<'_>) -> Result<usize> {
        let rows = batch.rows();
        let shares = (rows / MIN_ROWS_PER_THREAD).clamp(1, self.threads);
        let partials = self.partials.len().max(shares);
        self.partials.resize(partials, self.empty.clone());
        let names = &self.declared;
        let share = rows.div_ceil(shares);
        let ranges = (0..shares).map(|index| (index * share).min(rows)..((index + 1) * share).min(rows));
        let jobs: Vec<_> = self.partials.iter_mut().zip(ranges).collect();
        // an error tells of one block and counts its rows: fold again as a whole to name the right row and all problems
        fold_shares(jobs, batch, names)
            .map_err(|error| fold_rows(&mut self.empty.clone(), batch, names).err().unwrap_or(error))
    }

    pub(crate) fn finish(self) -> Result<(isofold::Rollup, usize)> {
        let mut partials = self.partials.into_iter();
        let mut whole = partials.next().unwrap_or(self.empty);
        partials.try_for_each(|partial| whole.merge_owned(partial))?;
        Ok((whole, self.folded))
    }
}

#[cfg(feature = "threads")]
fn fold_shares(
    jobs: Vec<(&mut isofold::Rollup, Range<usize>)>,
    batch: &Batch<'_>,
    names: &[(String, ColumnType)],
) -> Result<usize> {
    let mut jobs = jobs.into_iter();
    std::thread::scope(|scope| {
        let own = jobs.next();
        let fold = |(rollup, rows)| scope.spawn(move || fold_blocks(rollup, batch, names, rows));
        let threads: Vec<_> = jobs.map(fold).collect();
        // this thread has nothing better to do than a share of its own
        let folded = own.map(|(rollup, rows)| fold_blocks(rollup, batch, names, rows));
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(folded) => folded,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        folded.into_iter().chain(ended).collect::<Vec<_>>().into_iter().sum()
    })
}

#[cfg(not(feature = "threads"))]
fn fold_shares(
    jobs: Vec<(&mut isofold::Rollup, Range<usize>)>,
    batch: &Batch<'_>,
    names: &[(String, ColumnType)],
) -> Result<usize> {
    jobs.into_iter().map(|(rollup, rows)| fold_blocks(rollup, batch, names, rows)).sum()
}

/// Folds some rows block by block, so that what is made of a block is still in the processor's cache when it is read.
fn fold_blocks(
    rollup: &mut isofold::Rollup,
    batch: &Batch<'_>,
    names: &[(String, ColumnType)],
    rows: Range<usize>,
) -> Result<usize> {
    if rows.len() <= BLOCK_ROWS && rows.len() == batch.rows() {
        return fold_rows(rollup, batch, names);
    }
    let block = |start: usize| batch.block(names, start..(start + BLOCK_ROWS).min(rows.end));
    rows.clone().step_by(BLOCK_ROWS).map(|start| fold_rows(rollup, &block(start), names)).sum()
}

fn fold_rows(rollup: &mut isofold::Rollup, batch: &Batch<'_>, names: &[(String, ColumnType)]) -> Result<usize> {
    let columns = batch.conformed(names)?;
    let empty = isofold::batch::Batch::new(batch.rows());
    let named = names.iter().zip(columns).fold(empty, |batch, ((name, _), column)| batch.with(name.as_str(), column));
    rollup.ingest(&named)
}
