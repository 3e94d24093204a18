//! The mergeable states: what a rollup keeps of its rows.
//!
//! The one idea: every state is a commutative monoid with one canonical spelling in bytes, so that any order, split
//! or merge tree of the rows gives the same bytes.
//!
//! Not here: which states a spec needs (`spec`), which rows and groups there are (`table`).

pub mod bools;
pub mod column;
pub mod count;
pub mod distinct;
pub mod edge;
pub mod exemplar;
pub mod extremum;
pub mod histogram;
pub mod kind;
mod order_key;
#[cfg(test)]
mod properties;
pub mod sum_float;
pub mod sum_int;
pub mod sum_squares_float;
pub mod sum_squares_int;
mod tally;
pub mod tdigest;
pub mod value_counts;
mod window;

pub use column::{StateColumn, NO_GROUP};
pub use edge::Edge;
pub use extremum::Extreme;
pub use histogram::HistogramColumn;
pub use kind::StateKind;

/// Which rows of a batch a state sees, and the group of each.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The group of each row; anything for a row that is not present.
    pub groups: &'a [u32],
    /// `false` for rows to leave out (NULL, NaN, filtered); `None` when every row counts.
    pub present: Option<&'a [bool]>,
}

impl Rows<'_> {
    /// Calls `f(row, group)` for every present row.
    #[inline(always)]
    pub fn for_each(&self, mut f: impl FnMut(usize, usize)) {
        match self.present {
            None => {
                for (row, &group) in self.groups.iter().enumerate() {
                    f(row, group as usize);
                }
            }
            Some(present) => {
                for (row, (&group, &there)) in self.groups.iter().zip(present).enumerate() {
                    if there {
                        f(row, group as usize);
                    }
                }
            }
        }
    }
}
