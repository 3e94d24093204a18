//! Decimals in expressions, specs and queries: exact where `numeric` is; of rows an int64 of units, of metrics 38 digits.

mod support {
    pub mod ask;
}

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::expr::{check, parse, Call, Expr, Scope};
use isofold::math::fixed::write;
use isofold::query::{BucketChoice, Decimals, Fill, QuerySource};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::value::{ColumnType, OutputType};
use isofold::{Code, Error, Result, Rollup, Type, Value};
use num_bigint::BigInt;
use proptest::prelude::*;
use support::ask::{answers_in, ask};

/// Two decimals, an integer and a double.
const COLUMNS: [(&str, Type); 4] =
    [("price", Type::Decimal(2)), ("rate", Type::Decimal(4)), ("n", Type::Int64), ("x", Type::Float64)];

struct Table;

impl Scope for Table {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        let slot = COLUMNS.iter().position(|(column, _)| *column == name);
        let slot = slot.ok_or_else(|| Error::new(Code::ExprUnknownName, name).at(at))?;
        Ok((slot, OutputType::Scalar(COLUMNS[slot].1)))
    }

    fn call(&mut self, _: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        None
    }
}

fn checked(text: &str) -> Result<Expr> {
    let ast = parse(text)?;
    let again = parse(&ast.to_string()).expect("a canonical text is read back");
    assert_eq!(again.to_string(), ast.to_string());
    check(&ast, &mut Table)
}

/// The value for one row, which is that for columns too.
fn evaluated(text: &str, price: i64, rate: i64, n: i64) -> Result<Value> {
    let expr = checked(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let half = isofold::math::Float64::from_decimal("0.5").expect("a number");
    let leaves =
        [Value::Decimal(price.into(), 2), Value::Decimal(rate.into(), 4), Value::Int64(n), Value::Float64(half)];
    let columns = [
        Column::new(Values::Decimal(vec![price; 2].into(), 2)),
        Column::new(Values::Decimal(vec![rate; 2].into(), 4)),
        Column::new(Values::Int64(vec![n; 2].into())),
        Column::new(Values::Float64(vec![half.to_bits(); 2].into())),
    ];
    let value = expr.evaluate(&mut |slot| leaves[slot].clone());
    match (expr.evaluate_columns(&columns, 2), &value) {
        (Ok(column), Ok(value)) => {
            assert_eq!(OutputType::Scalar(column.data_type()), expr.output_type(), "{text}");
            assert_eq!(column.get(1).map_or(Value::Null, |scalar| scalar.to_value()), *value, "{text}");
        }
        (Err(in_columns), Err(alone)) => assert_eq!(in_columns, alone.clone().in_row(0), "{text}"),
        (in_columns, alone) => panic!("{text}: {in_columns:?} in columns, {alone:?} alone"),
    }
    value
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Float64(number) => format!("{number}f"),
        Value::String(text) => format!("'{text}'"),
        Value::Decimal(units, scale) => write(*units, *scale),
        other => panic!("{other:?}"),
    }
}

