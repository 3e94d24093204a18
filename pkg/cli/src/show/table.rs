//! Answers and reports as tables.

use super::{json, text};
use comfy_table::{presets, CellAlignment, ContentArrangement, Table};
use isofold::query::Frame;
use isofold_facade::json::Json;
use std::io::{self, Write};

/// A table of cells under names; `is_number` says which columns stand right.
pub fn table(names: &[String], rows: Vec<Vec<String>>, is_number: impl Fn(usize) -> bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(names.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if is_number(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A cell is one line, whatever the text.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// The rows of an answer.
pub fn answer(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let names: Vec<String> = frame.columns().iter().map(|column| one_line(column.name())).collect();
    let row = |row: usize| frame.columns().iter().map(|column| one_line(&text::of(&column.values()[row]))).collect();
    let rows = (0..frame.len()).map(row).collect();
    let is_number = |at: usize| text::is_number(frame.columns()[at].output_type());
    writeln!(out, "{}", table(&names, rows, is_number))
}

/// The rows of a report, without the columns that only programs want.
pub fn rows(out: &mut impl Write, rows: &[Json], hidden: &[&str]) -> io::Result<()> {
    let Some(Json::Object(first)) = rows.first() else { return Ok(()) };
    let names: Vec<String> =
        first.iter().map(|(name, _)| name.clone()).filter(|name| !hidden.contains(&name.as_str())).collect();
    let value = |row: &Json, name: &str| match row {
        Json::Object(fields) => {
            fields.iter().find(|(known, _)| known == name).map_or(Json::Null, |(_, json)| json.clone())
        }
        _ => Json::Null,
    };
    let text = |json: Json| match json {
        Json::Null => String::new(),
        Json::Text(text) => one_line(&text),
        other => json::text(&other),
    };
    let is_number =
        |at: usize| rows.iter().all(|row| matches!(value(row, &names[at]), Json::Int64(_) | Json::Number(_)));
    let cells = rows.iter().map(|row| names.iter().map(|name| text(value(row, name))).collect()).collect();
    writeln!(out, "{}", table(&names, cells, is_number))
}
