//! The scalar functions: their names and what they take.
//!
//! The one idea: what a function means for one value stands here once; rows and columns both call it.
//!
//! Not here: aggregates and accessors; a [`crate::expr::Scope`] knows those.

pub(crate) mod clock;
pub(in crate::expr) mod text;

use super::typed::{Expr, Kind};
use crate::error::{Code, Error, Result};
use crate::value::{Type, Value};
use alloc::format;

/// A scalar function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
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
    /// Times a power of ten, and towards where if that is below one: units of one scale as those of another.
    Shift(i8, Toward),
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
    /// Without spaces, or the characters of a second text, on both ends.
    Trim,
    /// The same in front.
    TrimStart,
    /// The same behind.
    TrimEnd,
    /// Code points from a place on, the first being 1, perhaps only so many.
    Substring,
    /// The first so many code points; all but the last so many where the number is negative.
    Left,
    /// The last so many code points; all but the first so many where the number is negative.
    Right,
    /// Each occurrence of a text, from the left, by another.
    Replace,
    /// The field with a number, between the occurrences of a text; from the end where the number is negative.
    SplitPart,
    /// The pattern of `like … escape …` with backslashes for the other escape.
    LikeEscape,
    /// What a clock and a calendar show at an instant.
    DatePart,
    /// When the hour, the day, … of an instant begins.
    DateTrunc,
    /// `x is distinct from y`
    Distinct,
    /// Seconds between two instants.
    Elapsed,
}

/// Where a number goes that lies between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toward {
    /// To the nearest, halves away from zero.
    Nearest,
    Below,
    Above,
}

/// The functions that can be called, in the order of the docs.
const NAMES: [(&str, Function); 28] = [
    ("coalesce", Function::Coalesce),
    ("nullif", Function::Nullif),
    ("least", Function::Least),
    ("greatest", Function::Greatest),
    ("abs", Function::Abs),
    ("sign", Function::Sign),
    ("round", Function::Round(0)),
    ("floor", Function::Floor),
    ("ceil", Function::Ceil),
    ("ceiling", Function::Ceil),
    ("sqrt", Function::Sqrt),
    ("lower", Function::Lower),
    ("upper", Function::Upper),
    ("length", Function::Length),
    ("trim", Function::Trim),
    ("btrim", Function::Trim),
    ("ltrim", Function::TrimStart),
    ("rtrim", Function::TrimEnd),
    ("substr", Function::Substring),
    ("substring", Function::Substring),
    ("left", Function::Left),
    ("right", Function::Right),
    ("replace", Function::Replace),
    ("split_part", Function::SplitPart),
    (LIKE_ESCAPE, Function::LikeEscape),
    (EXTRACT, Function::DatePart),
    ("date_part", Function::DatePart),
    ("date_trunc", Function::DateTrunc),
];

/// What `x like y escape z` calls for its pattern.
pub(in crate::expr) const LIKE_ESCAPE: &str = "like_escape";
/// What `extract(unit from x)` calls.
pub(in crate::expr) const EXTRACT: &str = "extract";

/// The names of all scalar functions.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
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
    /// These types, the last of which may be missing from so many on.
    Fixed(&'static [Type], usize, Type),
    /// A unit, an instant and perhaps a zone.
    Clock,
}

impl Function {
    /// The function called `name`, which is in lower case.
    pub(in crate::expr) fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    pub(in crate::expr) fn signature(self) -> Signature {
        use Type::{Int64, String, Timestamp};
        match self {
            Function::Coalesce | Function::Least | Function::Greatest => Signature::Alike,
            Function::Nullif | Function::Distinct => Signature::Pair,
            Function::Abs | Function::Sign | Function::Floor | Function::Ceil | Function::Shift(..) => {
                Signature::Number
            }
            Function::Round(_) => Signature::Rounding,
            Function::Sqrt => Signature::Real,
            Function::Lower | Function::Upper => Signature::Fixed(&[String], 1, String),
            Function::Length => Signature::Fixed(&[String], 1, Int64),
            Function::Trim | Function::TrimStart | Function::TrimEnd => Signature::Fixed(&[String; 2], 1, String),
            Function::Substring => Signature::Fixed(&[String, Int64, Int64], 2, String),
            Function::Left | Function::Right => Signature::Fixed(&[String, Int64], 2, String),
            Function::Replace => Signature::Fixed(&[String; 3], 3, String),
            Function::SplitPart => Signature::Fixed(&[String, String, Int64], 3, String),
            Function::LikeEscape => Signature::Fixed(&[String; 2], 2, String),
            Function::DatePart | Function::DateTrunc => Signature::Clock,
            Function::Elapsed => Signature::Fixed(&[Timestamp; 2], 2, Type::Float64),
        }
    }

    /// Whether some text or number has no value under this function.
    pub(in crate::expr) fn refuses(self) -> bool {
        matches!(self, Function::Substring | Function::Replace | Function::SplitPart | Function::LikeEscape)
    }
}

impl Signature {
    /// Whether so many arguments are too few or too many.
    ///
    /// **Errors** `expr.arguments`.
    pub(in crate::expr) fn check_count(self, name: &str, count: usize, at: u32) -> Result<()> {
        let (least, most) = match self {
            Signature::Alike => (1, usize::MAX),
            Signature::Pair => (2, 2),
            Signature::Number | Signature::Real => (1, 1),
            Signature::Rounding => (1, 2),
            Signature::Fixed(types, least, _) => (least, types.len()),
            Signature::Clock => (2, 3),
        };
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let takes = match (least, most) {
            (1, 1) => "one argument",
            (1, 2) => "one or two arguments",
            (2, 2) => "two arguments",
            (2, 3) => "two or three arguments",
            (3, 3) => "three arguments",
            _ => "at least one argument",
        };
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
