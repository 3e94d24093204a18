//! What a query asks for, checked against the spec of the rollup.

use super::source::{BucketChoice, Compare, QuerySource};
use crate::error::{Code, Error, Result};
use crate::expr::{check, parse_named_with, parse_with, Ast, Call, Expr, Scope};
use crate::limits;
use crate::spec::{bare_name, metric_of_ast, Metric, Named, Read, Spec, States, Wanted};
use crate::time::{Bucket, BucketSource};
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A key of the result: an expression over the keys of the rollup.
pub(crate) struct QueryKey {
    pub(crate) name: String,
    pub(crate) expr: Expr,
    pub(crate) data_type: Type,
}

/// A query, compiled.
pub(crate) struct Plan {
    /// `None`: one row for each key over the whole range.
    pub(crate) bucket: Option<Bucket>,
    pub(crate) keys: Vec<QueryKey>,
    pub(crate) filter: Option<Expr>,
    /// The metrics of the spec, then those that only the query has.
    pub(crate) metrics: Vec<Metric>,
    /// The metrics of the result, by index into `metrics`.
    pub(crate) shown: Vec<usize>,
    /// Which of `metrics` must be evaluated.
    pub(crate) needed_metrics: Vec<bool>,
    /// Which states of the spec must be merged.
    pub(crate) needed_states: Vec<bool>,
}

impl Plan {
    pub(crate) fn new(spec: &Spec, source: &QuerySource) -> Result<Self> {
        if source.compare == Compare::Previous && source.gapfill.is_some() {
            let text = "gap filling and a comparison exclude each other";
            return Err(Error::new(Code::QueryGapfill, text).within("gapfill"));
        }
        let bucket = bucket_of(spec, source)?;
        let keys = keys_of(spec, source)?;
        let filter = match &source.filter {
            Some(text) => Some(condition(spec, text, &source.parameters).map_err(|error| error.within("where"))?),
            None => None,
        };
        let (mut metrics, shown) = select(spec, source, &keys)?;
        metrics.iter_mut().for_each(|metric| metric.bound_distinct(spec));
        let mut plan = Self {
            bucket,
            keys,
            filter,
            needed_metrics: vec![false; metrics.len()],
            needed_states: vec![false; spec.states().len()],
            metrics,
            shown,
        };
        plan.find_needed();
        Ok(plan)
    }

    /// The keys of the spec that the keys and the filter read.
    pub(crate) fn key_slots(&self) -> Vec<usize> {
        let mut slots: Vec<usize> = self.keys.iter().flat_map(|key| key.expr.leaves()).collect();
        slots.extend(self.filter.iter().flat_map(Expr::leaves));
        crate::sort::ascending(&mut slots);
        slots.dedup();
        slots
    }

    fn find_needed(&mut self) {
        for &index in &self.shown {
            self.needed_metrics[index] = true;
        }
        // a metric names earlier ones alone, so one pass from the last to the first finds all
        for index in (0..self.metrics.len()).rev() {
            if !self.needed_metrics[index] {
                continue;
            }
            for leaf in self.metrics[index].leaves() {
                for &state in leaf.states() {
                    self.needed_states[state] = true;
                }
                if let Read::Metric(earlier) = *leaf.read() {
                    self.needed_metrics[earlier] = true;
                }
            }
        }
    }
}

fn bucket_of(spec: &Spec, source: &QuerySource) -> Result<Option<Bucket>> {
    let zone = source.timezone.as_ref();
    let wanted = match (&source.bucket, zone) {
        (BucketChoice::Whole, _) => return Ok(None),
        (BucketChoice::Own, None) => return Ok(Some(spec.bucket().clone())),
        (BucketChoice::Own, Some(zone)) => BucketSource { timezone: Some(zone.clone()), ..spec.bucket().source() },
        (BucketChoice::Coarser(bucket), zone) => {
            BucketSource { timezone: bucket.timezone.clone().or(zone.cloned()), ..bucket.clone() }
        }
    };
    Bucket::new(&wanted).map(Some).map_err(|problems| {
        let problems = problems.into_iter().map(|error| error.within("bucket")).collect();
        Error::from_all(problems).unwrap_or_else(|| Error::new(Code::SpecBucket, "the bucket is not one"))
    })
}

fn keys_of(spec: &Spec, source: &QuerySource) -> Result<Vec<QueryKey>> {
    let all = || spec.keys().iter().map(|key| Named { name: None, expression: quoted(key.name()) }).collect();
    let wanted: Vec<Named> = source.group_by.clone().unwrap_or_else(all);
    if wanted.len() > limits::MAX_KEYS {
        let text = format!("a query has at most {} keys, got {}", limits::MAX_KEYS, wanted.len());
        return Err(Error::new(Code::LimitStates, text).within("group_by"));
    }
    let mut keys: Vec<QueryKey> = Vec::new();
    for (index, named) in wanted.iter().enumerate() {
        let path = format!("group_by[{index}]");
        let key = query_key(spec, named, &source.parameters).map_err(|error| error.within(&path))?;
        if keys.iter().any(|known| known.name == key.name) {
            let text = format!("two keys are named {}", key.name);
            return Err(Error::new(Code::SpecDuplicate, text).within(&path));
        }
        keys.push(key);
    }
    Ok(keys)
}

