//! An expression whose names are resolved and whose types fit.
//!
//! The one idea: every implicit conversion is a node of the tree, so evaluation never looks at two types at once.
//! Decimals are integers of units here; where two scales meet, the tree has brought them to one.
//!
//! Not here: how the tree is made (`check`), what it evaluates to (`scalar` for one row, `columns` for a batch).

use super::ast::{Comparison, LetterCase};
use super::functions::clock::Clock;
use super::functions::Function;
use crate::value::{OutputType, Type, Value};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A typed expression over numbered leaves.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(crate) kind: Kind,
    pub(crate) output: OutputType,
    /// The character that run-time errors point at.
    pub(super) at: u32,
    /// Whether evaluation can raise an error for some row.
    pub(crate) fallible: bool,
}

/// What an expression computes. Operands have the types their place asks for.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Leaf(usize),
    /// NULL or a scalar; of decimals the units, an `int64`.
    Literal(Value),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// From left to right; all `float64`, or `int64` and units of decimals.
    Arithmetic(Box<Expr>, Vec<(Arithmetic, u32, Expr)>),
    Concat(Vec<Expr>),
    Compare(Comparison, Box<[Expr; 2]>),
    IsNull(Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    Between(Box<[Expr; 3]>),
    Like(LetterCase, Box<[Expr; 2]>),
    Case(Box<TypedCase>),
    Cast(Box<Expr>, Type),
    Call(Function, Vec<Expr>),
    Clock(Box<Clock>, Box<Expr>),
}

/// An arithmetic operator; integers are never divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A `case`; with an operand, its branches begin with values equal to it, else with conditions.
#[derive(Clone, Debug)]
pub(crate) struct TypedCase {
    pub operand: Option<Expr>,
    pub branches: Vec<(Expr, Expr)>,
    pub otherwise: Option<Expr>,
}

impl Expr {
    pub(super) fn new(kind: Kind, output: OutputType, at: u32) -> Self {
        let mut expr = Self { kind, output, at, fallible: false };
        expr.fallible = expr.raises() || expr.parts().iter().any(|part| part.fallible);
        expr
    }

    pub(super) fn scalar(kind: Kind, data_type: Type, at: u32) -> Self {
        Self::new(kind, OutputType::Scalar(data_type), at)
    }

    /// A leaf of a slot.
    pub(crate) fn of_slot(slot: usize, data_type: Type) -> Self {
        Self::scalar(Kind::Leaf(slot), data_type, 0)
    }

    /// The type of the result.
    #[must_use]
    pub fn output_type(&self) -> OutputType {
        self.output
    }

    /// The slot, if the expression is one leaf and nothing else.
    #[must_use]
    pub fn is_leaf(&self) -> Option<usize> {
        match self.kind {
            Kind::Leaf(slot) => Some(slot),
            _ => None,
        }
    }

