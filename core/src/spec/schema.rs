//! The states a spec needs, each once, and the fingerprint by which rollups know that they can be merged.

use super::RowExpr;
use crate::state::StateKind;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use sha2::{Digest, Sha256};

/// Which values a state sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The rows themselves.
    Rows,
    /// The present values of an input, by index into [`crate::spec::Spec::inputs`].
    Values(usize),
    /// The rows in which a float column is NaN, by index into [`crate::spec::Spec::columns`].
    NaNs(usize),
}

/// One atomic state: its kind and what it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDef {
    pub(super) kind: StateKind,
    pub(super) argument: Argument,
    pub(super) by: Option<usize>,
    pub(super) filter: Option<usize>,
    pub(super) text: String,
}

impl StateDef {
    /// The kind with its parameters.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        self.kind
    }

    /// Which values the state sees.
    #[must_use]
    pub fn argument(&self) -> Argument {
        self.argument
    }

    /// The input that orders first and last.
    #[must_use]
    pub fn by(&self) -> Option<usize> {
        self.by
    }

    /// The condition rows must meet, by index into [`crate::spec::Spec::filters`].
    #[must_use]
    pub fn filter(&self) -> Option<usize> {
        self.filter
    }

    /// The state in words: what two specs must share to share the state.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Collects states, inputs and filters, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    pub(super) states: Vec<StateDef>,
    pub(super) inputs: Vec<RowExpr>,
    pub(super) filters: Vec<RowExpr>,
}

impl Schema {
    pub(super) fn input(&mut self, expr: RowExpr) -> usize {
        Self::once(&mut self.inputs, expr)
    }

    pub(super) fn filter(&mut self, expr: RowExpr) -> usize {
        Self::once(&mut self.filters, expr)
    }

    fn once(list: &mut Vec<RowExpr>, expr: RowExpr) -> usize {
        list.iter().position(|known| known.text() == expr.text()).unwrap_or_else(|| {
            list.push(expr);
            list.len() - 1
        })
    }

    pub(super) fn find(&self, text: &str) -> Option<usize> {
        self.states.iter().position(|state| state.text == text)
    }

    /// The state, made when it is new.
    pub(super) fn state(&mut self, state: StateDef) -> usize {
        self.find(&state.text).unwrap_or_else(|| {
            self.states.push(state);
            self.states.len() - 1
        })
    }

    /// Puts the states in the order of their texts and tells the new index of each old one.
    pub(super) fn put_in_order(&mut self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.states.len()).collect();
        crate::sort::by(&mut order, |&a, &b| self.states[a].text.as_bytes().cmp(self.states[b].text.as_bytes()));
        let mut new_index = alloc::vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            new_index[old] = new;
        }
        self.states = order.into_iter().map(|old| self.states[old].clone()).collect();
        new_index
    }
}

/// SHA-256, in hex, of everything that decides the states of a row.
pub(super) fn fingerprint<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // writing to a String cannot fail
        let _ = write!(text, "{byte:02x}");
    }
    text
}
