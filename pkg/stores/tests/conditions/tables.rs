//! Two tables of hostile values, and what each value is to the kernel.

use super::choices::Choices;
use isofold::math::Float64;
use isofold::refresh::{Changes, RowErrors, SourceTable};
use isofold::time::parse_timestamp;
use isofold::value::ColumnType;
use isofold::Value;
use isofold_stores::{Driver, PostgresDriver, SqlValue, SqliteDriver};

/// A value as a statement spells it, and what it is; nothing for one that does not fit.
type Cell = (&'static str, Option<Value>);

/// A column: name, declared type, the type of the database, and its values besides NULL.
pub struct Column {
    pub name: &'static str,
    pub declared: &'static str,
    held: &'static str,
    cells: Vec<Cell>,
}

/// The values of a row by column; `None` for those that do not fit.
pub type Row = Vec<Option<Value>>;

pub struct Table {
    pub source: SourceTable,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    pub driver: Box<dyn Driver>,
}

fn int(value: i64) -> Option<Value> {
    Some(Value::Int64(value))
}

fn float(text: &str) -> Option<Value> {
    Some(Value::Float64(Float64::from_bits(text.parse::<f64>().expect("a number").to_bits())))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::String(text.into()))
}

fn time(text: &str) -> Option<Value> {
    Some(Value::Timestamp(parse_timestamp(text).expect("a time")))
}

fn decimal(units: i128) -> Option<Value> {
    Some(Value::Decimal(units, 2))
}

fn column(name: &'static str, declared: &'static str, held: &'static str, cells: Vec<Cell>) -> Column {
    Column { name, declared, held, cells }
}

fn texts() -> Vec<Cell> {
    vec![
        ("''", text("")),
        ("'a'", text("a")),
        ("'A'", text("A")),
        ("'ab'", text("ab")),
        ("'aB'", text("aB")),
        ("' a '", text(" a ")),
        ("'a%b'", text("a%b")),
        ("'a_b'", text("a_b")),
        ("'5'", text("5")),
        ("'05'", text("05")),
        ("'é'", text("é")),
        ("'É'", text("É")),
        ("'o''möbius'", text("o'möbius")),
        ("'🎈'", text("🎈")),
        ("'ﬁ'", text("ﬁ")),
        ("'[a*?]'", text("[a*?]")),
        ("'null'", text("null")),
    ]
}

const OUTSIDE_INT64: &str = "9223372036854775808";

