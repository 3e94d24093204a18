//! A value as text, with all its digits.

use super::json;
use isofold::math::fixed;
use isofold::time::format_timestamp;
use isofold::value::OutputType;
use isofold::{Type, Value};

/// The text of a value; nothing for NULL.
pub fn of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Int64(value) => value.to_string(),
        Value::Float64(value) => {
            let text = value.to_string();
            text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
        }
        Value::Decimal(units, scale) => fixed::write(*units, *scale),
        Value::Timestamp(us) => format_timestamp(*us),
        Value::String(text) => text.clone(),
        Value::List(_) | Value::Counts(_) => json::value(value),
    }
}

/// Whether values of a column stand right in it.
pub fn is_number(output_type: OutputType) -> bool {
    matches!(output_type, OutputType::Scalar(Type::Int64 | Type::Float64 | Type::Decimal(_)))
}

/// A value as a double, for drawing.
pub fn drawn(value: &Value) -> Option<f64> {
    match value {
        Value::Int64(value) => Some(*value as f64),
        Value::Float64(value) => Some(f64::from_bits(value.to_bits())).filter(|value| value.is_finite()),
        Value::Decimal(units, scale) => Some(f64::from_bits(fixed::to_float(*units, *scale).to_bits())),
        _ => None,
    }
}
