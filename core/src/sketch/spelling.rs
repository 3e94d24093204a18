//! The only spelling of a percentile sketch in bytes.
//!
//! | what | how |
//! |---|---|
//! | head | 1 byte: level in bits 0–3, then "has zeros", "has −∞", "has +∞", "has buckets" in bits 4–7 |
//! | count of zeros, of −∞, of +∞ | varint each, where the head says so |
//! | grain | 1 byte, from version 2 on: 0 without one, else 64 + its exponent in bits 0–6, and "has long values" in bit 7; this and all below only where the head says so |
//! | octave of the long values | zigzag, where the grain says so |
//! | fives | 1 byte, of units of decimals with a grain: the exponent of 5 |
//! | buckets − 1 | varint, at most 1023 |
//! | first bucket | zigzag: distance of its key from that of the bucket just above 1.0 |
//! | order k | 1 byte: floor(log2(rows in buckets / buckets)) |
//! | codes | sized bytes: count − 1 in order k; then for each bucket: distance from the one before − 1 in order 0, count − 1 in order k |
//!
//! The level tells how often neighbours were joined. Keys ascend with the values: index + 2^(18 − 7 + scale) for
//! positive values, −1 − that for negative ones, at the scale after the joins. Codes: `bits`.
//!
//! What is refused, so that every spelling is a state that rows can reach: counts of zero, more rows than there are,
//! more buckets than the limit, buckets that no double falls into, another order, codes that do not end with the last
//! byte, a level that no rows need (the level is needed if, one level finer, more buckets than the limit can be
//! not empty, given the counts and the buckets that doubles fall into), and a grain that no values in these buckets have.

use super::bits::{BitReader, BitWriter, MAX_ORDER, REFILL_EACH};
use super::distribution::Distribution;
use super::grain::{Grain, COARSEST, FINEST, MOST_FIVES};
use super::histogram::{shift_of, Histogram};
use super::key::{Key, Shift, MAX_SHIFT, OCTAVE_SHIFT};
use crate::bytes::{Reader, Version, Writer};
use crate::error::Result;
use crate::limits::HISTOGRAM_BUCKETS;
use alloc::vec;
use alloc::vec::Vec;

const LEVEL: u8 = 0x0f;
const HAS_ZEROS: u8 = 1 << 4;
const HAS_NEGATIVE_INFINITY: u8 = 1 << 5;
const HAS_POSITIVE_INFINITY: u8 = 1 << 6;
const HAS_BUCKETS: u8 = 1 << 7;
/// What is added to the exponent of a grain, so that all are above 0.
const GRAIN: i8 = 64;
const HAS_LONG: u8 = 1 << 7;

impl Distribution {
    /// Appends the state; the reader knows the first scale.
    pub(super) fn write(&self, scale: u8, memory: &mut BitWriter, out: &mut Writer) {
        let flag = |bit: u8, set: bool| if set { bit } else { 0 };
        out.u8((self.shift - shift_of(scale))
            | flag(HAS_ZEROS, self.zero > 0)
            | flag(HAS_NEGATIVE_INFINITY, self.negative_infinity > 0)
            | flag(HAS_POSITIVE_INFINITY, self.positive_infinity > 0)
            | flag(HAS_BUCKETS, !self.buckets.is_empty()));
        for count in [self.zero, self.negative_infinity, self.positive_infinity] {
            if count > 0 {
                out.varint(count);
            }
        }
        let Some((&(first, count), others)) = self.buckets.split_first() else { return };
        write_grain(self.grain, out);
        out.varint(self.buckets.len() as u64 - 1);
        out.zigzag(first.distance(self.shift));
        let order = order_of(self.buckets.iter().map(|&(_, count)| count).sum(), self.buckets.len());
        // cannot truncate: an order is below 64
        out.u8(order as u8);
        let mut codes = memory.emptied();
        codes.golomb(count - 1, order);
        let mut before = first;
        let mut pair = |(key, count): (Key, u64)| {
            let distance = u64::from(key.0.abs_diff(before.0)) - 1;
            before = key;
            (distance, count - 1)
        };
        let (fours, rest) = others.as_chunks::<4>();
        fours.iter().for_each(|four| codes.four_golomb_pairs(&four.map(&mut pair), (0, order)));
        rest.iter().for_each(|&one| codes.golomb_pairs(&[pair(one)], (0, order)));
        out.sized(codes.bytes());
        *memory = codes;
    }

