//! Exact sums of one power of doubles, per group: a sliding window of a few words, and a wide number for the rare
//! group whose values lie too far apart.
//!
//! The one idea: a double is an integer times a power of two, so a sum of doubles is an integer on the grid of the
//! smallest one, and the bits in use are few. Which of the two representations holds a sum never shows: results and
//! bytes come from its value.
//!
//! Not here: the tight loops (`add_run`), which add to a window directly when they can.

use crate::bytes::{Reader, Writer};
use crate::error::Result;
use crate::math::exact::{self, Total};
use crate::math::{signed_words, words};
use alloc::vec::Vec;

/// A window takes values whose lowest bit lies below this many bits above its base.
pub(super) const REACH: u32 = 128;
/// The base of a group without a window: past every position, so that the fast loops leave it alone.
const UNPLACED: u32 = 1 << 20;
/// The base of a group whose sum is in the wide numbers; word 0 is its index there.
const SPILLED: u32 = 1 << 21;

/// Marks: an infinity was among the values.
pub(super) const POSITIVE_INFINITY: u8 = 1;
pub(super) const NEGATIVE_INFINITY: u8 = 2;

/// The sum of one group: `words × 2^base` on the grid, in two's complement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<const WORDS: usize> {
    pub words: [u64; WORDS],
    pub base: u32,
    pub infinities: u8,
}

impl<const WORDS: usize> Window<WORDS> {
    const EMPTY: Self = Self { words: [0; WORDS], base: UNPLACED, infinities: 0 };

    /// The base, when the sum is in the words.
    #[inline(always)]
    pub fn placed_base(&self) -> Option<u32> {
        (self.base < UNPLACED).then_some(self.base)
    }

    /// Moves the window so that its base is `base`; the caller has made sure that no set bit is lost.
    fn place(&mut self, base: u32) {
        let (negative, magnitude) = signed_words::magnitude(&self.words);
        let old = core::mem::replace(&mut self.base, base);
        self.words = [0; WORDS];
        if old >= base {
            signed_words::add(&mut self.words, negative, &magnitude, old - base);
        } else {
            let mut moved = [0; WORDS];
            for (index, word) in moved.iter_mut().enumerate() {
                *word = words::word_at(&magnitude, base - old + 64 * index as u32);
            }
            signed_words::add(&mut self.words, negative, &moved, 0);
        }
    }
}

/// Sums of `x^POWER` in windows of `WORDS` words or wide numbers of `WIDE`, on the grid of 2^(−1074 × `POWER`).
///
/// A wide number holds 2^62 times the largest double to that power, and a sign.
#[derive(Clone, Debug)]
pub(super) struct WindowColumn<const POWER: u32, const WORDS: usize, const WIDE: usize> {
    pub windows: Vec<Window<WORDS>>,
    wide: Vec<[u64; WIDE]>,
}

impl<const POWER: u32, const WORDS: usize, const WIDE: usize> WindowColumn<POWER, WORDS, WIDE> {
    /// The exponent of position 0.
    pub const GRID: i32 = -1074 * POWER as i32;
    /// The highest base: from here, the position of infinities is out of reach and that of the largest double within.
    const MAX_BASE: u32 = 2046 * POWER - REACH;
    /// Bits of the largest double to the power on this grid.
    const VALUE_BITS: u32 = 2098 * POWER;

    pub fn new() -> Self {
        const { assert!(2098 * POWER + 62 < 64 * WIDE as u32, "2^62 of the largest values and a sign fit") };
        Self { windows: Vec::new(), wide: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.windows.len()
    }

    pub fn grow(&mut self, groups: usize) {
        if groups > self.windows.len() {
            self.windows.resize(groups, Window::EMPTY);
        }
    }

    /// Adds `±magnitude × 2^position` where the fast loop could not.
    #[cold]
    #[inline(never)]
    pub fn add_value(&mut self, group: usize, negative: bool, magnitude: [u64; 2], position: u32) {
        // the position, not the lowest set bit: values like this one shall be in reach too
        self.add(group, negative, &magnitude, position, position);
    }

    /// Adds words at the base of a group that has a window.
    #[inline(always)]
    pub fn add_words(&mut self, group: usize, words: [u64; WORDS]) {
        let window = &mut self.windows[group];
        match sum_of(&window.words, &words) {
            Some(sum) => window.words = sum,
            None => self.add_past_the_end(group, &words),
        }
    }

    #[cold]
    #[inline(never)]
    fn add_past_the_end(&mut self, group: usize, words: &[u64; WORDS]) {
        let base = self.windows[group].base;
        let (negative, magnitude) = signed_words::magnitude(words);
        self.add(group, negative, &magnitude, base, base + words::trailing_zeros(&magnitude));
    }

    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        let source = &other.windows[from];
        let target = &mut self.windows[into];
        target.infinities |= source.infinities;
        if source.base == UNPLACED {
            return;
        }
        if target.base == UNPLACED && source.base != SPILLED {
            target.words = source.words;
            target.base = source.base;
            return;
        }
        if target.base == source.base && source.base != SPILLED {
            if let Some(sum) = sum_of(&target.words, &source.words) {
                target.words = sum;
                return;
            }
        }
        other.with_sum(from, |negative, magnitude, position| {
            let low = position + words::trailing_zeros(magnitude);
            self.add(into, negative, magnitude, position, low);
        });
    }

    /// Calls `f` with the sign, the magnitude and its position on the grid.
    pub fn with_sum<R>(&self, group: usize, f: impl FnOnce(bool, &[u64], u32) -> R) -> R {
        let window = &self.windows[group];
        match window.base {
            UNPLACED => f(false, &[], 0),
            SPILLED => {
                let (negative, magnitude) = signed_words::magnitude(&self.wide[window.words[0] as usize]);
                let unused = magnitude.iter().take_while(|&&word| word == 0).count();
                f(negative, &magnitude[unused..], 64 * unused as u32)
            }
            base => {
                let (negative, magnitude) = signed_words::magnitude(&window.words);
                f(negative, &magnitude, base)
            }
        }
    }

