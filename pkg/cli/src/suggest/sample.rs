//! The first rows of a file as cells, whatever its format.

use crate::read::blocks::{Cut, Records};
use crate::read::{arrow, elements, fields, lines, logs};
use crate::read::{Format, Input};
use isofold::{Code, Error, Result};
use isofold_facade::Cell;
use serde_json::Value as JsonValue;
use std::io::Read;

/// Bytes of a text that are looked at.
const BYTES: u64 = 4 << 20;
/// Rows that are looked at.
const ROWS: usize = 20_000;
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Depth to which objects inside of objects are columns.
const DEPTH: usize = 6;

/// What a file holds, as far as it was looked at.
#[derive(Clone, Debug)]
pub struct Sample {
    /// How the file was read.
    pub format: Format,
    /// What separates fields, where that is not what the format says.
    pub delimiter: Option<u8>,
    /// The columns: a name, and a cell for each row.
    pub columns: Vec<(String, Vec<Cell<'static>>)>,
    /// Rows that were looked at.
    pub rows: usize,
    /// Whether that is all of the file.
    pub is_whole: bool,
    /// What could not be read, and what was guessed.
    pub notes: Vec<String>,
}

impl Sample {
    /// Looks at a file.
    ///
    /// **Errors** `host.argument`, `ingest.text` for a file of which nothing can be read.
    pub fn of(input: &Input, format: Option<Format>, delimiter: Option<u8>) -> Result<Self> {
        let told = format.or_else(|| Format::of_path(&input.path));
        if let Some(format @ (Format::Parquet | Format::Arrow)) = told {
            return of_batches(input, format);
        }
        let mut bytes = Vec::new();
        let failed = |error: std::io::Error| Error::new(Code::HostArgument, format!("{}: {error}", input.name));
        let mut content = input.content(|_| {})?;
        (&mut content).take(BYTES).read_to_end(&mut bytes).map_err(failed)?;
        let is_whole = (bytes.len() as u64) < BYTES;
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        if bytes.starts_with(b"PAR1") {
            return of_batches(input, Format::Parquet);
        }
        if bytes.starts_with(b"ARROW1") {
            return of_batches(input, Format::Arrow);
        }
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            let words = format!("{}: the text is UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it", input.name);
            return Err(Error::new(Code::IngestText, words));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::new(Code::HostArgument, format!("{}: the file is empty", input.name)));
        }
        let end = if is_whole {
            bytes.len()
        } else {
            bytes.iter().rposition(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
        };
        bytes.truncate(end);
        if let Err(error) = std::str::from_utf8(&bytes) {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let words = format!(
                "line {line} of {} is not UTF-8: iconv -f WINDOWS-1252 -t UTF-8 makes UTF-8 of what Windows writes",
                input.name
            );
            return Err(Error::new(Code::IngestText, words));
        }
        match told.unwrap_or_else(|| seen(&bytes)) {
            format @ (Format::Ndjson | Format::Json) => of_json(&input.name, &bytes, format, is_whole),
            format @ (Format::Common | Format::Combined) => of_log(&input.name, &bytes, format, is_whole),
            format => of_table(&input.name, &bytes, format, delimiter, is_whole),
        }
    }
}

/// The format that a text shows.
fn seen(bytes: &[u8]) -> Format {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let line = line.trim_ascii();
    if line.starts_with(b"{") || line.starts_with(b"[{") || line == b"[" {
        return Format::Json;
    }
    // cannot truncate: a sample has fewer bytes
    let range = (0, line.len() as u32);
    if logs::split(line, range, true, &mut Vec::new()).is_ok() {
        return Format::Combined;
    }
    if logs::split(line, range, false, &mut Vec::new()).is_ok() {
        return Format::Common;
    }
    if line.contains(&b'\t') {
        return Format::Tsv;
    }
    Format::Csv
}

fn records(mut cut: impl Cut, bytes: &[u8], is_whole: bool) -> Result<Records> {
    let mut records = Records::default();
    cut.cut(bytes, is_whole, &mut records)?;
    Ok(records)
}

fn text(bytes: &[u8], span: fields::Span, made: &[String]) -> Cell<'static> {
    let text = match span.start {
        fields::MADE => made.get(span.end as usize).cloned().unwrap_or_default(),
        start => String::from_utf8_lossy(&bytes[start as usize..span.end as usize]).into_owned(),
    };
    if text.is_empty() {
        Cell::Null
    } else {
        Cell::Text(text.into())
    }
}

