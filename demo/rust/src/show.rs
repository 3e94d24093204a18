//! A rollup as a table: its newest buckets, read back from the bytes alone.

use crate::arguments::Arguments;
use crate::cell::{cell, is_number};
use isofold::query::{Frame, FrameColumn, QuerySource};
use isofold::Rollup;
use std::error::Error;
use std::fs;

const ROWS: u64 = 24;
const WIDTH: usize = 118;
const GAP: &str = "  ";

/// Prints the newest rows of an encoded rollup; metrics that do not fit the width are named below.
///
/// **Errors** a file that cannot be read; bytes that are no rollup.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let rollup = Rollup::decode(&fs::read(arguments.path("rollup")?)?)?;
    let rows = arguments.number("rows", ROWS)?;
    // Newest first, and within a bucket by the first metric: the busiest first where that is a count.
    let metric = rollup.spec().metrics().first().map(|metric| format!("-{}", metric.name()));
    let order_by = ["-bucket".to_owned()].into_iter().chain(metric).collect();
    let frame = rollup.query(&QuerySource { order_by, limit: Some(rows), ..QuerySource::default() })?;
    print!("{}", table(&frame, arguments.number("width", WIDTH)?));
    Ok(())
}

/// The lines of a table that is at most `width` characters wide.
fn table(frame: &Frame, width: usize) -> String {
    let columns: Vec<Vec<String>> = frame.columns().iter().map(texts).collect();
    let longest = |texts: &Vec<String>| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(longest).collect();
    let mut taken = 0;
    let shown = widths.iter().take_while(|width_of_column| {
        taken += **width_of_column + GAP.len();
        taken <= width + GAP.len()
    });
    let shown = shown.count();
    let mut lines = vec![Vec::new(); frame.len() + 1];
    for ((texts, column), width) in columns.iter().zip(frame.columns()).zip(&widths).take(shown) {
        let is_right = column.values().iter().any(is_number);
        for (line, text) in lines.iter_mut().zip(texts) {
            line.push(if is_right { format!("{text:>width$}") } else { format!("{text:<width$}") });
        }
    }
    let mut lines: String = lines.iter().map(|cells| cells.join(GAP).trim_end().to_owned() + "\n").collect();
    let rest: Vec<&str> = frame.columns().iter().skip(shown).map(FrameColumn::name).collect();
    if !rest.is_empty() {
        lines.push_str(&format!("and {}\n", rest.join(", ")));
    }
    lines
}

/// The name of a column and its values; a bucket is named in its first row only.
fn texts(column: &FrameColumn) -> Vec<String> {
    let mut texts = vec![column.name().to_owned()];
    let values = column.values();
    for (row, value) in values.iter().enumerate() {
        let is_repeated = column.name() == "bucket" && row > 0 && values[row - 1] == *value;
        texts.push(if is_repeated { String::new() } else { cell(value) });
    }
    texts
}
