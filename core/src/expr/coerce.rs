//! How types meet: what one operator makes of operands of two types.
//!
//! The one idea: a conversion that SQL leaves unsaid becomes a cast in the tree, and a literal is converted at once.

use super::arithmetic::integer_call;
use super::ast::Operator;
use super::functions::{Function, Toward};
use super::typed::{Arithmetic, Expr, Kind};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_DECIMAL_SCALE;
use crate::math::fixed::{self, Decimal, Units};
use crate::time::parse_timestamp;
use crate::value::{OutputType, Type, Value};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

pub(super) fn literal(value: Value, data_type: Type, at: u32) -> Expr {
    Expr::scalar(Kind::Literal(value), data_type, at)
}

/// The type of an operand, which must not be a list.
pub(super) fn scalar_type(x: &Expr, what: &str, at: u32) -> Result<Type> {
    match x.output {
        OutputType::Scalar(data_type) => Ok(data_type),
        OutputType::List(_) | OutputType::Counts(_) => {
            let message = format!("{what} takes single values, got {}", x.output);
            Err(Error::new(Code::ExprType, message).at(at))
        }
    }
}

/// Makes sure that `x` has the type `wanted`.
pub(super) fn expect(x: &mut Expr, wanted: Type, what: &str, at: u32) -> Result<()> {
    if x.is_null() {
        x.output = OutputType::Scalar(wanted);
    }
    if x.output == OutputType::Scalar(wanted) {
        return Ok(());
    }
    let message = format!("{what} takes {wanted}, got {}", x.output);
    Err(Error::new(Code::ExprType, message).at(at))
}

/// The type of an operand that must be a number.
pub(super) fn number_type(x: &mut Expr, what: &str, at: u32) -> Result<Type> {
    if x.is_null() {
        x.output = OutputType::Scalar(Type::Float64);
    }
    match x.output {
        OutputType::Scalar(data_type) if data_type.is_number() => Ok(data_type),
        _ => {
            let message = format!("{what} takes numbers, got {}", x.output);
            Err(Error::new(Code::ExprType, message).at(at))
        }
    }
}

/// Makes a number a float64.
pub(super) fn widen(x: &mut Expr) {
    if x.output == OutputType::Scalar(Type::Float64) {
        return;
    }
    let at = x.at;
    let kind = match mem::replace(&mut x.kind, Kind::Literal(Value::Null)) {
        Kind::Literal(Value::Null) => Kind::Literal(Value::Null),
        Kind::Literal(Value::Int64(value)) => {
            let scale = x.scale().unwrap_or(0);
            Kind::Literal(Value::Float64(fixed::to_float(value.into(), scale)))
        }
        kind => Kind::Cast(Box::new(Expr::new(kind, x.output, at)), Type::Float64),
    };
    *x = Expr::scalar(kind, Type::Float64, at);
}

/// Gives operands their common type, which is returned.
pub(super) fn unify<'e>(operands: impl IntoIterator<Item = &'e mut Expr>, what: &str, at: u32) -> Result<Type> {
    let mut operands: Vec<&mut Expr> = operands.into_iter().collect();
    let mut common: Option<Type> = None;
    read_decimals(&mut operands);
    // a literal text gives way to a timestamp wherever it stands among the operands
    let has_timestamp = operands.iter().any(|x| x.output == OutputType::Scalar(Type::Timestamp));
    for x in &mut operands {
        let found = scalar_type(x, what, at)?;
        if x.is_null() {
            continue;
        }
        if has_timestamp {
            read_timestamp(x)?;
        }
        let found = if x.output == OutputType::Scalar(Type::Timestamp) { Type::Timestamp } else { found };
        common = match (common, found) {
            (None, found) => Some(found),
            (Some(common), found) if common == found => Some(common),
            (Some(Type::Float64), found) | (Some(found), Type::Float64) if found.is_number() => Some(Type::Float64),
            (Some(Type::Int64), found @ Type::Decimal(_)) => Some(found),
            (Some(common @ Type::Decimal(_)), Type::Int64) => Some(common),
            (Some(Type::Decimal(x)), Type::Decimal(y)) => Some(Type::Decimal(x.max(y))),
            (Some(common), found) => {
                let message = format!("{what} takes values of one type, got {common} and {found}");
                return Err(Error::new(Code::ExprType, message).at(at));
            }
        };
    }
    let common = common.unwrap_or(Type::String);
    for x in operands {
        if x.is_null() {
            x.output = OutputType::Scalar(common);
        } else if common == Type::Float64 {
            widen(x);
        } else if let Type::Decimal(scale) = common {
            rescale(x, scale);
        }
    }
    Ok(common)
}

