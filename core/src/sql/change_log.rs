//! The trigger that logs in which hours rows change.
//!
//! The one idea: a statement logs each hour it touches once, in its own transaction; the refresher takes the log out in
//! its own. A change that it did not see is still in the log.
//!
//! Which rollups are built from the rows is looked up by the refresher, so several catalogs may share a table, and whoever
//! writes rows pays for one entry. In PostgreSQL, what is below the table (partitions, children) has triggers of its own,
//! and in SQLite a row that takes the place of another logs that one, which no trigger sees go. The log is written with the rights of whoever made the trigger, so that who writes rows needs no others; every name in it
//! is the database's own or has its schema, so that who writes rows gains none. It reads a time without a zone as one of
//! UTC, whatever the zone of the session.

use super::dialect::{micros, qualified, quoted, Dialect};
use super::own_tables::OwnTables;
use crate::refresh::{Catalog, SourceTable};
use crate::time::SECOND_US;
use crate::value::TimeUnit;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use twox_hash::XxHash64;

const HOUR_US: i64 = 3_600_000_000;

/// A number for a name that is too long for the name of a trigger or index.
pub(super) fn name_hash(name: &str) -> u64 {
    XxHash64::oneshot(0, name.as_bytes())
}

pub(super) fn trigger_name(source: &SourceTable) -> String {
    format!("isofold_log_{:016x}", name_hash(&source.table))
}

/// The triggers of a source as they are to be.
#[derive(Clone, Debug)]
pub struct LogTriggers {
    dialect: Dialect,
    schema: Option<String>,
    table: String,
    name: String,
    /// PostgreSQL's function of all of them.
    function: Option<Function>,
    /// By event.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Function {
    name: String,
    body: String,
}

#[derive(Clone, Debug)]
struct Part {
    name: String,
    definition: String,
    /// The statement that makes it, before and after the table.
    make: [String; 2],
}

impl Part {
    /// Whether the catalogue tells this trigger: it quotes a schema that is a word of SQL, which we do not know.
    fn is(&self, definition: &str) -> bool {
        definition == self.definition
            || definition
                .strip_prefix("O \"")
                .zip(self.definition.strip_prefix("O "))
                .is_some_and(|(told, ours)| told.replacen("\".", ".", 1) == ours)
    }
}

/// What the database knows of a source that its triggers need.
#[derive(Clone, Copy, Debug, Default)]
pub struct Followed<'a> {
    /// The schema of the store's own tables.
    pub own_schema: Option<&'a str>,
    /// The columns that no two rows have alike, where a row may take the place of another.
    pub unique: &'a [Vec<String>],
}

impl LogTriggers {
    /// Of a catalog.
    #[must_use]
    pub fn new(dialect: Dialect, catalog: &Catalog, followed: Followed<'_>) -> Self {
        let source = catalog.source();
        let (function, parts) = match dialect {
            Dialect::Postgres => postgres(catalog, followed),
            Dialect::Sqlite => (None, sqlite(catalog, followed.unique)),
        };
        Self {
            dialect,
            schema: source.schema.clone(),
            table: source.table.clone(),
            name: trigger_name(source),
            function,
            parts,
        }
    }

    /// The unique indexes of a source in SQLite: index, column (NULL for an expression); one row each.
    #[must_use]
    pub fn unique(dialect: Dialect, source: &SourceTable) -> Option<String> {
        if dialect == Dialect::Postgres {
            return None;
        }
        let of = |table: &str| match &source.schema {
            Some(schema) => format!("{table}, {}", dialect.literal(schema)),
            None => table.into(),
        };
        let (table, index) = (of(&dialect.literal(&source.table)), of("l.name"));
        Some(format!(
            "SELECT l.name, i.name FROM pragma_index_list({table}) AS l JOIN pragma_index_info({index}) AS i \
             WHERE l.\"unique\" UNION ALL SELECT '', name FROM pragma_table_info({table}) WHERE pk > 0 \
             AND type = 'INTEGER' COLLATE NOCASE AND (SELECT max(pk) FROM pragma_table_info({table})) = 1 ORDER BY 1"
        ))
    }

