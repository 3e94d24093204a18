//! Columns as JavaScript hands them over: typed arrays and texts in one buffer.
//!
//! The one idea: the arrays are borrowed where nobody can write to them until the batch is folded, and owned elsewhere;
//! only flags and the list of texts are built anew. Nothing in them is trusted.
//!
//! Not here: what a binding has to do so that memory of JavaScript may be borrowed.

use crate::batch::Batch;
use crate::cell::{Cell, NOT_UNICODE};
use crate::host_column::{one_text, texts_in, HostColumn, HostValues};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::value::TimeUnit;
use isofold::{Code, Error, Result};

/// An array, borrowed or owned.
pub type Array<'a, T> = Cow<'a, [T]>;

/// The values of one column; a NULL row holds anything.
pub enum PackedValues<'a> {
    /// NULLs only.
    Null,
    /// 0 is false, all else is true.
    Bool(Array<'a, u8>),
    /// Signed integers.
    Int64(Array<'a, i64>),
    /// Unsigned integers.
    UInt64(Array<'a, u64>),
    /// Bits of doubles.
    Number(Array<'a, u64>),
    /// Bits of doubles that count milliseconds since the epoch.
    Date(Array<'a, u64>),
    /// Native timestamps, UTC.
    Timestamp(Array<'a, i64>, TimeUnit),
    /// Native timestamps without a zone.
    Local(Array<'a, i64>, TimeUnit),
    /// Codes into texts.
    Text(Array<'a, u32>, PackedTexts<'a>),
    /// A text for each row.
    Texts(PackedTexts<'a>),
    /// Cells of several kinds: the kind (see [`kind`]), and its word: bits, an integer, or the code of a text.
    Mixed(Array<'a, u8>, Array<'a, u64>, PackedTexts<'a>),
}

/// Texts in one buffer: text `i` is `utf8[offsets[i]..offsets[i + 1]]`.
pub struct PackedTexts<'a> {
    /// UTF-8.
    pub utf8: Array<'a, u8>,
    /// One more than there are texts.
    pub offsets: Array<'a, u32>,
}

impl PackedValues<'_> {
    fn into_owned(self) -> PackedValues<'static> {
        match self {
            Self::Null => PackedValues::Null,
            Self::Bool(v) => PackedValues::Bool(owned(v)),
            Self::Int64(v) => PackedValues::Int64(owned(v)),
            Self::UInt64(v) => PackedValues::UInt64(owned(v)),
            Self::Number(v) => PackedValues::Number(owned(v)),
            Self::Date(v) => PackedValues::Date(owned(v)),
            Self::Timestamp(v, unit) => PackedValues::Timestamp(owned(v), unit),
            Self::Local(v, unit) => PackedValues::Local(owned(v), unit),
            Self::Text(codes, texts) => PackedValues::Text(owned(codes), texts.into_owned()),
            Self::Texts(texts) => PackedValues::Texts(texts.into_owned()),
            Self::Mixed(kinds, words, texts) => PackedValues::Mixed(owned(kinds), owned(words), texts.into_owned()),
        }
    }
}

impl PackedTexts<'_> {
    /// The texts as cells, in which one that is not UTF-8 is a value that no column takes.
    fn cells(&self) -> Result<Vec<Cell<'_>>> {
        let cell = |pair: &[u32]| match one_text(&self.utf8, pair[0] as usize, pair[1] as usize) {
            Ok(text) => Ok(Cell::Text(text.into())),
            Err(error) if error.code() == Code::IngestText => Ok(Cell::Other(NOT_UNICODE.into())),
            Err(error) => Err(error),
        };
        self.offsets.windows(2).map(cell).collect()
    }

    fn into_owned(self) -> PackedTexts<'static> {
        PackedTexts { utf8: owned(self.utf8), offsets: owned(self.offsets) }
    }
}

fn owned<T: Copy>(array: Array<'_, T>) -> Array<'static, T> {
    Cow::Owned(array.into_owned())
}

/// Pieces that lie in one buffer: piece `i` is `bytes[ends[i - 1]..ends[i]]`.
///
/// **Errors** `ingest.length` for an end outside the bytes or before the last.
#[cfg(feature = "rows")]
pub fn pieces<'b>(bytes: &'b [u8], ends: &[u32]) -> Result<Vec<&'b [u8]>> {
    let mut start = 0;
    let piece = |&end: &u32| {
        let end = end as usize;
        let piece = bytes.get(core::mem::replace(&mut start, end)..end);
        piece.ok_or_else(|| Error::new(Code::IngestLength, format!("a piece ends at {end} of {} bytes", bytes.len())))
    };
    ends.iter().map(piece).collect()
}

/// The kinds of cells in [`PackedValues::Mixed`].
pub mod kind {
    /// NULL.
    pub const NULL: u8 = 0;
    /// A boolean.
    pub const BOOL: u8 = 1;
    /// Bits of a double.
    pub const NUMBER: u8 = 2;
    /// A signed integer.
    pub const INT64: u8 = 3;
    /// An integer past the signed range.
    pub const UINT64: u8 = 4;
    /// Bits of a double that counts milliseconds since the epoch.
    pub const DATE: u8 = 5;
    /// The code of a text.
    pub const TEXT: u8 = 6;
    /// The code of the words an error uses for the cell.
    pub const OTHER: u8 = 7;
    /// The code of the text of a decimal.
    pub const DECIMAL: u8 = 8;
}

/// The unit that a host names `s`, `ms`, `us` or `ns`.
///
/// **Errors** `host.argument`.
pub fn time_unit(name: &str) -> Result<TimeUnit> {
    match name {
        "s" => Ok(TimeUnit::Second),
        "ms" => Ok(TimeUnit::Millisecond),
        "us" => Ok(TimeUnit::Microsecond),
        "ns" => Ok(TimeUnit::Nanosecond),
        _ => Err(Error::new(Code::HostArgument, format!("a unit must be s, ms, us or ns, got {name}"))),
    }
}

/// A batch being put together, column by column.
#[derive(Default)]
pub struct PackedBatch<'a> {
    rows: usize,
    columns: Vec<PackedColumn<'a>>,
    unread: Vec<(usize, Error)>,
}

