//! Results as JSON that says every bit: a double as its bits in hex, an integer or a time as decimal text.

use isofold::query::Frame;
use isofold::Value;
use serde_json::{json, Value as Json};

/// The columns of a result by name.
pub fn rendered(frame: &Frame) -> Json {
    let column = |values: &[Value]| values.iter().map(value).collect::<Json>();
    frame.columns().iter().map(|c| (c.name().to_owned(), column(c.values()))).collect()
}

fn value(of: &Value) -> Json {
    match of {
        Value::Null => Json::Null,
        Value::Bool(it) => json!(it),
        Value::Int64(it) | Value::Timestamp(it) => json!(it.to_string()),
        Value::Float64(it) => json!(format!("{:016x}", it.to_bits())),
        Value::String(it) => json!(it),
        Value::Decimal(units, scale) => json!(isofold::math::fixed::write(*units, *scale)),
        Value::List(list) => list.iter().map(value).collect(),
        Value::Counts(counts) => counts.iter().map(|(it, count)| json!([value(it), count.to_string()])).collect(),
    }
}