fn of_table(name: &str, bytes: &[u8], format: Format, asked: Option<u8>, is_whole: bool) -> Result<Sample> {
    let usual = if format == Format::Tsv { b'\t' } else { b',' };
    let delimiter = match asked {
        Some(delimiter) => delimiter,
        None => best_delimiter(name, bytes, usual, is_whole),
    };
    let records = records(lines::Lines::of_csv(name, delimiter), bytes, is_whole)?;
    let mut made = Vec::new();
    let mut header = Vec::new();
    let first = records.ranges.first().copied().unwrap_or_default();
    fields::split(bytes, first, delimiter, &mut made, |_, span| header.push(span));
    let mut notes = Vec::new();
    let names: Vec<String> = header
        .iter()
        .map(|span| match text(bytes, *span, &made) {
            Cell::Text(text) => text.into_owned(),
            _ => String::new(),
        })
        .collect();
    let mut columns: Vec<(String, Vec<Cell<'static>>)> = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    let mut rows = 0;
    let mut odd = Vec::new();
    for (range, line) in records.ranges.iter().zip(&records.lines).skip(1).take(ROWS) {
        let mut spans = Vec::new();
        made.clear();
        fields::split(bytes, *range, delimiter, &mut made, |_, span| spans.push(span));
        if spans.len() != columns.len() {
            odd.push((*line, spans.len()));
            continue;
        }
        rows += 1;
        for ((_, cells), span) in columns.iter_mut().zip(spans) {
            cells.push(text(bytes, span, &made));
        }
    }
    if let Some((line, fields)) = odd.first() {
        notes.push(format!(
            "{} lines have another number of fields than the header, the first is line {line} with {fields} fields and not {}: --on-row-error skip leaves them out",
            odd.len(),
            columns.len()
        ));
    }
    for (at, name) in names.iter().enumerate() {
        if name.is_empty() {
            notes.push(format!("field {} of the header has no name and is left out", at + 1));
        } else if names[..at].contains(name) {
            notes.push(format!(
                "the name {name} stands in the header again as field {}, and neither can be read",
                at + 1
            ));
        }
    }
    columns.retain(|(name, _)| !name.is_empty() && names.iter().filter(|known| *known == name).count() == 1);
    let delimiter = (delimiter != usual).then_some(delimiter);
    Ok(Sample { format, delimiter, columns, rows, is_whole, notes })
}

/// The delimiter that cuts the first lines into most fields, as many in each.
fn best_delimiter(name: &str, bytes: &[u8], usual: u8, is_whole: bool) -> u8 {
    let score = |delimiter: u8| {
        let Ok(records) = records(lines::Lines::of_csv(name, delimiter), bytes, is_whole) else { return (0, 0) };
        let width = |range: &(u32, u32)| fields::split(bytes, *range, delimiter, &mut Vec::new(), |_, _| {});
        let widths: Vec<usize> = records.ranges.iter().take(200).map(width).collect();
        let first = widths.first().copied().unwrap_or_default();
        let alike = widths.iter().filter(|width| **width == first).count();
        if first < 2 {
            (0, 0)
        } else {
            (alike * 100 / widths.len(), first)
        }
    };
    let best = DELIMITERS.into_iter().max_by_key(|delimiter| {
        let (alike, width) = score(*delimiter);
        // most lines alike first; a delimiter that is usual wins where nothing else tells
        (alike / 20, width, *delimiter == usual)
    });
    best.filter(|delimiter| score(*delimiter).1 > 1).unwrap_or(usual)
}

fn of_log(name: &str, bytes: &[u8], format: Format, is_whole: bool) -> Result<Sample> {
    let is_combined = format == Format::Combined;
    let names = if is_combined { &logs::NAMES[..] } else { &logs::NAMES[..logs::COMMON] };
    let mut columns: Vec<(String, Vec<Cell<'static>>)> =
        names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    let (mut rows, mut odd) = (0, Vec::new());
    let records = records(lines::Lines::plain(name), bytes, is_whole)?;
    for (range, line) in records.ranges.iter().zip(&records.lines).take(ROWS) {
        let mut made = Vec::new();
        let Ok(spans) = logs::split(bytes, *range, is_combined, &mut made) else {
            odd.push(*line);
            continue;
        };
        rows += 1;
        for ((_, cells), span) in columns.iter_mut().zip(spans) {
            let cell = text(bytes, span, &made);
            cells.push(if cell == Cell::Text(logs::NULL.into()) { Cell::Null } else { cell });
        }
    }
    let notes = odd.first().map(|line| {
        format!(
            "{} lines are no lines of a log, the first is line {line}: --on-row-error skip leaves them out",
            odd.len()
        )
    });
    Ok(Sample { format, delimiter: None, columns, rows, is_whole, notes: notes.into_iter().collect() })
}

fn of_json(name: &str, bytes: &[u8], format: Format, is_whole: bool) -> Result<Sample> {
    let is_array = bytes.trim_ascii_start().starts_with(b"[");
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let is_lines = format == Format::Ndjson || !is_array && serde_json::from_slice::<JsonValue>(first).is_ok();
    let records = if is_lines {
        records(lines::Lines::plain(name), bytes, is_whole)?
    } else {
        records(elements::Elements::new(name), bytes, is_whole)?
    };
    let mut columns: Vec<(String, Vec<Cell<'static>>)> = Vec::new();
    let (mut rows, mut odd) = (0, Vec::new());
    for ((start, end), line) in records.ranges.iter().zip(&records.lines).take(ROWS) {
        match serde_json::from_slice::<JsonValue>(&bytes[*start as usize..*end as usize]) {
            Ok(JsonValue::Object(object)) => {
                flatten("", object, DEPTH, &mut |path, cell| {
                    let at = columns.iter().position(|(known, _)| known == path).unwrap_or_else(|| {
                        columns.push((path.to_owned(), Vec::new()));
                        columns.len() - 1
                    });
                    let cells = &mut columns[at].1;
                    cells.resize(rows, Cell::Null);
                    cells.push(cell);
                });
                rows += 1;
            }
            _ => odd.push(*line),
        }
    }
    columns.iter_mut().for_each(|(_, cells)| cells.resize(rows, Cell::Null));
    let mut notes: Vec<String> = Vec::new();
    if let Some(line) = odd.first() {
        notes.push(format!(
            "{} values are no objects, the first in line {line}: --on-row-error skip leaves them out",
            odd.len()
        ));
    }
    if rows == 0 {
        return Err(Error::new(Code::HostArgument, format!("{name}: no row is a JSON object")));
    }
    Ok(Sample { format, delimiter: None, columns, rows, is_whole, notes })
}

/// Tells of each value that is no object by its path.
fn flatten(
    path: &str,
    object: serde_json::Map<String, JsonValue>,
    depth: usize,
    tell: &mut impl FnMut(&str, Cell<'static>),
) {
    for (key, value) in object {
        let path = if path.is_empty() { key } else { format!("{path}.{key}") };
        let cell = match value {
            JsonValue::Object(inner) if depth > 0 => {
                flatten(&path, inner, depth - 1, tell);
                continue;
            }
            JsonValue::Null => Cell::Null,
            JsonValue::Bool(value) => Cell::Bool(value),
            JsonValue::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(value), _) => Cell::Int64(value),
                (None, Some(value)) => Cell::Number(value.to_bits()),
                (None, None) => Cell::Null,
            },
            JsonValue::String(text) => Cell::Text(text.into()),
            JsonValue::Array(_) => Cell::Other("an array".into()),
            JsonValue::Object(_) => Cell::Other("an object".into()),
        };
        tell(&path, cell);
    }
}

fn of_batches(input: &Input, format: Format) -> Result<Sample> {
    let mut batches = match format {
        Format::Parquet => arrow::of_parquet(input, |_| true)?,
        _ => arrow::of_ipc(input, |_| {})?,
    };
    let mut columns: Vec<(String, Vec<Cell<'static>>)> =
        batches.names.iter().map(|name| (name.clone(), Vec::new())).collect();
    let names: Vec<(String, String)> = batches.names.iter().map(|name| (name.clone(), name.clone())).collect();
    let mut rows = 0;
    while let Some(record) = batches.next_batch()?.filter(|_| rows < ROWS) {
        let batch = arrow::batch(&record, &names)?;
        for (name, cells) in &mut columns {
            if let Some(column) = batch.column(name) {
                cells.extend((0..batch.rows()).map(|row| column.cell(row).into_owned()));
            }
        }
        rows += record.num_rows();
    }
    Ok(Sample { format, delimiter: None, columns, rows, is_whole: rows < ROWS, notes: Vec::new() })
}
