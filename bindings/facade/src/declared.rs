//! A declared column as a batch is read for it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::spec::Spec;
use isofold::time::{format_timestamp, Zone};
use isofold::value::{ColumnType, Type};
use isofold::{Code, Error, Result};

/// Name and type of a column, and what a batch may say of it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The name.
    pub name: String,
    /// The type.
    pub column_type: ColumnType,
    /// What times without a zone mean.
    pub clock: Clock,
    /// Whether a batch may lack the column, which is NULL then.
    pub is_optional: bool,
}

/// What a time without a zone means.
#[derive(Clone, Debug)]
pub enum Clock {
    /// UTC.
    Utc,
    /// What the clocks of a zone showed.
    Of(Zone),
    /// Nothing says it, so it is refused: the buckets are those of this zone.
    Unsaid(Zone),
}

impl Declared {
    /// A column in which times without a zone are UTC.
    #[must_use]
    pub fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Self { name: name.into(), column_type, clock: Clock::Utc, is_optional: false }
    }

    /// A column of a type without options.
    #[must_use]
    pub fn plain(name: impl Into<String>, data_type: Type) -> Self {
        Self::new(name, ColumnType { data_type, unit: None })
    }

    /// The columns of a spec, by name.
    #[must_use]
    pub fn of(spec: &Spec) -> Vec<Self> {
        let columns = spec.columns().iter().enumerate();
        columns
            .map(|(index, column)| {
                let zone = spec.bucket().zone();
                let clock = match column.timezone() {
                    Some(said) if said.is_utc() => Clock::Utc,
                    Some(said) => Clock::Of(said.clone()),
                    None if index == spec.time_column() && !zone.is_utc() => Clock::Unsaid(zone.clone()),
                    None => Clock::Utc,
                };
                let is_optional = column.is_optional();
                Self { name: column.name().to_owned(), column_type: column.column_type(), clock, is_optional }
            })
            .collect()
    }
}

impl Declared {
    /// The instant that a native time without a zone means, in µs.
    ///
    /// **Errors** `ingest.time` where nothing says what it means.
    pub(crate) fn instant(&self, local_us: i64) -> Result<i64> {
        self.instant_of(local_us, || {
            let text = format_timestamp(local_us);
            text.strip_suffix('Z').map_or_else(|| text.clone(), ToOwned::to_owned)
        })
    }

    /// The instant that a text without a zone means, in µs.
    ///
    /// **Errors** `ingest.time` where nothing says what it means.
    pub(crate) fn instant_of_text(&self, text: &str, local_us: i64) -> Result<i64> {
        self.instant_of(local_us, || text.to_owned())
    }

    fn instant_of(&self, local_us: i64, shown: impl FnOnce() -> String) -> Result<i64> {
        let zone = match &self.clock {
            Clock::Utc => return Ok(local_us),
            Clock::Of(zone) => return Ok(zone.to_instant(local_us)),
            Clock::Unsaid(zone) => zone.name(),
        };
        let (time, column_type) = (shown(), self.column_type.name());
        let message = format!(
            "the time {time} has no zone and the buckets are of {zone}: say whose clock it is with the column's type, \
             {{\"type\": \"{column_type}\", \"timezone\": \"{zone}\"}} (or \"UTC\")"
        );
        Err(Error::new(Code::IngestTime, message))
    }
}
