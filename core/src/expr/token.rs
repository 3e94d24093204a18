//! Cuts the text of an expression into tokens.
//!
//! The one idea: positions are counted in code points, because that is what every host can underline.

use crate::error::{Code, Error, Result};
use crate::limits::MAX_EXPR_CHARS;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The words that are not names unless quoted.
const KEYWORDS: [&str; 19] = [
    "and", "as", "between", "case", "cast", "else", "end", "false", "ilike", "in", "is", "like", "not", "null", "or",
    "then", "true", "when", "where",
];

/// The longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 19] =
    ["::", "<>", "!=", "<=", ">=", "||", "--", "/*", "+", "-", "*", "/", "%", "=", "<", ">", "(", ")", ","];

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// Letters, digits, `_` and `$`: a keyword or a name.
    Word(&'t str),
    /// A name in double quotes.
    Quoted(String),
    /// Digits with an optional fraction and exponent.
    Number(&'t str),
    /// A text in single quotes.
    Text(String),
    /// The digits of a parameter.
    Parameter(&'t str),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// After the last token.
    End,
}

impl Token<'_> {
    /// The token as an error message shows it.
    pub(super) fn describe(&self) -> String {
        match self {
            Token::Word(word) => quoted(word, '\''),
            Token::Quoted(name) => quoted(name, '"'),
            Token::Number(number) => quoted(number, '\''),
            Token::Text(_) => "a text".to_string(),
            Token::Parameter(number) => format!("'${number}'"),
            Token::Symbol(symbol) => quoted(symbol, '\''),
            Token::End => "the end".to_string(),
        }
    }

    /// Whether this is the keyword `keyword`, in any case.
    pub(super) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// `text` in quotes, cut where a message would grow too long.
pub(super) fn quoted(text: &str, quote: char) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        None => format!("{quote}{text}{quote}"),
        Some((cut, _)) => format!("{quote}{}…{quote}", &text[..cut]),
    }
}

/// The tokens of `text` with the position of each, the last being [`Token::End`].
///
/// **Errors** `expr.limit`, `expr.syntax`.
pub(super) fn tokenize(text: &str) -> Result<Vec<(Token<'_>, u32)>> {
    // no more than the limit is ever looked at, however long the text
    if text.chars().nth(MAX_EXPR_CHARS).is_some() {
        let message = format!("an expression must have at most {MAX_EXPR_CHARS} characters");
        return Err(Error::new(Code::ExprLimit, message).at(MAX_EXPR_CHARS as u32));
    }
    let mut cursor = Cursor { rest: text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        cursor.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let at = cursor.at;
        let token = cursor.token()?;
        let ended = token == Token::End;
        tokens.push((token, at));
        if ended {
            return Ok(tokens);
        }
    }
}

/// What is left of the text.
struct Cursor<'t> {
    rest: &'t str,
    at: u32,
}

