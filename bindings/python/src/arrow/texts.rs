//! Arrow texts, each looked at before it is one.

use super::layout::Layout;
use super::window::{malformed, Plain, Window};
use isofold::{Code, Error, Result};
use isofold_facade::HostColumn;
use std::borrow::Cow;
use std::str::from_utf8;

/// An offset of 32 or 64 bits.
pub trait Offset: Plain + TryInto<usize> + std::fmt::Display {}

impl Offset for i32 {}
impl Offset for i64 {}

/// The texts of rows, NULL where `validity` says so.
fn column<'a>(
    rows: usize,
    validity: Option<Vec<bool>>,
    text: impl Fn(usize) -> Result<&'a str>,
) -> Result<HostColumn<'a>> {
    let mut problem = None;
    let is_valid = |row: usize| validity.as_ref().is_none_or(|validity| validity[row]);
    let texts = (0..rows).map(|row| {
        if problem.is_some() || !is_valid(row) {
            return None;
        }
        text(row).map_err(|error| problem = Some(error.in_row(row))).ok()
    });
    let column = HostColumn::from_texts(texts);
    problem.map_or(Ok(column), Err)
}

/// The column of texts that lie one after the other.
pub fn by_offsets<'a, O: Offset>(window: Window<'a>) -> Result<HostColumn<'a>> {
    let text = laid_out::<O>(window)?;
    column(window.rows, window.validity()?, text)
}

/// The column of texts that lie in views or anywhere in buffers.
pub fn by_views<'a>(window: Window<'a>) -> Result<HostColumn<'a>> {
    let text = viewed(window)?;
    column(window.rows, window.validity()?, text)
}

/// The texts of a dictionary as they stand there; `None` when some are NULL or they are no texts.
pub fn dictionary<'a>(window: Window<'a>, layout: &Layout) -> Result<Option<Vec<Cow<'a, str>>>> {
    fn all<'a>(rows: usize, text: impl Fn(usize) -> Result<&'a str>) -> Result<Option<Vec<Cow<'a, str>>>> {
        (0..rows).map(|row| text(row).map(Cow::Borrowed).map_err(in_dictionary)).collect::<Result<_>>().map(Some)
    }
    let is_text = matches!(layout, Layout::Text | Layout::LargeText | Layout::TextView);
    if !is_text || window.validity()?.is_some() {
        return Ok(None);
    }
    match layout {
        Layout::Text => all(window.rows, laid_out::<i32>(window)?),
        Layout::LargeText => all(window.rows, laid_out::<i64>(window)?),
        _ => all(window.rows, viewed(window)?),
    }
}

/// A text of a dictionary is in no row.
fn in_dictionary(error: Error) -> Error {
    Error::new(error.code(), format!("{} (in the dictionary)", error.message()))
}

fn outside(what: impl std::fmt::Display) -> Error {
    Error::new(Code::IngestLength, format!("a value must lie inside its buffer, got {what}"))
}

fn not_utf8() -> Error {
    Error::new(Code::IngestText, "the text is not UTF-8")
}

/// Where each value begins and the last ends in the bytes of all of them.
pub(super) fn laid_out_bytes<'a, O: Offset>(window: Window<'a>) -> Result<(Vec<usize>, &'a [u8])> {
    let offsets = if window.rows == 0 { Cow::Borrowed(&[][..]) } else { window.offsets::<O>(1)? };
    let ends =
        offsets.iter().map(|offset| (*offset).try_into().map_err(|_| outside(format_args!("the offset {offset}"))));
    let mut ends = ends.collect::<Result<Vec<usize>>>()?;
    if let Some(pair) = ends.windows(2).find(|pair| pair[0] > pair[1]) {
        return Err(outside(format_args!("one from {} to {}", pair[0], pair[1])));
    }
    let (start, end) = (ends.first().copied().unwrap_or(0), ends.last().copied().unwrap_or(0));
    let bytes = match window.slice::<u8>(2, start, end - start)? {
        Cow::Borrowed(bytes) => bytes,
        // bytes are never copied: they always lie straight
        Cow::Owned(_) => return Err(malformed("has values that cannot be read")),
    };
    ends.iter_mut().for_each(|end| *end -= start);
    Ok((ends, bytes))
}

fn laid_out<'a, O: Offset>(window: Window<'a>) -> Result<impl Fn(usize) -> Result<&'a str>> {
    let (ends, bytes) = laid_out_bytes::<O>(window)?;
    // one pass over the whole buffer is many times faster than one for each text; it proves every text that is cut at
    // the edge of a character, and where it does not hold (a NULL row may hide anything) they are looked at one by one
    let whole = from_utf8(bytes).ok();
    Ok(move |row: usize| {
        let (from, to) = (ends[row], ends[row + 1]);
        match whole {
            Some(whole) => whole.get(from..to).ok_or_else(not_utf8),
            None => from_utf8(&bytes[from..to]).map_err(|_| not_utf8()),
        }
    })
}

/// Bytes of a text that lies in its view.
const INLINE: usize = 12;

fn viewed<'a>(window: Window<'a>) -> Result<impl Fn(usize) -> Result<&'a str>> {
    let bytes = viewed_bytes(window)?;
    Ok(move |row: usize| from_utf8(bytes(row)?).map_err(|_| not_utf8()))
}

/// The bytes of a row's view.
pub(super) fn viewed_bytes<'a>(window: Window<'a>) -> Result<impl Fn(usize) -> Result<&'a [u8]>> {
    // NULLs, views, the buffers, and how long each of these is
    let count = usize::try_from(window.array().n_buffers).ok().and_then(|count| count.checked_sub(3));
    let count = count.ok_or_else(|| malformed("has too few buffers for views"))?;
    let lengths = window.slice::<i64>(2 + count, 0, count)?;
    let buffer = |(place, length): (usize, &i64)| {
        let length = usize::try_from(*length).ok().filter(|length| isize::try_from(*length).is_ok());
        window.slice::<u8>(2 + place, 0, length.ok_or_else(|| malformed("has a buffer of a length that none has"))?)
    };
    let buffers = lengths.iter().enumerate().map(buffer).collect::<Result<Vec<_>>>()?;
    let buffers = buffers.into_iter().map(|buffer| if let Cow::Borrowed(bytes) = buffer { bytes } else { &[] });
    let buffers: Vec<&'a [u8]> = buffers.collect();
    let Cow::Borrowed(views) = window.slice::<u8>(1, 16 * window.first(), 16 * window.rows)? else {
        return Err(malformed("has views that cannot be read"));
    };
    let views: &'a [u8] = views;
    Ok(move |row: usize| {
        let view = &views[16 * row..16 * row + 16];
        let word = |place: usize| i32::from_le_bytes([view[place], view[place + 1], view[place + 2], view[place + 3]]);
        let length = usize::try_from(word(0)).map_err(|_| outside(format_args!("a length of {}", word(0))))?;
        let bytes = if length <= INLINE {
            view.get(4..4 + length)
        } else {
            let place = |word: i32| usize::try_from(word).ok();
            let buffer = place(word(8)).and_then(|number| buffers.get(number));
            buffer.zip(place(word(12))).and_then(|(buffer, start)| buffer.get(start..start.checked_add(length)?))
        };
        bytes.ok_or_else(|| outside(format_args!("{length} from {} on in number {}", word(12), word(8))))
    })
}
