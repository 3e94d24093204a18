//! Doubles added to exact sums of squares: the square of a significand each.

use super::add_run::AddRun;
use super::window::WindowColumn;
use crate::math;

pub(super) type Squares = WindowColumn<2, 4, 67>;

impl AddRun for Squares {
    type Term = [u64; 2];
    type Beside = [[u64; 3]; 2];
    const POWER: u32 = 2;
    /// 2^16 squares of less than 2^106 each, moved up by at most 63 bits, do not pass three words.
    const MOST: usize = 1 << 16;

    #[inline(always)]
    fn base(&self, group: usize) -> Option<u32> {
        self.windows[group].placed_base()
    }

    #[inline(always)]
    fn term(significand: u64, _: u64) -> [u64; 2] {
        math::square(significand)
    }

    #[inline(always)]
    fn add_term(into: &mut [u64; 2], term: [u64; 2]) {
        let (low, carry) = into[0].overflowing_add(term[0]);
        *into = [low, into[1].wrapping_add(term[1]).wrapping_add(u64::from(carry))];
    }

    #[inline(always)]
    fn add_at(beside: &mut Self::Beside, distance: u32, [low, high]: [u64; 2]) {
        let shift = distance % 64;
        let place = &mut beside[(distance / 64) as usize % 2];
        let (first, one) = place[0].overflowing_add(low << shift);
        // two shifts, because one by 64 is not defined
        let (second, two) = place[1].overflowing_add((high << shift) | ((low >> 1) >> (63 - shift)));
        let (second, three) = second.overflowing_add(u64::from(one));
        let third = place[2] + ((high >> 1) >> (63 - shift)) + u64::from(two | three);
        *place = [first, second, third];
    }

    #[inline(always)]
    fn add_beside(&mut self, group: usize, [near, far]: &Self::Beside) {
        let (second, one) = near[1].overflowing_add(far[0]);
        let (third, two) = near[2].overflowing_add(far[1]);
        let (third, three) = third.overflowing_add(u64::from(one));
        self.add_words(group, [near[0], second, third, far[2] + u64::from(two | three)]);
    }

    fn add_far(&mut self, group: usize, _: bool, significand: u64, position: u32) {
        self.add_value(group, false, math::square(significand), position);
    }

    /// The sum beside it has the infinities.
    fn add_infinity(&mut self, _: usize, _: bool) {}
}