    /// The tables below the source in PostgreSQL, which take rows by their own names: table, how many of these triggers it
    /// has.
    #[must_use]
    pub fn below(&self) -> Option<String> {
        (self.dialect == Dialect::Postgres).then(|| {
            let table = self.dialect.literal(&qualified(self.schema.as_deref(), &self.table));
            super::watching::below(&table, &self.name)
        })
    }

    /// How many triggers a table has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Never: a table has triggers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Makes the triggers of a table below the source anew; its name is as [`LogTriggers::below`] returned it.
    #[must_use]
    pub fn bring_below(&self, table: &str) -> Vec<String> {
        let anew = |part: &Part| {
            let [before, after] = &part.make;
            [format!("DROP TRIGGER IF EXISTS {} ON {table}", quoted(&part.name)), format!("{before}{table}{after}")]
        };
        self.parts.iter().flat_map(anew).collect()
    }

    /// The times of the first and the last row of a table below the source, in µs; NULL where it has none.
    #[must_use]
    pub fn extent_below(&self, source: &SourceTable, table: &str) -> String {
        format!("SELECT min(h.start_us)::bigint, max(h.end_us)::bigint FROM ({}) AS h", hours(source, table))
    }

    /// Whether all triggers are there and at work, given what [`LogTriggers::known`] returned.
    #[must_use]
    pub fn is_watched(&self, known: &[[Option<&str>; 3]]) -> bool {
        // in PostgreSQL those that write another schema's log are not ours
        let is_at_work = |part: &Part, definition: &str| match self.dialect {
            Dialect::Postgres => {
                part.is(definition) || definition.strip_prefix('A').is_some_and(|it| part.is(&format!("O{it}")))
            }
            Dialect::Sqlite => true,
        };
        self.parts.iter().all(|part| {
            let found = |it: &[Option<&str>; 3]| {
                it[0] == Some(part.name.as_str()) && it[1].is_some_and(|definition| is_at_work(part, definition))
            };
            known.iter().any(found)
        })
    }

    /// The triggers that are there: name, what tells it from others, and the same of its function.
    #[must_use]
    pub fn known(&self) -> String {
        match self.dialect {
            Dialect::Postgres => format!(
                "SELECT t.tgname::text, t.tgenabled::text || ' ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname), \
                 p.prosecdef::text || ' ' || array_to_string(p.proconfig, '; ') || ' ' || p.prosrc FROM pg_trigger AS t \
                 JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace \
                 WHERE t.tgrelid = to_regclass({}) AND NOT t.tgisinternal AND t.tgname LIKE {}",
                self.dialect.literal(&qualified(self.schema.as_deref(), &self.table)),
                self.dialect.literal(&format!("{}%", self.name))
            ),
            Dialect::Sqlite => format!(
                "SELECT name, sql, NULL FROM {} WHERE type = 'trigger' AND tbl_name = {} AND name LIKE {}",
                qualified(self.schema.as_deref(), "sqlite_master"),
                self.dialect.literal(&self.table),
                self.dialect.literal(&format!("{}%", self.name))
            ),
        }
    }

