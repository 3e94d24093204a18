//! Calls and tests that SQL writes with words between their operands.
//!
//! The one idea: words are another spelling of a call, so that nothing past the parser knows them.

use super::ast::{Arguments, Ast, Call, Node, Precedence};
use super::functions::{EXTRACT, LIKE_ESCAPE};
use super::parse::Parser;
use super::token::Token;
use crate::error::Result;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

impl Parser<'_> {
    /// What follows `is` or `is not`.
    pub(super) fn test(&mut self, x: Box<Ast>) -> Result<Node> {
        if self.take_word("distinct") {
            self.expect_word("from")?;
            return Ok(Node::Distinct(x, Box::new(self.expression(Precedence::Is.tighter())?)));
        }
        for (word, truth) in [("true", Some(true)), ("false", Some(false)), ("unknown", None)] {
            if self.take_word(word) {
                return Ok(Node::Is(x, truth));
            }
        }
        if self.take_word("null") {
            return Ok(Node::IsNull(x));
        }
        Err(self.unexpected("'null', 'true', 'false', 'unknown' or 'distinct from'"))
    }

    /// A pattern with the escape behind it, if there is one.
    pub(super) fn pattern(&mut self, tighter: Precedence, at: u32) -> Result<Ast> {
        let pattern = self.expression(tighter)?;
        if !self.take_word("escape") {
            return Ok(pattern);
        }
        let arguments = vec![pattern, self.expression(tighter)?];
        self.node(call(LIKE_ESCAPE, arguments), at)
    }

    /// `extract(hour from x at time zone y)` and `trim(leading x from y)`, which begin with words; the bracket is open.
    pub(super) fn call_in_words(&mut self, name: &str) -> Result<Option<Node>> {
        let at = self.at();
        match (name, self.peek().clone(), self.peek_at(1).clone()) {
            (EXTRACT, Token::Word(_) | Token::Text(_), behind) if behind.is_word("from") => {
                let unit = match self.take() {
                    Token::Word(unit) => unit.to_ascii_lowercase(),
                    Token::Text(unit) => unit.to_ascii_lowercase(),
                    _ => String::new(),
                };
                self.expect_word("from")?;
                let mut arguments = vec![Ast::new(Node::Text(unit), at), self.expression(Precedence::Or)?];
                if self.take_word("at") {
                    self.expect_word("time")?;
                    self.expect_word("zone")?;
                    arguments.push(self.expression(Precedence::Or)?);
                }
                self.expect_symbol(")")?;
                Ok(Some(call(EXTRACT, arguments)))
            }
            ("trim", Token::Word(side), Token::Word(_) | Token::Quoted(_) | Token::Text(_)) => {
                let sides = [("both", "btrim"), ("leading", "ltrim"), ("trailing", "rtrim")];
                let Some((_, name)) = sides.iter().find(|(word, _)| side.eq_ignore_ascii_case(word)) else {
                    return Ok(None);
                };
                self.take();
                let unwanted = match self.peek().is_word("from") {
                    true => None,
                    false => Some(self.expression(Precedence::Or)?),
                };
                self.expect_word("from")?;
                let arguments = core::iter::once(self.expression(Precedence::Or)?).chain(unwanted).collect();
                self.expect_symbol(")")?;
                Ok(Some(call(name, arguments)))
            }
            _ => Ok(None),
        }
    }

    /// What follows the first argument of `trim(x from y)` and of `substring(x from y for z)`.
    pub(super) fn words_behind(&mut self, name: &str, list: &mut Vec<Ast>) -> Result<()> {
        match name {
            "trim" if self.take_word("from") => list.insert(0, self.expression(Precedence::Or)?),
            "substring" if self.peek().is_word("from") || self.peek().is_word("for") => {
                list.push(match self.take_word("from") {
                    true => self.expression(Precedence::Or)?,
                    false => Ast::new(Node::Integer(1), self.at()),
                });
                if self.take_word("for") {
                    list.push(self.expression(Precedence::Or)?);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn call(name: &str, arguments: Vec<Ast>) -> Node {
    Node::Call(Box::new(Call { name: name.to_string(), arguments: Arguments::List(arguments), filter: None }))
}
