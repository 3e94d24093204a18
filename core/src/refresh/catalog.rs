//! A catalog, checked: the table of rows, and the rollups in the order in which they are built.
//!
//! The one idea: all problems at once, and what could lose or blur data later (a retention shorter than an offset, a
//! rollup that does not follow from the one it names) is a problem now.

use super::plan::Policy;
use super::shape::{check_name, TableShape, BUCKET};
use super::source::{CatalogSource, Changes, RollupSource, RowErrors};
use crate::error::{Code, Error, Result};
use crate::spec::{Spec, SpecSource};
use crate::time::{shift_back, Bucket, Interval, Zone};
use crate::value::ColumnType;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Bytes of the name of a table or column: what PostgreSQL keeps of one.
pub const MAX_TABLE_NAME_BYTES: usize = 63;

/// The column of the states.
pub const STATE: &str = "state";

/// What the tables of the store itself begin with.
const OWN_PREFIX: &str = "isofold_";

/// An instant at which lengths of time are compared; any would do.
const COMPARED_AT_US: i64 = 1_767_225_600_000_000;

/// The table of rows.
#[derive(Clone, Debug)]
pub struct SourceTable {
    /// The name of the table or view.
    pub table: String,
    /// The schema of all tables.
    pub schema: Option<String>,
    /// The columns that some rollup declares, with their types.
    pub columns: Vec<(String, ColumnType)>,
    /// The timestamp column that decides the bucket.
    pub time: String,
    /// How long rows are kept.
    pub retention: Option<Interval>,
    /// How changes become known; `None`: [`Changes::Logged`] where the table can have triggers.
    pub changes: Option<Changes>,
    /// What a row does that does not fit.
    pub row_errors: RowErrors,
}

/// One rollup of a catalog.
#[derive(Clone, Debug)]
pub struct Level {
    /// The spec.
    pub spec: Spec,
    /// How its table looks.
    pub table: TableShape,
    /// The rollup that it is built from, by index into [`Catalog::levels`]; rows when `None`.
    pub from: Option<usize>,
    /// When it is built.
    pub policy: Policy,
    /// How often a scheduler refreshes.
    pub schedule_interval: Option<Interval>,
    /// How long groups are kept.
    pub retention: Option<Interval>,
}

/// A catalog.
#[derive(Clone, Debug)]
pub struct Catalog {
    source: SourceTable,
    levels: Vec<Level>,
}

impl Catalog {
    /// Checks a catalog.
    ///
    /// **Errors** `catalog.*`, `spec.*`, `expr.*`: all problems in one error, each with its path
    /// (`catalog.rollups[1].refresh.start_offset`).
    pub fn compile(source: &CatalogSource) -> Result<Catalog> {
        let mut checker = Checker { problems: Vec::new() };
        let catalog = checker.catalog(source);
        match Error::from_all(checker.problems) {
            Some(error) => Err(error.within("catalog")),
            None => Ok(catalog),
        }
    }

    /// The table of rows.
    #[must_use]
    pub fn source(&self) -> &SourceTable {
        &self.source
    }

    /// The rollups, each after the one it is built from.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The rollup of a name, by index into [`Catalog::levels`].
    ///
    /// **Errors** `refresh.rollup`.
    pub fn position(&self, name: &str) -> Result<usize> {
        self.levels.iter().position(|level| level.spec.name() == name).ok_or_else(|| {
            let names: Vec<&str> = self.levels.iter().map(|level| level.spec.name()).collect();
            Error::new(Code::RefreshRollup, format!("the catalog has no rollup {name}, it has {}", names.join(", ")))
        })
    }
}

struct Checker {
    problems: Vec<Error>,
}

impl Checker {
    fn refuse(&mut self, code: Code, text: impl Into<String>, path: &str) {
        self.problems.push(Error::new(code, text).within(path));
    }