    /// What has to be run so that the triggers are as they should be, given what [`LogTriggers::known`] returned.
    #[must_use]
    pub fn bring(&self, known: &[[Option<&str>; 3]]) -> Vec<String> {
        let found = |part: &Part| known.iter().find(|known| known[0] == Some(part.name.as_str()));
        let mut statements = Vec::new();
        if let Some(function) = &self.function {
            let told = format!("{SECURED}{}", function.body);
            // a function that is not called by a trigger may be anything
            if !self.parts.iter().all(|part| found(part).is_some_and(|known| known[2] == Some(told.as_str()))) {
                // who wrote rows under another one has ended before what it did not log is built
                let table = qualified(self.schema.as_deref(), &self.table);
                statements.push(format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"));
                statements.extend(function.make());
            }
        }
        for part in &self.parts {
            match found(part) {
                Some(known) if known[1].is_some_and(|definition| part.is(definition)) => continue,
                Some(_) => statements.push(self.drop_trigger(&part.name)),
                None => {}
            }
            let [before, after] = &part.make;
            statements.push(format!("{before}{}{after}", self.on()));
        }
        statements
    }

    /// Drops the triggers that are there, and their function.
    #[must_use]
    pub fn drop(&self, known: &[[Option<&str>; 3]]) -> Vec<String> {
        let names = known.iter().filter_map(|known| known[0]);
        let mut statements: Vec<String> = names.map(|name| self.drop_trigger(name)).collect();
        statements.extend(
            self.function.as_ref().map(|function| format!("DROP FUNCTION IF EXISTS {}() CASCADE", function.name)),
        );
        statements
    }

    /// The table as the statement that makes a trigger names it: SQLite wants no schema there.
    fn on(&self) -> String {
        qualified(self.schema.as_deref().filter(|_| self.dialect == Dialect::Postgres), &self.table)
    }

    fn drop_trigger(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Postgres => {
                let table = qualified(self.schema.as_deref(), &self.table);
                format!("DROP TRIGGER IF EXISTS {} ON {table}", quoted(name))
            }
            Dialect::Sqlite => format!("DROP TRIGGER IF EXISTS {}", qualified(self.schema.as_deref(), name)),
        }
    }
}

/// What the catalogue of PostgreSQL tells of the function beside its body: it runs as its owner, so no name in it may be
/// anybody else's, and its times without a zone are of UTC.
const SECURED: &str = "true search_path=pg_catalog, pg_temp; TimeZone=UTC ";

impl Function {
    fn make(&self) -> [String; 2] {
        let Self { name, body } = self;
        let mut tag = String::from("$isofold$");
        while body.contains(&tag) {
            tag.insert(1, 'x');
        }
        [
            format!(
                "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
                 SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS {tag}{body}{tag}"
            ),
            format!("REVOKE ALL ON FUNCTION {name}() FROM PUBLIC"),
        ]
    }
}

fn postgres(catalog: &Catalog, followed: Followed<'_>) -> (Option<Function>, Vec<Part>) {
    let (source, own_schema) = (catalog.source(), followed.own_schema);
    let own = OwnTables::new(Dialect::Postgres, own_schema);
    let function = qualified(own_schema, &trigger_name(source));
    let literal = |text: &str| Dialect::Postgres.literal(text);
    let changes = own.name("changes");
    let insert = format!("INSERT INTO {changes} (rollup, start_us, end_us, moved)");
    let of_rows = literal(&OwnTables::of_rows(&source.table));
    let times = times(source);
    // most statements touch one hour
    let touched = |rows: &str, moved: &str| {
        let (low, high) = ("isofold_low", "isofold_high");
        format!(
            "SELECT min(x.at), max(x.at) INTO {low}, {high} FROM {}; \
             IF {} = {} THEN {insert} VALUES ({of_rows}, {}, {} + 1, {moved}); \
             ELSIF {low} IS NOT NULL THEN {insert} SELECT {of_rows}, t.start_us, t.end_us, {moved} FROM ({}) AS t; END IF;",
            times.of(rows),
            times.hour(low),
            times.hour(high),
            times.micros(low),
            times.micros(high),
            hours(source, rows)
        )
    };
    // who dropped a table of isofold goes on writing rows
    let body = format!(
        "\n#variable_conflict use_column\n\
         DECLARE isofold_low {0}; isofold_high {0}; BEGIN IF to_regclass({1}) IS NULL THEN RETURN NULL; END IF; \
         IF TG_OP = 'TRUNCATE' THEN {insert} VALUES ({of_rows}, {2}, {3}, 0); RETURN NULL; END IF; \
         IF TG_OP <> 'DELETE' THEN {4} END IF; IF TG_OP <> 'INSERT' THEN {5} END IF; RETURN NULL; END ",
        times.data_type,
        literal(&changes),
        crate::limits::MIN_TIME_US,
        crate::limits::MAX_TIME_US - 1,
        touched("isofold_new", "0"),
        touched("isofold_old", "(TG_OP = 'UPDATE')::int"),
    );
    let part = |(event, tables): (&str, &str)| {
        let name = format!("{}_{event}", trigger_name(source));
        let (quoted, event) = (quoted(&name), event.to_ascii_uppercase());
        let make = [
            format!("CREATE TRIGGER {quoted} AFTER {event} ON "),
            format!("{tables} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"),
        ];
        let schema = own_schema.map(told_name).unwrap_or_default();
        Part { name, definition: format!("O {schema}.{}", trigger_name(source)), make }
    };
    let parts: Vec<Part> = [
        ("insert", " REFERENCING NEW TABLE AS isofold_new"),
        ("update", " REFERENCING OLD TABLE AS isofold_old NEW TABLE AS isofold_new"),
        ("delete", " REFERENCING OLD TABLE AS isofold_old"),
        ("truncate", ""),
    ]
    .map(part)
    .to_vec();
    (Some(Function { name: function, body }), parts)
}

