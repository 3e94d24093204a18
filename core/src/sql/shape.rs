//! The statements that make the table of a rollup and give it the look that its catalog says.

use super::dialect::{qualified, quoted, Dialect};
use super::level_table::LevelTable;
use crate::refresh::{Adoption, ColumnKind, ColumnShape, Identity, Order, SqlType};
use crate::value::Value;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A column as a database tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: String,
    /// Whether it is never NULL.
    pub is_required: bool,
    /// Whether something stands there where nothing is said.
    pub has_default: bool,
    /// What is said of it.
    pub comment: Option<String>,
}

impl LevelTable {
    pub(super) fn has_primary_key(&self) -> bool {
        // one that was there already may be another one
        self.shape.identity == Identity::PrimaryKey && self.shape.adoption == Adoption::Refused
    }

    /// Whether a table that stands there is taken.
    #[must_use]
    pub fn adoption(&self) -> Adoption {
        self.shape.adoption
    }

    /// Whether a key or metric is never NULL.
    #[must_use]
    pub fn has_required(&self) -> bool {
        let is_said = |kind| matches!(kind, ColumnKind::Key | ColumnKind::Metric | ColumnKind::ComputedAt);
        self.shape.columns.iter().any(|column| column.is_required && is_said(column.kind))
    }

    /// The columns, as the catalog has them.
    #[must_use]
    pub fn shape(&self) -> &[ColumnShape] {
        &self.shape.columns
    }

    fn type_of(&self, column: &ColumnShape) -> String {
        let Some(output) = column.output else { return self.dialect.bytes().into() };
        match (self.dialect, column.kind, column.sql_type) {
            (_, ColumnKind::Bucket, _) => self.time_type(),
            (Dialect::Postgres, _, Some(sql_type)) => sql_type.name(),
            // those that mean something to SQLite, whose affinity is that of the values
            (
                Dialect::Sqlite,
                _,
                Some(
                    sql_type @ (SqlType::Varchar(_)
                    | SqlType::SmallInt
                    | SqlType::Integer
                    | SqlType::BigInt
                    | SqlType::Numeric(_)),
                ),
            ) if column.kind == ColumnKind::Metric || !matches!(sql_type, SqlType::Numeric(_)) => {
                sql_type.name().to_ascii_uppercase()
            }
            _ => self.dialect.column_type(output).into(),
        }
    }

    /// The type of a column as [`LevelTable::columns`] tells it.
    fn told_type(&self, column: &ColumnShape) -> String {
        match (self.dialect, column.sql_type, column.output) {
            (Dialect::Postgres, Some(sql_type), _) => sql_type.told(),
            (Dialect::Postgres, None, Some(output)) => self.dialect.told_type(output).into(),
            _ => self.type_of(column),
        }
    }

    fn definition(&self, column: &ColumnShape) -> String {
        let mut text = format!("{} {}", self.column_name(column), self.type_of(column));
        if column.is_required {
            text += " NOT NULL";
        }
        text + &self.default_of(column)
    }

