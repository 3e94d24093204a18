//! What the minimum and the maximum say of the sum and the sum of squares of the same values.
//!
//! The one idea: all of these are exact, so a sum past its bound by the least bit is of no values.
//!
//! Not here: the arithmetic (`math::possible`).

use super::relations::{Refusal, Set};
use crate::math::possible::{can_have_squares, is_at_most, Number};
use crate::math::{self, Float64, Total};
use crate::scalar::Scalar;
use crate::state::{Seen, StateColumn};

/// Checks the sum and the sum of squares of a group: of so many values, between the minimum and the maximum.
pub(super) fn check(
    set: &Set,
    states: &[StateColumn],
    group: usize,
    seen: Seen,
    ends: [Option<Scalar<'_>>; 2],
) -> Result<(), Refusal> {
    let Some(sum) = set.sum else { return Ok(()) };
    let infinities = match &states[sum] {
        StateColumn::SumFloat(column) => column.infinities(group),
        _ => [false; 2],
    };
    let [min, max] = ends;
    for (marked, end, infinity) in
        [(infinities[0], max, Float64::INFINITY), (infinities[1], min, Float64::NEG_INFINITY)]
    {
        if end.is_some_and(|end| (end == Scalar::Float64(infinity)) != marked) {
            return Err((sum, "a sum has an infinity that is no minimum or maximum, or has not the one that is"));
        }
    }
    let infinities = infinities.into_iter().map(u64::from).sum::<u64>();
    let known = Known::new(seen, infinities, ends);
    let mut checked = Ok(());
    see(&states[sum], group, &mut |total| {
        if !known.allows(total, ends) {
            checked = Err((sum, "a sum lies outside what its minimum and maximum allow"));
            return;
        }
        let Some(squares) = set.squares else { return };
        see(&states[squares], group, &mut |sum_of_squares| {
            // cannot be less than none: the reader of the sum saw to it
            if !math::are_moments(seen.most.saturating_sub(infinities), total, sum_of_squares) {
                checked = Err((squares, "a sum of squares is smaller than its sum makes it"));
            } else if !known.allows_squares(total, sum_of_squares) {
                checked = Err((squares, "a sum of squares is larger than its minimum and maximum allow"));
            }
        });
    });
    checked
}

/// What is known of the finite values: how many there are at least and at most, and the ends that are finite.
struct Known {
    least: u64,
    most: u64,
    min: Option<Number>,
    max: Option<Number>,
}

impl Known {
    fn new(seen: Seen, infinities: u64, [min, max]: [Option<Scalar<'_>>; 2]) -> Self {
        let are_two = min.is_some() && max.is_some() && min != max;
        // how many infinities there are is not told; an end that is finite is a value
        let least = if infinities > 0 { 1 } else { seen.least.max(1 + u64::from(are_two)) };
        let most = seen.most.saturating_sub(infinities);
        Self { least, most, min: min.and_then(number), max: max.and_then(number) }
    }

    fn allows(&self, total: Total<'_>, [min, max]: [Option<Scalar<'_>>; 2]) -> bool {
        if min == Some(Scalar::Float64(Float64::INFINITY)) || max == Some(Scalar::Float64(Float64::NEG_INFINITY)) {
            return total.is_zero();
        }
        let negated = |number: Option<Number>| number.map(Number::negated);
        self.is_at_most(total, self.max, self.min)
            && self.is_at_most(total.negated(), negated(self.min), negated(self.max))
    }

    /// Whether the values can add up to this where the largest is `most` and one of them is `other`.
    fn is_at_most(&self, total: Total<'_>, most: Option<Number>, other: Option<Number>) -> bool {
        let Some(most) = most else { return true };
        let count = if most.is_negative() { self.least } else { self.most };
        let others = u64::from(other.is_some());
        is_at_most(total, count.saturating_sub(others), most, other.unwrap_or(Number::ZERO))
    }

    fn allows_squares(&self, total: Total<'_>, squares: Total<'_>) -> bool {
        match (self.min, self.max) {
            // of a number that is not known, two groups could pass that do not pass when they are merged
            (Some(min), Some(max)) if self.least == self.most => can_have_squares(self.most, total, squares, min, max),
            _ => true,
        }
    }
}

fn number(end: Scalar<'_>) -> Option<Number> {
    match end {
        Scalar::Float64(value) => Number::of_float(value),
        Scalar::Int64(value) | Scalar::Decimal(value, _) => Some(Number::of_integer(value)),
        Scalar::Bool(_) | Scalar::Timestamp(_) | Scalar::String(_) => None,
    }
}

/// Calls `f` with the finite sum that a state is.
fn see(state: &StateColumn, group: usize, f: &mut dyn FnMut(Total<'_>)) {
    match state {
        StateColumn::SumFloat(column) => column.see(group, f),
        StateColumn::SumInt(column) => column.see(group, f),
        StateColumn::SumSquaresFloat(column) => column.see(group, f),
        StateColumn::SumSquaresInt(column) => column.see(group, f),
        _ => {}
    }
}
