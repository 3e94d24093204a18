//! A spec out of what columns hold.

use super::column::{type_of, Found, Kind, Writing};
use super::sample::Sample;
use super::times;
use super::words::{is_code, is_id, is_status, is_time, metric_name, quoted, words_of};
use crate::read::Format;
use isofold::{Code, Error, Result};
use isofold_facade::json::Json;
use std::path::Path;

/// Different values up to which a column is a key.
const MAX_KEY_VALUES: usize = 50;
/// Keys of a spec, and groups a bucket that their values make up to.
const MAX_KEYS: usize = 6;
const MAX_KEY_PRODUCT: usize = 20_000;
/// Columns of numbers past which less is kept of each.
const MANY_NUMBERS: usize = 24;
const MAX_NUMBERS: usize = 64;
/// Of those, columns of which percentiles are kept.
const WIDE_PERCENTILES: usize = 10;
const MINUTE_US: i64 = 60_000_000;

/// A spec, and what has to be said of it.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// The spec.
    pub spec: Json,
    /// What was guessed and what could not be read.
    pub notes: Vec<String>,
}

/// What is used as the time.
struct Time {
    /// The declared name.
    name: String,
    /// The columns of the file it is made of, where it is not one of its own.
    from: Vec<String>,
    format: Option<String>,
    is_local: bool,
    are_days: bool,
    us: Vec<i64>,
    /// Whether some row has none.
    has_gaps: bool,
}

/// The spec for a file of this name.
///
/// **Errors** `host.argument` for a file in which no column has times.
pub fn spec_of(sample: &Sample, path: &Path, timezone: Option<&str>) -> Result<Suggestion> {
    let mut notes = sample.notes.clone();
    let delimiter = sample.delimiter.unwrap_or(if sample.format == Format::Tsv { b'\t' } else { b',' });
    let writing = Writing::of(&sample.columns, delimiter);
    let is_text_file = !matches!(sample.format, Format::Json | Format::Ndjson | Format::Parquet | Format::Arrow);
    let found: Vec<Found> =
        sample.columns.iter().map(|(name, cells)| Found::of(name, cells, writing, is_text_file)).collect();
    let time = time_of(&found, sample.rows).ok_or_else(|| no_time(&found, sample))?;
    if let Some(found) = found.iter().find(|found| found.name == time.name) {
        if let Kind::Times(times) = &found.kind {
            if let (Some(form), Some(other)) = (&times.format, &times.other) {
                notes.push(format!("the times of {} are read as {form}, and {other} fits them, too: change it in the spec if months and days are the other way round", time.name));
            }
        }
    }
    if time.is_local && timezone.is_none() {
        notes.push(format!(
            "the times of {} have no zone and are taken as UTC: --timezone Europe/Berlin says whose clock they are",
            time.name
        ));
    }
    for found in &found {
        match &found.kind {
            Kind::Nothing => notes.push(format!("{} has no value and is left out", found.name)),
            Kind::Other(what) => {
                notes.push(format!("{} is left out: its values are of kinds that no column takes ({what})", found.name))
            }
            _ => {}
        }
    }
    let condition = time.has_gaps.then(|| condition(&found, &time, sample.rows)).flatten();
    if time.has_gaps && condition.is_none() {
        notes.push(format!("some rows have no {}: --on-row-error skip leaves them out", time.name));
    }
    let timed = timed_rows(&found, &time, sample.rows);
    let kept: Vec<Found> = found.iter().map(|column| column.of_rows(&timed)).collect();
    let body = body(&kept, &time, timed.len(), &mut notes);
    let mut spec = vec![("name".to_owned(), Json::from(name_of(path).as_str()))];
    spec.extend(read_of(sample, &found, writing, path).map(|read| ("read".to_owned(), read)));
    spec.push(("columns".to_owned(), Json::Object(columns(&found, &time, &body.used, condition.as_deref(), timezone))));
    spec.push(("time".to_owned(), Json::from(time.name.as_str())));
    spec.push(("bucket".to_owned(), Json::from(bucket(&time, sample.is_whole))));
    spec.push(("group_by".to_owned(), Json::Array(body.keys.iter().map(|key| Json::Text(quoted(key))).collect())));
    spec.extend(condition.map(|condition| ("where".to_owned(), Json::Text(condition))));
    spec.push(("select".to_owned(), Json::Object(body.select)));
    Ok(Suggestion { spec: Json::Object(spec), notes })
}