#[test]
fn answers_are_those_of_numeric() {
    // price 19.99, rate −0.1250, n 3, x 0.5
    for (expression, expected) in [
        ("price + 0.01", "20.00"),
        ("price + 1", "20.99"),
        ("price - rate", "20.1150"),
        ("price * n", "59.97"),
        ("price * rate", "-2.498750"),
        ("n * price * rate", "-7.496250"),
        ("price * 1.19 * 0.5", "11.89405"),
        ("price % 0.3", "0.19"),
        ("-price % n", "-1.99"),
        ("price / n", "6.663333333333333f"),
        ("price * x", "9.995f"),
        ("price % 0", "null"),
        ("price / 0", "null"),
        ("-price", "-19.99"),
        ("price > 19.99", "false"),
        ("price >= 19.99", "true"),
        ("price = 19.9900", "true"),
        ("19.99000000000000000001 = price", "true"),
        ("price between 19.989 and 19.991", "true"),
        ("price in (1, 19.99, 2.5)", "true"),
        ("price not in (1, null)", "null"),
        ("rate < price", "true"),
        ("price > x", "true"),
        ("price is distinct from 19.99", "false"),
        ("case price when 19.99 then 'same' else 'other' end", "'same'"),
        ("coalesce(null, price, rate)", "19.9900"),
        ("coalesce(nullif(price, 19.99), 0)", "0.00"),
        ("least(price, n, rate)", "-0.1250"),
        ("greatest(price, 100)", "100.00"),
        ("abs(rate)", "0.1250"),
        ("sign(rate)", "-1.0000"),
        ("floor(rate)", "-1.0000"),
        ("ceil(rate)", "0.0000"),
        ("ceil(price)", "20.00"),
        ("round(rate, 2)", "-0.1300"),
        ("round(price)", "20.00"),
        ("round(price, -1)", "20.00"),
        ("round(price, -2)", "0.00"),
        ("round(price, 9)", "19.99"),
        ("sqrt(4::decimal(2))", "2.0f"),
        ("cast(price as decimal(0))", "20"),
        ("cast(rate as decimal(3))", "-0.125"),
        ("cast(rate as decimal(2))", "-0.13"),
        ("rate::decimal(1)", "-0.1"),
        ("price::int64", "20"),
        ("n::decimal(0)::int64", "3"),
        ("n + cast(price as decimal(0))", "23"),
        ("price::float64", "19.99f"),
        ("rate::string", "'-0.1250'"),
        ("'-1.005'::decimal(2)", "-1.01"),
        ("' 1e2 '::numeric(0)", "100"),
        ("1.005::decimal(2)", "1.01"),
        ("x::decimal(3)", "0.500"),
        ("n::decimal(1)", "3.0"),
        ("null::decimal(2)", "null"),
        ("'price ' || price", "'price 19.99'"),
        ("case when n > 5 then price end", "null"),
        ("price + null", "null"),
    ] {
        let value = evaluated(expression, 1999, -1250, 3).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(shown(&value), expected, "{expression}");
    }
}

#[test]
fn what_an_int64_of_units_does_not_hold_is_an_error() {
    let most = i64::MAX;
    for (expression, code) in [
        ("price + 0.01", Code::ExprOverflow),
        ("price * n", Code::ExprOverflow),
        ("price + rate", Code::ExprOverflow),
        ("-(-price - 0.01)", Code::ExprOverflow),
        ("price::decimal(4)", Code::ExprOverflow),
        ("round(price, -1)", Code::ExprOverflow),
        ("ceil(price)", Code::ExprOverflow),
        ("(x * 1e30)::decimal(2)", Code::ExprOverflow),
        ("price > 92233720368547759", Code::ExprOverflow),
        ("'92233720368547758.08'::decimal(2)", Code::ExprCast),
        ("'NaN'::decimal(2)", Code::ExprCast),
        ("'1,5'::decimal(2)", Code::ExprCast),
    ] {
        let error = evaluated(expression, most, 1, 2).expect_err(expression);
        assert_eq!(error.code(), code, "{expression}: {error}");
        assert!(error.position().is_some(), "{expression}");
    }
    for (expression, code) in [
        ("price * rate * price * rate * price * rate * price", Code::ExprType),
        ("price > '19.99'", Code::ExprType),
        ("price and true", Code::ExprType),
        ("price::bool", Code::ExprType),
        ("price::timestamp", Code::ExprType),
        ("true::decimal(2)", Code::ExprType),
        ("upper(price)", Code::ExprType),
        ("price::decimal", Code::ExprSyntax),
        ("price::decimal(19)", Code::ExprSyntax),
        ("price::decimal(10, 2)", Code::ExprSyntax),
        ("price::decimal(-1)", Code::ExprSyntax),
    ] {
        let found = parse(expression).and_then(|ast| check(&ast, &mut Table));
        assert_eq!(found.map(|_| ()).expect_err(expression).code(), code, "{expression}");
    }
}

