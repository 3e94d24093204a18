//! Functions of expressions mean what they mean in PostgreSQL: random calls, asked of both, where `ISOFOLD_POSTGRES` is.
#![cfg(feature = "postgres")]

use isofold::expr::{check, parse, Call, Scope};
use isofold::time::format_timestamp;
use isofold::value::OutputType;
use isofold::{Code, Error, Result, Value};
use isofold_reference::skip::skipped;
use postgres::{Client, NoTls, SimpleQueryMessage};

/// An expression without columns.
struct Nothing;

impl Scope for Nothing {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        Err(Error::new(Code::ExprUnknownName, name).at(at))
    }

    fn call(&mut self, _: &Call, _: u32) -> Option<Result<(usize, OutputType)>> {
        None
    }
}

fn ours(expression: &str) -> Result<Value> {
    let expression = expression.replace("timestamptz '", "timestamp '");
    check(&parse(&expression)?, &mut Nothing)?.evaluate(&mut |_| Value::Null)
}

/// The value in the words of [`asked`].
fn told(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int64(number) | Value::Timestamp(number) => Some(number.to_string()),
        Value::Float64(number) => Some(format!("{:?}", f64::from_bits(number.to_bits()))),
        Value::String(text) => Some(text.clone()),
        Value::Decimal(units, scale) => Some(isofold::math::fixed::write(*units, *scale)),
        Value::List(_) | Value::Counts(_) => panic!("no list is asked for"),
    }
}

/// What PostgreSQL is asked so that it answers with our type, and how its text is read.
fn asked(expression: &str, value: &Value) -> String {
    match value {
        Value::Int64(_) => format!("({expression})::bigint::text"),
        Value::Float64(_) if expression.starts_with('(') => format!("extract(epoch from {expression})::float8::text"),
        Value::Float64(_) => format!("({expression})::float8::text"),
        Value::Timestamp(_) => format!("(extract(epoch from {expression}) * 1000000)::bigint::text"),
        _ => format!("({expression})::text"),
    }
}

/// A sequence of choices, the same in every run.
struct Choices(u64);

impl Choices {
    fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 20
    }

    fn of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[(self.number() % texts.len() as u64) as usize]
    }

    fn integer(&mut self) -> i64 {
        (self.number() % 15) as i64 - 7
    }

    /// A literal of a few letters; sometimes NULL.
    fn text(&mut self) -> String {
        if self.number().is_multiple_of(20) {
            return "null::text".into();
        }
        let length = self.number() % 9;
        let letters: String = (0..length).map(|_| self.of(&["a", "b", " ", ",", "é", "🎈", "%", "_", "!"])).collect();
        format!("'{letters}'")
    }

    fn instant(&mut self) -> String {
        let us = match self.number() % 4 {
            // years 1 to 9999
            0 => -62_135_596_800_000_000 + (self.number() % 315_000_000_000) as i64 * 1_000_003,
            // around changes of clocks in Berlin, New York, the Azores, and in no place
            1 => 1_774_746_000_000_000 + self.integer() * 1_800_000_000,
            2 => 1_793_512_800_000_000 + self.integer() * 1_800_000_000,
            _ => (self.number() % 2_500_000_000_000_000) as i64,
        };
        format!("timestamptz '{}'", format_timestamp(us))
    }

    fn call(&mut self) -> String {
        let (s, n, t) = (self.text(), self.integer(), self.instant());
        let (other, length) = (self.text(), self.number() % 6);
        let field = if n == 0 { 1 } else { n };
        let part = self.of(&[
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
        ]);
        let unit = self.of(&[
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
        ]);
        let zone = self.of(&["UTC", "Europe/Berlin", "America/New_York", "Atlantic/Azores", "Asia/Kathmandu"]);
        let side = self.of(&["leading", "trailing", "both"]);
        let truth = self.of(&["true", "false", "null::bool"]);
        let not = self.of(&["", "not "]);
        match self.number() % 22 {
            0 => format!("substr({s}, {n})"),
            1 => format!("substr({s}, {n}, {length})"),
            2 => format!("substring({s} from {n} for {length})"),
            3 => format!("left({s}, {n})"),
            4 => format!("right({s}, {n})"),
            5 => format!("replace({s}, {other}, '-ab')"),
            6 => format!("replace({s} || {s}, 'a', {other})"),
            7 => format!("split_part({s} || {s}, {other}, {field})"),
            8 => format!("split_part({s}, ',', {field})"),
            9 => format!("trim({side} {other} from {s})"),
            10 => format!("btrim({s}, {other})"),
            11 => format!("trim({s}) || '|' || ltrim({s}) || '|' || rtrim({s})"),
            12 => format!("{s} is {not}distinct from {other}"),
            13 => format!("{truth} is {not}{}", self.of(&["true", "false", "unknown"])),
            // not at the end, where an escape escapes nothing
            14 => format!("{s} {not}like {other} || 'a' escape '!'"),
            15 => format!("{s} {not}ilike {other} || 'A' escape ''"),
            16 => format!("extract({part} from {t})"),
            17 => format!("extract({part} from {t} at time zone '{zone}')"),
            // PostgreSQL's date_part does its fractions in doubles, and is off by the last bit
            18 => format!("date_part('{}', {t})", self.of(&["minute", "hour", "day", "week", "year", "dow"])),
            19 => format!("date_trunc('{unit}', {t})"),
            20 => format!("date_trunc('{unit}', {t}, '{zone}')"),
            _ => format!("({t} - {})", self.instant()),
        }
    }
}

