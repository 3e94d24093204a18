//! What states that hold values say of the minimum, the maximum and the distinct count of the same values.
//!
//! The one idea: a value that a state holds was seen by all of them.

use super::relations::{Refusal, Set};
use crate::math::Float64;
use crate::scalar::Scalar;
use crate::state::StateColumn;

/// Checks the values that states of a group hold.
pub(super) fn check(
    set: &Set,
    states: &[StateColumn],
    group: usize,
    ends: [Option<Scalar<'_>>; 2],
) -> Result<(), Refusal> {
    let lacks = |value: Scalar<'_>| {
        let holds = |distinct: usize| match &states[distinct] {
            StateColumn::Distinct(column) => column.holds_read(group, value.hash()),
            _ => true,
        };
        set.distincts.iter().copied().find(|&distinct| !holds(distinct))
    };
    let mut lacking = ends.into_iter().flatten().find_map(lacks);
    let [min, max] = ends;
    // how many different values there are at most, where that is known
    let mut different = (min.is_some() && min == max).then_some(1);
    for &holder in &set.holders {
        let (mut is_outside, mut has_min, mut has_max, mut number) = (false, false, false, 0);
        let holds_all = states[holder].each_held(group, &mut |value| {
            is_outside |= min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max);
            has_min |= min.is_none_or(|min| value == min);
            has_max |= max.is_none_or(|max| value == max);
            number += 1;
            lacking = lacking.or_else(|| lacks(value));
        });
        if is_outside {
            return Err((holder, "a value lies outside the minimum and maximum"));
        }
        if holds_all && number > 0 {
            if !has_min || !has_max {
                return Err((holder, "the minimum or maximum is none of all values"));
            }
            different = Some(number);
        }
    }
    if let Some(distinct) = lacking {
        return Err((distinct, "a distinct count has no place for a value that another state holds"));
    }
    let has_more = |&&distinct: &&usize| match &states[distinct] {
        StateColumn::Distinct(column) => different.is_some_and(|different| column.least_read(group) > different),
        _ => false,
    };
    match set.distincts.iter().find(has_more) {
        Some(&distinct) => Err((distinct, "a distinct count has more values than all that there are")),
        None => Ok(()),
    }
}

/// Whether one state is the first and another the last of the same rows.
pub(super) fn are_in_order(first: &StateColumn, last: &StateColumn, group: usize) -> bool {
    match (first, last) {
        (StateColumn::Edge(first), StateColumn::Edge(last)) => first.is_before(last, group),
        _ => true,
    }
}

/// Whether the t-digest was made of values with this minimum and maximum.
pub(super) fn has_ends(digest: &StateColumn, min: Float64, max: Float64, group: usize) -> bool {
    match digest {
        StateColumn::TDigest(digest) => digest.ends_read(group) == [Some(min), Some(max)],
        _ => true,
    }
}
