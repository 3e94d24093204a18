//! Writing the canonical bytes.

use super::{header, schema, CHECKSUM_SEED, FORMAT_VERSION, MAGIC};
use crate::bytes::{Version, Writer};
use crate::table::Rollup;
use crate::value::Value;
use alloc::vec;
use alloc::vec::Vec;
use twox_hash::XxHash64;

impl Rollup {
    /// Writes the rollup as bytes, the only ones for its content.
    ///
    /// The same bytes for the same rows and spec, on every host, in any order, however split and merged (unless the spec
    /// uses t-digest: [`crate::spec::Spec::is_canonical`]).
    ///
    /// **Cost** linear in the size of the result; one sort of the groups.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::Rollup;
    /// assert_eq!(Rollup::decode(&rollup.encode())?.encode(), rollup.encode());
    /// # Ok::<(), isofold::Error>(())
    /// ```
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.raw(MAGIC);
        out.u8(FORMAT_VERSION);
        header::write(self.spec(), &mut out);
        schema::write(self.spec(), Version::CURRENT, &mut out);
        let order = self.groups.sorted();
        self.write_buckets(&order, &mut out);
        for column in 0..self.spec().keys().len() {
            self.write_key(column, &order, &mut out);
        }
        let rows_state = self.spec().rows_state();
        let others = (0..self.states.len()).filter(|&state| state != rows_state);
        for state in core::iter::once(rows_state).chain(others) {
            self.states[state].write_all(&order, &mut out);
        }
        let checksum = XxHash64::oneshot(CHECKSUM_SEED, out.as_slice());
        out.u64(checksum);
        out.into_bytes()
    }

    /// The number of buckets, then each as its distance to the one before and its number of groups.
    fn write_buckets(&self, order: &[u32], out: &mut Writer) {
        let mut runs: Vec<(i64, u64)> = Vec::new();
        for &group in order {
            let bucket = self.groups.bucket(group as usize);
            match runs.last_mut() {
                Some((last, groups)) if *last == bucket => *groups += 1,
                _ => runs.push((bucket, 1)),
            }
        }
        out.varint(runs.len() as u64);
        let mut last = None;
        for (bucket, groups) in runs {
            match last {
                None => out.zigzag(bucket),
                // cannot overflow: both lie inside the supported times
                Some(last) => out.varint((bucket - last) as u64),
            }
            out.varint(groups);
            last = Some(bucket);
        }
    }

    /// The distinct values in order, then for each group the place of its value; one past the last is NULL.
    fn write_key(&self, column: usize, order: &[u32], out: &mut Writer) {
        let keys = &self.groups.keys;
        let mut used = vec![false; keys.len()];
        for &group in order {
            used[self.groups.tuple(group as usize) as usize] = true;
        }
        let mut values: Vec<(&Value, u32)> =
            (0..keys.len() as u32).filter(|&t| used[t as usize]).map(|t| (keys.value(t, column), t)).collect();
        values.retain(|(value, _)| !value.is_null());
        crate::sort::by(&mut values, |a, b| a.0.as_scalar().cmp(&b.0.as_scalar()));
        let mut place_of_tuple = vec![u64::MAX; keys.len()];
        let mut distinct = Writer::new();
        let mut count = 0u64;
        let mut last: Option<&Value> = None;
        for (value, tuple) in values {
            if last != Some(value) {
                if let Some(scalar) = value.as_scalar() {
                    scalar.write(&mut distinct);
                }
                count += 1;
                last = Some(value);
            }
            place_of_tuple[tuple as usize] = count - 1;
        }
        out.varint(count);
        out.raw(distinct.as_slice());
        for &group in order {
            out.varint(place_of_tuple[self.groups.tuple(group as usize) as usize].min(count));
        }
    }
}
