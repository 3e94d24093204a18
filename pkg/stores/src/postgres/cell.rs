//! A value as the server gives it.

use isofold_facade::Cell;
use postgres::types::{FromSql, Kind, Type};
use std::borrow::Cow;
use std::error::Error;

/// A cell of a row; types that the kernel never takes are named in it.
pub(super) struct PostgresCell<'a>(pub(super) Cell<'a>);

impl<'a> FromSql<'a> for PostgresCell<'a> {
    fn from_sql(column_type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let base = match column_type.kind() {
            Kind::Domain(base) => base,
            _ => column_type,
        };
        Ok(Self(match *base {
            Type::BOOL => Cell::Bool(bool::from_sql(base, raw)?),
            Type::INT2 => Cell::Int64(i16::from_sql(base, raw)?.into()),
            Type::INT4 => Cell::Int64(i32::from_sql(base, raw)?.into()),
            Type::INT8 => Cell::Int64(i64::from_sql(base, raw)?),
            Type::FLOAT4 => Cell::Number(f64::from(f32::from_sql(base, raw)?).to_bits()),
            Type::FLOAT8 => Cell::Number(f64::from_sql(base, raw)?.to_bits()),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                Cell::Text(Cow::Borrowed(<&str>::from_sql(base, raw)?))
            }
            // what a lock returns
            Type::VOID => Cell::Null,
            Type::NUMERIC => numeric(raw).ok_or("a numeric that is cut short")?,
            _ => Cell::Other(Cow::Owned(format!("a value of type {}", column_type.name()))),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A numeric: an integer where it is whole and fits, else the nearest double. Its digits are to base 10000.
fn numeric(raw: &[u8]) -> Option<Cell<'static>> {
    let mut words = raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let (count, weight, sign) = (words.next()?, words.next()? as i16, words.next()?);
    words.next()?;
    let sign = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xd000 => return Some(Cell::Number(f64::INFINITY.to_bits())),
        0xf000 => return Some(Cell::Number(f64::NEG_INFINITY.to_bits())),
        _ => return Some(Cell::Number(f64::NAN.to_bits())),
    };
    let digits: Vec<u16> = words.take(count.into()).collect();
    if digits.len() < usize::from(count) {
        return None;
    }
    let (mut whole, mut fraction) = (String::from(sign), String::new());
    for place in (0..=weight).rev() {
        // cannot truncate: the difference of two places of a numeric is at most 2^16
        let at = (i32::from(weight) - i32::from(place)) as usize;
        whole.push_str(&format!("{:04}", digits.get(at).copied().unwrap_or(0)));
    }
    if weight < 0 {
        whole.push('0');
        (weight + 1..0).for_each(|_| fraction.push_str("0000"));
    }
    let behind = usize::try_from(i32::from(weight) + 1).unwrap_or(0);
    digits.iter().skip(behind).for_each(|digit| fraction.push_str(&format!("{digit:04}")));
    if fraction.bytes().all(|digit| digit == b'0') {
        if let Ok(value) = whole.parse() {
            return Some(Cell::Int64(value));
        }
    }
    format!("{whole}.{fraction}0").parse::<f64>().ok().map(|value| Cell::Number(value.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(weight: i16, sign: u16, digits: &[u16]) -> Cell<'static> {
        let head = [digits.len() as u16, weight as u16, sign, 0];
        let raw: Vec<u8> = head.iter().chain(digits).flat_map(|word| word.to_be_bytes()).collect();
        numeric(&raw).expect("whole")
    }

    #[test]
    fn a_whole_numeric_is_an_integer_and_any_other_the_nearest_double() {
        assert_eq!(read(0, 0, &[]), Cell::Int64(0));
        assert_eq!(read(1, 0, &[1]), Cell::Int64(10_000));
        assert_eq!(read(1, 0x4000, &[1, 2345]), Cell::Int64(-12_345));
        assert_eq!(read(0, 0, &[7, 0]), Cell::Int64(7));
        assert_eq!(read(5, 0, &[1]), Cell::Number(1e20f64.to_bits()));
        for (weight, sign, digits, value) in [
            (1, 0, &[1, 2345, 6000][..], 12_345.6),
            (-1, 0x4000, &[1, 2000], -0.000_12),
            (-3, 0, &[50], 5e-11),
            (0, 0xd000, &[], f64::INFINITY),
        ] {
            assert_eq!(read(weight, sign, digits), Cell::Number(f64::to_bits(value)), "{value}");
        }
        assert_eq!(numeric(&[0, 1, 0, 0, 0, 0, 0, 0]), None);
    }
}
