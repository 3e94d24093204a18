//! Blocks of JSON objects: rows whose keys are columns, also nested ones by their path (`data.tags.url`).

use super::blocks::Records;
use super::cells::CellReader;
use super::directions::Directions;
use isofold::value::Type;
use isofold::{Code, Error, Result};
use isofold_facade::unread::{no_row, unread};
use isofold_facade::{Batch, Cell, ColumnBuilder, Declared};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys that are told to who looks for typing errors.
const MAX_KEYS: usize = 64;
/// Rows of a block that are looked at for them, where not all are.
const LOOKED_AT: usize = 100;

/// Which keys are which columns.
#[derive(Debug)]
pub struct Keys {
    file: Arc<str>,
    root: Node,
    columns: Vec<KeyColumn>,
    /// Whether every key is told, or those of rows that lack a column.
    tells_all: bool,
    /// What keys rows have.
    seen: Mutex<BTreeSet<String>>,
}

#[derive(Debug)]
struct KeyColumn {
    name: String,
    parts: Vec<usize>,
    /// The reader of texts, where the column wants one.
    reader: Option<CellReader>,
}

/// Keys below one.
#[derive(Debug, Default)]
struct Node {
    cell: Option<usize>,
    children: Vec<(String, Node)>,
}

impl Node {
    fn child(&mut self, name: &str) -> &mut Node {
        let at = self.children.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.children.push((name.to_owned(), Node::default()));
            self.children.len() - 1
        });
        &mut self.children[at].1
    }
}

impl Keys {
    /// The keys of declared columns: a name with points is a key, or keys of objects inside one another.
    pub fn new(file: &Arc<str>, declared: &[Declared], directions: &Directions, tells_all: bool) -> Self {
        let mut root = Node::default();
        let mut cells = 0;
        let mut columns = Vec::new();
        for column in declared {
            let said = directions.column(&column.name);
            let from = said.map(|said| said.from.clone()).unwrap_or_default();
            let names = if from.is_empty() { vec![column.name.clone()] } else { from };
            let mut parts = Vec::new();
            for name in &names {
                // two columns may be read of one key
                let known = root.children.iter().find(|(key, _)| key == name).and_then(|(_, node)| node.cell);
                let cell = known.unwrap_or_else(|| {
                    cells += 1;
                    cells - 1
                });
                root.child(name).cell = Some(cell);
                if name.contains('.') {
                    name.split('.').fold(&mut root, |node, key| node.child(key)).cell = Some(cell);
                }
                parts.push(cell);
            }
            let wants = said.is_some_and(|said| said.format.is_some() || said.suffix.is_some() || names.len() > 1)
                || !directions.null.is_empty()
                || directions.has_decimal_comma
                || !directions.true_words.is_empty() && column.column_type.data_type == Type::Bool;
            let reader = wants.then(|| CellReader::new(column, directions));
            columns.push(KeyColumn { name: column.name.clone(), parts, reader });
        }
        Self { file: file.clone(), root, columns, tells_all, seen: Mutex::default() }
    }

    /// The keys that rows have, as far as they matter.
    pub fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn cells(&self) -> usize {
        self.columns.iter().flat_map(|column| &column.parts).max().map_or(0, |last| last + 1)
    }
}

/// Objects of a file, to be read by the thread that folds them.
pub struct JsonBlock {
    bytes: Vec<u8>,
    records: Records,
    keys: Arc<Keys>,
}

impl JsonBlock {
    /// A block of a file.
    pub fn new(bytes: Vec<u8>, records: Records, keys: &Arc<Keys>) -> Self {
        Self { bytes, records, keys: keys.clone() }
    }

    /// Number of records.
    pub fn rows(&self) -> usize {
        self.records.ranges.len()
    }

