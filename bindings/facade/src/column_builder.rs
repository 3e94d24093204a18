//! Building a column from the cells of row objects, as lists of dicts and plain lists come.
//!
//! The one idea: as long as cells are of one kind they are kept as a plain vector; integers and numbers are one kind
//! while every integer is exactly a number, and a NaN among texts is a missing text, as pandas writes it. Otherwise the
//! cells stay as they came.

use crate::cell::Cell;
use crate::conform::number;
use crate::host_column::{HostColumn, HostValues};
use crate::secret;
use alloc::borrow::{Cow, ToOwned};
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashTable;
use isofold::value::TimeUnit;

/// Collects cells into a [`HostColumn`].
#[derive(Clone, Debug, Default)]
pub struct ColumnBuilder<'a> {
    kind: Kind<'a>,
    validity: Vec<bool>,
    has_null: bool,
}

#[derive(Clone, Debug, Default)]
enum Kind<'a> {
    #[default]
    Empty,
    Bool(Vec<bool>),
    Int64(Vec<i64>),
    Number(Vec<u64>),
    Date(Vec<u64>),
    Timestamp(Vec<i64>, TimeUnit),
    Local(Vec<i64>, TimeUnit),
    Text(Texts<'a>),
    Mixed(Vec<Cell<'a>>),
}

#[derive(Clone, Debug, Default)]
struct Texts<'a> {
    codes: Vec<u32>,
    dictionary: Vec<Cow<'a, str>>,
    index: HashTable<u32>,
}

impl<'a> Texts<'a> {
    /// Appends a row; `own` makes the text last as long as the column, and is asked only for a text not seen before.
    fn push<'t>(&mut self, text: &'t str, own: impl FnOnce(&'t str) -> Cow<'a, str>) {
        let Self { codes, dictionary, index } = self;
        let secret = secret::drawn();
        let hash = secret.text(text);
        let known = index.find(hash, |code| dictionary[*code as usize] == text).copied();
        codes.push(known.unwrap_or_else(|| {
            let code = dictionary.len() as u32;
            dictionary.push(own(text));
            index.insert_unique(hash, code, |code| secret.text(&dictionary[*code as usize]));
            code
        }));
    }
}

