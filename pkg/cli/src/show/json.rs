//! Answers as JSON.
//!
//! The one idea: numbers keep their digits: integers past 2^53 and decimals are written as they are; ±∞ are texts.

use isofold::math::fixed;
use isofold::query::Frame;
use isofold::Value;
use isofold_facade::frame::value_json;
use isofold_facade::json::Json;
use std::io::{self, Write};

/// JSON in one line.
pub fn text(json: &Json) -> String {
    json.to_string()
}

/// The JSON of a value.
pub fn value(value: &Value) -> String {
    match value {
        Value::Decimal(units, scale) => fixed::write(*units, *scale),
        Value::List(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(",")),
        Value::Counts(counts) => {
            let count = |(item, count): &(Value, u64)| format!("{{\"value\":{},\"count\":{count}}}", self::value(item));
            format!("[{}]", counts.iter().map(count).collect::<Vec<_>>().join(","))
        }
        other => value_json(other).to_string(),
    }
}

/// The rows of an answer, an object each.
pub fn rows(frame: &Frame) -> String {
    let names: Vec<String> = frame.columns().iter().map(|column| Json::from(column.name()).to_string()).collect();
    let mut text = String::from("[");
    for row in 0..frame.len() {
        text += if row == 0 { "{" } else { ",\n {" };
        for (at, (name, column)) in names.iter().zip(frame.columns()).enumerate() {
            text += if at == 0 { "" } else { "," };
            text += name;
            text += ":";
            text += &value(&column.values()[row]);
        }
        text += "}";
    }
    text + "]"
}

/// `{"rows": […]}`, with what else there is to say.
pub fn answer(out: &mut impl Write, frame: &Frame, more: Option<(&str, Json)>) -> io::Result<()> {
    let more = more.map_or(String::new(), |(name, json)| format!(",{}:{json}", Json::from(name)));
    writeln!(out, "{{\"rows\":{}{more}}}", rows(frame))
}
