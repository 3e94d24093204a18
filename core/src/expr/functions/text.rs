//! What the functions make of one text.
//!
//! The one idea: a text is cut at code points and never copied but where it is joined anew, so that each function costs
//! what its arguments and its result are long. PostgreSQL's answers, to the code point.

use super::Function;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_TEXT_BYTES;
use crate::value::Value;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// An argument behind the text that a function is of.
#[derive(Clone, Copy, Debug)]
pub(in crate::expr) enum Operand<'t> {
    Text(&'t str),
    Number(i64),
}

impl<'t> Operand<'t> {
    /// A text or a number; nothing for NULL.
    pub(in crate::expr) fn of(value: &'t Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Operand::Text(text)),
            Value::Int64(number) => Some(Operand::Number(*number)),
            _ => None,
        }
    }
}

/// `function` of a text, and of what stands behind it.
///
/// Case mapping is ASCII, because Unicode's tables change with the compiler.
///
/// **Errors** `expr.arguments` for what the function has no value of, `expr.limit` for a text past the limit.
///
/// **Cost** linear in the arguments and the result.
pub(in crate::expr) fn apply<'t>(function: Function, text: &'t str, more: &[Operand<'t>]) -> Result<Cow<'t, str>> {
    // the checker counts arguments and knows their types
    let number = |place: usize| match more.get(place) {
        Some(Operand::Number(number)) => *number,
        _ => 0,
    };
    let other = |place: usize| match more.get(place) {
        Some(Operand::Text(text)) => *text,
        _ => "",
    };
    Ok(Cow::Borrowed(match function {
        Function::Lower => return Ok(text.to_ascii_lowercase().into()),
        Function::Upper => return Ok(text.to_ascii_uppercase().into()),
        Function::Trim | Function::TrimStart | Function::TrimEnd => {
            trim(function, text, if more.is_empty() { " " } else { other(0) })
        }
        Function::Substring => return substring(text, number(0), more.get(1).map(|_| number(1))).map(Cow::Borrowed),
        Function::Left => &text[..place(text, number(0))],
        Function::Right if number(0) == 0 => "",
        Function::Right => &text[place(text, number(0).saturating_neg())..],
        Function::Replace => return replace(text, other(0), other(1)),
        Function::SplitPart => return split_part(text, other(0), number(1)).map(Cow::Borrowed),
        Function::LikeEscape => return like_escape(text, other(0)),
        _ => text,
    }))
}

/// Code points.
pub(in crate::expr) fn length(text: &str) -> i64 {
    // cannot overflow: a text is shorter than memory
    text.chars().count() as i64
}

/// The byte behind so many code points, or before the last so many where the number is negative.
fn place(text: &str, count: i64) -> usize {
    let stepped = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let mut places = text.char_indices();
    let found = match count {
        0.. => places.nth(stepped),
        _ => places.nth_back(stepped - 1),
    };
    found.map_or(if count < 0 { 0 } else { text.len() }, |(at, _)| at)
}

fn trim<'t>(function: Function, text: &'t str, unwanted: &str) -> &'t str {
    let mut unwanted: Vec<u32> = unwanted.chars().map(u32::from).collect();
    // searched, so that many characters cost no more than so many texts
    crate::sort::ascending(&mut unwanted);
    let is_unwanted = |c: char| unwanted.binary_search(&u32::from(c)).is_ok();
    let text = if function == Function::TrimEnd { text } else { text.trim_start_matches(is_unwanted) };
    if function == Function::TrimStart {
        text
    } else {
        text.trim_end_matches(is_unwanted)
    }
}

fn substring(text: &str, start: i64, length: Option<i64>) -> Result<&str> {
    let first = start.max(1);
    let rest = &text[place(text, first - 1)..];
    match length {
        None => Ok(rest),
        Some(length @ 0..) => Ok(&rest[..place(rest, start.saturating_add(length).saturating_sub(first).max(0))]),
        Some(length) => Err(refused(format!("a substring has no negative length, got {length}"))),
    }
}

fn split_part<'t>(text: &'t str, separator: &str, field: i64) -> Result<&'t str> {
    let wanted = usize::try_from(field.unsigned_abs()).unwrap_or(usize::MAX);
    if wanted == 0 {
        return Err(refused("the fields of split_part are counted from 1 or from -1, got 0".to_string()));
    }
    if separator.is_empty() {
        return Ok(if wanted == 1 { text } else { "" });
    }
    let place = match field {
        0.. => Some(wanted - 1),
        _ => text.split(separator).count().checked_sub(wanted),
    };
    Ok(place.and_then(|place| text.split(separator).nth(place)).unwrap_or(""))
}

fn replace<'t>(text: &'t str, from: &str, to: &str) -> Result<Cow<'t, str>> {
    if from.is_empty() || !text.contains(from) {
        return Ok(text.into());
    }
    let mut written = String::new();
    for (i, piece) in text.split(from).enumerate() {
        let to = if i == 0 { "" } else { to };
        if written.len() + to.len() + piece.len() > MAX_TEXT_BYTES {
            return Err(too_long());
        }
        written.push_str(to);
        written.push_str(piece);
    }
    Ok(written.into())
}

fn like_escape<'t>(pattern: &'t str, escape: &str) -> Result<Cow<'t, str>> {
    let mut chars = escape.chars();
    let (escape, None) = (chars.next(), chars.next()) else {
        return Err(refused("'escape' takes one character or none".to_string()));
    };
    if escape == Some('\\') {
        return Ok(pattern.into());
    }
    let mut written = String::with_capacity(pattern.len());
    let mut escaped = false;
    for c in pattern.chars() {
        if Some(c) == escape && !escaped {
            written.push('\\');
            escaped = true;
            continue;
        }
        if c == '\\' && !escaped {
            written.push('\\');
        }
        written.push(c);
        escaped = false;
    }
    if written.len() > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    Ok(written.into())
}

fn refused(message: String) -> Error {
    Error::new(Code::ExprArguments, message)
}

/// Whether pieces together are longer than a text may be.
pub(in crate::expr) fn is_too_long<'t>(pieces: impl Iterator<Item = &'t str>) -> bool {
    pieces.map(str::len).sum::<usize>() > MAX_TEXT_BYTES
}

pub(in crate::expr) fn too_long() -> Error {
    Error::new(Code::ExprLimit, format!("a text must have at most {MAX_TEXT_BYTES} bytes"))
}
