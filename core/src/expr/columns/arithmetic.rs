//! Numbers: operators and the functions of one number.

use super::lane::{Cells, Lane, Presence, Spread};
use super::{Active, Batch};
use crate::expr::arithmetic::{
    divides, float_call, floats, integer_call, integer_call_error, integers, overflow, Room,
};
use crate::expr::functions::Function;
use crate::expr::typed::{Arithmetic, Expr};
use crate::math::Float64;
use alloc::format;

impl<'a> Batch<'a> {
    pub(super) fn arithmetic(
        &mut self,
        first: &Expr,
        steps: &[(Arithmetic, u32, Expr)],
        active: Active<'_>,
    ) -> Lane<'a> {
        let mut result = self.evaluate(first, active);
        for (operator, at, operand) in steps {
            let operand = self.evaluate(operand, active);
            let presence = result.presence.and(operand.presence);
            result = match (result.cells, operand.cells) {
                (Cells::Int64(x), Cells::Int64(y)) => self.integers((*operator, *at), &x, &y, presence, active),
                (Cells::Float64(x), Cells::Float64(y)) => Lane::floats(zip_floats(*operator, &x, &y), presence),
                // the checker lets no other types meet
                (cells, _) => Lane::new(cells, Presence::Never),
            };
        }
        result
    }

    fn integers(
        &mut self,
        (operator, at): (Arithmetic, u32),
        x: &Spread<'_, i64>,
        y: &Spread<'_, i64>,
        presence: Presence<'a>,
        active: Active<'_>,
    ) -> Lane<'a> {
        let (values, overflowed) = zip_integers(operator, x, y);
        let presence = match divides(operator) {
            true => presence.and_where(y.map(|y| y != 0)),
            false => presence,
        };
        if overflowed {
            self.fail_where(
                &presence,
                active,
                |row| integers(operator, x.at(row), y.at(row)).1,
                |row| overflow(operator, x.at(row).into(), y.at(row).into(), Room::Int64, at),
            );
        }
        Lane::new(Cells::Int64(values), presence)
    }

    pub(super) fn negate(&mut self, x: &Expr, at: u32, active: Active<'_>) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(x, active);
        match cells {
            Cells::Int64(x) => {
                let values = x.map(i64::wrapping_neg);
                let error = |row| Room::Int64.error(&format!("-({})", x.at(row)), at);
                self.fail_where(&presence, active, |row| x.at(row) == i64::MIN, error);
                Lane::new(Cells::Int64(values), presence)
            }
            Cells::Float64(x) => Lane::floats(x.map(|bits| (-Float64::from_bits(bits)).to_bits()), presence),
            cells => Lane::new(cells, Presence::Never),
        }
    }

    /// A function of one number.
    pub(super) fn numeric_call(&mut self, function: Function, x: &Expr, at: u32, active: Active<'_>) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(x, active);
        match cells {
            Cells::Int64(x) => {
                let call = |x: i64| integer_call(function, x.into()).and_then(|x| i64::try_from(x).ok());
                let mut failed = false;
                let values = x.map(|x| {
                    let result = call(x);
                    failed |= result.is_none();
                    result.unwrap_or(0)
                });
                if failed {
                    let error = |row| integer_call_error(function, x.at(row).into(), Room::Int64, at);
                    self.fail_where(&presence, active, |row| call(x.at(row)).is_none(), error);
                }
                Lane::new(Cells::Int64(values), presence)
            }
            Cells::Float64(x) => {
                Lane::floats(x.map(|bits| float_call(function, Float64::from_bits(bits)).to_bits()), presence)
            }
            cells => Lane::new(cells, Presence::Never),
        }
    }
}

/// `x operator y`, and whether some row overflowed, absent rows included.
fn zip_integers(operator: Arithmetic, x: &Spread<'_, i64>, y: &Spread<'_, i64>) -> (Spread<'static, i64>, bool) {
    fn zip(
        x: &Spread<'_, i64>,
        y: &Spread<'_, i64>,
        operation: impl Fn(i64, i64) -> (i64, bool),
    ) -> (Spread<'static, i64>, bool) {
        let mut overflowed = false;
        let values = x.zip(y, |x, y| {
            let (value, over) = operation(x, y);
            overflowed |= over;
            value
        });
        (values, overflowed)
    }
    // the operator is a constant inside each loop
    match operator {
        Arithmetic::Add => zip(x, y, |x, y| integers(Arithmetic::Add, x, y)),
        Arithmetic::Subtract => zip(x, y, |x, y| integers(Arithmetic::Subtract, x, y)),
        Arithmetic::Multiply => zip(x, y, |x, y| integers(Arithmetic::Multiply, x, y)),
        Arithmetic::Divide | Arithmetic::Remainder => zip(x, y, |x, y| integers(operator, x, y)),
    }
}

fn zip_floats(operator: Arithmetic, x: &Spread<'_, u64>, y: &Spread<'_, u64>) -> Spread<'static, u64> {
    x.zip(y, |x, y| floats(operator, Float64::from_bits(x), Float64::from_bits(y)).to_bits())
}
