//! Bytes, specs and queries as anybody may send them.

use crate::case::{json, rows};
use crate::cases::queries::{NAMES, ROWS, SPEC};
use isofold::codec::FORMAT_VERSION;
use isofold::Code;
use isofold_facade::json::error_json;
use isofold_facade::{Frame, Rollup};
use std::sync::OnceLock;
use twox_hash::XxHash64;

/// Bytes as they are, and as a body that its checksum is put behind: without that, none but the seeds come past it.
pub fn decode(input: &[u8]) {
    decoded(input);
    let checksum = XxHash64::oneshot(0, input).to_le_bytes();
    decoded(&[input, &checksum].concat());
}

/// What is decoded has that one spelling in its version and is a rollup in every way.
fn decoded(bytes: &[u8]) {
    let Ok(rollup) = Rollup::decode(bytes) else { return };
    let of_version = bytes[4];
    assert!(rollup.encode() == bytes || of_version != FORMAT_VERSION, "a second spelling was accepted");
    is_encoded(&rollup);
    assert!(Rollup::new(&rollup.spec()).is_ok(), "the spec of a rollup is one");
    let _ = rollup.stats();
    read(rollup.query("{}"));
    let mut doubled = rollup.clone();
    // counters and sums have an end
    if doubled.merge(&rollup).is_ok() {
        assert_eq!(doubled.size(), rollup.size());
        is_encoded(&doubled);
    }
    if let Ok(whole) = rollup.coarsen(r#"{"group_by": []}"#) {
        is_encoded(&whole);
    }
}

fn is_encoded(rollup: &Rollup) {
    let bytes = rollup.encode();
    let again = match Rollup::decode(&bytes) {
        Ok(again) => again,
        // one rollup may count more than one encoding may claim when nothing else is said
        Err(error) if error.code() == Code::LimitRows => return,
        Err(error) => panic!("a rollup's own bytes are refused: {error}"),
    };
    assert!(again.encode() == bytes, "a rollup has two spellings");
}

/// Reads every column.
fn read(frame: isofold::Result<Frame>) {
    match frame {
        Ok(frame) => (0..frame.width()).for_each(|column| {
            let column = frame.column_json(column).to_string();
            assert!(column.starts_with('['), "{column}");
        }),
        Err(error) => drop(error_json(&error)),
    }
}

/// A spec that is taken has a normal form, which means the same and is its own normal form.
pub fn spec(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Rollup::new(text) {
        Ok(rollup) => {
            let normal = rollup.spec();
            let again = Rollup::new(&normal).unwrap_or_else(|error| panic!("{normal} is refused: {error}"));
            assert_eq!(again.spec().to_string(), normal.to_string());
            assert_eq!(again.digest(), rollup.digest());
            assert_eq!(again.is_canonical(), rollup.is_canonical());
            is_encoded(&rollup);
        }
        Err(error) => drop(error_json(&error)),
    }
}

/// A query is answered or refused, twice in the same way.
pub fn query(input: &[u8]) {
    static HOURS: OnceLock<Rollup> = OnceLock::new();
    static YEARS: OnceLock<Rollup> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(input) else { return };
    // all gaps of all hours are millions of rows, which a result may have and a fuzzer has no time for
    let rollup = if text.contains("gapfill") {
        YEARS.get_or_init(|| folded("1 year"))
    } else {
        HOURS.get_or_init(|| folded("1 hour"))
    };
    let (first, second) = (rollup.query(text), rollup.query(text));
    assert_eq!(first.as_ref().map(Frame::len), second.as_ref().map(Frame::len));
    read(first);
}

fn folded(bucket: &str) -> Rollup {
    let spec = json(&SPEC.replace("1 hour", bucket));
    let mut rollup = Rollup::new(&spec).expect("a spec");
    let batch = super::ingest::batch_of(&rows(NAMES, ROWS)).expect("a batch");
    rollup.ingest(&batch).expect("rows that fit");
    rollup
}
