//! Rows with keys, ties, NULLs, and times at which calendars do odd things.

use super::{Floats, Generator};
use crate::bucket::{DAY_US, HOUR_US, MINUTE_US};
use crate::cell::{Cell, Row};
use crate::zone::{first_of_month, instant_of};

/// Kinds of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Anywhere from 1900 to 2100.
    AnyCentury,
    /// Two hours around changes of clocks in several zones.
    ClockChanges,
    /// Two days around the first of a month, leap years included.
    MonthEnds,
    /// Ascending within one day, some equal.
    OneDay,
}

impl Times {
    /// Every kind.
    pub const ALL: [Times; 4] = [Times::AnyCentury, Times::ClockChanges, Times::MonthEnds, Times::OneDay];
}

/// Zones with clock changes of an hour, of half an hour, at midnight, and with none.
pub const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Amman",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
];

/// Instants at which clocks change: forward and back in the zones of [`ZONES`].
const CLOCK_CHANGES: [&str; 12] = [
    "2024-03-31T01:00:00Z",
    "2024-10-27T01:00:00Z",
    "2024-03-10T07:00:00Z",
    "2024-11-03T06:00:00Z",
    "2021-03-25T22:00:00Z",
    "2021-10-28T22:00:00Z",
    "2024-04-06T15:00:00Z",
    "2024-10-05T15:30:00Z",
    "2018-02-18T02:00:00Z",
    "2018-11-04T03:00:00Z",
    "2000-03-26T01:00:00Z",
    "2000-10-29T01:00:00Z",
];

/// The columns of a generated row, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A text key.
    Provider = 0,
    /// A second text key, with more values, some of them odd texts.
    Model = 1,
    /// A double of the shape's kind.
    Value = 2,
    /// An integer, at times at the ends of its range.
    Tokens = 3,
    /// A boolean.
    Success = 4,
    /// A time.
    Started = 5,
}

/// How generated rows look.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The kind of doubles.
    pub floats: Floats,
    /// The kind of times.
    pub times: Times,
    /// How many keys there are, at least 1.
    pub keys: u64,
    /// Of 100 cells, how many are NULL.
    pub null_percent: u64,
}

impl Generator {
    /// One integer: small ones, any, and the ends of the range.
    pub fn int(&mut self) -> i64 {
        match self.below(8) {
            0 => self.bits() as i64,
            1 => self.pick(&[i64::MIN, i64::MAX, i64::MIN + 1, 0, -1, 1]),
            _ => self.between(-1000, 1000),
        }
    }

    /// One text: some equal, some empty, some outside the first plane of Unicode.
    pub fn text(&mut self) -> String {
        match self.below(16) {
            0 => String::new(),
            1 => "é\u{301} 🦀 \u{10ffff}".to_string(),
            2 => "a'b\"c,\n|".to_string(),
            3 => "\u{ffff}".to_string(),
            _ => format!("model-{}", self.below(40)),
        }
    }

    /// One time of a kind, in microseconds.
    pub fn time(&mut self, kind: Times) -> i64 {
        match kind {
            Times::AnyCentury => self.between(instant_of("1900-01-01T00:00:00Z"), instant_of("2100-01-01T00:00:00Z")),
            Times::ClockChanges => {
                let change = instant_of(self.pick(&CLOCK_CHANGES));
                change + self.near_an_edge(2 * HOUR_US)
            }
            Times::MonthEnds => {
                let year = self.pick(&[1899, 1900, 1970, 1999, 2000, 2023, 2024, 2100]);
                let edge = first_of_month(year, self.between(1, 12));
                edge + self.near_an_edge(2 * DAY_US)
            }
            Times::OneDay => {
                let second = self.between(0, 86_399);
                instant_of("2026-11-01T00:00:00Z") + second * (MINUTE_US / 60)
            }
        }
    }

    /// One row with the cells of [`Field`].
    pub fn row(&mut self, shape: &Shape) -> Row {
        let provider = Cell::Text(format!("provider-{}", self.below(shape.keys.max(1))));
        let cells = [
            provider,
            Cell::Text(self.text()),
            Cell::Float(self.float(shape.floats)),
            Cell::Int(self.int()),
            Cell::Bool(self.below(2) == 1),
            Cell::Time(self.time(shape.times)),
        ];
        let values = cells.into_iter().map(|cell| self.or_null(cell, shape.null_percent)).collect();
        Row::new(self.time(shape.times), values)
    }

    /// Rows of a shape; those of [`Times::OneDay`] in ascending order of time.
    pub fn rows(&mut self, shape: &Shape, count: usize) -> Vec<Row> {
        let mut rows: Vec<Row> = (0..count).map(|_| self.row(shape)).collect();
        if shape.times == Times::OneDay {
            rows.sort_by_key(|row| row.time_us);
        }
        rows
    }

    /// A shape with every part drawn at random.
    pub fn shape(&mut self) -> Shape {
        Shape {
            floats: self.pick(&Floats::ALL),
            times: self.pick(&Times::ALL),
            keys: self.pick(&[1, 2, 7, 100]),
            null_percent: self.pick(&[0, 10, 50, 100]),
        }
    }

    fn or_null(&mut self, cell: Cell, null_percent: u64) -> Cell {
        if self.below(100) < null_percent {
            Cell::Null
        } else {
            cell
        }
    }

    /// A distance from an edge: none, one step, or up to a limit, each about as often.
    fn near_an_edge(&mut self, limit: i64) -> i64 {
        match self.below(3) {
            0 => 0,
            1 => self.pick(&[-1, 1]),
            _ => self.between(-limit, limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_rows() {
        let shape = Generator::new(3).shape();
        assert_eq!(Generator::new(4).rows(&shape, 50), Generator::new(4).rows(&shape, 50));
        assert_ne!(Generator::new(4).rows(&shape, 50), Generator::new(5).rows(&shape, 50));
    }

    #[test]
    fn nulls_come_as_often_as_asked_for() {
        let shape = Shape { floats: Floats::Ties, times: Times::MonthEnds, keys: 2, null_percent: 100 };
        assert!(Generator::new(7).rows(&shape, 20).iter().all(|row| row.values.iter().all(Cell::is_null)));
        let shape = Shape { null_percent: 0, ..shape };
        assert!(Generator::new(7).rows(&shape, 20).iter().all(|row| !row.values.iter().any(Cell::is_null)));
    }
}