    /// The objects as columns; what is none is refused as a row.
    ///
    /// **Errors** `ingest.text` for bytes that are not UTF-8.
    pub fn read(&self) -> Result<Batch<'_>> {
        let keys = &*self.keys;
        let mut builders: Vec<ColumnBuilder<'_>> = keys.columns.iter().map(|_| ColumnBuilder::new()).collect();
        let mut cells: Vec<Option<Cell<'_>>> = vec![None; keys.cells()];
        let mut is_present = vec![false; keys.columns.len()];
        let mut refused = Vec::new();
        for row in 0..self.rows() {
            cells.fill(None);
            if let Err(error) = self.row(row, &mut cells) {
                cells.fill(None);
                refused.push((row, error?));
            }
            for ((column, builder), is_present) in keys.columns.iter().zip(&mut builders).zip(&mut is_present) {
                *is_present |= column.parts.iter().all(|part| cells[*part].is_some());
                builder.push(column.cell(&mut cells));
            }
        }
        let mut batch = Batch::new(self.rows())?;
        for (column, builder) in keys.columns.iter().zip(builders) {
            batch.add(&column.name, builder.finish())?;
        }
        self.tell_keys(&is_present);
        for (row, error) in refused {
            batch.refuse(row, error);
        }
        Ok(batch)
    }

    fn record(&self, row: usize) -> &[u8] {
        let (start, end) = self.records.ranges[row];
        &self.bytes[start as usize..end as usize]
    }

    /// The cells of a row; what refuses the row, or the file.
    fn row<'b>(&'b self, row: usize, cells: &mut [Option<Cell<'b>>]) -> Result<(), Result<Error>> {
        let line = self.records.lines[row];
        let file = &self.keys.file;
        let text = std::str::from_utf8(self.record(row))
            .map_err(|_| Err(Error::new(Code::IngestText, format!("line {line} of {file} is not UTF-8"))))?;
        let mut json = serde_json::Deserializer::from_str(text);
        let visited = RowSeed { node: &self.keys.root, cells, is_root: true }.deserialize(&mut json);
        match visited.and_then(|kind| json.end().map(|()| kind)) {
            Ok(None) => Ok(()),
            Ok(Some(kind)) => {
                let words = format!("line {line} of {file}: {}", no_row(kind).message());
                Err(Ok(unread(words)))
            }
            Err(error) => {
                let words = error.to_string();
                let words = words.split(" at line ").next().unwrap_or_default();
                let at = line + error.line() as u64 - 1;
                let column = error.column();
                Err(Ok(unread(format!("line {at} of {file} is not JSON: {words} (column {column})"))))
            }
        }
    }

    /// Keeps the keys that rows have, where a column is in no row or all keys are asked for.
    fn tell_keys(&self, is_present: &[bool]) {
        let mut told: BTreeSet<String> = BTreeSet::new();
        let names = self.keys.columns.iter().zip(is_present).filter(|(_, is_present)| **is_present);
        told.extend(names.map(|(column, _)| column.name.clone()));
        if self.keys.tells_all || is_present.contains(&false) {
            let rows = if self.keys.tells_all { self.rows() } else { self.rows().min(LOOKED_AT) };
            for row in 0..rows {
                let found = serde_json::from_slice::<Names>(self.record(row));
                let is_known = |name: &str| self.keys.root.children.iter().any(|(known, _)| known == name);
                told.extend(found.into_iter().flat_map(|Names(names)| names).filter(|name| !is_known(name)));
            }
        }
        let mut seen = self.keys.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for name in told {
            if seen.len() < MAX_KEYS + self.keys.columns.len() {
                seen.insert(name);
            }
        }
    }
}

impl KeyColumn {
    fn cell<'b>(&self, cells: &mut [Option<Cell<'b>>]) -> Cell<'b> {
        if let [part] = self.parts[..] {
            let cell = cells[part].clone().unwrap_or(Cell::Null);
            return match (&self.reader, cell) {
                (Some(reader), Cell::Text(text)) => match reader.present(&text) {
                    None => Cell::Null,
                    Some(text) => reader.read(text).into_owned(),
                },
                (_, cell) => cell,
            };
        }
        let texts = self.parts.iter().map(|part| match &cells[*part] {
            Some(Cell::Text(text)) => Some(text.clone()),
            Some(Cell::Int64(number)) => Some(Cow::Owned(number.to_string())),
            _ => None,
        });
        match (texts.collect::<Option<Vec<_>>>(), &self.reader) {
            (Some(texts), Some(reader)) => reader.read(&texts.join(" ")).into_owned(),
            _ => Cell::Null,
        }
    }
}

/// The names of an object.
struct Names(Vec<String>);

impl<'de> serde::Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(NamesVisitor)
    }
}

/// Reads a value into the cells of its keys; tells what it is where no object is expected and none is there.
struct RowSeed<'n, 'c, 'b> {
    node: &'n Node,
    cells: &'c mut [Option<Cell<'b>>],
    is_root: bool,
}

impl<'b> RowSeed<'_, '_, 'b> {
    fn put(self, kind: &'static str, cell: Cell<'b>) -> Option<&'static str> {
        if self.is_root {
            return Some(kind);
        }
        if let Some(place) = self.node.cell {
            self.cells[place] = Some(cell);
        }
        None
    }
}

impl<'b> DeserializeSeed<'b> for RowSeed<'_, '_, 'b> {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'b>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for RowSeed<'_, '_, 'b> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.put("null", Cell::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.put("a bool", Cell::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.put("a number", Cell::Int64(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.put("a number", i64::try_from(value).map_or(Cell::UInt64(value), Cell::Int64)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.put("a number", Cell::Number(value.to_bits())))
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<Self::Value, E> {
        Ok(self.put("a text", Cell::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.put("a text", Cell::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.put("an array", Cell::Other("an array".into())))
    }

    fn visit_map<A: MapAccess<'b>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(child) = map.next_key_seed(KeySeed(self.node))? {
            match child {
                Some(node) => {
                    map.next_value_seed(RowSeed { node, cells: self.cells, is_root: false })?;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if let (Some(place), false) = (self.node.cell, self.is_root) {
            self.cells[place] = Some(Cell::Other("an object".into()));
        }
        Ok(None)
    }
}

/// Finds what a key is read for.
struct KeySeed<'n>(&'n Node);

impl<'n, 'b> DeserializeSeed<'b> for KeySeed<'n> {
    type Value = Option<&'n Node>;

    fn deserialize<D: Deserializer<'b>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for KeySeed<'n> {
    type Value = Option<&'n Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.children.iter().find(|(name, _)| name == key).map(|(_, node)| node))
    }
}
