//! Rows of the reference model as batches of the core.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::spec::{Spec, SpecSource};
use isofold::value::Type;
use isofold::Rollup;
use isofold_reference::generate::Field;
use isofold_reference::{Cell, Row};
use std::borrow::Cow;
use std::collections::HashMap;

/// The rows as one batch with the columns of generated rows, their tokens integers or decimals with a scale.
fn batch_of(rows: &[Row], scale: Option<u8>) -> Batch<'static> {
    let times: Vec<i64> = rows.iter().map(|row| row.time_us).collect();
    let cells = |field: Field| rows.iter().map(move |row| &row.values[field as usize]);
    Batch::new(rows.len())
        .with("ts", Column::new(Values::Timestamp(times.into())))
        .with("provider", texts(cells(Field::Provider)))
        .with("model", texts(cells(Field::Model)))
        .with("value", Column::new(Values::Float64(cells(Field::Value).map(float_bits).collect())))
        .with(
            "tokens",
            integers(cells(Field::Tokens), |units| match scale {
                Some(scale) => Values::Decimal(units, scale),
                None => Values::Int64(units),
            }),
        )
        .with("success", bools(cells(Field::Success)))
        .with("started", integers(cells(Field::Started), Values::Timestamp))
}

/// A rollup of the rows, ingested in batches of at most `batch_rows`.
pub fn fold(source: &SpecSource, rows: &[Row], batch_rows: usize) -> Rollup {
    let spec = Spec::compile(source).unwrap_or_else(|error| panic!("{error}"));
    let tokens = spec.columns().iter().find(|column| column.name() == "tokens");
    let scale = match tokens.map(|column| column.column_type().data_type) {
        Some(Type::Decimal(scale)) => Some(scale),
        _ => None,
    };
    let mut rollup = Rollup::new(spec);
    for part in rows.chunks(batch_rows.max(1)) {
        rollup.ingest(&batch_of(part, scale)).unwrap_or_else(|error| panic!("{error}"));
    }
    rollup
}

/// NULL doubles as NaN: both are missing.
fn float_bits(cell: &Cell) -> u64 {
    match cell {
        Cell::Float(value) => value.to_bits(),
        _ => f64::NAN.to_bits(),
    }
}

fn integers<'r>(
    cells: impl Iterator<Item = &'r Cell> + Clone,
    values: impl Fn(Cow<'static, [i64]>) -> Values<'static>,
) -> Column<'static> {
    let present: Vec<bool> = cells.clone().map(|cell| !cell.is_null()).collect();
    let integers = cells.map(|cell| match cell {
        Cell::Int(value) | Cell::Time(value) => *value,
        Cell::Decimal(units, _) => i64::try_from(*units).expect("a row"),
        // what stands under a NULL is nobody's business
        _ => i64::MIN,
    });
    Column::with_validity(values(integers.collect()), present)
}

fn bools<'r>(cells: impl Iterator<Item = &'r Cell> + Clone) -> Column<'static> {
    let present: Vec<bool> = cells.clone().map(|cell| !cell.is_null()).collect();
    Column::with_validity(Values::Bool(cells.map(|cell| matches!(cell, Cell::Bool(true))).collect()), present)
}

/// Codes in the order of appearance, so that they differ from batch to batch.
fn texts<'r>(cells: impl Iterator<Item = &'r Cell> + Clone) -> Column<'static> {
    let present: Vec<bool> = cells.clone().map(|cell| !cell.is_null()).collect();
    let mut dictionary: Vec<Cow<'static, str>> = Vec::new();
    let mut known: HashMap<&str, u32> = HashMap::new();
    let codes: Vec<u32> = cells
        .map(|cell| match cell {
            Cell::Text(text) => *known.entry(text).or_insert_with(|| {
                dictionary.push(Cow::Owned(text.clone()));
                dictionary.len() as u32 - 1
            }),
            _ => u32::MAX,
        })
        .collect();
    Column::with_validity(Values::String(codes.into(), dictionary.into()), present)
}