    fn catalog(&mut self, source: &CatalogSource) -> Catalog {
        let table = &source.source;
        self.name(&table.table, "source.table");
        if let Some(schema) = &table.schema {
            self.name(schema, "source.schema");
        }
        if source.rollups.is_empty() {
            self.refuse(Code::CatalogMissing, "a catalog has at least one rollup", "rollups");
        }
        let mut columns: Vec<(String, ColumnType)> = Vec::new();
        let mut compiled: Vec<(usize, Level)> = Vec::new();
        for (index, rollup) in source.rollups.iter().enumerate() {
            let path = format!("rollups[{index}]");
            let Some(level) = self.level(source, rollup, &path) else { continue };
            for column in level.spec.columns() {
                if !columns.iter().any(|(name, _)| name == column.name()) {
                    columns.push((column.name().into(), column.column_type()));
                }
            }
            compiled.push((index, level));
        }
        self.table_names(source);
        let retention = self.interval(table.retention.as_deref(), "source.retention");
        let levels = self.ordered(&source.rollups, compiled);
        crate::sort::by(&mut columns, |a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        let source = SourceTable {
            table: table.table.clone(),
            schema: table.schema.clone(),
            columns,
            time: table.time.clone(),
            retention,
            changes: table.changes,
            row_errors: table.row_errors,
        };
        for level in &levels {
            let retention = level.from.map_or(source.retention, |from| levels[from].retention);
            self.retention(level, retention);
        }
        Catalog { source, levels }
    }

    fn level(&mut self, catalog: &CatalogSource, rollup: &RollupSource, path: &str) -> Option<Level> {
        let at = |key: &str| format!("{path}.{key}");
        let start_offset = self.interval(rollup.start_offset.as_deref(), &at("refresh.start_offset"));
        let end_offset = self.interval(rollup.end_offset.as_deref(), &at("refresh.end_offset")).unwrap_or_default();
        let schedule = self.interval(rollup.schedule_interval.as_deref(), &at("refresh.schedule_interval"));
        let retention = self.interval(rollup.retention.as_deref(), &at("retention"));
        if schedule.is_some_and(|every| !every.is_positive()) {
            let text = "a schedule_interval is longer than nothing";
            self.refuse(Code::CatalogInterval, text, &at("refresh.schedule_interval"));
        }
        if start_offset.is_some_and(|start| before(&start) >= before(&end_offset)) {
            let text = "start_offset must be longer than end_offset: it lies further back";
            self.refuse(Code::CatalogInterval, text, &at("refresh.start_offset"));
        }
        let spec = self.spec(catalog, &rollup.spec, path)?;
        if (catalog.source.changes, &rollup.from, start_offset) == (Some(Changes::Unlogged), &None, None) {
            let text = "without a trigger a rollup needs a start_offset: how far back its rows may still change";
            self.refuse(Code::CatalogMissing, text, &at("refresh.start_offset"));
        }
        let changes = catalog.source.changes.unwrap_or(Changes::Logged);
        let policy = Policy { bucket: spec.bucket().clone(), start_offset, end_offset, changes };
        let table = match TableShape::compile(&rollup.table, &spec) {
            Ok(table) => table,
            Err(problems) => {
                let path = at("table");
                self.problems.extend(problems.into_iter().map(|problem| problem.within(&path)));
                return None;
            }
        };
        Some(Level { spec, table, from: None, policy, schedule_interval: schedule, retention })
    }

    fn spec(&mut self, catalog: &CatalogSource, written: &SpecSource, path: &str) -> Option<Spec> {
        let table = &catalog.source;
        let mut source = written.clone();
        if source.columns.is_empty() {
            source.columns.clone_from(&table.columns);
        }
        if source.time.is_empty() {
            source.time.clone_from(&table.time);
        }
        for (name, type_name) in &source.columns {
            if !table.columns.iter().any(|(known, known_type)| known == name && known_type == type_name) {
                let text = format!("the source declares no column {name} of {type_name}");
                self.refuse(Code::CatalogInvalid, text, &format!("{path}.spec.columns.{name}"));
            }
        }
        if source.time != table.time {
            let text = format!("the time of the source is {}, got {}", table.time, source.time);
            self.refuse(Code::CatalogInvalid, text, &format!("{path}.spec.time"));
        }
        let spec = match Spec::compile(&source) {
            Ok(spec) => spec,
            Err(error) => {
                self.problems.extend(error.problems().map(|problem| problem.alone().within(path)));
                return None;
            }
        };
        let mut names: Vec<&str> = alloc::vec![BUCKET, STATE];
        let own = spec.keys().iter().map(|key| key.name()).chain(spec.metrics().iter().map(|metric| metric.name()));
        for name in own {
            let path = format!("{path}.spec.{name}");
            self.name(name, &path);
            if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                let text = format!("the table has another column {name}; databases tell no case apart");
                self.refuse(Code::CatalogDuplicate, text, &path);
            }
            names.push(name);
        }
        Some(spec)
    }

    /// What a table or column may be called in every database.
    fn name(&mut self, name: &str, path: &str) {
        if let Err(error) = check_name(name) {
            self.problems.push(error.within(path));
        }
    }

