//! Columns of a batch: borrowed where the host has them, owned where an expression computed them.
//!
//! The one idea: floats are `u64` bits. The compiler may turn integer tests on an `f64` into float compares, which a
//! host's flush-to-zero mode then changes; it cannot do that to a `u64` that was never a float.
//!
//! Not here: reading a host's own arrays (facade), evaluating expressions (`expr`).

mod dictionary;

use crate::value::Type;
use alloc::borrow::Cow;

pub use dictionary::Dictionary;

/// The values of a column; a NULL row holds any value of the type (a code of a NULL row may be anything).
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// Booleans.
    Bool(Cow<'a, [bool]>),
    /// Integers.
    Int64(Cow<'a, [i64]>),
    /// Bits of doubles, as the host had them: any NaN, −0.0.
    Float64(Cow<'a, [u64]>),
    /// Microseconds since the epoch.
    Timestamp(Cow<'a, [i64]>),
    /// Units of decimals, and digits behind the point.
    Decimal(Cow<'a, [i64]>, u8),
    /// Codes into a dictionary.
    String(Cow<'a, [u32]>, Dictionary<'a>),
}

/// Values and which of them are present.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// The values.
    pub values: Values<'a>,
    /// `true` where a row has a value; `None` when every row has one.
    pub validity: Option<Cow<'a, [bool]>>,
}

impl<'a> Column<'a> {
    /// A column in which every row has a value.
    #[must_use]
    pub fn new(values: Values<'a>) -> Self {
        Self { values, validity: None }
    }

    /// A column with NULLs where `validity` is false.
    #[must_use]
    pub fn with_validity(values: Values<'a>, validity: impl Into<Cow<'a, [bool]>>) -> Self {
        Self { values, validity: Some(validity.into()) }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Bool(v) => v.len(),
            Values::Int64(v) | Values::Timestamp(v) | Values::Decimal(v, _) => v.len(),
            Values::Float64(v) => v.len(),
            Values::String(codes, _) => codes.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of the values.
    #[must_use]
    pub fn data_type(&self) -> Type {
        match &self.values {
            Values::Bool(_) => Type::Bool,
            Values::Int64(_) => Type::Int64,
            Values::Float64(_) => Type::Float64,
            Values::Timestamp(_) => Type::Timestamp,
            Values::String(..) => Type::String,
            Values::Decimal(_, scale) => Type::Decimal(*scale),
        }
    }

    /// Whether row `row` has a value.
    #[must_use]
    #[inline]
    pub fn is_valid(&self, row: usize) -> bool {
        self.validity.as_ref().is_none_or(|v| v[row])
    }

    /// The same column, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> Column<'_> {
        let values = match &self.values {
            Values::Bool(v) => Values::Bool(Cow::Borrowed(v)),
            Values::Int64(v) => Values::Int64(Cow::Borrowed(v)),
            Values::Float64(v) => Values::Float64(Cow::Borrowed(v)),
            Values::Timestamp(v) => Values::Timestamp(Cow::Borrowed(v)),
            Values::Decimal(v, scale) => Values::Decimal(Cow::Borrowed(v), *scale),
            Values::String(codes, texts) => Values::String(Cow::Borrowed(codes), texts.borrowed()),
        };
        Column { values, validity: self.validity.as_deref().map(Cow::Borrowed) }
    }
}
