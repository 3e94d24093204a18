//! What the numbers of NumPy's `datetime64` count: a unit, or so many of one.

use isofold::value::TimeUnit;

/// What a type of times counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Steps from 1970-01-01.
    Of(Step),
    /// Nothing that is a time: the words for a value.
    None(&'static str),
}

/// One step of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One of a unit that is read as it is.
    Unit(TimeUnit),
    /// So many months.
    Months(i64),
    /// So many microseconds.
    Micros(i128),
    /// So many parts of which a microsecond has that many.
    Parts(i128, i128),
}

impl Count {
    /// What `M8[25us]` counts.
    pub fn of(type_text: &str) -> Self {
        const NO_TIME: Count = Count::None("a datetime64 without a unit");
        if type_text.starts_with('m') {
            return Self::None("a timedelta64");
        }
        let Some(text) = type_text.strip_prefix("M8[").and_then(|text| text.strip_suffix(']')) else { return NO_TIME };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (many, unit) = text.split_at(digits);
        let Ok(many) = (if many.is_empty() { Ok(1) } else { many.parse::<i32>() }) else { return NO_TIME };
        let wide = i128::from(many);
        Self::Of(match (unit, many) {
            ("s", 1) => Step::Unit(TimeUnit::Second),
            ("ms", 1) => Step::Unit(TimeUnit::Millisecond),
            ("us", 1) => Step::Unit(TimeUnit::Microsecond),
            ("ns", 1) => Step::Unit(TimeUnit::Nanosecond),
            ("Y", _) => Step::Months(12 * i64::from(many)),
            ("M", _) => Step::Months(many.into()),
            ("W", _) => Step::Micros(wide * 604_800_000_000),
            ("D", _) => Step::Micros(wide * 86_400_000_000),
            ("h", _) => Step::Micros(wide * 3_600_000_000),
            ("m", _) => Step::Micros(wide * 60_000_000),
            ("s", _) => Step::Micros(wide * 1_000_000),
            ("ms", _) => Step::Micros(wide * 1000),
            ("us", _) => Step::Micros(wide),
            ("ns", _) => Step::Parts(wide, 1000),
            ("ps", _) => Step::Parts(wide, 1_000_000),
            ("fs", _) => Step::Parts(wide, 1_000_000_000),
            ("as", _) => Step::Parts(wide, 1_000_000_000_000),
            _ => return NO_TIME,
        })
    }
}

impl Step {
    /// The unit of [`Step::micros`].
    pub const MICROS: TimeUnit = TimeUnit::Microsecond;

    /// So many steps in microseconds, floored; past 64 bits the last one, which no column takes.
    pub fn micros(self, steps: i64) -> i64 {
        let steps = i128::from(steps);
        // cannot overflow: 64 bits, 31 of a multiple, and 40 of a unit
        let us = match self {
            Step::Unit(TimeUnit::Second) => steps * 1_000_000,
            Step::Unit(TimeUnit::Millisecond) => steps * 1000,
            Step::Unit(TimeUnit::Microsecond) => steps,
            Step::Unit(TimeUnit::Nanosecond) => steps.div_euclid(1000),
            Step::Months(many) => first_of_month(steps * i128::from(many)) * 86_400_000_000,
            Step::Micros(many) => steps * many,
            Step::Parts(many, parts) => (steps * many).div_euclid(parts),
        };
        // cannot truncate: clamped
        us.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
}

/// Days from 1970-01-01 to the first of the month that is so many after January 1970.
fn first_of_month(months: i128) -> i128 {
    // a year that begins with March has its leap day at the end
    let from_march = months - 2;
    let (year, month) = (from_march.div_euclid(12) + 1970, from_march.rem_euclid(12));
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719,468 days lie between 0000-03-01 and 1970-01-01
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}
