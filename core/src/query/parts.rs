//! Several rollups read as one: levels of a hierarchy, rows not yet stored, groups written under earlier specs.
//!
//! The one idea: every part is mapped into the groups of the result as a single rollup would be; where a part does not
//! keep a state, what reads that state is NULL for the groups the part reaches, and nothing else changes.
//!
//! Not here: which parts cover a range (`refresh`).

use super::plan::Plan;
use super::range::{align_start, Range};
use super::source::Align;
use super::{answer, Frame, QuerySource};
use crate::error::Result;
use crate::spec::{Derivation, Spec};
use crate::table::Rollup;
use alloc::vec::Vec;

/// A rollup, and the instant from which its rows are where that is inside its first bucket.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The rollup.
    pub rollup: &'a Rollup,
    /// No row of the rollup is before; `None` where its first bucket is whole.
    pub from: Option<i64>,
}

/// The parts of what a query reads, and how each follows from the spec.
pub(crate) struct Parts<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) parts: Vec<(Part<'a>, Derivation)>,
    pub(crate) edges: Edges,
}

/// Whether the bounds of a range have to be edges of buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edges {
    /// They are, or are moved onto them.
    Buckets,
    /// They need not be: the parts were cut to the range, and at the start of each window.
    Cut,
}

impl Edges {
    /// Whether a query may start and end anywhere.
    pub(crate) fn are_free(self, source: &QuerySource) -> bool {
        self == Self::Cut && source.align == Align::Exact
    }

    /// The start of a window as the range of the query is aligned.
    pub(crate) fn start(self, spec: &Spec, at: i64, source: &QuerySource) -> Result<i64> {
        if self.are_free(source) {
            return Ok(at);
        }
        align_start(spec, at, source.align)
    }
}

impl<'a> Parts<'a> {
    /// A part, and how it follows from a spec.
    pub(super) fn derived(spec: &Spec, part: Part<'a>) -> Result<(Part<'a>, Derivation)> {
        spec.derivation(part.rollup.spec()).map(|derivation| (part, derivation))
    }

    /// Refuses a bucket in which those of a part do not nest, whether or not a row lies where they straddle.
    ///
    /// **Errors** `coarsen.bucket`.
    pub(crate) fn check_nesting(&self, plan: &Plan, range: &Range) -> Result<()> {
        let Some(coarse) = &plan.bucket else { return Ok(()) };
        for (part, _) in &self.parts {
            let fine = part.rollup.spec().bucket();
            if fine == coarse {
                continue;
            }
            let buckets = || part.rollup.groups.buckets().iter().copied().filter(|&start| range.contains(start));
            // an open side is that of the buckets there are, the edges of those they lie in included
            let start = range.start.unwrap_or_else(|| coarse.enclosing_edge(buckets().min().or(range.end)).0 - 1);
            let end = range.end.unwrap_or_else(|| coarse.enclosing_edge(buckets().max().or(range.start)).1 + 1);
            fine.check_nesting(coarse, start, end).map_err(|error| error.within("bucket"))?;
        }
        Ok(())
    }

    pub(crate) fn range(&self, source: &QuerySource) -> Result<Range> {
        Range::over(self.edges, self.spec, source)
    }

    /// [`Edges::start`] of these parts.
    pub(crate) fn window_start(&self, at: i64, source: &QuerySource) -> Result<i64> {
        self.edges.start(self.spec, at, source)
    }
}

/// Reads metrics of a spec from several rollups whose rows are disjoint and lie in the range of the query, each part
/// wholly before or from the start of any window. Without an `align` the range and the windows may start and end anywhere.
///
/// **Errors** those of [`Rollup::query`]; `merge.schema`, `coarsen.key` for a part that does not fit the spec.
pub fn query_parts<'a>(spec: &'a Spec, parts: Vec<Part<'a>>, source: &QuerySource) -> Result<Frame> {
    let parts = parts.into_iter().map(|part| Parts::derived(spec, part)).collect::<Result<_>>()?;
    answer(&Parts { spec, parts, edges: Edges::Cut }, source, &mut |all| all.columns())
}
