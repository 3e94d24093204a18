//! What a spec and a command line say of how files are read.
//!
//! The one idea: this is a reader's matter and no part of a rollup: the kernel skips `read` and what a column says of its
//! `format`, `from` and `suffix`, and the bytes are those of the same rows handed over by a host.

use super::input::Format;
use super::logs;
use super::time_format::TimeFormat;
use isofold::Type;
use isofold::{Code, Error, Result};
use isofold_facade::json::Json;
use isofold_facade::Declared;

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct Directions {
    /// The format; where nothing is said, the name of the file tells it.
    pub format: Option<Format>,
    /// What separates fields of CSV.
    pub delimiter: Option<u8>,
    /// What stands before the decimals of numbers, where it is no point.
    pub has_decimal_comma: bool,
    /// Texts that are no value, beside the empty one.
    pub null: Vec<String>,
    /// Texts that are true, beside those of PostgreSQL.
    pub true_words: Vec<String>,
    /// Texts that are false, beside those of PostgreSQL.
    pub false_words: Vec<String>,
    /// Whether spaces around values are taken away.
    pub trims: bool,
    /// What columns say.
    pub columns: Vec<ColumnDirections>,
}

/// How one column is read.
#[derive(Clone, Debug)]
pub struct ColumnDirections {
    /// The declared name.
    pub name: String,
    /// Names in the file whose texts, joined by a space, are the column; its own where nothing is said.
    pub from: Vec<String>,
    /// The form of its times.
    pub format: Option<TimeFormat>,
    /// What follows numbers: `%`, ` ms`.
    pub suffix: Option<String>,
}

/// What a command line says of reading.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadOptions {
    /// The format of the files, where their names do not tell it
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// What separates the fields of CSV
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<String>,
    /// A text that is no value, beside the empty one; may be given again
    #[arg(long, value_name = "TEXT")]
    pub null: Vec<String>,
    /// What stands before the decimals of numbers
    #[arg(long, value_name = "CHARACTER", value_parser = [".", ","])]
    pub decimal: Option<String>,
    /// Take spaces around values away
    #[arg(long)]
    pub trim: bool,
    /// The form of times, as strftime writes it: '%d/%b/%Y:%H:%M:%S %z'
    #[arg(long, value_name = "FORM")]
    pub time_format: Option<String>,
    /// The zone of times that have none: Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
}

const KEYS: [&str; 7] = ["format", "delimiter", "decimal", "null", "true", "false", "trim"];

fn refused(path: &str, words: impl Into<String>) -> Error {
    Error::new(Code::SpecInvalid, words).within(path).within("spec")
}

fn field<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    let Json::Object(entries) = json else { return None };
    entries.iter().find(|(name, _)| name == key).map(|(_, value)| value).filter(|value| **value != Json::Null)
}

fn text<'j>(json: &'j Json, path: &str) -> Result<&'j str> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(refused(path, format!("a text is expected, got {}", other.kind()))),
    }
}

/// A text, or several.
fn texts(json: Option<&Json>, path: &str) -> Result<Vec<String>> {
    match json {
        None => Ok(Vec::new()),
        Some(Json::Array(items)) => items.iter().map(|item| text(item, path).map(str::to_owned)).collect(),
        Some(one) => Ok(vec![text(one, path)?.to_owned()]),
    }
}

/// The byte that separates fields.
///
/// **Errors** what a delimiter is, in words.
pub fn delimiter_of(text: &str) -> Result<u8, String> {
    match text {
        "\\t" | "tab" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
            _ => Err(format!("a delimiter is one character of ASCII that is no quote and no line end, got '{text}'")),
        },
    }
}

impl Directions {
    /// What a spec says, and then the command line, which has the last word; the zone that it tells goes into the spec.
    ///
    /// **Errors** `spec.invalid`, `spec.unknown_key` for what a spec says of reading, `host.argument` for an option.
    pub fn new(spec: &mut Json, options: &ReadOptions) -> Result<Self> {
        let mut directions = Self::of_spec(spec)?;
        let wrong = |words: String| Error::new(Code::HostArgument, words);
        directions.format = options.format.or(directions.format);
        if let Some(text) = &options.delimiter {
            directions.delimiter = Some(delimiter_of(text).map_err(wrong)?);
        }
        if let Some(text) = &options.decimal {
            directions.has_decimal_comma = text == ",";
        }
        directions.null.extend(options.null.iter().cloned());
        directions.trims |= options.trim;
        if let Some(format) = &options.time_format {
            let format = TimeFormat::new(format).map_err(|error| wrong(error.message().to_owned()))?;
            let time = field(spec, "time").and_then(|time| text(time, "time").ok()).unwrap_or_default().to_owned();
            directions.column_mut(&time).format = Some(format);
        }
        if let Some(zone) = &options.timezone {
            put_zone(spec, zone);
        }
        Ok(directions)
    }

