//! Registers above zero while they are few: a number each.
//!
//! The one idea: as with hashes (`hashes`), what comes is appended, and a register that came twice is joined once there
//! is no room or the state is read. A group whose registers are mostly zero takes less memory, and touches fewer lines.

use super::hyperloglog::{register_and_rank, Registers};
use alloc::vec::Vec;

/// A register and its rank: the register above eight bits of rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code(u32);

impl Code {
    /// A register, below 2^16, and its rank.
    pub fn new(register: usize, rank: u8) -> Self {
        Self((register as u32) << 8 | u32::from(rank))
    }

    /// What a hash brings.
    #[inline(always)]
    pub fn of(hash: u64, precision: u8) -> Self {
        let (register, rank) = register_and_rank(hash, precision.into());
        Self::new(register, rank)
    }

    #[inline(always)]
    pub fn register(self) -> usize {
        (self.0 >> 8) as usize
    }

    #[inline(always)]
    pub fn rank(self) -> u8 {
        self.0 as u8
    }
}

/// Registers above zero.
#[derive(Clone, Debug)]
pub(super) struct Codes(Vec<Code>);

impl Codes {
    /// Codes in any order.
    pub fn new(codes: Vec<Code>) -> Self {
        Self(codes)
    }

    /// What two sets of hashes bring; `None` where codes would take more bytes than registers.
    pub fn of_hashes(precision: u8, first: &[u64], second: &[u64]) -> Option<Self> {
        if first.len() + second.len() > room(precision) {
            return None;
        }
        Some(Self(first.iter().chain(second).map(|&hash| Code::of(hash, precision)).collect()))
    }

    /// The registers above zero; `None` where there would be little room for more.
    pub fn of(registers: &Registers, precision: u8) -> Option<Self> {
        let codes = registers.above_zero();
        (codes.len() <= room(precision) / 4 * 3).then_some(Self(codes))
    }

    /// Appends codes of 2^precision registers if there is room for so many.
    #[inline(always)]
    pub fn append(&mut self, precision: u8, codes: impl ExactSizeIterator<Item = Code>) -> bool {
        let has_room = self.0.len() + codes.len() <= room(precision);
        if has_room {
            self.0.extend(codes);
        }
        has_room
    }

    /// Whether no register comes twice and all ascend.
    pub fn are_ascending(&self) -> bool {
        self.0.is_sorted_by(|a, b| a.register() < b.register())
    }

    /// The codes, in no order; a register may come more than once.
    pub fn as_slice(&self) -> &[Code] {
        &self.0
    }

    /// All registers.
    pub fn to_registers(&self, precision: u8) -> Registers {
        let mut registers = Registers::new(precision);
        registers.raise_all(&self.0);
        registers
    }

    /// Bytes of the room taken.
    pub fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Code>()
    }
}

/// The most codes in the place of 2^precision registers: they take as many bytes.
fn room(precision: u8) -> usize {
    (1 << precision) / size_of::<Code>()
}
