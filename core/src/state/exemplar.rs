//! A few whole rows to look at.
//!
//! Law: of the distinct rows (time, value) the `k` with the lowest (hash, time, value); the hash is XXH64, seed 6, of
//! the time as 8 bytes little-endian and the value: a bool as 1 byte, an integer, a time or a double's bits as 8 bytes
//! little-endian, a text as UTF-8, cut to [`EXEMPLAR_TEXT_BYTES`] at a character. Error: none; every distinct row has
//! the same chance. Memory: 24 bytes a group, and 48 bytes and the text a row.

use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::column::Column;
use crate::error::Result;
use crate::limits::{EXEMPLAR_TEXT_BYTES, MAX_TIME_US, MIN_TIME_US};
use crate::scalar::Scalar;
use crate::value::{Type, Value};
use alloc::format;
use alloc::vec::Vec;
use core::cmp::Ordering;
use twox_hash::XxHash64;

/// Seeds 1 to 5 are those of single values.
const SEED: u64 = 6;

/// The sampled rows per group.
#[derive(Clone, Debug)]
pub struct ExemplarColumn {
    data_type: Type,
    k: usize,
    /// Ascending by rank, at most `k` each.
    samples: Vec<Vec<Sample>>,
}

#[derive(Clone, Debug)]
struct Sample {
    hash: u64,
    time: i64,
    value: Value,
}

/// A row on its way in, not owned yet.
#[derive(Clone, Copy)]
struct Seen<'a> {
    hash: u64,
    time: i64,
    value: Scalar<'a>,
}

impl<'a> Seen<'a> {
    /// Cuts the value and hashes the row; `scratch` saves an allocation a row.
    #[inline]
    fn new(time: i64, value: Scalar<'a>, scratch: &mut Vec<u8>) -> Self {
        let value = cut(value);
        scratch.clear();
        scratch.extend_from_slice(&time.to_le_bytes());
        match value {
            Scalar::Bool(value) => scratch.push(u8::from(value)),
            Scalar::Int64(value) | Scalar::Timestamp(value) | Scalar::Decimal(value, _) => {
                scratch.extend_from_slice(&value.to_le_bytes())
            }
            Scalar::Float64(value) => scratch.extend_from_slice(&value.to_bits().to_le_bytes()),
            Scalar::String(value) => scratch.extend_from_slice(value.as_bytes()),
        }
        Self { hash: XxHash64::oneshot(SEED, scratch), time, value }
    }

    /// Where this row stands to a kept one.
    fn rank(&self, sample: &Sample) -> Ordering {
        self.hash
            .cmp(&sample.hash)
            .then(self.time.cmp(&sample.time))
            .then_with(|| sample.value.as_scalar().map_or(Ordering::Equal, |kept| self.value.cmp(&kept)))
    }
}

impl ExemplarColumn {
    /// No groups yet; a `k` of 0 counts as 1.
    #[must_use]
    pub fn new(data_type: Type, k: u32) -> Self {
        Self { data_type, k: k.max(1) as usize, samples: Vec::new() }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// How many rows are kept of a group.
    #[must_use]
    pub fn rows(&self, group: usize) -> usize {
        self.samples[group].len()
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        if groups > self.samples.len() {
            self.samples.resize_with(groups, Vec::new);
        }
    }

    /// Folds the present rows in; `times` are those of the rows in µs, in none of the rows is the value NULL or NaN.
    pub fn update(&mut self, rows: &Rows, times: &[i64], column: &Column<'_>) {
        let mut scratch = Vec::new();
        rows.for_each(|row, group| {
            if let Some(value) = column.get(row) {
                offer(&mut self.samples[group], self.k, Seen::new(times[row], value, &mut scratch));
            }
        });
    }

    /// Adds group `from` of `other` to group `into`.
    pub fn merge(&mut self, into: usize, other: &Self, from: usize) {
        for sample in &other.samples[from] {
            if let Some(value) = sample.value.as_scalar() {
                offer(&mut self.samples[into], self.k, Seen { hash: sample.hash, time: sample.time, value });
            }
        }
    }

    /// The values of the sampled rows, in the order of their hashes; empty of nothing.
    #[must_use]
    pub fn values(&self, group: usize) -> Vec<Value> {
        self.samples[group].iter().map(|sample| sample.value.clone()).collect()
    }

    /// Calls `f` with the values of the sampled rows, but for texts that may have been cut.
    pub fn each_whole(&self, group: usize, f: &mut dyn FnMut(Scalar<'_>)) {
        let values = self.samples[group].iter().filter_map(|sample| sample.value.as_scalar());
        // a character has at most four bytes
        let is_whole =
            |value: &Scalar<'_>| !matches!(value, Scalar::String(text) if text.len() + 3 >= EXEMPLAR_TEXT_BYTES);
        values.filter(is_whole).for_each(f);
    }

    /// Appends the number of rows, then time and value of each in the order of their hashes.
    pub fn write(&self, group: usize, out: &mut Writer) {
        let samples = &self.samples[group];
        out.varint(samples.len() as u64);
        for sample in samples {
            out.zigzag(sample.time);
            if let Some(value) = sample.value.as_scalar() {
                value.write(out);
            }
        }
    }

    /// Appends one group of at most `rows` rows.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        let length = bytes.count(2)?;
        if length > self.k || length as u64 > rows {
            let most = rows.min(self.k as u64);
            return Err(bytes.invalid(&format!("exemplars must be at most {most}, got {length}")));
        }
        let mut samples: Vec<Sample> = Vec::new();
        let mut scratch = Vec::new();
        for _ in 0..length {
            let time = bytes.zigzag()?;
            if !(MIN_TIME_US..MAX_TIME_US).contains(&time) {
                return Err(bytes.invalid("the time of an exemplar is outside the supported range"));
            }
            let value = Scalar::read(self.data_type, EXEMPLAR_TEXT_BYTES, bytes)?;
            let seen = Seen::new(time, value, &mut scratch);
            if samples.last().is_some_and(|before| seen.rank(before) != Ordering::Greater) {
                return Err(bytes.not_canonical("exemplars are not in the order of their hashes"));
            }
            samples.push(Sample { hash: seen.hash, time, value: value.to_value() });
        }
        self.samples.push(samples);
        Ok(())
    }

    /// Bytes on the heap.
    ///
    /// **Cost** a look at every sample.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let slots = self.samples.capacity() * size_of::<Vec<Sample>>();
        let samples = self.samples.iter().map(|samples| samples.capacity() * size_of::<Sample>());
        let texts = self.samples.iter().flatten().map(|sample| match &sample.value {
            Value::String(text) => text.capacity(),
            _ => 0,
        });
        slots + samples.sum::<usize>() + texts.sum::<usize>()
    }
}

