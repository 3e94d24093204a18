//! The table of rows in a database, and the statements that write it.

use super::step::{History, Write};
use isofold::time::format_timestamp;
use isofold_stores::{Driver, PostgresDriver, SqlValue, SqliteDriver};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

pub const MINUTE_US: i64 = 60_000_000;
/// 2026-11-01, a day on which Berlin has 24 hours and that follows one of 25.
pub const START: i64 = 1_793_491_200_000_000;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Where the databases are.
#[derive(Clone, Debug)]
pub enum Place {
    Sqlite(PathBuf),
    Postgres { url: String, schema: String },
}

/// A row as the table has it.
#[derive(Clone, Debug)]
pub struct Row {
    pub us: i64,
    pub model: Option<String>,
    pub user: Option<i64>,
    /// Whether the table has half a user, which fits no rollup that reads it.
    pub is_half: bool,
    pub ms: Option<f64>,
    pub ok: Option<bool>,
}

pub struct World {
    pub place: Place,
    pub direct: Box<dyn Driver>,
    is_logged: bool,
    is_other_shape: bool,
    spelling: u8,
    next: i64,
    /// The clock of the history, in µs.
    pub now: i64,
}

impl World {
    pub fn new(history: &History, postgres: Option<&str>) -> Self {
        let name = format!("history_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let place = match postgres {
            Some(url) => Place::Postgres { url: url.to_owned(), schema: name },
            None => Place::Sqlite(std::env::temp_dir().join(format!("{name}.db"))),
        };
        if let Place::Postgres { url, schema } = &place {
            let mut first = PostgresDriver::connect(url).expect("a server");
            first.run(&format!("CREATE SCHEMA {schema}"), &[]).expect("a schema");
        }
        let direct = connect(&place);
        let (is_logged, is_other_shape) = (history.is_logged, history.is_other_shape);
        let now = START + 5 * 24 * 60 * MINUTE_US + 37 * MINUTE_US;
        let mut world = Self { place, direct, is_logged, is_other_shape, spelling: history.spelling, next: 1, now };
        let columns = "ts timestamptz, model text, user_id numeric, ms numeric(12, 4), ok boolean";
        let make = match (&world.place, is_other_shape) {
            (Place::Sqlite(_), other) => {
                let time = if other { "INTEGER" } else { "TEXT" };
                vec![
                    format!("CREATE TABLE requests (id INTEGER PRIMARY KEY, ts {time}, model TEXT, user_id INTEGER, ms REAL, ok INTEGER)"),
                    "CREATE INDEX requests_ts ON requests (ts)".to_owned(),
                ]
            }
            (Place::Postgres { .. }, false) => vec![
                format!("CREATE TABLE requests (id bigint PRIMARY KEY, {columns})"),
                "CREATE INDEX requests_ts ON requests (ts)".to_owned(),
            ],
            (Place::Postgres { .. }, true) => vec![
                format!("CREATE TABLE requests (id bigint, {columns}) PARTITION BY RANGE (ts)"),
                "CREATE TABLE early PARTITION OF requests FOR VALUES FROM (MINVALUE) TO ('2026-11-04')".to_owned(),
                "CREATE TABLE later PARTITION OF requests DEFAULT".to_owned(),
            ],
        };
        world.run_all(&make);
        world
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.place, Place::Sqlite(_))
    }

    pub fn kind(&self) -> &'static str {
        self.direct.dialect()
    }

    pub fn run(&mut self, sql: &str) -> Vec<Vec<SqlValue>> {
        self.direct.run(sql, &[]).unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    pub fn run_all(&mut self, statements: &[String]) {
        statements.iter().for_each(|sql| drop(self.run(sql)));
    }

    pub fn at(&self, back: i64) -> i64 {
        self.now - back * MINUTE_US
    }

    /// A time as the table has it; texts of SQLite in one of several spellings, as one application writes them.
    fn time(&self, us: i64) -> String {
        let text = format_timestamp(us);
        match (&self.place, self.is_other_shape) {
            (Place::Sqlite(_), true) => (us.div_euclid(1000)).to_string(),
            (Place::Sqlite(_), false) => {
                let plain = text.trim_end_matches('Z');
                let east = format_timestamp(us + 330 * MINUTE_US);
                match self.spelling {
                    0 => format!("'{text}'"),
                    1 => format!("'{}'", plain.replace('T', " ")),
                    2 => format!("'{plain}+00:00'"),
                    _ => format!("'{}+05:30'", east.trim_end_matches('Z')),
                }
            }
            (Place::Postgres { .. }, _) => format!("'{text}'"),
        }
    }

    fn tuple(&mut self, us: i64) -> String {
        let id = self.next;
        self.next += 1;
        let us = us + id * 7919 % 60_000 * 1000 + if id % 3 == 0 { 0 } else { id % 1000 };
        let time = self.time(us);
        let model = ["'a'", "'b'", "NULL"][(id % 3) as usize];
        let user = if id % 7 == 0 { "NULL".to_owned() } else { (id * id % 23).to_string() };
        let ms = if id % 11 == 0 { "NULL".to_owned() } else { format!("{}.25", id * 37 % 500) };
        let ok = match (id % 5, self.is_sqlite()) {
            (0, _) => "NULL",
            (1 | 2, true) => "0",
            (_, true) => "1",
            (1 | 2, false) => "false",
            (_, false) => "true",
        };
        format!("({id}, {time}, {model}, {user}, {ms}, {ok})")
    }

    pub fn insert(&mut self, back: i64, count: i64, apart: i64) -> String {
        let tuples: Vec<String> = (0..count).map(|i| self.tuple(self.at(back) + i * apart * MINUTE_US)).collect();
        format!("INSERT INTO requests VALUES {}", tuples.join(", "))
    }

    /// The statements of a write, in one transaction.
    pub fn statements(&mut self, write: &Write) -> Vec<String> {
        let picked = |every: &i64, rest: &i64| format!("id % {every} = {rest}");
        let truncate = if self.is_sqlite() { "DELETE FROM requests" } else { "TRUNCATE requests" }.to_owned();
        match write {
            Write::Insert { back, count, apart } => vec![self.insert(*back, *count, *apart)],
            Write::Change { every, rest } => {
                vec![format!("UPDATE requests SET ms = ms + 1 WHERE {}", picked(every, rest))]
            }
            Write::Move { every, rest, back } => {
                let time = self.time(self.at(*back));
                vec![format!("UPDATE requests SET ts = {time} WHERE {}", picked(every, rest))]
            }
            Write::Delete { every, rest } => vec![format!("DELETE FROM requests WHERE {}", picked(every, rest))],
            Write::DeleteRange { back, minutes } => {
                let (start, end) = (self.time(self.at(*back)), self.time(self.at(*back - *minutes)));
                vec![format!("DELETE FROM requests WHERE ts >= {start} AND ts < {end}")]
            }
            Write::Truncate => vec![truncate],
            Write::Reload => vec![
                "BEGIN".to_owned(),
                "CREATE TEMP TABLE copied AS SELECT * FROM requests".to_owned(),
                truncate,
                "INSERT INTO requests SELECT * FROM copied".to_owned(),
                "DROP TABLE copied".to_owned(),
                "COMMIT".to_owned(),
            ],
            Write::Replace { every, rest, back } => {
                let (time, rows) = (self.time(self.at(*back)), picked(every, rest));
                vec![match (self.is_sqlite(), self.is_other_shape) {
                    (true, _) => format!("INSERT OR REPLACE INTO requests SELECT id, {time}, model, user_id, ms, ok FROM requests WHERE {rows}"),
                    (false, false) => format!(
                        "INSERT INTO requests SELECT id, {time}, model, user_id, ms, ok FROM requests WHERE {rows} \
                         ON CONFLICT (id) DO UPDATE SET ts = excluded.ts, ms = 3"
                    ),
                    (false, true) => format!("UPDATE requests SET ts = {time} WHERE {rows}"),
                }]
            }
            Write::Below { back } => {
                let insert = self.insert(*back, 1, 0);
                let is_early = self.at(*back) < START + 3 * 24 * 60 * MINUTE_US - MINUTE_US;
                let partition = if is_early { "INTO early" } else { "INTO later" };
                let is_below = !self.is_sqlite() && self.is_other_shape;
                vec![if is_below { insert.replace("INTO requests", partition) } else { insert }]
            }
            Write::Misfit { back } => {
                let (id, time) = (self.next, self.time(self.at(*back)));
                self.next += 1;
                vec![format!("INSERT INTO requests VALUES ({id}, {time}, 'a', 0.5, 1.5, NULL)")]
            }
            Write::NoTime => {
                let id = self.next;
                self.next += 1;
                vec![format!("INSERT INTO requests VALUES ({id}, NULL, 'a', 1, 1.5, NULL)")]
            }
        }
    }

    /// All rows that have a time.
    pub fn rows(&mut self) -> Vec<Row> {
        let time = if self.is_sqlite() { "ts" } else { "(extract(epoch FROM ts) * 1000000)::bigint" };
        let number = if self.is_sqlite() { "ms" } else { "ms::float8" };
        let found =
            self.run(&format!("SELECT {time}, model, user_id, {number}, ok, user_id <> CAST(user_id AS integer) FROM requests WHERE ts IS NOT NULL"));
        let is_ms = self.is_sqlite() && self.is_other_shape;
        found.iter().map(|row| read_row(row, is_ms)).collect()
    }

    pub fn is_logged(&self) -> bool {
        self.is_logged
    }
}

