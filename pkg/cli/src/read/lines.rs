//! Where lines end, and where records of CSV do, whose fields in quotes may hold line ends.
//!
//! The one idea: a quote opens a field only at its start, as RFC 4180 has it; one that takes in other lines and is never
//! closed leaves nobody to say how many rows are gone, so it refuses the file.

use super::blocks::{Cut, Records};
use super::refused;
use isofold::Result;
use memchr::{memchr, memchr2, memchr2_iter, memchr3};

/// Ends of lines, LF, CRLF or CR; blank lines are no records.
#[derive(Clone, Debug)]
pub struct Lines {
    file: String,
    /// What separates the fields of CSV; none where quotes mean nothing.
    delimiter: Option<u8>,
    line: u64,
}

impl Lines {
    /// Lines in which quotes mean nothing.
    pub fn plain(file: &str) -> Self {
        Self { file: file.to_owned(), delimiter: None, line: 1 }
    }

    /// Records of CSV.
    pub fn of_csv(file: &str, delimiter: u8) -> Self {
        Self { delimiter: Some(delimiter), ..Self::plain(file) }
    }

    /// What the quotes of a record do to it: it goes on, or ends broken.
    fn broken(&self, first: u64, last: u64, what: &str) -> Result<String> {
        if first == last {
            return Ok(format!("line {first} of {} is not CSV: {what}", self.file));
        }
        let words = format_args!(
            "a quote of line {first} is not closed in it and takes in the lines up to {last}: {what}; close it, or write \
             a quote inside of quotes twice"
        );
        Err(refused(&self.file, words))
    }
}

/// Line ends in some bytes.
fn line_ends(bytes: &[u8]) -> u64 {
    let ends = memchr2_iter(b'\n', b'\r', bytes);
    ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).count() as u64
}

impl Cut for Lines {
    fn cut(&mut self, bytes: &[u8], is_last: bool, records: &mut Records) -> Result<usize> {
        // where the record begins, where the search goes on, the line it is in, and the record's first line
        let (mut start, mut at, mut line) = (0, 0, self.line);
        let mut problem = None;
        loop {
            let found = match self.delimiter {
                Some(_) => memchr3(b'\n', b'\r', b'"', &bytes[at..]),
                None => memchr2(b'\n', b'\r', &bytes[at..]),
            };
            let Some(found) = found.map(|found| found + at) else { break };
            if bytes[found] == b'"' {
                let is_open = found == start || Some(bytes[found - 1]) == self.delimiter;
                if !is_open || problem.is_some() {
                    at = found + 1;
                    continue;
                }
                let mut from = found + 1;
                let close = loop {
                    match memchr(b'"', &bytes[from..]).map(|close| close + from) {
                        Some(close) if bytes.get(close + 1) == Some(&b'"') => from = close + 2,
                        // another quote may follow in the next bytes
                        Some(close) if close + 1 == bytes.len() && !is_last => return Ok(start),
                        close => break close,
                    }
                };
                let Some(close) = close else {
                    if !is_last {
                        return Ok(start);
                    }
                    let inner = bytes[found..].strip_suffix(b"\n").unwrap_or(&bytes[found..]);
                    let words = self.broken(self.line, line + line_ends(inner), "a quote is not closed")?;
                    records.broken.push((records.ranges.len(), words));
                    records.add(start, bytes.len(), self.line);
                    return Ok(bytes.len());
                };
                line += line_ends(&bytes[found..close]);
                at = close + 1;
                let is_closed =
                    bytes.get(at).is_none_or(|next| [b'\n', b'\r'].contains(next) || Some(*next) == self.delimiter);
                if !is_closed {
                    problem = Some(self.broken(self.line, line, "something follows a closed quote")?);
                }
                continue;
            }
            if bytes[found] == b'\r' && found + 1 == bytes.len() && !is_last {
                // whether a line feed follows is not known yet
                break;
            }
            if found > start {
                if let Some(words) = problem.take() {
                    records.broken.push((records.ranges.len(), words));
                }
                records.add(start, found, self.line);
            }
            at = found + 1 + usize::from(bytes[found] == b'\r' && bytes.get(found + 1) == Some(&b'\n'));
            start = at;
            line += 1;
            self.line = line;
        }
        if is_last && start < bytes.len() {
            let end = if bytes.ends_with(b"\r") { bytes.len() - 1 } else { bytes.len() };
            if let Some(words) = problem {
                records.broken.push((records.ranges.len(), words));
            }
            records.add(start, end, self.line);
            start = bytes.len();
        }
        Ok(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<(String, u64)> {
        let mut records = Records::default();
        Lines::of_csv("x", b',').cut(text.as_bytes(), true, &mut records).expect("records");
        let text = |&(start, end): &(u32, u32)| text[start as usize..end as usize].to_owned();
        records.ranges.iter().map(text).zip(records.lines).collect()
    }

    #[test]
    fn records_end_where_lines_do_outside_of_quotes() {
        let found = records("a,b\r\n\r\n\"x\ny\",\"\"\"\"\rz,5\" pipe\nlast");
        let right = [("a,b", 1), ("\"x\ny\",\"\"\"\"", 3), ("z,5\" pipe", 5), ("last", 6)];
        assert_eq!(found, right.map(|(text, line)| (text.to_owned(), line)));
    }

    #[test]
    fn where_the_bytes_are_cut_does_not_matter() {
        let text = b"a,b\r\n\"x\r\n\"\"y\"\"\",2\r\r\n\"\",\"q\"\n1,2";
        let whole = records(std::str::from_utf8(text).expect("text"));
        for size in 1..text.len() {
            let (mut lines, mut found, mut rest) = (Lines::of_csv("x", b','), Vec::new(), Vec::new());
            for (index, chunk) in text.chunks(size).enumerate() {
                rest.extend_from_slice(chunk);
                let mut records = Records::default();
                let taken = lines.cut(&rest, (index + 1) * size >= text.len(), &mut records).expect("records");
                let text = |&(start, end): &(u32, u32)| {
                    String::from_utf8(rest[start as usize..end as usize].to_vec()).expect("text")
                };
                found.extend(records.ranges.iter().map(text).zip(records.lines));
                rest.drain(..taken);
            }
            assert_eq!(found, whole, "{size}");
        }
    }

    #[test]
    fn a_broken_quote_is_one_record_or_the_end_of_the_file() {
        let mut records = Records::default();
        let mut cut = |text: &str| {
            records = Records::default();
            Lines::of_csv("x", b',').cut(text.as_bytes(), true, &mut records).map(|_| records.broken.clone())
        };
        assert_eq!(cut("a\n\"b\"c,1\nd\n").expect("one line").len(), 1);
        assert_eq!(
            cut("a\nd,\"b\n").expect("the last line"),
            [(1, "line 2 of x is not CSV: a quote is not closed".into())]
        );
        assert!(cut("a\n\"b\nc\n").expect_err("two lines").message().contains("takes in the lines up to 3"));
        assert!(cut("a\n\"b\n\"c\n").is_err());
    }
}
