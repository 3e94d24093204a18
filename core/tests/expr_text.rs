//! Reading and writing expressions: every tree comes back, and no text does harm.

use isofold::column::{Column, Values};
use isofold::expr::{
    check, parse, parse_named, Arguments, Ast, Call, Case, Comparison, LetterCase, Node, Operator, Scope,
};
use isofold::limits::{MAX_EXPR_CHARS, MAX_EXPR_DEPTH};
use isofold::math::Float64;
use isofold::value::OutputType;
use isofold::{Code, Result, Type, Value};
use proptest::prelude::*;

fn leaf() -> impl Strategy<Value = Ast> {
    let name = prop_oneof!["[A-Za-z_][A-Za-z0-9_$]{0,6}", "and|END|true|timestamp|filter|distinct", "\\PC{1,6}"];
    let float = any::<u64>().prop_map(Float64::from_bits).prop_filter("finite", |x| !x.is_nan() && !x.is_infinite());
    prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(Node::Integer),
        (-3i64..4).prop_map(Node::Integer),
        float.prop_map(Node::Float),
        "\\PC{0,6}".prop_map(Node::Text),
        (-60_000_000_000_000_000i64..250_000_000_000_000_000).prop_map(Node::Timestamp),
        name.prop_map(Node::Name),
    ]
    .prop_map(|node| Ast::new(node, 0))
}

fn negate(x: Ast) -> Ast {
    // a literal that is not negative has its minus inside
    let node = match x.node() {
        Node::Integer(value @ 0..) => Node::Integer(-value),
        Node::Float(value) if !value.is_negative() => Node::Float(-*value),
        _ => Node::Negate(Box::new(x)),
    };
    Ast::new(node, 0)
}

fn tree() -> impl Strategy<Value = Ast> {
    let operator = prop::sample::select(vec![
        Operator::Or,
        Operator::And,
        Operator::Concat,
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Remainder,
    ]);
    let comparison = prop::sample::select(vec![
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessEqual,
        Comparison::Greater,
        Comparison::GreaterEqual,
    ]);
    let letter_case = prop::sample::select(vec![LetterCase::Kept, LetterCase::Ignored]);
    let data_type = prop::sample::select(vec![Type::Bool, Type::Int64, Type::Float64, Type::Timestamp, Type::String]);
    leaf().prop_recursive(6, 48, 3, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let list = prop::collection::vec(inner.clone(), 1..4);
        let maybe = prop::option::of(inner.clone());
        let branches = prop::collection::vec((inner.clone(), inner.clone()), 1..3);
        let arguments =
            prop_oneof![Just(Arguments::Star), Just(Arguments::List(vec![])), list.clone().prop_map(Arguments::List)];
        let node = |strategy: BoxedStrategy<Node>| strategy.prop_map(|node| Ast::new(node, 0));
        prop_oneof![
            inner.clone().prop_map(negate),
            (inner.clone(), operator.clone(), inner.clone()).prop_map(|(x, o, y)| Ast::chain(x, o, 0, y)),
            node(boxed.clone().prop_map(Node::Not).boxed()),
            node(boxed.clone().prop_map(Node::IsNull).boxed()),
            node((boxed.clone(), any::<Option<bool>>()).prop_map(|(x, truth)| Node::Is(x, truth)).boxed()),
            node((boxed.clone(), boxed.clone()).prop_map(|(x, y)| Node::Distinct(x, y)).boxed()),
            node(
                (boxed.clone(), comparison.clone(), boxed.clone()).prop_map(|(x, c, y)| Node::Compare(x, c, y)).boxed()
            ),
            node((boxed.clone(), list).prop_map(|(x, items)| Node::In(x, items)).boxed()),
            node((boxed.clone(), boxed.clone(), boxed.clone()).prop_map(|(x, a, b)| Node::Between(x, a, b)).boxed()),
            node((boxed.clone(), letter_case.clone(), boxed.clone()).prop_map(|(x, c, y)| Node::Like(x, c, y)).boxed()),
            node((boxed, data_type.clone()).prop_map(|(x, t)| Node::Cast(x, t)).boxed()),
            node(
                (maybe.clone(), branches, maybe.clone())
                    .prop_map(|(operand, branches, otherwise)| Node::Case(Box::new(Case {
                        operand,
                        branches,
                        otherwise
                    })))
                    .boxed()
            ),
            node(
                ("[a-z_][a-z0-9_]{7}|extract|like_escape|trim|substring", arguments, maybe)
                    .prop_map(|(name, arguments, filter)| Node::Call(Box::new(Call { name, arguments, filter })))
                    .boxed()
            ),
        ]
    })
}

/// Takes every name and call as an int64.
struct AnyName;

impl Scope for AnyName {
    fn name(&mut self, _: &str, _: u32) -> Result<(usize, OutputType)> {
        Ok((0, OutputType::Scalar(Type::Int64)))
    }

