//! Specs, queries and options as JSON, with every problem of a document reported at once.
//!
//! The one idea: reading never stops at the first problem. A reading collects them, each with
//! the path of its place (`spec.select.p95`), and the document is refused as a whole.
//!
//! Not here: whether a column, an expression or a bucket makes sense; the kernel decides that.

mod document;
mod options;
mod problem;
mod query;
mod reading;
mod spec;
mod text;
mod value;

pub use document::Document;
#[cfg(feature = "rows")]
pub use options::rows_options;
pub use options::{
    budget, coarsening, ingest_options, instant, range, stored_rows, Coarsening, Duplicates, IngestOptions,
};
pub use problem::error_json;
pub use query::query_source;
pub use reading::{join, Codes, Fields, Reading};
pub use spec::{spec_json, spec_source};
pub use text::NotJson;
pub use value::Json;
