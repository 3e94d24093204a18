//! How the table of a rollup looks: its name, the types of its columns, what is not NULL, indexes, comments.
//!
//! The one idea: words that are known here become SQL; no text of the author's does, but as a quoted name or value.

use super::catalog::{MAX_TABLE_NAME_BYTES, STATE};
use super::sql_type::SqlType;
use crate::error::{Code, Error, Result};
use crate::spec::Spec;
use crate::time::Bucket;
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The column of the bucket where nothing else is said.
pub const BUCKET: &str = "bucket";

const DAY_US: i64 = 86_400_000_000;

/// A table as its author wrote it: texts, nothing checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShapeSource {
    /// The name of the table; that of the rollup when absent.
    pub name: Option<String>,
    /// The column of the bucket.
    pub bucket: Option<String>,
    /// The type of the bucket: `timestamptz` when absent, `timestamp`, `date`.
    pub bucket_type: Option<String>,
    /// The column that has the time at which a group was last written.
    pub computed_at: Option<String>,
    /// Column, type and default.
    pub columns: Vec<(String, Option<String>, Option<Value>)>,
    /// Columns that are never NULL.
    pub not_null: Vec<String>,
    /// What tells groups apart.
    pub identity: Identity,
    /// Further indexes.
    pub indexes: Vec<IndexSource>,
    /// The comment of the table.
    pub comment: Option<String>,
    /// The comments of columns.
    pub comments: Vec<(String, String)>,
    /// Whose table it may be.
    pub adoption: Adoption,
}

/// What tells the groups of a table apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// An index that takes NULL for a value.
    #[default]
    Index,
    /// A primary key of the bucket and the keys, which are never NULL.
    PrimaryKey,
}

/// Whether a table that stands there is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adoption {
    /// It is refused: the store makes its own.
    #[default]
    Refused,
    /// It is taken where its columns fit.
    Taken,
}

/// An index as its author wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSource {
    /// Its name; made of what it is of when absent.
    pub name: Option<String>,
    /// Columns, with a minus for descending.
    pub columns: Vec<String>,
}

/// A column of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the least.
    Ascending,
    /// From the greatest.
    Descending,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexShape {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<(String, Order)>,
}

/// What a column of the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// The start of the bucket.
    Bucket,
    /// A group key.
    Key,
    /// A metric.
    Metric,
    /// When the group was last written.
    ComputedAt,
    /// The states.
    State,
}

impl ColumnKind {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::Metric => "metric",
            Self::ComputedAt => "computed_at",
            Self::State => "state",
        }
    }
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ColumnKind,
    /// The type of its values; none of states.
    pub output: Option<OutputType>,
    /// The type in the table, where the catalog says it.
    pub sql_type: Option<SqlType>,
    /// What it is where nothing is said.
    pub default: Option<Value>,
    /// Whether it is never NULL.
    pub is_required: bool,
    /// What is said of it.
    pub comment: Option<String>,
}

/// How the table of a rollup looks.
#[derive(Clone, Debug, PartialEq)]
pub struct TableShape {
    /// Its name.
    pub name: String,
    /// The type of the bucket.
    pub bucket_type: SqlType,
    /// The columns: bucket, keys, metrics, when it was written, states.
    pub columns: Vec<ColumnShape>,
    /// What tells groups apart.
    pub identity: Identity,
    /// Further indexes.
    pub indexes: Vec<IndexShape>,
    /// What is said of the table.
    pub comment: Option<String>,
    /// Whether a table that stands there is taken.
    pub adoption: Adoption,
}

impl TableShape {
    /// The table of a spec where nothing is said of it.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        Self {
            name: spec.name().into(),
            bucket_type: SqlType::TimestampTz,
            columns: columns(spec, BUCKET, None),
            identity: Identity::Index,
            indexes: Vec::new(),
            comment: None,
            adoption: Adoption::Refused,
        }
    }

    /// Checks what is said of the table of a spec.
    ///
    /// **Errors** `catalog.name`, `catalog.duplicate`, `catalog.invalid`, each with its path inside `table`.
    pub fn compile(source: &ShapeSource, spec: &Spec) -> core::result::Result<Self, Vec<Error>> {
        let bucket = source.bucket.as_deref().unwrap_or(BUCKET);
        let mut checker =
            Checker { problems: Vec::new(), columns: columns(spec, bucket, source.computed_at.as_deref()) };
        let bucket_type = checker.bucket_type(source, spec.bucket());
        checker.names(source);
        checker.types(source, bucket_type);
        checker.not_null(source);
        let indexes = checker.indexes(source);
        checker.comments(source);
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }
        Ok(Self {
            name: source.name.clone().unwrap_or_else(|| spec.name().to_string()),
            bucket_type,
            columns: checker.columns,
            identity: source.identity,
            indexes,
            comment: source.comment.clone(),
            adoption: source.adoption,
        })
    }

    /// The columns of a kind.
    pub fn of_kind(&self, kind: ColumnKind) -> impl Iterator<Item = &ColumnShape> {
        self.columns.iter().filter(move |column| column.kind == kind)
    }
}

