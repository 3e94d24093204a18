//! The look of tables: what stands there is taken where it fits, and what a table has is told.
//!
//! Not here: what a catalog says (`table_source`), statements (`isofold::sql`).

use super::known::require_shape;
use super::port::{columns, Port};
use super::sql_value::SqlValue;
use super::Shared;
use isofold::sql::{KnownColumn, LevelTable};
use isofold::{Code, Error, Result};
use isofold_facade::frame::type_name;
use isofold_facade::json::Json;

/// A table as the database tells it.
#[derive(Default)]
pub(super) struct Described {
    pub(super) columns: Vec<KnownColumn>,
    comment: Option<String>,
}

pub(super) async fn described(port: &Port, table: &LevelTable) -> Result<Described> {
    let mut found = Described::default();
    for row in port.run(&table.described(), Vec::new()).await? {
        let [name, sql_type, required, default, comment] = columns::<5>(&row)?;
        let is = |value: &SqlValue| Ok::<_, Error>(value.integer()? == Some(1));
        let comment = comment.text()?.map(str::to_owned);
        let Some(name) = name.text()? else {
            found.comment = comment;
            continue;
        };
        found.columns.push(KnownColumn {
            name: name.to_owned(),
            sql_type: sql_type.text()?.unwrap_or_default().to_owned(),
            is_required: is(required)?,
            has_default: is(default)?,
            comment,
        });
    }
    Ok(found)
}

/// Makes sure that a table of somebody else can be taken.
///
/// **Errors** `store.table`, one problem for each difference.
pub(super) fn require_fit(table: &LevelTable, found: &Described) -> Result<()> {
    let refuse = |text: String| {
        let text = format!("the table {} cannot be taken: {text}", table.name());
        Error::new(Code::StoreTable, text)
    };
    let problems = table.differences(&found.columns).into_iter().map(refuse).collect();
    Error::from_all(problems).map_or(Ok(()), Err)
}

/// What gives a table comments, and columns that are never NULL.
///
/// **Errors** `store.table` for a column of SQLite that may be NULL and shall not.
pub(super) async fn dress(port: &Port, table: &LevelTable, is_new: bool) -> Result<Vec<String>> {
    // of a table that is not there every comment is to be made
    if table.dress(&[], None).is_empty() && !table.has_required() {
        return Ok(Vec::new());
    }
    let found = if is_new { Described::default() } else { described(port, table).await? };
    if let Some(name) = found.columns.iter().find_map(|known| table.cannot_require(known)) {
        let text = format!(
            "the column {name} of the table {} may be NULL, which SQLite does not change; the table is dropped first, or not_null goes",
            table.name()
        );
        return Err(Error::new(Code::StoreTable, text));
    }
    Ok(table.dress(&found.columns, found.comment.as_deref()))
}

/// What the table of a rollup has: `{"columns": [{"name", "type", "kind", "values"}]}`.
///
/// **Errors** `store.table` where there is none.
pub(super) async fn told(shared: &Shared, port: &Port, level: usize) -> Result<Json> {
    require_shape(shared, port).await?;
    let table = shared.table(level);
    let rows = port.run(&table.columns(), Vec::new()).await?;
    if rows.is_empty() {
        return Err(Error::new(Code::StoreTable, format!("there is no table {}; init makes it", table.name())));
    }
    let column = |row: &Vec<SqlValue>| {
        let [name, sql_type] = columns::<2>(row)?;
        let name = name.text()?.unwrap_or_default();
        let ours = table.shape().iter().find(|column| column.name == name);
        Ok(Json::object([
            ("name", Json::from(name)),
            ("type", Json::from(sql_type.text()?.unwrap_or_default())),
            ("kind", Json::from(ours.map_or("other", |column| column.kind.name()))),
            ("values", ours.and_then(|column| column.output).map(|output| Json::Text(type_name(output))).into()),
        ]))
    };
    Ok(Json::object([("columns", Json::Array(rows.iter().map(column).collect::<Result<_>>()?))]))
}
