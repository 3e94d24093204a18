//! What expressions evaluate to: a table of answers, and row by row = column by column on random expressions.

use isofold::column::{Column, Values};
use isofold::expr::{check, parse, Call, Expr, Scope};
use isofold::math::Float64;
use isofold::time::parse_timestamp;
use isofold::value::OutputType;
use isofold::{Code, Error, Result, Type, Value};
use proptest::prelude::*;
use std::borrow::Cow;

/// The columns of the tests: a letter for the type, the second of each with NULLs.
const COLUMNS: [(&str, Type); 12] = [
    ("b", Type::Bool),
    ("bn", Type::Bool),
    ("i", Type::Int64),
    ("in_", Type::Int64),
    ("f", Type::Float64),
    ("fn", Type::Float64),
    ("t", Type::Timestamp),
    ("tn", Type::Timestamp),
    ("s", Type::String),
    ("sn", Type::String),
    ("d", DECIMAL),
    ("dn", DECIMAL),
];
const DECIMAL: Type = Type::Decimal(2);

struct Table;

impl Scope for Table {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        let slot = COLUMNS.iter().position(|(column, _)| *column == name);
        slot.map(|slot| (slot, OutputType::Scalar(COLUMNS[slot].1)))
            .ok_or_else(|| Error::new(Code::ExprUnknownName, "no such column").at(at))
    }

    fn call(&mut self, call: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        (call.name == "topn").then_some(Ok((0, OutputType::List(Type::String))))
    }
}

fn checked(text: &str) -> Result<Expr> {
    check(&parse(text)?, &mut Table)
}

