//! The edges that a width marks on a clock's time, before any zone.
//!
//! The one idea: edges lie a fixed time or a number of months apart, and the last edge at or before a time takes one
//! remainder. A column of times takes many remainders by one number, so that one is turned into a multiplication.
//!
//! Not here: zones, whose clocks skip and repeat edges ([`super::Bucket`]).

use alloc::string::String;

use super::civil::{month_start_us, Date};
use super::instant::{format_local, is_supported};
use super::interval::Interval;
use super::DAY_US;
use crate::limits;

/// 2000-01-03, a Monday: widths without months count from it.
const ORIGIN_US: i64 = 946_857_600_000_000;
/// No month is longer.
const LONGEST_MONTH_US: i64 = 31 * DAY_US;

/// Edges on a clock's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    Equal(Equal),
    Months(Months),
}

impl Grid {
    /// The edges of a width that was checked to be positive and either months or a fixed time, one edge at `origin`.
    pub fn new(width: Interval, origin: Option<i64>) -> Self {
        match width.months() {
            0 => Self::Equal(Equal::new(width.fixed_us(), origin.unwrap_or(ORIGIN_US))),
            count => Self::Months(Months::new(count, origin.map_or(0, |us| Date::from_us(us).month_index()))),
        }
    }

    /// The same edges, all of them later by months (of a width of months) or by µs (of a fixed width).
    pub fn moved(self, months: i64, us: i64) -> Self {
        match self {
            Self::Equal(edges) => Self::Equal(Equal::new(edges.period, edges.first + us)),
            Self::Months(edges) => Self::Months(Months::new(edges.count, edges.origin + months)),
        }
    }

    /// The last edge at or before a time.
    #[inline]
    pub fn floor(&self, local: i64) -> i64 {
        match self {
            Self::Equal(edges) => edges.floor(local),
            Self::Months(edges) => edges.floor(local),
        }
    }

    /// The edge after an edge.
    pub fn after(&self, edge: i64) -> i64 {
        match self {
            Self::Equal(edges) => edge + edges.period,
            Self::Months(edges) => month_start_us(Date::from_us(edge).month_index() + edges.count),
        }
    }

    /// The longest time between two edges.
    pub fn longest_us(&self) -> i64 {
        match self {
            Self::Equal(edges) => edges.period,
            Self::Months(edges) => edges.count * LONGEST_MONTH_US,
        }
    }

    /// The width, in the one spelling.
    pub fn width(&self) -> Interval {
        match self {
            Self::Equal(edges) => Interval::from_us(edges.period),
            Self::Months(edges) => Interval::from_months(edges.count),
        }
    }

    /// How long after the default origin the first edge is; 0 when it is an edge itself. In µs, or in months.
    pub fn phase(&self) -> i64 {
        match self {
            Self::Equal(edges) => (edges.first - ORIGIN_US).rem_euclid(edges.period),
            Self::Months(edges) => edges.origin,
        }
    }

    /// An edge that tells these edges from all others of this width; the first from the default origin on, unless
    /// that is past the year 9999.
    pub fn origin_text(&self) -> String {
        let phase = self.phase();
        let (edge, before) = match self {
            Self::Equal(edges) => (ORIGIN_US + phase, ORIGIN_US + phase - edges.period),
            Self::Months(edges) => (month_start_us(phase), month_start_us(phase - edges.count)),
        };
        format_local(if is_supported(edge) { edge } else { before })
    }
}

/// Edges a fixed time apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Equal {
    pub period: i64,
    /// The last edge that no supported time, in whatever zone, comes before.
    first: i64,
    /// 2^(62 + shift) ÷ period, rounded up.
    multiplier: u64,
    /// The bits of period − 1.
    shift: u32,
}

impl Equal {
    /// Below this, a quotient by multiplication is exact.
    const LIMIT: i64 = 1 << 62;

    fn new(period: i64, origin: i64) -> Self {
        let early = limits::MIN_TIME_US - 2 * DAY_US;
        let first = early - (early - origin).rem_euclid(period);
        let shift = 64 - (period - 1).leading_zeros();
        // 2^shift < 2 × period, so the multiplier is at most 2^63
        let multiplier = (1u128 << (62 + shift)).div_ceil(period as u128) as u64;
        Self { period, first, multiplier, shift }
    }

    /// Whether all edges of `coarse` are among these.
    pub fn divides(&self, coarse: &Self) -> bool {
        coarse.period % self.period == 0 && (coarse.first - self.first) % self.period == 0
    }

    /// The last edge at or before a time.
    ///
    /// **Source**: Granlund and Montgomery, *Division by Invariant Integers using Multiplication*, theorem 4.2: the
    /// multiplier is off by less than 1, which is at most `2^shift` after times `period`; a distance below 2^62 times
    /// that stays below 2^(62 + shift).
    #[inline]
    pub fn floor(&self, local: i64) -> i64 {
        let distance = local - self.first;
        if !(0..Self::LIMIT).contains(&distance) {
            return local - distance.rem_euclid(self.period);
        }
        let quotient = (u128::from(distance as u64) * u128::from(self.multiplier)) >> (62 + self.shift);
        self.first + quotient as i64 * self.period
    }
}

/// Edges some months apart, each the first of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Months {
    count: i64,
    /// Months from 2000-01 to the first edge from then on.
    origin: i64,
}

impl Months {
    fn new(count: i64, origin: i64) -> Self {
        Self { count, origin: origin.rem_euclid(count) }
    }

    fn floor(&self, local: i64) -> i64 {
        let month = Date::from_us(local).month_index();
        month_start_us(month - (month - self.origin).rem_euclid(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::super::interval::MAX_US;
    use super::*;
    use proptest::prelude::*;

    fn any_period() -> impl Strategy<Value = i64> {
        prop_oneof![
            1..=MAX_US,
            (0u32..59, -1i64..=1).prop_map(|(bits, more)| ((1i64 << bits) + more).clamp(1, MAX_US)),
            prop::sample::select(&[60_000_000, 900_000_000, 3_600_000_000, DAY_US, 7 * DAY_US, MAX_US][..]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn multiplying_gives_the_edge_that_dividing_gives(
            period in any_period(),
            origin in limits::MIN_TIME_US..limits::MAX_TIME_US,
            local in -(1i64 << 61)..1 << 61,
            edge in -1000i64..1000,
        ) {
            let edges = Equal::new(period, origin);
            let expected = |local: i64| local - (local - origin).rem_euclid(period);
            prop_assert_eq!(edges.floor(local), expected(local));
            let near = origin + (edge * (period >> 10)) / period * period;
            for local in [near - 1, near, near + 1, near + period - 1] {
                prop_assert_eq!(edges.floor(local), expected(local));
            }
        }
    }
}
