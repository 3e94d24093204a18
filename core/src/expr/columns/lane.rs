//! The values of one expression for all rows of a batch, while it is evaluated.
//!
//! The one idea: what is the same in every row is kept once, so that a loop over a column and a literal reads one
//! array. Floats are canonical here: a NaN is absent, −0.0 is +0.0.

use super::texts::Texts;
use crate::column::{Column, Values};
use crate::math::Float64;
use crate::value::{Type, Value};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::slice;

/// A value for each row, or one for all.
#[derive(Clone, Debug)]
pub(super) enum Spread<'a, T: Copy> {
    One(T),
    /// As many as the batch has rows.
    Many(Cow<'a, [T]>),
}

/// Which rows have a value.
#[derive(Clone, Debug)]
pub(super) enum Presence<'a> {
    Every,
    Never,
    Of(Cow<'a, [bool]>),
}

/// Values by type; anything where none is present.
#[derive(Clone, Debug)]
pub(super) enum Cells<'a> {
    Bool(Spread<'a, bool>),
    /// Integers, or units of decimals.
    Int64(Spread<'a, i64>),
    /// Bits.
    Float64(Spread<'a, u64>),
    Timestamp(Spread<'a, i64>),
    String(Texts<'a>),
}

/// Values and which of them are present.
#[derive(Clone, Debug)]
pub(super) struct Lane<'a> {
    pub cells: Cells<'a>,
    pub presence: Presence<'a>,
}

impl<'a, T: Copy> Spread<'a, T> {
    pub(super) fn owned(values: Vec<T>) -> Self {
        Spread::Many(Cow::Owned(values))
    }

    pub(super) fn borrowed(values: &'a [T]) -> Self {
        Spread::Many(Cow::Borrowed(values))
    }

    #[inline]
    pub(super) fn at(&self, row: usize) -> T {
        match self {
            Spread::One(value) => *value,
            Spread::Many(values) => values[row],
        }
    }

    pub(super) fn map<U: Copy>(&self, mut f: impl FnMut(T) -> U) -> Spread<'static, U> {
        let values: Vec<U> = self.as_slice().iter().map(|&value| f(value)).collect();
        match self {
            Spread::One(_) => Spread::One(values[0]),
            Spread::Many(_) => Spread::owned(values),
        }
    }

    pub(super) fn zip<U: Copy, V: Copy>(
        &self,
        other: &Spread<'_, U>,
        mut f: impl FnMut(T, U) -> V,
    ) -> Spread<'static, V> {
        // where the download counts, one loop for all: each loop is code of its own for each operator and type
        #[cfg(target_family = "wasm")]
        let values: Vec<V> = {
            let rows = match (self, other) {
                (Spread::One(_), other) => other.as_slice().len(),
                (Spread::Many(values), _) => values.len(),
            };
            (0..rows).map(|row| f(self.at(row), other.at(row))).collect()
        };
        #[cfg(not(target_family = "wasm"))]
        let values: Vec<V> = match (self, other) {
            (Spread::One(x), Spread::Many(ys)) => ys.iter().map(|&y| f(*x, y)).collect(),
            (Spread::Many(xs), Spread::One(y)) => xs.iter().map(|&x| f(x, *y)).collect(),
            _ => self.as_slice().iter().zip(other.as_slice()).map(|(&x, &y)| f(x, y)).collect(),
        };
        match (self, other) {
            (Spread::One(_), Spread::One(_)) => Spread::One(values[0]),
            _ => Spread::owned(values),
        }
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Spread::One(value) => slice::from_ref(value),
            Spread::Many(values) => values,
        }
    }

    pub(super) fn into_many(self, rows: usize) -> Cow<'a, [T]> {
        match self {
            Spread::One(value) => Cow::Owned(vec![value; rows]),
            Spread::Many(values) => values,
        }
    }
}

impl<'a> Presence<'a> {
    pub(super) fn owned(present: Vec<bool>) -> Self {
        Presence::Of(Cow::Owned(present))
    }

    #[inline]
    pub(super) fn at(&self, row: usize) -> bool {
        match self {
            Presence::Every => true,
            Presence::Never => false,
            Presence::Of(present) => present[row],
        }
    }

    /// Rows present in both.
    pub(super) fn and(self, other: Presence<'a>) -> Presence<'a> {
        match (self, other) {
            (Presence::Every, presence) | (presence, Presence::Every) => presence,
            (Presence::Never, _) | (_, Presence::Never) => Presence::Never,
            (Presence::Of(x), Presence::Of(y)) => {
                Presence::owned(x.iter().zip(y.iter()).map(|(&x, &y)| x & y).collect())
            }
        }
    }

    /// The rows where `kept` is true as well.
    pub(super) fn and_where(self, kept: Spread<'_, bool>) -> Presence<'a> {
        match kept {
            Spread::One(true) => self,
            Spread::One(false) => Presence::Never,
            Spread::Many(kept) => self.and(Presence::owned(kept.into_owned())),
        }
    }

    /// As a truth for each row, or one for all.
    pub(super) fn into_spread(self) -> Spread<'a, bool> {
        match self {
            Presence::Every => Spread::One(true),
            Presence::Never => Spread::One(false),
            Presence::Of(present) => Spread::Many(present),
        }
    }
}

impl<'a> Lane<'a> {
    pub(super) fn new(cells: Cells<'a>, presence: Presence<'a>) -> Self {
        Self { cells, presence }
    }

