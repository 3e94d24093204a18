//! Rows as anybody may send them: `{"spec": …, "batch": {column: [cells]}}`.

use isofold_facade::json::Json;
use isofold_facade::{Batch, Cell, ColumnBuilder, HostColumn, Rollup};

/// Rows that are taken give the same bytes in any order and split; rows that are refused leave nothing.
pub fn ingest(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(document) = Json::from_text(text) else { return };
    let (Some(spec), Some(columns)) = (entry(&document, "spec"), entry(&document, "batch")) else { return };
    let (Ok(mut rollup), Some(batch)) = (Rollup::new(spec), batch_of(columns)) else { return };
    let empty = rollup.digest();
    let Ok(folded) = rollup.ingest(&batch) else {
        assert_eq!(rollup.digest(), empty, "a refused batch left something");
        return;
    };
    assert!(folded <= batch.rows());
    let again = Rollup::decode(&rollup.encode()).unwrap_or_else(|error| panic!("own bytes are refused: {error}"));
    assert_eq!(again.digest(), rollup.digest());
    // a result may be too large for its type
    let _ = rollup.query("{}");
    if rollup.is_canonical() {
        is_a_function_of_the_rows(spec, columns, &rollup);
    }
}

fn is_a_function_of_the_rows(spec: &Json, columns: &Json, whole: &Rollup) {
    let fold = |keep: &dyn Fn(usize) -> bool| {
        let mut rollup = Rollup::new(spec).expect("compiled before");
        let batch = picked(columns, keep).expect("a batch as before");
        rollup.ingest(&batch).unwrap_or_else(|error| panic!("part of a batch that was taken is refused: {error}"));
        rollup
    };
    assert_eq!(fold(&|_| true).digest(), whole.digest(), "another order");
    let mut odd = fold(&|row| row % 2 == 1);
    odd.merge(&fold(&|row| row % 2 == 0)).expect("less than the whole");
    assert_eq!(odd.digest(), whole.digest(), "parts merged");
}

/// The columns of a JSON object of arrays, if they are of one length.
pub(super) fn batch_of(columns: &Json) -> Option<Batch<'static>> {
    built(columns, |cells| column(cells.iter()))
}

/// Some rows of the columns, the last one first.
fn picked(columns: &Json, keep: &dyn Fn(usize) -> bool) -> Option<Batch<'static>> {
    built(columns, |cells| column(cells.iter().enumerate().filter(|(row, _)| keep(*row)).map(|(_, cell)| cell).rev()))
}

fn built(columns: &Json, column: impl Fn(&[Json]) -> HostColumn<'static>) -> Option<Batch<'static>> {
    let Json::Object(columns) = columns else { return None };
    let columns = columns.iter().map(|(name, cells)| match cells {
        Json::Array(cells) => Some((name.clone(), column(cells))),
        _ => None,
    });
    Batch::from_columns(columns.collect::<Option<Vec<_>>>()?).ok()
}

fn column<'j>(cells: impl Iterator<Item = &'j Json>) -> HostColumn<'static> {
    let mut builder = ColumnBuilder::new();
    cells.for_each(|json| builder.push(cell(json)));
    builder.finish()
}

/// A cell as the vectors spell it, where it is one; else what no column takes.
fn cell(json: &Json) -> Cell<'static> {
    let other = || Cell::Other("an object".into());
    match json {
        Json::Null => Cell::Null,
        Json::Bool(value) => Cell::Bool(*value),
        Json::Int64(value) => Cell::Int64(*value),
        Json::Number(value) => Cell::Number(value.to_bits()),
        Json::Text(text) => Cell::Text(text.clone().into()),
        Json::Array(_) => Cell::Other("a list".into()),
        Json::Object(entries) => match entries.as_slice() {
            [(kind, Json::Text(text))] => match kind.as_str() {
                "f64" => u64::from_str_radix(text, 16).map_or_else(|_| other(), Cell::Number),
                "i64" => text.parse().map_or_else(|_| other(), Cell::Int64),
                "u64" => text.parse().map_or_else(|_| other(), Cell::UInt64),
                _ => other(),
            },
            [(kind, Json::Int64(ms))] if kind == "date" => Cell::Date((*ms as f64).to_bits()),
            _ => other(),
        },
    }
}

fn entry<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    let Json::Object(entries) = json else { return None };
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}
