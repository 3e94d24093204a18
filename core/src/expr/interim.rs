//! Evaluates row by row.

use super::ast::Comparison;
use super::functions::Function;
use super::typed::{Arithmetic, Expr, Kind};
use crate::column::{Column, Values};
use crate::error::{Code, Error, Result};
use crate::math::Float64;
use crate::value::{OutputType, Type, Value};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cmp::Ordering;

type Leaves<'a> = &'a mut dyn FnMut(usize) -> Value;

impl Expr {
    /// The value for one row of leaves.
    pub fn evaluate(&self, leaves: Leaves<'_>) -> Result<Value> {
        let value = self.value(leaves)?;
        Ok(match value {
            Value::Float64(v) if v.is_nan() => Value::Null,
            value => value,
        })
    }

    fn value(&self, leaves: Leaves<'_>) -> Result<Value> {
        Ok(match &self.kind {
            Kind::Leaf(slot) => leaves(*slot),
            Kind::Literal(value) => value.clone(),
            Kind::And(parts) => junction(parts, false, leaves)?,
            Kind::Or(parts) => junction(parts, true, leaves)?,
            Kind::Not(x) => match x.evaluate(leaves)? {
                Value::Bool(v) => Value::Bool(!v),
                _ => Value::Null,
            },
            Kind::Negate(x) => match x.evaluate(leaves)? {
                Value::Int64(v) => Value::Int64(v.checked_neg().ok_or_else(|| self.overflow())?),
                Value::Float64(v) => Value::Float64(-v),
                _ => Value::Null,
            },
            Kind::Arithmetic(first, steps) => {
                let mut left = first.evaluate(leaves)?;
                for (operator, _, operand) in steps {
                    let right = operand.evaluate(leaves)?;
                    left = self.arithmetic(left, *operator, right)?;
                }
                left
            }
            Kind::Concat(parts) => {
                let mut text = alloc::string::String::new();
                for part in parts {
                    match part.evaluate(leaves)? {
                        Value::String(v) => text.push_str(&v),
                        _ => return Ok(Value::Null),
                    }
                }
                Value::String(text)
            }
            Kind::Compare(comparison, pair) => {
                let (a, b) = (pair[0].evaluate(leaves)?, pair[1].evaluate(leaves)?);
                compare(&a, &b).map_or(Value::Null, |order| Value::Bool(holds(*comparison, order)))
            }
            Kind::IsNull(x) => Value::Bool(x.evaluate(leaves)?.is_null()),
            Kind::In(x, items) => {
                let x = x.evaluate(leaves)?;
                let mut unknown = x.is_null();
                for item in items {
                    match compare(&x, &item.evaluate(leaves)?) {
                        Some(Ordering::Equal) => return Ok(Value::Bool(true)),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                if unknown {
                    Value::Null
                } else {
                    Value::Bool(false)
                }
            }
            Kind::Between(parts) => {
                let x = parts[0].evaluate(leaves)?;
                let low = compare(&x, &parts[1].evaluate(leaves)?).map(Ordering::is_ge);
                let high = compare(&x, &parts[2].evaluate(leaves)?).map(Ordering::is_le);
                match (low, high) {
                    (Some(false), _) | (_, Some(false)) => Value::Bool(false),
                    (Some(true), Some(true)) => Value::Bool(true),
                    _ => Value::Null,
                }
            }
            Kind::Case(case) => {
                let operand = case.operand.as_ref().map(|x| x.evaluate(leaves)).transpose()?;
                for (when, then) in &case.branches {
                    let when = when.evaluate(leaves)?;
                    let taken = match &operand {
                        Some(x) => compare(x, &when) == Some(Ordering::Equal),
                        None => when == Value::Bool(true),
                    };
                    if taken {
                        return then.evaluate(leaves);
                    }
                }
                match &case.otherwise {
                    Some(x) => x.evaluate(leaves)?,
                    None => Value::Null,
                }
            }
            Kind::Cast(x, to) => match (x.evaluate(leaves)?, to) {
                (Value::Int64(v), Type::Float64) => Value::Float64(Float64::from_i64(v)),
                (Value::Float64(v), Type::Int64) => Value::Int64(v.to_i64_rounded().ok_or_else(|| self.overflow())?),
                (Value::Int64(v), Type::String) => Value::String(v.to_string()),
                (value, _) => value,
            },
            Kind::Call(Function::Coalesce, parts) => {
                for part in parts {
                    let value = part.evaluate(leaves)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Value::Null
            }
            Kind::Call(function, parts) => {
                let values = parts.iter().map(|part| part.evaluate(leaves)).collect::<Result<Vec<_>>>()?;
                self.function(*function, &values)
            }
            Kind::Like(..) => Value::Null,
        })
    }

    fn function(&self, function: Function, values: &[Value]) -> Value {
        match (function, values) {
            (Function::Nullif, [a, b]) if compare(a, b) == Some(Ordering::Equal) => Value::Null,
            (Function::Nullif, [a, _]) => a.clone(),
            (Function::Least, all) => all
                .iter()
                .filter(|v| !v.is_null())
                .min_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal))
                .cloned()
                .unwrap_or(Value::Null),
            (Function::Greatest, all) => all
                .iter()
                .filter(|v| !v.is_null())
                .max_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal))
                .cloned()
                .unwrap_or(Value::Null),
            (Function::Abs, [Value::Float64(v)]) => Value::Float64(v.abs()),
            (Function::Round(digits), [Value::Float64(v)]) => Value::Float64(v.round_half_away_to(digits)),
            (Function::Floor, [Value::Float64(v)]) => Value::Float64(v.floor()),
            (Function::Ceil, [Value::Float64(v)]) => Value::Float64(v.ceil()),
            (Function::Lower, [Value::String(v)]) => Value::String(v.to_ascii_lowercase()),
            (Function::Upper, [Value::String(v)]) => Value::String(v.to_ascii_uppercase()),
            (Function::Length, [Value::String(v)]) => Value::Int64(v.chars().count() as i64),
            (_, [value, ..]) => value.clone(),
            _ => Value::Null,
        }
    }

    fn arithmetic(&self, a: Value, operator: Arithmetic, b: Value) -> Result<Value> {
        Ok(match (a, b) {
            (Value::Int64(a), Value::Int64(b)) => Value::Int64(
                match operator {
                    Arithmetic::Add => a.checked_add(b),
                    Arithmetic::Subtract => a.checked_sub(b),
                    Arithmetic::Multiply => a.checked_mul(b),
                    Arithmetic::Divide | Arithmetic::Remainder if b == 0 => return Ok(Value::Null),
                    Arithmetic::Divide => a.checked_div(b),
                    Arithmetic::Remainder => Some(a.wrapping_rem(b)),
                }
                .ok_or_else(|| self.overflow())?,
            ),
            (Value::Float64(a), Value::Float64(b)) => Value::Float64(match operator {
                Arithmetic::Add => a + b,
                Arithmetic::Subtract => a - b,
                Arithmetic::Multiply => a * b,
                Arithmetic::Divide | Arithmetic::Remainder if b == Float64::ZERO => return Ok(Value::Null),
                Arithmetic::Divide => a / b,
                Arithmetic::Remainder => a % b,
            }),
            _ => Value::Null,
        })
    }

    fn overflow(&self) -> Error {
        Error::new(Code::ExprOverflow, "the value does not fit int64").at(self.at)
    }

    /// The values for every row of columns.
    pub fn evaluate_columns<'a>(&self, columns: &'a [Column<'a>], rows: usize) -> Result<Column<'a>> {
        let mut values = Vec::with_capacity(rows);
        for row in 0..rows {
            let mut leaf = |slot: usize| columns[slot].get(row).map_or(Value::Null, |value| value.to_value());
            values.push(self.evaluate(&mut leaf).map_err(|error| error.within(&format!("[{row}]")))?);
        }
        let validity: Vec<bool> = values.iter().map(|value| !value.is_null()).collect();
        let OutputType::Scalar(data_type) = self.output_type() else {
            return Err(Error::new(Code::ExprType, "lists have no column"));
        };
        let typed = match data_type {
            Type::Bool => Values::Bool(values.iter().map(|v| *v == Value::Bool(true)).collect()),
            Type::Int64 => Values::Int64(values.iter().map(|v| if let Value::Int64(v) = v { *v } else { 0 }).collect()),
            Type::Timestamp => {
                Values::Timestamp(values.iter().map(|v| if let Value::Timestamp(v) = v { *v } else { 0 }).collect())
            }
            Type::Float64 => Values::Float64(
                values.iter().map(|v| if let Value::Float64(v) = v { v.to_bits() } else { 0 }).collect(),
            ),
            Type::String => {
                let mut texts: Vec<Cow<'a, str>> = Vec::new();
                let mut codes = Vec::new();
                for value in values {
                    codes.push(texts.len() as u32);
                    if let Value::String(text) = value {
                        texts.push(Cow::Owned(text));
                    } else {
                        texts.push(Cow::Borrowed(""));
                    }
                }
                Values::String(Cow::Owned(codes), Cow::Owned(texts))
            }
        };
        Ok(if validity.contains(&false) { Column::with_validity(typed, validity) } else { Column::new(typed) })
    }
}

fn junction(parts: &[Expr], decided: bool, leaves: Leaves<'_>) -> Result<Value> {
    let mut unknown = false;
    for part in parts {
        match part.evaluate(leaves)? {
            Value::Bool(v) if v == decided => return Ok(Value::Bool(decided)),
            Value::Bool(_) => {}
            _ => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(!decided) })
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    Some(a.as_scalar()?.cmp(&b.as_scalar()?))
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
    }
}
