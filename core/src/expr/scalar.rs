//! Evaluates an expression for one row.
//!
//! The one idea: every operand is evaluated, from left to right, except behind the answer of `and`, `or`, `case` and
//! `coalesce`; so it is certain which rows raise an error.
//!
//! Not here: batches (`columns`), which mean exactly the same.

use super::arithmetic::{divides, float_call, floats, integer_call, integer_call_error, overflow, wholes, Room};
use super::ast::Comparison;
use super::cast::cast;
use super::functions::clock::{outside, seconds};
use super::functions::text::{self, Operand};
use super::functions::{Function, Signature};
use super::like::Pattern;
use super::typed::{Arithmetic, Expr, Kind, TypedCase};
use crate::error::{Code, Error, Result};
use crate::math::Float64;
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Gives the value of a slot, and says how large decimals may become.
struct Leaves<'l> {
    value: &'l mut dyn FnMut(usize) -> Value,
    decimals: Room,
}

impl Expr {
    /// The value for one row; `leaf` gives the value of a slot, which must have the type the scope promised.
    ///
    /// **Errors** `expr.overflow`, `expr.cast`, with the character; `host.argument` for a leaf of another type.
    pub fn evaluate(&self, leaf: &mut dyn FnMut(usize) -> Value) -> Result<Value> {
        self.value(&mut Leaves { value: leaf, decimals: Room::Int64 })
    }

    /// As [`Expr::evaluate`], with decimals of up to 38 digits, as sums are.
    ///
    /// **Errors** as [`Expr::evaluate`].
    pub fn evaluate_metric(&self, leaf: &mut dyn FnMut(usize) -> Value) -> Result<Value> {
        self.value(&mut Leaves { value: leaf, decimals: Room::Digits })
    }

    fn value(&self, leaf: &mut Leaves<'_>) -> Result<Value> {
        let value = self.calculate(leaf)?;
        Ok(match (value.whole(), self.scale()) {
            (Some(units), Some(scale)) => Value::Decimal(units, scale),
            _ => value,
        })
    }

    /// The room of a whole number that this gives.
    fn room(&self, leaf: &Leaves<'_>) -> Room {
        if self.scale().is_some() {
            leaf.decimals
        } else {
            Room::Int64
        }
    }

    /// As [`Expr::evaluate`], of decimals the units: an int64, where they are one.
    fn calculate(&self, leaf: &mut Leaves<'_>) -> Result<Value> {
        Ok(match &self.kind {
            Kind::Leaf(slot) => return self.leaf(*slot, (leaf.value)(*slot)),
            Kind::Literal(value) => value.clone(),
            Kind::And(operands) => truth(any(operands, false, leaf)?),
            Kind::Or(operands) => truth(any(operands, true, leaf)?),
            Kind::Not(x) => truth(as_truth(&x.calculate(leaf)?).map(|x| !x)),
            Kind::Negate(x) => match x.calculate(leaf)? {
                Value::Float64(x) => Value::Float64(-x),
                x => match x.whole() {
                    Some(x) => {
                        let room = self.room(leaf);
                        whole(Some(-x), room).ok_or_else(|| room.error(&format!("-({x})"), self.at))?
                    }
                    None => Value::Null,
                },
            },
            Kind::Arithmetic(first, steps) => {
                let mut result = first.calculate(leaf)?;
                for (operator, at, operand) in steps {
                    result = calculate(*operator, result, operand.calculate(leaf)?, self.room(leaf), *at)?;
                }
                result
            }
            Kind::Concat(operands) => concat(&all(operands, leaf)?, self.at)?,
            Kind::Compare(comparison, operands) => {
                let operands = all(&**operands, leaf)?;
                truth(compare(&operands[0], &operands[1]).map(|order| comparison.holds(order)))
            }
            Kind::IsNull(x) => Value::Bool(x.calculate(leaf)?.is_null()),
            Kind::In(x, items) => {
                let x = x.calculate(leaf)?;
                let mut found = Some(false);
                for item in all(items, leaf)? {
                    found = either(found, compare(&x, &item).map(Ordering::is_eq), true);
                }
                truth(found)
            }
            Kind::Between(operands) => {
                let operands = all(&**operands, leaf)?;
                let above = compare(&operands[0], &operands[1]).map(Ordering::is_ge);
                let below = compare(&operands[0], &operands[2]).map(Ordering::is_le);
                truth(either(above, below, false))
            }
            Kind::Like(letter_case, operands) => match &all(&**operands, leaf)?[..] {
                [Value::String(text), Value::String(pattern)] => {
                    Value::Bool(Pattern::new(pattern, *letter_case, self.at)?.matches(text))
                }
                _ => Value::Null,
            },
            Kind::Case(case) => return evaluate_case(case, leaf),
            Kind::Cast(x, to) => return cast(x.calculate(leaf)?, x.scale(), *to, self.room(leaf), self.at),
            Kind::Call(Function::Coalesce, arguments) => return coalesce(arguments, leaf),
            Kind::Clock(clock, x) => match x.calculate(leaf)? {
                Value::Timestamp(instant) => match clock.output() {
                    Type::Timestamp => Value::Timestamp(clock.start(instant).ok_or_else(|| outside(self.at))?),
                    Type::Float64 => Value::Float64(clock.fraction(instant)),
                    _ => Value::Int64(clock.whole(instant)),
                },
                _ => Value::Null,
            },
            Kind::Call(function, arguments) => return call(*function, all(arguments, leaf)?, self.room(leaf), self.at),
        })
    }

