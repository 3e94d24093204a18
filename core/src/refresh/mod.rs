//! What has to be done to keep rollups fresh, and which of them answer a question.
//!
//! The one idea: the kernel plans, hosts do I/O. A catalog says what is kept; plans are functions of it, of what is
//! stored, and of the time that the host tells.
//!
//! Not here: statements (`sql`), databases and clocks (hosts), JSON (facade).

mod catalog;
mod cover;
mod plan;
mod shape;
mod source;
mod sql_type;
mod stored;
mod window;

pub use catalog::{Catalog, Level, SourceTable, STATE};
pub use cover::{cover, Coverage, LevelState, Segment};
pub use plan::{plan_refresh, Policy, RefreshPlan, RefreshState};
pub use shape::{
    Adoption, ColumnKind, ColumnShape, Identity, IndexShape, IndexSource, Order, ShapeSource, TableShape, BUCKET,
};
pub use source::{CatalogSource, Changes, RollupSource, RowErrors, TableSource};
pub use sql_type::SqlType;
pub use stored::{LoadedRows, StoredRow};
pub use window::{merged, Window};
