//! The rows of several files, block by block, and the fold over them.

use super::arrow::{self, Batches};
use super::blocks::{Blocks, Records};
use super::elements::Elements;
use super::input::{peeked, Format, Input};
use super::json::{JsonBlock, Keys};
use super::lines::Lines;
use super::logs;
use super::places::Places;
use super::table::{self, Plan, Splitter, TableBlock};
use super::{refused, Directions};
use arrow_array::RecordBatch;
use isofold::{Code, Error, Result};
use isofold_facade::keys::Strict;
use isofold_facade::{Batch, Declared, Source};
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::IntoIter;

/// Bytes in which the kind of a text of JSON shows.
const PEEKED_BYTES: usize = 1 << 16;

/// What is wanted of files.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The declared columns.
    pub columns: Vec<Declared>,
    /// How files are read.
    pub directions: Directions,
    /// What is refused of their names.
    pub strict: Strict,
}

/// The rows of files.
pub struct Rows {
    inputs: IntoIter<Input>,
    wanted: Wanted,
    open: Option<OpenFile>,
    /// Where rows stand.
    places: Arc<Mutex<Places>>,
    /// Keys of files of objects.
    keys: Vec<Arc<Keys>>,
    /// Stored bytes read so far.
    bytes: Arc<AtomicU64>,
    /// Declared columns that a file has.
    columns: BTreeSet<String>,
    has_failed: bool,
}

/// A file that is being read.
enum OpenFile {
    Table(Blocks<Lines>, Arc<Plan>, Arc<str>, Option<(Vec<u8>, Records)>),
    Lines(Blocks<Lines>, Arc<Keys>, Arc<str>),
    Elements(Blocks<Elements>, Arc<Keys>, Arc<str>),
    Batches(Batches, Arc<[(String, String)]>, Arc<str>, u64),
}

/// Rows of one file.
pub enum Block {
    /// Of CSV or a log.
    Table(TableBlock),
    /// Of JSON.
    Json(JsonBlock),
    /// Of Arrow or Parquet.
    Record(RecordBatch, Arc<[(String, String)]>),
}

impl Source for Block {
    fn rows(&self) -> usize {
        match self {
            Block::Table(block) => block.rows(),
            Block::Json(block) => block.rows(),
            Block::Record(record, _) => record.num_rows(),
        }
    }

    fn read(&self, _: &[Declared]) -> Result<Batch<'_>> {
        match self {
            Block::Table(block) => block.read(),
            Block::Json(block) => block.read(),
            Block::Record(record, columns) => arrow::batch(record, columns),
        }
    }
}

impl Rows {
    /// The rows of files, opened one after the other.
    pub fn new(inputs: Vec<Input>, wanted: Wanted) -> Self {
        Self {
            inputs: inputs.into_iter(),
            wanted,
            open: None,
            places: Arc::default(),
            keys: Vec::new(),
            bytes: Arc::default(),
            columns: BTreeSet::new(),
            has_failed: false,
        }
    }

    /// Where the rows that were read stand.
    pub fn places(&self) -> Arc<Mutex<Places>> {
        self.places.clone()
    }

    /// Stored bytes read so far.
    pub fn bytes(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }

    /// The columns that files have, and the keys of rows of objects, as far as they matter.
    pub fn seen_keys(&self) -> Vec<String> {
        self.keys.iter().flat_map(|keys| keys.seen()).chain(self.columns.iter().cloned()).collect()
    }

    fn next_block(&mut self) -> Result<Option<Block>> {
        loop {
            let open = match &mut self.open {
                Some(open) => open,
                None => match self.inputs.next() {
                    None => return Ok(None),
                    Some(input) => {
                        let opened = self.opened(&input)?;
                        self.open.insert(opened)
                    }
                },
            };
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            let block = match open {
                OpenFile::Table(blocks, plan, file, first) => {
                    let next = match first.take() {
                        Some(first) => Some(first),
                        None => blocks.next_block()?,
                    };
                    next.map(|(bytes, records)| {
                        places.add_lines(file, &records.lines);
                        Block::Table(TableBlock::new(bytes, records, plan))
                    })
                }
                OpenFile::Lines(blocks, keys, file) => blocks.next_block()?.map(|(bytes, records)| {
                    places.add_lines(file, &records.lines);
                    Block::Json(JsonBlock::new(bytes, records, keys))
                }),
                OpenFile::Elements(blocks, keys, file) => blocks.next_block()?.map(|(bytes, records)| {
                    places.add_lines(file, &records.lines);
                    Block::Json(JsonBlock::new(bytes, records, keys))
                }),
                OpenFile::Batches(batches, columns, file, seen) => batches.next_batch()?.map(|record| {
                    places.add_rows(file, *seen + 1, record.num_rows());
                    *seen += record.num_rows() as u64;
                    Block::Record(record, columns.clone())
                }),
            };
            match block {
                // a batch without rows says nothing, and a table after its header may have none
                Some(block) if block.rows() == 0 => {}
                Some(block) => return Ok(Some(block)),
                None => self.open = None,
            }
        }
    }

    fn content(&self, input: &Input) -> Result<Box<dyn Read + Send>> {
        input.content(self.counting())
    }