fn answers(client: &mut Client, calls: &[(String, Value)]) -> Vec<Option<String>> {
    let asked: Vec<String> = calls.iter().map(|(call, value)| asked(call, value)).collect();
    let rows = client.simple_query(&format!("select {}", asked.join(", "))).expect("an answer");
    let row = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.expect("one row");
    let cell = |(at, (_, value)): (usize, &(String, Value))| {
        let text = row.get(at)?;
        match value {
            Value::Float64(_) => Some(format!("{:?}", text.parse::<f64>().expect("a number"))),
            _ => Some(text.to_owned()),
        }
    };
    calls.iter().enumerate().map(cell).collect()
}

#[test]
fn functions_answer_what_postgresql_answers() {
    let Ok(url) = std::env::var("ISOFOLD_POSTGRES") else {
        skipped("functions_answer_what_postgresql_answers", "ISOFOLD_POSTGRES is not set: tools/postgres.sh");
        return;
    };
    let mut client = Client::connect(&url, NoTls).expect("a server");
    client.batch_execute("set timezone = 'UTC'; set extra_float_digits = 1").expect("settings");
    let mut choices = Choices(0x9e37_79b9_7f4a_7c15);
    let mut present = 0;
    for _ in 0..25 {
        let calls: Vec<(String, Value)> = (0..200)
            .map(|_| {
                let call = choices.call();
                let value = ours(&call).unwrap_or_else(|error| panic!("{call}: {error}"));
                (call, value)
            })
            .collect();
        for ((call, value), answer) in calls.iter().zip(answers(&mut client, &calls)) {
            assert_eq!(told(value), answer, "{call}");
            present += usize::from(answer.is_some());
        }
    }
    assert!(present > 4000, "only {present} of 5000 answers are not NULL");
    for refused in
        ["substr('a', 1, -1)", "split_part('a', ',', 0)", "'a' like 'a' escape 'ab'", "date_trunc('dow', now())"]
    {
        assert!(client.simple_query(&format!("select {refused}")).is_err(), "{refused}");
        let ours = ours(&refused.replace("now()", "timestamptz '2026-01-01'")).expect_err(refused);
        assert_eq!(ours.code(), Code::ExprArguments, "{refused}");
    }
}
