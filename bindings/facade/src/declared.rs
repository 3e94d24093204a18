//! A declared column as a batch is read for it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::spec::Spec;
use isofold::time::Zone;
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
    /// UTC, but for texts, which are refused: the buckets are those of this zone, and nothing says what texts mean.
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

impl Clock {
    /// The instant that a native time without a zone means, in µs.
    pub(crate) fn instant(&self, local_us: i64) -> i64 {
        match self {
            Clock::Of(zone) => zone.to_instant(local_us),
            Clock::Utc | Clock::Unsaid(_) => local_us,
        }
    }

    /// The instant that a text without a zone means, in µs.
    ///
    /// **Errors** `ingest.time` where nothing says what it means.
    pub(crate) fn instant_of_text(&self, text: &str, local_us: i64) -> Result<i64> {
        let Clock::Unsaid(zone) = self else { return Ok(self.instant(local_us)) };
        let name = zone.name();
        let message = format!(
            "the time {text} has no zone and the buckets are of {name}: say whose clock it is with the column's type, \
             {{\"type\": \"timestamp\", \"timezone\": \"{name}\"}} (or \"UTC\")"
        );
        Err(Error::new(Code::IngestTime, message))
    }
}
