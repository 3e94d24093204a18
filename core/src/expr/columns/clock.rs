//! Instants: what clocks show, and seconds between them.

use super::lane::{Cells, Lane, Spread};
use super::{Active, Batch};
use crate::expr::functions::clock::{outside, seconds, Clock};
use crate::expr::typed::Expr;
use crate::value::Type;

impl<'a> Batch<'a> {
    pub(super) fn clock(&mut self, clock: &Clock, x: &Expr, at: u32, active: Active<'_>) -> Lane<'a> {
        let Lane { cells, presence } = self.evaluate(x, active);
        let instants = into_instants(cells);
        let cells = match clock.output() {
            Type::Timestamp => {
                let mut failed = false;
                let starts = instants.map(|instant| {
                    let start = clock.start(instant);
                    failed |= start.is_none();
                    start.unwrap_or(0)
                });
                if failed {
                    let is_outside = |row| clock.start(instants.at(row)).is_none();
                    self.fail_where(&presence, active, is_outside, |_| outside(at));
                }
                Cells::Timestamp(starts)
            }
            Type::Float64 => Cells::Float64(instants.map(|instant| clock.fraction(instant).to_bits())),
            _ => Cells::Int64(instants.map(|instant| clock.whole(instant))),
        };
        Lane::new(cells, presence)
    }

    pub(super) fn elapsed(&mut self, end: &Expr, start: &Expr, active: Active<'_>) -> Lane<'a> {
        let (end, start) = (self.evaluate(end, active), self.evaluate(start, active));
        let (ends, starts) = (into_instants(end.cells), into_instants(start.cells));
        let elapsed = ends.zip(&starts, |end, start| seconds(i128::from(end) - i128::from(start)).to_bits());
        Lane::new(Cells::Float64(elapsed), end.presence.and(start.presence))
    }
}

/// The instants; the types are checked, so there is nothing else.
fn into_instants(cells: Cells<'_>) -> Spread<'_, i64> {
    match cells {
        Cells::Timestamp(instants) => instants,
        _ => Spread::One(0),
    }
}
