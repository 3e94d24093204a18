//! Truths: `and`, `or`, `not`, `is null`.
//!
//! The one idea: with false < NULL < true, `and` is the lesser, `or` the greater, `not` the mirror.

use super::lane::{Cells, Lane, Presence, Spread};
use super::{Active, Batch};
use crate::expr::typed::Expr;
use alloc::vec;
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

/// The rows of `active` where `chosen` is true as well.
pub(super) fn narrow(active: &[bool], chosen: &Spread<'_, bool>) -> Vec<bool> {
    match chosen {
        Spread::One(true) => active.to_vec(),
        Spread::One(false) => vec![false; active.len()],
        Spread::Many(chosen) => active.iter().zip(chosen.iter()).map(|(&active, &chosen)| active & chosen).collect(),
    }
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
                    let undecided = narrow(&self.all(active), &truths.map(|truth| truth != answer));
                    self.evaluate(operand, Some(&undecided))
                }
            };
            truths = truths.zip(&to_truths(lane), join);
        }
        from_truths(&truths)
    }
}
