//! Blocks of records with fields: CSV and logs.

use super::blocks::Records;
use super::cells::CellReader;
use super::directions::Directions;
use super::fields::{self, Span, MADE};
use super::logs;
use isofold::value::Type;
use isofold::{Code, Error, Result};
use isofold_facade::keys::Strict;
use isofold_facade::unread::unread;
use isofold_facade::{Batch, Cell, ColumnBuilder, Declared, HostColumn};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// How the fields of a record are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Splitter {
    /// CSV with this delimiter.
    Csv(u8),
    /// Lines of a log.
    Log {
        /// Whether it is the combined format.
        is_combined: bool,
    },
}

/// Which fields of a file are which columns.
#[derive(Debug)]
pub struct Plan {
    file: Arc<str>,
    splitter: Splitter,
    /// Fields of the header.
    width: usize,
    /// For each field, the place among those that are kept.
    kept: Vec<Option<usize>>,
    kept_fields: usize,
    columns: Vec<PlannedColumn>,
}

#[derive(Debug)]
struct PlannedColumn {
    name: String,
    /// Places among the fields that are kept.
    parts: Vec<usize>,
    reader: CellReader,
}

impl Plan {
    /// The plan for a file with this header.
    ///
    /// **Errors** `ingest.column`: a declared column that the header lacks or has twice; under a strict rule one that is
    /// not declared.
    pub fn new(
        file: &Arc<str>,
        splitter: Splitter,
        header: &[String],
        declared: &[Declared],
        directions: &Directions,
        strict: Strict,
    ) -> Result<Self> {
        let mut problems = Vec::new();
        let mut kept = vec![None; header.len()];
        let mut kept_fields = 0;
        let mut columns = Vec::new();
        let mut used = vec![false; header.len()];
        for column in declared {
            let from = directions.column(&column.name).map(|column| column.from.clone()).unwrap_or_default();
            let names = if from.is_empty() { vec![column.name.clone()] } else { from };
            let mut refuse = |words: String| {
                problems.push(Error::new(Code::IngestColumn, words).within(&column.name).within("column"));
            };
            let mut parts = Vec::new();
            for name in &names {
                let mut fields = header.iter().enumerate().filter(|(_, field)| *field == name).map(|(at, _)| at);
                match (fields.next(), fields.next()) {
                    (Some(at), None) => {
                        used[at] = true;
                        parts.push(*kept[at].get_or_insert_with(|| {
                            kept_fields += 1;
                            kept_fields - 1
                        }));
                    }
                    (Some(first), Some(second)) => {
                        let (first, second) = (first + 1, second + 1);
                        refuse(format!(
                            "{name} stands in the header of {file} twice, as the fields {first} and {second}"
                        ));
                    }
                    (None, _) if column.is_optional => {}
                    (None, _) => refuse(absent(file, name, header, splitter)),
                }
            }
            if parts.len() == names.len() {
                let reader = CellReader::new(column, directions);
                columns.push(PlannedColumn { name: column.name.clone(), parts, reader });
            }
        }
        if strict == Strict::All {
            for name in header.iter().zip(&used).filter(|(_, used)| !**used).map(|(name, _)| name) {
                let words = format!("the column {name} of {file} is not declared");
                problems.push(Error::new(Code::IngestColumn, words).within(name).within("column"));
            }
        }
        let width = header.len();
        Error::from_all(problems)
            .map_or_else(|| Ok(Self { file: file.clone(), splitter, width, kept, kept_fields, columns }), Err)
    }
}

impl Plan {
    /// The declared columns that the file has.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }
}

/// What is said of a column that the header lacks.
fn absent(file: &str, name: &str, header: &[String], splitter: Splitter) -> String {
    let listed = header.iter().map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(", ");
    let mut words = format!("{file} has no column \"{name}\", its header has {listed}");
    let bare = |text: &str| text.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect::<String>().to_lowercase();
    if let Some(like) = header.iter().find(|field| bare(field) == bare(name)) {
        words += &format!("; {{\"from\": \"{like}\"}} in the column of the spec reads that one");
    } else if let ([only], Splitter::Csv(delimiter)) = (header, splitter) {
        let other = [(';', ";"), (',', ","), ('\t', "tab"), ('|', "|")];
        if let Some((_, word)) =
            other.iter().find(|(other, _)| *other != char::from(delimiter) && only.contains(*other))
        {
            words += &format!("; --delimiter '{word}' would cut it into fields");
        }
    }
    words
}

/// Records of a file, to be read by the thread that folds them.
pub struct TableBlock {
    bytes: Vec<u8>,
    records: Records,
    plan: Arc<Plan>,
    /// Texts that are not in the bytes as they are.
    made: OnceLock<Vec<String>>,
}

impl TableBlock {
    /// A block of a file.
    pub fn new(bytes: Vec<u8>, records: Records, plan: &Arc<Plan>) -> Self {
        Self { bytes, records, plan: plan.clone(), made: OnceLock::new() }
    }

    /// Number of records.
    pub fn rows(&self) -> usize {
        self.records.ranges.len()
    }

