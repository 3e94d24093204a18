//! Reads the text of an expression.
//!
//! The one idea: precedence climbing. One function reads an operand and then every operator that binds at least as
//! tightly as its caller asks, so an expression costs one level of recursion per bracket, not one per precedence.
//!
//! Not here: what names and functions mean (`check`).

use super::ast::{Arguments, Ast, Call, Case, Node, Precedence};
use super::infix::Infix;
use super::token::{is_keyword, quoted, syntax, tokenize, Token};
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_DECIMAL_SCALE, MAX_EXPR_ARGUMENTS, MAX_EXPR_CHARS, MAX_EXPR_DEPTH};
use crate::math::Float64;
use crate::time::parse_timestamp;
use crate::value::{Type, Value};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// Reads an expression.
///
/// **Errors** `expr.syntax`, `expr.limit`, each with the character it speaks of.
///
/// **Cost** linear in the text; a text longer than the limit is refused unread.
pub fn parse(text: &str) -> Result<Ast> {
    parse_with(text, &[])
}

/// As [`parse`], where `$1` is the first of some values.
///
/// **Errors** as [`parse`]; `expr.arguments` for a number that no value has.
pub fn parse_with(text: &str, parameters: &[Value]) -> Result<Ast> {
    let mut parser = Parser::new(text, parameters)?;
    let ast = parser.expression(Precedence::Or)?;
    parser.end()?;
    check_canonical_length(text, &ast)?;
    Ok(ast)
}

/// Reads an expression that may be followed by `as name`.
///
/// **Errors** as [`parse`].
pub fn parse_named(text: &str) -> Result<(Ast, Option<String>)> {
    parse_named_with(text, &[])
}

/// As [`parse_named`] and [`parse_with`].
///
/// **Errors** as [`parse_with`].
pub fn parse_named_with(text: &str, parameters: &[Value]) -> Result<(Ast, Option<String>)> {
    let mut parser = Parser::new(text, parameters)?;
    let ast = parser.expression(Precedence::Or)?;
    let name = if parser.take_word("as") { Some(parser.name()?) } else { None };
    parser.end()?;
    check_canonical_length(text, &ast)?;
    Ok((ast, name))
}

/// A node costs at most two levels of recursion in the canonical text (its own and a bracket's), so what is not too
/// high can always be read back.
const MAX_RECURSION: usize = 2 * MAX_EXPR_DEPTH + 2;
/// The canonical text is at most so many times longer: `::int` becomes `cast( as int64)`, `1e15` its digits.
const MAX_GROWTH: usize = 16;

/// Makes sure that the canonical text can be read back.
fn check_canonical_length(text: &str, ast: &Ast) -> Result<()> {
    if text.len() <= MAX_EXPR_CHARS / MAX_GROWTH {
        return Ok(());
    }
    let mut count = CharCount(0);
    let written = write!(count, "{ast}");
    if written.is_ok() && count.0 <= MAX_EXPR_CHARS {
        return Ok(());
    }
    let message = format!("an expression must have at most {MAX_EXPR_CHARS} characters, written out with all spaces");
    Err(Error::new(Code::ExprLimit, message).at(0))
}

/// Counts what is written.
struct CharCount(usize);

impl Write for CharCount {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}

