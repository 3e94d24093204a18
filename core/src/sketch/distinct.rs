//! The distinct count of one group: exact while there are few hashes, then registers.
//!
//! The one idea: the set of hashes only grows, so "exact up to the limit, registers beyond it" is a function of the
//! set, whatever the order or the merges.
//!
//! Not here: hashing (`scalar`), bytes of the registers (`registers_spelling`).

use super::ascending::Ascending;
use super::bits::BitWriter;
use super::codes::{Code, Codes};
use super::estimator::{past_exact, Estimator};
use super::hashes::Hashes;
use super::hyperloglog::Registers;
use super::registers_spelling::{read_registers, write_codes, DENSE, SPARSE};
use crate::bytes::{Reader, Writer};
use crate::error::Result;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// A set of 64-bit hashes whose size can be told, mergeable.
///
/// **Cost** 40 bytes; then 8 bytes a hash, up to six times as many before they are compared, at most 4 KiB; then 4 bytes
/// a hash, at most 2^precision bytes.
#[derive(Clone, Debug)]
pub struct Distinct {
    precision: u8,
    set: Set,
}

/// What writing takes; kept from one set to the next, it is asked for once.
#[derive(Debug, Default)]
pub struct DistinctMemory {
    ascending: Ascending,
    bits: BitWriter,
}

#[derive(Clone, Debug)]
enum Set {
    Few(Hashes),
    Some(Codes),
    Many(Registers),
}

impl Set {
    fn is_empty(&self) -> bool {
        matches!(self, Set::Few(hashes) if hashes.as_slice().is_empty())
    }

    fn of(registers: Registers, precision: u8) -> Self {
        Codes::of(&registers, precision).map_or(Set::Many(registers), Set::Some)
    }

    /// The set of more hashes than the limit.
    fn past_few(few: &Hashes, rest: &[u64], precision: u8) -> Self {
        let codes = Codes::of_hashes(precision, few.as_slice(), rest);
        codes.map_or_else(
            || {
                let mut registers = Registers::new(precision);
                registers.add_all(few.as_slice());
                registers.add_all(rest);
                Set::of(registers, precision)
            },
            Set::Some,
        )
    }
}

impl Distinct {
    /// The empty set; `precision` is from 4 to 16.
    #[must_use]
    pub fn new(precision: u8) -> Self {
        Self { precision, set: Set::Few(Hashes::default()) }
    }

    /// Reads the end of what is appended to.
    #[inline(always)]
    pub fn touch(&self) -> u64 {
        match &self.set {
            Set::Few(few) => few.as_slice().last().copied().unwrap_or_default(),
            Set::Some(codes) => codes.as_slice().last().map_or(0, |code| u64::from(code.rank())),
            // which registers will be raised is not known yet
            Set::Many(_) => 0,
        }
    }

    /// Adds hashes.
    pub fn add_all(&mut self, added: &[u64]) {
        let precision = self.precision;
        match &mut self.set {
            Set::Few(few) => {
                if let Some(rest) = few.add_all(added) {
                    self.set = Set::past_few(few, rest, precision);
                }
            }
            Set::Some(codes) => {
                if !codes.append(precision, added.iter().map(|&hash| Code::of(hash, precision))) {
                    let mut registers = codes.to_registers(precision);
                    registers.add_all(added);
                    self.set = Set::of(registers, precision);
                }
            }
            Set::Many(registers) => registers.add_all(added),
        }
    }

    /// Adds the hashes of another set of the same precision.
    pub fn merge(&mut self, other: &Self) {
        let precision = self.precision;
        if self.set.is_empty() {
            self.set = other.set.clone();
            return;
        }
        match (&mut self.set, &other.set) {
            (_, Set::Few(theirs)) => self.add_all(theirs.as_slice()),
            (Set::Few(mine), theirs) => {
                let mine = core::mem::take(mine);
                self.set = theirs.clone();
                self.add_all(mine.as_slice());
            }
            (Set::Some(mine), Set::Some(theirs)) => {
                if !mine.append(precision, theirs.as_slice().iter().copied()) {
                    let mut registers = mine.to_registers(precision);
                    registers.raise_all(theirs.as_slice());
                    self.set = Set::of(registers, precision);
                }
            }
            (Set::Many(mine), Set::Some(theirs)) => mine.raise_all(theirs.as_slice()),
            (Set::Some(mine), Set::Many(theirs)) => {
                let mut registers = theirs.clone();
                registers.raise_all(mine.as_slice());
                self.set = Set::Many(registers);
            }
            (Set::Many(mine), Set::Many(theirs)) => mine.merge(theirs),
        }
    }

