//! Where in its file a row stands that an error speaks of.
//!
//! The one idea: errors count rows from the first file on; for each block it is kept in which line its first row begins,
//! and after which rows more than a line follows, so memory grows by a few bytes a block.

use isofold::{Code, Error};
use std::sync::Arc;

/// The places of rows.
#[derive(Clone, Debug, Default)]
pub struct Places {
    blocks: Vec<Block>,
    rows: usize,
}

#[derive(Clone, Debug)]
struct Block {
    first_row: usize,
    file: Arc<str>,
    /// `line` or `row`.
    word: &'static str,
    first: u64,
    /// Rows from which on lines are so many further than rows, or behind.
    jumps: Vec<(u32, i64)>,
}

impl Places {
    /// Adds rows that begin in these lines.
    pub fn add_lines(&mut self, file: &Arc<str>, lines: &[u64]) {
        let first = lines.first().copied().unwrap_or(1);
        let mut jumps = Vec::new();
        let mut ahead = 0;
        for (row, line) in lines.iter().enumerate() {
            // a line may hold several rows; neither has 63 bits
            let now = (line - first) as i64 - row as i64;
            if now != ahead {
                // cannot truncate: a block has fewer rows
                jumps.push((row as u32, now));
                ahead = now;
            }
        }
        self.add(file, "line", first, jumps, lines.len());
    }

    /// Adds rows of a file without lines, the first of which is the row `first` of the file, from 1.
    pub fn add_rows(&mut self, file: &Arc<str>, first: u64, rows: usize) {
        self.add(file, "row", first, Vec::new(), rows);
    }

    fn add(&mut self, file: &Arc<str>, word: &'static str, first: u64, jumps: Vec<(u32, i64)>, rows: usize) {
        self.blocks.push(Block { first_row: self.rows, file: file.clone(), word, first, jumps });
        self.rows += rows;
    }

    /// The place of a row: `line 7 of requests.csv`.
    #[must_use]
    pub fn of(&self, row: usize) -> Option<String> {
        let block = &self.blocks[..self.blocks.partition_point(|block| block.first_row <= row)].last()?;
        let within = row - block.first_row;
        let ahead = block.jumps[..block.jumps.partition_point(|(from, _)| *from as usize <= within)].last();
        let line = (block.first + within as u64).saturating_add_signed(ahead.map_or(0, |(_, ahead)| *ahead));
        Some(format!("{} {line} of {}", block.word, block.file))
    }

    /// The same error, with the place in its file of each row it speaks of.
    #[must_use]
    pub fn tell(&self, error: &Error) -> Error {
        let told = |problem: &Error| {
            let words = self.words(problem.code(), problem.message(), problem.row());
            let told = Error::new(problem.code(), words).within(problem.path());
            problem.position().map_or_else(|| told.clone(), |position| told.clone().at(position))
        };
        Error::from_all(error.problems().map(told).collect()).unwrap_or_else(|| error.clone())
    }

    /// What is wrong with a row, where, and what helps.
    #[must_use]
    pub fn words(&self, code: Code, message: &str, row: Option<usize>) -> String {
        let remedy = remedy(code, message).map_or(String::new(), |remedy| format!("; {remedy}"));
        // what a reader could not read tells its line already
        match row.filter(|_| code != Code::IngestRow).and_then(|row| self.of(row)) {
            Some(place) => format!("{message}, in {place}{remedy}"),
            None => format!("{message}{remedy}"),
        }
    }
}

/// Words that files have for no value.
pub const NULL_WORDS: [&str; 16] =
    ["NA", "N/A", "n/a", "na", "NULL", "null", "Null", "None", "none", "-", "--", "?", "\\N", "nil", "#N/A", "(null)"];

/// The option that helps with a text that is not what its column takes.
fn remedy(code: Code, message: &str) -> Option<String> {
    let (text, expected) = match code {
        Code::IngestType => message.strip_prefix('"')?.rsplit_once("\" is not a")?,
        Code::IngestTime => (message.strip_prefix('\'')?.rsplit_once("' is not an ISO 8601")?.0, " timestamp"),
        _ => return None,
    };
    if NULL_WORDS.contains(&text) {
        return Some(format!("--null '{text}' says that it is no value"));
    }
    if text.trim() != text {
        return Some("--trim takes spaces around values away".to_owned());
    }
    if expected.ends_with("timestamp") {
        let is_number = text.matches('.').count() < 2
            && !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        return Some(if is_number {
            "declare the column as timestamp[s], [ms], [us] or [ns]".to_owned()
        } else {
            "--time-format tells another form, such as '%d.%m.%Y %H:%M:%S'".to_owned()
        });
    }
    if expected.ends_with("bool") {
        return None;
    }
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.split_once(',') {
        Some((whole, part)) if digits(whole) && digits(part) => {
            Some("--decimal ',' reads a comma as the point".to_owned())
        }
        _ if text.strip_suffix('%').is_some_and(digits) => {
            Some("{\"type\": \"float64\", \"suffix\": \"%\"} in the spec takes the sign away".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_by_their_lines() {
        let mut places = Places::default();
        places.add_lines(&"a.csv".into(), &[2, 3, 7, 8]);
        places.add_rows(&"b.parquet".into(), 1, 2);
        places.add_lines(&"c.csv".into(), &[5]);
        let found: Vec<_> = (0..7).filter_map(|row| places.of(row)).collect();
        let right = [
            "line 2 of a.csv",
            "line 3 of a.csv",
            "line 7 of a.csv",
            "line 8 of a.csv",
            "row 1 of b.parquet",
            "row 2 of b.parquet",
            "line 5 of c.csv",
        ];
        assert_eq!(found[..6], right[..6]);
        assert_eq!(found[6], right[6]);
    }

    #[test]
    fn a_remedy_is_told_for_what_is_usual() {
        let told = |message: &str| remedy(Code::IngestType, message).unwrap_or_default();
        assert!(told("\"N/A\" is not a float64").starts_with("--null 'N/A'"));
        assert!(told("\" 7 \" is not an int64").starts_with("--trim"));
        assert!(told("\"1,5\" is not a float64").starts_with("--decimal"));
        assert_eq!(told("\"oops\" is not a float64"), "");
        assert!(remedy(Code::IngestTime, "'1.2.2026' is not an ISO 8601 time such as x")
            .expect("one")
            .contains("--time-format"));
    }
}
