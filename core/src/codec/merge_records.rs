//! Records of several rollups, put together by group.
//!
//! The one idea: records are read into columns of their own, one place each, and the columns are merged into those of
//! the groups at once, as of a rollup that is coarsened; a few thousand at a time, so that memory follows the groups.
//!
//! Not here: records that each are the only one of their group (`record`).

use super::record::{RecordReader, StoredGroup};
use crate::error::{Error, Result};
use crate::state::StateColumn;
use crate::table::{Budget, Rollup};
use alloc::format;
use alloc::vec::Vec;

/// Records that are read before they are merged.
const CHUNK: usize = 4096;

impl Rollup {
    /// Folds groups in that rollups of the same spec wrote, in any order, a group as often as it comes; what comes holds
    /// no more than the budget.
    ///
    /// **Errors** those of [`Rollup::with_records`] but for groups that stand twice; the rollup is then as it was.
    ///
    /// **Cost** linear in the bytes.
    pub fn merge_records<'a>(
        &mut self,
        groups: impl IntoIterator<Item = StoredGroup<'a>>,
        budget: &Budget,
    ) -> Result<()> {
        budget.check_self()?;
        let mut brought = self.emptied();
        let mut records = RecordReader::new(&brought);
        let mut groups = groups.into_iter().enumerate().peekable();
        while groups.peek().is_some() {
            let mut states = self.emptied().states;
            let mut map = Vec::new();
            for (row, group) in groups.by_ref().take(CHUNK) {
                let place = brought.take_record(&group, &mut records, (&mut states, map.len()), budget);
                map.push(place.map_err(|error: Error| error.within(&format!("row[{row}]")))?);
            }
            let len = brought.len();
            for (column, from) in brought.states.iter_mut().zip(&states) {
                column.grow(len);
                column.merge(from, &map);
            }
        }
        self.merge_owned(brought)
    }

    /// Reads a record into the next place of columns of its own, and gives its group.
    fn take_record(
        &mut self,
        group: &StoredGroup<'_>,
        records: &mut RecordReader,
        (states, at): (&mut [StateColumn], usize),
        budget: &Budget,
    ) -> Result<u32> {
        budget.check_bucket(self.spec().bucket(), group.bucket)?;
        let mut reader = records.open(group)?;
        let place = self.place_record(group)?;
        budget.check_groups(self.len(), self.spec())?;
        let rows = records.read(&mut reader, states, at)?;
        self.count_rows(rows)?;
        budget.check_rows(self.rows)?;
        Ok(place)
    }
}
