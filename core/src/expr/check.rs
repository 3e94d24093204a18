//! Resolves the names of an expression and makes its types fit.
//!
//! The one idea: int64 widens to float64 where the two meet, NULL fits everywhere, a literal text next to a timestamp
//! is one; everything else must be equal or cast.
//!
//! Not here: what a name or an aggregate is; the [`Scope`] says.

use super::ast::{Arguments, Ast, Call, Case, Node, Operator, Step};
use super::coerce::{arithmetic, cast, concat, expect, literal, number_type, scalar_type, unify, widen};
use super::functions::clock::{Clock, Reading};
use super::functions::text::{self, Operand};
use super::functions::{digits, Function, Signature, Toward};
use super::like::Pattern;
use super::typed::{Expr, Kind, TypedCase};
use crate::error::{Code, Error, Result};
use crate::time::Zone;
use crate::value::{OutputType, Type, Value};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// What the names of an expression stand for.
pub trait Scope {
    /// A bare name, and the slot its value is found in.
    ///
    /// **Errors** `expr.unknown_name`, `expr.aggregate`.
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)>;

    /// A call of something that is no scalar function (an aggregate, an accessor); `None` if it is nothing at all.
    fn call(&mut self, call: &Call, at: u32) -> Option<Result<(usize, OutputType)>>;
}

/// Types an expression.
///
/// **Errors** `expr.unknown_name`, `expr.unknown_function`, `expr.arguments`, `expr.type`, `expr.cast` and what the
/// scope raises, each with its character.
pub fn check(ast: &Ast, scope: &mut dyn Scope) -> Result<Expr> {
    Checker { scope }.expr(ast)
}

struct Checker<'s> {
    scope: &'s mut dyn Scope,
}

