//! A column as a host has it: borrowed where the host's memory can be read as it is.
//!
//! Not here: what a column has to be for the kernel ([`crate::conform`]).

use crate::cell::Cell;
use crate::column_builder::ColumnBuilder;
use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use isofold::column::Dictionary;
use isofold::value::TimeUnit;

/// Texts a row up to which a block keeps the dictionary of its column: what its rows do not hold costs a few bytes each.
const SHARED_TEXTS_A_ROW: usize = 4;

/// Values of one kind that hosts have; a NULL row holds anything.
#[derive(Clone, Debug)]
pub enum HostValues<'a> {
    /// So many NULLs of no type.
    Null(usize),
    /// Booleans.
    Bool(Cow<'a, [bool]>),
    /// Signed integers.
    Int64(Cow<'a, [i64]>),
    /// Unsigned integers.
    UInt64(Cow<'a, [u64]>),
    /// Bits of doubles.
    Number(Cow<'a, [u64]>),
    /// Bits of doubles that count milliseconds since the epoch; NaN is an invalid date.
    Date(Cow<'a, [u64]>),
    /// Native timestamps, UTC.
    Timestamp(Cow<'a, [i64]>, TimeUnit),
    /// Native timestamps without a zone.
    Local(Cow<'a, [i64]>, TimeUnit),
    /// Decimals: integers of 10^-scale.
    Decimal(Cow<'a, [i128]>, i32),
    /// Codes into distinct (or not) texts.
    Text(Cow<'a, [u32]>, Dictionary<'a>),
    /// Values of several kinds.
    Mixed(Vec<Cell<'a>>),
    /// So many values of a kind the kernel never takes, and the words for one: `a decimal`, `a list`.
    Other(usize, String),
}

/// Values and which of them are there.
#[derive(Clone, Debug)]
pub struct HostColumn<'a> {
    /// The values.
    pub values: HostValues<'a>,
    /// `true` where a row has a value; `None` when every row has one.
    pub validity: Option<Cow<'a, [bool]>>,
}

impl<'a> HostColumn<'a> {
    /// A column in which every row has a value.
    #[must_use]
    pub fn new(values: HostValues<'a>) -> Self {
        Self { values, validity: None }
    }

    /// The same column with NULLs where `validity` is false.
    #[must_use]
    pub fn with_validity(self, validity: Option<Cow<'a, [bool]>>) -> Self {
        Self { validity, ..self }
    }

    /// The same column with NULLs also where `validity` is false.
    #[must_use]
    pub fn and_validity(self, validity: Option<Cow<'a, [bool]>>) -> Self {
        let both = match (self.validity, validity) {
            (Some(mut one), Some(other)) => {
                one.to_mut().iter_mut().zip(other.iter()).for_each(|(one, other)| *one &= other);
                Some(one)
            }
            (one, other) => one.or(other),
        };
        Self { values: self.values, validity: both }
    }

    /// A column of texts given as codes into one UTF-8 buffer: text `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    ///
    /// **Errors** `ingest.length` (an offset outside the bytes), `ingest.text` (bytes that are not UTF-8).
    pub fn from_utf8(
        codes: impl Into<Cow<'a, [u32]>>,
        bytes: &'a [u8],
        offsets: &[u32],
    ) -> Result<Self, isofold::Error> {
        let dictionary = texts_in(bytes, offsets)?.into_iter().map(Cow::Borrowed).collect();
        Ok(Self::new(HostValues::Text(codes.into(), dictionary)))
    }

    /// Some rows of the column, borrowed.
    #[must_use]
    pub fn block(&self, rows: Range<usize>) -> HostColumn<'_> {
        let validity = self.validity.as_deref().map(|validity| Cow::Borrowed(&validity[rows.clone()]));
        let values = match &self.values {
            HostValues::Null(_) => HostValues::Null(rows.len()),
            HostValues::Other(_, kind) => HostValues::Other(rows.len(), kind.clone()),
            HostValues::Bool(v) => HostValues::Bool(Cow::Borrowed(&v[rows])),
            HostValues::Int64(v) => HostValues::Int64(Cow::Borrowed(&v[rows])),
            HostValues::UInt64(v) => HostValues::UInt64(Cow::Borrowed(&v[rows])),
            HostValues::Number(v) => HostValues::Number(Cow::Borrowed(&v[rows])),
            HostValues::Date(v) => HostValues::Date(Cow::Borrowed(&v[rows])),
            HostValues::Timestamp(v, unit) => HostValues::Timestamp(Cow::Borrowed(&v[rows]), *unit),
            HostValues::Local(v, unit) => HostValues::Local(Cow::Borrowed(&v[rows]), *unit),
            HostValues::Decimal(v, scale) => HostValues::Decimal(Cow::Borrowed(&v[rows]), *scale),
            HostValues::Text(codes, texts) if texts.len() <= SHARED_TEXTS_A_ROW * rows.len() => {
                // what is found about the texts is found once for all blocks
                HostValues::Text(Cow::Borrowed(&codes[rows]), texts.borrowed())
            }
            HostValues::Text(codes, texts) => held(&codes[rows], texts),
            HostValues::Mixed(cells) => HostValues::Mixed(cells[rows].to_vec()),
        };
        HostColumn { values, validity }
    }

    /// The rows at these places; a place outside the column is only allowed where the result has no value.
    #[must_use]
    pub fn picked(self, places: &[u32]) -> Self {
        fn pick<'a, T: Copy + Default>(values: &[T], places: &[u32]) -> Cow<'a, [T]>
        where
            [T]: ToOwned<Owned = Vec<T>>,
        {
            places.iter().map(|place| values.get(*place as usize).copied().unwrap_or_default()).collect()
        }
        let values = match self.values {
            HostValues::Null(_) => HostValues::Null(places.len()),
            HostValues::Other(_, kind) => HostValues::Other(places.len(), kind),
            HostValues::Bool(v) => HostValues::Bool(pick(&v, places)),
            HostValues::Int64(v) => HostValues::Int64(pick(&v, places)),
            HostValues::UInt64(v) => HostValues::UInt64(pick(&v, places)),
            HostValues::Number(v) => HostValues::Number(pick(&v, places)),
            HostValues::Date(v) => HostValues::Date(pick(&v, places)),
            HostValues::Timestamp(v, unit) => HostValues::Timestamp(pick(&v, places), unit),
            HostValues::Local(v, unit) => HostValues::Local(pick(&v, places), unit),
            HostValues::Decimal(v, scale) => HostValues::Decimal(pick(&v, places), scale),
            HostValues::Text(codes, texts) => HostValues::Text(pick(&codes, places), texts),
            HostValues::Mixed(cells) => {
                let cell = |place: &u32| cells.get(*place as usize).cloned().unwrap_or(Cell::Null);
                HostValues::Mixed(places.iter().map(cell).collect())
            }
        };
        let validity = self.validity.map(|validity| pick(&validity, places));
        Self { values, validity }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.values {
            HostValues::Null(rows) | HostValues::Other(rows, _) => *rows,
            HostValues::Bool(v) => v.len(),
            HostValues::Int64(v) | HostValues::Timestamp(v, _) | HostValues::Local(v, _) => v.len(),
            HostValues::UInt64(v) | HostValues::Number(v) | HostValues::Date(v) => v.len(),
            HostValues::Decimal(v, _) => v.len(),
            HostValues::Text(codes, _) => codes.len(),
            HostValues::Mixed(cells) => cells.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether row `row` has a value.
    #[must_use]
    pub fn is_valid(&self, row: usize) -> bool {
        self.validity.as_ref().is_none_or(|v| v[row])
    }

    /// The value of one row.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell<'_> {
        if !self.is_valid(row) {
            return Cell::Null;
        }
        match &self.values {
            HostValues::Null(_) => Cell::Null,
            HostValues::Bool(v) => Cell::Bool(v[row]),
            HostValues::Int64(v) => Cell::Int64(v[row]),
            HostValues::UInt64(v) => Cell::UInt64(v[row]),
            HostValues::Number(v) => Cell::Number(v[row]),
            HostValues::Date(v) => Cell::Date(v[row]),
            HostValues::Timestamp(v, unit) => Cell::Timestamp(v[row], *unit),
            HostValues::Local(v, unit) => Cell::Local(v[row], *unit),
            HostValues::Decimal(v, scale) => Cell::Decimal(decimal_text(v[row], *scale).into()),
            HostValues::Text(codes, texts) => match texts.get(codes[row] as usize) {
                Some(text) => Cell::Text(Cow::Borrowed(text)),
                None => Cell::Other("a code outside its dictionary".into()),
            },
            HostValues::Mixed(cells) => cells[row].clone(),
            HostValues::Other(_, kind) => Cell::Other(Cow::Borrowed(kind)),
        }
    }

    /// Columns one below the other, as one that owns its values.
    #[must_use]
    pub fn joined<'c>(columns: impl IntoIterator<Item = HostColumn<'c>>) -> HostColumn<'static> {
        let mut joined = ColumnBuilder::new();
        for column in columns {
            for row in 0..column.len() {
                match column.cell(row) {
                    Cell::Text(text) => joined.push_text(&text),
                    cell => joined.push(cell.into_owned()),
                }
            }
        }
        joined.finish()
    }
}

/// The text of `unscaled × 10^-scale`.
fn decimal_text(unscaled: i128, scale: i32) -> String {
    match usize::try_from(scale) {
        Ok(0) => unscaled.to_string(),
        Ok(places @ 1..=100) => {
            let digits = format!("{:0>1$}", unscaled.unsigned_abs(), places + 1);
            let (whole, part) = digits.split_at(digits.len() - places);
            format!("{}{whole}.{part}", if unscaled < 0 { "-" } else { "" })
        }
        _ => format!("{unscaled}e{}", -i64::from(scale)),
    }
}

/// The texts that rows hold, out of a dictionary with many more texts than there are rows.
fn held<'a>(codes: &[u32], texts: &'a [Cow<'_, str>]) -> HostValues<'a> {
    const UNSEEN: u32 = u32::MAX;
    let mut numbers = vec![UNSEEN; texts.len()];
    let mut kept: Vec<Cow<'a, str>> = Vec::new();
    let renumbered = codes.iter().map(|&code| {
        let (Some(number), Some(text)) = (numbers.get_mut(code as usize), texts.get(code as usize)) else {
            // the code of a NULL row may point anywhere; that of another stays one that does not exist
            return UNSEEN;
        };
        if *number == UNSEEN {
            // cannot truncate: at most one for each row
            *number = kept.len() as u32;
            kept.push(Cow::Borrowed(text));
        }
        *number
    });
    let codes: Vec<u32> = renumbered.collect();
    HostValues::Text(codes.into(), kept.into())
}

/// The texts that one UTF-8 buffer is cut into at `offsets`.
///
/// **Errors** as [`HostColumn::from_utf8`].
pub(crate) fn texts_in<'a>(bytes: &'a [u8], offsets: &[u32]) -> Result<Vec<&'a str>, isofold::Error> {
    // one pass over the whole buffer is many times faster than one for each text; it proves every text that is cut at
    // the edge of a character, and where it does not hold the texts are looked at one by one
    let whole = core::str::from_utf8(bytes).unwrap_or("");
    let text = |pair: &[u32]| {
        let (start, end) = (pair[0] as usize, pair[1] as usize);
        whole.get(start..end).map_or_else(|| one_text(bytes, start, end), Ok)
    };
    offsets.windows(2).map(text).collect()
}

pub(crate) fn one_text(bytes: &[u8], start: usize, end: usize) -> Result<&str, isofold::Error> {
    let text = bytes.get(start..end).ok_or_else(|| {
        let message = format!("a text must lie inside its {} bytes, got {start} to {end}", bytes.len());
        isofold::Error::new(isofold::Code::IngestLength, message)
    })?;
    core::str::from_utf8(text).map_err(|_| {
        isofold::Error::new(isofold::Code::IngestText, format!("the bytes {start} to {end} are not UTF-8"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_out_of_one_buffer() {
        let column = HostColumn::from_utf8(vec![1, 0, 1], b"gpto3", &[0, 3, 5]).expect("good offsets");
        let HostValues::Text(_, texts) = &column.values else { panic!("not a text column") };
        assert_eq!(**texts, ["gpt", "o3"]);
        assert_eq!(column.len(), 3);
    }

    #[test]
    fn a_block_is_the_rows_it_says() {
        let flags = Some(vec![true, false, true].into());
        let column =
            HostColumn::from_utf8(vec![1, 0, 1], b"ab", &[0, 1, 2]).expect("good offsets").with_validity(flags);
        let block = column.block(1..3);
        assert_eq!((block.len(), block.cell(0), block.cell(1)), (2, Cell::Null, Cell::Text("b".into())));
        let mixed = HostColumn::new(HostValues::Mixed(vec![Cell::Bool(true), Cell::Int64(7)]));
        assert_eq!(mixed.block(1..2).cell(0), Cell::Int64(7));
    }

    #[test]
    fn a_block_shares_its_texts_unless_they_are_many_more_than_its_rows() {
        let utf8 = "abcdefghijklm";
        let offsets: Vec<u32> = (0..=13).collect();
        let column = HostColumn::from_utf8(vec![3, 0, 3, 12, 99], utf8.as_bytes(), &offsets).expect("good offsets");
        let block = column.block(0..4);
        let HostValues::Text(codes, texts) = &block.values else { panic!("no texts") };
        assert_eq!((codes.as_ref(), texts.len()), (&[3, 0, 3, 12][..], 13));
        let block = column.block(0..3);
        let HostValues::Text(codes, texts) = &block.values else { panic!("no texts") };
        assert_eq!((codes.as_ref(), &texts[..]), (&[0, 1, 0][..], &["d".into(), Cow::Borrowed("a")][..]));
        let beyond = column.block(4..5);
        assert!(matches!(beyond.cell(0), Cell::Other(_)), "{beyond:?}");
    }

    #[test]
    fn a_buffer_with_bytes_that_no_text_has_is_read() {
        let column = HostColumn::from_utf8(vec![0, 1], b"a\xffb", &[0, 1, 1]).expect("a and nothing");
        assert_eq!((column.cell(0), column.cell(1)), (Cell::Text("a".into()), Cell::Text("".into())));
    }

    #[test]
    fn columns_of_texts_join_whatever_their_codes() {
        let one = HostColumn::from_utf8(vec![0, 0], b"ab", &[0, 1, 2]).expect("good offsets");
        let other = HostColumn::from_utf8(vec![1, 0], b"ab", &[0, 1, 2]).expect("good offsets");
        let joined = HostColumn::joined([one, HostColumn::new(HostValues::Null(1)), other]);
        let cells: Vec<_> = (0..joined.len()).map(|row| joined.cell(row).to_string()).collect();
        assert_eq!(cells, ["\"a\"", "\"a\"", "null", "\"b\"", "\"a\""]);
    }

    #[test]
    fn decimals_are_written_with_their_places() {
        let column = |scale| HostColumn::new(HostValues::Decimal(vec![-5, 12_345].into(), scale));
        let texts = |scale| [0, 1].map(|row| column(scale).cell(row).to_string());
        assert_eq!(texts(0), ["the decimal -5", "the decimal 12345"]);
        assert_eq!(texts(2), ["the decimal -0.05", "the decimal 123.45"]);
        assert_eq!(texts(-2), ["the decimal -5e2", "the decimal 12345e2"]);
        assert_eq!(texts(200), ["the decimal -5e-200", "the decimal 12345e-200"]);
    }

    #[test]
    fn picking_rows_keeps_which_are_there() {
        let column =
            HostColumn::new(HostValues::Int64(vec![7, 8].into())).with_validity(Some(vec![true, false].into()));
        let picked = column.picked(&[1, 0, 0]);
        let HostValues::Int64(values) = &picked.values else { panic!("not integers") };
        assert_eq!(values.as_ref(), [8, 7, 7]);
        assert_eq!(picked.validity.as_deref(), Some(&[false, true, true][..]));
    }

    #[test]
    fn offsets_outside_the_bytes_are_refused() {
        let refused = |offsets: &[u32]| HostColumn::from_utf8(vec![], b"abc", offsets).expect_err("bad").code();
        assert_eq!(refused(&[0, 4]), isofold::Code::IngestLength);
        assert_eq!(refused(&[2, 1]), isofold::Code::IngestLength);
        let torn = HostColumn::from_utf8(vec![], "é".as_bytes(), &[0, 1]).expect_err("half a character");
        assert_eq!(torn.code(), isofold::Code::IngestText);
    }
}
