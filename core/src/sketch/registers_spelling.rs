//! The only spelling of registers in bytes.
//!
//! | form | bytes |
//! |---|---|
//! | 257, sparse | registers above zero − 1 as varint; sized codes: for each, its distance from the one before − 1 (the first: its number) in Rice order k = floor(log2(registers / registers above zero)), then its rank − 1 in unary |
//! | 258, dense | 1 byte: the smallest rank; 1 byte: order k; sized codes: each rank − the smallest in Rice order k |
//!
//! The form is the one whose codes take fewer bits, dense when both take the same. The order of the dense form is the
//! one of 0 to 3 that takes the fewest bits, the smallest of those. Codes: `bits`. Any other choice is refused, as are
//! ranks that no hash brings and registers that are all zero.
//!
//! 500 hashes in 4096 registers take about 400 bytes, a million about 1900.

use super::bits::{BitReader, BitWriter, REFILL_EACH};
use super::codes::Code;
use super::hyperloglog::largest_rank;
use crate::bytes::{Reader, Writer};
use crate::error::{Error, Result};
use crate::limits::DISTINCT_EXACT;
use alloc::vec;
use alloc::vec::Vec;

/// The form of few registers above zero.
pub(super) const SPARSE: u64 = DISTINCT_EXACT as u64 + 1;
/// The form of many.
pub(super) const DENSE: u64 = SPARSE + 1;

const ORDERS: core::ops::RangeInclusive<u32> = 0..=3;

/// Appends the form and the registers above zero, ascending; all others are zero.
pub(super) fn write_codes(codes: &[Code], precision: u8, memory: &mut BitWriter, out: &mut Writer) {
    // of more, dense is usually shorter: then no sparse codes are written in vain
    if codes.len() > (1 << precision) / 4 && !is_sparse(precision, codes, sparse_bits(precision, codes)) {
        return write_dense(codes, precision, memory, out);
    }
    let order = sparse_order(precision, codes.len() as u64);
    let mut sparse = memory.emptied();
    let mut next = 0;
    let mut pair = |code: Code| {
        let distance = (code.register() - next) as u64;
        next = code.register() + 1;
        (distance, u64::from(code.rank()) - 1)
    };
    let (fours, rest) = codes.as_chunks::<4>();
    fours.iter().for_each(|four| sparse.four_rice_and_unary(&four.map(&mut pair), order));
    rest.iter().for_each(|&code| sparse.rice_and_unary(&[pair(code)], order));
    if is_sparse(precision, codes, sparse.bits()) {
        out.varint(SPARSE);
        out.varint(codes.len() as u64 - 1);
        out.sized(sparse.bytes());
    } else {
        write_dense(codes, precision, &mut sparse, out);
    }
    *memory = sparse;
}

fn write_dense(codes: &[Code], precision: u8, memory: &mut BitWriter, out: &mut Writer) {
    let dense = Dense::of(precision, codes);
    let mut packed = memory.emptied();
    let mut codes = codes.iter().peekable();
    for register in 0..1usize << precision {
        let rank = codes.next_if(|code| code.register() == register).map_or(0, |code| code.rank());
        packed.rice(u64::from(rank - dense.smallest), dense.order);
    }
    out.varint(DENSE);
    out.u8(dense.smallest);
    // cannot truncate: at most 3
    out.u8(dense.order as u8);
    out.sized(packed.bytes());
    *memory = packed;
}

/// Bits that the codes of the sparse form take.
fn sparse_bits(precision: u8, codes: &[Code]) -> u64 {
    let order = sparse_order(precision, codes.len() as u64);
    let mut next = 0;
    let mut bits = 0;
    for code in codes {
        bits += ((code.register() - next) as u64 >> order) + 1 + u64::from(order) + u64::from(code.rank());
        next = code.register() + 1;
    }
    bits
}

/// Whether the sparse form, whose codes take so many bits, has the shorter ones.
fn is_sparse(precision: u8, codes: &[Code], bits: u64) -> bool {
    let registers = 1u64 << precision;
    let ranks: u64 = codes.iter().map(|code| u64::from(code.rank())).sum();
    // of registers some of which are zero, the dense form takes their ranks and a bit each in order 0, two bits each or
    // more in all others: mostly there is no need to look closer
    let has_zero = (codes.len() as u64) < registers;
    has_zero && bits < registers + ranks.min(registers) || bits < Dense::of(precision, codes).bits
}

fn sparse_order(precision: u8, above_zero: u64) -> u32 {
    ((1u64 << precision) / above_zero.max(1)).max(1).ilog2()
}

/// The parameters of the dense form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dense {
    smallest: u8,
    order: u32,
    bits: u64,
}

