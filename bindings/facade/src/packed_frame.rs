//! Columns of a result as JavaScript takes them: typed arrays, lists cut out of one array.
//!
//! The one idea: a list column is the column of all its items and where each list ends, so an int64 inside a list is as
//! exact as one outside.

use crate::frame::Frame;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::math::fixed;
use isofold::{Type, Value};

/// The values of one column, or of all items of a list column; a NULL holds zero or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackedItems {
    /// 0 and 1.
    Bool(Vec<u8>),
    /// Integers, and timestamps in microseconds.
    Int64(Vec<i64>),
    /// Bits of doubles, and of those nearest to decimals.
    Number(Vec<u64>),
    /// Texts.
    Text(Vec<String>),
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedOutput {
    /// The values, or the items of all lists.
    pub items: PackedItems,
    /// A 0 where a row is NULL; `None` when none is.
    pub valid: Option<Vec<u8>>,
    /// List `i` is `items[ends[i - 1]..ends[i]]`; `None` when the column has no lists.
    pub ends: Option<Vec<u32>>,
    /// How often each item occurs, in a column of counts.
    pub counts: Option<Vec<i64>>,
}

/// The column at an index; `None` when there is no such column.
#[must_use]
pub fn packed_output(frame: &Frame, index: usize) -> Option<PackedOutput> {
    let (_, output_type) = frame.columns().nth(index)?;
    let values = frame.values(index);
    let has_null = values.iter().any(Value::is_null);
    let valid = has_null.then(|| values.iter().map(|value| u8::from(!value.is_null())).collect());
    let data_type = crate::frame::scalar_type(output_type);
    if matches!(output_type, isofold::value::OutputType::Scalar(_)) {
        return Some(PackedOutput { items: pack(data_type, values.iter()), valid, ends: None, counts: None });
    }
    let mut items = Vec::new();
    let mut counts = Vec::new();
    let mut ends = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Value::List(list) => items.extend(list),
            Value::Counts(list) => {
                items.extend(list.iter().map(|(value, _)| value));
                // cannot overflow: a count is at most the rows of a rollup, 2^62
                counts.extend(list.iter().map(|(_, count)| *count as i64));
            }
            _ => {}
        }
        ends.push(u32::try_from(items.len()).ok()?);
    }
    let counts = (counts.len() == items.len() && !items.is_empty()).then_some(counts);
    Some(PackedOutput { items: pack(data_type, items.into_iter()), valid, ends: Some(ends), counts })
}

fn pack<'v>(data_type: Type, values: impl Iterator<Item = &'v Value>) -> PackedItems {
    match data_type {
        Type::Bool => PackedItems::Bool(values.map(|value| u8::from(*value == Value::Bool(true))).collect()),
        Type::Int64 | Type::Timestamp => {
            let integer = |value: &Value| match value {
                Value::Int64(value) | Value::Timestamp(value) => *value,
                _ => 0,
            };
            PackedItems::Int64(values.map(integer).collect())
        }
        Type::Decimal(_) => {
            let bits = |value: &Value| match value {
                Value::Decimal(units, scale) => fixed::to_float(*units, *scale).to_bits(),
                _ => 0,
            };
            PackedItems::Number(values.map(bits).collect())
        }
        Type::Float64 => {
            let bits = |value: &Value| if let Value::Float64(value) = value { value.to_bits() } else { 0 };
            PackedItems::Number(values.map(bits).collect())
        }
        Type::String => {
            let text = |value: &Value| if let Value::String(text) = value { text.clone() } else { String::new() };
            PackedItems::Text(values.map(text).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, HostColumn, HostValues, Rollup};

    fn answer() -> Frame {
        let spec = r#"{"name": "m", "columns": {"ts": "timestamp[s]", "model": "string", "x": "int64"}, "time": "ts",
            "bucket": "1 hour", "group_by": ["model"], "select": {"largest": "max(x)", "seen": "value_counts(x)"}}"#;
        let mut rollup = Rollup::new(spec).expect("a spec");
        let mut batch = Batch::new(4).expect("small");
        batch.add("ts", HostColumn::new(HostValues::Int64(vec![0, 1, 2, 3].into()))).expect("fits");
        let models = HostColumn::from_utf8(vec![0, 0, 0, 1], b"ab", &[0, 1, 2]).expect("texts");
        batch.add("model", models).expect("fits");
        let x = HostColumn::new(HostValues::Int64(vec![7, i64::MAX, 7, 0].into()));
        batch.add("x", x.with_validity(Some(vec![true, true, true, false].into()))).expect("fits");
        rollup.ingest(&batch).expect("good rows");
        rollup.query(r#"{"bucket": null, "order_by": ["model"]}"#).expect("an answer")
    }

    #[test]
    fn scalars_keep_their_nulls() {
        let frame = answer();
        let output = packed_output(&frame, frame.position("largest").expect("a metric")).expect("a column");
        assert_eq!(output.items, PackedItems::Int64(vec![i64::MAX, 0]));
        assert_eq!((output.valid, output.ends), (Some(vec![1, 0]), None));
        assert_eq!(packed_output(&frame, frame.width()), None);
    }

    #[test]
    fn counts_are_cut_out_of_one_array() {
        let frame = answer();
        let output = packed_output(&frame, frame.position("seen").expect("a metric")).expect("a column");
        assert_eq!(output.items, PackedItems::Int64(vec![7, i64::MAX]));
        assert_eq!(output.counts, Some(vec![2, 1]));
        assert_eq!(output.ends, Some(vec![2, 2]));
    }
}