/// A name as `quote_ident` spells it, but for the words of SQL, which makes triggers anew once more often than needed.
fn told_name(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    if is_plain {
        name.into()
    } else {
        quoted(name)
    }
}

/// How the times of changed rows are read in PostgreSQL.
struct Times {
    /// The column of the time, in quotes.
    column: String,
    data_type: &'static str,
    unit: Option<TimeUnit>,
}

fn times(source: &SourceTable) -> Times {
    let unit = unit(source);
    let data_type = if unit.is_none() { "timestamptz" } else { "bigint" };
    Times { column: quoted(&source.time), data_type, unit }
}

impl Times {
    /// The times of rows as `x.at`, but for those that no rollup takes. Where the time is not a column of the rows any
    /// more, the one that is absent is read, and whoever writes rows does not fail here.
    fn of(&self, rows: &str) -> String {
        let Self { column, data_type, unit } = self;
        let (read, first, last) = match unit {
            None => (
                format!("{column}::timestamptz"),
                "> '-infinity'".into(),
                format!("to_timestamp({})", crate::limits::MAX_TIME_US / SECOND_US),
            ),
            Some(unit) => (
                postgres_micros(column, *unit),
                format!(">= {}", crate::limits::MIN_TIME_US),
                format!("{}", crate::limits::MAX_TIME_US),
            ),
        };
        format!(
            "(SELECT NULL::{data_type} AS {column}) AS absent CROSS JOIN LATERAL (SELECT {read} AS at FROM {rows}) AS x \
             WHERE x.at {first} AND x.at < {last}"
        )
    }

    fn hour(&self, at: &str) -> String {
        match self.unit {
            None => format!("date_trunc('hour', {at})"),
            Some(_) => format!("floor({at}::numeric / {HOUR_US})"),
        }
    }

    fn micros(&self, at: &str) -> String {
        match self.unit {
            None => micros(at),
            Some(_) => format!("{at}::bigint"),
        }
    }
}

/// The hours that rows touch: start_us, end_us.
fn hours(source: &SourceTable, rows: &str) -> String {
    let times = times(source);
    format!(
        "SELECT {} AS start_us, {} + 1 AS end_us FROM {} GROUP BY {}",
        times.micros("min(x.at)"),
        times.micros("max(x.at)"),
        times.of(rows),
        times.hour("x.at")
    )
}

