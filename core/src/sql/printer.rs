//! Expressions of ours as those of a database, where both mean the same.
//!
//! The one idea: what is printed has our value for every row whose columns fit, NULL included, and raises no error for any
//! row; what is not known to is not printed. Of a condition that is printed in part, the part is true wherever the whole
//! is: the kernel evaluates the whole again.
//!
//! What is not printed: what can raise an error here or there (sums and products, most casts, texts put together);
//! functions that a session of SQLite can replace (`lower`, `like`); times and decimals in SQLite's texts; clocks.
//!
//! Not here: what a column is (`held`).

use super::dialect::{era_text, time_text, Dialect};
use super::held::{ColumnSql, Times};
use crate::expr::{Arithmetic, Comparison, Expr, Function, Kind, LetterCase, TypedCase};
use crate::limits::{MAX_TIME_US, MIN_ROW_TIME_US};
use crate::math::{fixed, Float64};
use crate::time::SECOND_US;
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Operators and operands of a condition: SQLite refuses a tree that is 1,000 high, as a chain of so many is.
const MAX_NODES: usize = 400;
/// Brackets within brackets: the stack of SQLite's parser has 100 places.
const MAX_DEPTH: usize = 16;
/// Bytes of a condition: SQLite takes patterns of 50,000, statements of 1,000,000.
const MAX_BYTES: usize = 30_000;

/// A condition in the SQL of a database, which can stand behind an AND.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The condition; NULL and false say that ours is not true of a row.
    pub sql: String,
    /// Whether it is true of no other rows, where the columns hold what is declared.
    pub is_exact: bool,
}

impl Condition {
    /// What both leave in.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { sql: format!("{} AND {}", self.sql, other.sql), is_exact: self.is_exact && other.is_exact }
    }
}

/// What of a condition a database can answer, given the columns by slot; `None` where that is nothing.
///
/// A row of which the printed condition is not true is one of which ours is false or NULL, and not one in which ours raises an
/// error: a term behind one that may fail is not printed, and one before it leaves out only what it is false of.
pub(super) fn condition(dialect: Dialect, ours: &Expr, columns: &[Option<ColumnSql>]) -> Option<Condition> {
    let mut terms = Vec::new();
    flatten(ours, &mut terms);
    let certain = terms.iter().take_while(|term| !term.fallible).count();
    let mut is_exact = certain == terms.len();
    let mut printed = Vec::new();
    for term in &terms[..certain] {
        let times = term.leaves().into_iter().find_map(|slot| columns.get(slot)?.as_ref()?.times);
        let mut printer = Printer { dialect, columns, times, nodes: 0, read: Vec::new(), unmatched: Vec::new() };
        let Some((mut sql, is_whole)) = printer.necessary(term, 0) else {
            is_exact = false;
            continue;
        };
        is_exact &= is_whole && printer.unmatched.is_empty();
        if certain < terms.len() {
            sql = format!("({sql} IS NOT FALSE)");
        }
        let misfits = printer.misfits();
        printed.push(if misfits.is_empty() { sql } else { format!("({sql} OR {misfits})") });
    }
    let sql = printed.join(" AND ");
    let is_some = !printed.is_empty() && printed.len() <= MAX_NODES && sql.len() <= MAX_BYTES;
    is_some.then_some(Condition { sql, is_exact })
}

/// The terms of a conjunction.
fn flatten<'e>(ours: &'e Expr, terms: &mut Vec<&'e Expr>) {
    match &ours.kind {
        Kind::And(operands) => operands.iter().for_each(|operand| flatten(operand, terms)),
        _ => terms.push(ours),
    }
}

struct Printer<'p> {
    dialect: Dialect,
    columns: &'p [Option<ColumnSql>],
    /// How times are compared, those of a term all in one way.
    times: Option<Times>,
    nodes: usize,
    /// The columns that were read, and those that patterns were tried on.
    read: Vec<usize>,
    unmatched: Vec<usize>,
}

