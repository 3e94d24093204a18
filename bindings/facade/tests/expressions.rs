//! `docs/expressions.md`: each example gives the result beside it, and no function is missing.

use isofold::expr::{check, function_names, parse, Call, Scope};
use isofold::value::OutputType;
use isofold::{Code, Error, Result, Type, Value};
use isofold_facade::frame::type_name;
use isofold_facade::json::Json;
use isofold_facade::{Batch, Cell, ColumnBuilder, Rollup};
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../docs/expressions.md");
const AGGREGATES: &str = include_str!("../../../core/src/spec/aggregates.rs");
const COLUMNS: &str = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;

/// A row of a table: what it is about, an expression and its value.
#[derive(Debug)]
struct Example {
    about: String,
    /// What stands behind the arrow.
    output: Option<String>,
    expression: String,
    result: String,
}

/// The cells of a row; a bar in a cell is written with a backslash.
fn cells(line: &str) -> Vec<String> {
    let bar = '\u{1}';
    let line = line.replace("\\|", &bar.to_string());
    let inner = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')).expect("a row between bars");
    inner.split('|').map(|cell| cell.trim().replace(bar, "|")).collect()
}

fn code(cell: &str) -> Option<String> {
    Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned())
}

fn examples() -> Vec<Example> {
    let rows = PAGE.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    let example = |line: &str| {
        let cells = cells(line);
        let [about, expression, result, _] = &cells[..] else { return None };
        let output = about.split_once('→').map(|(_, output)| output.trim().to_owned());
        Some(Example { about: about.clone(), output, expression: code(expression)?, result: code(result)? })
    };
    rows.filter_map(example).collect()
}

