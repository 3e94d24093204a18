//! Every bound of the kernel, with its reason.
//!
//! Not here: what happens past a bound; that is always an error whose message names the bound.

/// Groups in one rollup unless the caller asks for more.
pub const MAX_GROUPS: usize = 1_000_000;
/// States of all groups of one rollup, each state of each group counted, unless the caller sets a limit of groups: at
/// 24 bytes (counts, sums) to 140 (percentiles, distinct counts) for a group of few rows, at most about 2 GB. Groups of
/// many rows take more, as each state tells; those who fold them know that they come.
pub const MAX_CELLS: usize = 1 << 24;
/// The most groups a caller may ask for: group numbers are u32, and addresses of 32 bits end before.
pub const MAX_GROUPS_MAX: usize = 1 << 31;
/// Rows in one rollup. Every counter of a rollup is at most its rows, so none can overflow an u64 sum of two.
pub const MAX_ROWS: u64 = 1 << 62;
/// Rows that one encoding may claim unless the caller takes more: 2^48 rows are a billion a second for three days, and
/// 16,384 such claims fit a rollup before it counts no more.
pub const MAX_CLAIMED_ROWS: u64 = 1 << 48;
/// Rows in one batch: row numbers are u32, and the last value marks "no row".
pub const MAX_BATCH_ROWS: usize = u32::MAX as usize - 1;
/// Atomic states of one spec: far above what a dashboard shows, low enough that a header stays small.
pub const MAX_STATES: usize = 256;
/// Metrics of one spec or query.
pub const MAX_METRICS: usize = 1024;
/// Declared columns.
pub const MAX_COLUMNS: usize = 1024;
/// Group keys: the key of a group is kept once per group.
pub const MAX_KEYS: usize = 16;
/// Bytes of a name (column, key, metric, rollup): PostgreSQL keeps 63, other stores more.
pub const MAX_NAME_BYTES: usize = 255;
/// Digits behind the point of a decimal: 10^18 is the last power of ten in an int64, which so holds up to ±9.22 of them.
pub const MAX_DECIMAL_SCALE: u8 = 18;
/// Digits of a decimal that a metric gives: those of Arrow's decimal128. A sum of 2^62 units of 2^63 has no more.
pub const MAX_DECIMAL_DIGITS: u32 = 38;
/// Characters of one expression.
pub const MAX_EXPR_CHARS: usize = 16_384;
/// Nesting of one expression: recursion uses a few hundred bytes of stack a level.
pub const MAX_EXPR_DEPTH: usize = 64;
/// Arguments of one call or items of one list: histogram bounds and `in (…)`.
pub const MAX_EXPR_ARGUMENTS: usize = 256;
/// Bytes of a pattern of `like` between two `%` when a `_` is among them: they are compared at every place of a text.
pub const MAX_LIKE_PIECE: usize = 256;
/// Bytes of one text in a column, or of one that an expression computes: longer text belongs in a blob store, not in a
/// key.
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// Bytes of one text key; keys are repeated in every host's results.
pub const MAX_KEY_BYTES: usize = 4096;
/// Earliest and latest time in µs: years −9999 to 9999, inside what every host can write.
pub const MIN_TIME_US: i64 = -377_705_116_800_000_000;
/// Earliest time of rows of a store, year 1: databases compare texts of earlier ones otherwise, or not at all.
pub const MIN_ROW_TIME_US: i64 = -62_135_596_800_000_000;
/// Latest time, exclusive.
pub const MAX_TIME_US: i64 = 253_402_300_800_000_000;
/// Distinct values kept exactly before the state turns into registers.
pub const DISTINCT_EXACT: usize = 256;
/// Smallest and largest precision of the distinct registers: 2^4 to 2^16.
pub const DISTINCT_PRECISION: core::ops::RangeInclusive<u8> = 4..=16;
/// Precision when none is given: 4096 registers, 1.6 % standard error.
pub const DISTINCT_PRECISION_DEFAULT: u8 = 12;
/// Scales of the percentile histogram: OpenTelemetry's 0 (1 bucket an octave) to 7 (128).
pub const HISTOGRAM_SCALE: core::ops::RangeInclusive<u8> = 0..=7;
/// Scale when none is given: 64 buckets an octave, 0.5415 % relative error.
pub const HISTOGRAM_SCALE_DEFAULT: u8 = 6;
/// Non-empty histogram buckets of one group before neighbours are joined: 16 octaves of dense data.
pub const HISTOGRAM_BUCKETS: usize = 1024;
/// Distinct values that `value_counts` and `mode` keep when no limit is given.
pub const VALUE_COUNTS_DEFAULT: u32 = 1000;
/// The largest limit of `value_counts`.
pub const VALUE_COUNTS_MAX: u32 = 65_536;
/// Bytes of one value in value counts, first, last, min and max of texts.
pub const MAX_STATE_TEXT_BYTES: usize = 4096;
/// Rows of one exemplar.
pub const EXEMPLAR_MAX: u32 = 64;
/// Bytes kept of an exemplar's text; the rest is cut at a character.
pub const EXEMPLAR_TEXT_BYTES: usize = 1024;
/// Size of a t-digest when none is given.
pub const TDIGEST_SIZE_DEFAULT: u32 = 100;
/// The largest t-digest.
pub const TDIGEST_SIZE_MAX: u32 = 10_000;
/// Bytes of one encoded rollup.
pub const MAX_ENCODED_BYTES: usize = 1 << 30;
/// Warnings of one query result; more than people read.
pub const MAX_WARNINGS: usize = 100;
/// Rows of one query result, gap filling included.
pub const MAX_RESULT_ROWS: usize = 10_000_000;
/// Length and offset of an Arrow array, each: more than memory holds, and the bytes of both stay inside 64 bits.
pub const MAX_ARROW_ROWS: u64 = 1 << 48;
/// Threads of one ingest: each keeps a rollup of its own, and more than processors fold no faster.
pub const MAX_THREADS: usize = 256;
