//! How vectors spell values, so that every host can read them without loss.
//!
//! The one idea: what JSON says exactly is written plainly; the rest is an object with one key that names the kind:
//! `{"f64": bits in hex}`, `{"i64": "9007199254740993"}`, `{"u64": …}`, `{"date": ms}`, `{"text": [text, times]}`,
//! `{"other": "a list"}`. Answers are spelled by the type of their column: floats as bits, integers and times as text.

use isofold::value::{ColumnType, OutputType, TimeUnit};
use isofold::{Type, Value};
use isofold_facade::json::Json;
use isofold_facade::{Cell, ColumnBuilder, HostColumn};

/// A float by its bits.
#[must_use]
pub fn float(bits: u64) -> Json {
    Json::object([("f64", hex(bits))])
}

/// An integer that not every reader of JSON keeps.
#[must_use]
pub fn big(value: i64) -> Json {
    Json::object([("i64", Json::Text(value.to_string()))])
}

fn hex(bits: u64) -> Json {
    Json::Text(format!("{bits:016x}"))
}

/// The host column that the spelling of a column means.
///
/// # Panics
/// When the spelling is none.
#[must_use]
pub fn host_column(column: &Json) -> HostColumn<'static> {
    let mut builder = ColumnBuilder::new();
    match column {
        Json::Array(cells) => cells.iter().for_each(|cell| builder.push(host_cell(cell))),
        other => ranged(other).for_each(|value| builder.push(Cell::Int64(value))),
    }
    builder.finish()
}

/// `{"range": [start, step, count]}`.
fn ranged(column: &Json) -> impl Iterator<Item = i64> {
    let Json::Object(entries) = column else { panic!("a column is an array or a range, got {column}") };
    let [(key, Json::Array(items))] = entries.as_slice() else { panic!("a range is wanted, got {column}") };
    let (true, [Json::Int64(start), Json::Int64(step), Json::Int64(count)]) = (key == "range", items.as_slice()) else {
        panic!("a range has a start, a step and a count, got {column}")
    };
    let (start, step) = (*start, *step);
    (0..*count).map(move |index| start + index * step)
}

/// The host cell that the spelling of a cell means.
///
/// # Panics
/// When the spelling is none.
#[must_use]
pub fn host_cell(cell: &Json) -> Cell<'static> {
    match cell {
        Json::Null => Cell::Null,
        Json::Bool(value) => Cell::Bool(*value),
        Json::Int64(value) => Cell::Int64(*value),
        Json::Number(value) => Cell::Number(value.to_bits()),
        Json::Text(text) => Cell::Text(text.clone().into()),
        Json::Object(entries) => match entries.as_slice() {
            [(kind, value)] => tagged(kind, value),
            _ => panic!("{cell} is no cell"),
        },
        Json::Array(_) => panic!("{cell} is no cell"),
    }
}

fn tagged(kind: &str, value: &Json) -> Cell<'static> {
    match (kind, value) {
        ("f64", Json::Text(hex)) => Cell::Number(u64::from_str_radix(hex, 16).expect("bits in hex")),
        ("i64", Json::Text(text)) => Cell::Int64(text.parse().expect("an int64")),
        ("u64", Json::Text(text)) => Cell::UInt64(text.parse().expect("an uint64")),
        ("date", Json::Int64(ms)) => Cell::Date((*ms as f64).to_bits()),
        ("other", Json::Text(kind)) => Cell::Other(kind.clone().into()),
        ("text", Json::Array(parts)) => match parts.as_slice() {
            [Json::Text(text), Json::Int64(times)] => Cell::Text(text.repeat(*times as usize).into()),
            _ => panic!("a text and a number of times is wanted, got {value}"),
        },
        _ => panic!("a {kind} of {value} is no cell"),
    }
}

/// The spelling of a value in an answer.
#[must_use]
pub fn answer(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int64(value) | Value::Timestamp(value) => Json::Text(value.to_string()),
        Value::Float64(value) => hex(value.to_bits()),
        Value::String(text) => Json::Text(text.clone()),
        Value::Decimal(units, scale) => Json::Text(isofold::math::fixed::write(*units, *scale)),
        Value::List(values) => Json::Array(values.iter().map(answer).collect()),
        Value::Counts(counts) => {
            let pair = |(value, count): &(Value, u64)| Json::Array(vec![answer(value), Json::Text(count.to_string())]);
            Json::Array(counts.iter().map(pair).collect())
        }
    }
}

/// The name of an answer's type.
#[must_use]
pub fn type_name(output: OutputType) -> String {
    match output {
        OutputType::Scalar(data_type) => data_type.name().to_owned(),
        OutputType::List(data_type) => format!("list<{data_type}>"),
        OutputType::Counts(data_type) => format!("counts<{data_type}>"),
    }
}

/// The units of a number of plain digits, if it has no more of them behind the point than the scale.
fn units(text: &str, scale: u8) -> Option<i128> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (part, scale) = (part.trim_end_matches('0'), usize::from(scale));
    (part.len() <= scale).then(|| format!("{whole}{part:0<scale$}").parse().ok()).flatten()
}

/// The cell of the reference model that the spelling of a cell means in a column of a type; `None` where it takes a rule
/// of the facade to tell.
#[must_use]
pub fn reference_cell(cell: &Json, declared: ColumnType) -> Option<isofold_reference::Cell> {
    use isofold_reference::Cell as Reference;
    Some(match (host_cell(cell), declared.data_type) {
        (Cell::Null, _) => Reference::Null,
        (Cell::Bool(value), Type::Bool) => Reference::Bool(value),
        (Cell::Int64(value), Type::Int64) => Reference::Int(value),
        (Cell::Int64(value), Type::Float64) => Reference::Float(value as f64),
        (Cell::Text(text), Type::Decimal(scale)) => Reference::Decimal(units(&text, scale)?, scale),
        (Cell::Int64(value), Type::Decimal(scale)) => Reference::Decimal(units(&value.to_string(), scale)?, scale),
        (Cell::UInt64(value), Type::Decimal(scale)) => Reference::Decimal(units(&value.to_string(), scale)?, scale),
        (Cell::Number(bits), Type::Decimal(scale)) => {
            Reference::Decimal(units(&f64::from_bits(bits).to_string(), scale)?, scale)
        }
        (Cell::Number(bits), Type::Float64) => Reference::Float(f64::from_bits(bits)),
        (Cell::Text(text), Type::String) => Reference::Text(text.into_owned()),
        (Cell::Text(text), Type::Timestamp) => Reference::Time(isofold::time::parse_timestamp(&text).ok()?),
        (Cell::Int64(value), Type::Timestamp) => match declared.unit? {
            TimeUnit::Second => Reference::Time(value * 1_000_000),
            TimeUnit::Millisecond => Reference::Time(value * 1000),
            TimeUnit::Microsecond => Reference::Time(value),
            TimeUnit::Nanosecond => Reference::Time(value.div_euclid(1000)),
        },
        _ => return None,
    })
}
