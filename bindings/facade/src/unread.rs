//! What stands in the place of a row and is none.
//!
//! The one idea: it is a problem of that row alone, so it refuses the call, or is left out and counted, as a row is whose
//! values do not fit; the words are the same in every host.

use alloc::format;
use alloc::string::String;
use isofold::{Code, Error};

/// What the path of such a row begins with.
const ROWS: &str = "rows";

/// The problem of a row that has no names, as a host calls it: `a list`, `a number`, `null`.
#[must_use]
pub fn no_row(what: &str) -> Error {
    let remedy = match what {
        "null" | "undefined" | "a NoneType" => ": leave it out",
        "a list" | "a tuple" | "an array" | "a typed array" | "an ndarray" => {
            ": name its values, or give each column as a list"
        }
        "a text" | "a str" | "bytes" | "a bytes" | "a bytearray" => ": read it as JSON first, or name its values",
        "a Map" => ": Object.fromEntries makes an object of it",
        "a Promise" | "a coroutine" => ": await it first",
        "a function" | "a class" | "a type" => ": give what it makes",
        _ => "",
    };
    unread(format!("a row must be a mapping or an object, of names and values, got {what}{remedy}"))
}

/// The problem of a row that its reader could not read, in the words of the reader.
#[must_use]
pub fn unread(words: impl Into<String>) -> Error {
    Error::new(Code::IngestRow, words).within(ROWS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn what_is_no_row_is_told_with_what_to_do() {
        let words = "a row must be a mapping or an object, of names and values, got";
        assert_eq!(no_row("a number").in_row(7).to_string(), format!("{words} a number (rows[7])"));
        assert_eq!(no_row("a Promise").message(), format!("{words} a Promise: await it first"));
        let error = unread("line 3 has 2 fields, its header 3").in_row(1);
        assert_eq!((error.code(), error.path()), (Code::IngestRow, "rows[1]"));
    }
}
