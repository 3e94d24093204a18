//! Choosing between values: `case`, `coalesce`, `nullif`, `least`, `greatest`.
//!
//! The one idea: a blend is filled row by row from several lanes; what is evaluated for rows that do not take it
//! raises no error there.

use super::blend::Blend;
use super::compare::compare_lanes;
use super::lane::{Lane, Presence, Spread};
use super::logic::narrow;
use super::{Active, Batch};
use crate::expr::ast::Comparison;
use crate::expr::typed::{Expr, TypedCase};
use crate::value::Type;
use alloc::vec;
use alloc::vec::Vec;

impl<'a> Batch<'a> {
    pub(super) fn case(&mut self, case: &TypedCase, data_type: Type, active: Active<'_>) -> Lane<'a> {
        let operand = case.operand.as_ref().map(|operand| self.evaluate(operand, active));
        let mut blend = Blend::new(data_type, self.rows);
        let mut remaining = self.all(active);
        for (when, then) in &case.branches {
            let when = self.evaluate(when, Some(&remaining));
            let holds = match &operand {
                None => is_true(when),
                Some(operand) => is_true(compare_lanes(Comparison::Equal, operand, &when, self.rows)),
            };
            let taken = narrow(self.rows, Some(&remaining), &holds, |holds| holds);
            let then = self.evaluate(then, Some(&taken));
            blend.take(then, &taken);
            leave(&mut remaining, &taken);
        }
        if let Some(otherwise) = &case.otherwise {
            let otherwise = self.evaluate(otherwise, Some(&remaining));
            blend.take(otherwise, &remaining);
        }
        blend.into_lane()
    }

    pub(super) fn coalesce(&mut self, arguments: &[Expr], data_type: Type, active: Active<'_>) -> Lane<'a> {
        let mut blend = Blend::new(data_type, self.rows);
        let mut remaining = self.all(active);
        for (i, argument) in arguments.iter().enumerate() {
            let lane = self.evaluate(argument, Some(&remaining));
            if i == 0 && matches!(lane.presence, Presence::Every) {
                return lane;
            }
            let present = lane.presence.clone().into_spread();
            let taken = narrow(self.rows, Some(&remaining), &present, |present| present);
            blend.take(lane, &taken);
            leave(&mut remaining, &taken);
        }
        blend.into_lane()
    }

    /// `least` for [`Comparison::Less`], `greatest` for [`Comparison::Greater`].
    pub(super) fn extreme(
        &mut self,
        better: Comparison,
        arguments: &[Expr],
        data_type: Type,
        active: Active<'_>,
    ) -> Lane<'a> {
        let mut found = Lane::absent(data_type);
        for argument in arguments {
            let next = self.evaluate(argument, active);
            if matches!(found.presence, Presence::Never) {
                found = next;
                continue;
            }
            let is_better = compare_lanes(better, &next, &found, self.rows);
            let taken: Vec<bool> = (0..self.rows)
                .map(|row| next.presence.at(row) && (!found.presence.at(row) || truth_at(&is_better, row)))
                .collect();
            let mut blend = Blend::new(data_type, self.rows);
            blend.take(found, &vec![true; self.rows]);
            blend.take(next, &taken);
            found = blend.into_lane();
        }
        found
    }

    pub(super) fn nullif(&mut self, x: &Expr, y: &Expr, active: Active<'_>) -> Lane<'a> {
        let x = self.evaluate(x, active);
        let y = self.evaluate(y, active);
        let equal = is_true(compare_lanes(Comparison::Equal, &x, &y, self.rows));
        Lane::new(x.cells, x.presence.and_where(equal.map(|equal| !equal)))
    }

    fn all(&self, active: Active<'_>) -> Vec<bool> {
        active.map_or_else(|| vec![true; self.rows], <[bool]>::to_vec)
    }
}

/// Where a truth is present and true.
fn is_true(lane: Lane<'_>) -> Spread<'static, bool> {
    let present = lane.presence.into_spread();
    lane.cells.into_bools().zip(&present, |value, present| value & present)
}

fn truth_at(lane: &Lane<'_>, row: usize) -> bool {
    match &lane.cells {
        super::lane::Cells::Bool(values) => values.at(row),
        _ => false,
    }
}

fn leave(remaining: &mut [bool], taken: &[bool]) {
    for (remaining, taken) in remaining.iter_mut().zip(taken) {
        *remaining &= !taken;
    }
}