impl Checker<'_> {
    fn expr(&mut self, ast: &Ast) -> Result<Expr> {
        let at = ast.at();
        Ok(match ast.node() {
            // alone, NULL is a text, as in PostgreSQL
            Node::Null => literal(Value::Null, Type::String, at),
            Node::Bool(value) => literal(Value::Bool(*value), Type::Bool, at),
            Node::Integer(value) => literal(Value::Int64(*value), Type::Int64, at),
            Node::Float(value) => literal(Value::Float64(*value), Type::Float64, at),
            Node::Text(text) => literal(Value::String(text.clone()), Type::String, at),
            Node::Timestamp(us) => literal(Value::Timestamp(*us), Type::Timestamp, at),
            Node::Name(name) => {
                let (slot, output) = self.scope.name(name, at)?;
                Expr::new(Kind::Leaf(slot), output, at)
            }
            Node::Negate(x) => {
                let mut x = self.expr(x)?;
                let data_type = number_type(&mut x, "'-'", at)?;
                Expr::scalar(Kind::Negate(Box::new(x)), data_type, at)
            }
            Node::Not(x) => Expr::scalar(Kind::Not(Box::new(self.truth(x, "'not'")?)), Type::Bool, at),
            Node::Chain(first, steps) => self.chain(first, steps)?,
            Node::Compare(x, comparison, y) => {
                let mut operands = [self.expr(x)?, self.expr(y)?];
                unify(&mut operands, &format!("'{}'", comparison.as_str()), at)?;
                Expr::scalar(Kind::Compare(*comparison, Box::new(operands)), Type::Bool, at)
            }
            Node::IsNull(x) => {
                let x = self.expr(x)?;
                scalar_type(&x, "'is null'", at)?;
                Expr::scalar(Kind::IsNull(Box::new(x)), Type::Bool, at)
            }
            Node::Is(x, None) => {
                let x = self.truth(x, "'is unknown'")?;
                Expr::scalar(Kind::IsNull(Box::new(x)), Type::Bool, at)
            }
            Node::Is(x, Some(wanted)) => {
                let mut x = self.truth(x, if *wanted { "'is true'" } else { "'is false'" })?;
                if !wanted {
                    x = Expr::scalar(Kind::Not(Box::new(x)), Type::Bool, at);
                }
                let alternatives = vec![x, literal(Value::Bool(false), Type::Bool, at)];
                Expr::scalar(Kind::Call(Function::Coalesce, alternatives), Type::Bool, at)
            }
            Node::Distinct(x, y) => {
                let mut operands = self.all([&**x, &**y])?;
                unify(&mut operands, "'is distinct from'", at)?;
                Expr::scalar(Kind::Call(Function::Distinct, operands), Type::Bool, at)
            }
            Node::In(x, items) => {
                let mut x = self.expr(x)?;
                let mut items = self.all(items)?;
                unify(core::iter::once(&mut x).chain(&mut items), "'in'", at)?;
                Expr::scalar(Kind::In(Box::new(x), items), Type::Bool, at)
            }
            Node::Between(x, low, high) => {
                let mut operands = [self.expr(x)?, self.expr(low)?, self.expr(high)?];
                unify(&mut operands, "'between'", at)?;
                Expr::scalar(Kind::Between(Box::new(operands)), Type::Bool, at)
            }
            Node::Like(x, case, pattern) => {
                let mut operands = [self.expr(x)?, self.expr(pattern)?];
                for operand in &mut operands {
                    expect(operand, Type::String, "'like'", at)?;
                }
                if let Some(Value::String(pattern)) = operands[1].as_literal() {
                    Pattern::new(pattern, *case, at)?;
                }
                Expr::scalar(Kind::Like(*case, Box::new(operands)), Type::Bool, at)
            }
            Node::Case(case) => self.case(case, at)?,
            Node::Cast(x, to) => cast(self.expr(x)?, *to, at)?,
            Node::Call(call) => self.call(call, at)?,
        })
    }

    fn all<'a>(&mut self, parts: impl IntoIterator<Item = &'a Ast>) -> Result<Vec<Expr>> {
        parts.into_iter().map(|part| self.expr(part)).collect()
    }

    fn truth(&mut self, ast: &Ast, what: &str) -> Result<Expr> {
        let mut truth = self.expr(ast)?;
        expect(&mut truth, Type::Bool, what, ast.at())?;
        Ok(truth)
    }

    fn chain(&mut self, first: &Ast, steps: &[Step]) -> Result<Expr> {
        let operator = steps.first().map_or(Operator::Add, |step| step.operator);
        let at = steps.first().map_or(first.at(), |step| step.at);
        match operator {
            Operator::And | Operator::Or => {
                let what = format!("'{}'", operator.as_str());
                let mut operands = vec![self.truth(first, &what)?];
                for step in steps {
                    operands.push(self.truth(&step.operand, &what)?);
                }
                let kind = if operator == Operator::And { Kind::And(operands) } else { Kind::Or(operands) };
                Ok(Expr::scalar(kind, Type::Bool, at))
            }
            Operator::Concat => {
                let operands = self.all(core::iter::once(first).chain(steps.iter().map(|step| &step.operand)))?;
                concat(operands, at)
            }
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
                let mut left = self.expr(first)?;
                for step in steps {
                    let right = self.expr(&step.operand)?;
                    left = arithmetic(left, step.operator, right, step.at)?;
                }
                Ok(left)
            }
        }
    }

    fn case(&mut self, case: &Case, at: u32) -> Result<Expr> {
        let mut whens = Vec::new();
        let mut thens = Vec::new();
        for (when, then) in &case.branches {
            whens.push(match case.operand {
                None => self.truth(when, "'when'")?,
                Some(_) => self.expr(when)?,
            });
            thens.push(self.expr(then)?);
        }
        let mut operand = None;
        if let Some(compared) = &case.operand {
            let mut compared = self.expr(compared)?;
            unify(core::iter::once(&mut compared).chain(&mut whens), "'case'", at)?;
            operand = Some(compared);
        }
        let mut otherwise = case.otherwise.as_ref().map(|ast| self.expr(ast)).transpose()?;
        let output = unify(thens.iter_mut().chain(&mut otherwise), "'case'", at)?;
        let branches = whens.into_iter().zip(thens).collect();
        Ok(Expr::scalar(Kind::Case(Box::new(TypedCase { operand, branches, otherwise })), output, at))
    }

    fn call(&mut self, call: &Call, at: u32) -> Result<Expr> {
        let name = call.name.as_str();
        let Some(function) = Function::from_name(name) else {
            let (slot, output) = self.scope.call(call, at).unwrap_or_else(|| {
                Err(Error::new(Code::ExprUnknownFunction, format!("no function is called '{name}'")).at(at))
            })?;
            return Ok(Expr::new(Kind::Leaf(slot), output, at));
        };
        let list = match &call.arguments {
            Arguments::List(list) if call.filter.is_none() => list,
            Arguments::List(_) => {
                let message = format!("only aggregates take a filter, {name} does not");
                return Err(Error::new(Code::ExprArguments, message).at(at));
            }
            Arguments::Star => {
                return Err(Error::new(Code::ExprArguments, format!("{name} does not take '*'")).at(at));
            }
        };
        let signature = function.signature();
        signature.check_count(name, list.len(), at)?;
        let mut arguments = self.all(list)?;
        let data_type = match signature {
            Signature::Alike | Signature::Pair => unify(&mut arguments, name, at)?,
            Signature::Number | Signature::Rounding | Signature::Real => {
                return numeric_call(function, arguments, name, at);
            }
            Signature::Fixed(types, _, gives) => {
                for (argument, wanted) in arguments.iter_mut().zip(types) {
                    expect(argument, *wanted, name, at)?;
                }
                check_literals(function, &arguments)?;
                gives
            }
            Signature::Clock => return clock_call(function, arguments, name, at),
        };
        Ok(Expr::scalar(Kind::Call(function, arguments), data_type, at))
    }
}

