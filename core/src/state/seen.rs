//! How many values a state can have seen: what states of the same values must agree on.
//!
//! Not here: which states are of the same values (`codec`).

use super::StateColumn;
use crate::scalar::Scalar;

/// A number of values, as far as a state tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// There are no fewer.
    pub least: u64,
    /// There are no more.
    pub most: u64,
}

impl Seen {
    const ANY: Self = Self { least: 0, most: u64::MAX };

    fn exactly(count: u64) -> Self {
        Self { least: count, most: count }
    }

    /// Of a state that is empty without values, and only then.
    fn at_least(count: u64) -> Self {
        Self { least: count, most: if count == 0 { 0 } else { u64::MAX } }
    }

    /// What both tell; impossible where `least` is above `most`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { least: self.least.max(other.least), most: self.most.min(other.most) }
    }
}

impl StateColumn {
    /// Calls `f` with values that a group has certainly seen, each once; whether these are all different ones there were.
    pub fn each_held(&self, group: usize, f: &mut dyn FnMut(Scalar<'_>)) -> bool {
        match self {
            Self::Edge(column) => {
                column.value(group).into_iter().for_each(f);
                false
            }
            Self::ValueCounts(column) => column.each_kept(group, f),
            Self::Exemplar(column) => {
                column.each_whole(group, f);
                false
            }
            Self::Bools(column) => {
                let seen = [column.all(group).map(|all| !all), column.any(group)];
                let held = [false, true].into_iter().zip(seen).filter(|&(_, seen)| seen == Some(true));
                held.for_each(|(value, _)| f(Scalar::Bool(value)));
                true
            }
            _ => false,
        }
    }

    /// How many values a group that was read last can have seen.
    #[must_use]
    pub fn seen(&self, group: usize) -> Seen {
        match self {
            Self::Count(column) => Seen::exactly(column.count(group)),
            Self::Histogram(column) => column.ends_read().map_or(Seen::ANY, |ends| Seen::exactly(ends.count())),
            Self::ValueCounts(column) => Seen::exactly(column.total(group)),
            Self::Extremum(column) => Seen::at_least(u64::from(column.value(group).is_some())),
            Self::Distinct(column) => Seen::at_least(column.least_read(group)),
            Self::Exemplar(column) => Seen::at_least(column.rows(group) as u64),
            Self::Bools(column) => {
                let both = column.all(group) != column.any(group);
                Seen::at_least(u64::from(column.any(group).is_some()) + u64::from(both))
            }
            Self::TDigest(column) => Seen::at_least(column.count(group).min(1)),
            // rows without what orders are not seen, so nothing seen is nothing told
            Self::Edge(column) => Seen { least: u64::from(column.value(group).is_some()), most: u64::MAX },
            // zero is a sum like others; that nothing sums to nothing is seen when it is read
            Self::SumFloat(_) | Self::SumInt(_) | Self::SumSquaresFloat(_) | Self::SumSquaresInt(_) => Seen::ANY,
        }
    }
}