proptest! {
    #[test]
    fn arithmetic_is_that_of_big_integers(price: i64, rate: i64, n: i64, shift in 0u32..60) {
        let (price, rate, n) = (price >> shift, rate >> (shift / 2), n >> shift);
        let big = |value: i64| BigInt::from(value);
        let wide = big(price) * 100;
        for (expression, expected) in [
            ("price + rate", &wide + rate),
            ("price - rate", &wide - rate),
            ("price * rate", big(price) * rate),
            ("price * n", big(price) * n),
            ("-price", -big(price)),
        ] {
            match (evaluated(expression, price, rate, n), i64::try_from(&expected)) {
                (Ok(Value::Decimal(units, _)), Ok(expected)) => prop_assert_eq!(units, i128::from(expected), "{}", expression),
                // the operand of the larger scale may not fit either
                (Err(error), _) if error.code() == Code::ExprOverflow => {
                    let fits = i64::try_from(&wide).is_ok() && i64::try_from(&expected).is_ok();
                    prop_assert!(!fits || !expression.contains("rate") && i64::try_from(&expected).is_err());
                }
                (found, expected) => prop_assert!(false, "{}: {:?} for {:?}", expression, found, expected),
            }
        }
        if let Ok(Value::Bool(less)) = evaluated("price < rate", price, rate, n) {
            prop_assert_eq!(less, wide < big(rate));
        }
    }
}

fn source(select: &[(&str, &str)]) -> SpecSource {
    let pair = |(name, text): &(&str, &str)| ((*name).to_string(), (*text).to_string());
    SpecSource {
        name: "sales".into(),
        columns: [("ts", "timestamp"), ("price", "decimal(2)"), ("fine", "decimal(18)"), ("whole", "decimal(0)")]
            .iter()
            .map(pair)
            .collect(),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: Vec::new(),
        filter: None,
        select: select.iter().map(pair).collect(),
        keep: Vec::new(),
    }
}

const HOUR: i64 = 3_600_000_000;

/// A rollup of prices, each in its hour.
fn sales(select: &[(&str, &str)], prices: &[(i64, i64)]) -> Rollup {
    let mut rollup = Rollup::new(Spec::compile(&source(select)).unwrap_or_else(|error| panic!("{error}")));
    rollup.ingest(&batch(prices)).expect("good rows");
    rollup
}

fn batch(prices: &[(i64, i64)]) -> Batch<'static> {
    let units: Vec<i64> = prices.iter().map(|(_, units)| *units).collect();
    Batch::new(prices.len())
        .with("ts", Column::new(Values::Timestamp(prices.iter().map(|(hour, _)| hour * HOUR).collect())))
        .with("price", Column::new(Values::Decimal(units.clone().into(), 2)))
        .with("fine", Column::new(Values::Decimal(units.clone().into(), 18)))
        .with("whole", Column::new(Values::Decimal(units.into(), 0)))
}

fn only(rollup: &Rollup, expression: &str) -> String {
    let frame = ask(rollup, expression, BucketChoice::Whole).unwrap_or_else(|error| panic!("{expression}: {error}"));
    shown(&answers_in(&frame)[0])
}

