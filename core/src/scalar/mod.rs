//! One present value, borrowed: its order, its hash and its only spelling in bytes.
//!
//! The one idea: keys, distinct counts, value counts, first/last and exemplars all see a value the same way.

mod hash;

use crate::bytes::{Reader, Writer};
use crate::column::{Column, Values};
use crate::error::Result;
use crate::limits;
use crate::math::Float64;
use crate::secret::Secret;
use crate::value::{Type, Value};
use alloc::string::ToString;
use core::cmp::Ordering;

/// A value that is not NULL (a NaN counts as NULL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int64(i64),
    /// A double; not NaN.
    Float64(Float64),
    /// Microseconds since the epoch.
    Timestamp(i64),
    /// A text.
    String(&'a str),
    /// Units of a decimal, and digits behind the point.
    Decimal(i64, u8),
}

impl<'a> Scalar<'a> {
    /// The type of the value.
    #[must_use]
    pub fn data_type(&self) -> Type {
        match *self {
            Scalar::Bool(_) => Type::Bool,
            Scalar::Int64(_) => Type::Int64,
            Scalar::Float64(_) => Type::Float64,
            Scalar::Timestamp(_) => Type::Timestamp,
            Scalar::String(_) => Type::String,
            Scalar::Decimal(_, scale) => Type::Decimal(scale),
        }
    }

    /// XXH64 of the canonical payload, seeded with the type: part of the format.
    #[must_use]
    #[inline]
    pub fn hash(&self) -> u64 {
        match *self {
            Scalar::Bool(v) => hash::of_bytes(1, &[u8::from(v)]),
            Scalar::Int64(v) => hash::of_word(2, v as u64),
            Scalar::Float64(v) => hash::of_word(3, v.to_bits()),
            Scalar::Timestamp(v) => hash::of_word(4, v as u64),
            Scalar::String(v) => hash::of_bytes(5, v.as_bytes()),
            Scalar::Decimal(v, _) => hash::of_word(6, v as u64),
        }
    }

    /// Where a table of this process keeps the value: never part of the format, nor of any answer.
    #[must_use]
    #[inline]
    pub fn place(&self, secret: Secret) -> u64 {
        match *self {
            Scalar::Bool(v) => secret.word(u64::from(v)),
            Scalar::Int64(v) | Scalar::Timestamp(v) | Scalar::Decimal(v, _) => secret.word(v as u64),
            Scalar::Float64(v) => secret.word(v.to_bits()),
            Scalar::String(v) => secret.text(v),
        }
    }

    /// Appends the value; the type is known to the reader.
    pub fn write(&self, out: &mut Writer) {
        match *self {
            Scalar::Bool(v) => out.u8(u8::from(v)),
            Scalar::Int64(v) | Scalar::Timestamp(v) | Scalar::Decimal(v, _) => out.zigzag(v),
            Scalar::Float64(v) => out.u64(v.to_bits()),
            Scalar::String(v) => out.sized(v.as_bytes()),
        }
    }

    /// Reads what [`Scalar::write`] wrote.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(data_type: Type, max_text: usize, bytes: &mut Reader<'a>) -> Result<Self> {
        Ok(match data_type {
            Type::Bool => match bytes.u8()? {
                0 => Scalar::Bool(false),
                1 => Scalar::Bool(true),
                _ => return Err(bytes.invalid("a bool is 0 or 1")),
            },
            Type::Int64 => Scalar::Int64(bytes.zigzag()?),
            Type::Decimal(scale) => Scalar::Decimal(bytes.zigzag()?, scale),
            Type::Timestamp => match bytes.zigzag()? {
                us if (limits::MIN_TIME_US..limits::MAX_TIME_US).contains(&us) => Scalar::Timestamp(us),
                _ => return Err(bytes.invalid("a time lies outside the supported range")),
            },
            Type::Float64 => {
                let bits = bytes.u64()?;
                let value = Float64::from_bits(bits);
                if value.to_bits() != bits || value.is_nan() {
                    return Err(bytes.not_canonical("a float64 is NaN or −0.0"));
                }
                Scalar::Float64(value)
            }
            Type::String => Scalar::String(bytes.text(max_text)?),
        })
    }

    /// The value, owned.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match *self {
            Scalar::Bool(v) => Value::Bool(v),
            Scalar::Int64(v) => Value::Int64(v),
            Scalar::Float64(v) => Value::Float64(v),
            Scalar::Timestamp(v) => Value::Timestamp(v),
            Scalar::String(v) => Value::String(v.to_string()),
            Scalar::Decimal(v, scale) => Value::Decimal(v.into(), scale),
        }
    }
}

impl Ord for Scalar<'_> {
    /// The natural order of one type; texts by bytes. Between types, the order of [`Type`]'s variants.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Scalar::Bool(a), Scalar::Bool(b)) => a.cmp(b),
            (Scalar::Int64(a), Scalar::Int64(b)) | (Scalar::Timestamp(a), Scalar::Timestamp(b)) => a.cmp(b),
            (Scalar::Decimal(a, x), Scalar::Decimal(b, y)) if x == y => a.cmp(b),
            (Scalar::Float64(a), Scalar::Float64(b)) => a.order_key().cmp(&b.order_key()),
            (Scalar::String(a), Scalar::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            _ => self.data_type().code().cmp(&other.data_type().code()),
        }
    }
}

impl PartialOrd for Scalar<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Value {
    /// The value as a scalar, which is one of a row; `None` for NULL, NaN, lists, and decimals past int64 in their units.
    #[must_use]
    pub fn as_scalar(&self) -> Option<Scalar<'_>> {
        Some(match self {
            Value::Bool(v) => Scalar::Bool(*v),
            Value::Int64(v) => Scalar::Int64(*v),
            Value::Float64(v) if !v.is_nan() => Scalar::Float64(*v),
            Value::Timestamp(v) => Scalar::Timestamp(*v),
            Value::String(v) => Scalar::String(v),
            Value::Decimal(v, scale) => Scalar::Decimal(i64::try_from(*v).ok()?, *scale),
            Value::Float64(_) | Value::Null | Value::List(_) | Value::Counts(_) => return None,
        })
    }
}

impl Value {
    /// The order of two values of one type, decimals of any size; `None` where one of them is NULL, NaN or a list.
    #[must_use]
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self.whole(), other.whole()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => Some(self.as_scalar()?.cmp(&other.as_scalar()?)),
        }
    }

    /// An integer, or the units of a decimal.
    pub(crate) fn whole(&self) -> Option<i128> {
        match self {
            Value::Int64(value) => Some((*value).into()),
            Value::Decimal(units, _) => Some(*units),
            _ => None,
        }
    }
}

impl Column<'_> {
    /// The value of row `row`; `None` when it is NULL or NaN.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> Option<Scalar<'_>> {
        if !self.is_valid(row) {
            return None;
        }
        Some(match &self.values {
            Values::Bool(v) => Scalar::Bool(v[row]),
            Values::Int64(v) => Scalar::Int64(v[row]),
            Values::Timestamp(v) => Scalar::Timestamp(v[row]),
            Values::Decimal(v, scale) => Scalar::Decimal(v[row], *scale),
            Values::String(codes, texts) => Scalar::String(&texts[codes[row] as usize]),
            Values::Float64(v) => {
                let value = Float64::from_bits(v[row]);
                if value.is_nan() {
                    return None;
                }
                Scalar::Float64(value)
            }
        })
    }
}
