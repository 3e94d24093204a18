//! Expressions as anybody may write them.

use isofold::column::{Column, Values};
use isofold::expr::{check, parse, Call, Expr, Scope};
use isofold::value::OutputType;
use isofold::{Code, Error, Result, Type, Value};

/// The columns that an expression may name, those of `expressions.json`.
const COLUMNS: [(&str, Type); 7] = [
    ("ts", Type::Timestamp),
    ("i", Type::Int64),
    ("x", Type::Float64),
    ("b", Type::Bool),
    ("s", Type::String),
    ("t", Type::Timestamp),
    ("d", Type::Decimal(2)),
];

const ROWS: usize = 6;

struct Table;

impl Scope for Table {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        let slot = COLUMNS.iter().position(|(column, _)| *column == name);
        slot.map(|slot| (slot, OutputType::Scalar(COLUMNS[slot].1)))
            .ok_or_else(|| Error::new(Code::ExprUnknownName, "no such column").at(at))
    }

    fn call(&mut self, _: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        None
    }
}

/// An expression has one text, which means the same, and columns mean what rows mean.
pub fn expression(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(ast) = parse(text) else { return };
    let printed = ast.to_string();
    // the canonical text may need more characters or brackets than a text may have
    let Ok(again) = parse(&printed) else { return };
    assert_eq!(again.to_string(), printed, "of {text}");
    let expr = match (check(&ast, &mut Table), check(&again, &mut Table)) {
        (Ok(expr), Ok(_)) => expr,
        (Err(first), Err(second)) => return assert_eq!(first.code(), second.code(), "{text} and {printed}"),
        (first, second) => panic!("{text} gives {:?}, {printed} gives {:?}", first.err(), second.err()),
    };
    let columns = columns();
    compare(text, &expr, &columns, &expr.evaluate_columns(&columns, ROWS), &[true; ROWS]);
    let kept = [true, false, false, true, true, false];
    compare(text, &expr, &columns, &expr.evaluate_kept(&columns, ROWS, &kept), &kept);
}

fn compare(text: &str, expr: &Expr, columns: &[Column<'_>], result: &Result<Column<'_>>, kept: &[bool]) {
    let value_at = |column: &Column<'_>, row: usize| column.get(row).map_or(Value::Null, |scalar| scalar.to_value());
    let mut by_row =
        (0..ROWS).filter(|&row| kept[row]).map(|row| (row, expr.evaluate(&mut |slot| value_at(&columns[slot], row))));
    match result {
        Ok(column) => by_row.for_each(|(row, value)| assert_eq!(Ok(value_at(column, row)), value, "{text}, row {row}")),
        Err(error) => {
            let failed = by_row.find_map(|(row, value)| value.err().map(|error| error.in_row(row)));
            assert_eq!(Some(error), failed.as_ref(), "{text}");
        }
    }
}

fn columns() -> Vec<Column<'static>> {
    let day = 1_793_491_200_000_000;
    let texts = ["Hello", "hello world", "", "50%_é😀", " 42 "].map(Into::into).to_vec();
    let floats = [2.5, -2.5, -0.0, 1e308, f64::NAN, f64::INFINITY].map(f64::to_bits).to_vec();
    let valid = |null: usize| (0..ROWS).map(|row| row != null).collect::<Vec<_>>();
    vec![
        Column::new(Values::Timestamp((0..ROWS as i64).map(|row| day + row * 3_600_000_001).collect())),
        Column::with_validity(Values::Int64(vec![7, -7, 0, 1, i64::MIN, i64::MAX].into()), valid(3)),
        Column::with_validity(Values::Float64(floats.into()), valid(5)),
        Column::with_validity(Values::Bool(vec![true, false, true, false, true, false].into()), valid(2)),
        Column::with_validity(Values::String(vec![0, 1, 2, u32::MAX, 3, 4].into(), texts.into()), valid(3)),
        Column::with_validity(Values::Timestamp(vec![1_000_000, -1, 0, 0, 5, 7].into()), valid(3)),
        Column::with_validity(Values::Decimal(vec![150, -1, i64::MAX, 0, i64::MIN, 1999].into(), 2), valid(3)),
    ]
}
