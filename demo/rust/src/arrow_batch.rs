//! A record batch as a batch of the kernel, without copies where the kernel reads the same memory.
//!
//! Not here: the many other types of Arrow, which the Python module reads; the demonstration writes its files itself.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit as ArrowUnit};
use isofold::value::TimeUnit;
use isofold_facade::{Batch, HostColumn, HostValues};
use std::borrow::Cow;
use std::error::Error;

/// The columns of a record batch.
///
/// **Errors** a column of a type that the demonstration does not write.
pub fn arrow_batch(record: &RecordBatch) -> Result<Batch<'_>, Box<dyn Error>> {
    let mut batch = Batch::new(record.num_rows())?;
    for (field, array) in record.schema_ref().fields().iter().zip(record.columns()) {
        let values = values(array).ok_or_else(|| format!("column {} has type {}", field.name(), array.data_type()))?;
        batch.add(field.name(), HostColumn::new(values).with_validity(validity(array)))?;
    }
    Ok(batch)
}

fn values(array: &ArrayRef) -> Option<HostValues<'_>> {
    Some(match array.data_type() {
        DataType::Boolean => HostValues::Bool(array.as_boolean().values().iter().collect()),
        DataType::Int64 => HostValues::Int64(Cow::Borrowed(array.as_primitive::<Int64Type>().values())),
        DataType::Float64 => {
            HostValues::Number(Cow::Borrowed(array.as_primitive::<Float64Type>().values().inner().typed_data()))
        }
        DataType::Timestamp(unit, _) => times(array, *unit),
        DataType::Dictionary(..) => {
            let dictionary = array.as_dictionary_opt::<Int32Type>()?;
            let texts = dictionary.values().as_string_opt::<i32>()?;
            // A code of a NULL row may be anything; codes of other rows are never negative.
            let codes = dictionary.keys().values().iter().map(|&code| code as u32).collect();
            HostValues::Text(codes, texts.iter().map(|text| Cow::Borrowed(text.unwrap_or_default())).collect())
        }
        _ => return None,
    })
}

fn times(array: &ArrayRef, unit: ArrowUnit) -> HostValues<'_> {
    let (values, unit) = match unit {
        ArrowUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), TimeUnit::Second),
        ArrowUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().values(), TimeUnit::Millisecond),
        ArrowUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().values(), TimeUnit::Microsecond),
        ArrowUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().values(), TimeUnit::Nanosecond),
    };
    HostValues::Timestamp(Cow::Borrowed(values), unit)
}

fn validity(array: &ArrayRef) -> Option<Cow<'_, [bool]>> {
    // logical: a row is NULL, too, whose code stands for a NULL in the dictionary
    let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
    Some(nulls.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{DictionaryArray, Int32Array, Int64Array, StringArray};
    use isofold_facade::Rollup;
    use std::sync::Arc;

    /// The digest of one key column with these codes of these texts.
    fn digest(codes: Vec<Option<i32>>, texts: Vec<Option<&str>>) -> String {
        let keys = DictionaryArray::<Int32Type>::new(Int32Array::from(codes), Arc::new(StringArray::from(texts)));
        let times = Int64Array::from(vec![0; keys.len()]);
        let columns: [(_, ArrayRef); 2] = [("ts", Arc::new(times)), ("model", Arc::new(keys))];
        let record = RecordBatch::try_from_iter(columns).expect("a batch");
        let spec = r#"{"name": "rows", "columns": {"ts": "timestamp[us]", "model": "string"}, "time": "ts", "bucket": "1 hour",
            "group_by": ["model"], "select": {"requests": "count(*)", "named": "count(model)"}}"#;
        let mut rollup = Rollup::new(spec).expect("a spec");
        rollup.ingest(&arrow_batch(&record).expect("columns")).expect("rows");
        rollup.digest()
    }

    #[test]
    fn a_null_of_the_dictionary_is_a_null_of_its_rows() {
        let by_code = digest(vec![Some(0), None, Some(2), None], vec![Some("a"), Some(""), Some("")]);
        let by_dictionary = digest(vec![Some(0), Some(1), Some(2), Some(1)], vec![Some("a"), None, Some("")]);
        assert_eq!(by_dictionary, by_code);
        assert_ne!(
            by_dictionary,
            digest(vec![Some(0), Some(1), Some(2), Some(1)], vec![Some("a"), Some(""), Some("")])
        );
    }
}
