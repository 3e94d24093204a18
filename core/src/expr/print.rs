//! The canonical text of an expression.
//!
//! The one idea: brackets stand only where reading the text back would otherwise give another tree.

use super::ast::{Arguments, Ast, Call, Case, LetterCase, Node, Precedence};
use super::functions::{EXTRACT, LIKE_ESCAPE};
use super::token::{is_keyword, is_word_part, is_word_start};
use crate::time::format_timestamp;
use core::fmt::{Display, Formatter, Result, Write};

impl Display for Ast {
    /// The canonical text; reading it gives an equal tree.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.node() {
            Node::Null => f.write_str("null"),
            Node::Bool(value) => write!(f, "{value}"),
            Node::Integer(value) => write!(f, "{value}"),
            Node::Float(value) => write!(f, "{value}"),
            Node::Text(text) => quote(f, text, '\''),
            Node::Timestamp(us) => write!(f, "timestamp '{}'", format_timestamp(*us)),
            Node::Name(name) => print_name(f, name),
            Node::Negate(x) => write!(f, "-{}", Within(x, Precedence::Primary)),
            Node::Not(x) => print_not(f, x),
            Node::Chain(first, steps) => {
                let own = self.node().precedence();
                write!(f, "{}", Within(first, own))?;
                for step in steps {
                    write!(f, " {} {}", step.operator.as_str(), Within(&step.operand, own.tighter()))?;
                }
                Ok(())
            }
            Node::Compare(x, comparison, y) => {
                let tighter = Precedence::Compare.tighter();
                write!(f, "{} {} {}", Within(x, tighter), comparison.as_str(), Within(y, tighter))
            }
            Node::IsNull(_) | Node::Is(..) | Node::Distinct(..) | Node::In(..) | Node::Between(..) | Node::Like(..) => {
                print_test(f, self, "")
            }
            Node::Case(case) => print_case(f, case),
            Node::Cast(x, data_type) => write!(f, "cast({x} as {data_type})"),
            Node::Call(call) => print_call(f, call),
        }
    }
}

/// An expression in brackets if it binds looser than its place asks.
struct Within<'a>(&'a Ast, Precedence);

impl Display for Within<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.0.node().precedence() < self.1 {
            write!(f, "({})", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

fn print_not(f: &mut Formatter<'_>, denied: &Ast) -> Result {
    match denied.node() {
        Node::IsNull(_) | Node::Is(..) | Node::Distinct(..) | Node::In(..) | Node::Between(..) | Node::Like(..) => {
            print_test(f, denied, "not ")
        }
        _ => write!(f, "not {}", Within(denied, Precedence::Not)),
    }
}

/// A test whose `not`, if it has one, stands in its middle.
fn print_test(f: &mut Formatter<'_>, test: &Ast, not: &str) -> Result {
    let tighter = Precedence::Match.tighter();
    match test.node() {
        Node::IsNull(x) => write!(f, "{} is {not}null", Within(x, Precedence::Is.tighter())),
        Node::Is(x, truth) => {
            let word = truth.map_or("unknown", |truth| if truth { "true" } else { "false" });
            write!(f, "{} is {not}{word}", Within(x, Precedence::Is.tighter()))
        }
        Node::Distinct(x, y) => {
            let (x, y) = (Within(x, Precedence::Is.tighter()), Within(y, Precedence::Is.tighter()));
            write!(f, "{x} is {not}distinct from {y}")
        }
        Node::In(x, items) => {
            write!(f, "{} {not}in (", Within(x, tighter))?;
            print_list(f, items)?;
            f.write_char(')')
        }
        Node::Between(x, low, high) => {
            let (x, low, high) = (Within(x, tighter), Within(low, tighter), Within(high, tighter));
            write!(f, "{x} {not}between {low} and {high}")
        }
        Node::Like(x, case, pattern) => {
            let word = match case {
                LetterCase::Kept => "like",
                LetterCase::Ignored => "ilike",
            };
            write!(f, "{} {not}{word} ", Within(x, tighter))?;
            match escaped(pattern) {
                Some((pattern, escape)) => {
                    write!(f, "{} escape {}", Within(pattern, tighter), Within(escape, tighter))
                }
                None => write!(f, "{}", Within(pattern, tighter)),
            }
        }
        _ => write!(f, "{test}"),
    }
}

fn print_case(f: &mut Formatter<'_>, case: &Case) -> Result {
    f.write_str("case")?;
    if let Some(operand) = &case.operand {
        write!(f, " {operand}")?;
    }
    for (when, then) in &case.branches {
        write!(f, " when {when} then {then}")?;
    }
    if let Some(otherwise) = &case.otherwise {
        write!(f, " else {otherwise}")?;
    }
    f.write_str(" end")
}

/// The pattern and the escape, if a pattern has one.
fn escaped(pattern: &Ast) -> Option<(&Ast, &Ast)> {
    let Node::Call(call) = pattern.node() else { return None };
    match (&call.arguments, call.name.as_str(), &call.filter) {
        (Arguments::List(list), LIKE_ESCAPE, None) => match &list[..] {
            [pattern, escape] => Some((pattern, escape)),
            _ => None,
        },
        _ => None,
    }
}

/// The unit, the instant and perhaps the zone of an `extract` that is written in words.
fn extracted(call: &Call) -> Option<(&str, &Ast, Option<&Ast>)> {
    let Arguments::List(list) = &call.arguments else { return None };
    let (Some(Node::Text(unit)), EXTRACT, None) = (list.first().map(Ast::node), call.name.as_str(), &call.filter)
    else {
        return None;
    };
    // a word is read in lower case
    let is_kept = |c: char| is_word_part(c) && !c.is_ascii_uppercase();
    let is_word = unit.starts_with(is_word_start) && unit.chars().all(is_kept);
    (is_word && (2..=3).contains(&list.len())).then(|| (unit.as_str(), &list[1], list.get(2)))
}

fn print_call(f: &mut Formatter<'_>, call: &Call) -> Result {
    if let Some((unit, x, zone)) = extracted(call) {
        write!(f, "extract({unit} from {x}")?;
        if let Some(zone) = zone {
            write!(f, " at time zone {zone}")?;
        }
        return f.write_char(')');
    }
    write!(f, "{}(", call.name)?;
    match &call.arguments {
        Arguments::Star => f.write_char('*')?,
        Arguments::List(list) => print_list(f, list)?,
    }
    f.write_char(')')?;
    match &call.filter {
        Some(condition) => write!(f, " filter (where {condition})"),
        None => Ok(()),
    }
}

fn print_list(f: &mut Formatter<'_>, items: &[Ast]) -> Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

/// A name, in double quotes unless it can be read without.
fn print_name(f: &mut Formatter<'_>, name: &str) -> Result {
    let bare = name.starts_with(is_word_start) && name.chars().all(is_word_part) && !is_keyword(name);
    if bare {
        f.write_str(name)
    } else {
        quote(f, name, '"')
    }
}

fn quote(f: &mut Formatter<'_>, text: &str, mark: char) -> Result {
    f.write_char(mark)?;
    for c in text.chars() {
        if c == mark {
            f.write_char(mark)?;
        }
        f.write_char(c)?;
    }
    f.write_char(mark)
}
