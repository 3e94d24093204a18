//! A declared column: its type, and how what comes for it is read.
//!
//! The one idea: what is said of the reading (the unit of bare numbers, the zone of times without one, whether the
//! column may be absent) belongs to the spec and its bytes, and not to the fingerprint: rollups of rows that were read
//! in different ways have the same states.

use crate::error::{Code, Error, Result};
use crate::time::Zone;
use crate::value::{ColumnType, Type};
use alloc::format;
use alloc::string::String;

const ZONE: &str = " at ";
const OPTIONAL: &str = " optional";

/// A declared column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDef {
    name: String,
    column_type: ColumnType,
    timezone: Option<Zone>,
    is_optional: bool,
}

impl ColumnDef {
    /// A column whose type reads `float64`, `timestamp[ms] at Europe/Berlin`, `string optional`.
    ///
    /// **Errors** `spec.type`, `spec.timezone`.
    pub(super) fn new(name: &str, text: &str) -> Result<Self> {
        let (text, is_optional) = text.strip_suffix(OPTIONAL).map_or((text, false), |text| (text, true));
        let (type_name, zone) = text.split_once(ZONE).map_or((text, None), |(text, zone)| (text, Some(zone)));
        let column_type = ColumnType::from_name(type_name).ok_or_else(|| {
            let known = "timestamp, timestamp[s|ms|us|ns], int64, float64, decimal(0) to decimal(18), bool or string";
            Error::new(Code::SpecType, format!("a column is {known}, got {type_name}"))
        })?;
        if zone.is_some() && column_type.data_type != Type::Timestamp {
            let text = format!("only a timestamp has a timezone, this column is {type_name}");
            return Err(Error::new(Code::SpecType, text).within("timezone"));
        }
        let timezone = zone.map(Zone::named).transpose().map_err(|error| error.within("timezone"))?;
        Ok(Self { name: name.into(), column_type, timezone, is_optional })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The declared type.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        self.column_type
    }

    /// Whose clocks a time without a zone was read off; UTC where nothing is said.
    #[must_use]
    pub fn timezone(&self) -> Option<&Zone> {
        self.timezone.as_ref()
    }

    /// Whether the column may be absent, and then is NULL.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.is_optional
    }

    /// The type as [`ColumnDef::new`] reads it.
    pub(super) fn text(&self) -> String {
        let mut text = String::from(self.column_type.name());
        if let Some(zone) = &self.timezone {
            text += ZONE;
            text += zone.name();
        }
        if self.is_optional {
            text += OPTIONAL;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_as_it_was_read() {
        for text in ["float64", "int64 optional", "timestamp[ms] at Europe/Berlin", "timestamp at UTC optional"] {
            assert_eq!(ColumnDef::new("x", text).expect(text).text(), text);
        }
        let column = ColumnDef::new("x", "timestamp at America/New_York optional").expect("a column");
        assert_eq!((column.timezone().map(Zone::name), column.is_optional()), (Some("America/New_York"), true));
    }

    #[test]
    fn a_zone_is_one_of_a_timestamp() {
        let refused = |text: &str| ColumnDef::new("x", text).map_err(|error| (error.code(), error.path().to_owned()));
        assert_eq!(refused("int64 at UTC"), Err((Code::SpecType, "timezone".into())));
        assert_eq!(refused("timestamp at Nowhere"), Err((Code::SpecTimezone, "timezone".into())));
        for text in ["", "float", "float64 ", "optional", "timestamp optional at UTC", " optional", "timestamp at "] {
            assert!(refused(text).is_err(), "{text}");
        }
    }

    use alloc::borrow::ToOwned;
}
