//! How often each value occurs, and which occurs most.
//!
//! Law: the values of lowest (hash, value) up to the limit, with their counts, and the rows of all others (`tally.rs`
//! has the proof). Error: none; what the dropped values could change is NULL, never wrong. Memory: 48 bytes a group,
//! and about 50 bytes and the text per distinct value, for at most twice the limit.

use super::order_key;
use super::tally::{Placed, Tallied, Tally};
use super::text_hashes::TextHashes;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::column::{Column, Values};
use crate::error::Result;
use crate::limits::MAX_STATE_TEXT_BYTES;
use crate::scalar::Scalar;
use crate::value::{Type, Value};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

/// Counts by value, per group.
#[derive(Clone, Debug)]
pub struct ValueCountsColumn {
    data_type: Type,
    limit: usize,
    tallies: Tallies,
}

#[derive(Clone, Debug)]
enum Tallies {
    /// Values as order keys.
    Keys(Vec<Tally<u64>>),
    Texts(Vec<Tally<Box<str>>>),
}

/// One kept value in the order results show: most frequent first, then smallest first.
type Counted<'a> = (Scalar<'a>, u64);

impl ValueCountsColumn {
    /// No groups yet; a limit of 0 counts as 1.
    #[must_use]
    pub fn new(data_type: Type, limit: u32) -> Self {
        let tallies =
            if order_key::has_key(data_type) { Tallies::Keys(Vec::new()) } else { Tallies::Texts(Vec::new()) };
        Self { data_type, limit: limit.max(1) as usize, tallies }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.tallies {
            Tallies::Keys(tallies) => tallies.len(),
            Tallies::Texts(tallies) => tallies.len(),
        }
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups <= self.len() {
            return;
        }
        match &mut self.tallies {
            Tallies::Keys(tallies) => tallies.resize_with(groups, Tally::default),
            Tallies::Texts(tallies) => tallies.resize_with(groups, Tally::default),
        }
    }

    /// Counts the present rows; none of them is NULL or NaN, and no text is longer than [`MAX_STATE_TEXT_BYTES`].
    pub fn update(&mut self, rows: &Rows, column: &Column<'_>) {
        let (data_type, limit) = (self.data_type, self.limit);
        match (&mut self.tallies, &column.values) {
            (Tallies::Keys(tallies), _) => order_key::for_each(rows, column, |_, group, key| {
                let hash = order_key::to_scalar(data_type, key).hash();
                tallies[group].add(limit, hash, 1, |secret| secret.word(key), |kept| *kept == key, || key);
            }),
            (Tallies::Texts(_), Values::String(codes, texts)) => {
                self.update_texts(rows, codes, &TextHashes::with_places(texts, codes.len()));
            }
            // cannot be reached: the column has the type the state was made for
            (Tallies::Texts(_), _) => {}
        }
    }

    /// Counts the present rows of a column of texts, none of which is longer than [`MAX_STATE_TEXT_BYTES`]; the hashes
    /// are those with places.
    pub fn update_texts(&mut self, rows: &Rows, codes: &[u32], hashes: &TextHashes<'_>) {
        let Tallies::Texts(tallies) = &mut self.tallies else { return };
        rows.for_each(|row, group| {
            let code = codes[row];
            let (hash, text) = (hashes.of(code), hashes.text(code));
            tallies[group].add(self.limit, hash, 1, |_| hashes.place_of(code), |kept| **kept == *text, || text.into());
        });
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        match (&mut self.tallies, &other.tallies) {
            (Tallies::Keys(tallies), Tallies::Keys(others)) => tallies[into].merge(self.limit, &others[from]),
            (Tallies::Texts(tallies), Tallies::Texts(others)) => tallies[into].merge(self.limit, &others[from]),
            // inside corruption stops: callers compare schemas first
            (Tallies::Keys(_), Tallies::Texts(_)) | (Tallies::Texts(_), Tallies::Keys(_)) => {
                unreachable!("value counts of {} and {}", self.data_type, other.data_type)
            }
        }
    }

