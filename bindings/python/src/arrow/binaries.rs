//! Arrow bytes: the states of stored rows.

use super::layout::{Bytes, Layout};
use super::texts::{laid_out_bytes, viewed_bytes, Offset};
use super::window::Window;
use isofold::{Code, Error, Result};

/// The bytes of every row.
///
/// **Errors** `host.argument` for a column of another type or with a NULL; `ingest.length` for bytes that leave their
/// memory.
pub fn binaries<'a>(window: Window<'a>, layout: &Layout) -> Result<Vec<&'a [u8]>> {
    let Layout::Binary(kind) = layout else {
        return Err(Error::new(Code::HostArgument, "states must be bytes"));
    };
    if let Some(row) = window.validity()?.and_then(|validity| validity.iter().position(|valid| !valid)) {
        return Err(Error::new(Code::HostArgument, "a row has no states").in_row(row));
    }
    match kind {
        Bytes::Offsets => by_offsets::<i32>(window),
        Bytes::LargeOffsets => by_offsets::<i64>(window),
        Bytes::Views => {
            let bytes = viewed_bytes(window)?;
            (0..window.rows).map(|row| bytes(row).map_err(|error| error.in_row(row))).collect()
        }
    }
}

fn by_offsets<'a, O: Offset>(window: Window<'a>) -> Result<Vec<&'a [u8]>> {
    let (ends, bytes) = laid_out_bytes::<O>(window)?;
    Ok(ends.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect())
}
