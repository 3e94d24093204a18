//! Functions of texts and of instants: a table of answers, and those of the reference model on random arguments.

use isofold::column::{Column, Values};
use isofold::expr::{check, parse, Call, Expr, Scope};
use isofold::limits::{MAX_TEXT_BYTES, MAX_TIME_US, MIN_TIME_US};
use isofold::math::Float64;
use isofold::value::OutputType;
use isofold::{Code, Error, Result, Type, Value};
use isofold_reference::functions as reference;
use isofold_reference::zone::Zone;
use proptest::prelude::*;

/// Two texts, two numbers and two instants, the last of each with NULLs.
const COLUMNS: [(&str, Type); 6] = [
    ("s", Type::String),
    ("sn", Type::String),
    ("i", Type::Int64),
    ("n", Type::Int64),
    ("t", Type::Timestamp),
    ("tn", Type::Timestamp),
];

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

fn checked(text: &str) -> Result<Expr> {
    let ast = parse(text)?;
    let printed = ast.to_string();
    assert_eq!(parse(&printed).as_ref(), Ok(&ast), "{text} is printed as {printed}");
    check(&ast, &mut Table)
}

/// A row of [`COLUMNS`].
type Row<'r> = [Value; 6];

fn row(s: &str, sn: Option<&str>, i: i64, n: Option<i64>, t: i64, tn: Option<i64>) -> Row<'static> {
    [
        Value::String(s.to_string()),
        sn.map_or(Value::Null, |s| Value::String(s.to_string())),
        Value::Int64(i),
        n.map_or(Value::Null, Value::Int64),
        Value::Timestamp(t),
        tn.map_or(Value::Null, Value::Timestamp),
    ]
}