/// Tokens on their way into a tree.
pub(super) struct Parser<'t> {
    tokens: Vec<(Token<'t>, u32)>,
    next: usize,
    depth: usize,
    parameters: &'t [Value],
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, parameters: &'t [Value]) -> Result<Self> {
        Ok(Self { tokens: tokenize(text)?, next: 0, depth: 0, parameters })
    }

    /// The value of a parameter as the literal that it stands for.
    fn parameter(&self, number: &str, at: u32) -> Result<Node> {
        let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match place.and_then(|place| self.parameters.get(place)) {
            Some(Value::Null) => Ok(Node::Null),
            Some(Value::Bool(value)) => Ok(Node::Bool(*value)),
            Some(Value::Int64(value)) => Ok(Node::Integer(*value)),
            Some(Value::Float64(value)) if !value.is_nan() => Ok(Node::Float(*value)),
            Some(Value::String(text)) => Ok(Node::Text(text.clone())),
            Some(Value::Timestamp(us)) => Ok(Node::Timestamp(*us)),
            Some(_) => {
                Err(Error::new(Code::ExprArguments, format!("the parameter ${number} is no single value")).at(at))
            }
            None => {
                let text = format!("there is no parameter ${number}, {} are given", self.parameters.len());
                Err(Error::new(Code::ExprArguments, text).at(at))
            }
        }
    }

    /// The token `ahead` of the next one; the end follows itself.
    pub(super) fn peek_at(&self, ahead: usize) -> &Token<'t> {
        self.tokens.get(self.next + ahead).map_or(&Token::End, |(token, _)| token)
    }

    pub(super) fn peek(&self) -> &Token<'t> {
        self.peek_at(0)
    }

    /// Where the next token stands.
    pub(super) fn at(&self) -> u32 {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |&(_, at)| at)
    }

    pub(super) fn take(&mut self) -> Token<'t> {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    pub(super) fn take_word(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_word(keyword);
        self.next += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, keyword: &str) -> Result<()> {
        if self.take_word(keyword) {
            return Ok(());
        }
        Err(self.unexpected(&format!("'{keyword}'")))
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<()> {
        if self.take_symbol(symbol) {
            return Ok(());
        }
        Err(self.unexpected(&format!("'{symbol}'")))
    }

    fn end(&self) -> Result<()> {
        match self.peek() {
            Token::End => Ok(()),
            _ => Err(self.unexpected("an operator or the end")),
        }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Error {
        syntax(&format!("expected {expected}, found {}", self.peek().describe()), self.at())
    }

    /// A node, if the tree under it is not too high.
    pub(super) fn node(&self, node: Node, at: u32) -> Result<Ast> {
        self.checked(Ast::new(node, at), at)
    }

    fn checked(&self, ast: Ast, at: u32) -> Result<Ast> {
        if ast.height() as usize > MAX_EXPR_DEPTH {
            return Err(too_deep(at));
        }
        Ok(ast)
    }

    /// An operand and the operators behind it that bind at least as tightly as `loosest`.
    pub(super) fn expression(&mut self, loosest: Precedence) -> Result<Ast> {
        if self.depth >= MAX_RECURSION {
            return Err(too_deep(self.at()));
        }
        self.depth += 1;
        // a `not` has taken all that binds tighter: what it left over is a mistake
        let mut tightest = if self.peek().is_word("not") { Precedence::Not } else { Precedence::Primary };
        let mut left = self.operand()?;
        loop {
            // `x not in …` and its like: only what matches can be denied in the middle
            let denied = self.peek().is_word("not");
            let Some(infix) = Infix::of(self.peek_at(usize::from(denied))) else {
                break;
            };
            let precedence = infix.precedence();
            if precedence < loosest || precedence > tightest || (denied && precedence != Precedence::Match) {
                break;
            }
            let at = self.at();
            self.next += if denied { 2 } else { 1 };
            left = self.infix(left, infix, at)?;
            if denied {
                left = self.node(Node::Not(Box::new(left)), at)?;
            }
            tightest = match infix {
                Infix::Chain(_) => precedence,
                // `a < b < c` is a mistake more often than a comparison of truths
                _ => precedence.looser(),
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    /// The right side of an operator that is already read.
    fn infix(&mut self, left: Ast, infix: Infix, at: u32) -> Result<Ast> {
        let tighter = infix.precedence().tighter();
        let left = Box::new(left);
        let node = match infix {
            Infix::Chain(operator) => {
                let right = self.expression(tighter)?;
                return self.checked(Ast::chain(*left, operator, at, right), at);
            }
            Infix::Compare(comparison) => Node::Compare(left, comparison, Box::new(self.expression(tighter)?)),
            Infix::Is => {
                let denied = self.take_word("not");
                let test = self.test(left)?;
                if !denied {
                    test
                } else {
                    Node::Not(Box::new(self.node(test, at)?))
                }
            }
            Infix::In => {
                self.expect_symbol("(")?;
                let items = self.items("items of a list")?;
                self.end_of_list()?;
                Node::In(left, items)
            }
            Infix::Between => {
                let low = self.expression(tighter)?;
                self.expect_word("and")?;
                let high = self.expression(tighter)?;
                Node::Between(left, Box::new(low), Box::new(high))
            }
            Infix::Like(case) => Node::Like(left, case, Box::new(self.pattern(tighter, at)?)),
        };
        self.node(node, at)
    }

    /// Expressions with commas between them, at least one.
    fn items(&mut self, what: &str) -> Result<Vec<Ast>> {
        let mut items = Vec::new();
        loop {
            if items.len() == MAX_EXPR_ARGUMENTS {
                let message = format!("there must be at most {MAX_EXPR_ARGUMENTS} {what}");
                return Err(Error::new(Code::ExprLimit, message).at(self.at()));
            }
            items.push(self.expression(Precedence::Or)?);
            if !self.take_symbol(",") {
                break;
            }
        }
        Ok(items)
    }

    fn end_of_list(&mut self) -> Result<()> {
        if self.take_symbol(")") {
            return Ok(());
        }
        Err(self.unexpected("',' or ')'"))
    }

    /// An operand with its prefixes and casts.
    fn operand(&mut self) -> Result<Ast> {
        let at = self.at();
        if self.take_word("not") {
            let operand = self.expression(Precedence::Not)?;
            return self.node(Node::Not(Box::new(operand)), at);
        }
        if self.take_symbol("-") {
            return self.negative(at);
        }
        let mut operand = self.primary()?;
        while self.take_symbol("::") {
            let data_type = self.type_name()?;
            operand = self.node(Node::Cast(Box::new(operand), data_type), at)?;
        }
        Ok(operand)
    }

    /// What follows a minus at `at`.
    fn negative(&mut self, at: u32) -> Result<Ast> {
        if let Token::Number(digits) = *self.peek() {
            // so that -9223372036854775808 is a literal; in -1::string the cast comes first
            if *self.peek_at(1) != Token::Symbol("::") {
                self.next += 1;
                return self.node(number(&format!("-{digits}"), at)?, at);
            }
        }
        let operand = self.expression(Precedence::Negate)?;
        let node = match operand.node() {
            // cannot overflow: not negative
            Node::Integer(value @ 0..) => Node::Integer(-value),
            Node::Float(value) if !value.is_negative() => Node::Float(-*value),
            _ => Node::Negate(Box::new(operand)),
        };
        self.node(node, at)
    }

    fn primary(&mut self) -> Result<Ast> {
        let at = self.at();
        let node = match self.take() {
            Token::Number(digits) => number(digits, at)?,
            Token::Text(text) => Node::Text(text),
            Token::Quoted(name) => Node::Name(name),
            Token::Parameter(number) => self.parameter(number, at)?,
            Token::Symbol("(") => {
                let inner = self.expression(Precedence::Or)?;
                self.expect_symbol(")")?;
                return Ok(inner);
            }
            Token::Word(word) => return self.word(word, at),
            Token::Symbol(_) | Token::End => {
                self.next -= 1;
                return Err(self.unexpected("a value"));
            }
        };
        self.node(node, at)
    }

    /// What begins with a word that is already read.
    fn word(&mut self, word: &str, at: u32) -> Result<Ast> {
        let lower = word.to_ascii_lowercase();
        let node = match (lower.as_str(), self.peek()) {
            ("null", _) => Node::Null,
            ("true", _) => Node::Bool(true),
            ("false", _) => Node::Bool(false),
            ("case", _) => self.case()?,
            ("cast", _) => {
                self.expect_symbol("(")?;
                let operand = self.expression(Precedence::Or)?;
                self.expect_word("as")?;
                let data_type = self.type_name()?;
                self.expect_symbol(")")?;
                Node::Cast(Box::new(operand), data_type)
            }
            ("timestamp", Token::Text(text)) => {
                let us = parse_timestamp(text).map_err(|e| syntax(e.message(), at))?;
                self.next += 1;
                Node::Timestamp(us)
            }
            (keyword, _) if is_keyword(keyword) => {
                self.next -= 1;
                return Err(self.unexpected("a value"));
            }
            (_, Token::Symbol("(")) => {
                self.next += 1;
                self.call(lower)?
            }
            _ => Node::Name(word.to_string()),
        };
        self.node(node, at)
    }

    /// What follows `case`.
    fn case(&mut self) -> Result<Node> {
        let operand = match self.peek().is_word("when") {
            true => None,
            false => Some(self.expression(Precedence::Or)?),
        };
        let mut branches = Vec::new();
        while self.take_word("when") {
            if branches.len() == MAX_EXPR_ARGUMENTS {
                let message = format!("a case must have at most {MAX_EXPR_ARGUMENTS} branches");
                return Err(Error::new(Code::ExprLimit, message).at(self.at()));
            }
            let when = self.expression(Precedence::Or)?;
            self.expect_word("then")?;
            let then = self.expression(Precedence::Or)?;
            branches.push((when, then));
        }
        if branches.is_empty() {
            return Err(self.unexpected("'when'"));
        }
        let otherwise = match self.take_word("else") {
            true => Some(self.expression(Precedence::Or)?),
            false => None,
        };
        self.expect_word("end")?;
        Ok(Node::Case(Box::new(Case { operand, branches, otherwise })))
    }

    /// What follows the opening bracket of a call of `name`.
    fn call(&mut self, name: String) -> Result<Node> {
        if let Some(node) = self.call_in_words(&name)? {
            return Ok(node);
        }
        let arguments = if self.take_symbol("*") {
            self.expect_symbol(")")?;
            Arguments::Star
        } else if self.take_symbol(")") {
            Arguments::List(Vec::new())
        } else if self.peek().is_word("distinct") && self.names_at(1) {
            let message = format!("{name}(distinct …) is not kept; approx_count_distinct(x) counts distinct values");
            return Err(syntax(&message, self.at()));
        } else {
            let mut list = self.items("arguments of a call")?;
            if list.len() == 1 {
                self.words_behind(&name, &mut list)?;
            }
            self.end_of_list()?;
            Arguments::List(list)
        };
        let mut filter = None;
        if self.peek().is_word("filter") && *self.peek_at(1) == Token::Symbol("(") {
            self.next += 2;
            self.expect_word("where")?;
            filter = Some(self.expression(Precedence::Or)?);
            self.expect_symbol(")")?;
        }
        Ok(Node::Call(Box::new(Call { name, arguments, filter })))
    }

    fn type_name(&mut self) -> Result<Type> {
        let lower = match self.peek() {
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        let found = match lower.as_str() {
            "bool" | "boolean" => Type::Bool,
            "int64" | "bigint" | "int" | "integer" => Type::Int64,
            "float64" | "float8" | "double" => Type::Float64,
            "string" | "text" | "varchar" => Type::String,
            "timestamp" => Type::Timestamp,
            "decimal" | "numeric" => return self.decimal_type(),
            _ => return Err(self.unexpected("a type (bool, int64, float64, string, timestamp, decimal(2))")),
        };
        self.next += 1;
        if lower == "double" {
            self.take_word("precision");
        }
        Ok(found)
    }

    /// A decimal with its digits behind the point in brackets.
    fn decimal_type(&mut self) -> Result<Type> {
        self.next += 1;
        self.expect_symbol("(")?;
        let scale = match self.peek() {
            Token::Number(digits) => digits.parse().ok().and_then(Type::decimal),
            _ => None,
        };
        let Some(data_type) = scale else {
            return Err(self.unexpected(&format!("the digits behind the point (0 to {MAX_DECIMAL_SCALE})")));
        };
        self.next += 1;
        if *self.peek() == Token::Symbol(",") {
            return Err(self.unexpected("')': a decimal is given its digits behind the point alone"));
        }
        self.expect_symbol(")")?;
        Ok(data_type)
    }

    /// Whether the token `ahead` of the next one is a name.
    fn names_at(&self, ahead: usize) -> bool {
        match self.peek_at(ahead) {
            Token::Quoted(_) => true,
            Token::Word(word) => !is_keyword(word),
            _ => false,
        }
    }

    /// A name behind `as`.
    fn name(&mut self) -> Result<String> {
        let name = match self.peek() {
            Token::Quoted(name) => name.clone(),
            Token::Word(word) if !is_keyword(word) => word.to_string(),
            _ => return Err(self.unexpected("a name")),
        };
        self.next += 1;
        Ok(name)
    }
}

fn too_deep(at: u32) -> Error {
    let message = format!("an expression must not nest deeper than {MAX_EXPR_DEPTH} levels");
    Error::new(Code::ExprLimit, message).at(at)
}

/// A number literal, with its minus if it has one.
fn number(digits: &str, at: u32) -> Result<Node> {
    if digits.contains(['.', 'e', 'E']) {
        return match Float64::from_decimal(digits) {
            Some(value) if !value.is_infinite() => Ok(Node::Float(value)),
            _ => Err(syntax(&format!("{} does not fit float64", quoted(digits, '\'')), at)),
        };
    }
    match digits.parse() {
        Ok(value) => Ok(Node::Integer(value)),
        Err(_) => {
            Err(syntax(&format!("{} does not fit int64; write a fraction for float64", quoted(digits, '\'')), at))
        }
    }
}
