//! Which zones does the tz database have?
//!
//! The one idea: a table of some ten kilobytes, made from the sources of one release and kept as a file. Its parts:
//! the sorted names, a line each, with their length before them; for each name 0 when it is the first of its zone, and
//! else the number of its zone, from 1 in the order of first names; then what [`History`] reads of all zones, with its
//! length before it: their [`Outline`]s, the days of all changes, the turns of all changes. Like stands beside like,
//! for the table is compressed where it is downloaded.
//!
//! Not here: how the table is made. `ISOFOLD_GENERATE=1 cargo test -p isofold --test time_zone_table` writes it anew.

use super::clocks::{Clocks, History, Outline};
use crate::bytes::Reader;
use crate::error::Result;

/// The release of the IANA tz database inside this kernel, such as `2025b`.
pub const TZDB_VERSION: &str = "2025b";

static TABLE: &[u8] = include_bytes!("zones.bin");

/// The zone with a name: the name as the table has it, and the clocks.
///
/// **Cost**: some ten µs, up to a hundred where the name comes late in the alphabet.
pub(super) fn find(name: &str) -> Option<(&'static str, Clocks)> {
    // the table is our own, so that an error means a name without a zone, which a test rules out
    read(name).ok().flatten()
}

/// The name that differs from another in nothing but capitals.
pub(super) fn find_ignoring_case(name: &str) -> Option<&'static str> {
    let names = Reader::new(TABLE).text(TABLE.len()).ok()?;
    names.lines().find(|known| known.eq_ignore_ascii_case(name))
}

fn read(name: &str) -> Result<Option<(&'static str, Clocks)>> {
    let mut table = Reader::new(TABLE);
    let mut zones = 0;
    let mut found = None;
    for known in table.text(TABLE.len())?.lines() {
        let mut zone = table.varint()?;
        if zone == 0 {
            zones += 1;
            zone = zones;
        }
        if known == name {
            found = Some((known, zone));
        }
    }
    let Some((known, number)) = found else { return Ok(None) };
    let mut part = || table.sized(TABLE.len()).map(Reader::new);
    let mut histories = History { outlines: part()?, days: part()?, turns: part()? };
    for _ in 1..number {
        let passed = Outline::read(&mut histories.outlines)?;
        histories.pass(passed.changes())?;
    }
    Ok(Some((known, Clocks::read(&mut histories)?)))
}
