//! PostgreSQL through the crate `postgres`.

mod cell;
mod parameter;

use crate::driver::{Driver, RowBuffer, BATCH_ROWS};
use crate::engine::SqlValue;
use ::postgres::error::SqlState;
use ::postgres::types::Type;
use ::postgres::{Client, Config, NoTls};
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

    /// Connects to a URL, or to `key=value` words, without TLS. What neither tells is taken from the variables `PGHOST`,
    /// `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE` and `PGOPTIONS`, as every client of PostgreSQL does.
    ///
    /// **Errors** `store.database`.
    pub fn connect(url: &str) -> Result<Self> {
        let mut config: Config = url.parse().map_err(|_| {
            // a message of the parser may repeat the text, which may hold a password
            crate::driver::refused("the URL or connection string of the database cannot be read")
        })?;
        fill_in(&mut config, &|name| std::env::var(name).ok())?;
        config.connect(NoTls).map(Self::new).map_err(|error| refused(&error))
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
        // nothing is prepared under a name: a pool of transactions gives the next one to another server
        let parameters = parameters.iter().map(|value| (Parameter(value), Type::UNKNOWN));
        let mut rows = self.client.query_typed_raw(sql, parameters).map_err(|error| refused(&error))?;
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

    fn is_lost(&self) -> bool {
        self.client.is_closed()
    }
}

/// Takes from the variables of the environment what a connection string leaves open.
fn fill_in(config: &mut Config, variable: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host(&variable("PGHOST").unwrap_or_else(|| "localhost".into()));
    }
    if config.get_ports().is_empty() {
        if let Some(port) = variable("PGPORT") {
            config.port(port.parse().map_err(|_| crate::driver::refused("PGPORT is not the number of a port"))?);
        }
    }
    if let (None, Some(user)) = (config.get_user(), variable("PGUSER").or_else(|| variable("USER"))) {
        config.user(&user);
    }
    if let (None, Some(password)) = (config.get_password(), variable("PGPASSWORD")) {
        config.password(password);
    }
    if let (None, Some(database)) = (config.get_dbname(), variable("PGDATABASE")) {
        config.dbname(&database);
    }
    if let (None, Some(options)) = (config.get_options(), variable("PGOPTIONS")) {
        config.options(&options);
    }
    Ok(())
}

/// A value of one of the kernel's own statements.
fn value(row: &::postgres::Row, at: usize) -> Result<SqlValue> {
    if row.columns()[at].type_() == &Type::BYTEA {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Config {
        let mut config: Config = text.parse().expect("a connection string");
        let variable = |name: &str| {
            let known =
                [("PGHOST", "db"), ("PGPORT", "6543"), ("PGUSER", "u"), ("PGPASSWORD", "p"), ("PGDATABASE", "d")];
            known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        fill_in(&mut config, &variable).expect("variables");
        config
    }

    #[test]
    fn variables_fill_in_what_a_connection_string_leaves_open() {
        for text in ["postgresql://", ""] {
            let config = filled(text);
            assert_eq!(
                (config.get_user(), config.get_dbname(), config.get_ports()),
                (Some("u"), Some("d"), &[6543][..])
            );
            assert_eq!(config.get_password(), Some(&b"p"[..]));
            assert_eq!(config.get_hosts().len(), 1);
        }
        let config = filled("host=here port=1 user=me dbname=mine password=secret");
        assert_eq!((config.get_user(), config.get_dbname(), config.get_ports()), (Some("me"), Some("mine"), &[1][..]));
        assert_eq!(config.get_password(), Some(&b"secret"[..]));
    }

    #[test]
    fn no_message_repeats_a_password() {
        for text in ["postgresql://u:hunter2@[", "host=x password=hunter2 port=notaport", "password='hunter2"] {
            let error = PostgresDriver::connect(text).expect_err(text);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
