//! A catalog as its author wrote it: texts, nothing checked.

use super::shape::ShapeSource;
use crate::spec::SpecSource;
use alloc::string::String;
use alloc::vec::Vec;

/// How changes of rows below the watermark become known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Everything from `start_offset` on is looked at again; older changes are told by hand.
    Unlogged,
    /// A trigger logs them, and nothing else is looked at again.
    Logged,
}

/// What a row does that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowErrors {
    /// It is left out whole, and counted.
    #[default]
    Skip,
    /// It ends the refresh of its rollup.
    Stop,
}

/// The table of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSource {
    /// The name of the table or view.
    pub table: String,
    /// The schema of the source and of all tables of the catalog; the connection's own when absent.
    pub schema: Option<String>,
    /// Column name and type name.
    pub columns: Vec<(String, String)>,
    /// The timestamp column that decides the bucket.
    pub time: String,
    /// How long rows are kept.
    pub retention: Option<String>,
    /// How changes become known; by a trigger where the table can have one, when absent.
    pub changes: Option<Changes>,
    /// What a row does that does not fit.
    pub row_errors: RowErrors,
}

/// One rollup of a catalog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RollupSource {
    /// The spec; without columns and time those of the table are meant.
    pub spec: SpecSource,
    /// How its table looks.
    pub table: ShapeSource,
    /// The finer rollup that it is built from, instead of rows.
    pub from: Option<String>,
    /// How far back rows may still change.
    pub start_offset: Option<String>,
    /// How long after its end a bucket is first built.
    pub end_offset: Option<String>,
    /// How often a scheduler refreshes.
    pub schedule_interval: Option<String>,
    /// How long groups are kept.
    pub retention: Option<String>,
}

/// What a catalog says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CatalogSource {
    /// The rows.
    pub source: TableSource,
    /// The rollups.
    pub rollups: Vec<RollupSource>,
}