#[test]
fn money_is_exact_and_its_statistics_are_correctly_rounded() {
    let states = [
        ("total", "sum(price)"),
        ("spread", "stddev_pop(price)"),
        ("p", "median(price)"),
        ("d", "approx_percentile(0.5, tdigest(price))"),
        ("counts", "value_counts(price)"),
        ("least", "min(price)"),
        ("least_fine", "min(fine)"),
        ("deviation", "var_samp(fine)"),
    ];
    let rollup = sales(&states, &[(0, 10), (0, 20), (0, 30), (0, 1999)]);
    for (expression, expected) in [
        ("sum(price)", "20.59"),
        ("avg(price)", "5.1475f"),
        ("total * 1.19", "24.5021"),
        ("total / 3", "6.863333333333333f"),
        ("min(price)", "0.10"),
        ("var_pop(price)", "73.43826875f"),
        ("median(price)", "0.25f"),
        ("approx_percentile(1, percentile_agg(price))", "19.99f"),
        ("approx_percentile(0.5, tdigest(price))", "0.25f"),
        ("approx_percentile_rank(0.2, percentile_agg(price))", "0.5f"),
        ("approx_percentile_rank(0.3, percentile_agg(price))", "0.75f"),
        ("count_of(value_counts(price), 19.99)", "1"),
        ("count_of(value_counts(price), '0.1')", "1"),
        ("mode(price)", "0.10"),
        ("min(fine)", "0.000000000000000010"),
        ("var_samp(fine)", "9.791769166666667e-31f"),
        ("sum(price)::string", "'20.59'"),
    ] {
        assert_eq!(only(&rollup, expression), expected, "{expression}");
    }
    let frame = ask(&rollup, "histogram(percentile_agg(price), 0.2, 0.31)", BucketChoice::Whole).expect("counts");
    assert_eq!(answers_in(&frame)[0], Value::List([2, 1, 1].map(Value::Int64).to_vec()));
    let bad = ask(&rollup, "count_of(value_counts(price), 0.105)", BucketChoice::Whole).expect_err("no such price");
    assert_eq!(bad.code(), Code::ExprType);
}

#[test]
fn cents_come_back_as_cents() {
    let prices: Vec<(i64, i64)> = (0..1000).map(|i| (0, 2000 + 7 * i)).collect();
    let rollup = sales(&[("p", "median(price)")], &prices);
    for hundredths in 0..=100 {
        let told = only(&rollup, &format!("approx_percentile({hundredths} / 100.0, percentile_agg(price))"));
        let told: f64 = told.trim_end_matches('f').parse().expect("a double");
        let exact = (2000 + 7 * (hundredths * 999 / 100)) as f64;
        assert!((told * 100.0 / exact - 1.0).abs() < 0.0088, "{told} at {hundredths}");
        // of places between two values, the line between them
        assert!(hundredths != 0 || told == 20.0);
    }
}

