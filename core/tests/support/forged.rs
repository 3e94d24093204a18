//! Encodings put together state by state: each state is that of rows of its own choice, and every checksum holds.

use super::sealed::sealed;
use isofold::bytes::{Version, Writer};
use isofold::codec::{schema_tag, StoredGroup};
use isofold::column::{Column, Values};
use isofold::spec::{Argument, Spec, StateDef};
use isofold::state::{Rows, StateColumn};
use isofold::{Result, Rollup};
use twox_hash::XxHash64;

/// Start of the bucket of the one group, in µs.
const BUCKET: i64 = 3_600_000_000;

/// One group of so many rows, and the values that each state saw; the spec has no keys.
pub struct Forged<'a> {
    pub spec: Spec,
    pub rows: u64,
    pub values: &'a dyn Fn(&StateDef) -> Column<'static>,
}

impl Forged<'_> {
    /// The states, the count of rows first.
    fn states(&self, out: &mut Writer) {
        out.varint(self.rows);
        let rows_state = self.spec.rows_state();
        let others = self.spec.states().iter().enumerate().filter(|(index, _)| *index != rows_state);
        for (_, state) in others {
            let mut column = StateColumn::new(state.kind());
            column.grow(1);
            if state.argument() != Argument::Rows && !matches!(state.argument(), Argument::NaNs(_)) {
                let values = (self.values)(state);
                let rows = values.len();
                let times: Vec<i64> = (0..rows as i64).map(|row| BUCKET + row).collect();
                let by = Column::new(Values::Timestamp(times.clone().into()));
                column.update(&Rows::new(&vec![0; rows], None), Some(&values), Some(&by), &times);
            }
            column.write(0, out);
        }
    }

    /// As an encoded rollup.
    pub fn encoded(&self) -> Vec<u8> {
        let mut out = Writer::new();
        let empty = Rollup::new(self.spec.clone()).encode();
        // without its checksum and its number of buckets: 0
        out.raw(&empty[..empty.len() - 9]);
        out.varint(1);
        out.zigzag(BUCKET);
        out.varint(1);
        self.states(&mut out);
        sealed(out.into_bytes())
    }

    /// As the record of a row, read back.
    pub fn recorded(&self) -> Result<Rollup> {
        let mut out = Writer::new();
        out.u8(Version::CURRENT.byte());
        out.raw(&schema_tag(&self.spec, Version::CURRENT));
        self.states(&mut out);
        let mut place = Writer::new();
        place.zigzag(BUCKET);
        place.raw(out.as_slice());
        out.u64(XxHash64::oneshot(1, place.as_slice()));
        let record = out.into_bytes();
        Rollup::from_records(self.spec.clone(), [StoredGroup { bucket: BUCKET, keys: &[], record: &record }])
    }
}