impl<'a> ColumnBuilder<'a> {
    /// A column with no rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.validity.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.validity.is_empty()
    }

    /// Appends one row.
    pub fn push(&mut self, cell: Cell<'a>) {
        let cell = match (&self.kind, cell) {
            (Kind::Text(_), Cell::Number(bits)) if number::is_nan(bits) => Cell::Null,
            (_, cell) => cell,
        };
        let is_null = cell == Cell::Null;
        self.has_null |= is_null;
        match (&mut self.kind, cell) {
            (Kind::Empty, Cell::Null) => {}
            (Kind::Empty, cell) => {
                self.kind = Kind::starting_with(&cell, self.validity.len());
                self.append(cell);
            }
            (_, cell) => self.append(cell),
        }
        self.validity.push(!is_null);
    }

    /// Appends a row that holds a text; only a text not seen before is copied.
    pub fn push_text(&mut self, text: &str) {
        if let Kind::Text(texts) = &mut self.kind {
            texts.push(text, |text| Cow::Owned(text.to_owned()));
            self.validity.push(true);
        } else {
            self.push(Cell::Text(Cow::Owned(text.to_owned())));
        }
    }

    fn append(&mut self, cell: Cell<'a>) {
        match (&mut self.kind, cell) {
            (Kind::Bool(v), Cell::Bool(value)) => v.push(value),
            (Kind::Bool(v), Cell::Null) => v.push(false),
            (Kind::Int64(v), Cell::Int64(value)) => v.push(value),
            (Kind::Int64(v), Cell::Null) => v.push(0),
            (Kind::Number(v), Cell::Number(bits)) => v.push(bits),
            (Kind::Number(v), Cell::Null) => v.push(0),
            (Kind::Date(v), Cell::Date(bits)) => v.push(bits),
            (Kind::Date(v), Cell::Null) => v.push(0),
            (Kind::Timestamp(v, unit), Cell::Timestamp(value, other)) if *unit == other => v.push(value),
            (Kind::Local(v, unit), Cell::Local(value, other)) if *unit == other => v.push(value),
            (Kind::Timestamp(v, _) | Kind::Local(v, _), Cell::Null) => v.push(0),
            (Kind::Text(texts), Cell::Text(Cow::Borrowed(text))) => texts.push(text, Cow::Borrowed),
            (Kind::Text(texts), Cell::Text(Cow::Owned(text))) => texts.push(&text, |text| Cow::Owned(text.to_owned())),
            (Kind::Text(texts), Cell::Null) => texts.codes.push(0),
            (Kind::Mixed(cells), cell) => cells.push(cell),
            (_, cell) => self.widen(cell),
        }
    }

    fn widen(&mut self, cell: Cell<'a>) {
        match (&mut self.kind, &cell) {
            (Kind::Number(v), Cell::Int64(value)) => {
                // a larger one is known to be an integer, which its double would no longer tell
                if let Some(bits) = number::from_safe_int64(*value) {
                    v.push(bits);
                    return;
                }
            }
            (Kind::Int64(v), Cell::Number(bits)) => {
                let widened: Option<Vec<u64>> = v.iter().map(|value| number::from_safe_int64(*value)).collect();
                if let Some(mut widened) = widened {
                    widened.push(*bits);
                    self.kind = Kind::Number(widened);
                    return;
                }
            }
            (Kind::Number(v), Cell::Text(_))
                if v.iter().zip(&self.validity).all(|(bits, valid)| !valid || number::is_nan(*bits)) =>
            {
                self.validity.fill(false);
                self.has_null = true;
                self.kind = Kind::starting_with(&cell, self.validity.len());
                return self.append(cell);
            }
            _ => {}
        }
        let mut cells = core::mem::take(&mut self.kind).into_cells(&self.validity);
        cells.push(cell);
        self.kind = Kind::Mixed(cells);
    }

    /// The column.
    #[must_use]
    pub fn finish(self) -> HostColumn<'a> {
        let rows = self.validity.len();
        let values = match self.kind {
            Kind::Empty => HostValues::Null(rows),
            Kind::Bool(v) => HostValues::Bool(v.into()),
            Kind::Int64(v) => HostValues::Int64(v.into()),
            Kind::Number(v) => HostValues::Number(v.into()),
            Kind::Date(v) => HostValues::Date(v.into()),
            Kind::Timestamp(v, unit) => HostValues::Timestamp(v.into(), unit),
            Kind::Local(v, unit) => HostValues::Local(v.into(), unit),
            Kind::Text(texts) => HostValues::Text(texts.codes.into(), texts.dictionary.into()),
            Kind::Mixed(cells) => HostValues::Mixed(cells),
        };
        HostColumn::new(values).with_validity(self.has_null.then(|| self.validity.into()))
    }
}

impl<'a> Kind<'a> {
    fn starting_with(cell: &Cell<'_>, nulls: usize) -> Self {
        match cell {
            Cell::Bool(_) => Kind::Bool(vec![false; nulls]),
            Cell::Int64(_) => Kind::Int64(vec![0; nulls]),
            Cell::Number(_) => Kind::Number(vec![0; nulls]),
            Cell::Date(_) => Kind::Date(vec![0; nulls]),
            Cell::Timestamp(_, unit) => Kind::Timestamp(vec![0; nulls], *unit),
            Cell::Local(_, unit) => Kind::Local(vec![0; nulls], *unit),
            Cell::Text(_) => Kind::Text(Texts { codes: vec![0; nulls], ..Texts::default() }),
            Cell::Null | Cell::UInt64(_) | Cell::Decimal(_) | Cell::Other(_) => Kind::Mixed(vec![Cell::Null; nulls]),
        }
    }

