//! A column as a host has it: borrowed where the host's memory can be read as it is.
//!
//! Not here: what a column has to be for the kernel ([`crate::conform`]).

use crate::cell::Cell;
use crate::column_builder::ColumnBuilder;
use isofold::column::Dictionary;
use isofold::value::TimeUnit;
use std::borrow::Cow;

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
        let texts = offsets.windows(2).map(|pair| {
            let (start, end) = (pair[0] as usize, pair[1] as usize);
            let text = bytes.get(start..end).ok_or_else(|| {
                isofold::Error::new(
                    isofold::Code::IngestLength,
                    format!("a text must lie inside its {} bytes, got {start} to {end}", bytes.len()),
                )
            })?;
            std::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| {
                isofold::Error::new(isofold::Code::IngestText, format!("the bytes {start} to {end} are not UTF-8"))
            })
        });
        let dictionary: Result<Vec<_>, _> = texts.collect();
        Ok(Self::new(HostValues::Text(codes.into(), Cow::Owned(dictionary?))))
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
            HostValues::Int64(v) | HostValues::Timestamp(v, _) => v.len(),
            HostValues::UInt64(v) | HostValues::Number(v) | HostValues::Date(v) => v.len(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_out_of_one_buffer() {
        let column = HostColumn::from_utf8(vec![1, 0, 1], b"gpto3", &[0, 3, 5]).expect("good offsets");
        let HostValues::Text(_, texts) = &column.values else { panic!("not a text column") };
        assert_eq!(texts.as_ref(), ["gpt", "o3"]);
        assert_eq!(column.len(), 3);
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
