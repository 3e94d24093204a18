//! The answers of a model that shares no code with the kernel, for the parts of a case that it understands.
//!
//! The one idea: the model replays the steps of a case over its rows. Where a query asks for everything, each metric
//! that is one exact aggregate over a column, or over a column under a simple filter, must agree to the bit.
//!
//! Not here: sketches past their exact part, expressions, zones (the core's own tests have those).

use crate::cell::reference_cell;
use crate::run::{entries, field, items, optional, text};
use isofold::value::ColumnType;
use isofold_facade::json::Json;
use isofold_reference::{Aggregate, Answer, Bucket, Cell, Clock, Metric, Model, Row, Spec, Width};
use std::collections::BTreeMap;

const HOUR_US: i64 = 3_600_000_000;

/// What the model found out about a case.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Answers that were compared.
    pub compared: usize,
    /// Answers that differ, in words.
    pub differences: Vec<String>,
}

/// Replays a case on the model and compares what it can.
#[must_use]
pub fn judge(case: &Json) -> Verdict {
    let mut verdict = Verdict::default();
    let specs = entries(field(case, "specs"));
    let [(_, spec), ..] = specs else { return verdict };
    let is_refused = optional(&items(field(case, "steps"))[0], "error").is_some();
    if specs.len() > 1 || is_refused {
        return verdict;
    }
    let Some(understood) = Understood::new(spec) else { return verdict };
    let mut models: BTreeMap<&str, Model> = BTreeMap::new();
    for step in items(field(case, "steps")) {
        if optional(step, "error").is_some() {
            continue;
        }
        let on = text(step, "on");
        match text(step, "do") {
            "new" => {
                models.insert(on, Model::new(understood.spec.clone()));
            }
            "ingest" => {
                let Some(rows) = understood.rows(field(field(case, "batches"), text(step, "batch"))) else { break };
                models.get_mut(on).expect("a rollup").ingest(&rows);
            }
            "merge" => {
                let other = models[text(step, "with")].clone();
                models.get_mut(on).expect("a rollup").merge(&other);
            }
            "recode" => {
                let copy = models[on].clone();
                models.insert(text(step, "into"), copy);
            }
            "slice" => {
                let cut = models[on].slice(time(step, "start"), time(step, "end"));
                models.insert(text(step, "into"), cut);
            }
            "replace" => {
                let other = models[text(step, "with")].clone();
                models.get_mut(on).expect("a rollup").replace(time(step, "start"), time(step, "end"), &other);
            }
            "prune" => {
                let groups = models.get_mut(on).expect("a rollup").prune(time(step, "before"));
                verdict.compare(case, "groups pruned", field(step, "groups"), &Json::Int64(groups as i64));
            }
            "query" if entries(field(step, "query")).is_empty() => {
                understood.compare(case, step, &models[on], &mut verdict)
            }
            "same" | "check" | "query" => {}
            _ => return verdict,
        }
    }
    verdict
}

impl Verdict {
    fn compare(&mut self, case: &Json, what: &str, kernel: &Json, model: &Json) {
        self.compared += 1;
        if kernel != model {
            self.differences.push(format!("{}: {what} is {kernel}, the model says {model}", text(case, "name")));
        }
    }
}

fn time(step: &Json, key: &str) -> i64 {
    isofold::time::parse_timestamp(text(step, key)).expect("a time")
}

/// A spec in the words of the model, with the metrics that it has words for.
struct Understood {
    columns: Vec<(String, ColumnType)>,
    time: String,
    spec: Spec,
}

impl Understood {
    fn new(json: &Json) -> Option<Self> {
        let columns: Vec<(String, ColumnType)> = entries(field(json, "columns"))
            .iter()
            .map(|(name, column_type)| match column_type {
                Json::Text(text) => Some((name.clone(), ColumnType::from_name(text)?)),
                // the model reads no clocks and lacks no columns
                _ => None,
            })
            .collect::<Option<_>>()?;
        let place = |name: &str| columns.iter().position(|(known, _)| known == name);
        let keys = match optional(json, "group_by") {
            None => Vec::new(),
            Some(keys) => items(keys)
                .iter()
                .map(|key| if let Json::Text(key) = key { place(key) } else { None })
                .collect::<Option<Vec<usize>>>()?,
        };
        if optional(json, "where").is_some() {
            return None;
        }
        let bucket = match field(json, "bucket") {
            Json::Text(width) if width == "1 hour" => Bucket::new(Width::Micros(HOUR_US)),
            Json::Text(width) if width == "1 day" => Bucket::new(Width::Micros(24 * HOUR_US)),
            _ => return None,
        };
        let time = text(json, "time").to_owned();
        let metrics = entries(field(json, "select"))
            .iter()
            .filter_map(|(name, text)| match text {
                Json::Text(text) => Some(Metric::new(name, aggregate(text, &time, &place)?)),
                other => panic!("{other} is no expression"),
            })
            .collect();
        Some(Self { columns, time, spec: Spec { bucket: Some(bucket), keys, filter: None, metrics } })
    }