pub fn postgres(url: &str, choices: &mut Choices) -> Table {
    let mut backslashed = texts();
    backslashed.push(("E'a\\\\b'", text("a\\b")));
    let columns = vec![
        column("b", "bool", "boolean", vec![("true", Some(Value::Bool(true))), ("false", Some(Value::Bool(false)))]),
        column(
            "i",
            "int64",
            "bigint",
            vec![
                ("0", int(0)),
                ("5", int(5)),
                ("-5", int(-5)),
                ("7", int(7)),
                ("9223372036854775807", int(i64::MAX)),
                ("'-9223372036854775808'", int(i64::MIN)),
                ("9007199254740993", int(9_007_199_254_740_993)),
            ],
        ),
        column("k", "int64", "smallint", vec![("0", int(0)), ("5", int(5)), ("-7", int(-7)), ("32767", int(32767))]),
        column(
            "j",
            "int64",
            "numeric",
            vec![
                ("0", int(0)),
                ("5.0", int(5)),
                ("-7", int(-7)),
                ("9223372036854775807", int(i64::MAX)),
                ("5.5", None),
                (OUTSIDE_INT64, None),
                ("'NaN'", None),
                ("'1e1000'", None),
            ],
        ),
        column(
            "x",
            "float64",
            "double precision",
            vec![
                ("0", float("0")),
                ("'-0'", float("0")),
                ("0.1", float("0.1")),
                ("-1.5", float("-1.5")),
                ("5", float("5")),
                ("'NaN'", Some(Value::Null)),
                ("'Infinity'", float("inf")),
                ("'-Infinity'", float("-inf")),
                ("1.7976931348623157e308", float("1.7976931348623157e308")),
                ("5e-324", float("5e-324")),
                ("9007199254740992", float("9007199254740992")),
            ],
        ),
        column(
            "y",
            "float64",
            "numeric(20, 4)",
            vec![("0.1", float("0.1")), ("5", float("5")), ("-1.5", float("-1.5")), ("'NaN'", Some(Value::Null))],
        ),
        column("f", "float64", "real", vec![("0.1", float("0.10000000149011612")), ("5", float("5"))]),
        column("s", "string", "text COLLATE \"und-x-icu\"", backslashed),
        column("t", "string", "text COLLATE folded", texts()),
        column("v", "string", "varchar(20)", texts()),
        column("c", "string", "char(3)", vec![("'a'", text("a")), ("'ab '", text("ab")), ("'5'", text("5"))]),
        column(
            "d",
            "decimal(2)",
            "numeric(10, 2)",
            vec![
                ("0", decimal(0)),
                ("0.1", decimal(10)),
                ("-1.5", decimal(-150)),
                ("5", decimal(500)),
                ("'NaN'", None),
            ],
        ),
        column(
            "w",
            "timestamp",
            "timestamptz",
            vec![
                ("'2026-11-01 00:00:00+00'", time("2026-11-01")),
                ("'2026-11-01 00:00:00.000001+00'", time("2026-11-01T00:00:00.000001Z")),
                ("'9999-12-31 23:59:59.999999+00'", time("9999-12-31T23:59:59.999999Z")),
                ("'0044-03-15 12:00:00+00 BC'", time("-0043-03-15T12:00:00Z")),
                ("'10000-01-01 00:00:00+00'", None),
                ("'infinity'", None),
                ("'-infinity'", None),
            ],
        ),
        column(
            "l",
            "timestamp",
            "timestamp",
            vec![("'2026-11-01 00:00:00'", time("2026-11-01")), ("'2026-11-02 00:00:00'", time("2026-11-02"))],
        ),
        column("m", "timestamp[ms]", "bigint", milliseconds()),
        column("n", "timestamp[ns]", "bigint", nanoseconds()),
    ];
    let mut driver = PostgresDriver::connect(url).expect("a server");
    let schema = format!("conditions_{}", std::process::id());
    for statement in [
        &*format!("CREATE SCHEMA {schema}"),
        &format!("SET search_path TO {schema}, pg_catalog"),
        "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "SET TIME ZONE 'UTC'",
    ] {
        driver.run(statement, &[]).expect(statement);
    }
    Table::new(Box::new(driver), columns, choices)
}

fn milliseconds() -> Vec<Cell> {
    vec![
        ("1793491200000", time("2026-11-01")),
        ("1793491200001", time("2026-11-01T00:00:00.001Z")),
        ("-1", time("1969-12-31T23:59:59.999Z")),
        ("253402300799999", time("9999-12-31T23:59:59.999Z")),
        ("253402300800000", None),
        ("9223372036854775807", None),
    ]
}

fn nanoseconds() -> Vec<Cell> {
    vec![
        ("1793491200000000000", time("2026-11-01")),
        ("1793491200000000001", time("2026-11-01")),
        ("1793491199999999999", time("2026-10-31T23:59:59.999999Z")),
        ("-1", time("1969-12-31T23:59:59.999999Z")),
        ("0", time("1970-01-01")),
    ]
}

