//! From a source to a spec, with all problems at once.

use super::aggregates::{keep_states, MetricScope, States, Wanted};
use super::metric::Metric;
use super::rows::{RowExpr, RowScope};
use super::schema::{Argument, Schema, StateDef};
use super::source::{Named, SpecSource};
use super::{ColumnDef, Key, Spec};
use crate::bytes::Version;
use crate::error::{Code, Error, Result};
use crate::expr::{check, parse_named_with, parse_with, Ast, Node};
use crate::limits;
use crate::state::StateKind;
use crate::time::Bucket;
use crate::value::{Type, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The name of the bucket's column in results; no key or metric may take it.
const BUCKET: &str = "bucket";

impl Spec {
    /// Checks a source and finds the states it needs.
    ///
    /// **Errors** `spec.*`, `expr.*`, `limit.states`: all problems of the spec in one error, each with its path
    /// (`spec.select.p95`) and, inside an expression, the character.
    pub fn compile(source: &SpecSource) -> Result<Spec> {
        Self::compile_with(source, &[]).map_err(|error| error.within("spec"))
    }

    /// As [`Spec::compile`], where `$1` is the first of some values; paths begin inside the spec.
    pub(crate) fn compile_with(source: &SpecSource, parameters: &[Value]) -> Result<Spec> {
        let mut problems = Vec::new();
        match Compiler::new(source, parameters, &mut problems).compile() {
            Some(spec) if problems.is_empty() => Ok(spec),
            _ => match Error::from_all(problems) {
                Some(error) => Err(error),
                // inside corruption stops: a spec that is not there has a problem that is
                None => unreachable!("a spec is refused without a problem"),
            },
        }
    }
}

struct Compiler<'a> {
    source: &'a SpecSource,
    parameters: &'a [Value],
    problems: &'a mut Vec<Error>,
    columns: Vec<ColumnDef>,
    schema: Schema,
}

impl<'a> Compiler<'a> {
    fn new(source: &'a SpecSource, parameters: &'a [Value], problems: &'a mut Vec<Error>) -> Self {
        Self { source, parameters, problems, columns: Vec::new(), schema: Schema::default() }
    }

