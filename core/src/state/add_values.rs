//! Doubles added to exact sums: a signed significand each.

use super::add_run::AddRun;
use super::window::{WindowColumn, NEGATIVE_INFINITY, POSITIVE_INFINITY};

pub(super) type Sums = WindowColumn<1, 3, 34>;

impl AddRun for Sums {
    type Term = i64;
    type Beside = [[u64; 2]; 2];
    const POWER: u32 = 1;
    /// 2^10 of less than 2^53 each do not pass 63 bits and a sign, nor, moved up by at most 63 bits, two words and a
    /// sign.
    const MOST: usize = 1 << 10;

    #[inline(always)]
    fn base(&self, group: usize) -> Option<u32> {
        self.windows[group].placed_base()
    }

    #[inline(always)]
    fn term(significand: u64, bits: u64) -> i64 {
        let sign = bits as i64 >> 63;
        (significand as i64 ^ sign) - sign
    }

    #[inline(always)]
    fn add_term(into: &mut i64, term: i64) {
        *into = into.wrapping_add(term);
    }

    #[inline(always)]
    fn add_at(beside: &mut Self::Beside, distance: u32, term: i64) {
        let shift = distance % 64;
        // two shifts, because one by 64 is not defined
        let high = ((term >> 1) >> (63 - shift)) as u64;
        let place = &mut beside[(distance / 64) as usize % 2];
        let (low, carry) = place[0].overflowing_add((term as u64) << shift);
        *place = [low, place[1].wrapping_add(high).wrapping_add(u64::from(carry))];
    }

    #[inline(always)]
    fn add_beside(&mut self, group: usize, [near, far]: &Self::Beside) {
        let (second, carry) = near[1].overflowing_add(far[0]);
        let sign = (near[1] as i64 >> 63) as u64;
        self.add_words(group, [near[0], second, sign.wrapping_add(far[1]).wrapping_add(u64::from(carry))]);
    }

    fn add_far(&mut self, group: usize, negative: bool, significand: u64, position: u32) {
        self.add_value(group, negative, [significand, 0], position);
    }

    fn add_infinity(&mut self, group: usize, negative: bool) {
        self.windows[group].infinities |= if negative { NEGATIVE_INFINITY } else { POSITIVE_INFINITY };
    }
}
