//! Answers as charts in a terminal.
//!
//! The one idea: where there are buckets, each key and metric is a line of blocks over time; else each row is a bar.

use super::text;
use isofold::query::Frame;
use isofold::time::format_timestamp;
use isofold::value::OutputType;
use isofold::{Type, Value};
use std::io::{self, Write};

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const PARTS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Columns of a terminal, where it does not say how many it has.
const WIDTH: usize = 100;
const BAR: usize = 40;

/// Draws each metric that is a number.
pub fn answer(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let columns = frame.columns();
    let times = columns
        .iter()
        .position(|column| column.output_type() == OutputType::Scalar(Type::Timestamp) && column.name() == "bucket");
    let metrics: Vec<usize> = (0..columns.len()).filter(|at| text::is_number(columns[*at].output_type())).collect();
    let keys: Vec<usize> = (0..columns.len()).filter(|at| Some(*at) != times && !metrics.contains(at)).collect();
    let label = |row: usize, of: &[usize]| {
        of.iter().map(|at| text::of(&columns[*at].values()[row])).collect::<Vec<_>>().join(" ")
    };
    for (index, &metric) in metrics.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", columns[metric].name())?;
        let values: Vec<Option<f64>> = columns[metric].values().iter().map(text::drawn).collect();
        match times {
            Some(times) => lines(out, &values, columns[times].values(), |row| label(row, &keys))?,
            None => bars(out, &values, columns[metric].values(), |row| label(row, &keys))?,
        }
    }
    Ok(())
}

fn bars(
    out: &mut impl Write,
    values: &[Option<f64>],
    shown: &[Value],
    label: impl Fn(usize) -> String,
) -> io::Result<()> {
    let most = values.iter().flatten().fold(0.0, |most: f64, value| most.max(*value));
    let labels: Vec<String> = (0..values.len()).map(label).collect();
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    for (row, value) in values.iter().enumerate() {
        let eighths = value.filter(|value| *value > 0.0 && most > 0.0).map_or(0, |value| eighths(value, most));
        let mut bar = "█".repeat(eighths / 8);
        if let Some(part) = (eighths % 8).checked_sub(1) {
            bar.push(PARTS[part]);
        }
        let pad = " ".repeat(width - labels[row].chars().count());
        let shown = if value.is_some() { text::of(&shown[row]) } else { "–".to_owned() };
        writeln!(out, "{}{pad}  {bar} {shown}", labels[row])?;
    }
    Ok(())
}

#[expect(clippy::float_arithmetic, reason = "a drawing, from which nothing is computed")]
fn eighths(value: f64, most: f64) -> usize {
    // casting saturates
    ((value / most * (BAR * 8) as f64).round() as usize).max(1)
}

fn lines(
    out: &mut impl Write,
    values: &[Option<f64>],
    times: &[Value],
    label: impl Fn(usize) -> String,
) -> io::Result<()> {
    let mut series: Vec<(String, Vec<usize>)> = Vec::new();
    let us = |time: &Value| if let Value::Timestamp(us) = time { Some(*us) } else { None };
    let mut stamps: Vec<i64> = times.iter().filter_map(us).collect();
    stamps.sort_unstable();
    stamps.dedup();
    for row in 0..values.len() {
        let name = label(row);
        match series.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rows)) => rows.push(row),
            None => series.push((name, vec![row])),
        }
    }
    let width = series.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let cells = stamps.len().min(WIDTH.saturating_sub(width + 30).max(20)).max(1);
    for (name, rows) in series {
        let mut most: Vec<Option<f64>> = vec![None; cells];
        for row in rows {
            let Some(place) = us(&times[row]).and_then(|us| stamps.binary_search(&us).ok()) else { continue };
            let cell = &mut most[place * cells / stamps.len()];
            *cell = match (*cell, values[row]) {
                (Some(one), Some(other)) => Some(one.max(other)),
                (one, other) => one.or(other),
            };
        }
        let top = most.iter().flatten().fold(f64::NEG_INFINITY, |top, value| top.max(*value));
        let low = most.iter().flatten().fold(0.0, |low: f64, value| low.min(*value));
        let line: String = most.iter().map(|value| value.map_or(' ', |value| LEVELS[level(value, low, top)])).collect();
        let pad = " ".repeat(width - name.chars().count());
        let top = if top.is_finite() { short(top) } else { "–".to_owned() };
        writeln!(out, "{name}{pad}  {line}  max {top}")?;
    }
    if let (Some(first), Some(last)) = (stamps.first(), stamps.last()) {
        writeln!(out, "{}  {} to {}", " ".repeat(width), format_timestamp(*first), format_timestamp(*last))?;
    }
    Ok(())
}

#[expect(clippy::float_arithmetic, reason = "a drawing, from which nothing is computed")]
fn level(value: f64, low: f64, top: f64) -> usize {
    let part = if top > low { (value - low) / (top - low) } else { 0.0 };
    // casting saturates
    ((part * 7.0).round() as usize).min(7)
}

/// A number of at most six digits.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.len() > 12 {
        format!("{value:.4e}")
    } else {
        text.to_owned()
    }
}
