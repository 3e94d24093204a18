//! The distinct count of one group: exact while there are few hashes, then registers.
//!
//! The one idea: the set of hashes only grows, so "exact up to the limit, registers beyond it" is a function of the
//! set, whatever the order or the merges.
//!
//! Not here: hashing (`scalar`), bytes of the registers (`registers_spelling`).

use super::hashes::Hashes;
use super::hyperloglog::{RankCounts, Registers};
use super::registers_spelling::{read_registers, write_registers, SparseRanks, DENSE, SPARSE};
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::limits::DISTINCT_EXACT;

/// A set of 64-bit hashes whose size can be told, mergeable.
///
/// **Cost** 40 bytes; then 11 to 43 bytes a hash; then 2^precision bytes.
#[derive(Clone, Debug)]
pub struct Distinct {
    precision: u8,
    set: Set,
}

#[derive(Clone, Debug)]
enum Set {
    Few(Hashes),
    Many(Registers),
    /// As read; turned into registers when something is added, so that a short spelling stays small.
    Read(SparseRanks),
}

impl Set {
    fn is_empty(&self) -> bool {
        matches!(self, Set::Few(hashes) if hashes.len() == 0)
    }
}

impl Distinct {
    /// The empty set; `precision` is from 4 to 16.
    #[must_use]
    pub fn new(precision: u8) -> Self {
        Self { precision, set: Set::Few(Hashes::default()) }
    }

    /// Adds a hash.
    pub fn add(&mut self, hash: u64) {
        self.add_all(core::iter::once(hash));
    }

    /// Adds hashes.
    #[inline(always)]
    pub fn add_all(&mut self, mut added: impl Iterator<Item = u64>) {
        if let Set::Few(hashes) = &mut self.set {
            let is_full = added.any(|hash| {
                hashes.insert(hash);
                hashes.len() > DISTINCT_EXACT
            });
            if !is_full {
                return;
            }
        }
        self.make_registers();
        if let Set::Many(registers) = &mut self.set {
            added.for_each(|hash| registers.insert(hash));
        }
    }

    fn make_registers(&mut self) {
        if !matches!(self.set, Set::Many(_)) {
            self.set = Set::Many(self.to_registers());
        }
    }

    fn to_registers(&self) -> Registers {
        let mut registers = Registers::new(self.precision);
        match &self.set {
            Set::Many(there) => registers.merge(there),
            Set::Few(hashes) => registers.insert_set(hashes),
            Set::Read(ranks) => ranks.iter().for_each(|(register, rank)| registers.raise(register, rank)),
        }
        registers
    }

    /// Adds the hashes of another set of the same precision.
    pub fn merge(&mut self, other: &Self) {
        self.merge_set(&other.set);
    }

    fn merge_set(&mut self, other: &Set) {
        match (&mut self.set, other) {
            (_, theirs) if theirs.is_empty() => {}
            (Set::Many(mine), Set::Few(theirs)) => mine.insert_set(theirs),
            (_, Set::Few(theirs)) => self.add_all(theirs.iter()),
            (Set::Many(mine), Set::Many(theirs)) => mine.merge(theirs),
            (Set::Many(mine), Set::Read(theirs)) => {
                theirs.iter().for_each(|(register, rank)| mine.raise(register, rank));
            }
            (Set::Few(_) | Set::Read(_), Set::Many(_) | Set::Read(_)) => {
                // a copy of theirs is all there is to do for a new group
                let mine = core::mem::replace(&mut self.set, other.clone());
                if !mine.is_empty() {
                    self.make_registers();
                    self.merge_set(&mine);
                }
            }
        }
    }

    /// The number of distinct hashes.
    ///
    /// **Accuracy** exact up to limits::DISTINCT_EXACT; beyond it standard error 1.04/√(2^precision), 1.6 % at 12, and
    /// never told to be at or below the limit.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let mut counts = RankCounts::new(self.precision);
        match &self.set {
            Set::Few(hashes) => return hashes.len() as u64,
            Set::Many(registers) => registers.for_each_above_zero(|_, rank| counts.raise(rank)),
            Set::Read(ranks) => ranks.iter().for_each(|(_, rank)| counts.raise(rank)),
        }
        counts.estimate().max(DISTINCT_EXACT as u64 + 1)
    }

    /// Whether [`Distinct::estimate`] is the exact number.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(self.set, Set::Few(_))
    }

    /// Appends the set: the number of hashes as varint (0 to 256) and the hashes, ascending, 8 bytes each; or a form
    /// (257 sparse, 258 dense) and the registers in that form.
    pub fn write(&self, out: &mut Writer) {
        match &self.set {
            Set::Few(hashes) => {
                out.varint(hashes.len() as u64);
                hashes.ascending().into_iter().for_each(|hash| out.u64(hash));
            }
            Set::Many(registers) => write_registers(registers, self.precision, out),
            Set::Read(ranks) => ranks.write(self.precision, out),
        }
    }

    /// Reads what [`Distinct::write`] wrote, of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(precision: u8, bytes: &mut Reader<'_>, rows: u64) -> Result<Self> {
        let form = bytes.varint_up_to(DENSE, "the form of a distinct count")?;
        let least = form.min(SPARSE);
        if least > rows {
            return Err(bytes.invalid("a distinct count needs more rows than there are"));
        }
        if form < SPARSE {
            return Ok(Self { precision, set: Set::Few(read_hashes(form, bytes)?) });
        }
        let ranks = read_registers(form, precision, bytes)?;
        if ranks.len() as u64 > rows {
            return Err(bytes.invalid("more registers are set than there are rows"));
        }
        let mut read = Self { precision, set: Set::Read(ranks) };
        if form == DENSE {
            read.set = Set::Many(read.to_registers());
        }
        Ok(read)
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.set {
            Set::Few(hashes) => hashes.heap_bytes(),
            Set::Many(registers) => registers.heap_bytes(),
            Set::Read(ranks) => ranks.heap_bytes(),
        }
    }
}

fn read_hashes(count: u64, bytes: &mut Reader<'_>) -> Result<Hashes> {
    let mut hashes = Hashes::default();
    let mut previous = None;
    for _ in 0..count {
        let hash = bytes.u64()?;
        if previous.is_some_and(|previous| previous >= hash) {
            return Err(bytes.not_canonical("the hashes of a distinct count do not ascend"));
        }
        hashes.insert(hash);
        previous = Some(hash);
    }
    Ok(hashes)
}
