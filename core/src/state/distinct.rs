//! How many different values there are.
//!
//! Law: union of the sets of 64-bit hashes, exact up to 256 of them, registers beyond: a function of the set. Error:
//! none up to 256 (two values share a hash once in 10^15 such sets); beyond, standard error 1.6 % at precision 12,
//! for values that nobody chose by their hash, which is part of the format and known to everybody.
//! Memory: 40 bytes a group, 8 to 48 bytes a value, then 4 bytes a hash
//! up to 2^precision bytes.

use super::text_hashes::TextHashes;
use super::{Rows, Run};
use crate::bytes::{Reader, Writer};
use crate::column::{Column, Values};
use crate::error::Result;
use crate::math::Float64;
use crate::scalar::Scalar;
use crate::sketch::{Distinct, DistinctMemory, Estimator};
use alloc::vec::Vec;

/// A set of hashes per group.
#[derive(Clone, Debug)]
pub struct DistinctColumn {
    precision: u8,
    groups: Vec<Distinct>,
}

impl DistinctColumn {
    /// No groups yet; `precision` is from 4 to 16 (limits::DISTINCT_PRECISION).
    #[must_use]
    pub fn new(precision: u8) -> Self {
        Self { precision, groups: Vec::new() }
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
            self.groups.resize_with(groups, || Distinct::new(self.precision));
        }
    }

    /// Folds the present rows in; a NaN is left out.
    pub fn update(&mut self, rows: &Rows, column: &Column<'_>) {
        match &column.values {
            Values::Bool(values) => self.add_all(rows, values, |&value| Scalar::Bool(value).hash()),
            Values::Int64(values) => self.add_all(rows, values, |&value| Scalar::Int64(value).hash()),
            Values::Decimal(values, scale) => {
                self.add_all(rows, values, |&value| Scalar::Decimal(value, *scale).hash());
            }
            Values::Timestamp(values) => self.add_all(rows, values, |&value| Scalar::Timestamp(value).hash()),
            Values::Float64(values) => self.add_runs(rows, &mut |run, hashes| {
                let values = values[run.rows()].iter().map(|&bits| Float64::from_bits(bits));
                hashes.extend(values.filter(|value| !value.is_nan()).map(|value| Scalar::Float64(value).hash()));
            }),
            Values::String(codes, texts) => self.update_texts(rows, codes, &TextHashes::new(texts, codes.len())),
        }
    }

    /// Folds the present rows of a column of texts in.
    pub fn update_texts(&mut self, rows: &Rows, codes: &[u32], hashes: &TextHashes<'_>) {
        self.add_all(rows, codes, |&code| hashes.of(code));
    }

    fn add_all<T>(&mut self, rows: &Rows, values: &[T], mut hash: impl FnMut(&T) -> u64) {
        self.add_runs(rows, &mut |run, hashes| hashes.extend(values[run.rows()].iter().map(&mut hash)));
    }

    /// Adds the hashes that `append` puts behind others for a run.
    fn add_runs(&mut self, rows: &Rows, append: &mut dyn FnMut(&Run, &mut Vec<u64>)) {
        let mut hashes = Vec::new();
        rows.update_each(&mut self.groups, Distinct::touch, |group, run| {
            hashes.clear();
            append(run, &mut hashes);
            group.add_all(&hashes);
        });
    }

    /// Adds one hash to a group.
    pub fn add_hash(&mut self, group: usize, hash: u64) {
        self.groups[group].add_all(&[hash]);
    }

    /// Adds group `from` of `other` to group `into`; both columns have the same precision.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        self.groups[into].merge(&other.groups[from]);
    }

    /// Lets group `from` of `other` and group `into` change places.
    pub fn swap(&mut self, into: usize, other: &mut Self, from: usize) {
        core::mem::swap(&mut self.groups[into], &mut other.groups[from]);
    }

    /// [`Distinct::estimate`] of a group; 0 of nothing.
    #[must_use]
    pub fn estimate(&self, group: usize) -> u64 {
        self.groups[group].estimate()
    }

    /// [`Distinct::estimate_in`] of a group.
    #[must_use]
    pub fn estimate_in(&self, group: usize, room: &mut Option<Estimator>) -> u64 {
        self.groups[group].estimate_in(room)
    }

    /// Whether [`DistinctColumn::estimate`] is the exact number.
    #[must_use]
    pub fn is_exact(&self, group: usize) -> bool {
        self.groups[group].is_exact()
    }

    /// [`Distinct::least_read`] of a group.
    #[must_use]
    pub fn least_read(&self, group: usize) -> u64 {
        self.groups[group].least_read()
    }

    /// [`Distinct::holds_read`] of a group.
    #[must_use]
    pub fn holds_read(&self, group: usize, hash: u64) -> bool {
        self.groups[group].holds_read(hash)
    }

    /// Appends one group: [`Distinct::write`].
    pub fn write(&self, group: usize, out: &mut Writer) {
        self.groups[group].write(&mut DistinctMemory::default(), out);
    }

    /// Appends groups, one after the other.
    pub fn write_all(&self, groups: &[u32], out: &mut Writer) {
        let mut memory = DistinctMemory::default();
        groups.iter().for_each(|&group| self.groups[group as usize].write(&mut memory, out));
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        self.groups.push(Distinct::read(self.precision, bytes, rows)?);
        Ok(())
    }

    /// Bytes taken, those behind pointers included.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let inline = self.groups.capacity() * size_of::<Distinct>();
        inline + self.groups.iter().map(Distinct::heap_bytes).sum::<usize>()
    }
}
