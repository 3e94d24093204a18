//! The value at the smallest or the largest time.
//!
//! Law: the least (time, value) for first, the greatest for last: rows of one time are told apart by their value, not
//! by which came first. Error: none. Memory: 17 bytes a group; where time or value is a text, 64 bytes and the texts.

use super::best_keys::BestKeys;
use super::order_key;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::column::Column;
use crate::error::Result;
use crate::limits::MAX_STATE_TEXT_BYTES;
use crate::scalar::Scalar;
use crate::value::{Type, Value};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Which end of the time is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The value at the smallest time.
    First,
    /// The value at the largest time.
    Last,
}

/// The row at the edge, per group.
#[derive(Clone, Debug)]
pub struct EdgeColumn {
    edge: Edge,
    value_type: Type,
    time_type: Type,
    best: Best,
}

#[derive(Clone, Debug)]
enum Best {
    /// The order key of the time above that of the value.
    Keys(BestKeys<u128>),
    /// Time and value.
    Rows(Vec<Option<(Value, Value)>>),
}

impl EdgeColumn {
    /// No groups yet.
    #[must_use]
    pub fn new(edge: Edge, value_type: Type, time_type: Type) -> Self {
        let best = match edge {
            _ if !order_key::has_key(value_type) || !order_key::has_key(time_type) => Best::Rows(Vec::new()),
            Edge::First => Best::Keys(BestKeys::least()),
            Edge::Last => Best::Keys(BestKeys::greatest()),
        };
        Self { edge, value_type, time_type, best }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.best {
            Best::Keys(keys) => keys.len(),
            Best::Rows(rows) => rows.len(),
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
            Best::Rows(rows) => rows.resize(groups.max(rows.len()), None),
        }
    }

    /// Folds the present rows in; in none of them value or time is NULL or NaN, and no text is longer than
    /// [`MAX_STATE_TEXT_BYTES`].
    pub fn update(&mut self, rows: &Rows, values: &Column<'_>, times: &Column<'_>) {
        match &mut self.best {
            Best::Keys(keys) => order_key::for_each_pair(rows, times, values, |group, time, value| {
                keys.take(group, u128::from(time) << 64 | u128::from(value));
            }),
            Best::Rows(best) => rows.for_each(|row, group| {
                if let (Some(time), Some(value)) = (times.get(row), values.get(row)) {
                    take_if_better(&mut best[group], self.edge, time, value);
                }
            }),
        }
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        match (&mut self.best, &other.best) {
            (Best::Keys(keys), Best::Keys(other)) => keys.merge(into, other, from),
            (Best::Rows(best), Best::Rows(other_best)) => {
                if let Some((time, value)) = other_best[from].as_ref().and_then(scalars) {
                    take_if_better(&mut best[into], self.edge, time, value);
                }
            }
            // inside corruption stops: callers compare schemas first
            (Best::Keys(_), Best::Rows(_)) | (Best::Rows(_), Best::Keys(_)) => {
                unreachable!("edges of {} and {}", self.value_type, other.value_type)
            }
        }
    }

