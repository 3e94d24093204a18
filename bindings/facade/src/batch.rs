//! The rows a host hands over at once: named columns of one length.

use crate::conform::{conform, nulls};
use crate::declared::Declared;
use crate::host_column::HostColumn;
use crate::keys::listed;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use isofold::column::Column;
use isofold::{limits, Code, Error, Result};

/// Columns as a host has them; those the spec does not declare are never read.
#[derive(Clone, Debug, Default)]
pub struct Batch<'a> {
    columns: Vec<(String, HostColumn<'a>)>,
    rows: usize,
    /// What is wrong with rows that could not be read, by row.
    unread: Vec<(usize, Error)>,
}

impl<'a> Batch<'a> {
    /// A batch of `rows` rows with no columns yet.
    ///
    /// **Errors** `ingest.length` for more rows than one batch takes.
    pub fn new(rows: usize) -> Result<Self> {
        if rows > limits::MAX_BATCH_ROWS {
            let message = format!("a batch must have at most {} rows, got {rows}", limits::MAX_BATCH_ROWS);
            return Err(Error::new(Code::IngestLength, message));
        }
        Ok(Self { columns: Vec::new(), rows, unread: Vec::new() })
    }

    /// A batch with the rows of its first column.
    ///
    /// **Errors** as [`Batch::new`] and [`Batch::add`].
    pub fn from_columns(columns: impl IntoIterator<Item = (String, HostColumn<'a>)>) -> Result<Self> {
        let mut columns = columns.into_iter().peekable();
        let mut batch = Self::new(columns.peek().map_or(0, |(_, column)| column.len()))?;
        columns.try_for_each(|(name, column)| batch.add(&name, column))?;
        Ok(batch)
    }

    /// Adds a column.
    ///
    /// **Errors** `ingest.column` for a name given twice, `ingest.length` for another length than the batch's.
    pub fn add(&mut self, name: &str, column: HostColumn<'a>) -> Result<()> {
        let place = |error: Error| Err(error.within(name).within("column"));
        let valid = column.validity.as_ref().map_or(column.len(), |validity| validity.len());
        for length in [column.len(), valid] {
            if length != self.rows {
                let message = format!("a column must have the {} rows of its batch, got {length}", self.rows);
                return place(Error::new(Code::IngestLength, message));
            }
        }
        if self.column(name).is_some() {
            return place(Error::new(Code::IngestColumn, "the column is given twice"));
        }
        self.columns.push((name.to_owned(), column));
        Ok(())
    }

    /// Says that a row could not be read, whatever its columns hold: it is refused, or left out and counted, as a row is
    /// whose values do not fit.
    pub fn refuse(&mut self, row: usize, error: Error) {
        let place = self.unread.partition_point(|(known, _)| *known < row);
        if row < self.rows && self.unread.get(place).is_none_or(|(known, _)| *known != row) {
            self.unread.insert(place, (row, error));
        }
    }

    /// Whether some row could be read.
    pub(crate) fn has_rows(&self) -> bool {
        self.rows > self.unread.len()
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&HostColumn<'a>> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    /// Some rows of the batch, borrowed; columns that are not declared are left out.
    #[must_use]
    pub fn block(&self, declared: &[Declared], rows: Range<usize>) -> Batch<'_> {
        let columns = self.columns.iter().filter(|(name, _)| declared.iter().any(|declared| declared.name == *name));
        let columns = columns.map(|(name, column)| (name.clone(), column.block(rows.clone()))).collect();
        let unread = self.unread.iter().filter(|(row, _)| rows.contains(row));
        let unread = unread.map(|(row, error)| (row - rows.start, error.clone())).collect();
        Batch { columns, rows: rows.len(), unread }
    }

    /// The rows at these places, which are in order; columns that are not declared are left out.
    #[must_use]
    pub fn picked(&self, declared: &[Declared], places: &[u32]) -> Batch<'_> {
        let whole = self.block(declared, 0..self.rows);
        let columns = whole.columns.into_iter().map(|(name, column)| (name, column.picked(places))).collect();
        let place = |row: usize| places.iter().position(|&place| place as usize == row);
        let unread = self.unread.iter().filter_map(|(row, error)| Some((place(*row)?, error.clone()))).collect();
        Batch { columns, rows: places.len(), unread }
    }

