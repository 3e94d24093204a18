//! PostgreSQL through the crate `postgres`.

mod cell;
mod parameter;

use crate::driver::{Driver, RowBuffer, BATCH_ROWS};
use crate::engine::SqlValue;
use ::postgres::error::SqlState;
use ::postgres::types::ToSql;
use ::postgres::{Client, NoTls};
use cell::PostgresCell;
use fallible_iterator::FallibleIterator;
use isofold::{Code, Error, Result};
use isofold_facade::{Batch, Cell};
use parameter::Parameter;
use std::fmt;

const CURSOR: &str = "isofold_rows";

/// A client of `postgres`, in no transaction.
pub struct PostgresDriver {
    client: Client,
}

impl fmt::Debug for PostgresDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDriver").finish_non_exhaustive()
    }
}

impl PostgresDriver {
    /// A driver on a client, which may use TLS.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Connects to a URL, or to `key=value` words, without TLS.
    ///
    /// **Errors** `store.database`.
    pub fn connect(url: &str) -> Result<Self> {
        Client::connect(url, NoTls).map(Self::new).map_err(|error| refused(&error))
    }

    /// The client.
    #[must_use]
    pub fn into_inner(self) -> Client {
        self.client
    }

    /// Runs a statement, gives each row to `take`, and tells how many there were.
    fn each_row(
        &mut self,
        sql: &str,
        parameters: &[SqlValue],
        mut take: impl FnMut(usize, &::postgres::Row) -> Result<()>,
    ) -> Result<usize> {
        let parameters: Vec<Parameter<'_>> = parameters.iter().map(Parameter).collect();
        let parameters = parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync));
        let mut rows = self.client.query_raw(sql, parameters).map_err(|error| refused(&error))?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(|error| refused(&error))? {
            take(row.len(), &row)?;
            count += 1;
        }
        Ok(count)
    }
}

impl Driver for PostgresDriver {
    fn dialect(&self) -> &'static str {
        "postgres"
    }

    fn start(&mut self) -> Result<()> {
        Ok(())
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        let mut all = Vec::new();
        self.each_row(sql, parameters, |width, row| {
            all.push((0..width).map(|at| value(row, at)).collect::<Result<_>>()?);
            Ok(())
        })?;
        Ok(all)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.run(&format!("DECLARE {CURSOR} NO SCROLL CURSOR FOR {sql}"), &[])?;
        let fetch = format!("FETCH FORWARD {BATCH_ROWS} FROM {CURSOR}");
        let mut buffer = RowBuffer::new(columns);
        loop {
            let fetched = self.each_row(&fetch, &[], |_, row| {
                for at in 0..columns.len() {
                    let cell: PostgresCell<'_> = row.try_get(at).map_err(|error| refused(&error))?;
                    buffer.push(at, cell.0);
                }
                buffer.end_row(fold)
            })?;
            if fetched < BATCH_ROWS {
                break;
            }
        }
        buffer.flush(fold)?;
        self.run(&format!("CLOSE {CURSOR}"), &[]).map(drop)
    }

    fn rollback(&mut self) {
        // the server rolls back what a broken connection leaves
        drop(self.client.batch_execute("ROLLBACK"));
    }
}

/// A value of one of the kernel's own statements.
fn value(row: &::postgres::Row, at: usize) -> Result<SqlValue> {
    if row.columns()[at].type_() == &::postgres::types::Type::BYTEA {
        let bytes: Option<Vec<u8>> = row.try_get(at).map_err(|error| refused(&error))?;
        return Ok(bytes.map_or(SqlValue::Null, SqlValue::Bytes));
    }
    let cell: PostgresCell<'_> = row.try_get(at).map_err(|error| refused(&error))?;
    Ok(match cell.0 {
        Cell::Null => SqlValue::Null,
        Cell::Bool(value) => SqlValue::Bool(value),
        Cell::Int64(value) => SqlValue::Int64(value),
        Cell::Number(bits) => SqlValue::Float64(f64::from_bits(bits)),
        Cell::Text(text) => SqlValue::Text(text.into_owned()),
        other => {
            let text = format!("the server returned {other}, which no statement asks for");
            return Err(Error::new(Code::StoreValue, text));
        }
    })
}

/// What the server says, or why it cannot be reached.
fn refused(error: &::postgres::Error) -> Error {
    let text = match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(refusal), _) => refusal.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    };
    let is_busy =
        error.code().is_some_and(|code| [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].contains(code));
    if is_busy {
        return crate::driver::busy(text);
    }
    crate::driver::refused(text)
}
