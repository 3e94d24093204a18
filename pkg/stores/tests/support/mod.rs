//! A table of requests in each database, its catalog, and what its rows fold to.

use isofold::query::Frame;
use isofold_facade::{Batch, Cell, ColumnBuilder};
use isofold_reference::skip::skipped;
use postgres::{Client, NoTls};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

pub const NOW: &str = "2026-11-03T10:30:00Z";

const COLUMNS: &str = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;

const SELECT: &str = r#"{
    "requests": "count(*)", "failures": "count(*) filter (where not ok)", "avg_ms": "avg(ms)",
    "p95_ms": "approx_percentile(0.95, percentile_agg(ms))", "users": "approx_count_distinct(user_id)",
    "top": "topn(value_counts(user_id), 2)", "ever_ok": "bool_or(ok)", "last_seen": "max(ts)"
}"#;

#[derive(Clone, Debug)]
pub struct Row {
    pub ts: String,
    pub model: Option<String>,
    pub user: Option<i64>,
    pub ms: Option<f64>,
    pub ok: Option<bool>,
}

pub fn rows() -> Vec<Row> {
    let start = micros("2026-11-01").expect("a time");
    let row = |i: i64| Row {
        ts: isofold::time::format_timestamp(start + i * 83_250_000),
        model: (i % 11 != 0).then(|| ["gpt", "claude", "o'möbius\\"][(i % 3) as usize].to_owned()),
        user: (i % 7 != 0).then_some(i * i % 1013),
        ms: (i % 13 != 0).then(|| format!("{i}.25").parse().expect("a number")),
        ok: (i % 17 != 0).then_some(i % 5 != 0),
    };
    (0..2500).map(row).collect()
}

pub fn spec(name: &str, bucket: &str) -> String {
    format!(
        r#"{{"name": "{name}", "columns": {COLUMNS}, "time": "ts", "bucket": "{bucket}", "group_by": ["model"], "select": {SELECT}}}"#
    )
}

pub fn catalog(changes: &str) -> String {
    let (hours, days) = (spec("hours", "1 hour"), spec("days", "1 day"));
    format!(
        r#"{{"source": {{"table": "requests", "columns": {COLUMNS}, "time": "ts", "changes": "{changes}"}},
            "rollups": [{{"spec": {hours}, "refresh": {{"start_offset": "3 days", "schedule_interval": "1 hour"}}}},
                        {{"spec": {days}, "from": "hours"}}]}}"#
    )
}

pub fn micros(text: &str) -> Option<i64> {
    isofold::time::parse_timestamp(text).ok()
}