struct PackedColumn<'a> {
    name: String,
    values: PackedValues<'a>,
    validity: Option<Vec<bool>>,
}

impl<'a> PackedBatch<'a> {
    /// A batch of `rows` rows with no columns yet.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: Vec::new(), unread: Vec::new() }
    }

    /// Adds a column; `valid` has a 0 where a row is NULL. Whether it fits is found when the batch is read.
    pub fn add(&mut self, name: String, values: PackedValues<'a>, valid: Option<&[u8]>) {
        let validity = valid.map(|valid| valid.iter().map(|flag| *flag != 0).collect());
        self.columns.push(PackedColumn { name, values, validity });
    }

    /// Says that a row could not be read, and why: see [`crate::unread`].
    pub fn refuse(&mut self, row: usize, error: Error) {
        self.unread.push((row, error));
    }

    /// The same batch with arrays of its own.
    #[must_use]
    pub fn into_owned(self) -> PackedBatch<'static> {
        let columns = self.columns.into_iter().map(|column| {
            let PackedColumn { name, values, validity } = column;
            PackedColumn { name, values: values.into_owned(), validity }
        });
        PackedBatch { rows: self.rows, columns: columns.collect(), unread: self.unread }
    }

    /// The batch, reading the arrays where they lie.
    ///
    /// **Errors** as [`Batch::new`], [`Batch::add`], [`HostColumn::from_utf8`]; `ingest.type` for a kind or a text
    /// that does not exist.
    pub fn read(&self) -> Result<Batch<'_>> {
        let mut batch = Batch::new(self.rows)?;
        for column in &self.columns {
            let read = column.read(self.rows).map_err(|error| error.within(&column.name).within("column"))?;
            batch.add(&column.name, read)?;
        }
        self.unread.iter().for_each(|(row, error)| batch.refuse(*row, error.clone()));
        Ok(batch)
    }
}

