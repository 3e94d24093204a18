//! One state for every group, of any kind: the door through which tables, queries and the codec reach states.

use super::bools::BoolsColumn;
use super::count::CountColumn;
use super::distinct::DistinctColumn;
use super::edge::EdgeColumn;
use super::exemplar::ExemplarColumn;
use super::extremum::ExtremumColumn;
use super::histogram::HistogramColumn;
use super::kind::StateKind;
use super::sum_float::SumFloatColumn;
use super::sum_int::SumIntColumn;
use super::sum_squares_float::SumSquaresFloatColumn;
use super::sum_squares_int::SumSquaresIntColumn;
use super::tdigest::TDigestColumn;
use super::text_hashes::TextHashes;
use super::value_counts::ValueCountsColumn;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::column::{Column, Values};
use crate::error::Result;
use crate::math::Float64;
use alloc::borrow::Cow;

/// Marks a group of the other side that has no place on this side.
pub const NO_GROUP: u32 = u32::MAX;

/// A state per group, indexed by group.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each variant is the column of the state of its name")]
pub enum StateColumn {
    Count(CountColumn),
    SumFloat(SumFloatColumn),
    SumInt(SumIntColumn),
    SumSquaresFloat(SumSquaresFloatColumn),
    SumSquaresInt(SumSquaresIntColumn),
    Extremum(ExtremumColumn),
    Histogram(HistogramColumn),
    Distinct(DistinctColumn),
    ValueCounts(ValueCountsColumn),
    Edge(EdgeColumn),
    Exemplar(ExemplarColumn),
    Bools(BoolsColumn),
    TDigest(TDigestColumn),
}

/// Runs `$body` with `$column` bound to the column inside, whatever its kind.
macro_rules! each {
    ($self:expr, $column:ident => $body:expr) => {
        match $self {
            StateColumn::Count($column) => $body,
            StateColumn::SumFloat($column) => $body,
            StateColumn::SumInt($column) => $body,
            StateColumn::SumSquaresFloat($column) => $body,
            StateColumn::SumSquaresInt($column) => $body,
            StateColumn::Extremum($column) => $body,
            StateColumn::Histogram($column) => $body,
            StateColumn::Distinct($column) => $body,
            StateColumn::ValueCounts($column) => $body,
            StateColumn::Edge($column) => $body,
            StateColumn::Exemplar($column) => $body,
            StateColumn::Bools($column) => $body,
            StateColumn::TDigest($column) => $body,
        }
    };
}

/// Merges `from[g]` into `into[map[g]]` for every mapped group.
macro_rules! merge_mapped {
    ($into:expr, $from:expr, $map:expr) => {
        for (from, &into) in $map.iter().enumerate() {
            if into != NO_GROUP {
                $into.merge(into as usize, $from, from);
            }
        }
    };
}

/// As `merge_mapped`, but groups from `known` on change places with the empty ones.
macro_rules! merge_owned {
    ($into:expr, $from:expr, $map:expr, $known:expr) => {
        for (from, &into) in $map.iter().enumerate() {
            if into == NO_GROUP {
                continue;
            }
            if into as usize >= $known {
                $into.swap(into as usize, $from, from);
            } else {
                $into.merge(into as usize, $from, from);
            }
        }
    };
}

impl StateColumn {
    /// No groups yet.
    #[must_use]
    pub fn new(kind: StateKind) -> Self {
        match kind {
            StateKind::Count => Self::Count(CountColumn::new()),
            StateKind::SumFloat => Self::SumFloat(SumFloatColumn::new()),
            StateKind::SumInt => Self::SumInt(SumIntColumn::new()),
            StateKind::SumSquaresFloat => Self::SumSquaresFloat(SumSquaresFloatColumn::new()),
            StateKind::SumSquaresInt => Self::SumSquaresInt(SumSquaresIntColumn::new()),
            StateKind::Extremum(extreme, t) => Self::Extremum(ExtremumColumn::new(extreme, t)),
            StateKind::Histogram(scale) => Self::Histogram(HistogramColumn::new(scale)),
            StateKind::UnitHistogram(scale) => Self::Histogram(HistogramColumn::of_units(scale)),
            StateKind::Distinct(precision) => Self::Distinct(DistinctColumn::new(precision)),
            StateKind::ValueCounts(t, limit) => Self::ValueCounts(ValueCountsColumn::new(t, limit)),
            StateKind::Edge(edge, value, time) => Self::Edge(EdgeColumn::new(edge, value, time)),
            StateKind::Exemplar(t, k) => Self::Exemplar(ExemplarColumn::new(t, k)),
            StateKind::Bools => Self::Bools(BoolsColumn::new()),
            StateKind::TDigest(size) => Self::TDigest(TDigestColumn::new(size)),
        }
    }

    /// Appends empty states up to `groups`.
    pub fn grow(&mut self, groups: usize) {
        each!(self, column => column.grow(groups));
    }

    /// Rows of a group, told by the state that counts them.
    #[must_use]
    pub fn rows(&self, group: usize) -> u64 {
        match self {
            Self::Count(counts) => counts.count(group),
            // inside corruption stops: the spec compiler puts a count there
            _ => unreachable!("the rows of a group are counted"),
        }
    }