    fn counting(&self) -> impl Fn(u64) + Send + 'static {
        let bytes = self.bytes.clone();
        move |more| {
            bytes.fetch_add(more, Ordering::Relaxed);
        }
    }

    fn opened(&mut self, input: &Input) -> Result<OpenFile> {
        let format = self.wanted.directions.format.or_else(|| Format::of_path(&input.path)).ok_or_else(|| {
            let words = "the name does not tell the format: --format csv, tsv, ndjson, json, parquet, arrow, common or combined does";
            // what cannot be opened is told first
            let opened = if input.is_stdin() { Ok(()) } else { input.file().map(drop) };
            opened.err().unwrap_or_else(|| refused(&input.name, words))
        })?;
        let file: Arc<str> = input.name.as_str().into();
        match format {
            Format::Csv => self.table(input, &file, self.wanted.directions.delimiter.unwrap_or(b',')),
            Format::Tsv => self.table(input, &file, self.wanted.directions.delimiter.unwrap_or(b'\t')),
            Format::Common | Format::Combined => self.log(input, &file, format == Format::Combined),
            Format::Ndjson => {
                let content = self.content(input)?;
                Ok(self.lines(content, &file))
            }
            Format::Json => self.json(input, &file),
            Format::Parquet => {
                let columns = self.sources();
                let batches = arrow::of_parquet(input, |name| columns.iter().any(|(_, from, _)| from == name))?;
                self.batches(batches, &file, &columns)
            }
            Format::Arrow => {
                let batches = arrow::of_ipc(input, self.counting())?;
                let columns = self.sources();
                self.batches(batches, &file, &columns)
            }
        }
    }

    fn table(&mut self, input: &Input, file: &Arc<str>, delimiter: u8) -> Result<OpenFile> {
        let mut blocks = Blocks::new(&input.name, self.content(input)?, Lines::of_csv(&input.name, delimiter));
        let Some((bytes, mut records)) = blocks.next_block()? else {
            return Err(refused(
                &input.name,
                "the file is empty, and a header with the names of its columns is expected",
            ));
        };
        let range = records.ranges.remove(0);
        records.lines.remove(0);
        for (row, words) in std::mem::take(&mut records.broken) {
            match row.checked_sub(1) {
                None => return Err(Error::new(Code::HostArgument, words)),
                Some(row) => records.broken.push((row, words)),
            }
        }
        let header = table::header(&bytes, range, delimiter, file)?;
        let Wanted { columns, directions, strict } = &self.wanted;
        let plan = Plan::new(file, Splitter::Csv(delimiter), &header, columns, directions, *strict)?;
        self.columns.extend(plan.columns().map(str::to_owned));
        Ok(OpenFile::Table(blocks, plan.into(), file.clone(), Some((bytes, records))))
    }

    fn log(&mut self, input: &Input, file: &Arc<str>, is_combined: bool) -> Result<OpenFile> {
        let names = if is_combined { &logs::NAMES[..] } else { &logs::NAMES[..logs::COMMON] };
        let header: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let Wanted { columns, directions, strict } = &self.wanted;
        let mut directions = directions.clone();
        directions.of_log(columns);
        let plan = Plan::new(file, Splitter::Log { is_combined }, &header, columns, &directions, *strict)?;
        self.columns.extend(plan.columns().map(str::to_owned));
        let blocks = Blocks::new(&input.name, self.content(input)?, Lines::plain(&input.name));
        Ok(OpenFile::Table(blocks, plan.into(), file.clone(), None))
    }

    fn lines(&mut self, content: Box<dyn Read + Send>, file: &Arc<str>) -> OpenFile {
        OpenFile::Lines(Blocks::new(file, content, Lines::plain(file)), self.keys(file), file.clone())
    }

    /// An array, objects a line each, or objects one after the other.
    fn json(&mut self, input: &Input, file: &Arc<str>) -> Result<OpenFile> {
        let failed = |error: std::io::Error| refused(&input.name, super::input::io_words(&error));
        let (start, content) = peeked(self.content(input)?, PEEKED_BYTES).map_err(failed)?;
        let line = start.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        let is_lines = line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
        if is_lines {
            return Ok(self.lines(content, file));
        }
        if line.is_empty() {
            return Err(refused(&input.name, "the file is empty, and an array of objects is expected"));
        }
        Ok(OpenFile::Elements(Blocks::new(file, content, Elements::new(file)), self.keys(file), file.clone()))
    }

    fn keys(&mut self, file: &Arc<str>) -> Arc<Keys> {
        let Wanted { columns, directions, strict } = &self.wanted;
        let keys = Arc::new(Keys::new(file, columns, directions, *strict == Strict::All));
        self.keys.push(keys.clone());
        keys
    }

    /// Each declared column, its name in a file, and whether it may be absent.
    fn sources(&self) -> Vec<(String, String, bool)> {
        let source = |column: &Declared| {
            let said = self.wanted.directions.column(&column.name).and_then(|said| said.from.first().cloned());
            (column.name.clone(), said.unwrap_or_else(|| column.name.clone()), column.is_optional)
        };
        self.wanted.columns.iter().map(source).collect()
    }

    fn batches(&mut self, batches: Batches, file: &Arc<str>, columns: &[(String, String, bool)]) -> Result<OpenFile> {
        let planned = arrow::planned(file, &batches.names, columns)?;
        if self.wanted.strict == Strict::All {
            if let Some(name) = batches.names.iter().find(|name| !planned.iter().any(|(_, from)| from == *name)) {
                let words = format!("the column {name} of {file} is not declared");
                return Err(Error::new(Code::IngestColumn, words).within(name).within("column"));
            }
        }
        self.columns.extend(planned.iter().map(|(name, _)| name.clone()));
        Ok(OpenFile::Batches(batches, planned.into(), file.clone(), 0))
    }
}

impl Iterator for Rows {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let next = self.next_block().transpose();
        self.has_failed = matches!(next, Some(Err(_)));
        next
    }
}