    fn leaf(&self, slot: usize, value: Value) -> Result<Value> {
        let fits = match (&value, self.output) {
            (Value::Null, _) | (Value::List(_), OutputType::List(_)) | (Value::Counts(_), OutputType::Counts(_)) => {
                true
            }
            (Value::Float64(x), _) if x.is_nan() => return Ok(Value::Null),
            (Value::Decimal(_, scale), _) => self.scale() == Some(*scale),
            (value, OutputType::Scalar(data_type)) => value.as_scalar().is_some_and(|x| x.data_type() == data_type),
            _ => false,
        };
        if fits {
            return Ok(match value {
                Value::Decimal(units, _) => of_whole(units),
                value => value,
            });
        }
        Err(Error::new(Code::HostArgument, format!("the value of slot {slot} has not the type of its name"))
            .at(self.at))
    }
}

impl Comparison {
    /// Whether the comparison is true of two values in this order.
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterEqual => order.is_ge(),
        }
    }
}

fn all(operands: &[Expr], leaf: &mut Leaves<'_>) -> Result<Vec<Value>> {
    operands.iter().map(|operand| operand.calculate(leaf)).collect()
}

/// The operands up to the first that is `answer`: `answer` if there is one, else NULL if one is NULL.
fn any(operands: &[Expr], answer: bool, leaf: &mut Leaves<'_>) -> Result<Option<bool>> {
    let mut found = Some(!answer);
    for operand in operands {
        found = either(found, as_truth(&operand.calculate(leaf)?), answer);
        if found == Some(answer) {
            break;
        }
    }
    Ok(found)
}

/// `or` when the answer is true, `and` when it is false.
fn either(x: Option<bool>, y: Option<bool>, answer: bool) -> Option<bool> {
    if x == Some(answer) || y == Some(answer) {
        return Some(answer);
    }
    (x.is_some() && y.is_some()).then_some(!answer)
}

fn truth(value: Option<bool>) -> Value {
    value.map_or(Value::Null, Value::Bool)
}

fn as_truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(x) => Some(*x),
        _ => None,
    }
}

fn float(x: Float64) -> Value {
    if x.is_nan() {
        Value::Null
    } else {
        Value::Float64(x)
    }
}

fn compare(x: &Value, y: &Value) -> Option<Ordering> {
    x.order(y)
}

/// Units as [`Expr::calculate`] gives them.
pub(super) fn of_whole(x: i128) -> Value {
    i64::try_from(x).map_or(Value::Decimal(x, 0), Value::Int64)
}

fn whole(x: Option<i128>, room: Room) -> Option<Value> {
    x.filter(|&x| room.holds(x)).map(of_whole)
}