impl Printer<'_> {
    /// When a column that was read does not fit.
    fn misfits(&mut self) -> String {
        let mut all: Vec<&String> = Vec::new();
        for (slots, of) in [
            (&mut self.read, (|column| column.misfit.as_ref()) as fn(&ColumnSql) -> Option<&String>),
            (&mut self.unmatched, |column| column.unmatched.as_ref()),
        ] {
            crate::sort::ascending(slots);
            slots.dedup();
            all.extend(slots.iter().filter_map(|&slot| self.columns[slot].as_ref().and_then(of)));
        }
        all.into_iter().cloned().collect::<Vec<String>>().join(" OR ")
    }

    /// What is true wherever a condition is, and whether it is nowhere else.
    fn necessary(&mut self, ours: &Expr, depth: usize) -> Option<(String, bool)> {
        let (operands, word) = match &ours.kind {
            Kind::And(operands) => (operands, " AND "),
            Kind::Or(operands) => (operands, " OR "),
            _ => return self.value(ours, depth).map(|sql| (sql, true)),
        };
        let mut is_whole = true;
        let mut printed = Vec::new();
        for operand in operands {
            match self.necessary(operand, depth + 1) {
                Some((sql, is_exact)) => {
                    is_whole &= is_exact;
                    printed.push(sql);
                }
                None if matches!(ours.kind, Kind::Or(_)) => return None,
                None => is_whole = false,
            }
        }
        (!printed.is_empty()).then(|| (format!("({})", printed.join(word)), is_whole))
    }

    /// The expression with our value.
    fn value(&mut self, ours: &Expr, depth: usize) -> Option<String> {
        self.nodes += 1;
        if ours.fallible || depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return None;
        }
        let OutputType::Scalar(data_type) = ours.output else { return None };
        let deep = depth + 1;
        Some(match &ours.kind {
            Kind::Leaf(slot) => self.column(*slot, |column| &column.value)?,
            Kind::Literal(value) => return self.literal(value, data_type),
            Kind::And(operands) => format!("({})", self.all(operands, deep)?.join(" AND ")),
            Kind::Or(operands) => format!("({})", self.all(operands, deep)?.join(" OR ")),
            Kind::Not(x) => format!("(NOT {})", self.value(x, deep)?),
            Kind::Negate(x) => format!("(- {})", self.value(x, deep)?),
            Kind::Arithmetic(first, steps) => {
                let mut sql = self.value(first, deep)?;
                for (operator, _, operand) in steps {
                    let is_divisor = matches!(operand.as_literal(), Some(Value::Int64(divisor)) if *divisor != 0);
                    if data_type != Type::Int64 || *operator != Arithmetic::Remainder || !is_divisor {
                        return None;
                    }
                    sql = format!("({sql} % {})", self.value(operand, deep)?);
                }
                sql
            }
            Kind::Compare(comparison, operands) => {
                let [x, y] = &**operands;
                let is_found = *comparison == Comparison::Equal && (is_constant(x) || is_constant(y));
                let [x, y] = [x, y].map(|x| self.side(x, is_found, deep));
                format!("({} {} {})", x?, comparison.as_str(), y?)
            }
            Kind::IsNull(x) => format!("({} IS NULL)", self.value(x, deep)?),
            Kind::In(x, items) => {
                let is_found = items.iter().all(is_constant);
                let x = self.side(x, is_found, deep)?;
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.side(item, is_found, deep)?);
                    // a list of constants is no higher for its length
                    self.nodes -= usize::from(is_found);
                }
                format!("({x} IN ({}))", list.join(", "))
            }
            Kind::Between(operands) => {
                let [x, low, high] = [&operands[0], &operands[1], &operands[2]].map(|x| self.value(x, deep));
                format!("({} BETWEEN {} AND {})", x?, low?, high?)
            }
            Kind::Like(letter_case, operands) => self.like(*letter_case, &operands[0], &operands[1], deep)?,
            Kind::Case(case) => self.case(case, deep)?,
            Kind::Cast(x, to) => self.cast(x, *to, deep)?,
            Kind::Call(function, arguments) => self.call(*function, arguments, deep)?,
            Kind::Concat(_) | Kind::Clock(..) => return None,
        })
    }

    fn all(&mut self, ours: &[Expr], depth: usize) -> Option<Vec<String>> {
        ours.iter().map(|x| self.value(x, depth)).collect()
    }

    /// A side of a comparison: as an index has it, where a column is looked for that equals constants.
    fn side(&mut self, ours: &Expr, is_found: bool, depth: usize) -> Option<String> {
        match (ours.is_leaf(), ours.as_literal()) {
            (Some(slot), _) if is_found => self.column(slot, |column| &column.equal),
            (_, Some(Value::String(text))) if is_found && self.dialect == Dialect::Postgres && !text.contains('\0') => {
                self.nodes += 1;
                Some(format!("{}::text", self.dialect.literal(text)))
            }
            _ => self.value(ours, depth),
        }
    }

    fn column(&mut self, slot: usize, of: impl Fn(&ColumnSql) -> &String) -> Option<String> {
        let column = self.columns.get(slot)?.as_ref()?;
        if column.times.is_some_and(|times| self.times != Some(times)) {
            return None;
        }
        self.read.push(slot);
        Some(of(column).clone())
    }

    fn literal(&mut self, value: &Value, data_type: Type) -> Option<String> {
        let is_postgres = self.dialect == Dialect::Postgres;
        let typed = |text: &str, type_name: &str| {
            if is_postgres {
                format!("{}::{type_name}", self.dialect.literal(text))
            } else {
                text.to_string()
            }
        };
        Some(match (value, data_type) {
            (Value::Null, data_type) if is_postgres => {
                let null = format!("NULL::{}", self.dialect.column_type(OutputType::Scalar(data_type)));
                match data_type {
                    // as µs it would be a number
                    Type::Timestamp => return None,
                    Type::String => format!("({null} COLLATE \"C\")"),
                    _ => null,
                }
            }
            (Value::Null, _) => "NULL".into(),
            (Value::Bool(value), _) if is_postgres => if *value { "TRUE" } else { "FALSE" }.into(),
            (Value::Bool(value), _) => if *value { "1" } else { "0" }.into(),
            (Value::Int64(units), Type::Decimal(scale)) if is_postgres => {
                typed(&fixed::write((*units).into(), scale), "numeric")
            }
            (Value::Int64(value), Type::Int64) if is_postgres => typed(&value.to_string(), "bigint"),
            (Value::Int64(value), Type::Int64) => format!("({value})"),
            (Value::Float64(value), _) if is_postgres => typed(&value.to_string(), "double precision"),
            (Value::Float64(value), _) => real(*value),
            (Value::String(text), _) if text.contains('\0') => return None,
            (Value::String(text), _) if is_postgres => {
                format!("({}::text COLLATE \"C\")", self.dialect.literal(text))
            }
            (Value::String(text), _) => self.dialect.literal(text),
            (Value::Timestamp(us), _) if (MIN_ROW_TIME_US..MAX_TIME_US).contains(us) => self.instant(*us)?,
            _ => return None,
        })
    }

    fn instant(&mut self, us: i64) -> Option<String> {
        Some(match (self.times?, self.dialect) {
            (Times::Native, _) => {
                let text = era_text(&time_text(us, us % SECOND_US == 0));
                format!("{}::timestamptz", self.dialect.literal(&text))
            }
            (Times::Micros, Dialect::Postgres) => format!("{}::numeric", self.dialect.literal(&us.to_string())),
            (Times::Micros, Dialect::Sqlite) => format!("({us})"),
        })
    }

    fn like(&mut self, letter_case: LetterCase, text: &Expr, pattern: &Expr, depth: usize) -> Option<String> {
        let Some(Value::String(pattern)) = pattern.as_literal() else { return None };
        if pattern.contains('\0') {
            return None;
        }
        let x = self.value(text, depth)?;
        let pattern = Pattern::read(pattern);
        match (self.dialect, letter_case) {
            (Dialect::Postgres, _) => {
                let word = if letter_case == LetterCase::Kept { "LIKE" } else { "ILIKE" };
                let [pattern, escape] = [&*pattern.like(), "\\"].map(|text| self.dialect.literal(text));
                Some(format!("({x} {word} {pattern} ESCAPE {escape})"))
            }
            (Dialect::Sqlite, LetterCase::Kept) => {
                // a pragma decides what its LIKE means
                self.unmatched.push(text.is_leaf()?);
                Some(format!("({x} GLOB {})", self.dialect.literal(&pattern.glob())))
            }
            (Dialect::Sqlite, LetterCase::Ignored) => None,
        }
    }

    fn case(&mut self, case: &TypedCase, depth: usize) -> Option<String> {
        let operand = case.operand.as_ref().map(|operand| self.value(operand, depth));
        let mut sql = String::from("(CASE");
        for (when, then) in &case.branches {
            let [when, then] = [when, then].map(|x| self.value(x, depth));
            let when = match &operand {
                Some(operand) => format!("({} = {})", operand.as_ref()?, when?),
                None => when?,
            };
            sql += &format!(" WHEN {when} THEN {}", then?);
        }
        if let Some(otherwise) = &case.otherwise {
            sql += &format!(" ELSE {}", self.value(otherwise, depth)?);
        }
        Some(sql + " END)")
    }

    fn cast(&mut self, x: &Expr, to: Type, depth: usize) -> Option<String> {
        let OutputType::Scalar(from) = x.output else { return None };
        let is_postgres = self.dialect == Dialect::Postgres;
        let sql = self.value(x, depth)?;
        Some(match (from, to) {
            (Type::Int64 | Type::Decimal(_), Type::Float64) if is_postgres => format!("{sql}::double precision"),
            (Type::Int64, Type::Float64) => format!("CAST({sql} AS REAL)"),
            (Type::Bool, Type::Int64) if is_postgres => format!("{sql}::integer::bigint"),
            (Type::Bool, Type::Int64) => sql,
            (Type::Int64, Type::Bool) => format!("({sql} <> 0)"),
            _ => return None,
        })
    }

    fn call(&mut self, function: Function, arguments: &[Expr], depth: usize) -> Option<String> {
        let is_postgres = self.dialect == Dialect::Postgres;
        let name = match function {
            Function::Coalesce if arguments.len() == 1 => return self.value(&arguments[0], depth),
            Function::Coalesce => "coalesce",
            Function::Nullif => "nullif",
            Function::Distinct => {
                let [x, y] = arguments else { return None };
                let [x, y] = [x, y].map(|x| self.value(x, depth));
                let word = if is_postgres { "IS DISTINCT FROM" } else { "IS NOT" };
                return Some(format!("({} {word} {})", x?, y?));
            }
            // where SQLite has them they are NULL for a NULL, or end at a zero, or are another function by now
            Function::Least if is_postgres => "least",
            Function::Greatest if is_postgres => "greatest",
            Function::Lower if is_postgres => "lower",
            Function::Upper if is_postgres => "upper",
            Function::Length if is_postgres => "length",
            Function::Trim if is_postgres => "btrim",
            Function::TrimStart if is_postgres => "ltrim",
            Function::TrimEnd if is_postgres => "rtrim",
            _ => return None,
        };
        Some(format!("{name}({})", self.all(arguments, depth)?.join(", ")))
    }
}

