//! What an expression may cost: texts that it computes have a limit, and time follows the length of what it reads.

use isofold::column::{Column, Values};
use isofold::expr::{check, parse, Call, Expr, Scope};
use isofold::limits::{MAX_LIKE_PIECE, MAX_TEXT_BYTES};
use isofold::value::OutputType;
use isofold::{Code, Error, Result, Type, Value};
use std::borrow::Cow;

/// One column, the text `s`.
struct Text;

impl Scope for Text {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        match name {
            "s" => Ok((0, OutputType::Scalar(Type::String))),
            _ => Err(Error::new(Code::ExprUnknownName, "no such column").at(at)),
        }
    }

    fn call(&mut self, _: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        None
    }
}

fn checked(text: &str) -> Result<Expr> {
    check(&parse(text)?, &mut Text)
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// The values of an expression of `s`, row by row and column by column alike.
fn values(expression: &str, rows: &[&str]) -> Result<Vec<Value>> {
    let expr = checked(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
    let alone = rows.iter().enumerate().map(|(row, text)| {
        expr.evaluate(&mut |_| Value::String((*text).to_owned())).map_err(|error| error.in_row(row))
    });
    let alone: Result<Vec<Value>> = alone.collect();
    let dictionary = rows.iter().map(|text| Cow::Borrowed(*text)).collect();
    let columns = [Column::new(Values::String((0..rows.len() as u32).collect(), dictionary))];
    let together = expr.evaluate_columns(&columns, rows.len()).map(|column| {
        (0..rows.len()).map(|row| column.get(row).map_or(Value::Null, |scalar| scalar.to_value())).collect::<Vec<_>>()
    });
    assert_eq!(together, alone, "{expression}");
    together
}

#[test]
fn texts_are_joined_in_any_nesting_and_from_any_parts() {
    for expression in ["s || s || s", "(s || s) || s", "s || ('' || s || '') || (s || '')"] {
        assert_eq!(values(expression, &["a", "é", ""]), Ok(vec![text("aaa"), text("ééé"), text("")]), "{expression}");
    }
    let mixed = values("'<' || s || '|' || upper(s) || length(s) || '>' || 'x'", &["ab", "c", "ab"]);
    assert_eq!(mixed, Ok(vec![text("<ab|AB2>x"), text("<c|C1>x"), text("<ab|AB2>x")]));
    assert_eq!(values("'a' || null || s", &["b"]), Ok(vec![Value::Null]));
}

#[test]
fn a_computed_text_has_a_limit_of_bytes() {
    let limit = MAX_TEXT_BYTES;
    let half = "h".repeat(limit / 2);
    assert!(values("s || s", &["a", &half]).is_ok());
    let error = values("s || s || 'x'", &["a", &half, &half]).unwrap_err();
    assert_eq!((error.code(), error.path(), error.position()), (Code::ExprLimit, "[1]", Some(2)));
    // of rows that are not asked for nothing is told
    assert!(values("case when length(s) < 9 then s || s || 'x' end", &["a", &half]).is_ok());
    assert!(values("length(s) < 9 and s || s || 'x' like 'a%'", &["a", &half]).is_ok());
    assert_eq!(values("s || s || 'x' || null", &["a", &half]), Ok(vec![Value::Null; 2]));
}

#[test]
fn a_pattern_that_cannot_be_looked_for_quickly_is_refused() {
    let piece = "a".repeat(MAX_LIKE_PIECE);
    let error = checked(&format!("s like '%_{piece}%'")).unwrap_err();
    assert_eq!((error.code(), error.position()), (Code::ExprLimit, Some(2)));
    let error = values("'a' like '%_' || s || '%'", &["a", &piece, &piece]).unwrap_err();
    assert_eq!((error.code(), error.path(), error.position()), (Code::ExprLimit, "[1]", Some(4)));
    assert!(values("length(s) < 9 and 'a' like '%_' || s || '%'", &["a", &piece]).is_ok());
    assert_eq!(values("s like s", &["a%", "\\", "a_"]), Ok(vec![Value::Bool(true); 3]));
}

/// What would take minutes if each step cost all that came before it.
#[test]
fn long_texts_cost_their_length() {
    let pieces = vec!["s"; 1600].join(" || ");
    assert_eq!(
        values(&format!("length({pieces})"), &["ab", &"c".repeat(600)]),
        Ok(vec![Value::Int64(3200), Value::Int64(960_000)])
    );
    let long = "a".repeat(1 << 20);
    let wanted = format!("{}b", "a".repeat(15_000));
    for expression in [format!("s like '%{wanted}%'"), format!("s ilike '%{wanted}%'")] {
        assert_eq!(values(&expression, &[&long, &wanted]), Ok(vec![Value::Bool(false), Value::Bool(true)]));
    }
    let dynamic = values("s like '%' || s || 'b%'", &[&long[..1 << 19]]);
    assert_eq!(dynamic, Ok(vec![Value::Bool(false)]));
    let many = vec!["s"; 256].join(", ");
    assert_eq!(values(&format!("length(least({many}))"), &[&long[..4096]; 3000]), Ok(vec![Value::Int64(4096); 3000]));
}