    /// Folds the present rows in. `argument` is the value column (absent for plain counts), `by` the time of
    /// first/last, `times` the row times in µs.
    pub fn update(&mut self, rows: &Rows, argument: Option<&Column<'_>>, by: Option<&Column<'_>>, times: &[i64]) {
        if let Self::Count(column) = self {
            return column.update(rows);
        }
        let Some(argument) = argument else { return };
        match (self, &argument.values) {
            (Self::SumFloat(column), Values::Float64(values)) => column.update(rows, values),
            (Self::SumInt(column), Values::Int64(values) | Values::Decimal(values, _)) => column.update(rows, values),
            (Self::SumSquaresFloat(column), Values::Float64(values)) => column.update(rows, values),
            (Self::SumSquaresInt(column), Values::Int64(values) | Values::Decimal(values, _)) => {
                column.update(rows, values)
            }
            (Self::Histogram(column), values) => column.update(rows, &widened(values)),
            (Self::TDigest(column), values) => column.update(rows, &widened(values)),
            (Self::Bools(column), Values::Bool(values)) => column.update(rows, values),
            (Self::Extremum(column), _) => column.update(rows, argument),
            (Self::Distinct(column), _) => column.update(rows, argument),
            (Self::ValueCounts(column), _) => column.update(rows, argument),
            (Self::Edge(column), _) => {
                if let Some(by) = by {
                    column.update(rows, argument, by);
                }
            }
            (Self::Exemplar(column), _) => column.update(rows, times, argument),
            // cannot be reached: the spec compiler chose the state by the type of its argument
            (
                Self::Count(_)
                | Self::SumFloat(_)
                | Self::SumInt(_)
                | Self::SumSquaresFloat(_)
                | Self::SumSquaresInt(_)
                | Self::Bools(_),
                _,
            ) => {}
        }
    }

    /// Whether [`StateColumn::update`] reads the times of rows.
    #[must_use]
    pub fn reads_times(&self) -> bool {
        matches!(self, Self::Exemplar(_))
    }

    /// As [`StateColumn::update`] of a column of texts whose hashes are known in part; false, and nothing done, by a
    /// state that does not ask for hashes.
    pub fn update_texts(&mut self, rows: &Rows, codes: &[u32], hashes: &TextHashes<'_>) -> bool {
        match self {
            Self::Distinct(column) => column.update_texts(rows, codes, hashes),
            Self::ValueCounts(column) => column.update_texts(rows, codes, hashes),
            _ => return false,
        }
        true
    }

    /// Merges group `g` of `other` into group `map[g]` of this column, for every `g` whose place is not [`NO_GROUP`].
    pub fn merge(&mut self, other: &Self, map: &[u32]) {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => merge_mapped!(a, b, map),
            (Self::SumFloat(a), Self::SumFloat(b)) => merge_mapped!(a, b, map),
            (Self::SumInt(a), Self::SumInt(b)) => merge_mapped!(a, b, map),
            (Self::SumSquaresFloat(a), Self::SumSquaresFloat(b)) => merge_mapped!(a, b, map),
            (Self::SumSquaresInt(a), Self::SumSquaresInt(b)) => merge_mapped!(a, b, map),
            (Self::Extremum(a), Self::Extremum(b)) => merge_mapped!(a, b, map),
            (Self::Histogram(a), Self::Histogram(b)) => merge_mapped!(a, b, map),
            (Self::Distinct(a), Self::Distinct(b)) => merge_mapped!(a, b, map),
            (Self::ValueCounts(a), Self::ValueCounts(b)) => merge_mapped!(a, b, map),
            (Self::Edge(a), Self::Edge(b)) => merge_mapped!(a, b, map),
            (Self::Exemplar(a), Self::Exemplar(b)) => merge_mapped!(a, b, map),
            (Self::Bools(a), Self::Bools(b)) => merge_mapped!(a, b, map),
            (Self::TDigest(a), Self::TDigest(b)) => merge_mapped!(a, b, map),
            // inside corruption stops: callers compare schemas first
            _ => unreachable!("states of two kinds"),
        }
    }

    /// As [`StateColumn::merge`] where no two groups have one place; those from `known` on are new here, and what is
    /// large is taken from `other` for them.
    pub fn merge_owned(&mut self, other: &mut Self, map: &[u32], known: usize) {
        match (self, other) {
            (Self::Histogram(a), Self::Histogram(b)) => merge_owned!(a, b, map, known),
            (Self::Distinct(a), Self::Distinct(b)) => merge_owned!(a, b, map, known),
            (a, b) => a.merge(b, map),
        }
    }

    /// Appends the canonical bytes of one group.
    pub fn write(&self, group: usize, out: &mut Writer) {
        each!(self, column => column.write(group, out));
    }

    /// Appends the canonical bytes of groups, one after the other.
    pub fn write_all(&self, groups: &[u32], out: &mut Writer) {
        match self {
            Self::Histogram(column) => column.write_all(groups, out),
            Self::Distinct(column) => column.write_all(groups, out),
            _ => groups.iter().for_each(|&group| self.write(group as usize, out)),
        }
    }

    /// Appends one group read from canonical bytes; `rows` is the number of rows of that group.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical`, `decode.invalid`.
    pub fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
        each!(self, column => column.read(bytes, rows))
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        each!(self, column => column.heap_bytes())
    }
}

/// Bits of doubles: of floats as they are, of integers and units of decimals rounded to nearest even.
fn widened<'a>(values: &'a Values<'_>) -> Cow<'a, [u64]> {
    match values {
        Values::Float64(bits) => Cow::Borrowed(bits),
        Values::Int64(integers) | Values::Decimal(integers, _) => {
            Cow::Owned(integers.iter().map(|&integer| Float64::from_i64(integer).to_bits()).collect())
        }
        // cannot be reached: the spec compiler takes numbers alone
        Values::Bool(_) | Values::Timestamp(_) | Values::String(..) => Cow::Borrowed(&[]),
    }
}
