//! A catalog for a table of a database.

use super::sample::Sample;
use super::spec::{spec_of, Suggestion};
use crate::read::Format;
use isofold::{Code, Error, Result};
use isofold_facade::json::Json;
use isofold_facade::Cell;
use isofold_stores::{Driver, SqlValue};
use std::path::Path;

/// Rows that are looked at.
const ROWS: usize = 5000;

/// The catalog for a table, which may be written with its schema.
///
/// **Errors** `store.*`, `catalog.name` for a table that is not there, `host.argument` for one without times.
pub fn of_table(driver: &mut dyn Driver, table: &str, timezone: Option<&str>) -> Result<Suggestion> {
    let is_postgres = driver.dialect() == "postgres";
    let kinds = types(driver, table, is_postgres)?;
    if kinds.is_empty() {
        return Err(Error::new(Code::CatalogName, format!("the database has no table {table}")));
    }
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let columns = kinds.iter().map(|(name, kind)| selected(&quoted(name), kind, is_postgres));
    let from = table.split('.').map(quoted).collect::<Vec<_>>().join(".");
    let rows =
        driver.run(&format!("SELECT {} FROM {from} LIMIT {ROWS}", columns.collect::<Vec<_>>().join(", ")), &[])?;
    let cells = |at: usize| rows.iter().map(|row| cell(row.get(at))).collect::<Vec<_>>();
    let sample = Sample {
        format: Format::Csv,
        delimiter: None,
        columns: kinds.iter().enumerate().map(|(at, (name, _))| (name.clone(), cells(at))).collect(),
        rows: rows.len(),
        is_whole: rows.len() < ROWS,
        notes: Vec::new(),
    };
    let Suggestion { spec, mut notes } =
        spec_of(&sample, Path::new(table.rsplit('.').next().unwrap_or(table)), timezone)?;
    if rows.len() == ROWS {
        notes.push(format!("the first {ROWS} rows were looked at"));
    }
    let Json::Object(mut spec) = spec else { return Err(Error::new(Code::SpecInvalid, "a spec is an object")) };
    let mut take = |key: &str| {
        let at = spec.iter().position(|(known, _)| known == key)?;
        Some(spec.remove(at).1)
    };
    let (read, columns, time) = (take("read"), take("columns"), take("time"));
    if read.is_some() {
        notes.push("texts of the table stand for numbers or no value in a way that a store does not read: a view may cast them".to_owned());
    }
    let width = take("bucket").unwrap_or(Json::from("1 hour"));
    let name = take("name").unwrap_or(Json::from("rollup"));
    let name = if let Json::Text(name) = name { name } else { String::new() };
    let label = if let Json::Text(width) = &width { width.replace(' ', "") } else { String::new() };
    let mut rollup = vec![("name".to_owned(), Json::Text(format!("{name}_{label}"))), ("bucket".to_owned(), width)];
    rollup.extend(spec);
    let refresh = Json::object([("schedule_interval", Json::from("5 minutes"))]);
    let source =
        [("table".to_owned(), Some(Json::from(table))), ("columns".to_owned(), columns), ("time".to_owned(), time)];
    let source = Json::Object(source.into_iter().filter_map(|(key, json)| Some((key, json?))).collect());
    let rollup = Json::object([("spec", Json::Object(rollup)), ("refresh", refresh)]);
    let catalog = Json::object([("source", source), ("rollups", Json::Array(vec![rollup]))]);
    Ok(Suggestion { spec: catalog, notes })
}

/// The names and types of a table's columns.
fn types(driver: &mut dyn Driver, table: &str, is_postgres: bool) -> Result<Vec<(String, String)>> {
    let rows = if is_postgres {
        let sql = "SELECT attname::text, format_type(atttypid, NULL)::text FROM pg_attribute \
                   WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
        driver.run(sql, &[SqlValue::Text(table.to_owned())])?
    } else {
        driver.run("SELECT name, lower(type) FROM pragma_table_info(?1)", &[SqlValue::Text(table.to_owned())])?
    };
    let text =
        |value: Option<&SqlValue>| if let Some(SqlValue::Text(text)) = value { text.clone() } else { String::new() };
    Ok(rows.iter().map(|row| (text(row.first()), text(row.get(1)))).collect())
}

/// A column as a statement of the kernel would read it: kinds that have no value here are texts.
fn selected(name: &str, kind: &str, is_postgres: bool) -> String {
    if !is_postgres {
        return name.to_owned();
    }
    match kind {
        "timestamp with time zone" => {
            format!("to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        }
        "timestamp without time zone" => format!("to_char({name}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"),
        "smallint" | "integer" | "bigint" | "boolean" | "double precision" | "text" => name.to_owned(),
        "real" | "numeric" => format!("{name}::double precision"),
        _ => format!("{name}::text"),
    }
}

fn cell(value: Option<&SqlValue>) -> Cell<'static> {
    match value {
        None | Some(SqlValue::Null) => Cell::Null,
        Some(SqlValue::Bool(value)) => Cell::Bool(*value),
        Some(SqlValue::Int64(value)) => Cell::Int64(*value),
        Some(SqlValue::Float64(value)) => Cell::Number(value.to_bits()),
        Some(SqlValue::Text(text)) => Cell::Text(text.clone().into()),
        Some(SqlValue::Bytes(_)) => Cell::Other("bytes".into()),
    }
}