impl PackedColumn<'_> {
    fn read(&self, rows: usize) -> Result<HostColumn<'_>> {
        let column = match &self.values {
            PackedValues::Null => HostColumn::new(HostValues::Null(rows)),
            PackedValues::Bool(v) => HostColumn::new(HostValues::Bool(v.iter().map(|flag| *flag != 0).collect())),
            PackedValues::Int64(v) => HostColumn::new(HostValues::Int64(v.as_ref().into())),
            PackedValues::UInt64(v) => HostColumn::new(HostValues::UInt64(v.as_ref().into())),
            PackedValues::Number(v) => HostColumn::new(HostValues::Number(v.as_ref().into())),
            PackedValues::Date(v) => HostColumn::new(HostValues::Date(v.as_ref().into())),
            PackedValues::Timestamp(v, unit) => HostColumn::new(HostValues::Timestamp(v.as_ref().into(), *unit)),
            PackedValues::Local(v, unit) => HostColumn::new(HostValues::Local(v.as_ref().into(), *unit)),
            PackedValues::Text(codes, texts) => {
                match HostColumn::from_utf8(codes.as_ref(), &texts.utf8, &texts.offsets) {
                    Err(error) if error.code() == Code::IngestText => {
                        let cells = texts.cells()?;
                        let cell = |code: &u32| {
                            cells
                                .get(*code as usize)
                                .cloned()
                                .unwrap_or(Cell::Other("a code outside its dictionary".into()))
                        };
                        HostColumn::new(HostValues::Mixed(codes.iter().map(cell).collect()))
                    }
                    column => column?,
                }
            }
            PackedValues::Texts(texts) => {
                let texts = match texts_in(&texts.utf8, &texts.offsets) {
                    Err(error) if error.code() == Code::IngestText => {
                        let column = HostColumn::new(HostValues::Mixed(texts.cells()?));
                        return Ok(column.with_validity(self.validity.as_deref().map(Cow::Borrowed)));
                    }
                    texts => texts?,
                };
                let valid =
                    |row: usize| self.validity.as_ref().is_none_or(|validity| validity.get(row) != Some(&false));
                HostColumn::from_texts(texts.into_iter().enumerate().map(|(row, text)| valid(row).then_some(text)))
            }
            PackedValues::Mixed(kinds, words, texts) => mixed(kinds, words, texts)?,
        };
        Ok(column.with_validity(self.validity.as_deref().map(Cow::Borrowed)))
    }
}