fn no_time(found: &[Found], sample: &Sample) -> Error {
    let shown = found.iter().take(8).map(|found| {
        let value =
            found.texts.iter().flatten().next().map_or_else(|| "nothing".to_owned(), |text| format!("\"{text:.40}\""));
        format!("{} ({value})", found.name)
    });
    let words = format!(
        "no column of the first {} rows has times; the columns are {}{}: a spec may say the form of one, {{\"type\": \"timestamp\", \"format\": \"%d.%m.%Y\"}}",
        sample.rows,
        shown.collect::<Vec<_>>().join(", "),
        if found.len() > 8 { ", …" } else { "" }
    );
    Error::new(Code::HostArgument, words)
}

/// The column of times that most rows have and that tells most, or a day and a time of day together.
fn time_of(found: &[Found], rows: usize) -> Option<Time> {
    let mut candidates: Vec<(i64, Time)> = Vec::new();
    for column in found {
        let Some((us, is_local)) = column.times() else { continue };
        let (format, are_days) = match &column.kind {
            Kind::Times(times) => (times.format.clone(), times.are_days),
            _ => (None, !us.is_empty() && is_local && us.iter().all(|us| us % 86_400_000_000 == 0)),
        };
        let share = (column.present * 100 / rows.max(1)) as i64;
        let score =
            share * 10 + i64::from(!are_days) * 200 + i64::from(!is_local) * 20 + i64::from(is_time(&column.name)) * 30;
        let time = Time {
            name: column.name.clone(),
            from: Vec::new(),
            format,
            is_local,
            are_days,
            us: us.to_vec(),
            has_gaps: column.present < rows,
        };
        candidates.push((score, time));
    }
    candidates.extend(joined_time(found).map(|time| (1250, time)));
    let best = candidates.iter().map(|(score, _)| *score).max()?;
    candidates.into_iter().find(|(score, _)| *score == best).map(|(_, time)| time)
}

/// A day and a time of day in two columns.
fn joined_time(found: &[Found]) -> Option<Time> {
    let texts = |column: &Found| column.texts.iter().cloned().collect::<Option<Vec<String>>>();
    let clock = found.iter().find(|column| {
        let texts: Vec<&str> = column.texts.iter().flatten().map(String::as_str).collect();
        !texts.is_empty() && texts.len() == column.texts.len() && times::clock_of(&texts).is_some()
    })?;
    let clocks = texts(clock)?;
    let clocks: Vec<&str> = clocks.iter().map(String::as_str).collect();
    for day in found.iter().filter(|day| day.name != clock.name) {
        let Some(days) = texts(day) else { continue };
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        if let Some(times) = times::joined(&days, &clocks) {
            let taken = |name: &str| found.iter().any(|column| column.name == name);
            let name = ["ts", "at", "timestamp", "moment"].into_iter().find(|name| !taken(name))?;
            return Some(Time {
                name: name.to_owned(),
                from: vec![day.name.clone(), clock.name.clone()],
                format: times.format,
                is_local: times.is_local,
                are_days: false,
                us: times.us,
                has_gaps: false,
            });
        }
    }
    None
}

/// The rows that have a time.
fn timed_rows(found: &[Found], time: &Time, rows: usize) -> Vec<usize> {
    let timed = found.iter().find(|column| time.has_gaps && column.name == time.name);
    (0..rows).filter(|row| timed.is_none_or(|timed| timed.texts[*row].is_some())).collect()
}

/// What tells rows that have a time from those that have none.
fn condition(found: &[Found], time: &Time, rows: usize) -> Option<String> {
    let timed = found.iter().find(|column| column.name == time.name)?;
    for column in found.iter().filter(|column| matches!(column.kind, Kind::String) && column.present == rows) {
        let with: Vec<&String> =
            (0..rows).filter(|row| timed.texts[*row].is_some()).filter_map(|row| column.texts[row].as_ref()).collect();
        let without = (0..rows).filter(|row| timed.texts[*row].is_none()).filter_map(|row| column.texts[row].as_ref());
        let first = with.first()?;
        if with.iter().all(|text| text == first) && without.clone().all(|text| text != *first) {
            return Some(format!("{} = '{}'", quoted(&column.name), first.replace('\'', "''")));
        }
    }
    Some(format!("{} is not null", quoted(&time.name)))
}

/// A bucket of which the times make more than a few.
fn bucket(time: &Time, is_whole: bool) -> &'static str {
    let (Some(first), Some(last)) = (time.us.iter().min(), time.us.iter().max()) else { return "1 hour" };
    if time.are_days {
        return "1 day";
    }
    if is_whole && last - first < 180 * MINUTE_US {
        "1 minute"
    } else {
        "1 hour"
    }
}

