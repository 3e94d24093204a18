//! Where the values of a JSON text end: those of an array, or values one after the other.

use super::blocks::{Cut, Records};
use super::refused;
use isofold::Result;

/// Ends of values.
#[derive(Clone, Debug)]
pub struct Elements {
    file: String,
    line: u64,
    place: Place,
    /// Whether a value ended and a comma has to come before the next.
    needs_comma: bool,
    /// Whether a comma came and a value has to.
    needs_value: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Array,
    Stream,
    End,
}

impl Elements {
    /// The values of a file.
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), line: 1, place: Place::Start, needs_comma: false, needs_value: false }
    }

    fn refuse<T>(&self, words: &str) -> Result<T> {
        Err(refused(&self.file, format_args!("is not JSON: line {}: {words}", self.line)))
    }
}

/// The end of the value that begins at `from`, where it is known.
fn value_end(bytes: &[u8], from: usize, is_last: bool) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return Some(if depth == 1 { at } else { at - 1 }),
            b'}' | b']' => depth -= 1,
            b'"' => {
                loop {
                    match memchr::memchr2(b'"', b'\\', bytes.get(at..)?) {
                        Some(found) if bytes[at + found] == b'"' => {
                            at += found + 1;
                            break;
                        }
                        Some(found) => at += found + 2,
                        None => return None,
                    }
                }
                if depth == 0 {
                    return Some(at);
                }
            }
            b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Some(at - 1),
            _ => {}
        }
    }
    (is_last && depth == 0).then_some(bytes.len())
}

impl Cut for Elements {
    fn cut(&mut self, bytes: &[u8], is_last: bool, records: &mut Records) -> Result<usize> {
        let mut at = 0;
        loop {
            while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
                self.line += u64::from(bytes[at] == b'\n');
                at += 1;
            }
            let Some(&byte) = bytes.get(at) else { break };
            match (self.place, byte) {
                (Place::Start, b'[') => {
                    self.place = Place::Array;
                    at += 1;
                    continue;
                }
                (Place::Start, _) => self.place = Place::Stream,
                (Place::Array, b']') if self.needs_value => return self.refuse("a value is expected"),
                (Place::Array, b']') => {
                    self.place = Place::End;
                    at += 1;
                    continue;
                }
                (Place::Array, b',') if self.needs_comma => {
                    (self.needs_comma, self.needs_value) = (false, true);
                    at += 1;
                    continue;
                }
                (Place::Array, _) if self.needs_comma => return self.refuse("',' or ']' is expected"),
                (Place::End, _) => return self.refuse("something follows the array"),
                _ => {}
            }
            let Some(end) = value_end(bytes, at, is_last) else {
                if is_last {
                    return self.refuse("the file ends inside of a value");
                }
                return Ok(at);
            };
            if end == at {
                return self.refuse("a value is expected");
            }
            records.add(at, end, self.line);
            self.line += memchr::memchr_iter(b'\n', &bytes[at..end]).count() as u64;
            (self.needs_comma, self.needs_value) = (self.place == Place::Array, false);
            at = end;
        }
        if is_last && self.place == Place::Array {
            return self.refuse("the file ends before the array does");
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Result<Vec<(String, u64)>> {
        let mut records = Records::default();
        Elements::new("x").cut(text.as_bytes(), true, &mut records)?;
        let text = |&(start, end): &(u32, u32)| text[start as usize..end as usize].to_owned();
        Ok(records.ranges.iter().map(text).zip(records.lines).collect())
    }

    #[test]
    fn values_of_an_array_and_of_a_stream_are_told_apart() {
        let right = [("{\"a\": \"]\\\"}\"}", 1), ("[1,\n2]", 2), ("5", 4)].map(|(text, line)| (text.to_owned(), line));
        assert_eq!(cut("[{\"a\": \"]\\\"}\"},\n[1,\n2]\n, 5]").expect("an array"), right);
        assert_eq!(cut("{\"a\": \"]\\\"}\"}\n[1,\n2]\n5").expect("a stream"), right);
        assert_eq!(cut(" [ ] \n").expect("nothing"), []);
    }

    #[test]
    fn what_does_not_end_is_refused() {
        for text in ["[{", "[{}", "[{},", "[{} {}]", "[1]2", "{\"a", "[,1]", "[1,,2]", "[1,]", "}"] {
            assert!(cut(text).is_err(), "{text}");
        }
    }
}