    /// The kept values and how often each occurs, most frequent first, then smallest first.
    #[must_use]
    pub fn counts(&self, group: usize) -> Vec<(Value, u64)> {
        let (counted, _) = self.counted(group);
        counted.iter().map(|(value, count)| (value.to_value(), *count)).collect()
    }

    /// Number of values, kept or not.
    #[must_use]
    pub fn total(&self, group: usize) -> u64 {
        match &self.tallies {
            Tallies::Keys(tallies) => tallies[group].total(),
            Tallies::Texts(tallies) => tallies[group].total(),
        }
    }

    /// Rows whose value is not among [`ValueCountsColumn::counts`].
    #[must_use]
    pub fn other(&self, group: usize) -> u64 {
        match &self.tallies {
            Tallies::Keys(tallies) => tallies[group].kept(self.limit).other,
            Tallies::Texts(tallies) => tallies[group].kept(self.limit).other,
        }
    }

    /// Calls `f` with the values kept; whether there are no others.
    pub fn each_kept(&self, group: usize, f: &mut dyn FnMut(Scalar<'_>)) -> bool {
        let (counted, other) = self.counted(group);
        counted.iter().for_each(|(value, _)| f(*value));
        other == 0
    }

    /// The most frequent value, the smallest of several; `None` of nothing, and when a dropped value could be as
    /// frequent.
    #[must_use]
    pub fn mode(&self, group: usize) -> Option<Value> {
        let (counted, other) = self.counted(group);
        let (value, count) = counted.first()?;
        (other == 0 || *count > other).then(|| value.to_value())
    }

    /// The `n` most frequent values (fewer when there are fewer); `None` of nothing, and when a dropped value could
    /// be one of them.
    #[must_use]
    pub fn topn(&self, group: usize, n: usize) -> Option<Vec<Value>> {
        let (mut counted, other) = self.counted(group);
        if counted.is_empty() {
            return None;
        }
        if other > 0 {
            let last = n.checked_sub(1).map(|last| counted.get(last));
            // no dropped value occurs more often than all of them together
            if last.is_some_and(|entry| entry.is_none_or(|(_, count)| *count <= other)) {
                return None;
            }
        }
        counted.truncate(n);
        Some(counted.iter().map(|(value, _)| value.to_value()).collect())
    }

    /// How often `value` occurs; `None` when it may have been dropped.
    #[must_use]
    pub fn count_of(&self, group: usize, value: Scalar<'_>) -> Option<u64> {
        let hash = value.hash();
        match (&self.tallies, value) {
            (Tallies::Keys(tallies), _) if value.data_type() == self.data_type => {
                let key = order_key::of_scalar(value)?;
                count_in(&tallies[group], self.limit, hash, &key)
            }
            (Tallies::Texts(tallies), Scalar::String(text)) => {
                count_in(&tallies[group], self.limit, hash, &Box::from(text))
            }
            // a value of another type occurs never
            _ => Some(0),
        }
    }

    /// How many different values there are; `None` when some were dropped.
    #[must_use]
    pub fn num_distinct(&self, group: usize) -> Option<u64> {
        let (counted, other) = self.counted(group);
        (other == 0).then_some(counted.len() as u64)
    }

    /// Appends the number of kept values, each value in ascending order with its count, then the rows of all others.
    pub fn write(&self, group: usize, out: &mut Writer) {
        let (mut counted, other) = self.counted(group);
        crate::sort::by(&mut counted, |a, b| a.0.cmp(&b.0));
        out.varint(counted.len() as u64);
        for (value, count) in counted {
            value.write(out);
            out.varint(count);
        }
        out.varint(other);
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let length = bytes.count(2)?;
        if length > self.limit {
            return Err(bytes.invalid(&format!("values must be at most {}, got {length}", self.limit)));
        }
        let mut counted: Vec<Counted<'_>> = Vec::new();
        let mut rows_left = rows;
        for _ in 0..length {
            let value = Scalar::read(self.data_type, MAX_STATE_TEXT_BYTES, bytes)?;
            if counted.last().is_some_and(|(before, _)| *before >= value) {
                return Err(bytes.not_canonical("values are not in ascending order"));
            }
            let count = bytes.varint_up_to(rows_left, "the count of a value")?;
            if count == 0 {
                return Err(bytes.not_canonical("a value occurs never"));
            }
            rows_left -= count;
            counted.push((value, count));
        }
        let other = bytes.varint_up_to(rows_left, "the rows of other values")?;
        if other > 0 && length < self.limit {
            return Err(bytes.invalid("values were dropped below the limit"));
        }
        match &mut self.tallies {
            Tallies::Keys(tallies) => {
                let keyed = counted.iter().filter_map(|(value, count)| {
                    Some(Tallied { hash: value.hash(), value: order_key::of_scalar(*value)?, count: *count })
                });
                tallies.push(Tally::from_kept(keyed.collect(), other));
            }
            Tallies::Texts(tallies) => {
                let texts = counted.iter().filter_map(|(value, count)| match value {
                    Scalar::String(text) => Some(Tallied { hash: value.hash(), value: (*text).into(), count: *count }),
                    _ => None,
                });
                tallies.push(Tally::from_kept(texts.collect(), other));
            }
        }
        Ok(())
    }

    /// Bytes on the heap.
    ///
    /// **Cost** a look at every group; for texts, at every value.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.tallies {
            Tallies::Keys(tallies) => {
                let slots = tallies.capacity() * size_of::<Tally<u64>>();
                slots + tallies.iter().map(Tally::table_bytes).sum::<usize>()
            }
            Tallies::Texts(tallies) => {
                let slots = tallies.capacity() * size_of::<Tally<Box<str>>>();
                let texts = tallies.iter().flat_map(Tally::in_table).map(|entry| entry.value.len());
                slots + tallies.iter().map(Tally::table_bytes).sum::<usize>() + texts.sum::<usize>()
            }
        }
    }

    /// The kept values in the order results show, and the rows of all others.
    fn counted(&self, group: usize) -> (Vec<Counted<'_>>, u64) {
        let (mut counted, other): (Vec<Counted<'_>>, u64) = match &self.tallies {
            Tallies::Keys(tallies) => {
                let kept = tallies[group].kept(self.limit);
                let values = kept.values.iter();
                (
                    values.map(|entry| (order_key::to_scalar(self.data_type, entry.value), entry.count)).collect(),
                    kept.other,
                )
            }
            Tallies::Texts(tallies) => {
                let kept = tallies[group].kept(self.limit);
                (kept.values.iter().map(|entry| (Scalar::String(&entry.value), entry.count)).collect(), kept.other)
            }
        };
        crate::sort::by(&mut counted, |(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        (counted, other)
    }
}

fn count_in<K: Placed>(tally: &Tally<K>, limit: usize, hash: u64, value: &K) -> Option<u64> {
    let kept = tally.kept(limit);
    match tally.find(value) {
        Some(entry) if kept.other == 0 || kept.values.iter().any(|kept| core::ptr::eq(*kept, entry)) => {
            Some(entry.count)
        }
        _ if kept.excludes(hash, value) => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::Cow;
    use alloc::vec;

    fn counts_of(values: &[i64], limit: u32) -> ValueCountsColumn {
        let mut state = ValueCountsColumn::new(Type::Int64, limit);
        state.grow(1);
        let column = Column::new(Values::Int64(Cow::Borrowed(values)));
        state.update(&Rows::new(&vec![0; values.len()], None), &column);
        state
    }

    /// Values in the order in which a state gives them up: highest hash first.
    fn by_hash(mut values: Vec<i64>) -> Vec<i64> {
        values.sort_by_key(|&value| core::cmp::Reverse(Scalar::Int64(value).hash()));
        values
    }

    #[test]
    fn counts_are_most_frequent_first_then_smallest_first() {
        let state = counts_of(&[5, -3, 5, 9, -3, 1], 10);
        let expected = [(-3, 2), (5, 2), (1, 1), (9, 1)].map(|(value, count)| (Value::Int64(value), count));
        assert_eq!(state.counts(0), expected);
        assert_eq!(state.mode(0), Some(Value::Int64(-3)));
        assert_eq!(state.topn(0, 3), Some(vec![Value::Int64(-3), Value::Int64(5), Value::Int64(1)]));
        assert_eq!(state.topn(0, 9).map(|top| top.len()), Some(4));
        assert_eq!((state.num_distinct(0), state.other(0)), (Some(4), 0));
        assert_eq!(state.count_of(0, Scalar::Int64(5)), Some(2));
        assert_eq!(state.count_of(0, Scalar::Int64(6)), Some(0));
    }

    #[test]
    fn nothing_has_no_mode_and_no_values() {
        let state = counts_of(&[], 10);
        assert_eq!((state.mode(0), state.topn(0, 1)), (None, None));
        assert_eq!((state.num_distinct(0), state.count_of(0, Scalar::Int64(6))), (Some(0), Some(0)));
    }

    #[test]
    fn a_mode_that_a_dropped_value_could_tie_is_null() {
        let [dropped, kept] = by_hash(vec![1, 2])[..] else { panic!("two values") };
        let tie = counts_of(&[kept, dropped, kept, dropped], 1);
        assert_eq!((tie.mode(0), tie.other(0)), (None, 2));
        let clear = counts_of(&[kept, dropped, kept], 1);
        assert_eq!(clear.mode(0), Some(Value::Int64(kept)));
        assert_eq!(clear.topn(0, 1), Some(vec![Value::Int64(kept)]));
        assert_eq!(clear.topn(0, 2), None);
        assert_eq!(clear.num_distinct(0), None);
    }

    #[test]
    fn the_count_of_a_value_is_null_only_where_it_may_have_been_dropped() {
        let [highest, dropped, absent, kept] = by_hash(vec![1, 2, 3, 4])[..] else { panic!("four values") };
        let below = by_hash(vec![absent, kept]);
        let state = counts_of(&[kept, kept, dropped], 1);
        assert_eq!(below, [absent, kept]);
        assert_eq!(state.count_of(0, Scalar::Int64(kept)), Some(2));
        assert_eq!(state.count_of(0, Scalar::Int64(dropped)), None);
        assert_eq!(state.count_of(0, Scalar::Int64(highest)), None);
        let state = counts_of(&[absent, dropped], 1);
        assert_eq!(state.count_of(0, Scalar::Int64(kept)), Some(0));
    }

    #[test]
    fn equal_texts_under_two_codes_are_one_value() {
        let texts = [Cow::Borrowed("a"), Cow::Borrowed("b"), Cow::Borrowed("a")];
        let column = Column::new(Values::String(Cow::Borrowed(&[0, 2, 1, 2]), (&texts).into()));
        let mut state = ValueCountsColumn::new(Type::String, 10);
        state.grow(1);
        state.update(&Rows::new(&[0; 4], None), &column);
        assert_eq!(state.counts(0), [(Value::String("a".into()), 3), (Value::String("b".into()), 1)]);
    }

    #[test]
    fn impossible_counts_are_refused() {
        let read = |bytes: &[u8], rows| ValueCountsColumn::new(Type::Bool, 2).read(&mut Reader::new(bytes), rows);
        assert!(read(&[2, 0, 1, 1, 1, 0], 2).is_ok());
        assert!(read(&[2, 0, 1, 1, 1, 0], 1).is_err(), "more than the rows");
        assert!(read(&[2, 1, 1, 0, 1, 0], 2).is_err(), "descending");
        assert!(read(&[1, 1, 0, 0], 2).is_err(), "a count of 0");
        assert!(read(&[1, 1, 1, 1], 2).is_err(), "others below the limit");
        assert!(read(&[3, 0, 1, 1, 1, 1, 1, 0], 9).is_err(), "above the limit");
    }
}
