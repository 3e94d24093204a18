//! A run of doubles of one group, added to its exact sum or its sum of squares.
//!
//! The one idea: what is added of the values is added beside the window first, in numbers that need no look at it, so
//! that the window is touched once a run. A long run is added by exponent: then a value is one addition to one bin, and
//! shifting is left for the end.
//!
//! Not here: what is added of a value, and the numbers beside a window (`add_values`, `add_squares`).

use super::window::REACH;

const HIDDEN: u64 = 1 << 52;
const FRACTION: u64 = HIDDEN - 1;
const FIELD_MAX: u32 = 0x7ff;

/// From this many values on, going over all exponents in reach at the end pays.
const LONG: usize = 64;

/// Exact sums of one power of doubles, in windows.
pub(super) trait AddRun {
    /// What is added of a value, as a number of its own.
    type Term: Copy + Default + PartialEq;
    /// A sum of terms in reach of a window: of those whose lowest bit is in the first word, and of the others, each in
    /// the words from there on. Two numbers, because to choose one takes no branch.
    type Beside: Default;
    /// The power of the values.
    const POWER: u32;
    /// Values added before the window is touched: so many terms, moved up by at most 63 bits, fit what is beside it.
    const MOST: usize;

    /// The base of the window of a group that has one.
    fn base(&self, group: usize) -> Option<u32>;

    /// The term of a significand; of the bits of its double, the sign alone counts.
    fn term(significand: u64, bits: u64) -> Self::Term;

    /// Adds a term to another of the same exponent.
    fn add_term(into: &mut Self::Term, term: Self::Term);

    /// Adds `term × 2^distance`.
    fn add_at(beside: &mut Self::Beside, distance: u32, term: Self::Term);

    /// Adds what is beside the window of a group to it.
    fn add_beside(&mut self, group: usize, beside: &Self::Beside);

    /// Adds the term of a significand, times 2^position, where the window does not reach; the sign is that of the double.
    fn add_far(&mut self, group: usize, negative: bool, significand: u64, position: u32);

    /// Notes an infinity.
    fn add_infinity(&mut self, group: usize, negative: bool);

    /// Adds the values of a run; none is NaN.
    #[inline(always)]
    fn add_run(&mut self, group: usize, values: &[u64]) {
        let mut left = values;
        while let Some((&first, rest)) = left.split_first() {
            let Some(base) = self.base(group) else {
                self.add_slowly(group, first);
                left = rest;
                continue;
            };
            let part = &left[..left.len().min(Self::MOST)];
            let taken =
                if part.len() < LONG { self.add_short(group, base, part) } else { self.add_long(group, base, part) };
            left = &left[taken..];
        }
    }

    /// Adds values to a group whose window has a base, up to one that is out of its reach; gives back how many.
    #[inline(always)]
    fn add_short(&mut self, group: usize, base: u32, values: &[u64]) -> usize {
        let mut beside = Self::Beside::default();
        let stop = values.iter().position(|&bits| !Self::add_if_near(&mut beside, base, bits));
        self.add_beside(group, &beside);
        match stop {
            None => values.len(),
            Some(at) => {
                self.add_slowly(group, values[at]);
                at + 1
            }
        }
    }

    /// Adds values, by exponent, to a group whose window has a base; gives back how many.
    fn add_long(&mut self, group: usize, base: u32, values: &[u64]) -> usize {
        // of a square every second bin would stay empty
        let bin_of = |distance: u32| (distance / Self::POWER).min(REACH / Self::POWER) as usize;
        let mut bins = [Self::Term::default(); REACH as usize + 1];
        let mut farthest = 0;
        for &bits in values {
            let distance = distance::<Self>(base, bits);
            farthest = farthest.max(distance);
            // what is out of reach, zeros among it, goes to the last bin, which nobody reads
            Self::add_term(&mut bins[bin_of(distance)], Self::term(bits & FRACTION | HIDDEN, bits));
        }
        let mut beside = Self::Beside::default();
        for (bin, &term) in (0..).zip(&bins[..(REACH / Self::POWER) as usize]) {
            if term != Self::Term::default() {
                Self::add_at(&mut beside, Self::POWER * bin + base % Self::POWER, term);
            }
        }
        self.add_beside(group, &beside);
        if farthest >= REACH {
            for &bits in values {
                if distance::<Self>(base, bits) >= REACH && bits << 1 != 0 {
                    self.add_one(group, bits);
                }
            }
        }
        values.len()
    }

    /// Adds a value to a group that has a window.
    #[inline(never)]
    fn add_one(&mut self, group: usize, bits: u64) {
        let mut beside = Self::Beside::default();
        if self.base(group).is_some_and(|base| Self::add_if_near(&mut beside, base, bits)) {
            self.add_beside(group, &beside);
        } else {
            self.add_slowly(group, bits);
        }
    }

    /// Adds a value that is in reach of a window at `base`; zeros always are.
    #[inline(always)]
    fn add_if_near(beside: &mut Self::Beside, base: u32, bits: u64) -> bool {
        // masks, not branches: zeros among other values come in no order that could be predicted
        let nonzero = 0u64.wrapping_sub(u64::from(bits << 1 != 0));
        let distance = distance::<Self>(base, bits) & nonzero as u32;
        let is_near = distance < REACH;
        if is_near {
            Self::add_at(beside, distance, Self::term((bits & FRACTION | HIDDEN) & nonzero, bits));
        }
        is_near
    }

    /// Adds any value.
    #[cold]
    #[inline(never)]
    fn add_slowly(&mut self, group: usize, bits: u64) {
        let field = (bits >> 52) as u32 & FIELD_MAX;
        let negative = bits >> 63 != 0;
        if field == FIELD_MAX {
            self.add_infinity(group, negative);
            return;
        }
        let significand = (bits & FRACTION) | if field == 0 { 0 } else { HIDDEN };
        self.add_far(group, negative, significand, Self::POWER * field.saturating_sub(1));
    }
}

/// How far above the base the lowest bit of the term of a normal double lies; of a square, odd if the base is. Out of
/// reach for subnormals, infinities and values too far.
#[inline(always)]
fn distance<S: AddRun + ?Sized>(base: u32, bits: u64) -> u32 {
    (S::POWER * ((bits >> 52) as u32 & FIELD_MAX)).wrapping_sub(S::POWER).wrapping_sub(base)
}