/// Next to decimals, a literal with a fraction is the decimal that its digits spell, if there is one.
fn read_decimals(operands: &mut [&mut Expr]) {
    if !operands.iter().any(|x| x.scale().is_some()) {
        return;
    }
    for x in operands {
        let Kind::Literal(Value::Float64(value)) = x.kind else { continue };
        let Some(decimal) = Decimal::from_float(value) else { continue };
        let scale = decimal.scale();
        if let Some(units) = decimal.at_scale(scale).and_then(Units::of_rows) {
            **x = literal(Value::Int64(units), Type::Decimal(scale), x.at);
        }
    }
}

/// Makes an integer or a decimal one of another scale, rounded half away from zero where it loses digits; what does not
/// fit is an error of the rows that ask for it.
fn rescale(x: &mut Expr, scale: u8) {
    let from = x.scale().unwrap_or(0);
    let output = OutputType::Scalar(Type::Decimal(scale));
    // cannot truncate: scales are at most 18
    let by = scale as i8 - from as i8;
    if x.output == output || x.is_null() {
        x.output = output;
        return;
    }
    let shift = Function::Shift(by, Toward::Nearest);
    let shifted = match x.kind {
        Kind::Literal(Value::Int64(units)) => integer_call(shift, units.into()),
        _ => None,
    };
    let kind = mem::replace(&mut x.kind, Kind::Literal(Value::Null));
    let kind = match shifted.and_then(|units| i64::try_from(units).ok()) {
        Some(units) => Kind::Literal(Value::Int64(units)),
        None => Kind::Call(shift, vec![Expr::new(kind, x.output, x.at)]),
    };
    *x = Expr::new(kind, output, x.at);
}

/// Turns a literal text into the timestamp it spells.
fn read_timestamp(x: &mut Expr) -> Result<()> {
    let Kind::Literal(Value::String(text)) = &x.kind else {
        return Ok(());
    };
    let us = parse_timestamp(text).map_err(|e| Error::new(Code::ExprCast, e.message()).at(x.at))?;
    *x = literal(Value::Timestamp(us), Type::Timestamp, x.at);
    Ok(())
}

/// `left operator right` of numbers; a calculation on the left of the same type goes on.
pub(super) fn arithmetic(mut left: Expr, operator: Operator, mut right: Expr, at: u32) -> Result<Expr> {
    let what = format!("'{}'", operator.as_str());
    if operator == Operator::Subtract && [&left, &right].iter().any(|x| x.output == OutputType::Scalar(Type::Timestamp))
    {
        let mut instants = vec![left, right];
        unify(&mut instants, &what, at)?;
        return Ok(Expr::scalar(Kind::Call(Function::Elapsed, instants), Type::Float64, at));
    }
    // NULL takes the type of the other side
    if left.is_null() {
        left.output = right.output;
    } else if right.is_null() {
        right.output = left.output;
    }
    read_decimals(&mut [&mut left, &mut right]);
    let types = (number_type(&mut left, &what, at)?, number_type(&mut right, &what, at)?);
    let operator = match operator {
        Operator::Add => Arithmetic::Add,
        Operator::Subtract => Arithmetic::Subtract,
        Operator::Multiply => Arithmetic::Multiply,
        Operator::Remainder => Arithmetic::Remainder,
        Operator::Divide | Operator::Or | Operator::And | Operator::Concat => Arithmetic::Divide,
    };
    let output = match types {
        (Type::Int64, Type::Int64) if operator != Arithmetic::Divide => Type::Int64,
        (Type::Float64, _) | (_, Type::Float64) => Type::Float64,
        _ if operator == Arithmetic::Divide => Type::Float64,
        _ => decimals(&mut left, operator, &mut right, at)?,
    };
    if output == Type::Float64 {
        widen(&mut left);
        widen(&mut right);
    }
    let step = (operator, at, right);
    let kind = match left.kind {
        Kind::Arithmetic(first, mut steps) if left.output == OutputType::Scalar(output) => {
            steps.push(step);
            Kind::Arithmetic(first, steps)
        }
        kind => Kind::Arithmetic(Box::new(Expr::new(kind, left.output, left.at)), vec![step]),
    };
    Ok(Expr::scalar(kind, output, at))
}