    /// The records as columns.
    ///
    /// **Errors** `ingest.text` for bytes that are not UTF-8.
    pub fn read(&self) -> Result<Batch<'_>> {
        let text = self.text()?;
        let rows = self.rows();
        let mut batch = Batch::new(rows)?;
        let mut spans: Vec<Vec<Span>> = (0..self.plan.kept_fields).map(|_| Vec::with_capacity(rows)).collect();
        let mut made = Vec::new();
        let mut broken = self.records.broken.iter().peekable();
        let mut refused = Vec::new();
        for (row, range) in self.records.ranges.iter().enumerate() {
            let problem = match broken.next_if(|(at, _)| *at == row) {
                Some((_, words)) => Some(words.clone()),
                None => self.split(*range, &mut made, &mut spans).err().map(|words| {
                    let line = self.records.lines[row];
                    format!("line {line} of {} {words}", self.plan.file)
                }),
            };
            if let Some(words) = problem {
                refused.push((row, words));
                // a record that could not be read has no values
                for spans in &mut spans {
                    spans.truncate(row);
                    spans.push(Span { start: 0, end: 0 });
                }
            }
        }
        let made = self.made.get_or_init(|| made);
        let field = |span: Span| match span.start {
            MADE => made.get(span.end as usize).map_or("", String::as_str),
            // cut at characters of ASCII in a text that is UTF-8
            start => text.get(start as usize..span.end as usize).unwrap_or_default(),
        };
        for column in &self.plan.columns {
            batch.add(&column.name, column.read(&spans, rows, &field))?;
        }
        for (row, words) in refused {
            batch.refuse(row, unread(words));
        }
        Ok(batch)
    }

    fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.bytes).map_err(|error| {
            let at = error.valid_up_to();
            let record = self.records.ranges.partition_point(|(start, _)| *start as usize <= at);
            let line = self.records.lines.get(record.saturating_sub(1)).copied().unwrap_or(1);
            let file = &self.plan.file;
            let words = format!(
                "line {line} of {file} is not UTF-8: iconv -f WINDOWS-1252 -t UTF-8 makes UTF-8 of what Windows writes"
            );
            Error::new(Code::IngestText, words)
        })
    }

    fn split(&self, range: (u32, u32), made: &mut Vec<String>, spans: &mut [Vec<Span>]) -> Result<(), String> {
        let plan = &*self.plan;
        match plan.splitter {
            Splitter::Csv(delimiter) => {
                let fields = fields::split(&self.bytes, range, delimiter, made, |field, span| {
                    if let Some(&Some(kept)) = plan.kept.get(field) {
                        spans[kept].push(span);
                    }
                });
                if fields == plan.width {
                    return Ok(());
                }
                let more =
                    if fields > plan.width { " (a field that holds the delimiter is written in quotes)" } else { "" };
                Err(format!("has {fields} fields, its header {}{more}", plan.width))
            }
            Splitter::Log { is_combined } => {
                let fields = logs::split(&self.bytes, range, is_combined, made).map_err(|words| {
                    format!("is no line of the {} log format: {words}", if is_combined { "combined" } else { "common" })
                })?;
                for (kept, span) in plan.kept.iter().zip(fields).filter_map(|(kept, span)| Some(((*kept)?, span))) {
                    spans[kept].push(span);
                }
                Ok(())
            }
        }
    }
}

impl PlannedColumn {
    fn read<'b>(&self, spans: &[Vec<Span>], rows: usize, field: &impl Fn(Span) -> &'b str) -> HostColumn<'b> {
        let reader = &self.reader;
        if let [part] = self.parts[..] {
            let present = spans[part].iter().map(|span| reader.present(field(*span)));
            if reader.data_type() == Type::String {
                return HostColumn::from_texts(present);
            }
            let mut column = ColumnBuilder::new();
            present.for_each(|text| column.push(text.map_or(Cell::Null, |text| reader.read(text))));
            return column.finish();
        }
        let mut column = ColumnBuilder::new();
        let fields: Vec<&[Span]> = self.parts.iter().map(|part| &spans[*part][..]).collect();
        for row in 0..rows {
            let parts: Option<Vec<&str>> = fields.iter().map(|spans| reader.present(field(spans[row]))).collect();
            column.push(match parts {
                Some(parts) => reader.read(&parts.join(" ")).into_owned(),
                None => Cell::Null,
            });
        }
        column.finish()
    }
}

/// The names that a record of a header has.
///
/// **Errors** `ingest.text`.
pub fn header(bytes: &[u8], range: (u32, u32), delimiter: u8, file: &str) -> Result<Vec<String>> {
    let (mut made, mut spans) = (Vec::new(), Vec::new());
    fields::split(bytes, range, delimiter, &mut made, |_, span| spans.push(span));
    let name = |span: &Span| match span.start {
        MADE => Ok(Cow::Borrowed(made[span.end as usize].as_str())),
        start => match std::str::from_utf8(&bytes[start as usize..span.end as usize]) {
            Ok(name) => Ok(Cow::Borrowed(name)),
            Err(_) => Err(Error::new(Code::IngestText, format!("the header of {file} is not UTF-8"))),
        },
    };
    spans.iter().map(|span| name(span).map(Cow::into_owned)).collect()
}
