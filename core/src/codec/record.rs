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
use crate::table::{Budget, Rollup};
use crate::value::Value;
use alloc::format;
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
        let mut tags = Tags::default();
        let mut relations = Relations::new(&self.spec);
        let mut push = |group: StoredGroup<'a>| {
            budget.check_groups(self.len() + 1, self.spec())?;
            budget.check_bucket(self.spec().bucket(), group.bucket)?;
            self.push_record(&group, &mut tags, &mut relations)?;
            budget.check_rows(self.rows)
        };
        for (row, group) in groups.into_iter().enumerate() {
            push(group).map_err(|error| error.within(&format!("row[{row}]")))?;
        }
        Ok(self)
    }

    fn push_record(&mut self, stored: &StoredGroup<'_>, tags: &mut Tags, relations: &mut Relations) -> Result<()> {
        let (version, tag) = schema_of_record(stored.record)?;
        if tag != *tags.of(&self.spec, version) {
            return Err(Error::new(Code::MergeSchema, "the states were written under another schema"));
        }
        self.check_place(stored)?;
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
        let rows_state = self.spec().rows_state();
        self.states[rows_state].read(&mut reader, limits::MAX_ROWS)?;
        let tuple = self.groups.keys.tuple(stored.keys.iter().map(Value::as_scalar), self.max_groups)?;
        let before = self.len();
        let group = self.groups.find_or_add(stored.bucket, tuple, self.max_groups)? as usize;
        if group != before {
            return Err(reader.not_canonical("a group stands twice"));
        }
        let rows = self.group_rows(group);
        if rows == 0 {
            return Err(reader.not_canonical("a group has no rows"));
        }
        // cannot overflow: both are at most 2^62
        self.rows += rows;
        if self.rows > limits::MAX_ROWS {
            return Err(Error::new(Code::LimitRows, format!("a rollup counts at most {} rows", limits::MAX_ROWS)));
        }
        relations.begin(&[rows]);
        for state in self.state_order().skip(1) {
            let read = relations.read((state, &mut self.states[state]), (0, group, rows), &mut reader);
            read.map_err(|error| error.within(self.spec.states()[state].text()))?;
        }
        if reader.remaining() > 0 {
            return Err(reader.not_canonical(&format!("{} bytes follow the last state", reader.remaining())));
        }
        relations.check(&self.spec, &self.states, group)
    }

    /// The rows of the group first: the bounds of all other states follow from them.
    fn state_order(&self) -> impl Iterator<Item = usize> {
        let rows_state = self.spec.rows_state();
        core::iter::once(rows_state).chain((0..self.states.len()).filter(move |&state| state != rows_state))
    }

    fn check_place(&self, stored: &StoredGroup<'_>) -> Result<()> {
        let invalid = |text: &str| Err(Error::new(Code::DecodeInvalid, text));
        if !self.spec().bucket().is_edge(stored.bucket) {
            return invalid("a bucket does not start on an edge");
        }
        if stored.keys.len() != self.spec().keys().len() {
            return invalid("a group has another number of keys than the spec");
        }
        for (key, value) in self.spec().keys().iter().zip(stored.keys) {
            let data_type = value.as_scalar().map(|scalar| scalar.data_type());
            if !value.is_null() && data_type != Some(key.data_type()) {
                let text = format!("the key {} is {}, got a value of another type", key.name(), key.data_type());
                return Err(Error::new(Code::DecodeInvalid, text));
            }
        }
        Ok(())
    }
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
