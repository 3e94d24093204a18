//! The smallest or the largest value.
//!
//! Law: the minimum of order keys (−0.0 is +0.0, ±∞ are values); texts by bytes. Error: none. Memory: 9 bytes a
//! group; for texts 16 bytes and the text.

use super::best_keys::BestKeys;
use super::order_key;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::column::{Column, Values};
use crate::error::Result;
use crate::limits::MAX_STATE_TEXT_BYTES;
use crate::math::Float64;
use crate::scalar::Scalar;
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Which end of the values is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// The extreme value per group.
#[derive(Clone, Debug)]
pub struct ExtremumColumn {
    extreme: Extreme,
    data_type: Type,
    best: Best,
}

#[derive(Clone, Debug)]
enum Best {
    /// Order keys.
    Keys(BestKeys<u64>),
    Texts(Vec<Option<Box<str>>>),
}

impl ExtremumColumn {
    /// No groups yet.
    #[must_use]
    pub fn new(extreme: Extreme, data_type: Type) -> Self {
        let best = match extreme {
            _ if !order_key::has_key(data_type) => Best::Texts(Vec::new()),
            Extreme::Min => Best::Keys(BestKeys::least()),
            Extreme::Max => Best::Keys(BestKeys::greatest()),
        };
        Self { extreme, data_type, best }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.best {
            Best::Keys(keys) => keys.len(),
            Best::Texts(texts) => texts.len(),
        }
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        match &mut self.best {
            Best::Keys(keys) => keys.grow(groups),
            Best::Texts(texts) => texts.resize(groups.max(texts.len()), None),
        }
    }

    /// Folds the present rows in; none of them is NULL or NaN, and no text is longer than [`MAX_STATE_TEXT_BYTES`].
    pub fn update(&mut self, rows: &Rows, column: &Column<'_>) {
        match (&mut self.best, &column.values) {
            (Best::Keys(keys), _) => order_key::lower_to_least(rows, column, keys),
            (Best::Texts(best), Values::String(codes, texts)) => {
                update_texts(best, self.extreme, rows, codes, texts);
            }
            // cannot be reached: the column has the type the state was made for
            (Best::Texts(_), _) => {}
        }
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        match (&mut self.best, &other.best) {
            (Best::Keys(keys), Best::Keys(other)) => keys.merge(into, other, from),
            (Best::Texts(texts), Best::Texts(other_texts)) => {
                if let Some(text) = &other_texts[from] {
                    take_if_better(&mut texts[into], self.extreme, text);
                }
            }
            // inside corruption stops: callers compare schemas first
            (Best::Keys(_), Best::Texts(_)) | (Best::Texts(_), Best::Keys(_)) => {
                unreachable!("extrema of {} and {}", self.data_type, other.data_type)
            }
        }
    }

    /// The extreme value; `None` of nothing.
    #[must_use]
    pub fn value(&self, group: usize) -> Option<Scalar<'_>> {
        match &self.best {
            Best::Keys(keys) => keys.get(group).map(|key| order_key::to_scalar(self.data_type, key)),
            Best::Texts(texts) => texts[group].as_deref().map(Scalar::String),
        }
    }

    /// The extreme value of numbers as a double, integers and units of decimals rounded to nearest even; `None` of nothing and for other
    /// types.
    #[must_use]
    pub fn float(&self, group: usize) -> Option<Float64> {
        match self.value(group)? {
            Scalar::Float64(value) => Some(value),
            Scalar::Int64(value) | Scalar::Decimal(value, _) => Some(Float64::from_i64(value)),
            Scalar::Bool(_) | Scalar::Timestamp(_) | Scalar::String(_) => None,
        }
    }

    /// Appends 0 for nothing, or 1 and the value.
    pub fn write(&self, group: usize, out: &mut Writer) {
        match self.value(group) {
            None => out.u8(0),
            Some(value) => {
                out.u8(1);
                value.write(out);
            }
        }
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let value = match bytes.u8()? {
            0 => None,
            1 if rows > 0 => Some(Scalar::read(self.data_type, MAX_STATE_TEXT_BYTES, bytes)?),
            _ => return Err(bytes.invalid("a minimum or maximum is absent or, of at least one row, present")),
        };
        match &mut self.best {
            Best::Keys(keys) => keys.push(value.and_then(order_key::of_scalar)),
            Best::Texts(texts) => texts.push(match value {
                Some(Scalar::String(text)) => Some(text.into()),
                _ => None,
            }),
        }
        Ok(())
    }

    /// Bytes on the heap.
    ///
    /// **Cost** for texts, a look at every group.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.best {
            Best::Keys(keys) => keys.heap_bytes(),
            Best::Texts(texts) => {
                let slots = texts.capacity() * size_of::<Option<Box<str>>>();
                slots + texts.iter().flatten().map(|text| text.len()).sum::<usize>()
            }
        }
    }
}