    /// Calls `f` with the sum.
    pub fn see(&self, group: usize, f: &mut dyn FnMut(Total<'_>)) {
        self.with_sum(group, |negative, words, position| {
            f(Total { negative, words, exponent: position as i32 + Self::GRID });
        });
    }

    pub fn write(&self, group: usize, out: &mut Writer) {
        let infinities = self.windows[group].infinities;
        self.with_sum(group, |negative, magnitude, position| {
            exact::write_scaled(infinities, negative, magnitude, position, out);
        });
    }

    /// Appends one group of at most `rows` rows.
    pub fn read(&mut self, bytes: &mut Reader, rows: u64) -> Result<()> {
        let row_bits = 64 - rows.min(crate::limits::MAX_ROWS).leading_zeros();
        // rows below 2^row_bits, each value below 2^VALUE_BITS; and no bits at all without rows
        let max_bits = if rows == 0 { 0 } else { (Self::VALUE_BITS + row_bits).min(64 * WIDE as u32 - 1) };
        let sum = exact::read_scaled::<WIDE>(bytes, max_bits)?;
        let magnitude = &sum.words[..sum.bits.div_ceil(64) as usize];
        if POWER == 2 && (sum.negative || sum.marks != 0) {
            return Err(bytes.invalid("a sum of squares has a sign or infinities"));
        }
        if u64::from(sum.marks.count_ones()) + u64::from(sum.bits > 0) > rows {
            return Err(bytes.invalid("a sum has more terms than its rows"));
        }
        let group = self.windows.len();
        self.windows.push(Window { infinities: sum.marks, ..Window::EMPTY });
        let low = sum.position + words::trailing_zeros(magnitude);
        self.add(group, sum.negative, magnitude, sum.position, low);
        Ok(())
    }

    pub fn heap_bytes(&self) -> usize {
        self.windows.capacity() * size_of::<Window<WORDS>>() + self.wide.capacity() * size_of::<[u64; WIDE]>()
    }

    /// Groups whose sum is a wide number.
    #[cfg(test)]
    pub fn spilled(&self) -> usize {
        self.windows.iter().filter(|window| window.base == SPILLED).count()
    }

    /// Adds `±magnitude × 2^position`, of which no bit below `low` is set.
    fn add(&mut self, group: usize, negative: bool, magnitude: &[u64], position: u32, low: u32) {
        let bits = words::bit_length(magnitude);
        if bits == 0 {
            return;
        }
        let window = &mut self.windows[group];
        if window.base == SPILLED {
            signed_words::add(&mut self.wide[window.words[0] as usize], negative, magnitude, position);
            return;
        }
        let (window_negative, window_magnitude) = signed_words::magnitude(&window.words);
        let window_bits = words::bit_length(&window_magnitude);
        let (low, high) = if window_bits == 0 {
            window.base = UNPLACED;
            (low, position + bits)
        } else {
            let window_low = window.base + words::trailing_zeros(&window_magnitude);
            (low.min(window_low), (position + bits).max(window.base + window_bits))
        };
        // one bit for the carry, one for the sign
        let slack = (64 * WORDS as u32).checked_sub(high - low + 2);
        let base = slack.map(|slack| low.saturating_sub(slack / 2).min(Self::MAX_BASE));
        match base {
            // out of reach of the fast loop, every further value like this one would come here; and the highest base
            // may leave no room for sums of many of the largest doubles
            Some(base) if position < base + REACH && high + 2 <= base + 64 * WORDS as u32 => {
                if window_bits == 0 {
                    window.base = base;
                } else {
                    window.place(base);
                }
                add_at(&mut window.words, negative, magnitude, position, base);
            }
            _ => {
                let mut wide = [0; WIDE];
                if window_bits > 0 {
                    signed_words::add(&mut wide, window_negative, &window_magnitude, window.base);
                }
                signed_words::add(&mut wide, negative, magnitude, position);
                window.words = [0; WORDS];
                window.words[0] = self.wide.len() as u64;
                window.base = SPILLED;
                self.wide.push(wide);
            }
        }
    }
}

/// The sum of two numbers; `None` when it passes the end.
#[inline(always)]
fn sum_of<const WORDS: usize>(a: &[u64; WORDS], b: &[u64; WORDS]) -> Option<[u64; WORDS]> {
    let mut sum = [0; WORDS];
    let mut carry = false;
    for ((place, &a), &b) in sum.iter_mut().zip(a).zip(b) {
        let (partial, first) = a.overflowing_add(b);
        let (total, second) = partial.overflowing_add(u64::from(carry));
        *place = total;
        carry = first | second;
    }
    // equal signs that give the other one have passed the end
    let signs = [a, b, &sum].map(|words| signed_words::is_negative(words));
    (signs[0] != signs[1] || signs[0] == signs[2]).then_some(sum)
}

/// Adds `±magnitude × 2^position` to words at `base`; no bit below `base` is set.
fn add_at<const WORDS: usize>(words: &mut [u64; WORDS], negative: bool, magnitude: &[u64], position: u32, base: u32) {
    if position >= base {
        signed_words::add(words, negative, magnitude, position - base);
        return;
    }
    let mut moved = [0; WORDS];
    for (index, word) in moved.iter_mut().enumerate() {
        *word = words::word_at(magnitude, base - position + 64 * index as u32);
    }
    signed_words::add(words, negative, &moved, 0);
}
