//! Mapping the groups of one table into another.

use super::groups::Groups;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::state::NO_GROUP;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashMap;

/// Finds or makes, in `into`, the place of every group of `from`: `bucket_of` gives the new bucket of a bucket and
/// `tuple_of` the new key values of a tuple; `None` leaves the groups out. What they give is asked for once.
/// The result has a place, or [`NO_GROUP`], for every group of `from`.
///
/// **Errors** those of the two functions, and `limit.groups`; `into` is then as it was.
pub(crate) fn regroup<'v, V>(
    into: &mut Groups,
    from: &Groups,
    max: usize,
    mut bucket_of: impl FnMut(i64) -> Result<Option<i64>>,
    mut tuple_of: impl FnMut(u32) -> Result<Option<V>>,
) -> Result<Vec<u32>>
where
    V: IntoIterator<Item = Option<Scalar<'v>>>,
{
    let mark = into.mark();
    let mut map = vec![NO_GROUP; from.len()];
    let mut tuples: Vec<Option<Option<u32>>> = vec![None; from.keys.len()];
    let mut buckets: HashMap<i64, Option<i64>, FixedState> = HashMap::with_hasher(FixedState);
    let mut last: Option<(i64, Option<i64>)> = None;
    let mut place_all = || -> Result<()> {
        for (group, place) in map.iter_mut().enumerate() {
            let bucket = from.bucket(group);
            let new_bucket = match last {
                Some((known, new)) if known == bucket => new,
                _ => match buckets.get(&bucket) {
                    Some(&new) => new,
                    None => {
                        let new = bucket_of(bucket)?;
                        // what is left out is told at once: a short range of a long table must not fill the map
                        if new.is_some() {
                            buckets.insert(bucket, new);
                        }
                        new
                    }
                },
            };
            last = Some((bucket, new_bucket));
            let Some(new_bucket) = new_bucket else { continue };
            let tuple = from.tuple(group);
            let new_tuple = match tuples[tuple as usize] {
                Some(new) => new,
                None => {
                    let new = match tuple_of(tuple)? {
                        Some(values) => Some(into.keys.tuple(values.into_iter(), max)?),
                        None => None,
                    };
                    tuples[tuple as usize] = Some(new);
                    new
                }
            };
            let Some(new_tuple) = new_tuple else { continue };
            *place = into.find_or_add(new_bucket, new_tuple, max)?;
        }
        Ok(())
    };
    match place_all() {
        Ok(()) => Ok(map),
        Err(error) => {
            into.back_to(&mark);
            Err(error)
        }
    }
}

/// A fixed hasher for bucket starts; it decides speed alone, the map is never iterated.
#[derive(Clone, Copy, Default)]
struct FixedState;

struct FixedHasher(u64);

impl core::hash::BuildHasher for FixedState {
    type Hasher = FixedHasher;
    fn build_hasher(&self) -> FixedHasher {
        FixedHasher(0)
    }
}

impl core::hash::Hasher for FixedHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
        }
    }
    fn write_i64(&mut self, value: i64) {
        let mixed = (value as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
