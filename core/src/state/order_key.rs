//! A fixed-width value as an u64 whose unsigned order is the order of the values.
//!
//! The one idea: one compare of integers serves bools, integers, times and doubles alike.
//!
//! Not here: texts, which are compared as bytes.

use super::best_keys::BestKeys;
use super::Rows;
use crate::column::{Column, Values};
use crate::math::Float64;
use crate::scalar::Scalar;
use crate::value::Type;

const SIGN: u64 = 1 << 63;

/// The key of an integer or a time.
#[inline(always)]
pub(super) const fn of_integer(value: i64) -> u64 {
    value as u64 ^ SIGN
}

/// The key of a double's bits; the bits are not those of a NaN.
#[inline(always)]
pub(super) const fn of_float(bits: u64) -> u64 {
    Float64::from_bits(bits).order_key()
}

/// Whether values of this type have keys.
pub(super) const fn has_key(data_type: Type) -> bool {
    !matches!(data_type, Type::String)
}

/// The key of a value; `None` for a text.
pub(super) fn of_scalar(value: Scalar<'_>) -> Option<u64> {
    match value {
        Scalar::Bool(value) => Some(u64::from(value)),
        Scalar::Int64(value) | Scalar::Timestamp(value) | Scalar::Decimal(value, _) => Some(of_integer(value)),
        Scalar::Float64(value) => Some(value.order_key()),
        Scalar::String(_) => None,
    }
}

/// The value of a key; the empty text when the type has no keys.
pub(super) fn to_scalar(data_type: Type, key: u64) -> Scalar<'static> {
    match data_type {
        Type::Bool => Scalar::Bool(key != 0),
        Type::Int64 => Scalar::Int64((key ^ SIGN) as i64),
        Type::Decimal(scale) => Scalar::Decimal((key ^ SIGN) as i64, scale),
        Type::Timestamp => Scalar::Timestamp((key ^ SIGN) as i64),
        Type::Float64 => Scalar::Float64(Float64::from_order_key(key)),
        Type::String => Scalar::String(""),
    }
}

/// Calls `f(row, group, key)` for every present row; for none when the column holds texts.
#[inline(always)]
pub(super) fn for_each(rows: &Rows, column: &Column<'_>, mut f: impl FnMut(usize, usize, u64)) {
    match &column.values {
        Values::Bool(values) => rows.for_each(|row, group| f(row, group, u64::from(values[row]))),
        Values::Int64(values) | Values::Timestamp(values) | Values::Decimal(values, _) => {
            rows.for_each(|row, group| f(row, group, of_integer(values[row])));
        }
        Values::Float64(values) => rows.for_each(|row, group| f(row, group, of_float(values[row]))),
        Values::String(..) => {}
    }
}

/// Gives every group the best of its rows' keys and its own; changes none when the column holds texts.
#[inline(always)]
pub(super) fn lower_to_least(rows: &Rows, column: &Column<'_>, keys: &mut BestKeys<u64>) {
    let inversion = keys.inversion();
    match &column.values {
        Values::Bool(values) => lower(rows, keys, values, |value| u64::from(value) ^ inversion, |least| least),
        Values::Int64(values) | Values::Timestamp(values) | Values::Decimal(values, _) => {
            lower(rows, keys, values, |value| of_integer(value) ^ inversion, |least| least);
        }
        Values::Float64(values) => {
            // −0.0 lies just below +0.0, with nothing between: it is enough that the least becomes canonical
            let key = |bits: u64| (bits ^ (((bits as i64) >> 63) as u64 | SIGN)) ^ inversion;
            lower(rows, keys, values, key, |least| {
                of_float(Float64::from_order_key(least ^ inversion).to_bits()) ^ inversion
            });
        }
        Values::String(..) => {}
    }
}

#[inline(always)]
fn lower<T: Copy>(
    rows: &Rows,
    keys: &mut BestKeys<u64>,
    values: &[T],
    key: impl Fn(T) -> u64,
    canonical: impl Fn(u64) -> u64,
) {
    for run in rows.runs() {
        let kept = keys.inverted(run.group());
        let mut least = *kept;
        let mut values = values[run.rows()].iter();
        // a lesser value is rare, and a minimum of 64 bits costs early processors more than a branch
        while let Some(&value) = values.find(|&&value| key(value) < least) {
            least = key(value);
        }
        if least < *kept {
            *kept = canonical(least);
        }
    }
}

/// Calls `f(group, key of first, key of second)` for every present row; for none when either column holds texts.
#[inline(always)]
pub(super) fn for_each_pair(rows: &Rows, first: &Column<'_>, second: &Column<'_>, mut f: impl FnMut(usize, u64, u64)) {
    match &first.values {
        Values::Int64(times) | Values::Timestamp(times) | Values::Decimal(times, _) => {
            for_each(rows, second, |row, group, key| f(group, of_integer(times[row]), key));
        }
        // times are nearly always integers; the rest is not worth three more copies of the loop
        Values::Bool(_) | Values::Float64(_) => for_each(rows, second, |row, group, key| {
            if let Some(time) = first.get(row).and_then(of_scalar) {
                f(group, time, key);
            }
        }),
        Values::String(..) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_keep_the_order_of_integers(a: i64, b: i64) {
            prop_assert_eq!(of_integer(a).cmp(&of_integer(b)), a.cmp(&b));
            prop_assert_eq!(to_scalar(Type::Int64, of_integer(a)), Scalar::Int64(a));
        }

        #[test]
        fn keys_keep_the_order_of_doubles(a: u64, b: u64) {
            let (a, b) = (Float64::from_bits(a), Float64::from_bits(b));
            prop_assume!(!a.is_nan() && !b.is_nan());
            let expected = f64::from_bits(a.to_bits()).partial_cmp(&f64::from_bits(b.to_bits()));
            prop_assert_eq!(Some(of_float(a.to_bits()).cmp(&of_float(b.to_bits()))), expected);
            prop_assert_eq!(to_scalar(Type::Float64, of_float(a.to_bits())), Scalar::Float64(a));
        }
    }
}
