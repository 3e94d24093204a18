//! SQLite through `rusqlite`.

use crate::driver::{busy, refused, Driver, RowBuffer};
use crate::engine::SqlValue;
use isofold::{Code, Error, Result};
use isofold_facade::{Batch, Cell};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{params_from_iter, Connection, ErrorCode, ToSql};
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// For how long one writer waits for another.
const BUSY: Duration = Duration::from_secs(60);

/// A connection of `rusqlite`.
#[derive(Debug)]
pub struct SqliteDriver {
    connection: Connection,
}

impl SqliteDriver {
    /// A driver on an open connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Opens a file, which is made when it is not there; a writer waits a minute for another.
    ///
    /// **Errors** `store.database`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let opened = Connection::open(path).and_then(|connection| {
            connection.busy_timeout(BUSY)?;
            Ok(connection)
        });
        opened.map(Self::new).map_err(|error| refused(format!("{}: {error}", path.display())))
    }

    /// The connection.
    #[must_use]
    pub fn into_inner(self) -> Connection {
        self.connection
    }
}

impl Driver for SqliteDriver {
    fn dialect(&self) -> &'static str {
        "sqlite"
    }

    fn start(&mut self) -> Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        Err(Error::new(Code::StoreDatabase, "the connection is inside a transaction of its own"))
    }

    fn run(&mut self, sql: &str, parameters: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(parameters.iter().map(Parameter))).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let cells = (0..width).map(|at| row.get_ref(at).map_err(refused).and_then(value));
            all.push(cells.collect::<Result<_>>()?);
        }
        Ok(all)
    }

    fn stream(&mut self, sql: &str, columns: &[String], fold: &mut dyn FnMut(&Batch<'_>) -> Result<()>) -> Result<()> {
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut buffer = RowBuffer::new(columns);
        while let Some(row) = rows.next().map_err(failed)? {
            for at in 0..columns.len() {
                buffer.push(at, cell(row.get_ref(at).map_err(refused)?));
            }
            buffer.end_row(fold)?;
        }
        buffer.flush(fold)
    }

    fn rollback(&mut self) {
        if !self.connection.is_autocommit() {
            // a connection that cannot roll back holds nothing that it could commit
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

fn failed(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => busy(error),
        _ => refused(error),
    }
}

struct Parameter<'a>(&'a SqlValue);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            SqlValue::Null => ValueRef::Null,
            SqlValue::Bool(value) => ValueRef::Integer((*value).into()),
            SqlValue::Int64(value) => ValueRef::Integer(*value),
            SqlValue::Float64(value) => ValueRef::Real(*value),
            SqlValue::Text(text) => ValueRef::Text(text.as_bytes()),
            SqlValue::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(value: ValueRef<'_>) -> Result<SqlValue> {
    Ok(match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(value) => SqlValue::Int64(value),
        ValueRef::Real(value) => SqlValue::Float64(value),
        ValueRef::Text(text) => SqlValue::Text(std::str::from_utf8(text).map_err(refused)?.to_owned()),
        ValueRef::Blob(bytes) => SqlValue::Bytes(bytes.to_vec()),
    })
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int64(value),
        ValueRef::Real(value) => Cell::Number(value.to_bits()),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Cell::Text(Cow::Borrowed(text)),
            Err(_) => Cell::Other(Cow::Borrowed("a text that is not UTF-8")),
        },
        ValueRef::Blob(_) => Cell::Other(Cow::Borrowed("bytes")),
    }
}
