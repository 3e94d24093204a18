//! Texts: `||`, `like` and the functions of one text.

use super::lane::{Cells, Lane, Presence, Spread};
use super::texts::{join, Texts};
use super::{Active, Batch};
use crate::expr::ast::LetterCase;
use crate::expr::functions::{text, Function};
use crate::expr::like::Pattern;
use crate::expr::typed::Expr;
use alloc::string::String;

impl<'a> Batch<'a> {
    pub(super) fn concat(&mut self, operands: &[Expr], active: Active<'_>) -> Lane<'a> {
        let mut joined = Lane::new(Cells::String(Texts::one(String::new())), Presence::Every);
        for operand in operands {
            let Lane { cells, presence } = self.evaluate(operand, active);
            let texts = join(joined.cells.into_texts(), cells.into_texts());
            joined = Lane::new(Cells::String(texts), joined.presence.and(presence));
        }
        joined
    }

    pub(super) fn like(&mut self, letter_case: LetterCase, operands: &[Expr; 2], active: Active<'_>) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(&operands[0], active);
        let pattern = self.evaluate(&operands[1], active);
        let (texts, patterns) = (cells.into_texts(), pattern.cells.into_texts());
        let values = match &patterns.codes {
            Spread::One(_) => {
                let pattern = Pattern::new(patterns.at(0), letter_case);
                texts.map(|text| pattern.matches(text))
            }
            Spread::Many(_) => {
                let matches = |row| Pattern::new(patterns.at(row), letter_case).matches(texts.at(row));
                Spread::owned((0..self.rows).map(matches).collect())
            }
        };
        Lane::new(Cells::Bool(values), presence.and(pattern.presence))
    }

    /// A function of one text.
    pub(super) fn text_call(&mut self, function: Function, x: &Expr, active: Active<'_>) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(x, active);
        let texts = cells.into_texts();
        let cells = match function {
            Function::Length => Cells::Int64(texts.map(text::length)),
            _ => Cells::String(texts.rewrite(|text| text::apply(function, text))),
        };
        Lane::new(cells, presence)
    }
}