    fn of_spec(spec: &Json) -> Result<Self> {
        let mut directions = Self::default();
        if let Some(read) = field(spec, "read") {
            let Json::Object(entries) = read else {
                return Err(refused("read", format!("an object is expected, got {}", read.kind())));
            };
            if let Some((key, _)) = entries.iter().find(|(key, _)| !KEYS.contains(&key.as_str())) {
                let message = format!("the key {key} is unknown, known are {}", KEYS.join(", "));
                return Err(Error::new(Code::SpecUnknownKey, message).within(key).within("read").within("spec"));
            }
            if let Some(json) = field(read, "format") {
                let name = text(json, "read.format")?;
                let format =
                    Format::named(name).ok_or_else(|| refused("read.format", format!("no format is {name}")))?;
                directions.format = Some(format);
            }
            if let Some(json) = field(read, "delimiter") {
                let byte = delimiter_of(text(json, "read.delimiter")?);
                directions.delimiter = Some(byte.map_err(|words| refused("read.delimiter", words))?);
            }
            directions.has_decimal_comma =
                match field(read, "decimal").map(|json| text(json, "read.decimal")).transpose()? {
                    None | Some(".") => false,
                    Some(",") => true,
                    Some(other) => {
                        return Err(refused("read.decimal", format!("a point or a comma is expected, got {other}")))
                    }
                };
            directions.null = texts(field(read, "null"), "read.null")?;
            directions.true_words = texts(field(read, "true"), "read.true")?;
            directions.false_words = texts(field(read, "false"), "read.false")?;
            directions.trims = match field(read, "trim") {
                None => false,
                Some(Json::Bool(trims)) => *trims,
                Some(other) => {
                    return Err(refused("read.trim", format!("true or false is expected, got {}", other.kind())))
                }
            };
        }
        if let Some(Json::Object(columns)) = field(spec, "columns") {
            for (name, column) in columns {
                let path = |key: &str| format!("columns.{name}.{key}");
                let from = texts(field(column, "from"), &path("from"))?;
                let format = match field(column, "format") {
                    Some(json) => {
                        let source = text(json, &path("format"))?;
                        Some(TimeFormat::new(source).map_err(|error| error.within(&path("format")).within("spec"))?)
                    }
                    None => None,
                };
                let suffix = field(column, "suffix").map(|json| text(json, &path("suffix"))).transpose()?;
                let suffix = suffix.map(str::to_owned);
                if !from.is_empty() || format.is_some() || suffix.is_some() {
                    directions.columns.push(ColumnDirections { name: name.clone(), from, format, suffix });
                }
            }
        }
        Ok(directions)
    }

    /// What a column says.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnDirections> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Says what lines of the common and combined log formats are: `-` is no value, and times have their form.
    pub fn of_log(&mut self, columns: &[Declared]) {
        self.null.push(logs::NULL.to_owned());
        let times = columns.iter().filter(|column| column.column_type.data_type == Type::Timestamp);
        for column in times {
            let said = self.column_mut(&column.name);
            if said.format.is_none() {
                said.format = TimeFormat::new(logs::TIME).ok();
            }
        }
    }

    fn column_mut(&mut self, name: &str) -> &mut ColumnDirections {
        let at = self.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
            let name = name.to_owned();
            self.columns.push(ColumnDirections { name, from: Vec::new(), format: None, suffix: None });
            self.columns.len() - 1
        });
        &mut self.columns[at]
    }
}

/// Says of every timestamp that says nothing whose clock it was.
fn put_zone(spec: &mut Json, zone: &str) {
    let Json::Object(entries) = spec else { return };
    let Some((_, Json::Object(columns))) = entries.iter_mut().find(|(key, _)| key == "columns") else { return };
    let said = ("timezone".to_owned(), Json::from(zone));
    for (_, column) in columns {
        match column {
            Json::Text(kind) if kind.starts_with("timestamp") => {
                *column = Json::Object(vec![("type".to_owned(), Json::from(kind.as_str())), said.clone()]);
            }
            Json::Object(fields) => {
                let is_time = fields.iter().any(|(key, value)| {
                    key == "type" && matches!(value, Json::Text(kind) if kind.starts_with("timestamp"))
                });
                if is_time && !fields.iter().any(|(key, _)| key == "timezone") {
                    fields.push(said.clone());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spec: &str) -> Result<Directions> {
        Directions::new(&mut Json::from_text(spec).expect("JSON"), &ReadOptions::default())
    }

    #[test]
    fn a_spec_says_how_its_files_are_read() {
        let directions = read(
            r#"{"read": {"format": "csv", "delimiter": "\t", "decimal": ",", "null": "-", "true": ["Ja"], "trim": true},
            "columns": {"ts": {"type": "timestamp", "format": "%d.%m.%Y", "from": ["day"]}, "x": "int64"}}"#,
        );
        let directions = directions.expect("directions");
        assert_eq!((directions.delimiter, directions.has_decimal_comma, directions.trims), (Some(b'\t'), true, true));
        assert_eq!(directions.column("ts").map(|column| column.from.clone()), Some(vec!["day".to_owned()]));
        assert!(directions.column("x").is_none());
    }

    #[test]
    fn what_is_wrong_with_it_is_told_with_its_place() {
        for (spec, path) in [
            (r#"{"read": 1}"#, "spec.read"),
            (r#"{"read": {"nulls": []}}"#, "spec.read.nulls"),
            (r#"{"read": {"delimiter": "ab"}}"#, "spec.read.delimiter"),
            (r#"{"columns": {"ts": {"type": "timestamp", "format": "%H"}}}"#, "spec.columns.ts.format"),
        ] {
            assert_eq!(read(spec).expect_err(spec).path(), path);
        }
    }

    #[test]
    fn a_zone_of_the_command_line_goes_into_the_spec() {
        let mut spec = Json::from_text(
            r#"{"columns": {"a": "timestamp[s]", "b": {"type": "timestamp", "timezone": "UTC"}, "c": "int64"}}"#,
        )
        .expect("JSON");
        let options = ReadOptions { timezone: Some("Europe/Rome".into()), ..ReadOptions::default() };
        Directions::new(&mut spec, &options).expect("directions");
        let right = r#"{"columns":{"a":{"type":"timestamp[s]","timezone":"Europe/Rome"},"b":{"type":"timestamp","timezone":"UTC"},"c":"int64"}}"#;
        assert_eq!(spec.to_string(), right);
    }
}