fn of_rows(spec: &str, rows: &[Row]) -> isofold_facade::Rollup {
    let mut columns = vec![ColumnBuilder::new(); 5];
    for row in rows {
        let number = |value: f64| Cell::Number(value.to_bits());
        let cells = [
            Cell::Text(row.ts.as_str().into()),
            row.model.as_deref().map_or(Cell::Null, |model| Cell::Text(model.into())),
            row.user.map_or(Cell::Null, Cell::Int64),
            row.ms.map_or(Cell::Null, number),
            row.ok.map_or(Cell::Null, Cell::Bool),
        ];
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
    let names = ["ts", "model", "user_id", "ms", "ok"].map(str::to_owned);
    let columns = columns.into_iter().map(ColumnBuilder::finish);
    let mut rollup = isofold_facade::Rollup::new(spec).expect("a spec");
    rollup.ingest(&Batch::from_columns(names.into_iter().zip(columns)).expect("rows")).expect("they fit");
    rollup
}

/// What the rows give when they are folded from the first to the last.
pub fn folded(spec: &str, rows: &[Row]) -> isofold::Rollup {
    of_rows(spec, rows).into_kernel()
}

/// The answer of rows folded as they are.
pub fn queried(spec: &str, rows: &[Row], query: &str) -> Frame {
    of_rows(spec, rows).query(query).expect("an answer").into_kernel()
}

/// Both databases, each with an empty table of requests; PostgreSQL where `ISOFOLD_POSTGRES` is.
pub fn databases() -> Vec<Database> {
    let mut all = vec![Database::sqlite()];
    match std::env::var("ISOFOLD_POSTGRES") {
        Ok(url) => all.push(Database::postgres(&url)),
        Err(_) => skipped("stores on PostgreSQL", "ISOFOLD_POSTGRES is not set: tools/postgres.sh"),
    }
    all
}

pub struct Database {
    pub kind: &'static str,
    pub target: String,
    /// What the table holds.
    pub rows: Vec<Row>,
    connection: Connection,
}

enum Connection {
    Sqlite(rusqlite::Connection, PathBuf),
    Postgres(Box<Client>),
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Database {
    fn sqlite() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("isofold-{}-{number}.db", std::process::id()));
        let connection = rusqlite::Connection::open(&path).expect("a file");
        connection
            .execute_batch(
                "CREATE TABLE requests (ts TEXT, model TEXT, user_id INTEGER, ms REAL, ok INTEGER);
                 CREATE INDEX requests_ts ON requests (ts)",
            )
            .expect("a table");
        let target = path.to_str().expect("a text").to_owned();
        Self { kind: "sqlite", target, rows: Vec::new(), connection: Connection::Sqlite(connection, path) }
    }

    fn postgres(url: &str) -> Self {
        let schema = format!("rust_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(url, NoTls).expect("a server");
        client
            .batch_execute(&format!(
                "CREATE SCHEMA {schema}; SET search_path TO {schema};
                 CREATE TABLE requests (ts timestamptz, model varchar(40), user_id numeric, ms numeric(12, 4), ok boolean)"
            ))
            .expect("a table");
        let target = format!("{url}?options=-csearch_path%3D{schema}");
        Self { kind: "postgres", target, rows: Vec::new(), connection: Connection::Postgres(Box::new(client)) }
    }

    pub fn insert(&mut self, rows: &[Row]) {
        let literal = |text: &str| format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
        match &mut self.connection {
            Connection::Sqlite(connection, _) => {
                let transaction = connection.transaction().expect("a transaction");
                for row in rows {
                    transaction
                        .prepare_cached("INSERT INTO requests VALUES (?1, ?2, ?3, ?4, ?5)")
                        .and_then(|mut insert| insert.execute((&row.ts, &row.model, row.user, row.ms, row.ok)))
                        .expect("a row");
                }
                transaction.commit().expect("committed");
            }
            Connection::Postgres(client) => {
                let null = || "NULL".to_owned();
                let tuple = |row: &Row| {
                    format!(
                        "({}, {}, {}, {}, {})",
                        literal(&row.ts),
                        row.model.as_deref().map_or_else(null, literal),
                        row.user.map_or_else(null, |user| user.to_string()),
                        row.ms.map_or_else(null, |ms| ms.to_string()),
                        row.ok.map_or_else(null, |ok| ok.to_string()),
                    )
                };
                let tuples: Vec<String> = rows.iter().map(tuple).collect();
                client.batch_execute(&format!("INSERT INTO requests VALUES {}", tuples.join(", "))).expect("rows");
            }
        }
        self.rows.extend_from_slice(rows);
    }

    /// The column `state` of a table, in any order.
    pub fn states(&mut self, table: &str) -> Vec<Vec<u8>> {
        let sql = format!("SELECT state FROM {table} ORDER BY 1");
        match &mut self.connection {
            Connection::Sqlite(connection, _) => {
                let mut statement = connection.prepare(&sql).expect("a table");
                let rows = statement.query_map([], |row| row.get(0)).expect("rows");
                rows.collect::<Result<_, _>>().expect("bytes")
            }
            Connection::Postgres(client) => {
                client.query(&sql, &[]).expect("rows").iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// The number that a statement gives.
    pub fn count(&mut self, sql: &str) -> i64 {
        match &mut self.connection {
            Connection::Sqlite(connection, _) => connection.query_row(sql, [], |row| row.get(0)).expect(sql),
            Connection::Postgres(client) => client.query_one(sql, &[]).expect(sql).get(0),
        }
    }

    /// The text that a statement gives.
    pub fn text(&mut self, sql: &str) -> String {
        match &mut self.connection {
            Connection::Sqlite(connection, _) => connection.query_row(sql, [], |row| row.get(0)).expect(sql),
            Connection::Postgres(client) => client.query_one(sql, &[]).expect(sql).get(0),
        }
    }

    /// Another client of PostgreSQL.
    pub fn another(&self) -> Client {
        Client::connect(&self.target, NoTls).expect("a server")
    }

    /// Drops the table of rows, and makes it with the same rows but the late ones.
    pub fn make_rows_anew(&mut self) {
        self.execute(
            "CREATE TABLE copy AS SELECT * FROM requests; DROP TABLE requests; ALTER TABLE copy RENAME TO requests",
        );
        self.execute("DELETE FROM requests WHERE model = 'late'");
        self.rows.retain(|row| row.model.as_deref() != Some("late"));
    }

    pub fn execute(&mut self, sql: &str) {
        match &mut self.connection {
            Connection::Sqlite(connection, _) => {
                // SQLite looks for the tables of a trigger in the schema as this connection read it last
                connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).expect("a schema");
                connection.execute_batch(sql).expect(sql);
            }
            Connection::Postgres(client) => client.batch_execute(sql).expect(sql),
        }
    }

    /// Half a user is no int64.
    pub fn make_a_row_that_does_not_fit(&mut self) {
        self.execute("INSERT INTO requests VALUES ('2026-11-03T09:00:00Z', 'odd', 0.5, NULL, NULL)");
    }

    /// Removes the rows whose time starts like this.
    pub fn remove(&mut self, start: &str) {
        let sql = match self.kind {
            "sqlite" => format!("DELETE FROM requests WHERE ts LIKE '{start}%'"),
            _ => format!(
                "DELETE FROM requests WHERE to_char(ts AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI') LIKE '{start}%'"
            ),
        };
        self.execute(&sql);
        self.rows.retain(|row| !row.ts.starts_with(start));
    }

    /// Drops the rollups and all that is known of them.
    pub fn drop_rollups(&mut self) {
        for table in ["hours", "days", "isofold_rollups", "isofold_schemas", "isofold_changes"] {
            self.execute(&format!("DROP TABLE {table}"));
        }
    }

    pub fn mend(&mut self) {
        self.execute("DELETE FROM requests WHERE model = 'odd'");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Connection::Sqlite(_, path) = &self.connection {
            drop(std::fs::remove_file(path));
        }
    }
}