fn read_row(row: &[SqlValue], is_ms: bool) -> Row {
    Row {
        us: match &row[0] {
            SqlValue::Int64(at) => *at * if is_ms { 1000 } else { 1 },
            SqlValue::Text(text) => isofold::time::parse_timestamp(text).expect("a time"),
            other => panic!("{other:?}"),
        },
        model: match &row[1] {
            SqlValue::Text(text) => Some(text.clone()),
            _ => None,
        },
        user: match &row[2] {
            SqlValue::Int64(user) => Some(*user),
            _ => None,
        },
        is_half: matches!(row[5], SqlValue::Bool(true) | SqlValue::Int64(1)),
        ms: match &row[3] {
            SqlValue::Float64(ms) => Some(*ms),
            SqlValue::Null => None,
            other => panic!("{other:?}"),
        },
        ok: match &row[4] {
            SqlValue::Bool(ok) => Some(*ok),
            SqlValue::Int64(ok) => Some(*ok == 1),
            _ => None,
        },
    }
}

/// A connection of its own.
pub fn connect(place: &Place) -> Box<dyn Driver> {
    match place {
        Place::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("a file");
            connection.busy_timeout(std::time::Duration::from_secs(5)).expect("patience");
            // what is lost when the machine dies is no loss here
            connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY").expect("pragmas");
            Box::new(SqliteDriver::new(connection))
        }
        Place::Postgres { url, schema } => {
            let url = format!("{url}?options=-csearch_path%3D{schema}");
            Box::new(PostgresDriver::connect(&url).expect("a server"))
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        match &self.place {
            Place::Sqlite(path) => drop(std::fs::remove_file(path)),
            Place::Postgres { schema, .. } => {
                drop(self.direct.run(&format!("DROP SCHEMA {schema} CASCADE"), &[]));
            }
        }
    }
}
