//! The fields of a record of CSV.

/// Where a field is: in the bytes of its block, or among texts that were made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte, or [`MADE`].
    pub start: u32,
    /// First byte no longer in it, or the place among the texts that were made.
    pub end: u32,
}

/// The start of a field that is not in the bytes as it is.
pub const MADE: u32 = u32::MAX;

/// Finds the fields of the record `start..end`; `take` is told of each by its place. A quoted field with quotes inside is
/// put among `made`.
///
/// Tells how many fields there are. The quotes are known to close.
pub fn split(
    bytes: &[u8],
    (start, end): (u32, u32),
    delimiter: u8,
    made: &mut Vec<String>,
    mut take: impl FnMut(usize, Span),
) -> usize {
    let (mut at, end) = (start as usize, end as usize);
    let mut field = 0;
    // cannot truncate: the offsets of a block fit u32
    let span = |start: usize, end: usize| Span { start: start as u32, end: end as u32 };
    loop {
        if bytes[..end].get(at) == Some(&b'"') {
            let inner = at + 1;
            let mut from = inner;
            let mut has_quotes = false;
            let close = loop {
                match memchr::memchr(b'"', &bytes[from..end]).map(|close| close + from) {
                    Some(close) if bytes[..end].get(close + 1) == Some(&b'"') => {
                        has_quotes = true;
                        from = close + 2;
                    }
                    Some(close) => break close,
                    None => break end,
                }
            };
            if has_quotes {
                let text = String::from_utf8_lossy(&bytes[inner..close]).replace("\"\"", "\"");
                take(field, Span { start: MADE, end: made.len() as u32 });
                made.push(text);
            } else {
                take(field, span(inner, close));
            }
            at = close + 1;
        } else {
            let rest = &bytes[at..end];
            // most fields are shorter than what a search by words is worth
            let stop = rest.iter().position(|&byte| byte == delimiter).map_or(end, |stop| at + stop);
            take(field, span(at, stop));
            at = stop;
        }
        field += 1;
        if at >= end {
            return field;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<String> {
        let (mut made, mut spans) = (Vec::new(), Vec::new());
        let count = split(text.as_bytes(), (0, text.len() as u32), b',', &mut made, |_, span| spans.push(span));
        assert_eq!(count, spans.len());
        let text = |span: &Span| match span.start {
            MADE => made[span.end as usize].clone(),
            start => text[start as usize..span.end as usize].to_owned(),
        };
        spans.iter().map(text).collect()
    }

    #[test]
    fn fields_are_cut_at_delimiters_outside_of_quotes() {
        assert_eq!(fields("a,,\"b,c\",\"d\"\"e\"\"\",f\"g"), ["a", "", "b,c", "d\"e\"", "f\"g"]);
        assert_eq!(fields(","), ["", ""]);
        assert_eq!(fields("\"\""), [""]);
        assert_eq!(fields("a,\"\""), ["a", ""]);
    }
}