fn column(slot: usize, rows: &[Row<'_>]) -> Column<'static> {
    let valid: Vec<bool> = rows.iter().map(|row| row[slot] != Value::Null).collect();
    let number = |row: &Row<'_>| match row[slot] {
        Value::Int64(x) | Value::Timestamp(x) => x,
        _ => i64::MIN,
    };
    let values = match COLUMNS[slot].1 {
        Type::Int64 => Values::Int64(rows.iter().map(number).collect()),
        Type::Timestamp => Values::Timestamp(rows.iter().map(number).collect()),
        _ => {
            // what no row has stands in the dictionary too, and absent rows have no code in it
            let mut texts = vec!["nobody's".into()];
            let codes = rows.iter().map(|row| match &row[slot] {
                Value::String(text) => {
                    texts.push(text.clone().into());
                    texts.len() as u32 - 1
                }
                _ => u32::MAX,
            });
            Values::String(codes.collect::<Vec<_>>().into(), texts.into())
        }
    };
    Column::with_validity(values, valid)
}

/// The values for some rows, row by row and column by column alike; or the error of the first that has one.
fn evaluated(text: &str, rows: &[Row<'_>]) -> Result<Vec<Value>> {
    let expr = checked(text)?;
    let by_row = |(at, row): (usize, &Row<'_>)| {
        expr.evaluate(&mut |slot| row[slot].clone()).map_err(|error: Error| error.in_row(at))
    };
    let alone: Result<Vec<Value>> = rows.iter().enumerate().map(by_row).collect();
    let columns: Vec<Column<'_>> = (0..COLUMNS.len()).map(|slot| column(slot, rows)).collect();
    let whole = expr.evaluate_columns(&columns, rows.len()).map(|column| {
        (0..rows.len()).map(|row| column.get(row).map_or(Value::Null, |scalar| scalar.to_value())).collect()
    });
    assert_eq!(whole, alone, "{text}");
    alone
}

/// The value of an expression without columns.
fn constant(text: &str) -> Result<Value> {
    let rows = [row("", None, 0, None, 0, None), row("x", Some(""), 1, Some(1), 1, Some(1))];
    let values = evaluated(text, &rows)?;
    assert_eq!(values[0], values[1], "{text}");
    Ok(values[0].clone())
}

fn text(text: &str) -> Value {
    Value::String(text.to_string())
}

fn float(x: f64) -> Value {
    Value::Float64(Float64::from_bits(x.to_bits()))
}

#[test]
fn texts_are_cut_where_postgresql_cuts_them() {
    for (expression, expected) in [
        ("substr('alphabet', 3)", "phabet"),
        ("substr('alphabet', 3, 2)", "ph"),
        ("substring('alphabet', 0, 3)", "al"),
        ("substring('alphabet' from 2 for 3)", "lph"),
        ("substring('alphabet' from 2)", "lphabet"),
        ("substring('alphabet' for 3)", "alp"),
        ("substr('alphabet', -2, 3)", ""),
        ("substr('alphabet', -2, 4)", "a"),
        ("substr('alphabet', -2)", "alphabet"),
        ("substr('alphabet', 9, 3)", ""),
        ("substr('alphabet', 2, 0)", ""),
        ("substr('alphabet', 2, 9223372036854775807)", "lphabet"),
        ("substr('alphabet', 9223372036854775807, 9223372036854775807)", ""),
        ("substr('alphabet', -9223372036854775808, 9223372036854775807)", ""),
        ("substr('é漢🎈x', 2, 2)", "漢🎈"),
        ("left('é漢🎈', 2)", "é漢"),
        ("left('abc', 0)", ""),
        ("left('abc', 9)", "abc"),
        ("left('abc', -1)", "ab"),
        ("left('abc', -3)", ""),
        ("left('abc', -9223372036854775808)", ""),
        ("right('é漢🎈', 2)", "漢🎈"),
        ("right('abc', 0)", ""),
        ("right('abc', 9223372036854775807)", "abc"),
        ("right('abc', -1)", "bc"),
        ("right('abc', -3)", ""),
        ("right('abc', -9223372036854775808)", ""),
        ("replace('abcabc', 'bc', 'x')", "axax"),
        ("replace('aaa', 'aa', 'b')", "ba"),
        ("replace('abc', '', 'x')", "abc"),
        ("replace('abc', 'b', '')", "ac"),
        ("replace('', 'a', 'b')", ""),
        ("split_part('a,b,c', ',', 2)", "b"),
        ("split_part('a,b,c', ',', -1)", "c"),
        ("split_part('a,b,c', ',', -3)", "a"),
        ("split_part('a,b,c', ',', -4)", ""),
        ("split_part('a,b,c', ',', 4)", ""),
        ("split_part('a,b,c', '', 1)", "a,b,c"),
        ("split_part('a,b,c', '', -1)", "a,b,c"),
        ("split_part('a,b,c', '', 2)", ""),
        ("split_part('aaa', 'aa', -1)", "a"),
        ("split_part('/api/users/7', '/', 3)", "users"),
        ("split_part('', ',', 1)", ""),
        ("trim('  a b  ')", "a b"),
        ("trim('\ta ')", "\ta"),
        ("btrim('xyaxbyx', 'yx')", "axb"),
        ("trim('xyaxbyx', 'xy')", "axb"),
        ("trim('x' from 'xax')", "a"),
        ("trim(both 'x' from 'xax')", "a"),
        ("trim(leading 'x' from 'xax')", "ax"),
        ("trim(trailing 'x' from 'xax')", "xa"),
        ("trim(leading from '  a ')", "a "),
        ("ltrim('éxé', 'é')", "xé"),
        ("rtrim('éxé', 'éq')", "éx"),
        ("btrim('abc', '')", "abc"),
        ("btrim('', 'a')", ""),
        ("'  ' || trim(' ') || '|'", "  |"),
    ] {
        assert_eq!(constant(expression), Ok(text(expected)), "{expression}");
    }
    for expression in [
        "substr(null, 1)",
        "substr('a', null)",
        "substr('a', 1, null::int)",
        "left(null, 1)",
        "right('a', null)",
        "replace('a', null, 'b')",
        "replace('a', 'a', null)",
        "split_part('a', ',', null)",
        "split_part(null, ',', 0 * 1 + 1)",
        "trim(null)",
        "btrim('a', null)",
        "extract(hour from null)",
        "date_trunc('hour', null)",
        "timestamp '2026-01-01' - null",
        "'a' like 'a' escape null",
    ] {
        assert_eq!(constant(expression), Ok(Value::Null), "{expression}");
    }
}

#[test]
fn truths_and_differences_know_null() {
    for (expression, expected) in [
        ("null is distinct from null", false),
        ("1 is distinct from null", true),
        ("null is distinct from 1", true),
        ("1 is distinct from 1.0", false),
        ("1 is distinct from 2", true),
        ("1 is not distinct from 2", false),
        ("null::int is not distinct from null", true),
        ("'a' is distinct from 'b'", true),
        ("not 1 is distinct from 1", true),
        ("1 = 1 is distinct from false", true),
        ("timestamp '2026-01-01' is distinct from '2026-01-01'", false),
        ("true is true", true),
        ("false is true", false),
        ("null is true", false),
        ("null is not true", true),
        ("false is false", true),
        ("true is false", false),
        ("null is false", false),
        ("null is not false", true),
        ("null is unknown", true),
        ("true is not unknown", true),
        ("1 > 2 is false", true),
        ("'50%' like '50!%' escape '!'", true),
        ("'50x' like '50!%' escape '!'", false),
        ("'a!b' like 'a!!b' escape '!'", true),
        ("'a\\b' like 'a\\b' escape '!'", true),
        ("'a\\' like 'a\\' escape ''", true),
        ("'a_' like 'a\\_' escape '\\'", true),
        ("'ab' like 'a\\_' escape '\\'", false),
        ("'A%' ilike 'a%%' escape '%'", true),
        ("'Ab' ilike 'a%%' escape '%'", false),
        ("'a' not like 'b' escape 'x'", true),
        ("'é%' like '_漢%' escape '漢'", true),
        ("'x_y' like 'x__y' escape '_'", true),
        ("'xay' like 'x__y' escape '_'", false),
    ] {
        assert_eq!(constant(expression), Ok(Value::Bool(expected)), "{expression}");
    }
}

#[test]
fn clocks_show_what_postgresql_says() {
    const INSTANT: &str = "timestamp '2026-11-01T23:45:06.789012Z'";
    let int = Value::Int64;
    for (expression, expected) in [
        ("extract(hour from @)", int(23)),
        ("extract(hour from @ at time zone 'Europe/Berlin')", int(0)),
        ("extract('Hour' from @)", int(23)),
        ("date_part('hour', @)", int(23)),
        ("date_part('hour', @, 'Asia/Kathmandu')", int(5)),
        ("extract(minute from @ at time zone 'Asia/Kathmandu')", int(30)),
        ("extract(second from @)", float(6.789_012)),
        ("extract(milliseconds from @)", float(6789.012)),
        ("extract(microseconds from @)", int(6_789_012)),
        ("extract(epoch from @)", float(1_793_576_706.789_012)),
        ("extract(epoch from @ at time zone 'Europe/Berlin')", float(1_793_580_306.789_012)),
        ("extract(day from @)", int(1)),
        ("extract(DOW from @)", int(0)),
        ("extract(isodow from @)", int(7)),
        ("extract(doy from @)", int(305)),
        ("extract(week from @)", int(44)),
        ("extract(week from timestamp '2027-01-01')", int(53)),
        ("extract(isoyear from timestamp '2027-01-01')", int(2026)),
        ("extract(week from timestamp '2024-12-30')", int(1)),
        ("extract(month from @)", int(11)),
        ("extract(quarter from @)", int(4)),
        ("extract(quarter from timestamp '2026-03-31')", int(1)),
        ("extract(year from @)", int(2026)),
        ("extract(year from timestamp '0000-05-05')", int(-1)),
        ("extract(decade from @)", int(202)),
        ("extract(century from @)", int(21)),
        ("extract(century from timestamp '2000-12-31')", int(20)),
        ("extract(century from timestamp '0000-12-31')", int(-1)),
        ("extract(millennium from timestamp '2001-01-01')", int(3)),
        ("extract(hour from @) % 12 + 1", int(12)),
        ("date_trunc('hour', @)::text", text("2026-11-01T23:00:00Z")),
        ("date_trunc('minute', @)::text", text("2026-11-01T23:45:00Z")),
        ("date_trunc('second', @)::text", text("2026-11-01T23:45:06Z")),
        ("date_trunc('milliseconds', @)::text", text("2026-11-01T23:45:06.789Z")),
        ("date_trunc('microseconds', @) = @", Value::Bool(true)),
        ("date_trunc('day', @, 'Europe/Berlin')::text", text("2026-11-01T23:00:00Z")),
        ("date_trunc('hour', @, 'Asia/Kathmandu')::text", text("2026-11-01T23:15:00Z")),
        ("date_trunc('week', @)::text", text("2026-10-26T00:00:00Z")),
        ("date_trunc('week', @, 'Europe/Berlin')::text", text("2026-11-01T23:00:00Z")),
        ("date_trunc('MONTH', @)::text", text("2026-11-01T00:00:00Z")),
        ("date_trunc('quarter', @)::text", text("2026-10-01T00:00:00Z")),
        ("date_trunc('year', @)::text", text("2026-01-01T00:00:00Z")),
        ("date_trunc('decade', @)::text", text("2020-01-01T00:00:00Z")),
        ("date_trunc('century', @)::text", text("2001-01-01T00:00:00Z")),
        ("date_trunc('millennium', @)::text", text("2001-01-01T00:00:00Z")),
        // summer time began on this day, at two: the day began in winter time
        ("date_trunc('day', timestamp '2026-03-29T12:00:00Z', 'Europe/Berlin')::text", text("2026-03-28T23:00:00Z")),
        // both hours from two to three are hours of their own
        ("date_trunc('hour', timestamp '2026-10-25T00:59:00Z', 'Europe/Berlin')::text", text("2026-10-25T00:00:00Z")),
        ("date_trunc('hour', timestamp '2026-10-25T01:59:00Z', 'Europe/Berlin')::text", text("2026-10-25T01:00:00Z")),
        ("@ - timestamp '2026-11-01T23:45:00Z'", float(6.789_012)),
        ("timestamp '2026-11-01' - timestamp '2026-11-02'", float(-86_400.0)),
        ("@ - '2026-11-01T23:45:06.789013Z'", float(-0.000_001)),
        ("'2026-11-02' - @", float(893.210_988)),
        ("(@ - @) / 2 + 1", float(1.0)),
        ("extract(epoch from timestamp '9999-12-31T23:59:59.999999Z')", float(253_402_300_799.999_999)),
    ] {
        assert_eq!(constant(&expression.replace('@', INSTANT)), Ok(expected), "{expression}");
    }
}

#[test]
fn what_has_no_value_is_refused_with_its_character() {
    let hour =
        |unit: &str| format!("'{unit}' is not one of the units microseconds, milliseconds, second, minute, hour, ");
    let starts = "day, week, month, quarter, year, decade, century, millennium";
    let (soon, dow) = (hour("soon") + starts + ", isoyear, dow, isodow, doy, epoch", hour("dow") + starts);
    for (expression, code, at, message) in [
        ("1 = length(substr(s, 1, -1))", Code::ExprArguments, 24, "a substring has no negative length, got -1"),
        (
            "split_part(s, ',', 0)",
            Code::ExprArguments,
            19,
            "the fields of split_part are counted from 1 or from -1, got 0",
        ),
        ("s like 'a' escape 'ab'", Code::ExprArguments, 18, "'escape' takes one character or none"),
        ("extract(soon from t)", Code::ExprArguments, 8, &soon),
        ("date_trunc('dow', t)", Code::ExprArguments, 11, &dow),
        ("date_trunc(s, t)", Code::ExprArguments, 11, "date_trunc takes its unit as a literal text"),
        ("date_trunc('day', t, s)", Code::ExprArguments, 21, "date_trunc takes its time zone as a literal text"),
        ("extract(day from t at time zone 'Mars')", Code::SpecTimezone, 32, ""),
        ("extract(day from s)", Code::ExprType, 0, "extract takes timestamp, got string"),
        ("date_trunc('day')", Code::ExprArguments, 0, "date_trunc takes two or three arguments, got 1"),
        ("substr(s)", Code::ExprArguments, 0, "substr takes two or three arguments, got 1"),
        ("substr(s, 1.5)", Code::ExprType, 0, "substr takes int64, got float64"),
        ("substr(i, 1)", Code::ExprType, 0, "substr takes string, got int64"),
        ("left(s)", Code::ExprArguments, 0, "left takes two arguments, got 1"),
        ("replace(s, 'a')", Code::ExprArguments, 0, "replace takes three arguments, got 2"),
        ("trim(s, 'a', 'b')", Code::ExprArguments, 0, "trim takes one or two arguments, got 3"),
        ("t - i", Code::ExprType, 2, "'-' takes values of one type, got timestamp and int64"),
        ("t + t", Code::ExprType, 2, "'+' takes numbers, got timestamp"),
        ("t - 'soon'", Code::ExprCast, 4, ""),
        ("i is true", Code::ExprType, 0, "'is true' takes bool, got int64"),
        ("i is not false", Code::ExprType, 0, "'is false' takes bool, got int64"),
        ("i is unknown", Code::ExprType, 0, "'is unknown' takes bool, got int64"),
        (
            "i is distinct from s",
            Code::ExprType,
            2,
            "'is distinct from' takes values of one type, got int64 and string",
        ),
        ("left(s, 1) filter (where i = 1)", Code::ExprArguments, 0, "only aggregates take a filter, left does not"),
        ("s is 1", Code::ExprSyntax, 5, "expected 'null', 'true', 'false', 'unknown' or 'distinct from', found '1'"),
        ("s is distinct 1", Code::ExprSyntax, 14, "expected 'from', found '1'"),
        ("extract(day from t at zone 'UTC')", Code::ExprSyntax, 22, "expected 'time', found 'zone'"),
        ("trim(both 'x')", Code::ExprSyntax, 13, "expected 'from', found ')'"),
        ("left(s from 1)", Code::ExprSyntax, 7, "expected ',' or ')', found 'from'"),
        ("elapsed(t, t)", Code::ExprUnknownFunction, 0, "no function is called 'elapsed'"),
    ] {
        let error = checked(expression).expect_err(expression);
        assert_eq!((error.code(), error.position()), (code, Some(at)), "{expression}: {error}");
        assert!(message.is_empty() || error.message() == message, "{expression}: {error}");
    }
}

#[test]
fn a_row_that_has_no_value_is_refused_and_only_where_it_counts() {
    let rows = [
        row("a,b", Some(","), 1, Some(2), 0, None),
        row("b", None, 0, Some(-1), 0, Some(MIN_TIME_US)),
        row("ab", Some("xy"), 3, None, 0, None),
    ];
    for (expression, refused) in [
        ("split_part(s, ',', i)", Some((1, Code::ExprArguments, 0))),
        ("case when i > 0 then split_part(s, ',', i) end", None),
        ("i <> 0 and split_part(s, ',', i) = 'a'", None),
        ("1 + length(substr(s, 1, n))", Some((1, Code::ExprArguments, 11))),
        ("s like 'a%' escape sn", Some((2, Code::ExprArguments, 2))),
        ("coalesce(sn = 'xy', s like 'a' escape sn)", None),
        ("date_trunc('day', tn, 'America/New_York')", Some((1, Code::ExprOverflow, 0))),
        ("date_trunc('week', tn, 'America/New_York')", Some((1, Code::ExprOverflow, 0))),
        ("date_trunc('year', tn)", None),
        ("i = 0 or date_trunc('day', tn, 'America/New_York') is null", None),
        ("i <> 0 and substr(s, 1, n) = 'b'", None),
    ] {
        let error = evaluated(expression, &rows).err();
        let wanted = refused.map(|(row, code, at)| (format!("[{row}]"), code, Some(at)));
        assert_eq!(error.map(|e| (e.path().to_string(), e.code(), e.position())), wanted, "{expression}");
    }
}

#[test]
fn a_text_that_grows_has_a_limit() {
    let half = "a".repeat(MAX_TEXT_BYTES / 2);
    let grown = |s: &str, to: &str| evaluated("length(replace(s, 'a', sn))", &[row(s, Some(to), 0, None, 0, None)]);
    assert_eq!(grown(&half, "bc"), Ok(vec![Value::Int64(MAX_TEXT_BYTES as i64)]));
    assert_eq!(grown(&half, "").map(|values| values[0].clone()), Ok(Value::Int64(0)));
    for (s, to) in [(half.clone() + "a", "bc"), (half.clone() + "b", "bc"), (half, "abc")] {
        let error = grown(&s, to).expect_err("too long");
        assert_eq!((error.code(), error.position()), (Code::ExprLimit, Some(7)));
        assert_eq!(error.message(), "a text must have at most 1048576 bytes");
    }
    let backslashes = "\\".repeat(MAX_TEXT_BYTES / 2 + 1);
    let error = evaluated("s like s escape '!'", &[row(&backslashes, None, 0, None, 0, None)]).expect_err("too long");
    assert_eq!((error.code(), error.position()), (Code::ExprLimit, Some(2)));
}

#[test]
fn a_text_that_no_row_has_raises_no_error() {
    let texts: Vec<_> = [String::from("aa"), "a".repeat(MAX_TEXT_BYTES)].map(Into::into).into();
    let expr = checked("replace(s, 'a', 'bc')").expect("an expression");
    for (codes, refused) in [(vec![0, 0], false), (vec![0, 1], true)] {
        let columns = [Column::new(Values::String(codes.into(), texts.clone().into()))];
        let result = expr.evaluate_columns(&columns, 2);
        assert_eq!(result.as_ref().err().map(Error::code), refused.then_some(Code::ExprLimit));
        assert!(
            result.is_err() || result.is_ok_and(|column| column.get(1).map(|x| x.to_value()) == Some(text("bcbc")))
        );
    }
}

#[test]
fn a_combination_of_texts_and_numbers_costs_once_however_many_rows_have_it() {
    // cut for each row, these would be 60 GB
    const ROWS: usize = 60_000;
    let long: Vec<_> = ["é".repeat(MAX_TEXT_BYTES / 2), "x".repeat(MAX_TEXT_BYTES)].map(Into::into).into();
    let of = |row: usize| (row % 2, (row % 3) as i64 + 500_000);
    let codes: Vec<u32> = (0..ROWS).map(|row| of(row).0 as u32).collect();
    let columns = [
        Column::new(Values::String(codes.clone().into(), long.clone().into())),
        Column::new(Values::String(codes.into(), ["é", "y"].map(Into::into).to_vec().into())),
        Column::new(Values::Int64((0..ROWS).map(|row| of(row).1).collect())),
    ];
    for (expression, wanted) in [
        ("left(s, i)", [500_000, 500_001, 500_002]),
        ("substr(s, i, i)", [24_289, 24_288, 24_287]),
        ("replace(left(s, i), sn, '')", [0; 3]),
    ] {
        let expr = checked(expression).expect("an expression");
        let column = expr.evaluate_columns(&columns, ROWS).expect("texts");
        for row in [0, 2, 4, ROWS - 2] {
            let Some(Value::String(found)) = column.get(row).map(|x| x.to_value()) else { panic!("{expression}") };
            assert_eq!(found.chars().count(), wanted[row % 3], "{expression}, row {row}");
        }
        let Values::String(_, texts) = column.values else { panic!("{expression}") };
        assert_eq!(texts.len(), 6, "{expression}");
    }
}

#[test]
fn functions_cost_what_their_texts_are_long() {
    // each of these would take minutes if it cost the product of two lengths
    let (long, many) = ("ab".repeat(200_000), (0x4e00..0x9000).filter_map(char::from_u32).collect::<String>());
    let rows = [row(&long, Some(&many), 150_000, None, 0, None), row(&many.repeat(8), Some(&many), -1, None, 0, None)];
    for expression in [
        "length(replace(s, 'aab', 'x'))",
        "length(replace(s, sn, ''))",
        "length(split_part(s, 'b', i))",
        "length(btrim(s, sn))",
        "length(left(s, i)) + length(right(s, i)) + length(substr(s, i))",
    ] {
        assert!(evaluated(expression, &rows).is_ok(), "{expression}");
    }
}

const UNITS: [&str; 18] = [
    "microseconds",
    "milliseconds",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "decade",
    "century",
    "millennium",
    "isoyear",
    "dow",
    "isodow",
    "doy",
    "epoch",
];
const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "America/St_Johns",
    "Antarctica/Casey",
    "Africa/Monrovia",
];

/// An instant of almost any supported year (the model's calendar ends within the first), or one of those in which clocks changed.
fn instant() -> impl Strategy<Value = i64> {
    let recent = 1_000_000_000_000_000i64..2_000_000_000_000_000;
    // around the changes of clocks of the zones
    let changing = prop::sample::select(vec![
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-11-01T06:00:00Z",
        "2010-03-04T15:00:00Z",
        "2011-03-13T03:31:00Z",
        "1972-01-07T00:44:30Z",
    ]);
    let near = (changing, -7_200_000_000i64..7_200_000_000)
        .prop_map(|(text, off)| isofold::time::parse_timestamp(text).expect("a time") + off);
    prop_oneof![MIN_TIME_US + 1001 * 366 * 86_400_000_000..MAX_TIME_US - 86_400_000_000, recent, near]
}

fn letters() -> impl Strategy<Value = String> {
    "[ab, é🎈]{0,8}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn texts_are_cut_as_the_reference_cuts_them(s in letters(), other in letters(), i in -9i64..10, n in -2i64..12) {
        let rows = [row(&s, Some(&other), i, Some(n), 0, None)];
        let one = |expression: &str| evaluated(expression, &rows).ok().map(|values| values[0].clone());
        let some = |found: String| Some(text(&found));
        prop_assert_eq!(one("substr(s, i)"), reference::substr(&s, i, None).and_then(some));
        prop_assert_eq!(one("substr(s, i, n)"), reference::substr(&s, i, Some(n)).and_then(some));
        prop_assert_eq!(one("left(s, i)"), some(reference::left(&s, i)));
        prop_assert_eq!(one("right(s, i)"), some(reference::right(&s, i)));
        prop_assert_eq!(one("replace(s, sn, 'é,')"), some(reference::replace(&s, &other, "é,")));
        prop_assert_eq!(one("replace(s, 'a', sn)"), some(reference::replace(&s, "a", &other)));
        prop_assert_eq!(one("split_part(s, ',', i)"), reference::split_part(&s, ",", i).and_then(some));
        prop_assert_eq!(one("split_part(s, sn, n)"), reference::split_part(&s, &other, n).and_then(some));
        prop_assert_eq!(one("ltrim(s, sn)"), some(reference::ltrim(&s, &other)));
        prop_assert_eq!(one("rtrim(s, sn)"), some(reference::rtrim(&s, &other)));
        prop_assert_eq!(one("btrim(s, sn)"), some(reference::ltrim(&reference::rtrim(&s, &other), &other)));
        prop_assert_eq!(one("trim(s)"), some(reference::ltrim(&reference::rtrim(&s, " "), " ")));
        prop_assert_eq!(one("s is distinct from sn"), Some(Value::Bool(s != other)));
    }

    #[test]
    fn clocks_show_what_the_reference_says(us in instant(), zone in prop::sample::select(&ZONES[..])) {
        let rows = [row("", None, 0, None, us, Some(us))];
        let place = Zone::named(zone);
        for (at, unit) in UNITS.iter().enumerate() {
            let found = evaluated(&format!("extract({unit} from tn at time zone '{zone}')::float64"), &rows);
            prop_assert_eq!(found, Ok(vec![float(reference::part(unit, &place, us))]), "{} {}", unit, zone);
            if at < 13 {
                let start = reference::trunc(unit, &place, us).map(|us| vec![Value::Timestamp(us)]);
                let found = evaluated(&format!("date_trunc('{unit}', t, '{zone}')"), &rows);
                prop_assert_eq!(found.ok(), start, "{} {}", unit, zone);
            }
        }
    }

    #[test]
    fn differences_are_correctly_rounded(from in instant(), to in instant()) {
        let rows = [row("", None, 0, None, from, Some(to))];
        let wanted = reference::seconds(i128::from(to) - i128::from(from));
        prop_assert_eq!(evaluated("tn - t", &rows), Ok(vec![float(wanted)]));
    }
}
