//! A lane that takes some of its rows from one lane, some from another.

use super::lane::{Cells, Lane, Presence, Spread};
use super::texts::Texts;
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

/// Rows taken so far; the others are absent.
pub(super) struct Blend<'a> {
    values: BlendValues<'a>,
    present: Vec<bool>,
}

enum BlendValues<'a> {
    Bool(Vec<bool>),
    Int64(Vec<i64>),
    Float64(Vec<u64>),
    Timestamp(Vec<i64>),
    String(Vec<u32>, Vec<Cow<'a, str>>),
}

impl<'a> Blend<'a> {
    pub(super) fn new(data_type: Type, rows: usize) -> Self {
        let values = match data_type {
            Type::Bool => BlendValues::Bool(vec![false; rows]),
            Type::Int64 | Type::Decimal(_) => BlendValues::Int64(vec![0; rows]),
            Type::Float64 => BlendValues::Float64(vec![0; rows]),
            Type::Timestamp => BlendValues::Timestamp(vec![0; rows]),
            Type::String => BlendValues::String(vec![0; rows], Vec::new()),
        };
        Self { values, present: vec![false; rows] }
    }

    /// Takes the rows of a lane where `taken` is true.
    pub(super) fn take(&mut self, lane: Lane<'a>, taken: &[bool]) {
        match (&mut self.values, lane.cells) {
            (BlendValues::Bool(values), Cells::Bool(from)) => fill(values, taken, &from),
            (BlendValues::Int64(values), Cells::Int64(from)) => fill(values, taken, &from),
            (BlendValues::Float64(values), Cells::Float64(from)) => fill(values, taken, &from),
            (BlendValues::Timestamp(values), Cells::Timestamp(from)) => fill(values, taken, &from),
            (BlendValues::String(codes, dictionary), Cells::String(from)) => {
                let offset = dictionary.len() as u32;
                from.dictionary.append_to(dictionary);
                // the code of an absent row may be anything; wrapped, it still is
                fill(codes, taken, &from.codes.map(|code| code.wrapping_add(offset)));
            }
            // the checker gave all lanes of a blend one type
            _ => return,
        }
        fill(&mut self.present, taken, &lane.presence.into_spread());
    }

    /// What is taken so far.
    pub(super) fn lane(&self) -> Lane<'_> {
        let cells = match &self.values {
            BlendValues::Bool(values) => Cells::Bool(Spread::borrowed(values)),
            BlendValues::Int64(values) => Cells::Int64(Spread::borrowed(values)),
            BlendValues::Float64(values) => Cells::Float64(Spread::borrowed(values)),
            BlendValues::Timestamp(values) => Cells::Timestamp(Spread::borrowed(values)),
            BlendValues::String(codes, dictionary) => {
                Cells::String(Texts { codes: Spread::borrowed(codes), dictionary: dictionary.into() })
            }
        };
        Lane::new(cells, Presence::Of(Cow::Borrowed(&self.present)))
    }

    pub(super) fn into_lane(self) -> Lane<'a> {
        let cells = match self.values {
            BlendValues::Bool(values) => Cells::Bool(Spread::owned(values)),
            BlendValues::Int64(values) => Cells::Int64(Spread::owned(values)),
            BlendValues::Float64(values) => Cells::Float64(Spread::owned(values)),
            BlendValues::Timestamp(values) => Cells::Timestamp(Spread::owned(values)),
            BlendValues::String(codes, dictionary) => {
                Cells::String(Texts { codes: Spread::owned(codes), dictionary: dictionary.into() })
            }
        };
        Lane::new(cells, Presence::owned(self.present))
    }
}

fn fill<T: Copy>(values: &mut [T], taken: &[bool], from: &Spread<'_, T>) {
    // a value is chosen, not jumped over: which rows are taken is not predictable
    match from {
        Spread::One(from) => {
            for (value, &taken) in values.iter_mut().zip(taken) {
                *value = select_unpredictable(taken, *from, *value);
            }
        }
        Spread::Many(from) => {
            for ((value, &taken), &from) in values.iter_mut().zip(taken).zip(from.iter()) {
                *value = select_unpredictable(taken, from, *value);
            }
        }
    }
}