/// What a spec says of reading.
fn read_of(sample: &Sample, found: &[Found], writing: Writing, path: &Path) -> Option<Json> {
    let mut read: Vec<(&str, Json)> = Vec::new();
    if Format::of_path(path) != Some(sample.format) {
        let name = clap::ValueEnum::to_possible_value(&sample.format)?;
        read.push(("format", Json::from(name.get_name())));
    }
    if let Some(delimiter) = sample.delimiter {
        let text = if delimiter == b'\t' { "tab".to_owned() } else { char::from(delimiter).to_string() };
        read.push(("delimiter", Json::Text(text)));
    }
    if writing.has_decimal_comma {
        read.push(("decimal", Json::from(",")));
    }
    let mut null: Vec<&String> = found.iter().flat_map(|found| &found.null_words).collect();
    null.sort();
    null.dedup();
    if !null.is_empty() {
        read.push(("null", Json::Array(null.into_iter().map(|word| Json::from(word.as_str())).collect())));
    }
    if writing.trims {
        read.push(("trim", Json::Bool(true)));
    }
    (!read.is_empty()).then(|| Json::object(read))
}

fn columns(
    found: &[Found],
    time: &Time,
    used: &[String],
    condition: Option<&str>,
    timezone: Option<&str>,
) -> Vec<(String, Json)> {
    let mut columns = Vec::new();
    let timed = |column: &mut Vec<(&str, Json)>| {
        column.extend(time.format.as_deref().map(|format| ("format", Json::from(format))));
        column.extend(timezone.filter(|_| time.is_local).map(|zone| ("timezone", Json::from(zone))));
    };
    let put = |name: &str, mut column: Vec<(&str, Json)>| {
        let json = if column.len() == 1 { column.remove(0).1 } else { Json::object(column) };
        (name.to_owned(), json)
    };
    if !time.from.is_empty() {
        let from = Json::Array(time.from.iter().map(|name| Json::from(name.as_str())).collect());
        let mut column = vec![("type", Json::from("timestamp")), ("from", from)];
        timed(&mut column);
        columns.push(put(&time.name, column));
    }
    for column in found {
        let is_time = column.name == time.name && time.from.is_empty();
        let is_condition =
            condition.is_some_and(|condition| condition.starts_with(&format!("{} ", quoted(&column.name))));
        if !is_time && !is_condition && !used.contains(&column.name) {
            continue;
        }
        let Some(kind) = type_of(&column.kind) else { continue };
        let mut said = vec![("type", Json::from(kind))];
        if is_time {
            timed(&mut said);
        } else if let Kind::Times(times) = &column.kind {
            said.extend(times.format.as_deref().map(|format| ("format", Json::from(format))));
        }
        if let Kind::Float64 { has_percent: true } = column.kind {
            said.push(("suffix", Json::from("%")));
        }
        columns.push(put(&column.name, said));
    }
    columns
}

/// Keys, metrics, and the columns that they need.
struct Body {
    keys: Vec<String>,
    select: Vec<(String, Json)>,
    used: Vec<String>,
}

fn body(found: &[Found], time: &Time, rows: usize, notes: &mut Vec<String>) -> Body {
    let mut body = Body { keys: Vec::new(), select: Vec::new(), used: Vec::new() };
    let others: Vec<&Found> =
        found.iter().filter(|column| column.name != time.name && !time.from.contains(&column.name)).collect();
    body.keys = keys(&others, rows);
    body.used.extend(body.keys.iter().cloned());
    body.put("count", "", "count(*)".to_owned());
    let numbers: Vec<&&Found> =
        others.iter().filter(|column| is_number(column) && !body.keys.contains(&column.name)).collect();
    if numbers.len() > MAX_NUMBERS {
        notes.push(format!(
            "of {} columns of numbers the first {MAX_NUMBERS} are kept; a spec may name others",
            numbers.len()
        ));
    }
    let is_wide = numbers.len() > MANY_NUMBERS;
    for (place, column) in numbers.iter().take(MAX_NUMBERS).enumerate() {
        let (name, of) = (column.name.as_str(), quoted(&column.name));
        body.used.push(column.name.clone());
        body.put("sum", name, format!("sum({of})"));
        body.put("avg", name, format!("avg({of})"));
        if !is_wide {
            body.put("min", name, format!("min({of})"));
            body.put("max", name, format!("max({of})"));
            body.put("p50", name, format!("approx_percentile(0.5, percentile_agg({of}))"));
        }
        if !is_wide || place < WIDE_PERCENTILES {
            body.put("p95", name, format!("approx_percentile(0.95, percentile_agg({of}))"));
        }
        if !is_wide {
            body.put("p99", name, format!("approx_percentile(0.99, percentile_agg({of}))"));
        }
    }
    body.total(&numbers);
    for column in &others {
        let of = quoted(&column.name);
        let is_key = body.keys.contains(&column.name);
        match column.kind {
            Kind::Bool if !is_key => {
                body.used.push(column.name.clone());
                body.put("count", &column.name, format!("count(*) filter (where {of})"));
            }
            Kind::Int64 if is_status(&column.name) && looks_like_status(column) => {
                body.used.push(column.name.clone());
                body.put("errors", "", format!("count(*) filter (where {of} >= 400)"));
                body.put("error_rate_pct", "", "100 * errors / count".to_owned());
            }
            Kind::String | Kind::Int64 if !is_number(column) && column.distinct > 1 => {
                body.used.push(column.name.clone());
                body.put("distinct", &column.name, format!("approx_count_distinct({of})"));
            }
            _ => {}
        }
    }
    body
}

