//! A run of doubles of one group, added to its exact sum.
//!
//! The one idea: the values are added beside the window first, in numbers that need no look at it, so that the window
//! is touched once a run. A long run is added by exponent: then a value is one addition of one word, and shifting is
//! left for the end.

use super::window::{WindowColumn, NEGATIVE_INFINITY, POSITIVE_INFINITY, REACH};

pub(super) type Sums = WindowColumn<1, 3, 34>;

const HIDDEN: u64 = 1 << 52;
const FRACTION: u64 = HIDDEN - 1;
const FIELD_MAX: u32 = 0x7ff;

/// From this many values on, going over all exponents in reach at the end pays.
const LONG: usize = 64;
/// Values added before the window is touched: 2^10 of less than 2^53 each do not pass 63 bits and a sign, nor, moved
/// up by at most 63 bits, two words and a sign.
const MOST: usize = 1 << 10;

/// Adds the values of a run; none is NaN.
#[inline(always)]
pub(super) fn add_run(sums: &mut Sums, group: usize, values: &[u64]) {
    let mut left = values;
    while let Some((&first, rest)) = left.split_first() {
        if !sums.windows[group].is_placed() {
            add_slowly(sums, group, first);
            left = rest;
            continue;
        }
        let part = &left[..left.len().min(MOST)];
        let taken = if part.len() < LONG { add_short(sums, group, part) } else { add_long(sums, group, part) };
        left = &left[taken..];
    }
}

/// Adds values to a group that has a window, up to one that is out of its reach; gives back how many.
#[inline(always)]
fn add_short(sums: &mut Sums, group: usize, values: &[u64]) -> usize {
    let base = sums.windows[group].base;
    let mut beside = Beside::default();
    let stop = values.iter().position(|&bits| !beside.add(base, bits));
    sums.add_words(group, beside.words());
    match stop {
        None => values.len(),
        Some(at) => {
            add_slowly(sums, group, values[at]);
            at + 1
        }
    }
}

/// Adds values, by exponent, to a group that has a window; gives back how many.
fn add_long(sums: &mut Sums, group: usize, values: &[u64]) -> usize {
    let base = sums.windows[group].base;
    let mut bins = [0i64; REACH as usize + 1];
    let mut farthest = 0;
    for &bits in values {
        let distance = distance(base, bits);
        farthest = farthest.max(distance);
        // what is out of reach, zeros among it, goes to the last bin, which nobody reads
        let bin = &mut bins[distance.min(REACH) as usize];
        *bin = bin.wrapping_add(significand(bits));
    }
    let mut beside = Beside::default();
    for (distance, &bin) in (0..REACH).zip(&bins) {
        if bin != 0 {
            beside.add_at(distance, bin);
        }
    }
    sums.add_words(group, beside.words());
    if farthest >= REACH {
        for &bits in values {
            if distance(base, bits) >= REACH && bits << 1 != 0 {
                add_one(sums, group, bits);
            }
        }
    }
    values.len()
}

#[inline(never)]
fn add_one(sums: &mut Sums, group: usize, bits: u64) {
    let mut beside = Beside::default();
    if beside.add(sums.windows[group].base, bits) {
        sums.add_words(group, beside.words());
    } else {
        add_slowly(sums, group, bits);
    }
}

/// How far above the base the lowest bit of a normal double lies: out of reach for subnormals, infinities, values too
/// far, and for all where there is no window.
#[inline(always)]
fn distance(base: u32, bits: u64) -> u32 {
    ((bits >> 52) as u32 & FIELD_MAX).wrapping_sub(1).wrapping_sub(base)
}

/// The signed significand of a normal double.
#[inline(always)]
fn significand(bits: u64) -> i64 {
    let sign = bits as i64 >> 63;
    (((bits & FRACTION) | HIDDEN) as i64 ^ sign) - sign
}

/// A sum of a few values in reach of a window: of those whose lowest bit is in the first word, and of the others, each
/// in two words from there on. Two numbers, because to choose one takes no branch.
#[derive(Default)]
struct Beside([[u64; 2]; 2]);

impl Beside {
    /// Adds a value that is in reach of a window at `base`; zeros always are.
    #[inline(always)]
    fn add(&mut self, base: u32, bits: u64) -> bool {
        // masks, not branches: zeros among other values come in no order that could be predicted
        let nonzero = 0u64.wrapping_sub(u64::from(bits << 1 != 0));
        let distance = distance(base, bits) & nonzero as u32;
        let is_near = distance < REACH;
        if is_near {
            self.add_at(distance, significand(bits) & nonzero as i64);
        }
        is_near
    }

    /// Adds `signed × 2^distance`.
    #[inline(always)]
    fn add_at(&mut self, distance: u32, signed: i64) {
        let shift = distance % 64;
        // two shifts, because one by 64 is not defined
        let high = ((signed >> 1) >> (63 - shift)) as u64;
        let place = &mut self.0[(distance / 64) as usize % 2];
        let (low, carry) = place[0].overflowing_add((signed as u64) << shift);
        *place = [low, place[1].wrapping_add(high).wrapping_add(u64::from(carry))];
    }

    /// The sum of both.
    #[inline(always)]
    fn words(&self) -> [u64; 3] {
        let [near, far] = self.0;
        let (second, carry) = near[1].overflowing_add(far[0]);
        let sign = (near[1] as i64 >> 63) as u64;
        [near[0], second, sign.wrapping_add(far[1]).wrapping_add(u64::from(carry))]
    }
}

#[cold]
#[inline(never)]
fn add_slowly(sums: &mut Sums, group: usize, bits: u64) {
    let field = (bits >> 52) as u32 & FIELD_MAX;
    let negative = bits >> 63 != 0;
    if field == FIELD_MAX {
        sums.windows[group].infinities |= if negative { NEGATIVE_INFINITY } else { POSITIVE_INFINITY };
        return;
    }
    let significand = (bits & FRACTION) | if field == 0 { 0 } else { HIDDEN };
    sums.add_value(group, negative, [significand, 0], field.saturating_sub(1));
}