/// The type of a calculation with decimals and integers, brought to one scale unless they are multiplied.
fn decimals(left: &mut Expr, operator: Arithmetic, right: &mut Expr, at: u32) -> Result<Type> {
    let (x, y) = (left.scale().unwrap_or(0), right.scale().unwrap_or(0));
    if operator == Arithmetic::Multiply {
        return Type::decimal((x + y).into()).ok_or_else(|| {
            let message = format!(
                "'*' of decimals with {x} and {y} digits behind the point has more than {MAX_DECIMAL_SCALE}; cast one to \
                 fewer, or to float64"
            );
            Error::new(Code::ExprType, message).at(at)
        });
    }
    let scale = x.max(y);
    rescale(left, scale);
    rescale(right, scale);
    Ok(Type::Decimal(scale))
}

/// `x || y || …`, at least one of which must be a text; the others become texts.
pub(super) fn concat(operands: Vec<Expr>, at: u32) -> Result<Expr> {
    let mut parts = Vec::new();
    let mut texts = 0;
    for x in operands {
        texts += usize::from(scalar_type(&x, "'||'", at)? == Type::String);
        let x = cast(x, Type::String, at)?;
        match x.kind {
            // a text within a text is its parts
            Kind::Concat(inner) => parts.extend(inner),
            _ => parts.push(x),
        }
    }
    if texts == 0 {
        return Err(Error::new(Code::ExprType, "'||' takes a string on at least one side").at(at));
    }
    Ok(Expr::scalar(Kind::Concat(parts), Type::String, at))
}

/// `cast(x as to)`.
pub(super) fn cast(mut x: Expr, to: Type, at: u32) -> Result<Expr> {
    let from = scalar_type(&x, "cast", at)?;
    if x.is_null() {
        // under a cast, NULL has a type and keeps it
        x.output = OutputType::Scalar(to);
        return Ok(Expr::scalar(Kind::Cast(Box::new(x), to), to, at));
    }
    let fits = match (from, to) {
        (Type::String, _) | (_, Type::String) => true,
        (Type::Int64, Type::Bool) | (Type::Bool, Type::Int64) => true,
        (from, to) if from.is_number() && to.is_number() => true,
        (from, to) => from == to,
    };
    if !fits {
        return Err(Error::new(Code::ExprType, format!("{from} cannot be cast to {to}")).at(at));
    }
    if from == to {
        return Ok(x);
    }
    match (from, to) {
        (Type::Int64 | Type::Decimal(_), Type::Float64) => {
            widen(&mut x);
            return Ok(x);
        }
        (Type::Int64 | Type::Decimal(_), Type::Decimal(scale)) => {
            rescale(&mut x, scale);
            return Ok(x);
        }
        (Type::Decimal(_), Type::Int64) => {
            let shift = Function::Shift(-(x.scale().unwrap_or(0) as i8), Toward::Nearest);
            return Ok(Expr::scalar(Kind::Call(shift, vec![x]), to, at));
        }
        _ => {}
    }
    Ok(Expr::scalar(Kind::Cast(Box::new(x), to), to, at))
}