fn calculate(operator: Arithmetic, x: Value, y: Value, room: Room, at: u32) -> Result<Value> {
    if let (Value::Float64(x), Value::Float64(y)) = (&x, &y) {
        return Ok(float(floats(operator, *x, *y)));
    }
    match (x.whole(), y.whole()) {
        (Some(_), Some(0)) if divides(operator) => Ok(Value::Null),
        (Some(x), Some(y)) => whole(wholes(operator, x, y), room).ok_or_else(|| overflow(operator, x, y, room, at)),
        _ => Ok(Value::Null),
    }
}

fn concat(operands: &[Value], at: u32) -> Result<Value> {
    let texts = operands.iter().map(|operand| match operand {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    });
    let Some(pieces) = texts.collect::<Option<Vec<&str>>>() else { return Ok(Value::Null) };
    if text::is_too_long(pieces.iter().copied()) {
        return Err(text::too_long().at(at));
    }
    Ok(Value::String(pieces.concat()))
}

fn evaluate_case(case: &TypedCase, leaf: &mut Leaves<'_>) -> Result<Value> {
    let operand = case.operand.as_ref().map(|operand| operand.calculate(leaf)).transpose()?;
    for (when, then) in &case.branches {
        let when = when.calculate(leaf)?;
        let taken = match &operand {
            None => as_truth(&when) == Some(true),
            Some(operand) => compare(operand, &when).is_some_and(Ordering::is_eq),
        };
        if taken {
            return then.calculate(leaf);
        }
    }
    case.otherwise.as_ref().map_or(Ok(Value::Null), |otherwise| otherwise.calculate(leaf))
}

fn coalesce(arguments: &[Expr], leaf: &mut Leaves<'_>) -> Result<Value> {
    for argument in arguments {
        let value = argument.calculate(leaf)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

fn call(function: Function, arguments: Vec<Value>, room: Room, at: u32) -> Result<Value> {
    let arguments = match function {
        Function::Least => return Ok(extreme(arguments, Ordering::Less)),
        Function::Greatest => return Ok(extreme(arguments, Ordering::Greater)),
        Function::Nullif => return Ok(nullif(arguments)),
        Function::Distinct => return Ok(Value::Bool(is_distinct(&arguments))),
        _ => arguments,
    };
    if let Signature::Fixed(..) = function.signature() {
        return fixed_call(function, &arguments).map_err(|error| error.at(at));
    }
    Ok(match arguments.first() {
        Some(Value::Float64(x)) => float(float_call(function, *x)),
        x => match x.and_then(Value::whole) {
            Some(x) => {
                whole(integer_call(function, x), room).ok_or_else(|| integer_call_error(function, x, room, at))?
            }
            None => Value::Null,
        },
    })
}

/// A function of arguments none of which may be NULL.
fn fixed_call(function: Function, arguments: &[Value]) -> Result<Value> {
    if let [Value::Timestamp(end), Value::Timestamp(start)] = arguments {
        return Ok(Value::Float64(seconds(i128::from(*end) - i128::from(*start))));
    }
    let operands: Option<Vec<Operand<'_>>> = arguments.iter().map(Operand::of).collect();
    Ok(match operands.as_deref() {
        Some([Operand::Text(text)]) if function == Function::Length => Value::Int64(text::length(text)),
        Some([Operand::Text(text), more @ ..]) => Value::String(text::apply(function, text, more)?.into_owned()),
        _ => Value::Null,
    })
}

fn is_distinct(arguments: &[Value]) -> bool {
    match arguments {
        [x, y] => match compare(x, y) {
            Some(order) => order.is_ne(),
            None => x.is_null() != y.is_null(),
        },
        _ => false,
    }
}

/// The first of the present values that no other precedes in the given order.
fn extreme(values: Vec<Value>, order: Ordering) -> Value {
    let mut found = Value::Null;
    for value in values {
        if found.is_null() || compare(&value, &found) == Some(order) {
            found = value;
        }
    }
    found
}

fn nullif(arguments: Vec<Value>) -> Value {
    let equal = matches!(&arguments[..], [x, y] if compare(x, y).is_some_and(Ordering::is_eq));
    match arguments.into_iter().next() {
        Some(x) if !equal => x,
        _ => Value::Null,
    }
}
