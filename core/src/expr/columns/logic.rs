//! Truths: `and`, `or`, `not`, `is null`.
//!
//! The one idea: with false < NULL < true, `and` is the lesser, `or` the greater, `not` the mirror.

use super::lane::{Cells, Lane, Presence, Spread};
use super::{Active, Batch};
use crate::expr::typed::Expr;
use alloc::vec::Vec;

/// Three-valued truths as numbers that have their order.
pub(super) const FALSE: u8 = 0;
const NULL: u8 = 1;
pub(super) const TRUE: u8 = 2;

pub(super) fn to_truths(lane: Lane<'_>) -> Spread<'static, u8> {
    let present = lane.presence.into_spread();
    lane.cells.into_bools().zip(&present, |value, present| if present { u8::from(value) * TRUE } else { NULL })
}

pub(super) fn from_truths<'a>(truths: &Spread<'_, u8>) -> Lane<'a> {
    let has_null = match truths {
        Spread::One(truth) => *truth == NULL,
        Spread::Many(truths) => truths.iter().fold(false, |found, &truth| found | (truth == NULL)),
    };
    let presence = match has_null {
        true => Presence::Every.and_where(truths.map(|truth| truth != NULL)),
        false => Presence::Every,
    };
    Lane::new(Cells::Bool(truths.map(|truth| truth == TRUE)), presence)
}

pub(super) fn not(lane: Lane<'_>) -> Lane<'_> {
    Lane::new(Cells::Bool(lane.cells.into_bools().map(|value| !value)), lane.presence)
}

pub(super) fn is_null(lane: Lane<'_>) -> Lane<'_> {
    Lane::truths(lane.presence.into_spread().map(|present| !present))
}

/// The rows that are active and where `undecided` says so.
pub(super) fn narrow<T: Copy>(
    rows: usize,
    active: Active<'_>,
    values: &Spread<'_, T>,
    undecided: impl Fn(T) -> bool,
) -> Vec<bool> {
    (0..rows).map(|row| active.is_none_or(|active| active[row]) && undecided(values.at(row))).collect()
}

impl<'a> Batch<'a> {
    pub(super) fn and(&mut self, operands: &[Expr], active: Active<'_>) -> Lane<'a> {
        self.fold(operands, active, FALSE, Ord::min)
    }

    pub(super) fn or(&mut self, operands: &[Expr], active: Active<'_>) -> Lane<'a> {
        self.fold(operands, active, TRUE, Ord::max)
    }

    /// Folds truths; behind an `answer` no error counts.
    fn fold(&mut self, operands: &[Expr], active: Active<'_>, answer: u8, join: fn(u8, u8) -> u8) -> Lane<'a> {
        let mut truths = Spread::One(TRUE - answer);
        for operand in operands {
            let lane = match operand.fallible {
                false => self.evaluate(operand, None),
                true => {
                    let undecided = narrow(self.rows, active, &truths, |truth| truth != answer);
                    self.evaluate(operand, Some(&undecided))
                }
            };
            truths = truths.zip(&to_truths(lane), join);
        }
        from_truths(&truths)
    }
}
