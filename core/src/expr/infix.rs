//! The operators that may follow an operand, and how tightly each binds.

use super::ast::{Comparison, LetterCase, Operator, Precedence};
use super::token::Token;

/// What may follow a complete operand.
#[derive(Clone, Copy)]
pub(super) enum Infix {
    Chain(Operator),
    Compare(Comparison),
    Is,
    In,
    Between,
    Like(LetterCase),
}

impl Infix {
    pub(super) fn precedence(self) -> Precedence {
        match self {
            Infix::Chain(operator) => operator.precedence(),
            Infix::Compare(_) => Precedence::Compare,
            Infix::Is => Precedence::Is,
            Infix::In | Infix::Between | Infix::Like(_) => Precedence::Match,
        }
    }

    /// The operator that a token is or begins with.
    pub(super) fn of(token: &Token<'_>) -> Option<Self> {
        let of_word = |word: &str| match word.to_ascii_lowercase().as_str() {
            "or" => Some(Infix::Chain(Operator::Or)),
            "and" => Some(Infix::Chain(Operator::And)),
            "is" => Some(Infix::Is),
            "in" => Some(Infix::In),
            "between" => Some(Infix::Between),
            "like" => Some(Infix::Like(LetterCase::Kept)),
            "ilike" => Some(Infix::Like(LetterCase::Ignored)),
            _ => None,
        };
        match *token {
            Token::Word(word) => of_word(word),
            Token::Symbol(symbol) => Some(match symbol {
                "||" => Infix::Chain(Operator::Concat),
                "+" => Infix::Chain(Operator::Add),
                "-" => Infix::Chain(Operator::Subtract),
                "*" => Infix::Chain(Operator::Multiply),
                "/" => Infix::Chain(Operator::Divide),
                "%" => Infix::Chain(Operator::Remainder),
                "=" => Infix::Compare(Comparison::Equal),
                "<>" | "!=" => Infix::Compare(Comparison::NotEqual),
                "<" => Infix::Compare(Comparison::Less),
                "<=" => Infix::Compare(Comparison::LessEqual),
                ">" => Infix::Compare(Comparison::Greater),
                ">=" => Infix::Compare(Comparison::GreaterEqual),
                _ => return None,
            }),
            Token::Quoted(_) | Token::Number(_) | Token::Text(_) | Token::Parameter(_) | Token::End => None,
        }
    }
}