fn sqlite(catalog: &Catalog, unique: &[Vec<String>]) -> Vec<Part> {
    let source = catalog.source();
    let time = quoted(&source.time);
    // a trigger names tables of its own schema without the schema
    let (table, changes) = (quoted(&source.table), quoted("isofold_changes"));
    let of_rows = Dialect::Sqlite.literal(&OwnTables::of_rows(&source.table));
    // an upsert: who writes rows with OR REPLACE would decide an OR IGNORE
    let log = |row: &str, from: &str, moved: &str, again: &str| {
        let time = format!("{row}.{time}");
        let (us, early) = match unit(source) {
            None => (micros_of_text(&time), rounded_up(&time)),
            Some(unit) => (sqlite_micros(&time, unit), "0".into()),
        };
        format!(
            "INSERT INTO {changes} (rollup, start_us, end_us, moved) \
             SELECT {of_rows}, coalesce({}, {}), coalesce({} + {HOUR_US}, {}), {moved} \
             FROM (SELECT {us} AS us, {early} AS early{from}{} {time} IS NOT NULL) \
             WHERE true ON CONFLICT (rollup, start_us, end_us) DO {again};",
            hour_of("(us - early)"),
            // what cannot be read here may have changed anything
            crate::limits::MIN_TIME_US,
            hour_of("us"),
            crate::limits::MAX_TIME_US - 1,
            if from.is_empty() { " WHERE" } else { " AND" },
        )
    };
    let part = |name: &str, when: &str, body: String| {
        let name = format!("{}_{name}", trigger_name(source));
        let place = qualified(source.schema.as_deref(), &name);
        let make = [format!("CREATE TRIGGER {place} {when} ON "), format!(" FOR EACH ROW BEGIN {body} END")];
        Part { name, definition: make.join(&table), make }
    };
    let changed = |row: &str| log(row, "", "0", "NOTHING");
    let moved = |row: &str, from: &str| log(row, from, "1", "UPDATE SET moved = 1");
    let update = format!("{} {}", moved("OLD", ""), changed("NEW"));
    let mut parts = Vec::from([
        part("insert", "AFTER INSERT", changed("NEW")),
        part("update", "AFTER UPDATE", update),
        part("delete", "AFTER DELETE", changed("OLD")),
    ]);
    // the row whose place another takes goes without a trigger
    let replaced = |columns: &Vec<String>| {
        let same = columns.iter().map(|column| format!("replaced.{0} = NEW.{0}", quoted(column)));
        let same: Vec<String> = same.collect();
        moved("replaced", &format!(" FROM {table} AS replaced WHERE {}", same.join(" AND ")))
    };
    let replaced: Vec<String> = unique.iter().map(replaced).collect();
    if !replaced.is_empty() {
        let columns: Vec<String> = unique.iter().flatten().map(|column| quoted(column)).collect();
        parts.push(part("replace", "BEFORE INSERT", replaced.join(" ")));
        let of = format!("BEFORE UPDATE OF {}", columns.join(", "));
        parts.push(part("replace_update", &of, replaced.join(" ")));
    }
    parts
}

fn unit(source: &SourceTable) -> Option<TimeUnit> {
    source.columns.iter().find(|(name, _)| *name == source.time).and_then(|(_, column_type)| column_type.unit)
}

/// The hour of a time in SQLite, whose `%` has the sign of what is divided.
fn hour_of(us: &str) -> String {
    format!("{us} - ({us} % {HOUR_US} + {HOUR_US}) % {HOUR_US}")
}

/// A text in SQLite as µs of whole seconds: `strftime` reads offsets as `+05:30` alone, the kernel also `+0530` and `+05`.
fn micros_of_text(time: &str) -> String {
    format!(
        "(CAST(coalesce(strftime('%s', {time}), \
         strftime('%s', substr({time}, 1, length({time}) - 2) || ':' || substr({time}, -2)), \
         strftime('%s', {time} || ':00')) AS INTEGER) * 1000000)"
    )
}

/// A second where `strftime` may have rounded a text up, into the next hour.
fn rounded_up(time: &str) -> String {
    format!("(({time} LIKE '%:59.999%') * 1000000)")
}

fn postgres_micros(time: &str, unit: TimeUnit) -> String {
    let number = format!("{time}::numeric");
    match unit {
        TimeUnit::Second => format!("floor({number} * 1000000)"),
        TimeUnit::Millisecond => format!("floor({number} * 1000)"),
        TimeUnit::Microsecond => format!("floor({number})"),
        TimeUnit::Nanosecond => format!("floor({number} / 1000)"),
    }
}

fn sqlite_micros(time: &str, unit: TimeUnit) -> String {
    match unit {
        TimeUnit::Second => format!("({time} * 1000000)"),
        TimeUnit::Millisecond => format!("({time} * 1000)"),
        TimeUnit::Microsecond => format!("({time})"),
        // its `/` goes toward zero
        TimeUnit::Nanosecond => format!("(({time} - ({time} % 1000 + 1000) % 1000) / 1000)"),
    }
}