#[test]
fn a_sum_past_int64_is_exact_and_so_is_what_metrics_make_of_it() {
    let states = [
        ("total", "sum(price)"),
        ("wholes", "sum(whole)"),
        ("n", "count(*)"),
        ("least", "min(price)"),
        ("d", "sum(fine)"),
    ];
    let rollup = sales(&states, &[(0, i64::MAX), (0, 100), (1, i64::MIN), (1, i64::MIN)]);
    let first = |expression: &str| {
        let frame = ask(&rollup, expression, BucketChoice::Own).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(frame.warnings(), [], "{expression}");
        frame.columns()[1].values().iter().map(shown).collect::<Vec<_>>()
    };
    for (expression, expected) in [
        ("sum(price)", ["92233720368547759.07", "-184467440737095516.16"]),
        ("total + 0.005", ["92233720368547759.075", "-184467440737095516.155"]),
        ("total * 2", ["184467440737095518.14", "-368934881474191032.32"]),
        ("total - total", ["0.00", "0.00"]),
        (
            "total * 1000000000000000000",
            ["92233720368547759070000000000000000.00", "-184467440737095516160000000000000000.00"],
        ),
        ("total % 10", ["9.07", "-6.16"]),
        ("-total", ["-92233720368547759.07", "184467440737095516.16"]),
        ("abs(total)", ["92233720368547759.07", "184467440737095516.16"]),
        ("round(total, -3)", ["92233720368548000.00", "-184467440737096000.00"]),
        ("floor(total)", ["92233720368547759.00", "-184467440737095517.00"]),
        ("total::decimal(0)", ["92233720368547759", "-184467440737095516"]),
        ("total::decimal(18)", ["92233720368547759.070000000000000000", "-184467440737095516.160000000000000000"]),
        ("total::string", ["'92233720368547759.07'", "'-184467440737095516.16'"]),
        ("total::string::decimal(2)", ["92233720368547759.07", "-184467440737095516.16"]),
        ("total::int64", ["92233720368547759", "-184467440737095516"]),
        ("total::float64", ["9.223372036854776e16f", "-1.8446744073709552e17f"]),
        ("total / n", ["4.611686018427388e16f", "-9.223372036854776e16f"]),
        ("total > 92233720368547759", ["true", "false"]),
        ("total = '92233720368547759.07'::decimal(2)", ["true", "false"]),
        ("total between least and 1e30", ["true", "false"]),
        ("total in (0, total)", ["true", "true"]),
        ("case total when '92233720368547759.07'::decimal(2) then 'it' end", ["'it'", "null"]),
        ("coalesce(nullif(total, total), least)", ["1.00", "-92233720368547758.08"]),
        ("greatest(total, least, 5)", ["92233720368547759.07", "5.00"]),
        ("total is distinct from least", ["true", "true"]),
        ("sum(fine)", ["9.223372036854775907", "-18.446744073709551616"]),
    ] {
        assert_eq!(first(expression), expected, "{expression}");
    }
    assert_eq!(only(&rollup, "avg(price)"), "-2.305843009213694e16f");
    let frame = ask(&rollup, "wholes::int64", BucketChoice::Own).expect("cells that do not fit are null");
    let told: Vec<_> = frame.warnings().iter().map(|warning| warning.message.as_str()).collect();
    let past = ["9223372036854775907 does not fit int64", "-18446744073709551616 does not fit int64"];
    assert_eq!((frame.columns()[1].values(), told), (&[Value::Null, Value::Null][..], past.to_vec()));
}

#[test]
fn sums_past_int64_are_chosen_ordered_and_filled_as_others() {
    let select = [("total", "sum(price)"), ("up", "total * total * 1000")];
    let most = i64::MAX;
    let rollup = sales(&select, &[(0, most), (0, most), (1, 5), (3, most), (3, most), (3, most)]);
    let query = |source: QuerySource| {
        let frame = rollup.query(&source).unwrap_or_else(|error| panic!("{error}"));
        (frame.column("total").expect("the metric").values().iter().map(shown).collect::<Vec<_>>(), frame)
    };
    let total = || Some(vec![Named { name: None, expression: "total".into() }]);
    let (two, three) = ("184467440737095516.14", "276701161105643274.21");
    let source = QuerySource { select: total(), order_by: vec!["-total".into()], ..QuerySource::default() };
    assert_eq!(query(source).0, [three, two, "0.05"]);
    let having = Some("total > 184467440737095516.14 - 0.01".into());
    let source = QuerySource { select: total(), having, ..QuerySource::default() };
    assert_eq!(query(source).0, [three], "a literal is a double next to a double");
    let fills = [
        (Fill::Interpolate, "138350580552821637.13"),
        (Fill::Locf, "0.05"),
        (Fill::Constant(Value::String(two.into())), two),
    ];
    for (fill, expected) in fills {
        let gapfill = Some(vec![("total".into(), fill)]);
        let (values, frame) = query(QuerySource { select: total(), gapfill, ..QuerySource::default() });
        assert_eq!(values, [two, "0.05", expected, three]);
        assert!(frame.column("total").and_then(|total| total.to_column()).is_none(), "no column of rows holds it");
    }
    let (texts, frame) = query(QuerySource { decimals: Decimals::Text, ..QuerySource::default() });
    assert_eq!(texts, [format!("'{two}'"), "'0.05'".into(), format!("'{three}'")]);
    // past 38 digits
    let warnings: Vec<_> = frame.warnings().iter().map(|warning| (warning.metric.as_str(), warning.code)).collect();
    assert_eq!(warnings, [("up", Code::ExprOverflow); 2]);
    assert!(frame.warnings()[0].message.ends_with("does not fit 38 digits"), "{:?}", frame.warnings());
}

