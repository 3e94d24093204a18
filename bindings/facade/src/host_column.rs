//! A column as a host has it: borrowed where the host's memory can be read as it is.
//!
//! Not here: what a column has to be for the kernel ([`crate::conform`]).

use crate::cell::Cell;
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
    fn offsets_outside_the_bytes_are_refused() {
        let refused = |offsets: &[u32]| HostColumn::from_utf8(vec![], b"abc", offsets).expect_err("bad").code();
        assert_eq!(refused(&[0, 4]), isofold::Code::IngestLength);
        assert_eq!(refused(&[2, 1]), isofold::Code::IngestLength);
        let torn = HostColumn::from_utf8(vec![], "é".as_bytes(), &[0, 1]).expect_err("half a character");
        assert_eq!(torn.code(), isofold::Code::IngestText);
    }
}
