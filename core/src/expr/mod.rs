//! Expressions: what filters, keys and metrics are written in.
//!
//! The one idea: an expression means the same for one row of values and for columns of a million, in every host;
//! arithmetic is done on bits, and only `+ - * / %` and the square root exist.
//!
//! Text → [`parse`] → [`Ast`] → [`check`] → [`Expr`] → [`Expr::evaluate`] or [`Expr::evaluate_columns`].
//!
//! Not here: what aggregates are (`spec`), where leaves get their values (`batch`, `query`).

mod arithmetic;
mod ast;
mod cast;
mod check;
mod coerce;
mod columns;
mod functions;
mod infix;
mod like;
mod parse;
mod print;
mod scalar;
mod token;
mod typed;
mod words;

pub use ast::{Arguments, Ast, Call, Case, Comparison, LetterCase, Node, Operator, Step};
pub use check::{check, Scope};
pub use functions::function_names;
pub(crate) use functions::Function;
pub use parse::{parse, parse_named, parse_named_with, parse_with};
pub use typed::Expr;
pub(crate) use typed::{Arithmetic, Kind, TypedCase};