#[test]
fn keys_and_rows_stay_int64_units() {
    let mut source = source(&[("total", "sum(price)")]);
    source.group_by = vec![Named { name: None, expression: "whole".into() }];
    let mut rollup = Rollup::new(Spec::compile(&source).expect("a spec"));
    rollup.ingest(&batch(&[(0, i64::MAX)])).expect("good rows");
    let doubled = QuerySource {
        group_by: Some(vec![Named { name: Some("twice".into()), expression: "whole * 2".into() }]),
        ..QuerySource::default()
    };
    assert_eq!(rollup.query(&doubled).expect_err("a key").code(), Code::ExprOverflow);
    source.select = vec![("total".into(), "sum(price * 2)".into())];
    let error = Rollup::new(Spec::compile(&source).expect("a spec")).ingest(&batch(&[(0, i64::MAX)]));
    assert_eq!(error.expect_err("a row").code(), Code::ExprOverflow);
}

#[test]
fn decimals_are_texts_when_asked_for_and_gaps_are_filled_with_them() {
    let rollup = sales(&[("total", "sum(price)"), ("counts", "value_counts(price)")], &[(0, 100), (2, 205)]);
    let query = |fill: Fill, decimals| {
        let frame = rollup.query(&QuerySource {
            gapfill: Some(vec![("total".into(), fill)]),
            decimals,
            select: Some(vec![Named { name: None, expression: "total".into() }]),
            ..QuerySource::default()
        });
        frame.map(|frame| frame.column("total").expect("the metric").values().iter().map(shown).collect::<Vec<_>>())
    };
    assert_eq!(query(Fill::Interpolate, Decimals::Exact), Ok(vec!["1.00".into(), "1.53".into(), "2.05".into()]));
    assert_eq!(query(Fill::Locf, Decimals::Text), Ok(vec!["'1.00'".into(), "'1.00'".into(), "'2.05'".into()]));
    let zero = Fill::Constant(Value::Int64(0));
    assert_eq!(query(zero, Decimals::Exact), Ok(vec!["1.00".into(), "0.00".into(), "2.05".into()]));
    let fine = query(Fill::Constant(Value::String("0.005".into())), Decimals::Exact);
    assert_eq!(fine.expect_err("three digits").code(), Code::QueryGapfill);
    let frame = rollup.query(&QuerySource { decimals: Decimals::Text, ..QuerySource::default() }).expect("an answer");
    let counts = frame.column("counts").expect("the metric");
    assert_eq!(counts.output_type(), OutputType::Counts(Type::String));
    assert_eq!(counts.values()[0], Value::Counts(vec![(Value::String("1.00".into()), 1)]));
}

#[test]
fn the_scale_is_part_of_the_type() {
    for scale in 0..=18u8 {
        let data_type = ColumnType::from_name(&format!("decimal({scale})")).expect("a type");
        assert_eq!((data_type.data_type, data_type.name()), (Type::Decimal(scale), Type::Decimal(scale).name()));
    }
    for name in ["decimal", "decimal(19)", "decimal(02)", "decimal(2", "decimal(10,2)", "numeric(2)"] {
        assert_eq!(ColumnType::from_name(name), None, "{name}");
    }
    let mut coarse = source(&[("total", "sum(price)")]);
    let rollup = Rollup::new(Spec::compile(&coarse).expect("a spec"));
    coarse.columns[1].1 = "decimal(4)".into();
    let other = Rollup::new(Spec::compile(&coarse).expect("a spec"));
    let error = rollup.clone().merge(&other).expect_err("two scales");
    assert_eq!(error.code(), Code::MergeSchema);
    assert!(error.message().contains("decimal(2)") && error.message().contains("decimal(4)"), "{error}");
}
