//! The statements by which every host keeps the same tables.
//!
//! The one idea: one text for each statement and dialect, with names quoted and values as parameters, so that a host
//! only has to run it. Times are µs in parameters and in what statements return; in tables they are what people read.
//!
//! Not here: when to run what (`isofold-stores`), drivers (hosts).

mod change_log;
mod dialect;
mod held;
mod known;
mod level_table;
mod nearest;
mod own_log;
mod own_tables;
mod printer;
mod runs;
mod set_aside;
mod shape;
mod source_rows;
mod transactions;
mod watching;

pub use change_log::{Followed, LogTriggers};
pub use dialect::Dialect;
pub use held::HeldTypes;
pub use level_table::LevelTable;
pub use own_tables::{OwnTables, VERSION};
pub use printer::Condition;
pub use shape::KnownColumn;
pub use source_rows::{SourceRows, Taker};