fn columns(spec: &Spec, bucket: &str, computed_at: Option<&str>) -> Vec<ColumnShape> {
    let column = |name: &str, kind, output| ColumnShape {
        name: name.into(),
        kind,
        output,
        sql_type: None,
        default: None,
        is_required: matches!(kind, ColumnKind::Bucket | ColumnKind::ComputedAt | ColumnKind::State),
        comment: None,
    };
    let time = Some(OutputType::Scalar(Type::Timestamp));
    let keys =
        spec.keys().iter().map(|key| column(key.name(), ColumnKind::Key, Some(OutputType::Scalar(key.data_type()))));
    let metrics = spec.metrics().iter().map(|it| column(it.name(), ColumnKind::Metric, Some(it.output_type())));
    let written = computed_at.map(|name| column(name, ColumnKind::ComputedAt, time));
    let mut all = Vec::from([column(bucket, ColumnKind::Bucket, time)]);
    all.extend(keys.chain(metrics).chain(written));
    all.push(column(STATE, ColumnKind::State, None));
    all
}

struct Checker {
    problems: Vec<Error>,
    columns: Vec<ColumnShape>,
}

impl Checker {
    fn refuse(&mut self, code: Code, text: impl Into<String>, path: &str) {
        self.problems.push(Error::new(code, text).within(path));
    }

    fn bucket_type(&mut self, source: &ShapeSource, bucket: &Bucket) -> SqlType {
        let path = "bucket.type";
        let Some(text) = source.bucket_type.as_deref() else { return SqlType::TimestampTz };
        let found = SqlType::parse(text).unwrap_or(SqlType::Text);
        if !matches!(found, SqlType::TimestampTz | SqlType::Timestamp | SqlType::Date) {
            self.refuse(
                Code::CatalogInvalid,
                format!("a bucket is a timestamptz, timestamp or date, got {text}"),
                path,
            );
        }
        let is_of_days = || bucket.iter(0, i64::MAX).take(1000).all(|edge| edge % DAY_US == 0);
        if found == SqlType::Date && !is_of_days() {
            let text =
                format!("buckets of {} do not all begin at midnight UTC, which a date tells", bucket.source().width);
            self.refuse(Code::CatalogInvalid, text, path);
        }
        found
    }

    fn names(&mut self, source: &ShapeSource) {
        let given = [("name", &source.name), ("bucket.column", &source.bucket), ("computed_at", &source.computed_at)];
        for (path, name) in given {
            if let Some(error) = name.as_deref().and_then(|name| check_name(name).err()) {
                self.problems.push(error.within(path));
            }
        }
        for at in 0..self.columns.len() {
            let ColumnShape { name, kind, .. } = &self.columns[at];
            let path = match kind {
                ColumnKind::Bucket | ColumnKind::State => continue,
                ColumnKind::ComputedAt => "computed_at",
                // those of keys and metrics among themselves are the spec's matter
                ColumnKind::Key | ColumnKind::Metric => "bucket.column",
            };
            let others: &[ColumnShape] = if path == "computed_at" { &self.columns[..at] } else { &self.columns[..1] };
            if others.iter().any(|other| other.name.eq_ignore_ascii_case(name)) || name.eq_ignore_ascii_case(STATE) {
                let text = format!("the table has another column {name}; databases tell no case apart");
                self.refuse(Code::CatalogDuplicate, text, path);
            }
        }
        if self.columns[0].name.eq_ignore_ascii_case(STATE) {
            self.refuse(Code::CatalogDuplicate, "the table has another column state", "bucket.column");
        }
    }

    /// The place of a column.
    fn place(&mut self, name: &str, path: &str) -> Option<usize> {
        let found = self.columns.iter().position(|column| column.name == name);
        if found.is_none() {
            self.refuse(Code::CatalogInvalid, format!("the table has no column {name}"), path);
        }
        found
    }

