//! The time range of a query, on the edges of the stored buckets.

use super::parts::Edges;
use super::source::{Align, QuerySource};
use crate::error::{Code, Error, Result};
use crate::spec::Spec;
use crate::time::{format_timestamp, parse_timestamp};
use alloc::format;

/// `[start, end)` in µs; open where `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
}

impl Range {
    /// The range of a query, moved onto the edges of the buckets as told.
    pub(crate) fn new(spec: &Spec, source: &QuerySource) -> Result<Self> {
        let Self { start, end } = Self::exact(source)?;
        Ok(Self {
            start: start.map(|at| align_start(spec, at, source.align)).transpose().map_err(|e| e.within("start"))?,
            end: end.map(|at| align_end(spec, at, source.align)).transpose().map_err(|e| e.within("end"))?,
        })
    }

    /// The range of a query over parts that may be cut anywhere: moved onto the edges of the buckets only where it says so.
    pub(crate) fn over(edges: Edges, spec: &Spec, source: &QuerySource) -> Result<Self> {
        if edges.are_free(source) {
            return Self::exact(source);
        }
        Self::new(spec, source)
    }

    /// The range of a query as it is written.
    fn exact(source: &QuerySource) -> Result<Self> {
        let parse = |text: &Option<alloc::string::String>, name: &str| match text {
            Some(text) => parse_timestamp(text)
                .map(Some)
                .map_err(|error| Error::new(Code::RangeInvalid, error.message()).within(name)),
            None => Ok(None),
        };
        let start = parse(&source.start, "start")?;
        let end = parse(&source.end, "end")?;
        if let (Some(start), Some(end)) = (start, end) {
            if end < start {
                let text = format!(
                    "the range ends at {} before it starts at {}",
                    format_timestamp(end),
                    format_timestamp(start)
                );
                return Err(Error::new(Code::RangeInvalid, text).within("end"));
            }
        }
        Ok(Self { start, end })
    }

    pub(crate) fn contains(&self, bucket: i64) -> bool {
        self.start.is_none_or(|start| bucket >= start) && self.end.is_none_or(|end| bucket < end)
    }
}

/// The start of a range, moved onto an edge as told.
pub(crate) fn align_start(spec: &Spec, at: i64, align: Align) -> Result<i64> {
    let edge = spec.bucket().start(at)?;
    match align {
        _ if edge == at => Ok(at),
        Align::Exact => Err(off_edge(spec, at)),
        Align::Outer => Ok(edge),
        Align::Inner => Ok(spec.bucket().end(edge)),
    }
}

fn align_end(spec: &Spec, at: i64, align: Align) -> Result<i64> {
    let edge = spec.bucket().start(at)?;
    match align {
        _ if edge == at => Ok(at),
        Align::Exact => Err(off_edge(spec, at)),
        Align::Outer => Ok(spec.bucket().end(edge)),
        Align::Inner => Ok(edge),
    }
}

fn off_edge(spec: &Spec, at: i64) -> Error {
    Error::new(
        Code::RangeEdge,
        format!(
            "{} is not an edge of the buckets of {}; align \"outer\" or \"inner\" moves it",
            format_timestamp(at),
            spec.bucket().source().width
        ),
    )
}
