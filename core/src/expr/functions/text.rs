//! What the functions make of one text.

use super::Function;
use alloc::string::{String, ToString};

/// `function` of a text that gives a text; case mapping is ASCII, because Unicode's tables change with the compiler.
pub(in crate::expr) fn apply(function: Function, text: &str) -> String {
    match function {
        Function::Lower => text.to_ascii_lowercase(),
        Function::Upper => text.to_ascii_uppercase(),
        Function::Trim => text.trim_matches(' ').to_string(),
        Function::TrimStart => text.trim_start_matches(' ').to_string(),
        Function::TrimEnd => text.trim_end_matches(' ').to_string(),
        _ => text.to_string(),
    }
}

/// Code points.
pub(in crate::expr) fn length(text: &str) -> i64 {
    // cannot overflow: a text is shorter than memory
    text.chars().count() as i64
}
