//! What every host sees of the kernel: specs and queries as JSON, columns as hosts have them, errors with codes.
//!
//! The one idea: behaviour lives here once. A binding turns its host's objects into a [`Batch`] and registers names;
//! whether `3.5` is an int64 is decided in [`conform`] for all of them.
//!
//! Not here: aggregation (`isofold`), a host's own objects (`bindings/python`, `bindings/node`, `bindings/wasm`).
// Only a host without an operating system leaves the standard library out.
#![cfg_attr(all(target_arch = "wasm32", not(feature = "std")), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod batch;
pub mod cell;
pub mod column_builder;
pub mod conform;
pub mod declared;
mod doc;
#[cfg(feature = "faults")]
pub mod fault;
#[cfg(not(feature = "faults"))]
mod fault;
pub mod frame;
#[cfg(feature = "std")]
pub mod guard;
pub mod host_column;
pub mod ingest;
pub mod interrupt;
pub mod json;
pub mod keys;
pub mod packed;
pub mod packed_frame;
pub mod rollup;
#[cfg(feature = "rows")]
mod rows;
pub mod secret;
#[cfg(feature = "std")]
pub mod shared;
mod shares;
pub mod skipped;
mod text_column;
mod threads;
pub mod unread;

pub use batch::Batch;
pub use cell::Cell;
pub use column_builder::ColumnBuilder;
pub use declared::Declared;
pub use frame::Frame;
pub use host_column::{HostColumn, HostValues};
pub use ingest::{Folded, Ingest, Source};
pub use interrupt::Interrupt;
pub use rollup::Rollup;
#[cfg(feature = "std")]
pub use shared::Shared;
pub use threads::threads;
