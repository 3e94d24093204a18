//! A time as callers have it.

use isofold::time::format_timestamp;
use isofold_facade::json::Json;
use std::time::{Duration, SystemTime};

/// A text in ISO 8601, a [`SystemTime`], or µs since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time(String);

impl Time {
    /// What the clock says.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// A time in µs since the epoch, UTC.
    #[must_use]
    pub fn from_micros(us: i64) -> Self {
        Self(format_timestamp(us))
    }

    pub(crate) fn json(&self) -> Json {
        Json::from(self.0.as_str())
    }
}

impl From<&str> for Time {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Time {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<SystemTime> for Time {
    /// Finer than µs is floored.
    fn from(time: SystemTime) -> Self {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        let before = |duration: Duration| {
            let whole = micros(duration);
            let is_whole = duration.subsec_nanos().is_multiple_of(1000);
            // cannot overflow: both are small beside the range of i64
            -whole - i64::from(!is_whole)
        };
        Self::from_micros(
            time.duration_since(SystemTime::UNIX_EPOCH).map_or_else(|error| before(error.duration()), micros),
        )
    }
}

/// The time at which a store is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// What the clock of the database says.
    OfDatabase,
    /// A time as it is given.
    At(Time),
}

impl Now {
    pub(crate) fn json(&self) -> Json {
        let told = match self {
            Self::OfDatabase => None,
            Self::At(time) => Some(time.json()),
        };
        Json::object([("now", told.into())])
    }
}

impl From<Time> for Now {
    fn from(time: Time) -> Self {
        Self::At(time)
    }
}

impl From<&str> for Now {
    fn from(text: &str) -> Self {
        Self::At(text.into())
    }
}

impl From<String> for Now {
    fn from(text: String) -> Self {
        Self::At(text.into())
    }
}

impl From<SystemTime> for Now {
    /// Finer than µs is floored.
    fn from(time: SystemTime) -> Self {
        Self::At(time.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_time_is_floored_to_micros_on_both_sides_of_the_epoch() {
        let step = Duration::new(1, 1_500);
        assert_eq!(Time::from(SystemTime::UNIX_EPOCH + step).0, "1970-01-01T00:00:01.000001Z");
        assert_eq!(Time::from(SystemTime::UNIX_EPOCH - step).0, "1969-12-31T23:59:58.999998Z");
        assert_eq!(Time::from_micros(0), Time::from("1970-01-01T00:00:00Z"));
    }
}
