//! Nasty rows from a seed: the same seed gives the same rows on every host.
//!
//! The one idea: each way in which aggregation goes wrong has a kind of input that shows it, and a test names the kinds.
//!
//! *Not here*: shrinking. A failing test prints its seed; fewer rows with the same seed are a prefix of more.

use crate::bucket::{DAY_US, HOUR_US, MINUTE_US};
use crate::cell::{Cell, Row};
use crate::zone::{first_of_month, instant_of};

/// Kinds of doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    /// Any 64 bits: every exponent, infinities and NaNs too.
    AnyBits,
    /// Around the smallest doubles, zeros of both signs included.
    Subnormal,
    /// Near the largest double: two of them overflow.
    Huge,
    /// Large values, their opposites, and small ones that only an exact sum still sees.
    Cancelling,
    /// Few distinct values: ties in every order.
    Ties,
    /// Cents and milliseconds: decimals that binary cannot hold.
    Decimal,
    /// Integers that a double holds exactly.
    Integral,
    /// Positive values over many decades, as latencies are.
    Latency,
    /// NaN, infinities, zeros, and the ends of each range.
    Special,
}

impl Floats {
    /// Every kind.
    pub const ALL: [Floats; 9] = [
        Floats::AnyBits,
        Floats::Subnormal,
        Floats::Huge,
        Floats::Cancelling,
        Floats::Ties,
        Floats::Decimal,
        Floats::Integral,
        Floats::Latency,
        Floats::Special,
    ];
}

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

const SPECIAL: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    2.225_073_858_507_201e-308,
    f64::MAX,
    f64::MIN,
    1.0,
    -1.0,
    9_007_199_254_740_992.0,
    9_007_199_254_740_993.0,
    0.1,
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

/// A stream of values that is a function of its seed (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
#[derive(Clone, Debug)]
pub struct Generator {
    state: u64,
}

impl Generator {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound of at least 1; each about as likely as the others.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.wrapping_sub(low) as u64;
        let step = if width == u64::MAX { self.bits() } else { self.below(width + 1) };
        low.wrapping_add(step as i64)
    }

    /// One of some items.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// One double of a kind.
    pub fn float(&mut self, kind: Floats) -> f64 {
        match kind {
            Floats::AnyBits => f64::from_bits(self.bits()),
            Floats::Subnormal => {
                let width = self.below(56);
                let magnitude = self.bits() & ((1 << width) - 1);
                self.signed(magnitude)
            }
            Floats::Huge => {
                let distance = self.below(1 << 54);
                self.signed(f64::MAX.to_bits() - distance)
            }
            Floats::Cancelling => match self.below(4) {
                0 => self.pick(&[1e300, -1e300, 1e16, -1e16, 4.5e15, -4.5e15]),
                1 => self.pick(&[1.0, -1.0, 0.5, -0.5, 1e-300, -1e-300]),
                _ => {
                    let exponent = 1023 - 60 + self.below(120);
                    let fraction = self.bits() >> 12;
                    self.signed((exponent << 52) | fraction)
                }
            },
            Floats::Ties => self.pick(&[-2.0, -0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 3.0]),
            Floats::Decimal => decimal(self.between(-10_000_000, 10_000_000), 3),
            Floats::Integral => self.between(-(1 << 53), 1 << 53) as f64,
            Floats::Latency => {
                let digits = self.between(1, 999_999);
                decimal(digits, self.pick(&[0, 2, 3, 6]))
            }
            Floats::Special => self.pick(&SPECIAL),
        }
    }

    /// Doubles of a kind, as bits: what a kernel takes.
    pub fn float_bits(&mut self, kind: Floats, count: usize) -> Vec<u64> {
        (0..count).map(|_| self.float(kind).to_bits()).collect()
    }

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

    /// Puts items in a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }

    /// Cuts items into consecutive parts, some of them empty: a random partition after [`Generator::shuffle`].
    pub fn split<'a, T>(&mut self, mut items: &'a [T]) -> Vec<&'a [T]> {
        let mut parts = Vec::new();
        while !items.is_empty() {
            let (part, rest) = items.split_at(self.below(items.len() as u64 + 1) as usize);
            parts.push(part);
            items = rest;
        }
        parts
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

    fn signed(&mut self, magnitude_bits: u64) -> f64 {
        f64::from_bits(magnitude_bits | (self.bits() << 63))
    }
}

/// The double nearest to `digits` × 10^−`places`, as a text of that number is read.
fn decimal(digits: i64, places: u32) -> f64 {
    format!("{digits}e-{places}").parse().expect("a decimal number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_published_stream() {
        let mut generator = Generator::new(1_234_567);
        let stream = [generator.bits(), generator.bits(), generator.bits()];
        assert_eq!(stream, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn the_same_seed_gives_the_same_rows() {
        let shape = Generator::new(3).shape();
        assert_eq!(Generator::new(4).rows(&shape, 50), Generator::new(4).rows(&shape, 50));
        assert_ne!(Generator::new(4).rows(&shape, 50), Generator::new(5).rows(&shape, 50));
    }

    #[test]
    fn each_kind_of_floats_is_what_it_says() {
        let mut generator = Generator::new(6);
        for _ in 0..2000 {
            let small = generator.float(Floats::Subnormal);
            assert!(small.abs() < 1e-305, "{small:e}");
            let huge = generator.float(Floats::Huge);
            assert!(huge.is_finite() && huge.abs() > 1e307, "{huge:e}");
            let latency = generator.float(Floats::Latency);
            assert!((1e-6..1e6).contains(&latency), "{latency}");
            let integral = generator.float(Floats::Integral);
            assert_eq!(integral.fract(), 0.0);
        }
        let special = generator.float_bits(Floats::Special, 500);
        assert!(special.iter().any(|bits| f64::from_bits(*bits).is_nan()));
        assert!(special.contains(&(-0.0f64).to_bits()));
        let any = generator.float_bits(Floats::AnyBits, 20_000);
        assert!(any.iter().any(|bits| f64::from_bits(*bits).is_nan()));
    }

    #[test]
    fn nulls_come_as_often_as_asked_for() {
        let shape = Shape { floats: Floats::Ties, times: Times::MonthEnds, keys: 2, null_percent: 100 };
        assert!(Generator::new(7).rows(&shape, 20).iter().all(|row| row.values.iter().all(Cell::is_null)));
        let shape = Shape { null_percent: 0, ..shape };
        assert!(Generator::new(7).rows(&shape, 20).iter().all(|row| !row.values.iter().any(Cell::is_null)));
    }

    #[test]
    fn a_range_of_all_integers_is_drawn_from() {
        let mut generator = Generator::new(8);
        let drawn: Vec<i64> = (0..100).map(|_| generator.between(i64::MIN, i64::MAX)).collect();
        assert!(drawn.iter().any(|value| *value < i64::MIN / 2) && drawn.iter().any(|value| *value > i64::MAX / 2));
        assert_eq!(generator.between(5, 5), 5);
    }

    #[test]
    fn a_split_keeps_every_item_once_and_in_order() {
        let items: Vec<u32> = (0..1000).collect();
        let mut generator = Generator::new(9);
        let parts = generator.split(&items);
        assert!(parts.len() > 1);
        assert_eq!(parts.concat(), items);
        let mut shuffled = items.clone();
        generator.shuffle(&mut shuffled);
        assert_ne!(shuffled, items);
        shuffled.sort_unstable();
        assert_eq!(shuffled, items);
    }
}
