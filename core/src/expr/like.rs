//! The patterns of `like` and `ilike`.
//!
//! The one idea: `%` cuts a pattern into pieces. The first lies at the start of a text and the last at its end; each
//! other is found where it first occurs after the one before, and looking further is never needed. A piece of bytes
//! alone is looked for without going back in the text (Knuth, Morris and Pratt 1977), so that a match costs the lengths
//! of text and pattern; a piece with a `_` is compared at each place, and is short.

use super::ast::LetterCase;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_LIKE_PIECE;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// A pattern: `%` takes any text, `_` one code point, `\` makes the next character stand for itself.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// One more than there are `%`.
    pieces: Vec<Piece>,
    letter_case: LetterCase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// In lower case where the case of letters is ignored.
    Byte(u8),
    AnyChar,
}

#[derive(Clone, Debug, Default)]
struct Piece {
    parts: Vec<Part>,
    has_any: bool,
    /// For a piece to look for, of bytes alone: by how many parts, how long a start of the piece ends there.
    borders: Vec<usize>,
}

impl Pattern {
    /// Reads a pattern; `at` is the character of errors.
    ///
    /// **Errors** `expr.limit` for a `_` in a piece that is too long, between two `%`.
    pub(super) fn new(text: &str, letter_case: LetterCase, at: u32) -> Result<Self> {
        let mut pieces = vec![Piece::default()];
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let part = match byte {
                b'%' => {
                    pieces.push(Piece::default());
                    continue;
                }
                b'_' => Part::AnyChar,
                // a backslash at the end stands for itself
                b'\\' => Part::Byte(bytes.next().unwrap_or(byte)),
                byte => Part::Byte(byte),
            };
            let part = match part {
                Part::Byte(byte) => Part::Byte(letter_case.folded(byte)),
                Part::AnyChar => Part::AnyChar,
            };
            if let Some(piece) = pieces.last_mut() {
                piece.has_any |= part == Part::AnyChar;
                piece.parts.push(part);
            }
        }
        let last = pieces.len() - 1;
        for piece in pieces.iter_mut().take(last).skip(1) {
            piece.prepare(at)?;
        }
        Ok(Self { pieces, letter_case })
    }

    /// Whether the whole of `text` fits.
    ///
    /// **Cost** linear in the text and the pattern; for pieces with a `_` between two `%`, in the text times the piece.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((first, others)) = self.pieces.split_first() else { return false };
        let Some(mut rest) = self.without_start(first, text.as_bytes()) else { return false };
        let Some((last, middle)) = others.split_last() else { return rest.is_empty() };
        match self.without_end(last, rest) {
            Some(before) => rest = before,
            None => return false,
        }
        middle.iter().all(|piece| {
            let after = if piece.has_any { self.after_each(piece, rest) } else { self.after_bytes(piece, rest) };
            rest = after.unwrap_or_default();
            after.is_some()
        })
    }

    /// What follows the piece at the start of the text.
    fn without_start<'t>(&self, piece: &Piece, text: &'t [u8]) -> Option<&'t [u8]> {
        piece.parts.iter().try_fold(text, |rest, part| {
            let (&byte, mut after) = rest.split_first()?;
            match part {
                Part::Byte(wanted) if *wanted != self.letter_case.folded(byte) => return None,
                Part::Byte(_) => {}
                Part::AnyChar => {
                    while after.first().is_some_and(|&byte| continues(byte)) {
                        after = &after[1..];
                    }
                }
            }
            Some(after)
        })
    }

    /// What stands before the piece at the end of the text.
    fn without_end<'t>(&self, piece: &Piece, text: &'t [u8]) -> Option<&'t [u8]> {
        piece.parts.iter().rev().try_fold(text, |rest, part| {
            let (&byte, mut before) = rest.split_last()?;
            match part {
                Part::Byte(wanted) if *wanted != self.letter_case.folded(byte) => return None,
                Part::Byte(_) => {}
                Part::AnyChar => {
                    let mut last = byte;
                    while continues(last) {
                        let (&byte, shorter) = before.split_last()?;
                        (last, before) = (byte, shorter);
                    }
                }
            }
            Some(before)
        })
    }

    /// What follows the first occurrence of a piece of bytes.
    fn after_bytes<'t>(&self, piece: &Piece, text: &'t [u8]) -> Option<&'t [u8]> {
        let mut fits = 0;
        let mut rest = text.iter();
        while fits < piece.parts.len() {
            let byte = Part::Byte(self.letter_case.folded(*rest.next()?));
            while fits > 0 && piece.parts[fits] != byte {
                fits = piece.borders[fits - 1];
            }
            fits += usize::from(piece.parts[fits] == byte);
        }
        Some(rest.as_slice())
    }

    /// What follows the first occurrence of any piece.
    fn after_each<'t>(&self, piece: &Piece, text: &'t [u8]) -> Option<&'t [u8]> {
        let starts = (0..text.len()).filter(|&at| !continues(text[at]));
        starts.map(|at| self.without_start(piece, &text[at..])).find(Option::is_some).flatten()
    }
}

