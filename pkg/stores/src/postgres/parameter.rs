//! A parameter as the server takes it.

use crate::engine::SqlValue;
use bytes::BytesMut;
use postgres::types::{Format, IsNull, ToSql, Type};
use std::error::Error;

/// A value for whatever type the statement casts it to: bytes and doubles in binary, all else as text, which the server
/// reads itself.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a SqlValue);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            SqlValue::Null => return Ok(IsNull::Yes),
            SqlValue::Bool(value) => out.extend_from_slice(if *value { b"t" } else { b"f" }),
            SqlValue::Int64(value) => out.extend_from_slice(value.to_string().as_bytes()),
            SqlValue::Float64(value) => out.extend_from_slice(&value.to_bits().to_be_bytes()),
            SqlValue::Text(text) => out.extend_from_slice(text.as_bytes()),
            SqlValue::Bytes(bytes) => out.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self.0 {
            SqlValue::Float64(_) | SqlValue::Bytes(_) => Format::Binary,
            SqlValue::Null | SqlValue::Bool(_) | SqlValue::Int64(_) | SqlValue::Text(_) => Format::Text,
        }
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }
}
