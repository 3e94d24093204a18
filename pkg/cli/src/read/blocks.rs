//! Cutting a stream of bytes into blocks of whole records.

use super::input::io_words;
use super::refused;
use isofold::Result;
use std::io::Read;

/// Bytes that are read at once: enough to share the work of a dictionary, few enough for a cache.
const BLOCK_BYTES: usize = 2 << 20;
/// Bytes of one record, beyond which a file is taken for one that has none.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// Records of a block.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Start and end of each record in the bytes of its block.
    pub ranges: Vec<(u32, u32)>,
    /// The line in which each begins, counted from the first of the file, which is 1.
    pub lines: Vec<u64>,
    /// What is wrong with a record that can be told from its neighbours and not be read.
    pub broken: Vec<(usize, String)>,
}

impl Records {
    /// Adds a record.
    pub fn add(&mut self, start: usize, end: usize, line: u64) {
        // cannot truncate: a buffer has at most MAX_RECORD_BYTES and a block more
        self.ranges.push((start as u32, end as u32));
        self.lines.push(line);
    }
}

/// Where records end.
pub trait Cut: Send {
    /// Finds the records that end in `bytes`, and tells how many bytes they take; at the end of the file the last record
    /// may end without a mark.
    ///
    /// **Errors** a file that cannot be cut on.
    fn cut(&mut self, bytes: &[u8], is_last: bool, records: &mut Records) -> Result<usize>;
}

/// A stream as blocks.
pub struct Blocks<C> {
    file: String,
    content: Box<dyn Read + Send>,
    cut: C,
    rest: Vec<u8>,
    is_started: bool,
    is_done: bool,
}

impl<C: Cut> Blocks<C> {
    /// The blocks of a file's content.
    pub fn new(file: &str, content: Box<dyn Read + Send>, cut: C) -> Self {
        Self { file: file.to_owned(), content, cut, rest: Vec::new(), is_started: false, is_done: false }
    }

    /// The next block and its records.
    ///
    /// **Errors** those of the file, `host.argument` for a record past the limit, those of the cut.
    pub fn next_block(&mut self) -> Result<Option<(Vec<u8>, Records)>> {
        let mut wanted = BLOCK_BYTES;
        while !self.is_done {
            let mut bytes = std::mem::take(&mut self.rest);
            let missing = wanted.saturating_sub(bytes.len());
            bytes.reserve(missing);
            let read = (&mut self.content).take(missing as u64).read_to_end(&mut bytes);
            let read = read.map_err(|error| refused(&self.file, io_words(&error)))?;
            self.is_done = read < missing;
            if !self.is_started {
                self.is_started = true;
                start(&self.file, &mut bytes)?;
            }
            let mut records = Records::default();
            let taken = self.cut.cut(&bytes, self.is_done, &mut records)?;
            self.rest = bytes[taken..].to_vec();
            if !records.ranges.is_empty() {
                bytes.truncate(taken);
                return Ok(Some((bytes, records)));
            }
            wanted = 2 * self.rest.len().max(BLOCK_BYTES);
            if self.rest.len() > MAX_RECORD_BYTES {
                let words = format_args!("a record must have at most {MAX_RECORD_BYTES} bytes, here is a longer one");
                return Err(refused(&self.file, words));
            }
        }
        Ok(None)
    }
}

/// Takes the mark off that says UTF-8, and refuses those of other encodings.
fn start(file: &str, bytes: &mut Vec<u8>) -> Result<()> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let words = format!("{file}: the text is UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it");
        return Err(isofold::Error::new(isofold::Code::IngestText, words));
    }
    Ok(())
}