impl Dense {
    fn of(precision: u8, codes: &[Code]) -> Self {
        let registers = 1u64 << precision;
        let has_zero = (codes.len() as u64) < registers;
        let ranks = codes.iter().map(|code| code.rank());
        let smallest = if has_zero { 0 } else { ranks.clone().min().unwrap_or(0) };
        let mut counts = [0u64; 64];
        for rank in ranks {
            counts[usize::from(rank - smallest) % 64] += 1;
        }
        let bits = |order: u32| {
            let unary: u64 = (0..).zip(&counts).map(|(above, count): (u64, _)| (above >> order) * count).sum();
            unary + registers * (1 + u64::from(order))
        };
        let (bits, order) = ORDERS.map(|order| (bits(order), order)).min().unwrap_or_default();
        Self { smallest, order, bits }
    }
}

/// Reads the registers after their form.
///
/// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
pub(super) fn read_registers(form: u64, precision: u8, bytes: &mut Reader<'_>) -> Result<Vec<Code>> {
    if form == SPARSE {
        let (codes, bits) = read_sparse(precision, bytes)?;
        if !is_sparse(precision, &codes, bits) {
            return Err(bytes.not_canonical("registers are sparse where dense is shorter"));
        }
        return Ok(codes);
    }
    let (smallest, order) = (bytes.u8()?, u32::from(bytes.u8()?));
    let codes = read_dense(precision, smallest, order, bytes)?;
    let dense = Dense::of(precision, &codes);
    if (dense.smallest, dense.order) != (smallest, order)
        || is_sparse(precision, &codes, sparse_bits(precision, &codes))
    {
        return Err(bytes.not_canonical("registers are spelled longer than needed"));
    }
    Ok(codes)
}

/// The registers, and how many bits their codes take.
fn read_sparse(precision: u8, bytes: &mut Reader<'_>) -> Result<(Vec<Code>, u64)> {
    let registers = 1u64 << precision;
    let count = 1 + bytes.varint_up_to(registers - 1, "the registers above zero after the first")?;
    let packed = bytes.sized(bytes.remaining())?;
    // each takes two bits or more
    if count > 4 * packed.len() as u64 {
        return Err(ends_early(bytes));
    }
    let order = sparse_order(precision, count);
    // cannot truncate: at most 2^16
    let mut found = vec![Code::default(); count as usize];
    let (codes, last) = take_codes(BitReader::new(packed), order, &mut found).ok_or_else(|| ends_early(bytes))?;
    if last.register >= registers {
        return Err(bytes.invalid("a register is past the last"));
    }
    checked_rank(last.largest_rank, precision, bytes)?;
    let bits = 8 * packed.len() as u64 - codes.bits_left();
    end(codes, bytes)?;
    Ok((found, bits))
}

/// What is to be known of codes to know that all of them are sound.
struct Last {
    register: u64,
    largest_rank: u64,
}

/// Takes as many codes as there are places for them; what they say is not checked.
#[inline(never)]
fn take_codes<'a>(mut codes: BitReader<'a>, order: u32, places: &mut [Code]) -> Option<(BitReader<'a>, Last)> {
    let (mut next, mut most_above) = (0u64, 0);
    for several in places.chunks_mut(REFILL_EACH) {
        codes.refill();
        for place in several {
            let (distance, above) = codes.rice_and_unary(order)?;
            // cannot overflow: what is in unary are bits of the bytes, at most 2^33 in all, and an order is at most 16
            let register = next + distance;
            next = register + 1;
            most_above = above.max(most_above);
            // may truncate: then the last register or the largest rank is refused
            *place = Code::new(register as usize, (above + 1) as u8);
        }
    }
    Some((codes, Last { register: next.saturating_sub(1), largest_rank: most_above + 1 }))
}

fn read_dense(precision: u8, smallest: u8, order: u32, bytes: &mut Reader<'_>) -> Result<Vec<Code>> {
    let registers = 1u64 << precision;
    let packed = bytes.sized(bytes.remaining())?;
    if !ORDERS.contains(&order) {
        return Err(bytes.not_canonical("the order of the codes is too large"));
    }
    // each takes a bit or more
    if registers > 8 * packed.len() as u64 {
        return Err(ends_early(bytes));
    }
    let mut codes = BitReader::new(packed);
    let mut found = Vec::new();
    for register in 0..registers {
        let above = codes.rice(order).ok_or_else(|| ends_early(bytes))?;
        let rank = checked_rank(above.saturating_add(u64::from(smallest)), precision, bytes)?;
        if rank > 0 {
            // cannot truncate: fewer than 2^16 registers
            found.push(Code::new(register as usize, rank));
        }
    }
    end(codes, bytes)?;
    if found.is_empty() {
        return Err(bytes.invalid("all registers are zero"));
    }
    Ok(found)
}

fn checked_rank(rank: u64, precision: u8, bytes: &Reader<'_>) -> Result<u8> {
    match u8::try_from(rank) {
        Ok(rank) if rank <= largest_rank(precision) => Ok(rank),
        _ => Err(bytes.invalid("a register has a rank that no hash brings")),
    }
}

fn end(codes: BitReader<'_>, bytes: &Reader<'_>) -> Result<()> {
    if codes.is_at_end() {
        return Ok(());
    }
    Err(bytes.not_canonical("the codes of registers do not end with their last byte"))
}

fn ends_early(bytes: &Reader<'_>) -> Error {
    bytes.invalid("the codes of registers end early")
}