    fn note<T>(&mut self, result: Result<T>, path: &str) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(error.within(path));
                None
            }
        }
    }

    fn compile(mut self) -> Option<Spec> {
        let name = check_name(&self.source.name);
        self.note(name, "name");
        self.columns();
        let time = self.time();
        let bucket = match Bucket::new(&self.source.bucket) {
            Ok(bucket) => Some(bucket),
            Err(found) => {
                self.problems.extend(found.into_iter().map(|error| error.within("bucket")));
                None
            }
        };
        let filter = self.source.filter.as_ref().map(|text| {
            let condition =
                parse_with(text, self.parameters).and_then(|ast| RowScope::new(&self.columns).condition(&ast));
            self.note(condition, "where")
        });
        let keys = self.keys();
        let rows = Wanted { kind: StateKind::Count, argument: None, by: None, filter: None };
        let counted = Collector { schema: &mut self.schema, columns: &self.columns }.state(rows);
        let rows_state = self.note(counted, "select")?;
        let mut metrics = self.metrics(&keys);
        let keep = self.keep();
        self.count_nans();
        if self.schema.states.len() > limits::MAX_STATES {
            let text = format!("a spec has at most {} states, got {}", limits::MAX_STATES, self.schema.states.len());
            self.problems.push(Error::new(Code::LimitStates, text).within("select"));
        }
        let (time, bucket, filter) = (time?, bucket?, filter.map_or(Some(None), |filter| filter.map(Some))?);
        let new_index = self.schema.put_in_order();
        for leaf in metrics.iter_mut().flat_map(|metric| &mut metric.leaves) {
            for state in &mut leaf.states {
                *state = new_index[*state];
            }
        }
        let mut spec = Spec {
            name: self.source.name.clone(),
            columns: self.columns,
            time,
            bucket,
            keys,
            filter,
            inputs: self.schema.inputs,
            filters: self.schema.filters,
            states: self.schema.states,
            rows_state: new_index[rows_state],
            metrics,
            keep,
            fingerprint: String::new(),
        };
        spec.fingerprint = spec.fingerprint_in(Version::CURRENT);
        Some(spec)
    }

    fn columns(&mut self) {
        let declared = &self.source.columns;
        if declared.is_empty() {
            self.problems.push(Error::new(Code::SpecMissing, "a spec declares its columns").within("columns"));
        }
        if declared.len() > limits::MAX_COLUMNS {
            let text = format!("a spec declares at most {} columns, got {}", limits::MAX_COLUMNS, declared.len());
            self.problems.push(Error::new(Code::LimitStates, text).within("columns"));
            return;
        }
        for (name, type_name) in declared {
            let path = format!("columns.{name}");
            self.note(check_name(name), &path);
            if self.columns.iter().any(|column| column.name() == *name) {
                let text = format!("column {name} is declared twice");
                self.problems.push(Error::new(Code::SpecDuplicate, text).within(&path));
                continue;
            }
            let column = self.note(ColumnDef::new(name, type_name), &path);
            self.columns.extend(column);
        }
        crate::sort::by(&mut self.columns, |a, b| a.name().as_bytes().cmp(b.name().as_bytes()));
    }

    fn time(&mut self) -> Option<usize> {
        let name = &self.source.time;
        let found = self.columns.iter().position(|column| column.name() == *name);
        let is_timestamp = found.is_some_and(|index| self.columns[index].column_type().data_type == Type::Timestamp);
        if !is_timestamp {
            let text = match found {
                Some(index) => {
                    format!("the time must be a timestamp, {name} is {}", self.columns[index].column_type().name())
                }
                None => format!("the time must be a declared column, got '{name}'"),
            };
            self.problems.push(Error::new(Code::SpecTime, text).within("time"));
            return None;
        }
        found
    }

    fn keys(&mut self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        if self.source.group_by.len() > limits::MAX_KEYS {
            let text = format!("a spec has at most {} keys, got {}", limits::MAX_KEYS, self.source.group_by.len());
            self.problems.push(Error::new(Code::LimitStates, text).within("group_by"));
            return keys;
        }
        for (index, named) in self.source.group_by.iter().enumerate() {
            let path = match &named.name {
                Some(name) => format!("group_by.{name}"),
                None => format!("group_by[{index}]"),
            };
            let Some(key) = self.note(key_of(named, &self.columns, self.parameters), &path) else { continue };
            if keys.iter().any(|known| known.name == key.name) {
                let text = format!("two keys are named {}", key.name);
                self.problems.push(Error::new(Code::SpecDuplicate, text).within(&path));
                continue;
            }
            keys.push(key);
        }
        keys
    }

    fn metrics(&mut self, keys: &[Key]) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = Vec::new();
        let select = &self.source.select;
        if select.is_empty() {
            self.problems.push(Error::new(Code::SpecMissing, "a spec selects at least one metric").within("select"));
        }
        if select.len() > limits::MAX_METRICS {
            let text = format!("a spec has at most {} metrics, got {}", limits::MAX_METRICS, select.len());
            self.problems.push(Error::new(Code::LimitStates, text).within("select"));
            return metrics;
        }
        for (name, text) in select {
            let path = format!("select.{name}");
            self.note(check_result_name(name), &path);
            if metrics.iter().any(|metric| metric.name == *name) || keys.iter().any(|key| key.name == *name) {
                let text = format!("two columns of the result are named {name}");
                self.problems.push(Error::new(Code::SpecDuplicate, text).within(&path));
                continue;
            }
            let mut states = Collector { schema: &mut self.schema, columns: &self.columns };
            let metric = parse_with(text, self.parameters)
                .and_then(|ast| metric_of_ast(name, &ast, &self.columns, &metrics, &mut states));
            metrics.extend(self.note(metric, &path));
        }
        metrics
    }

    fn keep(&mut self) -> Vec<String> {
        let mut keep = Vec::new();
        let wanted = &self.source.keep;
        if wanted.len() > limits::MAX_STATES {
            let text = format!("a spec keeps at most {} states, got {}", limits::MAX_STATES, wanted.len());
            self.problems.push(Error::new(Code::LimitStates, text).within("keep"));
            return keep;
        }
        let mut parsed = Vec::new();
        for (index, text) in wanted.iter().enumerate() {
            let path = format!("keep[{index}]");
            let ast = self.note(parse_with(text, self.parameters), &path);
            parsed.extend(ast.map(|ast| (ast.to_string(), ast, path)));
        }
        // first, as the states are found in this order
        crate::sort::by(&mut parsed, |a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        for (text, ast, path) in parsed {
            let mut states = Collector { schema: &mut self.schema, columns: &self.columns };
            let kept = keep_states(&ast, &self.columns, &mut states);
            keep.extend(self.note(kept, &path).map(|()| text));
        }
        keep.dedup();
        keep
    }

    /// Counts the NaNs of every float column that an aggregate reads: NaN is missing, and told.
    fn count_nans(&mut self) {
        let mut read: Vec<usize> = self.schema.inputs.iter().flat_map(|input| input.expr().leaves()).collect();
        crate::sort::ascending(&mut read);
        read.dedup();
        for index in read {
            let column = &self.columns[index];
            if column.column_type().data_type == Type::Float64 {
                let text = format!("nan_count({})", column.name());
                let argument = Argument::NaNs(index);
                self.schema.state(StateDef { kind: StateKind::Count, argument, by: None, filter: None, text });
            }
        }
    }
}

