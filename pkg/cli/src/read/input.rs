//! A file, or standard input, as bytes: which format it has, and what it is compressed by.

use super::refused;
use flate2::bufread::MultiGzDecoder;
use isofold::Result;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// What is written for standard input.
pub const STDIN: &str = "-";

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const BUFFER_BYTES: usize = 1 << 18;

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// fields separated by commas, the first line has the names
    Csv,
    /// fields separated by tabs, the first line has the names
    Tsv,
    /// a JSON object in every line
    Ndjson,
    /// an array of objects, or objects one after the other
    Json,
    /// Apache Parquet
    Parquet,
    /// Arrow IPC, as a file or a stream
    Arrow,
    /// the common log format of Apache and nginx
    Common,
    /// the combined log format of Apache and nginx
    Combined,
}

impl Format {
    /// The format of a name, as options and specs write it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        <Self as clap::ValueEnum>::from_str(name, false).ok()
    }

    /// The format that the end of a file's name tells, without that of a compression.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = |path: &Path| path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
        let stem = path.with_extension("");
        let extension = match extension(path)?.as_str() {
            "gz" | "zst" | "zstd" => extension(&stem)?,
            other => other.to_owned(),
        };
        Some(match extension.as_str() {
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "ndjson" | "jsonl" => Self::Ndjson,
            "json" => Self::Json,
            "parquet" | "pq" => Self::Parquet,
            "arrow" | "feather" | "ipc" | "arrows" => Self::Arrow,
            _ => return None,
        })
    }
}

/// A file to read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is; `-` is standard input.
    pub path: PathBuf,
    /// How messages call it.
    pub name: String,
}

/// The files that words name: a word with `*`, `?` or `[` that is no file stands for all that match, in order.
///
/// **Errors** `host.argument` for a pattern that nothing matches.
pub fn expand(words: &[String]) -> Result<Vec<Input>> {
    let input = |path: PathBuf| {
        let name = if path == Path::new(STDIN) { "standard input".to_owned() } else { path.display().to_string() };
        Input { path, name }
    };
    let mut inputs = Vec::new();
    for word in words {
        let is_pattern = word.contains(['*', '?', '[']) && !Path::new(word).exists();
        if !is_pattern {
            inputs.push(input(word.into()));
            continue;
        }
        let found = glob::glob(word).map_err(|error| refused(word, format_args!("is no pattern of files: {error}")))?;
        let before = inputs.len();
        inputs.extend(found.filter_map(std::result::Result::ok).map(input));
        if inputs.len() == before {
            return Err(refused(word, "no file matches the pattern"));
        }
    }
    Ok(inputs)
}

impl Input {
    /// Whether it is standard input.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        self.path == Path::new(STDIN)
    }

    /// Bytes of the file as it is stored, where that is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        if self.is_stdin() {
            return None;
        }
        std::fs::metadata(&self.path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
    }

    /// The file, opened.
    ///
    /// **Errors** `host.argument` where it cannot be.
    pub fn file(&self) -> Result<File> {
        let failed = |error: io::Error| refused(&self.name, io_words(&error));
        let file = File::open(&self.path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(refused(&self.name, "is a folder; name its files, or write a pattern such as 'folder/*.csv'"));
        }
        Ok(file)
    }

    /// The content, whatever it is compressed by; `count` is told of bytes as they are read of the file.
    ///
    /// **Errors** `host.argument` where it cannot be opened.
    pub fn content(&self, count: impl Fn(u64) + Send + 'static) -> Result<Box<dyn Read + Send>> {
        let stored: Box<dyn Read + Send> = if self.is_stdin() { Box::new(io::stdin()) } else { Box::new(self.file()?) };
        let mut buffered = BufReader::with_capacity(BUFFER_BYTES, Counted { inner: stored, count });
        let failed = |error: io::Error| refused(&self.name, io_words(&error));
        let mut start = [0; 4];
        let mut known = 0;
        while known < start.len() {
            match buffered.read(&mut start[known..]).map_err(failed)? {
                0 => break,
                more => known += more,
            }
        }
        let whole = Cursor::new(start[..known].to_vec()).chain(buffered);
        if start.starts_with(&GZIP) {
            return Ok(Box::new(MultiGzDecoder::new(whole)));
        }
        if start == ZSTD {
            return Ok(Box::new(zstd::stream::Decoder::with_buffer(whole).map_err(failed)?));
        }
        Ok(Box::new(whole))
    }
}

/// What the system says, without its number.
pub fn io_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

struct Counted<R, F> {
    inner: R,
    count: F,
}

impl<R: Read, F: Fn(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(buffer)?;
        (self.count)(bytes as u64);
        Ok(bytes)
    }
}

/// The start of a content, and the content from the start.
///
/// **Errors** those of reading.
pub(crate) fn peeked(mut content: Box<dyn Read + Send>, bytes: usize) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut start = Vec::new();
    (&mut content).take(bytes as u64).read_to_end(&mut start)?;
    let whole = Cursor::new(start.clone()).chain(content);
    Ok((start, Box::new(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_tells_the_format() {
        for (name, format) in [
            ("a.csv", Some(Format::Csv)),
            ("b/a.CSV.gz", Some(Format::Csv)),
            ("a.tsv.zst", Some(Format::Tsv)),
            ("a.jsonl", Some(Format::Ndjson)),
            ("a.log", None),
            ("a.gz", None),
            ("-", None),
        ] {
            assert_eq!(Format::of_path(Path::new(name)), format, "{name}");
        }
    }
}
