//! Percentiles, ranks and counts between bounds of float64 values.
//!
//! Law: per group, the counts by bucket at the finest scale that fits the limit of buckets: a function of the multiset
//! of rows. Error: each order statistic within `percentile_error`, 0.5415 % at scale 6 until 1024 buckets are passed;
//! the smallest and the largest are exact. Memory: 56 bytes a group, 8 bytes a row at first, then 64 to 256 bytes an
//! octave, or 8 to 16 bytes a bucket where most octaves are empty.

use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::math::Float64;
use crate::sketch::{Distribution, Ends, Histogram, HistogramMemory};
use alloc::vec::Vec;

/// A percentile sketch per group.
#[derive(Clone, Debug)]
pub struct HistogramColumn {
    scale: u8,
    /// What every group begins with.
    empty: Histogram,
    groups: Vec<Histogram>,
    /// Those of the group that was read last.
    ends_read: Option<Ends>,
}

impl HistogramColumn {
    /// No groups yet; `scale` is from 0 to 7 (limits::HISTOGRAM_SCALE).
    #[must_use]
    pub fn new(scale: u8) -> Self {
        Self { scale, empty: Histogram::new(scale), groups: Vec::new(), ends_read: None }
    }

    /// No groups yet, whose values will be units of decimals.
    #[must_use]
    pub fn of_units(scale: u8) -> Self {
        Self { empty: Histogram::of_units(scale), ..Self::new(scale) }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.groups.len() {
            self.groups.resize(groups, self.empty.clone());
        }
    }

    /// Folds the present rows in; values are bits of doubles, and a NaN is left out.
    pub fn update(&mut self, rows: &Rows, values: &[u64]) {
        rows.update_each(&mut self.groups, Histogram::touch, |group, run| group.add_all(&values[run.rows()]));
    }

    /// Adds group `from` of `other` to group `into`; both columns have the same scale.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.groups[into].merge(&other.groups[from]);
    }

    /// Lets group `from` of `other` and group `into` change places.
    pub fn swap(&mut self, into: usize, other: &mut Self, from: usize) {
        core::mem::swap(&mut self.groups[into], &mut other.groups[from]);
    }

    /// The counts of a group by bucket: for several questions about one group, and for export.
    #[must_use]
    pub fn distribution(&self, group: usize) -> Distribution {
        self.groups[group].distribution()
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self, group: usize) -> u64 {
        self.distribution(group).count()
    }

    /// [`Distribution::percentile`] of a group.
    #[must_use]
    pub fn percentile(&self, group: usize, p: Float64, min: Float64, max: Float64) -> Option<Float64> {
        self.distribution(group).percentile(p, min, max)
    }

    /// [`HistogramColumn::percentile`] at several fractions.
    pub fn percentiles(
        &self,
        group: usize,
        fractions: &[Float64],
        min: Float64,
        max: Float64,
        tell: impl FnMut(Option<Float64>),
    ) {
        self.groups[group].percentiles(fractions, min, max, tell);
    }

    /// [`Distribution::rank`] of a group.
    #[must_use]
    pub fn rank(&self, group: usize, v: Float64, min: Float64, max: Float64) -> Option<Float64> {
        self.distribution(group).rank(v, min, max)
    }

    /// [`Distribution::relative_error`] of a group; `None` of nothing.
    #[must_use]
    pub fn relative_error(&self, group: usize) -> Option<Float64> {
        let distribution = self.distribution(group);
        (distribution.count() > 0).then(|| distribution.relative_error())
    }

    /// [`Distribution::counts_between`] of a group.
    #[must_use]
    pub fn counts_between(&self, group: usize, bounds: &[Float64]) -> Vec<u64> {
        self.distribution(group).counts_between(bounds)
    }

    /// Appends one group: [`Histogram::write`].
    pub fn write(&self, group: usize, out: &mut Writer) {
        self.groups[group].write(self.scale, &mut HistogramMemory::default(), out);
    }

    /// Appends groups, one after the other.
    pub fn write_all(&self, groups: &[u32], out: &mut Writer) {
        let mut memory = HistogramMemory::default();
        groups.iter().for_each(|&group| self.groups[group as usize].write(self.scale, &mut memory, out));
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let distribution = Distribution::read(self.scale, &self.empty, bytes, rows)?;
        self.ends_read = Some(distribution.ends());
        self.groups.push(Histogram::from_distribution(&distribution));
        Ok(())
    }

    /// The ends of the group that was read last.
    #[must_use]
    pub fn ends_read(&self) -> Option<Ends> {
        self.ends_read
    }

    /// Bytes taken, those behind pointers included.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let inline = self.groups.capacity() * size_of::<Histogram>();
        inline + self.groups.iter().map(Histogram::heap_bytes).sum::<usize>()
    }
}
