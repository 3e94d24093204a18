//! Rows in columns that can be picked in any order: what shuffles and partitions are made of.

use isofold::value::ColumnType;
use isofold::Type;
use isofold_facade::json::Json;
use isofold_facade::{Batch, HostColumn, HostValues};
use std::borrow::Cow;
use std::collections::HashMap;

/// The values of a column.
#[derive(Clone, Debug)]
enum Values {
    Bool(Vec<bool>),
    Int64(Vec<i64>),
    Float64(Vec<u64>),
    Text(Vec<u32>, Vec<String>),
}

/// Named columns of one length, with NULLs.
#[derive(Clone, Debug)]
pub struct Table {
    rows: usize,
    columns: Vec<(String, Values, Vec<bool>)>,
}

impl Table {
    /// A table of no columns.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: Vec::new() }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn push(&mut self, name: &str, values: Values, valid: Vec<bool>) {
        assert_eq!(valid.len(), self.rows, "rows of {name}");
        self.columns.push((name.to_owned(), values, valid));
    }

    /// Adds a column of bools.
    pub fn bools(&mut self, name: &str, cells: &[Option<bool>]) {
        let values = cells.iter().map(|cell| cell.unwrap_or_default()).collect();
        self.push(name, Values::Bool(values), cells.iter().map(Option::is_some).collect());
    }

    /// Adds a column of integers.
    pub fn integers(&mut self, name: &str, cells: &[Option<i64>]) {
        let values = cells.iter().map(|cell| cell.unwrap_or_default()).collect();
        self.push(name, Values::Int64(values), cells.iter().map(Option::is_some).collect());
    }

    /// Adds a column of doubles, as bits.
    pub fn floats(&mut self, name: &str, cells: &[Option<u64>]) {
        let values = cells.iter().map(|cell| cell.unwrap_or_default()).collect();
        self.push(name, Values::Float64(values), cells.iter().map(Option::is_some).collect());
    }

    /// Adds a column of texts.
    pub fn texts<'t>(&mut self, name: &str, cells: &[Option<&'t str>]) {
        let mut codes: HashMap<&'t str, u32> = HashMap::new();
        let mut dictionary = Vec::new();
        let mut code = |text: &'t str| {
            *codes.entry(text).or_insert_with(|| {
                dictionary.push(text.to_owned());
                dictionary.len() as u32 - 1
            })
        };
        let values = cells.iter().map(|cell| cell.map_or(0, &mut code)).collect();
        self.push(name, Values::Text(values, dictionary), cells.iter().map(Option::is_some).collect());
    }

    /// Adds a column of texts that are read as a declared type.
    ///
    /// # Panics
    /// When a text is none of that type.
    pub fn parsed(&mut self, name: &str, declared: ColumnType, cells: &[Option<&str>]) {
        let integer = |text: &str| text.parse::<i64>().unwrap_or_else(|_| panic!("{text} is no integer ({name})"));
        let float =
            |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text} is no number ({name})")).to_bits();
        match declared.data_type {
            Type::String => self.texts(name, cells),
            Type::Float64 => self.floats(name, &cells.iter().map(|cell| cell.map(float)).collect::<Vec<_>>()),
            Type::Int64 | Type::Timestamp => {
                self.integers(name, &cells.iter().map(|cell| cell.map(integer)).collect::<Vec<_>>());
            }
            Type::Bool | Type::Decimal(_) => panic!("no data set has {declared:?} as text ({name})"),
        }
    }

    /// The rows at some places, in their order, as a host's batch.
    ///
    /// # Panics
    /// When a place is outside the table.
    #[must_use]
    pub fn batch<'t>(&'t self, places: &[u32]) -> Batch<'t> {
        let column = |(name, values, valid): &'t (String, Values, Vec<bool>)| {
            let at = |place: &u32| *place as usize;
            let values: HostValues<'t> = match values {
                Values::Bool(v) => HostValues::Bool(places.iter().map(|place| v[at(place)]).collect()),
                Values::Int64(v) => HostValues::Int64(places.iter().map(|place| v[at(place)]).collect()),
                Values::Float64(v) => HostValues::Number(places.iter().map(|place| v[at(place)]).collect()),
                Values::Text(codes, texts) => {
                    let texts = texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
                    HostValues::Text(places.iter().map(|place| codes[at(place)]).collect(), texts)
                }
            };
            let validity: Vec<bool> = places.iter().map(|place| valid[at(place)]).collect();
            (name.clone(), HostColumn::new(values).with_validity(Some(validity.into())))
        };
        let columns = self.columns.iter().map(column);
        Batch::from_columns(columns).expect("columns of one length")
    }

    /// The table as vectors spell a batch.
    #[must_use]
    pub fn spelled(&self) -> Json {
        let column = |(name, values, valid): &(String, Values, Vec<bool>)| {
            let cell = |row: usize| match values {
                _ if !valid[row] => Json::Null,
                Values::Bool(v) => Json::Bool(v[row]),
                Values::Int64(v) if v[row].unsigned_abs() >> 53 == 0 => Json::Int64(v[row]),
                Values::Int64(v) => crate::cell::big(v[row]),
                Values::Float64(v) => spelled_float(v[row]),
                Values::Text(codes, texts) => Json::Text(texts[codes[row] as usize].clone()),
            };
            (name.clone(), Json::Array((0..self.rows).map(cell).collect()))
        };
        Json::Object(self.columns.iter().map(column).collect())
    }
}

/// Finite numbers as decimals, which readers of JSON in JavaScript and Python take back to the bit.
fn spelled_float(bits: u64) -> Json {
    let value = f64::from_bits(bits);
    if value.is_finite() && bits != 1 << 63 {
        Json::Number(value)
    } else {
        crate::cell::float(bits)
    }
}