pub fn sqlite(choices: &mut Choices) -> Table {
    let mut hostile = texts();
    hostile.extend([
        ("'a\\b'", text("a\\b")),
        ("'a' || char(0) || 'b'", text("a\0b")),
        ("char(0)", text("\0")),
        ("5", None),
        ("x'61'", None),
        ("1.5", None),
    ]);
    let integers = vec![
        ("0", int(0)),
        ("5", int(5)),
        ("-5", int(-5)),
        ("9223372036854775807", int(i64::MAX)),
        ("-9223372036854775807 - 1", int(i64::MIN)),
        ("9007199254740993", int(9_007_199_254_740_993)),
        ("5.5", None),
        ("'abc'", None),
        ("x'35'", None),
    ];
    let mut untyped = integers.clone();
    untyped.push(("'5'", None));
    let columns = vec![
        column(
            "b",
            "bool",
            "INTEGER",
            vec![("1", Some(Value::Bool(true))), ("0", Some(Value::Bool(false))), ("2", None), ("'x'", None)],
        ),
        column("i", "int64", "INTEGER", integers),
        column("j", "int64", "", untyped),
        column(
            "x",
            "float64",
            "REAL",
            vec![
                ("0.0", float("0")),
                ("-0.0", float("0")),
                ("0.1", float("0.1")),
                ("-1.5", float("-1.5")),
                ("5", float("5")),
                ("9e999", float("inf")),
                ("-9e999", float("-inf")),
                ("1.7976931348623157e308", float("1.7976931348623157e308")),
                ("9007199254740992.0", float("9007199254740992")),
                ("'abc'", None),
            ],
        ),
        column(
            "y",
            "float64",
            "",
            vec![
                ("5", float("5")),
                ("5.0", float("5")),
                ("-1.5", float("-1.5")),
                ("9007199254740993", None),
                ("9223372036854775807", None),
                ("'5'", None),
            ],
        ),
        column(
            "s",
            "string",
            "TEXT COLLATE NOCASE",
            hostile.iter().filter(|(sql, _)| *sql != "5" && *sql != "1.5").cloned().collect(),
        ),
        column("t", "string", "", hostile),
        column("v", "string", "INTEGER", vec![("'a'", text("a")), ("'5x'", text("5x")), ("''", text("")), ("5", None)]),
        column("d", "decimal(2)", "TEXT", vec![("'0.10'", decimal(10)), ("'5'", decimal(500))]),
        column("w", "timestamp", "TEXT", vec![("'2026-11-01T00:00:00Z'", time("2026-11-01"))]),
        column("m", "timestamp[ms]", "INTEGER", milliseconds()),
        column("n", "timestamp[ns]", "INTEGER", nanoseconds()),
    ];
    let connection = rusqlite::Connection::open_in_memory().expect("a database");
    Table::new(Box::new(SqliteDriver::new(connection)), columns, choices)
}

impl Table {
    fn new(mut driver: Box<dyn Driver>, columns: Vec<Column>, choices: &mut Choices) -> Self {
        let declared: Vec<String> = columns.iter().map(|column| format!("{} {}", column.name, column.held)).collect();
        driver.run(&format!("CREATE TABLE rows_of (id integer, {})", declared.join(", ")), &[]).expect("a table");
        let mut rows = Vec::new();
        for id in 0..160 {
            // each value stands in some row
            let pick = |column: &Column, choices: &mut Choices| match (id < 40, choices.below(8)) {
                (true, _) => column.cells[id % column.cells.len()].clone(),
                (_, 0) => ("NULL", Some(Value::Null)),
                _ => column.cells[choices.below(column.cells.len())].clone(),
            };
            let cells: Vec<Cell> = columns.iter().map(|column| pick(column, choices)).collect();
            let texts: Vec<&str> = cells.iter().map(|(text, _)| *text).collect();
            driver.run(&format!("INSERT INTO rows_of VALUES ({id}, {})", texts.join(", ")), &[]).expect("a row");
            rows.push(cells.into_iter().map(|(_, value)| value).collect());
        }
        let typed = |column: &Column| (column.name.to_owned(), ColumnType::from_name(column.declared).expect("a type"));
        let source = SourceTable {
            table: "rows_of".into(),
            schema: None,
            columns: columns.iter().map(typed).collect(),
            time: "m".into(),
            retention: None,
            changes: Some(Changes::Unlogged),
            row_errors: RowErrors::Skip,
        };
        Self { source, columns, rows, driver }
    }

    /// The rows that a condition keeps.
    pub fn kept(&mut self, condition: &str) -> Vec<bool> {
        let sql = format!("SELECT id FROM rows_of AS r WHERE {condition}");
        let found = self.driver.run(&sql, &[]).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let mut kept = vec![false; self.rows.len()];
        for row in found {
            let SqlValue::Int64(id) = row[0] else { panic!("an id") };
            kept[usize::try_from(id).expect("an id")] = true;
        }
        kept
    }
}