    /// Reads what [`super::Histogram::write`] wrote, of at most `rows` rows; `empty` is a histogram of the same values.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(scale: u8, empty: &Histogram, bytes: &mut Reader<'_>, rows: u64) -> Result<Self> {
        let all = empty.grain();
        let head = bytes.u8()?;
        let first_shift = shift_of(scale);
        let shift = first_shift + (head & LEVEL);
        if shift > MAX_SHIFT {
            return Err(bytes.invalid("a histogram is coarser than any rows make it"));
        }
        let mut left = rows;
        let mut special = |bit: u8| -> Result<u64> {
            if head & bit == 0 {
                return Ok(0);
            }
            let count = bytes.varint_up_to(left, "a count of a histogram")?;
            if count == 0 {
                return Err(bytes.not_canonical("a count of a histogram is 0"));
            }
            left -= count;
            Ok(count)
        };
        let zero = special(HAS_ZEROS)?;
        let negative_infinity = special(HAS_NEGATIVE_INFINITY)?;
        let positive_infinity = special(HAS_POSITIVE_INFINITY)?;
        let (mut grain, mut buckets) = (all, Vec::new());
        if head & HAS_BUCKETS != 0 {
            grain = if bytes.version() < Version::V2 { Grain::NONE } else { read_grain(all, bytes)? };
            buckets = read_buckets(shift, bytes, left)?;
        }
        if shift > first_shift && !needs_shift(&buckets, shift) {
            return Err(bytes.not_canonical("a histogram is coarser than its rows make it"));
        }
        if !is_grain_of(grain, &buckets, shift) {
            return Err(bytes.not_canonical("the values of a histogram cannot have its grain"));
        }
        Ok(Self { shift, zero, negative_infinity, positive_infinity, grain, buckets })
    }
}

fn write_grain(grain: Grain, out: &mut Writer) {
    let Some((exponent, long)) = grain.parts() else { return out.u8(0) };
    // cannot wrap: exponents are from −63 to 63
    let byte = exponent.wrapping_add(GRAIN) as u8;
    match long {
        None => out.u8(byte),
        Some(octave) => {
            out.u8(byte | HAS_LONG);
            out.zigzag(octave.into());
        }
    }
    if let Some(fives) = grain.fives() {
        out.u8(fives);
    }
}

fn read_grain(all: Grain, bytes: &mut Reader<'_>) -> Result<Grain> {
    let byte = bytes.u8()?;
    if byte == 0 {
        return Ok(Grain::NONE);
    }
    let exponent = (byte & !HAS_LONG) as i8 - GRAIN;
    if exponent < FINEST {
        return Err(bytes.not_canonical("a grain has no exponent"));
    }
    let has_long = byte & HAS_LONG != 0;
    // an octave that no bucket is in is refused with the buckets
    let long = if has_long { Some(i16::try_from(bytes.zigzag()?).unwrap_or(i16::MIN)) } else { None };
    let grain = Grain::new(exponent, long);
    if all.fives().is_none() {
        return Ok(grain);
    }
    match bytes.u8()? {
        fives @ 0..=MOST_FIVES => Ok(grain.with_fives(fives)),
        _ => Err(bytes.not_canonical("a grain has more fives than an int64")),
    }
}

/// Whether values in these buckets can have a grain. None is always possible: values that were read from bytes without
/// it may be any.
fn is_grain_of(grain: Grain, buckets: &[(Key, u64)], shift: Shift) -> bool {
    let Some((exponent, long)) = grain.parts() else { return true };
    if buckets.is_empty() {
        return true;
    }
    if shift > OCTAVE_SHIFT {
        return false;
    }
    let mut left = long.is_some();
    let mut is_attained = exponent == COARSEST;
    let mut are_fives_attained = grain.fives().is_none_or(|fives| fives == MOST_FIVES);
    let in_long = |key: Key| long.is_some_and(|long| key.index(shift) >> (OCTAVE_SHIFT - shift) == i32::from(long));
    let rows_in_long: u64 = buckets.iter().filter(|(key, _)| in_long(*key)).map(|&(_, count)| count).sum();
    for &(key, _) in buckets {
        if in_long(key) {
            left = false;
            // at least one value there is long
            is_attained |= rows_in_long > 1 && grain.is_attained(key, shift);
            are_fives_attained |= rows_in_long > 1 && grain.are_fives_attained(key, shift);
        } else {
            if grain.numbers(key, shift).is_none_or(|numbers| numbers.is_empty()) {
                return false;
            }
            is_attained |= grain.is_attained(key, shift);
            are_fives_attained |= grain.are_fives_attained(key, shift);
        }
    }
    is_attained && are_fives_attained && !left
}

