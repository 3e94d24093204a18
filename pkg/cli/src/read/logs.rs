//! The fields of a line of the common and the combined log format of Apache and nginx.

use super::fields::{Span, MADE};

/// The names of the fields of the combined format; the common one has those before `referer`.
pub const NAMES: [&str; 12] =
    ["ip", "ident", "user", "time", "request", "method", "path", "protocol", "status", "bytes", "referer", "agent"];

/// Fields of the common format.
pub const COMMON: usize = 10;

/// The form of their time.
pub const TIME: &str = "%d/%b/%Y:%H:%M:%S %z";

/// The word for no value.
pub const NULL: &str = "-";

const NOTHING: Span = Span { start: 0, end: 0 };

/// The fields of the line `start..end`, or what is expected and is not there.
///
/// What follows the last field (the times that servers are told to add) is not looked at.
pub fn split(
    bytes: &[u8],
    (start, end): (u32, u32),
    is_combined: bool,
    made: &mut Vec<String>,
) -> Result<[Span; NAMES.len()], &'static str> {
    let mut rest = Rest { bytes: &bytes[..end as usize], at: start as usize };
    let mut fields = [NOTHING; NAMES.len()];
    for field in &mut fields[..3] {
        *field = rest.word().ok_or("an address, an identity and a user are expected")?;
    }
    fields[3] = rest.inside(b'[', b']', made).ok_or("a time in brackets is expected")?;
    fields[4] = rest.inside(b'"', b'"', made).ok_or("a request in quotes is expected")?;
    let request = fields[4];
    if request.start != MADE {
        let mut words = Rest { bytes: &bytes[..request.end as usize], at: request.start as usize };
        let parts = [words.word(), words.word(), words.word()];
        // a request that is no HTTP has none of the three
        if let ([Some(method), Some(path), protocol], true) = (parts, words.at >= words.bytes.len()) {
            fields[5] = method;
            fields[6] = path;
            fields[7] = protocol.unwrap_or(NOTHING);
        }
    }
    fields[8] = rest.word().ok_or("a status is expected")?;
    fields[9] = rest.word().ok_or("a number of bytes is expected")?;
    if is_combined {
        fields[10] = rest.inside(b'"', b'"', made).ok_or("a referer in quotes is expected")?;
        fields[11] = rest.inside(b'"', b'"', made).ok_or("an agent in quotes is expected")?;
    }
    Ok(fields)
}

struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Rest<'_> {
    /// Text up to a space.
    fn word(&mut self) -> Option<Span> {
        let start = self.at;
        let length = self.bytes.get(start..)?.iter().position(|&byte| byte == b' ');
        let end = length.map_or(self.bytes.len(), |length| start + length);
        self.at = end + 1;
        // cannot truncate: the offsets of a block fit u32
        (end > start).then_some(Span { start: start as u32, end: end as u32 })
    }

    /// Text between two marks, in which a backslash takes the meaning of the next character away.
    fn inside(&mut self, open: u8, close: u8, made: &mut Vec<String>) -> Option<Span> {
        (self.bytes.get(self.at) == Some(&open)).then_some(())?;
        let start = self.at + 1;
        let mut end = start;
        let mut has_escapes = false;
        while *self.bytes.get(end)? != close {
            let is_escape = self.bytes[end] == b'\\';
            has_escapes |= is_escape;
            end += 1 + usize::from(is_escape);
        }
        self.at = end + 2;
        if !has_escapes {
            return Some(Span { start: start as u32, end: end as u32 });
        }
        let text = String::from_utf8_lossy(&self.bytes[start..end]);
        made.push(text.replace("\\\"", "\"").replace("\\\\", "\\"));
        Some(Span { start: MADE, end: made.len() as u32 - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str, is_combined: bool) -> Result<Vec<String>, &'static str> {
        let mut made = Vec::new();
        let spans = split(line.as_bytes(), (0, line.len() as u32), is_combined, &mut made)?;
        let text = |span: &Span| match span.start {
            MADE => made[span.end as usize].clone(),
            start => line[start as usize..span.end as usize].to_owned(),
        };
        Ok(spans.iter().map(text).collect())
    }

    #[test]
    fn a_line_has_its_fields() {
        let line = r#"::1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=%20 HTTP/1.0" 200 - "-" "Mozilla \"x\"" 0.2"#;
        let right = [
            "::1",
            "-",
            "frank",
            "10/Oct/2000:13:55:36 -0700",
            "GET /a?b=%20 HTTP/1.0",
            "GET",
            "/a?b=%20",
            "HTTP/1.0",
            "200",
            "-",
            "-",
            "Mozilla \"x\"",
        ];
        assert_eq!(fields(line, true).expect("a line"), right);
        assert_eq!(fields(line, false).expect("a line")[..COMMON], right[..COMMON]);
    }

    #[test]
    fn what_is_no_request_is_kept_whole() {
        let found = fields(r#"1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "\x16\x03" 400 226"#, false).expect("a line");
        assert_eq!((found[4].as_str(), found[5].as_str(), found[8].as_str()), ("\\x16\\x03", "", "400"));
        assert!(fields("hello", false).is_err());
    }
}
