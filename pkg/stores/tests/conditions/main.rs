//! What a database is asked is what the kernel means: random conditions over hostile values, asked of both.
//!
//! The one idea: a row that the database leaves out is one of which ours is false or NULL, and in which it raises no error
//! and nothing does not fit. Where the printer calls what it prints exact, no other row is left in.
#![cfg(all(feature = "postgres", feature = "sqlite"))]

mod choices;
mod grammar;
mod tables;

use choices::Choices;
use grammar::Grammar;
use isofold::spec::Spec;
use isofold::sql::{Dialect, HeldTypes, SourceRows};
use isofold::value::ColumnType;
use isofold::Value;
use isofold_facade::json::spec_source;
use isofold_reference::skip::skipped;
use isofold_stores::SqlValue;
use tables::Table;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const CONDITIONS: usize = 6000;

#[derive(Debug, Default)]
struct Told {
    asked: usize,
    printed: usize,
    exact: usize,
    kept: usize,
    left_out: usize,
}

fn spec(table: &Table, condition: &str) -> Option<Spec> {
    let columns = table.columns.iter().map(|column| format!("{:?}: {:?}", column.name, column.declared));
    let source = format!(
        r#"{{"name": "n", "columns": {{{}}}, "time": "m", "bucket": "1 hour", "where": {}, "select": {{"n": "count(*)"}}}}"#,
        columns.collect::<Vec<_>>().join(", "),
        isofold_stores::Json::from(condition)
    );
    Spec::compile(&spec_source(source.as_str()).expect("a spec")).ok()
}

fn held_types(table: &mut Table, dialect: Dialect) -> HeldTypes {
    let statement = SourceRows::new(dialect, &table.source).held_types();
    let rows = table.driver.run(&statement, &[]).expect("types");
    let text = |value: &SqlValue| match value {
        SqlValue::Text(text) => Some(text.clone()),
        _ => None,
    };
    let rows: Vec<Vec<Option<String>>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    let rows: Vec<[Option<&str>; 4]> = rows.iter().map(|row| [0, 1, 2, 3].map(|at| row[at].as_deref())).collect();
    HeldTypes::read(&rows)
}

/// Asks a table one condition, and compares which rows it leaves out.
fn compare(table: &mut Table, dialect: Dialect, held: &HeldTypes, text: &str, told: &mut Told) {
    let Some(spec) = spec(table, text) else { return };
    told.asked += 1;
    let ours = spec.filter().expect("a condition").expr();
    let columns: Vec<(String, ColumnType)> =
        spec.columns().iter().map(|column| (column.name().to_owned(), column.column_type())).collect();
    let Some(condition) = SourceRows::new(dialect, &table.source).condition(ours, &columns, held) else { return };
    told.printed += 1;
    told.exact += usize::from(condition.is_exact);
    let kept = table.kept(&condition.sql);
    let place = |name: &str| table.columns.iter().position(|column| column.name == name).expect("a column");
    let places: Vec<usize> = columns.iter().map(|(name, _)| place(name)).collect();
    let is_one_term = !text.contains(" and ");
    for (id, kept) in kept.into_iter().enumerate() {
        let row = &table.rows[id];
        let about = || format!("{dialect:?}: {text}\n{}\nrow {id}: {row:?}", condition.sql);
        told.kept += usize::from(kept);
        told.left_out += usize::from(!kept);
        if ours.leaves().into_iter().any(|slot| row[places[slot]].is_none()) {
            assert!(kept || !is_one_term, "a row that does not fit is left out: {}", about());
            continue;
        }
        let value = ours.evaluate(&mut |slot| row[places[slot]].clone().expect("it fits"));
        if !kept {
            let is_out = matches!(value, Ok(Value::Bool(false) | Value::Null));
            assert!(is_out, "ours is {value:?} of a row that is left out: {}", about());
        } else if condition.is_exact {
            assert_eq!(value, Ok(Value::Bool(true)), "a row is left in: {}", about());
        }
    }
}

fn ask(mut table: Table, dialect: Dialect, mut choices: Choices) {
    let held = held_types(&mut table, dialect);
    let mut told = Told::default();
    let names: Vec<_> = table.columns.iter().map(|column| (column.name, column.declared)).collect();
    for at in 0..CONDITIONS {
        let text = Grammar { choices: &mut choices, names: names.clone() }.condition(1 + at % 4);
        compare(&mut table, dialect, &held, &text, &mut told);
    }
    println!("{dialect:?}: {told:?}");
    assert!(told.asked > CONDITIONS * 3 / 4, "{told:?}");
    let least = if dialect == Dialect::Postgres { 60 } else { 35 };
    assert!(told.printed * 100 > told.asked * least && told.exact * 2 > told.printed, "{told:?}");
    assert!(told.kept > told.printed * 10 && told.left_out > told.printed * 10, "{told:?}");
}

#[test]
fn sqlite_leaves_out_what_the_kernel_leaves_out() {
    let mut choices = Choices(SEED);
    let table = tables::sqlite(&mut choices);
    ask(table, Dialect::Sqlite, choices);
}

#[test]
fn postgresql_leaves_out_what_the_kernel_leaves_out() {
    let Ok(url) = std::env::var("ISOFOLD_POSTGRES") else {
        skipped("postgresql_leaves_out_what_the_kernel_leaves_out", "ISOFOLD_POSTGRES is not set: tools/postgres.sh");
        return;
    };
    let mut choices = Choices(SEED);
    let table = tables::postgres(&url, &mut choices);
    ask(table, Dialect::Postgres, choices);
}
