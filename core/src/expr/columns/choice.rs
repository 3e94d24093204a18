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
            let taken = narrow(&remaining, &holds);
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
            let taken = narrow(&remaining, &lane.presence.clone().into_spread());
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
        let mut blend = Blend::new(data_type, self.rows);
        let every = vec![true; self.rows];
        for argument in arguments {
            let next = self.evaluate(argument, active);
            let found = blend.lane();
            let is_better = is_true(compare_lanes(better, &next, &found, self.rows));
            let is_first = found.presence.into_spread().map(|present| !present);
            let is_taken = is_better.zip(&is_first, |better, first| better | first);
            let present = narrow(&every, &next.presence.clone().into_spread());
            blend.take(next, &narrow(&present, &is_taken));
        }
        blend.into_lane()
    }

    pub(super) fn nullif(&mut self, x: &Expr, y: &Expr, active: Active<'_>) -> Lane<'a> {
        let x = self.evaluate(x, active);
        let y = self.evaluate(y, active);
        let equal = is_true(compare_lanes(Comparison::Equal, &x, &y, self.rows));
        Lane::new(x.cells, x.presence.and_where(equal.map(|equal| !equal)))
    }
}

/// Where a truth is present and true.
fn is_true(lane: Lane<'_>) -> Spread<'static, bool> {
    let present = lane.presence.into_spread();
    lane.cells.into_bools().zip(&present, |value, present| value & present)
}

fn leave(remaining: &mut [bool], taken: &[bool]) {
    for (remaining, taken) in remaining.iter_mut().zip(taken) {
        *remaining &= !taken;
    }
}
