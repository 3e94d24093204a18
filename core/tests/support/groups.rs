//! Results of the core in the words of the reference model.

use isofold::query::Frame;
use isofold::Value;
use isofold_reference::{Cell, Group};

/// A value of the core as a cell of the model.
pub fn cell_of(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Bool(*value),
        Value::Int64(value) => Cell::Int(*value),
        Value::Float64(value) => Cell::Float(f64::from_bits(value.to_bits())),
        Value::Decimal(units, scale) => Cell::Decimal(*units, *scale),
        Value::Timestamp(us) => Cell::Time(*us),
        Value::String(text) => Cell::text(text),
        Value::List(_) | Value::Counts(_) => panic!("{value:?} is not one value"),
    }
}

/// The groups of a result: its bucket, when it has one, and the next `keys` columns.
pub fn groups_of(frame: &Frame, keys: usize) -> Vec<Group> {
    let has_bucket = frame.columns().first().is_some_and(|column| column.name() == "bucket");
    let group = |row: usize| {
        let bucket_us = match has_bucket.then(|| &frame.columns()[0].values()[row]) {
            Some(Value::Timestamp(us)) => *us,
            _ => 0,
        };
        let columns = frame.columns().iter().skip(usize::from(has_bucket)).take(keys);
        Group { bucket_us, key: columns.map(|column| cell_of(&column.values()[row])).collect() }
    };
    (0..frame.len()).map(group).collect()
}
