//! The states inside the bytes: what a reader without an expression compiler needs to walk and to name them.
//!
//! The one idea: all of it follows from the spec, so a decoder that compiles specs compares instead of reading.

use crate::bytes::{Reader, Version, Writer};
use crate::error::Result;
use crate::spec::{Argument, Spec, StateDef};
use crate::state::{Edge, Extreme, StateKind};
use crate::value::Type;

/// What a state sees, before the index that says which.
const ROWS: u8 = 0;
const VALUES: u8 = 1;
const NANS: u8 = 2;

pub(super) fn write(spec: &Spec, version: Version, out: &mut Writer) {
    for key in spec.keys() {
        write_type(key.data_type(), out);
    }
    out.varint(spec.inputs().len() as u64);
    for input in spec.inputs() {
        out.sized(input.text().as_bytes());
        if version >= Version::V2 {
            write_type(input.data_type(), out);
        }
    }
    out.varint(spec.filters().len() as u64);
    for filter in spec.filters() {
        out.sized(filter.text().as_bytes());
    }
    out.varint(spec.states().len() as u64);
    for state in spec.states() {
        write_state(state, out);
    }
}

/// Checks that the next bytes are what [`write`] writes in their version.
///
/// **Errors** `decode.truncated`, `decode.canonical`.
pub(super) fn read(spec: &Spec, bytes: &mut Reader<'_>) -> Result<()> {
    let has_decimals = spec.columns().iter().any(|column| matches!(column.column_type().data_type, Type::Decimal(_)));
    if bytes.version() < Version::V2 && has_decimals {
        return Err(bytes.invalid("version 1 has no decimals"));
    }
    let mut expected = Writer::new();
    write(spec, bytes.version(), &mut expected);
    if bytes.raw(expected.len())? == expected.as_slice() {
        return Ok(());
    }
    Err(bytes.not_canonical("the states are not those of the spec"))
}

fn write_state(state: &StateDef, out: &mut Writer) {
    write_kind(state.kind(), out);
    match state.argument() {
        Argument::Rows => out.u8(ROWS),
        Argument::Values(input) => {
            out.u8(VALUES);
            out.varint(input as u64);
        }
        Argument::NaNs(column) => {
            out.u8(NANS);
            out.varint(column as u64);
        }
    }
    if let Some(by) = state.by() {
        out.varint(by as u64);
    }
    out.varint(state.filter().map_or(0, |filter| filter as u64 + 1));
}

fn write_kind(kind: StateKind, out: &mut Writer) {
    match kind {
        StateKind::Count => out.u8(0),
        StateKind::SumFloat => out.u8(1),
        StateKind::SumInt => out.u8(2),
        StateKind::SumSquaresFloat => out.u8(3),
        StateKind::SumSquaresInt => out.u8(4),
        StateKind::Extremum(extreme, data_type) => {
            out.u8(match extreme {
                Extreme::Min => 5,
                Extreme::Max => 6,
            });
            write_type(data_type, out);
        }
        StateKind::Histogram(scale) => out.raw(&[7, scale]),
        StateKind::UnitHistogram(scale) => out.raw(&[15, scale]),
        StateKind::Distinct(precision) => out.raw(&[8, precision]),
        StateKind::ValueCounts(data_type, limit) => {
            out.u8(9);
            write_type(data_type, out);
            out.varint(limit.into());
        }
        StateKind::Edge(edge, value, time) => {
            out.u8(match edge {
                Edge::First => 10,
                Edge::Last => 11,
            });
            write_type(value, out);
            write_type(time, out);
        }
        StateKind::Exemplar(data_type, k) => {
            out.u8(12);
            write_type(data_type, out);
            out.varint(k.into());
        }
        StateKind::Bools => out.u8(13),
        StateKind::TDigest(size) => {
            out.u8(14);
            out.varint(size.into());
        }
    }
}

fn write_type(data_type: Type, out: &mut Writer) {
    out.u8(data_type.code());
    if let Type::Decimal(scale) = data_type {
        out.u8(scale);
    }
}
