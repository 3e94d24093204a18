//! Writing and strictly reading bytes: minimal varints, zigzag, fixed widths, lengths that are checked before use.
//!
//! Not here: the layout of a rollup (`codec`) or of a state (each `state/*.rs`).

use crate::error::{Code, Error, Result};
use alloc::vec::Vec;

/// A version of the format and of the record: the same numbers for both until one changes alone.
///
/// Bytes are written in the current one and read in all: a state whose bytes differ between versions asks
/// [`Reader::version`] when it is read, and what an earlier version does not tell is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// That of release 0.1.
    V1 = 1,
    /// The schema tells the types of inputs, and percentiles the grain of their values.
    V2 = 2,
}

impl Version {
    /// The one that is written.
    pub const CURRENT: Version = Version::V2;

    /// The version that a byte says, if this release reads it.
    #[must_use]
    pub fn of_byte(byte: u8) -> Option<Self> {
        [Version::V1, Version::V2].into_iter().find(|version| version.byte() == byte)
    }

    /// The byte that says so.
    #[must_use]
    pub fn byte(self) -> u8 {
        self as u8
    }
}

/// Appends bytes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// LEB128, least significant group first, the only spelling of its value.
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// A signed integer, zigzag and then [`Writer::varint`].
    pub fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A length as varint, then the bytes.
    pub fn sized(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.raw(bytes);
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What was written.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes bytes from the front and refuses everything a [`Writer`] would not have written.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    version: Version,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes` of the current version.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, version: Version::CURRENT }
    }

    /// The same reader of bytes of a version.
    #[must_use]
    pub fn of_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The version in which the bytes were written.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Bytes not read yet: an upper bound for the number of anything that follows.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Where the next byte stands.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// `count` bytes as they are.
    ///
    /// **Errors** `decode.truncated`.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8]> {
        if count > self.remaining() {
            return Err(Error::new(
                Code::DecodeTruncated,
                alloc::format!("{count} bytes wanted at byte {}, {} are left", self.at, self.remaining()),
            ));
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    /// One byte.
    ///
    /// **Errors** `decode.truncated`.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.raw(1)?[0])
    }

    /// Eight bytes, little-endian.
    ///
    /// **Errors** `decode.truncated`.
    pub fn u64(&mut self) -> Result<u64> {
        let mut eight = [0; 8];
        eight.copy_from_slice(self.raw(8)?);
        Ok(u64::from_le_bytes(eight))
    }

    /// A minimal LEB128 number.
    ///
    /// **Errors** `decode.truncated`, `decode.canonical` (a spelling that is not minimal or passes 64 bits).
    pub fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            if shift > 0 && byte == 0 {
                return Err(self.not_canonical("a varint is not minimal"));
            }
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.not_canonical("a varint passes 64 bits"))
    }

    /// A zigzag number.
    ///
    /// **Errors** as [`Reader::varint`].
    pub fn zigzag(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A varint that is at most `max`.
    ///
    /// **Errors** as [`Reader::varint`], and `decode.invalid` past `max`.
    pub fn varint_up_to(&mut self, max: u64, what: &str) -> Result<u64> {
        let value = self.varint()?;
        if value > max {
            return Err(self.invalid(&alloc::format!("{what} must be at most {max}, got {value}")));
        }
        Ok(value)
    }

    /// A count of things of at least `each` bytes, so that it cannot pass what the bytes can hold.
    ///
    /// **Errors** as [`Reader::varint`], and `decode.truncated` when that many cannot follow.
    pub fn count(&mut self, each: usize) -> Result<usize> {
        let value = self.varint()?;
        match usize::try_from(value) {
            Ok(count) if count.checked_mul(each.max(1)).is_some_and(|bytes| bytes <= self.remaining()) => Ok(count),
            _ => Err(Error::new(
                Code::DecodeTruncated,
                alloc::format!("{value} items announced at byte {}, {} bytes are left", self.at, self.remaining()),
            )),
        }
    }

    /// Length-prefixed bytes of at most `max`.
    ///
    /// **Errors** as [`Reader::varint_up_to`].
    pub fn sized(&mut self, max: usize) -> Result<&'a [u8]> {
        let length = self.varint_up_to(max as u64, "a length")?;
        // cannot truncate: length ≤ max, which is a usize
        self.raw(length as usize)
    }

    /// Length-prefixed UTF-8 of at most `max` bytes.
    ///
    /// **Errors** as [`Reader::sized`], and `decode.invalid` for bytes that are not UTF-8.
    pub fn text(&mut self, max: usize) -> Result<&'a str> {
        let bytes = self.sized(max)?;
        core::str::from_utf8(bytes).map_err(|_| self.invalid("a text is not UTF-8"))
    }

    /// The error for a second spelling, at this place.
    #[must_use]
    pub fn not_canonical(&self, why: &str) -> Error {
        Error::new(Code::DecodeCanonical, alloc::format!("{why} (before byte {})", self.at))
    }

    /// The error for an impossible value, at this place.
    #[must_use]
    pub fn invalid(&self, why: &str) -> Error {
        Error::new(Code::DecodeInvalid, alloc::format!("{why} (before byte {})", self.at))
    }
}