    fn call(&mut self, _: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        Some(Ok((0, OutputType::Scalar(Type::Int64))))
    }
}

/// Does with a text all that can be done.
fn exercise(text: &str) {
    let at_most = text.chars().count() as u32;
    match parse_named(text) {
        Err(error) => assert!(error.position().is_some_and(|at| at <= at_most), "{text}: {error:?}"),
        Ok((ast, _)) => {
            assert!(ast.height() as usize <= MAX_EXPR_DEPTH);
            assert_eq!(parse(&ast.to_string()).as_ref(), Ok(&ast), "{text}");
            match check(&ast, &mut AnyName) {
                Err(error) => assert!(error.position().is_some_and(|at| at <= at_most), "{text}: {error:?}"),
                Ok(expr) => {
                    let columns = [Column::new(Values::Int64(vec![1, 1].into()))];
                    let alone = expr.evaluate(&mut |_| Value::Int64(1));
                    let in_columns = expr.evaluate_columns(&columns, 2);
                    assert_eq!(alone.map_err(|e| e.in_row(0)).err(), in_columns.err(), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_unit_with_capitals_stays_a_text() {
    for (text, canonical) in [
        ("extract('Hour', ts)", "extract('Hour', ts)"),
        ("extract('hour', ts)", "extract(hour from ts)"),
        ("EXTRACT(HOUR FROM ts)", "extract(hour from ts)"),
    ] {
        let ast = parse(text).unwrap();
        assert_eq!(ast.to_string(), canonical);
        assert_eq!(parse(canonical), Ok(ast), "{canonical}");
    }
}

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_comes_back_from_its_text(ast in tree()) {
        let text = ast.to_string();
        prop_assert_eq!(&parse(&text).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?, &ast, "{}", text);
    }

    #[test]
    fn no_text_does_harm(text in "\\PC{0,40}") {
        exercise(&text);
    }

    #[test]
    fn no_row_of_tokens_does_harm(tokens in prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 0..24)) {
        exercise(&tokens.join(" "));
        exercise(&tokens.concat());
    }
}

const TOKENS: &[&str] = &[
    "a",
    "x",
    "1",
    "2.5",
    "'t'",
    "\"q\"",
    "null",
    "true",
    "not",
    "and",
    "or",
    "is",
    "in",
    "between",
    "like",
    "ilike",
    "case",
    "when",
    "then",
    "else",
    "end",
    "cast",
    "as",
    "int64",
    "string",
    "timestamp",
    "timestamp '2026-01-01'",
    "(",
    "(",
    ")",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    "::",
    "count(*)",
    "filter",
    "where",
    "round",
    "coalesce(",
    "sum(x)",
    "length",
];

#[test]
fn deep_nests_of_every_kind_end_in_a_limit() {
    on_a_small_stack(|| {
        let nests: [(&str, &str, &str); 16] = [
            ("(", "x", ")"),
            ("not ", "x = 1", ""),
            ("- ", "x", ""),
            ("-(", "x", ")"),
            ("1 + (", "x", ")"),
            ("(", "x", ") + 1"),
            ("", "x", "::string::int64"),
            ("cast(", "x", " as string)"),
            ("coalesce(", "x", ", 1)"),
            ("case when x = 1 then ", "x", " end"),
            ("case ", "x", " when 1 then 2 end"),
            ("(x = 1) in (", "x = 1", ")"),
            ("1 + x between (", "x", ") and 2"),
            ("sum(1) filter (where ", "x = 1", ")"),
            ("x = 1 or (not (x = 1 and ", "x = 1", "))"),
            ("abs(case x when 1 then - cast(", "x", " as int64) + 2 * x else 3 end)"),
        ];
        for (open, middle, close) in nests {
            for depth in 1..=MAX_EXPR_DEPTH + 2 {
                exercise(&format!("{}{middle}{}", open.repeat(depth), close.repeat(depth)));
            }
            let endless = (MAX_EXPR_CHARS - 20) / (open.len() + close.len());
            for text in [
                format!("{}{middle}{}", open.repeat(endless), close.repeat(endless)),
                format!("{}{middle}{}", open.repeat(100_000), close.repeat(100_000)),
            ] {
                assert_eq!(parse(&text).unwrap_err().code(), Code::ExprLimit, "{open}");
            }
        }
    });
}

#[test]
fn the_limit_of_depth_is_reached_exactly() {
    let nested = |depth: usize| parse(&format!("{}x", "not ".repeat(depth)));
    assert_eq!(nested(MAX_EXPR_DEPTH - 1).unwrap().height() as usize, MAX_EXPR_DEPTH);
    assert_eq!(nested(MAX_EXPR_DEPTH).unwrap_err().code(), Code::ExprLimit);
}
