//! Folds rows of telemetry into rollups: per time bucket and key, mergeable states with one canonical encoding.
//!
//! The law: a [`Rollup`] is a function of the **multiset of rows** and its [`spec::Spec`]. Same rows, same bytes,
//! whatever the host, the order, the batches, the partitions, the merge tree, the thread count.
//!
//! ```
//! use isofold::batch::Batch;
//! use isofold::column::{Column, Values};
//! use isofold::query::QuerySource;
//! use isofold::spec::{Spec, SpecSource};
//! use isofold::time::BucketSource;
//! use isofold::{Rollup, Value};
//!
//! let source = SpecSource {
//!     name: "latency_1h".into(),
//!     columns: vec![("ts".into(), "timestamp".into()), ("ms".into(), "float64".into())],
//!     time: "ts".into(),
//!     bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
//!     select: vec![
//!         ("requests".into(), "count(*)".into()),
//!         ("p95_ms".into(), "approx_percentile(0.95, percentile_agg(ms))".into()),
//!     ],
//!     ..SpecSource::default()
//! };
//! let mut rollup = Rollup::new(Spec::compile(&source)?);
//! let ms: Vec<u64> = [12.0_f64, 7.5, 31.0].iter().map(|ms| ms.to_bits()).collect();
//! let batch = Batch::new(3)
//!     .with("ts", Column::new(Values::Timestamp(vec![0, 1_000_000, 3_600_000_000].into())))
//!     .with("ms", Column::new(Values::Float64(ms.into())));
//! rollup.ingest(&batch)?;
//!
//! let result = rollup.query(&QuerySource::default())?;
//! assert_eq!(result.column("requests").unwrap().values(), [Value::Int64(2), Value::Int64(1)]);
//! assert_eq!(Rollup::decode(&rollup.encode())?.digest(), rollup.digest());
//! # Ok::<(), isofold::Error>(())
//! ```
//!
//! Not here: files, clocks, threads, JSON. Hosts bring those.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod batch;
pub mod bytes;
pub mod codec;
pub mod column;
pub mod error;
pub mod expr;
pub mod limits;
pub mod math;
pub mod query;
pub mod refresh;
pub mod scalar;
pub mod secret;
pub mod sketch;
mod sort;
pub mod spec;
pub mod sql;
pub mod state;
pub mod table;
pub mod time;
pub mod value;

pub use error::{Code, Error, Result};
pub use table::{Budget, Rollup, Stats};
pub use value::{Type, Value};

/// The README's Rust, run as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The Rust of the page on decimals.
#[cfg(doctest)]
#[doc = include_str!("../../docs/decimals.md")]
pub struct Decimals;