fn query_key(spec: &Spec, named: &Named, parameters: &[Value]) -> Result<QueryKey> {
    let (ast, name) = named_ast(named, parameters, |name| spec.keys().iter().any(|key| key.name() == name))?;
    let expr = check(&ast, &mut KeyScope(spec))?;
    match expr.output_type() {
        OutputType::Scalar(data_type) => Ok(QueryKey { name, expr, data_type }),
        OutputType::List(_) | OutputType::Counts(_) => {
            Err(Error::new(Code::ExprType, "a key is a single value, not a list").at(ast.at()))
        }
    }
}

/// The expression and its name. A text that is the very name of something (also one with odd characters) means that.
fn named_ast(named: &Named, parameters: &[Value], is_name: impl Fn(&str) -> bool) -> Result<(Ast, String)> {
    let text = &named.expression;
    if let Some(name) = &named.name {
        return Ok((parse_with(text, parameters)?, name.clone()));
    }
    if is_name(text) {
        return Ok((parse_with(&quoted(text), &[])?, text.clone()));
    }
    let (ast, alias) = parse_named_with(text, parameters)?;
    let name = alias.unwrap_or_else(|| bare_name(&ast));
    Ok((ast, name))
}

/// A name in double quotes, as an expression spells it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn condition(spec: &Spec, text: &str, parameters: &[Value]) -> Result<Expr> {
    let ast = parse_with(text, parameters)?;
    let expr = check(&ast, &mut KeyScope(spec))?;
    if expr.output_type() == OutputType::Scalar(Type::Bool) {
        return Ok(expr);
    }
    Err(Error::new(Code::ExprType, "a condition is wanted here").at(ast.at()))
}

fn select(spec: &Spec, source: &QuerySource, keys: &[QueryKey]) -> Result<(Vec<Metric>, Vec<usize>)> {
    let mut metrics = spec.metrics().to_vec();
    let Some(wanted) = &source.select else {
        let shown = (0..metrics.len()).collect();
        return Ok((metrics, shown));
    };
    if wanted.len() > limits::MAX_METRICS {
        let text = format!("a query has at most {} metrics, got {}", limits::MAX_METRICS, wanted.len());
        return Err(Error::new(Code::LimitStates, text).within("select"));
    }
    let mut shown: Vec<usize> = Vec::new();
    for (index, named) in wanted.iter().enumerate() {
        let path = match &named.name {
            Some(name) => format!("select.{name}"),
            None => format!("select[{index}]"),
        };
        let stored = spec.metrics().iter().position(|m| named.name.is_none() && m.name() == named.expression);
        let place = match stored {
            Some(place) => place,
            None => {
                let metric = ad_hoc(spec, named, &source.parameters).map_err(|error| error.within(&path))?;
                metrics.push(metric);
                metrics.len() - 1
            }
        };
        let name = metrics[place].name();
        if keys.iter().any(|key| key.name == name) || shown.iter().any(|&other| metrics[other].name() == name) {
            let text = format!("two columns of the result are named {name}");
            return Err(Error::new(Code::SpecDuplicate, text).within(&path));
        }
        shown.push(place);
    }
    Ok((metrics, shown))
}

fn ad_hoc(spec: &Spec, named: &Named, parameters: &[Value]) -> Result<Metric> {
    let (ast, name) = named_ast(named, parameters, |_| false)?;
    if name == "bucket" || name.is_empty() {
        return Err(Error::new(Code::SpecName, format!("'{name}' cannot name a metric")));
    }
    metric_of_ast(&name, &ast, spec.columns(), spec.metrics(), &mut Stored(spec))
        // one code for a name that a query does not find, wherever it stands
        .map_err(|error| error.recoded(Code::ExprUnknownName, Code::QueryUnknownName))
}

/// Finds states that the rollup keeps.
struct Stored<'a>(&'a Spec);

impl States for Stored<'_> {
    fn state(&mut self, wanted: Wanted) -> Result<usize> {
        let text = wanted.text();
        self.0.states().iter().position(|state| state.text() == text).ok_or_else(|| {
            Error::new(Code::QueryState, format!("the rollup does not keep {text}; only its spec's states can be read"))
        })
    }
}

/// The keys of the rollup by name.
struct KeyScope<'a>(&'a Spec);

impl Scope for KeyScope<'_> {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        match self.0.keys().iter().position(|key| key.name() == name) {
            Some(index) => Ok((index, OutputType::Scalar(self.0.keys()[index].data_type()))),
            None => Err(Error::new(Code::QueryUnknownName, format!("{name} is not a key of the rollup")).at(at)),
        }
    }

    fn call(&mut self, call: &Call, at: u32) -> Option<Result<(usize, OutputType)>> {
        crate::spec::is_aggregate(&call.name).then(|| {
            let text = format!("{} is an aggregate; keys are meant here", call.name);
            Err(Error::new(Code::ExprAggregate, text).at(at))
        })
    }
}
