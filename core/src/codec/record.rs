//! One group at a time: its states in bytes that stand beside its bucket and keys, as a row of a table keeps them.
//!
//! The one idea: a record names the schema its states were written under, so that rows of several versions of a spec
//! can stand in one table, and its checksum covers the bucket and the keys, so that a record is refused in another row.
//!
//! Not here: which schemas a table has seen (`refresh`), the bytes of one state (each `state/*.rs`).

use super::relations::Relations;
use crate::bytes::{Reader, Version, Writer};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::scalar::Scalar;
use crate::spec::Spec;
use crate::state::StateColumn;
use crate::table::{Budget, Rollup};
use crate::value::Value;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use twox_hash::XxHash64;

/// The version of the record that is written; a number of its own.
pub const RECORD_VERSION: u8 = Version::CURRENT as u8;

/// Which schema a record was written under: the first bytes of [`Spec::fingerprint_in`] its version.
pub type SchemaTag = [u8; 8];

/// Bytes of the version and the schema before the states.
const HEAD_BYTES: usize = 9;

/// Bytes of the checksum at the end.
const CHECKSUM_BYTES: usize = 8;

/// Seed of the XXH64 at the end.
const CHECKSUM_SEED: u64 = 1;

/// A group as a row keeps it.
#[derive(Clone, Copy, Debug)]
pub struct StoredGroup<'a> {
    /// Start of the bucket, in µs.
    pub bucket: i64,
    /// The values of the keys, in the order of the spec.
    pub keys: &'a [Value],
    /// The states.
    pub record: &'a [u8],
}

/// The tag that records of a spec carry in a version.
#[must_use]
pub fn schema_tag(spec: &Spec, version: Version) -> SchemaTag {
    let mut tag = SchemaTag::default();
    let fingerprint = spec.fingerprint_in(version);
    for (byte, pair) in tag.iter_mut().zip(fingerprint.as_bytes().chunks_exact(2)) {
        *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    tag
}

/// The version of a record and the schema that it names; nothing else of it is looked at.
///
/// **Errors** `decode.truncated`, `decode.version`.
pub fn schema_of_record(record: &[u8]) -> Result<(Version, SchemaTag)> {
    let mut reader = Reader::new(record);
    let version = super::version(reader.u8()?, "record")?;
    let mut tag = SchemaTag::default();
    tag.copy_from_slice(reader.raw(HEAD_BYTES - 1)?);
    Ok((version, tag))
}

/// The tags of one spec, each made when a record of its version is seen.
#[derive(Default)]
struct Tags([Option<SchemaTag>; 2]);

impl Tags {
    fn of(&mut self, spec: &Spec, version: Version) -> &SchemaTag {
        self.0[usize::from(version != Version::CURRENT)].get_or_insert_with(|| schema_tag(spec, version))
    }
}

impl Rollup {
    /// The states of every group, by bucket and key: the order in which a query without options has its rows.
    ///
    /// **Cost** linear in the size of the result; one sort of the groups.
    #[must_use]
    pub fn records(&self) -> Vec<Vec<u8>> {
        let tag = schema_tag(self.spec(), Version::CURRENT);
        self.groups.sorted().into_iter().map(|group| self.record(group as usize, &tag)).collect()
    }

    fn record(&self, group: usize, tag: &SchemaTag) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(RECORD_VERSION);
        out.raw(tag);
        for state in self.state_order() {
            self.states[state].write(group, &mut out);
        }
        let keys = self.groups.keys.values(self.groups.tuple(group));
        let checksum = checksum(self.groups.bucket(group), keys, out.as_slice());
        out.u64(checksum);
        out.into_bytes()
    }

    /// The rollup of groups that [`Rollup::records`] wrote under this spec, in any order.
    ///
    /// **Errors** `decode.*` for records that are not the one spelling of such a group or stand in another row,
    /// `merge.schema` for those of another schema, `limit.groups`, `limit.rows`.
    ///
    /// **Cost** linear in the bytes.
    pub fn from_records<'a>(spec: Spec, groups: impl IntoIterator<Item = StoredGroup<'a>>) -> Result<Rollup> {
        let made = Rollup::new(spec);
        let budget = Budget { max_groups: Some(made.max_groups), ..Budget::unlimited() };
        made.with_records(groups, &budget)
    }

    /// The same rollup with groups more, none of which it has; it then holds no more than the budget and its own limit
    /// of groups.
    ///
    /// **Errors** those of [`Rollup::from_records`], `range.outside`, and those of [`Budget::check_self`].
    ///
    /// **Cost** linear in the bytes.
    pub fn with_records<'a>(
        mut self,
        groups: impl IntoIterator<Item = StoredGroup<'a>>,
        budget: &Budget,
    ) -> Result<Rollup> {
        budget.check_self()?;
        let mut records = RecordReader::new(&self);
        let mut push = |group: StoredGroup<'a>| {
            budget.check_groups(self.len() + 1, self.spec())?;
            budget.check_bucket(self.spec().bucket(), group.bucket)?;
            let mut reader = records.open(&group)?;
            let known = self.len();
            if self.place_record(&group)? as usize != known {
                return Err(reader.not_canonical("a group stands twice"));
            }
            let rows = records.read(&mut reader, &mut self.states, known)?;
            self.count_rows(rows)?;
            budget.check_rows(self.rows)
        };
        for (row, group) in groups.into_iter().enumerate() {
            push(group).map_err(|error| error.within(&format!("row[{row}]")))?;
        }
        Ok(self)
    }

    /// Finds or makes the group of a record.
    pub(super) fn place_record(&mut self, stored: &StoredGroup<'_>) -> Result<u32> {
        let tuple = self.groups.keys.tuple(stored.keys.iter().map(Value::as_scalar), self.max_groups)?;
        self.groups.find_or_add(stored.bucket, tuple, self.max_groups)
    }

    pub(super) fn count_rows(&mut self, rows: u64) -> Result<()> {
        // cannot overflow: both are at most 2^62
        self.rows += rows;
        if self.rows > limits::MAX_ROWS {
            return Err(Error::new(Code::LimitRows, format!("a rollup counts at most {} rows", limits::MAX_ROWS)));
        }
        Ok(())
    }

    fn state_order(&self) -> impl Iterator<Item = usize> {
        state_order(&self.spec)
    }
}