/// A call with a number in front.
fn numeric_call(function: Function, mut arguments: Vec<Expr>, name: &str, at: u32) -> Result<Expr> {
    let function = match (function, arguments.get(1)) {
        (Function::Round(_), Some(argument)) => Function::Round(digits(argument)?),
        _ => function,
    };
    arguments.truncate(1);
    let mut data_type = Type::Float64;
    for x in &mut arguments {
        data_type = number_type(x, name, at)?;
        if let (Some(scale), true) = (x.scale(), function.signature() != Signature::Real) {
            return Ok(decimal_call(function, arguments.swap_remove(0), scale, at));
        }
        if function.signature() == Signature::Real {
            widen(x);
            data_type = Type::Float64;
        }
    }
    Ok(Expr::scalar(Kind::Call(function, arguments), data_type, at))
}

/// A function of a decimal that gives a decimal of the same scale.
fn decimal_call(function: Function, x: Expr, scale: u8, at: u32) -> Expr {
    let call = |function, x, scale| Expr::scalar(Kind::Call(function, vec![x]), Type::Decimal(scale), at);
    // cannot truncate: at most 18
    let by = scale as i8;
    let ones = match function {
        Function::Round(digits) => {
            return call(Function::Round(digits.saturating_sub(scale.into())), x, scale);
        }
        Function::Floor => call(Function::Shift(-by, Toward::Below), x, 0),
        Function::Ceil => call(Function::Shift(-by, Toward::Above), x, 0),
        Function::Sign => call(Function::Sign, x, 0),
        _ => return call(function, x, scale),
    };
    call(Function::Shift(by, Toward::Nearest), ones, scale)
}

/// Refuses at once what a function refuses of every text.
fn check_literals(function: Function, arguments: &[Expr]) -> Result<()> {
    if !function.refuses() {
        return Ok(());
    }
    let more: Option<Vec<Operand<'_>>> = arguments[1..].iter().map(|x| Operand::of(x.as_literal()?)).collect();
    let refused = more.and_then(|more| text::apply(function, "", &more).err());
    refused.map_or(Ok(()), |error| Err(error.at(arguments.last().map_or(0, |last| last.at))))
}

/// A reading of a unit, which is a literal like the zone behind the instant.
fn clock_call(function: Function, mut arguments: Vec<Expr>, name: &str, at: u32) -> Result<Expr> {
    let literal_text = |x: &Expr, what: &str| match x.as_literal() {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => {
            let message = format!("{name} takes its {what} as a literal text");
            Err(Error::new(Code::ExprArguments, message).at(x.at))
        }
    };
    let zone = match arguments.get(2) {
        Some(x) => Zone::named(&literal_text(x, "time zone")?).map_err(|error| error.at(x.at))?,
        None => Zone::UTC,
    };
    let reading = if function == Function::DateTrunc { Reading::Start } else { Reading::Part };
    let unit = &arguments[0];
    let clock = Clock::new(reading, &literal_text(unit, "unit")?, zone).map_err(|error| error.at(unit.at))?;
    let mut instant = arguments.swap_remove(1);
    expect(&mut instant, Type::Timestamp, name, at)?;
    let output = clock.output();
    Ok(Expr::scalar(Kind::Clock(Box::new(clock), Box::new(instant)), output, at))
}