    fn into_cells(self, validity: &[bool]) -> Vec<Cell<'a>> {
        let mut cells: Vec<Cell<'a>> = match self {
            Kind::Empty => vec![Cell::Null; validity.len()],
            Kind::Bool(v) => v.into_iter().map(Cell::Bool).collect(),
            Kind::Int64(v) => v.into_iter().map(Cell::Int64).collect(),
            Kind::Number(v) => v.into_iter().map(Cell::Number).collect(),
            Kind::Date(v) => v.into_iter().map(Cell::Date).collect(),
            Kind::Timestamp(v, unit) => v.into_iter().map(|value| Cell::Timestamp(value, unit)).collect(),
            Kind::Local(v, unit) => v.into_iter().map(|value| Cell::Local(value, unit)).collect(),
            Kind::Text(texts) => texts.into_cells(),
            Kind::Mixed(cells) => cells,
        };
        for (cell, _) in cells.iter_mut().zip(validity).filter(|(_, valid)| !**valid) {
            *cell = Cell::Null;
        }
        cells
    }
}

impl<'a> Texts<'a> {
    fn into_cells(self) -> Vec<Cell<'a>> {
        let cell = |code: u32| self.dictionary.get(code as usize).map_or(Cell::Null, |text| Cell::Text(text.clone()));
        self.codes.into_iter().map(cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> HostColumn<'a> {
        let mut builder = ColumnBuilder::new();
        cells.into_iter().for_each(|cell| builder.push(cell));
        builder.finish()
    }

    #[test]
    fn nulls_before_the_first_value_do_not_hide_its_kind() {
        let column = built([Cell::Null, Cell::Text("a".into()), Cell::Null, Cell::Text("a".into())]);
        let HostValues::Text(codes, texts) = &column.values else { panic!("{column:?}") };
        assert_eq!((codes.as_ref(), texts.len()), (&[0, 0, 0, 0][..], 1));
        assert_eq!(column.validity.as_deref(), Some(&[false, true, false, true][..]));
    }

    #[test]
    fn integers_join_numbers_while_each_tells_the_other() {
        let column = built([Cell::Int64(1), Cell::Number(2.5f64.to_bits()), Cell::Int64(3)]);
        let HostValues::Number(bits) = &column.values else { panic!("{column:?}") };
        assert_eq!(bits.as_ref(), [1f64.to_bits(), 2.5f64.to_bits(), 3f64.to_bits()]);

        for large in [(1i64 << 53) + 1, 1 << 53, i64::MIN] {
            let cells = [Cell::Number(0), Cell::Null, Cell::Int64(large)];
            let HostValues::Mixed(kept) = built(cells.clone()).values else { panic!("not mixed: {large}") };
            assert_eq!(kept[..], cells);
            let cells = [Cell::Int64(large), Cell::Number(0)];
            let HostValues::Mixed(kept) = built(cells.clone()).values else { panic!("not mixed: {large}") };
            assert_eq!(kept[..], cells);
        }
    }

    #[test]
    fn kinds_that_do_not_join_stay_as_they_came() {
        let cells = [Cell::Text("a".into()), Cell::Null, Cell::Bool(true)];
        let HostValues::Mixed(kept) = built(cells.clone()).values else { panic!("not mixed") };
        assert_eq!(kept[..], cells);
    }

    #[test]
    fn a_nan_among_texts_is_a_missing_text() {
        let nan = Cell::Number(f64::NAN.to_bits());
        let column = built([nan.clone(), Cell::Null, Cell::Text("a".into()), nan]);
        assert!(matches!(column.values, HostValues::Text(..)), "{column:?}");
        assert_eq!(column.validity.as_deref(), Some(&[false, false, true, false][..]));
    }

    #[test]
    fn a_column_of_nulls_has_no_kind() {
        let column = built([Cell::Null, Cell::Null]);
        assert!(matches!(column.values, HostValues::Null(2)));
    }
}
