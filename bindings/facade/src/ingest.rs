//! Folding many batches as one, by several threads where there are any.
//!
//! The one idea: every thread folds its share of the rows into a rollup of its own, and these are merged. The law
//! makes the bytes the same however the rows were shared out. An error leaves nothing behind.

use crate::batch::Batch;
use crate::rollup::Rollup;
use isofold::column::{Column, Values};
use isofold::value::ColumnType;
use isofold::Result;
use std::borrow::Cow;
use std::ops::Range;

/// Rows below which a thread costs more than it folds.
const MIN_ROWS_PER_THREAD: usize = 16_384;

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
        let folded = batch.conformed(&self.declared).and_then(|columns| self.fold_columns(&columns, batch.rows()));
        self.folded += folded.map_err(|error| error.after_rows(first))?;
        self.seen += batch.rows();
        Ok(())
    }

    fn fold_columns(&mut self, columns: &[Column<'_>], rows: usize) -> Result<usize> {
        let shares = (rows / MIN_ROWS_PER_THREAD).clamp(1, self.threads);
        let partials = self.partials.len().max(shares);
        self.partials.resize(partials, self.empty.clone());
        let names = &self.declared;
        let share = rows.div_ceil(shares);
        let ranges = (0..shares).map(|index| (index * share).min(rows)..((index + 1) * share).min(rows));
        let jobs: Vec<_> = self.partials.iter_mut().zip(ranges).collect();
        match fold_shares(jobs, columns, names) {
            // rows of an error are counted from the start of a share: fold again as a whole to name the right row
            Err(error) if shares > 1 => {
                let mut whole = self.empty.clone();
                Err(fold_rows(&mut whole, columns, names, 0..rows).err().unwrap_or(error))
            }
            folded => folded,
        }
    }

    pub(crate) fn finish(self) -> Result<(isofold::Rollup, usize)> {
        let mut partials = self.partials.into_iter();
        let mut whole = partials.next().unwrap_or(self.empty);
        partials.try_for_each(|partial| whole.merge(&partial))?;
        Ok((whole, self.folded))
    }
}

#[cfg(feature = "threads")]
fn fold_shares(
    jobs: Vec<(&mut isofold::Rollup, Range<usize>)>,
    columns: &[Column<'_>],
    names: &[(String, ColumnType)],
) -> Result<usize> {
    if jobs.len() == 1 {
        return jobs.into_iter().map(|(rollup, rows)| fold_rows(rollup, columns, names, rows)).sum();
    }
    std::thread::scope(|scope| {
        let fold = |(rollup, rows)| scope.spawn(move || fold_rows(rollup, columns, names, rows));
        let threads: Vec<_> = jobs.into_iter().map(fold).collect();
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(folded) => folded,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect::<Vec<_>>().into_iter().sum()
    })
}

#[cfg(not(feature = "threads"))]
fn fold_shares(
    jobs: Vec<(&mut isofold::Rollup, Range<usize>)>,
    columns: &[Column<'_>],
    names: &[(String, ColumnType)],
) -> Result<usize> {
    jobs.into_iter().map(|(rollup, rows)| fold_rows(rollup, columns, names, rows)).sum()
}

fn fold_rows(
    rollup: &mut isofold::Rollup,
    columns: &[Column<'_>],
    names: &[(String, ColumnType)],
    rows: Range<usize>,
) -> Result<usize> {
    let empty = isofold::batch::Batch::new(rows.len());
    let named = names.iter().zip(columns);
    let batch = named.fold(empty, |batch, ((name, _), column)| batch.with(name.as_str(), share_of(column, &rows)));
    rollup.ingest(&batch)
}

/// Some rows of a column. A dictionary with more texts than there are rows is cut down to the texts of the rows, so
/// that no thread walks what belongs to the others.
fn share_of<'a>(column: &'a Column<'_>, rows: &Range<usize>) -> Column<'a> {
    let values = match &column.values {
        Values::Bool(v) => Values::Bool(Cow::Borrowed(&v[rows.clone()])),
        Values::Int64(v) => Values::Int64(Cow::Borrowed(&v[rows.clone()])),
        Values::Float64(v) => Values::Float64(Cow::Borrowed(&v[rows.clone()])),
        Values::Timestamp(v) => Values::Timestamp(Cow::Borrowed(&v[rows.clone()])),
        Values::String(codes, texts) => {
            let codes = &codes[rows.clone()];
            if texts.len() <= codes.len() {
                Values::String(Cow::Borrowed(codes), Cow::Borrowed(texts.as_ref()))
            } else {
                // the code of a NULL row may point anywhere
                let text = |code: &u32| Cow::Borrowed(texts.get(*code as usize).map_or("", |text| &**text));
                let own: Vec<Cow<'a, str>> = codes.iter().map(text).collect();
                Values::String((0..codes.len() as u32).collect(), own.into())
            }
        }
    };
    Column { values, validity: column.validity.as_ref().map(|valid| Cow::Borrowed(&valid[rows.clone()])) }
}
