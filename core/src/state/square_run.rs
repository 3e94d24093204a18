//! A run of doubles of one group, added to its exact sum of squares.
//!
//! The one idea: as in `float_run`, the squares are added beside the window first, and those of a long run by exponent.

use super::window::{WindowColumn, REACH};
use crate::math;

pub(super) type Squares = WindowColumn<2, 4, 67>;

const HIDDEN: u64 = 1 << 52;
const FRACTION: u64 = HIDDEN - 1;
const FIELD_MAX: u32 = 0x7ff;

/// From this many values on, going over all exponents in reach at the end pays.
const LONG: usize = 64;
/// Values added before the window is touched: 2^16 squares of less than 2^106 each, moved up by at most 63 bits, do
/// not pass three words.
const MOST: usize = 1 << 16;
/// Exponents in reach: that of a square is twice that of its root.
const BINS: u32 = REACH / 2;

/// Adds the squares of a run; none is NaN.
#[inline(always)]
pub(super) fn add_run(sums: &mut Squares, group: usize, values: &[u64]) {
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
fn add_short(sums: &mut Squares, group: usize, values: &[u64]) -> usize {
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
fn add_long(sums: &mut Squares, group: usize, values: &[u64]) -> usize {
    let base = sums.windows[group].base;
    let mut bins = [[0u64; 2]; BINS as usize + 1];
    let mut farthest = 0;
    for &bits in values {
        let distance = distance(base, bits);
        farthest = farthest.max(distance);
        let square = math::square(bits & FRACTION | HIDDEN);
        // what is out of reach, zeros among it, goes to the last bin, which nobody reads
        let bin = &mut bins[(distance / 2).min(BINS) as usize];
        let (low, carry) = bin[0].overflowing_add(square[0]);
        *bin = [low, bin[1].wrapping_add(square[1]).wrapping_add(u64::from(carry))];
    }
    let mut beside = Beside::default();
    for (half, &bin) in (0..BINS).zip(&bins) {
        if bin != [0; 2] {
            beside.add_at(2 * half + base % 2, bin);
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
fn add_one(sums: &mut Squares, group: usize, bits: u64) {
    let mut beside = Beside::default();
    if beside.add(sums.windows[group].base, bits) {
        sums.add_words(group, beside.words());
    } else {
        add_slowly(sums, group, bits);
    }
}

/// How far above the base the lowest bit of the square of a normal double lies; odd if the base is. Out of reach for
/// subnormals, infinities, values too far, and for all where there is no window.
#[inline(always)]
fn distance(base: u32, bits: u64) -> u32 {
    (2 * ((bits >> 52) as u32 & FIELD_MAX)).wrapping_sub(2).wrapping_sub(base)
}

/// A sum of a few squares in reach of a window: of those whose lowest bit is in the first word, and of the others, each
/// in three words from there on.
#[derive(Default)]
struct Beside([[u64; 3]; 2]);

impl Beside {
    /// Adds the square of a value when it is in reach of a window at `base`; that of zero always is.
    #[inline(always)]
    fn add(&mut self, base: u32, bits: u64) -> bool {
        // masks, not branches: zeros among other values come in no order that could be predicted
        let nonzero = 0u64.wrapping_sub(u64::from(bits << 1 != 0));
        let distance = distance(base, bits) & nonzero as u32;
        let is_near = distance < REACH;
        if is_near {
            self.add_at(distance, math::square((bits & FRACTION | HIDDEN) & nonzero));
        }
        is_near
    }

    /// Adds `square × 2^distance`.
    #[inline(always)]
    fn add_at(&mut self, distance: u32, [low, high]: [u64; 2]) {
        let shift = distance % 64;
        let place = &mut self.0[(distance / 64) as usize % 2];
        let (first, one) = place[0].overflowing_add(low << shift);
        // two shifts, because one by 64 is not defined
        let (second, two) = place[1].overflowing_add((high << shift) | ((low >> 1) >> (63 - shift)));
        let (second, three) = second.overflowing_add(u64::from(one));
        let third = place[2] + ((high >> 1) >> (63 - shift)) + u64::from(two | three);
        *place = [first, second, third];
    }

    /// The sum of both.
    #[inline(always)]
    fn words(&self) -> [u64; 4] {
        let [near, far] = self.0;
        let (second, one) = near[1].overflowing_add(far[0]);
        let (third, two) = near[2].overflowing_add(far[1]);
        let (third, three) = third.overflowing_add(u64::from(one));
        [near[0], second, third, far[2] + u64::from(two | three)]
    }
}

#[cold]
#[inline(never)]
fn add_slowly(sums: &mut Squares, group: usize, bits: u64) {
    let field = (bits >> 52) as u32 & FIELD_MAX;
    if field == FIELD_MAX {
        return;
    }
    let significand = (bits & FRACTION) | if field == 0 { 0 } else { HIDDEN };
    sums.add_value(group, false, math::square(significand), 2 * field.saturating_sub(1));
}