/// A value as the page writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Float64(number) => number.to_string(),
        Value::Decimal(units, scale) => isofold::math::fixed::write(*units, *scale),
        Value::Timestamp(us) => isofold::time::format_timestamp(*us),
        Value::String(text) => format!("'{text}'"),
        Value::List(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Counts(counts) => {
            let pair = |(value, count): &(Value, u64)| format!("{}: {count}", written(value));
            format!("{{{}}}", counts.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

/// An expression without columns.
struct Nothing;

impl Scope for Nothing {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        Err(Error::new(Code::ExprUnknownName, name).at(at))
    }

    fn call(&mut self, _: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        None
    }
}

fn scalar(expression: &str) -> Result<(Value, OutputType)> {
    let expr = check(&parse(expression)?, &mut Nothing)?;
    Ok((expr.evaluate(&mut |_| Value::Null)?, expr.output_type()))
}

/// The rows of the page, as a batch.
fn rows() -> Batch<'static> {
    let block = PAGE.split("```json").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of rows");
    let Json::Array(rows) = Json::from_text(block).expect("rows in JSON") else { panic!("no array") };
    let names = ["ts", "model", "user_id", "ms", "ok"];
    let mut columns = names.map(|_| ColumnBuilder::new());
    for row in &rows {
        let Json::Object(entries) = row else { panic!("no row: {row}") };
        for ((name, column), (key, value)) in names.iter().zip(&mut columns).zip(entries) {
            assert_eq!(name, key);
            column.push(match value {
                Json::Null => Cell::Null,
                Json::Bool(truth) => Cell::Bool(*truth),
                Json::Int64(number) => Cell::Int64(*number),
                Json::Text(text) => Cell::Text(text.clone().into()),
                other => Cell::Number(other.to_string().parse::<f64>().expect("a number").to_bits()),
            });
        }
    }
    let columns = names.iter().zip(columns).map(|(name, column)| ((*name).to_owned(), column.finish()));
    Batch::from_columns(columns).expect("columns of one length")
}

fn aggregate(expression: &str) -> Result<(Value, OutputType)> {
    let metric = Json::from(expression);
    let spec = format!(
        r#"{{"name": "page", "columns": {COLUMNS}, "time": "ts", "bucket": "1 day", "select": {{"x": {metric}}}}}"#
    );
    let mut rollup = Rollup::new(spec.as_str())?;
    rollup.ingest(&rows())?;
    let frame = rollup.query("{}")?;
    let at = frame.position("x").expect("a column");
    let output = frame.columns().nth(at).expect("a column").1;
    Ok((frame.values(at)[0].clone(), output))
}

#[test]
fn every_example_gives_what_stands_beside_it() {
    let examples = examples();
    let (scalars, aggregates) = PAGE.split_once("## Aggregates").expect("both parts");
    let mut wrong = Vec::new();
    for Example { about, output, expression, result } in &examples {
        let in_table = format!("| `{}` |", expression.replace('|', "\\|"));
        assert!(scalars.contains(&in_table) != aggregates.contains(&in_table), "{expression}");
        let found = if scalars.contains(&in_table) { scalar(expression) } else { aggregate(expression) };
        match found {
            Err(error) => wrong.push(format!("{expression}: {error}")),
            Ok((value, given)) => {
                if written(&value) != *result {
                    wrong.push(format!("{expression} is {}, not {result}", written(&value)));
                }
                let generic = ["any", "number"].contains(&output.as_deref().unwrap_or("any"));
                // what is around an aggregate has a type of its own
                let whole = expression.starts_with(about.trim_start_matches('`').split('(').next().unwrap_or_default());
                if !generic && whole && output.as_ref() != Some(&type_name(given)) {
                    wrong.push(format!("{expression} gives {}, not {output:?}", type_name(given)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples.len() > 120, "only {} examples", examples.len());
}

/// The names that the compiler of metrics takes: `"name" | "name" => …` at the beginning of a line.
fn aggregate_names() -> BTreeSet<&'static str> {
    let arms = AGGREGATES
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => ").map(|(names, _)| names));
    arms.flat_map(|names| names.split("\" | \"")).collect()
}

#[test]
fn no_function_operator_aggregate_or_unit_is_missing() {
    let examples = examples();
    let called = |name: &str| examples.iter().any(|example| example.about.starts_with(&format!("`{name}(")));
    let aggregates = aggregate_names();
    assert!(aggregates.len() > 24 && aggregates.contains("stddev_samp"), "{aggregates:?}");
    let names = function_names().chain(aggregates);
    let missing: Vec<&str> = names.filter(|name| !called(name)).collect();
    assert!(missing.is_empty(), "docs/expressions.md has no example of {missing:?}");

    let operators = [
        "or",
        "and",
        "not",
        "is [not] null",
        "is [not] true",
        "is [not] distinct from",
        "=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "[not] in",
        "[not] between",
        "[not] like",
        "[not] ilike",
        "||",
        "+",
        "-",
        "*",
        "/",
        "%",
        "cast",
        "case",
    ];
    for operator in operators {
        assert!(examples.iter().any(|example| example.about.starts_with(&format!("`{operator}"))), "{operator}");
    }
    // the error of a unit that is none names those there are
    let error = scalar("extract(no from timestamp '2026-11-01')").expect_err("no unit");
    let (_, units) = error.message().split_once("one of the units ").expect("a list");
    for unit in units.split(", ") {
        assert!(examples.iter().any(|example| example.about.starts_with(&format!("`{unit}`"))), "{unit}");
    }
    let types = [Type::Bool, Type::Int64, Type::Float64, Type::String, Type::Timestamp, Type::Decimal(2)];
    for from in types {
        assert!(PAGE.contains(&format!("\n| `{from}` | `")), "{from}");
        for to in types {
            let literal = |t: Type| match t {
                Type::Bool => "true",
                Type::Int64 => "7",
                Type::Float64 => "7.5",
                Type::String => "'7'",
                Type::Timestamp => "timestamp '2026-11-01'",
                Type::Decimal(_) => "7.5::decimal(2)",
            };
            let exists = check(&parse(&format!("{}::{to}", literal(from))).expect("a cast"), &mut Nothing).is_ok();
            let listed = PAGE.contains(&format!("\n| {from} → {to} | `"));
            assert_eq!(exists && from != to, listed, "{from} → {to}");
        }
    }
}