    /// The columns a spec declares, in its order, as the kernel takes them.
    ///
    /// **Errors** that of the first row that could not be read, then one problem per column: `ingest.column` for one the
    /// batch has not and that is not optional, and those of [`conform`].
    pub fn conformed(&self, declared: &[Declared]) -> Result<Vec<Column<'_>>> {
        let mut problems: Vec<Error> =
            self.unread.first().map(|(row, error)| error.clone().in_row(*row)).into_iter().collect();
        let mut columns = Vec::with_capacity(declared.len());
        for declared in declared {
            match self.column(&declared.name).map(|column| conform(column, declared)) {
                Some(Ok(column)) => columns.push(column),
                Some(Err(error)) => problems.push(error),
                None if declared.is_optional => columns.push(nulls(self.rows, declared.column_type.data_type)),
                None => problems.push(self.missing(&declared.name)),
            }
        }
        Error::from_all(problems).map_or(Ok(columns), Err)
    }

    fn missing(&self, name: &str) -> Error {
        let has = listed(self.columns.iter().map(|(name, _)| name.as_str()));
        let message = format!("the batch has no column {name}, it has {has}");
        Error::new(Code::IngestColumn, message).within(name).within("column")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_column::HostValues;

    fn integers(values: &[i64]) -> HostColumn<'_> {
        HostColumn::new(HostValues::Int64(values.into()))
    }

    #[test]
    fn columns_of_another_length_are_refused() {
        let mut batch = Batch::new(2).expect("small");
        let error = batch.add("a", integers(&[1, 2, 3])).expect_err("three rows");
        assert_eq!((error.code(), error.path()), (Code::IngestLength, "column.a"));
        let torn = integers(&[1, 2]).with_validity(Some(vec![true].into()));
        assert_eq!(batch.add("a", torn).expect_err("one flag").code(), Code::IngestLength);
    }

    #[test]
    fn a_name_given_twice_is_refused() {
        let columns = [("a".to_owned(), integers(&[1])), ("a".to_owned(), integers(&[2]))];
        assert_eq!(Batch::from_columns(columns).expect_err("twice").code(), Code::IngestColumn);
    }

    #[test]
    fn a_row_that_could_not_be_read_is_refused_in_its_place() {
        let mut batch = Batch::from_columns([("a".to_owned(), integers(&[1, 2, 3, 4]))]).expect("one column");
        for row in [3, 1] {
            batch.refuse(row, Error::new(Code::IngestRow, format!("line {row}")).within("row"));
        }
        let declared = [Declared::plain("a", isofold::Type::Int64)];
        let error = batch.conformed(&declared).expect_err("the second row");
        assert_eq!((error.code(), error.path(), error.message()), (Code::IngestRow, "row[1]", "line 1"));
        let block = batch.block(&declared, 2..4);
        assert_eq!(block.conformed(&declared).expect_err("the last row").path(), "row[1]");
        assert!(batch.block(&declared, 2..3).conformed(&declared).is_ok());
    }

    #[test]
    fn rows_are_picked_with_what_is_wrong_with_them() {
        let columns = [("a".to_owned(), integers(&[1, 2, 3, 4])), ("b".to_owned(), integers(&[5, 6, 7, 8]))];
        let mut batch = Batch::from_columns(columns).expect("two columns");
        batch.refuse(2, Error::new(Code::IngestRow, "line 2").within("row"));
        let declared = [Declared::plain("a", isofold::Type::Int64)];
        let picked = batch.picked(&declared, &[0, 2, 3]);
        assert!(picked.column("b").is_none());
        assert_eq!(picked.conformed(&declared).expect_err("the second one").path(), "row[1]");
        let picked = batch.picked(&declared, &[1, 3]);
        let columns = picked.conformed(&declared).expect("they fit");
        assert!(matches!(&columns[0].values, isofold::column::Values::Int64(values) if **values == [2, 4]));
    }

    #[test]
    fn every_column_that_does_not_fit_is_reported_and_extra_ones_are_not_read() {
        let text = HostColumn::new(HostValues::Other(1, "a list".into()));
        let columns = [("a".to_owned(), integers(&[2])), ("b".to_owned(), text.clone()), ("extra".to_owned(), text)];
        let batch = Batch::from_columns(columns).expect("one row each");
        let mut declared = ["a", "b", "c"].map(|name| Declared::plain(name, isofold::Type::Int64));
        let error = batch.conformed(&declared).expect_err("b and c");
        let found: Vec<_> = error.problems().map(|e| (e.code(), e.path().to_owned())).collect();
        assert_eq!(found, [(Code::IngestType, "column.b[0]".to_owned()), (Code::IngestColumn, "column.c".to_owned()),]);
        assert_eq!(error.message(), "a list is not an int64");
        assert_eq!(batch.conformed(&declared[..1]).expect("a fits").len(), 1);
        declared[2].is_optional = true;
        declared.swap(1, 2);
        let columns = batch.conformed(&declared[..2]).expect("a fits, c may be absent");
        assert!(columns[0].is_valid(0) && !columns[1].is_valid(0));
    }
}
