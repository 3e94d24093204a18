//! Arrow by PyCapsule: pyarrow, polars, duckdb and others, none of which needs to be installed.
//!
//! The one idea: the structures of the C data interface are read as strangers wrote them. Lengths, children, offsets,
//! views, codes and UTF-8 are looked at before they are used, and only in columns that somebody asks for. The interface
//! carries no sizes of buffers: that each is as long as its array says is the producer's word.

mod abi;
mod binaries;
mod column;
mod decimal;
mod layout;
mod out;
mod stream;
mod texts;
mod window;

pub use out::stream as exported;
pub use stream::{column_of, Arrays, Table};