impl Piece {
    /// Gets ready to be looked for.
    ///
    /// **Errors** `expr.limit`.
    fn prepare(&mut self, at: u32) -> Result<()> {
        let length = self.parts.len();
        if self.has_any {
            if length > MAX_LIKE_PIECE {
                let text = format!("between two '%', at most {MAX_LIKE_PIECE} bytes may hold a '_', got {length}");
                return Err(Error::new(Code::ExprLimit, text).at(at));
            }
            return Ok(());
        }
        self.borders = vec![0; length];
        let mut fits = 0;
        for at in 1..length {
            while fits > 0 && self.parts[fits] != self.parts[at] {
                fits = self.borders[fits - 1];
            }
            fits += usize::from(self.parts[fits] == self.parts[at]);
            self.borders[at] = fits;
        }
        Ok(())
    }
}

impl LetterCase {
    fn folded(self, byte: u8) -> u8 {
        match self {
            LetterCase::Kept => byte,
            LetterCase::Ignored => byte.to_ascii_lowercase(),
        }
    }
}

/// Whether a byte is one inside a character of UTF-8.
fn continues(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    fn is_like(text: &str, pattern: &str, letter_case: LetterCase) -> bool {
        Pattern::new(pattern, letter_case, 0).expect("a short pattern").matches(text)
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("%%", "", true),
            ("gpt-%", "gpt-4o", true),
            ("gpt-%", "a gpt-4o", false),
            ("%4%", "gpt-4o", true),
            ("_", "é", true),
            ("__", "é", false),
            ("%_é_%", "aéé", true),
            ("%_é_%", "éé", false),
            ("%ab", "abaab", true),
            ("%ab", "abaa", false),
            ("a%a", "a", false),
            ("ab%ba", "aba", false),
            ("a%b%c", "a1b2b3c", true),
            ("a%b%c", "a1b2b3", false),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("a\\_c", "abc", false),
            ("a\\", "a\\", true),
            ("\\é", "é", true),
            ("\\\\", "\\", true),
            ("A%", "abc", false),
            ("%_", "", false),
            ("%abab_%", "ababab", true),
        ] {
            assert_eq!(is_like(text, pattern, LetterCase::Kept), fits, "{text} like {pattern}");
        }
    }

    #[test]
    fn only_ascii_letters_lose_their_case() {
        assert!(is_like("gpt-4", "GPT%", LetterCase::Ignored));
        assert!(is_like("a GpT-4", "%gPt%", LetterCase::Ignored));
        assert!(!is_like("é", "É", LetterCase::Ignored));
    }

    /// What `%` and `_` mean, tried in every way.
    fn fits(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|taken| fits(rest, &text[taken..])),
            Some(('_', rest)) => !text.is_empty() && fits(rest, &text[1..]),
            Some(('\\', rest)) => match rest.split_first() {
                None => text == ['\\'],
                Some((c, rest)) => text.first() == Some(c) && fits(rest, &text[1..]),
            },
            Some((c, rest)) => text.first() == Some(c) && fits(rest, &text[1..]),
        }
    }

    fn of_few(chars: &'static [char], most: usize) -> impl Strategy<Value = Vec<char>> {
        proptest::collection::vec(proptest::sample::select(chars), 0..most)
    }

    proptest! {
        #[test]
        fn pieces_are_found_where_trying_finds_them(
            pattern in of_few(&['a', 'a', 'b', 'B', 'é', '%', '%', '_', '\\'], 12),
            text in of_few(&['a', 'a', 'b', 'b', 'é', '語', '%', '\\'], 24),
        ) {
            let of = |chars: &[char]| chars.iter().collect::<String>();
            prop_assert_eq!(is_like(&of(&text), &of(&pattern), LetterCase::Kept), fits(&pattern, &text));
            let lower = |chars: &[char]| chars.iter().map(char::to_ascii_lowercase).collect::<Vec<_>>();
            let ignored = is_like(&of(&text), &of(&pattern), LetterCase::Ignored);
            prop_assert_eq!(ignored, fits(&lower(&pattern), &lower(&text)));
        }
    }

    #[test]
    fn a_place_that_is_compared_again_and_again_is_short() {
        let piece = |length: usize| Pattern::new(&format!("%_{}%", "a".repeat(length)), LetterCase::Kept, 3);
        assert!(piece(MAX_LIKE_PIECE - 1).is_ok());
        let error = piece(MAX_LIKE_PIECE).expect_err("too long");
        assert_eq!((error.code(), error.position()), (Code::ExprLimit, Some(3)));
        // at the ends of a text there is one place
        let long = "_a".repeat(MAX_LIKE_PIECE);
        assert!(is_like(&"a".repeat(2 * MAX_LIKE_PIECE), &long, LetterCase::Kept));
        assert!(is_like(&"a".repeat(5 * MAX_LIKE_PIECE), &format!("{long}%a%{long}"), LetterCase::Kept));
    }
}
