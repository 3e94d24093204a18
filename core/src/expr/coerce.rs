//! How types meet: what one operator makes of operands of two types.
//!
//! The one idea: a conversion that SQL leaves unsaid becomes a cast in the tree, and a literal is converted at once.

use super::ast::Operator;
use super::functions::Function;
use super::typed::{Arithmetic, Expr, Kind};
use crate::error::{Code, Error, Result};
use crate::math::Float64;
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
        OutputType::Scalar(data_type @ (Type::Int64 | Type::Float64)) => Ok(data_type),
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
        Kind::Literal(Value::Int64(value)) => Kind::Literal(Value::Float64(Float64::from_i64(value))),
        kind => Kind::Cast(Box::new(Expr::new(kind, x.output, at)), Type::Float64),
    };
    *x = Expr::scalar(kind, Type::Float64, at);
}

/// Gives operands their common type, which is returned.
pub(super) fn unify<'e>(operands: impl IntoIterator<Item = &'e mut Expr>, what: &str, at: u32) -> Result<Type> {
    let mut operands: Vec<&mut Expr> = operands.into_iter().collect();
    let mut common: Option<Type> = None;
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
            (Some(Type::Int64), Type::Float64) | (Some(Type::Float64), Type::Int64) => Some(Type::Float64),
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
        }
    }
    Ok(common)
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
    let types = (number_type(&mut left, &what, at)?, number_type(&mut right, &what, at)?);
    let operator = match operator {
        Operator::Add => Arithmetic::Add,
        Operator::Subtract => Arithmetic::Subtract,
        Operator::Multiply => Arithmetic::Multiply,
        Operator::Remainder => Arithmetic::Remainder,
        Operator::Divide | Operator::Or | Operator::And | Operator::Concat => Arithmetic::Divide,
    };
    let mut output = Type::Int64;
    if types != (Type::Int64, Type::Int64) || operator == Arithmetic::Divide {
        widen(&mut left);
        widen(&mut right);
        output = Type::Float64;
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
        (Type::Int64, Type::Float64 | Type::Bool) | (Type::Float64 | Type::Bool, Type::Int64) => true,
        (from, to) => from == to,
    };
    if !fits {
        return Err(Error::new(Code::ExprType, format!("{from} cannot be cast to {to}")).at(at));
    }
    if from == to {
        return Ok(x);
    }
    if (from, to) == (Type::Int64, Type::Float64) {
        widen(&mut x);
        return Ok(x);
    }
    Ok(Expr::scalar(Kind::Cast(Box::new(x), to), to, at))
}