/// A metric of an expression, its states asked of `states`.
pub(crate) fn metric_of_ast(
    name: &str,
    ast: &Ast,
    columns: &[ColumnDef],
    metrics: &[Metric],
    states: &mut dyn States,
) -> Result<Metric> {
    let mut scope = MetricScope { columns, metrics, states, leaves: Vec::new() };
    let mut expr = check(ast, &mut scope)?;
    expr.widen_leaves(&mut |slot| scope.sum_as_double(slot));
    let leaves = scope.leaves;
    Ok(Metric { name: name.into(), text: ast.to_string(), expr, leaves })
}

fn key_of(named: &Named, columns: &[ColumnDef], parameters: &[Value]) -> Result<Key> {
    let (ast, alias) = match &named.name {
        Some(name) => (parse_with(&named.expression, parameters)?, Some(name.clone())),
        None => parse_named_with(&named.expression, parameters)?,
    };
    let expr = RowScope::new(columns).scalar(&ast)?;
    let name = alias.unwrap_or_else(|| bare_name(&ast));
    check_result_name(&name)?;
    Ok(Key { name, expr })
}

/// The name of an expression that has none: a bare column's own name, else the text.
pub(crate) fn bare_name(ast: &Ast) -> String {
    match ast.node() {
        Node::Name(name) => name.clone(),
        _ => ast.to_string(),
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > limits::MAX_NAME_BYTES {
        let text = format!("a name has 1 to {} bytes, got {}", limits::MAX_NAME_BYTES, name.len());
        return Err(Error::new(Code::SpecName, text));
    }
    Ok(())
}

fn check_result_name(name: &str) -> Result<()> {
    if name == BUCKET {
        return Err(Error::new(Code::SpecName, "bucket is the name of the time bucket in results"));
    }
    check_name(name)
}

/// Keeps each wanted state once.
struct Collector<'a> {
    schema: &'a mut Schema,
    columns: &'a [ColumnDef],
}

impl States for Collector<'_> {
    fn state(&mut self, wanted: Wanted) -> Result<usize> {
        debug_assert!(wanted.argument.iter().all(|a| a.expr().leaves().iter().all(|&i| i < self.columns.len())));
        let text = wanted.text();
        if let Some(index) = self.schema.find(&text) {
            return Ok(index);
        }
        let Wanted { kind, argument, by, filter } = wanted;
        let argument =
            argument.map_or(Argument::Rows, |argument: RowExpr| Argument::Values(self.schema.input(argument)));
        let by = by.map(|by| self.schema.input(by));
        let filter = filter.map(|filter| self.schema.filter(filter));
        Ok(self.schema.state(StateDef { kind, argument, by, filter, text }))
    }
}
