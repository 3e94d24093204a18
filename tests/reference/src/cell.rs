//! What a row is: a time and one cell a column.
//!
//! The one idea: a cell is canonical (no −0.0, no NaN), so equality, order and hash of cells are those of the values.

use std::cmp::Ordering;

/// One value of one row.
#[derive(Clone, Debug)]
pub enum Cell {
    /// SQL NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double; NaN counts as NULL once the cell is canonical.
    Float(f64),
    /// A text, compared by its UTF-8 bytes.
    Text(String),
    /// Microseconds since 1970-01-01 00:00 UTC.
    Time(i64),
    /// An exact number: units of a power of ten, and how many digits are behind the point.
    Decimal(i128, u8),
}

impl Cell {
    /// A text cell.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Cell::Text(text.to_string())
    }

    /// Whether this is NULL or NaN.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.is_nan() || matches!(self, Cell::Null)
    }

    /// Whether this is a NaN: missing, and counted.
    #[must_use]
    pub fn is_nan(&self) -> bool {
        matches!(self, Cell::Float(value) if value.is_nan())
    }

    /// The same value in its only spelling: NaN as NULL, −0.0 as +0.0.
    #[must_use]
    pub fn canonical(&self) -> Cell {
        match self {
            Cell::Float(value) if value.is_nan() => Cell::Null,
            Cell::Float(value) if *value == 0.0 => Cell::Float(0.0),
            other => other.clone(),
        }
    }

    /// The place of the cell's type in the order between types; NULL comes first.
    fn rank(&self) -> u8 {
        match self {
            Cell::Null => 0,
            Cell::Bool(_) => 1,
            Cell::Int(_) => 2,
            Cell::Float(_) => 3,
            Cell::Time(_) => 4,
            Cell::Text(_) => 5,
            Cell::Decimal(..) => 6,
        }
    }
}

impl Ord for Cell {
    /// NULL before all else, then the natural order of one type; NaN is NULL and the zeros are equal.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.canonical(), &other.canonical()) {
            (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
            (Cell::Int(a), Cell::Int(b)) | (Cell::Time(a), Cell::Time(b)) => a.cmp(b),
            (Cell::Decimal(a, x), Cell::Decimal(b, y)) if x == y => a.cmp(b),
            (Cell::Float(a), Cell::Float(b)) => a.total_cmp(b),
            (Cell::Text(a), Cell::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cell {}

/// One row: its time and a cell a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub time_us: i64,
    /// One cell a column, in the order of the columns.
    pub values: Vec<Cell>,
}

impl Row {
    /// A row at a time.
    #[must_use]
    pub fn new(time_us: i64, values: Vec<Cell>) -> Self {
        Self { time_us, values }
    }

    /// The canonical cell of a column.
    #[must_use]
    pub fn cell(&self, column: usize) -> Cell {
        self.values[column].canonical()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_equal_and_a_nan_is_null() {
        assert_eq!(Cell::Float(-0.0), Cell::Float(0.0));
        assert_eq!(Cell::Float(f64::NAN), Cell::Null);
        assert!(Cell::Float(-f64::NAN).is_null());
        assert!(!Cell::Null.is_nan());
    }

    #[test]
    fn floats_are_ordered_from_minus_to_plus_infinity() {
        let ascending = [f64::NEG_INFINITY, f64::MIN, -5e-324, -0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY];
        for pair in ascending.windows(2) {
            assert!(Cell::Float(pair[0]) < Cell::Float(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn texts_are_ordered_by_bytes() {
        assert!(Cell::text("Z") < Cell::text("a"));
        assert!(Cell::text("z") < Cell::text("é"));
        assert!(Cell::text("\u{ffff}") < Cell::text("\u{10000}"));
    }
}
