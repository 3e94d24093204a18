//! Casts of columns.

use super::lane::{Cells, Lane, Presence, Spread};
use super::texts::{write, Texts};
use super::{Active, Batch};
use crate::expr::arithmetic::Room;
use crate::expr::cast::{float_units, read_bool, read_float, read_int, read_timestamp, read_units, unreadable};
use crate::expr::typed::Expr;
use crate::math::{fixed, Float64};
use crate::time::format_timestamp;
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec;

impl<'a> Batch<'a> {
    pub(super) fn cast(&mut self, x: &Expr, to: Type, at: u32, active: Active<'_>) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(x, active);
        let scale = x.scale().unwrap_or(0);
        let cells = match (cells, to) {
            (Cells::String(x), Type::Decimal(to_scale)) => {
                let read = |text: &str| read_units(text, to_scale).and_then(|units| i64::try_from(units).ok());
                Cells::Int64(self.read(&x, read, &presence, (to, at), active))
            }
            (Cells::Float64(x), Type::Decimal(to_scale)) => {
                let units = |x| float_units(x, to_scale).and_then(|units| i64::try_from(units).ok());
                Cells::Int64(self.round(&x, units, &presence, at, active))
            }
            (Cells::String(x), Type::Bool) => Cells::Bool(self.read(&x, read_bool, &presence, (to, at), active)),
            (Cells::String(x), Type::Int64) => Cells::Int64(self.read(&x, read_int, &presence, (to, at), active)),
            (Cells::String(x), Type::Timestamp) => {
                Cells::Timestamp(self.read(&x, read_timestamp, &presence, (to, at), active))
            }
            (Cells::String(x), Type::Float64) => {
                let read = |text: &str| read_float(text).map(Float64::to_bits);
                return Lane::floats(self.read(&x, read, &presence, (to, at), active), presence);
            }
            (Cells::Bool(x), Type::String) => Cells::String(write_bools(&x)),
            (Cells::Int64(x), Type::String) => {
                Cells::String(write(&x.map(i64::cast_unsigned), |bits| fixed::write(bits.cast_signed().into(), scale)))
            }
            (Cells::Float64(x), Type::String) => Cells::String(write(&x, |bits| Float64::from_bits(bits).to_string())),
            (Cells::Timestamp(x), Type::String) => {
                Cells::String(write(&x.map(i64::cast_unsigned), |bits| format_timestamp(bits.cast_signed())))
            }
            (Cells::Bool(x), Type::Int64) => Cells::Int64(x.map(i64::from)),
            (Cells::Int64(x), Type::Bool) => Cells::Bool(x.map(|x| x != 0)),
            (Cells::Int64(x), Type::Float64) => Cells::Float64(x.map(|x| fixed::to_float(x.into(), scale).to_bits())),
            (Cells::Float64(x), Type::Int64) => {
                Cells::Int64(self.round(&x, Float64::to_i64_rounded, &presence, at, active))
            }
            (cells, _) => cells,
        };
        Lane::new(cells, presence)
    }

    /// Reads each text.
    fn read<T: Copy + Default>(
        &mut self,
        texts: &Texts<'_>,
        read: impl Fn(&str) -> Option<T>,
        presence: &Presence<'_>,
        (to, at): (Type, u32),
        active: Active<'_>,
    ) -> Spread<'static, T> {
        let values = texts.map(&read);
        let has_failed = match &values {
            Spread::One(value) => value.is_none(),
            Spread::Many(values) => values.iter().any(Option::is_none),
        };
        if has_failed {
            let error = |row| unreadable(texts.at(row), to, at);
            self.fail_where(presence, active, |row| values.at(row).is_none(), error);
        }
        values.map(Option::unwrap_or_default)
    }

    /// Rounds doubles to integers or units.
    fn round(
        &mut self,
        values: &Spread<'_, u64>,
        rounded: impl Fn(Float64) -> Option<i64>,
        presence: &Presence<'_>,
        at: u32,
        active: Active<'_>,
    ) -> Spread<'static, i64> {
        let rounded = |bits| rounded(Float64::from_bits(bits));
        let mut failed = false;
        let result = values.map(|bits| {
            let rounded = rounded(bits);
            failed |= rounded.is_none();
            rounded.unwrap_or(0)
        });
        if failed {
            let error = |row| Room::Int64.error(&Float64::from_bits(values.at(row)).to_string(), at);
            self.fail_where(presence, active, |row| rounded(values.at(row)).is_none(), error);
        }
        result
    }
}

fn write_bools<'a>(values: &Spread<'_, bool>) -> Texts<'a> {
    let dictionary = vec![Cow::Borrowed("false"), Cow::Borrowed("true")].into();
    Texts { codes: values.map(u32::from), dictionary }
}
