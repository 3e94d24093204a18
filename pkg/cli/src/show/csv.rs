//! Answers as CSV.

use super::text;
use ::csv::Writer;
use isofold::query::Frame;
use std::io::{self, Write};

/// A header and a record for each row; NULL is an empty field.
pub fn answer(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let mut writer = Writer::from_writer(out);
    writer.write_record(frame.columns().iter().map(|column| column.name()))?;
    for row in 0..frame.len() {
        writer.write_record(frame.columns().iter().map(|column| text::of(&column.values()[row])))?;
    }
    writer.flush()
}
