//! The rows of a stretch of a batch, brought into the order of their groups.
//!
//! The one idea: a counting sort costs two passes over small integers, and then every state is visited once a stretch
//! for all of its rows, however the batch was ordered. The sort is stable: a state whose bytes depend on the order of
//! rows sees the rows of a group in theirs.
//!
//! Not here: which group a row belongs to (`groups`), what states do with rows (`state`).

use crate::column::{Column, Values};
use crate::state::Rows;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

/// Rows in runs of one group at least this long on average are left where they are.
const LONG_RUNS: usize = 8;
/// Counters are worth clearing when there are at most this many groups a row.
const GROUPS_A_ROW: usize = 4;

/// Where the rows of a stretch stand: position p is row `order[p]` of the batch.
#[derive(Debug, Default)]
pub(super) struct Arrangement {
    /// Empty when the rows stand as they are in the batch, from `first` on.
    order: Vec<u32>,
    first: usize,
    positions: usize,
    rows: Rows,
}

/// Room for counters, kept from stretch to stretch.
pub(super) type Counters = Vec<u32>;

impl Arrangement {
    /// The kept rows of a stretch, by group; there are `count` groups.
    pub(super) fn new(
        groups: &[u32],
        stretch: Range<usize>,
        kept: Option<&[bool]>,
        count: usize,
        counters: &mut Counters,
    ) -> Self {
        let first = stretch.start;
        let groups = &groups[stretch.clone()];
        let kept = kept.map(|kept| &kept[stretch]);
        // no branch, so that the loop is vectorised
        let changes: u32 = groups.iter().zip(&groups[1.min(groups.len())..]).map(|(a, b)| u32::from(a != b)).sum();
        if kept.is_none() && changes as usize * LONG_RUNS <= groups.len() {
            return Self { order: Vec::new(), first, positions: groups.len(), rows: Rows::new(groups, None) };
        }
        let is_kept = |row: usize| kept.is_none_or(|kept| kept[row]);
        if count > groups.len().saturating_mul(GROUPS_A_ROW) {
            return Self::sorted_by_comparing(groups, first, is_kept);
        }
        counters.clear();
        counters.resize(count, 0);
        for (row, &group) in groups.iter().enumerate() {
            // the group of a row that is not kept may be any
            if is_kept(row) {
                counters[group as usize] += 1;
            }
        }
        let mut rows = Rows::default();
        let mut next = 0;
        for (group, counter) in (0..).zip(counters.iter_mut()) {
            let start = next;
            next += *counter;
            *counter = start;
            if next > start {
                rows.push(group, start, next);
            }
        }
        let mut order = alloc::vec![0; next as usize];
        for (row, &group) in groups.iter().enumerate() {
            if is_kept(row) {
                let place = &mut counters[group as usize];
                // cannot truncate: a batch has fewer than 2^32 rows
                order[*place as usize] = (first + row) as u32;
                *place += 1;
            }
        }
        Self { positions: order.len(), order, first, rows }
    }

    fn sorted_by_comparing(groups: &[u32], first: usize, is_kept: impl Fn(usize) -> bool) -> Self {
        // the row below the group: the sort is stable
        let kept = groups.iter().enumerate().filter(|(row, _)| is_kept(*row));
        let mut pairs: Vec<u64> = kept.map(|(row, &group)| u64::from(group) << 32 | (first + row) as u64).collect();
        crate::sort::numbers(&mut pairs);
        let mut rows = Rows::default();
        for (position, &pair) in (0..).zip(&pairs) {
            rows.push((pair >> 32) as u32, position, position + 1);
        }
        let order: Vec<u32> = pairs.into_iter().map(|pair| pair as u32).collect();
        Self { positions: order.len(), order, first, rows }
    }

    /// The rows that are present.
    pub(super) fn within(&self, present: &[bool]) -> Self {
        let mut order = Vec::with_capacity(self.positions);
        let mut rows = Rows::default();
        for run in self.rows.runs() {
            let start = order.len();
            order.extend(run.rows().map(|position| self.row(position)).filter(|&row| present[row as usize]));
            if order.len() > start {
                // cannot truncate: a batch has fewer than 2^32 rows
                rows.push(run.group, start as u32, order.len() as u32);
            }
        }
        Self { positions: order.len(), order, first: self.first, rows }
    }

    #[inline(always)]
    fn row(&self, position: usize) -> u32 {
        // cannot truncate: a batch has fewer than 2^32 rows
        self.order.get(position).copied().unwrap_or((self.first + position) as u32)
    }

    /// The runs of groups, by position.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The values by position; all of these rows have one.
    pub(super) fn column<'c>(&self, column: &'c Column<'_>) -> Column<'c> {
        Column::new(match &column.values {
            Values::Bool(values) => Values::Bool(self.values(values)),
            Values::Int64(values) => Values::Int64(self.values(values)),
            Values::Float64(values) => Values::Float64(self.values(values)),
            Values::Timestamp(values) => Values::Timestamp(self.values(values)),
            Values::Decimal(values, scale) => Values::Decimal(self.values(values), *scale),
            Values::String(codes, texts) => Values::String(self.values(codes), texts.borrowed()),
        })
    }

    /// The values by position.
    pub(super) fn values<'c, T: Copy>(&self, values: &'c [T]) -> Cow<'c, [T]> {
        if self.order.is_empty() {
            return Cow::Borrowed(&values[self.first..self.first + self.positions]);
        }
        Cow::Owned(self.order.iter().map(|&row| values[row as usize]).collect())
    }
}
