//! Which bucket does an instant fall into?
//!
//! The one idea: time is an i64 of microseconds UTC, and a bucket is a half-open range `[start, end)` of it. The
//! buckets of one [`Bucket`] tile the time line: every instant lies in exactly one, also where clocks change.
//!
//! Not here: dates of a host (the facade reads them), clocks (the caller says what time it is).

pub mod bucket;
mod calendar;
mod civil;
mod clocks;
pub mod cursor;
mod grid;
pub mod instant;
pub mod interval;
mod nesting;
pub mod zone;
mod zone_table;

pub use bucket::{Bucket, BucketSource};
pub(crate) use calendar::Calendar;
pub use cursor::Cursor;
pub(crate) use instant::is_supported;
pub use instant::{format_timestamp, parse_timestamp, parse_timestamp_by};
pub use interval::Interval;
pub use zone::{shift_back, Zone};
pub use zone_table::TZDB_VERSION;

/// Microseconds of a second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds of a day of 24 hours.
pub const DAY_US: i64 = 86_400 * SECOND_US;