fn update_texts(best: &mut [Option<Box<str>>], extreme: Extreme, rows: &Rows, codes: &[u32], texts: &[Cow<'_, str>]) {
    rows.for_each(|row, group| take_if_better(&mut best[group], extreme, &texts[codes[row] as usize]));
}

/// Takes a copy of `text` when it beats `best`; allocates only then.
#[inline]
fn take_if_better(best: &mut Option<Box<str>>, extreme: Extreme, text: &str) {
    let better = match (best.as_deref(), extreme) {
        (None, _) => true,
        (Some(kept), Extreme::Min) => text.as_bytes() < kept.as_bytes(),
        (Some(kept), Extreme::Max) => text.as_bytes() > kept.as_bytes(),
    };
    if better {
        *best = Some(text.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extreme_of(extreme: Extreme, values: Values<'_>) -> ExtremumColumn {
        let column = Column::new(values);
        let mut state = ExtremumColumn::new(extreme, column.data_type());
        state.grow(1);
        state.update(&Rows::new(&alloc::vec![0; column.len()], None), &column);
        state
    }

    #[test]
    fn the_ends_of_int64_are_told_from_nothing() {
        let low = extreme_of(Extreme::Max, Values::Int64(Cow::Borrowed(&[i64::MIN])));
        assert_eq!(low.value(0), Some(Scalar::Int64(i64::MIN)));
        let high = extreme_of(Extreme::Min, Values::Int64(Cow::Borrowed(&[i64::MAX])));
        assert_eq!(high.value(0), Some(Scalar::Int64(i64::MAX)));
        assert_eq!(extreme_of(Extreme::Min, Values::Int64(Cow::Borrowed(&[]))).value(0), None);
    }

    #[test]
    fn infinities_are_values_and_zero_has_no_sign() {
        let bits = [0x8000_0000_0000_0000, 0x7ff0_0000_0000_0000, 0x3ff0_0000_0000_0000];
        let column = extreme_of(Extreme::Min, Values::Float64(Cow::Borrowed(&bits)));
        assert_eq!(column.float(0), Some(Float64::ZERO));
        let column = extreme_of(Extreme::Max, Values::Float64(Cow::Borrowed(&bits)));
        assert_eq!(column.float(0), Some(Float64::from_bits(bits[1])));
    }

    #[test]
    fn texts_are_compared_as_bytes() {
        // UTF-16 units would put U+1F600 below U+FF5E
        let texts = [Cow::Borrowed("\u{ff5e}"), Cow::Borrowed("\u{1f600}"), Cow::Borrowed("Z")];
        let values = || Values::String(Cow::Borrowed(&[1, 0, 2]), (&texts).into());
        assert_eq!(extreme_of(Extreme::Max, values()).value(0), Some(Scalar::String("\u{1f600}")));
        assert_eq!(extreme_of(Extreme::Min, values()).value(0), Some(Scalar::String("Z")));
    }

    #[test]
    fn no_rows_have_no_extreme() {
        let mut column = ExtremumColumn::new(Extreme::Min, Type::Bool);
        assert!(column.read(&mut Reader::new(&[1, 1]), 0).is_err());
        assert!(column.read(&mut Reader::new(&[2, 1]), 1).is_err());
        assert_eq!(column.len(), 0);
    }
}