impl<'t> Cursor<'t> {
    fn token(&mut self) -> Result<Token<'t>> {
        let at = self.at;
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token::End);
        };
        if first == '\'' {
            return Ok(Token::Text(self.quoted_with('\'', "a text")?));
        }
        if first == '"' {
            let name = self.quoted_with('"', "a quoted name")?;
            if name.is_empty() {
                return Err(syntax("a quoted name is empty", at));
            }
            return Ok(Token::Quoted(name));
        }
        if is_word_start(first) {
            return Ok(Token::Word(self.take_while(is_word_part)));
        }
        let second = self.rest.chars().nth(1);
        if first.is_ascii_digit() || (first == '.' && second.is_some_and(|c| c.is_ascii_digit())) {
            return self.number();
        }
        if first == '$' && second.is_some_and(|c| c.is_ascii_digit()) {
            self.skip(1);
            return Ok(Token::Parameter(self.take_while(|c| c.is_ascii_digit())));
        }
        match SYMBOLS.iter().find(|symbol| self.rest.starts_with(**symbol)) {
            Some(&comment @ ("--" | "/*")) => {
                let message =
                    format!("an expression has no comments, found '{comment}'; put a space between operators");
                Err(syntax(&message, at))
            }
            Some(symbol) => {
                self.skip(symbol.len());
                Ok(Token::Symbol(symbol))
            }
            None if first.is_ascii() => Err(syntax(&format!("'{first}' has no meaning in an expression"), at)),
            None => Err(syntax(&format!("'{first}' stands only in texts and in names in double quotes"), at)),
        }
    }

    fn number(&mut self) -> Result<Token<'t>> {
        let (start, at) = (self.rest, self.at);
        self.take_while(|c| c.is_ascii_digit());
        if self.rest.starts_with('.') {
            self.skip(1);
            self.take_while(|c| c.is_ascii_digit());
        }
        if self.rest.starts_with(['e', 'E']) {
            self.skip(1);
            if self.rest.starts_with(['+', '-']) {
                self.skip(1);
            }
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return Err(syntax("a number has an exponent without digits", at));
            }
        }
        if self.rest.starts_with(|c: char| is_word_part(c) || c == '.') {
            return Err(syntax("a number runs into what follows it", at));
        }
        Ok(Token::Number(&start[..start.len() - self.rest.len()]))
    }

    /// A text between `quote`s, in which a doubled quote stands for one.
    fn quoted_with(&mut self, quote: char, what: &str) -> Result<String> {
        let at = self.at;
        let mut text = String::new();
        self.skip(1);
        loop {
            text.push_str(self.take_while(|c| c != quote));
            if self.rest.is_empty() {
                return Err(syntax(&format!("{what} has no closing {quote}"), at));
            }
            self.skip(1);
            if !self.rest.starts_with(quote) {
                return Ok(text);
            }
            text.push(quote);
            self.skip(1);
        }
    }

    fn take_while(&mut self, mut belongs: impl FnMut(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        // cannot overflow: the text has at most MAX_EXPR_CHARS characters
        self.at += taken.chars().count() as u32;
        self.rest = rest;
        taken
    }

    /// Steps over `count` ASCII characters.
    fn skip(&mut self, count: usize) {
        self.rest = &self.rest[count..];
        self.at += count as u32;
    }
}

/// Whether `word`, in any case, is not a name unless quoted.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// Whether `c` begins a name that needs no quotes.
pub(super) fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// Whether `c` continues a name that needs no quotes.
pub(super) fn is_word_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// An `expr.syntax` error at a character.
pub(super) fn syntax(message: &str, at: u32) -> Error {
    Error::new(Code::ExprSyntax, message).at(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn tokens(text: &str) -> Vec<Token<'_>> {
        tokenize(text).unwrap().into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn quotes_are_escaped_by_doubling() {
        assert_eq!(
            tokens("'it''s' \"a\"\"b\""),
            vec![Token::Text("it's".to_string()), Token::Quoted("a\"b".to_string()), Token::End]
        );
    }

    #[test]
    fn positions_count_code_points() {
        let found: Vec<u32> = tokenize("'é漢🎈' + x").unwrap().into_iter().map(|(_, at)| at).collect();
        assert_eq!(found, vec![0, 6, 8, 9]);
    }

    #[test]
    fn numbers_take_fractions_and_exponents() {
        for number in ["1", "0.5", ".5", "5.", "1e3", "1.5E-10", "2e+7"] {
            assert_eq!(tokens(number), vec![Token::Number(number), Token::End]);
        }
        for wrong in ["1e", "1e+", "1x", "1.2.3", "1_000"] {
            assert_eq!(tokenize(wrong).unwrap_err().code(), Code::ExprSyntax, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_a_token_is_refused_where_it_stands() {
        for (text, at) in [("a 'b", 2), ("a \"b", 2), ("a \"\"", 2), ("ab ; c", 3), ("a -- c", 2), ("a − b", 2)] {
            let error = tokenize(text).unwrap_err();
            assert_eq!((error.code(), error.position()), (Code::ExprSyntax, Some(at)), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_refused_at_once() {
        let error = tokenize(&"a".repeat(1 << 20)).unwrap_err();
        assert_eq!(error.code(), Code::ExprLimit);
        assert!(tokenize(&"é".repeat(MAX_EXPR_CHARS)).unwrap_err().code() == Code::ExprSyntax);
    }
}