    fn default_of(&self, column: &ColumnShape) -> String {
        match (&column.default, column.kind) {
            (Some(value), _) => format!(" DEFAULT {}", self.value(value)),
            (None, ColumnKind::ComputedAt) => match self.dialect {
                Dialect::Postgres => " DEFAULT now()".into(),
                Dialect::Sqlite => format!(" DEFAULT ({})", self.dialect.time_now()),
            },
            (None, _) => String::new(),
        }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Bool(value) if self.dialect == Dialect::Sqlite => u8::from(*value).to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Int64(value) => value.to_string(),
            Value::Float64(value) => value.to_string(),
            Value::String(text) => self.dialect.literal(text),
            _ => "NULL".into(),
        }
    }

    fn column_name(&self, column: &ColumnShape) -> String {
        match column.kind {
            ColumnKind::Bucket => self.bucket(),
            ColumnKind::State => "state".into(),
            _ => quoted(&column.name),
        }
    }

    /// Makes the table.
    #[must_use]
    pub fn create(&self) -> String {
        let mut parts: Vec<String> = self.shape.columns.iter().map(|column| self.definition(column)).collect();
        if self.shape.identity == Identity::PrimaryKey {
            let keys = self.keys.iter().map(|(name, _)| quoted(name));
            let columns: Vec<String> = [self.bucket()].into_iter().chain(keys).collect();
            parts.push(format!("PRIMARY KEY ({})", columns.join(", ")));
        }
        format!("CREATE TABLE {} ({})", self.table(), parts.join(", "))
    }

    /// The names of the indexes of the table, and the statement that makes each.
    #[must_use]
    pub fn indexes(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let own_name = |what: &str| format!("isofold_{:016x}_{what}", super::change_log::name_hash(self.name()));
        if !self.has_primary_key() {
            all.push((own_name("group"), "UNIQUE ", self.identity()));
        }
        let first = self.keys.first().map(|(key, _)| key.as_str());
        let leads = |names: &[(String, Order)]| {
            names.first().map(|(name, _)| name.as_str()) == first
                && names.get(1).is_some_and(|(name, _)| name == self.bucket_name())
        };
        if let Some(key) = first.filter(|_| !self.shape.indexes.iter().any(|index| leads(&index.columns))) {
            all.push((own_name("key"), "", format!("{}, {}", quoted(key), self.bucket())));
        }
        for (number, index) in self.shape.indexes.iter().enumerate() {
            let name = index.name.clone().unwrap_or_else(|| own_name(&format!("index_{number}")));
            let column = |(name, order): &(String, Order)| match order {
                Order::Ascending => quoted(name),
                Order::Descending => format!("{} DESC", quoted(name)),
            };
            all.push((name, "", index.columns.iter().map(column).collect::<Vec<_>>().join(", ")));
        }
        let statement = |(name, unique, columns): (String, &str, String)| {
            // PostgreSQL keeps an index beside its table; SQLite wants the schema before the name of the index
            let (place, table) = match self.dialect {
                Dialect::Postgres => (quoted(&name), self.table()),
                Dialect::Sqlite => (qualified(self.schema.as_deref(), &name), quoted(self.name())),
            };
            let sql = format!("CREATE {unique}INDEX {place} ON {table} ({columns})");
            (name, sql)
        };
        all.into_iter().map(statement).collect()
    }

    /// What the table has: name, type, whether it is never NULL and whether it has a default (1 or 0), the comment; one
    /// row for each column, no row where there is no table. That of the table itself has no name.
    #[must_use]
    pub fn described(&self) -> String {
        match self.dialect {
            Dialect::Postgres => {
                let table = self.dialect.literal(&self.table());
                format!(
                    "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull::int, \
                     (atthasdef OR attidentity <> '')::int, col_description(attrelid, attnum) FROM pg_attribute \
                     WHERE attrelid = to_regclass({table}) AND attnum > 0 AND NOT attisdropped UNION ALL \
                     SELECT NULL, NULL, 0, 0, obj_description(to_regclass({table}), 'pg_class') \
                     WHERE to_regclass({table}) IS NOT NULL"
                )
            }
            Dialect::Sqlite => {
                let table = self.dialect.literal(self.name());
                let of = match &self.schema {
                    Some(schema) => format!("{table}, {}", self.dialect.literal(schema)),
                    None => table,
                };
                format!(
                    "SELECT name, type, \"notnull\", dflt_value IS NOT NULL OR pk > 0 AND type = 'INTEGER' COLLATE NOCASE, \
                     NULL FROM pragma_table_info({of})"
                )
            }
        }
    }

    /// The metrics, and when groups were written: name, and the statement that adds the column.
    #[must_use]
    pub fn add_columns(&self) -> Vec<(String, String)> {
        let added = |column: &&ColumnShape| matches!(column.kind, ColumnKind::Metric | ColumnKind::ComputedAt);
        let add = |column: &ColumnShape| {
            let (name, sql_type) = (quoted(&column.name), self.type_of(column));
            let default = match (self.dialect, column.kind) {
                // SQLite adds no column with a default that is computed
                (Dialect::Sqlite, ColumnKind::ComputedAt) => String::new(),
                _ => self.default_of(column),
            };
            (column.name.clone(), format!("ALTER TABLE {} ADD COLUMN {name} {sql_type}{default}", self.table()))
        };
        self.shape.columns.iter().filter(added).map(add).collect()
    }

    /// Gives a table that is taken the column of the states, which rows of others do not have.
    #[must_use]
    pub fn add_state(&self) -> String {
        format!("ALTER TABLE {} ADD COLUMN state {}", self.table(), self.dialect.bytes())
    }

    /// Whether a column of the table is of the type that it should have, or of one that holds its values where the catalog
    /// names none and the table was taken.
    #[must_use]
    pub fn is_of_its_type(&self, name: &str, told: &str) -> bool {
        let Some(column) = self.shape.columns.iter().find(|column| column.name == name) else { return false };
        if told.eq_ignore_ascii_case(&self.told_type(column)) {
            return true;
        }
        let is_free = column.sql_type.is_none() && self.shape.adoption == Adoption::Taken;
        match (self.dialect, column.output) {
            (Dialect::Postgres, Some(output)) if is_free && column.kind != ColumnKind::Bucket => {
                SqlType::parse(told).is_some_and(|found| found.holds(output, column.kind))
            }
            // SQLite keeps what it is given where the affinity is the same
            (Dialect::Sqlite, _) if self.shape.adoption == Adoption::Taken => {
                affinity(told) == affinity(&self.type_of(column))
            }
            _ => false,
        }
    }

    /// What of a table that stands there differs from what the catalog says.
    #[must_use]
    pub fn differences(&self, known: &[KnownColumn]) -> Vec<String> {
        let mut found = Vec::new();
        for column in &self.shape.columns {
            let is_added = column.kind == ColumnKind::State && self.shape.adoption == Adoption::Taken;
            match known.iter().find(|known| known.name == column.name) {
                None if is_added => {}
                None => found.push(format!("it has no column {}", column.name)),
                Some(known) if !self.is_of_its_type(&column.name, &known.sql_type) => {
                    found.push(format!(
                        "its column {} is {}, not {}",
                        column.name,
                        known.sql_type,
                        self.told_type(column)
                    ));
                }
                Some(known) if self.cannot_require(known).is_some() => {
                    found.push(format!("its column {} may be NULL", column.name));
                }
                Some(_) => {}
            }
        }
        for known in known {
            let is_ours = self.shape.columns.iter().any(|column| column.name == known.name);
            if !is_ours && known.is_required && !known.has_default {
                found.push(format!("its column {} is of somebody else, never NULL and without a default", known.name));
            }
        }
        found
    }

    /// The name of a key or metric that may be NULL and shall not, where the database changes no column that is there.
    #[must_use]
    pub fn cannot_require<'k>(&self, known: &'k KnownColumn) -> Option<&'k str> {
        let is_it = |column: &&ColumnShape| {
            column.name == known.name
                && column.is_required
                && matches!(column.kind, ColumnKind::Key | ColumnKind::Metric)
        };
        let wants = self.dialect == Dialect::Sqlite && !known.is_required;
        (wants && self.shape.columns.iter().any(|column| is_it(&column))).then_some(known.name.as_str())
    }

    /// What is run so that a table that is there has the comments of the catalog, and is never NULL where that says so.
    #[must_use]
    pub fn dress(&self, known: &[KnownColumn], comment: Option<&str>) -> Vec<String> {
        let mut statements = Vec::new();
        if self.dialect == Dialect::Sqlite {
            return statements;
        }
        let told = |text: Option<&str>| text.map_or_else(|| "NULL".into(), |text| self.dialect.literal(text));
        if self.shape.comment.is_some() && self.shape.comment.as_deref() != comment {
            statements.push(format!("COMMENT ON TABLE {} IS {}", self.table(), told(self.shape.comment.as_deref())));
        }
        for column in &self.shape.columns {
            let (name, found) = (quoted(&column.name), known.iter().find(|known| known.name == column.name));
            if column.comment.is_some() && found.is_none_or(|known| known.comment != column.comment) {
                let text = told(column.comment.as_deref());
                statements.push(format!("COMMENT ON COLUMN {}.{name} IS {text}", self.table()));
            }
            let is_ours = matches!(column.kind, ColumnKind::Key | ColumnKind::Metric | ColumnKind::ComputedAt);
            if column.is_required && is_ours && found.is_some_and(|known| !known.is_required) {
                statements.push(format!("ALTER TABLE {} ALTER COLUMN {name} SET NOT NULL", self.table()));
            }
        }
        statements
    }
}

/// What SQLite makes of the values of a column, by its type.
fn affinity(sql_type: &str) -> &'static str {
    let upper = sql_type.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    if has(&["INT"]) {
        "INTEGER"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if upper.is_empty() || has(&["BLOB"]) {
        "BLOB"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}