    /// The value, if the expression is a literal.
    #[must_use]
    pub fn as_literal(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The slots the expression reads, ascending, each once.
    #[must_use]
    pub fn leaves(&self) -> Vec<usize> {
        let mut slots = Vec::new();
        self.collect_leaves(&mut slots);
        crate::sort::ascending(&mut slots);
        slots.dedup();
        slots
    }

    fn collect_leaves(&self, slots: &mut Vec<usize>) {
        slots.extend(self.is_leaf());
        for part in self.parts() {
            part.collect_leaves(slots);
        }
    }

    /// Puts other leaves in the place of integers and decimals that are widened, where `double` has one for the slot.
    pub fn widen_leaves(&mut self, double: &mut dyn FnMut(usize) -> Option<usize>) {
        if let Kind::Cast(x, Type::Float64) = &self.kind {
            let is_whole = matches!(x.output, OutputType::Scalar(Type::Int64 | Type::Decimal(_)));
            let slot = x.is_leaf().filter(|_| is_whole);
            if let Some(other) = slot.and_then(&mut *double) {
                *self = Self::new(Kind::Leaf(other), self.output, x.at);
                return;
            }
        }
        for part in self.parts_mut() {
            part.widen_leaves(double);
        }
    }

    /// The expression with others in the place of its leaves, of the same types.
    pub(crate) fn with_leaves(mut self, leaf: &dyn Fn(usize) -> Expr) -> Self {
        if let Kind::Leaf(slot) = self.kind {
            return leaf(slot);
        }
        for part in self.parts_mut() {
            *part = part.clone().with_leaves(leaf);
        }
        Self::new(self.kind, self.output, self.at)
    }

    /// The type of a value, or of those in a list.
    pub(super) fn element_type(&self) -> Type {
        match self.output {
            OutputType::Scalar(data_type) | OutputType::List(data_type) | OutputType::Counts(data_type) => data_type,
        }
    }

    /// The digits behind the point of a decimal.
    pub(crate) fn scale(&self) -> Option<u8> {
        match self.output {
            OutputType::Scalar(Type::Decimal(scale)) => Some(scale),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Literal(Value::Null))
    }

    /// Whether the node itself, not a part of it, can raise an error.
    fn raises(&self) -> bool {
        let is_int = matches!(self.output, OutputType::Scalar(Type::Int64 | Type::Decimal(_)));
        match &self.kind {
            Kind::Negate(_) => is_int,
            Kind::Concat(_) => true,
            // a literal pattern is checked
            Kind::Like(_, operands) => operands[1].as_literal().is_none(),
            Kind::Arithmetic(_, steps) => {
                is_int && steps.iter().any(|(operator, ..)| *operator != Arithmetic::Remainder)
            }
            Kind::Call(function, _) => {
                function.refuses()
                    || (is_int && matches!(function, Function::Abs | Function::Round(_) | Function::Shift(..)))
            }
            Kind::Clock(clock, _) => clock.output() == Type::Timestamp,
            Kind::Cast(from, to) => match (from.output, to) {
                (OutputType::Scalar(Type::String), Type::String) => false,
                (OutputType::Scalar(Type::String), _) => true,
                (OutputType::Scalar(Type::Float64), Type::Int64 | Type::Decimal(_)) => true,
                _ => false,
            },
            _ => false,
        }
    }

    fn parts_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            Kind::Leaf(_) | Kind::Literal(_) => vec![],
            Kind::Not(x) | Kind::Negate(x) | Kind::IsNull(x) | Kind::Cast(x, _) | Kind::Clock(_, x) => vec![x],
            Kind::And(operands) | Kind::Or(operands) | Kind::Concat(operands) | Kind::Call(_, operands) => {
                operands.iter_mut().collect()
            }
            Kind::Arithmetic(first, steps) => {
                core::iter::once(&mut **first).chain(steps.iter_mut().map(|(_, _, operand)| operand)).collect()
            }
            Kind::Compare(_, operands) | Kind::Like(_, operands) => operands.iter_mut().collect(),
            Kind::Between(operands) => operands.iter_mut().collect(),
            Kind::In(x, items) => core::iter::once(&mut **x).chain(items).collect(),
            Kind::Case(case) => {
                let branches = case.branches.iter_mut().flat_map(|(when, then)| [when, then]);
                case.operand.iter_mut().chain(branches).chain(&mut case.otherwise).collect()
            }
        }
    }

    /// The operands, from left to right.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Leaf(_) | Kind::Literal(_) => vec![],
            Kind::Not(x) | Kind::Negate(x) | Kind::IsNull(x) | Kind::Cast(x, _) | Kind::Clock(_, x) => vec![x],
            Kind::And(operands) | Kind::Or(operands) | Kind::Concat(operands) | Kind::Call(_, operands) => {
                operands.iter().collect()
            }
            Kind::Arithmetic(first, steps) => {
                core::iter::once(&**first).chain(steps.iter().map(|(_, _, operand)| operand)).collect()
            }
            Kind::Compare(_, operands) | Kind::Like(_, operands) => operands.iter().collect(),
            Kind::Between(operands) => operands.iter().collect(),
            Kind::In(x, items) => core::iter::once(&**x).chain(items).collect(),
            Kind::Case(case) => {
                let branches = case.branches.iter().flat_map(|(when, then)| [when, then]);
                case.operand.iter().chain(branches).chain(&case.otherwise).collect()
            }
        }
    }
}
