//! The patterns of `like` and `ilike`.
//!
//! The one idea: only the last `%` passed can still take more text, so one place to go back to is enough.

use super::ast::LetterCase;
use alloc::vec::Vec;

/// A pattern: `%` takes any text, `_` one code point, `\` makes the next character stand for itself.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    letter_case: LetterCase,
}

#[derive(Clone, Copy, Debug)]
enum Piece {
    Char(char),
    AnyChar,
    AnyText,
}

impl Pattern {
    pub(super) fn new(text: &str, letter_case: LetterCase) -> Self {
        let mut pieces = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            pieces.push(match c {
                '%' => Piece::AnyText,
                '_' => Piece::AnyChar,
                // a backslash at the end stands for itself
                '\\' => Piece::Char(chars.next().unwrap_or('\\')),
                c => Piece::Char(c),
            });
        }
        Self { pieces, letter_case }
    }

    /// Whether the whole of `text` fits.
    ///
    /// **Cost** at most the length of the text times that of the pattern.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut next = 0;
        let mut retry = None;
        loop {
            match self.pieces.get(next) {
                Some(Piece::AnyText) => {
                    next += 1;
                    retry = Some((next, rest.clone()));
                    continue;
                }
                Some(&piece) => {
                    let mut ahead = rest.clone();
                    if ahead.next().is_some_and(|c| self.takes(piece, c)) {
                        rest = ahead;
                        next += 1;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            // the last `%` takes one character more
            let Some((piece, from)) = &mut retry else {
                return false;
            };
            if from.next().is_none() {
                return false;
            }
            next = *piece;
            rest = from.clone();
        }
    }

    fn takes(&self, piece: Piece, c: char) -> bool {
        match (piece, self.letter_case) {
            (Piece::Char(wanted), LetterCase::Kept) => wanted == c,
            (Piece::Char(wanted), LetterCase::Ignored) => wanted.eq_ignore_ascii_case(&c),
            (Piece::AnyChar | Piece::AnyText, _) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("gpt-%", "gpt-4o", true),
            ("gpt-%", "a gpt-4o", false),
            ("%4%", "gpt-4o", true),
            ("_", "é", true),
            ("__", "é", false),
            ("%ab", "abaab", true),
            ("%ab", "abaa", false),
            ("a%b%c", "a1b2b3c", true),
            ("a%b%c", "a1b2b3", false),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("a\\_c", "abc", false),
            ("a\\", "a\\", true),
            ("\\\\", "\\", true),
            ("A%", "abc", false),
            ("%_", "", false),
        ] {
            assert_eq!(Pattern::new(pattern, LetterCase::Kept).matches(text), fits, "{text} like {pattern}");
        }
    }

    #[test]
    fn only_ascii_letters_lose_their_case() {
        assert!(Pattern::new("GPT%", LetterCase::Ignored).matches("gpt-4"));
        assert!(!Pattern::new("É", LetterCase::Ignored).matches("é"));
    }
}
