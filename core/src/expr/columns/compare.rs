//! Comparisons, `in` and `between`.
//!
//! The one idea: the six comparisons are equality or less-than, with their sides or their answer turned round; so
//! there are two loops a type, not six.

use super::lane::{Cells, Lane, Spread};
use super::logic::{from_truths, to_truths, FALSE};
use super::texts::Texts;
use super::{Active, Batch};
use crate::expr::ast::Comparison;
use crate::expr::typed::Expr;
use crate::math::Float64;
use crate::value::Value;
use alloc::vec::Vec;
use core::cmp::Ordering;

impl<'a> Batch<'a> {
    pub(super) fn compare(&mut self, comparison: Comparison, operands: &[Expr; 2], active: Active<'_>) -> Lane<'a> {
        let x = self.evaluate(&operands[0], active);
        let y = self.evaluate(&operands[1], active);
        compare_lanes(comparison, &x, &y, self.rows)
    }

    /// `x is distinct from y`: NULL is a value like any other.
    pub(super) fn distinct(&mut self, x: &Expr, y: &Expr, active: Active<'_>) -> Lane<'a> {
        let (x, y) = (self.evaluate(x, active), self.evaluate(y, active));
        let unequal = equal_cells(&x, &y, self.rows).map(|equal| !equal);
        let (x, y) = (x.presence.into_spread(), y.presence.into_spread());
        // of two that are present the values tell, else whether just one is
        let (both, one) = (x.zip(&y, |x, y| x & y), x.zip(&y, |x, y| x != y));
        Lane::truths(both.zip(&unequal, |both, unequal| both & unequal).zip(&one, |unequal, one| unequal | one))
    }

    pub(super) fn between(&mut self, operands: &[Expr; 3], active: Active<'_>) -> Lane<'a> {
        let x = self.evaluate(&operands[0], active);
        let low = self.evaluate(&operands[1], active);
        let high = self.evaluate(&operands[2], active);
        let above = to_truths(compare_lanes(Comparison::GreaterEqual, &x, &low, self.rows));
        let below = to_truths(compare_lanes(Comparison::LessEqual, &x, &high, self.rows));
        from_truths(&above.zip(&below, Ord::min))
    }

    pub(super) fn contained(&mut self, x: &Expr, items: &[Expr], active: Active<'_>) -> Lane<'a> {
        let x = self.evaluate(x, active);
        let literals: Option<Vec<&Value>> = items.iter().map(Expr::as_literal).collect();
        if let Some(literals) = literals {
            return contained_in_literals(x, &literals);
        }
        let mut found = Spread::One(FALSE);
        for item in items {
            let item = self.evaluate(item, active);
            let equal = compare_lanes(Comparison::Equal, &x, &item, self.rows);
            found = found.zip(&to_truths(equal), Ord::max);
        }
        from_truths(&found)
    }
}

/// `x comparison y`; absent where one side is.
pub(super) fn compare_lanes<'a>(comparison: Comparison, x: &Lane<'a>, y: &Lane<'a>, rows: usize) -> Lane<'a> {
    let (equal, swapped, denied) = match comparison {
        Comparison::Equal => (true, false, false),
        Comparison::NotEqual => (true, false, true),
        Comparison::Less => (false, false, false),
        Comparison::GreaterEqual => (false, false, true),
        Comparison::Greater => (false, true, false),
        Comparison::LessEqual => (false, true, true),
    };
    let (left, right) = if swapped { (y, x) } else { (x, y) };
    let values = if equal { equal_cells(left, right, rows) } else { less_cells(left, right, rows) };
    let values = if denied { values.map(|value| !value) } else { values };
    Lane::new(Cells::Bool(values), x.presence.clone().and(y.presence.clone()))
}

fn equal_cells(x: &Lane<'_>, y: &Lane<'_>, rows: usize) -> Spread<'static, bool> {
    match (&x.cells, &y.cells) {
        (Cells::Bool(x), Cells::Bool(y)) => x.zip(y, |x, y| x == y),
        (Cells::Int64(x), Cells::Int64(y)) | (Cells::Timestamp(x), Cells::Timestamp(y)) => x.zip(y, |x, y| x == y),
        // canonical doubles are equal when their bits are
        (Cells::Float64(x), Cells::Float64(y)) => x.zip(y, |x, y| x == y),
        (Cells::String(x), Cells::String(y)) => compare_texts(x, y, rows, Ordering::is_eq),
        _ => Spread::One(false),
    }
}

fn less_cells(x: &Lane<'_>, y: &Lane<'_>, rows: usize) -> Spread<'static, bool> {
    match (&x.cells, &y.cells) {
        (Cells::Bool(x), Cells::Bool(y)) => x.zip(y, |x, y| !x & y),
        (Cells::Int64(x), Cells::Int64(y)) | (Cells::Timestamp(x), Cells::Timestamp(y)) => x.zip(y, |x, y| x < y),
        (Cells::Float64(x), Cells::Float64(y)) => x.zip(y, |x, y| order_key(x) < order_key(y)),
        (Cells::String(x), Cells::String(y)) => compare_texts(x, y, rows, Ordering::is_lt),
        _ => Spread::One(false),
    }
}

fn order_key(bits: u64) -> u64 {
    Float64::from_bits(bits).order_key()
}

fn compare_texts(x: &Texts<'_>, y: &Texts<'_>, rows: usize, holds: impl Fn(Ordering) -> bool) -> Spread<'static, bool> {
    // texts are compared as bytes
    match (&x.codes, &y.codes) {
        (_, Spread::One(_)) => {
            let y = y.at(0);
            x.map(|x| holds(x.as_bytes().cmp(y.as_bytes())))
        }
        (Spread::One(_), _) => {
            let x = x.at(0);
            y.map(|y| holds(x.as_bytes().cmp(y.as_bytes())))
        }
        _ => Spread::owned((0..rows).map(|row| holds(x.at(row).as_bytes().cmp(y.at(row).as_bytes()))).collect()),
    }
}

fn contained_in_literals<'a>(x: Lane<'a>, literals: &[&Value]) -> Lane<'a> {
    let Lane { cells, presence } = x;
    let found = match &cells {
        Cells::Bool(x) => found_in(literals, as_bool, |items| x.map(|x| contains(items, &x))),
        Cells::Int64(x) => found_in(literals, as_int, |items| x.map(|x| contains(items, &x))),
        Cells::Timestamp(x) => found_in(literals, as_timestamp, |items| x.map(|x| contains(items, &x))),
        Cells::Float64(x) => found_in(literals, as_bits, |items| x.map(|x| contains(items, &x))),
        Cells::String(x) => found_in(literals, as_text, |items| x.map(|x| items.binary_search(&x).is_ok())),
    };
    // next to a NULL, what is not found is unknown
    let presence = match literals.iter().any(|literal| literal.is_null()) {
        true => presence.and_where(found.clone()),
        false => presence,
    };
    Lane::new(Cells::Bool(found), presence)
}

/// `search` in the sorted items of the type.
fn found_in<'v, T: Ord, R>(
    literals: &[&'v Value],
    item: impl Fn(&'v Value) -> Option<T>,
    search: impl FnOnce(&[T]) -> R,
) -> R {
    let mut items: Vec<T> = literals.iter().filter_map(|literal| item(literal)).collect();
    crate::sort::ascending(&mut items);
    search(&items)
}

fn contains<T: Ord>(sorted: &[T], x: &T) -> bool {
    /// Up to so many items, looking at each is faster than searching.
    const FEW: usize = 8;
    if sorted.len() <= FEW {
        return sorted.iter().fold(false, |found, item| found | (item == x));
    }
    sorted.binary_search(x).is_ok()
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(x) => Some(*x),
        _ => None,
    }
}

fn as_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int64(x) => Some(*x),
        _ => None,
    }
}

fn as_timestamp(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(x) => Some(*x),
        _ => None,
    }
}

fn as_bits(value: &Value) -> Option<u64> {
    match value {
        Value::Float64(x) => Some(x.to_bits()),
        _ => None,
    }
}

fn as_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(x) => Some(x),
        _ => None,
    }
}
