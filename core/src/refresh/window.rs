//! Ranges of time, half-open.

use crate::limits;
use crate::time::Bucket;
use alloc::vec::Vec;

/// `[start, end)` in µs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First instant.
    pub start: i64,
    /// First instant no longer in it.
    pub end: i64,
}

impl Window {
    /// Whether no instant is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// What both have.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Moved outward to whole buckets; at most to the ends of the supported times.
    #[must_use]
    pub fn outward(self, bucket: &Bucket) -> Self {
        let end =
            bucket.start(self.end).map_or(
                limits::MAX_TIME_US,
                |edge| {
                    if edge == self.end {
                        edge
                    } else {
                        bucket.end(edge)
                    }
                },
            );
        Self { start: bucket.start(self.start).unwrap_or(limits::MIN_TIME_US), end }
    }

    /// The whole buckets of it whose rows are not dropped, in part or whole.
    #[must_use]
    pub fn kept(self, bucket: &Bucket, dropped_before: Option<i64>) -> Self {
        let start = match dropped_before {
            Some(from) if bucket.is_edge(from) => from,
            Some(from) => bucket.end(from),
            None => limits::MIN_TIME_US,
        };
        Self { start: self.start.max(start), end: self.end }
    }

    /// The same window cut after some buckets.
    #[must_use]
    pub fn first_buckets(self, bucket: &Bucket, count: u32) -> Self {
        let mut end = self.start;
        for _ in 0..count.max(1) {
            if end >= self.end {
                break;
            }
            end = bucket.end(end);
        }
        Self { start: self.start, end: end.min(self.end) }
    }
}

/// The same instants in as few windows as there can be, in order.
#[must_use]
pub fn merged(mut windows: Vec<Window>) -> Vec<Window> {
    windows.retain(|window| !window.is_empty());
    crate::sort::ascending(&mut windows);
    let mut all: Vec<Window> = Vec::with_capacity(windows.len());
    for window in windows {
        match all.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => all.push(window),
        }
    }
    all
}

/// What of some windows is in none of others; both are in order and apart.
pub(super) fn without(windows: &[Window], taken: &[Window]) -> Vec<Window> {
    let mut left = Vec::with_capacity(windows.len());
    for window in windows {
        let mut rest = *window;
        for taken in taken {
            left.push(Window { start: rest.start, end: rest.end.min(taken.start) });
            rest.start = rest.start.max(taken.end);
        }
        left.push(rest);
    }
    left.retain(|window| !window.is_empty());
    left
}
