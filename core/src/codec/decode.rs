//! Reading the canonical bytes, strictly: all or nothing, nothing reserved from a count that was not checked.

use super::relations::Relations;
use super::{header, schema, CHECKSUM_BYTES, CHECKSUM_SEED, MAGIC};
use crate::bytes::{Reader, Version};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::scalar::Scalar;
use crate::table::{Budget, Rollup};
use crate::value::Type;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use twox_hash::XxHash64;

/// Most bytes of a text inside a key: what ingest allows.
const MAX_KEY_TEXT: usize = limits::MAX_KEY_BYTES;

impl Rollup {
    /// Reads the bytes that `encode` wrote, trusting nothing in them.
    ///
    /// **Errors** `decode.*` for bytes that are not the one spelling of a rollup, `limit.bytes`, `limit.groups`,
    /// `limit.rows`: those of [`Budget::default`].
    ///
    /// **Cost** linear in the bytes; memory is at most 96 times as many bytes: groups with many states of no value.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::Rollup;
    /// assert_eq!(Rollup::decode(&rollup.encode())?.digest(), rollup.digest());
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn decode(bytes: &[u8]) -> Result<Rollup> {
        Self::decode_within(bytes, &Budget::default())
    }

    /// As [`Rollup::decode`], of bytes that hold no more than the budget; its groups are then the limit of the rollup,
    /// as [`Rollup::with_max_groups`] sets it.
    ///
    /// **Errors** as [`Rollup::decode`], `range.outside`, and those of [`Budget::check_self`].
    pub fn decode_within(bytes: &[u8], budget: &Budget) -> Result<Rollup> {
        budget.check_self()?;
        if bytes.len() > limits::MAX_ENCODED_BYTES {
            return Err(Error::new(
                Code::LimitBytes,
                format!("an encoded rollup has at most {} bytes, got {}", limits::MAX_ENCODED_BYTES, bytes.len()),
            ));
        }
        let (version, body) = checked_body(bytes)?;
        let mut reader = Reader::new(body).of_version(version);
        reader.raw(MAGIC.len() + 1)?;
        let spec = header::read(&mut reader)?;
        schema::read(&spec, &mut reader)?;
        let max_groups = budget.max_groups(&spec);
        let mut rollup = Rollup::of(Arc::new(spec), max_groups);
        let buckets = read_buckets(&rollup, budget, &mut reader)?;
        read_keys(&mut rollup, &buckets, &mut reader)?;
        read_states(&mut rollup, budget, &mut reader)?;
        if reader.remaining() > 0 {
            return Err(reader.not_canonical(&format!("{} bytes follow the last state", reader.remaining())));
        }
        Ok(rollup)
    }
}

/// The version, and the bytes before the checksum, once magic and checksum hold.
fn checked_body(bytes: &[u8]) -> Result<(Version, &[u8])> {
    let mut reader = Reader::new(bytes);
    if reader.raw(MAGIC.len().min(bytes.len()))? != &MAGIC[..MAGIC.len().min(bytes.len())] {
        return Err(Error::new(Code::DecodeMagic, "the bytes do not begin as an encoded rollup does"));
    }
    let version = super::version(reader.u8()?, "format")?;
    if reader.remaining() < CHECKSUM_BYTES {
        return Err(Error::new(Code::DecodeTruncated, "the bytes end before their checksum"));
    }
    let (body, checksum) = bytes.split_at(bytes.len() - CHECKSUM_BYTES);
    if XxHash64::oneshot(CHECKSUM_SEED, body).to_le_bytes() != checksum {
        return Err(Error::new(Code::DecodeChecksum, "the checksum does not hold: the bytes are damaged or cut off"));
    }
    Ok((version, body))
}

