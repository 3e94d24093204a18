//! The options of coarsen, slice, replace and prune.

use super::document::Document;
use super::reading::{Codes, Reading};
use super::spec::bucket_source;
use alloc::string::String;
use alloc::vec::Vec;
use isofold::time::{parse_timestamp, BucketSource};
use isofold::{Code, Error, Result};

/// What to coarsen to; `None` keeps what there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coarsening {
    /// The coarser bucket.
    pub bucket: Option<BucketSource>,
    /// The keys to keep.
    pub group_by: Option<Vec<String>>,
}

/// `{"bucket": …, "group_by": […]}`
///
/// **Errors** `host.argument`.
pub fn coarsening(document: &(impl Document + ?Sized)) -> Result<Coarsening> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["bucket", "group_by"]);
    let coarsening = Coarsening {
        bucket: fields.present("bucket").map(|json| bucket_source(&mut reading, json, "bucket")),
        group_by: fields.present("group_by").map(|json| reading.texts(json, "group_by")),
    };
    reading.finish(coarsening)
}

/// `{"start": time, "end": time}` in microseconds; an absent bound is open.
///
/// **Errors** `host.argument`, `range.invalid` for a text that is no time.
pub fn range(document: &(impl Document + ?Sized)) -> Result<(Option<i64>, Option<i64>)> {
    let json = document.json(&Codes::OPTIONS)?;
    let mut reading = Reading::new(Codes::OPTIONS);
    let fields = reading.known(&json, "", &["start", "end"]);
    let texts = ["start", "end"].map(|key| reading.optional_text(&fields, key, ""));
    let [start, end] = reading.finish(texts)?;
    let bound = |text: Option<String>, path: &str| text.map(|text| instant(&text, path)).transpose();
    Ok((bound(start, "start")?, bound(end, "end")?))
}

/// A time in ISO 8601, in microseconds.
///
/// **Errors** `range.invalid`.
pub fn instant(text: &str, path: &str) -> Result<i64> {
    parse_timestamp(text).map_err(|error| Error::new(Code::RangeInvalid, error.message()).within(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_open_where_no_bound_is_given() {
        assert_eq!(range(r#"{"start": "1970-01-01T00:00:01Z"}"#).expect("a range"), (Some(1_000_000), None));
        assert_eq!(range("{}").expect("all of time"), (None, None));
        let error = range(r#"{"end": "soon"}"#).expect_err("no time");
        assert_eq!((error.code(), error.path()), (Code::RangeInvalid, "end"));
    }

    #[test]
    fn options_that_no_call_has_are_refused() {
        let error = coarsening(r#"{"bucket": "1 day", "keys": []}"#).expect_err("keys");
        assert_eq!((error.code(), error.path()), (Code::HostArgument, "keys"));
    }
}