    /// Truths of which each is present.
    pub(super) fn truths(values: Spread<'a, bool>) -> Self {
        Self::new(Cells::Bool(values), Presence::Every)
    }

    /// Doubles of which some may be NaN; those become absent.
    pub(super) fn floats(values: Spread<'a, u64>, presence: Presence<'a>) -> Self {
        let nan = Float64::NAN.to_bits();
        let has_nan = match &values {
            Spread::One(bits) => *bits == nan,
            // no early end, so that the loop is vectorised
            Spread::Many(values) => values.iter().fold(false, |found, &bits| found | (bits == nan)),
        };
        let presence = if has_nan { presence.and_where(values.map(|bits| bits != nan)) } else { presence };
        Self::new(Cells::Float64(values), presence)
    }

    /// The same value in every row.
    pub(super) fn literal(value: &Value, data_type: Type) -> Self {
        let cells = match value {
            Value::Bool(x) => Cells::Bool(Spread::One(*x)),
            Value::Int64(x) => Cells::Int64(Spread::One(*x)),
            Value::Float64(x) => return Self::floats(Spread::One(x.to_bits()), Presence::Every),
            Value::Timestamp(x) => Cells::Timestamp(Spread::One(*x)),
            Value::String(x) => Cells::String(Texts::one(x.clone())),
            // of decimals there are the units
            Value::Null | Value::List(_) | Value::Counts(_) | Value::Decimal(..) => return Self::absent(data_type),
        };
        Self::new(cells, Presence::Every)
    }

    /// NULL in every row.
    pub(super) fn absent(data_type: Type) -> Self {
        let cells = match data_type {
            Type::Bool => Cells::Bool(Spread::One(false)),
            Type::Int64 | Type::Decimal(_) => Cells::Int64(Spread::One(0)),
            Type::Float64 => Cells::Float64(Spread::One(0)),
            Type::Timestamp => Cells::Timestamp(Spread::One(0)),
            Type::String => Cells::String(Texts::none()),
        };
        Self::new(cells, Presence::Never)
    }

    /// The values of a column, borrowed unless a float is not canonical.
    pub(super) fn column(column: Column<'a>) -> Self {
        let presence = match column.validity {
            None => Presence::Every,
            Some(valid) => Presence::Of(valid),
        };
        let cells = match column.values {
            Values::Bool(values) => Cells::Bool(Spread::Many(values)),
            Values::Int64(values) | Values::Decimal(values, _) => Cells::Int64(Spread::Many(values)),
            Values::Timestamp(values) => Cells::Timestamp(Spread::Many(values)),
            Values::String(codes, dictionary) => Cells::String(Texts { codes: Spread::Many(codes), dictionary }),
            Values::Float64(values) => {
                let canonical = |bits| Float64::from_bits(bits).to_bits();
                // no early end, so that the loop is vectorised
                let is_canonical = values.iter().fold(true, |all, &bits| all & (canonical(bits) == bits));
                let values = match is_canonical {
                    true => values,
                    false => values.iter().map(|&bits| canonical(bits)).collect(),
                };
                return Self::floats(Spread::Many(values), presence);
            }
        };
        Self::new(cells, presence)
    }

    pub(super) fn into_column(self, data_type: Type, rows: usize) -> Column<'a> {
        let values = match (self.cells, data_type) {
            (Cells::Int64(units), Type::Decimal(scale)) => Values::Decimal(units.into_many(rows), scale),
            (Cells::Bool(values), _) => Values::Bool(values.into_many(rows)),
            (Cells::Int64(values), _) => Values::Int64(values.into_many(rows)),
            (Cells::Float64(values), _) => Values::Float64(values.into_many(rows)),
            (Cells::Timestamp(values), _) => Values::Timestamp(values.into_many(rows)),
            (Cells::String(texts), _) => Values::String(texts.codes.into_many(rows), texts.dictionary),
        };
        let validity = match self.presence {
            Presence::Every => None,
            Presence::Never => Some(Cow::Owned(vec![false; rows])),
            Presence::Of(present) => Some(present),
        };
        Column { values, validity }
    }
}

impl<'a> Cells<'a> {
    /// The truths; the types are checked, so there is nothing else.
    pub(super) fn into_bools(self) -> Spread<'a, bool> {
        match self {
            Cells::Bool(values) => values,
            _ => Spread::One(false),
        }
    }

    /// The texts; the types are checked, so there is nothing else.
    pub(super) fn into_texts(self) -> Texts<'a> {
        match self {
            Cells::String(texts) => texts,
            _ => Texts::none(),
        }
    }
}
