//! The tree of an expression as it was written, before its types are known.
//!
//! The one idea: operators of one precedence that follow each other are one node ([`Node::Chain`]), so that a sum of
//! a thousand terms is no deeper than a sum of two.

use crate::math::Float64;
use crate::value::Type;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// An expression and where it stands. Two are equal when they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Ast {
    node: Node,
    at: u32,
    height: u32,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A literal such as `42` or `-7`.
    Integer(i64),
    /// A literal with a fraction or an exponent; finite.
    Float(Float64),
    /// `'text'`
    Text(String),
    /// `timestamp '2026-01-01'`, in µs since the epoch
    Timestamp(i64),
    /// A bare name.
    Name(String),
    /// `- x`; of a literal that is not negative it is the negative literal instead
    Negate(Box<Ast>),
    /// `not x`, also `x not in …` and its like
    Not(Box<Ast>),
    /// `x + y - z`: operators of one precedence, from left to right
    Chain(Box<Ast>, Vec<Step>),
    /// `x < y`
    Compare(Box<Ast>, Comparison, Box<Ast>),
    /// `x is null`
    IsNull(Box<Ast>),
    /// `x is true`, `x is false`, and `x is unknown` for no truth
    Is(Box<Ast>, Option<bool>),
    /// `x is distinct from y`
    Distinct(Box<Ast>, Box<Ast>),
    /// `x in (a, b)`
    In(Box<Ast>, Vec<Ast>),
    /// `x between low and high`
    Between(Box<Ast>, Box<Ast>, Box<Ast>),
    /// `x like pattern`; with `escape`, the pattern is a call of `like_escape`
    Like(Box<Ast>, LetterCase, Box<Ast>),
    /// `case … end`
    Case(Box<Case>),
    /// `cast(x as type)` or `x::type`
    Cast(Box<Ast>, Type),
    /// `f(x, y) filter (where z)`
    Call(Box<Call>),
}

/// One operator of a chain with its right operand.
#[derive(Clone, Debug)]
pub struct Step {
    /// The operator.
    pub operator: Operator,
    /// Where the operator stands.
    pub at: u32,
    /// What stands right of it.
    pub operand: Ast,
}

/// `case [operand] when … then … [else …] end`
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What the branches are compared with; without it they are conditions.
    pub operand: Option<Ast>,
    /// `when` and `then` of each branch; at least one.
    pub branches: Vec<(Ast, Ast)>,
    /// `else`
    pub otherwise: Option<Ast>,
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name in lower case.
    pub name: String,
    /// What stands in the brackets.
    pub arguments: Arguments,
    /// The condition of `filter (where …)`.
    pub filter: Option<Ast>,
}

/// What stands in the brackets of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Arguments {
    /// `*`
    Star,
    /// Expressions, none or more.
    List(Vec<Ast>),
}

/// An operator of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `||`
    Concat,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// Whether letters differ by case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterCase {
    /// `like`
    Kept,
    /// `ilike`: ASCII letters are the same in either case
    Ignored,
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Or,
    And,
    Not,
    Is,
    Compare,
    Match,
    Concat,
    Sum,
    Product,
    Negate,
    Primary,
}

impl Precedence {
    /// The next tighter one.
    pub(super) fn tighter(self) -> Self {
        match self {
            Precedence::Or => Precedence::And,
            Precedence::And => Precedence::Not,
            Precedence::Not => Precedence::Is,
            Precedence::Is => Precedence::Compare,
            Precedence::Compare => Precedence::Match,
            Precedence::Match => Precedence::Concat,
            Precedence::Concat => Precedence::Sum,
            Precedence::Sum => Precedence::Product,
            Precedence::Product => Precedence::Negate,
            Precedence::Negate | Precedence::Primary => Precedence::Primary,
        }
    }

    /// The next looser one.
    pub(super) fn looser(self) -> Self {
        match self {
            Precedence::Or | Precedence::And => Precedence::Or,
            Precedence::Not => Precedence::And,
            Precedence::Is => Precedence::Not,
            Precedence::Compare => Precedence::Is,
            Precedence::Match => Precedence::Compare,
            Precedence::Concat => Precedence::Match,
            Precedence::Sum => Precedence::Concat,
            Precedence::Product => Precedence::Sum,
            Precedence::Negate => Precedence::Product,
            Precedence::Primary => Precedence::Negate,
        }
    }
}