/// A double in SQL that every SQLite reads as that very one: they read long fractions more or less well, and calculate well.
fn real(value: Float64) -> String {
    const MANTISSA_BITS: u64 = 52;
    const HIDDEN: u64 = 1 << MANTISSA_BITS;
    const AT_ONCE: u64 = 62;
    let bits = value.to_bits();
    let sign = if value.is_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("({sign}9e999)");
    }
    let field = bits >> MANTISSA_BITS & 0x7ff;
    let mantissa = if field == 0 { bits & (HIDDEN - 1) } else { bits & (HIDDEN - 1) | HIDDEN };
    // the double is mantissa × 2^(shift − 1074)
    let zeros = u64::from(mantissa.trailing_zeros()) % 64;
    let (mantissa, shift) = (mantissa >> zeros, field.max(1) - 1 + zeros);
    let (operator, mut powers) = if shift < 1074 { ('/', 1074 - shift) } else { ('*', shift - 1074) };
    let mut sql = format!("CAST({sign}{mantissa} AS REAL)");
    while mantissa != 0 && powers > 0 {
        let power = powers.min(AT_ONCE);
        sql += &format!(" {operator} CAST({} AS REAL)", 1u64 << power);
        powers -= power;
    }
    format!("({sql})")
}

fn is_constant(ours: &Expr) -> bool {
    ours.as_literal().is_some()
}

/// What a pattern of `like` says.
struct Pattern(Vec<Part>);

enum Part {
    Char(char),
    AnyChar,
    AnyText,
}

impl Pattern {
    fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '%' => Part::AnyText,
                '_' => Part::AnyChar,
                // at the end it stands for itself
                '\\' => Part::Char(chars.next().unwrap_or(c)),
                c => Part::Char(c),
            });
        }
        Self(parts)
    }

    fn written(&self, any_char: char, any_text: char, mut put: impl FnMut(&mut String, char)) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Char(c) => put(&mut text, *c),
                Part::AnyChar => text.push(any_char),
                Part::AnyText => text.push(any_text),
            }
        }
        text
    }

    fn like(&self) -> String {
        self.written('_', '%', |text, c| {
            if matches!(c, '%' | '_' | '\\') {
                text.push('\\');
            }
            text.push(c);
        })
    }

    fn glob(&self) -> String {
        self.written('?', '*', |text, c| match c {
            '*' | '?' | '[' => *text += &format!("[{c}]"),
            c => text.push(c),
        })
    }
}