/// Reads the states of one record after another.
pub(super) struct RecordReader {
    spec: Arc<Spec>,
    tags: Tags,
    relations: Relations,
}

impl RecordReader {
    pub(super) fn new(rollup: &Rollup) -> Self {
        let spec = Arc::clone(&rollup.spec);
        Self { tags: Tags::default(), relations: Relations::new(&spec), spec }
    }

    /// The bytes of the states of a record that was written under the spec and stands in its place.
    pub(super) fn open<'a>(&mut self, stored: &StoredGroup<'a>) -> Result<Reader<'a>> {
        let (version, tag) = schema_of_record(stored.record)?;
        if tag != *self.tags.of(&self.spec, version) {
            return Err(Error::new(Code::MergeSchema, "the states were written under another schema"));
        }
        check_place(&self.spec, stored)?;
        let Some(body) = stored.record.len().checked_sub(CHECKSUM_BYTES).filter(|&body| body >= HEAD_BYTES) else {
            return Err(Error::new(Code::DecodeTruncated, "the record ends before its checksum"));
        };
        let (body, sum) = stored.record.split_at(body);
        if checksum(stored.bucket, stored.keys.iter(), body).to_le_bytes() != sum {
            let text = "the checksum does not hold: the states are damaged, or belong to another bucket or key";
            return Err(Error::new(Code::DecodeChecksum, text));
        }
        let mut reader = Reader::new(body).of_version(version);
        reader.raw(HEAD_BYTES)?;
        Ok(reader)
    }

    /// Reads the states into the next place of each column, and gives the rows of the group.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, states: &mut [StateColumn], at: usize) -> Result<u64> {
        let rows_state = self.spec.rows_state();
        states[rows_state].read(reader, limits::MAX_ROWS)?;
        let rows = states[rows_state].rows(at);
        if rows == 0 {
            return Err(reader.not_canonical("a group has no rows"));
        }
        self.relations.begin(&[rows]);
        for state in state_order(&self.spec).skip(1) {
            let read = self.relations.read((state, &mut states[state]), (0, at, rows), reader);
            read.map_err(|error| error.within(self.spec.states()[state].text()))?;
        }
        if reader.remaining() > 0 {
            return Err(reader.not_canonical(&format!("{} bytes follow the last state", reader.remaining())));
        }
        self.relations.check(&self.spec, states, at)?;
        Ok(rows)
    }
}

/// The rows of the group first: the bounds of all other states follow from them.
fn state_order(spec: &Spec) -> impl Iterator<Item = usize> {
    let rows_state = spec.rows_state();
    core::iter::once(rows_state).chain((0..spec.states().len()).filter(move |&state| state != rows_state))
}

fn check_place(spec: &Spec, stored: &StoredGroup<'_>) -> Result<()> {
    let invalid = |text: &str| Err(Error::new(Code::DecodeInvalid, text));
    if !spec.bucket().is_edge(stored.bucket) {
        return invalid("a bucket does not start on an edge");
    }
    if stored.keys.len() != spec.keys().len() {
        return invalid("a group has another number of keys than the spec");
    }
    for (key, value) in spec.keys().iter().zip(stored.keys) {
        let data_type = value.as_scalar().map(|scalar| scalar.data_type());
        if !value.is_null() && data_type != Some(key.data_type()) {
            let text = format!("the key {} is {}, got a value of another type", key.name(), key.data_type());
            return Err(Error::new(Code::DecodeInvalid, text));
        }
    }
    Ok(())
}

/// XXH64 of the bucket, the keys and the bytes.
fn checksum<'a>(bucket: i64, keys: impl Iterator<Item = &'a Value>, body: &[u8]) -> u64 {
    let mut place = Writer::new();
    place.zigzag(bucket);
    for key in keys {
        let value: Option<Scalar<'_>> = key.as_scalar();
        place.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            value.write(&mut place);
        }
    }
    place.raw(body);
    XxHash64::oneshot(CHECKSUM_SEED, place.as_slice())
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.wrapping_sub(b'a').wrapping_add(10) & 0xf,
    }
}
