//! What one column holds.

use super::times::{self, TextTimes};
use super::words;
use crate::read::directions::Directions;
use crate::read::{CellReader, NULL_WORDS};
use isofold::value::{ColumnType, TimeUnit, Type};
use isofold_facade::{Cell, Declared};
use std::collections::{BTreeMap, HashSet};

/// What a column holds.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Rows that have a value.
    pub present: usize,
    /// Different values.
    pub distinct: usize,
    /// The value of each row as text; nothing where there is none.
    pub texts: Vec<Option<String>>,
    /// Words in it that are no value.
    pub null_words: Vec<String>,
}

/// What values are.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Nothing is there.
    Nothing,
    Bool,
    Int64,
    Float64 {
        /// Whether numbers end with a sign of percent.
        has_percent: bool,
    },
    /// Texts that are times.
    Times(TextTimes),
    /// Times as the format has them: whether they have no zone, and in µs.
    Native {
        is_local: bool,
        us: Vec<i64>,
    },
    /// Numbers that count a unit since the epoch.
    Epoch(TimeUnit, Vec<i64>),
    String,
    /// Arrays, objects, kinds that differ from row to row.
    Other(String),
}

/// How numbers are written in a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Writing {
    /// Whether a comma stands before the decimals.
    pub has_decimal_comma: bool,
    /// Whether values have spaces around them.
    pub trims: bool,
}