    /// The set with each hash and each register once.
    fn joined(&self) -> Cow<'_, Set> {
        match &self.set {
            Set::Few(hashes) if !hashes.is_joined() => {
                let mut joined = hashes.clone();
                match joined.join(&[]) {
                    None => Cow::Owned(Set::Few(joined)),
                    Some(_) => Cow::Owned(Set::Many(self.to_registers())),
                }
            }
            Set::Some(codes) if !codes.are_ascending() => Cow::Owned(Set::Many(self.to_registers())),
            joined => Cow::Borrowed(joined),
        }
    }

    fn to_registers(&self) -> Registers {
        match &self.set {
            Set::Few(hashes) => {
                let mut registers = Registers::new(self.precision);
                registers.add_all(hashes.as_slice());
                registers
            }
            Set::Some(codes) => codes.to_registers(self.precision),
            Set::Many(registers) => registers.clone(),
        }
    }

    /// The number of distinct hashes.
    ///
    /// **Accuracy** exact up to limits::DISTINCT_EXACT; beyond it standard error 1.04/√(2^precision), 1.6 % at 12, and
    /// never told to be at or below the limit.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        self.estimate_in(&mut None)
    }

    /// [`Distinct::estimate`] in room that is made when it is needed, and kept for other sets of the same precision.
    #[must_use]
    pub fn estimate_in(&self, room: &mut Option<Estimator>) -> u64 {
        let new = || Estimator::new(self.precision);
        match &self.set {
            Set::Few(few) if few.is_joined() => few.as_slice().len() as u64,
            Set::Few(few) => room.get_or_insert_with(new).of_hashes(few),
            Set::Some(codes) => room.get_or_insert_with(new).of_codes(codes.as_slice()),
            Set::Many(registers) => past_exact(&registers.rank_sum()),
        }
    }

    /// Whether [`Distinct::estimate`] is the exact number.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(self.joined().as_ref(), Set::Few(_))
    }

    /// Appends the set: the number of hashes as varint (0 to 256) and the hashes, ascending, 8 bytes each; or a form
    /// (257 sparse, 258 dense) and the registers in that form.
    pub fn write(&self, memory: &mut DistinctMemory, out: &mut Writer) {
        let DistinctMemory { ascending, bits } = memory;
        let (joined, above_zero);
        let set = match &self.set {
            codes @ Set::Some(_) => codes,
            Set::Few(_) | Set::Many(_) => {
                joined = self.joined();
                joined.as_ref()
            }
        };
        let codes = match set {
            Set::Few(hashes) => {
                let mut ascending = hashes.as_slice().to_vec();
                crate::sort::numbers(&mut ascending);
                out.varint(ascending.len() as u64);
                return ascending.into_iter().for_each(|hash| out.u64(hash));
            }
            Set::Some(codes) => ascending.of(codes, self.precision),
            Set::Many(registers) => {
                above_zero = registers.above_zero();
                &above_zero
            }
        };
        write_codes(codes, self.precision, bits, out);
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
        let codes = read_registers(form, precision, bytes)?;
        if codes.len() as u64 > rows {
            return Err(bytes.invalid("more registers are set than there are rows"));
        }
        let codes = Codes::new(codes);
        let set = if form == DENSE { Set::Many(codes.to_registers(precision)) } else { Set::Some(codes) };
        Ok(Self { precision, set })
    }

    /// How many values there are at least, told of a set that was read and not changed since.
    #[must_use]
    pub fn least_read(&self) -> u64 {
        match &self.set {
            Set::Few(hashes) => hashes.as_slice().len() as u64,
            Set::Some(_) | Set::Many(_) => SPARSE,
        }
    }

    /// Whether a hash can be one of those of a set that was read and not changed since.
    #[must_use]
    pub fn holds_read(&self, hash: u64) -> bool {
        let code = Code::of(hash, self.precision);
        match &self.set {
            Set::Few(hashes) => hashes.as_slice().binary_search(&hash).is_ok(),
            Set::Some(codes) => {
                let codes = codes.as_slice();
                let found = codes.binary_search_by_key(&code.register(), |there| there.register());
                found.is_ok_and(|at| codes[at].rank() >= code.rank())
            }
            Set::Many(registers) => registers.rank(code.register()) >= code.rank(),
        }
    }

    /// Bytes behind pointers.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.set {
            Set::Few(hashes) => hashes.heap_bytes(),
            Set::Some(codes) => codes.heap_bytes(),
            Set::Many(registers) => registers.heap_bytes(),
        }
    }
}

fn read_hashes(count: u64, bytes: &mut Reader<'_>) -> Result<Hashes> {
    let mut hashes = Vec::new();
    for _ in 0..count {
        let hash = bytes.u64()?;
        if hashes.last().is_some_and(|&previous| previous >= hash) {
            return Err(bytes.not_canonical("the hashes of a distinct count do not ascend"));
        }
        hashes.push(hash);
    }
    Ok(Hashes::from_different(hashes))
}
