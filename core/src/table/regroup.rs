//! Mapping the groups of one table into another.

use super::groups::Groups;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::state::NO_GROUP;
use alloc::vec;
use alloc::vec::Vec;

/// The new bucket of a bucket.
#[derive(Clone, Copy)]
pub(crate) enum Rebucket<'r> {
    /// The same.
    Same,
    /// One for all.
    All(i64),
    /// What a function gives, which is asked once for each bucket.
    Each(&'r dyn Fn(i64) -> Result<i64>),
}

/// The new key values of a tuple; `None` leaves its groups out.
pub(crate) type TupleOf<'f, 'v> = dyn Fn(u32) -> Result<Option<Vec<Option<Scalar<'v>>>>> + 'f;

/// Finds or makes, in `into`, the place of every group of `from` whose bucket is kept: `tuple_of` gives the new key
/// values of a tuple, asked once for each of them.
/// The result has a place, or [`NO_GROUP`], for every group of `from`.
///
/// **Errors** those of the functions, and `limit.groups`; `into` is then as it was.
pub(crate) fn regroup(
    into: &mut Groups,
    from: &Groups,
    max: usize,
    keep: &dyn Fn(i64) -> bool,
    rebucket: Rebucket<'_>,
    tuple_of: &TupleOf<'_, '_>,
) -> Result<Vec<u32>> {
    let mark = into.mark();
    let mut map = vec![NO_GROUP; from.len()];
    let mut tuples: Vec<Option<Option<u32>>> = vec![None; from.keys.len()];
    // the buckets that a function was asked for, and what it gave
    let (mut asked, mut given) = (Groups::new(0), Vec::new());
    // the last bucket, and what became of it
    let mut last: Option<(i64, Option<i64>)> = None;
    // by new tuple the bucket for which a group was last found: groups of one bucket mostly follow each other
    let mut found: Vec<(i64, u32)> = Vec::new();
    let mut bucket_of = |bucket: i64| -> Result<Option<i64>> {
        if !keep(bucket) {
            return Ok(None);
        }
        Ok(Some(match rebucket {
            Rebucket::Same => bucket,
            Rebucket::All(all) => all,
            Rebucket::Each(new_of) => {
                let at = asked.find_or_add(bucket, 0, usize::MAX)? as usize;
                if at == given.len() {
                    given.push(new_of(bucket)?);
                }
                given[at]
            }
        }))
    };
    let mut place_all = || -> Result<()> {
        for (group, place) in map.iter_mut().enumerate() {
            let bucket = from.bucket(group);
            let new_bucket = match last {
                Some((known, new)) if known == bucket => new,
                _ => bucket_of(bucket)?,
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
            let at = new_tuple as usize;
            if at >= found.len() {
                found.resize(into.keys.len(), (0, NO_GROUP));
            }
            if found[at].1 == NO_GROUP || found[at].0 != new_bucket {
                found[at] = (new_bucket, into.find_or_add(new_bucket, new_tuple, max)?);
            }
            *place = found[at].1;
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
