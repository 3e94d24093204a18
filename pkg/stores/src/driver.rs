//! What a store needs of a database.

use crate::engine::SqlValue;
use isofold::Result;
use isofold_facade::{Batch, Cell, ColumnBuilder};

/// Rows that are handed to the kernel at once.
pub const BATCH_ROWS: usize = 20_000;

/// A connection that runs the kernel's statements as they are.
pub trait Driver: Send {
    /// The dialect, as the kernel names it: `sqlite` or `postgres`.
    fn dialect(&self) -> &'static str;

    /// Makes sure that the connection is in no transaction.
    ///
    /// **Errors** `store.database`.
    fn start(&mut self) -> Result<()>;

    /// Runs a statement and gives all its rows.
    ///
    /// **Errors** `store.database`.
    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>>;

    /// Runs a statement inside a transaction and hands its rows over in batches, holding one at a time.
    ///
    /// **Errors** `store.database`, and those of `fold`.
    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()>;

    /// Ends a transaction, where there is one, and never fails.
    fn rollback(&mut self);

    /// Whether the connection is known to be lost; nothing is asked of the database.
    fn is_lost(&self) -> bool {
        false
    }
}

/// Rows as they come, to be handed over as columns.
#[derive(Debug)]
pub struct RowBuffer<'n> {
    names: &'n [String],
    columns: Vec<ColumnBuilder<'static>>,
    rows: usize,
}

impl<'n> RowBuffer<'n> {
    /// No rows yet of columns with these names.
    #[must_use]
    pub fn new(names: &'n [String]) -> Self {
        Self { names, columns: vec![ColumnBuilder::new(); names.len()], rows: 0 }
    }

    /// Puts the next cell of a row into a column.
    pub fn push(&mut self, column: usize, cell: Cell<'_>) {
        let Some(column) = self.columns.get_mut(column) else { return };
        match cell {
            Cell::Text(text) => column.push_text(&text),
            cell => column.push(cell.into_owned()),
        }
    }

    /// Ends a row, and hands the rows over when they are a batch.
    ///
    /// **Errors** those of `fold`.
    pub fn end_row(&mut self, fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.rows += 1;
        if self.rows < BATCH_ROWS {
            return Ok(());
        }
        self.flush(fold)
    }

    /// Hands over what is left.
    ///
    /// **Errors** those of `fold`.
    pub fn flush(&mut self, fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let columns = self.names.iter().zip(&mut self.columns);
        fold(&Batch::from_columns(columns.map(|(name, column)| (name.clone(), std::mem::take(column).finish())))?)
    }
}

/// What a database says when it refuses.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn refused(error: impl std::fmt::Display) -> isofold::Error {
    isofold::Error::new(isofold::Code::StoreDatabase, error.to_string())
}

/// What a database says when others hold what is asked for.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn busy(error: impl std::fmt::Display) -> isofold::Error {
    isofold::Error::new(isofold::Code::StoreBusy, error.to_string())
}