impl Writing {
    /// How the texts of a file are written: with a comma where some numbers have one and none has a point.
    pub fn of(columns: &[(String, Vec<Cell<'static>>)], delimiter: u8) -> Self {
        let texts = || {
            columns.iter().flat_map(|(_, cells)| cells).filter_map(|cell| {
                if let Cell::Text(text) = cell {
                    Some(text.as_ref())
                } else {
                    None
                }
            })
        };
        let is_number = |text: &str, point: char| {
            let text = text.trim().trim_end_matches('%').trim();
            let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
            unsigned.split_once(point).is_some_and(|(whole, part)| {
                !whole.is_empty()
                    && !part.is_empty()
                    && (whole.len() + part.len()) < 25
                    && [whole, part].iter().all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            })
        };
        let count = |point| texts().filter(|text| is_number(text, point)).count();
        let has_decimal_comma = delimiter != b',' && count(',') > 0 && count(',') > 4 * count('.');
        // a few texts with spaces at an end are texts
        let padded = texts().filter(|text| text.trim() != *text && !text.trim().is_empty()).count();
        Self { has_decimal_comma, trims: padded * 20 > texts().count() }
    }
}

impl Found {
    /// Looks at the values of a column.
    pub fn of(name: &str, cells: &[Cell<'static>], writing: Writing, is_text_file: bool) -> Self {
        let texts: Vec<Option<String>> = cells
            .iter()
            .map(text)
            .map(|text| {
                text.map(|text| if writing.trims { text.trim().to_owned() } else { text })
                    .filter(|text| !text.is_empty())
            })
            .collect();
        let mut found =
            Self { name: name.to_owned(), kind: Kind::Nothing, present: 0, distinct: 0, texts, null_words: Vec::new() };
        let is_of_texts = cells.iter().all(|cell| matches!(cell, Cell::Null | Cell::Text(_)));
        if is_of_texts && is_text_file {
            found.kind = found.of_texts(writing);
        } else if is_of_texts {
            // a text of a format that has numbers is no number
            let all: Vec<&str> = found.texts.iter().flatten().map(String::as_str).collect();
            let times = if all.is_empty() { None } else { times::of_texts(&all) };
            let are_digits = all.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            found.kind = match times {
                _ if all.is_empty() => Kind::Nothing,
                Some(times) if !are_digits => Kind::Times(times),
                _ => Kind::String,
            };
        } else {
            found.kind = of_cells(name, cells);
        }
        found.count();
        found
    }

    /// The same column of some rows alone.
    pub fn of_rows(&self, rows: &[usize]) -> Self {
        let texts = rows.iter().map(|row| self.texts[*row].clone()).collect();
        let mut found = Self { texts, ..self.clone() };
        found.count();
        if found.present == 0 {
            found.kind = Kind::Nothing;
        }
        found
    }

    fn count(&mut self) {
        let present = self.texts.iter().flatten();
        self.present = present.clone().count();
        self.distinct = present.collect::<HashSet<_>>().len();
    }

    fn of_texts(&mut self, writing: Writing) -> Kind {
        let all: Vec<&str> = self.texts.iter().flatten().map(String::as_str).collect();
        if all.is_empty() {
            return Kind::Nothing;
        }
        if let Some(kind) = narrow(&self.name, &all, writing) {
            return kind;
        }
        // words for no value among values of a narrower kind
        let rest: Vec<&str> = all.iter().copied().filter(|text| !NULL_WORDS.contains(text)).collect();
        if rest.len() == all.len() {
            return Kind::String;
        }
        if let Some(kind) = narrow(&self.name, &rest, writing).filter(|_| !rest.is_empty()) {
            let mut words: Vec<String> =
                all.iter().filter(|text| NULL_WORDS.contains(text)).map(|text| (*text).to_owned()).collect();
            words.sort();
            words.dedup();
            for text in &mut self.texts {
                if text.as_ref().is_some_and(|text| words.contains(text)) {
                    *text = None;
                }
            }
            self.null_words = words;
            return kind;
        }
        Kind::String
    }

    /// The times of a column, where it has some, and whether they have no zone.
    pub fn times(&self) -> Option<(&[i64], bool)> {
        match &self.kind {
            Kind::Times(times) => Some((&times.us, times.is_local)),
            Kind::Native { is_local, us } => Some((us, *is_local)),
            Kind::Epoch(_, us) => Some((us, false)),
            _ => None,
        }
    }
}

fn text(cell: &Cell<'static>) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) | Cell::Decimal(text) => Some(text.to_string()),
        Cell::Int64(value) | Cell::Timestamp(value, _) | Cell::Local(value, _) => Some(value.to_string()),
        other => Some(other.to_string()),
    }
}

/// A kind that is narrower than a text, if all texts are of it.
fn narrow(name: &str, texts: &[&str], writing: Writing) -> Option<Kind> {
    let directions = Directions { has_decimal_comma: writing.has_decimal_comma, ..Directions::default() };
    let reader = |data_type| CellReader::new(&Declared::plain(name, data_type), &directions);
    let fits = |data_type: Type, accepts: &dyn Fn(Cell<'_>) -> bool| {
        let reader = reader(data_type);
        texts.iter().all(|text| accepts(reader.read(text)))
    };
    // digits with zeros before them say which one, and lose them as numbers
    let are_codes = texts
        .iter()
        .any(|text| text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(times) =
        times::of_texts(texts).filter(|times| times.format.is_none() || !are_codes || times.us.len() > 1)
    {
        let is_plausible = times.us.iter().all(|us| (0..4_102_444_800_000_000).contains(us));
        let are_digits = texts.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        if !are_digits || is_plausible && words::is_time(name) {
            return Some(Kind::Times(times));
        }
    }
    let are_words = texts.iter().any(|text| text.bytes().any(|byte| byte.is_ascii_alphabetic()));
    if are_words && fits(Type::Bool, &|cell| matches!(cell, Cell::Bool(_))) {
        return Some(Kind::Bool);
    }
    if are_codes {
        return None;
    }
    if fits(Type::Int64, &|cell| matches!(cell, Cell::Int64(_))) {
        let values: Vec<i64> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        return Some(epoch_of(name, &values).unwrap_or(Kind::Int64));
    }
    if fits(Type::Float64, &|cell| matches!(cell, Cell::Number(_))) {
        let whole: Option<Vec<i64>> = texts.iter().map(|text| text.split('.').next()?.parse().ok()).collect();
        let epoch = whole.and_then(|whole| epoch_of(name, &whole));
        return Some(epoch.unwrap_or(Kind::Float64 { has_percent: false }));
    }
    let bare: Option<Vec<&str>> = texts.iter().map(|text| text.strip_suffix('%')).collect();
    let reader = reader(Type::Float64);
    let are_percent = bare.is_some_and(|bare| bare.iter().all(|text| matches!(reader.read(text), Cell::Number(_))));
    are_percent.then_some(Kind::Float64 { has_percent: true })
}

/// The unit that numbers count since the epoch, where their name and size say so.
fn epoch_of(name: &str, values: &[i64]) -> Option<Kind> {
    if !words::is_time(name) || values.is_empty() {
        return None;
    }
    // 1990 to 2100
    let seconds = 631_152_000_i64..4_102_444_800;
    let units = [
        (TimeUnit::Second, 1),
        (TimeUnit::Millisecond, 1000),
        (TimeUnit::Microsecond, 1_000_000),
        (TimeUnit::Nanosecond, 1_000_000_000),
    ];
    let (unit, scale) =
        units.into_iter().find(|(_, scale)| values.iter().all(|value| seconds.contains(&(value / scale))))?;
    let us = values.iter().map(|value| if scale > 1_000_000 { value / 1000 } else { value * (1_000_000 / scale) });
    Some(Kind::Epoch(unit, us.collect()))
}

fn of_cells(name: &str, cells: &[Cell<'static>]) -> Kind {
    let mut kinds: BTreeMap<&'static str, usize> = BTreeMap::new();
    for cell in cells {
        let kind = match cell {
            Cell::Null => continue,
            Cell::Bool(_) => "bool",
            Cell::Int64(_) | Cell::UInt64(_) => "int64",
            Cell::Number(_) | Cell::Decimal(_) => "float64",
            Cell::Date(_) | Cell::Timestamp(..) => "instant",
            Cell::Local(..) => "local",
            Cell::Text(_) => "string",
            Cell::Other(_) => "other",
        };
        *kinds.entry(kind).or_default() += 1;
    }
    let kinds: Vec<&str> = kinds.into_keys().collect();
    let us = || {
        cells.iter().filter_map(|cell| match cell {
            Cell::Timestamp(value, unit) | Cell::Local(value, unit) => Some(match unit {
                TimeUnit::Second => value.saturating_mul(1_000_000),
                TimeUnit::Millisecond => value.saturating_mul(1000),
                TimeUnit::Microsecond => *value,
                TimeUnit::Nanosecond => value.div_euclid(1000),
            }),
            _ => None,
        })
    };
    match kinds[..] {
        [] => Kind::Nothing,
        ["bool"] => Kind::Bool,
        ["int64"] => {
            let values: Vec<i64> = cells
                .iter()
                .filter_map(|cell| if let Cell::Int64(value) = cell { Some(*value) } else { None })
                .collect();
            epoch_of(name, &values).unwrap_or(Kind::Int64)
        }
        ["float64"] | ["float64", "int64"] => Kind::Float64 { has_percent: false },
        ["instant"] => Kind::Native { is_local: false, us: us().collect() },
        ["local"] => Kind::Native { is_local: true, us: us().collect() },
        ["string"] => Kind::String,
        _ => Kind::Other(kinds.join(", ")),
    }
}

/// The type a spec declares for a kind.
pub fn type_of(kind: &Kind) -> Option<&'static str> {
    let unit = |unit| ColumnType { data_type: Type::Timestamp, unit: Some(unit) }.name();
    match kind {
        Kind::Nothing | Kind::Other(_) => None,
        Kind::Bool => Some("bool"),
        Kind::Int64 => Some("int64"),
        Kind::Float64 { .. } => Some("float64"),
        Kind::Times(_) | Kind::Native { .. } => Some("timestamp"),
        Kind::Epoch(of, _) => Some(unit(*of)),
        Kind::String => Some("string"),
    }
}