    fn types(&mut self, source: &ShapeSource, bucket_type: SqlType) {
        self.columns[0].sql_type = source.bucket_type.as_ref().map(|_| bucket_type);
        for (name, sql_type, default) in &source.columns {
            let path = format!("columns.{name}");
            let Some(at) = self.place(name, &path) else { continue };
            let ColumnShape { kind, output, .. } = self.columns[at];
            let (ColumnKind::Key | ColumnKind::Metric, Some(output)) = (kind, output) else {
                self.refuse(Code::CatalogInvalid, "keys and metrics alone take a type and a default", &path);
                continue;
            };
            if let Some(text) = sql_type {
                match SqlType::parse(text) {
                    Some(found) if found.holds(output, kind) => self.columns[at].sql_type = Some(found),
                    Some(_) => {
                        let what = if kind == ColumnKind::Key { "key" } else { "metric" };
                        let text = format!("{text} does not hold the values of a {what} of {}", output);
                        self.refuse(Code::CatalogInvalid, text, &join(&path, "type"));
                    }
                    None => {
                        let text = format!("a type is {}, got {text}", SqlType::KNOWN);
                        self.refuse(Code::CatalogInvalid, text, &join(&path, "type"));
                    }
                }
            }
            let fits = |value: &Value| {
                let given = value.as_scalar().map(|scalar| OutputType::Scalar(scalar.data_type()));
                let is_number = |it| matches!(it, OutputType::Scalar(Type::Int64 | Type::Float64 | Type::Decimal(_)));
                given == Some(output) || is_number(output) && given == Some(OutputType::Scalar(Type::Int64))
            };
            match default {
                Some(value) if !fits(value) => {
                    let text = format!("a default is a value of {}", output);
                    self.refuse(Code::CatalogInvalid, text, &join(&path, "default"));
                }
                default => self.columns[at].default.clone_from(default),
            }
        }
    }

    fn not_null(&mut self, source: &ShapeSource) {
        for (index, name) in source.not_null.iter().enumerate() {
            if let Some(at) = self.place(name, &format!("not_null[{index}]")) {
                self.columns[at].is_required = true;
            }
        }
        if source.identity == Identity::PrimaryKey {
            for column in self.columns.iter_mut().filter(|column| column.kind == ColumnKind::Key) {
                column.is_required = true;
            }
        }
    }

    fn indexes(&mut self, source: &ShapeSource) -> Vec<IndexShape> {
        let mut all: Vec<IndexShape> = Vec::new();
        for (index, written) in source.indexes.iter().enumerate() {
            let path = format!("indexes[{index}]");
            if let Some(error) = written.name.as_deref().and_then(|name| check_name(name).err()) {
                self.problems.push(error.within(&join(&path, "name")));
            }
            if written.name.is_some() && all.iter().any(|known| known.name == written.name) {
                self.refuse(Code::CatalogDuplicate, "two indexes have one name", &join(&path, "name"));
            }
            if written.columns.is_empty() {
                self.refuse(Code::CatalogMissing, "an index has at least one column", &join(&path, "columns"));
            }
            let mut columns = Vec::new();
            for (index, text) in written.columns.iter().enumerate() {
                let descending = text.strip_prefix('-').filter(|_| !self.columns.iter().any(|it| it.name == *text));
                let (name, order) =
                    descending.map_or((text.as_str(), Order::Ascending), |name| (name, Order::Descending));
                if self.place(name, &format!("{path}.columns[{index}]")).is_some() {
                    columns.push((name.to_string(), order));
                }
            }
            all.push(IndexShape { name: written.name.clone(), columns });
        }
        all
    }

    fn comments(&mut self, source: &ShapeSource) {
        for (name, text) in &source.comments {
            if let Some(at) = self.place(name, &format!("comments.{name}")) {
                self.columns[at].comment = Some(text.clone());
            }
        }
        let texts = source.comment.iter().map(|text| ("comment".to_string(), text));
        let all: Vec<_> =
            texts.chain(source.comments.iter().map(|(name, text)| (format!("comments.{name}"), text))).collect();
        for (path, text) in all {
            if text.contains('\0') {
                self.refuse(Code::CatalogInvalid, "a comment has no character of code 0", &path);
            }
        }
    }
}

fn join(path: &str, key: &str) -> String {
    format!("{path}.{key}")
}

/// What a table or column may be called in every database.
pub(super) fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > MAX_TABLE_NAME_BYTES || name.chars().any(char::is_control) {
        let text = format!(
            "the name of a table or column has 1 to {MAX_TABLE_NAME_BYTES} bytes and no control characters, got {name:?}"
        );
        return Err(Error::new(Code::CatalogName, text));
    }
    Ok(())
}
