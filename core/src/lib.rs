#![no_std]
#![doc = "Aggregation kernel: a rollup is a function of the multiset of rows."]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bytes;
pub mod column;
pub mod error;
pub mod expr;
pub mod limits;
pub mod math;
pub mod query;
pub mod scalar;
pub mod sketch;
pub mod spec;
pub mod state;
pub mod time;
pub mod value;

pub use error::{Code, Error, Result};
pub use value::{Type, Value};
