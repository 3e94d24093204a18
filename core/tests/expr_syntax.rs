//! The syntax of expressions: what binds how, the canonical text, and where errors point.

use isofold::expr::{parse, parse_named};
use isofold::limits::{MAX_EXPR_ARGUMENTS, MAX_EXPR_CHARS};
use isofold::Code;

fn canonical(text: &str) -> String {
    parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).to_string()
}

#[test]
fn operators_bind_as_in_postgresql() {
    for (text, brackets) in [
        ("a or b and not c = d", "a or (b and (not (c = d)))"),
        ("a + b * c - d / e % f", "(a + (b * c)) - ((d / e) % f)"),
        ("a || b = c", "(a || b) = c"),
        ("a + 1 || b", "(a + 1) || b"),
        ("a = b is null", "(a = b) is null"),
        ("a = b in (1)", "a = (b in (1))"),
        ("a in (1) = b", "(a in (1)) = b"),
        ("a between b + 1 and c and d", "(a between (b + 1) and c) and d"),
        ("not a is null", "not (a is null)"),
        ("not a in (1)", "a not in (1)"),
        ("-a * b", "(-a) * b"),
        ("a * -b", "a * (-b)"),
        ("-a::string", "-(a::string)"),
        ("a - b - c", "(a - b) - c"),
        ("a and b and c", "(a and b) and c"),
        ("a like b || c", "a like (b || c)"),
        ("a = not b", "a = (not b)"),
    ] {
        assert_eq!(parse(text).unwrap(), parse(brackets).unwrap(), "{text}");
    }
    assert_ne!(parse("a - (b - c)").unwrap(), parse("a - b - c").unwrap());
}

#[test]
fn the_canonical_text_has_one_spelling() {
    for (text, expected) in [
        ("COUNT( * ) FILTER (WHERE Status_code>=400)", "count(*) filter (where Status_code >= 400)"),
        ("100*error_count/request_count", "100 * error_count / request_count"),
        ("((a))!=(1.50)", "a <> 1.5"),
        ("\"model\" || \"P PDG\" || \"a\"\"b\" || \"End\"", "model || \"P PDG\" || \"a\"\"b\" || \"End\""),
        ("1e3 + .5 + 5. + 007", "1000.0 + 0.5 + 5.0 + 7"),
        ("x::double precision::int", "cast(cast(x as float64) as int64)"),
        ("not (a is null) and not (a like 'x''%')", "a is not null and a not like 'x''%'"),
        ("not not a is not null", "not not a is not null"),
        ("Case when a then 1 else null End", "case when a then 1 else null end"),
        ("CASE a WHEN 1 THEN 'x' END", "case a when 1 then 'x' end"),
        ("timestamp '2026-01-01' < timestamp", "timestamp '2026-01-01T00:00:00Z' < timestamp"),
        ("(a + b) * c - (d - e)", "(a + b) * c - (d - e)"),
        ("((a + b) + c)", "a + b + c"),
        ("-(-5) - -(5) - -(x)", "-(-5) - -5 - -x"),
        ("(-5)::text", "cast(-5 as string)"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("a not between 1 and 2 or b not in (true, false)", "a not between 1 and 2 or b not in (true, false)"),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
        assert_eq!(canonical(expected), expected, "{text}");
    }
}

#[test]
fn a_name_may_follow() {
    let named = |text| parse_named(text).unwrap().1;
    assert_eq!(named("count(*) as n"), Some("n".to_string()));
    assert_eq!(named("count(*) AS \"as\""), Some("as".to_string()));
    assert_eq!(named("model"), None);
    for (wrong, at) in [("a as", 4), ("a as end", 5), ("a as 'b'", 5), ("a as b c", 7), ("a b", 2)] {
        assert_eq!(parse_named(wrong).unwrap_err().position(), Some(at), "{wrong}");
    }
}

#[test]
fn errors_point_at_the_character() {
    for (text, at, message) in [
        ("", 0, "expected a value, found the end"),
        ("é", 0, "'é' stands only in texts and in names in double quotes"),
        ("'é' +", 5, "expected a value, found the end"),
        ("a + * b", 4, "expected a value, found '*'"),
        ("(a", 2, "expected ')', found the end"),
        ("a)", 1, "expected an operator or the end, found ')'"),
        ("a < b < c", 6, "expected an operator or the end, found '<'"),
        ("a is null is null", 10, "expected an operator or the end, found 'is'"),
        ("f(a b)", 4, "expected ',' or ')', found 'b'"),
        ("x in ()", 6, "expected a value, found ')'"),
        ("x is 5", 5, "expected 'null', 'true', 'false', 'unknown' or 'distinct from', found '5'"),
        ("x::date", 3, "expected a type (bool, int64, float64, string, timestamp, decimal(2)), found 'date'"),
        ("case a end", 7, "expected 'when', found 'end'"),
        ("case when a then b", 18, "expected 'end', found the end"),
        ("9223372036854775808", 0, "'9223372036854775808' does not fit int64; write a fraction for float64"),
        ("1 + 1e999", 4, "'1e999' does not fit float64"),
        ("count(distinct x)", 6, "count(distinct …) is not kept; approx_count_distinct(x) counts distinct values"),
        ("x not null", 2, "expected an operator or the end, found 'not'"),
        ("sum(x) filter (a)", 15, "expected 'where', found 'a'"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.position(), error.message()), (Some(at), message), "{text}");
        assert_eq!(error.code(), Code::ExprSyntax, "{text}");
    }
    let error = parse("x > timestamp 'soon'").unwrap_err();
    assert_eq!((error.code(), error.position()), (Code::ExprSyntax, Some(4)));
}

#[test]
fn long_chains_are_flat() {
    for operator in [" + ", " and ", " or ", " || ", " * "] {
        let text = ["x"; 2000].join(operator);
        let ast = parse(&text).unwrap();
        assert_eq!((ast.height(), ast.to_string()), (2, text));
    }
}

#[test]
fn what_can_be_read_can_be_read_back() {
    for (part, joined) in [("x", "+"), ("x::int", " or "), ("\"x\"", "*")] {
        let longest = (MAX_EXPR_CHARS - 4) / (part.len() + joined.len());
        let mut longest_read = 0;
        for count in [1, 200, longest / 4, longest / 2, longest] {
            match parse(&format!("({})", [part].repeat(count).join(joined))) {
                Ok(ast) => {
                    longest_read = count;
                    assert_eq!(parse(&ast.to_string()), Ok(ast));
                }
                Err(error) => assert_eq!(error.code(), Code::ExprLimit, "{error}"),
            }
        }
        assert!(longest_read >= 200, "{part}");
    }
}

#[test]
fn lists_and_branches_have_a_limit() {
    let list = |n: usize| ["1"; 300][..n].join(",");
    let branches = |n: usize| format!("case{} end", " when a then b".repeat(n));
    for (n, fits) in [(MAX_EXPR_ARGUMENTS, true), (MAX_EXPR_ARGUMENTS + 1, false)] {
        for text in [format!("f({})", list(n)), format!("x in ({})", list(n)), branches(n)] {
            let result = parse(&text);
            assert_eq!(result.is_ok(), fits, "{n}");
            assert!(result.is_ok() || result.is_err_and(|e| e.code() == Code::ExprLimit));
        }
    }
}
