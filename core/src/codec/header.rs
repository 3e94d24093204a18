//! The spec inside the bytes: its normal form.

use crate::bytes::{Reader, Version, Writer};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::spec::{Named, Spec, SpecSource};
use crate::time::BucketSource;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const HAS_TIMEZONE: u8 = 1;
const HAS_ORIGIN: u8 = 2;
const HAS_OFFSET: u8 = 4;

/// Before `select`: which of the parts that a spec may lack it has.
const HAS_FILTER: u8 = 1;
const HAS_KEEP: u8 = 2;

/// Most bytes of one expression: every character can take four.
const MAX_EXPR_BYTES: usize = limits::MAX_EXPR_CHARS * 4;

pub(super) fn write(spec: &Spec, out: &mut Writer) {
    let source = spec.source();
    text(&source.name, out);
    out.varint(source.columns.len() as u64);
    for (name, type_name) in &source.columns {
        text(name, out);
        text(type_name, out);
    }
    out.varint(spec.time_column() as u64);
    write_bucket(&source.bucket, out);
    out.varint(source.group_by.len() as u64);
    for key in &source.group_by {
        text(key.name.as_deref().unwrap_or_default(), out);
        text(&key.expression, out);
    }
    out.u8(u8::from(source.filter.is_some()) * HAS_FILTER + u8::from(!source.keep.is_empty()) * HAS_KEEP);
    if let Some(filter) = &source.filter {
        text(filter, out);
    }
    out.varint(source.select.len() as u64);
    for (name, expression) in &source.select {
        text(name, out);
        text(expression, out);
    }
    if !source.keep.is_empty() {
        out.varint(source.keep.len() as u64);
        source.keep.iter().for_each(|kept| text(kept, out));
    }
}

fn write_bucket(bucket: &BucketSource, out: &mut Writer) {
    text(&bucket.width, out);
    let parts = [(&bucket.timezone, HAS_TIMEZONE), (&bucket.origin, HAS_ORIGIN), (&bucket.offset, HAS_OFFSET)];
    out.u8(parts.iter().filter(|(part, _)| part.is_some()).map(|(_, bit)| bit).sum());
    for (part, _) in parts {
        if let Some(part) = part {
            text(part, out);
        }
    }
}

fn text(text: &str, out: &mut Writer) {
    out.sized(text.as_bytes());
}

/// Reads a spec and compiles it; its normal form must be what was read.
pub(super) fn read(bytes: &mut Reader<'_>) -> Result<Spec> {
    let source = read_source(bytes)?;
    let spec = Spec::compile(&source)
        .map_err(|error| Error::new(Code::DecodeInvalid, format!("the spec in the bytes is refused: {error}")))?;
    if spec.source() == source {
        Ok(spec)
    } else {
        Err(bytes.not_canonical("the spec is not in its normal form"))
    }
}

fn read_source(bytes: &mut Reader<'_>) -> Result<SpecSource> {
    let name = read_text(limits::MAX_NAME_BYTES, bytes)?;
    let columns = read_pairs(limits::MAX_COLUMNS, limits::MAX_NAME_BYTES, bytes)?;
    let time = bytes.varint_up_to(columns.len().saturating_sub(1) as u64, "the index of the time")?;
    // cannot truncate: at most MAX_COLUMNS
    let time = match columns.get(time as usize) {
        Some((name, _)) => name.clone(),
        None => return Err(bytes.invalid("a spec without columns")),
    };
    let bucket = read_bucket(bytes)?;
    let group_by = read_pairs(limits::MAX_KEYS, MAX_EXPR_BYTES, bytes)?
        .into_iter()
        .map(|(name, expression)| Named { name: Some(name), expression })
        .collect();
    let flags = bytes.u8()?;
    // version 1 has no states that no metric reads
    if flags > HAS_FILTER | HAS_KEEP || flags & HAS_KEEP != 0 && bytes.version() < Version::V2 {
        return Err(bytes.invalid("the spec has a flag that no spec has"));
    }
    let filter = (flags & HAS_FILTER != 0).then(|| read_text(MAX_EXPR_BYTES, bytes)).transpose()?;
    let select = read_pairs(limits::MAX_METRICS, MAX_EXPR_BYTES, bytes)?;
    let mut keep = Vec::new();
    if flags & HAS_KEEP != 0 {
        for _ in 0..bytes.varint_up_to(limits::MAX_STATES as u64, "a count in the spec")? {
            keep.push(read_text(MAX_EXPR_BYTES, bytes)?);
        }
        if keep.is_empty() {
            return Err(bytes.not_canonical("the spec says that it keeps states, and names none"));
        }
    }
    Ok(SpecSource { name, columns, time, bucket, group_by, filter, select, keep })
}

fn read_bucket(bytes: &mut Reader<'_>) -> Result<BucketSource> {
    let width = read_text(limits::MAX_NAME_BYTES, bytes)?;
    let flags = bytes.u8()?;
    if flags > (HAS_TIMEZONE | HAS_ORIGIN | HAS_OFFSET) {
        return Err(bytes.invalid("the bucket has a flag that no bucket has"));
    }
    let mut part = |bit: u8| (flags & bit != 0).then(|| read_text(limits::MAX_NAME_BYTES, bytes)).transpose();
    Ok(BucketSource { width, timezone: part(HAS_TIMEZONE)?, origin: part(HAS_ORIGIN)?, offset: part(HAS_OFFSET)? })
}

fn read_pairs(max: usize, max_bytes: usize, bytes: &mut Reader<'_>) -> Result<Vec<(String, String)>> {
    let count = bytes.varint_up_to(max as u64, "a count in the spec")?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        pairs.push((read_text(limits::MAX_NAME_BYTES, bytes)?, read_text(max_bytes, bytes)?));
    }
    Ok(pairs)
}

fn read_text(max: usize, bytes: &mut Reader<'_>) -> Result<String> {
    bytes.text(max).map(String::from)
}