/// The bucket of every group.
fn read_buckets(rollup: &Rollup, budget: &Budget, bytes: &mut Reader<'_>) -> Result<Vec<i64>> {
    let count = bytes.count(2)?;
    let mut buckets: Vec<i64> = Vec::new();
    let mut last: Option<i64> = None;
    for _ in 0..count {
        let bucket = match last {
            None => Some(bytes.zigzag()?),
            Some(last) => {
                let distance = bytes.varint()?;
                if distance == 0 {
                    return Err(bytes.not_canonical("a bucket stands twice"));
                }
                i64::try_from(distance).ok().and_then(|distance| last.checked_add(distance))
            }
        };
        let bucket = match bucket {
            Some(us) if (limits::MIN_TIME_US..limits::MAX_TIME_US).contains(&us) => us,
            _ => return Err(bytes.invalid("a bucket lies outside the supported times")),
        };
        if !rollup.spec().bucket().is_edge(bucket) {
            return Err(bytes.invalid("a bucket does not start on an edge"));
        }
        budget.check_bucket(rollup.spec().bucket(), bucket)?;
        let groups = bytes.count(1)?;
        if groups == 0 {
            return Err(bytes.not_canonical("a bucket has no groups"));
        }
        budget.check_groups(buckets.len() + groups, rollup.spec())?;
        buckets.resize(buckets.len() + groups, bucket);
        last = Some(bucket);
    }
    Ok(buckets)
}

/// One key of every group: its distinct values in order, and which of them each group has.
struct KeyColumn<'a> {
    values: Vec<Scalar<'a>>,
    places: Vec<u32>,
}

fn read_key<'a>(data_type: Type, groups: usize, bytes: &mut Reader<'a>) -> Result<KeyColumn<'a>> {
    let count = bytes.count(1)?;
    let mut values: Vec<Scalar<'a>> = Vec::new();
    for _ in 0..count {
        let value = Scalar::read(data_type, MAX_KEY_TEXT, bytes)?;
        if values.last().is_some_and(|last| *last >= value) {
            return Err(bytes.not_canonical("the values of a key do not rise"));
        }
        values.push(value);
    }
    let mut used = vec![false; values.len() + 1];
    let mut places = Vec::new();
    for _ in 0..groups {
        let place = bytes.varint_up_to(values.len() as u64, "the place of a key's value")?;
        // cannot truncate: at most the number of values, which the bytes hold
        used[place as usize] = true;
        places.push(place as u32);
    }
    if used[..values.len()].contains(&false) {
        return Err(bytes.not_canonical("a value of a key is in no group"));
    }
    Ok(KeyColumn { values, places })
}

fn read_keys(rollup: &mut Rollup, buckets: &[i64], bytes: &mut Reader<'_>) -> Result<()> {
    let spec = Arc::clone(&rollup.spec);
    let columns =
        spec.keys().iter().map(|key| read_key(key.data_type(), buckets.len(), bytes)).collect::<Result<Vec<_>>>()?;
    for (group, &bucket) in buckets.iter().enumerate() {
        let place = |group: usize| columns.iter().map(move |column| column.places[group]);
        if group > 0 && buckets[group - 1] == bucket && !place(group - 1).lt(place(group)) {
            return Err(bytes.not_canonical("the groups of a bucket do not rise"));
        }
        let values = columns.iter().map(|column| column.values.get(column.places[group] as usize).copied());
        let tuple = rollup.groups.keys.tuple(values, rollup.max_groups)?;
        rollup.groups.find_or_add(bucket, tuple, rollup.max_groups)?;
    }
    Ok(())
}

fn read_states(rollup: &mut Rollup, budget: &Budget, bytes: &mut Reader<'_>) -> Result<()> {
    let rows_state = rollup.spec().rows_state();
    let groups = rollup.len();
    for _ in 0..groups {
        rollup.states[rows_state].read(bytes, limits::MAX_ROWS)?;
    }
    let mut total = 0u64;
    let mut rows = Vec::with_capacity(groups);
    for group in 0..groups {
        let count = rollup.group_rows(group);
        if count == 0 {
            return Err(bytes.not_canonical("a group has no rows"));
        }
        // cannot overflow: both are at most 2^62
        total += count;
        budget.check_rows(total)?;
        rows.push(count);
    }
    rollup.rows = total;
    let mut relations = Relations::new(&rollup.spec);
    relations.begin(&rows);
    for (index, column) in rollup.states.iter_mut().enumerate().filter(|(index, _)| *index != rows_state) {
        let mut read = |(group, &rows)| relations.read((index, column), (group, group, rows), bytes);
        let read = rows.iter().enumerate().try_for_each(&mut read);
        read.map_err(|error| error.within(rollup.spec.states()[index].text()))?;
    }
    relations.check(&rollup.spec, &rollup.states, 0)
}