/// Whether a column has numbers that are added up.
fn is_number(column: &Found) -> bool {
    match column.kind {
        Kind::Float64 { .. } => true,
        Kind::Int64 => !is_id(&column.name) && !is_code(&column.name),
        _ => false,
    }
}

fn looks_like_status(column: &Found) -> bool {
    column
        .texts
        .iter()
        .flatten()
        .all(|text| text.parse::<i64>().is_ok_and(|code| code == 0 || (100..600).contains(&code)))
}

/// Columns of few values, those that vary first.
fn keys(columns: &[&Found], rows: usize) -> Vec<String> {
    let most = MAX_KEY_VALUES.min((rows / 2).max(2));
    let is_candidate = |column: &&&Found| match column.kind {
        Kind::String => !is_id(&column.name) || column.distinct > 1 && column.distinct <= 12,
        Kind::Int64 => is_code(&column.name),
        _ => false,
    };
    let mut candidates: Vec<(usize, &Found)> =
        columns.iter().filter(is_candidate).filter(|column| column.distinct <= most).copied().enumerate().collect();
    // one value tells nothing now, and may not be the only one of the whole file
    candidates.sort_by_key(|(at, column)| (column.distinct < 2, column.distinct, *at));
    let mut product = 1;
    let mut keys: Vec<(usize, String)> = Vec::new();
    for (at, column) in candidates {
        if keys.len() < MAX_KEYS && product * column.distinct <= MAX_KEY_PRODUCT {
            product *= column.distinct.max(1);
            keys.push((at, column.name.clone()));
        }
    }
    keys.sort();
    keys.into_iter().map(|(_, name)| name).collect()
}

impl Body {
    /// Adds a metric under a name that is not taken.
    fn put(&mut self, prefix: &str, name: &str, expression: String) {
        let name = metric_name(prefix, name);
        let is_taken =
            |name: &str| self.select.iter().any(|(known, _)| known == name) || self.keys.iter().any(|key| key == name);
        let free = (1..)
            .map(|number| if number == 1 { name.clone() } else { format!("{name}_{number}") })
            .find(|name| !is_taken(name));
        self.select.extend(free.map(|name| (name, Json::Text(expression))));
    }

    /// The sum of a row of columns whose names are times of a day or numbers: `00:00 - 00:30`, `h01`.
    fn total(&mut self, numbers: &[&&Found]) {
        let shape = |name: &str| {
            words_of(name)
                .iter()
                .map(|word| word.replace(|c: char| c.is_ascii_digit(), "0"))
                .collect::<Vec<_>>()
                .join("_")
        };
        let Some(first) = numbers.first().map(|column| shape(&column.name)) else { return };
        let alike: Vec<String> =
            numbers.iter().filter(|column| shape(&column.name) == first).map(|column| quoted(&column.name)).collect();
        if alike.len() >= 8 && alike.len() <= MAX_NUMBERS && first.contains('0') {
            let terms: Vec<String> = alike.iter().map(|name| format!("coalesce(sum({name}), 0)")).collect();
            self.put("total", "", terms.join(" + "));
        }
    }
}

/// A name for a rollup out of that of a file.
fn name_of(path: &Path) -> String {
    let stem = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let stem = stem.split('.').next().unwrap_or_default();
    let name: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let name = name.trim_matches('_');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("rollup_{name}").trim_end_matches('_').to_owned()
    } else {
        name.to_owned()
    }
}