    /// The value at the edge; `None` of nothing.
    #[must_use]
    pub fn value(&self, group: usize) -> Option<Scalar<'_>> {
        self.row(group).map(|(_, value)| value)
    }

    /// The time of the edge; `None` of nothing.
    #[must_use]
    pub fn time(&self, group: usize) -> Option<Scalar<'_>> {
        self.row(group).map(|(time, _)| time)
    }

    /// Whether the row stands, by time and value, at or before that of another column; or there is none in both.
    #[must_use]
    pub fn is_before(&self, other: &Self, group: usize) -> bool {
        match (self.row(group), other.row(group)) {
            (Some(row), Some(other)) => row <= other,
            (row, other) => row.is_none() && other.is_none(),
        }
    }

    /// Appends 0 for nothing, or 1, the time and the value.
    pub fn write(&self, group: usize, out: &mut Writer) {
        match self.row(group) {
            None => out.u8(0),
            Some((time, value)) => {
                out.u8(1);
                time.write(out);
                value.write(out);
            }
        }
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let row = match bytes.u8()? {
            0 => None,
            1 if rows > 0 => {
                let time = Scalar::read(self.time_type, MAX_STATE_TEXT_BYTES, bytes)?;
                let value = Scalar::read(self.value_type, MAX_STATE_TEXT_BYTES, bytes)?;
                Some((time, value))
            }
            _ => return Err(bytes.invalid("a first or last row is absent or, of at least one row, present")),
        };
        match &mut self.best {
            Best::Keys(keys) => keys.push(row.and_then(|(time, value)| {
                let (time, value) = (order_key::of_scalar(time)?, order_key::of_scalar(value)?);
                Some(u128::from(time) << 64 | u128::from(value))
            })),
            Best::Rows(best) => best.push(row.map(|(time, value)| (time.to_value(), value.to_value()))),
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
            Best::Rows(rows) => {
                let slots = rows.capacity() * size_of::<Option<(Value, Value)>>();
                let texts = rows.iter().flatten().map(|(time, value)| text_bytes(time) + text_bytes(value));
                slots + texts.sum::<usize>()
            }
        }
    }

    fn row(&self, group: usize) -> Option<(Scalar<'_>, Scalar<'_>)> {
        match &self.best {
            Best::Keys(keys) => keys.get(group).map(|key| {
                let time = order_key::to_scalar(self.time_type, (key >> 64) as u64);
                let value = order_key::to_scalar(self.value_type, key as u64);
                (time, value)
            }),
            Best::Rows(rows) => rows[group].as_ref().and_then(scalars),
        }
    }
}

fn scalars((time, value): &(Value, Value)) -> Option<(Scalar<'_>, Scalar<'_>)> {
    Some((time.as_scalar()?, value.as_scalar()?))
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.capacity(),
        _ => 0,
    }
}

/// Takes a copy of the row when it beats `best`; allocates only then.
fn take_if_better(best: &mut Option<(Value, Value)>, edge: Edge, time: Scalar<'_>, value: Scalar<'_>) {
    let wanted = match edge {
        Edge::First => Ordering::Less,
        Edge::Last => Ordering::Greater,
    };
    let better = match best.as_ref().and_then(scalars) {
        None => true,
        Some((best_time, best_value)) => time.cmp(&best_time).then_with(|| value.cmp(&best_value)) == wanted,
    };
    if better {
        *best = Some((time.to_value(), value.to_value()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Values;
    use alloc::borrow::Cow;

    const TIMES: [i64; 4] = [20, 10, 10, 20];

    fn edge_of(edge: Edge, values: Values<'_>) -> EdgeColumn {
        let values = Column::new(values);
        let times = Column::new(Values::Timestamp(Cow::Borrowed(&TIMES)));
        let mut state = EdgeColumn::new(edge, values.data_type(), Type::Timestamp);
        state.grow(1);
        state.update(&Rows::new(&[0; 4], None), &values, &times);
        state
    }

    #[test]
    fn ties_on_time_are_resolved_by_value() {
        let values = || Values::Int64(Cow::Borrowed(&[7, -1, -2, 8]));
        assert_eq!(edge_of(Edge::First, values()).value(0), Some(Scalar::Int64(-2)));
        assert_eq!(edge_of(Edge::Last, values()).value(0), Some(Scalar::Int64(8)));
        assert_eq!(edge_of(Edge::Last, values()).time(0), Some(Scalar::Timestamp(20)));
    }

    #[test]
    fn texts_follow_the_same_rule() {
        let texts = [Cow::Borrowed("a"), Cow::Borrowed("b"), Cow::Borrowed("c"), Cow::Borrowed("d")];
        let values = || Values::String(Cow::Borrowed(&[3, 2, 1, 0]), (&texts).into());
        assert_eq!(edge_of(Edge::First, values()).value(0), Some(Scalar::String("b")));
        assert_eq!(edge_of(Edge::Last, values()).value(0), Some(Scalar::String("d")));
    }

    #[test]
    fn nothing_has_no_edge() {
        for value_type in [Type::Int64, Type::String] {
            let mut column = EdgeColumn::new(Edge::Last, value_type, Type::Timestamp);
            column.grow(1);
            assert_eq!((column.value(0), column.time(0)), (None, None));
            assert!(column.read(&mut Reader::new(&[1, 1, 1]), 0).is_err());
        }
    }
}
