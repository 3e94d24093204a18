//! Between which places the values of a histogram lie, and how many there are: what its neighbours are compared with.

use super::distribution::{Distribution, Place};
use super::key::{Key, Shift};
use super::mapping::{INFINITY, SIGN};
use crate::math::Float64;

/// The number of values, and where the first and the last of them lie.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    count: u64,
    places: Option<(Place, Place)>,
    shift: Shift,
}

impl Ends {
    /// Number of values.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// Whether these can be the smallest and the largest value.
    #[must_use]
    pub fn are_of(self, min: Float64, max: Float64) -> bool {
        self.places.is_none_or(|places| places == (place_of(min, self.shift), place_of(max, self.shift)))
    }
}

impl Distribution {
    /// What it says without its inner buckets.
    #[must_use]
    pub fn ends(&self) -> Ends {
        let bucket = |entry: Option<&(Key, u64)>| entry.map(|&(key, _)| Place::Bucket(key));
        let special = |count: u64, place: Place| (count > 0).then_some(place);
        let (first, last) = (bucket(self.buckets.first()), bucket(self.buckets.last()));
        let is_negative = |place: &Place| matches!(place, Place::Bucket(key) if key.is_negative());
        let zero = special(self.zero, Place::Zero);
        let low = special(self.negative_infinity, Place::NegativeInfinity)
            .or(first.filter(is_negative))
            .or(zero)
            .or(first)
            .or(special(self.positive_infinity, Place::PositiveInfinity));
        let high = special(self.positive_infinity, Place::PositiveInfinity)
            .or(last.filter(|place| !is_negative(place)))
            .or(zero)
            .or(last)
            .or(special(self.negative_infinity, Place::NegativeInfinity));
        Ends { count: self.count(), places: low.zip(high), shift: self.shift }
    }
}

fn place_of(value: Float64, shift: Shift) -> Place {
    let bits = value.to_bits();
    match bits & !SIGN {
        0 => Place::Zero,
        INFINITY if value.is_negative() => Place::NegativeInfinity,
        INFINITY => Place::PositiveInfinity,
        _ => Place::Bucket(Key::of(bits).coarser(shift)),
    }
}
