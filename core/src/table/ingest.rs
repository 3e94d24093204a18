//! Folding a batch in: all of it or nothing.
//!
//! The one idea: everything that can fail (types, times, expressions, limits) happens before the first state changes.
//! Then the rows are folded a stretch at a time, so that what is written for a stretch is read from the cache.

use super::arrangement::{Arrangement, Counters};
use super::inputs::{key_column, truths, Declared, Inputs, Mask, Operand};
use super::rollup::Rollup;
use crate::batch::Batch;
use crate::column::{Column, Values};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::spec::Spec;
use crate::state::TextHashes;
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

/// Rows arranged at once: their columns fit the cache next to the processor, and a batch in no order still brings
/// several rows to a group.
const STRETCH_ROWS: usize = 1 << 16;

impl Rollup {
    /// Folds rows in: all of them, or none when one does not fit.
    ///
    /// Columns that the spec does not declare are ignored; the result tells how many rows passed `where`.
    ///
    /// **Errors** `ingest.*` and `expr.*` with the column and row, `limit.groups`, `limit.rows`; the rollup is then
    /// as it was.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::batch::Batch;
    /// use isofold::column::{Column, Values};
    /// let batch = Batch::new(1)
    ///     .with("ts", Column::new(Values::Timestamp(vec![1_793_534_400_000_000].into())))
    ///     .with("model", Column::new(Values::String(vec![0].into(), vec!["gpt".into()].into())))
    ///     .with("ms", Column::new(Values::Float64(vec![40.0_f64.to_bits()].into())));
    /// assert_eq!(rollup.ingest(&batch)?, 1);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn ingest(&mut self, batch: &Batch<'_>) -> Result<usize> {
        let rows = batch.rows();
        // cannot overflow: rows of a batch are at most 2^32, rows of a rollup at most 2^62
        if self.rows + rows as u64 > limits::MAX_ROWS {
            return Err(Error::new(Code::LimitRows, format!("a rollup counts at most {} rows", limits::MAX_ROWS)));
        }
        let spec = alloc::sync::Arc::clone(&self.spec);
        let columns = Declared::new(batch.bind(&spec)?);
        let kept = match spec.filter() {
            Some(filter) => Some(truths(filter, &columns, rows, None).map_err(|error| error.within("spec.where"))?),
            None => None,
        };
        let kept = kept.as_deref();
        let times = times_of(&spec, columns.columns(), kept)?;
        let mut starts = Vec::new();
        spec.bucket().starts(&times, &mut starts).map_err(|(row, error)| {
            error.in_row(row).within(spec.columns()[spec.time_column()].name()).within("column")
        })?;
        let keys = spec
            .keys()
            .iter()
            .map(|key| {
                key_column(key.expr(), &columns, rows, kept).map_err(|e| e.within(key.name()).within("spec.group_by"))
            })
            .collect::<Result<Vec<_>>>()?;
        let filters = Inputs::filters(&spec, &columns, rows, kept)?;
        let inputs = Inputs::new(&spec, &columns, rows, kept, &filters)?;

        let mark = self.groups.mark();
        let grouped = self.groups.keys.tuples_of(&keys, kept, rows, self.max_groups).and_then(|mut groups| {
            self.groups.assign(&starts, kept, &mut groups, spec.bucket().spacing_us(), self.max_groups)?;
            Ok(groups)
        });
        let groups = match grouped {
            Ok(groups) => groups,
            Err(error) => {
                self.groups.back_to(&mark);
                return Err(error);
            }
        };
        let count = self.groups.len();
        for column in &mut self.states {
            column.grow(count);
        }
        let texts = inputs.text_hashes(&spec);
        let mut counters = Counters::new();
        for first in (0..rows).step_by(STRETCH_ROWS) {
            let stretch = first..rows.min(first + STRETCH_ROWS);
            let whole = Arrangement::new(&groups, stretch, kept, count, &mut counters);
            self.fold_stretch(&inputs, &whole, &times, &texts);
        }
        let folded = kept.map_or(rows, |kept| kept.iter().filter(|&&kept| kept).count());
        self.rows += folded as u64;
        Ok(folded)
    }

    /// Folds the rows of a stretch into every state.
    fn fold_stretch(
        &mut self,
        inputs: &Inputs<'_>,
        whole: &Arrangement,
        times: &[i64],
        texts: &[Option<TextHashes<'_>>],
    ) {
        let masked: Vec<Option<Arrangement>> = inputs
            .masks
            .iter()
            .map(|mask| match mask {
                Mask::Every => None,
                Mask::None => Some(Arrangement::default()),
                Mask::Of(present) => Some(whole.within(present)),
            })
            .collect();
        let mut taken = Taken::default();
        for ((column, input), texts) in self.states.iter_mut().zip(&inputs.states).zip(texts) {
            let arrangement = masked[input.mask].as_ref().unwrap_or(whole);
            let rows = arrangement.rows();
            if rows.is_empty() {
                continue;
            }
            let by = taken.place(inputs, &input.by, input.mask, arrangement);
            let argument = taken.place(inputs, &input.argument, input.mask, arrangement);
            let (argument, by) = (taken.column(argument), taken.column(by));
            if let (Some(hashes), Some(Values::String(codes, _))) = (texts, argument.map(|column| &column.values)) {
                if column.update_texts(rows, codes, hashes) {
                    continue;
                }
            }
            let times = if column.reads_times() { arrangement.values(times) } else { Cow::Borrowed(times) };
            column.update(rows, argument, by, &times);
        }
    }
}

/// Columns by position in an arrangement, each made once.
#[derive(Default)]
struct Taken<'c> {
    columns: Vec<(Option<(usize, usize)>, Column<'c>)>,
}

impl<'c> Taken<'c> {
    /// Where the operand's column stands; states with one mask share it.
    fn place<'a>(
        &mut self,
        inputs: &'c Inputs<'a>,
        operand: &'c Operand<'a>,
        mask: usize,
        arrangement: &Arrangement,
    ) -> Option<usize> {
        let key = match operand {
            Operand::Shared(index) => Some((*index, mask)),
            Operand::None | Operand::Own(_) => None,
        };
        let known = key.and_then(|key| self.columns.iter().position(|(known, _)| *known == Some(key)));
        known.or_else(|| {
            let column = inputs.column(operand)?;
            self.columns.push((key, arrangement.column(column)));
            Some(self.columns.len() - 1)
        })
    }

    fn column(&self, place: Option<usize>) -> Option<&Column<'c>> {
        Some(&self.columns.get(place?)?.1)
    }
}

/// The times of all rows; 0 for rows that are left out.
fn times_of<'a>(spec: &Spec, columns: &'a [Column<'a>], kept: Option<&[bool]>) -> Result<Cow<'a, [i64]>> {
    let column = &columns[spec.time_column()];
    let Values::Timestamp(times) = &column.values else {
        // inside corruption stops: the spec compiler takes a timestamp column and `bind` checks its type
        unreachable!("the time is a timestamp column")
    };
    if column.validity.is_none() && kept.is_none() {
        return Ok(Cow::Borrowed(times));
    }
    let mut all = times.to_vec();
    for (row, time) in all.iter_mut().enumerate() {
        if kept.is_some_and(|kept| !kept[row]) {
            *time = 0;
        } else if !column.is_valid(row) {
            let name = spec.columns()[spec.time_column()].name();
            return Err(Error::new(Code::IngestTime, format!("column {name} is the time and must not be null"))
                .in_row(row)
                .within(name)
                .within("column"));
        }
    }
    Ok(Cow::Owned(all))
}