    /// The rows of a batch, if every cell has a plain meaning.
    fn rows(&self, batch: &Json) -> Option<Vec<Row>> {
        let column = |(name, declared): &(String, ColumnType)| -> Option<Vec<Cell>> {
            items(field(batch, name)).iter().map(|cell| reference_cell(cell, *declared)).collect()
        };
        let cells: Vec<Vec<Cell>> = self.columns.iter().map(column).collect::<Option<_>>()?;
        let time = self.columns.iter().position(|(name, _)| *name == self.time)?;
        (0..cells[time].len())
            .map(|row| {
                let Cell::Time(us) = cells[time][row] else { return None };
                Some(Row::new(us, cells.iter().map(|column| column[row].clone()).collect()))
            })
            .collect()
    }

    fn compare(&self, case: &Json, step: &Json, model: &Model, verdict: &mut Verdict) {
        let column = |name: &str| {
            let found = items(field(step, "columns")).iter().find(|column| text(column, "name") == name);
            found.map(|column| items(field(column, "values"))).unwrap_or_else(|| panic!("no column {name}"))
        };
        // the kernel orders NULL last, the model first
        let mut groups = model.query();
        groups.sort_by_key(|(group, _)| {
            let keys = group.key.iter().map(|cell| (cell.is_null(), cell.clone())).collect::<Vec<_>>();
            (group.bucket_us, keys)
        });
        verdict.compare(
            case,
            "number of groups",
            &Json::Int64(column("bucket").len() as i64),
            &Json::Int64(groups.len() as i64),
        );
        for (row, (group, answers)) in groups.iter().enumerate() {
            verdict.compare(case, "bucket", &column("bucket")[row], &Json::Text(group.bucket_us.to_string()));
            for (key, cell) in self.spec.keys.iter().zip(&group.key) {
                let name = &self.columns[*key].0;
                verdict.compare(case, name, &column(name)[row], &spelled(cell));
            }
            for (metric, answer) in self.spec.metrics.iter().zip(answers) {
                if is_sketched(metric, answer) {
                    continue;
                }
                let expected = match answer {
                    Answer::Cell(cell) => spelled(cell),
                    Answer::Counts(counts) => {
                        let pair = |(cell, count): &(Cell, u64)| {
                            Json::Array(vec![spelled(cell), Json::Text(count.to_string())])
                        };
                        Json::Array(counts.iter().map(pair).collect())
                    }
                    // a cell without a value, which the result warns of
                    Answer::Overflow(_) => Json::Null,
                };
                verdict.compare(case, &format!("{} in row {row}", metric.name), &column(&metric.name)[row], &expected);
            }
        }
    }
}

/// Whether the kernel only estimates this.
fn is_sketched(metric: &Metric, answer: &Answer) -> bool {
    let past_exact = |count: i64| usize::try_from(count).is_ok_and(|count| count > isofold::limits::DISTINCT_EXACT);
    matches!((&metric.aggregate, answer), (Aggregate::CountDistinct(_), Answer::Cell(Cell::Int(count))) if past_exact(*count))
}

/// The aggregate that a metric is, if the model knows it.
fn aggregate(text: &str, time: &str, place: &dyn Fn(&str) -> Option<usize>) -> Option<Aggregate> {
    if text == "count(*)" {
        return Some(Aggregate::Count);
    }
    let (name, arguments) = text.strip_suffix(')')?.split_once('(')?;
    if let Some((value, by)) = arguments.split_once(", ") {
        let clock = if by == time { Clock::Row } else { Clock::Column(place(by)?) };
        return match name {
            "first" => Some(Aggregate::First(place(value)?, clock)),
            "last" => Some(Aggregate::Last(place(value)?, clock)),
            _ => None,
        };
    }
    let x = place(arguments)?;
    Some(match name {
        "count" => Aggregate::CountOf(x),
        "sum" => Aggregate::Sum(x),
        "avg" => Aggregate::Mean(x),
        "var_samp" | "variance" => Aggregate::VarSamp(x),
        "var_pop" => Aggregate::VarPop(x),
        "stddev_samp" | "stddev" => Aggregate::StddevSamp(x),
        "stddev_pop" => Aggregate::StddevPop(x),
        "min" => Aggregate::Min(x),
        "max" => Aggregate::Max(x),
        "approx_count_distinct" => Aggregate::CountDistinct(x),
        "value_counts" => Aggregate::ValueCounts(x),
        "mode" => Aggregate::Mode(x),
        "bool_and" => Aggregate::BoolAnd(x),
        "bool_or" => Aggregate::BoolOr(x),
        _ => return None,
    })
}

/// A cell of the model as vectors spell answers; an infinite sum that cancels is NULL there too.
fn spelled(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Bool(value) => Json::Bool(*value),
        Cell::Int(value) | Cell::Time(value) => Json::Text(value.to_string()),
        Cell::Float(value) if value.is_nan() => Json::Null,
        Cell::Float(value) if value.to_bits() << 1 == 0 => Json::Text("0".repeat(16)),
        Cell::Float(value) => Json::Text(format!("{:016x}", value.to_bits())),
        Cell::Text(text) => Json::Text(text.clone()),
        Cell::Decimal(units, scale) => Json::Text(isofold::math::fixed::write(*units, *scale)),
    }
}
