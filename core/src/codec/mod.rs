//! Canonical bytes of a rollup, and their digest.
//!
//! The one idea: bytes ⇔ state. Whatever folded the same rows writes the same bytes, and the decoder refuses every
//! other spelling. `FORMAT.md` beside this file is normative.
//!
//! Not here: the bytes of one state (each `state/*.rs`).

mod decode;
mod encode;
mod header;
mod merge_records;
mod record;
mod related_sums;
mod related_values;
mod relations;
mod schema;

pub use record::{schema_of_record, schema_tag, SchemaTag, StoredGroup, RECORD_VERSION};

use crate::bytes::Version;
use crate::error::{Code, Error, Result};
use crate::spec::hex;
use crate::table::Rollup;
use alloc::format;
use alloc::string::String;
use sha2::{Digest, Sha256};

/// The first bytes of every encoded rollup.
const MAGIC: &[u8; 4] = b"isof";

/// The version of the format that is written; a number of its own.
pub const FORMAT_VERSION: u8 = Version::CURRENT as u8;

/// Bytes of the checksum at the end.
const CHECKSUM_BYTES: usize = 8;

/// Seed of the XXH64 at the end.
const CHECKSUM_SEED: u64 = 0;

impl Rollup {
    /// Gives the SHA-256 of `encode`, in hexadecimal, to compare rollups between hosts.
    ///
    /// **Cost** that of [`Rollup::encode`].
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// assert_eq!(rollup.digest().len(), 64);
    /// # Ok::<(), isofold::Error>(())
    /// ```
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.encode()))
    }
}

/// The version that a byte of a rollup or of a record says.
fn version(byte: u8, what: &str) -> Result<Version> {
    Version::of_byte(byte).ok_or_else(|| {
        let newest = Version::CURRENT.byte();
        let text = format!("this release reads {what} versions 1 to {newest}, the bytes have {byte}");
        Error::new(Code::DecodeVersion, text)
    })
}