fn read_buckets(shift: Shift, bytes: &mut Reader<'_>, rows: u64) -> Result<Vec<(Key, u64)>> {
    let more = bytes.varint_up_to(HISTOGRAM_BUCKETS as u64 - 1, "the buckets of a histogram after the first")?;
    let first = bytes.zigzag()?;
    let order = u32::from(bytes.u8()?);
    let packed = bytes.sized(bytes.remaining())?;
    if order > MAX_ORDER {
        return Err(bytes.not_canonical("the order of the codes is too large"));
    }
    // a bucket takes two bits or more, so the room is at most 64 times the bytes
    if more > 4 * packed.len() as u64 {
        return Err(bytes.invalid("the codes of a histogram end early"));
    }
    let ends_early = || bytes.invalid("the codes of a histogram end early");
    let is_empty = || bytes.invalid("no double falls into a bucket of a histogram");
    let first = Key::at(first, shift).ok_or_else(is_empty)?;
    // cannot truncate: at most 1023
    let mut buckets = vec![(first, 0); more as usize + 1];
    let (codes, last) = take_buckets(BitReader::new(packed), order, &mut buckets).ok_or_else(ends_early)?;
    if !i32::try_from(last.key).is_ok_and(|last| are_inhabited(&buckets, Key(last), shift)) {
        return Err(is_empty());
    }
    if last.rows > rows {
        return Err(bytes.invalid("a histogram counts more rows than there are"));
    }
    if !codes.is_at_end() {
        return Err(bytes.not_canonical("the codes of a histogram do not end with their last byte"));
    }
    if order != order_of(last.rows, buckets.len()) {
        return Err(bytes.not_canonical("the codes of a histogram have another order"));
    }
    Ok(buckets)
}

/// What is to be known of buckets to know that all of them are sound.
struct Last {
    key: i64,
    /// Those of all buckets.
    rows: u64,
}

/// Takes as many buckets as there are places for them, the first of which has its key; what they say is not checked.
#[inline(never)]
fn take_buckets<'a>(mut codes: BitReader<'a>, order: u32, places: &mut [(Key, u64)]) -> Option<(BitReader<'a>, Last)> {
    let (first, others) = places.split_first_mut()?;
    first.1 = codes.golomb(order)?.saturating_add(1);
    let mut rows = first.1;
    let mut key = i64::from(first.0 .0);
    for several in others.chunks_mut(REFILL_EACH) {
        codes.refill();
        for place in several {
            let (step, more) = codes.golomb_pair(0, order)?;
            // cannot overflow: there are at most 1024
            key += (step.min(u64::from(u32::MAX)) + 1) as i64;
            // cannot overflow: a code holds less than 2^63
            let count = more + 1;
            rows = rows.saturating_add(count);
            // may truncate: then the last key is refused
            *place = (Key(key as i32), count);
        }
    }
    Some((codes, Last { key, rows }))
}

/// Whether doubles fall into every one of ascending buckets.
fn are_inhabited(buckets: &[(Key, u64)], last: Key, shift: Shift) -> bool {
    let are_neighbours_of = |&(first, _): &(Key, u64)| Key::are_inhabited_between(first, last, shift);
    buckets.first().is_some_and(are_neighbours_of) || buckets.iter().all(|(key, _)| key.is_inhabited(shift))
}

/// The order in which counts are written: short codes up to about twice the mean count.
fn order_of(rows: u64, buckets: usize) -> u32 {
    let mean = rows / (buckets as u64).max(1);
    mean.max(1).ilog2().min(MAX_ORDER)
}

/// Whether rows with these buckets at `shift` can have had more buckets than the limit one join before.
fn needs_shift(buckets: &[(Key, u64)], shift: Shift) -> bool {
    let finer = shift - 1;
    let most = |&(key, count): &(Key, u64)| {
        let halves = key.halves().into_iter().filter(|half| half.is_inhabited(finer)).count();
        halves.min(usize::try_from(count).unwrap_or(usize::MAX))
    };
    buckets.iter().map(most).sum::<usize>() > HISTOGRAM_BUCKETS
}
