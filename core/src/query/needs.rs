//! What a query reads of a rollup, before there is one.

use super::parts::Edges;
use super::plan::Plan;
use super::range::Range;
use super::source::{Compare, QuerySource};
use super::windows::{previous_start, window_start};
use crate::error::Result;
use crate::expr::Expr;
use crate::spec::Spec;
use crate::time::Bucket;
use alloc::vec::Vec;

/// What a query reads.
#[derive(Clone, Debug)]
pub struct Needs {
    /// The bucket of the result, when it has one.
    pub bucket: Option<Bucket>,
    /// Keys, by index into those of the spec.
    pub keys: Vec<usize>,
    /// The condition over the keys, by index into those of the spec.
    pub filter: Option<Expr>,
    /// States, by index into those of the spec.
    pub states: Vec<usize>,
    /// The start of what is read, in µs: that of the range, as it is written or moved onto an edge of a bucket where the query
    /// says so, or of the period before it that it is compared with.
    pub start: Option<i64>,
    /// The end of the range, in µs.
    pub end: Option<i64>,
    /// Where windows start, inside the range.
    pub cuts: Vec<i64>,
}

/// What a query reads of a rollup of a spec.
///
/// **Errors** `query.*`, `expr.*`, `range.*`, `spec.bucket`, `spec.timezone`.
pub fn needs(spec: &Spec, source: &QuerySource) -> Result<Needs> {
    read_needs(spec, source).map_err(|error| error.within("query"))
}

fn read_needs(spec: &Spec, source: &QuerySource) -> Result<Needs> {
    let plan = Plan::new(spec, source)?;
    let range = Range::over(Edges::Cut, spec, source)?;
    let mut cuts = Vec::new();
    for (_, width) in &source.windows {
        let start = Edges::Cut.start(spec, window_start(&range, source, &plan, width)?, source)?;
        if range.contains(start) {
            cuts.push(start);
        }
    }
    let mut start = range.start;
    if source.compare == Compare::Previous {
        let before = previous_start(&range).and_then(|at| Edges::Cut.start(spec, at, source));
        cuts.extend(start);
        start = Some(before.map_err(|error| error.within("compare"))?);
    }
    let needed = plan.needed_states.iter().enumerate().filter(|(_, &needed)| needed);
    Ok(Needs {
        keys: plan.key_slots(),
        states: needed.map(|(state, _)| state).collect(),
        bucket: plan.bucket,
        filter: plan.filter,
        start,
        end: range.end,
        cuts,
    })
}