impl Operator {
    /// The operator as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Operator::Or => "or",
            Operator::And => "and",
            Operator::Concat => "||",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
        }
    }

    pub(super) fn precedence(self) -> Precedence {
        match self {
            Operator::Or => Precedence::Or,
            Operator::And => Precedence::And,
            Operator::Concat => Precedence::Concat,
            Operator::Add | Operator::Subtract => Precedence::Sum,
            Operator::Multiply | Operator::Divide | Operator::Remainder => Precedence::Product,
        }
    }
}

impl Comparison {
    /// The comparison as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
        }
    }
}

impl Node {
    pub(super) fn precedence(&self) -> Precedence {
        match self {
            Node::Null
            | Node::Bool(_)
            | Node::Text(_)
            | Node::Timestamp(_)
            | Node::Name(_)
            | Node::Case(_)
            | Node::Cast(..)
            | Node::Call(_)
            | Node::Integer(0..) => Precedence::Primary,
            Node::Float(value) if value.is_negative() => Precedence::Negate,
            Node::Float(_) => Precedence::Primary,
            // a negative literal is written with a minus
            Node::Negate(_) | Node::Integer(_) => Precedence::Negate,
            // `x is not null`, `x not in (…)` bind like the operator they deny
            Node::Not(operand) => match operand.node {
                Node::IsNull(_) | Node::Is(..) | Node::Distinct(..) => Precedence::Is,
                Node::In(..) | Node::Between(..) | Node::Like(..) => Precedence::Match,
                _ => Precedence::Not,
            },
            Node::Chain(_, steps) => steps.first().map_or(Precedence::Primary, |step| step.operator.precedence()),
            Node::Compare(..) => Precedence::Compare,
            Node::IsNull(_) | Node::Is(..) | Node::Distinct(..) => Precedence::Is,
            Node::In(..) | Node::Between(..) | Node::Like(..) => Precedence::Match,
        }
    }

    /// The parts of the node, from left to right.
    fn parts(&self) -> Vec<&Ast> {
        match self {
            Node::Null
            | Node::Bool(_)
            | Node::Integer(_)
            | Node::Float(_)
            | Node::Text(_)
            | Node::Timestamp(_)
            | Node::Name(_) => vec![],
            Node::Negate(x) | Node::Not(x) | Node::IsNull(x) | Node::Is(x, _) | Node::Cast(x, _) => vec![x],
            Node::Compare(x, _, y) | Node::Like(x, _, y) | Node::Distinct(x, y) => vec![x, y],
            Node::Between(x, low, high) => vec![x, low, high],
            Node::In(x, items) => core::iter::once(&**x).chain(items).collect(),
            Node::Chain(first, steps) => {
                core::iter::once(&**first).chain(steps.iter().map(|step| &step.operand)).collect()
            }
            Node::Case(case) => {
                let branches = case.branches.iter().flat_map(|(when, then)| [when, then]);
                case.operand.iter().chain(branches).chain(&case.otherwise).collect()
            }
            Node::Call(call) => {
                let arguments = match &call.arguments {
                    Arguments::Star => &[][..],
                    Arguments::List(list) => list,
                };
                arguments.iter().chain(&call.filter).collect()
            }
        }
    }
}

impl Ast {
    /// An expression that stands at a character (0-based, in code points).
    #[must_use]
    pub fn new(node: Node, at: u32) -> Self {
        let below = node.parts().iter().map(|part| part.height).max().unwrap_or(0);
        Self { node, at, height: below.saturating_add(1) }
    }

    /// `left operator right`; a chain of the same precedence on the left grows by one step.
    #[must_use]
    pub fn chain(left: Ast, operator: Operator, at: u32, operand: Ast) -> Self {
        let step = Step { operator, at, operand };
        if left.node.precedence() == operator.precedence() {
            if let Node::Chain(first, mut steps) = left.node {
                let height = left.height.max(step.operand.height.saturating_add(1));
                steps.push(step);
                return Self { node: Node::Chain(first, steps), at: left.at, height };
            }
        }
        let start = left.at;
        Ast::new(Node::Chain(Box::new(left), vec![step]), start)
    }

    /// What the expression says.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Where it stands: the character of its operator or first word, 0-based, in code points.
    #[must_use]
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Nodes on the longest way from the root to a leaf.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }
}

impl PartialEq for Ast {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator && self.operand == other.operand
    }
}
