//! Random conditions of our language, of all types and most functions.

use super::choices::Choices;

/// The columns that there are, by kind.
pub struct Grammar<'g> {
    pub choices: &'g mut Choices,
    pub names: Vec<(&'static str, &'static str)>,
}

impl Grammar<'_> {
    fn column(&mut self, declared: &str) -> String {
        let fits = |(_, of): &&(&str, &str)| of.starts_with(declared);
        let names: Vec<&str> = self.names.iter().filter(fits).map(|(name, _)| *name).collect();
        self.choices.of(&names).to_owned()
    }

    /// A condition; `depth` operators deep at most.
    pub fn condition(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.choices.below(4) {
                0 => self.choices.of(&["true", "false", "null"]).to_owned(),
                _ => self.column("bool"),
            };
        }
        let not = self.choices.of(&["", "not "]);
        match self.choices.below(22) {
            // what no database is asked, and what may fail
            20 => format!("{} + {} > {}", self.column("float64"), self.column("float64"), self.literal_number()),
            21 => format!("{} + 1 > {}", self.column("int64"), self.literal_integer()),
            0 | 1 => format!("({} and {})", self.condition(depth - 1), self.condition(depth - 1)),
            2 | 3 => format!("({} or {})", self.condition(depth - 1), self.condition(depth - 1)),
            4 => format!("not ({})", self.condition(depth - 1)),
            5 => format!("({} is {not}{})", self.condition(depth - 1), self.choices.of(&["true", "false", "unknown"])),
            6 => format!(
                "case when {} then {} else {} end",
                self.condition(depth - 1),
                self.condition(0),
                self.condition(0)
            ),
            7 => format!("coalesce({}, {})", self.condition(0), self.condition(depth - 1)),
            8 => format!("{} {not}like {}", self.text(depth - 1), self.pattern()),
            9 => format!("{} {not}ilike {}", self.text(depth - 1), self.pattern()),
            10 => format!("({} is {not}null)", self.text(depth - 1)),
            _ => self.comparison(depth - 1, not),
        }
    }

    fn comparison(&mut self, depth: usize, not: &str) -> String {
        let kind = self.choices.below(6);
        let operator = self.choices.of(&["=", "<>", "<", "<=", ">", ">="]);
        let form = self.choices.below(6);
        let mut side = |constant: bool| match (kind, constant) {
            (0 | 1, true) => self.literal_text(),
            (0 | 1, false) => self.text(depth),
            (2, true) => self.literal_integer(),
            (2, false) => self.integer(depth),
            (3, true) => self.literal_number(),
            (3, false) => self.number(depth),
            (4, true) => self.literal_time(),
            (4, false) => self.time(depth),
            (_, true) => self.choices.of(&["0.1", "5", "-1.50", "null"]).to_owned(),
            (_, false) => self.column("decimal"),
        };
        match form {
            0 => format!("{} {operator} {}", side(false), side(false)),
            1 => format!("{} {not}in ({}, {}, {})", side(false), side(true), side(true), side(true)),
            2 => format!("{} {not}between {} and {}", side(false), side(true), side(true)),
            3 => format!("({} is {not}distinct from {})", side(false), side(true)),
            4 => format!("{} {operator} {}", side(true), side(false)),
            _ => format!("{} {operator} {}", side(false), side(true)),
        }
    }

    fn literal_text(&mut self) -> String {
        self.choices
            .of(&[
                "''",
                "'a'",
                "'A'",
                "'ab'",
                "'aB'",
                "'5'",
                "'é'",
                "'É'",
                "'a\\b'",
                "'o''möbius'",
                "'🎈'",
                "'Z'",
                "null",
            ])
            .to_owned()
    }

    fn pattern(&mut self) -> String {
        self.choices
            .of(&[
                "'a%'", "'%b'", "'%'", "''", "'_'", "'A%'", "'a\\%b'", "'a\\_b'", "'a\\\\b'", "'a\\'", "'%é%'", "'É'",
                "'[a*?]'", "'%*%'", "'__'", "'o''m%s'", "'a%b%'", "lower(s)", "'%\\'",
            ])
            .to_owned()
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 || self.choices.below(3) > 0 {
            return self.column("string");
        }
        match self.choices.below(10) {
            0 => format!("lower({})", self.text(depth - 1)),
            1 => format!("upper({})", self.text(depth - 1)),
            2 => format!("trim({})", self.text(depth - 1)),
            3 => format!("coalesce({}, {})", self.text(depth - 1), self.literal_text()),
            4 => format!("nullif({}, {})", self.text(depth - 1), self.literal_text()),
            5 => format!("case when {} then {} else {} end", self.condition(1), self.text(0), self.text(0)),
            6 => format!("case {} when {} then {} end", self.text(0), self.literal_text(), self.text(0)),
            7 => format!("least({}, {})", self.text(0), self.text(0)),
            8 => format!("{} || 'a'", self.text(0)),
            _ => self.literal_text(),
        }
    }

    fn literal_integer(&mut self) -> String {
        self.choices
            .of(&["0", "5", "-5", "7", "9223372036854775807", "-9223372036854775808", "9007199254740993", "null"])
            .to_owned()
    }

    fn integer(&mut self, depth: usize) -> String {
        if depth == 0 || self.choices.below(3) > 0 {
            return self.column("int64");
        }
        match self.choices.below(9) {
            0 => format!("{} % {}", self.column("int64"), self.choices.of(&["7", "-1", "2", "0", "-3"])),
            1 => format!("coalesce({}, {})", self.integer(depth - 1), self.literal_integer()),
            2 => format!("nullif({}, {})", self.integer(depth - 1), self.literal_integer()),
            3 => format!("greatest({}, {})", self.integer(depth - 1), self.literal_integer()),
            4 => format!("case when {} then {} else {} end", self.condition(1), self.integer(0), self.integer(0)),
            5 => format!("cast({} as int64)", self.condition(1)),
            6 => format!("length({})", self.text(0)),
            7 => format!("{} + 1", self.integer(0)),
            _ => format!("cast({} as int64)", self.text(0)),
        }
    }

    fn literal_number(&mut self) -> String {
        self.choices
            .of(&[
                "0.0",
                "0.1",
                "-1.5",
                "5",
                "5e-324",
                "1.7976931348623157e308",
                "9007199254740992",
                "2.5e17",
                "1e-9",
                "null",
            ])
            .to_owned()
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.choices.below(3) > 0 {
            return self.column("float64");
        }
        match self.choices.below(8) {
            0 => format!("-({})", self.number(depth - 1)),
            1 => format!("cast({} as float64)", self.integer(depth - 1)),
            2 => format!("coalesce({}, {})", self.number(depth - 1), self.literal_number()),
            3 => format!("nullif({}, {})", self.number(depth - 1), self.literal_number()),
            4 => format!("greatest({}, {})", self.number(depth - 1), self.number(0)),
            5 => format!("case when {} then {} else {} end", self.condition(1), self.number(0), self.number(0)),
            6 => format!("{} {} {}", self.number(0), self.choices.of(&["+", "-", "*", "/"]), self.number(0)),
            _ => format!("cast({} as float64)", self.column("decimal")),
        }
    }

    fn literal_time(&mut self) -> String {
        self.choices
            .of(&[
                "timestamp '2026-11-01'",
                "timestamp '2026-11-01T00:00:00.000001Z'",
                "timestamp '2026-10-31T23:59:59.999999Z'",
                "timestamp '1969-12-31T23:59:59.999999Z'",
                "timestamp '9999-12-31T23:59:59.999999Z'",
                "timestamp '0001-01-01'",
                "timestamp '1970-01-01'",
            ])
            .to_owned()
    }

    fn time(&mut self, depth: usize) -> String {
        if depth == 0 || self.choices.below(3) > 0 {
            return self.column("timestamp");
        }
        match self.choices.below(3) {
            0 => format!("coalesce({}, {})", self.time(depth - 1), self.literal_time()),
            1 => format!("nullif({}, {})", self.time(depth - 1), self.literal_time()),
            _ => format!("date_trunc('day', {})", self.time(0)),
        }
    }
}
