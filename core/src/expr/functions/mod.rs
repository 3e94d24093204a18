//! The scalar functions: their names and what they take.
//!
//! Not here: aggregates and accessors; a [`crate::expr::Scope`] knows those.

pub(in crate::expr) mod text;

use super::typed::{Expr, Kind};
use crate::error::{Code, Error, Result};
use crate::value::Value;
use alloc::format;

/// A scalar function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expr) enum Function {
    /// The first argument that is not NULL; later ones are not evaluated.
    Coalesce,
    /// NULL where both arguments are equal, else the first.
    Nullif,
    /// The smallest argument that is not NULL.
    Least,
    /// The largest argument that is not NULL.
    Greatest,
    /// The magnitude.
    Abs,
    /// −1, 0 or 1, of the type of its argument.
    Sign,
    /// To so many digits behind the point, half away from zero; fewer than none: to tens, hundreds, …
    Round(i64),
    /// The largest integer not above.
    Floor,
    /// The smallest integer not below.
    Ceil,
    /// The square root; NULL of what is below zero.
    Sqrt,
    /// ASCII letters to lower case.
    Lower,
    /// ASCII letters to upper case.
    Upper,
    /// Code points.
    Length,
    /// Without spaces on both ends.
    Trim,
    /// Without spaces in front.
    TrimStart,
    /// Without spaces behind.
    TrimEnd,
}

/// What a function takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expr) enum Signature {
    /// Any number of one type, which it gives.
    Alike,
    /// Two of one type, which it gives.
    Pair,
    /// A number, whose type it gives.
    Number,
    /// A number and perhaps digits.
    Rounding,
    /// A number as float64.
    Real,
    /// A text; gives a text.
    Text,
    /// A text; gives an int64.
    Measure,
}

impl Function {
    /// The function called `name`, which is in lower case.
    pub(in crate::expr) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "coalesce" => Function::Coalesce,
            "nullif" => Function::Nullif,
            "least" => Function::Least,
            "greatest" => Function::Greatest,
            "abs" => Function::Abs,
            "sign" => Function::Sign,
            "round" => Function::Round(0),
            "floor" => Function::Floor,
            "ceil" | "ceiling" => Function::Ceil,
            "sqrt" => Function::Sqrt,
            "lower" => Function::Lower,
            "upper" => Function::Upper,
            "length" => Function::Length,
            "trim" => Function::Trim,
            "ltrim" => Function::TrimStart,
            "rtrim" => Function::TrimEnd,
            _ => return None,
        })
    }

    pub(in crate::expr) fn signature(self) -> Signature {
        match self {
            Function::Coalesce | Function::Least | Function::Greatest => Signature::Alike,
            Function::Nullif => Signature::Pair,
            Function::Abs | Function::Sign | Function::Floor | Function::Ceil => Signature::Number,
            Function::Round(_) => Signature::Rounding,
            Function::Sqrt => Signature::Real,
            Function::Lower | Function::Upper | Function::Trim | Function::TrimStart | Function::TrimEnd => {
                Signature::Text
            }
            Function::Length => Signature::Measure,
        }
    }
}

impl Signature {
    /// Whether so many arguments are too few or too many.
    ///
    /// **Errors** `expr.arguments`.
    pub(in crate::expr) fn check_count(self, name: &str, count: usize, at: u32) -> Result<()> {
        let (fits, takes) = match self {
            Signature::Alike => (count >= 1, "at least one argument"),
            Signature::Pair => (count == 2, "two arguments"),
            Signature::Rounding => (count == 1 || count == 2, "one or two arguments"),
            Signature::Number | Signature::Real | Signature::Text | Signature::Measure => (count == 1, "one argument"),
        };
        if fits {
            return Ok(());
        }
        Err(Error::new(Code::ExprArguments, format!("{name} takes {takes}, got {count}")).at(at))
    }
}

/// The digits of `round(x, digits)`.
///
/// **Errors** `expr.arguments`.
pub(in crate::expr) fn digits(argument: &Expr) -> Result<i64> {
    match argument.kind {
        Kind::Literal(Value::Int64(digits)) => Ok(digits),
        _ => {
            let message = "round takes its digits as an integer literal";
            Err(Error::new(Code::ExprArguments, message).at(argument.at))
        }
    }
}