/// The value with a text cut to [`EXEMPLAR_TEXT_BYTES`] at a character.
fn cut(value: Scalar<'_>) -> Scalar<'_> {
    match value {
        Scalar::String(text) if text.len() > EXEMPLAR_TEXT_BYTES => {
            let mut end = EXEMPLAR_TEXT_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            Scalar::String(&text[..end])
        }
        _ => value,
    }
}

/// Takes a copy of the row when it ranks among the `k` lowest and is not there yet.
#[inline]
fn offer(samples: &mut Vec<Sample>, k: usize, seen: Seen<'_>) {
    if samples.len() == k && samples.last().is_some_and(|last| seen.hash > last.hash) {
        return;
    }
    // the comparison says where the kept row stands to the seen one
    let Err(place) = samples.binary_search_by(|sample| seen.rank(sample).reverse()) else {
        return;
    };
    if place == k {
        return;
    }
    samples.truncate(k - 1);
    samples.insert(place, Sample { hash: seen.hash, time: seen.time, value: seen.value.to_value() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Values;
    use alloc::borrow::Cow;
    use alloc::string::String;
    use alloc::vec;

    fn exemplars(times: &[i64], texts: &[&str], k: u32) -> ExemplarColumn {
        let dictionary: Vec<Cow<'_, str>> = texts.iter().map(|text| Cow::Borrowed(*text)).collect();
        let codes: Vec<u32> = (0..texts.len() as u32).collect();
        let column = Column::new(Values::String(Cow::Owned(codes), dictionary.into()));
        let mut state = ExemplarColumn::new(Type::String, k);
        state.grow(1);
        state.update(&Rows::new(&vec![0; texts.len()], None), times, &column);
        state
    }

    #[test]
    fn equal_rows_are_one_and_equal_texts_at_two_times_are_two() {
        let state = exemplars(&[1, 1, 2], &["same", "same", "same"], 5);
        assert_eq!(state.values(0).len(), 2);
    }

    #[test]
    fn a_sample_of_k_is_the_start_of_a_sample_of_all() {
        let times: Vec<i64> = (0..50).collect();
        let texts: Vec<String> = times.iter().map(|time| format!("row {time}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let all = exemplars(&times, &texts, 64).values(0);
        assert_eq!(all.len(), 50);
        for k in [1, 2, 7, 49] {
            assert_eq!(exemplars(&times, &texts, k).values(0), all[..k as usize]);
        }
    }

    #[test]
    fn texts_are_cut_at_a_character() {
        let long = "é".repeat(EXEMPLAR_TEXT_BYTES);
        let odd = format!("x{long}");
        let state = exemplars(&[1], &[&odd], 1);
        let [Value::String(kept)] = &state.values(0)[..] else { panic!("one text") };
        assert_eq!(kept.len(), EXEMPLAR_TEXT_BYTES - 1);
        assert!(odd.starts_with(kept.as_str()));
    }

    #[test]
    fn rows_out_of_order_and_out_of_time_are_refused() {
        let state = exemplars(&[1, 2], &["a", "b"], 2);
        let mut out = Writer::new();
        state.write(0, &mut out);
        let mut swapped = out.into_bytes();
        swapped[1..].rotate_left(3);
        let read = |bytes: &[u8], rows| ExemplarColumn::new(Type::String, 2).read(&mut Reader::new(bytes), rows);
        assert!(read(&swapped, 2).is_err());
        swapped[1..].rotate_left(3);
        assert!(read(&swapped, 2).is_ok());
        assert!(read(&swapped, 1).is_err(), "more than the rows");
        let mut late = Writer::new();
        late.varint(1);
        late.zigzag(MAX_TIME_US);
        late.sized(b"a");
        assert!(read(late.as_slice(), 1).is_err());
    }
}
