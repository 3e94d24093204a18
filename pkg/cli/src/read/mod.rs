//! Where the rows of files come from.
//!
//! The one idea: a file is cut into blocks of whole records by one thread, and each block is read by the thread that
//! folds it; so memory does not grow with the file, and the facade alone decides which value fits which column.
//!
//! Not here: what a rollup does with rows (`isofold_facade`), what a spec says of reading (`directions`).

pub mod arrow;
pub mod blocks;
mod cells;
pub mod directions;
pub mod elements;
pub mod fields;
mod input;
mod json;
pub mod lines;
pub mod logs;
mod places;
mod rows;
mod table;
pub mod time_format;

pub use cells::CellReader;
pub use directions::Directions;
pub use input::{expand, io_words as input_words, Format, Input};
pub use places::Places;
pub use places::NULL_WORDS;
pub use rows::{Rows, Wanted};

use isofold::{Code, Error};
use std::fmt::Display;

/// A file that is not what it should be.
pub(crate) fn refused(file: &str, words: impl Display) -> Error {
    Error::new(Code::HostArgument, format!("{file}: {words}"))
}
