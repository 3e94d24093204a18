//! Whether the rows of a source are watched, as expressions of a greater statement.
//!
//! Not here: the triggers as they are to be (`change_log`), which `init` and `check` compare word for word.

use super::change_log::trigger_name;
use super::dialect::{qualified, Dialect};
use super::own_tables::OwnTables;
use crate::refresh::SourceTable;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What a source is: `table` where it can have triggers, `other`, or NULL where it is not there.
pub(super) fn relation(dialect: Dialect, source: &SourceTable) -> String {
    match dialect {
        Dialect::Postgres => format!(
            "SELECT CASE WHEN relkind IN ('r', 'p') THEN 'table' ELSE 'other' END FROM pg_class WHERE oid = to_regclass({})",
            dialect.literal(&qualified(source.schema.as_deref(), &source.table))
        ),
        // a table of a session has its triggers elsewhere, and a virtual one has none
        Dialect::Sqlite => {
            let name = dialect.literal(&source.table);
            let found = |master: &str, kind: &str| {
                format!(
                    "SELECT {kind} AS kind FROM {master} WHERE type IN ('table', 'view') AND name = {name} COLLATE NOCASE"
                )
            };
            let main = found(
                &qualified(source.schema.as_deref(), "sqlite_master"),
                "CASE WHEN type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' THEN 'table' ELSE 'other' END",
            );
            let own = match source.schema {
                Some(_) => String::new(),
                None => format!("{} UNION ALL ", found("sqlite_temp_master", "'other'")),
            };
            format!("SELECT kind FROM ({own}{main}) LIMIT 1")
        }
    }
}

/// Whether every change of the rows is logged: 1 or 0.
pub(super) fn watched(own: &OwnTables, source: &SourceTable) -> String {
    let name = trigger_name(source);
    let literal = |text: &str| own.dialect().literal(text);
    let names =
        |events: &[&str]| events.iter().map(|event| literal(&format!("{name}_{event}"))).collect::<Vec<_>>().join(", ");
    match own.dialect() {
        Dialect::Postgres => {
            let events = ["insert", "update", "delete", "truncate"];
            let table = literal(&qualified(source.schema.as_deref(), &source.table));
            // those that write another schema's log are not ours
            format!(
                "((SELECT count(*) FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_class AS o \
                 ON o.relnamespace = p.pronamespace WHERE t.tgrelid = to_regclass({table}) AND NOT t.tgisinternal \
                 AND t.tgname IN ({}) AND t.tgenabled IN ('O', 'A') AND p.proname = {} AND o.oid = to_regclass({})) = {} \
                 AND NOT EXISTS (SELECT FROM ({}) AS below (name, triggers) WHERE triggers <> {}))::int",
                names(&events),
                literal(&name),
                literal(&own.name("rollups")),
                events.len(),
                below(&table, &name),
                events.len()
            )
        }
        Dialect::Sqlite => {
            let master = qualified(source.schema.as_deref(), "sqlite_master");
            let found = |events: &[&str]| {
                format!(
                    "(SELECT count(*) FROM {master} WHERE type = 'trigger' AND tbl_name = {} AND name IN ({})) = {}",
                    literal(&source.table),
                    names(events),
                    events.len()
                )
            };
            format!(
                "{} AND ({} OR NOT EXISTS ({}))",
                found(&["insert", "update", "delete"]),
                found(&["replace", "replace_update"]),
                unique(own.dialect(), source)
            )
        }
    }
}

/// The tables below a source in PostgreSQL, which take rows by their own names: table, how many triggers of a name it has.
pub(super) fn below(table: &str, name: &str) -> String {
    format!(
        "WITH RECURSIVE below (oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass({table}) \
         UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN below AS b ON i.inhparent = b.oid) \
         SELECT b.oid::regclass::text, (SELECT count(*) FROM pg_trigger AS t WHERE t.tgrelid = b.oid \
         AND t.tgname LIKE {} AND t.tgenabled IN ('O', 'A')) FROM below AS b JOIN pg_class AS c ON c.oid = b.oid \
         WHERE c.relkind IN ('r', 'p')",
        Dialect::Postgres.literal(&format!("{name}%"))
    )
}

/// The unique indexes of a source in SQLite whose columns are all no expressions.
fn unique(dialect: Dialect, source: &SourceTable) -> String {
    let of = |table: &str| match &source.schema {
        Some(schema) => format!("{table}, {}", dialect.literal(schema)),
        None => table.into(),
    };
    let (table, index) = (of(&dialect.literal(&source.table)), of("l.name"));
    format!(
        "SELECT 1 FROM pragma_index_list({table}) AS l WHERE l.\"unique\" AND NOT EXISTS \
         (SELECT 1 FROM pragma_index_info({index}) AS i WHERE i.name IS NULL) UNION ALL \
         SELECT 1 FROM pragma_table_info({table}) WHERE pk > 0 AND type = 'INTEGER' COLLATE NOCASE \
         AND (SELECT max(pk) FROM pragma_table_info({table})) = 1"
    )
}
