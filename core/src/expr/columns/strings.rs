//! Texts: `||`, `like` and the functions of texts.

use super::lane::{Cells, Lane, Presence, Spread};
use super::texts::{join, numbered, pair, Texts};
use super::{Active, Batch};
use crate::error::{Code, Error};
use crate::expr::ast::LetterCase;
use crate::expr::functions::text::{self, Operand};
use crate::expr::functions::Function;
use crate::expr::like::Pattern;
use crate::expr::typed::Expr;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

impl<'a> Batch<'a> {
    pub(super) fn concat(&mut self, operands: &[Expr], at: u32, active: Active<'_>) -> Lane<'a> {
        let mut pieces = Vec::with_capacity(operands.len());
        let mut presence = Presence::Every;
        for operand in operands {
            let lane = self.evaluate(operand, active);
            pieces.push(lane.cells.into_texts());
            presence = presence.and(lane.presence);
        }
        let mut are_too_long = false;
        let joined = join(&pieces, |texts| {
            let is_too_long = text::is_too_long(texts.iter().copied());
            are_too_long |= is_too_long;
            if is_too_long {
                String::new()
            } else {
                texts.concat()
            }
        });
        if are_too_long {
            let is_too_long = |row| text::is_too_long(pieces.iter().map(|piece| piece.at(row)));
            self.fail_where(&presence, active, is_too_long, |_| text::too_long().at(at));
        }
        Lane::new(Cells::String(joined), presence)
    }

    pub(super) fn like(
        &mut self,
        letter_case: LetterCase,
        operands: &[Expr; 2],
        at: u32,
        active: Active<'_>,
    ) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(&operands[0], active);
        let pattern = self.evaluate(&operands[1], active);
        let presence = presence.and(pattern.presence);
        let (texts, patterns) = (cells.into_texts(), pattern.cells.into_texts());
        let read = |row: usize| Pattern::new(patterns.at(row), letter_case, at);
        let mut are_refused = false;
        let values = match &patterns.codes {
            Spread::One(_) => {
                let pattern = read(0);
                are_refused = pattern.is_err();
                texts.map(|text| pattern.as_ref().is_ok_and(|pattern| pattern.matches(text)))
            }
            Spread::Many(codes) => {
                // each pattern and text once, however many rows have the two
                let pairs = texts.codes.zip(&patterns.codes, pair);
                let (numbers, rows) = numbered(&pairs.into_many(codes.len()));
                let matches = rows.iter().map(|&row| {
                    let pattern = read(row);
                    are_refused |= pattern.is_err();
                    pattern.is_ok_and(|pattern| pattern.matches(texts.at(row)))
                });
                let matches: Vec<bool> = matches.collect();
                Spread::owned(numbers.into_iter().map(|number| matches[number as usize]).collect())
            }
        };
        if are_refused {
            let error = |row| read(row).map_or_else(|error| error, |_| text::too_long().at(at));
            self.fail_where(&presence, active, |row| read(row).is_err(), error);
        }
        Lane::new(Cells::Bool(values), presence)
    }

    /// A function of a text and of what stands behind it.
    pub(super) fn text_call(
        &mut self,
        function: Function,
        arguments: &[Expr],
        at: u32,
        active: Active<'_>,
    ) -> Lane<'a> {
        let mut presence = Presence::Every;
        let mut lanes = Vec::new();
        for argument in arguments {
            let lane = self.evaluate(argument, active);
            presence = presence.and(lane.presence);
            lanes.push(lane.cells);
        }
        let more = lanes.split_off(1.min(lanes.len()));
        let texts = lanes.pop().map_or(Texts::none(), Cells::into_texts);
        if function == Function::Length {
            return Lane::new(Cells::Int64(texts.map(text::length)), presence);
        }
        let operands = |row: usize| more.iter().map(|cells| operand(cells, row)).collect::<Vec<_>>();
        // the error of each text that is written
        let mut errors: Vec<Option<Error>> = Vec::new();
        let mut write = |text: &str, operands: &[Operand<'_>]| match text::apply(function, text, operands) {
            Ok(text) => {
                errors.push(None);
                text.into_owned()
            }
            Err(error) => {
                errors.push(Some(error.at(at)));
                String::new()
            }
        };
        let written = if more.iter().all(is_one) {
            let operands = operands(0);
            texts.rewrite(|text| write(text, &operands))
        } else {
            // each combination of a text and what stands behind it once, however many rows have it
            let (mut numbers, mut rows) = numbered(&texts.codes.map(u64::from).into_many(self.rows));
            for cells in more.iter().filter(|cells| !is_one(cells)) {
                let (others, _) = numbered(&bits(cells).into_many(self.rows));
                let pairs = Spread::owned(numbers).zip(&Spread::owned(others), pair);
                (numbers, rows) = numbered(&pairs.into_many(self.rows));
            }
            let dictionary = rows.iter().map(|&row| Cow::Owned(write(texts.at(row), &operands(row))));
            Texts { dictionary: dictionary.collect(), codes: Spread::owned(numbers) }
        };
        if errors.iter().any(Option::is_some) {
            let error = |row| errors.get(written.codes.at(row) as usize).cloned().flatten();
            let unknown = || Error::new(Code::ExprArguments, "");
            self.fail_where(&presence, active, |row| error(row).is_some(), |row| error(row).unwrap_or_else(unknown));
        }
        Lane::new(Cells::String(written), presence)
    }
}

/// Whether the cells are the same in every row.
fn is_one(cells: &Cells<'_>) -> bool {
    match cells {
        Cells::String(texts) => matches!(texts.codes, Spread::One(_)),
        Cells::Int64(numbers) => matches!(numbers, Spread::One(_)),
        _ => true,
    }
}

/// What tells the cells of two rows apart.
fn bits(cells: &Cells<'_>) -> Spread<'static, u64> {
    match cells {
        Cells::String(texts) => texts.codes.map(u64::from),
        Cells::Int64(numbers) => numbers.map(i64::cast_unsigned),
        _ => Spread::One(0),
    }
}

/// What stands in a row behind a text; the types are checked.
fn operand<'t>(cells: &'t Cells<'_>, row: usize) -> Operand<'t> {
    match cells {
        Cells::String(texts) => Operand::Text(texts.at(row)),
        Cells::Int64(numbers) => Operand::Number(numbers.at(row)),
        _ => Operand::Number(0),
    }
}