/// The value of an expression without columns, row by row and column by column alike.
fn constant(text: &str) -> Result<Value> {
    let expr = checked(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let value = expr.evaluate(&mut |_| Value::Null);
    match (expr.evaluate_columns(&[], 2), &value) {
        (Ok(column), Ok(value)) => {
            for row in 0..2 {
                assert_eq!(column.get(row).map_or(Value::Null, |scalar| scalar.to_value()), *value, "{text}");
            }
        }
        (Err(in_columns), Err(alone)) => assert_eq!(in_columns, alone.clone().in_row(0), "{text}"),
        (in_columns, alone) => panic!("{text}: {in_columns:?} in columns, {alone:?} alone"),
    }
    value
}

fn float(text: &str) -> Value {
    Value::Float64(Float64::from_decimal(text).unwrap())
}

fn text(text: &str) -> Value {
    Value::String(text.to_string())
}

#[test]
fn answers_are_those_of_sql() {
    let (t, f, null) = (Value::Bool(true), Value::Bool(false), Value::Null);
    let int = Value::Int64;
    for (expression, expected) in [
        ("1 + 2 * 3 - 4", int(3)),
        ("7 / 2", float("3.5")),
        ("-7 % 3", int(-1)),
        ("7.5 % -2", float("1.5")),
        ("1 / 0", null.clone()),
        ("1 % 0", null.clone()),
        ("1.0 / 0.0", null.clone()),
        ("-9223372036854775808 % -1", int(0)),
        ("1 + null", null.clone()),
        ("1 + 2.5", float("3.5")),
        ("2 - 0.5 * 4", float("0")),
        ("9007199254740993 + 0.0", float("9007199254740992")),
        ("1e308 * 10 - 1e308 * 10", null.clone()),
        ("1e308 * 10 > 1e308", t.clone()),
        ("-(-5)", int(5)),
        ("-0.0 = 0.0", t.clone()),
        ("null and false", f.clone()),
        ("null or true", t.clone()),
        ("null and true", null.clone()),
        ("not null", null.clone()),
        ("null = null", null.clone()),
        ("null is null", t.clone()),
        ("1 is not null", t.clone()),
        ("1 < 2 and 'a' < 'b' and false < true", t.clone()),
        ("'Z' < 'a'", t.clone()),
        ("'é' > 'z'", t.clone()),
        ("2 >= 2.0", t.clone()),
        ("1 <> 1", f.clone()),
        ("1 in (1, null)", t.clone()),
        ("2 in (1, null)", null.clone()),
        ("2 not in (1, null)", null.clone()),
        ("null in (1)", null.clone()),
        ("2 in (1.0, 2.0)", t.clone()),
        ("5 between 1 and 10", t.clone()),
        ("5 between 6 and null", f.clone()),
        ("5 not between null and 4", t.clone()),
        ("5 between null and 10", null.clone()),
        ("'gpt-4o' like 'gpt-%'", t.clone()),
        ("'GPT-4o' like 'gpt-%'", f.clone()),
        ("'GPT-4o' ilike 'gpt-__'", t.clone()),
        ("'100%' like '100\\%'", t.clone()),
        ("null like 'a'", null.clone()),
        ("'a' not like null", null.clone()),
        ("case when false then 1 when null then 2 else 3 end", int(3)),
        ("case 2 when 1 then 'one' when 2 then 'two' end", text("two")),
        ("case null when null then 1 end", null.clone()),
        ("case when true then 1 else 2.5 end", float("1")),
        ("case when 1 = 0 then 1 / 0 else 0 end", float("0")),
        ("case when true then 1 else cast('x' as int) end", int(1)),
        ("false and cast('x' as int) = 1", f.clone()),
        ("true or cast('x' as int) = 1", t.clone()),
        ("coalesce(null, 2, cast('x' as int))", int(2)),
        ("coalesce(null, null)", null.clone()),
        ("nullif(1, 1)", null.clone()),
        ("nullif(1, 2.5)", float("1")),
        ("nullif(1, null)", int(1)),
        ("least(3, null, 1)", int(1)),
        ("greatest(3, null, 4.5)", float("4.5")),
        ("greatest('a', 'b')", text("b")),
        ("abs(-3)", int(3)),
        ("abs(-3.5)", float("3.5")),
        ("sign(-3)", int(-1)),
        ("sign(0.0)", float("0")),
        ("round(2.5)", float("3")),
        ("round(-2.5)", float("-3")),
        ("round(2.345, 1)", float("2.3")),
        ("round(1250, -2)", int(1300)),
        ("round(7)", int(7)),
        ("floor(-1.5)", float("-2")),
        ("ceil(-1.5)", float("-1")),
        ("ceiling(1.2)", float("2")),
        ("floor(7)", int(7)),
        ("sqrt(16)", float("4")),
        ("sqrt(-1)", null.clone()),
        ("lower('ÀB') || upper('ßc')", text("ÀbßC")),
        ("length('é漢🎈')", int(3)),
        ("trim('  a b ')", text("a b")),
        ("ltrim('  a ') || '|'", text("a |")),
        ("rtrim('  a ') || '|'", text("  a|")),
        ("'n=' || 1 || ',' || 2.0 || true", text("n=1,2.0true")),
        ("'a' || null", null.clone()),
        ("2.5::int", int(2)),
        ("cast(-2.5 as bigint)", int(-2)),
        ("cast(3.5 as bigint)", int(4)),
        ("' 42 '::int", int(42)),
        ("'1e3'::float8", float("1000")),
        ("'nan'::float64", null.clone()),
        ("'yes'::bool", t.clone()),
        ("0::bool", f.clone()),
        ("true::int", int(1)),
        ("0.1::text", text("0.1")),
        ("1e300::text", text("1e300")),
        ("'2026-01-01'::timestamp::text", text("2026-01-01T00:00:00Z")),
        ("timestamp '2026-01-01' = '2026-01-01T01:00:00+01:00'", t.clone()),
        ("timestamp '2026-01-01' between '2025-01-01' and '2026-01-01'", t.clone()),
        ("null::int is null", t),
    ] {
        assert_eq!(constant(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn what_has_no_value_is_an_error_with_its_character() {
    for (expression, code, at, message) in [
        ("9223372036854775807 + 1", Code::ExprOverflow, 20, "9223372036854775807 + 1 does not fit int64"),
        ("1 + 9223372036854775807 * 2", Code::ExprOverflow, 24, "9223372036854775807 * 2 does not fit int64"),
        ("-9223372036854775808 - 1", Code::ExprOverflow, 21, "-9223372036854775808 - 1 does not fit int64"),
        ("-(-9223372036854775808)", Code::ExprOverflow, 0, "-(-9223372036854775808) does not fit int64"),
        ("abs(-9223372036854775808)", Code::ExprOverflow, 0, "abs(-9223372036854775808) does not fit int64"),
        ("round(9223372036854775807, -1)", Code::ExprOverflow, 0, "round(9223372036854775807, -1) does not fit int64"),
        ("1e19::int", Code::ExprOverflow, 0, "1e19 does not fit int64"),
        ("1 + 'x'::int", Code::ExprCast, 4, "'x' cannot be read as int64"),
        ("null and '2026'::timestamp is null", Code::ExprCast, 9, "'2026' cannot be read as timestamp"),
        ("least(1, 'x'::int)", Code::ExprCast, 9, "'x' cannot be read as int64"),
        ("null + 'x'::int", Code::ExprCast, 7, "'x' cannot be read as int64"),
    ] {
        let error = constant(expression).unwrap_err();
        assert_eq!((error.code(), error.position(), error.message()), (code, Some(at), message), "{expression}");
    }
}

#[test]
fn types_that_do_not_fit_are_refused() {
    for (expression, code, at, message) in [
        ("1 + s", Code::ExprType, 2, "'+' takes numbers, got string"),
        ("i and b", Code::ExprType, 0, "'and' takes bool, got int64"),
        ("not i", Code::ExprType, 4, "'not' takes bool, got int64"),
        ("s = 1", Code::ExprType, 2, "'=' takes values of one type, got string and int64"),
        ("t < s", Code::ExprType, 2, "'<' takes values of one type, got timestamp and string"),
        ("t < 'soon'", Code::ExprCast, 4, ""),
        ("i in (1, 'a')", Code::ExprType, 2, "'in' takes values of one type, got int64 and string"),
        ("i like 'a'", Code::ExprType, 2, "'like' takes string, got int64"),
        ("1 || 2", Code::ExprType, 2, "'||' takes a string on at least one side"),
        ("t::int", Code::ExprType, 0, "timestamp cannot be cast to int64"),
        ("t + 1", Code::ExprType, 2, "'+' takes numbers, got timestamp"),
        ("case when i then 1 end", Code::ExprType, 10, "'when' takes bool, got int64"),
        ("case when b then 1 else 'a' end", Code::ExprType, 0, "'case' takes values of one type, got int64 and string"),
        ("topn(s, 3) = 'a'", Code::ExprType, 11, "'=' takes single values, got a list of string"),
        ("nothing + 1", Code::ExprUnknownName, 0, "no such column"),
        ("1 + median_of(i)", Code::ExprUnknownFunction, 4, "no function is called 'median_of'"),
        ("abs(1, 2)", Code::ExprArguments, 0, "abs takes one argument, got 2"),
        ("coalesce()", Code::ExprArguments, 0, "coalesce takes at least one argument, got 0"),
        ("round(f, i)", Code::ExprArguments, 9, "round takes its digits as an integer literal"),
        ("abs(*)", Code::ExprArguments, 0, "abs does not take '*'"),
        ("abs(1) filter (where b)", Code::ExprArguments, 0, "only aggregates take a filter, abs does not"),
        ("lower(1)", Code::ExprType, 0, "lower takes string, got int64"),
    ] {
        let error = checked(expression).unwrap_err();
        assert_eq!((error.code(), error.position()), (code, Some(at)), "{expression}: {error}");
        assert!(message.is_empty() || error.message() == message, "{expression}: {error}");
    }
}

#[test]
fn a_list_passes_whole() {
    let expr = checked("topn(s, 3)").unwrap();
    assert_eq!((expr.is_leaf(), expr.output_type()), (Some(0), OutputType::List(Type::String)));
    let list = Value::List(vec![text("a")]);
    assert_eq!(expr.evaluate(&mut |_| list.clone()), Ok(list.clone()));
}

#[test]
fn leaves_are_listed_once() {
    let expr = checked("f + i * i - case when b then f else i end").unwrap();
    assert_eq!(
        (expr.leaves(), expr.is_leaf(), expr.output_type()),
        (vec![0, 2, 4], None, OutputType::Scalar(Type::Float64))
    );
}

#[test]
fn a_column_is_passed_on_without_a_copy() {
    let bits: Vec<u64> = [1.5f64, -2.0].iter().map(|x| x.to_bits()).collect();
    let mut columns = vec![Column::new(Values::Bool(Cow::Owned(vec![]))); 4];
    columns.push(Column::new(Values::Float64(Cow::Borrowed(&bits))));
    let expr = checked("f").unwrap();
    let result = expr.evaluate_columns(&columns, 2).unwrap();
    assert!(matches!(result.values, Values::Float64(Cow::Borrowed(_))) && result.validity.is_none());
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let expr = checked("i + 1").unwrap();
    let columns = |column: Column<'static>| vec![column; 3];
    let ints = || Values::Int64(Cow::Owned(vec![1, 2]));
    for (wrong, rows) in [
        (columns(Column::new(Values::Timestamp(Cow::Owned(vec![1, 2])))), 2),
        (columns(Column::new(ints())), 3),
        (columns(Column::with_validity(ints(), vec![true])), 2),
        (vec![], 2),
    ] {
        assert_eq!(expr.evaluate_columns(&wrong, rows).unwrap_err().code(), Code::HostArgument);
    }
    assert!(expr.evaluate_columns(&columns(Column::new(ints())), 2).is_ok());
    assert!(expr.evaluate_kept(&columns(Column::new(ints())), 2, &[true]).is_err());
    let wrong_leaf = expr.evaluate(&mut |_| Value::Bool(true));
    assert_eq!(wrong_leaf.unwrap_err().code(), Code::HostArgument);
}

/// A sequence of choices, the same for the same seed.
struct Choices(u64);

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % count
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    /// A random expression of a type.
    fn expression(&mut self, data_type: Type, depth: u32) -> String {
        if depth == 0 || self.below(8) == 0 {
            return self.leaf(data_type);
        }
        let d = depth - 1;
        let any = [Type::Bool, Type::Int64, Type::Float64, Type::Timestamp, Type::String, DECIMAL][self.below(6)];
        let e = |choices: &mut Self, data_type| choices.expression(data_type, d);
        match self.below(8) {
            0 => {
                let (c, x, y) = (e(self, Type::Bool), e(self, data_type), e(self, data_type));
                format!("case when {c} then {x} when b then {y} end")
            }
            1 => {
                let (c, w, v, x, y) =
                    (e(self, any), e(self, any), e(self, any), e(self, data_type), e(self, data_type));
                format!("case {c} when {w} then {x} when {v} then {y} else {x} end")
            }
            2 => format!("coalesce({}, {}, {})", e(self, data_type), e(self, data_type), e(self, data_type)),
            3 => format!("nullif({}, {})", e(self, data_type), e(self, data_type)),
            4 => {
                let function = self.of(&["least", "greatest"]);
                format!("{function}({}, {}, {})", e(self, data_type), e(self, data_type), e(self, data_type))
            }
            _ => self.special(data_type, any, d),
        }
    }

    /// An expression that only this type has.
    fn special(&mut self, data_type: Type, any: Type, d: u32) -> String {
        let e = |choices: &mut Self, data_type| choices.expression(data_type, d);
        let number = [Type::Int64, Type::Float64][self.below(2)];
        let from = self.below(4);
        match (data_type, self.below(6)) {
            (Type::Bool, 0) => {
                let operator = self.of(&["and", "or"]);
                format!(
                    "({} {operator} {} {operator} {})",
                    e(self, Type::Bool),
                    e(self, Type::Bool),
                    e(self, Type::Bool)
                )
            }
            (Type::Bool, 1) => format!("(not {})", e(self, Type::Bool)),
            (Type::Bool, 2) => {
                let operator = self.of(&["=", "<>", "<", "<=", ">", ">="]);
                format!("(({}) {operator} ({}))", e(self, any), e(self, any))
            }
            (Type::Bool, 3) => {
                let (not, x, y, z) = (self.of(&["", "not "]), e(self, any), e(self, any), e(self, any));
                match self.below(5) {
                    3 => format!("(({x}) is {not}distinct from ({y}))"),
                    4 => format!("(({}) is {not}{})", e(self, Type::Bool), self.of(&["true", "false", "unknown"])),
                    0 => format!("(({x}) {not}between ({y}) and ({z}))"),
                    1 => format!("(({x}) {not}in ({y}, {z}))"),
                    _ => format!("(({x}) is {not}null)"),
                }
            }
            (Type::Bool, 4) => {
                let like = self.of(&["like", "not like", "ilike"]);
                let pattern = match self.below(3) {
                    0 => e(self, Type::String),
                    _ => self.of(&["'%a%'", "'_'", "'A%'", "'%\\%'", "null"]).to_string(),
                };
                let escape = self.of(&["", "", " escape '%'", " escape sn"]);
                format!("(({}) {like} ({pattern}){escape})", e(self, Type::String))
            }
            (Type::Bool, _) => self.items(any, d),
            (Type::Int64, 0) => format!("length({})", e(self, Type::String)),
            (Type::Int64, 1) => {
                let from = [Type::Bool, Type::Int64, Type::Float64, Type::String, DECIMAL][self.below(5)];
                format!("cast({} as int)", e(self, from))
            }
            (Type::Int64, 2) => {
                let call = self.of(&["abs(", "sign(", "-(", "floor(", "round("]);
                format!("{call}{})", e(self, Type::Int64))
            }
            (Type::Int64, 3) => format!("round({}, -1)", e(self, Type::Int64)),
            (Type::Int64, 4) => {
                let unit = self.of(&["hour", "week", "isoyear", "microseconds", "dow"]);
                let zone = self.of(&["", " at time zone 'America/St_Johns'"]);
                format!("extract({unit} from {}{zone})", e(self, Type::Timestamp))
            }
            (Type::Int64, _) => {
                let operator = self.of(&["+", "-", "*", "%"]);
                let last = e(self, Type::Int64);
                format!("(({}) {operator} ({}) - ({last}))", e(self, Type::Int64), e(self, Type::Int64))
            }
            (Type::Float64, 0) => {
                let exact = [Type::Int64, DECIMAL][from % 2];
                format!("(({}) / ({}))", e(self, exact), e(self, Type::Int64))
            }
            (Type::Decimal(_), 0) => {
                let from = [Type::Int64, Type::Float64, Type::String, DECIMAL][from];
                format!("cast({} as decimal(2))", e(self, from))
            }
            (Type::Decimal(_), 1) => {
                let call = self.of(&["abs(", "sign(", "-(", "floor(", "ceil(", "round("]);
                format!("{call}{})", e(self, DECIMAL))
            }
            (Type::Decimal(_), 2) => format!("round({}, {})", e(self, DECIMAL), ["1", "-1", "2", "-20"][from]),
            (Type::Decimal(_), 3) => format!("cast(({} * {}) as decimal(2))", e(self, DECIMAL), e(self, DECIMAL)),
            (Type::Decimal(_), _) => {
                let (operator, last) = (self.of(&["+", "-", "*", "%"]), e(self, Type::Int64));
                format!("(({}) - 0.5 + (({}) {operator} ({last})))", e(self, DECIMAL), e(self, DECIMAL))
            }
            (Type::Float64, 1) => {
                format!("cast({} as float64)", e(self, [Type::Int64, Type::String, DECIMAL][from % 3]))
            }
            (Type::Float64, 2) => {
                let call = self.of(&["abs(", "sign(", "-(", "floor(", "ceil(", "round(", "sqrt("]);
                format!("{call}{})", e(self, Type::Float64))
            }
            (Type::Float64, 4) if from > 1 => {
                format!("(({}) - ({}))", e(self, Type::Timestamp), e(self, Type::Timestamp))
            }
            (Type::Float64, 4) => format!("extract(epoch from {})", e(self, Type::Timestamp)),
            (Type::Float64, 3) => format!("round({}, {})", e(self, Type::Float64), ["2", "-1", "0", "20"][from]),
            (Type::Float64, _) => {
                let operator = self.of(&["+", "-", "*", "/", "%"]);
                let last = e(self, number);
                format!("(({}) {operator} ({}) + ({last}))", e(self, Type::Float64), e(self, number))
            }
            (Type::Timestamp, 0) => format!("cast({} as timestamp)", e(self, Type::String)),
            (Type::Timestamp, 1..=3) => {
                let unit = self.of(&["second", "hour", "day", "quarter", "millennium"]);
                format!("date_trunc('{unit}', {}, 'Europe/Berlin')", e(self, Type::Timestamp))
            }
            (Type::Timestamp, _) => self.leaf(Type::Timestamp),
            (Type::String, 0) => format!("cast({} as string)", e(self, any)),
            (Type::String, 1 | 2) => {
                let call = self.of(&["lower(", "upper(", "trim(", "ltrim(", "rtrim("]);
                format!("{call}{})", e(self, Type::String))
            }
            (Type::String, 3) => {
                let call = self.of(&["left(", "right(", "substr("]);
                format!("{call}{}, {})", e(self, Type::String), e(self, Type::Int64))
            }
            (Type::String, 4) => match from {
                // a literal that a function refuses is refused before it is evaluated
                0 => {
                    let (x, y, field) =
                        (e(self, Type::String), e(self, Type::String), self.of(&["i", "in_", "2", "-1"]));
                    format!("split_part({x}, {y}, {field})")
                }
                1 => {
                    let (x, start) = (e(self, Type::String), e(self, Type::Int64));
                    format!("substr({x}, {start}, {})", self.of(&["i", "in_", "0", "3"]))
                }
                2 => format!("btrim({}, {})", e(self, Type::String), e(self, Type::String)),
                _ => format!("replace({}, {}, 'ab')", e(self, Type::String), self.leaf(Type::String)),
            },
            (Type::String, _) => format!("(({}) || ({}))", e(self, Type::String), e(self, any)),
        }
    }

    /// `x in (literals)`
    fn items(&mut self, data_type: Type, d: u32) -> String {
        let x = self.expression(data_type, d);
        let literals: Vec<&str> = (0..1 + self.below(12)).map(|_| self.literal(data_type)).collect();
        format!("(({x}) in ({}))", literals.join(", "))
    }

    fn leaf(&mut self, data_type: Type) -> String {
        if self.below(3) == 0 {
            return self.literal(data_type).to_string();
        }
        let names: Vec<&str> = COLUMNS.iter().filter(|(_, t)| *t == data_type).map(|(name, _)| *name).collect();
        self.of(&names).to_string()
    }

    fn literal(&mut self, data_type: Type) -> &'static str {
        match data_type {
            Type::Bool => self.of(&["true", "false", "null::bool"]),
            Type::Int64 => {
                self.of(&["0", "1", "-7", "1000", "9223372036854775807", "-9223372036854775808", "null::int"])
            }
            Type::Decimal(_) => {
                self.of(&["0::decimal(2)", "-1.05::decimal(2)", "'9e16'::decimal(2)", "null::decimal(2)"])
            }
            Type::Float64 => self.of(&["0.0", "1.5", "-2.5", "1e308", "5e-324", "0.1", "null::float64"]),
            Type::Timestamp => {
                self.of(&["timestamp '2026-01-01'", "timestamp '1969-07-20T20:17:40.123456Z'", "null::timestamp"])
            }
            Type::String => self.of(&["'a'", "''", "' Ab '", "'12'", "'1.5'", "'é%'", "'2026-01-01'", "null::string"]),
        }
    }
}

/// Rows of nasty values for [`COLUMNS`].
fn table(seed: u64, rows: usize) -> Vec<Column<'static>> {
    let mut choices = Choices(seed | 1);
    let floats = [
        0.0,
        -0.0,
        1.5,
        -2.5,
        1e308,
        -1e308,
        5e-324,
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.1,
        7.0,
        1e19,
    ];
    let ints = [0, 1, -1, 2, 7, -7, 1000, i64::MAX, i64::MIN, 1 << 53];
    let instants = ["2026-01-01", "1969-07-20T20:17:40.123456Z", "2000-02-29"];
    // one text twice
    let texts = ["a", "", " Ab ", "12", "1.5", "é%", "a", "A", "2026-01-01", "unused"];
    COLUMNS
        .iter()
        .map(|(name, data_type)| {
            let has_nulls = name.len() > 1;
            let valid: Vec<bool> = (0..rows).map(|_| !has_nulls || choices.below(3) > 0).collect();
            let mut pick = |count: usize| -> Vec<usize> { (0..rows).map(|_| choices.below(count)).collect() };
            let values = match data_type {
                Type::Bool => Values::Bool(pick(2).into_iter().map(|i| i == 1).collect()),
                Type::Decimal(scale) => {
                    Values::Decimal(pick(ints.len()).into_iter().map(|i| ints[i]).collect(), *scale)
                }
                Type::Int64 => Values::Int64(pick(ints.len()).into_iter().map(|i| ints[i]).collect()),
                Type::Float64 => Values::Float64(pick(floats.len()).into_iter().map(|i| floats[i].to_bits()).collect()),
                Type::Timestamp => {
                    let instants = instants.map(|text| parse_timestamp(text).unwrap());
                    Values::Timestamp(pick(3).into_iter().map(|i| instants[i]).collect())
                }
                Type::String => {
                    let codes = pick(texts.len() - 1);
                    // the code of a NULL row may be anything
                    let codes =
                        codes.into_iter().zip(&valid).map(|(i, v)| if *v { i as u32 } else { u32::MAX - i as u32 });
                    Values::String(codes.collect(), texts.iter().map(|&text| Cow::Borrowed(text)).collect())
                }
            };
            if has_nulls {
                Column::with_validity(values, valid)
            } else {
                Column::new(values)
            }
        })
        .collect()
}

fn value_at(column: &Column<'_>, row: usize) -> Value {
    column.get(row).map_or(Value::Null, |scalar| scalar.to_value())
}

/// Compares columns with rows; `kept` tells which rows count.
fn compare(text: &str, expr: &Expr, columns: &[Column<'_>], result: &Result<Column<'_>>, kept: &[bool]) {
    let mut by_row = kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(row, _)| {
        let value = expr.evaluate(&mut |slot| value_at(&columns[slot], row));
        (row, value)
    });
    match result {
        Err(error) => {
            let failed = by_row.find_map(|(row, value)| value.err().map(|e| e.in_row(row)));
            assert_eq!(Some(error), failed.as_ref(), "{text}");
        }
        Ok(column) => {
            assert_eq!(column.len(), kept.len(), "{text}");
            for (row, value) in by_row {
                assert_eq!(Ok(value_at(column, row)), value, "{text} in row {row}");
            }
            if let Values::Float64(bits) = &column.values {
                let canonical = |row: usize| Float64::from_bits(bits[row]).to_bits() == bits[row];
                assert!((0..kept.len()).all(|row| !column.is_valid(row) || canonical(row)), "{text}");
            }
        }
    }
}

fn row_by_row_is_column_by_column(seed: u64, data_type: Type, depth: u32, rows: usize) {
    let mut choices = Choices(seed | 1);
    let text = choices.expression(data_type, depth);
    let columns = table(seed.rotate_left(32), rows);
    let expr = checked(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(expr.output_type(), OutputType::Scalar(data_type), "{text}");
    compare(&text, &expr, &columns, &expr.evaluate_columns(&columns, rows), &vec![true; rows]);
    let kept: Vec<bool> = (0..rows).map(|_| choices.below(2) == 0).collect();
    compare(&text, &expr, &columns, &expr.evaluate_kept(&columns, rows, &kept), &kept);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_columns_mean_the_same(
        seed in any::<u64>(),
        data_type in prop::sample::select(COLUMNS.map(|(_, data_type)| data_type).to_vec()),
        depth in 1u32..5,
        rows in prop::sample::select(vec![0usize, 1, 3, 30]),
    ) {
        row_by_row_is_column_by_column(seed, data_type, depth, rows);
    }
}