fn mixed<'a>(kinds: &[u8], words: &[u64], texts: &'a PackedTexts<'a>) -> Result<HostColumn<'a>> {
    let texts = texts.cells()?;
    if kinds.len() != words.len() {
        let message = format!("a column must have a word for each of its {} kinds, got {}", kinds.len(), words.len());
        return Err(Error::new(Code::IngestLength, message));
    }
    let cell = |code: u64| usize::try_from(code).ok().and_then(|code| texts.get(code)).cloned();
    let text = |code: u64| match cell(code) {
        Some(Cell::Text(text)) => Some(text),
        _ => None,
    };
    let cells = kinds.iter().zip(words).map(|(kind, &word)| match *kind {
        kind::NULL => Some(Cell::Null),
        kind::BOOL => Some(Cell::Bool(word != 0)),
        kind::NUMBER => Some(Cell::Number(word)),
        kind::INT64 => Some(Cell::Int64(word as i64)),
        kind::UINT64 => Some(Cell::UInt64(word)),
        kind::DATE => Some(Cell::Date(word)),
        kind::TEXT => cell(word),
        kind::OTHER => text(word).map(Cell::Other),
        kind::DECIMAL => text(word).map(Cell::Decimal),
        _ => None,
    });
    let cells: Option<Vec<Cell<'a>>> = cells.collect();
    let cells = cells.ok_or_else(|| Error::new(Code::IngestType, "a cell has a kind or a text that does not exist"))?;
    Ok(HostColumn::new(HostValues::Mixed(cells)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(utf8: &'a str, offsets: &'a [u32]) -> PackedTexts<'a> {
        PackedTexts { utf8: utf8.as_bytes().into(), offsets: offsets.into() }
    }

    #[test]
    fn texts_and_flags_become_a_column() {
        let mut batch = PackedBatch::new(3);
        let values = PackedValues::Text(Cow::Borrowed(&[1, 0, 1]), texts("gpto3", &[0, 3, 5]));
        batch.add("model".into(), values, Some(&[1, 0, 1]));
        let read = batch.read().expect("a good batch");
        let column = read.column("model").expect("there");
        let HostValues::Text(codes, dictionary) = &column.values else { panic!("{column:?}") };
        assert_eq!((codes.as_ref(), dictionary.as_ref()), (&[1, 0, 1][..], &["gpt".into(), Cow::Borrowed("o3")][..]));
        assert_eq!(column.validity.as_deref(), Some(&[true, false, true][..]));
    }

    #[test]
    fn a_text_for_each_row_becomes_a_column() {
        let mut batch = PackedBatch::new(3);
        batch.add("model".into(), PackedValues::Texts(texts("gptgpt", &[0, 3, 3, 6])), Some(&[1, 0, 1]));
        let read = batch.read().expect("a good batch");
        let column = read.column("model").expect("there");
        let HostValues::Text(codes, dictionary) = &column.values else { panic!("{column:?}") };
        assert_eq!((codes.as_ref(), dictionary.as_ref()), (&[0, 0, 0][..], &["gpt".into()][..]));
        assert_eq!(column.validity.as_deref(), Some(&[true, false, true][..]));
    }

    #[test]
    fn a_text_that_is_not_utf8_is_one_cell_that_no_column_takes() {
        let bad = || PackedTexts { utf8: b"a\xed\xa0\x80b".as_slice().into(), offsets: vec![0, 1, 4, 5].into() };
        let kinds = vec![kind::TEXT; 3];
        for values in [
            PackedValues::Text(vec![0, 1, 2].into(), bad()),
            PackedValues::Texts(bad()),
            PackedValues::Mixed(kinds.into(), vec![0, 1, 2].into(), bad()),
        ] {
            let mut batch = PackedBatch::new(3);
            batch.add("x".into(), values, None);
            let read = batch.read().expect("a batch");
            let declared = crate::Declared::plain("x", isofold::Type::String);
            let error = crate::conform::conform(read.column("x").expect("there"), &declared).expect_err("no text");
            assert_eq!((error.code(), error.path()), (Code::IngestText, "column.x[1]"));
        }
    }

    #[test]
    fn cells_keep_their_kinds() {
        let kinds =
            vec![kind::NULL, kind::BOOL, kind::NUMBER, kind::INT64, kind::UINT64, kind::DATE, kind::TEXT, kind::OTHER];
        let words = vec![0, 1, 1.5f64.to_bits(), (-2i64) as u64, u64::MAX, 7f64.to_bits(), 1, 0];
        let mut batch = PackedBatch::new(8);
        batch.add("x".into(), PackedValues::Mixed(kinds.into(), words.into(), texts("a lista", &[0, 6, 7])), None);
        let read = batch.read().expect("a good batch");
        let HostValues::Mixed(cells) = &read.column("x").expect("there").values else { panic!("not mixed") };
        let expected = [
            Cell::Null,
            Cell::Bool(true),
            Cell::Number(1.5f64.to_bits()),
            Cell::Int64(-2),
            Cell::UInt64(u64::MAX),
            Cell::Date(7f64.to_bits()),
            Cell::Text("a".into()),
            Cell::Other("a list".into()),
        ];
        assert_eq!(cells[..], expected);
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        let refused = |kinds: Vec<u8>, words: Vec<u64>| {
            let mut batch = PackedBatch::new(1);
            batch.add("x".into(), PackedValues::Mixed(kinds.into(), words.into(), texts("a", &[0, 1])), None);
            let error = batch.read().expect_err("a bad batch");
            (error.code(), error.path().to_owned())
        };
        assert_eq!(refused(vec![9], vec![0]), (Code::IngestType, "column.x".into()));
        assert_eq!(refused(vec![kind::TEXT], vec![1]), (Code::IngestType, "column.x".into()));
        assert_eq!(refused(vec![kind::TEXT], vec![]), (Code::IngestLength, "column.x".into()));
        assert_eq!(time_unit("min").expect_err("no unit").code(), Code::HostArgument);
    }
}