    fn table_names(&mut self, source: &CatalogSource) {
        let mut names = alloc::vec![source.source.table.as_str()];
        for (index, rollup) in source.rollups.iter().enumerate() {
            let path = format!("rollups[{index}].spec.name");
            self.name(&rollup.spec.name, &path);
            let given = rollup.table.name.as_deref();
            let path = if given.is_some() { format!("rollups[{index}].table.name") } else { path };
            let name = given.unwrap_or(&rollup.spec.name);
            if name.get(..OWN_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_PREFIX)) {
                self.refuse(Code::CatalogName, format!("names from {OWN_PREFIX} on are isofold's own"), &path);
            }
            if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                self.refuse(Code::CatalogDuplicate, format!("two tables are named {name}"), &path);
            }
            names.push(name);
        }
    }

    fn interval(&mut self, text: Option<&str>, path: &str) -> Option<Interval> {
        match Interval::parse(text?) {
            Ok(interval) if interval.is_positive() || interval == Interval::default() => Some(interval),
            Ok(_) => {
                self.refuse(Code::CatalogInterval, "a length of time is not negative", path);
                None
            }
            Err(error) => {
                self.refuse(Code::CatalogInterval, error.message(), path);
                None
            }
        }
    }

    /// The levels with each after the one it is built from; those in a circle are a problem.
    fn ordered(&mut self, rollups: &[RollupSource], compiled: Vec<(usize, Level)>) -> Vec<Level> {
        let mut waiting = compiled;
        let mut levels: Vec<Level> = Vec::new();
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for (index, mut level) in waiting {
                match &rollups[index].from {
                    None => levels.push(level),
                    Some(name) => match levels.iter().position(|level| level.spec.name() == name) {
                        Some(from) => {
                            self.follows(&level.spec, &levels[from].spec, &format!("rollups[{index}].from"));
                            level.from = Some(from);
                            // what changes a finer rollup is known: it is isofold that writes it
                            level.policy.changes = Changes::Logged;
                            levels.push(level);
                        }
                        None => later.push((index, level)),
                    },
                }
            }
            waiting = later;
            if waiting.len() == before || waiting.is_empty() {
                break;
            }
        }
        for (index, _) in waiting {
            let name = rollups[index].from.as_deref().unwrap_or_default();
            let known = rollups.iter().any(|rollup| rollup.spec.name == name);
            let text = if known {
                format!("{name} cannot be built before this rollup, or at all")
            } else {
                format!("the catalog has no rollup {name}")
            };
            self.refuse(Code::CatalogFrom, text, &format!("rollups[{index}].from"));
        }
        levels
    }

    fn follows(&mut self, spec: &Spec, from: &Spec, path: &str) {
        let problem = match spec.derivation(from) {
            Err(error) => Some(error.message().to_string()),
            Ok(found) => match (found.missing_key(), found.lacking()) {
                (Some(key), _) => Some(format!("{} has no key {}", from.name(), spec.keys()[key].name())),
                (_, Some(state)) => Some(format!("{} does not keep {}", from.name(), spec.state_in_words(state))),
                (None, None) => (!from.bucket().nests(spec.bucket(), None, None)).then(|| {
                    let width = |bucket: &Bucket| bucket.source().width;
                    format!("buckets of {} do not nest in those of {}", width(from.bucket()), width(spec.bucket()))
                }),
            },
        };
        if let Some(text) = problem {
            self.refuse(Code::CatalogFrom, text, path);
        }
    }

    fn retention(&mut self, level: &Level, of_rows: Option<Interval>) {
        let offset = level.policy.start_offset;
        let path = format!("rollups.{}", level.spec.name());
        if let (Some(kept), Some(offset)) = (of_rows, offset) {
            if before(&kept) >= before(&offset) {
                let text = format!(
                    "what {} is built from is kept for {kept}, and must be kept for longer than its start_offset of {offset}",
                    level.spec.name()
                );
                self.refuse(Code::CatalogRetention, text, &format!("{path}.refresh.start_offset"));
            }
        }
        if let (Some(kept), Some(offset)) = (level.retention, offset) {
            if before(&kept) > before(&offset) {
                let text = format!("groups are kept for {kept} and would be built again for {offset}");
                self.refuse(Code::CatalogRetention, text, &format!("{path}.retention"));
            }
        }
    }
}

/// The instant so long ago; the earliest there is where that is before all time.
fn before(interval: &Interval) -> i64 {
    shift_back(COMPARED_AT_US, interval, &Zone::UTC).unwrap_or(i64::MIN)
}
